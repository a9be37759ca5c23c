/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/oui.h"

static const struct mac converging = {{0x00, 0x1b, 0xc5, 0x00, 0x01, 0x02}};

static void expect(const char *list, const struct mac *mac, unsigned bits, const char *wanted)
{
	char name[OUI_NAME_MAX] = "";

	assert_int_equal(oui_search(list, strlen(list), mac, name), bits);
	assert_string_equal(name, wanted);
}

static void reads_every_kind_of_list(void **state)
{
	(void)state;
	expect("MA-L,001BC5,\"IEEE, Inc.\",445 Hoes Lane\r\n", &converging, 24, "IEEE, Inc.");
	expect("MA-L,001BC5,IEEE,445 Hoes Lane\n", &converging, 24, "IEEE");
	expect("# comment\n001BC5\tIEEE\n", &converging, 24, "IEEE");
	expect("001BC5 IEEE of nmap\n", &converging, 24, "IEEE of nmap");
	expect("00:1B:C5\tIEEE\tIEEE Registration\n", &converging, 24, "IEEE Registration");
	expect("00-1B-C5   (hex)\t\tIEEE\r\n001BC5     (base 16)\t\tIEEE\r\n", &converging, 24,
	       "IEEE");
}

static void the_longest_prefix_wins(void **state)
{
	static const char list[] = "001BC5\tIEEE\n001BC50\tMiddle\n001BC5000\tConverging\n"
				   "001BC5001\tOther\n";
	static const char manuf[] = "00:1B:C5:00:00:00/36\tC\tConverging\n00:1B:C5\tI\tIEEE\n"
				    "00:1B:C5:00:10:00/36\tO\tOther\n";

	(void)state;
	expect(list, &converging, 36, "Converging");
	expect(manuf, &converging, 36, "Converging");
	expect(list, &(struct mac){{0x00, 0x1b, 0xc5, 0x70, 0, 0}}, 24, "IEEE");
}

static void nonsense_names_nobody(void **state)
{
	static const char *const lists[] = {
		"",
		"001BC5",
		"001BC5\n",
		"001BC5,\n",
		"x001BC5 A\n",
		"001BC5/99\tA\tB\n",
		"001BC\tA\n001BC5",
		"MA-L,001BC5",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		expect(lists[i], &converging, 0, "");
}

static void a_file_and_the_well_known(void **state)
{
	char path[] = "/tmp/ouiXXXXXX", name[OUI_NAME_MAX];
	int fd = mkstemp(path);
	struct oui *o;
	struct why why;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "001BC5\tIEEE\n", 12), 12);
	close(fd);
	assert_int_equal(oui_open(path, &o, &why), 0);
	assert_true(oui_find(o, &converging, name));
	assert_string_equal(name, "IEEE");
	assert_true(oui_find(o, &(struct mac){{0, 0, 0x5e, 0, 1, 7}}, name));
	assert_string_equal(name, "VRRP (IPv4)");
	/* A made-up address is not looked up. */
	assert_false(oui_find(o, &(struct mac){{0x02, 0x1b, 0xc5, 0, 0, 1}}, name));
	assert_false(oui_find(o, &(struct mac){{0x00, 0x1b, 0xc6, 0, 0, 1}}, name));
	oui_close(o);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(oui_open(path, &o, &why), E_SYS);
	assert_non_null(strstr(why.text, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_kind_of_list),
		cmocka_unit_test(the_longest_prefix_wins),
		cmocka_unit_test(nonsense_names_nobody),
		cmocka_unit_test(a_file_and_the_well_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
