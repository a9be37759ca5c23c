/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quote - the packet inside an ICMP error: which of our packets was it?
 *
 * Layer: wire. The one parser of quoted packets.
 * It copes with all that routers do: eight octets of L4 only, IP options, extension headers,
 * a total length that another stack has mangled, zero padding (RFC 4884 4).
 * Spec: RFC 792, RFC 1812 4.3.2.3, RFC 4443 2.4 (c), RFC 4884 4.
 */
#ifndef PKT_WIRE_QUOTE_H
#define PKT_WIRE_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bytes.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

struct quote {
	bool has_ip;   /* the IP header was quoted: the fields down to total_len are set */
	uint8_t ttl;   /* TTL or hop limit when the router gave up on it */
	uint8_t tos;   /* TOS octet or traffic class */
	uint32_t flow; /* IPv6 flow label */
	uint16_t ip_id;
	bool df;
	uint32_t total_len;   /* octets of the packet as its header tells them */
	uint16_t hdr_len;     /* octets up to L4: options or extension headers included */
	struct addr src, dst; /* dst is the final destination if a route was given */
	uint8_t proto;        /* IPPROTO_ICMP, ...; of the header that starts at l4 */
	uint16_t frag_off;    /* octets; l4 is NULL in a later fragment */
	const uint8_t *l4;    /* in the packet; NULL if nothing of it was quoted */
	size_t l4_len;        /* octets there */
	bool has_ports;       /* UDP, UDP-Lite, TCP, SCTP, DCCP: four octets were quoted */
	uint16_t src_port, dst_port;
	bool has_icmp; /* ICMP: eight octets were quoted */
	uint8_t icmp_type, icmp_code;
	uint16_t icmp_id, icmp_seq;
	bool has_tcp_seq; /* TCP: eight octets were quoted */
	uint32_t tcp_seq;
	bool has_l4_csum; /* UDP or ICMP: the checksum was quoted */
	uint16_t l4_csum;
	const uint8_t *payload; /* behind the eight octets of UDP or ICMP; NULL if not quoted */
	size_t payload_len;     /* octets there */
};

/*
 * quote_parse() - reads a quoted packet that starts at its IP header.
 * @r: the quote alone (clip it with icmpext_find() first); @out points into its octets.
 * Returns: 0, with as much filled as was quoted; E_TRUNC if that ends before both addresses or
 * inside the options; E_BAD if it is no IP header.
 */
int must_check quote_parse(struct rd r, struct quote *out);

/*
 * quote_parse_l4() - the same for a quote whose IP header the kernel took off (error queue).
 * @dst: where the packet had been going; src stays unknown. @proto: of the socket.
 */
void quote_parse_l4(struct rd r, const struct addr *dst, uint8_t proto, struct quote *out);

#endif
