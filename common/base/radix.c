/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/radix.h"

#include <string.h>

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base32hex[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

void radix_add(struct text *t, enum radix radix, const void *bytes, size_t len, unsigned split,
	       const char *sep)
{
	const char *digits = radix == RADIX_64 ? base64 : base32hex;
	const uint8_t *p = bytes;
	size_t chars = (len * 8 + radix - 1) / radix;
	size_t all = radix == RADIX_64 ? (chars + 3) / 4 * 4 : chars;
	uint32_t acc = 0;
	unsigned n_bits = 0;

	for (size_t i = 0; i < all; i++) {
		if (split && i && i % split == 0)
			text_add(t, sep);
		if (i >= chars) {
			text_add_char(t, '=');
			continue;
		}
		if (n_bits < (unsigned)radix) {
			acc = acc << 8 | (len ? *p++ : 0);
			len -= len ? 1 : 0;
			n_bits += 8;
		}
		n_bits -= radix;
		text_add_char(t, digits[acc >> n_bits & ((1u << radix) - 1)]);
	}
}

static int value_of(enum radix radix, char c)
{
	const char *digits = radix == RADIX_64 ? base64 : base32hex;
	const char *at;

	if (radix != RADIX_64 && c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	at = c ? strchr(digits, c) : NULL;
	return at && at - digits < 1 << radix ? (int)(at - digits) : -1;
}

int radix_read(struct radix_reader *r, const char *text, size_t len, struct wr *out)
{
	for (size_t i = 0; i < len; i++) {
		int v = value_of(r->radix, text[i]);

		r->n_chars++;
		if (text[i] == '=' && r->radix == RADIX_64) {
			r->is_padded = true;
			continue;
		}
		if (v < 0 || r->is_padded)
			return E_BAD;
		r->acc = (r->acc << r->radix | (uint32_t)v) & 0xffff;
		r->n_bits += r->radix;
		if (r->n_bits >= 8) {
			r->n_bits -= 8;
			wr_u8(out, (uint8_t)(r->acc >> r->n_bits));
		}
	}
	return 0;
}

int radix_end(const struct radix_reader *r)
{
	uint32_t rest = r->acc & ((1u << r->n_bits) - 1);

	if (rest || r->n_bits >= (unsigned)r->radix)
		return E_BAD;
	return r->radix == RADIX_64 && r->n_chars % 4 ? E_BAD : 0;
}
