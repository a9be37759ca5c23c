/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_stream - exchanges over connections: TCP, TLS and HTTPS. */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "dnsq_net_impl.h"
#include "io/http2.h"
#include "io/stream.h"

bool ask_is_by_tls(const struct ask *a)
{
	return a->server->is_tls || a->set->is_tls;
}

/* Where a server is asked by HTTPS; NULL where it is not. */
static const char *path_of(const struct ask *a)
{
	return a->server->path[0] ? a->server->path : a->set->https_path;
}

void stream_leave(struct asker *k, struct ask *a)
{
	if (a->fd < 0)
		return;
	http2_free(a->http);
	a->http = NULL;
	a->http_left = 0;
	tls_free(a->tls);
	a->tls = NULL;
	a->is_shaken = false;
	(void)epoll_ctl(k->epoll, EPOLL_CTL_DEL, a->fd, NULL);
	close(a->fd);
	a->fd = -1;
	free(a->in);
	a->in = NULL;
	a->in_len = a->out_done = 0;
}

/* --- TLS around TCP: RFC 7858 */

/* Waits for input, and for room to send only while there is something to say. */
static void watch_stream(struct asker *k, const struct ask *a, bool wants_write)
{
	struct epoll_event ev = {.events = EPOLLIN | (wants_write ? EPOLLOUT : 0)};

	ev.data.u64 = (uint64_t)(uintptr_t)a | KIND_ASK;
	(void)epoll_ctl(k->epoll, EPOLL_CTL_MOD, a->fd, &ev);
}

static int start_tls(struct asker *k, struct ask *a, struct why *why)
{
	const struct tls_opts o = {
		.name = a->set->tls_name ? a->set->tls_name : a->server->name,
		.is_verified = a->server->is_tls || a->set->verifies_tls,
		.alpn = path_of(a) ? "h2" : "dot",
	};

	return tls_start(k->opts.tls, a->fd, &o, &a->tls, why);
}

/* Goes on with the handshake. Returns whether it is done and the exchange still open. */
static bool shake(struct asker *k, struct ask *a)
{
	struct why why = {0};
	int err;

	if (!a->tls || a->is_shaken)
		return true;
	err = stream_error(a->fd, &why);
	if (!err)
		err = tls_handshake(a->tls, &why);
	a->is_shaken = err == 0;
	if (err == E_AGAIN) {
		watch_stream(k, a, tls_wants_write(a->tls));
	} else if (err == E_PERM) {
		ask_note(a, "%s", why.text);
		a->is_unauthentic = true;
		net_finish(k, a, ASK_FAILED);
	} else if (err && !why.sys) {
		net_fail_turn_for(k, a, why.text);
	} else if (err) {
		net_fail_turn(k, a, why.sys);
	}
	return !err;
}

/* --- HTTPS: RFC 8484 */

static int start_https(struct ask *a)
{
	const struct http2_request request = {
		.authority = a->set->tls_name ? a->set->tls_name : a->server->name,
		.path = path_of(a),
		.type = "application/dns-message",
		.body = a->query + 2,
		.len = a->query_len,
		.response_max = DNS_MESSAGE_MAX,
	};

	return http2_post(&request, &a->http);
}

/* Sends all that HTTP/2 has to say by now. Returns whether the exchange is still open. */
static bool send_https(struct asker *k, struct ask *a)
{
	struct why why = {0};
	int n;

	for (;;) {
		if (!a->http_left) {
			n = http2_output(a->http, &a->http_out);
			if (n < 0) {
				net_fail_turn_for(k, a, "HTTP/2 breaks its rules");
				return false;
			}
			if (!n)
				break;
			a->http_left = (size_t)n;
		}
		n = tls_send(a->tls, a->http_out, a->http_left, &why);
		if (n < 0) {
			net_fail_turn(k, a, why.sys);
			return false;
		}
		a->http_out += n;
		a->http_left -= (size_t)n;
		if (!n)
			break;
	}
	a->local = stream_local(a->fd, &a->local_port);
	watch_stream(k, a, a->http_left > 0);
	return true;
}

static void take_https(struct asker *k, struct ask *a)
{
	const uint8_t *body;
	char reason[48];
	size_t len;
	int status = http2_response(a->http, &body, &len);

	if (status != 200) {
		snprintf(reason, sizeof(reason),
			 status > 0 ? "HTTP status %d" : "an HTTP response that is no DNS message",
			 status);
		net_fail_turn_for(k, a, reason);
	} else if (judge(a, &a->server->addr, a->server->port, body, len) == IGNORED_NOT) {
		(void)judge_cookie(a, body, len);
		net_take(k, a, body, len);
	} else {
		net_fail_turn_for(k, a, "an HTTP response for another question");
	}
}

static void read_https(struct asker *k, struct ask *a)
{
	uint8_t space[16384] unset;
	struct why why = {0};
	int n = E_AGAIN, err = 0;

	while (!http2_is_done(a->http) && !err &&
	       (n = tls_recv(a->tls, space, sizeof(space), &why)) > 0)
		err = http2_input(a->http, space, (size_t)n);
	if (http2_is_done(a->http))
		take_https(k, a);
	else if (err)
		net_fail_turn_for(k, a, "HTTP/2 breaks its rules");
	else if (n != E_AGAIN)
		net_fail_turn(k, a, n == E_EOF ? 0 : why.sys);
}

/* --- TCP: a length of two octets before each message (RFC 1035 4.2.2, RFC 7766 8) */

static void send_stream(struct asker *k, struct ask *a)
{
	const uint8_t *rest = a->query + a->out_done;
	size_t len = a->query_len + 2 - a->out_done;
	struct why why = {0};
	int n = a->tls ? tls_send(a->tls, rest, len, &why) : stream_send(a->fd, rest, len, &why);

	if (n < 0) {
		net_fail_turn(k, a, why.sys);
		return;
	}
	a->out_done += (size_t)n;
	if (a->out_done == a->query_len + 2) {
		a->local = stream_local(a->fd, &a->local_port);
		watch_stream(k, a, false);
	} else if (a->tls) {
		watch_stream(k, a, true);
	}
}

/* Takes the messages that are whole. Returns whether the exchange is still this connection's. */
static bool take_stream(struct asker *k, struct ask *a)
{
	int fd = a->fd;
	size_t done = 0;

	while (a->in_len - done >= 2) {
		size_t len = (size_t)a->in[done] << 8 | a->in[done + 1];
		const uint8_t *bytes = a->in + done + 2;
		enum ignored why;

		if (a->in_len - done - 2 < len)
			break;
		done += len + 2;
		why = judge(a, &a->server->addr, a->server->port, bytes, len);
		if (why == IGNORED_NOT && !judge_cookie(a, bytes, len))
			why = IGNORED_COOKIE;
		if (why != IGNORED_NOT) {
			net_count_ignored(a, why, &a->server->addr, a->server->port);
			continue;
		}
		net_take(k, a, bytes, len);
		if (a->state != ASK_TCP || a->fd != fd)
			return false;
	}
	memmove(a->in, a->in + done, a->in_len - done);
	a->in_len -= done;
	return true;
}

/* Takes what has come. Returns whether there may be more. */
static bool read_stream(struct asker *k, struct ask *a)
{
	const size_t cap = DNS_MESSAGE_MAX + 2;
	struct why why = {0};
	int n;

	if (!a->in)
		a->in = malloc(cap);
	if (!a->in) {
		net_finish(k, a, ASK_FAILED);
		return false;
	}
	n = a->tls ? tls_recv(a->tls, a->in + a->in_len, cap - a->in_len, &why) :
		     stream_recv(a->fd, a->in + a->in_len, cap - a->in_len, &why);
	if (n == E_AGAIN)
		return false;
	if (n < 0) {
		net_fail_turn(k, a, n == E_EOF ? 0 : why.sys);
		return false;
	}
	a->in_len += (size_t)n;
	/* TLS may hold more than one read took, which no event will tell. */
	return take_stream(k, a) && a->tls;
}

void stream_start(struct asker *k, struct ask *a)
{
	struct stream_opts o = {
		.to = a->server->addr,
		.port = a->server->port,
		.source = k->opts.source,
		.source_port = k->opts.source_port,
	};
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT};
	struct why why = {0};

	a->is_over_tcp = true;
	a->state = ASK_TCP;
	/* RFC 8484 4.1: a cache wants equal requests, and the connection needs no id. */
	a->id = a->set->id >= 0 ? (uint16_t)a->set->id :
		path_of(a)      ? 0 :
				  (uint16_t)rnd_u32(&k->run->rnd);
	a->n_messages = 0;
	a->is_resent = false;
	a->tx_wall_ns = a->rx_wall_ns = 0;
	if (net_build(k, a) < 0 || stream_open(&o, &a->fd, &why) < 0) {
		a->fd = -1;
		net_fail_turn(k, a, why.sys);
		return;
	}
	ev.data.u64 = (uint64_t)(uintptr_t)a | KIND_ASK;
	(void)epoll_ctl(k->epoll, EPOLL_CTL_ADD, a->fd, &ev);
	if ((ask_is_by_tls(a) && start_tls(k, a, &why) < 0) || (path_of(a) && start_https(a) < 0)) {
		net_finish(k, a, ASK_FAILED);
		return;
	}
	net_mark_sent(k, a);
}

void stream_event(struct asker *k, struct ask *a, uint32_t events)
{
	bool has_input = events & (EPOLLIN | EPOLLERR | EPOLLHUP);

	if (a->fd < 0 || !shake(k, a))
		return;
	if (a->http) {
		if (send_https(k, a) && has_input)
			read_https(k, a);
		if (a->http)
			(void)send_https(k, a); /* what the input asked for */
		return;
	}
	if (a->out_done < a->query_len + 2)
		send_stream(k, a);
	if (a->fd < 0 || a->state != ASK_TCP || !has_input)
		return;
	while (read_stream(k, a))
		;
}
