/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/pace.h"

#include <math.h>

#include "base/num.h"

#define CATCH_UP_NS (10.0 * NS_PER_MS)

struct pace pace_make(double pps, uint64_t now_ns)
{
	return (struct pace){.gap_ns = pps > 0 ? (double)NS_PER_S / pps : 0, .start_ns = now_ns};
}

/* A double counts the nanoseconds of a run; those of an uptime it does not, after 104 days. */
static double since_start(const struct pace *p, uint64_t now_ns)
{
	return (double)(now_ns - p->start_ns);
}

bool pace_is_due(const struct pace *p, uint64_t now_ns)
{
	return !pace_is_limited(p) || since_start(p, now_ns) >= p->next_ns;
}

void pace_take(struct pace *p, uint64_t now_ns)
{
	double now = since_start(p, now_ns);

	if (!pace_is_limited(p))
		return;
	if (now - p->next_ns > CATCH_UP_NS)
		p->next_ns = now - CATCH_UP_NS;
	p->next_ns += p->gap_ns;
}

uint64_t pace_next_ns(const struct pace *p)
{
	/* Rounded up: waking a fraction of a nanosecond early would spin. */
	return pace_is_limited(p) ? p->start_ns + (uint64_t)ceil(p->next_ns) : 0;
}
