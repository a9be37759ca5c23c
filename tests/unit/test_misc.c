/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "base/rnd.h"
#include "base/siphash.h"

/* The vectors of the paper's reference: key 00..0f, messages of 0, 1, ... octets 00, 01, ... */
static void siphash_vectors(void **state)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} vectors[] = {
		{0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd}, {2, 0x0d6c8009d9a94f5a},
		{3, 0x85676696d7fb7e2d},  {4, 0xcf2794e0277187b7}, {5, 0x18765564cd99a68d},
		{6, 0xcbc9466e58fee3ce},  {7, 0xab0200f58b01d137}, {8, 0x93f5f5799a932462},
		{15, 0xa129ca6149be45e5},
	};
	struct sipkey key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	uint8_t message[16];

	(void)state;
	for (uint8_t i = 0; i < sizeof(message); i++)
		message[i] = i;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_true(siphash(&key, message, vectors[i].len) == vectors[i].hash);
}

static void clock_words(void **state)
{
	char text[CLOCK_TEXT_MAX];
	struct fake_clock f = clock_fake(5 * NS_PER_S + 7);
	uint64_t mono_ns;

	(void)state;
	assert_string_equal(clock_text(0, text), "1970-01-01T00:00:00.000000000Z");
	assert_string_equal(clock_text(951782400 * NS_PER_S + 1, text),
			    "2000-02-29T00:00:00.000000001Z");
	assert_string_equal(clock_text(1795205561994369112, text),
			    "2026-11-20T20:12:41.994369112Z");
	assert_string_equal(clock_text(UINT64_MAX, text), "2554-07-21T23:34:33.709551615Z");
	assert_true(clock_mono(&f.clock) == 5 * NS_PER_S + 7);
	assert_string_equal(clock_text(clock_wall(&f.clock), text),
			    "2026-01-01T00:00:05.000000007Z");
	f.mono_ns += 1;
	assert_true(clock_mono(&f.clock) == 5 * NS_PER_S + 8);
	f.slept_ns = 3600 * NS_PER_S;
	assert_true(clock_boot(&f.clock) == 3605 * NS_PER_S + 8);
	mono_ns = clock_mono(clock_system());
	assert_true(clock_boot(clock_system()) >= mono_ns);
}

static void the_system_clock_goes_on(void **state)
{
	const struct clock *c = clock_system();
	uint64_t a = clock_mono(c), b = clock_mono(c);

	(void)state;
	assert_true(b >= a);
	assert_true(clock_wall(c) > 1700000000 * NS_PER_S);
}

static void a_seed_repeats(void **state)
{
	struct rnd a = rnd_seeded(42), b = rnd_seeded(42), c = rnd_seeded(43);
	uint8_t x[13], y[13], z[13];

	(void)state;
	rnd_fill(&a, x, sizeof(x));
	rnd_fill(&b, y, sizeof(y));
	rnd_fill(&c, z, sizeof(z));
	assert_memory_equal(x, y, sizeof(x));
	assert_memory_not_equal(x, z, sizeof(x));
	assert_int_equal(rnd_u32(&a), rnd_u32(&b));
	/* The first two of SplitMix64 from 0, as its authors' code prints them. */
	a = rnd_seeded(0);
	assert_true(rnd_u64(&a) == 0xe220a8397b1dcdaf);
	assert_true(rnd_u64(&a) == 0x6e789e6aa1b965f4);
}

static void draws_are_in_range_and_even(void **state)
{
	struct rnd r = rnd_seeded(7);
	unsigned seen[6] = {0};

	(void)state;
	assert_int_equal(rnd_below(&r, 0), 0);
	assert_int_equal(rnd_below(&r, 1), 0);
	for (unsigned i = 0; i < 60000; i++) {
		uint64_t v = rnd_below(&r, 6);
		double u = rnd_unit(&r);

		assert_true(v < 6 && u >= 0 && u < 1);
		seen[v]++;
	}
	for (unsigned i = 0; i < 6; i++)
		assert_in_range(seen[i], 9600, 10400);
	for (unsigned i = 0; i < 1000; i++)
		assert_true(rnd_below(&r, UINT64_MAX / 2 + 2) <= UINT64_MAX / 2 + 1);
}

static void the_kernel_does_not_repeat(void **state)
{
	struct rnd a = rnd_kernel(), b = rnd_kernel();

	(void)state;
	assert_true(rnd_u64(&a) != rnd_u64(&b));
}

static void the_sentence_of_an_error(void **state)
{
	struct why why = {.sys = 77};

	(void)state;
	assert_int_equal(why_set(&why, E_BAD, "want %d", 3), E_BAD);
	assert_string_equal(why.text, "want 3");
	assert_int_equal(why.sys, 0);
	errno = EPERM;
	assert_int_equal(why_sys(&why, E_PERM, "cannot open %s", "x"), E_PERM);
	assert_string_equal(why.text, "cannot open x: Operation not permitted (EPERM)");
	assert_int_equal(why.sys, EPERM);
	assert_int_equal(why_set(NULL, E_MEM, "x"), E_MEM);
	assert_int_equal(why_sys(NULL, E_SYS, "x"), E_SYS);
	assert_string_equal(errno_name(12345), "E?");
	for (int err = E_EOF; err <= 0; err++)
		assert_string_not_equal(err_word(err), err_word(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_vectors),
		cmocka_unit_test(clock_words),
		cmocka_unit_test(the_system_clock_goes_on),
		cmocka_unit_test(a_seed_repeats),
		cmocka_unit_test(draws_are_in_range_and_even),
		cmocka_unit_test(the_kernel_does_not_repeat),
		cmocka_unit_test(the_sentence_of_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
