/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz - what every fuzz target needs.
 *
 * A target is one function. build/fuzz/fuzz_NAME feeds it from libFuzzer (`make fuzz`), and
 * everywhere else replay.c feeds it tests/fuzz/corpus/NAME (`make fuzz-replay`).
 */
#ifndef PKT_TESTS_FUZZ_H
#define PKT_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* must() - a claim about the parser under test. */
static inline void must(bool claim)
{
	if (!claim)
		abort();
}

/* must_lie_in() - @n octets at @at, if any, lie in @data. */
static inline void must_lie_in(const uint8_t *at, size_t n, const uint8_t *data, size_t len)
{
	must(n == 0 || (at >= data && at + n <= data + len));
}

#endif
