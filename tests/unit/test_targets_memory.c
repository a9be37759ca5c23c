/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/targets.h"

/* A million lines, written in pieces: what a test allocates would hide what the stream does. */
static void write_million(char *path, size_t cap)
{
	int fd = memfd_create("targets", 0);
	FILE *lines = fdopen(fd, "w");

	assert_non_null(lines);
	for (unsigned i = 0; i < 1000000; i++)
		fprintf(lines, "10.%u.%u.%u\n", i >> 16, i >> 8 & 255, i & 255);
	assert_int_equal(fflush(lines), 0);
	snprintf(path, cap, "/proc/self/fd/%d", fd);
}

/* Ten million out of a range, and a million out of a file, in the memory of one. */
static void memory_stays_flat(void **state)
{
	struct targets *ts = targets_new();
	struct rusage before, after;
	struct target_word word;
	unsigned n = 0;
	char path[40];

	(void)state;
	write_million(path, sizeof(path));
	assert_int_equal(targets_add_file(ts, path, NULL), 0);
	assert_int_equal(targets_add(ts, "10.0.0.0-10.152.150.127", NULL), 0);
	assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
	while (targets_next(ts, &word, NULL) == 0)
		n++;
	assert_int_equal(n, 11000000);
	assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
	assert_true(after.ru_maxrss - before.ru_maxrss < 2048);
	targets_free(ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_stays_flat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
