/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics - numbers for Prometheus, in its text format: declared once, kept by their labels, and
 * written family by family.
 *
 * Layer: out.
 * Spec: the exposition format 0.0.4 of Prometheus; times are in seconds, as its rules want.
 */
#ifndef PKT_OUT_METRICS_H
#define PKT_OUT_METRICS_H

#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "base/stats.h"

#define METRICS_MAX 100000u /* sets of labels, of all families: memory stays bounded */

enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM };

struct metric {
	const char *name;
	enum metric_type type;
	const char *help;
};

/* What every tool tells, so that its words are the same in all files that a collector reads. */
#define METRICS_OF_A_PROBE \
	{"probe_success", METRIC_GAUGE, "Whether it was answered as wanted."}, \
	{ \
		"probe_ip_protocol", METRIC_GAUGE, "Version of IP that was spoken: 4 or 6." \
	}

/* A name by Prometheus' rules, and any text. A list of them ends with a NULL name. */
struct metric_label {
	const char *name, *value;
};

struct metrics;

/*
 * metrics_new() - @table: the families, ended by a NULL name. @vantage: a label of every sample;
 * NULL for none. Both must live as long. Owns: metrics_free(). NULL when out of memory.
 */
struct metrics *metrics_new(const struct metric *table, const char *vantage);
void metrics_free(struct metrics *m);

/*
 * metrics_set() - the sample of family @name with these labels is now @value; one that is no number
 * is left out. @m may be NULL. What finds no room makes metrics_write() fail.
 */
void metrics_set(struct metrics *m, const char *name, const struct metric_label *labels,
		 double value);

/* metrics_set_times() - the same for a histogram of times. */
void metrics_set_times(struct metrics *m, const char *name, const struct metric_label *labels,
		       const struct stats *times);

/* metrics_schema() - the table as a Markdown section, for docs/output.md. */
void metrics_schema(FILE *f, const char *tool, const struct metric *table);

/*
 * metrics_write() - hands the whole text, piece by piece, to @sink, which returns 0 or an error.
 * Returns 0; E_FULL or E_MEM if samples found no room; what @sink returned.
 */
int must_check metrics_write(const struct metrics *m,
			     int (*sink)(void *arg, const char *text, size_t len, struct why *why),
			     void *arg, struct why *why);

#endif
