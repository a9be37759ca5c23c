/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcb - one end of one TCP connection, as a pure machine: segments, calls and the time go in,
 * segments, octets and a verdict come out.
 *
 * Layer: engine.
 * Named after the standard's transmission control block. It has no socket, no clock and no source
 * of randomness: all times are the caller's monotonic nanoseconds, and what a stranger must not
 * guess stands in the configuration. After every call below, take tcb_send() until it has no more
 * segment, and come back with tcb_timer() at tcb_due_ns().
 * Spec: RFC 9293; RFC 6298 (retransmission timer), RFC 2018 (SACK), RFC 7323 (timestamps, window
 * scale), RFC 5681, 6582, 6928 (congestion), RFC 5961 (blind attacks), RFC 5927 (ICMP), RFC 7413
 * (fast open, the client's part), RFC 6528 (initial sequence numbers), RFC 1337 (TIME-WAIT).
 * Not here: urgent data is delivered in line (RFC 6093); keep-alive; MD5, AO and ECN.
 */
#ifndef PKT_ENGINE_TCB_H
#define PKT_ENGINE_TCB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/siphash.h"
#include "engine/fsm.h"
#include "engine/spans.h"
#include "wire/tcp.h"

struct addr;
struct pkt_spec;

#define TCB_NEVER UINT64_MAX
#define TCB_COOKIE_MAX 16u

/* RFC 9293 3.3.2. */
enum tcb_state {
	TCB_CLOSED,
	TCB_LISTEN,
	TCB_SYN_SENT,
	TCB_SYN_RECEIVED,
	TCB_ESTABLISHED,
	TCB_FIN_WAIT_1,
	TCB_FIN_WAIT_2,
	TCB_CLOSE_WAIT,
	TCB_CLOSING,
	TCB_LAST_ACK,
	TCB_TIME_WAIT,
	TCB_N_STATES,
};

/* What moves the machine, once the checks of RFC 9293 3.10.7 have let a segment pass. */
enum tcb_event {
	TCB_OPEN,
	TCB_PASSIVE_OPEN,
	TCB_SYN,       /* a SYN without an acknowledgment of ours */
	TCB_SYN_ACK,   /* a SYN that acknowledges ours */
	TCB_SYN_ACKED, /* an acknowledgment of our SYN */
	TCB_FIN,       /* the peer's FIN, in order */
	TCB_FIN_ACKED,
	TCB_RST,
	TCB_CLOSE,
	TCB_ABORT,
	TCB_EXPIRED,     /* retransmitted often enough: R2 of RFC 9293 3.8.3 */
	TCB_UNREACHABLE, /* an ICMP error that ends it */
	TCB_2MSL,
};

enum tcb_action {
	TCB_SEND_SYN,
	TCB_SEND_SYN_ACK,
	TCB_SEND_ACK,
	TCB_SEND_FIN,
	TCB_SEND_RST,
	TCB_START_2MSL,
	TCB_FORGET, /* timers and what was to be sent */
};

/* Why a segment is sent, or what a received one was judged to be. */
enum tcb_why {
	TCB_WHY_NONE, /* nothing out of the ordinary */
	TCB_WHY_ACTIVE_OPEN,
	TCB_WHY_RETRANSMIT,
	TCB_WHY_FAST_RETRANSMIT,
	TCB_WHY_DELAYED_ACK,
	TCB_WHY_DUP_ACK, /* sent for octets out of order, or received */
	TCB_WHY_WINDOW_UPDATE,
	TCB_WHY_WINDOW_PROBE,
	TCB_WHY_ZERO_WINDOW, /* received: the peer has no room */
	TCB_WHY_CHALLENGE_ACK,
	TCB_WHY_CLOSE,
	TCB_WHY_ABORT,
	TCB_WHY_RST_REPLY, /* nobody here expects such a segment */
	TCB_WHY_REPEATED,  /* received: nothing in it is new */
	TCB_WHY_OUT_OF_ORDER,
	TCB_WHY_OUT_OF_WINDOW,
	TCB_WHY_BAD_ACK,    /* it acknowledges what was never sent, or is far too old */
	TCB_WHY_BLIND_RST,  /* a RST that does not know where we are */
	TCB_WHY_SYN_INSIDE, /* a SYN inside a connection */
	TCB_WHY_NO_ACK,     /* no ACK flag where one is needed */
	TCB_WHY_OLD_STAMP,  /* PAWS */
	TCB_WHY_HALF_OPEN,  /* the peer believes in an older connection */
	TCB_WHY_SIMULTANEOUS,
	TCB_WHY_REFUSED,
	TCB_WHY_RESET,
	TCB_WHY_IGNORED, /* no meaning in this state */
	TCB_WHY_FAST_OPEN,
	TCB_N_WHYS,
};

/* How it ended; TCB_END_NOT while it has not. */
enum tcb_end {
	TCB_END_NOT,
	TCB_END_GRACEFUL, /* both FINs sent and acknowledged */
	TCB_END_REFUSED,  /* a RST instead of a SYN */
	TCB_END_RESET,
	TCB_END_EXPIRED,
	TCB_END_UNREACHABLE,
	TCB_END_ABORTED, /* by tcb_abort(), or closed before anything was sent */
};

struct tcb_opts {
	bool has_mss, has_wscale, sack_ok, has_ts, has_cookie;
	uint16_t mss;
	uint8_t wscale;
	uint32_t ts_val, ts_ecr;
	uint8_t n_sacks;
	struct span sacks[TCP_SACKS_MAX];
	uint8_t cookie_len; /* fast open; 0 asks for one */
	uint8_t cookie[TCB_COOKIE_MAX];
};

/* A segment: host order. */
struct tcb_seg {
	uint32_t seq, ack;
	uint16_t flags;  /* enum tcp_flag */
	uint16_t window; /* as on the wire, not scaled */
	struct tcb_opts opts;
	const uint8_t *data;
	uint32_t len;     /* octets of data; SYN and FIN not counted */
	enum tcb_why why; /* of one to be sent */
};

/* tcb_config_default() fills it. Sizes in octets, times in nanoseconds. */
struct tcb_config {
	uint16_t mss;      /* the largest segment we can receive and send without options */
	uint16_t peer_mss; /* what a peer takes that does not say: RFC 9293 3.7.1 */
	bool wants_mss, wants_wscale, wants_sack, wants_ts;
	uint8_t wscale;       /* 0 to 14 */
	uint32_t window;      /* receive buffer; at least 1 */
	uint32_t send_buffer; /* at least 1 */
	uint32_t isn;         /* see tcb_isn() */
	uint32_t ts_offset;   /* of our timestamps */
	bool nagle;           /* RFC 9293 3.7.4; off in the default: a probe says what it is told */
	uint64_t delack_ns;   /* 0: every segment is acknowledged at once; below 500 ms */
	uint64_t rto_first_ns; /* before the first measurement */
	uint64_t rto_min_ns, rto_max_ns;
	unsigned syn_retries, data_retries; /* after the first time */
	uint64_t time_wait_ns;              /* twice the maximum segment lifetime */
	bool soft_errors_end_open; /* RFC 5461 4.1: while opening, a soft ICMP error ends it too */
	bool wants_cookie;         /* fast open: ask, or use `cookie` if there is one */
	uint8_t cookie_len, cookie[TCB_COOKIE_MAX];
};

struct tcb {
	struct tcb_config config;
	struct fsm fsm; /* fsm.state is the enum tcb_state */
	enum tcb_end end;
	bool is_opened;  /* it was established once */
	bool is_passive; /* it began with tcb_listen() */
	uint64_t now_ns;

	/* The send sequence space, RFC 9293 3.3.1. */
	uint32_t iss, snd_una, snd_nxt, snd_max; /* snd_max: behind the highest ever sent */
	uint32_t snd_wnd, snd_wl1, snd_wl2, max_snd_wnd;
	struct ring out; /* octets from out_seq on: not acknowledged, or not sent */
	uint32_t out_seq;
	bool is_closing; /* a FIN follows the octets written */
	bool wants_close;
	uint32_t snd_mss; /* largest segment to send, options not counted */
	uint8_t snd_wscale;
	struct spans sacked; /* what the peer has beyond snd_una */

	/* The receive sequence space. */
	uint32_t irs, rcv_nxt, rcv_adv; /* rcv_adv: right edge of the window told last */
	struct ring in;                 /* in.len octets wait for tcb_read() */
	struct spans early;             /* received beyond rcv_nxt */
	struct span newest;             /* the span that the last segment touched: the first SACK */
	bool has_fin, is_fin_taken;
	uint32_t fin_seq;
	uint8_t rcv_wscale;
	uint32_t unacked; /* octets received since the last acknowledgment sent */

	/* Negotiated. */
	bool has_wscale, has_sack, has_ts;
	uint32_t ts_recent, last_ack_sent;
	struct tcb_opts peer; /* the options of its SYN */

	/* Timers and estimates. */
	uint64_t rto_due_ns, persist_due_ns, delack_due_ns, time_wait_due_ns;
	uint64_t rto_ns, srtt_ns, rttvar_ns;
	bool has_rtt, is_timed;
	uint32_t timed_seq;
	uint64_t timed_ns;
	unsigned n_tries; /* retransmissions in a row without an answer */
	unsigned probe_shift;

	/* Congestion. */
	uint32_t cwnd, ssthresh, recover, hole;
	unsigned dup_acks;
	bool is_recovering, is_hole_due;

	/* What is to be sent. */
	bool syn_due, ack_due, probe_due, syn_resent;
	enum tcb_why ack_why;
	struct tcb_seg rst; /* flags 0 if none */
	uint8_t *scratch;   /* the octets of the segment sent last */

	/* RFC 5961 7: challenge ACKs are few. */
	uint64_t challenge_from_ns;
	unsigned n_challenges;

	/* Counted. */
	uint64_t bytes_in, bytes_out; /* delivered in order; acknowledged by the peer */
	uint32_t n_in, n_out, n_retransmits, n_dup_acks, n_challenged;
};

/* tcb_config_default() - as the standards want it: MSS 1460 or 1440, window 256 KiB, RTO 1 s. */
struct tcb_config tcb_config_default(bool is_v6);

/* tcb_isn() - RFC 6528: M + F(connection, secret), @now_ns by any clock that goes on. */
uint32_t tcb_isn(const struct sipkey *secret, const struct addr *local, uint16_t local_port,
		 const struct addr *remote, uint16_t remote_port, uint64_t now_ns);

/* tcb_open() - a closed connection. Owns: heap memory, tcb_free(). Returns 0, E_RANGE, E_MEM. */
int must_check tcb_open(struct tcb *t, const struct tcb_config *config);
void tcb_free(struct tcb *t);

/*
 * The calls of RFC 9293 3.9.1. One that has no meaning in the state is without effect; what has
 * ended is not opened again.
 */
void tcb_connect(struct tcb *t, uint64_t now_ns);
void tcb_listen(struct tcb *t, uint64_t now_ns);
void tcb_close(struct tcb *t, uint64_t now_ns);
void tcb_abort(struct tcb *t, uint64_t now_ns);

/* tcb_write() - takes up to @len octets to be sent; returns how many there was room for. */
uint32_t tcb_write(struct tcb *t, const uint8_t *from, uint32_t len, uint64_t now_ns);

/* tcb_read() - hands out up to @cap octets received in order; returns how many. */
uint32_t tcb_read(struct tcb *t, uint8_t *to, uint32_t cap, uint64_t now_ns);

/* tcb_is_at_end() - whether the peer's FIN has come and everything before it was read. */
bool tcb_is_at_end(const struct tcb *t);

/* tcb_receive() - a segment has come; returns what it was judged to be. */
enum tcb_why tcb_receive(struct tcb *t, const struct tcb_seg *s, uint64_t now_ns);

/* What an ICMP error about one of our segments says. RFC 9293 3.9.2.2, RFC 5927. */
enum tcb_icmp {
	TCB_ICMP_SOFT,
	TCB_ICMP_HARD,
	TCB_ICMP_TOO_BIG,
};

/*
 * tcb_icmp() - an ICMP error has come. @seq: of the quoted segment; @mtu: with TOO_BIG, octets that
 * fit, IP header included; @hdr_len: octets of our IP header.
 * Returns whether it is about octets that are under way (RFC 5927 4.1); else it is ignored.
 */
bool tcb_icmp(struct tcb *t, enum tcb_icmp kind, uint32_t seq, uint32_t mtu, uint32_t hdr_len,
	      uint64_t now_ns);

/* tcb_timer() - does what is due at @now_ns. */
void tcb_timer(struct tcb *t, uint64_t now_ns);

/* tcb_due_ns() - when tcb_timer() is wanted; TCB_NEVER for not until something happens. */
uint64_t tcb_due_ns(const struct tcb *t);

/*
 * tcb_send() - the next segment to be sent now. @out: its octets stay valid until the next call.
 * Returns false if there is none.
 */
bool tcb_send(struct tcb *t, uint64_t now_ns, struct tcb_seg *out);

/* tcb_state_text() - "ESTABLISHED", ...; static. */
const char *tcb_state_text(const struct tcb *t);

/* tcb_end_text() - "" while it has not ended, "graceful", "refused", ...; static. */
const char *tcb_end_text(enum tcb_end end);

/* tcb_why_text(), tcb_why_rfc() - the words, and where the standard says so; static, "" if none. */
const char *tcb_why_text(enum tcb_why why);
const char *tcb_why_rfc(enum tcb_why why);

/* tcb_seg_read() - a segment from a parsed header and its @len octets, which it points to. */
struct tcb_seg tcb_seg_read(const struct tcp_hdr *h, const uint8_t *data, size_t len);

/* tcb_seg_spec() - puts the segment into a description for pkt_build(); ports stay as they are. */
void tcb_seg_spec(const struct tcb_seg *s, struct pkt_spec *spec);

extern const struct fsm_table tcb_table;

#endif
