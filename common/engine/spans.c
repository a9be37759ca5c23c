/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/spans.h"

#include <stdlib.h>
#include <string.h>

bool spans_add(struct spans *s, uint32_t left, uint32_t right)
{
	unsigned first = 0, last;

	while (first < s->n && seq_lt(s->at[first].right, left))
		first++;
	for (last = first; last < s->n && seq_le(s->at[last].left, right); last++) {
		if (seq_lt(s->at[last].left, left))
			left = s->at[last].left;
		right = seq_max(right, s->at[last].right);
	}
	if (last == first && s->n == SPANS_MAX)
		return false;
	memmove(&s->at[first + 1], &s->at[last], (s->n - last) * sizeof(s->at[0]));
	s->at[first] = (struct span){left, right};
	s->n = s->n - (last - first) + 1;
	return true;
}

void spans_cut(struct spans *s, uint32_t seq)
{
	unsigned gone = 0;

	while (gone < s->n && seq_le(s->at[gone].right, seq))
		gone++;
	s->n -= gone;
	memmove(s->at, s->at + gone, s->n * sizeof(s->at[0]));
	if (s->n && seq_lt(s->at[0].left, seq))
		s->at[0].left = seq;
}

uint32_t spans_skip(const struct spans *s, uint32_t seq)
{
	for (unsigned i = 0; i < s->n; i++)
		if (seq_le(s->at[i].left, seq) && seq_lt(seq, s->at[i].right))
			return s->at[i].right;
	return seq;
}

uint32_t spans_next(const struct spans *s, uint32_t seq, uint32_t end)
{
	for (unsigned i = 0; i < s->n; i++)
		if (seq_lt(seq, s->at[i].left))
			return seq_lt(s->at[i].left, end) ? s->at[i].left : end;
	return end;
}

int ring_open(struct ring *r, uint32_t cap)
{
	*r = (struct ring){.buf = malloc(cap), .cap = cap};
	return r->buf ? 0 : E_MEM;
}

void ring_close(struct ring *r)
{
	free(r->buf);
	*r = (struct ring){0};
}

/* Octets from @off on to where the buffer wraps, at most @n. */
static uint32_t ring_run(const struct ring *r, uint32_t off, uint32_t n, uint32_t *at)
{
	*at = (r->head + off) % r->cap;
	return n < r->cap - *at ? n : r->cap - *at;
}

void ring_put(struct ring *r, uint32_t off, const uint8_t *from, uint32_t n)
{
	uint32_t at, run;

	if (!n)
		return;
	run = ring_run(r, off, n, &at);
	memcpy(r->buf + at, from, run);
	memcpy(r->buf, from + run, n - run);
}

void ring_get(const struct ring *r, uint32_t off, uint8_t *to, uint32_t n)
{
	uint32_t at, run;

	if (!n)
		return;
	run = ring_run(r, off, n, &at);
	memcpy(to, r->buf + at, run);
	memcpy(to + run, r->buf, n - run);
}

void ring_drop(struct ring *r, uint32_t n)
{
	r->head = (r->head + n) % r->cap;
	r->len -= n;
}
