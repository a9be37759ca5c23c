/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_explain - whatever the octets are, the fields tile them, none is without text, and each
 * layer that the dissector finds starts one.
 */
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "wire/explain.h"

struct seen {
	size_t end;                      /* of the field before */
	const struct layer *next, *last; /* layers that have still to start a field */
};

static void take(void *arg, const struct explain_field *f)
{
	struct seen *seen = arg;
	char clean[EXPLAIN_VALUE_MAX];

	must(f->off == seen->end && f->len > 0);
	must(*f->name && *f->value && *f->meaning);
	must(text_clean(clean, sizeof(clean), f->value, strlen(f->value)));
	seen->end += f->len;
	while (seen->next < seen->last && seen->next->off == f->off)
		seen->next++;
	must(seen->next == seen->last || seen->next->off >= seen->end);
}

/* The first octet says where the packet starts and what the caller knows, the packet follows. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct explain_part parts[] = {
		{.off = 0, .len = 8, .name = "Cookie", .meaning = "ours"},
		{.off = 9, .len = 30, .name = "Rest", .meaning = "ours too"},
	};
	struct explain_packet p = {.parts = parts};
	struct seen seen = {0};
	struct dissect d;

	if (!len)
		return 0;
	p.start = data[0] & 16 ? DISSECT_DNS : (enum dissect_start)(data[0] & 3);
	p.is_csum_partial = data[0] & 4;
	p.n_parts = data[0] & 8 ? 2 : 0;
	p.shows_sums = data[0] & 32;
	p.bytes = data + 1;
	p.len = len - 1;
	(void)dissect_packet(p.start, p.bytes, p.len, &d);
	seen.next = d.layers;
	seen.last = d.layers + d.n_layers;
	explain(&p, take, &seen);
	must(seen.end == p.len);
	return 0;
}
