/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/netconf.h"
#include "io/route.h"

/* The tests run in a network namespace of their own, where only lo is. */
static struct netconf *nc;
static struct netlink *nl;
static struct why why;

static struct addr addr_of(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static int open_both(void **state)
{
	(void)state;
	return netconf_open(&nc, &why) || netlink_open(&nl, &why);
}

static int close_both(void **state)
{
	(void)state;
	netconf_close(nc);
	netlink_close(nl);
	return 0;
}

static bool has_addr(const struct addr *a, uint8_t prefix_len)
{
	struct iface_addr all[16];
	int n = iface_addrs(nl, 1, all, 16, &why);

	for (int i = 0; i < n; i++)
		if (addr_same(&all[i].addr, a) && all[i].prefix_len == prefix_len)
			return true;
	return false;
}

static void an_address_comes_and_goes(void **state)
{
	struct netconf_addr a = {
		.ifindex = 1,
		.addr = addr_of("192.0.2.7"),
		.prefix_len = 24,
		.broadcast = addr_of("0.0.0.0"),
		.valid_s = 600,
	};

	(void)state;
	assert_int_equal(netconf_set_addr(nc, &a, &why), 0);
	assert_true(has_addr(&a.addr, 24));
	a.valid_s = 1200;
	assert_int_equal(netconf_set_addr(nc, &a, &why), 0);
	assert_true(has_addr(&a.addr, 24));
	assert_int_equal(netconf_drop_addr(nc, &a, &why), 0);
	assert_false(has_addr(&a.addr, 24));
	assert_int_equal(netconf_drop_addr(nc, &a, &why), 0);
	a.ifindex = 999;
	assert_int_equal(netconf_set_addr(nc, &a, &why), E_SYS);
	assert_non_null(strstr(why.text, "cannot set the address 192.0.2.7/24"));
	assert_int_equal(why.sys, ENODEV);
}

static bool goes_through(const char *dst, const char *gateway)
{
	struct route_query q = {.dst = addr_of(dst)};
	struct addr want = addr_of(gateway);
	struct route r;

	return route_get(nl, &q, &r, &why) == 0 && addr_same(&r.gateway, &want);
}

static void a_route_vanishes_with_its_source(void **state)
{
	struct netconf_addr a = {
		.ifindex = 1,
		.addr = addr_of("192.0.2.7"),
		.prefix_len = 32,
		.broadcast = addr_of("0.0.0.0"),
		.valid_s = 600,
	};
	struct netconf_route r = {
		.ifindex = 1,
		.prefix = addr_of("198.51.100.0"),
		.prefix_len = 24,
		.gateway = addr_of("203.0.113.1"), /* in no network of ours: on the link */
		.src = a.addr,
		.metric = 50,
	};

	(void)state;
	assert_int_equal(netconf_set_addr(nc, &a, &why), 0);
	assert_int_equal(netconf_set_route(nc, &r, &why), 0);
	assert_int_equal(netconf_set_route(nc, &r, &why), 0);
	assert_true(goes_through("198.51.100.9", "203.0.113.1"));
	assert_int_equal(netconf_drop_route(nc, &r, &why), 0);
	assert_false(goes_through("198.51.100.9", "203.0.113.1"));
	assert_int_equal(netconf_drop_route(nc, &r, &why), 0);
	assert_int_equal(netconf_set_route(nc, &r, &why), 0);
	assert_int_equal(netconf_drop_addr(nc, &a, &why), 0);
	assert_false(goes_through("198.51.100.9", "203.0.113.1"));
}

static void nothing_to_close(void **state)
{
	(void)state;
	netconf_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_address_comes_and_goes, open_both, close_both),
		cmocka_unit_test_setup_teardown(a_route_vanishes_with_its_source, open_both,
						close_both),
		cmocka_unit_test(nothing_to_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
