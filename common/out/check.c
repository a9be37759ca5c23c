/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

static const char *const state_words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

static int fail_item(const struct check *c, const char *item, size_t len, struct why *why)
{
	char shown[100], list[200];
	struct text t = text_make(list, sizeof(list)), s = text_make(shown, sizeof(shown));

	for (const struct check_quantity *q = c->quantities; q->word; q++)
		text_addf(&t, "%s%s%s%s%s", t.len ? ", " : "", q->word, *q->unit ? " (" : "",
			  q->unit, *q->unit ? ")" : "");
	text_add_clean(&s, item, len);
	return why_set(why, E_BAD,
		       "a list such as %s=WARNING:CRITICAL, of which '%s' is no part; there are "
		       "limits of %s",
		       c->quantities[0].word, shown, list);
}

/* A number in the unit of the quantity; times may have a unit of their own. */
static int parse_limit(const struct check_quantity *q, const char *text, size_t len, bool *has,
		       double *out)
{
	char word[32];
	uint64_t ns;

	*has = len > 0;
	if (!len)
		return 0;
	if (len >= sizeof(word) - 2)
		return E_BAD;
	memcpy(word, text, len);
	word[len] = '\0';
	if (strcmp(q->unit, "ms") == 0 && word[len - 1] != 's')
		memcpy(word + len, "ms", 3);
	/* Percents and counts are read as durations are, in decimal and without an exponent. */
	if (strcmp(q->unit, "ms") != 0 && word[len - 1] > '9')
		return E_BAD;
	if (num_duration(word, 0, INT64_MAX, &ns, NULL) < 0)
		return E_BAD;
	*out = (double)ns / (double)(strcmp(q->unit, "ms") == 0 ? NS_PER_MS : NS_PER_S);
	return 0;
}

static int parse_item(struct check *c, const char *item, size_t len)
{
	const char *equals = memchr(item, '=', len), *colon;
	size_t i = 0, head = equals ? (size_t)(equals - item) : len;
	struct check_limits l = {0};

	while (c->quantities[i].word && (strlen(c->quantities[i].word) != head ||
					 memcmp(c->quantities[i].word, item, head) != 0))
		i++;
	colon = equals ? memchr(equals, ':', len - head) : NULL;
	if (!c->quantities[i].word || !colon)
		return E_BAD;
	if (parse_limit(&c->quantities[i], equals + 1, (size_t)(colon - equals) - 1, &l.has_warning,
			&l.warning) < 0 ||
	    parse_limit(&c->quantities[i], colon + 1, (size_t)(item + len - colon) - 1,
			&l.has_critical, &l.critical) < 0)
		return E_BAD;
	if ((!l.has_warning && !l.has_critical) ||
	    (l.has_warning && l.has_critical && l.warning > l.critical))
		return E_BAD;
	c->limits[i] = l;
	return 0;
}

int check_parse(struct check *c, const struct check_quantity *quantities, const char *text,
		struct why *why)
{
	*c = (struct check){.quantities = quantities};
	for (const char *item = text;; item++) {
		size_t len = strcspn(item, ",");

		if (parse_item(c, item, len) < 0)
			return fail_item(c, item, len, why);
		item += len;
		if (!*item)
			return 0;
	}
}

/* From good to bad, as a scheduler sees it: not to know is worse than a warning. */
static unsigned badness(enum check_state state)
{
	static const unsigned order[] = {0, 1, 3, 2};

	return order[state];
}

static void worsen(enum check_state *state, enum check_state other)
{
	if (badness(other) > badness(*state))
		*state = other;
}

static enum check_state judge(const struct check_limits *l, double value)
{
	if (l->has_critical && value >= l->critical)
		return CHECK_CRITICAL;
	return l->has_warning && value >= l->warning ? CHECK_WARNING : CHECK_OK;
}

/* A text without those characters that have a meaning where it stands in a plugin's line. */
static void add_without(struct text *t, const char *subject, const char *special)
{
	char clean[256 * 3];

	(void)text_clean(clean, sizeof(clean), subject, strlen(subject));
	for (char *s = clean; *s; s++)
		if (strchr(special, *s))
			*s = '_';
	text_add(t, clean);
}

static void add_number(struct text *t, double value, const char *unit, const char *unknown)
{
	if (isfinite(value))
		text_addf(t, "%.6g%s", value, unit);
	else
		text_add(t, unknown);
}

/* 'LABEL'=VALUE;WARNING;CRITICAL;MIN;MAX for one quantity. */
static void add_perf(struct text *t, const struct check_quantity *q, const struct check_limits *l,
		     const char *subject, double value)
{
	text_add(t, " ");
	if (subject) {
		text_add(t, "'");
		add_without(t, subject, "|='");
		text_addf(t, " %s'=", q->label);
	} else {
		text_addf(t, "%s=", q->label);
	}
	add_number(t, value, q->unit, "U");
	text_add(t, ";");
	add_number(t, l->has_warning ? l->warning : (double)NAN, "", "");
	text_add(t, ";");
	add_number(t, l->has_critical ? l->critical : (double)NAN, "", "");
	text_addf(t, ";%s", q->range);
}

/* The words about a subject: its name, what it came to, the quantities. */
static void say(struct check *c, const char *subject, const char *what, const double *values)
{
	struct text *t = &c->words_text;
	const char *comma = *what ? ", " : "";

	*t = text_make(c->words, sizeof(c->words));
	add_without(t, subject, "|");
	text_addf(t, ": ");
	add_without(t, what, "|");
	for (unsigned i = 0; c->quantities[i].word; i++, comma = ", ") {
		text_addf(t, "%s%s ", comma, c->quantities[i].word);
		add_number(t, values[i], c->quantities[i].unit, "unknown");
	}
}

/* As many items as find room, whole. */
static void add_perfs(struct check *c, const char *subject, const double *values)
{
	for (unsigned i = 0; c->quantities[i].word; i++) {
		size_t before = c->perf_text.len;

		add_perf(&c->perf_text, &c->quantities[i], &c->limits[i], subject, values[i]);
		if (!c->perf_text.cut)
			continue;
		c->perf_text.len = before;
		c->perf[before] = '\0';
	}
}

/* One subject needs no name; from the second on each has its own. */
static void keep_perf(struct check *c, const char *subject, const double *values)
{
	if (c->n <= 2)
		c->perf_text = text_make(c->perf, sizeof(c->perf) - sizeof(c->words));
	if (c->n == 2)
		add_perfs(c, c->first, c->first_values);
	add_perfs(c, c->n > 1 ? subject : NULL, values);
	if (c->n > 1)
		return;
	snprintf(c->first, sizeof(c->first), "%s", subject);
	for (unsigned i = 0; c->quantities[i].word; i++)
		c->first_values[i] = values[i];
}

void check_add(struct check *c, const char *subject, enum check_state state, const char *what,
	       const double *values)
{
	bool is_first = !c->n++;

	for (unsigned i = 0; c->quantities[i].word; i++)
		if (isfinite(values[i]))
			worsen(&state, judge(&c->limits[i], values[i]));
	c->n_bad += state != CHECK_OK;
	if (is_first || badness(state) > badness(c->state))
		say(c, subject, what, values);
	worsen(&c->state, state);
	keep_perf(c, subject, values);
}

void check_line(struct check *c, const char *tool, const char *fault, struct text *out)
{
	if (fault || !c->n)
		worsen(&c->state, CHECK_UNKNOWN);
	for (const char *t = tool; *t; t++)
		text_add_char(out, (char)(*t >= 'a' && *t <= 'z' ? *t - 'a' + 'A' : *t));
	text_addf(out, " %s - ", state_words[c->state]);
	if (c->n > 1)
		text_addf(out, "%u of %u not ok: ", c->n_bad, c->n);
	if (c->n)
		text_add(out, c->words);
	if (fault && c->n)
		text_add(out, "; ");
	if (fault)
		add_without(out, fault, "|");
	else if (!c->n)
		text_add(out, "nothing was asked");
	if (c->n)
		text_addf(out, "|%s", c->perf + 1);
}
