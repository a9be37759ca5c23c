/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/fsm.h"

#include <string.h>

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

/* What row @r does, and where that is written. */
static void add_actions(const struct fsm_table *table, const struct fsm_row *r, struct text *out)
{
	const char *separator = "";

	for (unsigned i = 0; i < 32; i++) {
		if (!(r->actions & UINT32_C(1) << i))
			continue;
		text_addf(out, "%s%s", separator, table->actions[i]);
		separator = ", ";
	}
	if (r->rfc[0])
		text_addf(out, "%s[%s]", *separator ? " " : "", r->rfc);
}

void fsm_row_text(const struct fsm_table *table, unsigned row, struct text *out)
{
	const struct fsm_row *r = &table->rows[row];

	text_addf(out, "%-11s %-6s %-18s -> %-11s ", table->states[r->state],
		  table->events[r->event], r->guard ? r->guard_text : "", table->states[r->next]);
	add_actions(table, r, out);
}

static size_t event_len(const struct fsm_table *t, const struct fsm_row *r)
{
	return strlen(t->events[r->event]) + (r->guard ? 1 + strlen(r->guard_text) : 0);
}

/* How wide the columns must be. */
static void measure(const struct fsm_table *t, size_t *event, size_t *state)
{
	*event = *state = 0;
	for (unsigned i = 0; i < t->n_rows; i++) {
		size_t e = event_len(t, &t->rows[i]), s = strlen(t->states[t->rows[i].next]);

		*event = e > *event ? e : *event;
		*state = s > *state ? s : *state;
	}
}

static bool is_last_of_state(const struct fsm_table *t, unsigned row)
{
	for (unsigned i = row + 1; i < t->n_rows; i++)
		if (t->rows[i].state == t->rows[row].state)
			return false;
	return true;
}

static void draw_arrow(const struct fsm_table *t, unsigned row, size_t event, size_t state,
		       struct text *out)
{
	const struct fsm_row *r = &t->rows[row];

	text_addf(out, "  %s-- %s%s%s ", is_last_of_state(t, row) ? "`" : "|", t->events[r->event],
		  r->guard ? " " : "", r->guard ? r->guard_text : "");
	for (size_t n = event_len(t, r); n < event + 2; n++)
		text_add(out, "-");
	if (!r->actions && !r->rfc[0]) {
		text_addf(out, "> %s", t->states[r->next]);
		return;
	}
	text_addf(out, "> %-*s  ", (int)state, t->states[r->next]);
	add_actions(t, r, out);
}

void fsm_draw(const struct fsm_table *table, void (*line)(void *arg, const struct text *line),
	      void *arg)
{
	uint64_t drawn = 0; /* bit i: row i */
	char buf[256];
	size_t event, state;

	measure(table, &event, &state);
	for (unsigned first = 0; first < table->n_rows; first++) {
		uint8_t from = table->rows[first].state;
		struct text t = text_make(buf, sizeof(buf));

		if (drawn & UINT64_C(1) << first)
			continue;
		text_add(&t, table->states[from]);
		line(arg, &t);
		for (unsigned i = first; i < table->n_rows; i++) {
			if (table->rows[i].state != from)
				continue;
			t = text_make(buf, sizeof(buf));
			draw_arrow(table, i, event, state, &t);
			line(arg, &t);
			drawn |= UINT64_C(1) << i;
		}
	}
}
