/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net - a packet's way through the internet: parsed, led along its routers, answered, sent.
 *
 * Packets are read and built here octet by octet, not with the parsers and builders under test:
 * a mistake there must not be cancelled by the same mistake here.
 */
#ifndef FAKENET_NET_H
#define FAKENET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/clock.h"

#include "fragment.h"
#include "late.h"
#include "port.h"
#include "topo.h"

#define ETH_LEN 14

enum ip_proto {
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_FRAGMENT = 44,
	PROTO_ICMPV6 = 58,
};

struct fakenet {
	struct topo topo;
	struct port port;
	struct late late;
	struct fragments fragments;
	uint8_t big[ETH_LEN + 65535]; /* an answer larger than the MTU, until it is cut */
	const struct clock *clock;
	uint64_t now_ns;      /* CLOCK_MONOTONIC, read once a round */
	uint16_t ip_id;       /* of the next IPv4 packet */
	uint64_t n_ignored;   /* frames that ask nobody: other MACs, protocols, ICMP types */
	uint64_t n_malformed; /* headers that do not fit, checksums that do not hold, cut frames */
	uint64_t n_fragments; /* fragments that came in */
	uint64_t n_unowned;   /* packets for an address that no line owns */
	uint64_t n_unsent;    /* answers that still waited at the end, or found no room to wait */
};

/* An IP packet as it came in; all pointers lead into the frame. */
struct packet {
	const uint8_t *eth;
	uint8_t *ip;
	size_t ip_len; /* octets of the packet, Ethernet padding cut off */
	struct addr src, dst;
	uint8_t ttl, tos;
	bool may_fragment; /* IPv4 without DF, or cut already */
	struct {
		uint32_t id;
		size_t off; /* octets */
		bool more;
	} fragment;    /* of a fragment; l4 is then its piece of the payload */
	uint8_t proto; /* behind IPv4 options and IPv6 extension headers */
	uint8_t *l4;
	size_t l4_len;
};

/* A packet that has arrived at a node. */
struct visit {
	const struct packet *packet;
	struct node *node;
	struct node *gateway; /* the first router of the way; NULL on the link itself */
	unsigned n_hops;      /* routers passed on the way */
	uint64_t delay_ns;    /* taken by the way, both directions */
};

/* net_frame() - everything that follows from one received frame. */
void net_frame(struct fakenet *f, const struct port_frame *frame);

/* net_due() - hands out the delayed frames that are due by now. */
void net_due(struct fakenet *f);

/*
 * packet_parse() - reads frame @frame into @out. Returns 0; E_UNSUP for what is not IP; E_AGAIN
 * for a fragment; E_TRUNC, E_BAD.
 */
int must_check packet_parse(const struct port_frame *frame, struct packet *out);

/*
 * net_begin() - starts an answer to @v's packet: Ethernet and IP header, from @src to who asked.
 * @l4_len: octets that follow. @ttl: as sent; the way back takes its hops from it.
 * Returns: where those octets go; NULL if no IP packet holds so many.
 */
uint8_t *net_begin(struct fakenet *f, const struct visit *v, const struct addr *src, uint8_t proto,
		   unsigned ttl, size_t l4_len);

/*
 * net_icmp_csum() - puts the checksum into the ICMP message of @len octets at @l4, begun from
 * @src; a wrong one if the node wants it so.
 */
void net_icmp_csum(const struct visit *v, const struct addr *src, uint8_t *l4, size_t len);

/*
 * net_finish() - sends the begun answer with @l4_len octets at @l4, @extra_ns later than the way
 * takes, in as many copies as the node makes.
 */
void net_finish(struct fakenet *f, const struct visit *v, const uint8_t *l4, size_t l4_len,
		uint64_t extra_ns);

/*
 * net_send() - sends the frame of @len octets at @frame (best built in the port's slot) in
 * @delay_ns from now, in fragments if it must.
 */
void net_send(struct fakenet *f, const uint8_t *frame, size_t len, uint64_t delay_ns);

/*
 * net_send_ip() - as net_send(), for an answer begun with net_begin() that has @l4_len octets at
 * @l4.
 */
void net_send_ip(struct fakenet *f, const uint8_t *l4, size_t l4_len, uint64_t delay_ns);

/* net_passes() - takes a token from @b; false (and counted) if there is none. */
bool net_passes(struct fakenet *f, struct node *n, struct bucket *b);

/* answer_*() - what a node says to a packet that has reached it. */
void answer_echo(struct fakenet *f, const struct visit *v);
void answer_udp(struct fakenet *f, const struct visit *v);
void answer_tcp(struct fakenet *f, const struct visit *v);

/*
 * error_send() - an ICMP error about @v's packet, said by @v's node, unless it is silent,
 * limited, or knows no such error.
 */
void error_send(struct fakenet *f, const struct visit *v, const struct icmp_error *e);

/* redirect_send() - tells the sender that @via is the better first hop. */
void redirect_send(struct fakenet *f, const struct visit *v, const struct addr *via);

/*
 * neighbour_arp(), neighbour_nd() - answer an ARP request or a neighbour solicitation for an
 * address that a node on the link owns.
 */
void neighbour_arp(struct fakenet *f, const struct port_frame *frame);
bool neighbour_nd(struct fakenet *f, const struct packet *p);

static inline void node_count(struct node *n, enum count c)
{
	n->counts[c]++;
}

#endif
