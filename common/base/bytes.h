/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bytes - read and write cursors over octets, with an error that sticks.
 *
 * Layer: base.
 * A read past the end yields zero and sets the error; every later read yields zero too, so a
 * parser reads all its fields and asks once, with rd_done(). A field that gives a length opens a
 * sub-cursor with rd_sub(): nothing read from it can leave the announced length.
 * All multi-octet numbers are in network byte order in the buffer and in host order in C.
 */
#ifndef PKT_BASE_BYTES_H
#define PKT_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct rd {
	const uint8_t *buf;
	size_t len; /* octets in buf */
	size_t pos; /* next octet to read, <= len */
	bool bad;   /* a read went past the end */
};

struct wr {
	uint8_t *buf;
	size_t cap; /* octets buf can hold */
	size_t len; /* octets written, <= cap */
	bool bad;   /* a write did not fit; nothing of it was written */
};

/* rd_make() - a cursor at the start of @len octets at @buf (may be NULL when @len is 0). */
static inline struct rd rd_make(const void *buf, size_t len)
{
	return (struct rd){.buf = buf, .len = len};
}

/* rd_left() - octets not yet read; 0 after an error. */
static inline size_t rd_left(const struct rd *r)
{
	return r->bad ? 0 : r->len - r->pos;
}

/* rd_bytes() - steps over the next @n octets and returns them; NULL and the error if too few. */
static inline const uint8_t *rd_bytes(struct rd *r, size_t n)
{
	const uint8_t *at;

	if (r->bad || n > r->len - r->pos) {
		r->bad = true;
		return NULL;
	}
	at = r->buf ? r->buf + r->pos : (const uint8_t *)"";
	r->pos += n;
	return at;
}

static inline void rd_skip(struct rd *r, size_t n)
{
	(void)rd_bytes(r, n);
}

static inline uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 1);

	return p ? p[0] : 0;
}

static inline uint16_t rd_u16(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 2);

	return (uint16_t)(p ? p[0] << 8 | p[1] : 0);
}

static inline uint32_t rd_u32(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

static inline uint64_t rd_u64(struct rd *r)
{
	uint64_t high = rd_u32(r);

	return high << 32 | rd_u32(r);
}

/* rd_copy() - copies the next @n octets to @out; zeroes @out if fewer are left. */
void rd_copy(struct rd *r, void *out, size_t n);

/* rd_sub() - a cursor over the next @n octets, which @r steps over; both are bad if too few. */
struct rd rd_sub(struct rd *r, size_t n);

/* rd_rest() - a cursor over all octets left; @r is then at its end. */
struct rd rd_rest(struct rd *r);

/* rd_done() - the one check at the end: 0, or E_TRUNC if any read went past the end. */
static inline int must_check rd_done(const struct rd *r)
{
	return r->bad ? E_TRUNC : 0;
}

/* wr_make() - a writer over @cap octets at @buf, nothing written yet. */
static inline struct wr wr_make(void *buf, size_t cap)
{
	return (struct wr){.buf = buf, .cap = cap};
}

/* wr_space() - reserves @n octets, contents undefined; NULL and the error if they do not fit. */
uint8_t *wr_space(struct wr *w, size_t n);
void wr_u8(struct wr *w, uint8_t v);
void wr_u16(struct wr *w, uint16_t v);
void wr_u32(struct wr *w, uint32_t v);
void wr_u64(struct wr *w, uint64_t v);
void wr_bytes(struct wr *w, const void *from, size_t n);
void wr_zero(struct wr *w, size_t n);

/* wr_done() - 0, or E_FULL if any write did not fit. */
static inline int must_check wr_done(const struct wr *w)
{
	return w->bad ? E_FULL : 0;
}

/* put_u16(), put_u32(), put_u64() - store in network order at @at, to patch a finished header. */
static inline void put_u16(uint8_t *at, uint16_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static inline void put_u32(uint8_t *at, uint32_t v)
{
	put_u16(at, (uint16_t)(v >> 16));
	put_u16(at + 2, (uint16_t)v);
}

static inline void put_u64(uint8_t *at, uint64_t v)
{
	put_u32(at, (uint32_t)(v >> 32));
	put_u32(at + 4, (uint32_t)v);
}

#endif
