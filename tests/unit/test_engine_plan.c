/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine whose tool says itself when the next probe leaves. */
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

/* Three at once; a fourth when all are answered; then no more. */
static uint64_t plan_three_and_one(void *tool, struct target *t, uint64_t now_ns)
{
	(void)tool;
	if (t->seq < 3)
		return now_ns;
	if (t->counts.received < 3)
		return ENGINE_NEVER;
	return t->seq < 4 ? now_ns : t->counts.received < 4 ? ENGINE_NEVER : ENGINE_DONE;
}

static void probes_follow_from_answers(void **state)
{
	struct world *w = *state;

	w->ops.plan = plan_three_and_one;
	w->delay_ns = 20 * NS_PER_MS;
	world_add(w, "192.0.2.1");
	world_add(w, "2001:db8::1");
	assert_int_equal(world_run(w), 40 * NS_PER_MS);
	assert_int_equal(engine_end(w->engine), END_DONE);
	assert_int_equal(world_counts(w)->sent, 8);
	assert_int_equal(world_counts(w)->received, 8);
	assert_int_equal(world_seen(w, EVENT_SENT, 5)->mono_ns, 1000 * NS_PER_S);
	assert_int_equal(world_seen(w, EVENT_SENT, 6)->mono_ns, 1000020 * NS_PER_MS);
}

/* One probe, of which no more is expected after 30 ms. */
static uint64_t plan_impatient(void *tool, struct target *t, uint64_t now_ns)
{
	struct world *w = tool;
	struct probe *probe = t->seq ? probe_get(engine_probes(w->engine), t->last_n) : NULL;

	if (!probe)
		return now_ns;
	if (now_ns >= probe->sent_ns + 30 * NS_PER_MS)
		engine_give_up(w->engine, probe, now_ns);
	return probe->state == PROBE_OUTSTANDING ? probe->sent_ns + 30 * NS_PER_MS : ENGINE_DONE;
}

static void a_probe_can_be_given_up_before_its_timeout(void **state)
{
	struct world *w = *state;

	w->ops.plan = plan_impatient;
	w->host = NULL;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), 30 * NS_PER_MS);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 1);
	assert_int_equal(engine_end(w->engine), END_DONE);
}

/* The second probe waits until somebody wakes the target. */
static uint64_t plan_woken(void *tool, struct target *t, uint64_t now_ns)
{
	const struct world *w = tool;

	if (!t->seq)
		return now_ns;
	if (w->build_err) /* the test's sign */
		return ENGINE_DONE;
	return now_ns + 3600 * NS_PER_S;
}

static void a_target_can_be_woken(void **state)
{
	struct world *w = *state;

	w->ops.plan = plan_woken;
	world_add(w, "192.0.2.1");
	world_start(w);
	world_run_until(w, w->clock.mono_ns + NS_PER_S);
	assert_int_equal(engine_end(w->engine), END_NOT_YET);
	w->build_err = E_BAD;
	engine_wake(w->engine, engine_first_target(w->engine));
	(void)world_step(w);
	assert_int_equal(engine_end(w->engine), END_DONE);
}

static void world_aim(void *tool, const struct probe *probe, struct link_out *out)
{
	(void)tool;
	(void)probe;
	out->to.bytes[3] = 77;
}

static void the_tool_aims(void **state)
{
	struct world *w = *state;
	struct addr other;

	assert_int_equal(addr_parse("192.0.2.77", &other), 0);
	w->ops.aim = world_aim;
	world_add(w, "192.0.2.1");
	(void)world_run(w);
	assert_true(addr_same(&memlink_sent(w->link4, 0)->to, &other));
}

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(probes_follow_from_answers),
		IN_WORLD(a_probe_can_be_given_up_before_its_timeout),
		IN_WORLD(a_target_can_be_woken),
		IN_WORLD(the_tool_aims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
