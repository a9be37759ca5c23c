/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/explain_text.h"

#include <string.h>

#include "base/text.h"
#include "out/fold.h"

#define FOLD_LEAST 80u /* below that a folded meaning would be a column of words */

struct printer {
	FILE *to;
	const uint8_t *bytes;
	size_t octets_max; /* of one field that are shown whole */
	size_t octets_cut; /* shown of a longer one */
	int name_width, value_width;
	int meaning_at; /* column */
	int fold_at;    /* column, 0 for never */
	const char *layer;
	unsigned depth;
};

static void print_layer(struct printer *p, const struct explain_field *f)
{
	if (p->depth == f->depth && strcmp(p->layer, f->layer) == 0)
		return;
	p->layer = f->layer;
	p->depth = f->depth;
	fprintf(p->to, "%*s%s%s\n", (int)f->depth * 2, "", f->layer, f->depth ? ", quoted" : "");
}

static void print_field(void *arg, const struct explain_field *f)
{
	struct printer *p = arg;
	char hex[80], says[EXPLAIN_MEANING_MAX + 100];
	struct text t = text_make(hex, sizeof(hex));
	int at;

	print_layer(p, f);
	if (f->len <= p->octets_max) {
		text_add_hex(&t, p->bytes + f->off, f->len, ' ');
	} else {
		text_add_hex(&t, p->bytes + f->off, p->octets_cut, ' ');
		text_addf(&t, " ... [%zu-%zu]", f->off, f->off + f->len - 1);
	}
	at = fprintf(p->to, "%*s%5zu  %-*s  %-*s  %-*s  ", (int)f->depth * 2, "", f->off,
		     (int)p->octets_max * 3 + 1, hex, p->name_width, f->name, p->value_width,
		     f->value);
	snprintf(says, sizeof(says), f->rfc[0] ? "%s [%s]" : "%s", f->meaning, f->rfc);
	/* A value too long for its column leaves the first line little room: not so the others. */
	fold_print(p->to, at, p->meaning_at, p->fold_at, says);
}

void explain_text(FILE *to, unsigned width, const struct explain_packet *p)
{
	bool is_wide = !width || width >= 132;
	struct printer printer = {
		.layer = "",
		.to = to,
		.bytes = p->bytes,
		.octets_max = is_wide ? 8 : 4,
		.octets_cut = is_wide ? 4 : 1,
		.name_width = is_wide     ? 25 :
			      width >= 96 ? 23 :
					    16,
		.value_width = is_wide ? 18 : 10,
		.fold_at = width < FOLD_LEAST ? 0 : (int)width,
	};

	printer.meaning_at = 7 + (int)printer.octets_max * 3 + 1 + 2 + printer.name_width + 2 +
			     printer.value_width + 2;
	explain(p, print_field, &printer);
}
