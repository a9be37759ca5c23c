/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_MAX 65536u
#define SUB_BITS 7 /* 128 buckets an octave: half a bucket is under 0.4 % */
#define SUB (1u << SUB_BITS)
#define N_BUCKETS ((64 - SUB_BITS + 1) * SUB)

static uint32_t bucket_of(uint64_t v)
{
	int shift;

	if (v < SUB)
		return (uint32_t)v;
	shift = 63 - __builtin_clzll(v) - SUB_BITS;
	return (uint32_t)(shift + 1) * SUB + (uint32_t)((v >> shift) - SUB);
}

static uint64_t bucket_middle(uint32_t b)
{
	uint32_t octave = b / SUB;

	if (octave == 0)
		return b;
	return ((uint64_t)(b % SUB) + SUB) * (1ull << (octave - 1)) + (1ull << (octave - 1)) / 2;
}

static void spill_to_buckets(struct stats *s, uint64_t n_kept)
{
	s->buckets = calloc(N_BUCKETS, sizeof(*s->buckets));
	for (uint64_t i = 0; s->buckets && s->exact && i < n_kept; i++)
		s->buckets[bucket_of(s->exact[i])]++;
	free(s->exact);
	s->exact = NULL;
	s->exact_cap = UINT32_MAX; /* without memory for either, no later sample is kept */
}

/* Keeps @v as sample number @index, exactly while there is room for it, then in its bucket. */
static void keep(struct stats *s, uint64_t index, uint64_t v)
{
	if (!s->buckets && index >= s->exact_cap) {
		uint32_t cap = s->exact_cap ? s->exact_cap * 2 : 8;
		uint64_t *more = cap <= EXACT_MAX ? realloc(s->exact, cap * sizeof(*more)) : NULL;

		if (more) {
			s->exact = more;
			s->exact_cap = cap;
		} else {
			spill_to_buckets(s, index);
		}
	}
	if (s->buckets)
		s->buckets[bucket_of(v)]++;
	else if (s->exact && index < s->exact_cap)
		s->exact[index] = v;
}

void stats_add(struct stats *s, uint64_t v)
{
	double delta = (double)v - s->mean_ns;

	/* A lone sample needs no array: a sweep of a million hosts stays small. */
	if (s->count == 1)
		keep(s, 0, s->last_ns);
	if (s->count) {
		keep(s, s->count, v);
		s->jitter_ns += (fabs((double)v - (double)s->last_ns) - s->jitter_ns) / 16;
	}
	if (!s->count || v < s->min_ns)
		s->min_ns = v;
	if (v > s->max_ns)
		s->max_ns = v;
	s->ewma_ns += s->count ? ((double)v - s->ewma_ns) / 8 : (double)v;
	s->last_ns = v;
	s->count++;
	s->mean_ns += delta / (double)s->count;
	s->m2 += delta * ((double)v - s->mean_ns);
}

double stats_mdev_ns(const struct stats *s)
{
	return s->count ? sqrt(s->m2 / (double)s->count) : 0;
}

/* Samples held exactly: all of them, unless they moved to buckets or memory ran out. */
static uint64_t n_exact(const struct stats *s)
{
	return s->exact && s->count <= s->exact_cap ? s->count : 0;
}

uint64_t stats_below(const struct stats *s, uint64_t limit_ns)
{
	uint64_t n = 0;

	if (s->count == 1)
		return s->last_ns < limit_ns;
	for (uint64_t i = 0; i < n_exact(s); i++)
		n += s->exact[i] < limit_ns;
	for (uint32_t b = 0; s->buckets && b < bucket_of(limit_ns); b++)
		n += s->buckets[b];
	return n;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t exact_rank(const struct stats *s, uint64_t rank)
{
	uint64_t *sorted = malloc(s->count * sizeof(*sorted));
	uint64_t v = s->max_ns;

	if (sorted) {
		memcpy(sorted, s->exact, s->count * sizeof(*sorted));
		qsort(sorted, s->count, sizeof(*sorted), by_value);
		v = sorted[rank - 1];
	}
	free(sorted);
	return v;
}

static uint64_t bucket_rank(const struct stats *s, uint64_t rank)
{
	uint64_t seen = 0, v;

	for (uint32_t b = 0; b < N_BUCKETS; b++) {
		seen += s->buckets[b];
		if (seen < rank)
			continue;
		v = bucket_middle(b);
		return v < s->min_ns ? s->min_ns : v > s->max_ns ? s->max_ns : v;
	}
	return s->max_ns;
}

uint64_t stats_percentile_ns(const struct stats *s, double percent)
{
	uint64_t rank = (uint64_t)ceil(percent * (double)s->count / 100);

	if (rank < 1)
		rank = 1;
	if (s->count < 2 || rank >= s->count)
		return s->max_ns;
	if (s->buckets)
		return bucket_rank(s, rank);
	return n_exact(s) == s->count ? exact_rank(s, rank) : s->max_ns;
}

void stats_merge(struct stats *into, const struct stats *from)
{
	struct stats sum = *(into->count ? into : from);
	double n = (double)into->count, m = (double)from->count;
	double delta = from->mean_ns - into->mean_ns;

	if (into->count && from->count) {
		sum.count += from->count;
		sum.min_ns = from->min_ns < sum.min_ns ? from->min_ns : sum.min_ns;
		sum.max_ns = from->max_ns > sum.max_ns ? from->max_ns : sum.max_ns;
		sum.mean_ns += delta * m / (n + m);
		sum.m2 += from->m2 + delta * delta * n * m / (n + m);
	}
	if (from->count == 1)
		stats_add(into, from->last_ns);
	for (uint64_t i = 0; i < n_exact(from); i++)
		stats_add(into, from->exact[i]);
	for (uint32_t b = 0; from->buckets && b < N_BUCKETS; b++)
		for (uint32_t left = from->buckets[b]; left; left--)
			stats_add(into, bucket_middle(b));
	/* Buckets give back their middles: right for percentiles, not for the rest. */
	sum.exact = into->exact;
	sum.exact_cap = into->exact_cap;
	sum.buckets = into->buckets;
	*into = sum;
}

void stats_free(struct stats *s)
{
	free(s->exact);
	free(s->buckets);
	*s = (struct stats){0};
}
