/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A window before somebody who answers only so many a second, and has little room for the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/num.h"
#include "engine/window.h"

#define UNDER_WAY_MAX 4096
#define BATCH 64

/* The way to a host: a queue that is emptied at a steady pace, and then as long as light takes. */
struct way {
	uint64_t gap_ns;  /* between two that leave the queue */
	uint64_t rtt_ns;  /* of one that finds it empty */
	unsigned silent;  /* each so manieth gets no answer, 0 for none */
	uint64_t free_ns; /* when the last in the queue will have left it */
	unsigned room;    /* of the queue; what finds it full is lost; 0: enough for all */
	unsigned most_queued, lost;
};

struct run {
	struct window w;
	struct way way;
	uint64_t now_ns, sent, answered, landed;
	struct {
		uint64_t sent_ns, due_ns; /* due 0: never */
	} probes[UNDER_WAY_MAX];          /* by number, from `landed` to `sent` */
	uint64_t under_way;
};

static void send_one(struct run *r)
{
	struct way *way = &r->way;
	unsigned queued =
		way->free_ns > r->now_ns ? (unsigned)((way->free_ns - r->now_ns) / way->gap_ns) : 0;
	uint64_t n = r->sent++, due_ns;

	if (queued > way->most_queued)
		way->most_queued = queued;
	if (way->room && queued >= way->room) {
		way->lost++;
		due_ns = 0;
	} else {
		if (way->free_ns < r->now_ns)
			way->free_ns = r->now_ns;
		way->free_ns += way->gap_ns;
		due_ns = way->silent && n % way->silent == 0 ? 0 : way->free_ns + way->rtt_ns;
	}
	r->probes[n % UNDER_WAY_MAX].sent_ns = r->now_ns;
	r->probes[n % UNDER_WAY_MAX].due_ns = due_ns;
	r->under_way++;
	assert_true(r->under_way < UNDER_WAY_MAX);
}

/* Answers come in the order of their questions; those without one land in theirs. */
static void take_answers(struct run *r)
{
	for (; r->landed < r->sent; r->landed++, r->under_way--) {
		uint64_t at = r->landed % UNDER_WAY_MAX, due_ns = r->probes[at].due_ns;

		if (due_ns > r->now_ns)
			break;
		if (!due_ns && r->now_ns < r->probes[at].sent_ns + window_landed_ns(&r->w))
			break;
		if (!due_ns) {
			window_lost(&r->w);
			continue;
		}
		r->answered++;
		window_answer(&r->w, r->landed + 1, r->sent + 1, r->now_ns - r->probes[at].sent_ns,
			      r->now_ns);
	}
}

/* Plays @ns, sending up to a batch each 50 us; returns how many answers that brought. */
static uint64_t play(struct run *r, uint64_t ns)
{
	uint64_t until_ns = r->now_ns + ns, before = r->answered;

	for (; r->now_ns < until_ns; r->now_ns += 50 * NS_PER_US) {
		take_answers(r);
		for (int i = 0; i < BATCH && r->under_way < r->w.limit; i++)
			send_one(r);
	}
	return r->answered - before;
}

static struct run begin(uint64_t per_s, uint64_t rtt_ns)
{
	return (struct run){
		.w = window_make(1500, false),
		.way = {.gap_ns = NS_PER_S / per_s, .rtt_ns = rtt_ns},
		.now_ns = 1000 * NS_PER_S,
	};
}

static void a_queue_is_overrun_once_at_most(void **state)
{
	static const uint64_t rtts_ns[] = {0, 100 * NS_PER_US, NS_PER_MS, 7 * NS_PER_MS};

	(void)state;
	for (size_t i = 0; i < sizeof(rtts_ns) / sizeof(rtts_ns[0]); i++) {
		struct run r = begin(100000, rtts_ns[i]);
		unsigned lost;

		r.way.room = 277;
		(void)play(&r, NS_PER_S / 5);
		lost = r.way.lost;
		assert_in_range(lost, 0, 400);
		assert_in_range(play(&r, NS_PER_S), 95000, 100010);
		assert_in_range(play(&r, 10 * NS_PER_S), 950000, 1000010);
		assert_int_equal(r.way.lost, lost);
	}
}

static void a_long_way_holds_more(void **state)
{
	struct run r = begin(100000, 50 * NS_PER_MS);

	(void)state;
	(void)play(&r, NS_PER_S);
	assert_in_range(play(&r, 10 * NS_PER_S), 240000, 300010); /* 1,500 each 50 ms */
}

static void a_way_that_gets_longer_is_learnt(void **state)
{
	struct run r = begin(100000, 100 * NS_PER_US);

	(void)state;
	(void)play(&r, NS_PER_S);
	r.way.rtt_ns = 7 * NS_PER_MS;
	(void)play(&r, 5 * NS_PER_S);
	assert_in_range(play(&r, NS_PER_S), 95000, 100010);
}

static void those_that_nobody_answers_do_not_stop_it(void **state)
{
	struct run r = begin(100000, NS_PER_MS);

	(void)state;
	r.way.silent = 1;
	assert_in_range(play(&r, NS_PER_S), 0, 0);
	assert_true(r.sent > 600); /* 64 each 100 ms */
}

static void a_fixed_window_stays(void **state)
{
	struct run r = begin(100000, NS_PER_MS);

	(void)state;
	r.w = window_make(300, true);
	(void)play(&r, NS_PER_S);
	assert_int_equal(r.w.limit, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_is_overrun_once_at_most),
		cmocka_unit_test(a_long_way_holds_more),
		cmocka_unit_test(a_way_that_gets_longer_is_learnt),
		cmocka_unit_test(those_that_nobody_answers_do_not_stop_it),
		cmocka_unit_test(a_fixed_window_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
