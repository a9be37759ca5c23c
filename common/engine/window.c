/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/window.h"

#include "base/num.h"

/*
 * What may stand in a queue: a packet socket that nobody has given more room takes 277 packets, a
 * TUN device 500. Half of the first: others want to use it too.
 */
#define QUEUE 128u
#define QUEUE_STEP 32u            /* more of them after each round without a loss */
#define ROUND_NS (10 * NS_PER_MS) /* at least, or bursts would count as speed */
#define TIMED_LEAST 16u           /* round trips, for their mean to mean something */
#define BASE_NS (4 * NS_PER_S)    /* after so long other hosts are asked, with other round trips */
#define LANDED_RTTS 4u
#define LANDED_LEAST_NS (100 * NS_PER_MS)

struct window window_make(uint64_t most, bool is_fixed)
{
	return (struct window){.most = most,
			       .limit = is_fixed || most < QUEUE / 2 ? most : QUEUE / 2,
			       .is_fixed = is_fixed,
			       .queue = QUEUE};
}

static void end_round(struct window *w, uint64_t now_ns)
{
	uint64_t most = w->limit + QUEUE; /* what is sent at once when it grows is a queue too */
	uint64_t mean_ns = w->sum_ns / w->n_timed;
	double per_ns = w->n / (double)(now_ns - w->round_ns); /* answers */

	if (!w->base_ns || mean_ns < w->base_ns)
		w->base_ns = mean_ns;
	if (!w->has_lost && w->queue < w->most)
		w->queue += QUEUE_STEP;
	w->limit = w->queue + (uint64_t)(per_ns * (double)w->base_ns);
	/* The queue must not pass for a part of the way: it runs nearly empty first. */
	if (now_ns - w->base_at_ns > BASE_NS) {
		w->base_at_ns = now_ns;
		w->base_ns = 0;
		w->limit = QUEUE / 2;
	}
	if (most > w->most)
		most = w->most;
	if (w->limit > most)
		w->limit = most;
}

void window_answer(struct window *w, uint64_t n, uint64_t next_n, uint64_t rtt_ns, uint64_t now_ns)
{
	if (!w->most || w->is_fixed)
		return;
	if (!w->base_at_ns)
		w->base_at_ns = w->round_ns = now_ns;
	w->n++;
	if (n >= w->next_n) {
		w->sum_ns += rtt_ns;
		w->n_timed++;
	}
	if (w->n_timed < TIMED_LEAST || now_ns < w->round_ns + ROUND_NS)
		return;
	end_round(w, now_ns);
	w->next_n = next_n;
	w->round_ns = now_ns;
	w->sum_ns = w->n = w->n_timed = 0;
}

void window_lost(struct window *w)
{
	w->has_lost = true;
	w->queue = QUEUE;
}

uint64_t window_landed_ns(const struct window *w)
{
	uint64_t ns = LANDED_RTTS * w->base_ns;

	return ns > LANDED_LEAST_NS ? ns : LANDED_LEAST_NS;
}
