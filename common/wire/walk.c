/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_SHOWN_MAX 40 /* octets of a text that the value repeats */

void walk_layer(struct walk *w, const char *layer, const char *rfc)
{
	w->layer = layer;
	w->rfc = rfc;
}

void walk_close(struct walk *w)
{
	if (w->is_open)
		w->emit(w->arg, &w->field);
	w->is_open = false;
}

static const uint8_t *open_field(struct walk *w, size_t n, const char *name)
{
	w->field = (struct explain_field){
		.off = w->pos,
		.len = n,
		.layer = w->layer,
		.depth = w->depth,
		.name = name,
		.rfc = w->rfc,
	};
	w->value = text_make(w->field.value, sizeof(w->field.value));
	w->meaning = text_make(w->field.meaning, sizeof(w->field.meaning));
	w->is_open = true;
	w->pos += n;
	return w->in->bytes + w->field.off;
}

const uint8_t *walk_bytes(struct walk *w, size_t n, const char *name)
{
	static const uint8_t zeros[WALK_READ_MAX];
	size_t left = walk_left(w);

	walk_close(w);
	if (n && n <= left)
		return open_field(w, n, name);
	if (n && left) {
		open_field(w, left, name);
		walk_value(w, "cut off");
		if (w->depth)
			walk_mean(w, "the quote ends here: %zu of %zu octets", left, n);
		else
			walk_mean(w, "malformed: %zu of %zu octets are here", left, n);
		walk_close(w);
	}
	return zeros;
}

static uint32_t walk_number(struct walk *w, size_t n, const char *name, bool is_hex)
{
	struct rd r = rd_make(walk_bytes(w, n, name), n);
	uint32_t v = n == 1 ? rd_u8(&r) : n == 2 ? rd_u16(&r) : rd_u32(&r);

	if (is_hex)
		walk_value(w, "0x%0*x", (int)n * 2, v);
	else
		walk_value(w, "%u", v);
	return v;
}

uint8_t walk_u8(struct walk *w, const char *name)
{
	return (uint8_t)walk_number(w, 1, name, false);
}

uint16_t walk_u16(struct walk *w, const char *name)
{
	return (uint16_t)walk_number(w, 2, name, false);
}

uint32_t walk_u32(struct walk *w, const char *name)
{
	return walk_number(w, 4, name, false);
}

uint8_t walk_x8(struct walk *w, const char *name)
{
	return (uint8_t)walk_number(w, 1, name, true);
}

uint16_t walk_x16(struct walk *w, const char *name)
{
	return (uint16_t)walk_number(w, 2, name, true);
}

uint32_t walk_x32(struct walk *w, const char *name)
{
	return walk_number(w, 4, name, true);
}

struct addr walk_addr(struct walk *w, uint8_t len, const char *name)
{
	struct addr a = addr_from(walk_bytes(w, len, name), len);
	char text[ADDR_TEXT_MAX];

	walk_value(w, "%s", addr_text(&a, text));
	return a;
}

struct mac walk_mac(struct walk *w, const char *name)
{
	struct mac m;
	char text[MAC_TEXT_MAX];

	memcpy(m.bytes, walk_bytes(w, sizeof(m.bytes), name), sizeof(m.bytes));
	walk_value(w, "%s", mac_text(&m, text));
	return m;
}

void walk_count(struct walk *w)
{
	walk_value(w, "%zu octet%s", w->field.len, w->field.len == 1 ? "" : "s");
}

void walk_hex(struct walk *w, size_t n, const char *name)
{
	const uint8_t *p = walk_bytes(w, n, name);

	if (!w->is_open)
		return;
	if (n > 16) {
		walk_count(w);
		return;
	}
	text_add(&w->value, "0x");
	text_add_hex(&w->value, p, n, 0);
}

/* As much of the octets as the value takes, in quotation marks. */
static void add_text(struct walk *w, const uint8_t *bytes, size_t n)
{
	size_t shown = n < TEXT_SHOWN_MAX ? n : TEXT_SHOWN_MAX;

	text_add(&w->value, "\"");
	text_add_clean(&w->value, bytes, shown);
	text_add(&w->value, shown < n ? "\"..." : "\"");
}

void walk_text(struct walk *w, size_t n, const char *name)
{
	const uint8_t *p = walk_bytes(w, n, name);

	if (!w->is_open)
		return;
	while (n && !p[n - 1])
		n--;
	add_text(w, p, n);
}

bool walk_rest(struct walk *w, const char *name)
{
	walk_bytes(w, walk_left(w), name);
	return w->is_open;
}

static void __attribute__((format(printf, 3, 0)))
add_format(struct walk *w, struct text *t, const char *fmt, va_list ap)
{
	char buf[EXPLAIN_MEANING_MAX];

	if (!w->is_open)
		return;
	vsnprintf(buf, sizeof(buf), fmt, ap);
	text_add(t, buf);
}

void walk_value(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_format(w, &w->value, fmt, ap);
	va_end(ap);
}

void walk_mean(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_format(w, &w->meaning, fmt, ap);
	va_end(ap);
}

void walk_rfc(struct walk *w, const char *rfc)
{
	w->field.rfc = rfc;
}

void walk_bad(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	if (!walk_rest(w, "Malformed"))
		return;
	walk_count(w);
	text_add(&w->meaning, "malformed: ");
	va_start(ap, fmt);
	add_format(w, &w->meaning, fmt, ap);
	va_end(ap);
}

size_t walk_enter(struct walk *w, size_t n)
{
	size_t old_end = w->end;

	if (n < walk_left(w))
		w->end = w->pos + n;
	return old_end;
}

void walk_leave(struct walk *w, size_t old_end)
{
	if (walk_rest(w, "Leftover")) {
		walk_count(w);
		walk_mean(w, "behind the end that the header tells");
	}
	w->end = old_end;
}

void walk_csum(struct walk *w, const char *name, enum csum_state state, uint16_t want)
{
	uint16_t csum = walk_x16(w, name);

	switch (state) {
	case CSUM_GOOD: walk_mean(w, "correct"); break;
	case CSUM_BAD: walk_mean(w, "wrong, should be 0x%04x", want); break;
	case CSUM_NONE: walk_mean(w, "none: the sender did not compute it"); break;
	case CSUM_UNKNOWN:
		walk_mean(w, csum ? "not judged: not all that it covers is here" :
				    "not filled in yet, or not all that it covers is here");
	}
}

void walk_l4_csum(struct walk *w)
{
	if (w->in->is_csum_partial && !w->depth) {
		(void)walk_x16(w, "Checksum");
		walk_mean(w, "not judged: the network card was to finish it");
	} else {
		walk_csum(w, "Checksum", w->d->l4_csum, w->d->l4_csum_want);
	}
}

static bool is_printable(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] < ' ' || p[i] > '~')
			return false;
	return n > 0;
}

/* Octets of the payload that no part names. */
static void walk_data(struct walk *w, size_t n, const char *meaning)
{
	const uint8_t *p = walk_bytes(w, n, "Data");

	if (!w->is_open)
		return;
	if (is_printable(p, n))
		add_text(w, p, n);
	else
		walk_count(w);
	walk_mean(w, "%s", meaning);
}

void walk_payload(struct walk *w, const char *rfc, const char *meaning)
{
	size_t start = w->pos, len = walk_left(w);

	w->rfc = rfc;
	for (unsigned i = 0; i < w->in->n_parts; i++) {
		const struct explain_part *part = &w->in->parts[i];
		size_t at = w->pos - start;

		if (part->off < at || part->off >= len)
			continue;
		walk_data(w, part->off - at, meaning);
		walk_hex(w, part->len < walk_left(w) ? part->len : walk_left(w), part->name);
		walk_mean(w, "%s", part->meaning);
		walk_rfc(w, "");
	}
	walk_data(w, walk_left(w), meaning);
}
