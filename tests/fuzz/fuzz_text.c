/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_text - the sanitiser: clean UTF-8 comes out, and cleaning it again changes nothing. */
#include <string.h>

#include "base/text.h"
#include "fuzz.h"

/* Code points no terminal may get, a choice that is independent of the sanitiser's own table. */
static bool is_dangerous(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x61c ||
	       (c >= 0xd800 && c <= 0xdfff) || c == 0xfeff || c > 0x10ffff;
}

/* Decodes UTF-8 as RFC 3629 3 tells, bit by bit; every sequence must be the shortest. */
static void must_be_clean(const char *text)
{
	const uint8_t *p = (const uint8_t *)text;

	while (*p) {
		unsigned n = *p < 0x80 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
		uint32_t c = n ? *p & (0x3fu >> n) : *p;

		must(*p < 0x80 || (*p >= 0xc2 && *p <= 0xf4));
		p++;
		for (unsigned i = 0; i < n; i++) {
			must((*p & 0xc0) == 0x80);
			c = c << 6 | (*p++ & 0x3f);
		}
		must(c >= (n == 0 ? 0u : n == 1 ? 0x80u : n == 2 ? 0x800u : 0x10000u));
		must(!is_dangerous(c));
	}
}

/* The first octet is the room for the text, the text follows. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *out, *again;
	size_t cap;
	struct text t;
	bool same;

	if (!len)
		return 0;
	cap = data[0] < 250 ? data[0] + 1u : 3 * len + 1;
	data++;
	len--;
	out = malloc(cap);
	again = malloc(cap);
	must(out && again);
	same = text_clean(out, cap, data, len);
	must(strlen(out) < cap);
	must_be_clean(out);
	must(same == (strlen(out) == len && memcmp(out, data, len) == 0));
	must(text_clean(again, cap, out, strlen(out)));
	must(strcmp(out, again) == 0);
	t = text_make(again, cap);
	text_addf(&t, "%s", out);
	must(strcmp(out, again) == 0 && !t.cut);
	t = text_make(again, 1 + cap / 2);
	text_addf(&t, "%s", out);
	must_be_clean(again);
	must(t.len == strlen(again) && t.cut == (t.len < strlen(out)));
	free(out);
	free(again);
	return 0;
}
