/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check - what a run comes to as a monitoring plugin says it: one line with performance data, and
 * the state as exit status.
 *
 * Layer: out.
 * Spec: the Monitoring Plugins Development Guidelines; check_ping's words in the performance data.
 */
#ifndef PKT_OUT_CHECK_H
#define PKT_OUT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

#define CHECK_QUANTITIES 8u
#define CHECK_LINE_MAX 8192u /* what a scheduler reads of a plugin */

/* The exit statuses. */
enum check_state { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };

/* What can be measured. A list of them ends with a NULL word. */
struct check_quantity {
	const char *word;  /* in --check and in the line */
	const char *label; /* in the performance data */
	const char *unit;  /* "ms", "%", "" */
	const char *range; /* in the performance data: least, and most if there is one: "0;100" */
};

struct check_limits {
	bool has_warning, has_critical;
	double warning, critical; /* at or above */
};

struct check {
	const struct check_quantity *quantities;
	struct check_limits limits[CHECK_QUANTITIES];
	enum check_state state; /* the worst */
	unsigned n, n_bad;      /* subjects */
	char words[1024], perf[CHECK_LINE_MAX];
	struct text words_text, perf_text;
	char first[256]; /* subject, whose name is told when there is a second */
	double first_values[CHECK_QUANTITIES];
};

/*
 * check_parse() - @text: "rta=100:500,loss=20:60", the limits of WARNING and CRITICAL, of which one
 * may be missing. Returns 0, or E_BAD with what is wanted in @why.
 */
int must_check check_parse(struct check *c, const struct check_quantity *quantities,
			   const char *text, struct why *why);

/*
 * check_add() - what one subject (a target, a question) came to: the state it has apart from
 * limits, a word for that (may be empty), and a value for each quantity, NAN where there is none.
 */
void check_add(struct check *c, const char *subject, enum check_state state, const char *what,
	       const double *values);

/* check_line() - the line, without newline. @tool: "ping". @fault: what went wrong besides; NULL. */
void check_line(struct check *c, const char *tool, const char *fault, struct text *out);

#endif
