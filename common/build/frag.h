/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frag - cuts a finished IP packet into fragments.
 *
 * Layer: build. Spec: RFC 791 3.2 (IPv4), RFC 8200 4.5 (IPv6).
 * Not here: packets with IPv4 options or IPv6 extension headers, which not every fragment repeats.
 */
#ifndef PKT_BUILD_FRAG_H
#define PKT_BUILD_FRAG_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define FRAG_UNIT 8u     /* octets: the fragment offset counts in these */
#define FRAG_HDR_MAX 48u /* octets in front of the data: IPv6 and its fragment header */
#define FRAG_SIZE_MAX 65512u

/* A packet that is being cut. */
struct frag {
	const uint8_t *packet; /* the caller's, from its IP header on */
	size_t len;            /* octets of it */
	size_t size;           /* octets of data in each fragment but the last */
	uint32_t id;           /* IPv4 has the low 16 bits of it */
	size_t off;            /* octets of data handed out so far */
};

/*
 * frag_start() - begins to cut @packet, an IPv4 header of 20 octets or an IPv6 header of 40 and
 * what it carries. @size: octets of data a fragment, a multiple of FRAG_UNIT above 0.
 * Returns: 0; E_BAD for another packet or size.
 */
int must_check frag_start(struct frag *f, const uint8_t *packet, size_t len, size_t size,
			  uint32_t id);

/*
 * frag_next() - appends the next fragment to @out: size + FRAG_HDR_MAX octets at most.
 * DF is as in the packet. A packet that fits whole is a fragment too: offset 0, no MF.
 * Returns: 1; 0 when all has been handed out; E_FULL, after which the same fragment is next.
 */
int must_check frag_next(struct frag *f, struct wr *out);

#endif
