/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

static const uint8_t eight[] = {1, 2, 3, 4, 5, 6, 7, 8};

static void reads_in_network_order(void **state)
{
	struct rd r = rd_make(eight, sizeof(eight));
	uint8_t copy[2];

	(void)state;
	assert_int_equal(rd_u8(&r), 1);
	assert_int_equal(rd_u16(&r), 0x0203);
	assert_int_equal(rd_u32(&r), 0x04050607);
	assert_int_equal(rd_left(&r), 1);
	assert_int_equal(rd_done(&r), 0);
	r = rd_make(eight, sizeof(eight));
	assert_true(rd_u64(&r) == 0x0102030405060708);
	r = rd_make(eight, sizeof(eight));
	rd_skip(&r, 3);
	rd_copy(&r, copy, 2);
	assert_memory_equal(copy, eight + 3, 2);
}

static void an_error_sticks(void **state)
{
	struct rd r = rd_make(eight, 3);
	uint8_t copy[2] = {9, 9};

	(void)state;
	assert_int_equal(rd_u32(&r), 0);
	assert_int_equal(rd_done(&r), E_TRUNC);
	assert_int_equal(rd_left(&r), 0);
	assert_int_equal(rd_u8(&r), 0);
	rd_copy(&r, copy, 2);
	assert_int_equal(copy[0] | copy[1], 0);
	assert_null(rd_bytes(&r, 0));
	assert_int_equal(rd_rest(&r).bad, true);
}

/* A length near SIZE_MAX must not wrap around the end. */
static void huge_lengths_are_refused(void **state)
{
	struct rd r = rd_make(eight, sizeof(eight));
	struct wr w;
	uint8_t room[4];

	(void)state;
	rd_skip(&r, 1);
	assert_null(rd_bytes(&r, SIZE_MAX));
	assert_int_equal(rd_done(&r), E_TRUNC);
	w = wr_make(room, sizeof(room));
	wr_u8(&w, 1);
	assert_null(wr_space(&w, SIZE_MAX));
	assert_int_equal(wr_done(&w), E_FULL);
}

static void a_sub_cursor_stays_inside(void **state)
{
	struct rd r = rd_make(eight, sizeof(eight)), sub;

	(void)state;
	sub = rd_sub(&r, 3);
	assert_int_equal(rd_left(&r), 5);
	assert_int_equal(rd_u16(&sub), 0x0102);
	assert_int_equal(rd_u16(&sub), 0);
	assert_int_equal(rd_done(&sub), E_TRUNC);
	assert_int_equal(rd_done(&r), 0);
	sub = rd_rest(&r);
	assert_int_equal(rd_left(&sub), 5);
	assert_int_equal(rd_left(&r), 0);
	sub = rd_sub(&r, 1);
	assert_int_equal(rd_left(&sub), 0);
	assert_int_equal(rd_done(&r), E_TRUNC);
}

static void nothing_at_all_can_be_read(void **state)
{
	struct rd r = rd_make(NULL, 0);

	(void)state;
	assert_non_null(rd_bytes(&r, 0));
	assert_int_equal(rd_done(&r), 0);
	assert_int_equal(rd_u8(&r), 0);
	assert_int_equal(rd_done(&r), E_TRUNC);
}

static void writes_what_is_read(void **state)
{
	uint8_t buf[20];
	struct wr w = wr_make(buf, sizeof(buf));
	struct rd r;

	(void)state;
	wr_u8(&w, 0xab);
	wr_u16(&w, 0xabcd);
	wr_u32(&w, 0xabcdef01);
	wr_u64(&w, 0xabcdef0123456789);
	wr_bytes(&w, eight, 2);
	wr_zero(&w, 3);
	assert_int_equal(wr_done(&w), 0);
	assert_int_equal(w.len, sizeof(buf));
	r = rd_make(buf, w.len);
	assert_int_equal(rd_u8(&r), 0xab);
	assert_int_equal(rd_u16(&r), 0xabcd);
	assert_int_equal(rd_u32(&r), 0xabcdef01);
	assert_true(rd_u64(&r) == 0xabcdef0123456789);
	assert_int_equal(rd_u16(&r), 0x0102);
	assert_int_equal(rd_u16(&r) | rd_u8(&r), 0);
	put_u64(buf, 0x1122334455667788);
	r = rd_make(buf, 8);
	assert_true(rd_u64(&r) == 0x1122334455667788);
}

static void a_write_that_does_not_fit_writes_nothing(void **state)
{
	uint8_t buf[4] = {9, 9, 9, 9};
	struct wr w = wr_make(buf, 3);

	(void)state;
	wr_u16(&w, 0x0102);
	wr_u16(&w, 0x0304);
	wr_u8(&w, 5);
	assert_int_equal(wr_done(&w), E_FULL);
	assert_int_equal(w.len, 2);
	assert_int_equal(buf[2], 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_in_network_order),
		cmocka_unit_test(an_error_sticks),
		cmocka_unit_test(huge_lengths_are_refused),
		cmocka_unit_test(a_sub_cursor_stays_inside),
		cmocka_unit_test(nothing_at_all_can_be_read),
		cmocka_unit_test(writes_what_is_read),
		cmocka_unit_test(a_write_that_does_not_fit_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
