/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/cookie.h"

static const struct sipkey key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

static struct addr addr_of(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

/* What is hashed: the address and its length, the seq, the number, all in network order. */
static void hashes_all_that_it_says(void **state)
{
	static const uint8_t said[] = {
		192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8,
	};
	struct addr a = addr_of("192.0.2.1");

	(void)state;
	assert_true(cookie_make(&key, &a, 0x0203, 0x0102030405060708) ==
		    siphash(&key, said, sizeof(said)));
}

static void each_part_counts(void **state)
{
	const struct sipkey other_key = {key.k0, key.k1 ^ 1};
	struct addr a = addr_of("192.0.2.1"), b = addr_of("192.0.2.2"), c = addr_of("c000:201::");
	uint64_t cookies[6] = {
		cookie_make(&key, &a, 1, 1),       cookie_make(&key, &b, 1, 1),
		cookie_make(&key, &c, 1, 1), /* the octets of a, in IPv6 */
		cookie_make(&key, &a, 2, 1),       cookie_make(&key, &a, 1, 65537),
		cookie_make(&other_key, &a, 1, 1),
	};

	(void)state;
	for (unsigned i = 0; i < 6; i++)
		for (unsigned k = 0; k < i; k++)
			assert_true(cookies[i] != cookies[k]);
}

/* An answer from a link-local address knows its zone; the target as typed may not. */
static void a_zone_does_not_count(void **state)
{
	struct addr a = addr_of("fe80::1"), b = a;

	(void)state;
	b.zone = 7;
	assert_true(cookie_make(&key, &a, 1, 1) == cookie_make(&key, &b, 1, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_all_that_it_says),
		cmocka_unit_test(each_part_counts),
		cmocka_unit_test(a_zone_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
