/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * icmp - the eight octets every ICMP message begins with, and the words for errors.
 *
 * Layer: wire.
 * Spec: RFC 792, 1812 5.2.7, 1191 4 (IPv4); RFC 4443 (IPv6), with the codes of RFC 6550 20.14,
 * 7112 5, 8754 4.3.1 and 8883 2; RFC 4884 4 (length); RFC 8335 2, 3 (extended echo).
 * Not here: neighbour discovery (nd), the quoted packet (quote), extensions (icmpext).
 */
#ifndef PKT_WIRE_ICMP_H
#define PKT_WIRE_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define ICMP_HDR_LEN 8

/* The names differ from those of <netinet/icmp*.h> and <libnet.h> on purpose: those are macros. */
enum icmp4_type {
	ICMP_V4_ECHO_REPLY = 0,
	ICMP_V4_UNREACHABLE = 3,
	ICMP_V4_SOURCE_QUENCH = 4,
	ICMP_V4_REDIRECT = 5,
	ICMP_V4_ECHO_REQUEST = 8,
	ICMP_V4_ROUTER_ADVERT = 9,
	ICMP_V4_ROUTER_SOLICIT = 10,
	ICMP_V4_TIME_EXCEEDED = 11,
	ICMP_V4_PARAMETER = 12,
	ICMP_V4_TIMESTAMP = 13,
	ICMP_V4_TIMESTAMP_REPLY = 14,
	ICMP_V4_INFO = 15,
	ICMP_V4_INFO_REPLY = 16,
	ICMP_V4_MASK = 17,
	ICMP_V4_MASK_REPLY = 18,
	ICMP_V4_XECHO_REQUEST = 42, /* RFC 8335 */
	ICMP_V4_XECHO_REPLY = 43,
};

enum icmp6_type {
	ICMP_V6_UNREACHABLE = 1,
	ICMP_V6_TOO_BIG = 2,
	ICMP_V6_TIME_EXCEEDED = 3,
	ICMP_V6_PARAMETER = 4,
	ICMP_V6_ECHO_REQUEST = 128,
	ICMP_V6_ECHO_REPLY = 129,
	ICMP_V6_MLD_QUERY = 130,
	ICMP_V6_MLD_REPORT = 131,
	ICMP_V6_MLD_DONE = 132,
	ICMP_V6_ROUTER_SOLICIT = 133,
	ICMP_V6_ROUTER_ADVERT = 134,
	ICMP_V6_NEIGHBOR_SOLICIT = 135,
	ICMP_V6_NEIGHBOR_ADVERT = 136,
	ICMP_V6_REDIRECT = 137,
	ICMP_V6_MLD2_REPORT = 143,
	ICMP_V6_XECHO_REQUEST = 160, /* RFC 8335 */
	ICMP_V6_XECHO_REPLY = 161,
};

enum icmp4_unreachable_code {
	ICMP_V4_NET_UNREACHABLE = 0,
	ICMP_V4_HOST_UNREACHABLE = 1,
	ICMP_V4_PROTO_UNREACHABLE = 2,
	ICMP_V4_PORT_UNREACHABLE = 3,
	ICMP_V4_FRAG_NEEDED = 4,
	ICMP_V4_ADMIN_PROHIBITED = 13,
};

enum icmp6_unreachable_code {
	ICMP_V6_NO_ROUTE = 0,
	ICMP_V6_ADMIN_PROHIBITED = 1,
	ICMP_V6_ADDR_UNREACHABLE = 3,
	ICMP_V6_PORT_UNREACHABLE = 4,
};

struct icmp_hdr {
	uint8_t type, code;
	uint16_t csum;
	uint32_t rest;     /* octets 4 to 7 as one number; the fields below are views of it */
	uint16_t id;       /* echo, timestamp, information, mask, extended echo; else 0 */
	uint16_t seq;      /* the same types; 8 bits in extended echo */
	uint8_t xecho;     /* extended echo: octet 7 (L bit, or state and A, 4, 6 bits) */
	uint32_t info;     /* errors: next-hop MTU, pointer or IPv4 gateway, host order */
	uint16_t orig_len; /* errors: octets the quote was padded to (RFC 4884 4); 0 not said */
};

/*
 * icmp_parse() - reads the first eight octets; @r is left at the body.
 * Returns: 0, or E_TRUNC.
 */
int must_check icmp_parse(struct rd *r, bool is_v6, struct icmp_hdr *out);

/* icmp_is_error() - a type whose body quotes the packet that caused it. */
bool icmp_is_error(bool is_v6, uint8_t type);

#define ICMP_TEXT_MAX 96

/*
 * icmp_text() - what a message says, in the words ping(8) of iputils prints after "From ...":
 * "Destination Host Unreachable", "Packet too big: mtu=1280". Codes iputils calls unknown or bad
 * have words in the same manner when an RFC names them.
 * @info: as in struct icmp_hdr. @out: ICMP_TEXT_MAX octets. Returns @out.
 */
char *icmp_text(bool is_v6, uint8_t type, uint8_t code, uint32_t info, char *out);

#endif
