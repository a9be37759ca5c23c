/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which families are opened: those of the targets, and for a name either of the two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/tool.h"

static struct {
	bool v4_fails, v6_fails;
	bool asked_v4, asked_v6;
} door;

static int open_one(void *tool, bool is_v6, struct why *why)
{
	(void)tool;
	door.asked_v4 |= !is_v6;
	door.asked_v6 |= is_v6;
	return (is_v6 ? door.v6_fails : door.v4_fails) ? why_set(why, E_PERM, "no") : 0;
}

/* Returns what became of it; @word: the one target. */
static int open_for(const char *word, int family, bool v4_fails, bool v6_fails)
{
	struct run run = {.options = {.targets = targets_new(), .family = family}};
	struct why why;
	int err;

	door.asked_v4 = door.asked_v6 = false;
	door.v4_fails = v4_fails;
	door.v6_fails = v6_fails;
	assert_int_equal(targets_add(run.options.targets, word, &why), 0);
	err = tool_open_families(&run, open_one, NULL, &why);
	targets_free(run.options.targets);
	return err;
}

static void an_address_opens_its_own_family(void **state)
{
	(void)state;
	assert_int_equal(open_for("192.0.2.1", 0, false, true), 0);
	assert_true(door.asked_v4 && !door.asked_v6);
	assert_int_equal(open_for("2001:db8::1", 0, true, false), 0);
	assert_true(!door.asked_v4 && door.asked_v6);
	assert_int_equal(open_for("2001:db8::1", 0, false, true), E_PERM);
}

static void for_a_name_one_of_the_two_is_enough(void **state)
{
	(void)state;
	assert_int_equal(open_for("host.test", 0, false, false), 0);
	assert_true(door.asked_v4 && door.asked_v6);
	assert_int_equal(open_for("host.test", 0, true, false), 0);
	assert_int_equal(open_for("host.test", 0, false, true), 0);
	assert_int_equal(open_for("host.test", 0, true, true), E_PERM);
}

static void the_options_4_and_6_leave_one(void **state)
{
	(void)state;
	assert_int_equal(open_for("host.test", 4, false, true), 0);
	assert_true(door.asked_v4 && !door.asked_v6);
	assert_int_equal(open_for("host.test", 6, false, true), E_PERM);
	assert_true(!door.asked_v4 && door.asked_v6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_opens_its_own_family),
		cmocka_unit_test(for_a_name_one_of_the_two_is_enough),
		cmocka_unit_test(the_options_4_and_6_leave_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
