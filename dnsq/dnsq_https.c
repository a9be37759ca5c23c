/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_https - exchanges over HTTPS, each on a connection of its own: RFC 8484. */
#include "dnsq_conn_impl.h"
#include "io/tls.h"

const char *https_path(const struct ask *a)
{
	return a->server->path[0] ? a->server->path : a->set->https_path;
}

int https_start(struct conn *c, const struct ask *a)
{
	const struct http2_request request = {
		.authority = a->set->tls_name ? a->set->tls_name : a->server->name,
		.path = https_path(a),
		.type = "application/dns-message",
		.body = a->query + 2,
		.len = a->query_len,
		.response_max = DNS_MESSAGE_MAX,
	};

	return http2_post(&request, &c->http);
}

/* Sends all that HTTP/2 has to say by now. Returns whether the exchange is still open. */
static bool send_all(struct asker *k, struct conn *c)
{
	struct ask *a = c->first;
	struct why why = {0};
	int n;

	for (;;) {
		if (!c->http_left) {
			n = http2_output(c->http, &c->http_out);
			if (n < 0) {
				net_fail_turn_for(k, a, "HTTP/2 breaks its rules");
				return false;
			}
			if (!n)
				break;
			c->http_left = (size_t)n;
		}
		n = tls_send(c->tls, c->http_out, c->http_left, &why);
		if (n < 0) {
			net_fail_turn(k, a, why.sys);
			return false;
		}
		c->http_out += n;
		c->http_left -= (size_t)n;
		if (!n)
			break;
	}
	conn_watch(c, c->http_left > 0);
	return true;
}

static void take_response(struct asker *k, struct conn *c)
{
	struct ask *a = c->first;
	const uint8_t *body;
	char reason[48];
	size_t len;
	int status = http2_response(c->http, &body, &len);

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

static void read_all(struct asker *k, struct conn *c)
{
	uint8_t space[16384] unset;
	struct why why = {0};
	int n = E_AGAIN, err = 0;

	while (!http2_is_done(c->http) && !err &&
	       (n = tls_recv(c->tls, space, sizeof(space), &why)) > 0)
		err = http2_input(c->http, space, (size_t)n);
	if (http2_is_done(c->http))
		take_response(k, c);
	else if (err)
		net_fail_turn_for(k, c->first, "HTTP/2 breaks its rules");
	else if (n != E_AGAIN)
		net_fail_turn(k, c->first, n == E_EOF ? 0 : why.sys);
}

void https_event(struct asker *k, struct conn *c, bool has_input)
{
	if (send_all(k, c) && has_input)
		read_all(k, c);
	if (!c->is_dead && c->first)
		(void)send_all(k, c); /* what the input asked for */
}
