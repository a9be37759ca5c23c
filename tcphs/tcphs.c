/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs - one TCP connection, led by hand from user space and shown as a ladder.
 *
 * Here: the life of a run. The command line is in tcphs_options.c, sockets and addresses in
 * tcphs_open.c, the connection in tcphs_run.c on top of engine/tcb, its octets in tcphs_data.c,
 * lines and records in tcphs_ladder.c and tcphs_result.c.
 */
#include "tcphs.h"

#include "base/num.h"

/* The machine's defaults are the standard's; a tool at a terminal is less patient. */
static struct tcphs_opts defaults(void)
{
	struct tcphs_opts o = {.ttl = 64, .tcp = tcb_config_default(false)};

	o.tcp.syn_retries = 3;
	o.tcp.data_retries = 12;
	o.tcp.time_wait_ns = NS_PER_S;
	/* 200 ms as in Linux, since a peer that is awaited by a person is mostly near. */
	o.tcp.rto_min_ns = 200 * NS_PER_MS;
	o.tcp.delack_ns = 40 * NS_PER_MS;
	/* RFC 5461 4.1: who asks wants to hear of the error, not to wait it out. */
	o.tcp.soft_errors_end_open = true;
	return o;
}

static int run(struct run *run, void *input)
{
	struct tcphs *t = input;
	struct why why;
	int status;

	t->run = run;
	if (t->opts.wants_states)
		return tool_states(run, &tcb_table);
	if (t->opts.mode == MODE_LADDER)
		return tcphs_file_run(t);
	status = tcphs_open(t, &why);
	status = status < 0 ? tool_fail(run, &why) : tcphs_series_run(t);
	if (trace_close(t->trace, &why) < 0)
		status = tool_fail(run, &why);
	tcphs_close(t);
	return status;
}

int main(int argc, char **argv)
{
	static struct tcphs t;
	const struct tool tool = {
		.name = "tcphs",
		.options = tcphs_options,
		.records = tcphs_records,
		.n_records = tcphs_n_records,
		.run = run,
	};

	t.opts = defaults();
	return tool_main(&tool, &t, argc, argv);
}
