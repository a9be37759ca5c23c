/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of autonomous systems. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/asndb.h"

/* libmaxminddb 1.7.1 loses 4 KiB with each file whose description it cannot read. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:data_pool_new";
}

static int open_octets(const void *octets, size_t len, struct asndb **out, struct why *why)
{
	char path[] = "/tmp/asndb.XXXXXX";
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, octets, len), len);
	close(fd);
	err = asndb_open(path, out, why);
	unlink(path);
	return err;
}

static int open_text(const char *text, struct asndb **out, struct why *why)
{
	return open_octets(text, strlen(text), out, why);
}

static void assert_found(struct asndb *db, const char *addr, const char *numbers)
{
	const char *found;
	struct addr a;

	assert_int_equal(addr_parse(addr, &a), 0);
	found = asndb_find(db, &a);
	if (!numbers)
		assert_null(found);
	else
		assert_string_equal(found, numbers);
}

static void ranges_and_prefixes_are_read(void **state)
{
	struct asndb *db;
	struct why why;

	(void)state;
	assert_int_equal(open_text("# comment\n\n"
				   "1.0.0.0\t1.0.0.255\t13335\tUS\tCLOUDFLARENET\n"
				   "1.0.1.0\t1.0.3.255\t0\tNone\tNot routed\n"
				   "10.0.0.0\t8\t64500\n"
				   "10.1.0.0\t16\t64501_64502\n"
				   "10.1.2.0\t24\t64503,64504\n"
				   "2001:db8::\t2001:db8::ffff\t64505\tZZ\tDOC\n",
				   &db, &why),
			 0);
	assert_found(db, "1.0.0.0", "13335");
	assert_found(db, "1.0.0.255", "13335");
	assert_found(db, "1.0.1.0", NULL);
	assert_found(db, "0.0.0.0", NULL);
	assert_found(db, "10.0.0.1", "64500");
	assert_found(db, "10.1.0.1", "64501_64502");
	assert_found(db, "10.1.2.255", "64503,64504");
	assert_found(db, "10.1.3.0", "64501_64502"); /* behind a range within */
	assert_found(db, "10.2.0.0", "64500");
	assert_found(db, "11.0.0.0", NULL);
	assert_found(db, "2001:db8::7", "64505");
	assert_found(db, "2001:db8::1:0", NULL);
	asndb_close(db);
}

static void what_is_not_understood_is_told(void **state)
{
	static const char *const bad[] = {
		"1.0.0.0\n",       "1.0.0.0 1.0.0.9\n", "1.0.0.9 1.0.0.0 1\n", "1.0.0.0 33 1\n",
		"1.0.0.0 ::1 1\n", "name 8 1\n",        "1.0.0.0 8 AS1\n",     "1.0.0.0 8 _1\n",
	};
	struct asndb *db;
	struct why why;

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(open_text(bad[i], &db, &why), E_BAD);
		assert_non_null(strstr(why.text, "line 1"));
	}
	assert_int_equal(asndb_open("/nonexistent", &db, &why), E_SYS);
	assert_int_equal(open_text("", &db, &why), 0);
	assert_found(db, "1.0.0.0", NULL);
	asndb_close(db);
	asndb_close(NULL);
}

/* Of tests/lab/mmdb.py: 10.0.0.0/8, in it 10.8.1.0/24 as a word, 1.0.0.0/24, 2001:db8::/32. */
static size_t read_mmdb(uint8_t *out, size_t cap)
{
	FILE *f = fopen("tests/fuzz/corpus/asndb/mmdb", "rb");
	size_t len;

	assert_non_null(f);
	len = fread(out, 1, cap, f);
	fclose(f);
	return len;
}

static void a_maxmind_file_is_read(void **state)
{
	uint8_t octets[4096];
	size_t len = read_mmdb(octets, sizeof(octets));
	struct asndb *db;
	struct why why;

	(void)state;
	assert_int_equal(open_octets(octets, len, &db, &why), 0);
	assert_found(db, "10.1.2.3", "64500");
	assert_found(db, "10.8.1.255", "64501");
	assert_found(db, "10.8.2.0", "64500");
	assert_found(db, "1.0.0.1", "13335");
	assert_found(db, "1.0.1.1", NULL);
	assert_found(db, "2001:db8::7", "4200000000");
	assert_found(db, "2001:db9::", NULL);
	asndb_close(db);
}

/* Each octet of it changed, in three ways; no answer but of digits, and no stray read. */
static void a_damaged_maxmind_file_is_survived(void **state)
{
	static const uint8_t changes[] = {0x01, 0x80, 0xff};
	static const char *const asked[] = {"10.8.1.1", "10.9.0.1", "2001:db8::1"};
	uint8_t octets[4096];
	size_t len = read_mmdb(octets, sizeof(octets));
	unsigned opened = 0;

	(void)state;
	for (size_t i = 0; i < 3 * len; i++) {
		struct asndb *db;
		struct why why;

		octets[i / 3] ^= changes[i % 3];
		if (open_octets(octets, len, &db, &why) == 0) {
			opened++;
			for (size_t n = 0; n < sizeof(asked) / sizeof(asked[0]); n++) {
				struct addr a;
				const char *found;

				assert_int_equal(addr_parse(asked[n], &a), 0);
				found = asndb_find(db, &a);
				assert_true(!found || strspn(found, "0123456789") == strlen(found));
			}
			asndb_close(db);
		}
		octets[i / 3] ^= changes[i % 3];
	}
	assert_in_range(opened, 100, 3 * len - 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_and_prefixes_are_read),
		cmocka_unit_test(what_is_not_understood_is_told),
		cmocka_unit_test(a_maxmind_file_is_read),
		cmocka_unit_test(a_damaged_maxmind_file_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
