/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the targets before the first is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/targets.h"

static struct targets *ts;
static struct why why;

static int open_stream(void **state)
{
	(void)state;
	ts = targets_new();
	return ts ? 0 : -1;
}

static int close_stream(void **state)
{
	(void)state;
	targets_free(ts);
	return 0;
}

static void add(const char *what)
{
	assert_int_equal(targets_add(ts, what, &why), 0);
}

/* Who looks ahead loses nothing, and may fill the address of a name in. */
static void a_look_ahead_is_no_step(void **state)
{
	struct target_word *first, word;
	char text[ADDR_TEXT_MAX];

	(void)state;
	add("example.test");
	add("10.0.0.0/30");
	assert_int_equal(targets_peek(ts, &first, &why), 0);
	assert_string_equal(first->text, "example.test");
	assert_int_equal(targets_peek(ts, &first, &why), 0);
	assert_int_equal(addr_parse("192.0.2.1", &first->addr), 0);
	assert_int_equal(targets_next(ts, &word, &why), 0);
	assert_string_equal(word.text, "example.test");
	assert_int_equal(word.addr.len, 4);
	assert_int_equal(targets_peek(ts, &first, &why), 0);
	assert_int_equal(targets_next(ts, &word, &why), 0);
	assert_string_equal(addr_text(&word.addr, text), "10.0.0.1");
	assert_int_equal(targets_next(ts, &word, &why), 0);
	assert_string_equal(addr_text(&word.addr, text), "10.0.0.2");
	assert_int_equal(targets_peek(ts, &first, &why), E_EOF);
	assert_int_equal(targets_next(ts, &word, &why), E_EOF);
}

static void knows_what_sockets_are_needed(void **state)
{
	bool v4, v6, names;

	(void)state;
	targets_families(ts, &v4, &v6, &names);
	assert_false(v4 || v6 || names);
	add("192.0.2.0/24");
	targets_families(ts, &v4, &v6, &names);
	assert_true(v4 && !v6 && !names);
	add("2001:db8::1");
	targets_families(ts, &v4, &v6, &names);
	assert_true(v4 && v6 && !names);
	add("example.org");
	targets_families(ts, &v4, &v6, &names);
	assert_true(v4 && v6 && names);
}

static void a_file_may_need_any_socket(void **state)
{
	bool v4, v6, names;

	(void)state;
	assert_int_equal(targets_add_file(ts, "/dev/null", &why), 0);
	targets_families(ts, &v4, &v6, &names);
	assert_true(v4 && v6 && names);
}

#define IN_STREAM(f) cmocka_unit_test_setup_teardown(f, open_stream, close_stream)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_STREAM(a_look_ahead_is_no_step),
		IN_STREAM(knows_what_sockets_are_needed),
		IN_STREAM(a_file_may_need_any_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
