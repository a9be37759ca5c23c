/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recipes - descriptions of the usual packets with their usual values, ready for pkt_build().
 *
 * Layer: build.
 * Each returns a description by value that the caller may still change: a TTL, a tag, a flag. IP
 * recipes begin at the IP header with TTL 64; set `from` for another start. Payloads stay the
 * caller's and must live until the packet is built.
 */
#ifndef PKT_BUILD_RECIPES_H
#define PKT_BUILD_RECIPES_H

#include "build/pkt.h"

#define ETH_MIN_LEN 60 /* IEEE 802.3: least length of a frame, without its check sequence */

/*
 * recipe_echo() - an echo request, or reply, of the family of @dst with @len octets of data.
 * Spec: RFC 792, RFC 4443 4.
 */
struct pkt_spec recipe_echo(const struct addr *src, const struct addr *dst, bool is_reply,
			    uint16_t id, uint16_t seq, const void *data, size_t len);

/* recipe_udp() - a datagram of @len octets of data. */
struct pkt_spec recipe_udp(const struct addr *src, const struct addr *dst, uint16_t src_port,
			   uint16_t dst_port, const void *data, size_t len);

/*
 * recipe_syn() - the first segment of a connection. @mss: octets, 0 for no such option.
 * Spec: RFC 9293 3.5, 3.7.1.
 */
struct pkt_spec recipe_syn(const struct addr *src, const struct addr *dst, uint16_t src_port,
			   uint16_t dst_port, uint32_t seq, uint16_t mss);

/*
 * The four ARP packets, framed and padded to 60 octets. Spec: RFC 826, RFC 5227 1.1.
 * A request, a probe (nobody's address asks) and an announcement (one asks for oneself) are
 * broadcast; a reply goes to @target_mac.
 */
struct pkt_spec recipe_arp_request(const struct mac *sender_mac, const struct addr *sender,
				   const struct addr *target);
struct pkt_spec recipe_arp_reply(const struct mac *sender_mac, const struct addr *sender,
				 const struct mac *target_mac, const struct addr *target);
struct pkt_spec recipe_arp_probe(const struct mac *sender_mac, const struct addr *target);
struct pkt_spec recipe_arp_announce(const struct mac *sender_mac, const struct addr *sender);

/*
 * recipe_ns() - a framed neighbor solicitation to the solicited-node group of @target.
 * @src: the asker; :: for duplicate address detection, which carries no link-layer address.
 * Spec: RFC 4861 4.3, 7.2.2; RFC 2464 7.
 */
struct pkt_spec recipe_ns(const struct mac *src_mac, const struct addr *src,
			  const struct addr *target);

/* recipe_solicited_node() - ff02::1:ff00:0 with the last 24 bits of @a. Spec: RFC 4291 2.7.1. */
struct addr recipe_solicited_node(const struct addr *a);

/*
 * recipe_na() - the framed answer to a solicitation by @dst at @dst_mac, or to all nodes for ::.
 * Spec: RFC 4861 4.4, 7.2.4.
 */
struct pkt_spec recipe_na(const struct mac *src_mac, const struct addr *target,
			  const struct mac *dst_mac, const struct addr *dst);

/* What an ICMP error says and quotes. */
struct recipe_error {
	uint8_t type, code;
	uint32_t rest;        /* octets 4-7: MTU, pointer, gateway */
	const uint8_t *quote; /* the packet it is about, from its IP header; cut to fit */
	size_t quote_len;
	const uint8_t *objects; /* extension objects in a row */
	size_t objects_len;     /* octets, at most 416; 0 for no extension */
};

/*
 * recipe_error() - an ICMP error of the family of @dst, in 576 octets over IPv4, 1280 over IPv6.
 * @body: receives what follows the ICMP header, at most 1232 octets, and must live until the packet
 * is built; ask wr_done() whether it had room.
 * Spec: RFC 1812 4.3.2.3, RFC 4443 3, RFC 4884 3 to 5.
 */
struct pkt_spec recipe_error(const struct addr *src, const struct addr *dst,
			     const struct recipe_error *error, struct wr *body);

/* One label of an MPLS label stack object. */
struct recipe_label {
	uint32_t label; /* 20 bits */
	uint8_t tc;     /* traffic class, 3 bits */
	uint8_t ttl;
};

/* recipe_mpls_object() - appends a stack of @n labels, the top one first. Spec: RFC 4950 3. */
void recipe_mpls_object(struct wr *objects, const struct recipe_label *labels, unsigned n);

struct recipe_iface {
	uint8_t role;     /* 0 incoming, 1 sub-IP, 2 outgoing, 3 next hop */
	uint32_t ifindex; /* 0 for none */
	struct addr addr; /* len 0 for none */
	const char *name; /* NULL for none; at most 63 octets are sent */
	uint32_t mtu;     /* octets, 0 for none */
};

/* recipe_iface_object() - appends an interface information object. Spec: RFC 5837 4. */
void recipe_iface_object(struct wr *objects, const struct recipe_iface *iface);

#endif
