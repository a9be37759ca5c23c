/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcpc_fsm.h"

#include "base/num.h"

#define RETRY_FIRST_S 4 /* RFC 2131 4.1: 4, 8, 16, 32, 64 seconds, each give or take one */
#define RETRY_LAST_S 64
#define RENEW_RETRY_MIN_S 60 /* RFC 2131 4.4.5 */
#define DECLINE_PAUSE_S 10   /* RFC 2131 3.1 step 5 */
#define CONFLICTS_MAX 10     /* RFC 5227 1.1, and a minute between tries from then on */
#define CONFLICT_PAUSE_S 60
#define NAK_PAUSE_MAX_S 256 /* no RFC says it: a server that refuses each time is asked less */

static bool stays(const void *machine)
{
	return ((const struct dhcpc_fsm *)machine)->opts.stays;
}

static bool checks(const void *machine)
{
	return ((const struct dhcpc_fsm *)machine)->opts.checks;
}

static bool informs(const void *machine)
{
	return ((const struct dhcpc_fsm *)machine)->opts.informs;
}

static bool gives_back(const void *machine)
{
	return ((const struct dhcpc_fsm *)machine)->opts.gives_back;
}

static bool has_tries(const void *machine)
{
	const struct dhcpc_fsm *f = machine;

	return !f->opts.tries || f->n_tries < f->opts.tries;
}

#define DOES(action) (UINT32_C(1) << (action))
#define DISCOVER DOES(DHCPC_SEND_DISCOVER)
#define REQUEST DOES(DHCPC_SEND_REQUEST)
#define RELEASE DOES(DHCPC_SEND_RELEASE)
#define CONFLICT (DOES(DHCPC_TELL_CONFLICT) | DOES(DHCPC_SEND_DECLINE))
#define NAK DOES(DHCPC_TELL_NAK)
#define UNBIND DOES(DHCPC_UNBIND)
#define BIND DOES(DHCPC_BIND)
#define CHECK DOES(DHCPC_START_CHECK)
#define SILENT DOES(DHCPC_TELL_SILENT)
#define V6ONLY DOES(DHCPC_TELL_V6ONLY)
#define TRIES has_tries, "[tries left]"
#define STAYS stays, "[stays]"
#define CHECKS checks, "[to be checked]"
#define GIVES gives_back, "[gives back]"
#define ALWAYS NULL, ""

/* Short names, so that a row is a line. */
enum {
	INIT = DHCPC_INIT,
	SELECTING = DHCPC_SELECTING,
	REQUESTING = DHCPC_REQUESTING,
	CHECKING = DHCPC_CHECKING,
	BOUND = DHCPC_BOUND,
	RENEWING = DHCPC_RENEWING,
	REBINDING = DHCPC_REBINDING,
	REBOOT = DHCPC_INIT_REBOOT,
	REBOOTING = DHCPC_REBOOTING,
	INFORMING = DHCPC_INFORMING,
	PAUSING = DHCPC_PAUSING,
	OVER = DHCPC_OVER,
};

static const struct fsm_row rows[] = {
	{INIT, DHCPC_EV_START, informs, "[informs]", DOES(DHCPC_SEND_INFORM), INFORMING,
	 "RFC 2131 4.4.3"},
	{INIT, DHCPC_EV_START, ALWAYS, DISCOVER, SELECTING, "RFC 2131 4.4.1"},

	{SELECTING, DHCPC_EV_OFFER, ALWAYS, REQUEST, REQUESTING, "RFC 2131 3.1 step 3"},
	{SELECTING, DHCPC_EV_ACK, CHECKS, CHECK, CHECKING, "RFC 4039 3.1"},
	{SELECTING, DHCPC_EV_ACK, ALWAYS, BIND, BOUND, "RFC 4039 3.1"},
	{SELECTING, DHCPC_EV_V6ONLY, STAYS, V6ONLY, PAUSING, "RFC 8925 3.2"},
	{SELECTING, DHCPC_EV_V6ONLY, ALWAYS, V6ONLY, OVER, "RFC 8925 3.2"},
	{SELECTING, DHCPC_EV_TIMER, TRIES, DISCOVER, SELECTING, "RFC 2131 4.1"},
	{SELECTING, DHCPC_EV_TIMER, ALWAYS, SILENT, OVER, "RFC 2131 4.1"},
	{SELECTING, DHCPC_EV_STOP, ALWAYS, 0, OVER, ""},

	{REQUESTING, DHCPC_EV_ACK, CHECKS, CHECK, CHECKING, "RFC 2131 4.4.1"},
	{REQUESTING, DHCPC_EV_ACK, ALWAYS, BIND, BOUND, "RFC 2131 3.1 step 5"},
	{REQUESTING, DHCPC_EV_NAK, STAYS, NAK, PAUSING, "RFC 2131 3.1 step 5"},
	{REQUESTING, DHCPC_EV_NAK, ALWAYS, NAK, OVER, "RFC 2131 3.1 step 5"},
	{REQUESTING, DHCPC_EV_V6ONLY, STAYS, V6ONLY, PAUSING, "RFC 8925 3.2"},
	{REQUESTING, DHCPC_EV_V6ONLY, ALWAYS, V6ONLY, OVER, "RFC 8925 3.2"},
	{REQUESTING, DHCPC_EV_TIMER, TRIES, REQUEST, REQUESTING, "RFC 2131 4.1"},
	{REQUESTING, DHCPC_EV_TIMER, STAYS, DISCOVER, SELECTING, "RFC 2131 3.1 step 5"},
	{REQUESTING, DHCPC_EV_TIMER, ALWAYS, SILENT, OVER, "RFC 2131 3.1 step 5"},
	{REQUESTING, DHCPC_EV_STOP, ALWAYS, 0, OVER, ""},

	{CHECKING, DHCPC_EV_FREE, ALWAYS, BIND, BOUND, "RFC 5227 2.1"},
	{CHECKING, DHCPC_EV_CLAIM, STAYS, CONFLICT, PAUSING, "RFC 2131 3.1 step 5"},
	{CHECKING, DHCPC_EV_CLAIM, ALWAYS, CONFLICT, OVER, "RFC 2131 3.1 step 5"},
	{CHECKING, DHCPC_EV_STOP, ALWAYS, RELEASE, OVER, "RFC 2131 3.1 step 6"},

	{BOUND, DHCPC_EV_T1, ALWAYS, REQUEST, RENEWING, "RFC 2131 4.4.5"},
	{BOUND, DHCPC_EV_T2, ALWAYS, REQUEST, REBINDING, "RFC 2131 4.4.5"},
	{BOUND, DHCPC_EV_CLAIM, ALWAYS, CONFLICT | UNBIND, PAUSING, "RFC 5227 2.4"},
	{BOUND, DHCPC_EV_STOP, GIVES, RELEASE | UNBIND, OVER, "RFC 2131 4.4.6"},
	{BOUND, DHCPC_EV_STOP, ALWAYS, UNBIND, OVER, "RFC 2131 4.4.6"},

	{RENEWING, DHCPC_EV_ACK, ALWAYS, DOES(DHCPC_EXTEND), BOUND, "RFC 2131 4.4.5"},
	{RENEWING, DHCPC_EV_NAK, STAYS, NAK | UNBIND, PAUSING, "RFC 2131 4.4.5"},
	{RENEWING, DHCPC_EV_NAK, ALWAYS, NAK | UNBIND, OVER, "RFC 2131 4.4.5"},
	{RENEWING, DHCPC_EV_TIMER, ALWAYS, REQUEST, RENEWING, "RFC 2131 4.4.5"},
	{RENEWING, DHCPC_EV_CLAIM, ALWAYS, CONFLICT | UNBIND, PAUSING, "RFC 5227 2.4"},
	{RENEWING, DHCPC_EV_T2, ALWAYS, REQUEST, REBINDING, "RFC 2131 4.4.5"},
	{RENEWING, DHCPC_EV_STOP, GIVES, RELEASE | UNBIND, OVER, "RFC 2131 4.4.6"},
	{RENEWING, DHCPC_EV_STOP, ALWAYS, UNBIND, OVER, "RFC 2131 4.4.6"},

	{REBINDING, DHCPC_EV_ACK, ALWAYS, DOES(DHCPC_EXTEND), BOUND, "RFC 2131 4.4.5"},
	{REBINDING, DHCPC_EV_NAK, STAYS, NAK | UNBIND, PAUSING, "RFC 2131 4.4.5"},
	{REBINDING, DHCPC_EV_NAK, ALWAYS, NAK | UNBIND, OVER, "RFC 2131 4.4.5"},
	{REBINDING, DHCPC_EV_TIMER, ALWAYS, REQUEST, REBINDING, "RFC 2131 4.4.5"},
	{REBINDING, DHCPC_EV_CLAIM, ALWAYS, CONFLICT | UNBIND, PAUSING, "RFC 5227 2.4"},
	{REBINDING, DHCPC_EV_EXPIRY, STAYS, UNBIND | DISCOVER, SELECTING, "RFC 2131 4.4.5"},
	{REBINDING, DHCPC_EV_EXPIRY, ALWAYS, UNBIND | SILENT, OVER, "RFC 2131 4.4.5"},
	{REBINDING, DHCPC_EV_STOP, GIVES, RELEASE | UNBIND, OVER, "RFC 2131 4.4.6"},
	{REBINDING, DHCPC_EV_STOP, ALWAYS, UNBIND, OVER, "RFC 2131 4.4.6"},

	{REBOOT, DHCPC_EV_START, ALWAYS, REQUEST, REBOOTING, "RFC 2131 3.2 step 1"},
	{REBOOTING, DHCPC_EV_ACK, CHECKS, CHECK, CHECKING, "RFC 2131 3.2 step 3"},
	{REBOOTING, DHCPC_EV_ACK, ALWAYS, BIND, BOUND, "RFC 2131 3.2 step 3"},
	{REBOOTING, DHCPC_EV_NAK, STAYS, NAK | DISCOVER, SELECTING, "RFC 2131 3.2 step 3"},
	{REBOOTING, DHCPC_EV_NAK, ALWAYS, NAK, OVER, "RFC 2131 3.2 step 3"},
	{REBOOTING, DHCPC_EV_TIMER, TRIES, REQUEST, REBOOTING, "RFC 2131 4.1"},
	{REBOOTING, DHCPC_EV_TIMER, STAYS, DISCOVER, SELECTING, "RFC 2131 3.2 step 3"},
	{REBOOTING, DHCPC_EV_TIMER, ALWAYS, SILENT, OVER, "RFC 2131 3.2 step 3"},
	{REBOOTING, DHCPC_EV_STOP, ALWAYS, 0, OVER, ""},

	{INFORMING, DHCPC_EV_ACK, ALWAYS, DOES(DHCPC_TELL_INFORMED), OVER, "RFC 2131 4.4.3"},
	{INFORMING, DHCPC_EV_TIMER, TRIES, DOES(DHCPC_SEND_INFORM), INFORMING, "RFC 2131 4.1"},
	{INFORMING, DHCPC_EV_TIMER, ALWAYS, SILENT, OVER, "RFC 2131 4.4.3"},
	{INFORMING, DHCPC_EV_STOP, ALWAYS, 0, OVER, ""},

	{PAUSING, DHCPC_EV_TIMER, ALWAYS, DISCOVER, SELECTING, "RFC 2131 3.1 step 5"},
	{PAUSING, DHCPC_EV_STOP, ALWAYS, 0, OVER, ""},
};

static const char *const state_names[] = {"INIT",      "SELECTING", "REQUESTING", "CHECKING",
					  "BOUND",     "RENEWING",  "REBINDING",  "INIT-REBOOT",
					  "REBOOTING", "INFORMING", "PAUSING",    "OVER"};
static const char *const event_names[] = {"start", "OFFER", "ACK", "NAK", "v6only", "claim",
					  "free",  "timer", "T1",  "T2",  "expiry", "stop"};
static const char *const action_names[] = {
	"send DISCOVER", "send REQUEST", "send INFORM",   "send DECLINE", "send RELEASE",
	"start check",   "bind",         "extend",        "unbind",       "tell NAK",
	"tell conflict", "tell v6only",  "tell informed", "tell silent"};

const struct fsm_table dhcpc_table = {
	.name = "DHCP client",
	.rows = rows,
	.n_rows = sizeof(rows) / sizeof(rows[0]),
	.states = state_names,
	.events = event_names,
	.actions = action_names,
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) <= FSM_ROWS_MAX, "the machine counts rows in bits");

void dhcpc_fsm_open(struct dhcpc_fsm *f, const struct dhcpc_fsm_opts *opts, enum dhcpc_state state,
		    struct rnd *rnd)
{
	*f = (struct dhcpc_fsm){
		.fsm = {.table = &dhcpc_table, .machine = f, .state = (uint8_t)state},
		.opts = *opts,
		.rnd = rnd,
		.timer_ns = DHCPC_NEVER,
		.t1_ns = DHCPC_NEVER,
		.t2_ns = DHCPC_NEVER,
		.expiry_ns = DHCPC_NEVER,
		.xid = opts->has_xid ? opts->xid : rnd_u32(rnd),
		.pause_s = 1,
		.offer = {.addr = addr_none(), .server = addr_none()},
		.lease = {.addr = addr_none(), .server = addr_none()},
	};
}

/* --- times */

static void stop_timers(struct dhcpc_fsm *f)
{
	f->timer_ns = f->t1_ns = f->t2_ns = f->expiry_ns = DHCPC_NEVER;
}

static uint64_t after(uint64_t from_ns, uint32_t seconds)
{
	return seconds == DHCP_INFINITE ? DHCPC_NEVER : from_ns + seconds * NS_PER_S;
}

static void start_retry(struct dhcpc_fsm *f)
{
	uint64_t doubled = f->n_tries < 5 ? (uint64_t)RETRY_FIRST_S << f->n_tries : RETRY_LAST_S;
	uint64_t wait_s = doubled < RETRY_LAST_S ? doubled : RETRY_LAST_S;

	f->timer_ns = f->now_ns + (wait_s - 1) * NS_PER_S + rnd_below(f->rnd, 2 * NS_PER_S + 1);
	f->n_tries++;
}

/* Half of what is left until the next stage, but not below a minute; nothing beyond that stage. */
static void start_renew_retry(struct dhcpc_fsm *f, uint64_t end_ns)
{
	uint64_t half_ns =
		end_ns == DHCPC_NEVER || end_ns < f->now_ns ? 0 : (end_ns - f->now_ns) / 2;
	uint64_t wait_ns =
		half_ns > RENEW_RETRY_MIN_S * NS_PER_S ? half_ns : RENEW_RETRY_MIN_S * NS_PER_S;

	f->timer_ns = f->now_ns + wait_ns;
}

static void start_lease(struct dhcpc_fsm *f)
{
	f->timer_ns = DHCPC_NEVER;
	f->t1_ns = after(f->requested_ns, f->lease.t1_s);
	f->t2_ns = after(f->requested_ns, f->lease.t2_s);
	f->expiry_ns = after(f->requested_ns, f->lease.lease_s);
	f->pause_s = 1;
	f->n_conflicts = 0;
}

static void start_pause(struct dhcpc_fsm *f, enum dhcpc_event event)
{
	uint32_t pause_s = f->pause_s;

	if (event == DHCPC_EV_CLAIM)
		pause_s = ++f->n_conflicts < CONFLICTS_MAX ? DECLINE_PAUSE_S : CONFLICT_PAUSE_S;
	else if (event == DHCPC_EV_V6ONLY)
		pause_s = f->v6only_s;
	else if (f->pause_s < NAK_PAUSE_MAX_S)
		f->pause_s *= 2;
	stop_timers(f);
	f->timer_ns = after(f->now_ns, pause_s);
}

/* --- events */

/* An exchange begins with a DISCOVER, an INFORM, or the first REQUEST of those that have none. */
static void begin_exchange(struct dhcpc_fsm *f)
{
	f->xid = f->opts.has_xid ? f->opts.xid : rnd_u32(f->rnd);
	f->begun_ns = f->now_ns;
	f->n_tries = 0;
	f->has_nak_of_nobody = false;
	stop_timers(f);
}

static void note_secs(struct dhcpc_fsm *f)
{
	uint64_t secs = (f->now_ns - f->begun_ns) / NS_PER_S;

	f->secs =
		f->opts.has_secs ? f->opts.secs : (uint16_t)(secs < UINT16_MAX ? secs : UINT16_MAX);
}

static void prepare_send(struct dhcpc_fsm *f, const struct fsm_row *row)
{
	bool is_same = row->state == row->next;

	switch ((enum dhcpc_state)row->next) {
	case DHCPC_SELECTING:
	case DHCPC_REBOOTING:
	case DHCPC_INFORMING:
		if (!is_same)
			begin_exchange(f);
		note_secs(f);
		start_retry(f);
		break;
	case DHCPC_REQUESTING: /* RFC 2131 3.1 step 3: secs as in the DISCOVER */
		if (!is_same)
			f->n_tries = 0;
		start_retry(f);
		break;
	case DHCPC_RENEWING:
	case DHCPC_REBINDING:
		if (!is_same) {
			f->xid = f->opts.has_xid ? f->opts.xid : rnd_u32(f->rnd);
			f->begun_ns = f->now_ns;
			f->n_tries = 0;
		}
		note_secs(f);
		if (!f->opts.stays)
			start_retry(f); /* somebody waits for it, before a prompt */
		else
			start_renew_retry(f, row->next == DHCPC_RENEWING ? f->t2_ns : f->expiry_ns);
		break;
	default: break;
	}
	/* RFC 4039: with rapid commit the lease counts from the DISCOVER. */
	if (row->actions & (REQUEST | DISCOVER))
		f->requested_ns = f->now_ns;
}

uint32_t dhcpc_fsm_event(struct dhcpc_fsm *f, enum dhcpc_event event, uint64_t now_ns)
{
	const struct fsm_row *row;

	f->now_ns = now_ns;
	row = fsm_step(&f->fsm, (uint8_t)event);
	if (!row)
		return 0;
	prepare_send(f, row);
	if (row->next == DHCPC_BOUND)
		start_lease(f);
	else if (row->next == DHCPC_PAUSING)
		start_pause(f, event);
	else if (row->next == DHCPC_OVER || row->next == DHCPC_CHECKING)
		stop_timers(f);
	if (row->next == DHCPC_RENEWING)
		f->t1_ns = DHCPC_NEVER;
	else if (row->next == DHCPC_REBINDING)
		f->t1_ns = f->t2_ns = DHCPC_NEVER;
	return row->actions;
}

uint64_t dhcpc_fsm_due(const struct dhcpc_fsm *f)
{
	uint64_t due = f->timer_ns;

	due = f->t1_ns < due ? f->t1_ns : due;
	due = f->t2_ns < due ? f->t2_ns : due;
	return f->expiry_ns < due ? f->expiry_ns : due;
}

/* After a long sleep several are due: the last of them decides, for it undoes the others. */
uint32_t dhcpc_fsm_tick(struct dhcpc_fsm *f, uint64_t now_ns)
{
	if (f->fsm.state == DHCPC_REBINDING && f->expiry_ns <= now_ns)
		return dhcpc_fsm_event(f, DHCPC_EV_EXPIRY, now_ns);
	if (f->t2_ns <= now_ns)
		return dhcpc_fsm_event(f, DHCPC_EV_T2, now_ns);
	if (f->t1_ns <= now_ns)
		return dhcpc_fsm_event(f, DHCPC_EV_T1, now_ns);
	if (f->timer_ns <= now_ns)
		return dhcpc_fsm_event(f, DHCPC_EV_TIMER, now_ns);
	return 0;
}
