/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spans - runs of sequence numbers, and a ring of octets: what waits out of order, what the peer
 * has got beyond a gap, what was written and not yet acknowledged.
 *
 * Layer: engine. Sequence numbers are 32 bits and compared modulo 2^32 (RFC 9293 3.4).
 */
#ifndef PKT_ENGINE_SPANS_H
#define PKT_ENGINE_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

static inline bool seq_lt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool seq_le(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}

static inline uint32_t seq_max(uint32_t a, uint32_t b)
{
	return seq_lt(a, b) ? b : a;
}

#define SPANS_MAX 32u

struct span {
	uint32_t left, right; /* right is one past the last */
};

/* Sorted, apart from each other, none empty. */
struct spans {
	struct span at[SPANS_MAX];
	unsigned n;
};

/* spans_add() - adds [left, right), joined with what it touches; false if there is no room. */
bool spans_add(struct spans *s, uint32_t left, uint32_t right);

/* spans_cut() - forgets all before @seq. */
void spans_cut(struct spans *s, uint32_t seq);

/* spans_skip() - @seq, or the end of the span that holds it. */
uint32_t spans_skip(const struct spans *s, uint32_t seq);

/* spans_next() - where the next span behind @seq begins; @end if none does before. */
uint32_t spans_next(const struct spans *s, uint32_t seq, uint32_t end);

/* A ring: `len` octets from `head` on; octets behind them may be put ahead of time. */
struct ring {
	uint8_t *buf;
	uint32_t cap, head, len;
};

/* ring_open() - an empty ring of @cap octets. Owns: ring_close(). Returns 0 or E_MEM. */
int must_check ring_open(struct ring *r, uint32_t cap);
void ring_close(struct ring *r);

/* ring_put() - stores @n octets @off octets behind the head; off + n must be at most cap. */
void ring_put(struct ring *r, uint32_t off, const uint8_t *from, uint32_t n);

/* ring_get() - copies @n octets from @off octets behind the head on; off + n at most cap. */
void ring_get(const struct ring *r, uint32_t off, uint8_t *to, uint32_t n);

/* ring_drop() - forgets the first @n <= len octets. */
void ring_drop(struct ring *r, uint32_t n);

#endif
