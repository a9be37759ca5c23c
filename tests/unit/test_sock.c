/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/num.h"
#include "io/priv.h"
#include "io/sock.h"
#include "wire/csum.h"
#include "wire/icmp.h"
#include "wire/ip4.h"

#define WAIT_MS 2000
#define ECHO_LEN 64

/* Lets everybody open ping sockets, or the one group that a user namespace maps. */
static int allow_ping(const char *range)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ping_group_range", "w");
	int err = f ? fputs(range, f) : -1;

	return f && fclose(f) == 0 && err >= 0 ? 0 : -1;
}

/* A network of its own: a loopback, and a cable whose far end nobody answers at. */
static int make_network(void **state)
{
	static const char *const commands[] = {
		"ip link set lo up mtu 9000",
		"ip link add veth0 type veth peer name veth1",
		"ip link set veth1 arp off up",
		"ip addr add 198.51.100.1/24 dev veth0",
		"ip link set veth0 up",
		"for try in $(seq 1000); do ip link show type veth | grep -q 'qdisc noop ' || exit 0; done; exit 1",
	};

	(void)state;
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (system(commands[i]) != 0)
			return -1;
	return allow_ping("0 2147483647") < 0 ? allow_ping("0 0") : 0;
}

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

static struct addr addr_of(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static const struct sock_opts plain = {.ttl = -1, .mcast_ttl = -1, .tos = -1, .max_packet = 64};

/* A socket, its identifier, and what it has received that has not been looked at yet. */
struct door {
	struct link *link;
	uint16_t id;
	enum sock_kind kind;
	struct link_in in[64];
	int n, i;
};

static struct door open_door(enum sock_kind kind, bool is_v6, struct sock_opts opts)
{
	struct door d = {0};
	struct why why;

	opts.kind = kind;
	opts.is_v6 = is_v6;
	if (sock_open(&opts, &d.link, &d.id, &d.kind, &why) != 0)
		fail_msg("%s", why.text);
	return d;
}

/* The next thing received, waited for; NULL if nothing comes within @wait_ms. */
static const struct link_in *next_in(struct door *d, int wait_ms)
{
	struct pollfd p = {.fd = d->link->fd, .events = POLLIN};

	while (d->i == d->n) {
		struct why why;

		d->i = 0;
		d->n = link_recv(d->link, d->in, 64, &why);
		assert_true(d->n >= 0);
		if (d->n == 0 && poll(&p, 1, wait_ms) == 0)
			return NULL;
	}
	return &d->in[d->i++];
}

/* The next thing of @kind; what is of another kind is passed over. */
static const struct link_in *next_of(struct door *d, enum link_kind kind)
{
	const struct link_in *in;

	while ((in = next_in(d, WAIT_MS)) && in->kind != kind)
		;
	assert_non_null(in);
	return &d->in[d->i - 1];
}

/* An echo request of @len octets with the identifier of @d; the kernel sums ICMPv6. */
static void make_echo(const struct door *d, bool is_v6, uint16_t seq, uint8_t *out, size_t len)
{
	memset(out, 0x5a, len);
	out[0] = is_v6 ? ICMP_V6_ECHO_REQUEST : ICMP_V4_ECHO_REQUEST;
	out[1] = 0;
	put_u16(out + 2, 0);
	put_u16(out + 4, d->id);
	put_u16(out + 6, seq);
	if (!is_v6)
		put_u16(out + 2, csum_ip(out, len));
}

static int try_send(struct door *d, const char *to, const uint8_t *bytes, size_t len, uint64_t tag,
		    struct why *why)
{
	struct link_out out = {.bytes = bytes, .len = len, .to = addr_of(to), .tag = tag};

	if (d->kind == SOCK_KIND_UDP)
		out.port = 7;
	return link_send(d->link, &out, 1, why);
}

static void send_echo(struct door *d, const char *to, uint16_t seq, uint64_t tag)
{
	uint8_t bytes[ECHO_LEN];
	struct addr a = addr_of(to);
	struct why why;

	make_echo(d, addr_is_v6(&a), seq, bytes, sizeof(bytes));
	if (try_send(d, to, bytes, sizeof(bytes), tag, &why) != 1)
		fail_msg("%s", why.text);
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
		cmocka_unit_test(both_kinds_ask_both_families),
		cmocka_unit_test(the_ping_socket_comes_first),
		cmocka_unit_test_setup_teardown(the_kind_falls_back_to_raw, enter_network,
						leave_network),
		cmocka_unit_test_setup_teardown(what_is_not_allowed_is_told, enter_network,
						leave_network),
		cmocka_unit_test(an_identifier_may_be_chosen),
		cmocka_unit_test(a_raw_socket_hears_its_own_answers_only),
		cmocka_unit_test(an_answer_that_is_too_long_is_known),
		cmocka_unit_test(errors_are_told_with_what_they_are_about),
		cmocka_unit_test(an_error_does_not_fail_the_next_send),
		cmocka_unit_test(a_failed_send_tells_its_cure),
		cmocka_unit_test(broadcast_may_be_allowed),
		cmocka_unit_test(packets_bear_what_was_asked),
		cmocka_unit_test(what_cannot_be_set_is_told),
		cmocka_unit_test(ip_options_come_back),
		cmocka_unit_test(stamps_may_be_done_without),
		cmocka_unit_test(a_batch_is_sent_as_far_as_it_goes),
		cmocka_unit_test(dropped_packets_are_counted),
		cmocka_unit_test(a_failed_send_mixes_no_stamps_of_a_ping_socket),
		cmocka_unit_test(a_failed_send_mixes_no_stamps_of_a_raw_socket),
	};

	return cmocka_run_group_tests(tests, make_network, NULL);
}
