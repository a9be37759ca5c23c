/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs_open - who is spoken to, from where, and by what: all that needs a privilege, a file or a
 * name.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "tcphs.h"

#include "base/num.h"
#include "io/frames.h"
#include "io/names.h"
#include "io/priv.h"
#include "io/rawip.h"

#define NAME_WAIT_MS 10000
#define OWN_ADDRS 256u

/* --- who */

static int ask_name(struct tcphs *t, const char *name, struct addr *out, struct why *why)
{
	struct name_answer answer;
	struct pollfd p = {.events = POLLIN};
	struct names *names;
	int err = tool_names(t->run, &names, why);

	if (err < 0)
		return err;
	p.fd = names_fd(names);
	err = names_ask(names, name, t->run->options.family, false);
	if (err == 0)
		err = poll(&p, 1, NAME_WAIT_MS) == 1 ? names_take(names, &answer) : E_AGAIN;
	names_close(names);
	if (err < 0)
		return why_set(why, err, "%s: the name server does not answer", name);
	if (!answer.addr.len)
		return why_set(why, E_NOENT, "%s: %s", name, answer.fault);
	*out = answer.addr;
	return 0;
}

static int find_remote(struct tcphs *t, struct why *why)
{
	struct target_word word;
	int family = t->run->options.family;
	int err = targets_next(t->run->options.targets, &word, why);

	if (err < 0)
		return err;
	if (word.is_swept)
		return why_set(why, E_BAD, "one host at a time: '%s' is more than one",
			       t->opts.host);
	t->flow.remote = word.addr;
	if (!word.addr.len)
		err = ask_name(t, word.text, &t->flow.remote, why);
	if (!err && family && (t->flow.remote.len == 16) != (family == 6))
		err = why_set(why, E_BAD, "%s is no IPv%d address", t->opts.host, family);
	if (!err && (addr_is_multicast(&t->flow.remote) || addr_is_any(&t->flow.remote)))
		err = why_set(why, E_BAD, "%s is not the address of one host", t->opts.host);
	t->flow.remote_port = t->opts.port;
	return err;
}

/* --- from where */

/* listen: an address of this host, or a phantom's; the peer comes by itself. */
static int find_local(struct tcphs *t, struct why *why)
{
	struct iface_addr own[OWN_ADDRS];
	char text[ADDR_TEXT_MAX];
	int n;

	t->flow.local = t->opts.phantom.len ? t->opts.phantom : t->opts.source;
	t->flow.local_port = t->opts.source_port = t->opts.port;
	if (t->opts.phantom.len)
		return phantom_iface(t->run->netlink, t->opts.ifname, &t->opts.phantom, &t->iface,
				     why);
	n = iface_addrs(t->run->netlink, 0, own, OWN_ADDRS, why);
	for (int i = 0; i < n && i < (int)OWN_ADDRS; i++)
		if (addr_same(&own[i].addr, &t->flow.local))
			return 0;
	return n < 0 ? n :
		       why_set(why, E_BAD, "%s is not an address of this host",
			       addr_text(&t->flow.local, text));
}

static int find_route(struct tcphs *t, struct why *why)
{
	struct route_query q = {.dst = t->flow.remote, .src = t->opts.source};
	int err = 0;

	if (t->opts.phantom.len)
		err = phantom_iface(t->run->netlink, t->opts.ifname, &t->opts.phantom, &t->iface,
				    why);
	else if (t->opts.ifname)
		err = iface_get(t->run->netlink, t->opts.ifname, &t->iface, why);
	q.oif = t->iface.index;
	if (!err)
		err = route_get(t->run->netlink, &q, &t->route, why);
	if (err < 0)
		return err;
	t->flow.local = t->opts.phantom.len ? t->opts.phantom : t->route.src;
	if (t->flow.local.len != t->flow.remote.len)
		return why_set(why, E_NOENT, "there is no source address to %s", t->opts.host);
	if (addr_is_link_local(&t->flow.local) && t->flow.local.len == 16)
		t->flow.local.zone = t->route.ifindex;
	return 0;
}

static int open_guard(struct tcphs *t, struct why *why)
{
	const struct guard_want want = {
		.method = t->opts.phantom.len ? GUARD_NONE : t->opts.guard,
		.local = t->flow.local,
		.port = t->opts.source_port,
		.remote = t->flow.remote,
		.remote_port = t->flow.remote_port,
	};
	int err = guard_open(&want, &t->run->rnd, &t->guard, why);

	t->flow.local_port = t->guard.port;
	/* RFC 6056: above the well-known and registered ports. */
	if (!err && !t->flow.local_port)
		t->flow.local_port = (uint16_t)(49152 + rnd_below(&t->run->rnd, 16384));
	return err;
}

/* --- by what */

static const char *bare(const struct addr *a, char *out)
{
	struct addr without = *a;

	without.zone = 0;
	return addr_text(&without, out);
}

/* What is to be heard, and what belongs into the trace, in pcap's words. */
static void make_filters(const struct tcphs *t, char *heard, char *traced, size_t cap)
{
	const struct flow *f = &t->flow;
	const char *icmp = f->local.len == 16 ? "icmp6" : "icmp";
	char local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX];

	bare(&f->local, local);
	if (!f->remote.len) {
		snprintf(heard, cap,
			 "(tcp and dst host %s and dst port %u) or (%s and dst host %s)", local,
			 f->local_port, icmp, local);
		snprintf(traced, cap, "tcp and host %s and port %u", local, f->local_port);
		return;
	}
	bare(&f->remote, remote);
	snprintf(
		heard, cap,
		"(tcp and src host %s and src port %u and dst host %s and dst port %u) or (%s and dst host %s)",
		remote, f->remote_port, local, f->local_port, icmp, local);
	snprintf(traced, cap, "tcp and host %s and host %s and port %u and port %u", remote, local,
		 f->remote_port, f->local_port);
}

static int open_links(struct tcphs *t, struct why *why)
{
	char heard[512], traced[512];
	/* Who listens hears all interfaces: the peer may come by any, loopback too. */
	struct frames_opts opts = {
		.ifindex = t->route.ifindex,
		.filter = heard,
		.ignore_outgoing = true,
	};
	int err;

	make_filters(t, heard, traced, sizeof(heard));
	if (t->opts.phantom.len) {
		err = tcphs_phantom_open(t, heard, why);
	} else {
		err = rawip_open(t->flow.local.len == 16, t->opts.ifname, &t->tx, why);
		if (err == E_PERM)
			return priv_refused(why, "raw");
		if (!err)
			err = frames_open(&opts, &t->rx, why);
	}
	if (err == E_PERM)
		return priv_refused(why, "packet");
	return err ? err : trace_open(t->run, t->route.ifindex, traced, &t->trace, why);
}

static int open_files(struct tcphs *t, struct why *why)
{
	t->send_fd = t->reply.fd = -1;
	if (t->opts.send) {
		t->send_fd = strcmp(t->opts.send, "-") == 0 ?
				     dup(STDIN_FILENO) :
				     open(t->opts.send, O_RDONLY | O_CLOEXEC);
		if (t->send_fd < 0)
			return why_sys(why, E_SYS, "cannot read %s", t->opts.send);
	}
	if (t->opts.output) {
		t->reply.fd = strcmp(t->opts.output, "-") == 0 ?
				      dup(STDOUT_FILENO) :
				      open(t->opts.output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
					   0666);
		if (t->reply.fd < 0)
			return why_sys(why, E_SYS, "cannot write %s", t->opts.output);
	}
	return 0;
}

static void make_request(struct tcphs *t)
{
	struct text r = text_make(t->request, sizeof(t->request));
	bool is_v6 = t->opts.http && strchr(t->opts.host, ':');

	t->reply.is_http = t->opts.http != NULL;
	if (t->opts.data)
		t->pending = t->opts.data;
	if (t->opts.http) {
		text_addf(&r, "GET %s HTTP/1.0\r\nHost: %s%s%s", t->opts.http, is_v6 ? "[" : "",
			  t->opts.host, is_v6 ? "]" : "");
		if (t->opts.port != 80)
			text_addf(&r, ":%u", t->opts.port);
		text_add(&r, "\r\nAccept: */*\r\n\r\n");
		t->pending = t->request;
	}
	t->pending_len = t->pending ? strlen(t->pending) : 0;
}

static int open_tcb(struct tcphs *t, struct why *why)
{
	struct tcb_config *c = &t->opts.tcp;
	const struct options *o = &t->run->options;
	uint32_t headers = flow_hdr_len(&t->flow) + 20;
	/* Who listens does not know yet which way the peer is: Ethernet's size is safe. */
	uint32_t most = t->opts.mode == MODE_LISTEN ? 1500 : 65535;
	uint32_t mtu = t->route.mtu && t->route.mtu < most ? t->route.mtu : most;
	struct sipkey secret;

	if (!t->opts.has_mss)
		c->mss = (uint16_t)(mtu > headers + 48 ? mtu - headers : 48);
	c->wants_mss = !t->opts.no_mss;
	c->peer_mss = tcb_config_default(t->flow.local.len == 16).peer_mss;
	if (o->has_timeout)
		c->rto_first_ns = o->timeout_ns;
	if (!t->opts.has_isn) {
		rnd_fill(&t->run->rnd, &secret, sizeof(secret));
		c->isn = tcb_isn(&secret, &t->flow.local, t->flow.local_port, &t->flow.remote,
				 t->flow.remote_port, clock_mono(t->run->clock));
	}
	c->ts_offset = rnd_u32(&t->run->rnd);
	t->ip = (struct flow_ip){.ttl = t->opts.ttl, .tclass = t->opts.tos};
	if (tcb_open(&t->tcb, c) < 0)
		return why_set(why, E_MEM, "out of memory");
	return 0;
}

int tcphs_open(struct tcphs *t, struct why *why)
{
	int err;

	t->guard.fd = t->send_fd = t->reply.fd = -1;
	t->peer_ttl = -1;
	t->builder = pkt_new();
	err = t->builder ? 0 : why_set(why, E_MEM, "out of memory");
	if (!err && t->opts.mode != MODE_LISTEN)
		err = find_remote(t, why);
	if (!err)
		err = tool_netlink(t->run, why);
	if (!err)
		err = t->opts.mode == MODE_LISTEN ? find_local(t, why) : find_route(t, why);
	if (!err)
		err = open_guard(t, why);
	if (!err)
		err = open_links(t, why);
	if (!err)
		err = open_files(t, why);
	if (!err)
		err = open_tcb(t, why);
	if (err)
		return err;
	make_request(t);
	addr_learn_zones();
	return tool_lock_down(t->run, why);
}

void tcphs_close(struct tcphs *t)
{
	tcb_free(&t->tcb);
	pkt_free(t->builder);
	link_close(t->tx);
	link_close(t->rx);
	if (t->send_fd >= 0)
		close(t->send_fd);
	if (t->reply.fd >= 0)
		close(t->reply.fd);
	guard_close(&t->guard);
}
