/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two links as one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

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

/* Whoever gets less than half of what it asked for may take it that nothing is left. */
static void what_has_come_is_taken_by_whichever_it_came(void **state)
{
	struct fake_clock clock = clock_fake(0);
	const struct link_in answer = {
		.kind = LINK_PACKET, .bytes = (const uint8_t *)"re", .len = 2};
	struct link *sender, *receivers[2], *l;
	struct link_in in[8];
	struct why why;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0); /* something to poll */
	assert_int_equal(memlink_open(LINK_L3, &clock.clock, &sender), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(memlink_open(LINK_L3, &clock.clock, &receivers[i]), 0);
		receivers[i]->fd = fds[i];
	}
	assert_int_equal(duplex_open(sender, receivers, 2, &l, &why), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(memlink_give(receivers[1], &answer, 0), 0);
	assert_int_equal(link_recv(l, in, 8, &why), 8);
	assert_int_equal(link_recv(l, in, 8, &why), 2);
	for (int i = 0; i < 10; i++)
		assert_int_equal(memlink_give(receivers[0], &answer, 0), 0);
	assert_int_equal(link_recv(l, in, 8, &why), 8);
	link_close(l);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_leaves_by_one_comes_in_by_the_other),
		cmocka_unit_test(what_has_come_is_taken_by_whichever_it_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
