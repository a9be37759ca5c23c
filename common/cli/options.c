/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

#define DAY_NS (24 * 3600 * NS_PER_S)
#define ID_MAX 200 /* octets of --vantage and --run-id */

enum shared {
	OPT_FILE = 0x1000,
	OPT_GENERATE,
	OPT_EXCLUDE,
	OPT_SHARD,
	OPT_SEED,
	OPT_IPV4,
	OPT_IPV6,
	OPT_COUNT,
	OPT_INTERVAL,
	OPT_TIMEOUT,
	OPT_DEADLINE,
	OPT_RATE,
	OPT_JSON,
	OPT_FORMAT,
	OPT_OUTPUT,
	OPT_CHECK,
	OPT_VANTAGE,
	OPT_RUN_ID,
	OPT_EXPLAIN,
	OPT_HEX,
	OPT_PCAP,
	OPT_QUIET,
	OPT_NUMERIC,
	OPT_VERBOSE,
	OPT_NO_SANDBOX,
	OPT_SCHEMA,
	OPT_HELP,
	OPT_USAGE,
	OPT_VERSION,
};

/* Headers keep their place by the group number; ours, from 11 on, come behind the tool's own. */
static const struct row {
	enum shared id;
	char letter; /* 0: none in any tool */
	const char *name, *arg, *doc;
	int group;
} rows[] = {
	{0, 0, NULL, NULL, "Targets:", 11},
	{OPT_IPV4, '4', "ipv4", NULL, "Ask IPv4 addresses only", 11},
	{OPT_IPV6, '6', "ipv6", NULL, "Ask IPv6 addresses only", 11},
	{OPT_GENERATE, 'g', "generate", "PREFIX|A-B",
	 "Ask every address of a prefix or range (may be repeated)", 11},
	{OPT_FILE, 0, "file", "FILE", "Ask the targets in FILE, one a line; - is standard input",
	 11},
	{OPT_EXCLUDE, 0, "exclude", "WHAT",
	 "Leave out an address, prefix or range (may be repeated)", 11},
	{OPT_SHARD, 0, "shard", "I/N|auto",
	 "Ask only the Ith of N parts of the targets; auto: the part that Slurm or Kubernetes says",
	 11},
	{OPT_SEED, 0, "seed", "S", "Split into other parts, the same on every host (0)", 11},
	{0, 0, NULL, NULL, "Timing (durations: 0.2, 200ms, 1s, 2m):", 12},
	{OPT_COUNT, 'c', "count", "N", "Stop after N probes to each target", 12},
	{OPT_INTERVAL, 'i', "interval", "TIME", "Time between two probes to a target", 12},
	{OPT_TIMEOUT, 'W', "timeout", "TIME", "How long each probe waits for its answer", 12},
	{OPT_DEADLINE, 'w', "deadline", "TIME", "End the whole run after TIME", 12},
	{OPT_RATE, 0, "rate", "N",
	 "At most N packets a second to all targets; 0 is as fast as the link takes", 12},
	{0, 0, NULL, NULL, "Output:", 13},
	{OPT_JSON, 'j', "json", NULL, "One JSON object a line", 13},
	{OPT_FORMAT, 0, "format", "FORM",
	 "text, json, or prom: metrics of the run for Prometheus, at its end", 13},
	{OPT_OUTPUT, 'o', "output", "FILE", "Write the metrics to FILE, in one step", 13},
	{OPT_CHECK, 0, "check", "LIMITS",
	 "One line and the exit status of a monitoring plugin; LIMITS are WHAT=WARNING:CRITICAL,...",
	 13},
	{OPT_VANTAGE, 0, "vantage", "ID", "Say in each JSON record who sees it", 13},
	{OPT_RUN_ID, 0, "run-id", "ID", "Say in each JSON record which run it belongs to", 13},
	{OPT_EXPLAIN, 0, "explain", NULL,
	 "Explain every octet sent and received, and the route taken", 13},
	{OPT_HEX, 0, "hex", NULL, "Dump the octets of each packet", 13},
	{OPT_PCAP, 0, "pcap", "FILE",
	 "Save the exchange; pcapng with verdicts if FILE ends in .pcapng", 13},
	{OPT_NUMERIC, 'n', "numeric", NULL, "Print addresses, not names", 13},
	{OPT_QUIET, 'q', "quiet", NULL, "Only the summary", 13},
	{OPT_VERBOSE, 'v', "verbose", NULL, "Say more about what the program does", 13},
	{0, 0, NULL, NULL, "The program:", 14},
	{OPT_NO_SANDBOX, 0, "no-sandbox", NULL, "Do not lock the process down (for debugging)", 14},
	{OPT_SCHEMA, 0, "schema", NULL, "Describe the JSON records and exit", 14},
	{OPT_HELP, 'h', "help", NULL, "Show this help and exit", 14},
	{OPT_USAGE, 0, "usage", NULL, "Show a short usage and exit", 14},
	{OPT_VERSION, 'V', "version", NULL, "Show the version and exit", 14},
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* What the child's parser needs, and the tool's input for the parent's. */
struct parsing {
	struct options *options;
	void *tool_input;
	const struct options_tool *tool;
};

struct options *options_of(const struct argp_state *state)
{
	return ((const struct parsing *)state->input)->options;
}

void *options_input(const struct argp_state *state)
{
	return ((const struct parsing *)state->input)->tool_input;
}

error_t options_fault(struct argp_state *state, const char *option, const char *arg,
		      const char *wanted)
{
	struct why *fault = &options_of(state)->fault;
	char shown[80];

	(void)text_clean(shown, sizeof(shown), arg, strlen(arg));
	(void)why_set(fault, E_BAD, "option %s: '%s' is not %s", option, shown, wanted);
	return EINVAL;
}

static const struct row *row_of(int key)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].id &&
		    (rows[i].id == (enum shared)key || (rows[i].letter && rows[i].letter == key)))
			return &rows[i];
	return NULL;
}

/*
 * The name of an option as people write it: "-c" where the tool grants the letter, else "--count".
 */
static const char *name_of(const struct row *row, int key, char *buf, size_t cap)
{
	struct text t = text_make(buf, cap);

	if (key < 0x80)
		text_addf(&t, "-%c", key);
	else
		text_addf(&t, "--%s", row->name);
	return buf;
}

/* 0 is, as with iputils, as long as it takes: a day, the longest wait there is. */
static int parse_timeout(struct options *o, const char *arg, struct why *why)
{
	int err = num_duration(arg, 0, DAY_NS, &o->timeout_ns, why);

	o->has_timeout = true;
	if (!err && !o->timeout_ns)
		o->timeout_ns = DAY_NS;
	return err;
}

static int parse_timing(struct options *o, enum shared id, const char *arg, struct why *why)
{
	switch (id) {
	case OPT_COUNT: return num_u64(arg, 1, INT64_MAX, &o->count, why);
	case OPT_INTERVAL:
		o->has_interval = true;
		return num_duration(arg, 0, DAY_NS, &o->interval_ns, why);
	case OPT_TIMEOUT: return parse_timeout(o, arg, why);
	case OPT_DEADLINE: return num_duration(arg, 0, 366 * DAY_NS, &o->deadline_ns, why);
	default: o->has_rate = true; return num_rate(arg, &o->rate, why);
	}
}

static int parse_targets(struct options *o, enum shared id, const char *arg)
{
	if (id == OPT_FILE)
		return targets_add_file(o->targets, arg, &o->fault);
	if (id == OPT_EXCLUDE)
		return targets_exclude(o->targets, arg, &o->fault);
	return targets_add(o->targets, arg, &o->fault);
}

static void set_flag(struct options *o, enum shared id)
{
	switch (id) {
	case OPT_JSON: o->is_json = true; break;
	case OPT_EXPLAIN: o->is_explain = true; break;
	case OPT_HEX: o->is_hex = true; break;
	case OPT_QUIET: o->is_quiet = true; break;
	case OPT_NUMERIC: o->is_numeric = true; break;
	case OPT_VERBOSE: o->verbose++; break;
	case OPT_NO_SANDBOX: o->no_sandbox = true; break;
	case OPT_SCHEMA: o->want_schema = true; break;
	case OPT_HELP: o->want_help = true; break;
	case OPT_USAGE: o->want_usage = true; break;
	case OPT_VERSION: o->want_version = true; break;
	default: break;
	}
}

static error_t set_family(struct options *o, int family)
{
	if (o->family && o->family != family) {
		(void)why_set(&o->fault, E_BAD, "only one of -4 and -6 can be given");
		return EINVAL;
	}
	o->family = family;
	return 0;
}

/* The JSON of another program, which the tool can write too. */
static error_t parse_form(struct argp_state *state, const char *arg)
{
	const struct parsing *p = state->input;
	const char *const *forms = p->tool->json_forms;
	char wanted[80];
	struct text t = text_make(wanted, sizeof(wanted));

	for (unsigned i = 0; forms && forms[i]; i++) {
		if (strcmp(arg, forms[i]) == 0) {
			p->options->is_json = true;
			p->options->json_form = forms[i];
			return 0;
		}
		text_addf(&t, "%s%s", i ? " or " : "", forms[i]);
	}
	return options_fault(state, "--json", arg, wanted);
}

static error_t parse_format(struct argp_state *state, const char *arg)
{
	const struct parsing *p = state->input;
	struct options *o = p->options;

	if (p->tool->metrics && strcmp(arg, "prom") == 0)
		o->is_prom = true;
	else if (strcmp(arg, "json") == 0)
		o->is_json = true;
	else if (strcmp(arg, "text") != 0)
		return options_fault(state, "--format", arg,
				     p->tool->metrics ? "text, json or prom" : "text or json");
	return 0;
}

static const char *from_env(const char *name)
{
	return getenv(name);
}

static error_t parse_shard(struct argp_state *state, const char *arg)
{
	struct options *o = options_of(state);
	bool is_auto = strcmp(arg, "auto") == 0;
	struct why why;
	int err =
		is_auto ? shard_auto(from_env, &o->shard, &why) : shard_parse(arg, &o->shard, &why);

	if (!err)
		return 0;
	(void)why_set(&o->fault, err, "option --shard%s: %s", is_auto ? "=auto" : "", why.text);
	return EINVAL;
}

/* A name that people chose: any text, but not none. */
static error_t parse_id(struct argp_state *state, const char *option, const char *arg,
			const char **out)
{
	*out = arg;
	if (*arg && strlen(arg) <= ID_MAX)
		return 0;
	return options_fault(state, option, arg, "a name of 1 to 200 octets");
}

static error_t parse_fleet(struct argp_state *state, enum shared id, const char *arg)
{
	const struct parsing *p = state->input;
	struct options *o = p->options;
	struct why why;

	switch (id) {
	case OPT_SHARD: return parse_shard(state, arg);
	case OPT_FORMAT: return parse_format(state, arg);
	case OPT_OUTPUT: o->output = arg; return 0;
	case OPT_VANTAGE: return parse_id(state, "--vantage", arg, &o->vantage);
	case OPT_RUN_ID: return parse_id(state, "--run-id", arg, &o->run_id);
	case OPT_SEED:
		o->has_seed = true;
		if (num_u64(arg, 0, UINT64_MAX, &o->seed, &why) == 0)
			return 0;
		return options_fault(state, "--seed", arg, why.text);
	case OPT_CHECK:
		o->is_check = true;
		if (check_parse(&o->check, p->tool->quantities, arg, &why) == 0)
			return 0;
		return options_fault(state, "--check", arg, why.text);
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* What does not go together. */
static int check_output(struct options *o)
{
	if (o->is_json + o->is_prom + o->is_check > 1)
		return why_set(&o->fault, E_BAD,
			       "only one of --json, --format=prom and --check can be given");
	if ((o->is_prom || o->is_check) && (o->is_explain || o->is_hex))
		return why_set(&o->fault, E_BAD,
			       "--explain and --hex print text, for which %s leaves no room",
			       o->is_prom ? "--format=prom" : "--check");
	if (o->output && !o->is_prom)
		return why_set(&o->fault, E_BAD,
			       "option --output is for metrics: give --format=prom, too");
	if (o->has_seed && !o->shard.count)
		return why_set(&o->fault, E_BAD,
			       "option --seed is for parts of the targets: give --shard I/N, too");
	return 0;
}

/* What only the whole command line says. Returns 0 or E_BAD. */
static int settle(struct options *o)
{
	shard_seed(&o->shard, o->seed);
	(void)shard_text(&o->shard, o->shard_text);
	targets_shard(o->targets, &o->shard);
	return check_output(o);
}

static error_t parse_shared(int key, char *arg, struct argp_state *state)
{
	const struct row *row = row_of(key);
	struct options *o = options_of(state);
	char name[32];
	struct why why;
	error_t err;

	if (!row)
		return ARGP_ERR_UNKNOWN;
	if (row->id == OPT_IPV4 || row->id == OPT_IPV6)
		return set_family(o, row->id == OPT_IPV4 ? 4 : 6);
	if (row->id == OPT_JSON && arg)
		return parse_form(state, arg);
	if (!row->arg) {
		set_flag(o, row->id);
		return 0;
	}
	if (row->id == OPT_PCAP) {
		o->pcap = arg;
		return 0;
	}
	err = parse_fleet(state, row->id, arg);
	if (err != ARGP_ERR_UNKNOWN)
		return err;
	if (row->id == OPT_FILE || row->id == OPT_EXCLUDE || row->id == OPT_GENERATE)
		return parse_targets(o, row->id, arg) < 0 ? EINVAL : 0;
	if (parse_timing(o, row->id, arg, &why) < 0)
		return options_fault(state, name_of(row, key, name, sizeof(name)), arg, why.text);
	return 0;
}

/* The word that getopt stopped at: the last it took, or one of several letters it is still in. */
static const char *stopped_at(const struct argp_state *state)
{
	int next = state->next;

	if (next < state->argc && state->argv[next][0] == '-' &&
	    (next == 1 || state->argv[next - 1][0] != '-'))
		return state->argv[next];
	return next > 1 ? state->argv[next - 1] : "";
}

/* The tool's parser, with a word for what getopt alone knows of. */
static error_t parse_tool(int key, char *arg, struct argp_state *state)
{
	const struct parsing *p = state->input;
	char shown[80];

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = state->input;
	if (key == ARGP_KEY_ERROR && !p->options->fault.text[0]) {
		const char *word = stopped_at(state);

		(void)text_clean(shown, sizeof(shown), word, strlen(word));
		(void)why_set(&p->options->fault, E_BAD,
			      "unknown, ambiguous or incomplete option '%s'", shown);
	}
	return p->tool->parser(key, arg, state);
}

/* The tables that argp wants, made for one tool's letters. */
struct tables {
	struct argp_option shared[N_ROWS + 2];
	struct argp shared_argp, argp;
	struct argp_child children[2];
};

/* Whether @name is one of the words of @list, which blanks separate. */
static bool is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; at && (at = strstr(at, name)); at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

/* A heading without options below it is left out as well. */
static bool is_lacking(const struct options_tool *tool, size_t row)
{
	size_t below = row + 1;

	if (rows[row].id == OPT_OUTPUT && !tool->metrics)
		return true;
	if (rows[row].id == OPT_CHECK && !tool->quantities)
		return true;
	if (rows[row].name)
		return is_listed(tool->lacks, rows[row].name);
	while (below < N_ROWS && rows[below].name && is_listed(tool->lacks, rows[below].name))
		below++;
	return below == N_ROWS || !rows[below].name;
}

static void make_tables(struct tables *t, const struct options_tool *tool)
{
	size_t n = 0;

	*t = (struct tables){0};
	for (size_t i = 0; i < N_ROWS; i++) {
		bool has_letter = rows[i].letter && strchr(tool->letters, rows[i].letter);

		if (is_lacking(tool, i))
			continue;
		t->shared[n++] = (struct argp_option){
			.name = rows[i].name,
			.key = has_letter ? rows[i].letter : (int)rows[i].id,
			.arg = rows[i].arg,
			.doc = rows[i].doc,
			.group = rows[i].group,
		};
	}
	for (size_t i = 0; i < n && !tool->metrics; i++)
		if (t->shared[i].key == OPT_FORMAT)
			t->shared[i].doc = "text, or json, which is --json";
	/* A letter takes no optional argument: the next letter would be it. */
	for (size_t i = 0; tool->json_forms && i < n; i++) {
		if (!t->shared[i].name || strcmp(t->shared[i].name, "json") != 0)
			continue;
		t->shared[n] = t->shared[i];
		t->shared[n].name = NULL;
		t->shared[n].doc = "The same, without a form";
		t->shared[i].key = OPT_JSON;
		t->shared[i].arg = "FORM";
		t->shared[i].flags = OPTION_ARG_OPTIONAL;
		break;
	}
	t->shared_argp = (struct argp){.options = t->shared, .parser = parse_shared};
	t->children[0] = (struct argp_child){.argp = &t->shared_argp};
	t->argp = (struct argp){
		.options = tool->options,
		.parser = parse_tool,
		.args_doc = tool->args_doc,
		.doc = tool->doc,
		.children = t->children,
	};
}

int options_parse(struct options *o, const struct options_tool *tool, void *tool_input, int argc,
		  char **argv)
{
	struct parsing p = {.options = o, .tool_input = tool_input, .tool = tool};
	/*
	 * Nothing of argp's own: its messages name no cure, and its exit is not ours to give away.
	 */
	unsigned flags = ARGP_NO_EXIT | ARGP_NO_HELP | ARGP_NO_ERRS;
	struct tables t;
	error_t err;

	*o = (struct options){.targets = targets_new()};
	if (!o->targets)
		return why_set(&o->fault, E_MEM, "out of memory");
	make_tables(&t, tool);
	if (tool->is_in_order)
		flags |= ARGP_IN_ORDER;
	err = argp_parse(&t.argp, argc, argv, flags, NULL, &p);
	if (err == 0)
		return settle(o);
	if (err == ENOMEM)
		return why_set(&o->fault, E_MEM, "out of memory");
	if (!o->fault.text[0])
		why_set(&o->fault, E_BAD, "the command line cannot be understood");
	return E_BAD;
}

void options_help(const struct options_tool *tool, const char *name, bool is_usage, FILE *f)
{
	struct tables t;

	make_tables(&t, tool);
	argp_help(&t.argp, f,
		  is_usage ? ARGP_HELP_USAGE : ARGP_HELP_STD_HELP & ~(unsigned)ARGP_HELP_EXIT_OK,
		  (char *)(uintptr_t)name);
}
