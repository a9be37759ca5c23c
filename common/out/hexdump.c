/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/hexdump.h"

#include <stdint.h>

#include "base/text.h"

#define ROW 16

void hexdump(FILE *to, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t off = 0; off < len; off += ROW) {
		size_t n = len - off < ROW ? len - off : ROW;
		char hex[3 * ROW], ascii[ROW + 1];
		struct text t = text_make(hex, sizeof(hex));

		text_add_hex(&t, p + off, n, ' ');
		for (size_t i = 0; i < n; i++)
			ascii[i] = p[off + i] >= ' ' && p[off + i] <= '~' ? (char)p[off + i] : '.';
		ascii[n] = '\0';
		fprintf(to, "%04zx  %-*s  %s\n", off, 3 * ROW - 1, hex, ascii);
	}
}
