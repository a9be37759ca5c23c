/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dhcpc/dhcpc_resolv.h"

/* What is wrapped once, or again with other servers on top, comes out as it was. */
static void what_was_there_comes_back(void **state)
{
	static const char *const files[] = {
		"", "\n", "nameserver 192.0.2.1\n", "a\nb", "a\n\nb\n", "# comment\n#| odd\n#: odd",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char once[512], twice[512], back[512];
		struct wr w = wr_make(once, sizeof(once)), b = wr_make(back, sizeof(back)), v;

		resolv_wrap(&w, "nameserver 192.0.2.7\n", files[i], strlen(files[i]));
		assert_memory_equal(once, "nameserver 192.0.2.7\n#", 22);
		assert_true(resolv_unwrap(&b, once, w.len));
		assert_int_equal(b.len, strlen(files[i]));
		assert_memory_equal(back, files[i], b.len);
		v = wr_make(twice, sizeof(twice));
		resolv_wrap(&v, "nameserver 192.0.2.8\n", back, b.len);
		b = wr_make(back, sizeof(back));
		assert_true(resolv_unwrap(&b, twice, v.len));
		assert_int_equal(b.len, strlen(files[i]));
		assert_memory_equal(back, files[i], b.len);
	}
}

static void a_file_of_others_is_told(void **state)
{
	char back[64];
	struct wr b = wr_make(back, sizeof(back));

	(void)state;
	assert_false(resolv_unwrap(&b, "nameserver 192.0.2.1\n", 21));
	assert_false(resolv_unwrap(&b, "", 0));
	assert_int_equal(b.len, 0);
}

/* Cut anywhere, it is read to where it is whole. */
static void files_that_are_cut(void **state)
{
	char once[512], back[512];
	struct wr w = wr_make(once, sizeof(once));

	(void)state;
	resolv_wrap(&w, "x\n", "one\ntwo\nthree", 13);
	for (size_t n = 0; n <= w.len; n++) {
		struct wr b = wr_make(back, sizeof(back));

		if (resolv_unwrap(&b, once, n))
			assert_memory_equal(back, "one\ntwo\nthree", b.len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_there_comes_back),
		cmocka_unit_test(a_file_of_others_is_told),
		cmocka_unit_test(files_that_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
