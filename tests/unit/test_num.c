/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"

static void whole_numbers(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t value;
	} cases[] = {
		{"0", 0, 0},
		{"1", 0, 1},
		{"010", 0, 10},
		{"0x10", 0, 16},
		{"0XfF", 0, 255},
		{"18446744073709551615", 0, UINT64_MAX},
		{"0xffffffffffffffff", 0, UINT64_MAX},
		{"18446744073709551616", E_RANGE, 0},
		{"0x10000000000000000", E_RANGE, 0},
		{"", E_BAD, 0},
		{" 1", E_BAD, 0},
		{"1 ", E_BAD, 0},
		{"+1", E_BAD, 0},
		{"-1", E_BAD, 0},
		{"1x", E_BAD, 0},
		{"0x", E_BAD, 0},
		{"0x-1", E_BAD, 0},
		{"0xg", E_BAD, 0},
		{"1.0", E_BAD, 0},
		{"1,0", E_BAD, 0},
		{"1e3", E_BAD, 0},
		{"x", E_BAD, 0},
	};
	uint64_t v;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		v = 0;
		assert_int_equal(num_u64(cases[i].text, 0, UINT64_MAX, &v, &why), cases[i].err);
		assert_true(v == cases[i].value);
	}
	assert_int_equal(num_u64("5", 1, 5, &v, &why), 0);
	assert_int_equal(num_u64("1", 1, 5, &v, &why), 0);
	assert_int_equal(num_u64("6", 1, 5, &v, &why), E_RANGE);
	assert_int_equal(num_u64("0", 1, 5, &v, &why), E_RANGE);
	assert_string_equal(why.text, "a whole number from 1 to 5");
	assert_int_equal(num_u64("0", 1, 5, &v, NULL), E_RANGE);
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t ns;
	} cases[] = {
		{"0", 0, 0},
		{"1", 0, NS_PER_S},
		{"0.2", 0, 200 * NS_PER_MS},
		{".5", 0, 500 * NS_PER_MS},
		{"0.0005", 0, 500 * NS_PER_US},
		{"0.000000001", 0, 1},
		{"0.0000000019", 0, 1},
		{"200ms", 0, 200 * NS_PER_MS},
		{"1.5us", 0, 1500},
		{"7ns", 0, 7},
		{"1s", 0, NS_PER_S},
		{"2m", 0, 120 * NS_PER_S},
		{"1.5h", 0, 5400 * NS_PER_S},
		{"0.1m", 0, 6 * NS_PER_S},
		{"", E_BAD, 0},
		{".", E_BAD, 0},
		{"1.", E_BAD, 0},
		{"0,5", E_BAD, 0},
		{" 1", E_BAD, 0},
		{"1 ", E_BAD, 0},
		{"1 s", E_BAD, 0},
		{"1.1x", E_BAD, 0},
		{"1.2.3", E_BAD, 0},
		{"s", E_BAD, 0},
		{"1sec", E_BAD, 0},
		{"1S", E_BAD, 0},
		{"-1", E_BAD, 0},
		{"+1", E_BAD, 0},
		{"1e3", E_BAD, 0},
		{"0x1", E_BAD, 0},
		{"nan", E_BAD, 0},
		{"18446744073", E_RANGE, 0},
		{"18446744073709.9ms", E_RANGE, 0},
		{"99999999999999999999999", E_RANGE, 0},
	};
	uint64_t ns;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ns = 0;
		assert_int_equal(num_duration(cases[i].text, 0, 24 * 3600 * NS_PER_S, &ns, &why),
				 cases[i].err);
		assert_true(ns == cases[i].ns);
	}
	assert_int_equal(num_duration("1", NS_PER_MS, 500 * NS_PER_MS, &ns, &why), E_RANGE);
	assert_string_equal(why.text, "a duration such as 0.2, 200ms, 1s or 2m, from 1ms to 500ms");
}

static void rates(void **state)
{
	static const struct {
		const char *text;
		int err;
		double pps;
	} cases[] = {
		{"0", 0, 0},
		{"50", 0, 50},
		{"0.5", 0, 0.5},
		{"10k", 0, 1e4},
		{"1.5M", 0, 1.5e6},
		{"100M", 0, 1e8},
		{"0.000001", 0, 1e-6},
		{"0.0000001", E_RANGE, 7},
		{"101M", E_RANGE, 7},
		{"", E_BAD, 7},
		{"k", E_BAD, 7},
		{"1kk", E_BAD, 7},
		{"1 k", E_BAD, 7},
		{"-1", E_BAD, 7},
		{"1,5", E_BAD, 7},
		{"1G", E_BAD, 7},
		{"1K", E_BAD, 7},
		{"inf", E_BAD, 7},
		{"18446744073709.9", E_RANGE, 7},
		{"99999999999999999999999", E_RANGE, 7},
	};
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double pps = 7;

		assert_int_equal(num_rate(cases[i].text, &pps, &why), cases[i].err);
		assert_true(pps > cases[i].pps * (1 - 1e-12) - 1e-18 &&
			    pps < cases[i].pps * (1 + 1e-12) + 1e-18);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(durations),
		cmocka_unit_test(rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
