/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping - asks hosts for an echo, and tells truly what came back.
 *
 * Here: the life of a run. The command line is in ping_options.c, question and judgement in
 * ping_probe.c, lines and records in ping_report.c and ping_summary.c.
 */
#include "ping.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"

#define TIMEOUT_NS \
	(5 * \
	 NS_PER_S) /* longer than the 3 s after which the kernel gives an unknown neighbour up */
#define SWEEP_TIMEOUT_NS NS_PER_S
#define SWEEP_RATE 1000 /* packets a second: gentle on the neighbour tables on the way */
#define MTU_WINDOW 1024 /* probes under way, of --mtu with many targets */
#define FLOOD_INTERVAL_NS (10 * NS_PER_MS)

/* @wanted: the kind that was refused. The path is the one the user can type after "setcap". */
static int explain_permission(enum sock_kind wanted, struct why *why)
{
	int sys = why->sys;
	char self[200] = "ping";
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0)
		self[n] = '\0';
	if (wanted == SOCK_KIND_PING)
		why_set(why, E_PERM,
			"cannot open a ping socket (%s): widen net.ipv4.ping_group_range to hold "
			"your group, or use --socket raw",
			errno_name(sys));
	else
		why_set(why, E_PERM,
			"cannot open a raw socket (%s): run 'sudo setcap cap_net_raw=p %s'%s",
			errno_name(sys), self,
			wanted == SOCK_KIND_AUTO ? " or widen net.ipv4.ping_group_range" : "");
	why->sys = sys;
	return E_PERM;
}

static int open_family(void *tool, bool is_v6, struct why *why)
{
	struct ping *p = tool;
	struct ping_family *f = is_v6 ? &p->v6 : &p->v4;
	struct sock_opts o = p->opts.sock;
	int err;

	if (is_v6)
		addr_learn_zones();
	o.is_v6 = is_v6;
	o.kind = p->opts.socket;
	o.ifname = p->opts.ifname;
	o.max_packet = PING_HDR_LEN + p->opts.size;
	o.no_stamps = p->opts.is_user_clock;
	if (p->opts.source.len && addr_is_v6(&p->opts.source) == is_v6)
		o.source = p->opts.source;
	if (!is_v6 && p->opts.ip_opts_len) {
		/* Only a raw socket shows the options of a reply. */
		o.kind = SOCK_KIND_RAW;
		o.ip_opts = p->opts.ip_opts;
		o.ip_opts_len = p->opts.ip_opts_len;
	}
	if (p->opts.frag_size)
		err = ping_frag_open(p, f, &o, why);
	else
		err = sock_open(&o, &f->link, &f->id, &f->kind, why);
	if (err == E_PERM && p->opts.frag_size)
		o.kind = SOCK_KIND_RAW;
	if (err == E_PERM)
		return explain_permission(o.kind, why);
	if (!err && p->run->options.verbose)
		tool_say(p->run, "%s: %s socket, identifier %u", is_v6 ? "IPv6" : "IPv4",
			 f->kind == SOCK_KIND_PING ? "ping (SOCK_DGRAM)" : "raw (SOCK_RAW)", f->id);
	return err;
}

/* An option that only one family knows leaves only that one to be asked. */
static int settle_family(struct ping *p, struct why *why)
{
	const struct addr *source = &p->opts.source;
	int *family = &p->run->options.family;
	bool v4 = *family == 4 || p->opts.ip_opts_len || (source->len && !addr_is_v6(source));
	bool v6 = *family == 6 || p->opts.sock.flow_label || (source->len && addr_is_v6(source));

	if (v4 && v6)
		return why_set(why, E_BAD,
			       "the options contradict each other: -4, -R, -T and an IPv4 source "
			       "are for IPv4, -6, -F and an IPv6 source for IPv6");
	*family = v4 ? 4 : v6 ? 6 : 0;
	return 0;
}

static struct engine_opts engine_opts_of(const struct ping *p)
{
	const struct options *o = &p->run->options;
	struct engine_opts e = tool_engine_opts(
		p->run, p->is_sweep || p->opts.is_mtu ? SWEEP_TIMEOUT_NS : TIMEOUT_NS);

	e.preload = p->opts.preload;
	if (p->opts.is_mtu) /* searches go on side by side; each has its notes */
		e.window = MTU_WINDOW;
	e.count_answers = o->deadline_ns && o->count && !p->is_sweep;
	if (p->is_sweep && !o->count)
		e.count = 1;
	if (p->is_sweep && !o->has_rate && !(o->has_interval && !o->interval_ns))
		e.rate = SWEEP_RATE;
	if (p->opts.is_flood || p->opts.is_adaptive || (!e.interval_ns && !p->is_sweep))
		e.mode = MODE_ADAPTIVE;
	if (e.mode == MODE_ADAPTIVE && !p->opts.is_adaptive && !e.interval_ns)
		e.interval_ns = FLOOD_INTERVAL_NS;
	if (p->opts.is_flood && !o->has_interval)
		e.interval_ns = FLOOD_INTERVAL_NS;
	return e;
}

/* -B: the source that the kernel would choose now stays, whatever becomes of the routes. */
static int pin_source(struct ping *p, struct names *names, struct why *why)
{
	struct route_query q = {.oif = p->opts.sock.ifindex, .mark = p->opts.sock.mark};
	struct route route = {0};
	int err;

	if (!p->opts.pins_source || p->opts.source.len)
		return 0;
	if (p->is_sweep || targets_count_words(p->run->options.targets) != 1)
		return why_set(
			why, E_BAD,
			"option -B needs one target; for more name the source with -I ADDRESS");
	err = tool_first_target(p->run, names, p->run->options.family, &q.dst, why);
	if (!err)
		err = tool_netlink(p->run, why);
	if (!err)
		err = route_get(p->run->netlink, &q, &route, why);
	if (!err)
		p->opts.source = route.src;
	return err;
}

/* All that needs a privilege or a file, before tool_lock_down(). */
static int open_all(struct ping *p, struct names **names, struct why *why)
{
	int err = settle_family(p, why);

	if (!err)
		err = tool_names(p->run, names, why);
	if (!err)
		err = pin_source(p, *names, why);
	if (!err)
		err = tool_open_families(p->run, open_family, p, why);
	/* For the source in the header, and the MTU where nothing may be fragmented. */
	if (!err &&
	    (p->opts.sock.ifindex || p->opts.source.len || p->opts.sock.pmtu || p->opts.frag_size))
		err = tool_netlink(p->run, why);
	if (!err)
		err = trace_open(p->run, p->opts.sock.ifindex, "icmp or icmp6", &p->trace, why);
	if (!err)
		err = ping_prepare(p, why);
	if (p->run->options.verbose && !ping_mark_len(p))
		tool_say(p->run,
			 "the probes have no room for a cookie: answers are known by address, "
			 "identifier and seq alone");
	return err ? err : tool_lock_down(p->run, why);
}

static void close_all(struct ping *p, struct names *names)
{
	engine_free(p->engine);
	names_close(names);
	link_close(p->v4.link);
	link_close(p->v6.link);
	free(p->v4.template);
	free(p->v6.template);
	free(p->message);
	pkt_free(p->builder);
}

static int ask(struct ping *p, struct names *names)
{
	const struct engine_env env = {
		.clock = p->run->clock,
		.link4 = p->v4.link,
		.link6 = p->v6.link,
		.targets = p->run->options.targets,
		.names = names,
	};
	const struct probe_ops ops = {
		.build = ping_build,
		.judge = ping_judge,
		.report = ping_report,
		.status = ping_status,
		.plan = p->opts.is_mtu ? ping_mtu_plan : NULL,
		.max_packet = ping_packet_max(p),
	};
	struct engine_opts opts = engine_opts_of(p);
	struct why why;
	int status;

	ping_pattern_line(p);
	status = tool_ask(p->run, &env, &opts, &ops, p, &p->engine);
	if (p->engine)
		ping_sweep_summary(p);
	/* iputils: with -w, fewer than -c answers are a failure. */
	if (status == EXIT_ANSWERED && p->run->options.deadline_ns &&
	    engine_totals(p->engine)->wanting)
		status = EXIT_NO_ANSWER;
	return trace_close(p->trace, &why) < 0 ? tool_fail(p->run, &why) : status;
}

static int run(struct run *run, void *input)
{
	struct ping *p = input;
	struct names *names = NULL;
	struct why why;
	int status;

	p->run = run;
	if (p->opts.is_mtu) { /* every size may be asked, whatever is known of the path */
		p->opts.size = PING_SIZE_MAX;
		p->opts.sock.pmtu = SOCK_PMTU_PROBE;
	}
	run->measure = ping_measure;
	run->measured = p;
	p->is_sweep = targets_is_sweep(run->options.targets);
	rnd_fill(&run->rnd, &p->key, sizeof(p->key));
	if (!targets_count_words(run->options.targets)) {
		why_set(&why, E_BAD,
			"what is to be asked? Give a host name, an address, a prefix or a range");
		return tool_fail(run, &why);
	}
	status = open_all(p, &names, &why);
	if (!status)
		status = ask(p, names);
	if (status < 0)
		status = status == E_EOF ? tool_nothing(run, &why) : tool_fail(run, &why);
	close_all(p, names);
	return status;
}

int main(int argc, char **argv)
{
	struct ping p = {
		.opts = {.size = PING_SIZE_DEFAULT,
			 .preload = 1,
			 .sock = {.ttl = -1, .mcast_ttl = -1, .tos = -1}},
	};
	const struct tool tool = {
		.name = "ping",
		.options = ping_options,
		.records = ping_records,
		.n_records = ping_n_records,
		.run = run,
	};

	return tool_main(&tool, &p, argc, argv);
}
