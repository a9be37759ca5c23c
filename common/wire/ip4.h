/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ip4 - the IPv4 header and its options.
 *
 * Layer: wire.
 * Spec: RFC 791 3.1; RFC 2474 and 3168 (DSCP and ECN); RFC 1122 3.2.1.8 (options).
 */
#ifndef PKT_WIRE_IP4_H
#define PKT_WIRE_IP4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bytes.h"

struct ip4_hdr {
	uint8_t hdr_len; /* octets, 20 to 60 */
	uint8_t dscp, ecn;
	uint16_t total_len; /* octets as sent; 0 when the sender left it to segmentation offload */
	uint16_t id;
	bool df, mf;
	bool reserved_bit;
	uint16_t frag_off; /* octets */
	uint8_t ttl, proto;
	uint16_t csum;
	struct addr src, dst;
	const uint8_t *opts; /* in the packet */
	uint8_t opts_len;
	bool is_truncated; /* total_len announces more octets than there are */
};

/*
 * ip4_parse_hdr() - reads header and options; @r is left at the payload. total_len is not judged.
 * Returns: 0; E_TRUNC; E_BAD for another version than 4 or a header length below 20.
 */
int must_check ip4_parse_hdr(struct rd *r, struct ip4_hdr *out);

/*
 * ip4_parse() - reads header and options and clips the payload to total_len.
 * @payload: the payload octets that are there (all that are left when total_len is 0).
 * Bytes: @r is left behind the packet, at link-layer padding.
 * Returns: as ip4_parse_hdr(), and E_BAD for a total_len below the header's (RFC 1122 3.2.1).
 */
int must_check ip4_parse(struct rd *r, struct ip4_hdr *out, struct rd *payload);

/* ip4_is_fragment() - whether this is one part of a packet; only frag_off 0 has an L4 header. */
bool ip4_is_fragment(const struct ip4_hdr *h);

enum ip4_opt_type {
	IP4_OPT_END = 0,
	IP4_OPT_NOP = 1,
	IP4_OPT_RR = 7,      /* record route */
	IP4_OPT_TS = 68,     /* internet timestamp */
	IP4_OPT_LSRR = 131,  /* loose source and record route */
	IP4_OPT_ALERT = 148, /* router alert, RFC 2113 */
	IP4_OPT_SSRR = 137,  /* strict source and record route */
};

enum ip4_ts_flag {
	IP4_TS_ONLY = 0,    /* stamps alone */
	IP4_TS_ADDR = 1,    /* each hop adds its address and stamp */
	IP4_TS_PRESPEC = 3, /* stamps of the addresses the sender listed */
};

struct ip4_opt {
	uint8_t type;
	uint8_t len;         /* octets, type and length included; END takes all that is left */
	const uint8_t *data; /* what follows type and length, len - 2 octets (len - 1 for END) */
	uint8_t data_len;
	bool is_bad; /* length or pointer break the option's own rules: n_used is 0 */
	/* RR, LSRR, SSRR and TS only: */
	uint8_t ptr;            /* as on the wire, 1 is the type octet */
	uint8_t n_used;         /* entries before the pointer */
	uint8_t n_slots;        /* entries there is room for */
	uint8_t overflow, flag; /* TS only */
};

struct ip4_stamp {
	struct addr addr;    /* len 0 for IP4_TS_ONLY */
	uint32_t ms;         /* since midnight UT, unless is_nonstandard */
	bool is_nonstandard; /* the high bit was set: ms holds the other 31 as they came */
};

/*
 * ip4_opt_next() - steps to the next option: start with rd_make(h->opts, h->opts_len).
 * Returns: 1 with @out filled; 0 at the end; E_BAD if an option's length leaves the header.
 */
int must_check ip4_opt_next(struct rd *r, struct ip4_opt *out);

/* ip4_opt_addr() - entry @i < n_slots of RR, LSRR or SSRR. */
struct addr ip4_opt_addr(const struct ip4_opt *o, unsigned i);

/* ip4_opt_stamp() - entry @i < n_slots of TS. */
struct ip4_stamp ip4_opt_stamp(const struct ip4_opt *o, unsigned i);

/*
 * ip4_final_dst() - where the packet goes in the end: dst, or the last address of a source route
 * that still has hops left. Transport checksums are over this address.
 */
struct addr ip4_final_dst(const struct ip4_hdr *h);

#endif
