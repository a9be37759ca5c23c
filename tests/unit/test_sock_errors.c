/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sockets make of errors, of failed sends and of too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sock_door.h"

/* The error queue: what ICMP said, about which packet, and with its octets. */
static void errors_are_told_with_what_they_are_about(void **state)
{
	static const char *const to[] = {"127.0.0.1", "::1"};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct door d = open_door(SOCK_KIND_UDP, i, plain);
		struct addr peer = addr_of(to[i]);
		const struct link_in *in;
		struct why why;

		assert_int_equal(try_send(&d, to[i], (const uint8_t *)"abc", 3, 9, &why), 1);
		in = next_of(&d, LINK_ERROR);
		assert_int_equal(in->layer, LINK_L4);
		assert_int_equal(in->error.sys, ECONNREFUSED);
		assert_false(in->error.is_local);
		assert_int_equal(in->error.type,
				 i ? (int)ICMP_V6_UNREACHABLE : ICMP_V4_UNREACHABLE);
		assert_int_equal(in->error.code,
				 i ? (int)ICMP_V6_PORT_UNREACHABLE : ICMP_V4_PORT_UNREACHABLE);
		assert_true(addr_same(&in->from, &peer));
		assert_true(addr_same(&in->to, &peer));
		assert_int_equal(in->port, 7);
		assert_int_equal(in->len, 3);
		assert_memory_equal(in->bytes, "abc", 3);
		link_close(d.link);
	}
}

/* The kernel fails the send that follows an error with it; that send is made all the same. */
static void an_error_does_not_fail_the_next_send(void **state)
{
	struct door d = open_door(SOCK_KIND_UDP, false, plain);
	struct pollfd p = {.fd = d.link->fd, .events = POLLIN};
	struct why why;

	(void)state;
	assert_int_equal(try_send(&d, "127.0.0.1", (const uint8_t *)"1", 1, 1, &why), 1);
	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	assert_int_equal(try_send(&d, "127.0.0.1", (const uint8_t *)"2", 1, 2, &why), 1);
	for (unsigned i = 0; i < 2; i++) {
		const struct link_in *in = next_of(&d, LINK_ERROR);

		assert_int_equal(in->len, 1);
		assert_int_equal(in->bytes[0], '1' + i);
	}
	link_close(d.link);
}

static void a_failed_send_tells_its_cure(void **state)
{
	static const struct {
		const char *to;
		size_t len;
		int sys;
		const char *cure;
	} cases[] = {
		{"192.0.2.1", 64, ENETUNREACH, ": there is no route to it"},
		{"127.255.255.255", 64, EACCES,
		 ": a broadcast address needs -b; "
		 "otherwise a route here prohibits it"},
		{"127.0.0.1", 9100, EMSGSIZE,
		 ": larger than the path takes and fragmenting is not allowed"},
		{"fe80::1", 64, 0,
		 ": a link-local address needs its interface: ADDRESS%INTERFACE or -I"},
	};
	static uint8_t bytes[9100];
	struct sock_opts opts = plain;

	(void)state;
	opts.pmtu = SOCK_PMTU_DO;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr to = addr_of(cases[i].to);
		struct door d = open_door(SOCK_KIND_PING, addr_is_v6(&to), opts);
		char begin[64];
		struct why why;

		make_echo(&d, addr_is_v6(&to), 1, bytes, cases[i].len);
		assert_int_equal(try_send(&d, cases[i].to, bytes, cases[i].len, 1, &why), E_SYS);
		if (cases[i].sys)
			assert_int_equal(why.sys, cases[i].sys);
		snprintf(begin, sizeof(begin), "sendmsg to %s: ", cases[i].to);
		assert_ptr_equal(strstr(why.text, begin), why.text);
		assert_string_equal(why.text + strlen(why.text) - strlen(cases[i].cure),
				    cases[i].cure);
		link_close(d.link);
	}
}

static void broadcast_may_be_allowed(void **state)
{
	struct sock_opts opts = plain;
	struct door d;

	(void)state;
	opts.broadcast = true;
	d = open_door(SOCK_KIND_PING, false, opts);
	send_echo(&d, "127.255.255.255", 1, 1);
	link_close(d.link);
}

static void stamps_may_be_done_without(void **state)
{
	struct sock_opts opts = plain;
	const struct link_in *in;
	struct door d;

	(void)state;
	opts.no_stamps = true;
	d = open_door(SOCK_KIND_PING, false, opts);
	send_echo(&d, "127.0.0.1", 1, 1);
	in = next_in(&d, WAIT_MS);
	assert_non_null(in);
	assert_int_equal(in->kind, LINK_PACKET);
	assert_int_equal(in->wall_ns, 0);
	link_close(d.link);
}

static void a_batch_is_sent_as_far_as_it_goes(void **state)
{
	struct door d = open_door(SOCK_KIND_PING, false, plain);
	uint8_t bytes[ECHO_LEN];
	struct link_out out[200];
	struct why why;

	(void)state;
	make_echo(&d, false, 1, bytes, sizeof(bytes));
	for (unsigned i = 0; i < 200; i++)
		out[i] = (struct link_out){.bytes = bytes,
					   .len = sizeof(bytes),
					   .to = addr_of("127.0.0.1"),
					   .tag = i + 1};
	assert_int_equal(link_send(d.link, out, 200, &why), 128);
	for (unsigned i = 1; i <= 128; i++)
		assert_int_equal(next_of(&d, LINK_TX)->tag, i);
	out[3].to = addr_of("192.0.2.1");
	assert_int_equal(link_send(d.link, out, 10, &why), 3);
	link_close(d.link);
}

static void dropped_packets_are_counted(void **state)
{
	struct sock_opts opts = plain;
	struct door d;

	(void)state;
	opts.rcvbuf = 1; /* the kernel makes it its least */
	d = open_door(SOCK_KIND_PING, false, opts);
	for (uint16_t i = 0; i < 1000; i++)
		send_echo(&d, "127.0.0.1", i, i);
	while (next_in(&d, 0))
		;
	assert_true(d.link->drops > 0 && d.link->drops < 2000);
	link_close(d.link);
}

/*
 * A failed send leaves the kernel's numbering of stamps unknown, so it is restarted, but not
 * before all has left: here the first packet waits for its neighbour. No stamp may go to another.
 */
static void a_failed_send_mixes_no_stamps(enum sock_kind kind)
{
	struct door d = open_door(kind, false, plain);
	uint8_t bytes[ECHO_LEN];
	const struct link_in *in;
	struct why why;

	assert_int_equal(system("ip neigh flush dev veth0"), 0);
	send_echo(&d, "198.51.100.9", 1, 1);
	make_echo(&d, false, 2, bytes, sizeof(bytes));
	assert_int_equal(try_send(&d, "192.0.2.1", bytes, sizeof(bytes), 2, &why), E_SYS);
	assert_null(next_in(&d, 0));
	send_echo(&d, "127.0.0.1", 3, 3);
	(void)next_of(&d, LINK_PACKET);
	assert_int_equal(
		system("ip neigh replace 198.51.100.9 lladdr 02:00:00:00:00:09 nud reachable dev veth0"),
		0);
	in = next_of(&d, LINK_TX);
	assert_true(in->tag == 1 || !in->wall_ns);
	/* Now all has left, and stamps are as good as before. */
	while (next_in(&d, 0))
		;
	send_echo(&d, "127.0.0.1", 4, 4);
	in = next_of(&d, LINK_TX);
	assert_int_equal(in->tag, 4);
	assert_true(in->wall_ns > 0);
	link_close(d.link);
}

static void a_failed_send_mixes_no_stamps_of_a_ping_socket(void **state)
{
	(void)state;
	a_failed_send_mixes_no_stamps(SOCK_KIND_PING);
}

static void a_failed_send_mixes_no_stamps_of_a_raw_socket(void **state)
{
	(void)state;
	a_failed_send_mixes_no_stamps(SOCK_KIND_RAW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_told_with_what_they_are_about),
		cmocka_unit_test(an_error_does_not_fail_the_next_send),
		cmocka_unit_test(a_failed_send_tells_its_cure),
		cmocka_unit_test(broadcast_may_be_allowed),
		cmocka_unit_test(stamps_may_be_done_without),
		cmocka_unit_test(a_batch_is_sent_as_far_as_it_goes),
		cmocka_unit_test(dropped_packets_are_counted),
		cmocka_unit_test(a_failed_send_mixes_no_stamps_of_a_ping_socket),
		cmocka_unit_test(a_failed_send_mixes_no_stamps_of_a_raw_socket),
	};

	return cmocka_run_group_tests(tests, make_network, NULL);
}
