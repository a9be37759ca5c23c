/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls - TLS over a connection of io/stream, without ever waiting.
 *
 * Layer: io.
 * GnuTLS is loaded only by whoever calls tls_load(): linking it would take a third of the life of a
 * program that asks one question in the clear.
 * Spec: RFC 8446; RFC 7858, RFC 8310 (names and profiles of DNS over TLS).
 */
#ifndef PKT_IO_TLS_H
#define PKT_IO_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct tls_lib;
struct tls;

/*
 * tls_load() - loads the library and the trusted authorities, before the lock-down.
 * @ca_file: PEM, instead of the system's; NULL for those.
 * Owns: tls_unload(). Returns 0; E_UNSUP where the library is not installed; E_NOENT for @ca_file;
 * E_MEM.
 */
int must_check tls_load(const char *ca_file, struct tls_lib **out, struct why *why);
void tls_unload(struct tls_lib *lib);

#define TLS_PINS 4u
#define TLS_PIN_LEN 32u /* octets */

/* tls_pin_is_valid() - base64 of as many octets as a pin has. */
bool tls_pin_is_valid(const char *text);

struct tls_opts {
	const char *name; /* that the certificate must be for: a host name, or an address as text */
	bool is_verified; /* false: whoever answers is talked to */
	/*
	 * The keys it may have, in base64 the SHA-256 of each; NULL behind the last. The key is the
	 * one that its own certificate holds, not one of its authorities'. Copied.
	 */
	const char *const *pins;
	const char *alpn; /* protocol within, "dot" */
};

/* tls_start() - a session over @fd, which stays the caller's. Returns 0 or E_MEM. */
int must_check tls_start(struct tls_lib *lib, int fd, const struct tls_opts *opts, struct tls **out,
			 struct why *why);
void tls_free(struct tls *t);

/*
 * tls_handshake() - goes on with it. Returns 0 when it is done; E_AGAIN while the descriptor is
 * waited for, see tls_wants_write(); E_PERM when the certificate is not to be trusted, with @why;
 * E_SYS, with the errno in why->sys where there is one.
 */
int must_check tls_handshake(struct tls *t, struct why *why);

/* tls_wants_write() - what the handshake waits for is room to send, not something to read. */
bool tls_wants_write(const struct tls *t);

/* tls_send(), tls_recv() - as stream_send() and stream_recv(). */
int must_check tls_send(struct tls *t, const void *bytes, size_t len, struct why *why);
int must_check tls_recv(struct tls *t, void *out, size_t cap, struct why *why);

#endif
