/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static void check_clean(const char *in, size_t len, const char *want, bool want_same)
{
	char out[256];

	assert_int_equal(text_clean(out, sizeof(out), in, len), want_same);
	assert_string_equal(out, want);
}

static void every_single_octet(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		char in[] = {'<', (char)i, '>', 0}, want[8];
		bool printable = i >= 0x20 && i < 0x7f;

		snprintf(want, sizeof(want), "<%s>", BAD);
		check_clean(in, 3, printable ? in : want, printable);
	}
}

static void well_formed_text_passes(void **state)
{
	static const char *const good[] = {"",
					   "plain",
					   "d\xc3\xa9j\xc3\xa0 vu",
					   "\xe4\xb8\xad\xe6\x96\x87",
					   "\xf0\x9f\x8c\x8d",
					   "\xf4\x8f\xbf\xbd",
					   BAD,
					   "\xed\x9f\xbf",
					   "\xee\x80\x80"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check_clean(good[i], strlen(good[i]), good[i], true);
}

static void malformed_octets_are_replaced_one_by_one(void **state)
{
	(void)state;
	check_clean("a\xc0\xaf"
		    "b",
		    4, "a" BAD BAD "b", false); /* overlong */
	check_clean("\xe0\x80\xaf", 3, BAD BAD BAD, false);
	check_clean("\xf0\x80\x80\xaf", 4, BAD BAD BAD BAD, false);
	check_clean("\xc3", 1, BAD, false); /* breaks off */
	check_clean("\xe4\xb8x", 3, BAD BAD "x", false);
	check_clean("\xf4\x90\x80\x80", 4, BAD BAD BAD BAD, false); /* above U+10FFFF */
	check_clean("\xf5\x80\x80\x80\xff", 5, BAD BAD BAD BAD BAD, false);
	check_clean("\xed\xa0\x80", 3, BAD, false); /* a surrogate */
	check_clean("a\0b", 3, "a" BAD "b", false);
	check_clean("\x1b[2J", 4, BAD "[2J", false);
}

static void unseen_characters_are_replaced(void **state)
{
	static const uint32_t hidden[] = {
		0x80,   0x9b,    0xad,    0x34f,   0x61c,   0x180e,  0x200b,  0x200d,
		0x200e, 0x200f,  0x2028,  0x2029,  0x202a,  0x202e,  0x2060,  0x2066,
		0x2067, 0x2068,  0x2069,  0xfdd0,  0xfe0f,  0xfeff,  0xfff9,  0xfffe,
		0xffff, 0x13430, 0x1d173, 0x1fffe, 0xe0001, 0xe0041, 0x10ffff};

	(void)state;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		uint32_t c = hidden[i];
		char in[8] = "";

		if (c < 0x800)
			snprintf(in, sizeof(in), "%c%c", (int)(0xc0 | c >> 6),
				 (int)(0x80 | (c & 63)));
		else if (c < 0x10000)
			snprintf(in, sizeof(in), "%c%c%c", (int)(0xe0 | c >> 12),
				 (int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
		else
			snprintf(in, sizeof(in), "%c%c%c%c", (int)(0xf0 | c >> 18),
				 (int)(0x80 | (c >> 12 & 63)), (int)(0x80 | (c >> 6 & 63)),
				 (int)(0x80 | (c & 63)));
		check_clean(in, strlen(in), BAD, false);
	}
}

static void a_cut_never_splits_a_character(void **state)
{
	static const char in[] = "a\xc3\xa9\xe4\xb8\xad\xf0\x9f\x8c\x8d";
	static const size_t lengths[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
	char out[16];
	struct text t;

	(void)state;
	for (size_t cap = 1; cap <= sizeof(in); cap++) {
		bool whole = cap == sizeof(in);

		assert_int_equal(text_clean(out, cap, in, sizeof(in) - 1), whole);
		assert_int_equal(strlen(out), lengths[cap - 1]);
		t = text_make(out, cap);
		text_addf(&t, "%s", in);
		assert_int_equal(t.len, lengths[cap - 1]);
		assert_int_equal(strlen(out), t.len);
		assert_int_equal(t.cut, !whole);
		t = text_make(out, cap);
		text_add(&t, in);
		assert_int_equal(t.len, lengths[cap - 1]);
		assert_int_equal(strlen(out), t.len);
		assert_int_equal(t.cut, !whole);
		t = text_make(out, cap);
		text_add_clean(&t, in, sizeof(in) - 1);
		assert_int_equal(t.len, lengths[cap - 1]);
		assert_int_equal(t.cut, !whole);
	}
}

static void the_builder_appends_and_stops(void **state)
{
	char out[24];
	struct text t = text_make(out, sizeof(out));

	(void)state;
	text_add(&t, "ab");
	text_addf(&t, "%d", 42);
	text_add_hex(&t, "\x01\xfe", 2, ':');
	text_add_hex(&t, "\x0a\xb0", 2, 0);
	text_add_clean(&t, "\x07!", 2);
	assert_string_equal(out, "ab4201:fe0ab0" BAD "!");
	assert_false(t.cut);
	text_add(&t, "0123456789");
	assert_string_equal(out, "ab4201:fe0ab0" BAD "!012345");
	assert_true(t.cut);
	text_add(&t, "x");
	text_add_hex(&t, "\1", 1, 0);
	assert_int_equal(strlen(out), sizeof(out) - 1);
	t = text_make(out, 4);
	text_add_hex(&t, "\1\2", 2, ':');
	assert_string_equal(out, "01");
}

static void numbers(void **state)
{
	static const struct {
		uint64_t v;
		unsigned digits;
		const char *want;
	} cases[] = {{0, 1, "0"},
		     {0, 0, "0"},
		     {7, 3, "007"},
		     {1234, 3, "1234"},
		     {9, 20, "00000000000000000009"},
		     {UINT64_MAX, 1, "18446744073709551615"},
		     {UINT64_MAX, 99, "18446744073709551615"}};
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text t = text_make(out, sizeof(out));

		text_add_u64(&t, cases[i].v, cases[i].digits);
		assert_string_equal(out, cases[i].want);
		t = text_make(out, strlen(cases[i].want));
		text_add_u64(&t, cases[i].v, cases[i].digits);
		assert_true(t.cut && t.len == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_single_octet),
		cmocka_unit_test(well_formed_text_passes),
		cmocka_unit_test(malformed_octets_are_replaced_one_by_one),
		cmocka_unit_test(unseen_characters_are_replaced),
		cmocka_unit_test(a_cut_never_splits_a_character),
		cmocka_unit_test(the_builder_appends_and_stops),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
