/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cookie - the mark by which a probe's answer is known: a 64-bit probe number and a keyed hash
 * over it that a stranger cannot make.
 *
 * Layer: engine.
 * On the wire: octets 0-7 the cookie, 8-15 the probe number, both in network order. No time is
 * ever sent, so none can be forged (CVE-2025-47268).
 */
#ifndef PKT_ENGINE_COOKIE_H
#define PKT_ENGINE_COOKIE_H

#include "base/addr.h"
#include "base/siphash.h"

#define COOKIE_LEN 8
#define COOKIE_MARK_LEN 16 /* cookie and probe number */

/*
 * cookie_make() - the cookie of probe number @n whose header says @seq, to @target.
 * @key: random, one a run.
 */
uint64_t cookie_make(const struct sipkey *key, const struct addr *target, uint16_t seq, uint64_t n);

#endif
