/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/flow.h"

#define MTU_UNTOLD 576u /* RFC 1191 5: a router before that standard tells 0 */

static enum tcb_icmp v4_kind(uint8_t type, uint8_t code)
{
	if (type == ICMP_V4_PARAMETER)
		return TCB_ICMP_HARD;
	if (type != ICMP_V4_UNREACHABLE)
		return TCB_ICMP_SOFT;
	switch (code) {
	case ICMP_V4_FRAG_NEEDED: return TCB_ICMP_TOO_BIG;
	case ICMP_V4_PROTO_UNREACHABLE:
	case ICMP_V4_PORT_UNREACHABLE:
	case 9: /* RFC 1122 3.2.2.1: network, host administratively prohibited */
	case 10:
	case ICMP_V4_ADMIN_PROHIBITED: return TCB_ICMP_HARD;
	default: return TCB_ICMP_SOFT;
	}
}

static enum tcb_icmp v6_kind(uint8_t type, uint8_t code)
{
	if (type == ICMP_V6_TOO_BIG)
		return TCB_ICMP_TOO_BIG;
	if (type == ICMP_V6_PARAMETER)
		return TCB_ICMP_HARD;
	if (type == ICMP_V6_UNREACHABLE &&
	    (code == ICMP_V6_ADMIN_PROHIBITED || code == ICMP_V6_PORT_UNREACHABLE))
		return TCB_ICMP_HARD;
	return TCB_ICMP_SOFT;
}

static void read_icmp(const struct flow *f, const struct dissect *d, struct flow_news *out)
{
	const struct quote *q = &d->quote;

	out->is_v6 = f->local.len == 16;
	if (!d->has_quote || !q->has_tcp_seq || q->proto != IPPROTO_TCP || d->l4_csum == CSUM_BAD ||
	    !icmp_is_error(out->is_v6, d->icmp.type) || !addr_same(&q->src, &f->local) ||
	    !addr_same(&q->dst, &f->remote) || q->src_port != f->local_port ||
	    q->dst_port != f->remote_port)
		return;
	/* A redirect and a source quench (RFC 6633) say nothing about the connection. */
	if (!out->is_v6 &&
	    (d->icmp.type == ICMP_V4_REDIRECT || d->icmp.type == ICMP_V4_SOURCE_QUENCH))
		return;
	out->kind = FLOW_ICMP;
	out->remote = d->src;
	out->type = d->icmp.type;
	out->code = d->icmp.code;
	out->quoted_seq = q->tcp_seq;
	out->icmp = out->is_v6 ? v6_kind(out->type, out->code) : v4_kind(out->type, out->code);
	out->mtu = out->is_v6 ? d->icmp.info : d->icmp.info & 0xffff;
	if (!out->is_v6 && !out->mtu)
		out->mtu = MTU_UNTOLD;
}

void flow_read(const struct flow *f, const struct dissect *d, bool is_csum_partial,
	       struct flow_news *out)
{
	*out = (struct flow_news){.kind = FLOW_NOT_OURS};
	if (dissect_has(d, LAYER_ICMP4) || dissect_has(d, LAYER_ICMP6)) {
		read_icmp(f, d, out);
		return;
	}
	if (!dissect_has(d, LAYER_TCP) || d->is_truncated || d->is_fragment ||
	    !addr_same(&d->dst, &f->local) || d->tcp.dst_port != f->local_port)
		return;
	if (f->remote.len && (!addr_same(&d->src, &f->remote) || d->tcp.src_port != f->remote_port))
		return;
	out->remote = d->src;
	out->remote_port = d->tcp.src_port;
	out->seg = tcb_seg_read(&d->tcp, d->payload, d->payload_len);
	out->kind = d->l4_csum == CSUM_BAD && !is_csum_partial && !dissect_is_csum_left_over(d) ?
			    FLOW_CORRUPT :
			    FLOW_SEGMENT;
}

struct pkt_spec flow_spec(const struct flow *f, const struct flow_ip *ip, const struct tcb_seg *s)
{
	struct pkt_spec spec = {
		.from = PKT_FROM_IP,
		.ip = {.src = f->local,
		       .dst = f->remote,
		       .ttl = ip->ttl,
		       .tclass = ip->tclass,
		       .df = !ip->no_df},
	};

	spec.tcp.src_port = f->local_port;
	spec.tcp.dst_port = f->remote_port;
	tcb_seg_spec(s, &spec);
	return spec;
}
