/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pkt - one description in, one finished packet out: lengths, padding and checksums are done.
 *
 * Layer: build. The packet is assembled by libnet as a pure builder; it opens and sends nothing.
 * Spec: RFC 791, 8200, 792, 4443, 4861, 768, 9293, 826, IEEE 802.1Q; checksums RFC 1071.
 * Not here: usual packets with their usual values (build/recipes.h), reading packets (wire/).
 */
#ifndef PKT_BUILD_PKT_H
#define PKT_BUILD_PKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bytes.h"
#include "base/err.h"

#define PKT_IP4_OPTIONS_MAX 40 /* RFC 791 3.1: IHL counts 15 words, 5 of them fixed */
#define PKT_TCP_OPTIONS_MAX 40 /* RFC 9293 3.1: the same with the data offset */
#define PKT_VLANS_MAX 2

/* The header that the octets begin with. */
enum pkt_from {
	PKT_FROM_ETH,
	PKT_FROM_IP,
	PKT_FROM_L4, /* what a ping, UDP or raw socket wants: no IP header */
};

enum pkt_kind {
	PKT_RAW,  /* IP around the payload as it stands */
	PKT_ARP,  /* Ethernet only */
	PKT_ICMP, /* ICMP, or ICMPv6 when ip.dst is IPv6 */
	PKT_ND,   /* ICMPv6 neighbor solicitation or advertisement */
	PKT_UDP,
	PKT_TCP,
};

struct pkt_vlan {
	uint16_t tpid; /* 0x8100 or 0x88a8 */
	uint16_t tci;  /* priority (3 bits), drop eligible (1), VLAN id (12) */
};

struct pkt_eth {
	struct mac dst, src;
	struct pkt_vlan vlan[PKT_VLANS_MAX]; /* the outer first */
	uint8_t n_vlans;
};

struct pkt_ip {
	struct addr src, dst; /* of one family, which makes the packet IPv4 or IPv6 */
	uint8_t ttl;          /* hop limit in IPv6 */
	uint8_t tclass;       /* DSCP and ECN */
	uint8_t proto;        /* PKT_RAW only */
	bool df;              /* IPv4 */
	uint16_t id;          /* IPv4 */
	uint32_t flow_label;  /* IPv6, 20 bits */
	uint8_t options[PKT_IP4_OPTIONS_MAX]; /* IPv4; zeros complete the last word */
	uint8_t options_len;                  /* octets, 0 for none */
	uint8_t ext_first;                    /* IPv6: the kind of the first extension header */
	const uint8_t *ext; /* IPv6: extension headers, the last naming what follows */
	size_t ext_len;     /* octets, a multiple of 8, 0 for none */
};

struct pkt_arp {
	uint16_t op; /* 1 request, 2 reply */
	struct mac sender_mac, target_mac;
	struct addr sender, target; /* IPv4 */
};

struct pkt_icmp {
	uint8_t type, code;
	uint32_t rest; /* octets 4-7: id and seq, MTU, pointer, ... */
};

struct pkt_nd {
	bool is_advert;
	uint32_t flags; /* the 32 bits before the target: R, S, O */
	struct addr target;
	struct mac lladdr; /* option: of the source, or of the target */
	bool has_lladdr;
	uint8_t nonce[6]; /* option: marks a solicitation of one's own (RFC 7527 4.1) */
	bool has_nonce;
};

struct pkt_udp {
	uint16_t src_port, dst_port;
};

struct pkt_tcp {
	uint16_t src_port, dst_port;
	uint32_t seq, ack;
	uint8_t flags; /* from FIN 1, SYN 2, RST 4 to CWR 128 */
	uint16_t window, urgent;
	uint8_t options[PKT_TCP_OPTIONS_MAX]; /* zeros complete the last word */
	uint8_t options_len;                  /* octets, 0 for none */
};

/* The description of one packet. What its kind and start do not need is ignored. */
struct pkt_spec {
	enum pkt_from from;
	enum pkt_kind kind;
	struct pkt_eth eth;
	struct pkt_ip ip;
	union {
		struct pkt_arp arp;
		struct pkt_icmp icmp;
		struct pkt_nd nd;
		struct pkt_udp udp;
		struct pkt_tcp tcp;
	};
	const uint8_t *payload; /* behind the last header; not for ARP and ND */
	size_t payload_len;
	size_t pad_to; /* least octets of the frame, by zeros that no sum counts */
};

struct pkt;

/* pkt_new() - a builder for one thread; NULL if out of memory. Owns: freed by pkt_free(). */
struct pkt *pkt_new(void);

/* pkt_free() - NULL is allowed. */
void pkt_free(struct pkt *p);

/*
 * pkt_build() - appends the packet that @spec describes to @out.
 * All lengths and checksums are right. The checksum of UDP, TCP and ICMPv6 counts ip.src; from
 * PKT_FROM_L4 that may be missing (len 0): the sum is then 0 and the kernel's to fill in.
 * Bytes: headers + payload, or pad_to if more. On failure @out keeps its length.
 * Returns: 0; E_BAD for a description that contradicts itself; E_RANGE for a packet, option list
 * or flow label that is too large; E_FULL when @out has no room; E_MEM. @why says which.
 */
int must_check pkt_build(struct pkt *p, const struct pkt_spec *spec, struct wr *out,
			 struct why *why);

#endif
