/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/rnd.h"
#include "wire/csum.h"

/* RFC 1071 4.1, word by word. */
static uint16_t plain_csum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2) {
		sum += (uint32_t)(p[i] << 8 | (i + 1 < len ? p[i + 1] : 0));
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

/* RFC 1071 3, the numerical example. */
static void the_example(void **state)
{
	static const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	(void)state;
	assert_int_equal(csum_ip(data, sizeof(data)), (uint16_t)~0xddf2);
	assert_int_equal(csum_ip(NULL, 0), 0xffff);
}

static void every_length_and_alignment(void **state)
{
	struct rnd r = rnd_seeded(1);
	uint8_t data[320];

	(void)state;
	for (int fill = 0; fill < 3; fill++) {
		rnd_fill(&r, data, sizeof(data));
		if (fill)
			memset(data, fill == 1 ? 0 : 0xff, sizeof(data));
		for (size_t start = 0; start < 8; start++)
			for (size_t len = 0; start + len <= sizeof(data); len++)
				assert_int_equal(csum_ip(data + start, len),
						 plain_csum(data + start, len));
	}
}

static void a_sum_in_parts(void **state)
{
	struct rnd r = rnd_seeded(2);
	uint8_t data[67];

	(void)state;
	rnd_fill(&r, data, sizeof(data));
	for (size_t cut = 0; cut <= sizeof(data); cut += 2) {
		uint32_t sum = csum_add(csum_add(0, data, cut), data + cut, sizeof(data) - cut);

		assert_int_equal(csum_fold(sum), plain_csum(data, sizeof(data)));
	}
}

/* Nothing may overflow: a gigantic packet of ones, and a running sum near its end. */
static void carries_are_kept(void **state)
{
	size_t len = 1 << 20;
	uint8_t *ones = malloc(len);

	(void)state;
	assert_non_null(ones);
	memset(ones, 0xff, len);
	assert_int_equal(csum_ip(ones, len), 0);
	assert_int_equal(csum_fold(csum_add(0xffffffff, ones, len)), 0);
	assert_int_equal(csum_fold(csum_add(0xffff0001, "\0\2", 2)), (uint16_t)~3);
	free(ones);
}

static void pseudo_headers(void **state)
{
	/* A UDP datagram from 10.0.0.1 to 10.0.0.2, and one over IPv6, laid out by hand. */
	static const uint8_t udp[] = {0x00, 0x35, 0x04, 0xd2, 0x00, 0x09, 0x00, 0x00, 0x61};
	static const uint8_t whole4[] = {10, 0,    0,    1,    10,   0,    0,    2,    0,    17,  0,
					 9,  0x00, 0x35, 0x04, 0xd2, 0x00, 0x09, 0x00, 0x00, 0x61};
	uint8_t whole6[40 + sizeof(udp)] = {
		[0] = 0x20, [15] = 1, [16] = 0x20, [31] = 2, [35] = 9, [39] = 58};
	struct addr src = addr_from(whole4, 4), dst = addr_from(whole4 + 4, 4);

	(void)state;
	assert_int_equal(csum_l4(&src, &dst, 17, udp, sizeof(udp)),
			 plain_csum(whole4, sizeof(whole4)));
	memcpy(whole6 + 40, udp, sizeof(udp));
	src = addr_from(whole6, 16);
	dst = addr_from(whole6 + 16, 16);
	assert_int_equal(csum_l4(&src, &dst, 58, udp, sizeof(udp)),
			 plain_csum(whole6, sizeof(whole6)));
	/* A length above 65535 counts with both its halves (RFC 2675 4). */
	assert_int_equal(csum_pseudo(&src, &dst, 0, 0x12345) - csum_pseudo(&src, &dst, 0, 0),
			 0x2346);
}

/* What a wrong field should have held makes the packet right. */
static void the_value_wanted(void **state)
{
	static const uint16_t fields[] = {0, 0xffff, 1, 0x1234};
	struct rnd r = rnd_seeded(3);
	uint8_t data[32] = {0};

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		size_t len = 4 + rnd_below(&r, sizeof(data) - 3);
		uint16_t field = i % 2 ? fields[i / 2 % 4] : (uint16_t)rnd_u32(&r), plain;

		rnd_fill(&r, data + 2, len - 2);
		data[0] = data[1] = 0;
		plain = plain_csum(data, len);
		put_u16(data, field);
		if (csum_ip(data, len) != 0)
			assert_int_equal(csum_want(field, csum_ip(data, len)), plain);
	}
	assert_int_equal(csum_want(0, csum_ip("\0\0\0\0", 4)), 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example),    cmocka_unit_test(every_length_and_alignment),
		cmocka_unit_test(a_sum_in_parts), cmocka_unit_test(carries_are_kept),
		cmocka_unit_test(pseudo_headers), cmocka_unit_test(the_value_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
