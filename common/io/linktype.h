/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linktype - from the link type of a capture to where Ethernet or IP begins.
 *
 * Layer: io.
 * Spec: the LINKTYPE_ registry of tcpdump.org (draft-ietf-opsawg-pcaplinktype).
 */
#ifndef PKT_IO_LINKTYPE_H
#define PKT_IO_LINKTYPE_H

#include <stdint.h>

#include "io/link.h"

enum linktype {
	LINKTYPE_NULL = 0, /* BSD loopback: the family in 4 octets */
	LINKTYPE_ETHERNET = 1,
	LINKTYPE_RAW = 101,  /* an IPv4 or IPv6 header */
	LINKTYPE_LOOP = 108, /* OpenBSD loopback: the family in 4 octets */
	LINKTYPE_SLL = 113,  /* Linux cooked, as from all interfaces at once */
	LINKTYPE_IPV4 = 228,
	LINKTYPE_IPV6 = 229,
	LINKTYPE_SLL2 = 276, /* Linux cooked with the interface index */
};

/*
 * linktype_unwrap() - sets in->layer; moves in->bytes, len and wire_len past what stands before it.
 * @bytes: those of in->bytes, which a cooked packet that is not IP overwrites with an Ethernet
 * header: its source and type as captured, its destination broadcast or, if unknown, zero.
 * in->is_outgoing and in->ifindex are set where the link type tells them. A packet cut inside
 * its link header comes out empty.
 * Returns: 0, or E_UNSUP for a link type that is not in enum linktype.
 */
int must_check linktype_unwrap(uint32_t linktype, uint8_t *bytes, struct link_in *in);

#endif
