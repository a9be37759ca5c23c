/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_fsm - the client of RFC 2131 figure 5 as a table, and its times.
 *
 * Pure in (state, event, now): whoever drives it hands in events, and does what the actions say.
 * Spec: RFC 2131 3.1, 3.2, 4.1 (retransmission), 4.4; RFC 5227 (is the address free); RFC 8925.
 */
#ifndef PKT_DHCPC_FSM_H
#define PKT_DHCPC_FSM_H

#include "base/rnd.h"
#include "dhcpc.h"

#define DHCPC_NEVER UINT64_MAX

enum dhcpc_state {
	DHCPC_INIT,
	DHCPC_SELECTING,
	DHCPC_REQUESTING,
	DHCPC_CHECKING, /* the address is ours if nobody else has it */
	DHCPC_BOUND,
	DHCPC_RENEWING,
	DHCPC_REBINDING,
	DHCPC_INIT_REBOOT,
	DHCPC_REBOOTING,
	DHCPC_INFORMING,
	DHCPC_PAUSING, /* after a refusal or a conflict */
	DHCPC_OVER,
};

enum dhcpc_event {
	DHCPC_EV_START,
	DHCPC_EV_OFFER,
	DHCPC_EV_ACK,
	DHCPC_EV_NAK,
	DHCPC_EV_V6ONLY, /* an OFFER or ACK that says: no IPv4 here */
	DHCPC_EV_CLAIM,  /* somebody has the address */
	DHCPC_EV_FREE,   /* nobody has it */
	DHCPC_EV_TIMER,
	DHCPC_EV_T1,
	DHCPC_EV_T2,
	DHCPC_EV_EXPIRY,
	DHCPC_EV_STOP,
};

enum dhcpc_action {
	DHCPC_SEND_DISCOVER,
	DHCPC_SEND_REQUEST,
	DHCPC_SEND_INFORM,
	DHCPC_SEND_DECLINE,
	DHCPC_SEND_RELEASE,
	DHCPC_START_CHECK,
	DHCPC_BIND,
	DHCPC_EXTEND,
	DHCPC_UNBIND,
	DHCPC_TELL_NAK,
	DHCPC_TELL_CONFLICT,
	DHCPC_TELL_V6ONLY,
	DHCPC_TELL_INFORMED,
	DHCPC_TELL_SILENT,
};

#define DHCPC_DOES(actions, action) ((actions) >> (action)&1)

struct dhcpc_fsm_opts {
	uint64_t tries; /* 0: without end */
	bool stays;     /* a daemon: begins again where a single run ends */
	bool checks;    /* the address, RFC 5227 */
	bool gives_back, informs, is_rapid;
	bool is_loose; /* takes another server's ACK, and another address than was offered */
	bool wants_v6only;
	uint32_t xid;
	bool has_xid;
	uint16_t secs;
	bool has_secs;
	struct addr wish; /* to be asked for in DISCOVER; 0.0.0.0 for none */
};

struct dhcpc_fsm {
	struct fsm fsm;
	struct dhcpc_fsm_opts opts;
	struct rnd *rnd;
	uint64_t now_ns;
	uint64_t timer_ns, t1_ns, t2_ns, expiry_ns; /* DHCPC_NEVER when not running */
	uint64_t begun_ns;                          /* of this exchange, for secs */
	uint64_t requested_ns; /* the newest REQUEST: from then on the lease counts */
	uint64_t n_tries;      /* of the message that is being repeated */
	uint32_t xid;
	uint16_t secs;
	uint32_t pause_s;  /* the next pause after a NAK */
	uint32_t v6only_s; /* how long to do without IPv4 */
	unsigned n_conflicts;
	bool has_nak_of_nobody;   /* one without server identifier, the last resort */
	struct dhcpc_lease offer; /* the one chosen */
	struct dhcpc_lease lease; /* the one we have, or are given */
};

extern const struct fsm_table dhcpc_table;

/* dhcpc_fsm_open() - in state @state; @f stays where it is, @rnd outlives it. */
void dhcpc_fsm_open(struct dhcpc_fsm *f, const struct dhcpc_fsm_opts *opts, enum dhcpc_state state,
		    struct rnd *rnd);

/*
 * dhcpc_fsm_event() - something happened at @now_ns (monotonic). Returns the actions to be done,
 * bits by enum dhcpc_action.
 */
uint32_t dhcpc_fsm_event(struct dhcpc_fsm *f, enum dhcpc_event event, uint64_t now_ns);

/* dhcpc_fsm_tick() - takes the event that is due, if one is; returns its actions, 0 if none. */
uint32_t dhcpc_fsm_tick(struct dhcpc_fsm *f, uint64_t now_ns);

/* dhcpc_fsm_due() - when the next one is due, DHCPC_NEVER if none will be. */
uint64_t dhcpc_fsm_due(const struct dhcpc_fsm *f);

/*
 * dhcpc_fsm_hear() - what a whole message to us means in this state.
 * Returns true with @event set, the lease taken over; false if it means nothing, @s is then
 * dropped with its reason.
 */
bool dhcpc_fsm_hear(struct dhcpc_fsm *f, struct dhcpc_seen *s, enum dhcpc_event *event);

/* dhcpc_fsm_ask() - the message for a DHCPC_SEND_* action (RFC 2131 table 5). */
struct dhcpc_ask dhcpc_fsm_ask(const struct dhcpc_fsm *f, enum dhcpc_action action);

#endif
