/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/program.h"

static int run(const char *script, const char *input)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};
	const char *const env[] = {"GIVEN=yes", NULL};

	return program_run(argv, env, input);
}

static void its_status_is_told(void **state)
{
	const char *const nowhere[] = {"/nowhere", NULL}, *const none[] = {NULL};

	(void)state;
	assert_int_equal(run("exit 0", NULL), 0);
	assert_int_equal(run("exit 42", NULL), 42);
	assert_int_equal(run("kill -9 $$", NULL), -1);
	assert_int_equal(program_run(nowhere, none, NULL), 127);
}

static void it_gets_what_it_is_given_and_no_more(void **state)
{
	(void)state;
	assert_int_equal(run("[ \"$GIVEN\" = yes ] && [ -z \"$HOME$USER\" ]", NULL), 0);
	assert_int_equal(run("read -r a; read -r b; [ \"$a/$b\" = one/two ]", "one\ntwo\n"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_status_is_told),
		cmocka_unit_test(it_gets_what_it_is_given_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
