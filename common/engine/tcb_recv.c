/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A segment arrives: the checks of RFC 9293 3.10.7, in its order.
 */
#include "base/num.h"
#include "engine/tcb_impl.h"

#define CHALLENGES_MAX 10u /* RFC 5961 7 */
#define CHALLENGE_NS (5 * NS_PER_S)
#define DUP_ACKS 3u

static bool has(const struct tcb_seg *s, uint16_t flag)
{
	return s->flags & flag;
}

/* SEG.LEN of the standard: what the segment takes of the sequence space. */
static uint32_t seg_len(const struct tcb_seg *s)
{
	return s->len + has(s, TCP_F_SYN) + has(s, TCP_F_FIN);
}

/* RFC 9293 3.10.7.1: the answer to a segment that belongs to no connection. */
static enum tcb_why reply_reset(struct tcb *t, const struct tcb_seg *s, enum tcb_why judged)
{
	if (has(s, TCP_F_RST))
		return TCB_WHY_IGNORED;
	if (has(s, TCP_F_ACK))
		t->rst = (struct tcb_seg){.seq = s->ack, .flags = TCP_F_RST};
	else
		t->rst = (struct tcb_seg){.ack = s->seq + seg_len(s),
					  .flags = TCP_F_RST | TCP_F_ACK};
	t->rst.why = TCB_WHY_RST_REPLY;
	return judged;
}

static enum tcb_why challenge(struct tcb *t, enum tcb_why judged)
{
	if (!t->n_challenges || t->now_ns - t->challenge_from_ns >= CHALLENGE_NS) {
		t->challenge_from_ns = t->now_ns;
		t->n_challenges = 0;
	}
	if (t->n_challenges >= CHALLENGES_MAX)
		return judged;
	t->n_challenges++;
	t->n_challenged++;
	tcb_ack_now(t, TCB_WHY_CHALLENGE_ACK);
	return judged;
}

/* --- the options of a SYN */

static void take_syn(struct tcb *t, const struct tcb_seg *s)
{
	const struct tcb_opts *o = &s->opts;
	uint32_t mss = o->has_mss ? o->mss : t->config.peer_mss;

	t->irs = s->seq;
	t->rcv_nxt = s->seq + 1;
	t->rcv_adv = t->rcv_nxt;
	t->early.n = 0;
	t->peer = *o;
	t->snd_mss = mss < TCB_MSS_MIN ? TCB_MSS_MIN : mss < t->config.mss ? mss : t->config.mss;
	t->has_wscale = o->has_wscale && t->config.wants_wscale;
	t->snd_wscale = t->has_wscale ? (o->wscale < 14 ? o->wscale : 14) : 0;
	t->rcv_wscale = t->has_wscale ? t->config.wscale : 0;
	t->has_sack = o->sack_ok && t->config.wants_sack;
	t->has_ts = o->has_ts && t->config.wants_ts;
	t->ts_recent = o->ts_val;
	t->last_ack_sent = t->rcv_nxt;
	/* RFC 7323 2.2: the window of a SYN is never scaled. */
	t->snd_wnd = t->max_snd_wnd = s->window;
	t->snd_wl1 = s->seq;
	t->snd_wl2 = s->ack;
	/* RFC 6928, and RFC 5681 3.1 for who lost a SYN. */
	t->cwnd = t->syn_resent ? t->snd_mss : 10 * t->snd_mss;
}

/* --- acknowledgments */

static void grow_cwnd(struct tcb *t, uint32_t acked)
{
	uint32_t mss = t->snd_mss;

	if (t->cwnd < t->ssthresh)
		t->cwnd += acked < mss ? acked : mss;
	else
		t->cwnd += mss * mss / t->cwnd ? mss * mss / t->cwnd : 1;
	if (t->cwnd > UINT32_C(1) << 30)
		t->cwnd = UINT32_C(1) << 30;
}

/* RFC 6582 3.2: within recovery a partial acknowledgment shows the next hole. */
static void advance_recovery(struct tcb *t, uint32_t acked)
{
	if (!t->is_recovering) {
		t->dup_acks = 0;
		grow_cwnd(t, acked);
	} else if (seq_le(t->recover, t->snd_una)) {
		t->is_recovering = false;
		t->dup_acks = 0;
		t->cwnd = t->ssthresh;
	} else {
		t->is_hole_due = true;
		t->hole = seq_max(t->hole, t->snd_una);
		t->cwnd = t->cwnd > acked ? t->cwnd - acked + t->snd_mss : t->snd_mss;
	}
}

/*
 * A sample says more than the path's time where an answer was lost: the octets before it were
 * missing, or the stamp that it echoes is as old as the timeout since. Taken as it is, a lossy path
 * would look slower with every loss (20 % lost: a minute a segment).
 */
static void sample(struct tcb *t, uint64_t rtt_ns)
{
	uint64_t most_ns = t->srtt_ns + 4 * t->rttvar_ns;

	if (most_ns < t->config.rto_min_ns)
		most_ns = t->config.rto_min_ns;
	tcb_rtt_sample(t, t->has_rtt && rtt_ns > most_ns ? most_ns : rtt_ns);
}

static void measure(struct tcb *t, const struct tcb_seg *s)
{
	uint32_t age_ms = tcb_stamp(t) - s->opts.ts_ecr;

	if (t->is_timed && seq_lt(t->timed_seq, s->ack)) {
		t->is_timed = false;
		sample(t, t->now_ns - t->timed_ns);
	} else if (!t->is_timed && t->has_ts && s->opts.has_ts && age_ms <= INT32_MAX) {
		/* RFC 7323 4.1: the echoed stamp tells which of the copies was answered. */
		sample(t, age_ms * NS_PER_MS);
	}
}

/* Takes @s->ack > SND.UNA. */
static void acknowledge(struct tcb *t, const struct tcb_seg *s)
{
	uint32_t acked = s->ack - t->snd_una, data = 0;
	bool is_of_syn = t->snd_una == t->iss; /* RFC 5681 3.1: that grows no window */

	measure(t, s);
	t->n_tries = 0;
	t->snd_una = s->ack;
	if (seq_lt(t->snd_nxt, t->snd_una))
		t->snd_nxt = t->snd_una;
	if (seq_lt(t->out_seq, s->ack)) {
		data = s->ack - t->out_seq < t->out.len ? s->ack - t->out_seq : t->out.len;
		ring_drop(&t->out, data);
		t->out_seq += data;
		t->bytes_out += data;
	}
	spans_cut(&t->sacked, t->snd_una);
	if (!is_of_syn)
		advance_recovery(t, acked);
	tcb_arm(t);
}

static void take_sacks(struct tcb *t, const struct tcb_seg *s)
{
	for (unsigned i = 0; t->has_sack && i < s->opts.n_sacks; i++) {
		const struct span *b = &s->opts.sacks[i];

		/* RFC 2883: a block at or below the acknowledgment reports a duplicate. */
		if (seq_lt(b->left, b->right) && seq_lt(t->snd_una, b->left) &&
		    seq_le(b->right, t->snd_max))
			(void)spans_add(&t->sacked, b->left, b->right);
	}
}

/* RFC 5681 3.2, RFC 6582: the third duplicate tells of a loss. */
static void count_dup_ack(struct tcb *t)
{
	uint32_t flight = t->snd_max - t->snd_una;

	t->n_dup_acks++;
	if (++t->dup_acks == DUP_ACKS && !t->is_recovering && !seq_lt(t->snd_una, t->recover)) {
		t->is_recovering = t->is_hole_due = true;
		t->is_timed = false; /* its answer would wait for what is lost */
		t->hole = t->snd_una;
		t->recover = t->snd_max;
		t->ssthresh = flight / 2 > 2 * t->snd_mss ? flight / 2 : 2 * t->snd_mss;
		t->cwnd = t->ssthresh + DUP_ACKS * t->snd_mss;
	} else if (t->is_recovering) {
		t->cwnd += t->snd_mss;
		/* What lies before something the peer has got is lost too. */
		t->is_hole_due = t->sacked.n && seq_lt(t->hole, t->sacked.at[t->sacked.n - 1].left);
	}
}

static bool take_window(struct tcb *t, const struct tcb_seg *s)
{
	uint32_t window = (uint32_t)s->window << t->snd_wscale;
	bool has_changed = window != t->snd_wnd;

	if (!seq_lt(t->snd_wl1, s->seq) && !(t->snd_wl1 == s->seq && seq_le(t->snd_wl2, s->ack)))
		return false;
	t->snd_wnd = window;
	t->snd_wl1 = s->seq;
	t->snd_wl2 = s->ack;
	if (window > t->max_snd_wnd)
		t->max_snd_wnd = window;
	if (window && t->persist_due_ns != TCB_NEVER) {
		t->persist_due_ns = TCB_NEVER;
		t->probe_shift = 0;
		t->snd_nxt = t->snd_una;
		tcb_arm(t);
	}
	return has_changed;
}

/* RFC 9293 3.10.7.4 (5) of a synchronised state. Returns false if the segment ends here. */
static bool check_ack(struct tcb *t, const struct tcb_seg *s, enum tcb_why *judged)
{
	bool has_new_window;

	if (seq_lt(t->snd_max, s->ack) || seq_lt(s->ack, t->snd_una - t->max_snd_wnd)) {
		*judged = challenge(t, TCB_WHY_BAD_ACK);
		return false;
	}
	take_sacks(t, s);
	if (seq_lt(t->snd_una, s->ack)) {
		(void)take_window(t, s);
		acknowledge(t, s);
	} else if (s->ack == t->snd_una) {
		has_new_window = take_window(t, s);
		if (t->persist_due_ns != TCB_NEVER)
			t->n_tries = 0; /* RFC 9293 3.8.6.1: as long as the peer answers */
		else if (t->snd_una != t->snd_max && !seg_len(s) && !has_new_window) {
			count_dup_ack(t);
			*judged = TCB_WHY_DUP_ACK;
		}
	}
	if (!t->snd_wnd)
		*judged = TCB_WHY_ZERO_WINDOW;
	if (t->is_closing && t->snd_una == tcb_fin_acked_seq(t)) {
		bool is_moved = tcb_step(t, TCB_FIN_ACKED);

		return is_moved ? tcb_state(t) != TCB_CLOSED : true;
	}
	return true;
}

/* --- text and FIN */

/* Stores what is new of [s->seq, + len); the octets that came first stay. */
static bool store(struct tcb *t, const struct tcb_seg *s)
{
	uint32_t end = s->seq + s->len, from = s->seq, base = t->rcv_nxt - t->in.len;

	while (seq_lt(from = spans_skip(&t->early, from), end)) {
		uint32_t to = spans_next(&t->early, from, end);

		ring_put(&t->in, from - base, s->data + (from - s->seq), to - from);
		from = to;
	}
	if (!spans_add(&t->early, s->seq, end))
		return false;
	for (unsigned i = 0; i < t->early.n; i++)
		if (seq_le(t->early.at[i].left, s->seq) && seq_le(end, t->early.at[i].right))
			t->newest = t->early.at[i];
	return true;
}

static void schedule_ack(struct tcb *t, uint32_t len)
{
	t->unacked += len;
	if (!t->config.delack_ns || t->unacked >= 2u * t->config.mss) {
		tcb_ack_now(t, TCB_WHY_NONE);
	} else if (t->delack_due_ns == TCB_NEVER) {
		t->delack_due_ns = t->now_ns + t->config.delack_ns;
	}
}

/* RFC 9293 3.10.7.4 (7); RFC 5681 4.2: what shows or fills a gap is acknowledged at once. */
static enum tcb_why take_text(struct tcb *t, const struct tcb_seg *s)
{
	bool had_gap = t->early.n > 0;
	uint32_t len;

	if (!s->len)
		return TCB_WHY_NONE;
	if (!store(t, s))
		return TCB_WHY_OUT_OF_ORDER;
	if (t->early.at[0].left != t->rcv_nxt) {
		tcb_ack_now(t, TCB_WHY_DUP_ACK);
		return TCB_WHY_OUT_OF_ORDER;
	}
	len = t->early.at[0].right - t->rcv_nxt;
	t->rcv_nxt += len;
	t->in.len += len;
	t->bytes_in += len;
	spans_cut(&t->early, t->rcv_nxt);
	if (had_gap)
		tcb_ack_now(t, TCB_WHY_NONE);
	else
		schedule_ack(t, len);
	return TCB_WHY_NONE;
}

/* A FIN before a gap waits until the gap is filled. */
static void take_fin(struct tcb *t, const struct tcb_seg *s)
{
	if (has(s, TCP_F_FIN)) {
		t->has_fin = true;
		t->fin_seq = s->seq + s->len;
	}
	if (!t->has_fin || t->is_fin_taken || t->fin_seq != t->rcv_nxt)
		return;
	t->is_fin_taken = true;
	t->early.n = 0; /* behind a FIN there is nothing */
	t->rcv_nxt++;
	(void)tcb_step(t, TCB_FIN);
}

/* --- the checks */

/* RFC 9293 3.10.7.4 (1): the four cases. */
static bool is_acceptable(const struct tcb *t, const struct tcb_seg *s)
{
	uint32_t window = tcb_room(t), len = seg_len(s), end = s->seq + len - 1;
	/* What was promised stays promised, even if the room has shrunk since. */
	uint32_t edge = seq_max(t->rcv_nxt + window, t->rcv_adv);

	if (!len)
		return seq_le(t->rcv_nxt, s->seq) && (seq_lt(s->seq, edge) || s->seq == t->rcv_nxt);
	if (edge == t->rcv_nxt)
		return false;
	return (seq_le(t->rcv_nxt, s->seq) && seq_lt(s->seq, edge)) ||
	       (seq_le(t->rcv_nxt, end) && seq_lt(end, edge));
}

/* Cuts off what is old and what the window does not take. */
static void trim(const struct tcb *t, struct tcb_seg *s)
{
	uint32_t edge = t->rcv_nxt + tcb_room(t), old;

	if (has(s, TCP_F_SYN)) {
		s->flags &= (uint16_t)~TCP_F_SYN;
		s->seq++;
	}
	if (seq_lt(s->seq, t->rcv_nxt)) {
		old = t->rcv_nxt - s->seq;
		if (old > s->len) {
			old = s->len;
			s->flags &= (uint16_t)~TCP_F_FIN;
		}
		s->seq += old;
		s->data = s->data ? s->data + old : NULL;
		s->len -= old;
	}
	if (seq_lt(edge, s->seq + s->len)) {
		s->len = seq_lt(s->seq, edge) ? edge - s->seq : 0;
		s->flags &= (uint16_t)~TCP_F_FIN;
	}
}

/*
 * Whether the acknowledgment of a segment counts that is not acceptable otherwise. RFC 9293
 * 3.10.7.4 (1): when the window is shut; and from the octet in front of the window, where a peer
 * stands that probes, or that has gone back to its FIN (draft-gont-tcpm-tcp-seq-validation; passt).
 */
static bool is_ack_acceptable(const struct tcb *t, const struct tcb_seg *s)
{
	if (!has(s, TCP_F_ACK) || s->flags & (TCP_F_RST | TCP_F_SYN) || !tcb_is_synchronised(t))
		return false;
	return (tcb_room(t) == 0 && s->seq == t->rcv_nxt) ||
	       (s->seq == t->rcv_nxt - 1 && seg_len(s) <= 1);
}

static enum tcb_why refuse(struct tcb *t, const struct tcb_seg *s)
{
	bool is_old = seq_le(s->seq + seg_len(s), t->rcv_nxt) && seg_len(s);

	if (has(s, TCP_F_RST))
		return TCB_WHY_BLIND_RST;
	/* A FIN that comes again: its acknowledgment was lost. */
	if (tcb_state(t) == TCB_TIME_WAIT && has(s, TCP_F_FIN))
		(void)tcb_step(t, TCB_FIN);
	if (is_old)
		tcb_ack_now(t, TCB_WHY_DUP_ACK);
	else
		(void)challenge(t, TCB_WHY_NONE);
	return is_old ? TCB_WHY_REPEATED : TCB_WHY_OUT_OF_WINDOW;
}

static enum tcb_why take_rst(struct tcb *t, const struct tcb_seg *s)
{
	/* RFC 1337: a RST does not cut TIME-WAIT short. */
	if (tcb_state(t) == TCB_TIME_WAIT)
		return TCB_WHY_IGNORED;
	if (s->seq != t->rcv_nxt)
		return challenge(t, TCB_WHY_BLIND_RST);
	(void)tcb_step(t, TCB_RST);
	return TCB_WHY_RESET;
}

/*
 * RFC 9293 3.10.7.4 (5) of SYN-RECEIVED. Returns false if the segment ends here.
 */
static bool check_handshake_ack(struct tcb *t, const struct tcb_seg *s, enum tcb_why *judged)
{
	if (!seq_lt(t->snd_una, s->ack) || seq_lt(t->snd_max, s->ack)) {
		*judged = reply_reset(t, s, TCB_WHY_BAD_ACK);
		return false;
	}
	t->syn_due = false;
	t->snd_wnd = (uint32_t)s->window << t->snd_wscale;
	t->snd_wl1 = s->seq;
	t->snd_wl2 = s->ack;
	if (t->snd_wnd > t->max_snd_wnd)
		t->max_snd_wnd = t->snd_wnd;
	return tcb_step(t, TCB_SYN_ACKED);
}

static void note_stamp(struct tcb *t, const struct tcb_seg *s)
{
	/* RFC 7323 4.3 (2): only what was not told as received yet may set it. */
	if (t->has_ts && s->opts.has_ts && seq_le(s->seq, t->last_ack_sent) &&
	    (int32_t)(s->opts.ts_val - t->ts_recent) >= 0)
		t->ts_recent = s->opts.ts_val;
}

static enum tcb_why in_connection(struct tcb *t, struct tcb_seg *s)
{
	enum tcb_why judged = TCB_WHY_NONE, text;

	if (tcb_state(t) == TCB_SYN_RECEIVED && has(s, TCP_F_SYN) && s->seq == t->irs &&
	    !has(s, TCP_F_RST)) {
		if (!has(s, TCP_F_ACK)) {
			t->syn_due = true;
			return TCB_WHY_REPEATED;
		}
		/* The second half of a simultaneous open repeats the SYN. */
		s->seq++;
		s->flags &= (uint16_t)~TCP_F_SYN;
	}
	if (t->has_ts && s->opts.has_ts && !has(s, TCP_F_RST) &&
	    (int32_t)(s->opts.ts_val - t->ts_recent) < 0) {
		tcb_ack_now(t, TCB_WHY_DUP_ACK);
		return TCB_WHY_OLD_STAMP;
	}
	if (!is_acceptable(t, s)) {
		if (is_ack_acceptable(t, s))
			(void)check_ack(t, s, &judged);
		if (tcb_state(t) == TCB_CLOSED)
			return judged;
		return refuse(t, s);
	}
	if (has(s, TCP_F_RST))
		return take_rst(t, s);
	if (has(s, TCP_F_SYN)) {
		if (tcb_state(t) == TCB_SYN_RECEIVED && tcb_step(t, TCB_SYN))
			return TCB_WHY_SYN_INSIDE;
		return challenge(t, TCB_WHY_SYN_INSIDE);
	}
	if (!has(s, TCP_F_ACK))
		return TCB_WHY_NO_ACK;
	if (tcb_state(t) == TCB_SYN_RECEIVED && !check_handshake_ack(t, s, &judged))
		return judged;
	note_stamp(t, s);
	if (!check_ack(t, s, &judged))
		return judged;
	trim(t, s);
	if (t->is_fin_taken)
		return judged;
	text = take_text(t, s);
	take_fin(t, s);
	return text ? text : judged;
}

/* RFC 9293 3.10.7.3. */
static enum tcb_why in_syn_sent(struct tcb *t, struct tcb_seg *s)
{
	bool is_ack_good =
		has(s, TCP_F_ACK) && seq_lt(t->iss, s->ack) && seq_le(s->ack, t->snd_max);

	if (has(s, TCP_F_RST) && !is_ack_good)
		return TCB_WHY_BLIND_RST;
	if (has(s, TCP_F_ACK) && !is_ack_good)
		return reply_reset(t, s, has(s, TCP_F_SYN) ? TCB_WHY_BAD_ACK : TCB_WHY_HALF_OPEN);
	if (has(s, TCP_F_RST)) {
		(void)tcb_step(t, TCB_RST);
		return TCB_WHY_REFUSED;
	}
	if (!has(s, TCP_F_SYN))
		return TCB_WHY_IGNORED;
	take_syn(t, s);
	if (!is_ack_good) {
		(void)tcb_step(t, TCB_SYN);
		return TCB_WHY_SIMULTANEOUS;
	}
	t->syn_due = false;
	acknowledge(t, s);
	/* RFC 7413 4.2.2: octets of the SYN that were not taken go out again. */
	t->snd_nxt = t->snd_una;
	t->snd_wl2 = s->ack;
	if (t->syn_resent) /* RFC 6298 5.7 */
		t->rto_ns = 3 * NS_PER_S;
	(void)tcb_step(t, TCB_SYN_ACK);
	s->seq++;
	s->flags &= (uint16_t)~TCP_F_SYN;
	t->rcv_adv = t->rcv_nxt + tcb_room(t);
	trim(t, s);
	(void)take_text(t, s);
	take_fin(t, s);
	return TCB_WHY_NONE;
}

/* RFC 9293 3.10.7.2. */
static enum tcb_why in_listen(struct tcb *t, const struct tcb_seg *s)
{
	if (has(s, TCP_F_RST))
		return TCB_WHY_IGNORED;
	if (has(s, TCP_F_ACK))
		return reply_reset(t, s, TCB_WHY_BAD_ACK);
	if (!has(s, TCP_F_SYN))
		return TCB_WHY_IGNORED;
	t->snd_max = t->iss;
	t->n_tries = 0;
	(void)tcb_step(t, TCB_SYN);
	take_syn(t, s);
	return TCB_WHY_NONE;
}

enum tcb_why tcb_receive(struct tcb *t, const struct tcb_seg *s, uint64_t now_ns)
{
	struct tcb_seg seg = *s;

	t->now_ns = now_ns;
	t->n_in++;
	switch (tcb_state(t)) {
	case TCB_CLOSED: return reply_reset(t, s, TCB_WHY_IGNORED);
	case TCB_LISTEN: return in_listen(t, s);
	case TCB_SYN_SENT: return in_syn_sent(t, &seg);
	default: return in_connection(t, &seg);
	}
}
