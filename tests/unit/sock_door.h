/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sock_door - a network to try sockets in, and a socket with what it has received.
 *
 * Include it behind <cmocka.h>.
 */
#ifndef PKT_TESTS_SOCK_DOOR_H
#define PKT_TESTS_SOCK_DOOR_H

#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "io/sock.h"
#include "wire/csum.h"
#include "wire/icmp.h"

#define WAIT_MS 2000
#define ECHO_LEN 64

/* Lets everybody open ping sockets, or the one group that a user namespace maps. */
static inline int allow_ping(const char *range)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ping_group_range", "w");
	int err = f ? fputs(range, f) : -1;

	return f && fclose(f) == 0 && err >= 0 ? 0 : -1;
}

/* A network of its own: a loopback, and a cable whose far end nobody answers at. */
static inline int make_network(void **state)
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

static inline struct addr addr_of(const char *text)
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

static inline struct door open_door(enum sock_kind kind, bool is_v6, struct sock_opts opts)
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
static inline void make_echo(const struct door *d, bool is_v6, uint16_t seq, uint8_t *out,
			     size_t len)
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

static inline int try_send(struct door *d, const char *to, const uint8_t *bytes, size_t len,
			   uint64_t tag, struct why *why)
{
	struct link_out out = {.bytes = bytes, .len = len, .to = addr_of(to), .tag = tag};

	if (d->kind == SOCK_KIND_UDP)
		out.port = 7;
	return link_send(d->link, &out, 1, why);
}

static inline void send_echo(struct door *d, const char *to, uint16_t seq, uint64_t tag)
{
	uint8_t bytes[ECHO_LEN];
	struct addr a = addr_of(to);
	struct why why;

	make_echo(d, addr_is_v6(&a), seq, bytes, sizeof(bytes));
	if (try_send(d, to, bytes, sizeof(bytes), tag, &why) != 1)
		fail_msg("%s", why.text);
}

#endif
