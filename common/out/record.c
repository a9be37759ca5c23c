/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/record.h"

#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define INT_MAX_JSON (1ll << 53) /* readers that use doubles keep integers up to here */
#define NUM_MAX_JSON 1e308       /* beyond, 15 digits may be rounded to more than a double holds */

static const struct field error_fields[] = {
	{"target", FIELD_STRING, "",
	 "What was asked, as typed; absent when the error is about no target."},
	{"addr", FIELD_STRING, "", "Its address."},
	{"seq", FIELD_INT, "", "The probe that could not be sent."},
	{"errno", FIELD_STRING, "",
	 "Symbolic name of the system's error number, when there is one."},
	{"text", FIELD_STRING, "", "What failed and what to do about it."},
};

static const struct field end_fields[] = {
	{"exit", FIELD_INT, "", "Exit status of the program."},
	{"reason", FIELD_STRING, "", "Why it ended: done, count, deadline, interrupted or error."},
};

const struct record_type record_error = RECORD_TYPE(
	"error", "Something could not be done on this side: a name, a permission, a send.",
	error_fields);
const struct record_type record_end = RECORD_TYPE("end", "The last line of every run.", end_fields);

/* The fields in front of every record. */
static const struct field common_fields[] = {
	{"v", FIELD_INT, "", "Version of this format: 1."},
	{"tool", FIELD_STRING, "", "Name of the program."},
	{"type", FIELD_STRING, "", "Kind of the record."},
	{"ts", FIELD_STRING, "", "When it was written: RFC 3339, UTC, nanoseconds."},
	{"vantage", FIELD_STRING, "", "Who sees it: --vantage; absent without."},
	{"run", FIELD_STRING, "", "Which run it belongs to: --run-id; absent without."},
	{"shard", FIELD_STRING, "",
	 "The part of the targets that is asked: --shard; absent without."},
};

struct rec {
	json_t *value;
	struct rec *parent;
	const char *name;               /* in the parent; NULL in an array */
	const struct record_type *type; /* of a record; NULL in nested ones */
	bool is_broken;                 /* no memory for a part of it: it may not be written */
	size_t n_passed;                /* fields of the table up to the one written last */
};

static struct rec *rec_make(json_t *value, struct rec *parent, const char *name)
{
	struct rec *r = value ? calloc(1, sizeof(*r)) : NULL;

	if (!r) {
		json_decref(value);
		if (parent)
			parent->is_broken = true;
		return NULL;
	}
	*r = (struct rec){.value = value, .parent = parent, .name = name};
	return r;
}

/* A record that there was no memory for is lost output like any other. */
static struct rec *record_make(struct out *o)
{
	struct rec *r = rec_make(json_object(), NULL, NULL);

	o->is_lost |= !r;
	return r;
}

/* Where in the table @name is, n_fields if nowhere. Most are written in its order. */
static size_t field_at(const struct rec *r, const char *name)
{
	size_t n = r->type->n_fields;

	for (size_t i = 0; i < n; i++) {
		size_t at = (r->n_passed + i) % n;

		if (strcmp(r->type->fields[at].name, name) == 0)
			return at;
	}
	return n;
}

/* @value NULL: there was no memory for it. */
static void set(struct rec *r, const char *name, json_t *value)
{
	if (r->type) {
		size_t at = field_at(r, name);

		assert(at < r->type->n_fields); /* a field is declared before it is written */
		r->n_passed = at + 1;
	}
	r->is_broken |= json_object_set_new_nocheck(r->value, name, value) < 0;
}

void record_prepare(struct rnd *rnd)
{
	char ts[CLOCK_TEXT_MAX];

	json_object_seed(rnd_u32(rnd) | 1); /* 0 asks jansson to choose */
	(void)clock_text(0, ts);
}

struct rec *record_start(struct out *o, const struct record_type *type)
{
	char ts[CLOCK_TEXT_MAX];
	struct rec *r;

	if (!o->is_json || o->is_foreign)
		return NULL;
	r = record_make(o);
	if (!r)
		return NULL;
	rec_int(r, "v", 1);
	rec_str(r, "tool", o->tool);
	rec_str(r, "type", type->name);
	rec_str(r, "ts", clock_text(clock_wall(o->clock), ts));
	if (o->place.vantage)
		rec_str(r, "vantage", o->place.vantage);
	if (o->place.run)
		rec_str(r, "run", o->place.run);
	if (o->place.shard)
		rec_str(r, "shard", o->place.shard);
	r->type = type;
	return r;
}

struct rec *record_start_foreign(struct out *o)
{
	return o->is_json && o->is_foreign ? record_make(o) : NULL;
}

void record_write(struct out *o, struct rec *r)
{
	char small[2048], *line = small;
	size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(15), n = 0;

	if (!r)
		return;
	if (!r->is_broken)
		n = json_dumpb(r->value, small, sizeof(small) - 1, flags);
	if (n >= sizeof(small)) {
		line = malloc(n + 1);
		n = line ? json_dumpb(r->value, line, n, flags) : 0;
	}
	if (n) { /* one write, so that a line is whole or not there */
		line[n] = '\n';
		fwrite(line, 1, n + 1, o->file);
	} else {
		o->is_lost = true;
	}
	if (line != small)
		free(line);
	json_decref(r->value);
	free(r);
}

void record_write_end(struct out *o, int status, const char *reason)
{
	bool was_lost = o->is_lost;
	struct rec *r = record_start(o, &record_end);
	char ts[CLOCK_TEXT_MAX];

	o->is_lost = o->is_json && !o->is_foreign && !r;
	rec_int(r, "exit", status);
	rec_str(r, "reason", reason);
	record_write(o, r);
	if (o->is_lost)
		/* Not a word of it is a stranger's. */
		fprintf(o->file,
			"{\"v\":1,\"tool\":\"%s\",\"type\":\"%s\",\"ts\":\"%s\",\"exit\":%d,"
			"\"reason\":\"%s\"}\n",
			o->tool, record_end.name, clock_text(clock_wall(o->clock), ts), status,
			reason);
	o->is_lost = was_lost;
}

void rec_str(struct rec *r, const char *name, const char *value)
{
	if (r)
		rec_bytes(r, name, value, strlen(value));
}

/* Room for every octet to become U+FFFD. */
#define CLEAN_CAP(len) ((len)*3 + 1)

static void set_hex(struct rec *r, const char *name, const void *bytes, size_t len)
{
	char hex_name[64], *hex = malloc(len * 2 + 1);
	struct text t;

	if (!hex) {
		r->is_broken = true;
		return;
	}
	t = text_make(hex, len * 2 + 1);
	text_add_hex(&t, bytes, len, 0);
	t = text_make(hex_name, sizeof(hex_name));
	text_addf(&t, "%s_hex", name);
	/* The sibling belongs to every text field and is not declared again. */
	r->is_broken |= json_object_set_new(r->value, hex_name, json_string(hex)) < 0;
	free(hex);
}

void rec_bytes(struct rec *r, const char *name, const void *bytes, size_t len)
{
	char small[512], *clean = small;
	bool is_same;

	if (!r)
		return;
	if (CLEAN_CAP(len) > sizeof(small))
		clean = malloc(CLEAN_CAP(len));
	if (!clean) {
		r->is_broken = true;
		return;
	}
	is_same = text_clean(clean, CLEAN_CAP(len), bytes, len);
	if (json_is_array(r->value))
		r->is_broken |= json_array_append_new(r->value, json_string_nocheck(clean)) < 0;
	else
		set(r, name, json_string_nocheck(clean));
	if (!is_same && !json_is_array(r->value))
		set_hex(r, name, bytes, len);
	if (clean != small)
		free(clean);
}

void rec_int(struct rec *r, const char *name, int64_t value)
{
	char text[24];

	if (!r)
		return;
	if (value < INT_MAX_JSON && value > -INT_MAX_JSON) {
		set(r, name, json_integer(value));
		return;
	}
	snprintf(text, sizeof(text), "%lld", (long long)value);
	set(r, name, json_string(text));
}

void rec_num(struct rec *r, const char *name, double value)
{
	if (r && fabs(value) <= NUM_MAX_JSON) /* which NaN is not either */
		set(r, name, json_real(value));
}

void rec_bool(struct rec *r, const char *name, bool value)
{
	if (r)
		set(r, name, json_boolean(value));
}

void rec_null(struct rec *r, const char *name)
{
	if (r)
		set(r, name, json_null());
}

struct rec *rec_object(struct rec *r, const char *name)
{
	return r ? rec_make(json_object(), r, name) : NULL;
}

struct rec *rec_array(struct rec *r, const char *name)
{
	return r ? rec_make(json_array(), r, name) : NULL;
}

struct rec *rec_item(struct rec *r)
{
	return r ? rec_make(json_object(), r, NULL) : NULL;
}

void rec_close(struct rec *r)
{
	if (!r)
		return;
	r->parent->is_broken |= r->is_broken;
	if (r->name)
		set(r->parent, r->name, r->value);
	else
		r->parent->is_broken |= json_array_append_new(r->parent->value, r->value) < 0;
	free(r);
}

static const char *type_word(enum field_type type)
{
	static const char *const words[] = {
		[FIELD_STRING] = "string", [FIELD_INT] = "integer",   [FIELD_NUMBER] = "number",
		[FIELD_BOOL] = "boolean",  [FIELD_OBJECT] = "object", [FIELD_ARRAY] = "array",
	};

	return words[type];
}

static void schema_rows(FILE *f, const struct field *fields, size_t n)
{
	fprintf(f, "| field | type | unit | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < n; i++)
		fprintf(f, "| `%s` | %s | %s | %s |\n", fields[i].name, type_word(fields[i].type),
			fields[i].unit, fields[i].doc);
	fputc('\n', f);
}

void record_schema(FILE *f, const char *tool, const struct record_type *const *types,
		   size_t n_types)
{
	fprintf(f, "## %s\n\nEvery record begins with:\n\n", tool);
	schema_rows(f, common_fields, sizeof(common_fields) / sizeof(common_fields[0]));
	for (size_t i = 0; i < n_types; i++) {
		fprintf(f, "### `%s` of %s\n\n%s\n\n", types[i]->name, tool, types[i]->doc);
		schema_rows(f, types[i]->fields, types[i]->n_fields);
	}
}
