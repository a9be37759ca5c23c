/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "io/memlink.h"

static const uint8_t abc[] = {'a', 'b', 'c'};

static struct link_out out_to(const char *addr, uint64_t tag)
{
	struct link_out out = {.bytes = abc, .len = sizeof(abc), .tag = tag};

	assert_int_equal(addr_parse(addr, &out.to), 0);
	return out;
}

static void keeps_what_is_sent(void **state)
{
	struct fake_clock clock = clock_fake(5 * NS_PER_S);
	struct link_out out[2] = {out_to("192.0.2.1", 7), out_to("2001:db8::1", 8)};
	struct link *l;

	(void)state;
	assert_int_equal(memlink_open(LINK_L4, &clock.clock, &l), 0);
	assert_int_equal(link_send(l, out, 2, NULL), 2);
	clock.mono_ns += 1;
	assert_int_equal(link_send(l, out, 1, NULL), 1);
	assert_int_equal(memlink_n_sent(l), 3);
	assert_int_equal(memlink_sent(l, 1)->tag, 8);
	assert_true(addr_same(&memlink_sent(l, 1)->to, &out[1].to));
	assert_int_equal(memlink_sent(l, 1)->len, sizeof(abc));
	assert_memory_equal(memlink_sent(l, 1)->bytes, abc, sizeof(abc));
	assert_int_equal(memlink_sent(l, 1)->mono_ns, 5 * NS_PER_S);
	assert_int_equal(memlink_sent(l, 2)->mono_ns, 5 * NS_PER_S + 1);
	link_close(l);
}

/* Everything comes at its own time; things due together come in the order they were given. */
static void gives_in_order_of_time(void **state)
{
	static const uint64_t delays[] = {30, 10, 20, 10};
	struct fake_clock clock = clock_fake(0);
	struct link_in in[4];
	struct link *l;

	(void)state;
	assert_int_equal(memlink_open(LINK_L3, &clock.clock, &l), 0);
	assert_int_equal(memlink_due_ns(l), MEMLINK_NEVER);
	for (unsigned i = 0; i < 4; i++) {
		struct link_in give = {
			.kind = LINK_ERROR, .tag = i, .bytes = abc, .len = i < 3 ? i : 0};

		assert_int_equal(memlink_give(l, &give, delays[i]), 0);
	}
	assert_int_equal(memlink_due_ns(l), 10);
	clock.mono_ns = 9;
	assert_int_equal(link_recv(l, in, 4, NULL), 0);
	clock.mono_ns = 20;
	assert_int_equal(link_recv(l, in, 2, NULL), 2);
	assert_int_equal(in[0].tag, 1);
	assert_int_equal(in[1].tag, 3);
	assert_int_equal(link_recv(l, in, 4, NULL), 1);
	assert_int_equal(in[0].tag, 2);
	assert_int_equal(in[0].kind, LINK_ERROR);
	assert_int_equal(in[0].len, 2);
	assert_memory_equal(in[0].bytes, "ab", 2);
	assert_int_equal(memlink_due_ns(l), 30);
	link_close(l);
}

static void joined_links_deliver_after_the_delay(void **state)
{
	struct fake_clock clock = clock_fake(0);
	struct link_out out = out_to("192.0.2.1", 1);
	struct link *a, *b;
	struct link_in in;

	(void)state;
	assert_int_equal(memlink_open(LINK_L4, &clock.clock, &a), 0);
	assert_int_equal(memlink_open(LINK_L3, &clock.clock, &b), 0);
	memlink_join(a, b, 20 * NS_PER_MS);
	assert_int_equal(link_send(a, &out, 1, NULL), 1);
	assert_int_equal(memlink_due_ns(a), MEMLINK_NEVER);
	clock.mono_ns = memlink_due_ns(b);
	assert_int_equal(clock.mono_ns, 20 * NS_PER_MS);
	assert_int_equal(link_recv(b, &in, 1, NULL), 1);
	assert_int_equal(in.kind, LINK_PACKET);
	assert_int_equal(in.layer, LINK_L3);
	assert_int_equal(in.wire_len, sizeof(abc));
	assert_int_equal(in.wall_ns, clock_wall(&clock.clock));
	assert_true(addr_same(&in.from, &out.to));
	assert_memory_equal(in.bytes, abc, sizeof(abc));

	memlink_join(a, a, 0);
	assert_int_equal(link_send(a, &out, 1, NULL), 1);
	assert_int_equal(link_recv(a, &in, 1, NULL), 1);
	link_close(a);
	link_close(b);
}

static void stamps_what_is_sent(void **state)
{
	struct fake_clock clock = clock_fake(3);
	struct link_out out = out_to("192.0.2.1", 99);
	struct link *l;
	struct link_in in[2];

	(void)state;
	assert_int_equal(memlink_open(LINK_L4, &clock.clock, &l), 0);
	memlink_stamp(l);
	assert_int_equal(link_send(l, &out, 1, NULL), 1);
	assert_int_equal(link_recv(l, in, 2, NULL), 1);
	assert_int_equal(in[0].kind, LINK_TX);
	assert_int_equal(in[0].tag, 99);
	assert_int_equal(in[0].wall_ns, clock_wall(&clock.clock));
	link_close(l);
}

static void refuses_to_order(void **state)
{
	struct fake_clock clock = clock_fake(0);
	struct link_out out[3] = {out_to("192.0.2.1", 0), out_to("192.0.2.2", 1),
				  out_to("192.0.2.3", 2)};
	struct why why = {0};
	struct link *l;

	(void)state;
	assert_int_equal(memlink_open(LINK_L4, &clock.clock, &l), 0);
	memlink_fail(l, 1, 2, E_PERM, EPERM);
	assert_int_equal(link_send(l, out, 3, &why), 1);
	assert_int_equal(link_send(l, out + 1, 2, &why), E_PERM);
	assert_int_equal(why.sys, EPERM);
	assert_int_equal(link_send(l, out + 1, 2, &why), E_PERM);
	assert_int_equal(link_send(l, out + 1, 2, &why), 2);
	assert_int_equal(memlink_n_sent(l), 3);
	link_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_is_sent),
		cmocka_unit_test(gives_in_order_of_time),
		cmocka_unit_test(joined_links_deliver_after_the_delay),
		cmocka_unit_test(stamps_what_is_sent),
		cmocka_unit_test(refuses_to_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
