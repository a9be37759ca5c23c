/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connects - TCP connections as probes, for whoever may not send packets of his own: each packet
 * sent is a connect() from a socket of its own, and what becomes of it is what comes in.
 *
 * Layer: io.
 * The octets of a link_out count for nothing; `to`, `port`, `ttl` and `tag` do. What comes in bears
 * the tag: a LINK_PACKET without octets for an answer of the host (error.sys is 0 if it accepts,
 * ECONNREFUSED if it refuses), a LINK_ERROR for an ICMP error. An accepted connection is reset at
 * once. New sockets are opened all the time: lock down with sockets allowed.
 * Spec: RFC 9293 3.5; ip(7) IP_RECVERR.
 */
#ifndef PKT_IO_CONNECTS_H
#define PKT_IO_CONNECTS_H

#include "io/link.h"

#define CONNECTS_MAX 256u /* under way at once; the oldest gives way */

struct connects_opts {
	bool is_v6;
	struct addr source; /* len 0 for the kernel's choice */
	const char *ifname; /* only this interface; NULL for any */
	int tos;            /* DSCP and ECN octet, -1 for the default */
};

/* connects_open() - Owns: free with link_close(). @opts is copied. Returns 0, E_SYS, E_MEM. */
int must_check connects_open(const struct connects_opts *opts, struct link **out, struct why *why);

#endif
