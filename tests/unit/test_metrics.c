/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/num.h"
#include "base/text.h"
#include "io/textfile.h"
#include "out/metrics.h"

static const struct metric table[] = {
	{"up", METRIC_GAUGE, "Whether it is."},
	{"unused", METRIC_GAUGE, "Never set."},
	{"sent_total", METRIC_COUNTER, "How many."},
	{"time_seconds", METRIC_HISTOGRAM, "How long."},
	{NULL, METRIC_GAUGE, NULL},
};

static char got[16384];
static struct why why;

static int sink(void *arg, const char *text, size_t len, struct why *w)
{
	struct text *t = arg;

	(void)w;
	text_addf(t, "%.*s", (int)len, text);
	return 0;
}

static void assert_text(const struct metrics *m, const char *want)
{
	struct text t = text_make(got, sizeof(got));

	assert_int_equal(metrics_write(m, sink, &t, &why), 0);
	assert_string_equal(got, want);
}

/* Families stand together in the order of the table, whatever the order of the samples. */
static void families_stand_together(void **state)
{
	struct metrics *m = metrics_new(table, NULL);
	const struct metric_label b[] = {{"target", "b"}, {NULL, NULL}};
	const struct metric_label a[] = {{"target", "a"}, {NULL, NULL}};

	(void)state;
	metrics_set(m, "sent_total", b, 3);
	metrics_set(m, "up", b, 1);
	metrics_set(m, "up", a, 0);
	metrics_set(m, "up", b, 0.25); /* what is set again is replaced */
	metrics_set(m, "up", a, (double)NAN);
	assert_text(m, "# HELP up Whether it is.\n# TYPE up gauge\n"
		       "up{target=\"a\"} 0\nup{target=\"b\"} 0.25\n"
		       "# HELP sent_total How many.\n# TYPE sent_total counter\n"
		       "sent_total{target=\"b\"} 3\n");
	metrics_free(m);
}

static void labels_are_made_harmless(void **state)
{
	struct metrics *m = metrics_new(table, "nod\"e\\7\n");
	const struct metric_label l[] = {{"target", "a\"} 1\nup{x=\"\033\xff"}, {NULL, NULL}};

	(void)state;
	metrics_set(m, "up", l, 1);
	assert_text(m, "# HELP up Whether it is.\n# TYPE up gauge\n"
		       "up{target=\"a\\\"} 1\xef\xbf\xbdup{x=\\\"\xef\xbf\xbd\xef\xbf\xbd\","
		       "vantage=\"nod\\\"e\\\\7\xef\xbf\xbd\"} 1\n");
	metrics_free(m);
}

static void histograms_add_up(void **state)
{
	struct metrics *m = metrics_new(table, NULL);
	const struct metric_label l[] = {{"target", "a"}, {NULL, NULL}};
	struct text t = text_make(got, sizeof(got));
	struct stats s = {0};

	(void)state;
	stats_add(&s, 50 * NS_PER_US); /* at the bound is within it */
	stats_add(&s, 51 * NS_PER_US);
	stats_add(&s, 300 * NS_PER_MS);
	stats_add(&s, 9 * NS_PER_S);
	metrics_set_times(m, "time_seconds", l, &s);
	assert_int_equal(metrics_write(m, sink, &t, &why), 0);
	assert_non_null(strstr(got, "time_seconds_bucket{target=\"a\",le=\"5e-05\"} 1\n"
				    "time_seconds_bucket{target=\"a\",le=\"0.0001\"} 2\n"));
	assert_non_null(
		strstr(got, "le=\"0.2\"} 2\ntime_seconds_bucket{target=\"a\",le=\"0.5\"} 3\n"));
	assert_non_null(strstr(got, "le=\"5\"} 3\ntime_seconds_bucket{target=\"a\",le=\"+Inf\"} 4\n"
				    "time_seconds_sum{target=\"a\"} 9.300101\n"
				    "time_seconds_count{target=\"a\"} 4\n"));
	stats_free(&s);
	metrics_free(m);
}

/* A count within a bound is the same, exact or out of buckets, but for the bucket at the bound. */
static void counts_within_a_bound(void **state)
{
	struct stats s = {0};

	(void)state;
	assert_int_equal(stats_count_within(&s, 5), 0);
	for (uint64_t i = 1; i <= 100000; i++) {
		stats_add(&s, i * 1000);
		if (i == 1 || i == 1000)
			assert_int_equal(stats_count_within(&s, 500 * 1000), i == 1 ? 1 : 500);
	}
	assert_in_range(stats_count_within(&s, 50000 * 1000), 49600, 50400);
	assert_int_equal(stats_count_within(&s, 999), 0);
	assert_int_equal(stats_count_within(&s, 100000 * 1000), 100000);
	stats_free(&s);
}

static void memory_is_bounded(void **state)
{
	struct metrics *m = metrics_new(table, NULL);
	char name[32];
	const struct metric_label l[] = {{"target", name}, {NULL, NULL}};

	(void)state;
	for (unsigned i = 0; i <= METRICS_MAX; i++) {
		snprintf(name, sizeof(name), "%u", i);
		metrics_set(m, "up", l, 1);
	}
	assert_int_equal(metrics_write(m, sink, NULL, &why), E_FULL);
	assert_non_null(strstr(why.text, "--json takes any number"));
	metrics_free(m);
}

/* --- the file */

static char dir[64], path[96];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_metrics.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/a.prom", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir); /* fails if anything else is left in it */
}

static void assert_file(const char *want)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_true(!f == !want);
	if (!f)
		return;
	n = fread(got, 1, sizeof(got) - 1, f);
	got[n] = '\0';
	fclose(f);
	assert_string_equal(got, want);
}

static void file_is_replaced_in_one_step(void **state)
{
	struct textfile *f;
	static char big[100000];

	(void)state;
	assert_int_equal(textfile_open(path, &f, &why), 0);
	assert_file(NULL);
	assert_int_equal(textfile_add(f, "one", 3, &why), 0);
	assert_file(NULL);
	assert_int_equal(textfile_commit(f, &why), 0);
	assert_file("one");
	memset(big, 'x', sizeof(big));
	assert_int_equal(textfile_add(f, big, sizeof(big), &why), 0);
	assert_file("one");
	textfile_close(f); /* not committed */
	assert_file("one");
}

static void dead_tool_leaves_nothing(void **state)
{
	struct textfile *f;
	int pair[2], status;
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(pair), 0);
	pid = fork();
	if (pid == 0) {
		if (textfile_open(path, &f, &why) < 0 || textfile_add(f, "half", 4, &why) < 0)
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	close(pair[1]);
	assert_true(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	/* The writer holds the pipe until it is done, too. */
	assert_int_equal(read(pair[0], &c, 1), 0);
	close(pair[0]);
	assert_file(NULL);
}

static void what_cannot_be_written_is_told_at_once(void **state)
{
	struct textfile *f;

	(void)state;
	assert_int_equal(textfile_open("/dev/null", &f, &why), E_BAD);
	assert_int_equal(textfile_open(dir, &f, &why), E_BAD);
	assert_int_equal(textfile_open("/nosuch/a.prom", &f, &why), E_SYS);
	assert_non_null(strstr(why.text, "cannot write '/nosuch/a.prom': "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_stand_together),
		cmocka_unit_test(labels_are_made_harmless),
		cmocka_unit_test(histograms_add_up),
		cmocka_unit_test(counts_within_a_bound),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test_setup_teardown(file_is_replaced_in_one_step, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(dead_tool_leaves_nothing, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(what_cannot_be_written_is_told_at_once, make_dir,
						remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
