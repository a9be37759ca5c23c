/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Canonical order and form, bitmaps of types, trust anchors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "wire/dnsrdata.h"
#include "wire/dnssec.h"
#include "wire/trustanchor.h"

static struct dns_name name_of(const char *text)
{
	struct dns_name n;

	assert_int_equal(dns_name_parse(text, strlen(text), NULL, &n), 0);
	return n;
}

static void names_in_the_order_of_rfc_4034(void **state)
{
	static const char *const order[] = {
		"example.",         "a.example.",      "yljkjljk.a.example.",
		"Z.a.example.",     "zABC.a.EXAMPLE.", "z.example.",
		"\\001.z.example.", "*.z.example.",    "\\200.z.example.",
	};
	const unsigned n = sizeof(order) / sizeof(order[0]);

	(void)state;
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < n; j++) {
			struct dns_name a = name_of(order[i]), b = name_of(order[j]);
			int is = dns_name_order(&a, &b);

			assert_true(i == j ? is == 0 : i < j ? is < 0 : is > 0);
		}
}

static void labels_that_names_share(void **state)
{
	struct dns_name a = name_of("a.b.example."), b = name_of("x.B.Example."), root = {.len = 1};

	(void)state;
	assert_int_equal(dns_name_shared(&a, &b), 2);
	assert_int_equal(dns_name_shared(&a, &a), 3);
	assert_int_equal(dns_name_shared(&a, &root), 0);
}

/* RFC 4034 4.3: A MX RRSIG NSEC TYPE1234. */
static void bitmaps_of_types(void **state)
{
	static const uint8_t map[37] = {0x00, 0x06, 0x40, 0x01, 0x00,       0x00,
					0x00, 0x03, 0x04, 0x1b, [36] = 0x20};
	static const uint16_t there[] = {1, 15, 46, 47, 1234},
			      absent[] = {0, 2, 45, 48, 1235, 256, 65535};
	static const uint8_t bare[] = {0, 6, 0, 0, 0, 0, 0, 3}, cut[] = {0, 6, 0x40};

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_true(dns_types_have(rd_make(map, sizeof(map)), there[i]));
	for (unsigned i = 0; i < 7; i++)
		assert_false(dns_types_have(rd_make(map, sizeof(map)), absent[i]));
	assert_false(dns_types_have(rd_make(cut, sizeof(cut)), DNS_A));
	assert_false(dns_types_are_bare(rd_make(map, sizeof(map))));
	assert_true(dns_types_are_bare(rd_make(bare, sizeof(bare))));
}

/* RFC 4034 6.2, 6.3: names in lower case and whole, records in order, each once. */
static void record_sets_in_canonical_form(void **state)
{
	static struct rrset set;
	const uint16_t counts[DNS_SECTIONS] = {0, 4, 0, 0};
	const struct dns_name owner = name_of("a.Test.");
	/* 10 B.a.test, compressed; the same in full; 9 z.; of another type */
	static const uint8_t pointing[] = {0, 10, 1, 'B', 0xc0, 12};
	static const uint8_t full[] = {0, 10, 1, 'b', 1, 'A', 4, 't', 'e', 'S', 't', 0};
	static const uint8_t first[] = {0, 9, 1, 'Z', 0};
	uint8_t bytes[512];
	struct wr w = wr_make(bytes, sizeof(bytes));

	(void)state;
	dns_put_header(&w, 1, DNS_QR, counts);
	dns_put_record(&w, &owner, DNS_MX, DNS_IN, 60, pointing, sizeof(pointing));
	dns_put_record(&w, &owner, DNS_MX, DNS_IN, 60, full, sizeof(full));
	dns_put_record(&w, &owner, DNS_MX, DNS_IN, 60, first, sizeof(first));
	dns_put_record(&w, &owner, DNS_A, DNS_IN, 60, full, 4);
	assert_int_equal(rrset_read(&set, bytes, w.len, DNS_ANSWER, &owner, DNS_MX, DNS_IN), 2);
	assert_int_equal(set.items[0].len, 5);
	assert_memory_equal(set.octets + set.items[0].off, "\0\11\1z\0", 5);
	assert_memory_equal(set.octets + set.items[1].off, "\0\12\1b\1a\4test\0", 12);
	assert_int_equal(rrset_read(&set, bytes, w.len, DNS_AUTHORITY, &owner, DNS_MX, DNS_IN), 0);
	assert_true(rrset_read(&set, bytes, w.len - 2, DNS_ANSWER, &owner, DNS_MX, DNS_IN) < 0);
}

static int parse(const char *text, struct trust_anchors *out, struct why *why)
{
	return trust_anchors_parse(text, strlen(text), out, why);
}

static void the_root_keys(void **state)
{
	struct trust_anchors a;

	(void)state;
	trust_anchors_known(&a);
	assert_int_equal(a.n, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct dns_ds ds;

		assert_int_equal(a.anchors[i].type, DNS_DS);
		assert_int_equal(dns_ds_read(rd_make(a.anchors[i].data, a.anchors[i].len), &ds), 0);
		assert_int_equal(ds.tag, i ? 38696 : 20326);
		assert_true(ds.algorithm == 8 && ds.kind == 2 && ds.digest.len == 32);
	}
}

static void files_of_trust_anchors(void **state)
{
	static const struct {
		const char *text;
		unsigned n;
	} good[] = {
		{". IN DS 1 8 2 00ff", 1},
		{"; comment\n\n.\t172800\tIN\tDNSKEY\t257 3 8 AwEA AcBk ;{id = 1} ;;state=2\n", 1},
		{"test. DS 1 8 2 00ff\nother. 60 DNSKEY 257 3 15 (\n AwEA ; more\n AcBk )\n", 2},
		{". NS a.root.\n. DS 1 8 2 00ff\n", 1}, /* other records are passed over */
		{"trust-anchors { . initial-ds 1 8 2 \"00 ff\"; test. static-key 257 3 8 \"AwEA\n AcBk\"; };",
		 2},
		{"/* x */ managed-keys {\n . initial-key 257 3 8 \"AwEAAcBk\"; // one\n };\n# two\n",
		 1},
		{"trusted-keys { . 257 3 8 \"AwEAAcBk\"; };", 1},
	};
	static const char *const bad[] = {
		"",
		"\n; nothing\n",
		"nonsense\n",
		". IN DS x\n",
		". IN DS 1 8 2 00f\n",
		"a..b. DS 1 8 2 00\n",
		". HS DS\n",
		". IN NS a.\n",
		"trust-anchors { . 8 2; };",
		"trust-anchors { . what 257 3 8 \"AwEAAcBk\"; };",
		"trust-anchors { . static-key 257 3 8 \"AwEAAcBk\" }",
		"<TrustAnchor id=\"1\">\n",
	};
	struct trust_anchors a;
	struct why why = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (parse(good[i].text, &a, &why) < 0)
			fail_msg("%s: %s", good[i].text, why.text);
		assert_int_equal(a.n, good[i].n);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse(bad[i], &a, &why) == 0)
			fail_msg("'%s' was taken", bad[i]);
	(void)parse("\n\n. IN DS 1\n", &a, &why);
	assert_non_null(strstr(why.text, "line 3: the data of the DS is not legal"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_in_the_order_of_rfc_4034),
		cmocka_unit_test(labels_that_names_share),
		cmocka_unit_test(bitmaps_of_types),
		cmocka_unit_test(record_sets_in_canonical_form),
		cmocka_unit_test(the_root_keys),
		cmocka_unit_test(files_of_trust_anchors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
