/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fsm - a protocol as a table: in this state, on that event, if the guard holds, do this and go
 * there.
 *
 * Layer: engine.
 * The table is what runs, what is printed for the learner, and what tests must have walked through
 * row by row. The machine is pure: an event in, a row out; whoever drives it does what the row
 * says. Times and packets are the driver's.
 */
#ifndef PKT_ENGINE_FSM_H
#define PKT_ENGINE_FSM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define FSM_ROWS_MAX 64u

struct fsm_row {
	uint8_t state, event;
	bool (*guard)(const void *machine); /* NULL: always; asked in the order of the rows */
	const char *guard_text;
	uint32_t actions; /* bits: 1 << action */
	uint8_t next;
	const char *rfc; /* where the standard says so */
};

struct fsm_table {
	const char *name;
	const struct fsm_row *rows;
	unsigned n_rows; /* at most FSM_ROWS_MAX */
	const char *const *states, *const *events, *const *actions;
};

struct fsm {
	const struct fsm_table *table;
	const void *machine; /* what guards look at */
	uint8_t state;
	uint64_t walked; /* bit i: row i has been taken */
};

/*
 * fsm_step() - takes the first row that fits and moves on.
 * Returns the row, or NULL if the event means nothing in this state.
 */
const struct fsm_row *fsm_step(struct fsm *f, uint8_t event);

/* fsm_is_walked() - whether every row has been taken; for tests. */
bool fsm_is_walked(const struct fsm *f);

/* fsm_row_text() - "PROBING  timer [last probe]  -> LISTENING  send probe  RFC 5227 2.1.1". */
void fsm_row_text(const struct fsm_table *table, unsigned row, struct text *out);

/*
 * fsm_draw() - the whole table as a drawing, line by line: each state, and below it an arrow for
 * each row that leads out of it, in the order in which they are tried.
 */
void fsm_draw(const struct fsm_table *table, void (*line)(void *arg, const struct text *line),
	      void *arg);

#endif
