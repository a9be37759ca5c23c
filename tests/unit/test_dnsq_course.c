/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The course of a transfer, what a reply means on the way down from the root, and +words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dnsq/dnsq.h"
#include "dnsq/dnsq_trace.h"

static struct dns_name name_of(const char *text)
{
	struct dns_name n;

	assert_int_equal(dns_name_parse(text, strlen(text), NULL, &n), 0);
	return n;
}

/* Feeds records given as serials of SOA, 0 for another record. */
static struct xfr feed(uint16_t type, uint32_t known, const uint32_t *serials, unsigned n)
{
	struct dns_question q = {name_of("z.test."), type, DNS_IN};
	struct xfr x = {.known = known};

	for (unsigned i = 0; i < n; i++) {
		uint8_t data[22] = {0};
		struct dns_record r = {.name = q.name, .type = serials[i] ? DNS_SOA : DNS_A};

		put_u32(data + 2, serials[i]);
		r.data = rd_make(data, serials[i] ? sizeof(data) : 4);
		xfr_take(&x, &q, &r);
	}
	return x;
}

#define FEED(type, known, ...) \
	feed(type, known, (const uint32_t[]){__VA_ARGS__}, \
	     sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void transfers_end_where_they_should(void **state)
{
	(void)state;
	assert_false(FEED(DNS_AXFR, 0, 5, 0, 0).is_over);
	assert_true(FEED(DNS_AXFR, 0, 5, 0, 5).is_over);
	assert_true(FEED(DNS_AXFR, 0, 5, 5).is_over);
	assert_true(FEED(DNS_IXFR, 5, 5).is_over); /* nothing newer */
	assert_true(FEED(DNS_IXFR, 6, 5).is_over); /* ours is newer */
	assert_false(FEED(DNS_IXFR, 4, 5).is_over);
	assert_true(FEED(DNS_IXFR, 3, 5, 0, 0, 5).is_over); /* the whole zone instead */
	assert_true(FEED(DNS_IXFR, 4, 5, 4, 0, 5, 0, 5).is_over);
	assert_false(FEED(DNS_IXFR, 3, 5, 3, 0, 4, 0, 4, 5, 0).is_over);
	assert_true(FEED(DNS_IXFR, 3, 5, 3, 0, 4, 0, 4, 5, 0, 5).is_over);
	assert_true(FEED(DNS_IXFR, 0xffffffff, 1, 0xffffffff, 0, 1, 0, 1).is_over); /* RFC 1982 */
	for (unsigned i = 0; i < 2; i++)
		assert_null(FEED(i ? DNS_IXFR : DNS_AXFR, 1, 5, 0, 5).fault);
}

static void transfers_that_break_the_rules(void **state)
{
	(void)state;
	assert_non_null(FEED(DNS_AXFR, 0, 0, 5).fault);
	assert_non_null(FEED(DNS_AXFR, 0, 5, 0, 5, 0).fault);
}

struct message {
	uint8_t bytes[512];
	struct wr w;
};

static struct message message(uint16_t flags, unsigned answers, unsigned authority)
{
	struct message m;
	const uint16_t counts[] = {0, (uint16_t)answers, (uint16_t)authority, 0};

	m.w = wr_make(NULL, 0);
	m.w.cap = sizeof(m.bytes);
	m.w.buf = m.bytes;
	dns_put_header(&m.w, 1, (uint16_t)(DNS_QR | flags), counts);
	return m;
}

static void put(struct message *m, const char *owner, uint16_t type, const char *target)
{
	struct dns_name n = name_of(owner), to = name_of(target);

	m->w.buf = m->bytes; /* the struct may have moved */
	dns_put_record(&m->w, &n, type, DNS_IN, 60, to.bytes, to.len);
}

static enum step step(const struct message *m, const char *cut, struct dns_name *next)
{
	struct dns_question q = {name_of("www.a.test."), DNS_A, DNS_IN};
	struct dns_name zone = name_of(cut);

	return step_of(m->bytes, m->w.len, &q, &zone, next);
}

static void what_replies_mean_on_the_way_down(void **state)
{
	struct dns_name next, want = name_of("a.test."), alias = name_of("b.other.");
	struct message m = message(0, 0, 1);

	(void)state;
	put(&m, "a.test.", DNS_NS, "ns.a.test.");
	assert_int_equal(step(&m, "test.", &next), STEP_REFERRAL);
	assert_true(dns_name_same(&next, &want, true));
	assert_int_equal(step(&m, "a.test.", &next), STEP_LAME); /* not downwards */
	assert_int_equal(step(&m, "b.test.", &next), STEP_LAME); /* not of this zone */
	m = message(DNS_AA, 1, 0);
	put(&m, "www.a.test.", 5, "b.other.");
	assert_int_equal(step(&m, "a.test.", &next), STEP_ALIAS);
	assert_true(dns_name_same(&next, &alias, true));
	m = message(DNS_AA, 2, 0);
	put(&m, "www.a.test.", 5, "b.other.");
	put(&m, "b.other.", DNS_A, ".");
	assert_int_equal(step(&m, "a.test.", &next), STEP_ANSWER);
	m = message(DNS_AA | DNS_NXDOMAIN, 0, 0);
	assert_int_equal(step(&m, "a.test.", &next), STEP_ANSWER);
	m = message(DNS_REFUSED, 0, 0);
	assert_int_equal(step(&m, "a.test.", &next), STEP_LAME);
	m = message(0, 0, 0);
	assert_int_equal(step(&m, "a.test.", &next), STEP_LAME);
	m = message(DNS_AA, 2, 0);
	put(&m, "www.a.test.", 5, "x.a.test.");
	put(&m, "x.a.test.", 5, "www.a.test.");
	(void)step(&m, "a.test.", &next); /* ends, wherever */
}

static void words_and_their_short_forms(void **state)
{
	static const char *const good[] = {"norec",
					   "nosea",
					   "noquest",
					   "comm",
					   "sp=8",
					   "nocomm",
					   "tim=1",
					   "sub=192.0.2.0/24",
					   "noall",
					   "short",
					   "bufs=512",
					   "edns=0",
					   "ednsopt=65001:aabb",
					   "cookie=0011223344556677",
					   "ttlu",
					   "NoRecurse"};
	static const char *const bad[] = {"",
					  "no",
					  "nonsense",
					  "bufsize=x",
					  "bufsize=65536",
					  "recurse=1",
					  "subnet=192.0.2.0/33",
					  "ednsopt=1:abc",
					  "cookie=00",
					  "tries=-1"};
	struct dnsq_set set = dnsq_set_default();
	struct why why;

	(void)state;
	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (plus_parse(&set, good[i], &why) < 0)
			fail_msg("+%s: %s", good[i], why.text);
	assert_false(set.rd || set.searches || set.question);
	assert_int_equal(set.udp_max, 512);
	assert_int_equal(set.cookie_len, 8);
	assert_int_equal(set.options_len, 4 + 7 + 4 + 2);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (plus_parse(&set, bad[i], &why) == 0)
			fail_msg("+%s was taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transfers_end_where_they_should),
		cmocka_unit_test(transfers_that_break_the_rules),
		cmocka_unit_test(what_replies_mean_on_the_way_down),
		cmocka_unit_test(words_and_their_short_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
