/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A segment leaves: the most urgent first.
 */
#include "engine/tcb_impl.h"

uint32_t tcb_data_mss(const struct tcb *t)
{
	return t->snd_mss - (t->has_ts ? TCB_TS_LEN : 0);
}

/*
 * RFC 9293 3.8.6.2.2: the right edge moves by steps worth a segment, and never back.
 * Returns the window as the header tells it.
 */
static uint16_t tell_window(struct tcb *t, bool is_syn)
{
	uint32_t edge = t->rcv_nxt + tcb_room(t), window;
	uint32_t step = t->config.mss < t->in.cap / 2 ? t->config.mss : t->in.cap / 2;
	unsigned shift = is_syn ? 0 : t->rcv_wscale;

	if (seq_lt(t->rcv_adv, edge) && (edge - t->rcv_adv >= step || is_syn))
		t->rcv_adv = edge;
	window = seq_lt(t->rcv_nxt, t->rcv_adv) ? (t->rcv_adv - t->rcv_nxt) >> shift : 0;
	if (window > UINT16_MAX)
		window = UINT16_MAX;
	t->rcv_adv = t->rcv_nxt + (window << shift);
	return (uint16_t)window;
}

/* RFC 2018 4: the block with the newest octets first. */
static void tell_sacks(const struct tcb *t, struct tcb_seg *out)
{
	unsigned most = t->has_ts ? TCP_SACKS_MAX - 1 : TCP_SACKS_MAX;
	struct tcb_opts *o = &out->opts;

	if (!t->has_sack || !t->early.n || out->len + TCB_TS_LEN + 36 > t->snd_mss)
		return;
	if (seq_lt(t->rcv_nxt, t->newest.left))
		o->sacks[o->n_sacks++] = t->newest;
	for (unsigned i = 0; i < t->early.n && o->n_sacks < most; i++)
		if (!o->n_sacks || t->early.at[i].left != o->sacks[0].left)
			o->sacks[o->n_sacks++] = t->early.at[i];
}

/* What each segment of a connection says beside its own. */
static void acknowledge(struct tcb *t, struct tcb_seg *out)
{
	out->flags |= TCP_F_ACK;
	out->ack = t->rcv_nxt;
	out->window = tell_window(t, out->flags & TCP_F_SYN);
	if (t->has_ts && !(out->flags & TCP_F_SYN)) {
		out->opts.has_ts = true;
		out->opts.ts_val = tcb_stamp(t);
		out->opts.ts_ecr = t->ts_recent;
	}
	tell_sacks(t, out);
	t->last_ack_sent = t->rcv_nxt;
	t->unacked = 0;
	t->ack_due = false;
	t->delack_due_ns = TCB_NEVER;
}

/* Starts what a sent segment starts: the timer, a measurement. */
static void note_sent(struct tcb *t, const struct tcb_seg *out, uint32_t end)
{
	bool is_new = seq_lt(t->snd_max, end);

	if (is_new && !t->is_timed && !t->n_tries && !t->is_recovering) {
		t->is_timed = true;
		t->timed_seq = out->seq;
		t->timed_ns = t->now_ns;
	}
	if (!is_new)
		t->n_retransmits++;
	t->snd_max = seq_max(t->snd_max, end);
	if (t->rto_due_ns == TCB_NEVER && t->persist_due_ns == TCB_NEVER)
		t->rto_due_ns = t->now_ns + t->rto_ns;
}

/* RFC 7413 4.2.1: with a cookie the SYN carries octets; a repeated one does not (4.1.3.1). */
static void add_fast_open(struct tcb *t, struct tcb_seg *out)
{
	const struct tcb_config *c = &t->config;
	uint32_t room = (t->config.mss < 100 ? 0 : t->config.mss - 60u);

	if (!c->wants_cookie || t->syn_resent)
		return;
	out->opts.has_cookie = true;
	out->opts.cookie_len = c->cookie_len;
	for (unsigned i = 0; i < c->cookie_len; i++)
		out->opts.cookie[i] = c->cookie[i];
	if (!c->cookie_len || !t->out.len)
		return;
	out->len = t->out.len < room ? t->out.len : room;
	ring_get(&t->out, 0, t->scratch, out->len);
	out->data = t->scratch;
	out->why = TCB_WHY_FAST_OPEN;
}

static void make_syn(struct tcb *t, struct tcb_seg *out)
{
	const struct tcb_config *c = &t->config;
	bool is_answer = tcb_state(t) == TCB_SYN_RECEIVED;

	t->syn_due = false;
	out->seq = t->iss;
	out->flags = TCP_F_SYN;
	out->why = t->snd_max != t->iss && !is_answer ? TCB_WHY_RETRANSMIT :
		   t->n_tries                         ? TCB_WHY_RETRANSMIT :
		   is_answer                          ? TCB_WHY_NONE :
							TCB_WHY_ACTIVE_OPEN;
	out->opts = (struct tcb_opts){
		.has_mss = c->wants_mss,
		.mss = c->mss,
		/* An answer offers what was offered to it. RFC 7323 2.2, 3.2; RFC 2018 2. */
		.has_wscale = is_answer ? t->has_wscale : c->wants_wscale,
		.wscale = c->wscale,
		.sack_ok = is_answer ? t->has_sack : c->wants_sack,
		.has_ts = is_answer ? t->has_ts : c->wants_ts,
		.ts_val = tcb_stamp(t),
		.ts_ecr = is_answer ? t->ts_recent : 0,
	};
	if (is_answer)
		acknowledge(t, out);
	else
		out->window = (uint16_t)(tcb_room(t) < UINT16_MAX ? tcb_room(t) : UINT16_MAX);
	if (!is_answer)
		add_fast_open(t, out);
	t->snd_nxt = t->iss + 1 + out->len;
	note_sent(t, out, t->snd_nxt);
}

/* Puts octets from @from on into the segment, and the FIN if they reach it. */
static void fill(struct tcb *t, struct tcb_seg *out, uint32_t from, uint32_t len)
{
	uint32_t end = tcb_out_end(t);
	bool is_repeated = seq_lt(from, t->snd_max);

	out->seq = from;
	out->len = len;
	out->data = t->scratch;
	ring_get(&t->out, from - t->out_seq, t->scratch, len);
	if (len && from + len == end)
		out->flags |= TCP_F_PSH;
	if (t->is_closing && from + len == end) {
		out->flags |= TCP_F_FIN;
		end++;
	}
	if (!out->why)
		out->why = is_repeated              ? TCB_WHY_RETRANSMIT :
			   (out->flags & TCP_F_FIN) ? TCB_WHY_CLOSE :
						      TCB_WHY_NONE;
	acknowledge(t, out);
	note_sent(t, out, from + len + (out->flags & TCP_F_FIN ? 1 : 0));
}

/* RFC 6675 in small: the next octets that the peer lacks while it has later ones. */
static bool make_hole(struct tcb *t, struct tcb_seg *out)
{
	uint32_t end = tcb_out_end(t), from, len, limit;

	t->is_hole_due = false;
	from = spans_skip(&t->sacked, seq_max(t->hole, t->snd_una));
	limit = spans_next(&t->sacked, from, end);
	if (!seq_lt(from, t->snd_max))
		return false;
	len = seq_lt(from, limit) ? limit - from : 0;
	if (len > tcb_data_mss(t))
		len = tcb_data_mss(t);
	out->why = TCB_WHY_FAST_RETRANSMIT;
	fill(t, out, from, len);
	t->hole = from + (len ? len : 1);
	return true;
}

/* Whether a short segment had better wait. RFC 9293 3.7.4, 3.8.6.2.1. */
static bool should_wait(const struct tcb *t, uint32_t from, uint32_t len, uint32_t unsent)
{
	bool is_under_way = t->snd_una != t->snd_max;

	if (len >= tcb_data_mss(t) || !is_under_way || seq_lt(from, t->snd_max))
		return false;
	if (len < unsent)
		return len < t->max_snd_wnd / 2;
	return t->config.nagle && !t->is_closing;
}

static bool make_data(struct tcb *t, struct tcb_seg *out)
{
	uint32_t end = tcb_out_end(t), from = t->snd_nxt, limit = end, usable, len, edge;
	bool has_fin;

	if (seq_lt(from, t->snd_max)) {
		from = spans_skip(&t->sacked, from);
		limit = spans_next(&t->sacked, from, end);
	}
	if (seq_lt(end, from))
		return false;
	edge = t->snd_una + (t->snd_wnd < t->cwnd ? t->snd_wnd : t->cwnd);
	usable = seq_lt(from, edge) ? edge - from : 0;
	len = limit - from < usable ? limit - from : usable;
	if (len > tcb_data_mss(t))
		len = tcb_data_mss(t);
	has_fin = t->is_closing && from + len == end;
	if (!len && !has_fin) {
		if (from == t->snd_una && end != from && t->persist_due_ns == TCB_NEVER) {
			t->persist_due_ns = t->now_ns + t->rto_ns;
			t->rto_due_ns = TCB_NEVER;
			t->probe_shift = 0;
		}
		return false;
	}
	if (!has_fin && should_wait(t, from, len, end - from))
		return false;
	fill(t, out, from, len);
	t->snd_nxt = from + len + has_fin;
	return true;
}

static bool make_probe(struct tcb *t, struct tcb_seg *out)
{
	t->probe_due = false;
	if (!t->out.len)
		return false;
	out->why = TCB_WHY_WINDOW_PROBE;
	fill(t, out, t->snd_una, 1);
	t->snd_nxt = seq_max(t->snd_nxt, t->snd_una + 1);
	return true;
}

static bool make_ack(struct tcb *t, struct tcb_seg *out)
{
	if (!t->ack_due)
		return false;
	out->seq = t->snd_max;
	out->why = t->ack_why;
	t->ack_why = TCB_WHY_NONE;
	acknowledge(t, out);
	return true;
}

static bool may_send_data(const struct tcb *t)
{
	switch (tcb_state(t)) {
	case TCB_ESTABLISHED:
	case TCB_FIN_WAIT_1:
	case TCB_CLOSE_WAIT:
	case TCB_CLOSING:
	case TCB_LAST_ACK: return true;
	default: return false;
	}
}

static bool make_any(struct tcb *t, struct tcb_seg *out)
{
	if (t->rst.flags) {
		*out = t->rst;
		t->rst = (struct tcb_seg){0};
		return true;
	}
	if (t->syn_due) {
		make_syn(t, out);
		return true;
	}
	if (t->is_hole_due && make_hole(t, out))
		return true;
	if (t->probe_due && make_probe(t, out))
		return true;
	if (may_send_data(t) && make_data(t, out))
		return true;
	return make_ack(t, out);
}

bool tcb_send(struct tcb *t, uint64_t now_ns, struct tcb_seg *out)
{
	t->now_ns = now_ns;
	*out = (struct tcb_seg){0};
	if (!make_any(t, out))
		return false;
	t->n_out++;
	return true;
}
