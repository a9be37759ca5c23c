/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rnd.h"
#include "engine/targets.h"

#define LIST_MAX 20000u

/* What a stream gives out, one string each. */
struct list {
	char *words[LIST_MAX];
	unsigned n;
};

static struct why why;

static void add_word(struct list *l, const struct target_word *w)
{
	char text[ADDR_TEXT_MAX];

	assert_true(l->n < LIST_MAX);
	l->words[l->n++] = strdup(w->addr.len ? addr_text(&w->addr, text) : w->text);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_list(struct list *l)
{
	for (unsigned i = 0; i < l->n; i++)
		free(l->words[i]);
	l->n = 0;
}

/* Every kind of source at once: a prefix, a range, both families, names, a file, duplicates. */
static struct targets *all_sources(const char *path)
{
	struct targets *ts = targets_new();

	assert_non_null(ts);
	assert_int_equal(targets_add(ts, "192.0.2.0/24", &why), 0);
	assert_int_equal(targets_add(ts, "10.0.0.250-10.0.2.9", &why), 0);
	assert_int_equal(targets_add(ts, "2001:db8::/120", &why), 0);
	assert_int_equal(targets_add(ts, "db1.example", &why), 0);
	assert_int_equal(targets_add(ts, "DB1.example", &why), 0);
	assert_int_equal(targets_add(ts, "192.0.2.77", &why), 0);
	assert_int_equal(targets_add_file(ts, path, &why), 0);
	assert_int_equal(targets_exclude(ts, "192.0.2.64/26", &why), 0);
	return ts;
}

static void read_all(struct targets *ts, struct list *out, unsigned *n_bad)
{
	struct target_word w;
	int err;

	while ((err = targets_next(ts, &w, &why)) != E_EOF) {
		if (err == E_BAD)
			(*n_bad)++;
		else
			add_word(out, &w);
	}
}

static void write_file(char *path)
{
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	assert_non_null(f);
	for (unsigned i = 0; i < 500; i++)
		fprintf(f, "host%u.example # %u\n%s", i, i, i % 50 ? "" : "no target/33\n");
	fprintf(f, "198.51.100.0/25\n192.0.2.9\nhost7.EXAMPLE");
	assert_int_equal(fclose(f), 0);
}

/*
 * The property: all shards together are the list, with every duplicate and every bad line, and no
 * target is in two.
 */
static void union_is_exact(void **state)
{
	static struct list whole, parts, part;
	static const uint32_t counts[] = {1, 2, 3, 4, 7, 16, 100, 5000};
	char path[] = "/tmp/test_shard.XXXXXX";
	struct rnd rnd = rnd_kernel();

	(void)state;
	write_file(path);
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		struct shard s = {.count = counts[c]};
		struct targets *ts = all_sources(path);
		unsigned n_bad = 0, n_bad_parts = 0;

		shard_seed(&s, c ? rnd_u32(&rnd) : 0);
		read_all(ts, &whole, &n_bad);
		targets_free(ts);
		for (s.index = 0; s.index < s.count; s.index++) {
			ts = all_sources(path);
			targets_shard(ts, &s);
			read_all(ts, &part, &n_bad_parts);
			assert_int_equal(targets_is_elsewhere(ts), !part.n);
			targets_free(ts);
			for (unsigned i = 0; i < part.n; i++)
				parts.words[parts.n++] = part.words[i];
			part.n = 0;
		}
		qsort(whole.words, whole.n, sizeof(whole.words[0]), by_text);
		qsort(parts.words, parts.n, sizeof(parts.words[0]), by_text);
		assert_int_equal(parts.n, whole.n);
		for (unsigned i = 0; i < whole.n; i++)
			assert_string_equal(parts.words[i], whole.words[i]);
		assert_int_equal(n_bad, 10);
		assert_int_equal(n_bad_parts, n_bad);
		free_list(&whole);
		free_list(&parts);
	}
	unlink(path);
}

/* An address is in the same shard wherever it comes from, a name in whatever case. */
static void source_and_case_do_not_matter(void **state)
{
	struct shard s = {.count = 64};
	struct addr a, b;

	(void)state;
	shard_seed(&s, 5);
	assert_int_equal(addr_parse("2001:db8::1", &a), 0);
	assert_int_equal(addr_parse("2001:0db8:0:0::0.0.0.1", &b), 0);
	for (s.index = 0; s.index < s.count; s.index++) {
		assert_int_equal(shard_has_addr(&s, &a), shard_has_addr(&s, &b));
		assert_int_equal(shard_has_name(&s, "db1.example"),
				 shard_has_name(&s, "Db1.EXAMPLE"));
	}
}

/* Parts of a great network are alike in size: within five standard deviations. */
static void parts_are_alike(void **state)
{
	struct shard s = {.count = 8};
	unsigned n[8] = {0};
	struct addr a;

	(void)state;
	shard_seed(&s, 1);
	assert_int_equal(addr_parse("10.0.0.0", &a), 0);
	for (unsigned i = 0; i < 65536; i++) {
		for (s.index = 0; !shard_has_addr(&s, &a); s.index++)
			;
		n[s.index]++;
		assert_true(addr_next(&a));
	}
	for (unsigned i = 0; i < 8; i++)
		assert_in_range(n[i], 8192 - 5 * 85, 8192 + 5 * 85);
}

/* What one version on one host splits, another splits alike: these never change. */
static void split_is_fixed(void **state)
{
	static const char *const names[] = {"a.example", "b.example", "c.example", "d.example"};
	static const char *const addrs[] = {"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"};
	static const uint32_t want[2][8] = {{340, 563, 925, 394, 394, 390, 510, 375},
					    {432, 931, 21, 623, 682, 640, 804, 698}};
	uint32_t got[2][8];

	(void)state;
	for (unsigned seed = 0; seed < 2; seed++) {
		for (unsigned i = 0; i < 8; i++) {
			struct shard s = {.count = 1000};
			struct addr a;

			shard_seed(&s, seed);
			if (i >= 4)
				assert_int_equal(addr_parse(addrs[i - 4], &a), 0);
			while (i < 4 ? !shard_has_name(&s, names[i]) : !shard_has_addr(&s, &a))
				s.index++;
			got[seed][i] = s.index;
		}
	}
	assert_memory_equal(got, want, sizeof(got));
}

static void words_are_parsed(void **state)
{
	static const char *const bad[] = {"",     "1",    "/",    "1/",    "/4",
					  "0/4",  "5/4",  "1/0",  "1/4/2", "1/1000001",
					  "-1/4", "1/4 ", "one/2"};
	struct shard s = {0};
	char text[SHARD_TEXT_MAX];

	(void)state;
	assert_int_equal(shard_parse("3/8", &s, &why), 0);
	assert_int_equal(s.index, 2);
	assert_string_equal(shard_text(&s, text), "3/8");
	assert_int_equal(shard_parse("1000000/1000000", &s, &why), 0);
	assert_string_equal(shard_text(&s, text), "1000000/1000000");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(shard_parse(bad[i], &s, &why), E_BAD);
		assert_non_null(strstr(why.text, "is not a shard such as 1/4"));
	}
}

static const char *const *variables; /* name, value, ..., NULL */

static const char *env(const char *name)
{
	for (unsigned i = 0; variables[i]; i += 2)
		if (strcmp(variables[i], name) == 0)
			return variables[i + 1];
	return NULL;
}

static void assert_auto(const char *want, const char *const *vars)
{
	struct shard s = {0};
	char text[SHARD_TEXT_MAX];

	variables = vars;
	assert_int_equal(shard_auto(env, &s, &why), 0);
	assert_string_equal(shard_text(&s, text), want);
}

static void assert_no_auto(int err, const char *words, const char *const *vars)
{
	struct shard s = {0};

	variables = vars;
	assert_int_equal(shard_auto(env, &s, &why), err);
	assert_non_null(strstr(why.text, words));
}

#define VARS(...) ((const char *const[]){__VA_ARGS__})

static void schedulers_are_asked(void **state)
{
	(void)state;
	assert_auto("3/4", VARS("SLURM_ARRAY_TASK_ID", "2", "SLURM_ARRAY_TASK_COUNT", "4", NULL));
	assert_auto("1/4", VARS("SLURM_ARRAY_TASK_ID", "1", "SLURM_ARRAY_TASK_COUNT", "4",
				"SLURM_ARRAY_TASK_MIN", "1", "SLURM_ARRAY_TASK_MAX", "4", NULL));
	/* --array=0-10:5 */
	assert_auto("3/3", VARS("SLURM_ARRAY_TASK_ID", "10", "SLURM_ARRAY_TASK_COUNT", "3",
				"SLURM_ARRAY_TASK_MIN", "0", "SLURM_ARRAY_TASK_MAX", "10",
				"SLURM_ARRAY_TASK_STEP", "5", NULL));
	assert_auto("2/3", VARS("SLURM_PROCID", "1", "SLURM_NTASKS", "3", NULL));
	assert_auto("2/2", VARS("SLURM_PROCID", "1", "SLURM_NTASKS", "8", "SLURM_STEP_NUM_TASKS",
				"2", NULL));
	/* A batch script of an array job is one process; srun in it starts several. */
	assert_auto("2/2", VARS("SLURM_ARRAY_TASK_ID", "1", "SLURM_ARRAY_TASK_COUNT", "2",
				"SLURM_PROCID", "0", "SLURM_NTASKS", "3", NULL));
	assert_auto("6/6", VARS("SLURM_ARRAY_TASK_ID", "1", "SLURM_ARRAY_TASK_COUNT", "2",
				"SLURM_PROCID", "2", "SLURM_STEP_NUM_TASKS", "3", NULL));
	assert_auto("5/5", VARS("JOB_COMPLETION_INDEX", "4", "JOB_COMPLETIONS", "5", NULL));
}

static void schedulers_that_fit_no_shard(void **state)
{
	(void)state;
	assert_no_auto(E_NOENT, "JOB_COMPLETION_INDEX", VARS(NULL));
	assert_no_auto(E_BAD, "JOB_COMPLETIONS is not", VARS("JOB_COMPLETION_INDEX", "0", NULL));
	assert_no_auto(E_BAD, "SLURM_NTASKS is not", VARS("SLURM_PROCID", "0", NULL));
	assert_no_auto(E_BAD, "no number", VARS("SLURM_PROCID", "x", "SLURM_NTASKS", "2", NULL));
	assert_no_auto(E_BAD, "one by one", VARS("SLURM_PROCID", "2", "SLURM_NTASKS", "2", NULL));
	assert_no_auto(E_BAD, "one by one", VARS("SLURM_PROCID", "0", "SLURM_NTASKS", "0", NULL));
	/* --array=1,3,7: task 3 is the second of three, but nothing says so. */
	assert_no_auto(E_BAD, "one by one",
		       VARS("SLURM_ARRAY_TASK_ID", "3", "SLURM_ARRAY_TASK_COUNT", "3",
			    "SLURM_ARRAY_TASK_MIN", "1", "SLURM_ARRAY_TASK_MAX", "7",
			    "SLURM_ARRAY_TASK_STEP", "1", NULL));
	assert_no_auto(E_BAD, "one by one",
		       VARS("SLURM_ARRAY_TASK_ID", "3", "SLURM_ARRAY_TASK_COUNT", "3",
			    "SLURM_ARRAY_TASK_STEP", "0", NULL));
	assert_no_auto(E_RANGE, "too many",
		       VARS("SLURM_ARRAY_TASK_ID", "0", "SLURM_ARRAY_TASK_COUNT", "10000",
			    "SLURM_PROCID", "0", "SLURM_STEP_NUM_TASKS", "1000", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(union_is_exact),
		cmocka_unit_test(source_and_case_do_not_matter),
		cmocka_unit_test(parts_are_alike),
		cmocka_unit_test(split_is_fixed),
		cmocka_unit_test(words_are_parsed),
		cmocka_unit_test(schedulers_are_asked),
		cmocka_unit_test(schedulers_that_fit_no_shard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
