/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"

static struct addr parsed(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static void text_round_trip(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"0.0.0.0", "0.0.0.0"},
		{"255.255.255.255", "255.255.255.255"},
		{"192.0.2.1", "192.0.2.1"},
		{"::", "::"},
		{"::1", "::1"},
		{"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
		{"2001:db8::1:0:0:1", "2001:db8::1:0:0:1"},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
		{"fe80::1%lo", "fe80::1%lo"},
		{"fe80::1%1", "fe80::1%lo"},
		{"fe80::1%2147483647", "fe80::1%2147483647"},
	};
	char text[ADDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr a = parsed(cases[i].in);

		assert_string_equal(addr_text(&a, text), cases[i].out);
		assert_int_equal(addr_is_v6(&a), strchr(cases[i].in, ':') != NULL);
	}
	assert_string_equal(addr_text(&(struct addr){0}, text), "");
}

/* After learning, names and indexes agree as before; what was not learnt is still asked for. */
static void learnt_zones(void **state)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;

	(void)state;
	addr_learn_zones();
	a = parsed("fe80::1%lo");
	assert_int_equal(a.zone, if_nametoindex("lo"));
	assert_string_equal(addr_text(&a, text), "fe80::1%lo");
	a.zone = 2147483647;
	assert_string_equal(addr_text(&a, text), "fe80::1%2147483647");
	assert_int_equal(addr_parse("fe80::1%nosuchif", &a), E_NOENT);
}

static void what_is_no_address(void **state)
{
	static const char *const bad[] = {
		"",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.256",
		"1.2.3.x",
		"10.1",
		"1..2.3",
		"010.0.0.1",
		"0x7f.0.0.1",
		" 1.2.3.4",
		"1.2.3.4 ",
		"1.2.3.4%lo",
		"2130706433",
		":",
		":::",
		"1::2::3",
		"12345::",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"localhost",
		"2001:db8::1/64",
		"[::1]",
		"1111111111111111111111111111111111111111111111111111111111111111"};
	static const char *const bad_zones[] = {"fe80::1%",
						"fe80::1%nosuchif",
						"fe80::1%0",
						"fe80::1%-1",
						"fe80::1%1x",
						"fe80::1%2147483648",
						"fe80::1%99999999999999999999"};
	struct addr a = {.len = 77};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(addr_parse(bad[i], &a), E_BAD);
	for (size_t i = 0; i < sizeof(bad_zones) / sizeof(bad_zones[0]); i++)
		assert_int_equal(addr_parse(bad_zones[i], &a), E_NOENT);
	assert_int_equal(a.len, 77);
}

static void kinds(void **state)
{
	static const struct {
		const char *text;
		bool any, multicast, link_local, loopback;
	} cases[] = {
		{"0.0.0.0", true, false, false, false},
		{"127.255.0.1", false, false, false, true},
		{"169.254.9.9", false, false, true, false},
		{"169.253.9.9", false, false, false, false},
		{"224.0.0.1", false, true, false, false},
		{"239.255.255.255", false, true, false, false},
		{"240.0.0.1", false, false, false, false},
		{"::", true, false, false, false},
		{"::1", false, false, false, true},
		{"febf::1", false, false, true, false},
		{"fec0::1", false, false, false, false},
		{"ff02::1", false, true, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr a = parsed(cases[i].text);

		assert_int_equal(addr_is_any(&a), cases[i].any);
		assert_int_equal(addr_is_multicast(&a), cases[i].multicast);
		assert_int_equal(addr_is_link_local(&a), cases[i].link_local);
		assert_int_equal(addr_is_loopback(&a), cases[i].loopback);
	}
}

static void comparing(void **state)
{
	struct addr v4 = parsed("255.255.255.255"), v6 = parsed("::"), a = parsed("fe80::1%lo"),
		    b = parsed("fe80::1"), c = parsed("fe80::1%77");

	(void)state;
	assert_true(addr_cmp(&v4, &v6) < 0);
	assert_true(addr_cmp(&v6, &v4) > 0);
	assert_true(addr_same(&a, &b));
	assert_false(addr_same(&a, &c));
	assert_int_equal(addr_cmp(&a, &c), 0);
	assert_false(addr_same(&v4, &v6));
}

static void counting(void **state)
{
	struct addr a = parsed("10.0.255.255"), b = parsed("10.1.0.0");

	(void)state;
	assert_true(addr_next(&a));
	assert_true(addr_same(&a, &b));
	a = parsed("255.255.255.255");
	assert_false(addr_next(&a));
	assert_true(addr_is_any(&a));
	a = parsed("2001:db8::ffff:ffff");
	b = parsed("2001:db8::1:0:0");
	assert_true(addr_next(&a));
	assert_true(addr_same(&a, &b));
}

/* Against counting bit by bit. */
static void masks_of_every_length(void **state)
{
	static const char *const texts[] = {"165.90.60.195",
					    "a5a5:5a5a:3c3c:c3c3:0ff0:f00f:1234:8421"};

	(void)state;
	for (size_t t = 0; t < 2; t++) {
		struct addr a = parsed(texts[t]);

		for (unsigned len = 0; len <= a.len * 8u; len++) {
			struct addr low = a, high = a;

			addr_mask(&low, len, false);
			addr_mask(&high, len, true);
			for (unsigned bit = 0; bit < a.len * 8u; bit++) {
				unsigned mask = 0x80u >> bit % 8;
				bool was = a.bytes[bit / 8] & mask;

				assert_int_equal(!!(low.bytes[bit / 8] & mask), bit < len && was);
				assert_int_equal(!!(high.bytes[bit / 8] & mask), bit >= len || was);
			}
			assert_true(addr_in_prefix(&high, &low, len));
			if (len)
				assert_false(
					addr_in_prefix(&(struct addr){.len = a.len}, &low, len));
		}
	}
	assert_false(addr_in_prefix(&(struct addr){.len = 4}, &(struct addr){.len = 16}, 0));
}

static void sockaddrs(void **state)
{
	static const char *const texts[] = {"192.0.2.1", "fe80::1%lo"};
	struct sockaddr_storage ss;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct addr a = parsed(texts[i]), back;
		socklen_t len = addr_to_sockaddr(&a, 53, &ss);

		assert_int_equal(len, i ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
		assert_int_equal(ntohs(((struct sockaddr_in *)&ss)->sin_port), 53);
		back = addr_from_sockaddr(&ss);
		assert_true(addr_same(&a, &back));
		assert_int_equal(back.zone, a.zone);
	}
	ss.ss_family = AF_UNIX;
	assert_int_equal(addr_from_sockaddr(&ss).len, 0);
}

static void macs(void **state)
{
	static const char *const good[] = {"01:23:45:67:89:ab", "01-23-45-67-89-AB",
					   "0123.4567.89ab"};
	static const char *const bad[] = {"",
					  "0",
					  "01",
					  "01:23:45:67:89",
					  "01:23:45:67:89:ag",
					  "01:23-45:67:89:ab",
					  "1:2:3:4:5:6",
					  "01:23:45:67:89:ab:",
					  "0123.4567.89a",
					  "0123:4567:89ab",
					  "01.23.45.67.89.ab",
					  "01:23:45:67:89:ab ",
					  "0123.456.789ab"};
	char text[MAC_TEXT_MAX];
	struct mac m;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(mac_parse(good[i], &m), 0);
		assert_string_equal(mac_text(&m, text), "01:23:45:67:89:ab");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(mac_parse(bad[i], &m), E_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_round_trip),
		cmocka_unit_test(what_is_no_address),
		cmocka_unit_test(learnt_zones),
		cmocka_unit_test(kinds),
		cmocka_unit_test(comparing),
		cmocka_unit_test(counting),
		cmocka_unit_test(masks_of_every_length),
		cmocka_unit_test(sockaddrs),
		cmocka_unit_test(macs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
