/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "io/sig.h"

/* Waits as the loop does. Returns whether a signal came. */
static bool is_woken(const sigset_t *inside)
{
	const struct timespec none = {0};

	return ppoll(NULL, 0, &none, inside) < 0;
}

/* A signal waits for ppoll(), so that none gets lost between looking and waiting. */
static void signals_are_two_questions(void **state)
{
	sigset_t inside;

	(void)state;
	sig_open(&inside);
	assert_false(is_woken(&inside));
	raise(SIGQUIT);
	assert_false(sig_status());
	assert_true(is_woken(&inside));
	assert_true(sig_status());
	assert_false(sig_status()); /* since the last call */
	raise(SIGUSR1);
	assert_true(is_woken(&inside));
	assert_true(sig_status());
	assert_false(sig_stop());

	raise(SIGTERM);
	assert_false(sig_stop());
	assert_true(is_woken(&inside));
	assert_true(sig_stop());
	assert_true(sig_stop());
	raise(SIGINT);
	assert_true(is_woken(&inside));
	assert_true(sig_stop());
	assert_false(sig_status());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_are_two_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
