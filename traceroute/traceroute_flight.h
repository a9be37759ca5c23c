/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_flight - the probes that follow when the one path is known: by --multipath all its
 * branches, by --continuous the same hops again. Which are under way, and when they have had their
 * time.
 */
#ifndef PKT_TRACEROUTE_FLIGHT_H
#define PKT_TRACEROUTE_FLIGHT_H

#include "traceroute.h"

#define FLIGHT_MAX 60000u /* marks have 16 bits */

struct flight_probe {
	uint64_t n, sent_ns; /* 0 until it has left */
	uint16_t flow;
	uint8_t ttl, tries;
	bool is_check; /* asked again, to see whether the answer is the same */
	bool is_open, is_answered;
};

struct flight {
	uint32_t first_seq;
	uint64_t max_rtt_ns;
	struct flight_probe *probes; /* by seq, from first_seq */
	size_t n, cap, oldest;
	unsigned n_open;
};

/* flight_of() - none yet, to @p whose shots are known. */
struct flight flight_of(const struct path *p);
void flight_free(struct flight *f);

/* flight_add() - one more, like @probe; false when there may be no more, or without memory. */
bool flight_add(struct flight *f, const struct flight_probe *probe);

/* flight_at() - the probe @seq; NULL when it is none of these. */
struct flight_probe *flight_at(const struct flight *f, uint32_t seq);
void flight_sent(struct flight *f, const struct event *ev);

/* flight_answer() - takes note of an answer; returns the first one's probe, NULL for none. */
struct flight_probe *flight_answer(struct flight *f, const struct event *ev);

/*
 * flight_give_up() - gives up the oldest if it is open and has had its time: four times the longest
 * round trip, at least @least_ns. All wait equally long. Returns it in *lost, to be called again,
 * or NULL there and when the next has had its time.
 */
uint64_t flight_give_up(struct traceroute *t, struct flight *f, uint64_t least_ns, uint64_t now_ns,
			const struct flight_probe **lost);

#endif
