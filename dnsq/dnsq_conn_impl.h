/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_conn_impl - a connection to a server, which one exchange has to itself or many share.
 *
 * Layer: tool; private to dnsq_stream.c and dnsq_https.c.
 */
#ifndef PKT_DNSQ_CONN_IMPL_H
#define PKT_DNSQ_CONN_IMPL_H

#include "dnsq_net_impl.h"
#include "io/http2.h"

struct conn {
	struct asker *asker;
	struct conn *next, **at; /* of all that are open */
	int fd;
	struct tls *tls; /* over fd; NULL in the clear */
	bool is_shaken;  /* its handshake is done */
	bool is_shared;  /* it stays open for the next exchange */
	bool is_busy;    /* on its way through an event: whoever closes it does so later */
	bool is_dead;
	struct endpoint server; /* with the names in @set: whom it leads to */
	struct dnsq_set set;    /* of who opened it, and may be gone */
	struct ask *first;      /* who waits for a reply, the newest first */
	struct ask *taking;     /* whose reply is being taken */
	unsigned n_answered;    /* messages that were replies */
	unsigned n_abandoned;   /* replies that may still come, and are for nobody */
	uint8_t *out, *in;
	size_t out_len, out_done, out_cap, in_len;
	struct http2 *http; /* over tls */
	const uint8_t *http_out;
	size_t http_left; /* octets at http_out */
};

/* conn_watch() - waits for input, and for room to send only if @wants_write. */
void conn_watch(const struct conn *c, bool wants_write);

/* https_path() - where a server is asked by HTTPS; NULL where it is not. */
const char *https_path(const struct ask *a);
/* https_start() - the request of the one exchange on @c. Returns 0 or E_MEM. */
int must_check https_start(struct conn *c, const struct ask *a);
/* https_event() - goes on with it. */
void https_event(struct asker *k, struct conn *c, bool has_input);

#endif
