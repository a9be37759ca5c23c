/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * num - numbers, durations, sizes and rates as people type them, and nothing else.
 *
 * Layer: base. The decimal point is '.', whatever the locale; trailing characters are errors.
 * On failure @why holds what was expected ("a duration such as 0.2, 200ms, 1s or 2m, from 0 to
 * 1h"), without the option's name, which the caller puts before it.
 */
#ifndef PKT_BASE_NUM_H
#define PKT_BASE_NUM_H

#include <stdint.h>

#include "base/err.h"

#define NS_PER_US 1000ull
#define NS_PER_MS 1000000ull
#define NS_PER_S 1000000000ull

/* num_u64() - decimal, or hex after 0x; @min to @max inclusive. Returns 0, E_BAD, E_RANGE. */
int must_check num_u64(const char *text, uint64_t min, uint64_t max, uint64_t *out,
		       struct why *why);

/*
 * num_duration() - seconds with an optional fraction ("0.2"), or with ns, us, ms, s, m or h.
 * @min_ns, @max_ns: inclusive, nanoseconds. Returns 0, E_BAD, E_RANGE.
 */
int must_check num_duration(const char *text, uint64_t min_ns, uint64_t max_ns, uint64_t *out_ns,
			    struct why *why);

/*
 * num_rate() - packets a second: a number with an optional fraction and k or M, from 0.000001 to
 * 100M; "0" means no limit. Returns 0, E_BAD, E_RANGE.
 */
int must_check num_rate(const char *text, double *out_pps, struct why *why);

#endif
