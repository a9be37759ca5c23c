/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "dhcpc/dhcpc_fsm.h"

#define YEAR_NS (365 * 24 * 3600 * NS_PER_S)

static struct dhcpc_fsm f;
static struct rnd rnd;
static uint64_t now;
static uint64_t walked; /* rows, by all tests together */
static struct dhcpc_opts opts;
static struct dhcpc_self self = {.mac = {{2, 0, 0, 0, 0, 1}}, .opts = &opts};

static struct addr addr_of(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static void open_in(enum dhcpc_state state, struct dhcpc_fsm_opts o)
{
	o.wish = addr_none();
	rnd = rnd_seeded(7);
	now = 1000 * NS_PER_S;
	dhcpc_fsm_open(&f, &o, state, &rnd);
}

static uint32_t happen(enum dhcpc_event event)
{
	uint32_t actions = dhcpc_fsm_event(&f, event, now);

	walked |= f.fsm.walked;
	return actions;
}

/* Turns the clock to whatever is due next; returns by how many seconds. */
static double wait_due(void)
{
	uint64_t due = dhcpc_fsm_due(&f);
	double s;

	assert_true(due != DHCPC_NEVER && due >= now);
	s = (double)(due - now) / NS_PER_S;
	now = due;
	return s;
}

static uint32_t tick(void)
{
	uint32_t actions = dhcpc_fsm_tick(&f, now);

	walked |= f.fsm.walked;
	return actions;
}

static void is_in(enum dhcpc_state state)
{
	assert_string_equal(dhcpc_table.states[f.fsm.state], dhcpc_table.states[state]);
}

/* A lease as a server would have given it. */
static void given(uint32_t lease_s)
{
	f.offer = (struct dhcpc_lease){
		.addr = addr_of("192.0.2.100"),
		.server = addr_of("192.0.2.1"),
		.server_mac = {{2, 0, 0, 0, 0, 9}},
		.prefix_len = 24,
		.lease_s = lease_s,
		.t1_s = lease_s == DHCP_INFINITE ? lease_s : lease_s / 2,
		.t2_s = lease_s == DHCP_INFINITE ? lease_s : lease_s / 8 * 7,
	};
	f.lease = f.offer;
}

static void bind_for(uint32_t lease_s, struct dhcpc_fsm_opts o)
{
	open_in(DHCPC_INIT, o);
	assert_int_equal(happen(DHCPC_EV_START), 1 << DHCPC_SEND_DISCOVER);
	given(lease_s);
	assert_int_equal(happen(DHCPC_EV_OFFER), 1 << DHCPC_SEND_REQUEST);
	is_in(DHCPC_REQUESTING);
	assert_int_equal(happen(DHCPC_EV_ACK), 1 << DHCPC_BIND);
	is_in(DHCPC_BOUND);
}

#define DAEMON ((struct dhcpc_fsm_opts){.stays = true})
#define ONCE ((struct dhcpc_fsm_opts){0})

static void four_messages(void **state)
{
	uint32_t xid;

	(void)state;
	open_in(DHCPC_INIT, ONCE);
	happen(DHCPC_EV_START);
	xid = f.xid;
	given(600);
	happen(DHCPC_EV_OFFER);
	assert_int_equal(f.xid, xid); /* RFC 2131 4.4.1: that of the offer */
	happen(DHCPC_EV_ACK);
	assert_int_equal(f.t1_ns, now + 300 * NS_PER_S);
	assert_int_equal(f.t2_ns, now + 525 * NS_PER_S);
	assert_int_equal(f.expiry_ns, now + 600 * NS_PER_S);
	assert_int_equal(happen(DHCPC_EV_STOP), 1 << DHCPC_UNBIND);
	is_in(DHCPC_OVER);
	assert_int_equal(dhcpc_fsm_due(&f), DHCPC_NEVER);
}

/* RFC 2131 4.1: 4, 8, 16, 32, 64 s, each give or take one; then 64 for ever. */
static void silence_is_asked_into_more_and_more_rarely(void **state)
{
	static const double want[] = {4, 8, 16, 32, 64, 64, 64};
	bool do_vary = false;

	(void)state;
	open_in(DHCPC_INIT, DAEMON);
	happen(DHCPC_EV_START);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		double s = wait_due();

		assert_true(s >= want[i] - 1 && s <= want[i] + 1);
		do_vary |= s != want[i];
		assert_int_equal(tick(), 1 << DHCPC_SEND_DISCOVER);
		is_in(DHCPC_SELECTING);
	}
	assert_true(do_vary);
	assert_true(f.secs > 240 && f.secs < 260);
}

/* RFC 2131 3.1 step 3: the REQUEST repeats the secs of the DISCOVER that was answered. */
static void secs_stay_in_the_request(void **state)
{
	uint16_t secs;

	(void)state;
	open_in(DHCPC_INIT, ONCE);
	happen(DHCPC_EV_START);
	assert_int_equal(f.secs, 0);
	wait_due();
	tick();
	secs = f.secs;
	assert_true(secs >= 3 && secs <= 5);
	now += 2 * NS_PER_S;
	given(600);
	happen(DHCPC_EV_OFFER);
	assert_int_equal(dhcpc_fsm_ask(&f, DHCPC_SEND_REQUEST).secs, secs);
	wait_due();
	assert_int_equal(tick(), 1 << DHCPC_SEND_REQUEST);
	assert_int_equal(dhcpc_fsm_ask(&f, DHCPC_SEND_REQUEST).secs, secs);
}

static void tries_come_to_an_end(void **state)
{
	struct dhcpc_fsm_opts two = {.tries = 2};

	(void)state;
	open_in(DHCPC_INIT, two);
	happen(DHCPC_EV_START);
	wait_due();
	assert_int_equal(tick(), 1 << DHCPC_SEND_DISCOVER);
	wait_due();
	assert_int_equal(tick(), 1 << DHCPC_TELL_SILENT);
	is_in(DHCPC_OVER);

	open_in(DHCPC_INIT_REBOOT, two);
	assert_int_equal(happen(DHCPC_EV_START), 1 << DHCPC_SEND_REQUEST);
	wait_due();
	assert_int_equal(tick(), 1 << DHCPC_SEND_REQUEST);
	wait_due();
	assert_int_equal(tick(), 1 << DHCPC_TELL_SILENT);

	two.informs = true;
	open_in(DHCPC_INIT, two);
	assert_int_equal(happen(DHCPC_EV_START), 1 << DHCPC_SEND_INFORM);
	wait_due();
	assert_int_equal(tick(), 1 << DHCPC_SEND_INFORM);
	wait_due();
	assert_int_equal(tick(), 1 << DHCPC_TELL_SILENT);

	two.informs = false;
	open_in(DHCPC_INIT, two);
	happen(DHCPC_EV_START);
	given(600);
	happen(DHCPC_EV_OFFER);
	wait_due();
	assert_int_equal(tick(), 1 << DHCPC_SEND_REQUEST);
	wait_due();
	assert_int_equal(tick(), 1 << DHCPC_TELL_SILENT);
}

static void a_daemon_begins_again(void **state)
{
	struct dhcpc_fsm_opts two = {.tries = 2, .stays = true};

	(void)state;
	open_in(DHCPC_INIT, two);
	happen(DHCPC_EV_START);
	given(600);
	happen(DHCPC_EV_OFFER);
	wait_due();
	tick();
	wait_due();
	assert_int_equal(tick(), 1 << DHCPC_SEND_DISCOVER);
	is_in(DHCPC_SELECTING);

	open_in(DHCPC_INIT_REBOOT, two);
	happen(DHCPC_EV_START);
	wait_due();
	tick();
	wait_due();
	assert_int_equal(tick(), 1 << DHCPC_SEND_DISCOVER);

	open_in(DHCPC_INIT_REBOOT, two);
	happen(DHCPC_EV_START);
	assert_int_equal(happen(DHCPC_EV_NAK), 1 << DHCPC_TELL_NAK | 1 << DHCPC_SEND_DISCOVER);
	is_in(DHCPC_SELECTING);
}

/* RFC 2131 4.4.5: half of what is left, but not more often than once a minute. */
static void renewing_then_rebinding_then_expiry(void **state)
{
	uint64_t bound;
	double s;

	(void)state;
	bind_for(8000, DAEMON);
	bound = now;
	assert_true(wait_due() == 4000);
	assert_int_equal(tick(), 1 << DHCPC_SEND_REQUEST);
	is_in(DHCPC_RENEWING);
	s = wait_due();
	assert_true(s == 1500); /* half of 3000 */
	tick();
	assert_true(wait_due() == 750);
	for (now -= 750 * NS_PER_S; f.fsm.state == DHCPC_RENEWING; tick())
		assert_true(wait_due() >= 60 || now == bound + 7000 * NS_PER_S);
	is_in(DHCPC_REBINDING);
	assert_int_equal(now, bound + 7000 * NS_PER_S);
	assert_true(wait_due() == 500);
	assert_int_equal(tick(), 1 << DHCPC_SEND_REQUEST);
	while (f.fsm.state == DHCPC_REBINDING) {
		wait_due();
		tick();
	}
	assert_int_equal(now, bound + 8000 * NS_PER_S);
	is_in(DHCPC_SELECTING);
}

static void what_ends_a_renewal(void **state)
{
	static const struct {
		struct dhcpc_fsm_opts opts;
		enum dhcpc_event event;
		uint32_t actions;
		enum dhcpc_state next;
	} cases[] = {
		{{.stays = true}, DHCPC_EV_ACK, 1 << DHCPC_EXTEND, DHCPC_BOUND},
		{{.stays = true},
		 DHCPC_EV_CLAIM,
		 1 << DHCPC_TELL_CONFLICT | 1 << DHCPC_SEND_DECLINE | 1 << DHCPC_UNBIND,
		 DHCPC_PAUSING},
		{{.stays = true},
		 DHCPC_EV_NAK,
		 1 << DHCPC_TELL_NAK | 1 << DHCPC_UNBIND,
		 DHCPC_PAUSING},
		{{0}, DHCPC_EV_NAK, 1 << DHCPC_TELL_NAK | 1 << DHCPC_UNBIND, DHCPC_OVER},
		{{.gives_back = true},
		 DHCPC_EV_STOP,
		 1 << DHCPC_SEND_RELEASE | 1 << DHCPC_UNBIND,
		 DHCPC_OVER},
		{{0}, DHCPC_EV_STOP, 1 << DHCPC_UNBIND, DHCPC_OVER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int is_rebinding = 0; is_rebinding < 2; is_rebinding++) {
			bind_for(8000, cases[i].opts);
			now += 7000 * NS_PER_S;
			happen(is_rebinding ? DHCPC_EV_T2 : DHCPC_EV_T1);
			is_in(is_rebinding ? DHCPC_REBINDING : DHCPC_RENEWING);
			assert_int_equal(happen(cases[i].event), cases[i].actions);
			is_in(cases[i].next);
		}
	bind_for(8000, DAEMON);
	happen(DHCPC_EV_CLAIM);
	is_in(DHCPC_PAUSING);
	bind_for(8000, ONCE);
	happen(DHCPC_EV_T2);
	now += 8000 * NS_PER_S;
	assert_int_equal(tick(), 1 << DHCPC_UNBIND | 1 << DHCPC_TELL_SILENT);
	is_in(DHCPC_OVER);
}

/* The machine slept beyond the end of the lease: it is not renewed, but asked for anew. */
static void a_long_sleep(void **state)
{
	(void)state;
	bind_for(600, DAEMON);
	now += 10000 * NS_PER_S;
	assert_int_equal(tick(), 1 << DHCPC_SEND_REQUEST);
	is_in(DHCPC_REBINDING);
	assert_int_equal(tick(), 1 << DHCPC_UNBIND | 1 << DHCPC_SEND_DISCOVER);
	is_in(DHCPC_SELECTING);
}

static void a_lease_for_ever(void **state)
{
	(void)state;
	bind_for(DHCP_INFINITE, DAEMON);
	assert_int_equal(dhcpc_fsm_due(&f), DHCPC_NEVER);
}

/* Refusals make it ask less and less: 1, 2, 4 ... 256 s. */
static void refusals_are_paused_on(void **state)
{
	static const double want[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 256};

	(void)state;
	open_in(DHCPC_INIT, DAEMON);
	happen(DHCPC_EV_START);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		given(600);
		happen(DHCPC_EV_OFFER);
		assert_int_equal(happen(DHCPC_EV_NAK), 1 << DHCPC_TELL_NAK);
		is_in(DHCPC_PAUSING);
		assert_true(wait_due() == want[i]);
		assert_int_equal(tick(), 1 << DHCPC_SEND_DISCOVER);
	}
	given(600);
	happen(DHCPC_EV_OFFER);
	happen(DHCPC_EV_NAK);
	assert_int_equal(happen(DHCPC_EV_STOP), 0);
	is_in(DHCPC_OVER);
	open_in(DHCPC_INIT, ONCE);
	happen(DHCPC_EV_START);
	given(600);
	happen(DHCPC_EV_OFFER);
	happen(DHCPC_EV_NAK);
	is_in(DHCPC_OVER);
}

/* RFC 2131 3.1 step 5: 10 s after a DECLINE; RFC 5227 1.1: a minute after ten conflicts. */
static void conflicts_are_declined(void **state)
{
	struct dhcpc_fsm_opts o = {.checks = true, .stays = true};
	uint32_t declined = 1 << DHCPC_SEND_DECLINE | 1 << DHCPC_TELL_CONFLICT;

	(void)state;
	open_in(DHCPC_INIT, o);
	happen(DHCPC_EV_START);
	for (int i = 1; i <= 11; i++) {
		given(600);
		happen(DHCPC_EV_OFFER);
		assert_int_equal(happen(DHCPC_EV_ACK), 1 << DHCPC_START_CHECK);
		is_in(DHCPC_CHECKING);
		assert_int_equal(happen(DHCPC_EV_CLAIM), declined);
		is_in(DHCPC_PAUSING);
		assert_true(wait_due() == (i < 10 ? 10 : 60));
		tick();
	}
	given(600);
	happen(DHCPC_EV_OFFER);
	happen(DHCPC_EV_ACK);
	now += 5 * NS_PER_S;
	assert_int_equal(happen(DHCPC_EV_FREE), 1 << DHCPC_BIND);
	assert_int_equal(f.t1_ns, now + 295 * NS_PER_S); /* from the REQUEST on, RFC 2131 4.4.1 */

	o.stays = false;
	open_in(DHCPC_INIT_REBOOT, o);
	happen(DHCPC_EV_START);
	given(600);
	happen(DHCPC_EV_ACK);
	assert_int_equal(happen(DHCPC_EV_CLAIM), declined);
	is_in(DHCPC_OVER);
	o.is_rapid = true;
	open_in(DHCPC_INIT, o);
	happen(DHCPC_EV_START);
	given(600);
	assert_int_equal(happen(DHCPC_EV_ACK), 1 << DHCPC_START_CHECK);
	assert_int_equal(happen(DHCPC_EV_STOP), 1 << DHCPC_SEND_RELEASE);
}

static void two_messages(void **state)
{
	(void)state;
	open_in(DHCPC_INIT, ONCE);
	happen(DHCPC_EV_START);
	given(600);
	assert_int_equal(happen(DHCPC_EV_ACK), 1 << DHCPC_BIND);
	open_in(DHCPC_INIT_REBOOT, ONCE);
	happen(DHCPC_EV_START);
	given(600);
	assert_int_equal(happen(DHCPC_EV_ACK), 1 << DHCPC_BIND);
	open_in(DHCPC_INIT_REBOOT, ONCE);
	happen(DHCPC_EV_START);
	assert_int_equal(happen(DHCPC_EV_NAK), 1 << DHCPC_TELL_NAK);
}

static void without_ipv4(void **state)
{
	(void)state;
	for (int stays = 0; stays < 2; stays++)
		for (int is_late = 0; is_late < 2; is_late++) {
			open_in(DHCPC_INIT, (struct dhcpc_fsm_opts){.stays = stays});
			happen(DHCPC_EV_START);
			given(600);
			if (is_late)
				happen(DHCPC_EV_OFFER);
			f.v6only_s = 1800;
			assert_int_equal(happen(DHCPC_EV_V6ONLY), 1 << DHCPC_TELL_V6ONLY);
			is_in(stays ? DHCPC_PAUSING : DHCPC_OVER);
			if (stays)
				assert_true(wait_due() == 1800);
		}
}

static void stopped_anywhere(void **state)
{
	(void)state;
	open_in(DHCPC_INIT, ONCE);
	happen(DHCPC_EV_START);
	assert_int_equal(happen(DHCPC_EV_STOP), 0);
	is_in(DHCPC_OVER);
	open_in(DHCPC_INIT, ONCE);
	happen(DHCPC_EV_START);
	happen(DHCPC_EV_OFFER);
	happen(DHCPC_EV_STOP);
	is_in(DHCPC_OVER);
	open_in(DHCPC_INIT_REBOOT, ONCE);
	happen(DHCPC_EV_START);
	happen(DHCPC_EV_STOP);
	is_in(DHCPC_OVER);
	open_in(DHCPC_INIT, (struct dhcpc_fsm_opts){.informs = true});
	happen(DHCPC_EV_START);
	happen(DHCPC_EV_STOP);
	is_in(DHCPC_OVER);
	open_in(DHCPC_INIT, (struct dhcpc_fsm_opts){.informs = true});
	happen(DHCPC_EV_START);
	assert_int_equal(happen(DHCPC_EV_ACK), 1 << DHCPC_TELL_INFORMED);
	bind_for(600, (struct dhcpc_fsm_opts){.gives_back = true});
	assert_int_equal(happen(DHCPC_EV_STOP), 1 << DHCPC_SEND_RELEASE | 1 << DHCPC_UNBIND);
}

/* A year with a lease of ten minutes, of which the server is away every hundredth. */
static void a_year(void **state)
{
	uint64_t end, renewals = 0, losses = 0;

	(void)state;
	bind_for(600, DAEMON);
	for (end = now + YEAR_NS; now < end;) {
		uint32_t actions;

		wait_due();
		actions = tick();
		if (DHCPC_DOES(actions, DHCPC_UNBIND))
			losses++;
		if (f.fsm.state == DHCPC_SELECTING) {
			given(600);
			happen(DHCPC_EV_OFFER);
			happen(DHCPC_EV_ACK);
		} else if (renewals++ % 100 != 99 || f.fsm.state == DHCPC_BOUND) {
			happen(DHCPC_EV_ACK);
		}
		assert_true(f.expiry_ns > now);
	}
	assert_true(renewals > 100000);
	assert_int_equal(losses, 0);
}

/* What each message carries, from the state alone. RFC 2131 table 5. */
static void messages_follow_the_state(void **state)
{
	struct dhcpc_ask ask;

	(void)state;
	bind_for(600, DAEMON);
	f.fsm.state = DHCPC_REQUESTING;
	ask = dhcpc_fsm_ask(&f, DHCPC_SEND_REQUEST);
	assert_true(addr_is_any(&ask.ciaddr) && addr_same(&ask.requested, &f.offer.addr) &&
		    addr_same(&ask.server, &f.offer.server) && ask.dst.bytes[0] == 255);
	f.fsm.state = DHCPC_REBOOTING;
	ask = dhcpc_fsm_ask(&f, DHCPC_SEND_REQUEST);
	assert_true(addr_is_any(&ask.ciaddr) && addr_same(&ask.requested, &f.lease.addr) &&
		    addr_is_any(&ask.server));
	f.fsm.state = DHCPC_RENEWING;
	ask = dhcpc_fsm_ask(&f, DHCPC_SEND_REQUEST);
	assert_true(addr_same(&ask.ciaddr, &f.lease.addr) && addr_is_any(&ask.requested) &&
		    addr_is_any(&ask.server) && addr_same(&ask.dst, &f.lease.server));
	assert_int_equal(ask.dst_mac.bytes[5], 9);
	f.fsm.state = DHCPC_REBINDING;
	ask = dhcpc_fsm_ask(&f, DHCPC_SEND_REQUEST);
	assert_true(addr_same(&ask.ciaddr, &f.lease.addr) && ask.dst.bytes[0] == 255);
}

/* Only what fits into a packet can be said. */
static void too_much_is_not_said(void **state)
{
	uint8_t small[300];
	struct wr w = wr_make(small, 250);
	struct dhcpc_ask ask;

	(void)state;
	open_in(DHCPC_INIT, ONCE);
	ask = dhcpc_fsm_ask(&f, DHCPC_SEND_DISCOVER);
	assert_int_equal(dhcpc_msg_build(&self, &ask, &w), E_FULL);
	w = wr_make(small, sizeof(small));
	assert_int_equal(dhcpc_msg_build(&self, &ask, &w), 0);
	assert_int_equal(w.len, DHCP_MIN_LEN);
}

static void every_row_was_walked(void **state)
{
	(void)state;
	for (unsigned i = 0; i < dhcpc_table.n_rows; i++) {
		char line[256];
		struct text t = text_make(line, sizeof(line));

		fsm_row_text(&dhcpc_table, i, &t);
		if (!(walked & UINT64_C(1) << i))
			fail_msg("never taken: %s", line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_messages),
		cmocka_unit_test(silence_is_asked_into_more_and_more_rarely),
		cmocka_unit_test(secs_stay_in_the_request),
		cmocka_unit_test(tries_come_to_an_end),
		cmocka_unit_test(a_daemon_begins_again),
		cmocka_unit_test(renewing_then_rebinding_then_expiry),
		cmocka_unit_test(what_ends_a_renewal),
		cmocka_unit_test(a_long_sleep),
		cmocka_unit_test(a_lease_for_ever),
		cmocka_unit_test(refusals_are_paused_on),
		cmocka_unit_test(conflicts_are_declined),
		cmocka_unit_test(two_messages),
		cmocka_unit_test(without_ipv4),
		cmocka_unit_test(stopped_anywhere),
		cmocka_unit_test(a_year),
		cmocka_unit_test(messages_follow_the_state),
		cmocka_unit_test(too_much_is_not_said),
		cmocka_unit_test(every_row_was_walked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
