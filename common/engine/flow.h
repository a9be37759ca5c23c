/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow - the two ends of a TCP connection, and which packets belong to it.
 *
 * Layer: engine. Between the packets of the wire and the segments of engine/tcb.
 * Spec: RFC 9293 3.10.7, RFC 5927 3 (what an ICMP error must quote), RFC 1122 4.2.3.9 and RFC 4443
 * (which errors are hard).
 */
#ifndef PKT_ENGINE_FLOW_H
#define PKT_ENGINE_FLOW_H

#include "base/addr.h"
#include "build/pkt.h"
#include "engine/tcb.h"
#include "wire/dissect.h"

struct flow {
	struct addr local, remote; /* remote len 0: anybody's, while listening */
	uint16_t local_port, remote_port;
};

enum flow_kind {
	FLOW_NOT_OURS,
	FLOW_SEGMENT,
	FLOW_ICMP,
	FLOW_CORRUPT, /* a segment to us with a wrong checksum */
};

/* What a packet says to us. */
struct flow_news {
	enum flow_kind kind;
	struct tcb_seg seg; /* FLOW_SEGMENT; points into the packet */
	struct addr remote; /* FLOW_SEGMENT, FLOW_ICMP: who sent it */
	uint16_t remote_port;
	enum tcb_icmp icmp; /* FLOW_ICMP, and what it quotes and says */
	bool is_v6;
	uint8_t type, code;
	uint32_t quoted_seq, mtu; /* mtu: octets, for TCB_ICMP_TOO_BIG */
};

/*
 * flow_read() - what the packet @d is to @f.
 * @is_csum_partial: the sum of TCP was left to the hardware and is not judged.
 */
void flow_read(const struct flow *f, const struct dissect *d, bool is_csum_partial,
	       struct flow_news *out);

/* What the header of IP says on the way out. */
struct flow_ip {
	uint8_t ttl, tclass;
	bool no_df;
};

/*
 * flow_spec() - the packet that carries @s over @f, from its IP header on. The octets of @s must
 * live until it is built.
 */
struct pkt_spec flow_spec(const struct flow *f, const struct flow_ip *ip, const struct tcb_seg *s);

/* flow_hdr_len() - octets of the IP header of @f's packets. */
static inline uint32_t flow_hdr_len(const struct flow *f)
{
	return f->local.len == 16 ? 40 : 20;
}

#endif
