/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sockets open, send and receive. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "build/recipes.h"
#include "io/priv.h"
#include "sock_door.h"
#include "wire/ip4.h"

/* A new network, where nobody may open a ping socket, until leave_network(). */
static int enter_network(void **state)
{
	static int before;

	before = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	*state = &before;
	return before < 0 || unshare(CLONE_NEWNET) < 0 || system("ip link set lo up") != 0;
}

static int leave_network(void **state)
{
	int before = *(int *)*state;

	return setns(before, CLONE_NEWNET) < 0 || close(before) < 0;
}

/* One question over loopback: the stamp of its leaving, then the answer, stamped later. */
static void assert_echo(struct door *d, const char *to)
{
	uint64_t before_ns = clock_wall(clock_system()), left_ns;
	const struct link_in *in;
	struct rd whole, r;
	struct icmp_hdr h;
	struct addr peer = addr_of(to);
	struct ip4_hdr ip;

	/* The kernel may begin to stamp what arrives a moment after it was asked to. */
	for (unsigned tries = 0; tries < 1000; tries++) {
		send_echo(d, to, 76, 0);
		if (next_of(d, LINK_PACKET)->wall_ns)
			break;
	}
	send_echo(d, to, 77, 0x1234567890);
	in = next_in(d, WAIT_MS);
	assert_non_null(in);
	assert_int_equal(in->kind, LINK_TX);
	assert_true(in->tag == 0x1234567890);
	assert_true(in->wall_ns >= before_ns);
	left_ns = in->wall_ns;
	in = next_in(d, WAIT_MS);
	assert_non_null(in);
	assert_int_equal(in->kind, LINK_PACKET);
	assert_int_equal(in->layer, d->kind == SOCK_KIND_RAW && peer.len == 4 ? LINK_L3 : LINK_L4);
	assert_true(addr_same(&in->from, &peer));
	assert_true(in->wall_ns >= left_ns && in->wall_ns <= clock_wall(clock_system()));
	assert_int_equal(in->wire_len, in->len);
	whole = r = rd_make(in->bytes, in->len);
	if (in->layer == LINK_L3)
		assert_int_equal(ip4_parse(&whole, &ip, &r), 0);
	else
		assert_int_equal(in->ttl, 64);
	assert_int_equal(rd_left(&r), ECHO_LEN);
	assert_int_equal(icmp_parse(&r, addr_is_v6(&peer), &h), 0);
	assert_int_equal(h.type, addr_is_v6(&peer) ? (int)ICMP_V6_ECHO_REPLY : ICMP_V4_ECHO_REPLY);
	assert_int_equal(h.id, d->id);
	assert_int_equal(h.seq, 77);
	assert_null(next_in(d, 0));
}

static void both_kinds_ask_both_families(void **state)
{
	static const enum sock_kind kinds[] = {SOCK_KIND_PING, SOCK_KIND_RAW};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct door d = open_door(kinds[i / 2], i % 2, plain);

		assert_int_equal(d.kind, kinds[i / 2]);
		assert_int_not_equal(d.id, 0);
		assert_echo(&d, i % 2 ? "::1" : "127.0.0.1");
		link_close(d.link);
	}
}

static void the_kind_falls_back_to_raw(void **state)
{
	struct door d = open_door(SOCK_KIND_AUTO, false, plain);

	(void)state;
	assert_int_equal(d.kind, SOCK_KIND_RAW);
	assert_echo(&d, "127.0.0.1");
	link_close(d.link);
}

static void the_ping_socket_comes_first(void **state)
{
	struct door d = open_door(SOCK_KIND_AUTO, true, plain);

	(void)state;
	assert_int_equal(d.kind, SOCK_KIND_PING);
	link_close(d.link);
}

/* Without a group and without a privilege, in a process of its own. */
static void what_is_not_allowed_is_told(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		struct sock_opts opts = plain;
		struct why why;
		struct door d;
		int err;

		priv_drop_all();
		err = sock_open(&opts, &d.link, &d.id, &d.kind, &why);
		_exit(err != E_PERM || why.sys != EPERM ||
		      !strstr(why.text, "cannot open a raw socket"));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void an_identifier_may_be_chosen(void **state)
{
	struct sock_opts opts = plain;
	struct door d, other;
	struct why why;

	(void)state;
	opts.id = 4711;
	d = open_door(SOCK_KIND_RAW, false, opts);
	assert_int_equal(d.id, 4711);
	link_close(d.link);
	d = open_door(SOCK_KIND_PING, false, opts);
	assert_int_equal(d.id, 4711);
	assert_echo(&d, "127.0.0.1");
	link_close(d.link);
	d = open_door(SOCK_KIND_UDP, false, opts);
	assert_int_equal(d.id, 4711);
	opts.kind = SOCK_KIND_UDP; /* only ports are not shared */
	assert_int_equal(sock_open(&opts, &other.link, &other.id, &other.kind, &why), E_SYS);
	assert_non_null(strstr(why.text, "cannot use 4711, which another program has"));
	link_close(d.link);
}

/* The answers to others, and our own questions on loopback, do not even wake a raw socket. */
static void a_raw_socket_hears_its_own_answers_only(void **state)
{
	static const bool families[] = {false, true};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct door d = open_door(SOCK_KIND_RAW, families[i], plain);
		struct door other = open_door(SOCK_KIND_RAW, families[i], plain);

		send_echo(&other, families[i] ? "::1" : "127.0.0.1", 1, 1);
		(void)next_of(&other, LINK_PACKET);
		assert_null(next_in(&d, 0));
		link_close(d.link);
		link_close(other.link);
	}
}

static void an_answer_that_is_too_long_is_known(void **state)
{
	struct door d = open_door(SOCK_KIND_PING, false, plain);
	uint8_t bytes[3000];
	const struct link_in *in;
	struct why why;

	(void)state;
	make_echo(&d, false, 1, bytes, sizeof(bytes));
	assert_int_equal(try_send(&d, "127.0.0.1", bytes, sizeof(bytes), 1, &why), 1);
	in = next_of(&d, LINK_PACKET);
	assert_true(in->len >= plain.max_packet);
	assert_true(in->wire_len > in->len);
	link_close(d.link);
}

/* What the options say, as a UDP socket at the other end sees it. */
static void packets_bear_what_was_asked(void **state)
{
	static const char *const to[] = {"127.0.0.1", "::1"};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct sock_opts opts = plain;
		const struct link_in *in;
		struct door from, at;
		struct why why;

		opts.id = 7;
		at = open_door(SOCK_KIND_UDP, i, opts);
		opts = (struct sock_opts){
			.ttl = 5,
			.mcast_ttl = 9,
			.tos = 0xb8,
			.flow_label = i ? 0x12345 : 0,
			.pmtu = SOCK_PMTU_DONT,
			.sndbuf = 100000,
			.source = addr_of(to[i]),
			.ifindex = 1,
			.ifname = "lo",
			.no_mcast_loop = true,
			.bypass_routing = true,
		};
		if (!i)
			opts.source = addr_of("127.0.0.2");
		from = open_door(SOCK_KIND_UDP, i, opts);
		assert_int_equal(try_send(&from, to[i], (const uint8_t *)"x", 1, 1, &why), 1);
		in = next_of(&at, LINK_PACKET);
		assert_int_equal(in->ttl, 5);
		assert_int_equal(in->port, from.id);
		assert_true(addr_same(&in->from, &opts.source));
		link_close(from.link);
		link_close(at.link);
	}
}

/* ... and what one packet says of itself. */
static void a_packet_may_have_its_own_ttl(void **state)
{
	static const char *const to[] = {"127.0.0.1", "::1"};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct sock_opts opts = plain;
		struct link_out out[2] = {
			{.bytes = (const uint8_t *)"x", .len = 1, .to = addr_of(to[i]), .port = 7},
			{.bytes = (const uint8_t *)"y", .len = 1, .to = addr_of(to[i]), .port = 7},
		};
		struct door from = open_door(SOCK_KIND_UDP, i, opts), at;
		struct why why;

		opts.id = 7;
		at = open_door(SOCK_KIND_UDP, i, opts);
		out[0].ttl = 9;
		assert_int_equal(link_send(from.link, out, 2, &why), 2);
		assert_int_equal(next_of(&at, LINK_PACKET)->ttl, 9);
		assert_int_equal(next_of(&at, LINK_PACKET)->ttl, 64);
		link_close(from.link);
		link_close(at.link);
	}
}

/* An echo request under headers of our own making. */
static void whole_packets_go_out_as_they_stand(void **state)
{
	static const char *const to[] = {"127.0.0.1", "::1"};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct door from = open_door(SOCK_KIND_IP, i, plain);
		struct door at = open_door(SOCK_KIND_UDP, i, plain);
		struct addr host = addr_of(to[i]);
		struct pkt_spec spec = recipe_udp(&host, &host, 4711, at.id, "hello", 5);
		struct pkt *builder = pkt_new();
		const struct link_in *in;
		uint8_t bytes[128];
		struct wr w = wr_make(bytes, sizeof(bytes));
		struct why why;

		spec.ip.ttl = 5;
		assert_int_equal(pkt_build(builder, &spec, &w, &why), 0);
		assert_int_equal(from.link->layer, LINK_L3);
		assert_int_equal(try_send(&from, to[i], bytes, w.len, 1, &why), 1);
		in = next_of(&at, LINK_PACKET);
		assert_int_equal(in->ttl, 5);
		assert_int_equal(in->port, 4711);
		assert_memory_equal(in->bytes, "hello", 5);
		pkt_free(builder);
		link_close(from.link);
		link_close(at.link);
	}
}

static void what_cannot_be_set_is_told(void **state)
{
	struct sock_opts opts = plain;
	struct door d;
	struct why why;

	(void)state;
	opts.source = addr_of("192.0.2.77");
	assert_int_equal(sock_open(&opts, &d.link, &d.id, &d.kind, &why), E_SYS);
	assert_non_null(strstr(why.text, "cannot send from 192.0.2.77"));
	opts = plain;
	opts.ifindex = 99;
	opts.ifname = "nowhere0";
	assert_int_equal(sock_open(&opts, &d.link, &d.id, &d.kind, &why), E_SYS);
	assert_non_null(strstr(why.text, "cannot bind to interface nowhere0"));
	opts = plain;
	opts.ttl = 300;
	assert_int_equal(sock_open(&opts, &d.link, &d.id, &d.kind, &why), E_SYS);
	assert_non_null(strstr(why.text, "cannot set the TTL to 300"));
}

/* Only a raw socket shows the options of the answer. */
static void ip_options_come_back(void **state)
{
	static const uint8_t record_route[] = {7, 7, 4, 0, 0, 0, 0, 0};
	struct sock_opts opts = plain;
	const struct link_in *in;
	struct ip4_hdr ip;
	struct rd whole, r;
	struct door d;

	(void)state;
	opts.ip_opts = record_route;
	opts.ip_opts_len = sizeof(record_route);
	d = open_door(SOCK_KIND_RAW, false, opts);
	send_echo(&d, "127.0.0.1", 1, 1);
	in = next_of(&d, LINK_PACKET);
	whole = rd_make(in->bytes, in->len);
	assert_int_equal(ip4_parse(&whole, &ip, &r), 0);
	assert_int_equal(ip.opts_len, sizeof(record_route));
	assert_int_equal(ip.opts[0], 7);
	assert_memory_equal(ip.opts + 3, "\x7f\0\0\1", 4);
	link_close(d.link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_kinds_ask_both_families),
		cmocka_unit_test_setup_teardown(the_kind_falls_back_to_raw, enter_network,
						leave_network),
		cmocka_unit_test(the_ping_socket_comes_first),
		cmocka_unit_test_setup_teardown(what_is_not_allowed_is_told, enter_network,
						leave_network),
		cmocka_unit_test(an_identifier_may_be_chosen),
		cmocka_unit_test(a_raw_socket_hears_its_own_answers_only),
		cmocka_unit_test(an_answer_that_is_too_long_is_known),
		cmocka_unit_test(packets_bear_what_was_asked),
		cmocka_unit_test(a_packet_may_have_its_own_ttl),
		cmocka_unit_test(whole_packets_go_out_as_they_stand),
		cmocka_unit_test(what_cannot_be_set_is_told),
		cmocka_unit_test(ip_options_come_back),
	};

	return cmocka_run_group_tests(tests, make_network, NULL);
}
