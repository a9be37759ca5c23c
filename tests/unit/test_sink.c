/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/sig.h"
#include "io/sink.h"

#define MUCH 300000u /* more than any pipe holds */

static char much[MUCH];
static int fds[2];

static int open_pipe(void **state)
{
	(void)state;
	memset(much, 'x', sizeof(much));
	return pipe(fds);
}

static int close_pipe(void **state)
{
	(void)state;
	close(fds[0]);
	close(fds[1]);
	return 0;
}

/* A process that reads all of it, and exits with 0 if it was MUCH. */
static pid_t reader(void)
{
	static char taken[4096];
	size_t sum = 0;
	ssize_t n;
	pid_t pid = fork();

	if (pid)
		return pid;
	close(fds[1]);
	while ((n = read(fds[0], taken, sizeof(taken))) > 0)
		sum += (size_t)n;
	_exit(sum == MUCH ? 0 : 1);
}

static void write_all(void)
{
	FILE *f = sink_open(fds[1]);
	pid_t pid = reader();
	int status;

	assert_non_null(f);
	assert_true(pid > 0);
	assert_int_equal(fwrite(much, 1, MUCH, f), MUCH);
	assert_int_equal(fclose(f), 0);
	close(fds[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	fds[1] = -1;
}

static void all_is_written(void **state)
{
	(void)state;
	write_all();
}

static void all_is_written_where_nothing_may_block(void **state)
{
	(void)state;
	assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	write_all();
}

/* The last test: the end stays asked for. */
static void a_reader_at_rest_is_left(void **state)
{
	FILE *f = sink_open(fds[1]);
	sigset_t inside;

	(void)state;
	assert_non_null(f);
	sig_open(&inside);
	raise(SIGTERM);
	alarm(20);
	assert_true(fwrite(much, 1, MUCH, f) < MUCH);
	assert_true(ferror(f));
	assert_true(sig_stop());
	assert_false(sink_has_room(fds[1]));
	assert_true(fwrite(much, 1, MUCH, f) < MUCH); /* and for good, at once */
	alarm(0);
	(void)fclose(f);
}

#define IN_PIPE(f) cmocka_unit_test_setup_teardown(f, open_pipe, close_pipe)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PIPE(all_is_written),
		IN_PIPE(all_is_written_where_nothing_may_block),
		IN_PIPE(a_reader_at_rest_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
