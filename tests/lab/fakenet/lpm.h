/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lpm - a table of prefixes, asked for the longest one that an address falls into.
 *
 * One hash table, probed once for each prefix length in use: a topology has a handful of lengths
 * whatever its number of hosts, so a look-up costs the same for ten hosts and for a million.
 */
#ifndef FAKENET_LPM_H
#define FAKENET_LPM_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

struct lpm_slot {
	struct addr prefix; /* len 0: free */
	uint8_t bits;
	void *value;
};

struct lpm {
	struct lpm_slot *slots;
	size_t n, cap;        /* cap is 0 or a power of two */
	uint8_t bits[2][129]; /* prefix lengths in use, longest first; [1] is IPv6 */
	unsigned n_bits[2];
};

/*
 * lpm_slot() - the value stored for exactly this prefix, a NULL one being made if there is none.
 * @bits: 0..32 or 0..128; the bits of @a behind it do not count.
 * Returns: where the value stands, until the next call; NULL when memory is out.
 */
void **lpm_slot(struct lpm *t, const struct addr *a, unsigned bits);

/* lpm_find() - the value of the longest prefix that holds @a; NULL if none does. */
void *lpm_find(const struct lpm *t, const struct addr *a);

/* lpm_free() - frees the table, not the values. */
void lpm_free(struct lpm *t);

#endif
