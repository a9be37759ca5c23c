/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_door - the way out and in: whole packets and a tap where that is allowed, else the
 * socket that any user may open for the method.
 */
#include <linux/if_ether.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/connects.h"
#include "io/duplex.h"
#include "io/frames.h"
#include "traceroute.h"

#define FILTER_MAX 256

/* What may answer a probe of this run, in pcap's words. */
static void filter_text(const struct traceroute *t, bool is_v6, uint16_t id, struct text *out)
{
	if (is_v6)
		text_addf(out, "(icmp6 and (ip6[40] < 5 or (ip6[40] = 129 and ip6[44:2] = %u)))",
			  id);
	else
		text_addf(out,
			  "(icmp and (icmp[0] = 3 or icmp[0] = 11 or icmp[0] = 12 or "
			  "(icmp[0] = 0 and icmp[4:2] = %u)))",
			  id);
	if (t->opts.method == METHOD_TCP)
		text_addf(out, " or (tcp and dst port %u)", id);
	else if (t->opts.method == METHOD_UDP)
		text_addf(out, " or (udp and dst port %u)", id);
}

static struct sock_opts sock_opts_of(const struct traceroute *t, bool is_v6, enum sock_kind kind)
{
	struct sock_opts o = {
		.is_v6 = is_v6,
		.kind = kind,
		.id = t->opts.sport,
		.ifindex = t->opts.ifindex,
		.ifname = t->opts.ifindex ? t->opts.ifname : NULL,
		.ttl = -1,
		.mcast_ttl = -1,
		.tos = t->opts.tos,
		.mark = t->opts.mark,
		.bypass_routing = t->opts.bypass_routing,
		.max_packet = probe_len(t, is_v6),
	};

	if (addr_is_v6(&t->opts.source) == is_v6)
		o.source = t->opts.source;
	return o;
}

/* A port that nobody else on this host has, for as long as we run; its socket is never read. */
static int reserve_port(struct traceroute *t, bool is_v6, struct tr_family *f, struct why *why)
{
	struct sock_opts o = sock_opts_of(t, is_v6, SOCK_KIND_UDP);
	enum sock_kind kind;

	if (t->opts.method == METHOD_UDP)
		return sock_open(&o, &f->reserved, &f->id, &kind, why);
	f->id = t->opts.sport;
	while (f->id < 1024 && !t->opts.sport)
		f->id = (uint16_t)rnd_u32(&t->run->rnd);
	return 0;
}

static int open_raw(struct traceroute *t, bool is_v6, struct tr_family *f, struct why *why)
{
	struct sock_opts o = sock_opts_of(t, is_v6, SOCK_KIND_IP);
	char filter[FILTER_MAX];
	struct text text = text_make(filter, sizeof(filter));
	struct frames_opts tap = {
		.protocol = is_v6 ? ETH_P_IPV6 : ETH_P_IP,
		.filter = filter,
		.ignore_outgoing = true,
	};
	struct link *sender, *receiver;
	enum sock_kind kind;
	uint16_t unused;
	int err = reserve_port(t, is_v6, f, why);

	o.source = (struct addr){0}; /* each packet says it */
	if (!err)
		err = sock_open(&o, &sender, &unused, &kind, why);
	if (err < 0)
		return err;
	filter_text(t, is_v6, f->id, &text);
	err = frames_open(&tap, &receiver, why);
	if (err < 0) {
		link_close(sender);
		return err;
	}
	return duplex_open(sender, receiver, &f->link, why);
}

static int open_connects(struct traceroute *t, bool is_v6, struct tr_family *f, struct why *why)
{
	const struct sock_opts o = sock_opts_of(t, is_v6, SOCK_KIND_UDP);
	const struct connects_opts c = {
		.is_v6 = is_v6, .source = o.source, .ifname = o.ifname, .tos = o.tos};

	t->run->opens_sockets = true;
	return connects_open(&c, &f->link, why);
}

/* @why: why it has to be done without privilege. */
static void tell_what_is_lost(struct traceroute *t, const struct why *why)
{
	static const char *const lost[] = {
		[METHOD_UDP] = "the port changes with every probe, so flows do too",
		[METHOD_ICMP] = "checksums change with every probe, so flows may too",
		[METHOD_TCP] = "the source port changes with every probe, so flows do too",
	};
	char self[200] = "traceroute";
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0)
		self[n] = '\0';
	if (!t->is_lost_told++)
		tool_say(t->run,
			 "without raw sockets%s%s: %s; no quoted TTL, no check of quotes; 'sudo "
			 "setcap cap_net_raw=p %s' gives them",
			 why->sys ? " " : "", why->sys ? errno_name(why->sys) : "",
			 lost[t->opts.method], self);
}

static int open_unprivileged(struct traceroute *t, bool is_v6, struct tr_family *f, struct why *why)
{
	struct sock_opts o = sock_opts_of(
		t, is_v6, t->opts.method == METHOD_UDP ? SOCK_KIND_UDP : SOCK_KIND_PING);
	struct why denied = *why;
	enum sock_kind kind;
	int err;

	if (t->opts.method == METHOD_UDPLITE || t->opts.method == METHOD_RAW)
		return why_set(why, E_PERM, "method %s needs raw sockets (CAP_NET_RAW)",
			       method_word(t->opts.method));
	if (t->opts.method == METHOD_TCP) {
		err = open_connects(t, is_v6, f, why);
	} else {
		t->opts.is_classic = true;
		err = sock_open(&o, &f->link, &f->id, &kind, why);
	}
	if (err == E_PERM)
		why_add(why, ": widen net.ipv4.ping_group_range, or use UDP or TCP");
	if (!err)
		tell_what_is_lost(t, &denied);
	return err;
}

static int open_family(struct traceroute *t, bool is_v6, struct why *why)
{
	struct tr_family *f = is_v6 ? &t->v6 : &t->v4;
	int err = E_PERM;

	*why = (struct why){0};
	if (!t->opts.is_unprivileged)
		err = open_raw(t, is_v6, f, why);
	if (err != E_PERM)
		return err;
	link_close(f->reserved);
	f->reserved = NULL;
	return open_unprivileged(t, is_v6, f, why);
}

int door_open(struct traceroute *t, struct why *why)
{
	const struct options *o = &t->run->options;
	bool v4, v6, needs_names, is_either;
	int err = 0;

	targets_families(o->targets, &v4, &v6, &needs_names);
	is_either = needs_names && !o->family;
	v4 = v4 && o->family != 6;
	v6 = v6 && o->family != 4;
	if (v4)
		err = open_family(t, false, why);
	if (v6 && (!err || is_either))
		err = open_family(t, true, why);
	if (is_either && (t->v4.link || t->v6.link))
		return 0;
	return err;
}

void door_close(struct traceroute *t)
{
	link_close(t->v4.link);
	link_close(t->v6.link);
	link_close(t->v4.reserved);
	link_close(t->v6.reserved);
}
