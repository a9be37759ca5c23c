/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs_open - who is spoken to, from where, and by what: all that needs a privilege, a file or a
 * name.
 */
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tcphs.h"

#include "base/num.h"
#include "base/siphash.h"
#include "io/duplex.h"
#include "io/frames.h"
#include "io/names.h"
#include "io/priv.h"
#include "io/sock.h"

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
	if (t->route.type == RTN_BROADCAST)
		return why_set(why, E_BAD, "%s is the address of everybody on %s, not of one host",
			       t->opts.host, t->route.ifname);
	t->flow.local = t->opts.phantom.len ? t->opts.phantom : t->route.src;
	if (t->flow.local.len != t->flow.remote.len)
		return why_set(why, E_NOENT, "there is no source address to %s", t->opts.host);
	if (addr_is_link_local(&t->flow.local) && t->flow.local.len == 16)
		t->flow.local.zone = t->route.ifindex;
	return 0;
}

/* Each connection of a series has a port of its own, as far as they go round. */
static unsigned n_ports_wanted(const struct tcphs *t)
{
	uint64_t count = t->run->options.count;
	bool is_one = t->opts.source_port || count < 2 || t->guards[0].method != GUARD_SOCK;

	return is_one ? 1 : count < TCPHS_PORTS ? (unsigned)count : TCPHS_PORTS;
}

static int open_guards(struct tcphs *t, struct why *why)
{
	const struct guard_want want = {
		.method = t->opts.phantom.len ? GUARD_NONE : t->opts.guard,
		.local = t->flow.local,
		.port = t->opts.source_port,
		.remote = t->flow.remote,
		.remote_port = t->flow.remote_port,
	};
	int err;

	do
		err = guard_open(&want, &t->run->rnd, &t->guards[t->n_guards], why);
	while (!err && ++t->n_guards < n_ports_wanted(t));
	return err;
}

static void take_port(struct tcphs *t)
{
	t->guard = &t->guards[t->n_connections % t->n_guards];
	t->prevented = 0;
	(void)guard_prevented(t->guard, &t->prevented);
	t->flow.local_port = t->guard->port;
	/* RFC 6056: above the well-known and registered ports. */
	if (!t->flow.local_port)
		t->flow.local_port = (uint16_t)(49152 + rnd_below(&t->run->rnd, 16384));
}

/* Whether the connections of this run have more than one port. */
static bool has_many_ports(const struct tcphs *t)
{
	return t->n_guards > 1 || (t->run->options.count > 1 && !t->guard->port);
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
	char local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX], ours[16] = "";

	bare(&f->local, local);
	if (!f->remote.len) {
		snprintf(heard, cap,
			 "(tcp and dst host %s and dst port %u) or (%s and dst host %s)", local,
			 f->local_port, icmp, local);
		snprintf(traced, cap, "tcp and host %s and port %u", local, f->local_port);
		return;
	}
	bare(&f->remote, remote);
	if (!has_many_ports(t))
		snprintf(ours, sizeof(ours), " and port %u", f->local_port);
	snprintf(heard, cap,
		 "(tcp and src host %s and src port %u and dst host %s%s) or (%s and dst host %s)",
		 remote, f->remote_port, local, ours, icmp, local);
	snprintf(traced, cap, "tcp and host %s and host %s and port %u%s", remote, local,
		 f->remote_port, ours);
}

/* As whole packets, by the kernel's routes: firewall, conntrack and loopback see nothing odd. */
static int open_sender(struct tcphs *t, struct link **out, struct why *why)
{
	const struct sock_opts opts = {
		.is_v6 = t->flow.local.len == 16,
		.kind = SOCK_KIND_IP,
		.ifindex = t->opts.ifname ? t->iface.index : 0,
		.ifname = t->opts.ifname,
		.ttl = -1,
		.mcast_ttl = -1,
		.tos = -1,
		.pmtu = SOCK_PMTU_PROBE, /* what is too big is for the path to say */
		.no_stamps = true,
	};
	enum sock_kind kind;
	uint16_t unused;

	return sock_open(&opts, out, &unused, &kind, why);
}

/*
 * Raw sockets hear the segments and the ICMP errors; a packet socket would too, but the kernel
 * takes longer to close one than a whole connection lasts.
 */
static int open_sockets(struct tcphs *t, struct link **out, unsigned *n, struct why *why)
{
	struct sock_opts opts = {
		.is_v6 = t->flow.local.len == 16,
		.kind = SOCK_KIND_TCP,
		.id = has_many_ports(t) ? 0 : t->flow.local_port,
		.peer_port = t->flow.remote_port,
		.source = t->flow.local,
		.ttl = -1,
		.mcast_ttl = -1,
		.tos = -1,
		.max_packet = 65535,
	};
	enum sock_kind kind;
	uint16_t unused;
	int err = sock_open(&opts, &out[0], &unused, &kind, why);

	*n += !err;
	opts.kind = SOCK_KIND_RAW;
	opts.id = t->flow.local_port; /* no echo reply has it, and none is wanted */
	opts.max_packet = 0;
	if (!err)
		err = sock_open(&opts, &out[1], &unused, &kind, why);
	*n += !err;
	return err;
}

/* What nftables drops for us on the way in only a packet socket sees. */
static int open_tap(struct tcphs *t, const char *filter, struct link **out, unsigned *n,
		    struct why *why)
{
	/* Who listens hears all interfaces: the peer may come by any, loopback too. */
	const struct frames_opts opts = {
		.ifindex = t->route.ifindex,
		.filter = filter,
		.ignore_outgoing = true,
	};
	int err = frames_open(&opts, out, why);

	*n += !err;
	return err;
}

static int open_own(struct tcphs *t, const char *filter, struct why *why)
{
	struct link *sender = NULL, *receivers[DUPLEX_RECEIVERS] = {NULL};
	unsigned n = 0;
	int err = open_sender(t, &sender, why);

	if (!err)
		err = t->guard->method == GUARD_NFT ? open_tap(t, filter, receivers, &n, why) :
						      open_sockets(t, receivers, &n, why);
	if (!err)
		return duplex_open(sender, receivers, n, &t->link, why);
	link_close(sender);
	for (unsigned i = 0; i < n; i++)
		link_close(receivers[i]);
	return err;
}

static int open_links(struct tcphs *t, struct why *why)
{
	char heard[512], traced[512];
	bool is_phantom = t->opts.phantom.len;
	int err;

	make_filters(t, heard, traced, sizeof(heard));
	err = is_phantom ? tcphs_phantom_open(t, heard, why) : open_own(t, heard, why);
	if (err == E_PERM)
		return priv_refused(why, is_phantom ? "packet" : "raw");
	return err ? err : trace_open(t->run, t->route.ifindex, traced, &t->trace, why);
}

/* A directory opens, and fails only when it is read. */
static bool is_directory(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static int open_files(struct tcphs *t, struct why *why)
{
	t->send_fd = t->reply.fd = -1;
	if (t->opts.send) {
		t->send_fd = strcmp(t->opts.send, "-") == 0 ?
				     dup(STDIN_FILENO) :
				     open(t->opts.send, O_RDONLY | O_CLOEXEC);
		if (t->send_fd >= 0 && is_directory(t->send_fd))
			return why_set(why, E_BAD, "cannot send %s: it is a directory",
				       t->opts.send);
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

/* A key that is the same until the next boot, where the kernel tells one; else one for this run. */
static struct sipkey boot_key(struct tcphs *t)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	static const struct sipkey none;
	struct sipkey key;
	char id[36];

	rnd_fill(&t->run->rnd, &key, sizeof(key));
	if (fd >= 0 && read(fd, id, sizeof(id)) == (ssize_t)sizeof(id)) {
		key.k0 = siphash(&none, id, 18);
		key.k1 = siphash(&none, id + 18, 18);
	}
	if (fd >= 0)
		close(fd);
	return key;
}

/*
 * RFC 7323 5.4 and 5.5: the clock in our timestamps tells nobody how long this host is up, and runs
 * on from one connection to the next. A peer that still has the last one in TIME-WAIT, with the
 * same port, knows the new SYN by that (RFC 6191).
 */
static uint32_t ts_offset(struct tcphs *t)
{
	struct sipkey key = boot_key(t);
	uint8_t ends[32];

	memcpy(ends, t->flow.local.bytes, 16);
	memcpy(ends + 16, t->flow.remote.bytes, 16);
	return (uint32_t)siphash(&key, ends, sizeof(ends));
}

static int open_tcb(struct tcphs *t, struct why *why)
{
	struct tcb_config *c = &t->opts.tcp;
	const struct options *o = &t->run->options;
	uint32_t headers = flow_hdr_len(&t->flow) + 20;
	/* Who listens does not know yet which way the peer is: Ethernet's size is safe. */
	uint32_t most = t->opts.mode == MODE_LISTEN ? 1500 : 65535;
	uint32_t mtu = t->route.mtu && t->route.mtu < most ? t->route.mtu : most;

	if (!t->opts.has_mss)
		c->mss = (uint16_t)(mtu > headers + 48 ? mtu - headers : 48);
	c->wants_mss = !t->opts.no_mss;
	c->peer_mss = tcb_config_default(t->flow.local.len == 16).peer_mss;
	if (o->has_timeout)
		c->rto_first_ns = o->timeout_ns;
	if (!t->opts.has_isn)
		c->isn = tcb_isn(&t->isn_key, &t->flow.local, t->flow.local_port, &t->flow.remote,
				 t->flow.remote_port, clock_mono(t->run->clock));
	t->ip = (struct flow_ip){.ttl = t->opts.ttl, .tclass = t->opts.tos};
	if (tcb_open(&t->tcb, c) < 0)
		return why_set(why, E_MEM, "out of memory");
	return 0;
}

int tcphs_open(struct tcphs *t, struct why *why)
{
	int err;

	t->send_fd = t->reply.fd = -1;
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
		err = open_guards(t, why);
	if (!err) {
		take_port(t);
		err = open_links(t, why);
	}
	if (!err)
		err = open_files(t, why);
	if (err)
		return err;
	rnd_fill(&t->run->rnd, &t->isn_key, sizeof(t->isn_key));
	t->opts.tcp.ts_offset = ts_offset(t);
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
	link_close(t->link);
	if (t->send_fd >= 0)
		close(t->send_fd);
	if (t->reply.fd >= 0)
		close(t->reply.fd);
	for (unsigned i = 0; i < t->n_guards; i++)
		guard_close(&t->guards[i]);
}

int tcphs_renew(struct tcphs *t, struct why *why)
{
	tcb_free(&t->tcb);
	take_port(t);
	t->reply = (struct tcphs_reply){.fd = -1};
	t->is_started = t->is_over = t->is_fin_sent = t->is_input_over = t->is_rtt_known = false;
	t->has_icmp = t->has_neighbour_failed = false;
	t->syn_wall_ns = t->rtt_ns = t->late_ns = t->linger_due_ns = 0;
	t->corrupt = 0;
	t->peer_ttl = -1;
	make_request(t);
	return open_tcb(t, why);
}
