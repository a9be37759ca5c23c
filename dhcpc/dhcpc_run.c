/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_run - one client, from its first message to the end: does what the table of states says.
 */
#include <stdlib.h>

#include "base/num.h"
#include "build/recipes.h"
#include "dhcpc_apply.h"
#include "dhcpc_fsm.h"
#include "engine/dad.h"

#define FRAMES_AT_ONCE 16
#define WAKE_NS (60 * NS_PER_S)      /* so soon after a sleep of the machine a lease is looked at */
#define WATCH_NS (UINT64_C(1) << 62) /* over an address: longer than any lease, but for ever */

struct client {
	struct dhcpc *d;
	struct dhcpc_fsm fsm;
	struct dad dad; /* from CHECKING on, if it is to be checked */
	bool is_dad_open;
	uint64_t deadline_ns;
	struct dhcpc_ask waiting; /* for the MAC address of its server; type 0: none */
	bool is_done;             /* all is said; what the hands do may still take its time */
	bool is_over, is_bound, has_lease, is_informed, is_late, is_interrupted, is_said;
	bool was_refused, had_conflict, is_v6only, is_apply_lost;
	int fault; /* an error: why says which */
	struct why why;
};

static uint64_t now(const struct client *c)
{
	return clock_mono(c->d->run->clock);
}

/* The time of the table of states: a lease goes on while the machine sleeps. */
static uint64_t boot_now(const struct client *c)
{
	return clock_boot(c->d->run->clock);
}

/* When the table has something to do, on the clock that waits, which stands still meanwhile. */
static uint64_t fsm_due(const struct client *c)
{
	uint64_t due_ns = dhcpc_fsm_due(&c->fsm), boot_ns = boot_now(c), wait_ns;

	if (due_ns == DHCPC_NEVER)
		return DHCPC_NEVER;
	wait_ns = due_ns > boot_ns ? due_ns - boot_ns : 0;
	return now(c) + (wait_ns < WAKE_NS ? wait_ns : WAKE_NS);
}

/* A daemon sees a cable come and go: what is not sent is said again when its time comes. */
static bool is_passing(const struct client *c, int err)
{
	return c->fsm.opts.stays && (err == E_AGAIN || (err == E_SYS && c->why.sys == ENETDOWN));
}

static void fail(struct client *c, int err)
{
	if (err >= 0)
		return;
	if (is_passing(c, err)) {
		tool_say(c->d->run, "%s", c->why.text);
		return;
	}
	if (!c->fault)
		c->fault = err;
	c->is_over = true;
}

/* --- what is sent */

static void send_frame(struct client *c, const struct pkt_spec *spec, const char *what)
{
	uint8_t frame[DAD_FRAME_MAX];
	struct wr w = wr_make(frame, sizeof(frame));
	int err = pkt_build(c->d->builder, spec, &w, &c->why);

	if (!err)
		err = dhcpc_send_frame(c->d, frame, w.len, what, &c->why);
	fail(c, err);
}

static bool is_mac_known(const struct mac *m)
{
	static const struct mac none;

	return !mac_same(m, &none);
}

/* A unicast message needs the MAC address of its server, asked for as the address's owner. */
static void send_ask(struct client *c, const struct dhcpc_ask *ask)
{
	struct pkt_spec who;

	if (is_mac_known(&ask->dst_mac)) {
		c->is_said = true;
		fail(c, dhcpc_send(c->d, ask, &c->why));
		return;
	}
	c->waiting = *ask;
	who = recipe_arp_request(&c->d->self.mac, &ask->ciaddr, &ask->dst);
	send_frame(c, &who, "who is the server?");
}

static void happen(struct client *c, enum dhcpc_event event);

static void send_dad(struct client *c, enum dad_action action, const char *what)
{
	uint8_t frame[DAD_FRAME_MAX];
	struct wr w = wr_make(frame, sizeof(frame));
	int err = dad_build(&c->dad, action, c->d->builder, &w);

	if (!err)
		err = dhcpc_send_frame(c->d, frame, w.len, what, &c->why);
	fail(c, err);
}

/* To somebody who looks whether the address is free our kernel answers, which has it. */
static void check_act(struct client *c, uint32_t actions)
{
	if (DAD_DOES(actions, DAD_SEND_PROBE))
		send_dad(c, DAD_SEND_PROBE, "has anybody this address?");
	if (DAD_DOES(actions, DAD_TELL_FREE))
		happen(c, DHCPC_EV_FREE);
	if (DAD_DOES(actions, DAD_SEND_ANNOUNCEMENT))
		send_dad(c, DAD_SEND_ANNOUNCEMENT, "the address is ours");
	if (DAD_DOES(actions, DAD_SEND_DEFENCE))
		send_dad(c, DAD_SEND_DEFENCE, "somebody claims the address: it is ours");
	if (DAD_DOES(actions, DAD_TELL_TAKEN))
		happen(c, DHCPC_EV_CLAIM);
}

/* The check goes on as a watch over the address, for as long as it is ours (RFC 5227 2.4). */
static bool is_watched(const struct client *c)
{
	uint8_t state = c->fsm.fsm.state;

	return c->is_dad_open && !dad_is_over(&c->dad) &&
	       (state == DHCPC_CHECKING || state == DHCPC_BOUND || state == DHCPC_RENEWING ||
		state == DHCPC_REBINDING);
}

static void start_check(struct client *c)
{
	struct dad_timing timing =
		c->d->opts.is_check_fast ? dad_timing_fast() : dad_timing_rfc(false);

	timing.announcements = c->d->opts.applies ? 2 : 0;
	timing.hold = c->d->opts.stays ? WATCH_NS : 0;
	dad_open(&c->dad, &c->fsm.lease.addr, &c->d->self.mac, &timing, &c->d->run->rnd);
	for (unsigned i = 0; i < c->d->n_macs && c->dad.n_own < DAD_MACS; i++)
		c->dad.own[c->dad.n_own++] = c->d->macs[i];
	c->is_dad_open = true;
	c->deadline_ns =
		DHCPC_NEVER; /* the server has answered in time; the check ends by itself */
	check_act(c, dad_event(&c->dad, DAD_START, now(c)));
}

/* --- what the table says */

static void act(struct client *c, uint32_t actions);

static void order(struct client *c, enum dhcpc_deed deed)
{
	fail(c, dhcpc_order(c->d, deed, &c->fsm.lease, &c->why));
}

static void hold(struct client *c, enum dhcpc_deed deed)
{
	c->is_bound = c->has_lease = true;
	dhcpc_tell_lease(c->d, &c->fsm.lease);
	order(c, deed);
	c->is_done |= !c->fsm.opts.stays && !c->fsm.opts.gives_back;
	if (!c->fsm.opts.stays && c->fsm.opts.gives_back)
		happen(c, DHCPC_EV_STOP);
}

/* What the hands have to say of their orders. */
static void take_results(struct client *c)
{
	struct why why;
	int result, err;

	while (c->d->n_orders && (err = hands_take(c->d->hands, &result, &why)) != E_AGAIN) {
		c->d->n_orders = err < 0 ? 0 : c->d->n_orders - 1;
		if (err >= 0 && result > 0)
			tool_say(c->d->run, "%s", why.text);
		if (err >= 0 && result >= 0)
			continue;
		c->is_apply_lost = true;
		(void)tool_fail(c->d->run, &why);
		/* A daemon tries again with the next renewal, if that can help. */
		c->is_over |= err < 0 || result == E_PERM;
	}
}

static void send_actions(struct client *c, uint32_t actions)
{
	for (unsigned action = DHCPC_SEND_DISCOVER; action <= DHCPC_SEND_RELEASE; action++) {
		struct dhcpc_ask ask;

		if (!DHCPC_DOES(actions, action))
			continue;
		ask = dhcpc_fsm_ask(&c->fsm, (enum dhcpc_action)action);
		send_ask(c, &ask);
	}
}

static void act(struct client *c, uint32_t actions)
{
	if (DHCPC_DOES(actions, DHCPC_TELL_NAK)) {
		c->was_refused = true;
		order(c, DEED_NAK);
	}
	if (DHCPC_DOES(actions, DHCPC_TELL_SILENT))
		order(c, DEED_FAIL);
	if (DHCPC_DOES(actions, DHCPC_TELL_V6ONLY))
		c->is_v6only = true;
	if (DHCPC_DOES(actions, DHCPC_TELL_CONFLICT)) {
		c->had_conflict = true;
		dhcpc_tell_conflict(c->d, &c->dad.addr, &c->dad.rival);
	}
	send_actions(c, actions);
	if (DHCPC_DOES(actions, DHCPC_START_CHECK))
		start_check(c);
	if (DHCPC_DOES(actions, DHCPC_BIND))
		hold(c, DEED_BOUND);
	if (DHCPC_DOES(actions, DHCPC_EXTEND))
		hold(c, DEED_RENEW);
	if (DHCPC_DOES(actions, DHCPC_UNBIND) && c->is_bound) {
		c->is_bound = false;
		order(c, DEED_DECONFIG);
	}
	if (DHCPC_DOES(actions, DHCPC_TELL_INFORMED)) {
		c->is_informed = true;
		dhcpc_tell_lease(c->d, &c->fsm.lease);
	}
	c->is_done |= c->fsm.fsm.state == DHCPC_OVER && !c->waiting.type;
}

/* Does the event, and says where it led. */
static void happen(struct client *c, enum dhcpc_event event)
{
	uint8_t before = c->fsm.fsm.state;
	uint32_t actions = dhcpc_fsm_event(&c->fsm, event, boot_now(c));
	const struct fsm_table *t = &dhcpc_table;

	if (before != c->fsm.fsm.state)
		dhcpc_tell_state(c->d, t->states[before], t->states[c->fsm.fsm.state],
				 t->events[event]);
	act(c, actions);
}

/* --- what is heard */

static void take_arp(struct client *c, const struct dissect *arp, const struct link_in *in)
{
	enum dad_event event;
	uint8_t state = c->fsm.fsm.state;

	if (c->waiting.type && arp->arp.op == ARP_REPLY &&
	    addr_same(&arp->arp.sender, &c->waiting.dst)) {
		struct dhcpc_ask ask = c->waiting;

		c->waiting.type = DHCP_NO_TYPE;
		ask.dst_mac = c->fsm.lease.server_mac = arp->arp.sender_mac;
		dhcpc_trace_in(c->d, in, "the server's MAC address");
		send_ask(c, &ask);
		c->is_done |= state == DHCPC_OVER;
	}
	if (is_watched(c) && dad_judge(&c->dad, arp, in->is_csum_partial, &event)) {
		dhcpc_trace_in(c->d, in, "a claim: somebody has the address");
		check_act(c, dad_event(&c->dad, event, now(c)));
	}
	if (state == DHCPC_RENEWING || state == DHCPC_REBINDING || state == DHCPC_INFORMING)
		dhcpc_answer_arp(c->d, &c->fsm.lease.addr, arp);
}

static const char *verdict_of(const struct dhcpc_seen *s)
{
	return s->msg.type == DHCP_OFFER ? "an offer, taken" :
	       s->msg.type == DHCP_ACK   ? "the server gives what was asked for" :
					   "the server refuses";
}

static void take_message(struct client *c, struct dhcpc_seen *s)
{
	enum dhcpc_event event = DHCPC_EV_ACK;

	dhcpc_policy(&c->d->opts, s);
	if (s->drop || !dhcpc_fsm_hear(&c->fsm, s, &event)) {
		dhcpc_count(c->d, s);
		return;
	}
	c->d->counts.received++;
	dhcpc_tell_seen(c->d, s,
			event == DHCPC_EV_OFFER ? &c->fsm.offer :
			s->msg.type == DHCP_ACK ? &c->fsm.lease :
						  NULL,
			false);
	dhcpc_trace_in(c->d, s->in, verdict_of(s));
	happen(c, event);
}

static void take(struct client *c, const struct link_in *in)
{
	struct dhcpc_seen s;

	if (in->kind == LINK_TX && in->tag == c->d->n_tx)
		c->d->tx_wall_ns = in->wall_ns;
	if (dhcpc_look(&c->d->self, c->fsm.xid, in, &s))
		take_message(c, &s);
	else if (in->kind == LINK_PACKET && s.d.err == 0 && dissect_has(&s.d, LAYER_ARP))
		take_arp(c, &s.d, in);
}

/* --- the machine */

static void tick(struct client *c)
{
	uint8_t before = c->fsm.fsm.state;
	uint32_t actions;

	if (is_watched(c) && c->dad.due_ns <= now(c))
		check_act(c, dad_event(&c->dad, DAD_TIMER, now(c)));
	actions = dhcpc_fsm_tick(&c->fsm, boot_now(c));
	if (before != c->fsm.fsm.state && actions)
		dhcpc_tell_state(c->d, dhcpc_table.states[before],
				 dhcpc_table.states[c->fsm.fsm.state], "timer");
	act(c, actions);
	if (!c->is_done && now(c) >= c->deadline_ns) {
		c->is_late = c->is_done = true;
		order(c, DEED_FAIL);
		happen(c, DHCPC_EV_STOP);
	}
}

static uint64_t step(void *arg)
{
	struct client *c = arg;
	struct link_in in[FRAMES_AT_ONCE];
	uint64_t due_ns;
	int n = link_recv(c->d->link, in, FRAMES_AT_ONCE, &c->why);

	if (n < 0 && n != E_AGAIN)
		fail(c, n);
	for (int i = 0; i < n && !c->is_done; i++)
		take(c, &in[i]);
	if (!c->is_done)
		tick(c);
	take_results(c);
	c->is_over |= c->is_done && !c->d->n_orders;
	if (n > 0)
		return 0;
	if (c->is_done)
		return DHCPC_NEVER;
	due_ns = fsm_due(c);
	if (is_watched(c) && c->dad.due_ns < due_ns)
		due_ns = c->dad.due_ns;
	return due_ns < c->deadline_ns ? due_ns : c->deadline_ns;
}

static bool is_over(const void *arg)
{
	return ((const struct client *)arg)->is_over;
}

static void stop(void *arg)
{
	struct client *c = arg;

	/* Asked to end twice: a hook that hangs is left behind. */
	c->is_over |= c->is_done;
	if (c->is_done)
		return;
	c->is_interrupted = c->is_done = true;
	happen(c, DHCPC_EV_STOP);
}

static void tell_status(void *arg)
{
	const struct client *c = arg;

	fprintf(stderr, "\r%s: %llu sent, %llu received, %llu ignored\n",
		dhcpc_table.states[c->fsm.fsm.state], (unsigned long long)c->d->counts.sent,
		(unsigned long long)c->d->counts.received,
		(unsigned long long)c->d->counts.ignored);
}

static unsigned poll_fds(const void *arg, int *fds)
{
	const struct client *c = arg;

	fds[0] = c->d->link->fd;
	if (!c->d->hands)
		return 1;
	fds[1] = hands_fd(c->d->hands);
	return 2;
}

/* --- how it begins and ends */

static struct dhcpc_fsm_opts fsm_opts(const struct dhcpc *d)
{
	const struct dhcpc_opts *o = &d->opts;

	return (struct dhcpc_fsm_opts){
		.tries = o->tries,
		.stays = o->stays,
		.checks = o->checks,
		.gives_back = o->gives_back,
		.informs = o->mode == MODE_INFORM,
		.is_rapid = o->is_rapid,
		.is_loose = o->is_loose,
		.wants_v6only = o->wants_v6only,
		.xid = o->xid,
		.has_xid = o->has_xid,
		.secs = o->secs,
		.has_secs = o->has_secs,
		.wish = o->wish.len ? o->wish : addr_none(),
	};
}

/* A lease that somebody says we have. */
static void remember_lease(struct client *c)
{
	const struct dhcpc_opts *o = &c->d->opts;

	c->fsm.lease.addr = o->addr;
	if (o->has_must && o->must.addr.len)
		c->fsm.lease.server = o->must.addr;
	else if (o->has_must)
		c->fsm.lease.server_mac = o->must.mac;
}

static void decline(struct client *c)
{
	struct dhcpc_ask ask = dhcpc_fsm_ask(&c->fsm, DHCPC_SEND_DECLINE);

	send_ask(c, &ask);
	c->is_done = true;
}

static void begin(struct client *c)
{
	struct dhcpc_fsm_opts opts = fsm_opts(c->d);
	enum dhcpc_mode mode = c->d->opts.mode;
	bool is_held = mode == MODE_RENEW || mode == MODE_RELEASE || mode == MODE_DECLINE;

	opts.gives_back |= mode == MODE_RELEASE;
	dhcpc_fsm_open(&c->fsm, &opts,
		       is_held             ? DHCPC_BOUND :
		       mode == MODE_REBOOT ? DHCPC_INIT_REBOOT :
					     DHCPC_INIT,
		       &c->d->run->rnd);
	if (mode != MODE_LEASE)
		remember_lease(c);
	if (mode == MODE_RENEW)
		happen(c, c->d->opts.has_must ? DHCPC_EV_T1 : DHCPC_EV_T2);
	else if (mode == MODE_RELEASE)
		happen(c, DHCPC_EV_STOP);
	else if (mode == MODE_DECLINE)
		decline(c);
	else
		happen(c, DHCPC_EV_START);
}

static const char *result_of(const struct client *c, int *status)
{
	const struct dhcpc_counts *n = &c->d->counts;
	enum dhcpc_mode mode = c->d->opts.mode;

	*status = DHCPC_EXIT_APPLY;
	if (c->is_apply_lost)
		return "apply";
	*status = EXIT_ANSWERED;
	if (mode == MODE_RELEASE || mode == MODE_DECLINE) {
		*status = c->is_said ? EXIT_ANSWERED : EXIT_NO_ANSWER;
		return !c->is_said ? "silent" : mode == MODE_RELEASE ? "released" : "declined";
	}
	if (c->is_informed)
		return "informed";
	if (c->has_lease)
		return mode == MODE_RENEW    ? "renewed" :
		       c->d->opts.gives_back ? "released" :
					       "bound";
	*status = DHCPC_EXIT_CONFLICT;
	if (c->had_conflict)
		return "conflict";
	*status = DHCPC_EXIT_V6ONLY;
	if (c->is_v6only)
		return "v6only";
	*status = DHCPC_EXIT_NAK;
	if (c->was_refused || c->fsm.has_nak_of_nobody)
		return "nak";
	*status = DHCPC_EXIT_REFUSED;
	if (n->malformed + n->refused)
		return "refused";
	*status = DHCPC_EXIT_POLICY;
	if (n->policy)
		return "policy";
	*status = EXIT_NO_ANSWER;
	return c->is_interrupted ? "interrupted" : "silent";
}

static void result_line(const struct client *c, const char *result)
{
	static const struct {
		const char *result, *line;
	} lines[] = {
		{"bound", "Nothing on this host was changed."},
		{"released", "The address was given back; nothing on this host was changed."},
		{"silent", "No answer."},
		{"nak", "The server refuses."},
		{"conflict", "Somebody has the address: it was declined."},
		{"v6only", "This network prefers IPv6 alone (option 108)."},
		{"policy", "Only servers answered that are not allowed."},
		{"refused", "No answer could be accepted."},
		{"interrupted", "Interrupted."},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (strcmp(result, lines[i].result) == 0 && dhcpc_says_lines(c->d) &&
		    !(c->d->opts.applies && c->has_lease))
			out_text(&c->d->run->out, "%s\n", lines[i].line);
}

int dhcpc_run(struct dhcpc *d)
{
	static const struct tool_machine machine = {step, is_over, stop, tell_status, poll_fds};
	struct client *c =
		calloc(1, sizeof(*c)); /* it keeps whole messages: too much for a stack */
	char addr[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX];
	const char *result;
	struct why why;
	int status;

	if (!c) {
		(void)why_set(&why, E_MEM, "out of memory");
		return tool_fail(d->run, &why);
	}
	c->d = d;
	c->deadline_ns = d->opts.timeout_ns ? d->start_ns + d->opts.timeout_ns : DHCPC_NEVER;
	dhcpc_tell_start(d);
	begin(c);
	tool_drive(d->run, &machine, c);
	if (c->is_bound && !c->fsm.opts.stays)
		order(c, DEED_KEEP);
	result = result_of(c, &status);
	d->run->reason = c->is_interrupted ? "interrupted" : c->is_late ? "deadline" : "done";
	dhcpc_tell_summary(d, result, c->has_lease ? &c->fsm.lease : NULL, 0, 0);
	if (c->fault < 0)
		status = tool_fail(d->run, &c->why);
	else
		result_line(c, result);
	if (c->has_lease)
		status = dhcpc_show_result(
			d, status, "%s: %s/%u from %s", result, addr_text(&c->fsm.lease.addr, addr),
			c->fsm.lease.prefix_len, addr_text(&c->fsm.lease.server, server));
	else
		status = dhcpc_show_result(d, status, "%s", result);
	free(c);
	return status;
}
