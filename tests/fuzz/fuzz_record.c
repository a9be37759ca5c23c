/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_record - whatever is put into a record comes out as one line of clean JSON, and what is read
 * back from that is what went in.
 *
 * The input is a list of steps that fill the record; they are taken once to write it and a second
 * time to check what was parsed.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "fuzz.h"
#include "out/record.h"

#define DEPTH_MAX 8

#define ANY(name) \
	{ \
		name, FIELD_STRING, "", "" \
	}
static const struct field fields[] = {
	ANY("f0"), ANY("f1"), ANY("f2"), ANY("f3"), ANY("f4"), ANY("f5"), ANY("f6"), ANY("f7"),
};
#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))
static const struct record_type type = RECORD_TYPE("thing", "A thing.", fields);

enum step_kind { END, BYTES, STR, ITEM, OBJECT, ARRAY, CLOSE, INT, NUM, BOOL, NOTHING, STEP_KINDS };

struct step {
	enum step_kind kind;
	const char *name;
	const uint8_t *bytes;
	size_t len;
	uint64_t number;
};

/* Where a pass is: how deep, what kind of thing it fills there, and with how many. */
struct walk {
	struct rd in;
	unsigned depth;
	bool is_array[DEPTH_MAX + 1];
	unsigned n[DEPTH_MAX + 1];
};

/* What may stand here: an array holds texts and items, an object has a field of each name. */
static enum step_kind kind_here(const struct walk *w, enum step_kind kind)
{
	bool is_array = w->is_array[w->depth];

	if (kind == CLOSE && w->depth)
		return CLOSE;
	if (!is_array && w->n[w->depth] >= N_FIELDS)
		return w->depth ? CLOSE : END;
	if (is_array)
		return kind == ITEM && w->depth < DEPTH_MAX ? ITEM : kind == STR ? STR : BYTES;
	if (kind == ITEM || kind == CLOSE ||
	    ((kind == OBJECT || kind == ARRAY) && w->depth == DEPTH_MAX))
		return BYTES;
	return kind;
}

static struct step next_step(struct walk *w)
{
	uint8_t first = rd_u8(&w->in);
	struct step s = {.kind = (enum step_kind)(first % STEP_KINDS)};

	if (rd_done(&w->in) < 0)
		s.kind = END;
	if (s.kind == END)
		s.kind = w->depth ? CLOSE : END;
	else
		s.kind = kind_here(w, s.kind);
	if (s.kind == CLOSE)
		w->depth--;
	if (s.kind == CLOSE || s.kind == END)
		return s;
	s.name = w->is_array[w->depth] ? "" : fields[w->n[w->depth]].name;
	w->n[w->depth]++;
	if (s.kind == BYTES || s.kind == STR) {
		s.len = (size_t)(first / STEP_KINDS) * rd_u8(&w->in);
		s.len = s.len < rd_left(&w->in) ? s.len : rd_left(&w->in);
		s.bytes = rd_bytes(&w->in, s.len);
		if (s.kind == STR && s.len)
			s.len = strnlen((const char *)s.bytes, s.len);
	} else if (s.kind == OBJECT || s.kind == ARRAY || s.kind == ITEM) {
		w->depth++;
		w->n[w->depth] = 0;
		w->is_array[w->depth] = s.kind == ARRAY;
	} else {
		rd_copy(&w->in, &s.number, sizeof(s.number));
	}
	return s;
}

static double as_double(uint64_t number)
{
	double x;

	memcpy(&x, &number, sizeof(x));
	return x;
}

static void put_text(struct rec *r, const struct step *s)
{
	char *text = malloc(s->len + 1);

	must(text != NULL);
	if (s->len)
		memcpy(text, s->bytes, s->len);
	text[s->len] = '\0';
	if (s->kind == STR)
		rec_str(r, s->name, text);
	else
		rec_bytes(r, s->name, text, s->len);
	free(text);
}

static void fill(struct rec *r, struct walk w)
{
	struct rec *stack[DEPTH_MAX + 1] = {r};

	for (;;) {
		struct rec *here = stack[w.depth];
		struct step s = next_step(&w);

		switch (s.kind) {
		case BYTES:
		case STR: put_text(here, &s); break;
		case ITEM: stack[w.depth] = rec_item(here); break;
		case OBJECT: stack[w.depth] = rec_object(here, s.name); break;
		case ARRAY: stack[w.depth] = rec_array(here, s.name); break;
		case CLOSE: rec_close(here); break;
		case INT: rec_int(here, s.name, (int64_t)s.number); break;
		case NUM: rec_num(here, s.name, as_double(s.number)); break;
		case BOOL: rec_bool(here, s.name, s.number & 1); break;
		case NOTHING: rec_null(here, s.name); break;
		case END:
		case STEP_KINDS: return;
		}
	}
}

/* A text is what the sanitiser makes of it; if that changed it, the octets stand beside it. */
static void check_text(const json_t *in, const json_t *got, const struct step *s)
{
	size_t cap = s->len * 3 + 1;
	char name[8], *text = malloc(cap);
	struct text t;
	bool is_same;

	must(text != NULL);
	is_same = text_clean(text, cap, s->bytes, s->len);
	must(json_is_string(got) && strcmp(json_string_value(got), text) == 0);
	snprintf(name, sizeof(name), "%s_hex", s->name);
	got = json_object_get(in, name);
	must(!got == (is_same || json_is_array(in)));
	if (got) {
		t = text_make(text, cap);
		text_add_hex(&t, s->bytes, s->len, 0);
		must(strcmp(json_string_value(got), text) == 0);
	}
	free(text);
}

/* A number is never read as another: past 2^53 it is a text, what is not finite is not there. */
static void check_number(const json_t *got, const struct step *s)
{
	double x = as_double(s->number), read = json_real_value(got);
	char text[24];

	if (s->kind == NUM) {
		must(json_is_real(got) ? fabs(read - x) <= fabs(x) * 1e-14 : !got);
		must(got || !(fabs(x) < 1e300));
	} else if (json_is_string(got)) {
		snprintf(text, sizeof(text), "%lld", (long long)s->number);
		must(strcmp(json_string_value(got), text) == 0);
		must(llabs((long long)s->number) >= 1ll << 53 || (int64_t)s->number == INT64_MIN);
	} else {
		must(json_is_integer(got) && json_integer_value(got) == (int64_t)s->number);
		must(llabs(json_integer_value(got)) < 1ll << 53);
	}
}

static void check(const json_t *root, struct walk w)
{
	const json_t *stack[DEPTH_MAX + 1] = {root};

	for (;;) {
		unsigned depth = w.depth;
		const json_t *here = stack[depth], *got;
		struct step s = next_step(&w);

		if (s.kind == END)
			return;
		if (s.kind == CLOSE) {
			must(!w.is_array[depth] || json_array_size(here) == w.n[depth]);
			continue;
		}
		got = w.is_array[depth] ? json_array_get(here, w.n[depth] - 1) :
					  json_object_get(here, s.name);
		if (w.depth > depth)
			must(s.kind == ARRAY ? json_is_array(got) : json_is_object(got));
		if (w.depth > depth)
			stack[w.depth] = got;
		else if (s.kind == BYTES || s.kind == STR)
			check_text(here, got, &s);
		else if (s.kind == INT || s.kind == NUM)
			check_number(got, &s);
		else
			must(s.kind == NOTHING ?
				     json_is_null(got) :
				     json_is_boolean(got) && json_is_true(got) == (s.number & 1));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fake_clock now = clock_fake(0);
	struct walk walk = {.in = rd_make(data, len)};
	static char *line;
	static size_t line_len;
	static struct out out;
	struct rec *r;
	json_t *parsed;
	char *clean;

	if (!out.file)
		out = out_make(open_memstream(&line, &line_len), &now.clock, "tool", true);
	out.clock = &now.clock;
	rewind(out.file);
	r = record_start(&out, &type);
	must(r != NULL);
	fill(r, walk);
	record_write(&out, r);
	out_flush(&out);
	must(!out.is_lost);
	must(line_len > 1 && memchr(line, '\n', line_len) == line + line_len - 1);
	clean = malloc(line_len);
	must(clean && text_clean(clean, line_len, line, line_len - 1));
	parsed = json_loadb(line, line_len, JSON_REJECT_DUPLICATES, NULL);
	must(parsed != NULL);
	check(parsed, walk);
	json_decref(parsed);
	free(clean);
	return 0;
}
