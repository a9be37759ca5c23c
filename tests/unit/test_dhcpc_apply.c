/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dhcpc/dhcpc_apply.h"

static struct dhcpc_lease lease;
static struct dhcpc_order order;
static struct dhcpc_opts opts;
static struct wr w;

/* A lease of 192.0.2.100/24 without options; they are put behind. */
static int start(void **state)
{
	struct dhcp_head h = {.op = DHCP_BOOTREPLY, .htype = 1, .hlen = 6};

	(void)state;
	opts = (struct dhcpc_opts){.applies = true};
	lease = (struct dhcpc_lease){.prefix_len = 24, .lease_s = 600};
	assert_int_equal(addr_parse("192.0.2.100", &lease.addr), 0);
	h.yiaddr = lease.addr;
	w = wr_make(lease.bytes, sizeof(lease.bytes));
	dhcp_put_head(&w, &h);
	dhcp_put_u8(&w, DHCP_OPT_TYPE, DHCP_ACK);
	return 0;
}

#define OPTION(code, ...) \
	dhcp_put(&w, code, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void make(enum dhcpc_deed deed)
{
	lease.len = w.len;
	dhcpc_order_make(&opts, "eth0", deed, &lease, &order);
}

static void assert_route(unsigned i, const char *prefix, unsigned prefix_len, const char *gateway)
{
	char text[ADDR_TEXT_MAX];

	assert_true(i < order.n_routes);
	assert_string_equal(addr_text(&order.routes[i].prefix, text), prefix);
	assert_int_equal(order.routes[i].prefix_len, prefix_len);
	assert_string_equal(addr_text(&order.routes[i].gateway, text), gateway);
}

static void router_and_static_routes(void **state)
{
	(void)state;
	OPTION(DHCP_OPT_ROUTER, 192, 0, 2, 1, 192, 0, 2, 2);
	/* A network of its class, a host, and a default route, which this option must not have. */
	OPTION(DHCP_OPT_STATIC_ROUTES, 10, 0, 0, 0, 192, 0, 2, 3, 172, 16, 5, 6, 192, 0, 2, 4, 0, 0,
	       0, 0, 192, 0, 2, 5);
	make(DEED_BOUND);
	assert_int_equal(order.n_routes, 3);
	assert_route(0, "0.0.0.0", 0, "192.0.2.1");
	assert_route(1, "10.0.0.0", 8, "192.0.2.3");
	assert_route(2, "172.16.5.6", 32, "192.0.2.4");
}

static void classless_routes_come_first(void **state)
{
	(void)state;
	OPTION(DHCP_OPT_ROUTER, 192, 0, 2, 1);
	OPTION(DHCP_OPT_MS_ROUTES, 8, 10, 192, 0, 2, 9);
	make(DEED_BOUND);
	assert_int_equal(order.n_routes, 1);
	assert_route(0, "10.0.0.0", 8, "192.0.2.9");
	OPTION(DHCP_OPT_CLASSLESS_ROUTES, 16, 10, 1, 0, 0, 0, 0);
	make(DEED_RENEW);
	assert_int_equal(order.n_routes, 1);
	assert_route(0, "10.1.0.0", 16, "0.0.0.0");
	opts.no_routes = true;
	make(DEED_BOUND);
	assert_int_equal(order.n_routes, 0);
}

static void broken_routes_are_left_aside(void **state)
{
	(void)state;
	OPTION(DHCP_OPT_ROUTER, 192, 0, 2, 1);
	OPTION(DHCP_OPT_CLASSLESS_ROUTES, 8, 10, 192, 0, 2, 9, 33, 1, 2, 3);
	make(DEED_BOUND);
	assert_int_equal(order.n_routes, 1);
	assert_route(0, "0.0.0.0", 0, "192.0.2.1");
}

static void more_routes_than_there_is_room_for(void **state)
{
	uint8_t routes[200 * 8];

	(void)state;
	for (size_t i = 0; i < sizeof(routes); i += 8)
		memcpy(routes + i, (const uint8_t[]){24, 10, 0, (uint8_t)(i / 8), 192, 0, 2, 1}, 8);
	dhcp_put(&w, DHCP_OPT_CLASSLESS_ROUTES, routes, sizeof(routes));
	make(DEED_BOUND);
	assert_int_equal(order.n_routes, DHCPC_ROUTES_MAX);
	assert_route(127, "10.0.127.0", 24, "192.0.2.1");
}

static void name_servers(void **state)
{
	(void)state;
	OPTION(DHCP_OPT_DNS, 192, 0, 2, 1, 192, 0, 2, 2, 7);
	OPTION(DHCP_OPT_DOMAIN, 'l', 'a', 'b');
	make(DEED_BOUND);
	assert_string_equal(order.resolv,
			    "search lab\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n");
	/* The list takes the place of the domain; what is no plain name is left out. */
	OPTION(DHCP_OPT_DOMAIN_SEARCH, 1, 'a', 1, 'x', 0, 2, 'b', '\n', 0, 1, 'c', 0xc0, 2);
	make(DEED_BOUND);
	assert_string_equal(order.resolv,
			    "search a.x c.x\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n");
	opts.resolv = "none";
	make(DEED_BOUND);
	assert_string_equal(order.resolv, "");
}

static void hostile_domains(void **state)
{
	(void)state;
	OPTION(DHCP_OPT_DNS, 192, 0, 2, 1);
	OPTION(DHCP_OPT_DOMAIN, 'a', '\n', 'n', 'a', 'm', 'e', 's', 'e', 'r', 'v', 'e', 'r');
	make(DEED_BOUND);
	assert_string_equal(order.resolv, "nameserver 192.0.2.1\n");
}

static bool has_var(const char *want)
{
	for (size_t at = 0; at < order.env_len; at += strlen(order.env + at) + 1)
		if (strcmp(order.env + at, want) == 0)
			return true;
	return false;
}

static bool is_named(const char *start)
{
	for (size_t at = 0; at < order.env_len; at += strlen(order.env + at) + 1)
		if (strncmp(order.env + at, start, strlen(start)) == 0)
			return true;
	return false;
}

static void hooks_get_the_lease(void **state)
{
	(void)state;
	opts.script = "/hook";
	OPTION(DHCP_OPT_DNS, 192, 0, 2, 1, 192, 0, 2, 2);
	OPTION(DHCP_OPT_DOMAIN, 'a', 0x1b, 'b');
	OPTION(224, 1, 2);
	make(DEED_BOUND);
	assert_true(has_var("ip=192.0.2.100") && has_var("mask=24") && has_var("interface=eth0"));
	assert_true(has_var("dns=192.0.2.1 192.0.2.2") && has_var("opt224=01:02"));
	assert_false(is_named("domain="));
	opts.hook_style = DHCPC_VARS_DHCLIENT;
	make(DEED_RENEW);
	assert_true(has_var("reason=RENEW") && has_var("new_ip_address=192.0.2.100"));
	make(DEED_DECONFIG);
	assert_true(has_var("reason=EXPIRE") && !has_var("new_ip_address=192.0.2.100"));
	opts.script = NULL;
	make(DEED_BOUND);
	assert_int_equal(order.env_len, 0);
}

/* A variable that does not fit is left out whole. */
static void too_many_variables(void **state)
{
	static char text[4000];

	(void)state;
	memset(text, 'x', sizeof(text));
	opts.script = "/hook";
	for (uint8_t code = 209; code < 211; code++)
		dhcp_put(&w, code, text, sizeof(text));
	dhcp_put(&w, DHCP_OPT_DOMAIN, "short", 5);
	make(DEED_BOUND);
	assert_true(has_var("domain=short") && is_named("pxelinux_configfile="));
	assert_true(order.env_len < sizeof(order.env));
	assert_int_equal(order.env[order.env_len - 1], 0);
}

#define FROM_START(f) cmocka_unit_test_setup(f, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FROM_START(router_and_static_routes),
		FROM_START(classless_routes_come_first),
		FROM_START(broken_routes_are_left_aside),
		FROM_START(more_routes_than_there_is_room_for),
		FROM_START(name_servers),
		FROM_START(hostile_domains),
		FROM_START(hooks_get_the_lease),
		FROM_START(too_many_variables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
