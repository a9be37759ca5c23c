/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rstguard - keeps the kernel's RST away from a connection that another program leads with raw
 * sockets, while that program runs. The guard itself is in io/guard.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/tool.h"
#include "io/child.h"
#include "io/guard.h"

struct rstguard {
	struct run *run;
	struct guard_want want;
	unsigned n_words;
	char **command; /* NULL: hold it until told to end */
	struct guard guard;
	struct child child;
	int status;
	bool is_over, is_stopped;
};

static const struct field guard_fields[] = {
	{"addr", FIELD_STRING, "", "The guarded address."},
	{"port", FIELD_INT, "", "The guarded port."},
	{"method", FIELD_STRING, "",
	 "sock, and by what the segments are discarded; repair or nft."},
};

static const struct field summary_fields[] = {
	{"prevented", FIELD_INT, "",
	 "Segments discarded: as many RSTs that the kernel did not send; absent where nobody counts (nft)."},
	{"status", FIELD_INT, "", "Exit status of the command; absent without one."},
};

static const struct record_type guard_record =
	RECORD_TYPE("guard", "The guard stands.", guard_fields);
static const struct record_type summary_record =
	RECORD_TYPE("summary", "What it came to.", summary_fields);

static const struct record_type *const records[] = {&guard_record, &summary_record, &record_error,
						    &record_end};

#define OPT_METHOD 0x2000

static const struct argp_option own[] = {
	{NULL, 0, NULL, 0, "The guard:", 1},
	{"method", OPT_METHOD, "HOW", 0,
	 "auto, sock (a listening socket that discards), repair or nft (exactly this connection; both need CAP_NET_ADMIN)",
	 0},
	{0},
};

static error_t take_word(struct rstguard *g, char *arg, struct argp_state *state)
{
	uint64_t port = 0;

	switch (g->n_words++) {
	case 0:
		if (addr_parse(arg, &g->want.local) == 0)
			return 0;
		return options_fault(state, "LADDR", arg, "an address of this host");
	case 1:
		if (num_u64(arg, 0, 65535, &port, NULL) < 0)
			return options_fault(state, "LPORT", arg, "a port, or 0 for any free one");
		g->want.port = (uint16_t)port;
		return 0;
	case 2:
		if (addr_parse(arg, &g->want.remote) == 0 &&
		    g->want.remote.len == g->want.local.len)
			return 0;
		return options_fault(state, "RADDR", arg, "an address of the same family");
	case 3:
		if (num_u64(arg, 1, 65535, &port, NULL) < 0)
			return options_fault(state, "RPORT", arg, "a port from 1 to 65535");
		g->want.remote_port = (uint16_t)port;
		return 0;
	default:
		return options_fault(state, "CMD", arg,
				     "allowed here: the command comes behind --");
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct rstguard *g = options_input(state);

	switch (key) {
	case OPT_METHOD:
		if (guard_word(arg, &g->want.method) && g->want.method != GUARD_NONE)
			return 0;
		return options_fault(state, "--method", arg, "one of auto, sock, repair, nft");
	case ARGP_KEY_ARG: return take_word(g, arg, state);
	case ARGP_KEY_END:
		if (g->n_words >= 2 || options_of(state)->want_help ||
		    options_of(state)->want_usage || options_of(state)->want_version ||
		    options_of(state)->want_schema)
			return 0;
		(void)why_set(
			&options_of(state)->fault, E_BAD,
			"what is to be guarded? rstguard LADDR LPORT [RADDR [RPORT]] [-- CMD...]");
		return EINVAL;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static uint64_t step(void *arg)
{
	struct rstguard *g = arg;

	if (g->command && child_take(&g->child, &g->status))
		g->is_over = true;
	return UINT64_MAX;
}

static bool is_over(const void *arg)
{
	return ((const struct rstguard *)arg)->is_over;
}

static void stop(void *arg)
{
	struct rstguard *g = arg;

	g->is_stopped = g->is_over = true;
}

static void tell_status(void *arg)
{
	const struct rstguard *g = arg;

	uint32_t n;

	if (guard_prevented(&g->guard, &n))
		fprintf(stderr, "\r%u kernel RSTs prevented\n", n);
	else
		fprintf(stderr, "\rguarding\n");
}

static unsigned poll_fds(const void *arg, int *fds)
{
	const struct rstguard *g = arg;

	fds[0] = g->child.status_fd;
	return g->command ? 1 : 0;
}

/* A command owns standard output: what we say goes to standard error then. */
static void tell(struct rstguard *g, const char *line)
{
	if (g->run->options.is_quiet)
		return;
	if (g->command)
		tool_say(g->run, "%s", line);
	else
		out_text(&g->run->out, "%s\n", line);
}

static void tell_start(struct rstguard *g)
{
	struct rec *r = record_start(&g->run->out, &guard_record);
	char addr[ADDR_TEXT_MAX], method[GUARD_TEXT_MAX], line[200];

	addr_text(&g->want.local, addr);
	guard_text(&g->guard, method);
	rec_str(r, "addr", addr);
	rec_int(r, "port", g->guard.port);
	rec_str(r, "method", method);
	record_write(&g->run->out, r);
	snprintf(line, sizeof(line), "guarding %s port %u by %s", addr, g->guard.port, method);
	tell(g, line);
}

static void tell_end(struct rstguard *g)
{
	struct rec *r = record_start(&g->run->out, &summary_record);
	uint32_t n;
	bool is_counted = guard_prevented(&g->guard, &n);
	char line[80];

	if (is_counted)
		rec_int(r, "prevented", n);
	if (g->command)
		rec_int(r, "status", g->status);
	record_write(&g->run->out, r);
	snprintf(line, sizeof(line), "%u kernel RST%s prevented", n, n == 1 ? "" : "s");
	if (is_counted)
		tell(g, line);
}

/* The command learns the port, which matters when any free one was asked for. */
static int prepare_command(struct rstguard *g, struct why *why)
{
	char port[8];

	g->child = (struct child){-1, -1};
	if (!g->command)
		return 0;
	snprintf(port, sizeof(port), "%u", g->guard.port);
	if (setenv("RSTGUARD_PORT", port, 1) < 0)
		return why_set(why, E_MEM, "out of memory");
	return child_prepare(g->command, &g->child, why);
}

static int run(struct run *run, void *input)
{
	static const struct tool_machine machine = {step, is_over, stop, tell_status, poll_fds};
	struct rstguard *g = input;
	struct why why;
	int err;

	g->run = run;
	err = guard_open(&g->want, &run->rnd, &g->guard, &why);
	if (!err)
		err = prepare_command(g, &why);
	if (err < 0)
		return tool_fail(run, &why);
	tell_start(g);
	out_flush(&run->out);
	if (g->command)
		child_start(&g->child);
	tool_drive(run, &machine, g);
	run->reason = g->is_stopped ? "interrupted" : "done";
	tell_end(g);
	child_close(&g->child);
	guard_close(&g->guard);
	return g->status;
}

int main(int argc, char **argv)
{
	static struct rstguard g;
	const struct tool tool = {
		.name = "rstguard",
		.options =
			{
				.letters = "hjqV",
				.lacks =
					"ipv4 ipv6 generate file exclude shard seed count interval timeout deadline rate "
					"explain hex pcap numeric verbose no-sandbox",
				.options = own,
				.parser = parse,
				.args_doc = "LADDR LPORT [RADDR [RPORT]] [-- CMD...]",
				.doc = "Keep the kernel from answering RST to what arrives at LADDR and LPORT, while "
				       "CMD, or anything else, leads a TCP connection there with raw sockets.\v"
				       "A listening socket that discards everything holds the port: no firewall rule, "
				       "no privilege, and nothing is left behind. CMD finds the port in RSTGUARD_PORT.\n"
				       "Exit status: that of CMD; 0 without one; 2 could not guard.",
			},
		.records = records,
		.n_records = sizeof(records) / sizeof(records[0]),
		.run = run,
	};

	/* The command is not argp's to look at, whatever options it has. */
	for (int i = 1; i + 1 < argc && !g.command; i++) {
		if (strcmp(argv[i], "--") == 0) {
			g.command = argv + i + 1;
			argc = i;
		}
	}
	return tool_main(&tool, &g, argc, argv);
}
