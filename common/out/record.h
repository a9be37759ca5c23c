/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record - one JSON object a line, from fields that are declared once.
 *
 * Layer: out.
 * A tool declares the records it writes as tables: name, type, unit, meaning. The same tables
 * make docs/output.md (--schema), and a name that is in no table cannot be written.
 * Every line is valid UTF-8 JSON: strings pass the sanitiser, numbers stay below 2^53 or are
 * strings, a number that is not finite is left out.
 * Spec: RFC 8259; RFC 3339 (ts).
 */
#ifndef PKT_OUT_RECORD_H
#define PKT_OUT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rnd.h"
#include "out/out.h"

enum field_type { FIELD_STRING, FIELD_INT, FIELD_NUMBER, FIELD_BOOL, FIELD_OBJECT, FIELD_ARRAY };

struct field {
	const char *name;
	enum field_type type;
	const char *unit; /* "ms", "octets", "" */
	const char *doc;  /* one sentence; "" only in a nested object's table */
};

struct record_type {
	const char *name; /* the value of "type" */
	const char *doc;
	const struct field *fields;
	size_t n_fields;
};

#define RECORD_TYPE(type_name, type_doc, table) \
	{ \
		.name = (type_name), .doc = (type_doc), .fields = (table), \
		.n_fields = sizeof(table) / sizeof((table)[0]) \
	}

/* The records that every tool writes. */
extern const struct record_type record_error, record_end;

struct rec; /* an object or array being filled; NULL when the output is not JSON */

/*
 * record_prepare() - reads now what the first record would open files for, seed of hashes and time
 * zone. To be called where files are about to be out of reach; jansson's seed is then from @rnd.
 */
void record_prepare(struct rnd *rnd);

/*
 * record_start() - a record of type @type with v, tool, type and ts; NULL when @o is not JSON or
 * memory ran out, which is lost output. All rec_*() below ignore a NULL.
 */
struct rec *record_start(struct out *o, const struct record_type *type);

/*
 * record_start_foreign() - an empty object, its names free, where only such are written
 * (out->is_foreign); NULL elsewhere.
 */
struct rec *record_start_foreign(struct out *o);

/*
 * record_write() - writes @j as one line and frees it. If memory was short for any part of it, all
 * of it is lost: out->is_lost.
 */
void record_write(struct out *o, struct rec *j);

/*
 * record_write_end() - the last record of a run, where records are written; it comes even if there
 * is no memory for one. @reason: a word of ours.
 */
void record_write_end(struct out *o, int status, const char *reason);

/* Each sets the field @name of @j, which must be in the record's table. */
void rec_str(struct rec *j, const char *name, const char *value);
/* rec_bytes() - untrusted octets: sanitised, with a sibling <name>_hex if that changed them. */
void rec_bytes(struct rec *j, const char *name, const void *bytes, size_t len);
void rec_int(struct rec *j, const char *name, int64_t value);
/* rec_num() - left out when not finite, or beyond 1e308. */
void rec_num(struct rec *j, const char *name, double value);
void rec_bool(struct rec *j, const char *name, bool value);
/* rec_null() - the field is there and has no value. */
void rec_null(struct rec *j, const char *name);

/*
 * rec_object(), rec_array() - opens a nested one under @name, filled until rec_close(); names
 * inside are free.
 */
struct rec *rec_object(struct rec *j, const char *name);
struct rec *rec_array(struct rec *j, const char *name);
/* rec_item() - a new object at the end of the array @j. */
struct rec *rec_item(struct rec *j);
/* rec_close() - puts a nested one into its parent. */
void rec_close(struct rec *j);

/* record_schema() - prints the tables as a Markdown section, for docs/output.md. */
void record_schema(FILE *f, const char *tool, const struct record_type *const *types,
		   size_t n_types);

#endif
