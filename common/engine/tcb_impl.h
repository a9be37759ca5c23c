/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcb_impl - what the parts of the TCP machine share: calls and timers (tcb.c), arriving segments
 * (tcb_recv.c), leaving ones (tcb_send.c).
 *
 * Layer: engine; private to engine/tcb.
 */
#ifndef PKT_ENGINE_TCB_IMPL_H
#define PKT_ENGINE_TCB_IMPL_H

#include "engine/tcb.h"

#define TCB_DATA_MAX 65535u
#define TCB_MSS_MIN 48u /* nobody may talk us into smaller segments; Linux: tcp_min_snd_mss */
/* Room for the options that each segment has once they are negotiated. RFC 6691 2. */
#define TCB_TS_LEN 12u

static inline enum tcb_state tcb_state(const struct tcb *t)
{
	return (enum tcb_state)t->fsm.state;
}

/* Whether both ends have agreed on the sequence numbers. RFC 9293 3.4. */
static inline bool tcb_is_synchronised(const struct tcb *t)
{
	return t->fsm.state >= TCB_ESTABLISHED;
}

/* tcb_step() - moves the machine on and does what the row says; false if there is no row. */
bool tcb_step(struct tcb *t, enum tcb_event event);

/* tcb_ack_now() - an acknowledgment leaves with the next tcb_send(), and why. */
void tcb_ack_now(struct tcb *t, enum tcb_why why);

/* tcb_out_end() - the sequence number behind the last octet written. */
static inline uint32_t tcb_out_end(const struct tcb *t)
{
	return t->out_seq + t->out.len;
}

/* tcb_fin_acked_seq() - what acknowledges our FIN. */
static inline uint32_t tcb_fin_acked_seq(const struct tcb *t)
{
	return tcb_out_end(t) + 1;
}

/* tcb_data_mss() - octets of data that a segment takes beside its options. */
uint32_t tcb_data_mss(const struct tcb *t);

/* tcb_rtt_sample() - a measured round trip. RFC 6298 2. */
void tcb_rtt_sample(struct tcb *t, uint64_t rtt_ns);

/* tcb_arm() - restarts the retransmission timer, or stops it if nothing is under way. */
void tcb_arm(struct tcb *t);

/* tcb_stamp() - our timestamp clock: milliseconds. RFC 7323 5.4. */
static inline uint32_t tcb_stamp(const struct tcb *t)
{
	return t->config.ts_offset + (uint32_t)(t->now_ns / 1000000u);
}

/* tcb_room() - octets that may arrive behind rcv_nxt, as far as the window can tell it. */
static inline uint32_t tcb_room(const struct tcb *t)
{
	uint32_t most = (uint32_t)UINT16_MAX << t->rcv_wscale, room = t->in.cap - t->in.len;

	return room < most ? room : most;
}

#endif
