/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtt - the time from a packet to its answer, by the best clocks there are.
 *
 * Layer: engine.
 */
#ifndef PKT_ENGINE_RTT_H
#define PKT_ENGINE_RTT_H

#include <stdbool.h>
#include <stdint.h>

/* Which clocks an RTT was taken from. */
enum rtt_clock {
	RTT_KERNEL,    /* the kernel's stamps of leaving and arriving */
	RTT_KERNEL_RX, /* from our send call to the kernel's stamp of arriving */
	RTT_USER,      /* from our send call to our receive call */
};

/* rtt_clock_word() - "kernel", "kernel-rx", "user". */
const char *rtt_clock_word(enum rtt_clock c);

/* What is known of both ends; nanoseconds. */
struct rtt_stamps {
	uint64_t sent_ns, sent_wall_ns; /* just before the send: monotonic and wall clock */
	uint64_t tx_wall_ns;            /* the kernel's stamp of leaving, 0 for none */
	uint64_t rx_wall_ns;            /* the kernel's stamp of arriving, 0 for none */
	uint64_t now_ns, now_wall_ns;   /* when the answer was read */
};

/* rtt_is_stamped() - whether the stamp of arriving can be set against the time of the send. */
bool rtt_is_stamped(const struct rtt_stamps *s);

/* rtt_waited_ns() - from the send call to the arrival. */
uint64_t rtt_waited_ns(const struct rtt_stamps *s);

/* rtt_ns() - the round-trip time. @clock: what it was taken from. */
uint64_t rtt_ns(const struct rtt_stamps *s, enum rtt_clock *clock);

#endif
