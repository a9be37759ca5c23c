/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two links as one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/duplex.h"
#include "io/memlink.h"

static void what_leaves_by_one_comes_in_by_the_other(void **state)
{
	struct fake_clock clock = clock_fake(0);
	const struct link_out out = {.bytes = (const uint8_t *)"ask", .len = 3, .tag = 7};
	const struct link_in answer = {
		.kind = LINK_PACKET, .bytes = (const uint8_t *)"re", .len = 2};
	struct link *sender, *receiver, *l;
	struct link_in in[8];
	struct why why;

	(void)state;
	assert_int_equal(memlink_open(LINK_L3, &clock.clock, &sender), 0);
	assert_int_equal(memlink_open(LINK_L3, &clock.clock, &receiver), 0);
	assert_int_equal(duplex_open(sender, &receiver, 1, &l, &why), 0);
	memlink_stamp(sender);
	assert_int_equal(link_send(l, &out, 1, &why), 1);
	assert_int_equal(memlink_n_sent(sender), 1);
	assert_int_equal(memlink_n_sent(receiver), 0);
	assert_int_equal(memlink_give(receiver, &answer, 0), 0);
	assert_int_equal(link_recv(l, in, 8, &why), 2);
	assert_int_equal(in[0].kind, LINK_TX); /* the stamp comes before the answer */
	assert_int_equal(in[0].tag, 7);
	assert_int_equal(in[1].kind, LINK_PACKET);
	assert_memory_equal(in[1].bytes, "re", 2);
	link_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_leaves_by_one_comes_in_by_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
