/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pace - when the next packet may leave: absolute moments on a grid, so that no delay adds up.
 *
 * Layer: engine. Times are CLOCK_MONOTONIC nanoseconds.
 */
#ifndef PKT_ENGINE_PACE_H
#define PKT_ENGINE_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	double gap_ns; /* between two packets; 0 for no limit */
	uint64_t start_ns;
	double next_ns; /* the moment the next may leave, from start_ns on */
};

/* pace_make() - @pps packets a second from @now_ns on; 0 for no limit. */
struct pace pace_make(double pps, uint64_t now_ns);

static inline bool pace_is_limited(const struct pace *p)
{
	return p->gap_ns > 0;
}

/* pace_is_due() - whether a packet may leave now. */
bool pace_is_due(const struct pace *p, uint64_t now_ns);

/*
 * pace_take() - one leaves now. What was missed is made up for, but never more than 10 ms of it at
 * once.
 */
void pace_take(struct pace *p, uint64_t now_ns);

/* pace_next_ns() - the moment the next may leave; 0 without a limit. */
uint64_t pace_next_ns(const struct pace *p);

#endif
