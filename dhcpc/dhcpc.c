/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc - gets, shows and checks a DHCPv4 lease, and sees every server on the wire.
 *
 * Here: the life of a run. The command line is in dhcpc_options.c; what is said in dhcpc_msg.c,
 * what is heard in dhcpc_judge.c and dhcpc_lease.c; the states in dhcpc_fsm.c and dhcpc_hear.c,
 * driven by dhcpc_run.c; lines and records in dhcpc_report.c; what is done to the host in
 * dhcpc_apply.c and, in a process of its own, dhcpc_hands.c.
 */
#include "dhcpc_apply.h"
#include "dhcpc_fsm.h"

static int run(struct run *run, void *input)
{
	struct dhcpc *d = input;
	struct why why;
	int status;

	d->run = run;
	if (d->opts.wants_states)
		return tool_states(run, &dhcpc_table);
	if (!d->opts.ifname) {
		why_set(&why, E_BAD,
			d->opts.mode == MODE_DECODE ?
				"which capture? Name it, - for standard input, or hex: and octets" :
				"on which interface? Name it: 'dhcpc eth0' ('ip -br link' lists them)");
		return tool_fail(run, &why);
	}
	if (d->opts.mode == MODE_DECODE)
		return dhcpc_decode(d);
	/* The hands first, so that they inherit nothing. */
	if (dhcpc_hands_open(d, &why) < 0 || dhcpc_open(d, &why) < 0)
		status = dhcpc_show_result(d, tool_fail(run, &why), "%s", why.text);
	else if (d->opts.mode == MODE_SCAN)
		status = dhcpc_scan(d);
	else
		status = d->opts.mode == MODE_LINT ? dhcpc_lint(d) : dhcpc_run(d);
	if (trace_close(d->trace, &why) < 0)
		status = tool_fail(run, &why);
	/* Closing a packet socket takes the kernel some 10 ms: nobody needs to wait for that. */
	out_flush(&run->out);
	hands_close(d->hands);
	link_close(d->link);
	pkt_free(d->builder);
	return status;
}

int main(int argc, char **argv)
{
	struct dhcpc d = {0};
	const struct tool tool = {
		.name = "dhcpc",
		.options = dhcpc_options,
		.records = dhcpc_records,
		.n_records = dhcpc_n_records,
		.run = run,
	};

	return tool_main(&tool, &d, argc, argv);
}
