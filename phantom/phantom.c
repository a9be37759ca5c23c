/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * phantom - a host that is not there: claims unused addresses of a LAN and answers for them.
 *
 * Here: the command line and what is opened. The run is in phantom_run.c, the phantom itself in
 * engine/phantom.
 */
#include "phantom.h"

#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "io/priv.h"

#define HOLD_MAX_NS (366ull * 24 * 3600 * NS_PER_S)

enum own_option {
	OPT_MAC = 0x2000,
	OPT_PING,
	OPT_FOR,
	OPT_EXEC,
	OPT_DAD,
	OPT_STATES,
};

static const struct argp_option own[] = {
	{NULL, 0, NULL, 0, "The phantom:", 1},
	{"interface", 'I', "IFACE", 0, "Interface of the LAN; that of the first address without it",
	 0},
	{"mac", OPT_MAC, "MAC", 0,
	 "own (that of the interface), random (a locally administered one, the default), or a MAC address",
	 0},
	{"dad", OPT_DAD, "MODE", 0,
	 "How to find out that an address is free: rfc (4 to 7 s, 1 to 2 s for IPv6; the default) or fast (0.3 s)",
	 0},
	{"ping", OPT_PING, NULL, 0, "Answer echo requests too", 0},
	{"for", OPT_FOR, "TIME", 0, "End so long after the claim", 0},
	{"exec", OPT_EXEC, "COMMAND", 0,
	 "Run COMMAND with the shell once all addresses are claimed, and end with it", 0},
	{"states", OPT_STATES, NULL, 0, "Draw the table of states and exit", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct phantom_tool *t = options_input(state);
	struct why why;

	switch (key) {
	case 'I': t->ifname = arg; return 0;
	case OPT_MAC: t->mac = arg; return 0;
	case OPT_PING: t->answers_ping = true; return 0;
	case OPT_EXEC: t->command = arg; return 0;
	case OPT_STATES: t->wants_states = true; return 0;
	case OPT_DAD:
		t->is_dad_fast = strcmp(arg, "fast") == 0;
		if (t->is_dad_fast || strcmp(arg, "rfc") == 0)
			return 0;
		return options_fault(state, "--dad", arg, "one of fast, rfc");
	case OPT_FOR:
		if (num_duration(arg, NS_PER_MS, HOLD_MAX_NS, &t->hold_ns, &why) == 0)
			return 0;
		return options_fault(state, "--for", arg, why.text);
	case ARGP_KEY_ARG:
		if (t->n_words == PHANTOM_ADDRS)
			return options_fault(state, "ADDR", arg, "one of at most 16 addresses");
		t->words[t->n_words++] = arg;
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* --- what is opened */

static int add_addr(struct phantom_tool *t, unsigned i, struct why *why)
{
	struct addr addr;
	int err;

	if (addr_parse(t->words[i], &addr) < 0)
		return why_set(why, E_BAD, "'%s' is no address: each is given by itself",
			       t->words[i]);
	if (i == 0) {
		err = phantom_iface(t->run->netlink, t->ifname, &addr, &t->iface, why);
		if (!err)
			err = phantom_choose_mac(t->run->netlink, &t->iface, t->mac, &t->run->rnd,
						 &t->host.mac, why);
		if (err < 0)
			return err;
	}
	for (unsigned k = 0; k < t->host.n; k++)
		if (addr_same(&t->host.dads[k].addr, &addr))
			return why_set(why, E_BAD, "%s is given twice", t->words[i]);
	err = phantom_check(t->run->netlink, &t->iface, &addr, why);
	return err ? err : phantom_add(&t->host, &addr);
}

static int prepare_child(struct phantom_tool *t, struct why *why)
{
	char *argv[] = {"/bin/sh", "-c", (char *)(uintptr_t)t->command, NULL};

	t->child = (struct child){-1, -1};
	t->has_child = t->command != NULL;
	return t->has_child ? child_prepare(argv, &t->child, why) : 0;
}

static int open_all(struct phantom_tool *t, struct why *why)
{
	int err = tool_netlink(t->run, why);

	t->host = (struct phantom){
		.rnd = &t->run->rnd,
		.answers_ping = t->answers_ping,
		.timing = t->is_dad_fast ? dad_timing_fast() : dad_timing_rfc(false),
		.builder = pkt_new(),
		.tell = phantom_tell,
		.trace = phantom_trace,
		.arg = t,
	};
	t->host.timing.announcements = 2;
	t->host.timing.hold = HOLD_MAX_NS;
	if (!err && !t->n_words)
		err = why_set(why, E_BAD, "which address? Give an unused one of the LAN");
	for (unsigned i = 0; !err && i < t->n_words; i++)
		err = add_addr(t, i, why);
	if (!err && !t->host.builder)
		err = why_set(why, E_MEM, "out of memory");
	if (!err)
		err = prepare_child(t, why);
	if (!err)
		err = phantom_open_link(&t->host, &t->iface, NULL, why);
	if (err == E_PERM)
		return priv_refused(why, "packet");
	if (!err)
		err = trace_open(t->run, t->iface.index, NULL, &t->trace, why);
	addr_learn_zones();
	return err ? err : tool_lock_down(t->run, why);
}

static int run(struct run *run, void *input)
{
	struct phantom_tool *t = input;
	struct why why;
	int status;

	t->run = run;
	t->child = (struct child){-1, -1};
	if (t->wants_states)
		return tool_states(run, &dad_table);
	status = open_all(t, &why);
	status = status < 0 ? tool_fail(run, &why) : phantom_run(t);
	if (trace_close(t->trace, &why) < 0)
		status = tool_fail(run, &why);
	child_close(&t->child);
	link_close(t->host.link);
	pkt_free(t->host.builder);
	return status;
}

int main(int argc, char **argv)
{
	static struct phantom_tool t;
	const struct tool tool = {
		.name = "phantom",
		.options =
			{
				.letters = "hjqvV",
				.lacks =
					"ipv4 ipv6 generate file exclude shard seed count interval timeout deadline rate numeric",
				.options = own,
				.parser = parse,
				.args_doc = "ADDR...",
				.doc = "Claim unused addresses of a LAN, once nobody is found to have them, and "
				       "answer for them (ARP, RFC 826; Neighbor Discovery, RFC 4861).\v"
				       "An address that somebody has is not claimed; one that its owner claims "
				       "is defended once and then yielded (RFC 5227 2.4).\n"
				       "Exit status: 0 done (--exec: that of COMMAND), 2 could not start, 3 an "
				       "address has an owner.",
			},
		.records = phantom_records,
		.n_records = phantom_n_records,
		.run = run,
	};

	return tool_main(&tool, &t, argc, argv);
}
