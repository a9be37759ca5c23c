/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ip6 - the IPv6 header and the chain of extension headers behind it.
 *
 * Layer: wire.
 * Spec: RFC 8200 3, 4; RFC 4302 2 (AH); RFC 6275 6.1 (mobility); RFC 7045 (which are extensions).
 * Not here: the inside of ESP, which nobody but the receiver can read.
 */
#ifndef PKT_WIRE_IP6_H
#define PKT_WIRE_IP6_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bytes.h"

#define IP6_HDR_LEN 40
#define IP6_EXTS_MAX 8 /* RFC 8200 4.1 knows at most seven in one packet */

struct ip6_ext {
	uint8_t type;      /* its protocol number: IPPROTO_HOPOPTS, ... */
	uint8_t next;      /* its Next Header field */
	uint16_t off, len; /* octets; off from the first octet of the IPv6 header */
};

struct ip6_hdr {
	uint8_t tclass;
	uint32_t flow;        /* 20 bits */
	uint16_t payload_len; /* octets behind the fixed header */
	uint8_t next;         /* Next Header of the fixed header */
	uint8_t hop_limit;
	struct addr src, dst;
	struct ip6_ext exts[IP6_EXTS_MAX];
	uint8_t n_exts;
	uint8_t proto;    /* what follows the chain */
	uint16_t hdr_len; /* octets up to what follows the chain */
	bool is_fragment;
	bool mf;
	uint16_t frag_off; /* octets; the chain of a later fragment ends at its fragment header */
	uint32_t frag_id;
	bool is_chain_cut;     /* proto is an extension header that is cut off or one too many */
	bool is_truncated;     /* payload_len announces more octets than there are */
	struct addr final_dst; /* dst, or the end of a routing header with segments left; len 0 if
				   that routing header is of an unknown type. Transport checksums
				   are over this address (RFC 8200 8.1) */
};

/*
 * ip6_parse() - reads the fixed header and walks the chain.
 * @payload: what follows the chain, clipped to payload_len; a payload_len of 0 before hop-by-hop
 * options is a jumbogram (RFC 2675 3) and takes all that is left.
 * Bytes: @r is left behind the packet, at link-layer padding.
 * Returns: 0 (look at is_chain_cut before believing proto); E_TRUNC if the fixed header is cut;
 * E_BAD for another version than 6.
 */
int must_check ip6_parse(struct rd *r, struct ip6_hdr *out, struct rd *payload);

/* ip6_is_ext() - whether @proto is an extension header with a Next Header field of its own. */
bool ip6_is_ext(uint8_t proto);

enum ip6_opt_type {
	IP6_OPT_PAD1 = 0,
	IP6_OPT_PADN = 1,
	IP6_OPT_ALERT = 5,    /* RFC 2711 */
	IP6_OPT_JUMBO = 0xc2, /* RFC 2675 */
};

struct ip6_opt {
	uint8_t type;
	uint16_t len; /* octets, type and length included */
	const uint8_t *data;
	uint8_t data_len;
};

/*
 * ip6_opt_next() - steps through the options of a hop-by-hop or destination options header:
 * start with a cursor over the header without its first two octets.
 * Returns: 1 with @out filled; 0 at the end; E_BAD if an option's length leaves the header.
 */
int must_check ip6_opt_next(struct rd *r, struct ip6_opt *out);

#endif
