/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fakenet - plays a whole internet on the far end of a veth, as a topology file describes it.
 *
 * It prints "ready" when it listens, and on SIGTERM, SIGINT or after --for what it saw and did.
 */
#include <argp.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/num.h"

#include "count.h"
#include "net.h"

#define ROUND 512 /* frames handled before the clock is read again and delayed ones leave */

struct settings {
	const char *interface, *counters, *topology;
	uint64_t for_ns; /* 0: until a signal */
};

static const struct argp_option options[] = {
	{"interface", 'i', "IF", 0, "Play on this interface (net0)", 0},
	{"counters", 'o', "FILE", 0, "Write the counters to FILE instead of stdout", 0},
	{"for", 'f', "TIME", 0, "End after TIME, such as 10s; otherwise on SIGTERM or SIGINT", 0},
	{0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;
	struct why why;

	switch (key) {
	case 'i': s->interface = arg; break;
	case 'o': s->counters = arg; break;
	case 'f':
		if (num_duration(arg, 1, 24 * 3600 * NS_PER_S, &s->for_ns, &why) < 0)
			argp_error(state, "--for=%s should be %s", arg, why.text);
		break;
	case ARGP_KEY_ARG:
		if (s->topology)
			argp_error(state, "one topology file, not also '%s'", arg);
		s->topology = arg;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "name a topology file; tests/lab/TOPOLOGY.md describes them");
		break;
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Handles what is in the ring, up to a round. Returns whether there may be more. */
static bool handle_round(struct fakenet *f)
{
	struct port_frame frame;
	unsigned n = 0;

	f->now_ns = clock_mono(f->clock);
	while (n < ROUND && port_next(&f->port, &frame)) {
		net_frame(f, &frame);
		port_release(&f->port);
		n++;
	}
	net_due(f);
	port_flush(&f->port);
	return n == ROUND;
}

/* Sleeps until a frame comes, a delayed one is due, or the end. Returns false at the end. */
static bool wait_next(struct fakenet *f, int signals, uint64_t end_ns)
{
	struct pollfd fds[] = {{.fd = f->port.fd, .events = POLLIN},
			       {.fd = signals, .events = POLLIN}};
	uint64_t now = clock_mono(f->clock), due = late_due(&f->late);
	uint64_t until = due < end_ns ? due : end_ns;
	uint64_t wait = until > now ? until - now : 0;
	struct timespec ts = {.tv_sec = (time_t)(wait / NS_PER_S),
			      .tv_nsec = (long)(wait % NS_PER_S)};

	if (now >= end_ns)
		return false;
	return ppoll(fds, 2, until == UINT64_MAX ? NULL : &ts, NULL) < 0 || !fds[1].revents;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int run(struct fakenet *f, const struct settings *s)
{
	int signals = open_signals();
	uint64_t end_ns = s->for_ns ? clock_mono(f->clock) + s->for_ns : UINT64_MAX;

	if (signals < 0)
		return E_SYS;
	prctl(PR_SET_TIMERSLACK, 1); /* delays are to be exact */
	puts("ready");
	if (fflush(stdout) != 0)
		return E_SYS;
	do {
		while (handle_round(f))
			;
	} while (wait_next(f, signals, end_ns));
	while (handle_round(f)) /* what came before the signal shall count */
		;
	close(signals);
	return count_report(f, s->counters);
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse_option,
		"TOPOLOGY",
		"Plays a whole internet on the far end of a veth.\v"
		"tests/lab/TOPOLOGY.md describes the file, tests/lab/lab.bash raises the veth.",
		NULL,
		NULL,
		NULL,
	};
	struct settings s = {.interface = "net0", .counters = "-"};
	static struct fakenet f = {.port.fd = -1}; /* too large for some stacks */
	struct why why;
	int err;

	f.clock = clock_system();
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &s);
	err = topo_read(&f.topo, s.topology, &why);
	if (!err)
		err = port_open(&f.port, s.interface, &why);
	if (!err && run(&f, &s) < 0)
		err = why_sys(&why, E_SYS, "cannot write the counters to %s", s.counters);
	if (err)
		fprintf(stderr, "fakenet: %s\n", why.text);
	port_close(&f.port);
	late_free(&f.late);
	fragment_free(&f.fragments);
	topo_free(&f.topo);
	return err ? 2 : 0;
}
