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

static void text_put(struct text *t, const char *from, size_t n)
{
	if (n > t->cap - 1 - t->len) {
		t->cut = true;
		return;
	}
	memcpy(t->buf + t->len, from, n);
	t->len += n;
	t->buf[t->len] = '\0';
}

void text_add(struct text *t, const char *str)
{
	text_put(t, str, strlen(str));
}

void text_addf(struct text *t, const char *fmt, ...)
{
	size_t room = t->cap - t->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= room) {
		t->cut = true;
		t->len = t->cap - 1;
		return;
	}
	t->len += (size_t)n;
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
	static const struct { uint32_t from, to; } hidden[] = {
		{0x00, 0x1f}, {0x7f, 0x9f},		/* C0, DEL, C1 */
		{0xad, 0xad}, {0x34f, 0x34f},		/* soft hyphen, grapheme joiner */
		{0x61c, 0x61c}, {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f},
		{0x200b, 0x200f}, {0x2028, 0x202e},	/* zero width, separators, bidi */
		{0x2060, 0x206f}, {0x3164, 0x3164}, {0xd800, 0xdfff}, {0xfdd0, 0xfdef},
		{0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
		{0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
	};

	if ((c & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c >= hidden[i].from && c <= hidden[i].to)
			return true;
	return false;
}

/* Octets of the well-formed UTF-8 character at @p (1 to 4) and its code point, or 0. RFC 3629 section 4. */
static size_t utf8_char(const uint8_t *p, size_t len, uint32_t *out)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
	uint32_t c;

	if (n == 0 || n > len || p[0] >= 0xf5)
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

bool text_clean(char *out, size_t cap, const void *bytes, size_t len)
{
	static const char replacement[] = "\xef\xbf\xbd";
	struct text t = text_make(out, cap);
	const uint8_t *p = bytes;
	bool clean = true;

	for (size_t i = 0; i < len && !t.cut;) {
		uint32_t c = 0;
		size_t n = utf8_char(p + i, len - i, &c);

		if (n && !is_hidden(c)) {
			text_put(&t, (const char *)p + i, n);
		} else {
			text_put(&t, replacement, sizeof(replacement) - 1);
			clean = false;
		}
		i += n ? n : 1;
	}
	return clean && !t.cut;
}

void text_add_clean(struct text *t, const void *bytes, size_t len)
{
	size_t room = t->cap - t->len;

	/* text_clean() cannot say how much fitted, so look for the NUL it wrote. */
	(void)text_clean(t->buf + t->len, room, bytes, len);
	t->len += strlen(t->buf + t->len);
}
