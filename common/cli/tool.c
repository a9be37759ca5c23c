/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/tool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/text.h"
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

/* JSON must be known before the command line is: its errors are records too. */
static bool is_json_asked(const struct tool *tool, int argc, char **argv)
{
	bool has_letter = strchr(tool->options.letters, 'j') != NULL;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0 || strncmp(argv[i], "--json=", 7) == 0 ||
		    (has_letter && strcmp(argv[i], "-j") == 0))
			return true;
	return false;
}

void tool_say(struct run *run, const char *fmt, ...)
{
	char raw[1024], clean[sizeof(raw) * 3];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	(void)text_clean(clean, sizeof(clean), raw, strlen(raw));
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
	return EXIT_CANNOT_ASK;
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

static int print_about(const struct tool *tool, struct run *run)
{
	const struct options *o = &run->options;

	if (o->want_version)
		fprintf(run->out.file, "%s from pktutils %s\n", tool->name, PKT_VERSION);
	else if (o->want_schema)
		record_schema(run->out.file, tool->name, tool->records, tool->n_records);
	else
		options_help(&tool->options, tool->name, o->want_usage, run->out.file);
	return 0;
}

static int finish(const struct tool *tool, struct run *run, int status)
{
	int lost = tool->exit_lost ? tool->exit_lost : EXIT_CANNOT_ASK;

	out_flush(&run->out);
	if (run->out.is_lost)
		status = lost;
	record_write_end(&run->out, status, run->out.is_lost ? "error" : run->reason);
	out_flush(&run->out);
	if (!run->out.is_lost)
		return status;
	tool_say(run, "the output could not be written in full");
	return lost;
}

/* The command line is wrong, or there is no memory for it. */
static int refuse(const struct tool *tool, struct run *run, int err)
{
	int status = tool_fail(run, &run->options.fault);

	if (err == E_MEM)
		return tool->exit_lost ? tool->exit_lost : status;
	fprintf(stderr, "Try '%s --help'.\n", tool->name);
	return tool->exit_usage ? tool->exit_usage : status;
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
		run.out.is_json |= o->is_json;
		status = refuse(tool, &run, err);
		targets_free(run.options.targets);
		return finish(tool, &run, status);
	}
	if (o->want_help || o->want_usage || o->want_version || o->want_schema) {
		run.out.is_json = false;
		status = print_about(tool, &run);
	} else {
		run.out.is_json = o->is_json;
		run.out.is_foreign = o->json_form != NULL;
		status = tool->run(&run, input);
	}
	targets_free(run.options.targets);
	netlink_close(run.netlink);
	return finish(tool, &run, status);
}
