/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/num.h"
#include "base/text.h"

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
	static const char marks[] = "--T::.Z"; /* behind each number */
	struct text t = text_make(out, CLOCK_TEXT_MAX);
	time_t sec = (time_t)(wall_ns / NS_PER_S);
	struct tm tm;

	gmtime_r(&sec, &tm);
	const struct {
		uint64_t value;
		unsigned digits;
	} numbers[] = {
		{(uint64_t)tm.tm_year + 1900, 4}, {(uint64_t)tm.tm_mon + 1, 2},
		{(uint64_t)tm.tm_mday, 2},        {(uint64_t)tm.tm_hour, 2},
		{(uint64_t)tm.tm_min, 2},         {(uint64_t)tm.tm_sec, 2},
		{wall_ns % NS_PER_S, 9},
	};
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		text_add_u64(&t, numbers[i].value, numbers[i].digits);
		text_add_char(&t, marks[i]);
	}
	return out;
}
