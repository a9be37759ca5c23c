/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_udp - exchanges by datagrams: many questions at a time on a few ports, each found again by
 * port and id, sent again when its server is late by its own measure.
 */
#include <string.h>

#include "base/num.h"
#include "dnsq_net_impl.h"
#include "io/sock.h"

#define DATAGRAM_MAX \
	4096u /* more than any EDNS size in use; a larger one asked for gets its room */
#define READ 32
#define RESEND_LEAST_NS (100 * NS_PER_MS) /* resolvers themselves go down to 50 */

/* --- places: by port and id */

static struct ask **head_of(struct asker *k, const struct port *port, uint16_t id)
{
	return &k->heads[(id ^ (unsigned)port->number * 40503u) % HEADS];
}

static void unqueue(struct port *p, const struct ask *a)
{
	for (unsigned i = 0; i < p->n_queued; i++) {
		if (p->queue[i] != a)
			continue;
		memmove(p->queue + i, p->queue + i + 1, (--p->n_queued - i) * sizeof(p->queue[0]));
		return;
	}
}

void udp_expect_late(struct asker *k, const struct ask *a)
{
	if (a->port)
		k->late[k->n_late++ % LATE] = (struct late){a, a->port->number, a->id};
}

static const struct late *find_late(const struct asker *k, const struct port *port, uint16_t id)
{
	for (unsigned i = 0; i < LATE && i < k->n_late; i++)
		if (k->late[i].port == port->number && k->late[i].id == id)
			return &k->late[i];
	return NULL;
}

void udp_leave(struct asker *k, struct ask *a)
{
	struct ask **at;

	if (!a->port)
		return;
	if (a->is_resent)
		udp_expect_late(k, a);
	unqueue(a->port, a);
	for (at = head_of(k, a->port, a->id); *at && *at != a; at = &(*at)->hash_next)
		;
	if (*at)
		*at = a->hash_next;
	a->port = NULL;
}

static struct ask *find(struct asker *k, const struct port *port, uint16_t id)
{
	struct ask *a = *head_of(k, port, id);

	while (a && (a->port != port || a->id != id))
		a = a->hash_next;
	return a;
}

/* --- ports */

static struct port *open_port(struct asker *k, bool is_v6, struct why *why)
{
	struct sock_opts o = {
		.kind = SOCK_KIND_UDP,
		.is_v6 = is_v6,
		.source = k->opts.source,
		.id = k->opts.source_port,
		.ttl = -1,
		.mcast_ttl = 255, /* RFC 6762 11 */
		.tos = -1,
		.no_stamps = !k->opts.has_stamps,
		.max_packet = DATAGRAM_MAX,
	};
	struct port *p = &k->ports[k->n_ports];
	enum sock_kind kind;

	if (sock_open(&o, &p->link, &p->number, &kind, why) < 0)
		return NULL;
	p->is_v6 = is_v6;
	if (net_watch_port(k, p, why) < 0) {
		link_close(p->link);
		return NULL;
	}
	k->n_ports++;
	return p;
}

/* A new port while there may be more, then any of them: what guesses must guess the port too. */
static struct port *pick_port(struct asker *k, bool is_v6, struct why *why)
{
	struct port *mine[256];
	unsigned n = 0;

	for (unsigned i = 0; i < k->n_ports && n < 256; i++)
		if (k->ports[i].is_v6 == is_v6)
			mine[n++] = &k->ports[i];
	if (n < k->opts.n_ports && !(n && k->opts.source_port))
		return open_port(k, is_v6, why);
	return mine[rnd_below(&k->run->rnd, n)];
}

/* --- sending */

/* Sends what is queued; what the kernel has no room for stays. */
static void flush_port(struct asker *k, struct port *p)
{
	struct link_out out[QUEUE] unset;
	struct why why = {0};

	while (p->n_queued) {
		const uint64_t now_ns = clock_mono(k->run->clock);
		const uint64_t wall_ns = clock_wall(k->run->clock);
		unsigned n = p->n_queued;
		int sent;

		for (unsigned i = 0; i < n; i++) {
			struct ask *a = p->queue[i];

			/* A reply may be to the first: no time is shorter than the truth. */
			if (!a->is_resent) {
				a->sent_ns = now_ns;
				a->wall_ns = wall_ns;
			}
			out[i] = (struct link_out){.to = a->server->addr,
						   .port = a->server->port,
						   .bytes = a->query + 2,
						   .len = a->query_len,
						   .tag = a->is_resent ? 0 : a->sending};
		}
		sent = link_send(p->link, out, n, &why);
		if (sent == E_AGAIN)
			return;
		if (sent < 0) {
			net_fail_turn(k, p->queue[0], why.sys);
			continue;
		}
		p->n_queued -= (unsigned)sent;
		memmove(p->queue, p->queue + sent, p->n_queued * sizeof(p->queue[0]));
	}
}

bool asker_flush(struct asker *k)
{
	bool is_empty = true;

	for (unsigned i = 0; i < k->n_ports; i++) {
		if (k->ports[i].n_queued)
			flush_port(k, &k->ports[i]);
		is_empty &= !k->ports[i].n_queued;
	}
	return is_empty;
}

/* The user names the servers: nobody makes them meet in one place. */
static struct peer *peer_of(struct asker *k, const struct endpoint *e)
{
	unsigned at = e->port;

	for (unsigned i = 0; i < e->addr.len; i++)
		at = at * 31 + e->addr.bytes[i];
	return &k->peers[at % PEERS];
}

static bool is_peer(const struct peer *p, const struct endpoint *e)
{
	return p->srtt_ns && p->port == e->port && addr_same(&p->addr, &e->addr);
}

/* RFC 6298 2 with a lower bound of its own; 0 for a server that nothing is known of. */
static uint64_t resend_after_ns(struct asker *k, const struct endpoint *e)
{
	const struct peer *p = peer_of(k, e);
	uint64_t after_ns = p->srtt_ns + 4 * p->var_ns;

	if (!is_peer(p, e) || e->is_group)
		return 0;
	return after_ns > RESEND_LEAST_NS ? after_ns : RESEND_LEAST_NS;
}

/* The next time to look at @a: from the second on twice as late each time, and within its turn. */
static void list_resend(struct asker *k, struct ask *a)
{
	uint64_t now_ns = clock_mono(k->run->clock), at_ns = now_ns + a->resend_ns;

	if (!a->resend_ns || at_ns + a->resend_ns > a->turn_end_ns)
		at_ns = a->turn_end_ns;
	if (a->is_resent)
		a->resend_ns *= 2;
	net_list_until(k, a, at_ns);
}

/* Those who asked a server before it was known to be fast. */
static void hurry(struct asker *k, const struct endpoint *e)
{
	for (struct ask *a = k->last, *earlier; a; a = earlier) {
		earlier = a->earlier;
		if (a->state != ASK_UDP || a->resend_ns || a->server->port != e->port ||
		    !addr_same(&a->server->addr, &e->addr))
			continue;
		a->resend_ns = resend_after_ns(k, e);
		list_resend(k, a);
	}
}

void udp_learn_rtt(struct asker *k, const struct ask *a)
{
	struct peer *p = peer_of(k, a->server);
	uint64_t rtt_ns = a->rtt_ns ? a->rtt_ns : 1, off_ns;

	/* Karn: who knows to which of them the reply is? */
	if (a->is_resent || a->is_over_tcp)
		return;
	if (!is_peer(p, a->server)) {
		*p = (struct peer){a->server->addr, a->server->port, rtt_ns, rtt_ns / 2};
		hurry(k, a->server);
		return;
	}
	off_ns = rtt_ns > p->srtt_ns ? rtt_ns - p->srtt_ns : p->srtt_ns - rtt_ns;
	p->var_ns = (3 * p->var_ns + off_ns) / 4;
	p->srtt_ns = (7 * p->srtt_ns + rtt_ns) / 8;
}

/* A whole packet goes out at once. */
static bool send_raw(struct asker *k, struct ask *a)
{
	struct why why = {0};
	int err;

	net_mark_sent(k, a);
	err = raw_send(k, a, &why);
	if (!err || err == E_AGAIN)
		return true;
	if (why.sys)
		net_fail_turn(k, a, why.sys);
	else
		net_fail_turn_for(k, a, why.text);
	return false;
}

/* Returns whether the turn goes on. */
static bool queue_datagram(struct asker *k, struct ask *a)
{
	struct port *p = a->port;

	if (a->set->is_raw)
		return send_raw(k, a);
	if (p->n_queued == QUEUE)
		flush_port(k, p);
	/* Where the kernel has no room even now, it is a lost datagram: the next try will do. */
	if (p->n_queued < QUEUE)
		p->queue[p->n_queued++] = a;
	net_mark_sent(k, a);
	return true;
}

void udp_start(struct asker *k, struct ask *a)
{
	struct why why = {0};
	struct port *p = pick_port(k, a->server->addr.len == 16, &why);
	int err;

	if (!p) {
		net_fail_turn(k, a, why.sys ? why.sys : ENOMEM);
		return;
	}
	do {
		a->id = a->set->id >= 0 ? (uint16_t)a->set->id : (uint16_t)rnd_u32(&k->run->rnd);
	} while (a->set->id < 0 && find(k, p, a->id));
	a->sending = ++k->n_sendings << 16 | a->id;
	a->tx_wall_ns = a->rx_wall_ns = 0;
	a->is_over_tcp = false;
	a->local_port = p->number;
	err = net_build(k, a);
	if (err < 0) {
		ask_note(a,
			 err == E_MEM ? "out of memory" : "the query does not fit into a message");
		net_finish(k, a, ASK_FAILED);
		return;
	}
	a->state = ASK_UDP;
	a->port = p;
	a->hash_next = *head_of(k, p, a->id);
	*head_of(k, p, a->id) = a;
	a->is_resent = false;
	if (!queue_datagram(k, a))
		return;
	a->turn_end_ns = a->deadline_ns;
	a->resend_ns = resend_after_ns(k, a->server);
	list_resend(k, a);
}

/* The reply has not come in the time that this server usually takes. */
void udp_resend(struct asker *k, struct ask *a)
{
	a->is_resent = true;
	unqueue(a->port, a);
	if (queue_datagram(k, a))
		list_resend(k, a);
}

/* --- receiving */

static void refuse(struct asker *k, struct ask *a, enum ignored why, const struct addr *from,
		   uint16_t port)
{
	net_count_ignored(a, why, from, port);
	/* The server does not keep the case: then case proves nothing. */
	if (why == IGNORED_CASE) {
		ask_note(a, "the server changes the case of names: asking again without 0x20");
		a->no_stir = true;
		net_ask_again(k, a);
	}
}

/*
 * Whose datagram might this be? The id says it; a wrong id may be a forgery for any that waits. A
 * late reply is news only to whoever asked for it and still waits.
 */
static struct ask *owner_of(struct asker *k, const struct port *p, const struct link_in *in,
			    bool *is_late)
{
	struct rd r = rd_make(in->bytes, in->len);
	uint16_t id = rd_u16(&r);
	struct ask *a = find(k, p, id);
	const struct late *late = a ? NULL : find_late(k, p, id);

	*is_late = late != NULL;
	if (a)
		return a;
	for (a = k->last; a && (late ? a != late->ask : a->port != p); a = a->earlier)
		;
	return a;
}

/* An ICMP error about a query: its id is in what the error quotes, if that is long enough. */
static void take_error(struct asker *k, const struct port *p, const struct link_in *in)
{
	struct rd r = rd_make(in->bytes, in->len);
	struct ask *a = rd_left(&r) >= DNS_HDR_LEN ? find(k, p, rd_u16(&r)) : NULL;

	for (struct ask *other = k->first; !a && other && in->len < DNS_HDR_LEN;
	     other = other->later)
		if (other->port == p && addr_same(&in->to, &other->server->addr))
			a = other;
	if (a && addr_same(&in->to, &a->server->addr) && in->port == a->server->port)
		net_fail_turn(k, a, in->error.sys);
}

/* One reply of perhaps several: the question stays open until its time is over. */
static void take_of_group(struct asker *k, struct ask *a, const struct link_in *in)
{
	const struct endpoint *group = a->server;
	uint64_t deadline_ns = a->deadline_ns;

	a->responder = *group;
	a->responder.addr = in->from;
	a->responder.port = in->port;
	a->server = &a->responder;
	net_take(k, a, in->bytes, in->len);
	a->server = group;
	net_list_until(k, a, deadline_ns);
}

static void take_stamp(struct asker *k, const struct port *p, const struct link_in *in)
{
	struct ask *a = p->number ? find(k, p, (uint16_t)in->tag) : k->last;

	while (a && !p->number && a->sending != in->tag) /* of +raw, where many are rare */
		a = a->earlier;
	if (a && a->sending == in->tag)
		a->tx_wall_ns = in->wall_ns;
}

static void take_datagram(struct asker *k, const struct port *p, const struct link_in *in)
{
	bool is_late;
	struct ask *a = owner_of(k, p, in, &is_late);
	enum ignored why;

	if (!a)
		return;
	a->rx_wall_ns = in->wall_ns;
	why = judge(a, &in->from, in->port, in->bytes, in->len);
	if (is_late)
		why = IGNORED_LATE;
	if (why == IGNORED_NOT && in->wire_len > in->len)
		why = IGNORED_CUT;
	if (why == IGNORED_NOT && !judge_cookie(a, in->bytes, in->len))
		why = IGNORED_COOKIE;
	if (why == IGNORED_NOT && a->server->is_group) {
		take_of_group(k, a, in);
	} else if (why == IGNORED_NOT) {
		udp_leave(k, a);
		net_take(k, a, in->bytes, in->len);
	} else {
		refuse(k, a, why, &in->from, in->port);
	}
}

/* What is left behind is told by the next epoll_wait(). */
void udp_read(struct asker *k, const struct port *p)
{
	struct link_in in[READ] unset;
	struct why why;
	int n = link_recv(p->link, in, READ, &why);

	for (int i = 0; i < n; i++)
		if (in[i].kind == LINK_PACKET)
			take_datagram(k, p, &in[i]);
		else if (in[i].kind == LINK_ERROR)
			take_error(k, p, &in[i]);
		else
			take_stamp(k, p, &in[i]);
}
