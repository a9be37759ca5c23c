/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Protocols whose answers name an address and no probe, and what goes with them: for arping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine_world.h"

/* An answer is known by whom it comes from. */
static void judge_by_addr(void *tool, const struct link_in *in, struct judgement *out)
{
	struct world *w = tool;

	out->probe = probe_find_newest(engine_probes(w->engine), &in->from);
	if (out->probe)
		out->kind = JUDGED_ANSWER;
}

static int open_world(void **state)
{
	struct world *w = world_new();

	w->ops.judge = judge_by_addr;
	w->ops.is_by_addr = true;
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	world_free(*state);
	return 0;
}

static void host_at_150_ms(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	world_answer(w, l, sent, SAID_OK, 150 * NS_PER_MS);
}

static void an_answer_is_of_the_newest_probe(void **state)
{
	struct world *w = *state;
	const struct seen *s;

	w->host = host_at_150_ms;
	w->opts.count = 3;
	w->opts.interval_ns = 100 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	world_add(w, "192.0.2.2");
	(void)world_run(w);
	/* The answer to the first comes when the second has left. */
	s = world_seen(w, EVENT_ANSWER, 0);
	assert_int_equal(s->seq, 2);
	assert_int_equal(s->rtt_ns, 50 * NS_PER_MS);
	assert_int_equal(world_counts(w)->received, 4);
}

static void a_stranger_is_nobody(void **state)
{
	struct world *w = *state;
	struct addr other;

	world_add(w, "192.0.2.1");
	world_start(w);
	(void)world_step(w);
	assert_int_equal(addr_parse("192.0.2.9", &other), 0);
	assert_null(probe_find_newest(engine_probes(w->engine), &other));
	assert_int_equal(addr_parse("192.0.2.1", &other), 0);
	assert_int_equal(probe_find_newest(engine_probes(w->engine), &other)->seq, 1);
}

static void enough_is_enough(void **state)
{
	struct world *w = *state;

	w->opts.count = 0;
	w->opts.enough = 2;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), NS_PER_S);
	assert_int_equal(world_counts(w)->sent, 2);
	assert_int_equal(world_counts(w)->received, 2);
}

static void host_with_twin(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	world_answer(w, l, sent, SAID_OK, NS_PER_MS);
	world_answer(w, l, sent, SAID_OK, 4 * NS_PER_MS);
}

static void lingers_for_a_second_owner(void **state)
{
	struct world *w = *state;

	w->host = host_with_twin;
	w->opts.linger_ns = 5 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	(void)world_run(w);
	assert_int_equal(world_counts(w)->duplicates, 1);
	assert_int_equal(world_seen(w, EVENT_ANSWER, 1)->verdict, VERDICT_DUPLICATE);
}

/* --- persistence */

/* Hosts at even addresses are there; each question is heard only if its turn says so. */
static void host_half(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	if (sent->to.bytes[3] % 2 == 0)
		world_answer(w, l, sent, SAID_OK, NS_PER_MS);
}

static void host_lossy(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	uint64_t x = (w->n_met[0] + 1) * 0x9e3779b97f4a7c15;

	if (sent->to.bytes[3] % 2 == 0 && (x ^ x >> 31) * 0xbf58476d1ce4e5b9 >> 56 > 92)
		world_answer(w, l, sent, SAID_OK, NS_PER_MS);
}

static void sweep(struct world *w)
{
	w->opts.is_sweep = w->opts.is_persistent = true;
	w->opts.count = 20;
	w->opts.enough = 1;
	w->opts.interval_ns = w->opts.timeout_ns = 60 * NS_PER_MS;
	w->opts.rate = 2000;
	world_add(w, "192.0.2.0/24");
	(void)world_run(w);
}

/* Without loss a silent address is asked three times, one that answers once. */
static void silence_is_asked_thrice(void **state)
{
	struct world *w = *state;

	w->host = host_half;
	sweep(w);
	assert_int_equal(engine_totals(w->engine)->answered, 127);
	assert_int_equal(engine_totals(w->engine)->counts.sent, 127 + 127 * 3);
	assert_int_equal(w->counts[EVENT_TARGET_DONE], 254);
}

/* With a loss of 36 % every host is found all the same. */
static void loss_makes_it_ask_more(void **state)
{
	struct world *w = *state;

	w->host = host_lossy;
	sweep(w);
	assert_int_equal(engine_totals(w->engine)->answered, 127);
	assert_in_range(engine_totals(w->engine)->counts.sent, 127 * 8, 127 * 17);
	assert_int_equal(w->counts[EVENT_TARGET_DONE], 254);
}

/* --- admission */

static int admit(void *tool, struct target *t, struct why *why)
{
	(void)tool;
	switch (t->addr.bytes[3]) {
	case 1: return ADMIT_KNOWN;
	case 2: return why_set(why, E_BAD, "not that one");
	case 3: t->addr.bytes[3] = 33; return ADMIT_ASK;
	default: return ADMIT_ASK;
	}
}

static void a_tool_may_know_refuse_and_redirect(void **state)
{
	struct world *w = *state;

	w->ops.admit = admit;
	world_add(w, "192.0.2.1");
	world_add(w, "192.0.2.2");
	world_add(w, "192.0.2.3");
	world_add(w, "192.0.2.4");
	(void)world_run(w);
	assert_int_equal(memlink_n_sent(w->link4), 2);
	assert_int_equal(memlink_sent(w->link4, 0)->to.bytes[3], 33);
	assert_int_equal(engine_totals(w->engine)->targets, 3);
	assert_int_equal(engine_totals(w->engine)->answered, 3);
	assert_int_equal(engine_totals(w->engine)->no_targets, 1);
	assert_string_equal(world_seen(w, EVENT_NO_TARGET, 0)->why.text, "not that one");
}

static void one_link_may_serve_both_families(void **state)
{
	struct world *w = *state;

	link_close(w->link6);
	w->link6 = w->link4;
	world_add(w, "192.0.2.1");
	world_add(w, "2001:db8::1");
	(void)world_run(w);
	assert_int_equal(engine_totals(w->engine)->answered, 2);
	w->link6 = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_answer_is_of_the_newest_probe, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(a_stranger_is_nobody, open_world, close_world),
		cmocka_unit_test_setup_teardown(enough_is_enough, open_world, close_world),
		cmocka_unit_test_setup_teardown(lingers_for_a_second_owner, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(silence_is_asked_thrice, open_world, close_world),
		cmocka_unit_test_setup_teardown(loss_makes_it_ask_more, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_tool_may_know_refuse_and_redirect, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(one_link_may_serve_both_families, open_world,
						close_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
