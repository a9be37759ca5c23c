/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/metrics.h"

#include <assert.h>
#include <math.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

#define LABELS_MAX 8192u
#define LINES_MAX (2 * LABELS_MAX)
#define FAMILIES_MAX 32u

/* Whole lines, by their labels. */
struct sample {
	char *labels, *lines;
};

struct metrics {
	const struct metric *table;
	const char *vantage;
	void *samples[FAMILIES_MAX]; /* of each family a tree, for tsearch() */
	unsigned n;
	int err;
};

struct metrics *metrics_new(const struct metric *table, const char *vantage)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (m) {
		m->table = table;
		m->vantage = vantage;
	}
	return m;
}

static void free_sample(void *sample)
{
	struct sample *s = sample;

	free(s->labels);
	free(s->lines);
	free(s);
}

void metrics_free(struct metrics *m)
{
	for (unsigned i = 0; m && m->table[i].name; i++)
		tdestroy(m->samples[i], free_sample);
	free(m);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct sample *)a)->labels, ((const struct sample *)b)->labels);
}

/* The text as a person may see it, with what would end a label's value escaped. */
static void add_value(struct text *t, const char *value)
{
	char clean[3 * 1024];

	(void)text_clean(clean, sizeof(clean), value, strlen(value));
	for (const char *c = clean; *c; c++) {
		if (*c == '\\' || *c == '"')
			text_add_char(t, '\\');
		text_add_char(t, *c);
	}
}

/* name="value",... without the braces. */
static void add_labels(struct text *t, const struct metrics *m, const struct metric_label *labels)
{
	const char *comma = "";

	for (const struct metric_label *l = labels; l->name; l++, comma = ",") {
		text_addf(t, "%s%s=\"", comma, l->name);
		add_value(t, l->value);
		text_add_char(t, '"');
	}
	if (m->vantage) {
		text_addf(t, "%svantage=\"", comma);
		add_value(t, m->vantage);
		text_add_char(t, '"');
	}
}

static void keep(struct metrics *m, unsigned family, const char *labels, const char *lines)
{
	const struct sample key = {.labels = (char *)(uintptr_t)labels};
	struct sample **found = tfind(&key, &m->samples[family], compare), *s;
	char *copy = strdup(lines);

	if (!found && copy && m->n < METRICS_MAX) {
		s = calloc(1, sizeof(*s));
		if (s)
			s->labels = strdup(labels);
		found = s && s->labels ? tsearch(s, &m->samples[family], compare) : NULL;
		if (!found && s)
			free_sample(s);
		else
			m->n++;
	}
	if (!found || !copy) {
		m->err = m->n < METRICS_MAX ? E_MEM : E_FULL;
		free(copy);
		return;
	}
	free((*found)->lines);
	(*found)->lines = copy;
}

static unsigned family_of(const struct metrics *m, const char *name)
{
	unsigned i = 0;

	while (m->table[i].name && strcmp(m->table[i].name, name) != 0)
		i++;
	assert(i < FAMILIES_MAX && m->table[i].name); /* declared before it is written */
	return i;
}

void metrics_set(struct metrics *m, const char *name, const struct metric_label *labels,
		 double value)
{
	char label_text[LABELS_MAX], lines[LINES_MAX];
	struct text l = text_make(label_text, sizeof(label_text));
	struct text t = text_make(lines, sizeof(lines));

	if (!m || !isfinite(value))
		return;
	add_labels(&l, m, labels);
	text_addf(&t, "%s{%s} %.15g\n", name, label_text, value);
	keep(m, family_of(m, name), label_text, lines);
}

void metrics_set_times(struct metrics *m, const char *name, const struct metric_label *labels,
		       const struct stats *times)
{
	/* Seconds: from one switch to twice around the world. */
	static const double bounds[] = {50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3,
					20e-3, 50e-3,  100e-3, 200e-3, 0.5,  1,    2,    5};
	static const size_t n_bounds = sizeof(bounds) / sizeof(bounds[0]);
	size_t cap = (n_bounds + 3) * (LABELS_MAX + 128);
	char label_text[LABELS_MAX], *lines = m ? malloc(cap) : NULL;
	struct text l = text_make(label_text, sizeof(label_text)), t;

	if (!m)
		return;
	if (!lines) {
		m->err = E_MEM;
		return;
	}
	t = text_make(lines, cap);
	add_labels(&l, m, labels);
	for (size_t i = 0; i < n_bounds; i++)
		text_addf(&t, "%s_bucket{%s,le=\"%g\"} %llu\n", name, label_text, bounds[i],
			  (unsigned long long)stats_count_within(
				  times, (uint64_t)(bounds[i] * (double)NS_PER_S)));
	text_addf(&t, "%s_bucket{%s,le=\"+Inf\"} %llu\n", name, label_text,
		  (unsigned long long)times->count);
	text_addf(&t, "%s_sum{%s} %.15g\n", name, label_text,
		  times->mean_ns * (double)times->count / (double)NS_PER_S);
	text_addf(&t, "%s_count{%s} %llu\n", name, label_text, (unsigned long long)times->count);
	keep(m, family_of(m, name), label_text, lines);
	free(lines);
}

struct writing {
	int (*sink)(void *arg, const char *text, size_t len, struct why *why);
	void *arg;
	struct why *why;
	int err;
};

static void write_sample(const void *node, VISIT when, void *arg)
{
	const struct sample *s = *(const struct sample *const *)node;
	struct writing *w = arg;

	if ((when == postorder || when == leaf) && !w->err)
		w->err = w->sink(w->arg, s->lines, strlen(s->lines), w->why);
}

static const char *const type_words[] = {"gauge", "counter", "histogram"};

void metrics_schema(FILE *f, const char *tool, const struct metric *table)
{
	fprintf(f,
		"### Metrics of %s (`--format=prom`)\n\n| metric | type | meaning |\n|---|---|---|\n",
		tool);
	for (const struct metric *m = table; m->name; m++)
		fprintf(f, "| `%s` | %s | %s |\n", m->name, type_words[m->type], m->help);
	fputc('\n', f);
}

int metrics_write(const struct metrics *m,
		  int (*sink)(void *arg, const char *text, size_t len, struct why *why), void *arg,
		  struct why *why)
{
	struct writing w = {sink, arg, why, 0};
	char head[512];

	if (m->err == E_FULL)
		return why_set(why, m->err,
			       "more than %u sets of labels: metrics are for fewer targets, "
			       "--json takes any number",
			       METRICS_MAX);
	if (m->err)
		return why_set(why, m->err, "out of memory for metrics");
	for (unsigned i = 0; m->table[i].name && !w.err; i++) {
		const struct metric *f = &m->table[i];
		struct text t = text_make(head, sizeof(head));

		if (!m->samples[i])
			continue;
		text_addf(&t, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help, f->name,
			  type_words[f->type]);
		w.err = sink(arg, head, t.len, why);
		twalk_r(m->samples[i], write_sample, &w);
	}
	return w.err;
}
