/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rnd.h"
#include "base/stats.h"

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* A plausible round trip: 20 us to 2 s, log-uniform. */
static uint64_t sample(struct rnd *r)
{
	return (uint64_t)(20e3 * pow(1e5, rnd_unit(r)));
}

static void near(double got, double want, double relative)
{
	assert_true(fabs(got - want) <= fabs(want) * relative);
}

static void check_below(const struct stats *s, const uint64_t *sorted, size_t n, double relative)
{
	for (size_t i = 0; i < n; i += n / 7 + 1) {
		size_t below = i;

		while (below && sorted[below - 1] == sorted[i])
			below--;
		assert_true(fabs((double)stats_count_within(s, sorted[i] - 1) - (double)below) <=
			    relative * (double)n);
	}
	assert_int_equal(stats_count_within(s, 0), 0);
	if (sorted[n - 1] < UINT64_MAX / 2)
		assert_int_equal(stats_count_within(s, sorted[n - 1] * 2 + 2), n);
}

/* Everything stats knows against the plain formulas; percentiles within @relative. */
static void check_against(const struct stats *s, const uint64_t *values, size_t n, double relative)
{
	static const unsigned per_mille[] = {1, 10, 250, 500, 550, 900, 950, 990, 999, 1000};
	uint64_t *sorted = malloc(n * sizeof(*sorted));
	double mean = 0, var = 0;

	assert_non_null(sorted);
	memcpy(sorted, values, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_value);
	for (size_t i = 0; i < n; i++)
		mean += (double)values[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		var += ((double)values[i] - mean) * ((double)values[i] - mean) / (double)n;
	assert_int_equal(s->count, n);
	assert_int_equal(s->min_ns, sorted[0]);
	assert_int_equal(s->max_ns, sorted[n - 1]);
	near(s->mean_ns, mean, 1e-9);
	near(stats_mdev_ns(s), sqrt(var), 1e-6);
	for (size_t i = 0; i < sizeof(per_mille) / sizeof(per_mille[0]); i++) {
		size_t rank = (n * per_mille[i] + 999) / 1000;

		near((double)stats_percentile_ns(s, per_mille[i] / 10.0), (double)sorted[rank - 1],
		     relative);
	}
	check_below(s, sorted, n, relative);
	free(sorted);
}

static void few_are_exact(void **state)
{
	static const size_t counts[] = {1, 2, 3, 7, 8, 9, 100, 1000, 4097};
	struct rnd r = rnd_seeded(1);
	uint64_t values[4097] = {0};

	(void)state;
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		struct stats s = {0};
		double jitter = 0;

		for (size_t i = 0; i < counts[c]; i++) {
			values[i] = sample(&r);
			stats_add(&s, values[i]);
			if (i)
				jitter +=
					(fabs((double)values[i] - (double)values[i - 1]) - jitter) /
					16;
		}
		check_against(&s, values, counts[c], 0);
		near(s.jitter_ns, jitter, 1e-9);
		stats_free(&s);
	}
}

static void many_are_close(void **state)
{
	size_t n = 200000;
	uint64_t *values = malloc(n * sizeof(*values));
	struct rnd r = rnd_seeded(2);
	struct stats s = {0};

	(void)state;
	assert_non_null(values);
	for (size_t i = 0; i < n; i++)
		stats_add(&s, values[i] = sample(&r));
	assert_non_null(s.buckets);
	check_against(&s, values, n, 0.008);
	stats_free(&s);
	free(values);
}

static void extreme_samples(void **state)
{
	struct stats s = {0};

	(void)state;
	assert_int_equal(stats_percentile_ns(&s, 50), 0);
	assert_true(stats_mdev_ns(&s) == 0);
	for (unsigned i = 0; i < 70000; i++)
		stats_add(&s, i % 2 ? UINT64_MAX : 0);
	assert_int_equal(s.min_ns, 0);
	assert_true(s.max_ns == UINT64_MAX);
	assert_int_equal(stats_percentile_ns(&s, 50), 0);
	assert_true(stats_percentile_ns(&s, 51) >= UINT64_MAX - UINT64_MAX / 128);
	stats_free(&s);
}

/* Merging gives what adding all to one would have given. */
static void merging(void **state)
{
	static const size_t counts[][2] = {{0, 0},       {0, 1},      {1, 0},        {1, 1},
					   {0, 5},       {1, 6},      {6, 1},        {90, 70},
					   {100, 70000}, {70000, 90}, {70000, 70001}};
	uint64_t *values = malloc(150000 * sizeof(*values));
	struct rnd r = rnd_seeded(3);

	(void)state;
	assert_non_null(values);
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		size_t n = counts[c][0], m = counts[c][1];
		struct stats into = {0}, from = {0};
		double jitter;

		for (size_t i = 0; i < n + m; i++)
			stats_add(i < n ? &into : &from, values[i] = sample(&r));
		jitter = n ? into.jitter_ns : from.jitter_ns;
		stats_merge(&into, &from);
		assert_int_equal(into.count, n + m);
		assert_true(into.jitter_ns == jitter);
		if (n + m)
			check_against(&into, values, n + m, n + m > 65536 ? 0.008 : 0);
		stats_free(&into);
		stats_free(&from);
	}
	free(values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_are_exact),
		cmocka_unit_test(many_are_close),
		cmocka_unit_test(extreme_samples),
		cmocka_unit_test(merging),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
