/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/num.h"
#include "engine/pace.h"

#define DAY_NS (24 * 3600 * NS_PER_S)

/* Sends @n packets, each the moment it may leave; returns when the last one left. */
static uint64_t send_when_due(struct pace *p, uint64_t now_ns, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (pace_next_ns(p) > now_ns)
			now_ns = pace_next_ns(p);
		assert_true(pace_is_due(p, now_ns));
		pace_take(p, now_ns);
	}
	return now_ns;
}

/* How many may leave at once at @now_ns, at most @most. */
static unsigned send_at_once(struct pace *p, uint64_t now_ns, unsigned most)
{
	unsigned n = 0;

	for (; n < most && pace_is_due(p, now_ns); n++)
		pace_take(p, now_ns);
	return n;
}

static void no_limit_is_always_due(void **state)
{
	struct pace p = pace_make(0, 5);

	(void)state;
	assert_false(pace_is_limited(&p));
	assert_int_equal(pace_next_ns(&p), 0);
	assert_int_equal(send_at_once(&p, 5, 1000), 1000);
}

static void leaves_on_the_grid(void **state)
{
	struct pace p = pace_make(1000, 7);

	(void)state;
	assert_true(pace_is_limited(&p));
	assert_true(pace_is_due(&p, 7));
	assert_int_equal(pace_next_ns(&p), 7);
	pace_take(&p, 7);
	assert_int_equal(pace_next_ns(&p), 7 + NS_PER_MS);
	assert_false(pace_is_due(&p, 6 + NS_PER_MS));
	assert_true(pace_is_due(&p, 7 + NS_PER_MS));
}

/* 3 packets a second: the third of a nanosecond is neither lost nor a reason to wake too early. */
static void fractions_add_up(void **state)
{
	struct pace p = pace_make(3, 0);

	(void)state;
	assert_int_equal(send_when_due(&p, 0, 2), 333333334);
	assert_int_equal(send_when_due(&p, 333333334, 1), 666666667);
	assert_in_range(send_when_due(&p, 666666667, 2998), 1000 * NS_PER_S - 1,
			1000 * NS_PER_S + 1);
}

static void slow_rates_are_kept(void **state)
{
	struct pace p = pace_make(0.001, 0);

	(void)state;
	assert_int_equal(send_when_due(&p, 0, 87), 86000 * NS_PER_S);
}

/* A packet late by itself does not make those behind it late. */
static void a_delay_does_not_add_up(void **state)
{
	struct pace p = pace_make(1000, 0);

	(void)state;
	pace_take(&p, 0);
	pace_take(&p, NS_PER_MS + 900000);
	assert_int_equal(pace_next_ns(&p), 2 * NS_PER_MS);
}

/* After a second's sleep, at 1000 a second, 10 are made up for, not 1000. */
static void catches_up_ten_milliseconds(void **state)
{
	struct pace p = pace_make(1000, 0);

	(void)state;
	pace_take(&p, 0);
	assert_int_equal(send_at_once(&p, NS_PER_S, 5000), 11);
	assert_int_equal(pace_next_ns(&p), NS_PER_S + NS_PER_MS);
}

/* The clock of a machine that has been up for ten years, at a rate whose gap is no round number. */
static void long_uptimes_do_not_bend_the_rate(void **state)
{
	uint64_t start_ns = 3650 * DAY_NS + 1;
	struct pace p = pace_make(1e9 / 1010, start_ns);

	(void)state;
	assert_in_range(send_when_due(&p, start_ns, 1000001) - start_ns, 1010 * NS_PER_MS - 10,
			1010 * NS_PER_MS + 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_limit_is_always_due),
		cmocka_unit_test(leaves_on_the_grid),
		cmocka_unit_test(fractions_add_up),
		cmocka_unit_test(slow_rates_are_kept),
		cmocka_unit_test(a_delay_does_not_add_up),
		cmocka_unit_test(catches_up_ten_milliseconds),
		cmocka_unit_test(long_uptimes_do_not_bend_the_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
