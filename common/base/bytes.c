/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bytes.h"

#include <string.h>

void rd_copy(struct rd *r, void *out, size_t n)
{
	const uint8_t *from = rd_bytes(r, n);

	if (!n)
		return;
	if (from)
		memcpy(out, from, n);
	else
		memset(out, 0, n);
}

struct rd rd_sub(struct rd *r, size_t n)
{
	const uint8_t *at = rd_bytes(r, n);
	struct rd sub = rd_make(at, at ? n : 0);

	sub.bad = !at;
	return sub;
}

struct rd rd_rest(struct rd *r)
{
	return rd_sub(r, rd_left(r));
}

uint8_t *wr_space(struct wr *w, size_t n)
{
	uint8_t *at;

	if (w->bad || n > w->cap - w->len) {
		w->bad = true;
		return NULL;
	}
	at = w->buf + w->len;
	w->len += n;
	return at;
}

void wr_u8(struct wr *w, uint8_t v)
{
	uint8_t *at = wr_space(w, 1);

	if (at)
		at[0] = v;
}

void wr_u16(struct wr *w, uint16_t v)
{
	uint8_t *at = wr_space(w, 2);

	if (at)
		put_u16(at, v);
}

void wr_u32(struct wr *w, uint32_t v)
{
	uint8_t *at = wr_space(w, 4);

	if (at)
		put_u32(at, v);
}

void wr_u64(struct wr *w, uint64_t v)
{
	uint8_t *at = wr_space(w, 8);

	if (at)
		put_u64(at, v);
}

void wr_bytes(struct wr *w, const void *from, size_t n)
{
	uint8_t *at = wr_space(w, n);

	if (at && n)
		memcpy(at, from, n);
}

void wr_zero(struct wr *w, size_t n)
{
	uint8_t *at = wr_space(w, n);

	if (at && n)
		memset(at, 0, n);
}
