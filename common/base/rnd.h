/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rnd - random octets: from the kernel for everything a stranger must not guess, or from a seed
 * so that a test or an emulated network repeats itself exactly.
 *
 * Layer: base.
 */
#ifndef PKT_BASE_RND_H
#define PKT_BASE_RND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rnd {
	bool seeded;
	uint64_t state;     /* of the seeded generator (SplitMix64); unused otherwise */
	uint64_t ahead[64]; /* fetched from the kernel, for one system call costs as much as all */
	unsigned n_ahead;
};

/* rnd_kernel() - the unpredictable kind (getrandom). */
struct rnd rnd_kernel(void);

/* rnd_seeded() - the repeatable kind. Never for identifiers on a real network. */
struct rnd rnd_seeded(uint64_t seed);

void rnd_fill(struct rnd *r, void *out, size_t len);
uint32_t rnd_u32(struct rnd *r);
uint64_t rnd_u64(struct rnd *r);

/* rnd_below() - uniform in 0..@n-1, without modulo bias; 0 when @n is 0. */
uint64_t rnd_below(struct rnd *r, uint64_t n);

/* rnd_unit() - uniform in [0, 1). */
double rnd_unit(struct rnd *r);

#endif
