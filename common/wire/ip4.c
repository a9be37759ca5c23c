/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/ip4.h"

#include "wire/hdropt.h"

int ip4_parse_hdr(struct rd *r, struct ip4_hdr *out)
{
	uint8_t first = rd_u8(r), tos = rd_u8(r);
	uint16_t frag;

	*out = (struct ip4_hdr){.hdr_len = (uint8_t)((first & 15) * 4)};
	out->dscp = tos >> 2;
	out->ecn = tos & 3;
	out->total_len = rd_u16(r);
	out->id = rd_u16(r);
	frag = rd_u16(r);
	out->reserved_bit = frag & 0x8000;
	out->df = frag & 0x4000;
	out->mf = frag & 0x2000;
	out->frag_off = (uint16_t)((frag & 0x1fff) * 8);
	out->ttl = rd_u8(r);
	out->proto = rd_u8(r);
	out->csum = rd_u16(r);
	out->src.len = out->dst.len = 4;
	rd_copy(r, out->src.bytes, 4);
	rd_copy(r, out->dst.bytes, 4);
	if (rd_done(r) < 0)
		return E_TRUNC;
	if (first >> 4 != 4 || out->hdr_len < 20)
		return E_BAD;
	out->opts_len = (uint8_t)(out->hdr_len - 20);
	out->opts = rd_bytes(r, out->opts_len);
	return rd_done(r);
}

int ip4_parse(struct rd *r, struct ip4_hdr *out, struct rd *payload)
{
	int err = ip4_parse_hdr(r, out);
	size_t want;

	*payload = rd_make(NULL, 0);
	if (err)
		return err;
	if (out->total_len && out->total_len < out->hdr_len)
		return E_BAD;
	want = out->total_len ? (size_t)(out->total_len - out->hdr_len) : rd_left(r);
	out->is_truncated = want > rd_left(r);
	*payload = out->is_truncated ? rd_rest(r) : rd_sub(r, want);
	return 0;
}

bool ip4_is_fragment(const struct ip4_hdr *h)
{
	return h->mf || h->frag_off;
}

/* The entries of a route or stamp option: @first is the least legal pointer, @size octets each. */
static void read_slots(struct ip4_opt *o, uint8_t first, uint8_t size)
{
	o->n_slots = (uint8_t)((o->len - (first - 1)) / size);
	o->is_bad = (o->len - (first - 1)) % size || o->ptr < first || (o->ptr - first) % size;
	if (o->is_bad)
		return;
	if (o->ptr > o->len)
		o->n_used = o->n_slots;
	else
		o->n_used = (uint8_t)((o->ptr - first) / size);
}

static void read_opt_data(struct ip4_opt *o)
{
	switch (o->type) {
	case IP4_OPT_RR:
	case IP4_OPT_LSRR:
	case IP4_OPT_SSRR:
		o->is_bad = o->data_len < 1;
		if (o->is_bad)
			return;
		o->ptr = o->data[0];
		read_slots(o, 4, 4);
		break;
	case IP4_OPT_TS:
		o->is_bad = o->data_len < 2;
		if (o->is_bad)
			return;
		o->ptr = o->data[0];
		o->overflow = o->data[1] >> 4;
		o->flag = o->data[1] & 15;
		if (o->flag != IP4_TS_ONLY && o->flag != IP4_TS_ADDR && o->flag != IP4_TS_PRESPEC)
			o->is_bad = true;
		else
			read_slots(o, 5, o->flag == IP4_TS_ONLY ? 4 : 8);
		break;
	case IP4_OPT_ALERT: o->is_bad = o->data_len != 2; break;
	}
}

int ip4_opt_next(struct rd *r, struct ip4_opt *out)
{
	struct hdropt o;
	int more = hdropt_next(r, &o);

	*out = (struct ip4_opt){
		.type = o.kind, .len = o.len, .data = o.data, .data_len = o.data_len};
	if (more > 0 && o.kind > HDROPT_NOP)
		read_opt_data(out);
	return more;
}

struct addr ip4_opt_addr(const struct ip4_opt *o, unsigned i)
{
	return addr_from(o->data + 1 + i * 4, 4);
}

struct ip4_stamp ip4_opt_stamp(const struct ip4_opt *o, unsigned i)
{
	struct ip4_stamp stamp = {0};
	struct rd r = rd_make(o->data + 2, o->data_len - 2u);
	size_t size = o->flag == IP4_TS_ONLY ? 4 : 8;

	rd_skip(&r, i * size);
	if (o->flag != IP4_TS_ONLY) {
		stamp.addr.len = 4;
		rd_copy(&r, stamp.addr.bytes, 4);
	}
	stamp.ms = rd_u32(&r);
	stamp.is_nonstandard = stamp.ms >> 31;
	stamp.ms &= 0x7fffffff;
	return stamp;
}

struct addr ip4_final_dst(const struct ip4_hdr *h)
{
	struct rd r = rd_make(h->opts, h->opts_len);
	struct ip4_opt o;

	while (ip4_opt_next(&r, &o) > 0) {
		bool is_route = o.type == IP4_OPT_LSRR || o.type == IP4_OPT_SSRR;

		if (is_route && !o.is_bad && o.n_used < o.n_slots)
			return ip4_opt_addr(&o, o.n_slots - 1u);
	}
	return h->dst;
}
