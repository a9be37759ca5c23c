/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_door - the way out and in: whole packets and raw sockets where that is allowed, else
 * the socket that any user may open for the method.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/connects.h"
#include "io/duplex.h"
#include "traceroute.h"

#define ID_MAX 65535u
/* Above those that the kernel hands out: 60999 is the last by default. */
#define USUAL_SPORT 61440u
#define USUAL_SPORTS 16u

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
		.debug = t->opts.is_debug,
		.max_packet = probe_len(t, is_v6),
	};

	if (addr_is_v6(&t->opts.source) == is_v6)
		o.source = t->opts.source;
	return o;
}

/*
 * A port that nobody else on this host has, for as long as we run. Its socket hears what services
 * answer, and keeps the kernel from answering them. It is the same in every run, if it is free: a
 * question asked again goes the same way, and what differs has changed.
 */
static int open_port(struct traceroute *t, bool is_v6, struct tr_family *f, struct link **out,
		     struct why *why)
{
	struct sock_opts o = sock_opts_of(t, is_v6, SOCK_KIND_UDP);
	bool may_vary = !t->opts.sport && !t->opts.is_multi;
	enum sock_kind kind;
	int err;

	o.no_errors = true;
	o.ifindex = 0;
	if (may_vary)
		o.id = USUAL_SPORT;
	err = sock_open(&o, out, &f->id, &kind, why);
	for (unsigned i = 1; err && may_vary && why->sys == EADDRINUSE && i <= USUAL_SPORTS; i++) {
		o.id = i < USUAL_SPORTS ? (uint16_t)(USUAL_SPORT + i) : 0;
		err = sock_open(&o, out, &f->id, &kind, why);
	}
	return err;
}

/* Ports that the probes come from. */
static uint32_t n_flows(const struct traceroute *t)
{
	return t->opts.is_multi ? t->opts.max_flows : 1;
}

/* What hears the answers: ICMP always, and the protocol itself where it has words of its own. */
static int open_receivers(struct traceroute *t, bool is_v6, struct tr_family *f,
			  struct link **receivers, unsigned *n, struct why *why)
{
	struct sock_opts o = {.is_v6 = is_v6, .ttl = -1, .mcast_ttl = -1, .tos = -1};
	enum sock_kind kind;
	uint16_t unused;
	int err = 0;

	f->id = t->opts.sport;
	if (!t->opts.sport)
		f->id = (uint16_t)(1024 + rnd_below(&t->run->rnd, ID_MAX - n_flows(t) - 1024));
	if (t->opts.method == METHOD_UDP) {
		err = open_port(t, is_v6, f, &receivers[1], why);
		*n += !err;
	}
	o.id = f->id;
	o.kind = SOCK_KIND_TCP;
	o.n_ids = (uint16_t)n_flows(t);
	if (t->opts.method == METHOD_TCP) {
		err = sock_open(&o, &receivers[1], &unused, &kind, why);
		*n += !err;
	}
	o.kind = SOCK_KIND_RAW;
	if (!err)
		err = sock_open(&o, &receivers[0], &unused, &kind, why);
	*n += !err;
	return err;
}

static int open_raw(struct traceroute *t, bool is_v6, struct tr_family *f, struct why *why)
{
	struct sock_opts o = sock_opts_of(t, is_v6, SOCK_KIND_IP);
	struct link *sender = NULL, *receivers[DUPLEX_RECEIVERS] = {NULL};
	enum sock_kind kind;
	uint16_t unused;
	unsigned n = 0;
	int err;

	o.source = (struct addr){0}; /* each packet says it */
	o.pmtu = SOCK_PMTU_PROBE;    /* what was learnt of the path before is not asked */
	/* As fast as the link takes, each stamp would be as much work as its packet. */
	o.no_stamps = t->is_many && t->run->options.has_rate && t->run->options.rate == 0;
	err = sock_open(&o, &sender, &unused, &kind, why);
	if (!err)
		err = open_receivers(t, is_v6, f, receivers, &n, why);
	if (!err)
		return duplex_open(sender, receivers, n, &f->link, why);
	link_close(sender);
	for (unsigned i = 0; i < DUPLEX_RECEIVERS; i++)
		link_close(receivers[i]);
	return err;
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

	if (t->opts.is_multi || t->opts.is_mtu)
		return why_set(why, E_PERM, "--multipath and --mtu need raw sockets (CAP_NET_RAW)");
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

static int open_family(void *tool, bool is_v6, struct why *why)
{
	struct traceroute *t = tool;
	struct tr_family *f = is_v6 ? &t->v6 : &t->v4;
	int err = E_PERM;

	*why = (struct why){0};
	if (!t->opts.is_unprivileged)
		err = open_raw(t, is_v6, f, why);
	f->is_raw = !err;
	if (err != E_PERM)
		return err;
	return open_unprivileged(t, is_v6, f, why);
}

int door_open(struct traceroute *t, struct why *why)
{
	return tool_open_families(t->run, open_family, t, why);
}

/* secure_getenv(): a program that was lent a capability opens no file that its caller cannot. */
int asn_open(struct traceroute *t, struct why *why)
{
	const char *path = t->opts.asndb ? t->opts.asndb : secure_getenv("TRACEROUTE_ASNDB");

	if (t->opts.as_source != AS_DB)
		return 0;
	if (!path)
		return why_set(why, E_BAD,
			       "-A needs a file of autonomous systems: --asn-db FILE or "
			       "TRACEROUTE_ASNDB, such as ip2asn-combined.tsv of iptoasn.com; or "
			       "--asn=dns");
	return asndb_open(path, &t->asndb, why);
}

void door_close(struct traceroute *t)
{
	link_close(t->v4.link);
	link_close(t->v6.link);
}
