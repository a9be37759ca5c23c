/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text text_make(char *buf, size_t cap)
{
	buf[0] = '\0';
	return (struct text){.buf = buf, .cap = cap};
}

/* Octets of the well-formed UTF-8 character at @p and its code point, or 0 (RFC 3629 4). */
static size_t utf8_char(const uint8_t *p, size_t len, uint32_t *out)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t c;

	if ((p[0] >= 0x80 && p[0] < 0xc2) || p[0] >= 0xf5 || n > len)
		return 0;
	c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff)
		return 0;
	*out = c;
	return n;
}

/* Adds @n octets that make sense only together. */
static void text_put(struct text *t, const char *from, size_t n)
{
	if (t->cut || n > t->cap - 1 - t->len) {
		t->cut = true;
		return;
	}
	memcpy(t->buf + t->len, from, n);
	t->len += n;
	t->buf[t->len] = '\0';
}

/* Takes back the beginning of a UTF-8 character whose end did not fit. */
static void drop_partial(struct text *t)
{
	const uint8_t *buf = (const uint8_t *)t->buf;
	size_t start = t->len;
	uint32_t c;

	while (start && t->len - start < 3 && (buf[start - 1] & 0xc0) == 0x80)
		start--;
	if (start && buf[start - 1] >= 0xc0 && !utf8_char(buf + start - 1, t->len - start + 1, &c))
		t->len = start - 1;
	t->buf[t->len] = '\0';
}

void text_add(struct text *t, const char *str)
{
	size_t room = t->cap - 1 - t->len, n = strlen(str);

	if (t->cut)
		return;
	t->cut = n > room;
	n = t->cut ? room : n;
	memcpy(t->buf + t->len, str, n);
	t->len += n;
	t->buf[t->len] = '\0';
	if (t->cut)
		drop_partial(t);
}

void text_addf(struct text *t, const char *fmt, ...)
{
	size_t room = t->cap - t->len;
	va_list ap;
	int n;

	if (t->cut)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	t->cut = (size_t)n >= room;
	t->len += t->cut ? room - 1 : (size_t)n;
	if (t->cut)
		drop_partial(t);
}

void text_add_u64(struct text *t, uint64_t v, unsigned digits)
{
	char buf[20], *at = buf + sizeof(buf);

	do {
		*--at = (char)('0' + v % 10);
		v /= 10;
	} while (v || (buf + sizeof(buf) - at < (ptrdiff_t)digits && at > buf));
	text_put(t, at, (size_t)(buf + sizeof(buf) - at));
}

void text_add_hex(struct text *t, const void *bytes, size_t len, char sep)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++) {
		char pair[3] = {sep, digits[p[i] >> 4], digits[p[i] & 15]};

		if (sep && i)
			text_put(t, pair, 3);
		else
			text_put(t, pair + 1, 2);
	}
}

/* Code points that change what a person sees without being seen themselves. */
static bool is_hidden(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} hidden[] = {
		{0x00, 0x1f},       {0x7f, 0x9f},   /* C0, DEL, C1 */
		{0xad, 0xad},       {0x34f, 0x34f}, /* soft hyphen, grapheme joiner */
		{0x61c, 0x61c},     {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},
		{0x200b, 0x200f},   {0x2028, 0x202e}, /* zero width, separators, bidi */
		{0x2060, 0x206f},   {0x3164, 0x3164},   {0xd800, 0xdfff},   {0xfdd0, 0xfdef},
		{0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
		{0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
	};

	if ((c & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c >= hidden[i].from && c <= hidden[i].to)
			return true;
	return false;
}

/* How many printable ASCII characters @p begins with: nearly all of nearly every text. */
static size_t plain_run(const uint8_t *p, size_t len)
{
	size_t n = 0;

	while (n < len && p[n] >= 0x20 && p[n] < 0x7f)
		n++;
	return n;
}

/* Adds @len octets at @p as text_clean() would; whether all of them were clean. */
static bool add_clean(struct text *t, const uint8_t *p, size_t len)
{
	static const char replacement[] = "\xef\xbf\xbd";
	bool clean = true;

	for (size_t i = 0; i < len && !t->cut;) {
		size_t room = t->cap - 1 - t->len, n = plain_run(p + i, len - i);
		uint32_t c = 0;

		if (n) { /* of these, unlike others, a part is as good as the whole */
			text_put(t, (const char *)p + i, n < room ? n : room);
			t->cut = n > room;
			i += n;
			continue;
		}
		n = utf8_char(p + i, len - i, &c);
		if (n && !is_hidden(c)) {
			text_put(t, (const char *)p + i, n);
		} else {
			text_put(t, replacement, sizeof(replacement) - 1);
			clean = false;
		}
		i += n ? n : 1;
	}
	return clean;
}

bool text_clean(char *out, size_t cap, const void *bytes, size_t len)
{
	struct text t = text_make(out, cap);
	bool clean = add_clean(&t, bytes, len);

	return clean && !t.cut;
}

void text_add_clean(struct text *t, const void *bytes, size_t len)
{
	(void)add_clean(t, bytes, len);
}
