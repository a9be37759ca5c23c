/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock - now, as a thing that can be handed down and faked.
 *
 * Layer: base. Everything that waits or times out uses clock_mono(); clock_wall() is for the
 * stamps people read and for comparing with the kernel's packet stamps; clock_boot() counts on
 * while the machine sleeps, as a lease does. All in nanoseconds.
 */
#ifndef PKT_BASE_CLOCK_H
#define PKT_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct clock {
	uint64_t (*mono)(const struct clock *c); /* CLOCK_MONOTONIC, ns */
	uint64_t (*wall)(const struct clock *c); /* CLOCK_REALTIME, ns since 1970 */
	uint64_t (*boot)(const struct clock *c); /* CLOCK_BOOTTIME, ns */
};

/* A clock that a test turns by hand: put &fake.clock in the environment and add to fake.mono_ns. */
struct fake_clock {
	struct clock clock;
	uint64_t mono_ns;
	int64_t wall_offset_ns; /* wall = mono + offset */
	uint64_t slept_ns;      /* boot = mono + slept */
};

/* clock_system() - the machine's clock; static, never freed. */
const struct clock *clock_system(void);

/* clock_fake() - a clock that stands at @mono_ns, by the wall at 2026-01-01T00:00:00Z plus that. */
struct fake_clock clock_fake(uint64_t mono_ns);

static inline uint64_t clock_mono(const struct clock *c)
{
	return c->mono(c);
}

static inline uint64_t clock_wall(const struct clock *c)
{
	return c->wall(c);
}

static inline uint64_t clock_boot(const struct clock *c)
{
	return c->boot(c);
}

#define CLOCK_TEXT_MAX 40

/*
 * clock_text() - RFC 3339 UTC with 9 decimals, "2026-11-20T20:12:41.994369112Z", to @out of
 * CLOCK_TEXT_MAX; returns @out.
 */
char *clock_text(uint64_t wall_ns, char *out);

#endif
