/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * out - standard output: results only, whole lines, and never a silent loss of them.
 *
 * Layer: out.
 * What is written waits in a buffer until out_flush(), which the loop calls before it waits and at
 * least each 100 ms: a reader at a pipe sees each line in time without unbuffer, and a fast sweep
 * pays no system call a line.
 */
#ifndef PKT_OUT_OUT_H
#define PKT_OUT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

/* Where in a fleet the run stands: said by each record. NULL: not told. */
struct out_place {
	const char *vantage; /* who sees */
	const char *run;     /* common to the runs of one undertaking */
	const char *shard;   /* "3/8" */
};

struct out {
	FILE *file;
	const struct clock *clock;
	const char *tool; /* its name, as in JSON and messages */
	struct out_place place;
	bool is_json;
	bool is_foreign; /* JSON of another program's form: our own records are not written */
	bool is_muted;   /* no text is written: what the run comes to is told at its end */
	bool is_lost;    /* a write has failed: the run must end with exit 2 */
	bool is_ended;   /* the last record has been written */
	uint64_t flushed_ns;
};

/* out_make() - output to @file (not closed). */
struct out out_make(FILE *file, const struct clock *clock, const char *tool, bool is_json);

/* out_has_text() - whether text is written: neither JSON nor muted. */
static inline bool out_has_text(const struct out *o)
{
	return !o->is_json && !o->is_muted;
}

/* out_text() - a piece of text output; nothing where there is no text. */
void out_text(struct out *o, const char *fmt, ...) printf_like(2, 3);

/*
 * out_line() - a line of text output that is built already, without its newline; nothing where
 * there is no text.
 */
void out_line(struct out *o, const struct text *line);

/* out_flush() - hands everything to the kernel; sets is_lost if that fails. */
void out_flush(struct out *o);

/* out_flush_old() - the same, if the last time was more than 100 ms before @now_ns (monotonic). */
void out_flush_old(struct out *o, uint64_t now_ns);

#endif
