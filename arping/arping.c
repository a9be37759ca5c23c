/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arping - asks neighbours who has an address, and tells whether that is the truth.
 *
 * Here: the life of a run. The command line is in arping_options.c, interface and addresses in
 * arping_port.c, question and judgement in arping_probe.c, lines and records in arping_report.c and
 * arping_verdict.c.
 */
#include "arping.h"

#include "base/num.h"
#include "io/savefile.h"

#define LINGER_NS NS_PER_MS /* a second owner on an idle LAN answers within it */
#define SWEEP_LINGER_NS (20 * NS_PER_MS)
#define SWEEP_TRY_NS (60 * NS_PER_MS) /* between two tries of a silent address */
#define SWEEP_RATE 500                /* questions a second: each wakes every host of the LAN */
#define SWEEP_TRIES 20
#define REVERSE_RATE 2000 /* one host alone hears it */

static struct engine_opts engine_opts_of(const struct arping *a)
{
	const struct options *o = &a->run->options;
	struct engine_opts e = tool_engine_opts(a->run, a->is_sweep ? SWEEP_TRY_NS : NS_PER_S);

	e.linger_ns = a->is_sweep ? SWEEP_LINGER_NS : LINGER_NS;
	if (a->opts.waits_for_others)
		e.linger_ns = e.timeout_ns;
	e.enough = a->opts.replies;
	e.count_answers = o->deadline_ns && o->count && !a->is_sweep;
	if (!a->is_sweep)
		return e;
	e.is_sweep = true;
	if (!o->has_interval)
		e.interval_ns = SWEEP_TRY_NS;
	if (!o->has_rate)
		e.rate = a->reverse ? REVERSE_RATE : SWEEP_RATE;
	if (!a->opts.checks_proxy)
		e.enough = a->opts.replies ? a->opts.replies : 1;
	/* Who answers for one address is there, and silent about the others: once is enough. */
	if (a->reverse && !o->count) {
		e.count = 1;
	} else if (!o->count) {
		e.is_persistent = true;
		e.count = SWEEP_TRIES;
	}
	return e;
}

static bool is_watching(const struct arping *a)
{
	return a->opts.read || a->opts.listens;
}

/*
 * The first target says through which interface to ask, and which address is meant by a name: that
 * of IPv4 if it has one, as with iputils, whose scripts read an ARP reply.
 */
static int settle_first(struct arping *a, struct names *names, struct why *why)
{
	const struct options *o = &a->run->options;
	bool is_list = targets_is_sweep(o->targets);
	int err;

	if (is_watching(a) || a->opts.is_reverse || (a->opts.ifname && is_list))
		return 0;
	err = tool_first_target(a->run, names, o->family ? o->family : 4, &a->first, why);
	if (err == E_NOENT && !o->family)
		err = tool_first_target(a->run, names, 6, &a->first, why);
	return err;
}

/* All that needs a privilege or a file, before tool_lock_down(). */
static int open_all(struct arping *a, struct names **names, struct why *why)
{
	int err = is_watching(a) ? 0 : tool_names(a->run, names, why);

	if (!err)
		err = settle_first(a, *names, why);
	if (!err && a->opts.read)
		err = savefile_read(a->opts.read, &a->port.link, why);
	if (!err && !a->opts.read)
		err = tool_netlink(a->run, why);
	if (!err && !a->opts.read)
		err = arping_port_open(a, why);
	if (!err && a->opts.is_reverse)
		err = arping_reverse_open(a, why);
	if (!err && !a->run->options.is_numeric)
		err = oui_open(a->opts.oui, &a->oui, why);
	if (!err)
		err = trace_open(a->run, a->port.iface.index, NULL, &a->trace, why);
	if (err)
		return err;
	addr_learn_zones();
	a->builder = pkt_new();
	if (!a->builder)
		return why_set(why, E_MEM, "out of memory");
	return tool_lock_down(a->run, why);
}

static void close_all(struct arping *a, struct names *names)
{
	engine_free(a->engine);
	names_close(names);
	link_close(a->port.link);
	pkt_free(a->builder);
	arping_reverse_close(a);
	oui_close(a->oui);
}

/* Of a network somebody is there; of named targets, each. An empty shard lacks nobody. */
static bool is_answered(const struct arping *a)
{
	const struct engine_totals *all = engine_totals(a->engine);

	if (targets_is_elsewhere(a->run->options.targets))
		return true;
	return a->found && (a->reverse || targets_is_sweep(a->run->options.targets) ||
			    a->found == all->targets);
}

static int ask(struct arping *a, struct names *names)
{
	const struct engine_env env = {
		.clock = a->run->clock,
		.link4 = a->run->options.family == 6 ? NULL : a->port.link,
		.link6 = a->run->options.family == 4 ? NULL : a->port.link,
		.targets = a->run->options.targets,
		.names = names,
	};
	const struct probe_ops ops = {
		.build = arping_build,
		.judge = arping_judge,
		.report = arping_report,
		.status = arping_status,
		.admit = arping_admit,
		.max_packet = ARPING_FRAME_MAX,
		.is_by_addr = true,
	};
	struct engine_opts opts = engine_opts_of(a);
	struct why why;
	int status = tool_ask(a->run, &env, &opts, &ops, a, &a->engine);

	if (a->engine)
		arping_sweep_summary(a);
	if (status != EXIT_CANNOT_ASK && a->conflicts)
		status = ARPING_EXIT_CONFLICT;
	else if (status != EXIT_CANNOT_ASK)
		status = is_answered(a) ? EXIT_ANSWERED : EXIT_NO_ANSWER;
	if (status == EXIT_NO_ANSWER && arping_port_is_lost(a))
		status = tool_fail(a->run, &a->port.lost);
	/* iputils: with -w, fewer than -c answers are a failure, unless -f was content with one. */
	if (status == EXIT_ANSWERED && opts.count_answers && !opts.enough &&
	    engine_totals(a->engine)->wanting)
		status = EXIT_NO_ANSWER;
	return trace_close(a->trace, &why) < 0 ? tool_fail(a->run, &why) : status;
}

/* Whether the options make sense together. Returns 0 or E_BAD with @why. */
static int check(const struct arping *a, struct why *why)
{
	const struct arping_opts *o = &a->opts;
	bool claims = o->is_dad || o->announces;

	if (!targets_count_words(a->run->options.targets) && !o->is_reverse && !is_watching(a))
		return why_set(
			why, E_BAD,
			"who is to be asked for? Give an address, a name, a prefix or a range");
	if ((o->read != NULL) + o->listens + claims + o->is_reverse > 1)
		return why_set(why, E_BAD,
			       "one thing at a time: --read, --listen, --dad or --announce, or a "
			       "MAC address");
	if (o->is_reverse && (o->target_mac.bytes[0] & 1))
		return why_set(why, E_BAD, "'%s' is a group's MAC address: no host has it",
			       o->first_word);
	if (o->hold_ns && !claims)
		return why_set(why, E_BAD,
			       "--defend holds an address that --dad or --announce has taken: "
			       "give one of them, too");
	return 0;
}

static int run(struct run *run, void *input)
{
	struct arping *a = input;
	struct names *names = NULL;
	struct why why;
	int status;

	a->run = run;
	a->is_sweep = a->opts.is_reverse || targets_is_sweep(run->options.targets) ||
		      targets_count_words(run->options.targets) > 1;
	if (a->opts.wants_states)
		return tool_states(run, &dad_table);
	if (check(a, &why) < 0)
		return tool_fail(run, &why);
	status = open_all(a, &names, &why);
	if (!status && is_watching(a))
		status = arping_watch_run(a);
	else if (!status && (a->opts.is_dad || a->opts.announces))
		status = arping_dad_run(a);
	else if (!status)
		status = ask(a, names);
	if (status < 0) {
		arping_inconclusive(a);
		status = status == E_EOF ? tool_nothing(run, &why) : tool_fail(run, &why);
	}
	close_all(a, names);
	return status;
}

int main(int argc, char **argv)
{
	struct arping a = {0};
	const struct tool tool = {
		.name = "arping",
		.options = arping_options,
		.records = arping_records,
		.n_records = arping_n_records,
		.run = run,
	};

	return tool_main(&tool, &a, argc, argv);
}
