/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segments between the machine and the wire.
 */
#include <string.h>

#include "build/pkt.h"
#include "engine/tcb_impl.h"

static void read_opt(const struct tcp_opt *o, struct tcb_opts *out)
{
	switch (o->kind) {
	case TCP_OPT_MSS:
		out->has_mss = true;
		out->mss = o->mss;
		break;
	case TCP_OPT_WSCALE:
		out->has_wscale = true;
		out->wscale = o->wscale;
		break;
	case TCP_OPT_SACK_OK: out->sack_ok = true; break;
	case TCP_OPT_TIMESTAMP:
		out->has_ts = true;
		out->ts_val = o->ts_val;
		out->ts_ecr = o->ts_ecr;
		break;
	case TCP_OPT_SACK:
		out->n_sacks = o->n_sacks;
		for (unsigned i = 0; i < o->n_sacks; i++)
			out->sacks[i] = (struct span){o->sacks[i].left, o->sacks[i].right};
		break;
	case TCP_OPT_FAST_OPEN:
		out->has_cookie = true;
		out->cookie_len = o->data_len;
		memcpy(out->cookie, o->data, o->data_len);
		break;
	}
}

struct tcb_seg tcb_seg_read(const struct tcp_hdr *h, const uint8_t *data, size_t len)
{
	struct rd r = rd_make(h->opts, h->opts_len);
	struct tcb_seg s = {
		.seq = h->seq,
		.ack = h->ack,
		.flags = h->flags,
		.window = h->window,
		.data = data,
		.len = (uint32_t)len,
	};
	struct tcp_opt o;

	/* RFC 9293 3.1: a wrong length ends the list, and the segment goes on without it. */
	while (tcp_opt_next(&r, &o) > 0 && o.kind != TCP_OPT_END)
		if (!o.is_bad)
			read_opt(&o, &s.opts);
	return s;
}

static void write_head(struct wr *w, uint8_t kind, size_t data_len)
{
	wr_u8(w, kind);
	wr_u8(w, (uint8_t)(data_len + 2));
}

static void write_opts(const struct tcb_opts *o, struct wr *w)
{
	if (o->has_mss) {
		write_head(w, TCP_OPT_MSS, 2);
		wr_u16(w, o->mss);
	}
	if (o->sack_ok)
		write_head(w, TCP_OPT_SACK_OK, 0);
	if (o->has_ts) {
		if (!o->sack_ok)
			wr_u16(w, TCP_OPT_NOP << 8 | TCP_OPT_NOP);
		write_head(w, TCP_OPT_TIMESTAMP, 8);
		wr_u32(w, o->ts_val);
		wr_u32(w, o->ts_ecr);
	}
	if (o->has_wscale) {
		wr_u8(w, TCP_OPT_NOP);
		write_head(w, TCP_OPT_WSCALE, 1);
		wr_u8(w, o->wscale);
	}
	if (o->has_cookie) {
		write_head(w, TCP_OPT_FAST_OPEN, o->cookie_len);
		wr_bytes(w, o->cookie, o->cookie_len);
	}
	if (o->n_sacks) {
		wr_u16(w, TCP_OPT_NOP << 8 | TCP_OPT_NOP);
		write_head(w, TCP_OPT_SACK, o->n_sacks * 8u);
		for (unsigned i = 0; i < o->n_sacks; i++) {
			wr_u32(w, o->sacks[i].left);
			wr_u32(w, o->sacks[i].right);
		}
	}
	/* What completes the last word is no option of its own. */
	while (!w->bad && w->len % 4)
		wr_u8(w, TCP_OPT_NOP);
}

void tcb_seg_spec(const struct tcb_seg *s, struct pkt_spec *spec)
{
	struct wr w = wr_make(spec->tcp.options, sizeof(spec->tcp.options));

	write_opts(&s->opts, &w);
	spec->kind = PKT_TCP;
	spec->tcp.seq = s->seq;
	spec->tcp.ack = s->ack;
	spec->tcp.flags = (uint8_t)s->flags;
	spec->tcp.window = s->window;
	spec->tcp.urgent = 0;
	/* More than fits is for pkt_build() to refuse. */
	spec->tcp.options_len = w.bad ? PKT_TCP_OPTIONS_MAX + 1 : (uint8_t)w.len;
	spec->payload = s->data;
	spec->payload_len = s->len;
}
