/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/num.h"
#include "cli/tool.h"

/* A machine with input at every moment: somebody floods us. */
struct flooded {
	const struct clock *clock;
	int fd;
	uint64_t until_ns;
	bool is_stopped, is_over;
};

static uint64_t step(void *arg)
{
	struct flooded *f = arg;
	uint64_t now_ns = clock_mono(f->clock);

	if (!f->until_ns) {
		f->until_ns = now_ns + 2 * NS_PER_S;
		raise(SIGTERM); /* stays pending: it is let in by ppoll() alone */
	}
	f->is_over |= now_ns > f->until_ns;
	return now_ns + NS_PER_S;
}

static bool is_over(const void *arg)
{
	return ((const struct flooded *)arg)->is_over;
}

static void stop(void *arg)
{
	struct flooded *f = arg;

	f->is_stopped = f->is_over = true;
}

static void tell_status(void *arg)
{
	(void)arg;
}

static unsigned poll_fds(const void *arg, int *fds)
{
	fds[0] = ((const struct flooded *)arg)->fd;
	return 1;
}

static void a_flood_does_not_keep_signals_out(void **state)
{
	static const struct tool_machine machine = {step, is_over, stop, tell_status, poll_fds};
	struct run run = {.clock = clock_system()};
	struct flooded f = {.clock = run.clock};
	FILE *out = tmpfile();
	int fds[2];

	(void)state;
	assert_non_null(out);
	run.out = out_make(out, run.clock, "tool", false);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "", 1), 1);
	f.fd = fds[0];
	tool_drive(&run, &machine, &f);
	assert_true(f.is_stopped);
	close(fds[0]);
	close(fds[1]);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_does_not_keep_signals_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
