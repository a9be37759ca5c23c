/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/route.h"

/* A network of its own, so that the test may set what it asks for. */
static int make_network(void **state)
{
	static const char *const commands[] = {
		"ip link set lo up",
		"ip link add veth0 address 02:00:00:00:00:01 mtu 1400 type veth peer name veth1",
		"ip link set veth1 up",
		"ip link set veth0 up",
		"ip link property add dev veth0 altname an-alternative-name",
		"ip addr add 10.9.0.1/24 dev veth0",
		"ip addr add 10.9.0.9/24 dev veth0",
		"ip addr add 2001:db8:9::1/64 dev veth0 nodad",
		"ip route add default via 10.9.0.254",
		"ip route add 10.20.0.0/16 via 10.9.0.253 src 10.9.0.9 mtu 1300",
		"ip route add 10.30.0.0/16 via inet6 fe80::fe dev veth0",
		"ip route add blackhole 10.66.0.0/16",
		"ip route add unreachable 10.67.0.0/16",
		"ip route add prohibit 10.68.0.0/16",
		"ip -6 route add 2001:db8:20::/48 via fe80::fe dev veth0",
		"ip -6 route add blackhole 2001:db8:66::/48",
		"ip -6 route add unreachable 2001:db8:67::/48",
		"ip neigh add 10.9.0.254 lladdr 02:00:00:00:00:fe nud stale dev veth0",
		"ip -6 neigh add 2001:db8:9::5 lladdr 02:00:00:00:00:05 nud permanent dev veth0",
	};
	struct netlink *nl;

	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (system(commands[i]) != 0)
			return -1;
	if (netlink_open(&nl, NULL) < 0)
		return -1;
	*state = nl;
	return 0;
}

static int leave_network(void **state)
{
	netlink_close(*state);
	return 0;
}

static struct addr addr(const char *text)
{
	struct addr a = {0};

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static void assert_addr(const struct addr *a, const char *want)
{
	char text[ADDR_TEXT_MAX];

	assert_string_equal(addr_text(a, text), want);
}

static struct route way_to(void **state, const char *dst)
{
	struct route_query q = {.dst = addr(dst)};
	struct why why = {0};
	struct route r;
	struct route short_way;
	int err = route_get(*state, &q, &r, &why);

	if (err < 0)
		fail_msg("%s: %s", dst, why.text);
	assert_int_equal(route_way(*state, &q, &short_way, &why), 0);
	assert_int_equal(short_way.type, r.type);
	assert_int_equal(short_way.ifindex, r.ifindex);
	assert_true(addr_same(&short_way.src, &r.src));
	assert_true(addr_same(&short_way.gateway, &r.gateway));
	return r;
}

static void loopback_is_local(void **state)
{
	struct route r = way_to(state, "127.9.9.9");

	assert_int_equal(r.type, RTN_LOCAL);
	assert_string_equal(route_type_word(r.type), "local");
	assert_string_equal(r.ifname, "lo");
	assert_addr(&r.prefix, "127.0.0.0");
	assert_int_equal(r.prefix_len, 8);
	assert_int_equal(r.gateway.len, 0);
	assert_int_equal(r.mtu, 65536);
	r = way_to(state, "::1");
	assert_int_equal(r.type, RTN_LOCAL);
	assert_int_equal(r.prefix_len, 128);
	assert_int_equal(r.table, RT_TABLE_LOCAL);
	assert_addr(&r.src, "::1");
}

static void neighbours_are_on_link(void **state)
{
	struct route r = way_to(state, "10.9.0.77");

	assert_int_equal(r.type, RTN_UNICAST);
	assert_string_equal(r.ifname, "veth0");
	assert_int_equal(r.gateway.len, 0);
	assert_addr(&r.src, "10.9.0.1");
	assert_addr(&r.prefix, "10.9.0.0");
	assert_int_equal(r.prefix_len, 24);
	assert_int_equal(r.table, RT_TABLE_MAIN);
	assert_int_equal(r.mtu, 1400);
	r = way_to(state, "2001:db8:9::77");
	assert_int_equal(r.gateway.len, 0);
	assert_addr(&r.src, "2001:db8:9::1");
	assert_addr(&r.prefix, "2001:db8:9::");
	assert_int_equal(r.prefix_len, 64);
	assert_int_equal(way_to(state, "10.9.0.255").type, RTN_BROADCAST);
	assert_int_equal(way_to(state, "fe80::5%veth0").ifindex, r.ifindex);
}

static void the_rest_goes_through_a_gateway(void **state)
{
	struct route r = way_to(state, "192.0.2.1");

	assert_addr(&r.gateway, "10.9.0.254");
	assert_addr(&r.prefix, "0.0.0.0");
	assert_int_equal(r.prefix_len, 0);
	r = way_to(state, "10.20.30.40");
	assert_addr(&r.gateway, "10.9.0.253");
	assert_addr(&r.src, "10.9.0.9");
	assert_addr(&r.prefix, "10.20.0.0");
	assert_int_equal(r.prefix_len, 16);
	assert_int_equal(r.mtu, 1300);
	r = way_to(state, "10.30.0.1");
	assert_addr(&r.gateway, "fe80::fe%veth0");
	r = way_to(state, "2001:db8:20::1");
	assert_addr(&r.gateway, "fe80::fe%veth0");
	assert_int_equal(r.prefix_len, 48);
}

static void no_way_is_explained(void **state)
{
	static const struct {
		const char *dst, *src, *words;
		uint8_t type;
		int sys;
	} cases[] = {
		{"10.66.0.1", NULL, "blackhole", RTN_BLACKHOLE, EINVAL},
		{"10.67.0.1", NULL, "unreachable", RTN_UNREACHABLE, EHOSTUNREACH},
		{"10.68.0.1", NULL, "prohibit", RTN_PROHIBIT, EACCES},
		{"2001:db8:66::1", NULL, "blackhole", RTN_BLACKHOLE, EINVAL},
		{"2001:db8:67::1", NULL, "unreachable", RTN_UNREACHABLE, EHOSTUNREACH},
		{"2001:db8:ffff::1", NULL, "no route to 2001:db8:ffff::1", RTN_UNSPEC, ENETUNREACH},
		{"10.9.0.77", "192.0.2.7", "192.0.2.7 is not an address", RTN_UNSPEC,
		 EADDRNOTAVAIL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct route_query q = {.dst = addr(cases[i].dst)};
		struct why why = {0};
		struct route r;

		if (cases[i].src)
			q.src = addr(cases[i].src);
		assert_int_equal(route_get(*state, &q, &r, &why), E_NOENT);
		assert_int_equal(why.sys, cases[i].sys);
		assert_int_equal(r.type, cases[i].type);
		if (!strstr(why.text, cases[i].words))
			fail_msg("'%s' does not say '%s'", why.text, cases[i].words);
	}
}

static void source_and_interface_can_be_given(void **state)
{
	struct route_query q = {.dst = addr("192.0.2.1"), .src = addr("10.9.0.9")};
	struct iface iface;
	struct route r;

	assert_int_equal(route_get(*state, &q, &r, NULL), 0);
	assert_addr(&r.src, "10.9.0.9");
	assert_int_equal(iface_get(*state, "veth1", &iface, NULL), 0);
	q = (struct route_query){.dst = addr("192.0.2.1"), .oif = iface.index};
	assert_int_equal(route_get(*state, &q, &r, NULL), 0);
	assert_string_equal(r.ifname, "veth1");
	assert_int_equal(r.gateway.len, 0);
	assert_int_equal(r.prefix_len, 32);
	assert_int_equal(r.table, 0);
}

static void marks_choose_the_table(void **state)
{
	struct route_query q = {.dst = addr("192.0.2.1"), .mark = 7};
	struct route r;

	assert_int_equal(system("ip rule add fwmark 7 table 77"), 0);
	assert_int_equal(system("ip route add default via 10.9.0.77 table 77"), 0);
	assert_int_equal(route_get(*state, &q, &r, NULL), 0);
	assert_addr(&r.gateway, "10.9.0.77");
	assert_int_equal(r.table, 77);
}

static void interfaces_are_described(void **state)
{
	char mac[MAC_TEXT_MAX], index[16];
	struct iface i, again;

	assert_int_equal(iface_get(*state, "veth0", &i, NULL), 0);
	assert_string_equal(i.name, "veth0");
	assert_string_equal(i.kind, "veth");
	assert_int_equal(i.hw_type, ARPHRD_ETHER);
	assert_int_equal(i.mtu, 1400);
	assert_true(i.is_up && i.is_lower_up && i.has_mac);
	assert_false(i.is_loopback || i.is_noarp || i.is_pointopoint);
	assert_string_equal(mac_text(&i.mac, mac), "02:00:00:00:00:01");

	assert_int_equal(iface_by_index(*state, i.index, &again, NULL), 0);
	assert_string_equal(again.name, "veth0");
	assert_int_equal(iface_get(*state, "an-alternative-name", &again, NULL), 0);
	assert_int_equal(again.index, i.index);
	snprintf(index, sizeof(index), "%u", i.index);
	assert_int_equal(iface_get(*state, index, &again, NULL), 0);
	assert_int_equal(again.index, i.index);

	assert_int_equal(iface_get(*state, "lo", &i, NULL), 0);
	assert_true(i.is_loopback);
	assert_string_equal(i.kind, "");
}

static void a_wrong_interface_is_told_the_right_ones(void **state)
{
	char long_name[200]; /* 127 octets are the longest alternative name */
	const char *const wrong[] = {"eth7",    "4711",   "", "a-name-longer-than-sixteen",
				     "\033[2J", long_name};
	struct iface i;

	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	for (size_t n = 0; n < sizeof(wrong) / sizeof(wrong[0]); n++) {
		struct why why = {0};

		assert_int_equal(iface_get(*state, wrong[n], &i, &why), E_NOENT);
		assert_int_equal(why.sys, ENODEV);
		assert_non_null(strstr(why.text, "there are lo, veth"));
		assert_null(strchr(why.text, '\033'));
	}
}

static void addresses_are_listed(void **state)
{
	struct iface_addr a[8];
	struct iface i;
	int n;

	assert_int_equal(iface_get(*state, "veth0", &i, NULL), 0);
	n = iface_addrs(*state, i.index, a, 8, NULL);
	assert_in_range(n, 3, 4); /* the link-local address comes in its own time */
	assert_addr(&a[0].addr, "10.9.0.1");
	assert_addr(&a[1].addr, "10.9.0.9");
	assert_int_equal(a[1].prefix_len, 24);
	assert_int_equal(a[1].ifindex, i.index);
	assert_int_equal(iface_addrs(*state, i.index, a, 1, NULL), n);
	assert_true(iface_addrs(*state, 0, a, 8, NULL) > n);
}

static void neighbour_cache_is_read(void **state)
{
	struct addr gateway = addr("10.9.0.254"), v6 = addr("2001:db8:9::5"),
		    other = addr("10.9.0.44");
	char mac[MAC_TEXT_MAX];
	struct why why = {0};
	struct iface i;
	struct neigh n;

	assert_int_equal(iface_get(*state, "veth0", &i, NULL), 0);
	assert_int_equal(neigh_get(*state, i.index, &gateway, &n, NULL), 0);
	assert_true(n.has_mac);
	assert_string_equal(mac_text(&n.mac, mac), "02:00:00:00:00:fe");
	assert_string_equal(neigh_state_word(n.state), "STALE");
	assert_int_equal(neigh_get(*state, i.index, &v6, &n, NULL), 0);
	assert_string_equal(mac_text(&n.mac, mac), "02:00:00:00:00:05");
	assert_string_equal(neigh_state_word(n.state), "PERMANENT");
	assert_int_equal(neigh_get(*state, i.index, &other, &n, &why), E_NOENT);
	assert_non_null(strstr(why.text, "10.9.0.44"));
	assert_string_equal(neigh_state_word(NUD_NONE), "NONE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_is_local),
		cmocka_unit_test(neighbours_are_on_link),
		cmocka_unit_test(the_rest_goes_through_a_gateway),
		cmocka_unit_test(no_way_is_explained),
		cmocka_unit_test(source_and_interface_can_be_given),
		cmocka_unit_test(interfaces_are_described),
		cmocka_unit_test(a_wrong_interface_is_told_the_right_ones),
		cmocka_unit_test(addresses_are_listed),
		cmocka_unit_test(neighbour_cache_is_read),
		cmocka_unit_test(marks_choose_the_table),
	};

	return cmocka_run_group_tests(tests, make_network, leave_network);
}
