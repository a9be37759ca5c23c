/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dissect - a whole packet at once: which headers it has, where, and what is wrong with it.
 *
 * Layer: wire.
 * The layers tile the packet: the first starts at octet 0, each next one where the header of the
 * one before ends, and the last ends with the packet. All pointers point into the packet.
 * Spec: each header's own, see its module; RFC 1122 3.2.1.2, 3.2.2 (checksums), RFC 8200 8.1.
 */
#ifndef PKT_WIRE_DISSECT_H
#define PKT_WIRE_DISSECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bytes.h"
#include "wire/arp.h"
#include "wire/eth.h"
#include "wire/icmp.h"
#include "wire/icmpext.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/nd.h"
#include "wire/quote.h"
#include "wire/tcp.h"
#include "wire/udp.h"

/* What stands at the first octet. */
enum dissect_start {
	DISSECT_L2,    /* an Ethernet header */
	DISSECT_L3,    /* an IPv4 or IPv6 header */
	DISSECT_ICMP4, /* an ICMP message alone, as a ping socket gives it */
	DISSECT_ICMP6,
	DISSECT_DNS, /* a DNS message alone; all of it is payload here */
};

enum layer_kind {
	LAYER_ETH,
	LAYER_ARP,
	LAYER_IP4,
	LAYER_IP6,     /* with its extension headers */
	LAYER_ICMP4,   /* the first eight octets */
	LAYER_ICMP6,   /* the first eight octets */
	LAYER_ND,      /* the rest of a neighbour discovery message */
	LAYER_QUOTE,   /* the packet inside an ICMP error, with its zero padding */
	LAYER_ICMPEXT, /* the RFC 4884 structure behind it, or in an extended echo request */
	LAYER_UDP,
	LAYER_TCP,
	LAYER_PAYLOAD, /* what no parser here knows */
	LAYER_PADDING, /* octets behind the end that a header tells */
	LAYER_BAD,     /* octets that break the rules of the header expected there; see err */
};

struct layer {
	enum layer_kind kind;
	uint32_t off;     /* octets from the start of the packet */
	uint32_t hdr_len; /* its own octets; the next layer starts behind them */
	uint32_t len;     /* its own octets and those of the layers it carries */
};

#define LAYERS_MAX 8 /* Ethernet, IP, ICMP, quote, extension, two paddings, and one bad */

enum csum_state {
	CSUM_UNKNOWN, /* not there, or cannot be computed (truncated, a fragment) */
	CSUM_NONE,    /* UDP over IPv4 without one */
	CSUM_GOOD,
	CSUM_BAD,
};

struct dissect {
	const uint8_t *bytes; /* the packet, owned by the caller */
	size_t len;
	int err;           /* 0; the first E_TRUNC, E_BAD or E_UNSUP met on the way down */
	bool is_truncated; /* a length field announces more octets than there are */
	bool is_fragment;
	struct layer layers[LAYERS_MAX];
	uint8_t n_layers;

	struct addr src, dst; /* of the IP header; len 0 if there is none */
	int ttl;              /* TTL or hop limit; -1 if there is none */
	uint8_t proto;        /* behind the IP header and its extensions, if there is one */
	enum csum_state ip_csum, l4_csum;
	uint16_t ip_csum_want, l4_csum_want; /* when CSUM_BAD: the right value */

	/* Each is filled when dissect_has() its layer. */
	struct eth_hdr eth;
	struct arp_msg arp;
	struct ip4_hdr ip4;
	struct ip6_hdr ip6;
	struct icmp_hdr icmp;
	struct nd_msg nd;
	struct rd nd_opts; /* for nd_opt_next() */
	bool has_quote;    /* the quote could be parsed */
	struct quote quote;
	struct icmpext ext; /* also of an ICMP error without extension */
	struct udp_hdr udp;
	struct tcp_hdr tcp;
	const uint8_t *payload; /* NULL if none */
	size_t payload_len;
};

/*
 * dissect_packet() - takes a packet apart.
 * @bytes, @len: the captured octets, at most 4 GiB. @out: usable whatever is returned.
 * Returns: out->err.
 */
int dissect_packet(enum dissect_start start, const void *bytes, size_t len, struct dissect *out);

/*
 * dissect_message() - takes an upper-layer message apart that comes without its IP header, as a raw
 * IPv6 socket gives it: what that header said is told beside it.
 * @ttl: -1 if unknown. @len: at most 4 GiB. Returns: out->err.
 */
int dissect_message(const struct addr *src, const struct addr *dst, int ttl, uint8_t proto,
		    const void *bytes, size_t len, struct dissect *out);

/*
 * dissect_is_csum_left_over() - whether the checksum of TCP or UDP is the sum of the pseudo-header
 * and no more: so a sender leaves it that has hardware to finish it, and a veth never does. One of
 * 65,536 corrupt packets looks like that too.
 */
bool dissect_is_csum_left_over(const struct dissect *d);

/* dissect_layer() - the first layer of that kind, or NULL. */
const struct layer *dissect_layer(const struct dissect *d, enum layer_kind kind);

static inline bool dissect_has(const struct dissect *d, enum layer_kind kind)
{
	return dissect_layer(d, kind) != NULL;
}

/* dissect_layer_text() - "Ethernet", "IPv4", "ICMPv6", "quoted packet", ...; a static string. */
const char *dissect_layer_text(enum layer_kind kind);

#endif
