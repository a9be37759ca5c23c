/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * radix - octets as base64, base32 (extended hex) and hexadecimal text, and back.
 *
 * Layer: base. Spec: RFC 4648 4, 7, 8.
 */
#ifndef PKT_BASE_RADIX_H
#define PKT_BASE_RADIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"

enum radix { RADIX_16 = 4, RADIX_32HEX = 5, RADIX_64 = 6 }; /* bits of a character */

/*
 * radix_add() - appends @len octets, upper case; base64 is padded, base32 is not.
 * @split: @sep goes between each @split characters; 0 for never.
 */
void radix_add(struct text *t, enum radix radix, const void *bytes, size_t len, unsigned split,
	       const char *sep);

/* A text being read piece by piece. */
struct radix_reader {
	enum radix radix;
	uint32_t acc;     /* bits not yet written */
	unsigned n_bits;  /* in acc */
	unsigned n_chars; /* read so far, padding included */
	bool is_padded;   /* a '=' was met */
};

/* radix_read() - @len characters, in any case of hex and base32. Returns 0 or E_BAD. */
int must_check radix_read(struct radix_reader *r, const char *text, size_t len, struct wr *out);

/* radix_end() - 0 if the text was whole, E_BAD if it stopped inside an octet. */
int must_check radix_end(const struct radix_reader *r);

#endif
