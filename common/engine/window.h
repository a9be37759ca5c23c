/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * window - how many probes may be under way at once, when as fast as possible means: so fast that
 * no queue on the way, at the other side or at our own socket runs over.
 *
 * Layer: engine.
 * That is what the path itself holds, answers a second times the round trip without a queue, and
 * some more, which stand in the queue of whoever is slowest and keep it at work: few to begin with,
 * more as long as nothing is lost, and few again for good once something is.
 * Spec: Little's law; Cardwell and others, "BBR: congestion-based congestion control", 2016.
 */
#ifndef PKT_ENGINE_WINDOW_H
#define PKT_ENGINE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct window {
	uint64_t limit; /* probes that may be under way now */
	uint64_t most;  /* and ever; 0 for any number */
	bool is_fixed;  /* limit is always most */
	bool has_lost;
	uint64_t queue;      /* of them, those that may stand in a queue */
	uint64_t next_n;     /* probes from this one on were sent in this round */
	uint64_t round_ns;   /* when it began (monotonic) */
	uint32_t n;          /* answers in it, */
	uint32_t n_timed;    /* of them, those to probes sent in it, */
	uint64_t sum_ns;     /* and their round trips */
	uint64_t base_ns;    /* mean of the quickest round of late; 0 while unknown */
	uint64_t base_at_ns; /* when that was looked for anew (monotonic) */
};

/*
 * window_make() - never more than @most, 0 for any number. @is_fixed: as many from the start, for
 * what has a path of its own.
 */
struct window window_make(uint64_t most, bool is_fixed);

/*
 * window_answer() - takes note of the first answer to probe number @n.
 * @next_n: number of the next probe that will be sent. @rtt_ns: from our send call until we looked
 * at the answer: a queue at our own socket counts too. @now_ns: monotonic.
 */
void window_answer(struct window *w, uint64_t n, uint64_t next_n, uint64_t rtt_ns, uint64_t now_ns);

/* window_lost() - takes note that a probe has landed without an answer. */
void window_lost(struct window *w);

/*
 * window_landed_ns() - how long a probe counts as under way if it gets no answer: those that nobody
 * answers must not fill the window.
 */
uint64_t window_landed_ns(const struct window *w);

#endif
