/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * csum - the Internet checksum.
 *
 * Layer: wire.
 * Spec: RFC 1071 (the sum), RFC 791 3.1 (IPv4), RFC 768 and 9293 3.1 (pseudo-header over IPv4),
 * RFC 8200 8.1 (pseudo-header over IPv6), RFC 1624 (a field and what it should be).
 */
#ifndef PKT_WIRE_CSUM_H
#define PKT_WIRE_CSUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/*
 * csum_add() - adds @len octets at @data (any alignment, any length) to a running sum.
 * @sum: 0, or what an earlier call returned. Another part may follow only after parts of even
 * length: the last octet of an odd part counts as the high half of a word of its own.
 * Numbers in host order may be added to the sum by hand, while it stays below 2^32.
 */
uint32_t csum_add(uint32_t sum, const void *data, size_t len);

/* csum_fold() - the checksum of a running sum, in host order: store it with put_u16(). */
uint16_t csum_fold(uint32_t sum);

/* csum_ip() - the checksum of @len octets; 0 if they hold their own correct checksum. */
uint16_t csum_ip(const void *data, size_t len);

/*
 * csum_pseudo() - the running sum of a pseudo-header, to be continued with csum_add().
 * @src, @dst: of one family; @dst is the final destination when a routing header is in use.
 * @len: octets of the upper-layer packet, its header included.
 */
uint32_t csum_pseudo(const struct addr *src, const struct addr *dst, uint8_t proto, size_t len);

/*
 * csum_l4() - the checksum of an upper-layer packet under its pseudo-header; 0 if it holds its
 * own correct one. A UDP sender writes 0 as 0xffff (RFC 768, RFC 8200 8.1).
 */
uint16_t csum_l4(const struct addr *src, const struct addr *dst, uint8_t proto, const void *data,
		 size_t len);

/*
 * csum_want() - what a checksum field should have held.
 * @field: what it holds. @check: csum_ip() or csum_l4() over the octets, the field included.
 */
uint16_t csum_want(uint16_t field, uint16_t check);

#endif
