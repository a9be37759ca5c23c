/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine makes of that which comes in, and of that which does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

static void an_answer_in_time_is_ok(void **state)
{
	struct world *w = *state;
	const struct engine_totals *all;
	const struct seen *s;

	w->delay_ns = 7 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), 7 * NS_PER_MS);
	assert_int_equal(engine_end(w->engine), END_DONE);
	assert_int_equal(w->n_log, 4);
	assert_int_equal(w->log[0].kind, EVENT_TARGET);
	assert_int_equal(w->log[1].kind, EVENT_SENT);
	assert_int_equal(w->log[1].counts.sent, 1);
	s = &w->log[2];
	assert_int_equal(s->kind, EVENT_ANSWER);
	assert_int_equal(s->verdict, VERDICT_OK);
	assert_int_equal(s->n, 1);
	assert_int_equal(s->seq, 1);
	assert_int_equal(s->rtt_ns, 7 * NS_PER_MS);
	assert_int_equal(s->counts.received, 1);
	assert_int_equal(w->log[3].kind, EVENT_TARGET_DONE);
	all = engine_totals(w->engine);
	assert_int_equal(all->targets, 1);
	assert_int_equal(all->answered, 1);
	assert_int_equal(all->wanting, 0);
	assert_int_equal(all->unasked, 0);
	assert_int_equal(all->rtt.count, 1);
	assert_int_equal(all->rtt.max_ns, 7 * NS_PER_MS);
	assert_int_equal(all->last_ns - all->start_ns, 7 * NS_PER_MS);
}

static void silence_is_told_after_the_timeout_exactly(void **state)
{
	struct world *w = *state;
	const struct seen *s;

	w->host = NULL;
	w->opts.count = 3;
	w->opts.interval_ns = 150 * NS_PER_MS;
	w->opts.timeout_ns = 200 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), 500 * NS_PER_MS);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 3);
	for (unsigned i = 0; i < 3; i++) {
		s = world_seen(w, EVENT_TIMEOUT, i);
		assert_int_equal(s->mono_ns - 1000 * NS_PER_S, (200 + i * 150) * NS_PER_MS);
		assert_int_equal(s->seq, i + 1);
	}
	assert_int_equal(world_counts(w)->sent, 3);
	assert_int_equal(world_counts(w)->received, 0);
	assert_int_equal(engine_totals(w->engine)->answered, 0);
	assert_int_equal(engine_totals(w->engine)->wanting, 1);
}

/* The border of -W: a nanosecond before it is in time, the moment itself is not. */
static void the_timeout_has_a_sharp_edge(void **state)
{
	struct world *w = *state;

	w->opts.count = 2;
	w->opts.interval_ns = 10 * NS_PER_S;
	w->delay_ns = NS_PER_S - 1;
	world_add(w, "192.0.2.1");
	world_start(w);
	world_run_until(w, w->clock.mono_ns + 5 * NS_PER_S);
	assert_int_equal(world_counts(w)->received, 1);
	w->delay_ns = NS_PER_S;
	world_run_until(w, w->clock.mono_ns + 10 * NS_PER_S);
	assert_int_equal(world_counts(w)->received, 1);
	assert_int_equal(world_counts(w)->late, 1);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 1);
}

/*
 * A busy machine wakes us long after the timeout: what the kernel's stamp calls too late is late,
 * and is told of as every other lost probe.
 */
static void what_came_too_late_is_late_though_read_first(void **state)
{
	struct world *w = *state;
	const struct seen *s;

	w->delay_ns = NS_PER_S + NS_PER_MS;
	world_add(w, "192.0.2.1");
	world_start(w);
	(void)world_step(w);
	w->clock.mono_ns += 3 * NS_PER_S;
	(void)world_step(w);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 1);
	s = world_seen(w, EVENT_ANSWER, 0);
	assert_int_equal(s->verdict, VERDICT_LATE);
	assert_int_equal(s->rtt_ns, NS_PER_S + NS_PER_MS);
	assert_int_equal(s->counts.received, 0);
	assert_int_equal(s->counts.late, 1);
	assert_int_equal(engine_end(w->engine), END_DONE);
}

/* ... and what it calls in time is in time, however many wait to be read before it. */
static void what_came_in_time_is_ok_though_read_late(void **state)
{
	struct world *w = *state;

	w->opts.is_sweep = true;
	w->delay_ns = NS_PER_MS;
	world_add(w, "10.0.0.0-10.0.7.207");
	world_start(w);
	while (w->counts[EVENT_SENT] < 2000)
		(void)world_step(w);
	w->clock.mono_ns += 3 * NS_PER_S;
	world_run_until(w, ENGINE_NEVER - 1);
	assert_int_equal(world_counts(w)->received, 2000);
	assert_int_equal(world_counts(w)->late, 0);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 0);
}

static void host_thrice(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	for (unsigned i = 1; i <= 3; i++)
		world_answer(w, l, sent, SAID_OK, i * NS_PER_MS);
}

static void further_answers_are_duplicates(void **state)
{
	struct world *w = *state;

	w->host = host_thrice;
	w->opts.count = 2;
	w->opts.interval_ns = 10 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	/* Since the first probe had duplicates, those of the last are waited for. */
	assert_int_equal(world_run(w), 33 * NS_PER_MS);
	assert_int_equal(world_counts(w)->received, 2);
	assert_int_equal(world_counts(w)->duplicates, 4);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 2)->verdict, VERDICT_DUPLICATE);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 2)->rtt_ns, 3 * NS_PER_MS);
	assert_int_equal(engine_totals(w->engine)->rtt.count, 2); /* theirs do not count */
}

static void host_late_twice(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	world_answer(w, l, sent, SAID_OK, 1500 * NS_PER_MS);
	world_answer(w, l, sent, SAID_OK, 1600 * NS_PER_MS);
}

static void a_late_answer_leaves_its_probe_lost(void **state)
{
	struct world *w = *state;
	const struct seen *s;

	w->host = host_late_twice;
	w->opts.count = 2;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), 2020 * NS_PER_MS);
	s = world_seen(w, EVENT_ANSWER, 0);
	assert_int_equal(s->verdict, VERDICT_LATE);
	assert_int_equal(s->rtt_ns, 1500 * NS_PER_MS);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 1)->verdict, VERDICT_DUPLICATE);
	assert_int_equal(world_counts(w)->received, 0);
	assert_int_equal(world_counts(w)->late, 1);
	assert_int_equal(world_counts(w)->duplicates, 1);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 2);
	assert_int_equal(engine_totals(w->engine)->rtt.count, 0);
}

/* The ring has gone round and nothing is left of the probe but what its answer says. */
static void an_answer_to_a_forgotten_probe_is_late(void **state)
{
	struct world *w = *state;
	const struct seen *s;

	w->host = NULL;
	w->opts.count = PROBES_MAX + 1;
	w->opts.interval_ns = NS_PER_MS;
	world_add(w, "192.0.2.1");
	world_start(w);
	world_run_until(w, w->clock.mono_ns + PROBES_MAX * NS_PER_MS);
	assert_int_equal(world_counts(w)->sent, PROBES_MAX + 1);
	w->n_log = 0;
	world_answer(w, w->link4, memlink_sent(w->link4, 0), SAID_OK, 0);
	world_answer(w, w->link4, memlink_sent(w->link4, 1), SAID_OK, 0);
	(void)world_step(w);
	s = world_seen(w, EVENT_ANSWER, 0);
	assert_int_equal(s->verdict, VERDICT_LATE);
	assert_int_equal(s->n, 0);
	assert_int_equal(s->seq, 1);
	assert_int_equal(s->rtt_ns, 0);
	assert_int_equal(s->counts.late, 1); /* its target is known all the same */
	s = world_seen(w, EVENT_ANSWER, 1);
	assert_int_equal(s->verdict, VERDICT_LATE);
	assert_int_equal(s->n, 2); /* this one is still remembered */
	assert_int_equal(s->counts.late, 2);
}

/* A damaged answer settles the probe; a good one that follows in time is still good. */
static void host_damaged_then_good(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	bool is_even = sent->bytes[7] % 2 == 0;

	world_answer(w, l, sent, is_even ? SAID_TRUNCATED : SAID_CORRUPT, 100 * NS_PER_MS);
	world_answer(w, l, sent, SAID_OK, (is_even ? 999 : 1001) * NS_PER_MS);
}

static void a_damaged_answer_settles_until_a_good_one_comes(void **state)
{
	struct world *w = *state;

	w->host = host_damaged_then_good;
	w->opts.count = 3;
	w->opts.interval_ns = 2 * NS_PER_S;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), 4100 * NS_PER_MS);
	assert_int_equal(world_counts(w)->corrupt, 2);
	assert_int_equal(world_counts(w)->truncated, 1);
	assert_int_equal(world_counts(w)->late, 1);
	assert_int_equal(world_counts(w)->received, 1);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 0); /* its answer has been told of */
	assert_int_equal(world_seen(w, EVENT_ANSWER, 0)->verdict, VERDICT_CORRUPT);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 1)->verdict, VERDICT_LATE);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 2)->verdict, VERDICT_TRUNCATED);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 3)->verdict, VERDICT_OK);
}

static void host_impostor(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	world_answer(w, l, sent, SAID_FORGED, 1 * NS_PER_MS);
	world_answer(w, l, sent, SAID_FOREIGN, 2 * NS_PER_MS);
	if (sent->bytes[7] == 1)
		world_answer(w, l, sent, SAID_OK, 3 * NS_PER_MS);
	world_answer(w, l, sent, SAID_FORGED, 4 * NS_PER_MS);
}

/* What a stranger says settles nothing: the answer is waited for, and its absence told. */
static void an_impostor_settles_nothing(void **state)
{
	struct world *w = *state;

	w->host = host_impostor;
	w->opts.count = 2;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), 2 * NS_PER_S);
	assert_int_equal(world_counts(w)->forged, 4);
	assert_int_equal(world_counts(w)->foreign, 2);
	assert_int_equal(world_counts(w)->received, 1);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 1);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 2)->verdict, VERDICT_OK);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 2)->rtt_ns, 3 * NS_PER_MS);
}

static void host_refusing(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	world_answer(w, l, sent, SAID_ERROR, 1 * NS_PER_MS);
	world_answer(w, l, sent, SAID_ERROR, 2 * NS_PER_MS);
	if (sent->bytes[7] == 1)
		world_answer(w, l, sent, SAID_OK, 3 * NS_PER_MS);
	world_answer(w, l, sent, SAID_ERROR, 4 * NS_PER_MS);
}

static void an_error_settles_and_counts_once(void **state)
{
	struct world *w = *state;

	w->host = host_refusing;
	w->opts.count = 2;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), NS_PER_S + NS_PER_MS); /* it ends with the last error */
	assert_int_equal(world_counts(w)->errors, 2);
	assert_int_equal(world_counts(w)->received, 1);
	assert_int_equal(w->counts[EVENT_ERROR], 4);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 0);
	assert_int_equal(engine_totals(w->engine)->answered, 1);
}

static void host_hinting(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	world_answer(w, l, sent, SAID_HINT, 1 * NS_PER_MS);
	world_answer(w, l, sent, SAID_NOTHING, 2 * NS_PER_MS);
}

static void hints_and_strangers_change_nothing(void **state)
{
	struct world *w = *state;
	struct counts expected = {.sent = 1};

	w->host = host_hinting;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), NS_PER_S);
	assert_int_equal(w->n_log, 5); /* target, sent, hint, timeout, done */
	assert_int_equal(w->counts[EVENT_HINT], 1);
	assert_int_equal(world_seen(w, EVENT_HINT, 0)->n, 1);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 1);
	assert_memory_equal(world_counts(w), &expected, sizeof(expected));
}

static void the_kernels_stamps_are_preferred(void **state)
{
	struct world *w = *state;
	const struct seen *s;
	struct link_in tx = {.kind = LINK_TX, .tag = 1};

	w->delay_ns = 5 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	world_start(w);
	(void)world_step(w);
	/* It left 2 ms after the send call: a neighbour had to be asked for. */
	tx.wall_ns = clock_wall(&w->clock.clock) + 2 * NS_PER_MS;
	assert_int_equal(memlink_give(w->link4, &tx, 2 * NS_PER_MS), 0);
	tx.wall_ns += NS_PER_MS; /* a second stamp of the same packet changes nothing */
	assert_int_equal(memlink_give(w->link4, &tx, 3 * NS_PER_MS), 0);
	world_run_until(w, ENGINE_NEVER - 1);
	s = world_seen(w, EVENT_ANSWER, 0);
	assert_int_equal(s->rtt_clock, RTT_KERNEL);
	assert_int_equal(s->rtt_ns, 3 * NS_PER_MS);
}

static void stamps_that_are_missing_are_done_without(void **state)
{
	struct world *w = *state;
	struct link_in tx = {.kind = LINK_TX, .tag = 99, .wall_ns = 5};
	struct link_in in = {.kind = LINK_PACKET, .len = PROBE_LEN};

	w->host = NULL;
	w->opts.count = 2;
	world_add(w, "192.0.2.1");
	world_start(w);
	(void)world_step(w);
	assert_int_equal(memlink_give(w->link4, &tx, 0), 0); /* of a packet we never sent */
	tx = (struct link_in){.kind = LINK_TX, .tag = 1};    /* without a time */
	assert_int_equal(memlink_give(w->link4, &tx, 0), 0);
	in.bytes = memlink_sent(w->link4, 0)->bytes;
	in.wall_ns = clock_wall(&w->clock.clock) + 4 * NS_PER_MS;
	assert_int_equal(memlink_give(w->link4, &in, 6 * NS_PER_MS), 0);
	world_run_until(w, w->clock.mono_ns + NS_PER_S);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 0)->rtt_clock, RTT_KERNEL_RX);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 0)->rtt_ns, 4 * NS_PER_MS);
	(void)world_step(w);
	in.bytes = memlink_sent(w->link4, 1)->bytes;
	in.wall_ns = 0;
	assert_int_equal(memlink_give(w->link4, &in, 6 * NS_PER_MS), 0);
	world_run_until(w, ENGINE_NEVER - 1);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 1)->rtt_clock, RTT_USER);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 1)->rtt_ns, 6 * NS_PER_MS);
}

/* Somebody sets the clock by an hour, either way, while the answer is under way. */
static void a_clock_that_is_set_spoils_no_time(void **state)
{
	struct world *w = *state;
	const int64_t hour_ns = 3600 * (int64_t)NS_PER_S;
	const int64_t steps[] = {hour_ns, -hour_ns, 200000, -200000, 0};

	w->host = NULL;
	w->opts.count = 5;
	world_add(w, "192.0.2.1");
	memlink_stamp(w->link4);
	world_start(w);
	for (unsigned i = 0; i < 5; i++) {
		(void)world_step(w);
		w->clock.wall_offset_ns += steps[i];
		world_answer(w, w->link4, memlink_sent(w->link4, i), SAID_OK, 8 * NS_PER_MS);
		world_run_until(w, (1001 + i) * NS_PER_S);
	}
	assert_int_equal(world_counts(w)->received, 5);
	for (unsigned i = 0; i < 5; i++) {
		const struct seen *s = world_seen(w, EVENT_ANSWER, i);

		assert_int_equal(s->rtt_clock, i < 4 ? RTT_USER : RTT_KERNEL);
		assert_int_equal(s->rtt_ns, 8 * NS_PER_MS);
	}
}

/* A kernel that slews the clock by the 500 ppm it may does not count as a step. */
static void a_clock_that_is_slewed_still_serves(void **state)
{
	struct world *w = *state;

	w->host = NULL;
	w->opts.timeout_ns = 10 * NS_PER_S;
	world_add(w, "192.0.2.1");
	world_start(w);
	(void)world_step(w);
	w->clock.wall_offset_ns += (int64_t)(NS_PER_MS / 2);
	world_answer(w, w->link4, memlink_sent(w->link4, 0), SAID_OK, NS_PER_S);
	world_run_until(w, ENGINE_NEVER - 1);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 0)->rtt_clock, RTT_KERNEL_RX);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 0)->rtt_ns, NS_PER_S + NS_PER_MS / 2);
}

static void words_are_those_of_the_records(void **state)
{
	(void)state;
	assert_string_equal(verdict_word(VERDICT_OK), "ok");
	assert_string_equal(verdict_word(VERDICT_DUPLICATE), "duplicate");
	assert_string_equal(verdict_word(VERDICT_LATE), "late");
	assert_string_equal(verdict_word(VERDICT_CORRUPT), "corrupt");
	assert_string_equal(verdict_word(VERDICT_FOREIGN), "foreign");
	assert_string_equal(verdict_word(VERDICT_FORGED), "forged");
	assert_string_equal(verdict_word(VERDICT_TRUNCATED), "truncated");
	assert_string_equal(rtt_clock_word(RTT_KERNEL), "kernel");
	assert_string_equal(rtt_clock_word(RTT_KERNEL_RX), "kernel-rx");
	assert_string_equal(rtt_clock_word(RTT_USER), "user");
}

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(an_answer_in_time_is_ok),
		IN_WORLD(silence_is_told_after_the_timeout_exactly),
		IN_WORLD(the_timeout_has_a_sharp_edge),
		IN_WORLD(what_came_too_late_is_late_though_read_first),
		IN_WORLD(what_came_in_time_is_ok_though_read_late),
		IN_WORLD(further_answers_are_duplicates),
		IN_WORLD(a_late_answer_leaves_its_probe_lost),
		IN_WORLD(an_answer_to_a_forgotten_probe_is_late),
		IN_WORLD(a_damaged_answer_settles_until_a_good_one_comes),
		IN_WORLD(an_impostor_settles_nothing),
		IN_WORLD(an_error_settles_and_counts_once),
		IN_WORLD(hints_and_strangers_change_nothing),
		IN_WORLD(the_kernels_stamps_are_preferred),
		IN_WORLD(stamps_that_are_missing_are_done_without),
		IN_WORLD(a_clock_that_is_set_spoils_no_time),
		IN_WORLD(a_clock_that_is_slewed_still_serves),
		cmocka_unit_test(words_are_those_of_the_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
