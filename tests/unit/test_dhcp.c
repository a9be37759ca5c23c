/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/dhcp.h"
#include "wire/dhcp_option.h"

static uint8_t space[8192];
static struct wr w;
static struct dhcp_msg m;
static struct dhcp_value v;

/* A reply up to its cookie; options are put behind it. */
static void start(void)
{
	struct dhcp_head h = {
		.op = DHCP_BOOTREPLY,
		.htype = 1,
		.hlen = 6,
		.xid = 0x01020304,
		.secs = 7,
		.flags = DHCP_FLAG_BROADCAST,
		.chaddr = {2, 0, 0, 0, 0, 1},
	};

	assert_int_equal(addr_parse("192.0.2.7", &h.yiaddr), 0);
	w = wr_make(space, sizeof(space));
	dhcp_put_head(&w, &h);
}

static int parse(void)
{
	assert_int_equal(wr_done(&w), 0);
	return dhcp_parse(space, w.len, &m);
}

static void raw(const void *bytes, size_t len)
{
	wr_bytes(&w, bytes, len);
}

#define RAW(...) raw((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void assert_text(uint8_t code, enum dhcp_style style, const char *want, int want_err,
			const uint8_t *data, size_t len)
{
	char buf[512];
	struct text t = text_make(buf, sizeof(buf));

	assert_int_equal(dhcp_option_text(code, data, len, style, &t), want_err);
	assert_string_equal(buf, want);
}

#define TEXT(code, want, ...) \
	assert_text(code, DHCP_FOR_PEOPLE, want, 0, (const uint8_t[]){__VA_ARGS__}, \
		    sizeof((const uint8_t[]){__VA_ARGS__}))
#define BAD_TEXT(code, want, ...) \
	assert_text(code, DHCP_FOR_PEOPLE, want, E_BAD, (const uint8_t[]){__VA_ARGS__}, \
		    sizeof((const uint8_t[]){__VA_ARGS__}))
#define SCRIPT(code, want, ...) \
	assert_text(code, DHCP_FOR_SCRIPTS, want, 0, (const uint8_t[]){__VA_ARGS__}, \
		    sizeof((const uint8_t[]){__VA_ARGS__}))

static void what_is_written_is_read(void **state)
{
	char text[ADDR_TEXT_MAX];

	(void)state;
	start();
	dhcp_put_u8(&w, DHCP_OPT_TYPE, DHCP_OFFER);
	dhcp_put_u32(&w, DHCP_OPT_LEASE, 600);
	dhcp_put_end(&w);
	assert_int_equal(w.len, DHCP_MIN_LEN);
	assert_int_equal(parse(), 0);
	assert_int_equal(m.head.xid, 0x01020304);
	assert_int_equal(m.head.secs, 7);
	assert_int_equal(m.head.flags, DHCP_FLAG_BROADCAST);
	assert_int_equal(m.head.chaddr[5], 1);
	assert_string_equal(addr_text(&m.head.yiaddr, text), "192.0.2.7");
	assert_int_equal(m.type, DHCP_OFFER);
	assert_int_equal(dhcp_find(&m, DHCP_OPT_LEASE, &v), 0);
	assert_int_equal(v.len, 4);
	assert_int_equal(v.n_pieces, 1);
	assert_int_equal(dhcp_find(&m, DHCP_OPT_T1, &v), E_NOENT);
}

/* The cookie that some articles print is not that of RFC 2131. */
static void another_cookie_is_not_dhcp(void **state)
{
	(void)state;
	start();
	dhcp_put_u8(&w, DHCP_OPT_TYPE, DHCP_OFFER);
	space[236] = 0x62;
	assert_int_equal(parse(), E_UNSUP);
	assert_int_equal(m.type, DHCP_NO_TYPE);
	assert_int_equal(dhcp_find(&m, DHCP_OPT_TYPE, &v), E_NOENT);
}

static void every_cut_is_told(void **state)
{
	size_t len;

	(void)state;
	start();
	dhcp_put_u32(&w, DHCP_OPT_LEASE, 600);
	len = w.len;
	for (size_t n = 0; n < len; n++) {
		uint8_t *exact = malloc(n + 1);
		int err;

		assert_non_null(exact);
		memcpy(exact, space, n);
		err = dhcp_parse(exact, n, &m);
		assert_int_equal(err, n < 240 ? E_TRUNC : n == 240 ? 0 : E_BAD);
		free(exact);
	}
}

static void long_options_come_in_pieces(void **state)
{
	uint8_t value[600];

	(void)state;
	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)(i * 7);
	start();
	dhcp_put(&w, DHCP_OPT_CAPTIVE, value, 300);
	dhcp_put_u8(&w, DHCP_OPT_TYPE, DHCP_ACK);
	dhcp_put(&w, DHCP_OPT_CAPTIVE, value + 300, 300);
	assert_int_equal(parse(), 0);
	assert_int_equal(dhcp_find(&m, DHCP_OPT_CAPTIVE, &v), 0);
	assert_int_equal(v.n_pieces, 4);
	assert_int_equal(v.len, sizeof(value));
	assert_memory_equal(v.data, value, sizeof(value));
}

/* More than is kept is refused, not cut. */
static void endless_options_are_refused(void **state)
{
	static const uint8_t value[DHCP_VALUE_MAX + 1];

	(void)state;
	start();
	dhcp_put(&w, DHCP_OPT_CAPTIVE, value, sizeof(value));
	assert_int_equal(parse(), 0);
	assert_int_equal(dhcp_find(&m, DHCP_OPT_CAPTIVE, &v), E_RANGE);
}

static void overload_opens_file_and_sname(void **state)
{
	static const uint8_t file[] = {15, 3, 'l', 'a', 'b', 52, 1, 0, 119, 1, 'x', 255};
	static const uint8_t sname[] = {12, 2, 'm', 'e', 119, 1, 'y', 255};

	(void)state;
	start();
	RAW(53, 1, 5, 119, 1, 'w', 52, 1, 3, 255);
	memcpy(space + 108, file, sizeof(file));
	memcpy(space + 44, sname, sizeof(sname));
	assert_int_equal(parse(), 0);
	assert_int_equal(m.overload, 3); /* the 52 inside `file` has no effect */
	assert_int_equal(dhcp_find(&m, DHCP_OPT_DOMAIN, &v), 0);
	assert_int_equal(v.where, DHCP_IN_FILE);
	assert_int_equal(dhcp_find(&m, DHCP_OPT_HOSTNAME, &v), 0);
	assert_int_equal(v.where, DHCP_IN_SNAME);
	assert_int_equal(dhcp_find(&m, DHCP_OPT_DOMAIN_SEARCH, &v), 0);
	assert_memory_equal(v.data, "wxy", 3); /* RFC 3396 5: options, file, sname */
	space[44 + 1] = 200;
	assert_int_equal(parse(), E_BAD);
}

static void the_type_may_stand_in_file(void **state)
{
	static const uint8_t file[] = {53, 1, 2, 255};

	(void)state;
	start();
	RAW(52, 1, 1, 255);
	memcpy(space + 108, file, sizeof(file));
	assert_int_equal(parse(), 0);
	assert_int_equal(m.type, DHCP_OFFER);
}

static void fixed_options_are_never_joined(void **state)
{
	struct addr a;
	char text[ADDR_TEXT_MAX];
	bool is_repeated;
	uint32_t n;
	int err;

	(void)state;
	start();
	RAW(54, 4, 192, 0, 2, 1, 54, 4, 192, 0, 2, 2, 51, 3, 0, 0, 1, 59, 4, 0, 0, 0, 9, 59, 2, 0,
	    0);
	assert_int_equal(parse(), 0);
	assert_int_equal(dhcp_find_addr(&m, DHCP_OPT_SERVER_ID, &a), 0);
	assert_string_equal(addr_text(&a, text), "192.0.2.1");
	assert_non_null(dhcp_find_fixed(&m, DHCP_OPT_SERVER_ID, 4, &is_repeated, &err));
	assert_true(is_repeated);
	assert_int_equal(dhcp_find_u32(&m, DHCP_OPT_LEASE, &n), E_BAD);
	assert_int_equal(dhcp_find_u32(&m, DHCP_OPT_T2, &n), E_BAD);
	assert_int_equal(dhcp_find_u32(&m, DHCP_OPT_T1, &n), E_NOENT);
	assert_int_equal(n, 0);
}

static void a_lone_code_is_malformed(void **state)
{
	(void)state;
	start();
	RAW(53, 1, 5, 12);
	assert_int_equal(parse(), E_BAD);
	start();
	RAW(53, 1, 5, 12, 9, 'x');
	assert_int_equal(parse(), E_BAD);
	start();
	RAW(53, 1, 5, 0, 0); /* END is optional */
	assert_int_equal(parse(), 0);
}

static void values_become_text(void **state)
{
	(void)state;
	TEXT(1, "255.255.255.0", 255, 255, 255, 0);
	TEXT(2, "-3600", 0xff, 0xff, 0xf1, 0xf0);
	TEXT(6, "192.0.2.1, 192.0.2.2", 192, 0, 2, 1, 192, 0, 2, 2);
	SCRIPT(6, "192.0.2.1 192.0.2.2", 192, 0, 2, 1, 192, 0, 2, 2);
	BAD_TEXT(6, "192.0.2.1, ", 192, 0, 2, 1, 192);
	TEXT(12, "host", 'h', 'o', 's', 't', 0);
	TEXT(12,
	     "a\xef\xbf\xbd"
	     "b",
	     'a', 0x1b, 'b');
	TEXT(12,
	     "\xef\xbf\xbd"
	     "a",
	     0, 'a', 0, 0);
	TEXT(19, "1", 1);
	BAD_TEXT(26, "05", 5);
	TEXT(26, "1400", 0x05, 0x78);
	TEXT(33, "10.0.0.0 192.0.2.1", 10, 0, 0, 0, 192, 0, 2, 1);
	TEXT(51, "1h 30m", 0, 0, 0x15, 0x18);
	TEXT(51, "for ever", 255, 255, 255, 255);
	TEXT(51, "0s", 0, 0, 0, 0);
	SCRIPT(51, "5400", 0, 0, 0x15, 0x18);
	TEXT(53, "NAK", 6);
	TEXT(53, "77", 77);
	TEXT(55, "1 subnet-mask, 254", 1, 254);
	SCRIPT(55, "1 254", 1, 254);
	TEXT(61, "Ethernet 02:00:00:00:00:01", 1, 2, 0, 0, 0, 0, 1);
	TEXT(61, "DUID 00:00:00:01:00:03", 255, 0, 0, 0, 1, 0, 3);
	TEXT(77, "ab, c", 2, 'a', 'b', 1, 'c');
	BAD_TEXT(77, "ab, ", 2, 'a', 'b', 9, 'c');
	TEXT(81, "h.x (flags 0x4)", 4, 0, 0, 1, 'h', 1, 'x', 0);
	TEXT(81, "h.x (flags 0x0)", 0, 0, 0, 'h', '.', 'x');
	TEXT(82, "circuit 1 61:62, remote 2 63", 1, 2, 'a', 'b', 2, 1, 'c');
	TEXT(93, "0, 7", 0, 0, 0, 7);
	TEXT(120, "192.0.2.5", 1, 192, 0, 2, 5);
	TEXT(120, "sip.x", 0, 3, 's', 'i', 'p', 1, 'x', 0);
	TEXT(143, "https://x", 0, 9, 'h', 't', 't', 'p', 's', ':', '/', '/', 'x');
	TEXT(212, "IPv4 mask 8, 2001:db8::/32, relay 192.0.2.9", 8, 32, 0x20, 1, 0xd, 0xb8, 0, 0, 0,
	     0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 9);
	TEXT(43, "01:02", 1, 2);
	TEXT(254, "aa", 0xaa);
}

static void designated_resolvers(void **state)
{
	(void)state;
	TEXT(162, "1 d.x 192.0.2.1 svcb 0001, 2 e", 0, 15, 0, 1, 5, 1, 'd', 1, 'x', 0, 4, 192, 0, 2,
	     1, 0, 1, 0, 6, 0, 2, 3, 1, 'e', 0);
	BAD_TEXT(162, "00:09:00:01", 0, 9, 0, 1);
}

static void routes_are_classless(void **state)
{
	(void)state;
	TEXT(121, "10.0.1.0/24 via 192.0.2.1, 0.0.0.0/0 via 192.0.2.2, 10.128.0.0/9 on-link", 24,
	     10, 0, 1, 192, 0, 2, 1, 0, 192, 0, 2, 2, 9, 10, 0xff, 0, 0, 0, 0);
	SCRIPT(249, "10.0.1.0/24 192.0.2.1", 24, 10, 0, 1, 192, 0, 2, 1);
	BAD_TEXT(121, "21:0a:00:00:00:00:c0:00:02:01", 33, 10, 0, 0, 0, 0, 192, 0, 2, 1);
	BAD_TEXT(121, "10.0.1.0/24 via 192.0.2.1", 24, 10, 0, 1, 192, 0, 2, 1, 24, 10, 0);
}

static void search_lists_are_compressed(void **state)
{
	(void)state;
	TEXT(119, "eng.x, lab.x", 3, 'e', 'n', 'g', 1, 'x', 0, 3, 'l', 'a', 'b', 0xc0, 4);
	TEXT(119, "a\\046\\032b", 4, 'a', '.', ' ', 'b', 0);
	/* A pointer to itself, forwards, in a loop: that name is left out, the others stay. */
	BAD_TEXT(119, "x", 0xc0, 0, 1, 'x', 0);
	BAD_TEXT(119, "x", 1, 'x', 0, 0xc0, 9);
	BAD_TEXT(119, "x", 1, 'x', 0, 1, 'y', 0xc0, 5, 0xc0, 3);
	BAD_TEXT(119, "01:78", 1, 'x');
	BAD_TEXT(119, "x", 1, 'x', 0, 0x40, 'y');
}

/* "x", then pointers, each to the one before: 127 of them are followed, no more. */
static void chains_of_pointers_are_short(void **state)
{
	uint8_t names[3 + 2 * 200] = {1, 'x', 0};
	char buf[64];
	size_t pos;

	(void)state;
	for (unsigned i = 0; i < 200; i++)
		put_u16(names + 3 + 2 * (size_t)i, (uint16_t)(0xc000 | (i ? 1 + 2 * i : 0)));
	for (unsigned i = 0; i < 200; i++) {
		struct text t = text_make(buf, sizeof(buf));

		pos = 3 + 2 * (size_t)i;
		assert_int_equal(dhcp_domain_next(names, sizeof(names), &pos, &t),
				 i < 127 ? 1 : E_BAD);
		assert_int_equal(pos, 5 + 2 * i);
	}
}

/* 255 octets is the longest name (RFC 1035 2.3.4). */
static void long_names_are_bad(void **state)
{
	uint8_t name[400] = {0};
	char buf[1200];
	struct text t = text_make(buf, sizeof(buf));
	size_t pos = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		name[i * 64] = 63;
	assert_int_equal(dhcp_domain_next(name, 257, &pos, &t), E_BAD);
	name[192] = 61;
	name[192 + 62] = 0;
	pos = 0;
	assert_int_equal(dhcp_domain_next(name, 255, &pos, &t), 1);
	assert_int_equal(pos, 255);
}

static void masks_are_ones_before_zeros(void **state)
{
	static const struct {
		const char *mask;
		int prefix_len; /* -1: none */
	} cases[] = {
		{"255.255.255.0", 24}, {"255.255.255.255", 32}, {"128.0.0.0", 1},
		{"0.0.0.0", -1},       {"255.0.255.0", -1},     {"0.0.0.255", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr a;
		uint8_t len;

		assert_int_equal(addr_parse(cases[i].mask, &a), 0);
		assert_int_equal(dhcp_is_mask(&a, &len), cases[i].prefix_len >= 0);
		if (cases[i].prefix_len >= 0)
			assert_int_equal(len, cases[i].prefix_len);
	}
}

/* The table is searched by halving, and every option of RFC 2132 has a name of its own. */
static void every_option_has_its_name(void **state)
{
	(void)state;
	for (int code = 1; code <= 61; code++) {
		const struct dhcp_option *o = dhcp_option_get((uint8_t)code);

		assert_non_null(o);
		assert_int_equal(o->code, code);
	}
	for (int code = 1; code <= 254; code++) {
		const struct dhcp_option *o = dhcp_option_get((uint8_t)code);

		if (o)
			assert_int_equal(dhcp_option_by_name(o->name), code);
	}
	assert_null(dhcp_option_get(254));
	assert_int_equal(dhcp_option_by_name("254"), 254);
	assert_int_equal(dhcp_option_by_name("255"), E_NOENT);
	assert_int_equal(dhcp_option_by_name("router"), E_NOENT);
	assert_string_equal(dhcp_type_word(DHCP_ACK), "ACK");
	assert_null(dhcp_type_word((enum dhcp_type)77));
	assert_string_equal(dhcp_where_word(DHCP_IN_SNAME), "sname");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(another_cookie_is_not_dhcp),
		cmocka_unit_test(every_cut_is_told),
		cmocka_unit_test(long_options_come_in_pieces),
		cmocka_unit_test(endless_options_are_refused),
		cmocka_unit_test(overload_opens_file_and_sname),
		cmocka_unit_test(the_type_may_stand_in_file),
		cmocka_unit_test(fixed_options_are_never_joined),
		cmocka_unit_test(a_lone_code_is_malformed),
		cmocka_unit_test(values_become_text),
		cmocka_unit_test(designated_resolvers),
		cmocka_unit_test(routes_are_classless),
		cmocka_unit_test(search_lists_are_compressed),
		cmocka_unit_test(long_names_are_bad),
		cmocka_unit_test(chains_of_pointers_are_short),
		cmocka_unit_test(masks_are_ones_before_zeros),
		cmocka_unit_test(every_option_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
