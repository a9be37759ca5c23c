/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/fsm.h"

const struct fsm_row *fsm_step(struct fsm *f, uint8_t event)
{
	for (unsigned i = 0; i < f->table->n_rows; i++) {
		const struct fsm_row *row = &f->table->rows[i];

		if (row->state != f->state || row->event != event ||
		    (row->guard && !row->guard(f->machine)))
			continue;
		f->state = row->next;
		f->walked |= UINT64_C(1) << i;
		return row;
	}
	return NULL;
}

bool fsm_is_walked(const struct fsm *f)
{
	unsigned n = f->table->n_rows;

	return f->walked == (n < FSM_ROWS_MAX ? (UINT64_C(1) << n) - 1 : UINT64_MAX);
}

void fsm_row_text(const struct fsm_table *table, unsigned row, struct text *out)
{
	const struct fsm_row *r = &table->rows[row];
	const char *separator = "";

	text_addf(out, "%-11s %-6s %-18s -> %-11s ", table->states[r->state],
		  table->events[r->event], r->guard ? r->guard_text : "", table->states[r->next]);
	for (unsigned i = 0; i < 32; i++) {
		if (!(r->actions & UINT32_C(1) << i))
			continue;
		text_addf(out, "%s%s", separator, table->actions[i]);
		separator = ", ";
	}
	text_addf(out, "%s[%s]", *separator ? " " : "", r->rfc);
}
