/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rnd.h"
#include "engine/spans.h"

static void joins_what_touches(void **state)
{
	struct spans s = {0};

	(void)state;
	assert_true(spans_add(&s, 10, 20));
	assert_true(spans_add(&s, 30, 40));
	assert_int_equal(s.n, 2);
	assert_true(spans_add(&s, 20, 30));
	assert_int_equal(s.n, 1);
	assert_int_equal(s.at[0].left, 10);
	assert_int_equal(s.at[0].right, 40);
	assert_int_equal(spans_skip(&s, 15), 40);
	assert_int_equal(spans_skip(&s, 40), 40);
	assert_int_equal(spans_next(&s, 5, 100), 10);
	assert_int_equal(spans_next(&s, 10, 100), 100);
	spans_cut(&s, 25);
	assert_int_equal(s.at[0].left, 25);
	spans_cut(&s, 40);
	assert_int_equal(s.n, 0);
}

static void refuses_one_too_many(void **state)
{
	struct spans s = {0};

	(void)state;
	for (uint32_t i = 0; i < SPANS_MAX; i++)
		assert_true(spans_add(&s, i * 10, i * 10 + 5));
	assert_false(spans_add(&s, SPANS_MAX * 10, SPANS_MAX * 10 + 5));
	assert_true(spans_add(&s, 5, 10)); /* fills a gap: one less */
	assert_int_equal(s.n, SPANS_MAX - 1);
}

/* Against a plain set of numbers, around the place where they go round. */
static void agrees_with_a_set(void **state)
{
	const uint32_t base = UINT32_MAX - 100;
	struct rnd rnd = rnd_seeded(3);

	(void)state;
	for (int run = 0; run < 500; run++) {
		struct spans s = {0};
		bool set[256] = {0};

		for (int i = 0; i < 12; i++) {
			uint32_t left = (uint32_t)rnd_below(&rnd, 200);
			uint32_t len = 1 + (uint32_t)rnd_below(&rnd, 40);

			assert_true(spans_add(&s, base + left, base + left + len));
			for (uint32_t n = left; n < left + len; n++)
				set[n] = true;
		}
		for (uint32_t n = 0; n < 250; n++)
			assert_int_equal(spans_skip(&s, base + n) != base + n, set[n]);
	}
}

static void a_ring_goes_round(void **state)
{
	uint8_t out[8];
	struct ring r;

	(void)state;
	assert_int_equal(ring_open(&r, 8), 0);
	for (int turn = 0; turn < 5; turn++) {
		ring_put(&r, 0, (const uint8_t *)"abcde", 5);
		r.len = 5;
		ring_put(&r, 5, (const uint8_t *)"fg", 2);
		ring_get(&r, 0, out, 7);
		assert_memory_equal(out, "abcdefg", 7);
		ring_drop(&r, 5);
		assert_int_equal(r.len, 0);
	}
	ring_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins_what_touches),
		cmocka_unit_test(refuses_one_too_many),
		cmocka_unit_test(agrees_with_a_set),
		cmocka_unit_test(a_ring_goes_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
