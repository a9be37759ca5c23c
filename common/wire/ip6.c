/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/ip6.h"

#define PROTO_HIP 139 /* RFC 7401; laid out as an extension header, as is shim6 (RFC 7045 4) */
#define PROTO_SHIM6 140

enum routing_type {
	ROUTING_SOURCE = 0,  /* RFC 2460 4.4, deprecated */
	ROUTING_HOME = 2,    /* RFC 6275 6.4 */
	ROUTING_SEGMENT = 4, /* RFC 8754 2 */
};

bool ip6_is_ext(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_AH:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
	case PROTO_HIP:
	case PROTO_SHIM6: return true;
	}
	return false;
}

/* Octets of an extension header whose length field is @field. */
static size_t ext_len(uint8_t type, uint8_t field)
{
	if (type == IPPROTO_FRAGMENT)
		return 8; /* the field is reserved there */
	if (type == IPPROTO_AH)
		return (field + 2u) * 4; /* RFC 4302 2.2 */
	return (field + 1u) * 8;
}

static void read_fragment(struct rd ext, struct ip6_hdr *out)
{
	uint16_t off;

	rd_skip(&ext, 2);
	off = rd_u16(&ext);
	out->is_fragment = true;
	out->mf = off & 1;
	out->frag_off = off & 0xfff8;
	out->frag_id = rd_u32(&ext);
}

/* RFC 8200 8.1: the pseudo-header holds the final destination, while dst is the next waypoint. */
static void read_routing(struct rd ext, struct ip6_hdr *out)
{
	uint8_t type, segments_left;
	size_t n = (ext.len - 8) / 16;

	rd_skip(&ext, 2);
	type = rd_u8(&ext);
	segments_left = rd_u8(&ext);
	rd_skip(&ext, 4);
	if (!segments_left)
		return;
	out->final_dst = (struct addr){0};
	if (!n || (type != ROUTING_SOURCE && type != ROUTING_HOME && type != ROUTING_SEGMENT))
		return;
	if (type != ROUTING_SEGMENT) /* the segment list is in reverse, the others are not */
		rd_skip(&ext, (n - 1) * 16);
	out->final_dst.len = 16;
	rd_copy(&ext, out->final_dst.bytes, 16);
}

static void walk_chain(struct rd *payload, struct ip6_hdr *out)
{
	while (ip6_is_ext(out->proto)) {
		struct rd ahead = *payload, ext;
		struct ip6_ext *e = &out->exts[out->n_exts];
		uint8_t next = rd_u8(&ahead), field = rd_u8(&ahead);
		size_t len = ext_len(out->proto, field);

		out->is_chain_cut =
			ahead.bad || len > rd_left(payload) || out->n_exts == IP6_EXTS_MAX;
		if (out->is_chain_cut)
			return;
		*e = (struct ip6_ext){out->proto, next, out->hdr_len, (uint16_t)len};
		out->n_exts++;
		ext = rd_sub(payload, len);
		out->hdr_len = (uint16_t)(out->hdr_len + len);
		out->proto = next;
		if (e->type == IPPROTO_ROUTING)
			read_routing(ext, out);
		if (e->type == IPPROTO_FRAGMENT)
			read_fragment(ext, out);
		if (out->frag_off)
			return;
	}
}

int ip6_parse(struct rd *r, struct ip6_hdr *out, struct rd *payload)
{
	uint32_t first = rd_u32(r);
	size_t want;

	*out = (struct ip6_hdr){.hdr_len = IP6_HDR_LEN};
	*payload = rd_make(NULL, 0);
	out->tclass = (uint8_t)(first >> 20);
	out->flow = first & 0xfffff;
	out->payload_len = rd_u16(r);
	out->proto = out->next = rd_u8(r);
	out->hop_limit = rd_u8(r);
	out->src.len = out->dst.len = 16;
	rd_copy(r, out->src.bytes, 16);
	rd_copy(r, out->dst.bytes, 16);
	if (rd_done(r) < 0)
		return E_TRUNC;
	if (first >> 28 != 6)
		return E_BAD;
	out->final_dst = out->dst;
	want = out->payload_len || out->next != IPPROTO_HOPOPTS ? out->payload_len : rd_left(r);
	out->is_truncated = want > rd_left(r);
	*payload = out->is_truncated ? rd_rest(r) : rd_sub(r, want);
	walk_chain(payload, out);
	*payload = rd_rest(payload);
	return 0;
}

int ip6_opt_next(struct rd *r, struct ip6_opt *out)
{
	*out = (struct ip6_opt){.len = 1};
	if (!rd_left(r))
		return rd_done(r);
	out->type = rd_u8(r);
	if (out->type == IP6_OPT_PAD1)
		return 1;
	out->data_len = rd_u8(r);
	out->len = (uint16_t)(out->data_len + 2);
	out->data = rd_bytes(r, out->data_len);
	return rd_done(r) < 0 ? E_BAD : 1;
}
