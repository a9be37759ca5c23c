/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/tool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/outcome.h"
#include "engine/fsm.h"
#include "io/priv.h"
#include "io/sink.h"

/*
 * A program started without descriptors 0 to 2 would write its messages into its first socket. What
 * takes their place fails to be read or written, so that the loss is noticed.
 */
static void guard_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

/* Whether the option @name, with or without "=VALUE", is among the words. */
static bool is_asked(const char *name, int argc, char **argv)
{
	size_t len = strlen(name);

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strncmp(argv[i], name, len) == 0 && (!argv[i][len] || argv[i][len] == '='))
			return true;
	return false;
}

/* JSON must be known before the command line is: its errors are records too. */
static bool is_json_asked(const struct tool *tool, int argc, char **argv)
{
	return is_asked("--json", argc, argv) || is_asked("--format=json", argc, argv) ||
	       (strchr(tool->options.letters, 'j') && is_asked("-j", argc, argv));
}

void tool_say(struct run *run, const char *fmt, ...)
{
	char raw[1024], clean[sizeof(raw) * 3];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	(void)text_clean(clean, sizeof(clean), raw, strlen(raw));
	snprintf(run->said, sizeof(run->said), "%.*s", (int)sizeof(run->said) - 1, raw);
	out_flush(&run->out); /* so that the two streams read in the order of events */
	if (sink_has_room(STDERR_FILENO))
		fprintf(stderr, "%s: %s\n", run->out.tool, clean);
}

int tool_fail(struct run *run, const struct why *why)
{
	struct rec *r = record_start(&run->out, &record_error);

	tool_say(run, "%s", why->text);
	if (why->sys)
		rec_str(r, "errno", errno_name(why->sys));
	rec_str(r, "text", why->text);
	record_write(&run->out, r);
	run->reason = "error";
	run->has_failed = true;
	return EXIT_CANNOT_ASK;
}

static void draw_line(void *arg, const struct text *line)
{
	out_line(arg, line);
}

int tool_states(struct run *run, const struct fsm_table *table)
{
	fsm_draw(table, draw_line, &run->out);
	return 0;
}

int tool_nothing(struct run *run, const struct why *why)
{
	if (!targets_is_elsewhere(run->options.targets))
		return tool_fail(run, why);
	if (run->options.verbose)
		tool_say(run, "this shard of the targets is empty");
	return EXIT_ANSWERED;
}

int tool_netlink(struct run *run, struct why *why)
{
	return run->netlink ? 0 : netlink_open(&run->netlink, why);
}

int tool_lock_down(struct run *run, struct why *why)
{
	struct lockdown what = {.allow_sockets = run->opens_sockets};
	struct lockdown_report report;
	int err;

	if (run->options.no_sandbox)
		return 0;
	if (run->out.is_json)
		record_prepare(&run->rnd);
	err = priv_lockdown(&what, &report);
	if (err == E_PERM)
		return why_set(why, err, "cannot give up privileges: %s", report.refusal);
	if (err < 0 && run->options.verbose)
		tool_say(run, "the lock-down is partial: %s", report.refusal);
	else if (run->options.verbose)
		tool_say(
			run,
			"locked down: no capabilities, no new privileges, no files, few system calls");
	return 0;
}

static void print_schema(const struct tool *tool, FILE *f)
{
	record_schema(f, tool->name, tool->records, tool->n_records);
	if (tool->options.metrics)
		metrics_schema(f, tool->name, tool->options.metrics);
}

static int print_about(const struct tool *tool, struct run *run)
{
	const struct options *o = &run->options;

	if (o->want_version)
		fprintf(run->out.file, "%s from pktutils %s\n", tool->name, PKT_VERSION);
	else if (o->want_schema)
		print_schema(tool, run->out.file);
	else
		options_help(&tool->options, tool->name, o->want_usage, run->out.file);
	return 0;
}

/* The exit status of output that is lost. */
static int lost_status(const struct tool *tool, const struct run *run)
{
	if (run->options.is_check)
		return CHECK_UNKNOWN;
	return tool->exit_lost ? tool->exit_lost : EXIT_CANNOT_ASK;
}

static int finish(const struct tool *tool, struct run *run, int status)
{
	out_flush(&run->out);
	if (run->out.is_lost)
		status = lost_status(tool, run);
	record_write_end(&run->out, status, run->out.is_lost ? "error" : run->reason);
	out_flush(&run->out);
	if (!run->out.is_lost)
		return status;
	tool_say(run, "the output could not be written in full");
	return lost_status(tool, run);
}

/* What the shared options say of the output, as far as they were read. */
static void settle_out(struct run *run)
{
	const struct options *o = &run->options;

	run->out.is_json = o->is_json;
	run->out.is_foreign = o->json_form != NULL;
	run->out.place = (struct out_place){
		.vantage = o->vantage,
		.run = o->run_id,
		.shard = o->shard.count ? o->shard_text : NULL,
	};
}

/* The command line is wrong, or there is no memory for it. */
static int refuse(const struct tool *tool, struct run *run, int err, int argc, char **argv)
{
	int status, other = err == E_MEM ? tool->exit_lost : tool->exit_usage;
	bool is_json = run->out.is_json;

	settle_out(run);
	run->out.is_json |= is_json;
	status = tool_fail(run, &run->options.fault);
	if (other)
		status = other;
	if (err != E_MEM)
		fprintf(stderr, "Try '%s --help'.\n", tool->name);
	if (tool->options.quantities && is_asked("--check", argc, argv)) {
		run->options.is_check = true;
		run->options.check.quantities = tool->options.quantities;
		if (outcome_close(run, &status) < 0)
			return lost_status(tool, run);
	}
	return status;
}

static int work(const struct tool *tool, struct run *run, void *input)
{
	struct why why;
	int status;

	if (outcome_open(run, &tool->options, &why) < 0) {
		(void)tool_fail(run, &why);
		return lost_status(tool, run);
	}
	status = tool->run(run, input);
	/* Names, lines and sends that failed without ending the run count for a plugin as well. */
	run->has_failed |= status == (tool->exit_usage ? tool->exit_usage : EXIT_CANNOT_ASK);
	return outcome_close(run, &status) < 0 ? lost_status(tool, run) : status;
}

int tool_main(const struct tool *tool, void *input, int argc, char **argv)
{
	FILE *file = sink_open(STDOUT_FILENO);
	struct run run = {
		.clock = clock_system(),
		.rnd = rnd_kernel(),
		.reason = "done",
		.out = out_make(file ? file : stdout, clock_system(), tool->name,
				is_json_asked(tool, argc, argv)),
	};
	const struct options *o = &run.options;
	int status, err;

	guard_standard_fds();
	signal(SIGXFSZ,
	       SIG_IGN); /* a file at its limit (ulimit -f) is lost output, not our death */
	prctl(PR_SET_TIMERSLACK, 1ul); /* the default rounds every wait up by 50 us */
	err = options_parse(&run.options, &tool->options, input, argc, argv);
	if (err < 0) {
		status = refuse(tool, &run, err, argc, argv);
	} else if (o->want_help || o->want_usage || o->want_version || o->want_schema) {
		run.out.is_json = false;
		status = print_about(tool, &run);
	} else {
		settle_out(&run);
		status = work(tool, &run, input);
	}
	targets_free(run.options.targets);
	netlink_close(run.netlink);
	return finish(tool, &run, status);
}
