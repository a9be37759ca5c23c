/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/asndb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "io/asnmmdb.h"

#define NUMBERS_MAX 128 /* octets of a set of numbers */
#define NO_RANGE UINT32_MAX

struct range {
	struct addr start, end;
	uint32_t numbers; /* where they stand in the pool */
	uint32_t outer;   /* the narrowest range around this one, NO_RANGE for none */
};

struct asndb {
	struct range *ranges; /* by start; of those that start together the widest first */
	size_t n, cap;
	char *pool;
	size_t pool_len, pool_cap;
	struct asnmmdb *mmdb; /* instead of the ranges; NULL for none */
	char found[NUMBERS_MAX];
};

/* Room for @more elements in an array of @n; false when out of memory. */
static bool grow(void **array, size_t n, size_t more, size_t *cap, size_t size)
{
	size_t wanted = *cap ? *cap : 1024;
	void *bigger;

	if (n + more <= *cap)
		return true;
	while (wanted < n + more)
		wanted *= 2;
	bigger = realloc(*array, wanted * size);
	if (!bigger)
		return false;
	*array = bigger;
	*cap = wanted;
	return true;
}

/* Digits, and what stands between the numbers of a set. */
static bool is_numbers(const char *text)
{
	size_t n = strlen(text);

	return n && n < NUMBERS_MAX && strspn(text, "0123456789_,") == n && strspn(text, "_,") == 0;
}

/* The two first fields of a line as a range of addresses. */
static int parse_range(const char *first, const char *second, struct range *out)
{
	uint64_t bits;

	if (addr_parse(first, &out->start) < 0 || out->start.zone)
		return E_BAD;
	if (addr_parse(second, &out->end) == 0)
		return out->start.len == out->end.len && addr_cmp(&out->start, &out->end) <= 0 ?
			       0 :
			       E_BAD;
	if (num_u64(second, 0, out->start.len * 8u, &bits, NULL) < 0)
		return E_BAD;
	out->end = out->start;
	addr_mask(&out->start, (unsigned)bits, false);
	addr_mask(&out->end, (unsigned)bits, true);
	return 0;
}

static int add_line(struct asndb *db, char *line)
{
	char *rest = line;
	const char *first = strtok_r(line, " \t\r\n", &rest);
	const char *second = strtok_r(NULL, " \t\r\n", &rest);
	const char *numbers = strtok_r(NULL, " \t\r\n", &rest);
	struct range r = {.outer = NO_RANGE};
	size_t len;

	if (!first || first[0] == '#')
		return 0;
	if (!second || !numbers || !is_numbers(numbers) || parse_range(first, second, &r) < 0)
		return E_BAD;
	if (strcmp(numbers, "0") == 0)
		return 0;
	len = strlen(numbers) + 1;
	if (!grow((void **)&db->ranges, db->n, 1, &db->cap, sizeof(*db->ranges)) ||
	    !grow((void **)&db->pool, db->pool_len, len, &db->pool_cap, 1))
		return E_MEM;
	r.numbers = (uint32_t)db->pool_len;
	memcpy(db->pool + db->pool_len, numbers, len);
	db->pool_len += len;
	db->ranges[db->n++] = r;
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	int order = addr_cmp(&x->start, &y->start);

	return order ? order : addr_cmp(&y->end, &x->end);
}

static bool holds(const struct range *r, const struct addr *addr)
{
	return r->start.len == addr->len && addr_cmp(&r->start, addr) <= 0 &&
	       addr_cmp(addr, &r->end) <= 0;
}

/* Each range learns which one is around it: the nearest before it that reaches as far. */
static void nest(struct asndb *db)
{
	for (size_t i = 1; i < db->n; i++) {
		uint32_t outer = (uint32_t)(i - 1);

		while (outer != NO_RANGE && !holds(&db->ranges[outer], &db->ranges[i].end))
			outer = db->ranges[outer].outer;
		db->ranges[i].outer = outer;
	}
}

static int read_lines(struct asndb *db, FILE *f, const char *path, struct why *why)
{
	char *line = NULL;
	size_t cap = 0;
	unsigned long number = 0;
	int err = 0;

	while (!err && getline(&line, &cap, f) >= 0) {
		number++;
		err = add_line(db, line);
	}
	free(line);
	if (err == E_BAD)
		return why_set(
			why, err,
			"%s, line %lu: neither 'START END NUMBER' nor 'PREFIX LENGTH NUMBER'", path,
			number);
	if (err)
		return why_set(why, err, "out of memory for %s", path);
	return ferror(f) ? why_sys(why, E_SYS, "cannot read %s", path) : 0;
}

int asndb_open(const char *path, struct asndb **out, struct why *why)
{
	struct asndb *db = calloc(1, sizeof(*db));
	int err = db ? asnmmdb_open(path, &db->mmdb, why) : E_MEM;
	FILE *f;

	if (!db)
		return why_set(why, E_MEM, "out of memory");
	if (!err)
		*out = db;
	if (err && err != E_NOENT)
		asndb_close(db);
	if (err != E_NOENT)
		return err;
	f = fopen(path, "re");
	err = f ? read_lines(db, f, path, why) : why_sys(why, E_SYS, "cannot open %s", path);
	if (f)
		fclose(f);
	if (err < 0) {
		asndb_close(db);
		return err;
	}
	if (db->n)
		qsort(db->ranges, db->n, sizeof(*db->ranges), by_start);
	nest(db);
	*out = db;
	return 0;
}

const char *asndb_find(struct asndb *db, const struct addr *addr)
{
	struct text text = text_make(db->found, sizeof(db->found));
	size_t low = 0, high = db->n;
	uint32_t at;

	if (db->mmdb)
		return asnmmdb_find(db->mmdb, addr, &text) ? db->found : NULL;
	/* The last range that starts at or before it, or one around that. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (addr_cmp(&db->ranges[middle].start, addr) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	at = low ? (uint32_t)(low - 1) : NO_RANGE;
	while (at != NO_RANGE && !holds(&db->ranges[at], addr))
		at = db->ranges[at].outer;
	return at == NO_RANGE ? NULL : db->pool + db->ranges[at].numbers;
}

void asndb_close(struct asndb *db)
{
	if (!db)
		return;
	asnmmdb_close(db->mmdb);
	free(db->ranges);
	free(db->pool);
	free(db);
}
