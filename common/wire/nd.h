/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nd - IPv6 neighbour discovery: solicitations, advertisements, redirect and their options.
 *
 * Layer: wire.
 * Spec: RFC 4861 4 (messages), 4.6 (options); RFC 3971 5.3.2 and RFC 7527 4 (nonce);
 * RFC 4191 2.2 (router preference).
 * Not here: the hop limit of 255 that every message must come with (ip6) and the checksum.
 */
#ifndef PKT_WIRE_ND_H
#define PKT_WIRE_ND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bytes.h"
#include "wire/icmp.h"

struct nd_msg {
	uint8_t type;                              /* ICMP_V6_ROUTER_SOLICIT to ICMP_V6_REDIRECT */
	struct addr target;                        /* NS, NA, redirect: the better first hop */
	struct addr dst;                           /* redirect */
	bool is_router, is_solicited, is_override; /* NA */
	uint8_t hop_limit;                         /* RA: 0 is unspecified */
	bool is_managed, is_other;         /* RA: ask DHCPv6 for addresses, for other things */
	uint8_t preference;                /* RA: 0 medium, 1 high, 3 low */
	uint16_t lifetime_s;               /* RA: 0 is no default router */
	uint32_t reachable_ms, retrans_ms; /* RA: 0 is unspecified */
};

/*
 * nd_parse() - reads the message behind the eight octets of @icmp; @r is left at the options.
 * Returns: 0; E_TRUNC; E_UNSUP for a type that is not ND; E_BAD for a code other than 0 or a
 * multicast target (RFC 4861 6.1, 7.1, 8.1: MUST discard).
 */
int must_check nd_parse(struct rd *r, const struct icmp_hdr *icmp, struct nd_msg *out);

/* The names differ from the ND_OPT_ macros of <netinet/icmp6.h> on purpose. */
enum nd_opt_type {
	ND_SOURCE_MAC = 1,
	ND_TARGET_MAC = 2,
	ND_PREFIX = 3,
	ND_REDIRECTED = 4,
	ND_MTU = 5,
	ND_NONCE = 14,
	ND_RDNSS = 25,
};

struct nd_opt {
	uint8_t type;
	uint16_t len;        /* octets, type and length included */
	const uint8_t *data; /* what follows type and length */
	uint16_t data_len;
};

/*
 * nd_opt_next() - steps to the next option.
 * Returns: 1 with @out filled; 0 at the end; E_BAD for a length of 0 (RFC 4861 4.6: MUST discard
 * the packet) or one that leaves the message.
 */
int must_check nd_opt_next(struct rd *r, struct nd_opt *out);

/* nd_opt_mac() - the address in a source or target link-layer address option. Returns 0, E_BAD. */
int must_check nd_opt_mac(const struct nd_opt *o, struct mac *out);

/* nd_opt_mtu() - the MTU option, octets. Returns 0, E_BAD. */
int must_check nd_opt_mtu(const struct nd_opt *o, uint32_t *out);

struct nd_prefix {
	struct addr prefix;
	uint8_t prefix_len; /* bits */
	bool is_on_link, is_autonomous;
	uint32_t valid_s, preferred_s; /* UINT32_MAX is for ever */
};

/* nd_opt_prefix() - the prefix information option. Returns 0, E_BAD. */
int must_check nd_opt_prefix(const struct nd_opt *o, struct nd_prefix *out);

#endif
