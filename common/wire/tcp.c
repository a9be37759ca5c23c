/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/tcp.h"

#include "wire/hdropt.h"

int tcp_parse(struct rd *r, struct tcp_hdr *out)
{
	uint16_t word;

	*out = (struct tcp_hdr){.src_port = rd_u16(r)};
	out->dst_port = rd_u16(r);
	out->seq = rd_u32(r);
	out->ack = rd_u32(r);
	word = rd_u16(r);
	out->hdr_len = (uint8_t)((word >> 12) * 4);
	out->reserved = word >> 9 & 7;
	out->flags = word & 0x1ff;
	out->window = rd_u16(r);
	out->csum = rd_u16(r);
	out->urgent = rd_u16(r);
	if (rd_done(r) < 0)
		return E_TRUNC;
	if (out->hdr_len < 20)
		return E_BAD;
	out->opts_len = (uint8_t)(out->hdr_len - 20);
	out->opts = rd_bytes(r, out->opts_len);
	return rd_done(r);
}

/* Whether @len is one that the RFC of @kind allows; kinds we do not know may have any. */
static bool is_len_legal(uint8_t kind, uint8_t len)
{
	switch (kind) {
	case TCP_OPT_MSS: return len == 4;
	case TCP_OPT_WSCALE: return len == 3;
	case TCP_OPT_SACK_OK: return len == 2;
	case TCP_OPT_SACK: return len == 10 || len == 18 || len == 26 || len == 34;
	case TCP_OPT_TIMESTAMP: return len == 10;
	case TCP_OPT_MD5: return len == 18;
	case TCP_OPT_USER_TIMEOUT: return len == 4;
	case TCP_OPT_AO: return len >= 4;
	case TCP_OPT_FAST_OPEN: return len == 2 || (len >= 6 && len <= 18 && len % 2 == 0);
	}
	return true;
}

static void read_opt_data(struct tcp_opt *o)
{
	struct rd r = rd_make(o->data, o->data_len);

	switch (o->kind) {
	case TCP_OPT_MSS: o->mss = rd_u16(&r); break;
	case TCP_OPT_WSCALE: o->wscale = rd_u8(&r); break;
	case TCP_OPT_TIMESTAMP:
		o->ts_val = rd_u32(&r);
		o->ts_ecr = rd_u32(&r);
		break;
	case TCP_OPT_SACK:
		for (; rd_left(&r); o->n_sacks++) {
			o->sacks[o->n_sacks].left = rd_u32(&r);
			o->sacks[o->n_sacks].right = rd_u32(&r);
		}
		break;
	}
}

int tcp_opt_next(struct rd *r, struct tcp_opt *out)
{
	struct hdropt o;
	int more = hdropt_next(r, &o);

	*out = (struct tcp_opt){
		.kind = o.kind, .len = o.len, .data = o.data, .data_len = o.data_len};
	if (more <= 0 || o.kind <= HDROPT_NOP)
		return more;
	out->is_bad = !is_len_legal(out->kind, out->len);
	if (!out->is_bad)
		read_opt_data(out);
	return more;
}
