/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of those that wait: by time, then by turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rnd.h"
#include "engine/due.h"

#define N 2000u

static struct target targets[N];

static void comes_out_by_time_then_by_turn(void **state)
{
	struct rnd rnd = rnd_seeded(7);
	struct due d = {0};
	const struct target *before = NULL;

	(void)state;
	assert_null(due_first(&d));
	for (unsigned i = 0; i < N; i++) {
		targets[i] = (struct target){.due_ns = rnd_below(&rnd, 50)};
		assert_int_equal(due_add(&d, &targets[i]), 0);
	}
	for (unsigned i = 0; i < N; i += 3) {
		due_remove(&d, &targets[i]);
		assert_false(due_is_waiting(&targets[i]));
		due_remove(&d, &targets[i]); /* no longer there: nothing */
	}
	for (struct target *t; (t = due_first(&d)); before = t) {
		assert_true(due_is_waiting(t));
		due_remove(&d, t);
		/* In the order of the array they came in. */
		assert_true(!before || before->due_ns < t->due_ns ||
			    (before->due_ns == t->due_ns && before < t));
	}
	due_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_out_by_time_then_by_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
