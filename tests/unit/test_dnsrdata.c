/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data of records: text to octets and back, for every type; and what breaks the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/dns.h"
#include "wire/dnsrdata.h"

static const struct dns_style whole = {0};

/* Text to octets, to text, to octets: both octets must be the same. Returns the text. */
static char *round_trip(uint16_t type, const char *text, const struct dns_style *style)
{
	static uint8_t first[DNS_RDATA_MAX], second[DNS_RDATA_MAX];
	static char shown[DNS_RDATA_TEXT_MAX];
	struct wr w = wr_make(first, sizeof(first)), again = wr_make(second, sizeof(second));
	struct text t = text_make(shown, sizeof(shown));
	struct dns_name origin;
	struct why why = {0};

	assert_int_equal(dns_name_parse("example.", 8, NULL, &origin), 0);
	if (dns_rdata_parse(type, text, strlen(text), &origin, &w, &why) < 0)
		fail_msg("type %u, '%s': %s", type, text, why.text);
	if (dns_rdata_text(&t, type, rd_make(first, w.len), NULL, style) < 0)
		fail_msg("type %u, '%s' makes octets that cannot be read: %s", type, text, shown);
	assert_int_equal(dns_rdata_parse(type, shown, t.len, NULL, &again, &why), 0);
	assert_int_equal(w.len, again.len);
	assert_memory_equal(first, second, w.len);
	return shown;
}

static void trip_line(char *line, const struct dns_style *style, unsigned *n)
{
	char *save, *words[3];
	uint16_t type;

	strtok_r(line, " \t", &save);
	for (unsigned i = 0; i < 3; i++)
		words[i] = strtok_r(NULL, " \t", &save);
	assert_int_equal(dns_type_parse(words[2], &type), 0);
	(void)round_trip(type, save ? save : "", style);
	(*n)++;
}

static void every_set_of_the_zone(void **state)
{
	static const struct dns_style styles[] = {{0},
						  {.split = 56},
						  {.is_generic = true},
						  {.is_multi = true},
						  {.expands_aaaa = true}};
	char line[4096];

	(void)state;
	for (unsigned i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
		FILE *f = fopen("tests/dnsq/types.zone", "re");
		unsigned n = 0;

		assert_non_null(f);
		while (fgets(line, sizeof(line), f)) {
			/* The lines of a SOA end in comments, which no data has. */
			bool has_comments = styles[i].is_multi && strstr(line, "\tSOA\t");

			line[strcspn(line, "\n")] = '\0';
			if (line[0] && line[0] != ';' && line[0] != '$' && !has_comments)
				trip_line(line, &styles[i], &n);
		}
		fclose(f);
		assert_true(n >= 200);
	}
}

/* What named does not load, or only warns of: types too old or too new for it. */
static void types_beyond_the_zone(void **state)
{
	static const struct {
		const char *type, *data;
	} sets[] = {
		{"MD", "md.example."},
		{"MF", "."},
		{"NXT", "next.example. A MX SIG NXT"},
		{"NXT", ". NS SOA TYPE127"},
		{"SIG", "A 8 2 300 20301231235959 20200101000000 12345 example. AQIDBA=="},
		{"KEY", "49152 3 5"},
		{"UNSPEC", "AQID"},
		{"UINFO", "\"x\""},
		{"UID", "4294967295"},
		{"GID", "0"},
		{"DSYNC", "CDS NOTIFY 5359 cds-scanner.example."},
		{"DSYNC", "TYPE65280 200 0 ."},
		{"HHIT", "gwppM2ZmOCAwMDAgMDAw"},
		{"BRID", "AAAA"},
		{"CLA", "\"TCP-v4-v6\" \"x\""},
		{"IPN", "18446744073709551615"},
		{"TKEY", "hmac-sha256. 20300101000000 20300101000000 3 NOERROR 3 AQID 0"},
		{"TSIG", "hmac-sha256. 281474976710655 300 4 AQIDBA== 65535 BADTIME 6 AAAAAAAA"},
		{"IPSECKEY", "0 0 0 ."},
		{"RKEY", "65535 255 255 //8="},
		{"SVCB", "1 . dohpath=\"/dns-query{?dns}\" ohttp"},
		{"SVCB", "1 . port=53 alpn=h2"},
		{"LOC", "1 N 2 E 0m"},
	};
	uint16_t type;

	(void)state;
	for (unsigned i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		assert_int_equal(dns_type_parse(sets[i].type, &type), 0);
		(void)round_trip(type, sets[i].data, &whole);
	}
}

static void texts_as_others_write_them(void **state)
{
	(void)state;
	assert_string_equal(round_trip(DNS_TXT, "a \"b\\\"c\\\\d\\009\" ;x", &whole),
			    "\"a\" \"b\\\"c\\\\d\\009\" \";x\"");
	assert_string_equal(round_trip(DNS_MX, "10 mail", &whole), "10 mail.example.");
	assert_string_equal(round_trip(DNS_NS, "a\\.b.\\000.", &whole), "a\\.b.\\000.");
	assert_string_equal(round_trip(29, "42 21 54 N 71 06 18 W -24m 30m", &whole),
			    "42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m 10m");
	assert_string_equal(round_trip(DNS_SVCB, "16 f. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"", &whole),
			    "16 f. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"");
	assert_string_equal(
		round_trip(DNS_AAAA, "2001:0db8::0001", &(struct dns_style){.expands_aaaa = true}),
		"2001:0db8:0000:0000:0000:0000:0000:0001");
	assert_string_equal(round_trip(65280, "\\# 2 a b0c", &whole), "\\# 2 AB0C");
}

static void texts_that_are_refused(void **state)
{
	static const struct {
		const char *type, *data;
	} bad[] = {
		{"A", "1.2.3"},
		{"A", "1.2.3.4 5"},
		{"AAAA", "1.2.3.4"},
		{"MX", "65536 a."},
		{"MX", "10"},
		{"NS", "a..b."},
		{"TXT", ""},
		{"TXT", "\"\\256\""},
		{"DS", "1 2 3 abc"},
		{"DNSKEY", "1 3 8 AQI"},
		{"SVCB", "1 . port=70000"},
		{"SVCB", "1 . alpn"},
		{"SVCB", "1 . ipv4hint=1.2.3"},
		{"SVCB", "1 . no-default-alpn=x"},
		{"LOC", "91 N 0 E 0m"},
		{"APL", "3:1.2.3.4/8"},
		{"NID", "1 1:2:3"},
		{"NSEC", "a. NOTYPE"},
		{"TYPE65280", "x"},
		{"TYPE65280", "\\# 2 ab"},
	};
	uint8_t space[512];
	struct why why;
	uint16_t type;

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct wr w = wr_make(space, sizeof(space));

		assert_int_equal(dns_type_parse(bad[i].type, &type), 0);
		if (dns_rdata_parse(type, bad[i].data, strlen(bad[i].data), NULL, &w, &why) == 0)
			fail_msg("%s '%s' was taken", bad[i].type, bad[i].data);
		assert_true(why.text[0]);
	}
}

static void octets_that_break_the_rules(void **state)
{
	static const struct {
		uint16_t type;
		uint8_t len;
		const char *data;
	} bad[] = {
		{DNS_A, 0, ""},
		{DNS_A, 3, "\1\2\3"},
		{DNS_A, 5, "\1\2\3\4\5"},
		{DNS_TXT, 0, ""},
		{DNS_TXT, 2, "\5a"},
		{DNS_NS, 2, "\xc0\0"},
		{DNS_NS, 2, "\x40\0"},
		{DNS_NS, 2, "\0\0"},
		{DNS_NSEC, 3, "\0\0\0"},             /* window of no octets */
		{DNS_NSEC, 5, "\0\1\1\x40\0"},       /* an octet too many */
		{DNS_NSEC, 7, "\0\1\1\x40\0\1\x40"}, /* windows out of order */
		{DNS_NSEC, 4, "\0\0\1\0"},           /* zeros at the end of a window */
		{DNS_SVCB, 11, "\0\1\0\0\3\0\2\0P\0\1"},
		{DNS_SVCB, 13, "\0\1\0\0\3\0\0\0\1\0\2h2"},
		{DNS_SVCB, 5, "\0\1\xc0\0\0"},
		{257, 3, "\0\0x"}, /* CAA without a tag */
		{29, 16,
		 "\0\xa0\x16\x13\x80\0\0\0\x80\0\0\0\0\x98\x96\x80"}, /* LOC: 10 metres x 1 */
		{42, 5, "\0\1\x18\1\0"}, /* APL with a zero at the end */
		{108, 5, "\1\2\3\4\5"},
		{52, 2, "\0\0"},
	};
	char shown[1024];

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct text t = text_make(shown, sizeof(shown));
		struct rd r = rd_make(bad[i].data, bad[i].len);
		int err = dns_rdata_text(&t, bad[i].type, r, &r, &whole);

		if (err != E_BAD && err != E_TRUNC)
			fail_msg("case %u, type %u: %d, '%s'", i, bad[i].type, err, shown);
	}
}

static void what_cannot_be_said_otherwise_is_generic(void **state)
{
	char shown[128];
	struct text t = text_make(shown, sizeof(shown));

	(void)state;
	assert_int_equal(dns_rdata_text(&t, 29, rd_make("\1\2", 2), NULL, &whole), 0);
	assert_string_equal(shown, "\\# 2 0102"); /* LOC of a version to come */
	t = text_make(shown, sizeof(shown));
	assert_int_equal(dns_rdata_text(&t, 10, rd_make("", 0), NULL, &whole), 0);
	assert_string_equal(shown, "\\# 0");
}

static void names_point_only_where_they_may(void **state)
{
	static const char message[] = "\1a\0\0\1\xc0\0";
	const struct rd msg = rd_make(message, 7);
	struct rd data = rd_make(message + 3, 4);
	char shown[128];
	struct text t = text_make(shown, sizeof(shown));

	(void)state;
	assert_int_equal(dns_rdata_text(&t, DNS_MX, data, &msg, &whole), 0);
	assert_string_equal(shown, "1 a.");
	t = text_make(shown, sizeof(shown));
	assert_int_equal(dns_rdata_text(&t, DNS_SVCB, data, &msg, &whole), E_BAD);
	t = text_make(shown, sizeof(shown));
	assert_int_equal(
		dns_rdata_text(&t, DNS_MX, data, &msg, &(struct dns_style){.is_generic = true}), 0);
	assert_string_equal(shown, "\\# 5 0001016100");
}

static void count_value(void *arg, const struct dns_value *v)
{
	struct text *t = arg;

	text_addf(t, "%s=", v->name);
	if (v->is_number)
		text_add_u64(t, v->number, 1);
	else
		text_add_clean(t, v->bytes, v->len);
	text_add_char(t, ';');
}

static void pieces_have_their_standards_names(void **state)
{
	static const struct {
		uint16_t type;
		const char *data, *want;
	} cases[] = {
		{DNS_MX, "10 mail.", "preference=10;exchange=mail.;"},
		{DNS_TXT, "\"a\" \"b c\"", "text=ab c;"},
		{DNS_SOA, "a. b. 1 2 3 4 5",
		 "mname=a.;rname=b.;serial=1;refresh=2;retry=3;expire=4;minimum=5;"},
		{257, "0 issue \"ca.example\"", "flags=0;tag=issue;value=ca.example;"},
		{DNS_NSEC, "b. A NS", "next=b.;types=A NS;"},
		{DNS_SVCB, "1 . port=53", "priority=1;target=.;params=port=53;"},
	};
	uint8_t octets[256];
	char space[256], shown[256];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wr w = wr_make(octets, sizeof(octets));
		struct text t = text_make(shown, sizeof(shown));

		assert_int_equal(dns_rdata_parse(cases[i].type, cases[i].data,
						 strlen(cases[i].data), NULL, &w, NULL),
				 0);
		assert_int_equal(dns_rdata_each(cases[i].type, rd_make(octets, w.len), NULL, space,
						sizeof(space), count_value, &t),
				 0);
		assert_string_equal(shown, cases[i].want);
	}
	/* As many names as pieces, for every type that has names. */
	for (unsigned type = 0; type < 65536; type++) {
		const char *names = dns_type_fields((uint16_t)type);
		unsigned n = names != NULL;

		for (; names && *names; names++)
			n += *names == ' ';
		if (names)
			assert_int_equal(n, strlen(dns_type_row((uint16_t)type)->pieces));
	}
}

static void key_tags(void **state)
{
	/* RFC 4034 5.4 and B: the example key has tag 60485. */
	static const char key[] =
		"256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==";
	uint8_t space[512];
	struct wr w = wr_make(space, sizeof(space));

	(void)state;
	assert_int_equal(dns_rdata_parse(DNS_DNSKEY, key, strlen(key), NULL, &w, NULL), 0);
	assert_int_equal(dns_key_tag(space, w.len), 60485);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_set_of_the_zone),
		cmocka_unit_test(types_beyond_the_zone),
		cmocka_unit_test(texts_as_others_write_them),
		cmocka_unit_test(texts_that_are_refused),
		cmocka_unit_test(octets_that_break_the_rules),
		cmocka_unit_test(what_cannot_be_said_otherwise_is_generic),
		cmocka_unit_test(names_point_only_where_they_may),
		cmocka_unit_test(pieces_have_their_standards_names),
		cmocka_unit_test(key_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
