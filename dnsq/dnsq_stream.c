/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_stream - exchanges over connections: TCP, TLS and HTTPS. Questions that share a connection
 * go out without waiting for each other, and replies come in any order (RFC 7766 6.2.1.1).
 */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "dnsq_conn_impl.h"
#include "io/stream.h"

bool ask_is_by_tls(const struct ask *a)
{
	return a->server->is_tls || a->set->is_tls;
}

/* --- connections */

static void free_conn(struct conn *c)
{
	http2_free(c->http);
	tls_free(c->tls);
	free(c->out);
	free(c->in);
	free(c);
}

static void close_conn(struct asker *k, struct conn *c)
{
	if (!c->is_dead) {
		c->is_dead = true;
		*c->at = c->next;
		if (c->next)
			c->next->at = c->at;
		(void)epoll_ctl(k->epoll, EPOLL_CTL_DEL, c->fd, NULL);
		close(c->fd);
	}
	if (!c->is_busy)
		free_conn(c);
}

void stream_close_all(struct asker *k)
{
	while (k->conns)
		close_conn(k, k->conns);
}

void conn_watch(const struct conn *c, bool wants_write)
{
	struct epoll_event ev = {.events = EPOLLIN | (wants_write ? EPOLLOUT : 0)};

	ev.data.u64 = (uint64_t)(uintptr_t)c | KIND_CONN;
	(void)epoll_ctl(c->asker->epoll, EPOLL_CTL_MOD, c->fd, &ev);
}

static struct conn *new_conn(struct asker *k, const struct ask *a, struct why *why)
{
	const struct stream_opts o = {
		.to = a->server->addr,
		.port = a->server->port,
		.source = k->opts.source,
		.source_port = k->opts.source_port,
	};
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT};
	struct conn *c = calloc(1, sizeof(*c));

	if (!c || stream_open(&o, &c->fd, why) < 0) {
		free(c);
		return NULL;
	}
	c->asker = k;
	c->server = *a->server;
	c->set = *a->set;
	ev.data.u64 = (uint64_t)(uintptr_t)c | KIND_CONN;
	(void)epoll_ctl(k->epoll, EPOLL_CTL_ADD, c->fd, &ev);
	c->at = &k->conns;
	c->next = k->conns;
	if (c->next)
		c->next->at = &c->next;
	k->conns = c;
	return c;
}

static bool is_shareable(const struct ask *a)
{
	return a->set->keeps_open == KEEP_YES && !a->more && !https_path(a);
}

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether @a would have opened this very connection. */
static bool leads_to(const struct conn *c, const struct ask *a)
{
	const struct endpoint *e = a->server;

	return c->is_shared && addr_same(&c->server.addr, &e->addr) && c->server.port == e->port &&
	       (c->tls != NULL) == ask_is_by_tls(a) &&
	       (!c->tls ||
		(c->server.is_tls == e->is_tls && strcmp(c->server.name, e->name) == 0 &&
		 c->set.verifies_tls == a->set->verifies_tls &&
		 is_same_text(c->set.tls_name, a->set->tls_name) &&
		 memcmp(c->set.tls_pins, a->set->tls_pins, sizeof(a->set->tls_pins)) == 0));
}

static struct conn *find_conn(struct asker *k, const struct ask *a)
{
	struct conn *c = is_shareable(a) ? k->conns : NULL;

	while (c && !leads_to(c, a))
		c = c->next;
	return c;
}

static struct ask *find_ask(const struct conn *c, uint16_t id)
{
	struct ask *a = c->first;

	while (a && a->id != id)
		a = a->conn_next;
	return a;
}

static void detach(struct conn *c, struct ask *a)
{
	struct ask **at = &c->first;

	while (*at != a)
		at = &(*at)->conn_next;
	*at = a->conn_next;
	a->conn = NULL;
	a->conn_next = NULL;
}

void stream_leave(struct asker *k, struct ask *a)
{
	struct conn *c = a->conn;

	if (!c)
		return;
	detach(c, a);
	/* Where a reply does not come nobody asks again. */
	if (c->taking != a) {
		c->n_abandoned++;
		c->is_shared = false;
	}
	if (!c->is_shared && !c->first)
		close_conn(k, c);
}

/* --- TLS around TCP: RFC 7858 */

static int start_tls(struct asker *k, struct conn *c, const struct ask *a, struct why *why)
{
	const struct tls_opts o = {
		.name = a->set->tls_name ? a->set->tls_name : a->server->name,
		.is_verified = a->set->verifies_tls || (a->server->is_tls && !a->set->tls_pins[0]),
		.pins = a->set->tls_pins,
		.alpn = https_path(a) ? "h2" : "dot",
	};

	return tls_start(k->opts.tls, c->fd, &o, &c->tls, why);
}

/*
 * The end of a connection for all who wait. A server may close one as idle, or as used enough,
 * while questions are on the way: one that has served is opened again (RFC 7766 6.2.4).
 */
static void lose_conn(struct asker *k, struct conn *c, int sys, const char *reason)
{
	bool was_good = c->is_shared && c->n_answered;
	struct ask *a;

	close_conn(k, c);
	while ((a = c->first) != NULL) {
		detach(c, a);
		if (was_good)
			net_ask_again(k, a);
		else if (reason)
			net_fail_turn_for(k, a, reason);
		else
			net_fail_turn(k, a, sys);
	}
}

static void refuse_conn(struct asker *k, struct conn *c, const char *reason)
{
	struct ask *a;

	close_conn(k, c);
	while ((a = c->first) != NULL) {
		detach(c, a);
		ask_note(a, "%s", reason);
		a->is_unauthentic = true;
		net_finish(k, a, ASK_FAILED);
	}
}

/* Goes on with the handshake. Returns whether it is done. */
static bool shake(struct asker *k, struct conn *c)
{
	struct why why = {0};
	int err;

	if (!c->tls || c->is_shaken)
		return true;
	err = stream_error(c->fd, &why);
	if (!err)
		err = tls_handshake(c->tls, &why);
	c->is_shaken = err == 0;
	if (err == E_AGAIN)
		conn_watch(c, tls_wants_write(c->tls));
	else if (err == E_PERM)
		refuse_conn(k, c, why.text);
	else if (err)
		lose_conn(k, c, why.sys, why.sys ? NULL : why.text);
	return !err;
}

/* --- TCP: a length of two octets before each message (RFC 1035 4.2.2, RFC 7766 8) */

static int put_query(struct conn *c, const struct ask *a)
{
	size_t len = a->query_len + 2;

	if (c->out_done) {
		memmove(c->out, c->out + c->out_done, c->out_len - c->out_done);
		c->out_len -= c->out_done;
		c->out_done = 0;
	}
	if (c->out_len + len > c->out_cap) {
		size_t cap = 2 * (c->out_len + len);
		uint8_t *more = realloc(c->out, cap);

		if (!more)
			return E_MEM;
		c->out = more;
		c->out_cap = cap;
	}
	memcpy(c->out + c->out_len, a->query, len);
	c->out_len += len;
	return 0;
}

/* The clock of a query starts when it can leave: behind the handshakes. */
static void start_clocks(struct asker *k, struct conn *c)
{
	uint64_t now_ns = clock_mono(k->run->clock), wall_ns = clock_wall(k->run->clock);

	for (struct ask *a = c->first; a; a = a->conn_next) {
		if (a->is_on_way)
			continue;
		a->is_on_way = true;
		a->sent_ns = now_ns;
		a->wall_ns = wall_ns;
	}
}

static void send_queries(struct asker *k, struct conn *c)
{
	const uint8_t *rest = c->out + c->out_done;
	size_t len = c->out_len - c->out_done;
	struct why why = {0};
	int n = c->tls ? tls_send(c->tls, rest, len, &why) : stream_send(c->fd, rest, len, &why);

	if (n < 0) {
		lose_conn(k, c, why.sys, NULL);
		return;
	}
	if (n)
		start_clocks(k, c);
	c->out_done += (size_t)n;
	conn_watch(c, c->out_done < c->out_len);
}

/* A message that no question here has the id of. */
static void ignore(struct conn *c, const uint8_t *bytes, size_t len)
{
	struct ask *a = c->first;

	if (c->n_abandoned) {
		c->n_abandoned--;
		return;
	}
	while (a && a->conn_next) /* whoever waits longest */
		a = a->conn_next;
	if (a)
		net_count_ignored(a, judge(a, &a->server->addr, a->server->port, bytes, len),
				  &a->server->addr, a->server->port);
}

static void take_message(struct asker *k, struct conn *c, const uint8_t *bytes, size_t len)
{
	struct rd r = rd_make(bytes, len);
	struct ask *a = find_ask(c, rd_u16(&r));
	enum ignored why;

	if (!a) {
		ignore(c, bytes, len);
		return;
	}
	why = judge(a, &a->server->addr, a->server->port, bytes, len);
	if (why == IGNORED_NOT && !judge_cookie(a, bytes, len))
		why = IGNORED_COOKIE;
	if (why != IGNORED_NOT) {
		net_count_ignored(a, why, &a->server->addr, a->server->port);
		return;
	}
	c->n_answered++;
	c->taking = a;
	net_take(k, a, bytes, len);
	c->taking = NULL;
}

static void take_messages(struct asker *k, struct conn *c)
{
	size_t done = 0;

	while (!c->is_dead && c->in_len - done >= 2) {
		size_t len = (size_t)c->in[done] << 8 | c->in[done + 1];

		if (c->in_len - done - 2 < len)
			break;
		take_message(k, c, c->in + done + 2, len);
		done += len + 2;
	}
	memmove(c->in, c->in + done, c->in_len - done);
	c->in_len -= done;
}

/* Takes what has come. Returns whether there may be more. */
static bool read_replies(struct asker *k, struct conn *c)
{
	const size_t cap = DNS_MESSAGE_MAX + 2;
	struct why why = {0};
	int n;

	if (!c->in)
		c->in = malloc(cap);
	if (!c->in) {
		lose_conn(k, c, ENOMEM, NULL);
		return false;
	}
	n = c->tls ? tls_recv(c->tls, c->in + c->in_len, cap - c->in_len, &why) :
		     stream_recv(c->fd, c->in + c->in_len, cap - c->in_len, &why);
	if (n == E_AGAIN)
		return false;
	if (n < 0) {
		lose_conn(k, c, n == E_EOF ? 0 : why.sys, NULL);
		return false;
	}
	c->in_len += (size_t)n;
	take_messages(k, c);
	/* TLS may hold more than one read took, which no event will tell. */
	return !c->is_dead && c->tls;
}

/* RFC 8484 4.1: a cache wants equal requests, and the connection needs no id. */
static uint16_t pick_id(struct asker *k, const struct conn *c, const struct ask *a)
{
	uint16_t id;

	if (a->set->id >= 0)
		return (uint16_t)a->set->id;
	if (https_path(a))
		return 0;
	do
		id = (uint16_t)rnd_u32(&k->run->rnd);
	while (find_ask(c, id));
	return id;
}

/* The connection for @a, there or new. */
static struct conn *get_conn(struct asker *k, const struct ask *a, struct why *why)
{
	struct conn *c = find_conn(k, a);

	/* A given id can wait for one reply at a time. */
	if (c && !(a->set->id >= 0 && find_ask(c, (uint16_t)a->set->id)))
		return c;
	c = new_conn(k, a, why);
	if (c && ask_is_by_tls(a) && start_tls(k, c, a, why) < 0) {
		close_conn(k, c);
		return NULL;
	}
	if (c)
		c->is_shared = is_shareable(a);
	return c;
}

void stream_start(struct asker *k, struct ask *a)
{
	struct why why = {0};
	struct conn *c;
	int err;

	a->is_over_tcp = true;
	a->state = ASK_TCP;
	a->n_messages = 0;
	a->is_resent = a->is_on_way = false;
	a->tx_wall_ns = a->rx_wall_ns = 0;
	c = get_conn(k, a, &why);
	if (!c) {
		net_fail_turn(k, a, why.sys);
		return;
	}
	a->id = pick_id(k, c, a);
	a->local = stream_local(c->fd, &a->local_port);
	a->conn = c;
	a->conn_next = c->first;
	c->first = a;
	err = net_build(k, a);
	if (!err)
		err = https_path(a) ? https_start(c, a) : put_query(c, a);
	if (err) {
		c->taking = a; /* it has not been asked */
		net_finish(k, a, ASK_FAILED);
		return;
	}
	net_mark_sent(k, a);
	if (c->is_shared && (c->is_shaken || !c->tls))
		conn_watch(c, true);
}

void stream_event(struct asker *k, struct conn *c, uint32_t events)
{
	bool has_input = events & (EPOLLIN | EPOLLERR | EPOLLHUP);

	c->is_busy = true;
	if (shake(k, c)) {
		if (c->http)
			https_event(k, c, has_input);
		/* What was said before the end counts: reading comes first. */
		while (!c->http && has_input && read_replies(k, c))
			;
		if (!c->is_dead && c->out_done < c->out_len)
			send_queries(k, c);
	}
	c->is_busy = false;
	if (c->is_dead)
		free_conn(c);
}
