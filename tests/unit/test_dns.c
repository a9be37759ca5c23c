/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, messages, resolv.conf and the radix texts of the DNS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/radix.h"
#include "wire/dns.h"
#include "wire/resolvconf.h"

static struct dns_name name_of(const char *text)
{
	struct dns_name n;

	if (dns_name_parse(text, strlen(text), NULL, &n) < 0)
		fail_msg("'%s' is no name", text);
	return n;
}

static void names_to_text_and_back(void **state)
{
	static const char *const texts[] = {
		".",           "a.",           "A.b.",
		"\\000\\255.", "a\\.b.c.",     "\\@\\$\\;\\(\\)\\\"\\\\.",
		"\\032.",      "_sip._tcp.x.", "*.a."};
	char shown[DNS_NAME_TEXT_MAX];

	(void)state;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct dns_name n = name_of(texts[i]);

		assert_string_equal(dns_name_text(&n, shown), texts[i]);
	}
}

static void names_that_are_none(void **state)
{
	static const char *const texts[] = {"", "a..b", ".a", "..", "a\\", "a\\25", "\\256."};
	char longest[300];
	struct dns_name n;

	(void)state;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(dns_name_parse(texts[i], strlen(texts[i]), NULL, &n), E_BAD);
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(dns_name_parse(longest, 64, NULL, &n), E_RANGE);
	for (unsigned i = 63; i < 253; i += 64)
		longest[i] = '.';
	assert_int_equal(dns_name_parse(longest, 253, NULL, &n), 0);
	assert_int_equal(n.len, 255);
	assert_int_equal(dns_name_parse(longest, 254, NULL, &n), E_RANGE);
}

static void names_out_of_messages(void **state)
{
	static const struct {
		const char *bytes;
		uint8_t len, at;
		int err;
		const char *text;
	} cases[] = {
		{"\1a\1b\0", 5, 0, 0, "a.b."},
		{"\1b\0\1a\xc0\0", 7, 3, 0, "a.b."},
		{"\1b\0\1a\xc0\0\1c\xc0\3", 11, 7, 0, "c.a.b."},
		{"\xc0\0", 2, 0, E_BAD, NULL},          /* to itself */
		{"\1a\xc0\0", 4, 0, E_BAD, NULL},       /* to its own start */
		{"\xc0\2\0", 3, 0, E_BAD, NULL},        /* forward */
		{"\1a\xc0\4\xc0\2", 6, 4, E_BAD, NULL}, /* back, then forward */
		{"\xc0", 1, 0, E_TRUNC, NULL},
		{"\5ab", 3, 0, E_TRUNC, NULL},
		{"\1a", 2, 0, E_TRUNC, NULL},
		{"\x40", 1, 0, E_BAD, NULL},
		{"\x80\0", 2, 0, E_BAD, NULL},
	};
	char shown[DNS_NAME_TEXT_MAX];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct rd msg = rd_make(cases[i].bytes, cases[i].len);
		struct rd r = msg;
		struct dns_name n;

		r.pos = cases[i].at;
		assert_int_equal(dns_name_read(&r, &msg, &n), cases[i].err);
		if (cases[i].text)
			assert_string_equal(dns_name_text(&n, shown), cases[i].text);
	}
}

static void names_are_compared(void **state)
{
	struct dns_name a = name_of("www.Example."), b = name_of("WWW.example."),
			top = name_of("example.");
	struct dns_name other = name_of("wwwexample."), joined, stirred = a;
	struct rnd rnd = rnd_seeded(7);

	(void)state;
	assert_true(dns_name_same(&a, &b, false));
	assert_false(dns_name_same(&a, &b, true));
	assert_true(dns_name_is_below(&a, &top));
	assert_true(dns_name_is_below(&top, &top));
	assert_false(dns_name_is_below(&other, &top));
	assert_int_equal(dns_name_labels(&a), 2);
	joined = dns_name_parent(&a, 1);
	assert_true(dns_name_same(&joined, &top, false));
	joined = dns_name_parent(&a, 9);
	assert_int_equal(joined.len, 1);
	assert_int_equal(dns_name_join(&top, &a, &joined), 0);
	assert_int_equal(dns_name_labels(&joined), 3);
	dns_name_stir(&stirred, &rnd);
	assert_true(dns_name_same(&stirred, &a, false));
	assert_false(dns_name_same(&stirred, &a, true));
}

static void reverse_names(void **state)
{
	static const uint8_t v4[] = {192, 0, 2, 1}, v6[16] = {0x20, 1, 0xd, 0xb8, [15] = 0x42};
	struct dns_name n = dns_name_reverse(v4, 4);
	char shown[DNS_NAME_TEXT_MAX];

	(void)state;
	assert_string_equal(dns_name_text(&n, shown), "1.2.0.192.in-addr.arpa.");
	n = dns_name_reverse(v6, 16);
	assert_string_equal(
		dns_name_text(&n, shown),
		"2.4.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.");
}

/* A message with a question, an answer and an OPT record. */
static size_t make_message(uint8_t *space, size_t cap)
{
	struct wr w = wr_make(space, cap);
	struct dns_question q = {name_of("a.test."), DNS_A, DNS_IN};
	const uint16_t counts[] = {1, 1, 0, 1};
	const struct dns_edns e = {.udp_max = 1232, .high_rcode = 1, .flags = DNS_DO};
	uint8_t option[6];
	struct wr options = wr_make(option, sizeof(option));

	dns_put_option(&options, DNS_OPT_NSID, "ab", 2);
	dns_put_header(&w, 0x1234, DNS_QR | DNS_RD | 7, counts);
	dns_put_question(&w, &q);
	dns_put_record(&w, &q.name, DNS_A, DNS_IN, 0x80000001u, "\1\2\3\4", 4);
	dns_put_opt(&w, &e, option, options.len);
	assert_int_equal(wr_done(&w), 0);
	return w.len;
}

static void messages_are_read_as_written(void **state)
{
	uint8_t space[256];
	size_t len = make_message(space, sizeof(space));
	struct dns_question q;
	struct dns_record r;
	struct dns_edns e;
	struct dns_msg m;
	struct rd data;
	uint16_t code;

	(void)state;
	assert_int_equal(dns_msg_open(&m, space, len), 0);
	assert_int_equal(m.id, 0x1234);
	assert_int_equal(dns_msg_question(&m, &q), 0);
	assert_true(dns_msg_is(space, len, &q, true));
	assert_int_equal(dns_msg_question(&m, &q), E_EOF);
	assert_int_equal(dns_msg_record(&m, &r), 0);
	assert_int_equal(r.section, DNS_ANSWER);
	assert_int_equal(r.data.len, 4);
	assert_int_equal(dns_ttl(r.ttl), 0); /* RFC 2181 8 */
	assert_int_equal(dns_msg_record(&m, &r), 0);
	assert_int_equal(dns_msg_record(&m, &r), E_EOF);
	e = dns_msg_edns(space, len);
	assert_true(e.is_there && e.udp_max == 1232 && e.flags == DNS_DO);
	assert_true(dns_option_next(&e.options, &code, &data));
	assert_int_equal(code, DNS_OPT_NSID);
	assert_false(dns_option_next(&e.options, &code, &data));
	assert_int_equal(dns_rcode_of(space, len), 16 + 7);
}

static void messages_that_end_early_say_where(void **state)
{
	uint8_t space[256];
	size_t len = make_message(space, sizeof(space));
	struct dns_record r;
	struct dns_msg m;

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		if (dns_msg_open(&m, space, cut) < 0) {
			assert_true(cut < DNS_HDR_LEN);
			continue;
		}
		while (dns_msg_record(&m, &r) == 0)
			;
		assert_non_null(m.fault);
		assert_true(m.fault_off <= cut);
		assert_int_equal(dns_msg_record(&m, &r), E_BAD);
	}
}

static void radix_texts(void **state)
{
	static const struct {
		enum radix radix;
		const char *bytes, *text;
	} cases[] = {
		{RADIX_64, "", ""},          {RADIX_64, "f", "Zg=="},
		{RADIX_64, "fo", "Zm8="},    {RADIX_64, "foo", "Zm9v"},
		{RADIX_32HEX, "f", "CO"},    {RADIX_32HEX, "foobar", "CPNMUOJ1E8"},
		{RADIX_16, "foo", "666F6F"},
	};
	char shown[64];
	uint8_t back[64];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct radix_reader reader = {.radix = cases[i].radix};
		struct text t = text_make(shown, sizeof(shown));
		struct wr w = wr_make(back, sizeof(back));
		size_t len = strlen(cases[i].bytes);

		radix_add(&t, cases[i].radix, cases[i].bytes, len, 0, "");
		assert_string_equal(shown, cases[i].text);
		assert_int_equal(radix_read(&reader, shown, t.len, &w), 0);
		assert_int_equal(radix_end(&reader), 0);
		assert_int_equal(w.len, len);
		assert_memory_equal(back, cases[i].bytes, len);
	}
}

static void radix_texts_that_are_refused(void **state)
{
	static const struct {
		enum radix radix;
		const char *text;
	} cases[] = {
		{RADIX_64, "Zg="},   {RADIX_64, "Z"},   {RADIX_64, "Zh=="}, {RADIX_64, "Zg==Zg"},
		{RADIX_64, "Z g"},   {RADIX_16, "abc"}, {RADIX_16, "xy"},   {RADIX_32HEX, "C"},
		{RADIX_32HEX, "W0"}, {RADIX_64, "Zg"},
	};
	uint8_t back[64];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct radix_reader reader = {.radix = cases[i].radix};
		struct wr w = wr_make(back, sizeof(back));

		if (radix_read(&reader, cases[i].text, strlen(cases[i].text), &w) == 0 &&
		    radix_end(&reader) == 0)
			fail_msg("'%s' was taken", cases[i].text);
	}
}

static void resolv_conf(void **state)
{
	static const char text[] =
		"# comment\nnameserver 192.0.2.1\nnameserver\t2001:db8::1 # x\n"
		"nameserver nonsense\ndomain first.example\nsearch a.example b.example\n"
		"options ndots:3 timeout:99 attempts:2 rotate use-vc trust-ad inet6\nsortlist x";
	struct resolvconf c;

	(void)state;
	resolvconf_parse(text, sizeof(text) - 1, &c);
	assert_int_equal(c.n_servers, 2);
	assert_int_equal(c.servers[1].len, 16);
	assert_int_equal(c.n_search, 2);
	assert_int_equal(dns_name_labels(&c.search[1]), 2);
	assert_int_equal(c.ndots, 3);
	assert_int_equal(c.timeout_s, 30);
	assert_int_equal(c.attempts, 2);
	assert_true(c.rotates && c.uses_tcp && c.trusts_ad);
	resolvconf_parse("", 0, &c);
	assert_int_equal(c.n_servers, 0);
	assert_int_equal(c.ndots, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_to_text_and_back),
		cmocka_unit_test(names_that_are_none),
		cmocka_unit_test(names_out_of_messages),
		cmocka_unit_test(names_are_compared),
		cmocka_unit_test(reverse_names),
		cmocka_unit_test(messages_are_read_as_written),
		cmocka_unit_test(messages_that_end_early_say_where),
		cmocka_unit_test(radix_texts),
		cmocka_unit_test(radix_texts_that_are_refused),
		cmocka_unit_test(resolv_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
