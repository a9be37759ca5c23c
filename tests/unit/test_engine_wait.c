/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the engine asks whom, and when it ends. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine_world.h"

static int open_world(void **state)
{
	*state = world_new();
	return 0;
}

static int close_world(void **state)
{
	world_free(*state);
	return 0;
}

/* Packets left at these milliseconds, and no others. */
static void assert_sent_at(const struct world *w, const unsigned *ms, unsigned n)
{
	assert_int_equal(memlink_n_sent(w->link4), n);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(world_sent_ns(w, i), ms[i] * NS_PER_MS);
}

#define ASSERT_SENT_AT(w, ...) \
	assert_sent_at(w, (const unsigned[]){__VA_ARGS__}, \
		       sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned))

/* Number @i, from 0, of what left went to @text. */
static void assert_sent_to(const struct world *w, size_t i, const char *text)
{
	char got[ADDR_TEXT_MAX];

	assert_string_equal(addr_text(&memlink_sent(w->link4, i)->to, got), text);
}

static void a_thousand_at_ten_milliseconds(void **state)
{
	struct world *w = *state;

	w->opts.count = 1000;
	w->opts.interval_ns = 10 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), 9990 * NS_PER_MS);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(world_sent_ns(w, i), i * 10 * NS_PER_MS);
	assert_int_equal(world_counts(w)->received, 1000);
}

/* On the wire 65,537 looks like 1 again; nothing is taken for a duplicate. */
static void a_day_passes_in_a_second(void **state)
{
	struct world *w = *state;
	clock_t begin = clock();

	w->opts.count = 86400;
	w->delay_ns = 1500 * NS_PER_MS;
	w->opts.timeout_ns = 5 * NS_PER_S;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), (86399 + 1) * NS_PER_S + 500 * NS_PER_MS);
	assert_int_equal(world_sent_ns(w, 86399), 86399 * NS_PER_S);
	assert_int_equal(world_counts(w)->received, 86400);
	assert_int_equal(world_counts(w)->duplicates, 0);
	assert_int_equal(engine_totals(w->engine)->rtt.max_ns, 1500 * NS_PER_MS);
	assert_true(clock() - begin < 2 * CLOCKS_PER_SEC);
}

static void targets_take_turns(void **state)
{
	struct world *w = *state;

	w->opts.count = 2;
	w->opts.interval_ns = 10 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	world_add(w, "192.0.2.2");
	world_add(w, "192.0.2.3");
	assert_int_equal(world_run(w), 10 * NS_PER_MS);
	ASSERT_SENT_AT(w, 0, 0, 0, 10, 10, 10);
	for (unsigned i = 0; i < 6; i++)
		assert_sent_to(w, i,
			       (const char *[]){"192.0.2.1", "192.0.2.2", "192.0.2.3"}[i % 3]);
	assert_int_equal(engine_totals(w->engine)->answered, 3);
}

static void the_rate_is_of_all_targets(void **state)
{
	struct world *w = *state;

	w->opts.count = 2;
	w->opts.interval_ns = 10 * NS_PER_MS;
	w->opts.rate = 100;
	world_add(w, "192.0.2.1");
	world_add(w, "192.0.2.2");
	world_add(w, "192.0.2.3");
	(void)world_run(w);
	ASSERT_SENT_AT(w, 0, 10, 20, 30, 40, 50);
	assert_int_equal(world_counts(w)->received, 6);
}

static void a_preload_does_not_wait(void **state)
{
	struct world *w = *state;

	w->opts.count = 5;
	w->opts.preload = 3;
	world_add(w, "192.0.2.1");
	(void)world_run(w);
	ASSERT_SENT_AT(w, 0, 0, 0, 1000, 2000);
}

static void host_good_but_3(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	if (sent->bytes[7] != 3)
		host_good(w, l, sent);
}

/* The next probe goes out with the answer to the last; where there is none, after the interval. */
static void an_adaptive_run_follows_the_answers(void **state)
{
	struct world *w = *state;

	w->host = host_good_but_3;
	w->opts.mode = MODE_ADAPTIVE;
	w->opts.count = 5;
	w->opts.interval_ns = 300 * NS_PER_MS;
	w->delay_ns = 10 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	(void)world_run(w);
	ASSERT_SENT_AT(w, 0, 10, 20, 320, 330);
	assert_int_equal(world_counts(w)->received, 4);
}

/* With a preload, so many are under way: each answer is followed by one more. */
static void an_adaptive_run_keeps_its_preload_under_way(void **state)
{
	struct world *w = *state;

	w->opts.mode = MODE_ADAPTIVE;
	w->opts.preload = 3;
	w->opts.count = 8;
	w->delay_ns = 10 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	(void)world_run(w);
	ASSERT_SENT_AT(w, 0, 0, 0, 10, 10, 10, 20, 20);
}

static void host_forging(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	for (unsigned i = 1; i <= 10; i++)
		world_answer(w, l, sent, SAID_FORGED, i * 15 * NS_PER_MS);
}

/* A stranger cannot make us send. */
static void an_adaptive_run_does_not_follow_strangers(void **state)
{
	struct world *w = *state;

	w->host = host_forging;
	w->opts.mode = MODE_ADAPTIVE;
	w->opts.count = 3;
	w->opts.interval_ns = 100 * NS_PER_MS;
	w->opts.timeout_ns = 50 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	(void)world_run(w);
	ASSERT_SENT_AT(w, 0, 100, 200);
}

static void a_waiting_probe_is_told_when_the_next_is_due(void **state)
{
	struct world *w = *state;

	w->host = host_good_but_3;
	w->opts.count = 4;
	w->opts.interval_ns = 100 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	(void)world_run(w);
	assert_int_equal(w->counts[EVENT_WAITING], 1);
	assert_int_equal(world_seen(w, EVENT_WAITING, 0)->seq, 3);
	assert_int_equal(world_seen(w, EVENT_WAITING, 0)->mono_ns, 1000300 * NS_PER_MS);
}

static void a_lost_probe_is_told_when_the_next_is_due_too(void **state)
{
	struct world *w = *state;

	w->host = host_good_but_3;
	w->opts.count = 4;
	w->opts.timeout_ns = 500 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	(void)world_run(w);
	assert_int_equal(w->counts[EVENT_WAITING], 1);
	assert_int_equal(world_seen(w, EVENT_WAITING, 0)->mono_ns, 1003 * NS_PER_S);
}

static void a_sleep_is_not_made_up_for(void **state)
{
	struct world *w = *state;

	w->opts.count = 0;
	world_add(w, "192.0.2.1");
	world_start(w);
	(void)world_step(w);
	w->clock.mono_ns += 3600 * NS_PER_S; /* the machine was suspended */
	world_run_until(w, w->clock.mono_ns + 1500 * NS_PER_MS);
	ASSERT_SENT_AT(w, 0, 3600000, 3600000, 3601000);
}

static void a_deadline_is_the_end(void **state)
{
	struct world *w = *state;

	w->host = NULL;
	w->opts.count = 0;
	w->opts.interval_ns = 100 * NS_PER_MS;
	w->opts.deadline_ns = NS_PER_S;
	w->opts.timeout_ns = 750 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), NS_PER_S);
	assert_int_equal(engine_end(w->engine), END_DEADLINE);
	assert_int_equal(world_counts(w)->sent, 10);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 3);
	assert_int_equal(engine_totals(w->engine)->wanting, 0); /* no number was asked for */
}

static void a_stop_is_the_end_at_once(void **state)
{
	struct world *w = *state;

	w->host = NULL;
	w->opts.count = 0;
	world_add(w, "192.0.2.1");
	world_start(w);
	world_run_until(w, w->clock.mono_ns + 500 * NS_PER_MS);
	assert_int_equal(engine_end(w->engine), END_NOT_YET);
	engine_stop(w->engine);
	assert_int_equal(engine_end(w->engine), END_STOPPED);
	(void)world_step(w);
	engine_stop(w->engine);
	assert_int_equal(memlink_n_sent(w->link4), 1);
	assert_int_equal(w->counts[EVENT_TARGET_DONE], 0);
	engine_finish(w->engine);
	assert_int_equal(w->counts[EVENT_TARGET_DONE], 1);
}

static void host_even(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	if (sent->bytes[7] % 2 == 0)
		host_good(w, l, sent);
}

/* iputils' -c with -w: until so many have been answered. */
static void a_count_of_answers_asks_until_it_has_them(void **state)
{
	struct world *w = *state;

	w->host = host_even;
	w->delay_ns = 20 * NS_PER_MS;
	w->opts.count = 3;
	w->opts.count_answers = true;
	w->opts.deadline_ns = 60 * NS_PER_S;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), 5020 * NS_PER_MS);
	assert_int_equal(engine_end(w->engine), END_DONE);
	assert_int_equal(world_counts(w)->sent, 6);
	assert_int_equal(world_counts(w)->received, 3);
	assert_int_equal(engine_totals(w->engine)->wanting, 0);
}

/* What may bring the last answer is waited for, a second at most, before more is asked. */
static void a_count_of_answers_asks_no_more_than_that(void **state)
{
	struct world *w = *state;

	w->delay_ns = 900 * NS_PER_MS;
	w->opts.count = 3;
	w->opts.interval_ns = 200 * NS_PER_MS;
	w->opts.timeout_ns = 10 * NS_PER_S;
	w->opts.count_answers = true;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), 1300 * NS_PER_MS);
	ASSERT_SENT_AT(w, 0, 200, 400);
}

static void a_count_of_answers_ends_at_the_deadline_too(void **state)
{
	struct world *w = *state;

	w->host = NULL;
	w->opts.count = 3;
	w->opts.count_answers = true;
	w->opts.deadline_ns = 4500 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), 4500 * NS_PER_MS);
	assert_int_equal(engine_end(w->engine), END_DEADLINE);
	assert_int_equal(world_counts(w)->sent, 5);
	assert_int_equal(engine_totals(w->engine)->wanting, 1);
}

/*
 * A list that comes slowly through a pipe, beside a target that takes its turns: the pipe is
 * waited for only while the rate would let a new target in, or its readiness would spin the loop.
 */
/* Two at a time: the next two when the first are answered. */
static void a_window_bounds_what_is_outstanding(void **state)
{
	struct world *w = *state;

	w->opts.is_sweep = true;
	w->opts.window = 2;
	w->delay_ns = 10 * NS_PER_MS;
	world_add(w, "10.0.0.1-10.0.0.6");
	assert_int_equal(world_run(w), 30 * NS_PER_MS);
	assert_int_equal(world_counts(w)->received, 6);
	assert_int_equal(world_seen(w, EVENT_SENT, 2)->mono_ns, 1000010 * NS_PER_MS);
}

static void a_slow_list_is_waited_for(void **state)
{
	struct world *w = *state;
	char path[32];
	int ends[2], fds[4];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	w->opts.count = 3;
	w->opts.rate = 2;
	world_add(w, "192.0.2.1");
	assert_int_equal(targets_add_file(w->targets, path, NULL), 0);
	world_start(w);
	assert_int_equal(world_step(w), 1000 * NS_PER_S); /* the answer */
	assert_int_equal(world_step(w), 1000500 * NS_PER_MS);
	assert_int_equal(engine_poll_fds(w->engine, fds), 0);
	w->clock.mono_ns = 1000500 * NS_PER_MS;
	assert_int_equal(world_step(w), 1001 * NS_PER_S);
	assert_int_equal(engine_poll_fds(w->engine, fds), 1);
	assert_int_equal(fds[0], targets_fd(w->targets));
	assert_int_equal(write(ends[1], "192.0.2.2\n", 10), 10);
	w->clock.mono_ns = 1001 * NS_PER_S;
	(void)world_step(w);
	assert_int_equal(world_step(w), 1001490 * NS_PER_MS);
	assert_int_equal(engine_poll_fds(w->engine, fds), 0);
	close(ends[1]);
	world_run_until(w, ENGINE_NEVER - 1);
	assert_int_equal(engine_end(w->engine), END_DONE);
	assert_int_equal(world_counts(w)->received, 6);
	close(ends[0]);
}

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(a_thousand_at_ten_milliseconds),
		IN_WORLD(a_day_passes_in_a_second),
		IN_WORLD(targets_take_turns),
		IN_WORLD(the_rate_is_of_all_targets),
		IN_WORLD(a_preload_does_not_wait),
		IN_WORLD(an_adaptive_run_follows_the_answers),
		IN_WORLD(an_adaptive_run_keeps_its_preload_under_way),
		IN_WORLD(an_adaptive_run_does_not_follow_strangers),
		IN_WORLD(a_waiting_probe_is_told_when_the_next_is_due),
		IN_WORLD(a_lost_probe_is_told_when_the_next_is_due_too),
		IN_WORLD(a_sleep_is_not_made_up_for),
		IN_WORLD(a_deadline_is_the_end),
		IN_WORLD(a_stop_is_the_end_at_once),
		IN_WORLD(a_count_of_answers_asks_until_it_has_them),
		IN_WORLD(a_count_of_answers_asks_no_more_than_that),
		IN_WORLD(a_count_of_answers_ends_at_the_deadline_too),
		IN_WORLD(a_window_bounds_what_is_outstanding),
		IN_WORLD(a_slow_list_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
