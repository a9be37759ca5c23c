/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text - a bounded text builder, and the one sanitiser of untrusted bytes.
 *
 * Layer: base.
 * Every byte from the network, a file or an argument that reaches a terminal, JSON, a file name
 * or a hook passes text_clean() (or text_add_clean()) first.
 */
#ifndef PKT_BASE_TEXT_H
#define PKT_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A builder over a caller's buffer; always NUL-terminated. What does not fit is cut off, never in
 * the middle of a UTF-8 character; `cut` is set and nothing more is added.
 */
struct text {
	char *buf;
	size_t cap; /* octets in buf, the NUL included; at least 1 */
	size_t len; /* octets written, the NUL not counted */
	bool cut;
};

/* text_make() - an empty text in @buf of @cap >= 1 octets. */
struct text text_make(char *buf, size_t cap);
void text_add(struct text *t, const char *str);

/* text_add_char() - one ASCII character; quicker than a text of one. */
static inline void text_add_char(struct text *t, char c)
{
	if (t->cut || t->len + 1 >= t->cap) {
		t->cut = true;
		return;
	}
	t->buf[t->len++] = c;
	t->buf[t->len] = '\0';
}

void text_addf(struct text *t, const char *fmt, ...) printf_like(2, 3);

/* text_add_u64() - a decimal number of at least @digits digits; quicker than text_addf(). */
void text_add_u64(struct text *t, uint64_t v, unsigned digits);

/* text_add_hex() - lower-case hex of @len octets, with @sep between octets unless it is 0. */
void text_add_hex(struct text *t, const void *bytes, size_t len, char sep);

/* text_add_clean() - appends @len untrusted octets through the sanitiser. */
void text_add_clean(struct text *t, const void *bytes, size_t len);

/*
 * text_clean() - the sanitiser.
 * Printable UTF-8 passes; each C0 or C1 control, DEL, line or paragraph separator, bidi control,
 * zero-width or other invisible format character, noncharacter, surrogate, overlong or invalid
 * sequence becomes U+FFFD (one per offending octet of an invalid sequence).
 * @out: receives a NUL-terminated text; @cap >= 1 octets. Never splits a character.
 * @bytes, @len: the untrusted octets (NULs allowed).
 * Returns: true if the octets were already clean and all of them fitted (out equals the input).
 */
bool text_clean(char *out, size_t cap, const void *bytes, size_t len);

#endif
