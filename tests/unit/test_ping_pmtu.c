/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search for the path MTU, against paths of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ping/ping_pmtu.h"

/* A path, and what it does to what is too large for it. */
struct path {
	uint32_t mtu;
	uint32_t says;     /* in its packet too big, 0 in an old one without */
	bool is_hole;      /* it says nothing */
	bool is_silent;    /* the host at its end answers nothing */
	unsigned loss_pct; /* of everything */
};

/* Searches @path to the end; returns how many probes it took. */
static unsigned search(struct pmtu *m, const struct path *path, uint32_t link)
{
	struct addr router = {.len = 4, .bytes = {192, 0, 2, 1}};
	uint32_t seq = 0, first = 1;

	pmtu_start(m, 68, link);
	while (m->state == PMTU_SEARCHING) {
		while (pmtu_wants(m)) {
			uint32_t size = pmtu_send(m, ++seq);

			assert_true(size >= 68 && size <= link);
			assert_int_equal(pmtu_size_of(m, seq), size);
		}
		for (; first <= seq; first++) {
			uint32_t size = pmtu_size_of(m, first);

			if ((unsigned)rand() % 100 < path->loss_pct)
				pmtu_lost(m, first);
			else if (size <= path->mtu && !path->is_silent)
				pmtu_answered(m, first);
			else if (size <= path->mtu || path->is_hole)
				pmtu_lost(m, first);
			else
				pmtu_too_big(m, first, path->says, &router);
		}
		assert_true(seq <= PMTU_PROBES);
	}
	return seq;
}

static void a_path_that_takes_all(void **state)
{
	struct pmtu m;

	(void)state;
	assert_int_equal(search(&m, &(struct path){.mtu = 9000}, 1500), 1);
	assert_int_equal(m.state, PMTU_WHOLE);
	assert_int_equal(m.passed, 1500);
}

static void a_router_that_tells(void **state)
{
	struct pmtu m;

	(void)state;
	for (uint32_t mtu = 68; mtu < 1500; mtu++) {
		/* That of the link, that which is told, and one more to see if it is true. */
		assert_in_range(search(&m, &(struct path){.mtu = mtu, .says = mtu}, 1500), 2, 3);
		assert_int_equal(m.state, PMTU_TOLD);
		assert_int_equal(m.passed, mtu);
		assert_int_equal(m.told_by.bytes[3], 1);
	}
}

static void a_black_hole(void **state)
{
	struct pmtu m;

	(void)state;
	for (uint32_t mtu = 68; mtu < 1500; mtu++) {
		assert_in_range(search(&m, &(struct path){.mtu = mtu, .is_hole = true}, 1500), 1,
				60);
		assert_int_equal(m.state, PMTU_BLACK_HOLE);
		assert_int_equal(m.passed, mtu);
	}
}

/* Too high, too low, nothing at all, or impossible: what passes is found out all the same. */
static void a_router_that_lies(void **state)
{
	static const uint32_t lies[] = {0, 1, 67, 1401, 1450, 1500, 65535, 1000, 576};
	struct pmtu m;

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		(void)search(&m, &(struct path){.mtu = 1400, .says = lies[i]}, 1500);
		assert_int_equal(m.state, PMTU_TOLD);
		assert_int_equal(m.passed, 1400);
	}
}

static void nobody_there(void **state)
{
	struct pmtu m;

	(void)state;
	(void)search(&m, &(struct path){.mtu = 1500, .is_silent = true}, 1500);
	assert_int_equal(m.state, PMTU_SILENT);
	assert_int_equal(m.passed, 0);
}

/* Packets get lost for other reasons too; hardly ever may that shift the result. */
static void a_path_that_loses(void **state)
{
	unsigned wrong = 0;
	struct pmtu m;

	(void)state;
	srand(1);
	for (unsigned i = 0; i < 1000; i++) {
		(void)search(&m, &(struct path){.mtu = 1400, .is_hole = true, .loss_pct = 10},
			     1500);
		wrong += m.passed != 1400;
		assert_true(m.passed <= 1400);
	}
	assert_in_range(wrong, 0, 10);
}

/* An answer after its loss was told still counts; a second one changes nothing. */
static void late_and_double(void **state)
{
	struct pmtu m;

	(void)state;
	pmtu_start(&m, 68, 1500);
	assert_true(pmtu_wants(&m));
	assert_int_equal(pmtu_send(&m, 1), 1500);
	assert_false(pmtu_wants(&m));
	pmtu_lost(&m, 1);
	assert_true(pmtu_wants(&m));
	pmtu_answered(&m, 1);
	pmtu_answered(&m, 1);
	pmtu_lost(&m, 1);
	pmtu_lost(&m, 99);
	while (pmtu_wants(&m)) {
		static uint32_t seq = 1;

		pmtu_answered(&m, (pmtu_send(&m, ++seq), seq));
	}
	assert_int_equal(m.state, PMTU_WHOLE);
	assert_int_equal(m.passed, 1500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_that_takes_all), cmocka_unit_test(a_router_that_tells),
		cmocka_unit_test(a_black_hole),          cmocka_unit_test(a_router_that_lies),
		cmocka_unit_test(nobody_there),          cmocka_unit_test(a_path_that_loses),
		cmocka_unit_test(late_and_double),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
