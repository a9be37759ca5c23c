/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute - shows the path to a host, and tells truly where it ends.
 *
 * Here: the life of a run. The command line is in traceroute_options.c, sockets in
 * traceroute_door.c, questions and judgement in traceroute_probe.c and traceroute_judge.c, what is
 * asked when in traceroute_plan.c and what the answers mean in traceroute_path.c, branches in
 * traceroute_multi.c, lines and records in traceroute_lines.c and traceroute_report.c.
 */
#include "traceroute.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "traceroute_diff.h"
#include "traceroute_read.h"

#define EXIT_INTERRUPTED 130
#define RATE 20000     /* packets a second to one host */
#define RATE_MANY 1000 /* in all: gentle on routers that many paths or flows share */
#define RESOLVERS 16
#define USUAL_LABEL 0x2f1a5u
#define BASES 4096  /* so that no mark of a run is 0, which checksums have no word for */
#define WINDOW 1500 /* under way: their answers, come at once, must find room at a socket */

static struct engine_opts engine_opts_of(const struct traceroute *t)
{
	struct engine_opts e = tool_engine_opts(t->run, t->opts.wait_ns);

	e.count = 0; /* the plan knows it */
	e.timeout_ns = t->opts.wait_ns;
	e.mode = MODE_ADAPTIVE; /* a full queue is waited for */
	e.window = WINDOW;
	e.is_gentle = t->is_many || t->opts.is_multi;
	if (!t->run->options.has_rate)
		e.rate = t->is_many || t->opts.is_multi ? RATE_MANY : RATE;
	return e;
}

/* An option that only one family knows leaves only that one to be asked. */
static int settle_family(struct traceroute *t, struct why *why)
{
	const struct addr *source = &t->opts.source;
	int *family = &t->run->options.family;
	bool v4 = *family == 4 || (source->len && !addr_is_v6(source));
	bool v6 = *family == 6 || (source->len && addr_is_v6(source));

	if (v4 && v6)
		return why_set(why, E_BAD, "-4 or -6 and the source address contradict each other");
	*family = v4 ? 4 : v6 ? 6 : 0;
	return 0;
}

/* Names of targets, of hops, or both: one process finds them. */
static int open_names(struct traceroute *t, struct names **names, struct why *why)
{
	bool v4, v6, needs_names;

	targets_families(t->run->options.targets, &v4, &v6, &needs_names);
	if (!needs_names && t->run->options.is_numeric && t->opts.as_source != AS_DNS)
		return 0;
	return names_open(RESOLVERS, names, why);
}

/* All that needs a privilege or a file, before tool_lock_down(). */
static int open_all(struct traceroute *t, struct names **names, struct why *why)
{
	int err = settle_family(t, why);
	char filter[64];

	snprintf(filter, sizeof(filter), "icmp or icmp6 or ip proto %u or ip6 proto %u",
		 t->opts.proto, t->opts.proto);
	if (!err)
		err = open_names(t, names, why);
	if (!err)
		err = tool_netlink(t->run, why);
	if (!err)
		err = door_open(t, why);
	if (!err)
		err = trace_open(t->run, t->opts.ifindex, filter, &t->trace, why);
	if (err)
		return err;
	err = asn_open(t, why);
	if (err)
		return err;
	addr_learn_zones();
	t->builder = pkt_new();
	if (!t->run->options.is_numeric)
		t->names = hop_names_new(*names, &t->run->rnd, t->opts.grace_ns, NULL);
	if (t->opts.as_source == AS_DNS)
		t->asns = hop_names_new(*names, &t->run->rnd, t->opts.grace_ns, t->opts.asn_zone);
	if (!t->builder || (!t->run->options.is_numeric && !t->names) ||
	    (t->opts.as_source == AS_DNS && !t->asns))
		return why_set(why, E_MEM, "out of memory");
	return tool_lock_down(t->run, why);
}

static void close_all(struct traceroute *t, struct names *names)
{
	engine_free(t->engine);
	names_close(names);
	hop_names_free(t->names);
	hop_names_free(t->asns);
	asndb_close(t->asndb);
	door_close(t);
	pkt_free(t->builder);
}

static int exit_status(const struct traceroute *t, int status)
{
	if (strcmp(t->run->reason, "interrupted") == 0)
		return EXIT_INTERRUPTED;
	if (status == EXIT_CANNOT_ASK || t->n_unsent)
		return EXIT_CANNOT_ASK;
	return t->n_reached == t->n_paths ? EXIT_ANSWERED : EXIT_NO_ANSWER;
}

static int ask(struct traceroute *t, struct names *names)
{
	const struct engine_env env = {
		.clock = t->run->clock,
		.link4 = t->v4.link,
		.link6 = t->v6.link,
		.targets = t->run->options.targets,
		.names = names,
	};
	const struct probe_ops ops = {
		.build = probe_build,
		.aim = probe_aim,
		.judge = probe_judge,
		.report = tr_report,
		.status = tr_status,
		.admit = path_admit,
		.plan = path_plan,
		.named = hop_named,
		.max_packet = t->opts.is_mtu ? TR_MTU_MAX : probe_len(t, t->v6.link != NULL),
	};
	struct engine_opts opts = engine_opts_of(t);
	struct why why;
	int status = tool_ask(t->run, &env, &opts, &ops, t, &t->engine);

	status = exit_status(t, status);
	if (t->engine && engine_totals(t->engine)->kernel_drops)
		tool_say(t->run,
			 "this host dropped %llu packets for want of room, perhaps answers: "
			 "choose a lower --rate",
			 (unsigned long long)engine_totals(t->engine)->kernel_drops);
	return trace_close(t->trace, &why) < 0 ? tool_fail(t->run, &why) : status;
}

static void settle_options(struct traceroute *t)
{
	struct run *run = t->run;

	if (run->options.has_timeout) {
		t->opts.wait_ns = run->options.timeout_ns;
		t->opts.has_wait = true;
	}
	if (t->opts.is_mtu)
		t->opts.has_df = true;
	if (t->opts.is_multi)
		t->opts.queries = 1; /* the one path only says how long it is */
	t->is_many = targets_is_sweep(run->options.targets) ||
		     targets_count_words(run->options.targets) > 1;
	rnd_fill(&run->rnd, &t->key, sizeof(t->key));
	t->base = (uint16_t)(1 + rnd_below(&run->rnd, BASES));
	if (!t->opts.has_flow_label) /* as the source port: the same again, but for a graph */
		t->opts.flow_label = t->opts.is_multi ? rnd_u32(&run->rnd) & 0xfffff : USUAL_LABEL;
}

static int run(struct run *run, void *input)
{
	struct traceroute *t = input;
	struct names *names = NULL;
	struct why why;
	int status;

	t->run = run;
	if (t->opts.diff)
		return diff_run(t);
	if (t->opts.read)
		return read_run(t);
	if (!targets_count_words(run->options.targets)) {
		why_set(&why, E_BAD, "where to? Give a host name or an address");
		return tool_fail(run, &why);
	}
	settle_options(t);
	if (t->opts.n_gates)
		tool_say(run, "most routers drop packets with a source route (RFC 7126)");
	status = open_all(t, &names, &why);
	if (!status)
		status = ask(t, names);
	if (status < 0)
		status = tool_fail(run, &why);
	close_all(t, names);
	return status;
}

int main(int argc, char **argv)
{
	static struct traceroute t = {
		.opts = {.method = METHOD_UDP,
			 .proto = IPPROTO_UDP,
			 .port = TR_PORT,
			 .first_ttl = 1,
			 .max_ttl = 30,
			 .queries = 3,
			 .wait_ns = 5 * NS_PER_S,
			 .here = 3,
			 .near = 10,
			 .grace_ns = NS_PER_S / 2,
			 .miss = 0.01,
			 .max_flows = 16384,
			 .asn_zone = "asn.cymru.com"},
	};
	const struct tool tool = {
		.name = "traceroute",
		.options = traceroute_options,
		.records = traceroute_records,
		.n_records = traceroute_n_records,
		.run = run,
	};

	return tool_main(&tool, &t, argc, argv);
}
