/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transitions of RFC 9293 figure 5, and the words for what happens to segments.
 */
#include "engine/tcb_impl.h"

static bool is_passive(const void *machine)
{
	return ((const struct tcb *)machine)->is_passive;
}

#define DOES(action) (UINT32_C(1) << (action))
#define SYN DOES(TCB_SEND_SYN)
#define SYN_ACK DOES(TCB_SEND_SYN_ACK)
#define ACK DOES(TCB_SEND_ACK)
#define FIN DOES(TCB_SEND_FIN)
#define RST DOES(TCB_SEND_RST)
#define WAIT DOES(TCB_START_2MSL)
#define FORGET DOES(TCB_FORGET)

#define OPEN_RFC "RFC 9293 3.10.1"
#define CLOSE_RFC "RFC 9293 3.10.4"
#define ABORT_RFC "RFC 9293 3.10.5"
#define SYN_RFC "RFC 9293 3.10.7.3"
#define RST_RFC "RFC 9293 3.10.7.4 (2)"
#define ACK_RFC "RFC 9293 3.10.7.4 (5)"
#define FIN_RFC "RFC 9293 3.10.7.4 (8)"
#define R2_RFC "RFC 9293 3.8.3"
#define ICMP_RFC "RFC 9293 3.9.2.2"
#define MSL_RFC "RFC 9293 3.10.8"

static const struct fsm_row rows[] = {
	{TCB_CLOSED, TCB_OPEN, NULL, "", SYN, TCB_SYN_SENT, OPEN_RFC},
	{TCB_CLOSED, TCB_PASSIVE_OPEN, NULL, "", 0, TCB_LISTEN, OPEN_RFC},
	{TCB_LISTEN, TCB_SYN, NULL, "", SYN_ACK, TCB_SYN_RECEIVED, "RFC 9293 3.10.7.2"},
	{TCB_LISTEN, TCB_OPEN, NULL, "", SYN, TCB_SYN_SENT, OPEN_RFC},
	{TCB_LISTEN, TCB_CLOSE, NULL, "", FORGET, TCB_CLOSED, CLOSE_RFC},
	{TCB_LISTEN, TCB_ABORT, NULL, "", FORGET, TCB_CLOSED, ABORT_RFC},
	{TCB_SYN_SENT, TCB_SYN_ACK, NULL, "", ACK, TCB_ESTABLISHED, SYN_RFC},
	{TCB_SYN_SENT, TCB_SYN, NULL, "", SYN_ACK, TCB_SYN_RECEIVED, SYN_RFC},
	{TCB_SYN_SENT, TCB_RST, NULL, "", FORGET, TCB_CLOSED, SYN_RFC},
	{TCB_SYN_SENT, TCB_CLOSE, NULL, "", FORGET, TCB_CLOSED, CLOSE_RFC},
	{TCB_SYN_SENT, TCB_ABORT, NULL, "", FORGET, TCB_CLOSED, ABORT_RFC},
	{TCB_SYN_SENT, TCB_EXPIRED, NULL, "", FORGET, TCB_CLOSED, R2_RFC},
	{TCB_SYN_SENT, TCB_UNREACHABLE, NULL, "", FORGET, TCB_CLOSED, ICMP_RFC},
	{TCB_SYN_RECEIVED, TCB_SYN_ACKED, NULL, "", 0, TCB_ESTABLISHED, ACK_RFC},
	{TCB_SYN_RECEIVED, TCB_SYN, is_passive, "[passive]", FORGET, TCB_LISTEN,
	 "RFC 9293 3.10.7.4 (4)"},
	{TCB_SYN_RECEIVED, TCB_RST, is_passive, "[passive]", FORGET, TCB_LISTEN, RST_RFC},
	{TCB_SYN_RECEIVED, TCB_RST, NULL, "", FORGET, TCB_CLOSED, RST_RFC},
	{TCB_SYN_RECEIVED, TCB_ABORT, NULL, "", RST | FORGET, TCB_CLOSED, ABORT_RFC},
	{TCB_SYN_RECEIVED, TCB_EXPIRED, is_passive, "[passive]", FORGET, TCB_LISTEN, R2_RFC},
	{TCB_SYN_RECEIVED, TCB_EXPIRED, NULL, "", FORGET, TCB_CLOSED, R2_RFC},
	{TCB_SYN_RECEIVED, TCB_UNREACHABLE, is_passive, "[passive]", FORGET, TCB_LISTEN, ICMP_RFC},
	{TCB_SYN_RECEIVED, TCB_UNREACHABLE, NULL, "", FORGET, TCB_CLOSED, ICMP_RFC},
	{TCB_ESTABLISHED, TCB_CLOSE, NULL, "", FIN, TCB_FIN_WAIT_1, CLOSE_RFC},
	{TCB_ESTABLISHED, TCB_FIN, NULL, "", ACK, TCB_CLOSE_WAIT, FIN_RFC},
	{TCB_ESTABLISHED, TCB_RST, NULL, "", FORGET, TCB_CLOSED, RST_RFC},
	{TCB_ESTABLISHED, TCB_ABORT, NULL, "", RST | FORGET, TCB_CLOSED, ABORT_RFC},
	{TCB_ESTABLISHED, TCB_EXPIRED, NULL, "", FORGET, TCB_CLOSED, R2_RFC},
	{TCB_FIN_WAIT_1, TCB_FIN_ACKED, NULL, "", 0, TCB_FIN_WAIT_2, ACK_RFC},
	{TCB_FIN_WAIT_1, TCB_FIN, NULL, "", ACK, TCB_CLOSING, FIN_RFC},
	{TCB_FIN_WAIT_1, TCB_RST, NULL, "", FORGET, TCB_CLOSED, RST_RFC},
	{TCB_FIN_WAIT_1, TCB_ABORT, NULL, "", RST | FORGET, TCB_CLOSED, ABORT_RFC},
	{TCB_FIN_WAIT_1, TCB_EXPIRED, NULL, "", FORGET, TCB_CLOSED, R2_RFC},
	{TCB_FIN_WAIT_2, TCB_FIN, NULL, "", ACK | WAIT, TCB_TIME_WAIT, FIN_RFC},
	{TCB_FIN_WAIT_2, TCB_RST, NULL, "", FORGET, TCB_CLOSED, RST_RFC},
	{TCB_FIN_WAIT_2, TCB_ABORT, NULL, "", RST | FORGET, TCB_CLOSED, ABORT_RFC},
	{TCB_CLOSE_WAIT, TCB_CLOSE, NULL, "", FIN, TCB_LAST_ACK, CLOSE_RFC},
	{TCB_CLOSE_WAIT, TCB_RST, NULL, "", FORGET, TCB_CLOSED, RST_RFC},
	{TCB_CLOSE_WAIT, TCB_ABORT, NULL, "", RST | FORGET, TCB_CLOSED, ABORT_RFC},
	{TCB_CLOSE_WAIT, TCB_EXPIRED, NULL, "", FORGET, TCB_CLOSED, R2_RFC},
	{TCB_CLOSING, TCB_FIN_ACKED, NULL, "", WAIT, TCB_TIME_WAIT, ACK_RFC},
	{TCB_CLOSING, TCB_RST, NULL, "", FORGET, TCB_CLOSED, RST_RFC},
	{TCB_CLOSING, TCB_ABORT, NULL, "", FORGET, TCB_CLOSED, ABORT_RFC},
	{TCB_CLOSING, TCB_EXPIRED, NULL, "", FORGET, TCB_CLOSED, R2_RFC},
	{TCB_LAST_ACK, TCB_FIN_ACKED, NULL, "", FORGET, TCB_CLOSED, ACK_RFC},
	{TCB_LAST_ACK, TCB_RST, NULL, "", FORGET, TCB_CLOSED, RST_RFC},
	{TCB_LAST_ACK, TCB_ABORT, NULL, "", FORGET, TCB_CLOSED, ABORT_RFC},
	{TCB_LAST_ACK, TCB_EXPIRED, NULL, "", FORGET, TCB_CLOSED, R2_RFC},
	{TCB_TIME_WAIT, TCB_FIN, NULL, "", ACK | WAIT, TCB_TIME_WAIT, FIN_RFC},
	{TCB_TIME_WAIT, TCB_ABORT, NULL, "", FORGET, TCB_CLOSED, ABORT_RFC},
	{TCB_TIME_WAIT, TCB_2MSL, NULL, "", FORGET, TCB_CLOSED, MSL_RFC},
};

static const char *const state_names[] = {"CLOSED",      "LISTEN",     "SYN-SENT",   "SYN-RECEIVED",
					  "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
					  "CLOSING",     "LAST-ACK",   "TIME-WAIT"};
static const char *const event_names[] = {"open",    "listen",      "SYN", "SYN-ACK", "SYN acked",
					  "FIN",     "FIN acked",   "RST", "close",   "abort",
					  "expired", "unreachable", "2MSL"};
static const char *const action_names[] = {"send SYN", "send SYN-ACK", "send ACK", "send FIN",
					   "send RST", "start 2MSL",   "forget"};

const struct fsm_table tcb_table = {
	.name = "TCP connection",
	.rows = rows,
	.n_rows = sizeof(rows) / sizeof(rows[0]),
	.states = state_names,
	.events = event_names,
	.actions = action_names,
};

const char *tcb_state_text(const struct tcb *t)
{
	return state_names[t->fsm.state];
}

const char *tcb_end_text(enum tcb_end end)
{
	static const char *const words[] = {"",        "graceful",    "refused", "reset",
					    "expired", "unreachable", "aborted"};

	return words[end];
}

static const struct {
	const char *text, *rfc;
} whys[TCB_N_WHYS] = {
	[TCB_WHY_NONE] = {"", ""},
	[TCB_WHY_ACTIVE_OPEN] = {"active open", "RFC 9293 3.5"},
	[TCB_WHY_RETRANSMIT] = {"retransmission", "RFC 6298 5.4"},
	[TCB_WHY_FAST_RETRANSMIT] = {"fast retransmission", "RFC 5681 3.2"},
	[TCB_WHY_DELAYED_ACK] = {"delayed ACK", "RFC 9293 3.8.6.3"},
	[TCB_WHY_DUP_ACK] = {"dup ACK", "RFC 5681 4.2"},
	[TCB_WHY_WINDOW_UPDATE] = {"window update", "RFC 9293 3.8.6.2.2"},
	[TCB_WHY_WINDOW_PROBE] = {"zero-window probe", "RFC 9293 3.8.6.1"},
	[TCB_WHY_ZERO_WINDOW] = {"zero window", "RFC 9293 3.8.6.1"},
	[TCB_WHY_CHALLENGE_ACK] = {"challenge ACK", "RFC 5961 3.2"},
	[TCB_WHY_CLOSE] = {"close", "RFC 9293 3.6"},
	[TCB_WHY_ABORT] = {"abort", "RFC 9293 3.10.5"},
	[TCB_WHY_RST_REPLY] = {"reset: no such connection", "RFC 9293 3.5.2"},
	[TCB_WHY_REPEATED] = {"repeated, nothing new", "RFC 9293 3.10.7.4"},
	[TCB_WHY_OUT_OF_ORDER] = {"out of order", "RFC 9293 3.10.7.4"},
	[TCB_WHY_OUT_OF_WINDOW] = {"outside the window", "RFC 9293 3.10.7.4"},
	[TCB_WHY_BAD_ACK] = {"unacceptable ACK", "RFC 5961 5.2"},
	[TCB_WHY_BLIND_RST] = {"RST at a wrong place, ignored", "RFC 5961 3.2"},
	[TCB_WHY_SYN_INSIDE] = {"SYN inside a connection", "RFC 5961 4.2"},
	[TCB_WHY_NO_ACK] = {"no ACK flag, ignored", "RFC 9293 3.10.7.4 (5)"},
	[TCB_WHY_OLD_STAMP] = {"older timestamp, ignored", "RFC 7323 5.3"},
	[TCB_WHY_HALF_OPEN] = {"half-open peer", "RFC 9293 3.5.1"},
	[TCB_WHY_SIMULTANEOUS] = {"simultaneous open", "RFC 9293 3.5"},
	[TCB_WHY_REFUSED] = {"refused", "RFC 9293 3.10.7.3"},
	[TCB_WHY_RESET] = {"reset by peer", "RFC 9293 3.10.7.4 (2)"},
	[TCB_WHY_IGNORED] = {"ignored", "RFC 9293 3.10.7"},
	[TCB_WHY_FAST_OPEN] = {"fast open", "RFC 7413 4.2"},
};

const char *tcb_why_text(enum tcb_why why)
{
	return whys[why].text;
}

const char *tcb_why_rfc(enum tcb_why why)
{
	return whys[why].rfc;
}
