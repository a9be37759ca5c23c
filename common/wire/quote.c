/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/quote.h"

#include "wire/icmp.h"

static void read_ports(struct rd l4, struct quote *out)
{
	out->has_ports = rd_left(&l4) >= 4;
	out->src_port = rd_u16(&l4);
	out->dst_port = rd_u16(&l4);
}

static void read_udp(struct rd l4, struct quote *out)
{
	read_ports(l4, out);
	rd_skip(&l4, 6);
	out->l4_csum = rd_u16(&l4);
	out->has_l4_csum = rd_done(&l4) == 0;
	out->payload_len = rd_left(&l4);
	out->payload = out->has_l4_csum ? l4.buf + l4.pos : NULL;
}

static void read_tcp(struct rd l4, struct quote *out)
{
	read_ports(l4, out);
	rd_skip(&l4, 4);
	out->tcp_seq = rd_u32(&l4);
	out->has_tcp_seq = rd_done(&l4) == 0;
}

static void read_icmp(struct rd l4, bool is_v6, struct quote *out)
{
	struct icmp_hdr h;

	if (icmp_parse(&l4, is_v6, &h) < 0)
		return;
	out->has_icmp = out->has_l4_csum = true;
	out->icmp_type = h.type;
	out->icmp_code = h.code;
	out->icmp_id = h.id;
	out->icmp_seq = h.seq;
	out->l4_csum = h.csum;
	out->payload_len = rd_left(&l4);
	out->payload = l4.buf + l4.pos;
}

static void read_l4(struct rd l4, struct quote *out)
{
	out->l4_len = rd_left(&l4);
	out->l4 = out->l4_len ? l4.buf + l4.pos : NULL;
	switch (out->proto) {
	case IPPROTO_ICMP: read_icmp(l4, false, out); break;
	case IPPROTO_ICMPV6: read_icmp(l4, true, out); break;
	case IPPROTO_UDP: read_udp(l4, out); break;
	case IPPROTO_TCP: read_tcp(l4, out); break;
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP: read_ports(l4, out); break;
	}
}

static int parse_v4(struct rd r, struct quote *out)
{
	struct ip4_hdr h;
	int err = ip4_parse_hdr(&r, &h);
	size_t claimed;

	if (err)
		return err;
	out->ttl = h.ttl;
	out->tos = (uint8_t)(h.dscp << 2 | h.ecn);
	out->ip_id = h.id;
	out->df = h.df;
	out->total_len = h.total_len;
	out->hdr_len = h.hdr_len;
	out->src = h.src;
	out->dst = ip4_final_dst(&h);
	out->proto = h.proto;
	out->frag_off = h.frag_off;
	/* Some stacks quote total_len in their own order or without the header: clip if it fits. */
	claimed = h.total_len > h.hdr_len ? (size_t)h.total_len - h.hdr_len : rd_left(&r);
	if (!h.frag_off)
		read_l4(claimed < rd_left(&r) ? rd_sub(&r, claimed) : r, out);
	return 0;
}

static int parse_v6(struct rd r, struct quote *out)
{
	struct ip6_hdr h;
	struct rd payload;
	int err = ip6_parse(&r, &h, &payload);

	if (err)
		return err;
	out->ttl = h.hop_limit;
	out->tos = h.tclass;
	out->flow = h.flow;
	out->total_len = IP6_HDR_LEN + (uint32_t)h.payload_len;
	out->hdr_len = h.hdr_len;
	out->src = h.src;
	out->dst = h.final_dst.len ? h.final_dst : h.dst;
	out->proto = h.proto;
	out->frag_off = h.frag_off;
	if (!h.frag_off && !h.is_chain_cut)
		read_l4(payload, out);
	return 0;
}

int quote_parse(struct rd r, struct quote *out)
{
	uint8_t version = rd_left(&r) ? r.buf[r.pos] >> 4 : 0;
	int err;

	*out = (struct quote){0};
	if (!rd_left(&r))
		return E_TRUNC;
	err = version == 4 ? parse_v4(r, out) : version == 6 ? parse_v6(r, out) : E_BAD;
	out->has_ip = !err;
	return err;
}

void quote_parse_l4(struct rd r, const struct addr *dst, uint8_t proto, struct quote *out)
{
	*out = (struct quote){.dst = *dst, .proto = proto};
	read_l4(r, out);
}
