/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls of the user and timers. Segments are in tcb_recv.c and tcb_send.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/num.h"
#include "engine/tcb_impl.h"

#define TS_GRAIN_NS NS_PER_MS

struct tcb_config tcb_config_default(bool is_v6)
{
	return (struct tcb_config){
		.mss = is_v6 ? 1440 : 1460,
		.peer_mss = is_v6 ? 1220 : 536,
		.wants_mss = true,
		.wants_wscale = true,
		.wants_sack = true,
		.wants_ts = true,
		.wscale = 7,
		.window = 256 * 1024,
		.send_buffer = 256 * 1024,
		.delack_ns = 200 * NS_PER_MS,
		.rto_first_ns = NS_PER_S,
		.rto_min_ns = NS_PER_S,
		.rto_max_ns = 60 * NS_PER_S,
		.syn_retries = 7, /* R2 of at least three minutes */
		.data_retries = 7,
		.time_wait_ns = 240 * NS_PER_S,
	};
}

uint32_t tcb_isn(const struct sipkey *secret, const struct addr *local, uint16_t local_port,
		 const struct addr *remote, uint16_t remote_port, uint64_t now_ns)
{
	uint8_t flow[36] = {0};

	memcpy(flow, local->bytes, 16);
	memcpy(flow + 16, remote->bytes, 16);
	put_u16(flow + 32, local_port);
	put_u16(flow + 34, remote_port);
	return (uint32_t)(now_ns / 4000) + (uint32_t)siphash(secret, flow, sizeof(flow));
}

int tcb_open(struct tcb *t, const struct tcb_config *config)
{
	*t = (struct tcb){
		.config = *config,
		.fsm = {.table = &tcb_table, .machine = t},
		.rto_due_ns = TCB_NEVER,
		.persist_due_ns = TCB_NEVER,
		.delack_due_ns = TCB_NEVER,
		.time_wait_due_ns = TCB_NEVER,
		.rto_ns = config->rto_first_ns,
		.snd_mss = config->peer_mss,
		.iss = config->isn,
		.snd_una = config->isn,
		.snd_nxt = config->isn,
		.snd_max = config->isn,
	};
	if (!config->window || !config->send_buffer || !config->mss || config->wscale > 14 ||
	    config->peer_mss < TCB_MSS_MIN)
		return E_RANGE;
	t->scratch = malloc(TCB_DATA_MAX);
	if (!t->scratch || ring_open(&t->in, config->window) < 0 ||
	    ring_open(&t->out, config->send_buffer) < 0) {
		tcb_free(t);
		return E_MEM;
	}
	return 0;
}

void tcb_free(struct tcb *t)
{
	free(t->scratch);
	ring_close(&t->in);
	ring_close(&t->out);
	t->scratch = NULL;
}

void tcb_ack_now(struct tcb *t, enum tcb_why why)
{
	if (!t->ack_due || why)
		t->ack_why = why;
	t->ack_due = true;
}

/* --- the actions of the table */

static void start_syn(struct tcb *t)
{
	t->snd_una = t->snd_nxt = t->snd_max = t->iss;
	t->out_seq = t->iss + 1;
	t->recover = t->iss;
	t->rcv_wscale = t->config.wants_wscale ? t->config.wscale : 0;
	t->syn_due = true;
	t->n_tries = 0;
	t->cwnd = 10 * t->snd_mss;
	t->ssthresh = UINT32_MAX / 2;
}

static void forget(struct tcb *t)
{
	t->rto_due_ns = t->persist_due_ns = t->delack_due_ns = t->time_wait_due_ns = TCB_NEVER;
	t->syn_due = t->ack_due = t->probe_due = t->is_hole_due = t->wants_close = false;
	t->out.len = 0;
	if (tcb_state(t) != TCB_LISTEN)
		return;
	/* A passive end waits for the next peer with nothing of the last one. */
	t->n_tries = 0;
	t->rto_ns = t->config.rto_first_ns;
	t->has_wscale = t->has_sack = t->has_ts = t->syn_resent = false;
	t->snd_mss = t->config.peer_mss;
}

static void act(struct tcb *t, uint32_t actions)
{
	if (actions & (1u << TCB_SEND_SYN | 1u << TCB_SEND_SYN_ACK) && !t->syn_due) {
		/* Simultaneous open: our SYN is out, its number stays. */
		if (t->snd_max == t->iss)
			start_syn(t);
		t->syn_due = true;
	}
	if (actions & 1u << TCB_SEND_ACK)
		tcb_ack_now(t, TCB_WHY_NONE);
	if (actions & 1u << TCB_SEND_FIN)
		t->is_closing = true;
	if (actions & 1u << TCB_SEND_RST)
		t->rst = (struct tcb_seg){.seq = t->snd_max,
					  .ack = t->rcv_nxt,
					  .flags = TCP_F_RST | TCP_F_ACK,
					  .why = TCB_WHY_ABORT};
	if (actions & 1u << TCB_START_2MSL) {
		t->rto_due_ns = t->persist_due_ns = TCB_NEVER;
		t->time_wait_due_ns = t->now_ns + t->config.time_wait_ns;
		t->end = TCB_END_GRACEFUL;
	}
	if (actions & 1u << TCB_FORGET)
		forget(t);
}

static enum tcb_end end_of(const struct tcb *t, enum tcb_state from, enum tcb_event event)
{
	switch (event) {
	case TCB_RST: return from == TCB_SYN_SENT ? TCB_END_REFUSED : TCB_END_RESET;
	case TCB_EXPIRED: return TCB_END_EXPIRED;
	case TCB_UNREACHABLE: return TCB_END_UNREACHABLE;
	case TCB_FIN_ACKED:
	case TCB_2MSL: return TCB_END_GRACEFUL;
	default: return t->end ? t->end : TCB_END_ABORTED;
	}
}

bool tcb_step(struct tcb *t, enum tcb_event event)
{
	enum tcb_state from = tcb_state(t);
	const struct fsm_row *row = fsm_step(&t->fsm, (uint8_t)event);

	if (!row)
		return false;
	act(t, row->actions);
	if (tcb_state(t) == TCB_ESTABLISHED)
		t->is_opened = true;
	if (tcb_state(t) == TCB_CLOSED)
		t->end = end_of(t, from, event);
	/* RFC 9293 3.10.4: a CLOSE before the connection stood was queued. */
	if (tcb_state(t) == TCB_ESTABLISHED && t->wants_close) {
		t->wants_close = false;
		return tcb_step(t, TCB_CLOSE);
	}
	return true;
}

/* --- calls */

void tcb_connect(struct tcb *t, uint64_t now_ns)
{
	t->now_ns = now_ns;
	if (!t->end && tcb_step(t, TCB_OPEN))
		t->is_passive = false;
}

void tcb_listen(struct tcb *t, uint64_t now_ns)
{
	t->now_ns = now_ns;
	if (!t->end && tcb_step(t, TCB_PASSIVE_OPEN))
		t->is_passive = true;
}

void tcb_close(struct tcb *t, uint64_t now_ns)
{
	t->now_ns = now_ns;
	if (tcb_state(t) == TCB_SYN_RECEIVED)
		t->wants_close = true;
	else
		(void)tcb_step(t, TCB_CLOSE);
}

void tcb_abort(struct tcb *t, uint64_t now_ns)
{
	t->now_ns = now_ns;
	(void)tcb_step(t, TCB_ABORT);
}

uint32_t tcb_write(struct tcb *t, const uint8_t *from, uint32_t len, uint64_t now_ns)
{
	uint32_t room = t->out.cap - t->out.len;

	t->now_ns = now_ns;
	if (t->is_closing || t->wants_close || t->end)
		return 0;
	if (len > room)
		len = room;
	ring_put(&t->out, t->out.len, from, len);
	t->out.len += len;
	return len;
}

uint32_t tcb_read(struct tcb *t, uint8_t *to, uint32_t cap, uint64_t now_ns)
{
	uint32_t n = cap < t->in.len ? cap : t->in.len;
	uint32_t told, grown;

	t->now_ns = now_ns;
	ring_get(&t->in, 0, to, n);
	ring_drop(&t->in, n);
	/* RFC 9293 3.8.6.2.2: the window is told again when it has grown by something worth it. */
	told = t->rcv_adv - t->rcv_nxt;
	grown = tcb_room(t) > told ? tcb_room(t) - told : 0;
	if (n && !t->is_fin_taken && tcb_is_synchronised(t) &&
	    (grown >= t->in.cap / 2 || (told < t->config.mss && grown >= 2u * t->config.mss)))
		tcb_ack_now(t, TCB_WHY_WINDOW_UPDATE);
	return n;
}

bool tcb_is_at_end(const struct tcb *t)
{
	return t->is_fin_taken && !t->in.len;
}

/* --- timers */

void tcb_arm(struct tcb *t)
{
	bool is_under_way = t->snd_una != t->snd_max || t->syn_due;

	t->rto_due_ns =
		is_under_way && t->persist_due_ns == TCB_NEVER ? t->now_ns + t->rto_ns : TCB_NEVER;
}

void tcb_rtt_sample(struct tcb *t, uint64_t rtt_ns)
{
	uint64_t off_ns;

	if (!t->has_rtt) {
		t->has_rtt = true;
		t->srtt_ns = rtt_ns;
		t->rttvar_ns = rtt_ns / 2;
	} else {
		off_ns = t->srtt_ns > rtt_ns ? t->srtt_ns - rtt_ns : rtt_ns - t->srtt_ns;
		t->rttvar_ns = (3 * t->rttvar_ns + off_ns) / 4;
		t->srtt_ns = (7 * t->srtt_ns + rtt_ns) / 8;
	}
	t->rto_ns = t->srtt_ns + (4 * t->rttvar_ns > TS_GRAIN_NS ? 4 * t->rttvar_ns : TS_GRAIN_NS);
	if (t->rto_ns < t->config.rto_min_ns)
		t->rto_ns = t->config.rto_min_ns;
	if (t->rto_ns > t->config.rto_max_ns)
		t->rto_ns = t->config.rto_max_ns;
}

static void back_off(struct tcb *t)
{
	t->rto_ns = t->rto_ns * 2 < t->config.rto_max_ns ? t->rto_ns * 2 : t->config.rto_max_ns;
	t->is_timed = false; /* Karn: what is sent twice is not measured */
}

/* RFC 6298 5.4 to 5.7, RFC 5681 3.1. */
static void on_retransmission_timer(struct tcb *t)
{
	bool is_opening = !tcb_is_synchronised(t);
	uint32_t flight = t->snd_max - t->snd_una;

	if (t->n_tries >= (is_opening ? t->config.syn_retries : t->config.data_retries)) {
		(void)tcb_step(t, TCB_EXPIRED);
		return;
	}
	t->n_tries++;
	back_off(t);
	if (is_opening) {
		t->syn_due = t->syn_resent = true;
	} else {
		if (t->n_tries == 1)
			t->ssthresh = flight / 2 > 2 * t->snd_mss ? flight / 2 : 2 * t->snd_mss;
		t->cwnd = t->snd_mss;
		t->snd_nxt = t->snd_una;
		t->dup_acks = 0;
		t->is_recovering = t->is_hole_due = false;
		t->recover = t->snd_max;
		t->sacked.n = 0; /* RFC 2018 8: the peer may have thrown it away */
	}
	t->rto_due_ns = t->now_ns + t->rto_ns;
}

static void on_persist_timer(struct tcb *t)
{
	uint64_t wait_ns = t->rto_ns << (t->probe_shift < 10 ? t->probe_shift : 10);

	if (t->n_tries >= t->config.data_retries) {
		(void)tcb_step(t, TCB_EXPIRED);
		return;
	}
	t->n_tries++;
	t->probe_shift++;
	t->probe_due = true;
	wait_ns *= 2;
	t->persist_due_ns =
		t->now_ns + (wait_ns < t->config.rto_max_ns ? wait_ns : t->config.rto_max_ns);
}

void tcb_timer(struct tcb *t, uint64_t now_ns)
{
	t->now_ns = now_ns;
	if (t->rto_due_ns <= now_ns)
		on_retransmission_timer(t);
	if (t->persist_due_ns <= now_ns)
		on_persist_timer(t);
	if (t->delack_due_ns <= now_ns) {
		t->delack_due_ns = TCB_NEVER;
		tcb_ack_now(t, TCB_WHY_DELAYED_ACK);
	}
	if (t->time_wait_due_ns <= now_ns)
		(void)tcb_step(t, TCB_2MSL);
}

uint64_t tcb_due_ns(const struct tcb *t)
{
	uint64_t due = t->rto_due_ns;

	if (t->persist_due_ns < due)
		due = t->persist_due_ns;
	if (t->delack_due_ns < due)
		due = t->delack_due_ns;
	return t->time_wait_due_ns < due ? t->time_wait_due_ns : due;
}

bool tcb_icmp(struct tcb *t, enum tcb_icmp kind, uint32_t seq, uint32_t mtu, uint32_t hdr_len,
	      uint64_t now_ns)
{
	uint32_t mss = mtu > hdr_len + 20 ? mtu - hdr_len - 20 : 0;
	bool is_opening = tcb_state(t) == TCB_SYN_SENT || tcb_state(t) == TCB_SYN_RECEIVED;

	t->now_ns = now_ns;
	/* RFC 5927 4.1: only who saw our segments knows what is under way. */
	if (tcb_state(t) <= TCB_LISTEN || seq_lt(seq, t->snd_una) || !seq_lt(seq, t->snd_max))
		return false;
	if (kind == TCB_ICMP_TOO_BIG) {
		/* RFC 5927 7.2, RFC 1191 6.3: never upwards, and never to nothing. */
		if (mss >= t->snd_mss || mss < TCB_MSS_MIN)
			return false;
		t->snd_mss = mss;
		if (!is_opening)
			t->snd_nxt = t->snd_una;
		return true;
	}
	/* RFC 5927 5.2: an established connection outlives hard errors too, and ends by R2. */
	if (is_opening && (kind == TCB_ICMP_HARD || t->config.soft_errors_end_open))
		(void)tcb_step(t, TCB_UNREACHABLE);
	return true;
}
