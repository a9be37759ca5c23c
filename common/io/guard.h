/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard - keeps the kernel from answering RST to segments of a connection that it does not know.
 *
 * Layer: io.
 * A listening socket on our own address and port that discards whatever comes: the kernel finds it,
 * drops the segment and counts it. It needs no privilege and no firewall, reserves the port, and
 * ends with the process, SIGKILL included. Three ways to discard, as many as are to be had:
 * segments below the highest TTL (IP_MINTTL, IPV6_MINHOPCOUNT), segments without the signature of a
 * key that nobody has (TCP_MD5SIG), and a filter that takes nothing, which needs CAP_NET_ADMIN.
 * Spec: RFC 5082 (minimal TTL), RFC 2385 (signatures); ip(7), socket(7).
 */
#ifndef PKT_IO_GUARD_H
#define PKT_IO_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/rnd.h"

struct guard {
	int fd; /* -1: none */
	uint16_t port;
	bool has_filter, has_min_ttl, has_key;
};

/*
 * guard_open() - @local: an address of this host, with its zone; @port: host order, 0 for any free.
 * @remote: who the key is for, len 0 for everybody.
 * Owns: guard_close(). Returns: 0 with @out->port; E_SYS if the port is taken, or if no way to
 * discard is to be had.
 */
int must_check guard_open(const struct addr *local, uint16_t port, const struct addr *remote,
			  struct rnd *rnd, struct guard *out, struct why *why);

/* guard_prevented() - segments discarded so far: as many RSTs that were not sent. */
uint32_t guard_prevented(const struct guard *g);

/* guard_text() - "sock(filter+minttl+md5)" to @out of GUARD_TEXT_MAX; returns @out. */
#define GUARD_TEXT_MAX 40
char *guard_text(const struct guard *g, char *out);

void guard_close(struct guard *g);

#endif
