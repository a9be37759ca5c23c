/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hdropt - the form that the options of IPv4 and TCP share: a kind, a length that counts both
 * octets, data; two kinds are a single octet, the end of the list and "no operation".
 *
 * Layer: wire. What the kinds mean stands in wire/ip4 and wire/tcp.
 * Spec: RFC 791 3.1, RFC 9293 3.1.
 */
#ifndef PKT_WIRE_HDROPT_H
#define PKT_WIRE_HDROPT_H

#include <stdint.h>

#include "base/bytes.h"

enum hdropt_kind {
	HDROPT_END = 0,
	HDROPT_NOP = 1,
};

struct hdropt {
	uint8_t kind;
	uint8_t len;         /* its octets in the header; of the end: all that are left */
	const uint8_t *data; /* behind kind and length; of the end: the padding; in the packet */
	uint8_t data_len;
};

/*
 * hdropt_next() - steps to the next option of a list of at most 255 octets.
 * Returns: 1 with @out filled; 0 at the end; E_BAD if an option's length leaves the list, with its
 * kind and length in @out.
 */
int must_check hdropt_next(struct rd *r, struct hdropt *out);

#endif
