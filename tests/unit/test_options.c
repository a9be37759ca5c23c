/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "cli/options.h"

/* A tool with an option of its own, and operands that are targets. */
struct input {
	const char *colour;
	unsigned n_operands;
	const char *operand;
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct input *in = options_input(state);

	switch (key) {
	case 'k':
		if (strcmp(arg, "red") != 0)
			return options_fault(state, "-k", arg, "the colour red");
		in->colour = arg;
		return 0;
	case ARGP_KEY_ARG:
		in->n_operands++;
		in->operand = arg;
		return targets_add(options_of(state)->targets, arg, &options_of(state)->fault) < 0 ?
			       EINVAL :
			       0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option own[] = {
	{NULL, 0, NULL, 0, "Colours:", 1},
	{"colour", 'k', "COLOUR", 0, "The colour", 0},
	{0},
};

static struct options_tool tool = {
	.options = own,
	.parser = parse_own,
	.args_doc = "TARGET...",
	.doc = "A tool.\vIts end.",
};

static struct options o;
static struct input in;

static int open_tool(void **state)
{
	(void)state;
	tool.letters = "46hgcijnqvwWV";
	tool.lacks = NULL;
	in = (struct input){0};
	return 0;
}

static int close_tool(void **state)
{
	(void)state;
	targets_free(o.targets);
	o.targets = NULL;
	return 0;
}

#define WORDS_MAX 16

/* Parses @line, words separated by single blanks. */
static int parse(const char *line)
{
	static char copy[512];
	char *argv[WORDS_MAX + 2] = {copy};
	int argc = 1;

	targets_free(o.targets);
	in = (struct input){0};
	snprintf(copy, sizeof(copy), "tool %s", line);
	for (char *p = strchr(copy, ' '); p && argc <= WORDS_MAX; p = strchr(p, ' ')) {
		*p++ = '\0';
		argv[argc++] = p;
	}
	return options_parse(&o, &tool, &in, argc, argv);
}

static void parses(const char *line)
{
	if (parse(line) != 0)
		fail_msg("'%s': %s", line, o.fault.text);
}

/* @line is refused, with the sentence @told. */
static void refuses(const char *line, const char *told)
{
	assert_int_equal(parse(line), E_BAD);
	assert_string_equal(o.fault.text, told);
}

static void nothing_given_is_nothing_set(void **state)
{
	(void)state;
	parses("192.0.2.1");
	assert_int_equal(in.n_operands, 1);
	assert_int_equal(targets_count_words(o.targets), 1);
	assert_int_equal(o.family, 0);
	assert_int_equal(o.count, 0);
	assert_false(o.has_interval || o.has_timeout || o.has_rate);
	assert_int_equal(o.deadline_ns, 0);
	assert_false(o.is_json || o.is_explain || o.is_hex || o.is_quiet || o.is_numeric);
	assert_int_equal(o.verbose, 0);
	assert_null(o.pcap);
	assert_false(o.no_sandbox || o.want_help || o.want_usage || o.want_version ||
		     o.want_schema);
}

static void letters_and_names_mean_the_same(void **state)
{
	static const char *const lines[] = {
		"-4 -c 5 -i 0.2 -W 200ms -w 1m -n -q -v -v -j -k red",
		"-4jnqvvc5 -i.2 -W200ms -w1m -kred",
		"--ipv4 --count=5 --interval=0.2s --timeout=200ms --deadline=1m --numeric "
		"--quiet --verbose --verbose --json --colour=red",
		"--ipv4 --count 5 --interval 200ms --timeout 0.2 --deadline 60 --numeric "
		"--quiet",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		parses(lines[i]);
		assert_int_equal(o.family, 4);
		assert_int_equal(o.count, 5);
		assert_true(o.has_interval && o.has_timeout);
		assert_int_equal(o.interval_ns, 200 * NS_PER_MS);
		assert_int_equal(o.timeout_ns, 200 * NS_PER_MS);
		assert_int_equal(o.deadline_ns, 60 * NS_PER_S);
		assert_true(o.is_numeric && o.is_quiet);
		if (i == 3)
			continue;
		assert_int_equal(o.verbose, 2);
		assert_true(o.is_json);
		assert_string_equal(in.colour, "red");
	}
}

/* As iputils has it: a timeout of 0 is none. */
static void no_timeout_is_the_longest(void **state)
{
	(void)state;
	parses("-W 0 192.0.2.1");
	assert_true(o.has_timeout);
	assert_int_equal(o.timeout_ns, 24 * 3600 * NS_PER_S);
}

static void names_without_letters(void **state)
{
	(void)state;
	parses("--rate=10k --explain --hex --pcap=x.pcap --no-sandbox --schema --ipv6 "
	       "--exclude=10.0.0.1 --generate=10.0.0.0/30 --file=/dev/null");
	assert_true(o.has_rate && o.rate == 10000);
	assert_true(o.is_explain && o.is_hex && o.no_sandbox && o.want_schema);
	assert_string_equal(o.pcap, "x.pcap");
	assert_int_equal(o.family, 6);
	assert_int_equal(targets_count_words(o.targets), 2);
	parses("--help --usage --version");
	assert_true(o.want_help && o.want_usage && o.want_version);
	parses("-h -V");
	assert_true(o.want_help && o.want_version);
}

/* A cluster ends with the letter that takes a value, which may be the next word. */
static void clusters_may_end_in_a_value(void **state)
{
	(void)state;
	parses("-jc2 192.0.2.1");
	assert_true(o.is_json);
	assert_int_equal(o.count, 2);
	assert_string_equal(in.operand, "192.0.2.1");
	parses("-qjc 3 192.0.2.1");
	assert_true(o.is_json && o.is_quiet);
	assert_int_equal(o.count, 3);
}

/* A letter that the tool does not grant is unknown; its option keeps the long name. */
static void letters_are_granted(void **state)
{
	(void)state;
	tool.letters = "hV";
	parses("--count=2 --json --interval=1s");
	assert_int_equal(o.count, 2);
	assert_true(o.is_json);
	refuses("-j", "unknown, ambiguous or incomplete option '-j'");
	refuses("-c 2", "unknown, ambiguous or incomplete option '-c'");
	refuses("--count=x",
		"option --count: 'x' is not a whole number from 1 to 9223372036854775807");
}

static void operands_may_stand_anywhere(void **state)
{
	(void)state;
	parses("192.0.2.1 -c 2 192.0.2.2");
	assert_int_equal(in.n_operands, 2);
	assert_int_equal(o.count, 2);
	parses("-c 2 -- -q");
	assert_false(o.is_quiet);
	assert_string_equal(in.operand, "-q");
	parses("-");
	assert_true(targets_is_sweep(o.targets)); /* standard input */
}

static void values_are_read_to_their_end(void **state)
{
	static const char duration[] = "a duration such as 0.2, 200ms, 1s or 2m, from 0s to 86400s";
	static const struct {
		const char *line, *option, *value;
	} cases[] = {
		{"-i 1x", "-i", "1x"},
		{"-i 1s1", "-i", "1s1"},
		{"-i 1,5", "-i", "1,5"},
		{"-i -1", "-i", "-1"},
		{"-i 1e3", "-i", "1e3"},
		{"-i 25h", "-i", "25h"},
		{"-i nan", "-i", "nan"},
		{"-i 0x1", "-i", "0x1"},
		{"-i 1.", "-i", "1."},
		{"--interval=", "-i", ""},
		{"-i 1\tms", "-i", "1\xef\xbf\xbdms"},
	};
	char told[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(told, sizeof(told), "option %s: '%s' is not %s", cases[i].option,
			 cases[i].value, duration);
		refuses(cases[i].line, told);
	}
}

static void wrong_values_are_told_with_their_option(void **state)
{
	static const char count[] = "a whole number from 1 to 9223372036854775807";
	static const char rate[] =
		"packets a second such as 50, 0.5, 10k or 1M, at most 100M; 0 for no limit";
	static const struct {
		const char *line, *option, *value, *wanted;
	} cases[] = {
		{"-c 0", "-c", "0", count},
		{"-c 5x", "-c", "5x", count},
		{"-c -1", "-c", "-1", count},
		{"-c 9223372036854775808", "-c", "9223372036854775808", count},
		{"--rate=fast", "--rate", "fast", rate},
		{"--rate 101M", "--rate", "101M", rate},
		{"-W 2d", "-W", "2d", "a duration such as 0.2, 200ms, 1s or 2m, from 0s to 86400s"},
		{"-w 367d", "-w", "367d",
		 "a duration such as 0.2, 200ms, 1s or 2m, from 0s to 31622400s"},
		{"-k blue", "-k", "blue", "the colour red"},
		{"-k \x1b[31m", "-k", "\xef\xbf\xbd[31m", "the colour red"},
	};
	char told[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(told, sizeof(told), "option %s: '%s' is not %s", cases[i].option,
			 cases[i].value, cases[i].wanted);
		refuses(cases[i].line, told);
	}
}

static void wrong_options_are_told(void **state)
{
	(void)state;
	refuses("--nonsense", "unknown, ambiguous or incomplete option '--nonsense'");
	refuses("-z", "unknown, ambiguous or incomplete option '-z'");
	refuses("-jz", "unknown, ambiguous or incomplete option '-jz'");
	refuses("--ver", "unknown, ambiguous or incomplete option '--ver'"); /* bose or sion */
	refuses("-c", "unknown, ambiguous or incomplete option '-c'");
	refuses("--json=5", "unknown, ambiguous or incomplete option '--json=5'");
	refuses("--b\x1b\xff",
		"unknown, ambiguous or incomplete option '--b\xef\xbf\xbd\xef\xbf\xbd'");
	refuses("-4 -6", "only one of -4 and -6 can be given");
	parses("-4 -4");
}

static void wrong_targets_are_told(void **state)
{
	(void)state;
	refuses("192.0.2.0/33", "'192.0.2.0/33' needs a prefix length from 0 to 32");
	refuses("-g 192.0.2.9-192.0.2.1",
		"'192.0.2.9-192.0.2.1' is a range upside down: put the lower address first");
	refuses("--exclude=example.org", "'example.org' is not an address, prefix or range");
	refuses("--file=/nowhere", "cannot read the targets in '/nowhere': "
				   "No such file or directory (ENOENT)");
}

/* The first thing that is wrong is the one that is told. */
static void the_first_fault_is_told(void **state)
{
	(void)state;
	refuses("-c x -i y", "option -c: 'x' is not a whole number from 1 to 9223372036854775807");
}

/* Only of a tool that has some; the letter takes no word, so that others may follow it. */
static void json_may_have_a_form(void **state)
{
	static const char *const forms[] = {"one", "two", NULL};

	(void)state;
	refuses("--json=one", "unknown, ambiguous or incomplete option '--json=one'");
	tool.json_forms = forms;
	parses("--json=two");
	assert_true(o.is_json);
	assert_string_equal(o.json_form, "two");
	tool.letters = "jn";
	parses("-jn 192.0.2.1");
	assert_true(o.is_json && o.is_numeric);
	assert_null(o.json_form);
	parses("--json 192.0.2.1");
	assert_int_equal(in.n_operands, 1);
	assert_null(o.json_form);
	refuses("--json=three", "option --json: 'three' is not one or two");
	tool.json_forms = NULL;
}

static void help_shows_all_options(void **state)
{
	static const char *const shown[] = {
		"Usage: name [OPTION...] TARGET...",
		"A tool.",
		"Its end.",
		"Colours:",
		"-k, --colour=COLOUR",
		"Targets:",
		"-4, --ipv4",
		"--file=FILE",
		"Timing",
		"-c, --count=N",
		"      --rate=N",
		"Output:",
		"-j, --json",
		"--pcap=FILE",
		"-h, --help",
		"-V, --version",
		"--schema",
		"--no-sandbox",
	};
	char buf[8192] = "";
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	(void)state;
	assert_non_null(f);
	options_help(&tool, "name", false, f);
	fclose(f);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (!strstr(buf, shown[i]))
			fail_msg("no '%s' in: %s", shown[i], buf);
	/* The tool's own come first. */
	assert_true(strstr(buf, "--colour") < strstr(buf, "Targets:"));
	/* Nothing is offered that is not granted. */
	tool.letters = "hV";
	memset(buf, 0, sizeof(buf));
	f = fmemopen(buf, sizeof(buf), "w");
	assert_non_null(f);
	options_help(&tool, "name", false, f);
	fclose(f);
	assert_non_null(strstr(buf, "      --count=N"));
	assert_null(strstr(buf, "-c,"));
}

static void usage_is_short(void **state)
{
	char buf[4096] = "";
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	(void)state;
	assert_non_null(f);
	options_help(&tool, "name", true, f);
	fclose(f);
	assert_non_null(strstr(buf, "Usage: name ["));
	assert_non_null(strstr(buf, "[--count=N]"));
	assert_null(strstr(buf, "Its end."));
}

/* What means nothing to a tool is unknown to it, and shown nowhere. */
static void some_are_lacking(void **state)
{
	char buf[8192] = "";
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	(void)state;
	tool.lacks = "ipv4 ipv6 generate file exclude shard seed count numeric";
	assert_int_equal(parse("-c 5"), E_BAD);
	assert_int_equal(parse("--file=x"), E_BAD);
	parses("-i 0.2 -W 200ms -q");
	assert_int_equal(o.interval_ns, 200 * NS_PER_MS);
	assert_non_null(f);
	options_help(&tool, "name", false, f);
	fclose(f);
	assert_null(strstr(buf, "Targets:"));
	assert_null(strstr(buf, "--count"));
	assert_null(strstr(buf, "--numeric"));
	assert_non_null(strstr(buf, "Timing (durations"));
	assert_non_null(strstr(buf, "--interval"));
}

static const struct metric metrics[] = {{"up", METRIC_GAUGE, "Up."}, {NULL, METRIC_GAUGE, NULL}};
static const struct check_quantity quantities[] = {{"rta", "rta", "ms", "0"},
						   {NULL, NULL, NULL, NULL}};

static void places_in_a_fleet(void **state)
{
	(void)state;
	parses("--vantage a --seed 9 --run-id b --shard 2/4");
	assert_string_equal(o.vantage, "a");
	assert_string_equal(o.run_id, "b");
	assert_string_equal(o.shard_text, "2/4");
	assert_true(o.shard.key.k0 == 9); /* whatever stands first */
	parses("--shard 2/4 --shard 3/4 10.0.0.1");
	assert_int_equal(o.shard.index, 2);
	refuses("--seed 9", "option --seed is for parts of the targets: give --shard I/N, too");
	parses("--seed 9 --shard 1/4");
	assert_true(o.has_seed && o.seed == 9);
	refuses("--shard 5/4",
		"option --shard: '5/4' is not a shard such as 1/4: the first of four, of at most 1000000");
}

static void forms_of_output(void **state)
{
	(void)state;
	parses("--format json");
	assert_true(o.is_json);
	parses("--format=text");
	assert_false(o.is_json);
	refuses("--format=prom", "option --format: 'prom' is not text or json");
	assert_int_equal(parse("--output=x"), E_BAD);
	assert_int_equal(parse("--check=rta=1:2"), E_BAD);
	tool.metrics = metrics;
	tool.quantities = quantities;
	parses("--format=prom --output=x");
	assert_true(o.is_prom);
	assert_string_equal(o.output, "x");
	parses("--check rta=1:2");
	assert_true(o.is_check && o.check.limits[0].critical == 2);
	refuses("--output=x", "option --output is for metrics: give --format=prom, too");
	refuses("--json --check=rta=1:2",
		"only one of --json, --format=prom and --check can be given");
	refuses("--hex --format=prom",
		"--explain and --hex print text, for which --format=prom leaves no room");
	tool.metrics = NULL;
	tool.quantities = NULL;
}

#define OF_TOOL(f) cmocka_unit_test_setup_teardown(f, open_tool, close_tool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OF_TOOL(nothing_given_is_nothing_set),
		OF_TOOL(letters_and_names_mean_the_same),
		OF_TOOL(no_timeout_is_the_longest),
		OF_TOOL(names_without_letters),
		OF_TOOL(clusters_may_end_in_a_value),
		OF_TOOL(letters_are_granted),
		OF_TOOL(operands_may_stand_anywhere),
		OF_TOOL(values_are_read_to_their_end),
		OF_TOOL(wrong_values_are_told_with_their_option),
		OF_TOOL(wrong_options_are_told),
		OF_TOOL(wrong_targets_are_told),
		OF_TOOL(the_first_fault_is_told),
		OF_TOOL(json_may_have_a_form),
		OF_TOOL(help_shows_all_options),
		OF_TOOL(usage_is_short),
		OF_TOOL(some_are_lacking),
		OF_TOOL(places_in_a_fleet),
		OF_TOOL(forms_of_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
