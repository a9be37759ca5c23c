/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * siphash - SipHash-2-4, the keyed hash behind probe cookies and hash tables fed by strangers.
 *
 * Layer: base.
 * Spec: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
 */
#ifndef PKT_BASE_SIPHASH_H
#define PKT_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct sipkey {
	uint64_t k0, k1;
};

/* siphash() - the 64-bit hash of @len octets at @data under @key. */
uint64_t siphash(const struct sipkey *key, const void *data, size_t len);

#endif
