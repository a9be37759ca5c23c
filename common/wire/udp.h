/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * udp - the UDP header.
 *
 * Layer: wire.
 * Spec: RFC 768.
 */
#ifndef PKT_WIRE_UDP_H
#define PKT_WIRE_UDP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define UDP_HDR_LEN 8

struct udp_hdr {
	uint16_t src_port, dst_port;
	uint16_t len;      /* octets, the header's 8 included; 0 in a jumbogram (RFC 2675 4) */
	uint16_t csum;     /* 0: the sender computed none (IPv4 only) */
	bool is_truncated; /* len announces more octets than there are */
};

/*
 * udp_parse() - reads the header and clips the payload to len.
 * @payload: the octets that are there (all that are left when len is 0).
 * Bytes: @r is left behind the datagram.
 * Returns: 0; E_TRUNC; E_BAD for a len from 1 to 7.
 */
int must_check udp_parse(struct rd *r, struct udp_hdr *out, struct rd *payload);

#endif
