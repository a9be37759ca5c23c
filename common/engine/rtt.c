/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/rtt.h"

#include "base/num.h"

const char *rtt_clock_word(enum rtt_clock c)
{
	return c == RTT_KERNEL ? "kernel" : c == RTT_KERNEL_RX ? "kernel-rx" : "user";
}

/*
 * Kernel stamps are of the wall clock. If somebody has set it between the question and the answer
 * the difference of two stamps means nothing, and the monotonic clock must do.
 */
static bool is_clock_stepped(const struct rtt_stamps *s)
{
	int64_t mono = (int64_t)(s->now_ns - s->sent_ns);
	int64_t wall = (int64_t)(s->now_wall_ns - s->sent_wall_ns);
	int64_t slip = wall > mono ? wall - mono : mono - wall;

	return slip > (int64_t)(100 * NS_PER_US) + mono / 1000; /* adjtime() may slew by 500 ppm */
}

bool rtt_is_stamped(const struct rtt_stamps *s)
{
	return s->rx_wall_ns && s->rx_wall_ns >= s->sent_wall_ns && !is_clock_stepped(s);
}

uint64_t rtt_waited_ns(const struct rtt_stamps *s)
{
	return rtt_is_stamped(s) ? s->rx_wall_ns - s->sent_wall_ns : s->now_ns - s->sent_ns;
}

uint64_t rtt_ns(const struct rtt_stamps *s, enum rtt_clock *clock)
{
	*clock = rtt_is_stamped(s) ? RTT_KERNEL_RX : RTT_USER;
	if (*clock == RTT_KERNEL_RX && s->tx_wall_ns && s->rx_wall_ns >= s->tx_wall_ns) {
		*clock = RTT_KERNEL;
		return s->rx_wall_ns - s->tx_wall_ns;
	}
	return rtt_waited_ns(s);
}
