/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard - keeps the kernel from answering RST to segments of a connection that it does not know.
 *
 * Layer: io.
 * Each way reserves the port and ends with the process, SIGKILL included; none touches more than
 * the port or the connection it is for.
 * sock: a listening socket that discards whatever comes: the kernel finds it, drops the segment and
 * counts it. It needs no privilege. Three ways to discard, as many as are to be had: segments below
 * the highest TTL (IP_MINTTL, IPV6_MINHOPCOUNT), segments without the signature of a key that
 * nobody has (TCP_MD5SIG), and a filter that takes nothing, which needs CAP_NET_ADMIN.
 * repair: an established socket of exactly this connection (TCP_REPAIR) with that filter.
 * nft: a table of this process alone (flags owner) that drops exactly this connection before
 * conntrack sees it. Needs libnftables, loaded when asked for. Both need CAP_NET_ADMIN.
 * Spec: RFC 5082 (minimal TTL), RFC 2385 (signatures); ip(7), socket(7), libnftables(3).
 */
#ifndef PKT_IO_GUARD_H
#define PKT_IO_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/rnd.h"

enum guard_method {
	GUARD_AUTO, /* sock, or nft where that is not to be had */
	GUARD_SOCK,
	GUARD_REPAIR,
	GUARD_NFT,
	GUARD_NONE,
};

struct guard_want {
	enum guard_method method;
	struct addr local; /* of this host, with its zone */
	uint16_t port;     /* host order, 0 for any free one */
	/*
	 * The peer: of sock only the address counts, len 0 for everybody's. repair needs both; what
	 * is missing is anybody's to nft.
	 */
	struct addr remote;
	uint16_t remote_port;
};

struct guard_nft;

struct guard {
	int fd; /* reserves the port; -1: none */
	uint16_t port;
	enum guard_method method; /* never GUARD_AUTO */
	bool has_filter, has_min_ttl, has_key;
	struct guard_nft *nft;
};

/*
 * guard_open() - Owns: guard_close(). Returns: 0 with @out->port; E_SYS if the port is taken, or if
 * the kernel does not give what the method needs; E_PERM; E_BAD if the peer is missing; E_NOENT
 * without libnftables.
 */
int must_check guard_open(const struct guard_want *want, struct rnd *rnd, struct guard *out,
			  struct why *why);

/* guard_word() - the method of that name ("auto", ...) to @out. Returns false if there is none. */
bool guard_word(const char *word, enum guard_method *out);

/*
 * guard_prevented() - segments discarded so far: as many RSTs that were not sent. False if nobody
 * counts: nft would ask for CAP_NET_ADMIN, which is gone.
 */
bool guard_prevented(const struct guard *g, uint32_t *out);

/* guard_text() - "sock(filter+minttl+md5)" to @out of GUARD_TEXT_MAX; returns @out. */
#define GUARD_TEXT_MAX 40
char *guard_text(const struct guard *g, char *out);

void guard_close(struct guard *g);

#endif
