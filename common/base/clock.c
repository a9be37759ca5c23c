/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/num.h"

static uint64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static uint64_t system_mono(const struct clock *c)
{
	(void)c;
	return read_clock(CLOCK_MONOTONIC);
}

static uint64_t system_wall(const struct clock *c)
{
	(void)c;
	return read_clock(CLOCK_REALTIME);
}

static uint64_t system_boot(const struct clock *c)
{
	(void)c;
	return read_clock(CLOCK_BOOTTIME);
}

const struct clock *clock_system(void)
{
	static const struct clock clock = {system_mono, system_wall, system_boot};

	return &clock;
}

static uint64_t fake_mono(const struct clock *c)
{
	return ((const struct fake_clock *)c)->mono_ns;
}

static uint64_t fake_wall(const struct clock *c)
{
	const struct fake_clock *f = (const struct fake_clock *)c;

	return f->mono_ns + (uint64_t)f->wall_offset_ns;
}

static uint64_t fake_boot(const struct clock *c)
{
	const struct fake_clock *f = (const struct fake_clock *)c;

	return f->mono_ns + f->slept_ns;
}

struct fake_clock clock_fake(uint64_t mono_ns)
{
	return (struct fake_clock){
		.clock = {fake_mono, fake_wall, fake_boot},
		.mono_ns = mono_ns,
		.wall_offset_ns = 1767225600 * (int64_t)NS_PER_S,
	};
}

char *clock_text(uint64_t wall_ns, char *out)
{
	time_t sec = (time_t)(wall_ns / NS_PER_S);
	struct tm tm;
	size_t used;

	gmtime_r(&sec, &tm);
	used = strftime(out, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + used, CLOCK_TEXT_MAX - used, ".%09uZ", (unsigned)(wall_ns % NS_PER_S));
	return out;
}
