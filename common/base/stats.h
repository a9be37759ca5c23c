/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats - what a series of round-trip times looks like: extremes, mean, deviation, percentiles.
 *
 * Layer: base. All times in nanoseconds.
 * The first samples are kept exactly, so that percentiles of an ordinary run are exact; a longer
 * series moves to a log-linear histogram with a relative error below 0.8 %, in fixed memory.
 * Spec: RFC 3550 A.8 (jitter); mdev is the population standard deviation, as iputils prints it.
 */
#ifndef PKT_BASE_STATS_H
#define PKT_BASE_STATS_H

#include <stdint.h>

#include "base/err.h"

struct stats {
	uint64_t count;
	uint64_t min_ns, max_ns;
	double mean_ns, m2; /* Welford's running mean and sum of squared differences */
	uint64_t last_ns;
	double ewma_ns;   /* smoothed with 1/8, as RFC 6298 does */
	double jitter_ns; /* RFC 3550 A.8, updated from the second sample on */
	uint64_t *exact;  /* the samples in order of arrival, while few */
	uint32_t exact_cap;
	uint32_t *buckets; /* the histogram, once there are many */
};

/*
 * stats_add() - one more sample. Owns: heap memory, freed by stats_free(); where there is none,
 * only the percentiles suffer.
 */
void stats_add(struct stats *s, uint64_t sample_ns);

/* stats_mdev_ns() - the population standard deviation; 0 without samples. */
double stats_mdev_ns(const struct stats *s);

/*
 * stats_percentile_ns() - the smallest sample that at least @percent (0 < p <= 100) of all samples
 * do not exceed; 0 without samples.
 */
uint64_t stats_percentile_ns(const struct stats *s, double percent);

/* stats_below() - how many samples are below @limit_ns, as exactly as the percentiles. */
uint64_t stats_below(const struct stats *s, uint64_t limit_ns);

/* stats_merge() - adds the samples of @from to @into (jitter stays that of @into). */
void stats_merge(struct stats *into, const struct stats *from);

void stats_free(struct stats *s);

#endif
