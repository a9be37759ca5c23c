/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http2 - one HTTP/2 request and its response, octets in and octets out.
 *
 * Layer: io. The connection underneath is the caller's.
 * Spec: RFC 9113, by libnghttp2.
 */
#ifndef PKT_IO_HTTP2_H
#define PKT_IO_HTTP2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct http2;

struct http2_request {
	const char *authority, *path;
	const char *type; /* of the body and of what is accepted: "application/dns-message" */
	const uint8_t *body;
	size_t len; /* octets of the body, which must live as long as the request */
	size_t response_max;
};

/* http2_post() - a POST request over https, nothing sent yet. Owns: http2_free(). */
int must_check http2_post(const struct http2_request *request, struct http2 **out);
void http2_free(struct http2 *h);

/* http2_output() - the next octets to send, valid until the next call; 0 for none now, or E_BAD. */
int must_check http2_output(struct http2 *h, const uint8_t **bytes);

/* http2_input() - octets that were received. Returns 0, or E_BAD when they break the protocol. */
int must_check http2_input(struct http2 *h, const void *bytes, size_t len);

/* http2_is_done() - the response is whole, or will not come. */
bool http2_is_done(const struct http2 *h);

/*
 * http2_response() - its body. Returns the status of the response, 0 if the stream ended without
 * one; E_UNSUP for a type of body that was not asked for, E_FULL for one above response_max.
 */
int must_check http2_response(const struct http2 *h, const uint8_t **body, size_t *len);

#endif
