/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_net - many exchanges at once: sends, waits, tries again, takes what is judged to be the
 * answer.
 *
 * A question keeps its place in a list by deadline; a datagram finds its question by socket and id.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/num.h"
#include "dnsq_net_impl.h"
#include "dnsq_tsig.h"
#include "io/sock.h"

#define EVENTS 64
#define DATAGRAM_MAX \
	4096u /* more than any EDNS size in use; a larger one asked for gets its room */

void ask_note(struct ask *a, const char *fmt, ...)
{
	char note[DNSQ_NOTE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(note, sizeof(note), fmt, ap);
	va_end(ap);
	if (a->n_notes < DNSQ_NOTES)
		memcpy(a->notes[a->n_notes++], note, sizeof(note));
	if (a->on_note)
		a->on_note(a, note);
}

int asker_new(struct run *run, const struct asker_opts *opts, struct asker **out, struct why *why)
{
	struct asker *k = calloc(1, sizeof(*k));

	if (k)
		k->ports = calloc(2 * opts->n_ports, sizeof(*k->ports));
	if (!k || !k->ports) {
		free(k);
		return why_set(why, E_MEM, "out of memory");
	}
	k->run = run;
	k->opts = *opts;
	rnd_fill(&run->rnd, &k->secret, sizeof(k->secret));
	k->epoll = epoll_create1(EPOLL_CLOEXEC);
	*out = k;
	return k->epoll < 0 ? why_sys(why, E_SYS, "epoll_create1") : 0;
}

void asker_free(struct asker *k)
{
	if (!k)
		return;
	for (unsigned i = 0; i < k->n_ports; i++)
		link_close(k->ports[i].link);
	if (k->epoll >= 0)
		close(k->epoll);
	free(k->ports);
	free(k);
}

int asker_fd(const struct asker *k)
{
	return k->epoll;
}

bool asker_is_stopped(const struct asker *k)
{
	return k->is_stopped;
}

void ask_free(struct ask *a)
{
	free(a->reply);
	free(a->query);
	free(a->in);
	free(a->hmac);
	a->reply = a->query = a->in = NULL;
	a->hmac = NULL;
}

/* --- places: by deadline, by socket and id */

static void unlist(struct asker *k, struct ask *a)
{
	if (!a->deadline_ns)
		return;
	*(a->earlier ? &a->earlier->later : &k->first) = a->later;
	*(a->later ? &a->later->earlier : &k->last) = a->earlier;
	a->earlier = a->later = NULL;
	a->deadline_ns = 0;
}

/* Nearly all wait equally long, so the place is at or near the end. */
void net_list_until(struct asker *k, struct ask *a, uint64_t deadline_ns)
{
	struct ask *before = k->last;

	unlist(k, a);
	a->deadline_ns = deadline_ns;
	while (before && before->deadline_ns > deadline_ns)
		before = before->earlier;
	a->earlier = before;
	a->later = before ? before->later : k->first;
	*(before ? &before->later : &k->first) = a;
	*(a->later ? &a->later->earlier : &k->last) = a;
}

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

static void unhash(struct asker *k, struct ask *a)
{
	struct ask **at;

	if (!a->port)
		return;
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

/* --- the end of an exchange, and the next try */

static void start_turn(struct asker *k, struct ask *a);

void net_finish(struct asker *k, struct ask *a, enum ask_state state)
{
	unlist(k, a);
	unhash(k, a);
	stream_leave(k, a);
	a->state = state;
	if (a->done)
		a->done(a);
}

void net_give_up_turn(struct asker *k, struct ask *a)
{
	unlist(k, a);
	unhash(k, a);
	stream_leave(k, a);
	a->turn++;
	start_turn(k, a);
}

static const char *trouble_text(int sys, char *buf, size_t cap)
{
	const char *word;

	switch (sys) {
	case ECONNREFUSED: return "connection refused";
	case ECONNRESET: return "connection reset";
	case EHOSTUNREACH: return "host unreachable";
	case ENETUNREACH: return "network unreachable";
	case ETIMEDOUT: return "timed out";
	case 0: return "end of file";
	}
	word = errno_name(sys);
	snprintf(buf, cap, "%s", word);
	return buf;
}

void net_note_trouble(struct ask *a, const char *what)
{
	char text[ADDR_TEXT_MAX];

	ask_note(a, "communications error to %s#%u: %s", addr_text(&a->server->addr, text),
		 a->server->port, what);
}

void net_fail_turn(struct asker *k, struct ask *a, int sys)
{
	char buf[32];

	net_note_trouble(a, trouble_text(sys, buf, sizeof(buf)));
	net_give_up_turn(k, a);
}

void net_fail_turn_for(struct asker *k, struct ask *a, const char *reason)
{
	net_note_trouble(a, reason);
	net_give_up_turn(k, a);
}

/* --- sending */

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
		.no_stamps = true,
		.max_packet = DATAGRAM_MAX,
	};
	struct port *p = &k->ports[k->n_ports];
	struct epoll_event ev = {.events = EPOLLIN};
	enum sock_kind kind;

	if (sock_open(&o, &p->link, &p->number, &kind, why) < 0)
		return NULL;
	p->is_v6 = is_v6;
	ev.data.u64 = (uint64_t)(uintptr_t)p;
	if (epoll_ctl(k->epoll, EPOLL_CTL_ADD, p->link->fd, &ev) < 0) {
		(void)why_sys(why, E_SYS, "epoll_ctl");
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

int net_build(struct asker *k, struct ask *a)
{
	uint8_t space[2048] unset;
	struct wr w = wr_make(space, sizeof(space));

	a->stirred = a->question.name;
	if (a->set->stirs_case && !a->no_stir && !a->is_over_tcp)
		dns_name_stir(&a->stirred, &k->run->rnd);
	if (a->set->has_cookie)
		query_client_cookie(&k->secret, &a->server->addr, a->client_cookie);
	query_build(a, &w);
	if (a->key)
		tsig_sign(a->key, a, &w, clock_wall(k->run->clock) / NS_PER_S);
	free(a->query);
	a->query = wr_done(&w) == 0 ? malloc(w.len + 2) : NULL;
	if (!a->query)
		return w.bad ? E_FULL : E_MEM;
	put_u16(a->query, (uint16_t)w.len);
	memcpy(a->query + 2, space, w.len);
	a->query_len = w.len;
	return 0;
}

void net_mark_sent(struct asker *k, struct ask *a)
{
	uint64_t now_ns = clock_mono(k->run->clock);

	a->n_sent++;
	a->sent_ns = now_ns;
	a->wall_ns = clock_wall(k->run->clock);
	net_list_until(k, a, now_ns + a->set->timeout_ns);
	if (a->on_packet)
		a->on_packet(a, true, a->query + 2, a->query_len);
}

/* Sends what is queued; what the kernel has no room for stays. */
static void flush_port(struct asker *k, struct port *p)
{
	struct link_out out[QUEUE] unset;
	struct why why = {0};

	while (p->n_queued) {
		unsigned n = p->n_queued;
		int sent;

		for (unsigned i = 0; i < n; i++)
			out[i] = (struct link_out){.to = p->queue[i]->server->addr,
						   .port = p->queue[i]->server->port,
						   .bytes = p->queue[i]->query + 2,
						   .len = p->queue[i]->query_len};
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

static void send_datagram(struct asker *k, struct ask *a)
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
	if (p->n_queued == QUEUE)
		flush_port(k, p);
	/* Where the kernel has no room even now, it is a lost datagram: the next try will do. */
	if (p->n_queued < QUEUE)
		p->queue[p->n_queued++] = a;
	net_mark_sent(k, a);
}

/*
 * The next server, or the first once more. The last round goes without EDNS, which some middle
 * boxes let vanish (RFC 6891 7).
 */
static void start_turn(struct asker *k, struct ask *a)
{
	unsigned tries = a->set->tries;

	if (a->turn >= tries * a->n_servers || k->is_stopped) {
		net_finish(k, a, ASK_FAILED);
		return;
	}
	if (a->turn && a->turn == (tries - 1) * a->n_servers && a->set->has_edns && !a->no_edns &&
	    a->set->negotiates && !a->set->is_tcp && !a->key) {
		a->no_edns = true;
		ask_note(a, "no reply to EDNS queries: the last try goes without EDNS");
	}
	a->server = &a->servers[a->turn % a->n_servers];
	a->edns_version = a->set->edns_version;
	a->server_cookie_len = 0;
	if (a->wants_tcp || a->set->is_tcp || ask_is_by_tls(a))
		stream_start(k, a);
	else
		send_datagram(k, a);
}

/* The same server once more, in another way. */
void net_ask_again(struct asker *k, struct ask *a)
{
	unlist(k, a);
	unhash(k, a);
	stream_leave(k, a);
	if (a->wants_tcp || a->set->is_tcp || ask_is_by_tls(a))
		stream_start(k, a);
	else
		send_datagram(k, a);
}

void asker_start(struct asker *k, struct ask *a)
{
	a->asker = k;
	a->state = ASK_READY;
	a->fd = -1;
	a->turn = 0;
	start_turn(k, a);
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

/* Whose datagram might this be? The id says it; a wrong id may be a forgery for any that waits. */
static struct ask *owner_of(struct asker *k, const struct port *p, const struct link_in *in)
{
	struct rd r = rd_make(in->bytes, in->len);
	struct ask *a = find(k, p, rd_u16(&r));

	if (a)
		return a;
	for (a = k->last; a && a->port != p; a = a->earlier)
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

static void take_datagram(struct asker *k, const struct port *p, const struct link_in *in)
{
	struct ask *a = owner_of(k, p, in);
	enum ignored why;

	if (!a)
		return;
	why = judge(a, &in->from, in->port, in->bytes, in->len);
	if (why == IGNORED_NOT && in->wire_len > in->len)
		why = IGNORED_CUT;
	if (why == IGNORED_NOT && !judge_cookie(a, in->bytes, in->len))
		why = IGNORED_COOKIE;
	if (why == IGNORED_NOT && a->server->is_group) {
		take_of_group(k, a, in);
	} else if (why == IGNORED_NOT) {
		unhash(k, a);
		net_take(k, a, in->bytes, in->len);
	} else {
		refuse(k, a, why, &in->from, in->port);
	}
}

static void read_port(struct asker *k, const struct port *p)
{
	struct link_in in[32] unset;
	struct why why;
	int n;

	while ((n = link_recv(p->link, in, 32, &why)) > 0)
		for (int i = 0; i < n; i++)
			if (in[i].kind == LINK_PACKET)
				take_datagram(k, p, &in[i]);
			else if (in[i].kind == LINK_ERROR)
				take_error(k, p, &in[i]);
}

/* --- the loop */

static void handle(struct asker *k, const struct epoll_event *ev)
{
	void *about = (void *)(uintptr_t)(ev->data.u64 & ~(uint64_t)KIND_ASK);

	if (ev->data.u64 & KIND_ASK)
		stream_event(k, about, ev->events);
	else
		read_port(k, about);
}

/*
 * One event a call: what it leads to may end exchanges, and with them what other events of the same
 * batch point to.
 */
static bool handle_next(struct asker *k)
{
	struct epoll_event ev;

	if (epoll_wait(k->epoll, &ev, 1, 0) < 1)
		return false;
	handle(k, &ev);
	return true;
}

uint64_t asker_step(struct asker *k)
{
	uint64_t now_ns;

	for (unsigned i = 0; i < EVENTS && handle_next(k); i++)
		;
	now_ns = clock_mono(k->run->clock);
	while (k->first && k->first->deadline_ns <= now_ns) {
		struct ask *a = k->first;

		if (a->server->is_group) {
			net_finish(k, a, a->n_messages ? ASK_REPLIED : ASK_FAILED);
			continue;
		}
		net_note_trouble(a, "timed out");
		net_give_up_turn(k, a);
	}
	if (!asker_flush(k))
		return now_ns + NS_PER_MS;
	return k->first ? k->first->deadline_ns : UINT64_MAX;
}

void asker_stop(struct asker *k)
{
	k->is_stopped = true;
	while (k->first)
		net_finish(k, k->first, ASK_FAILED);
}
