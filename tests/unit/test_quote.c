/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "wire/icmpext.h"
#include "wire/quote.h"

/* The quote of the ICMP error in frame @name, clipped as icmpext tells; *g keeps the octets. */
static struct rd quoted(const char *name, struct golden *g)
{
	struct icmp_hdr icmp;
	struct icmpext ext;
	struct rd r;
	bool is_v6;

	*g = golden_load(name);
	is_v6 = g->bytes[12] == 0x86;
	r = golden_at(g, GOLDEN_L3 + (is_v6 ? 40 : 20));
	assert_int_equal(icmp_parse(&r, is_v6, &icmp), 0);
	icmpext_find(is_v6, &icmp, &r, &ext);
	return rd_sub(&r, ext.quote_len);
}

static struct quote quote_of(const char *name, struct golden *g)
{
	struct quote q;

	assert_int_equal(quote_parse(quoted(name, g), &q), 0);
	assert_true(q.has_ip);
	return q;
}

static void assert_addr(const struct addr *got, const char *want)
{
	char text[ADDR_TEXT_MAX];

	assert_string_equal(addr_text(got, text), want);
}

static void assert_echo(const struct quote *q, size_t payload_len)
{
	assert_true(q->has_icmp && q->has_l4_csum);
	assert_int_equal(q->icmp_type, q->proto == IPPROTO_ICMP ? 8 : 128);
	assert_int_equal(q->icmp_code, 0);
	assert_int_equal(q->icmp_id, 0xbeef);
	assert_int_equal(q->icmp_seq, 7);
	assert_false(q->has_ports || q->has_tcp_seq);
	assert_int_equal(q->l4_len, 8 + payload_len);
	assert_int_equal(q->payload_len, payload_len);
	assert_ptr_equal(q->payload, q->l4 + 8);
}

static void eight_octets_of_an_echo(void **state)
{
	struct golden g;
	struct quote q = quote_of("icmp4/ttl_exceeded", &g);

	(void)state;
	assert_int_equal(q.ttl, 1);
	assert_int_equal(q.tos, 0);
	assert_int_equal(q.ip_id, 0x1234);
	assert_true(q.df);
	assert_int_equal(q.total_len, 84);
	assert_int_equal(q.hdr_len, 20);
	assert_addr(&q.src, "192.0.2.1");
	assert_addr(&q.dst, "198.51.100.2");
	assert_int_equal(q.proto, IPPROTO_ICMP);
	assert_int_equal(q.l4_csum, 0x8034);
	assert_echo(&q, 0);
}

static void a_whole_echo(void **state)
{
	struct golden g;
	struct quote q = quote_of("icmp4/admin_prohibited", &g);

	(void)state;
	assert_echo(&q, 56);
	assert_int_equal(q.payload[0], 0x10);
}

/* RFC 4884 pads with zeros: the length of the quoted packet tells where it ends. */
static void padding_is_clipped(void **state)
{
	static const char *const names[] = {"icmpext/v4_mpls", "icmpext/v4_compat",
					    "icmpext/v6_mpls_ifinfo"};
	struct golden g;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct quote q = quote_of(names[i], &g);

		assert_echo(&q, 56);
	}
}

static void the_type_of_service(void **state)
{
	struct golden g;
	struct rd r = quoted("icmp4/ttl_exceeded", &g);
	struct quote q;

	(void)state;
	g.bytes[r.buf - g.bytes + 1] = 46 << 2 | 1;
	assert_int_equal(quote_parse(rd_make(g.bytes + (r.buf - g.bytes), 28), &q), 0);
	assert_int_equal(q.tos, 46 << 2 | 1);
	r = quoted("icmp6/hop_limit", &g);
	put_u32(g.bytes + (r.buf - g.bytes), 0x6b900007);
	assert_int_equal(quote_parse(rd_make(g.bytes + (r.buf - g.bytes), 48), &q), 0);
	assert_int_equal(q.tos, 0xb9);
	assert_int_equal(q.flow, 7);
}

static void options_are_stepped_over(void **state)
{
	struct golden g;
	struct quote q = quote_of("icmp4/quote_options", &g);

	(void)state;
	assert_int_equal(q.hdr_len, 60);
	assert_echo(&q, 0);
	q = quote_of("icmp4/quote_lsrr", &g);
	assert_echo(&q, 0);
	assert_addr(&q.dst, "203.0.113.9");
}

static void extension_headers_are_stepped_over(void **state)
{
	struct golden g;
	struct quote q = quote_of("icmp6/quote_exts", &g);

	(void)state;
	assert_int_equal(q.hdr_len, 56);
	assert_int_equal(q.proto, IPPROTO_ICMPV6);
	assert_echo(&q, 56);
	q = quote_of("icmp6/quote_srh", &g);
	assert_addr(&q.dst, "2001:db8:f::f");
	assert_true(q.has_ports);
	q = quote_of("icmp6/quote_chain_cut", &g);
	assert_null(q.l4);
	assert_false(q.has_icmp);
	assert_addr(&q.dst, "2001:db8:1::2");
}

static void six_has_a_flow(void **state)
{
	struct golden g;
	struct quote q = quote_of("icmp6/hop_limit", &g);

	(void)state;
	assert_int_equal(q.flow, 0x54321);
	assert_int_equal(q.ttl, 1);
	assert_int_equal(q.total_len, 40 + 64);
	assert_echo(&q, 56);
	q = quote_of("icmp6/quote_8", &g);
	assert_echo(&q, 0);
}

static void ports_and_sequence(void **state)
{
	struct golden g;
	struct quote q = quote_of("icmp4/unreachable_port", &g);

	(void)state;
	assert_true(q.has_ports && q.has_l4_csum);
	assert_false(q.has_icmp || q.has_tcp_seq);
	assert_int_equal(q.src_port, 33000);
	assert_int_equal(q.dst_port, 33434);
	assert_int_equal(q.payload_len, 0);
	assert_non_null(q.payload);
	q = quote_of("icmp4/ttl_exceeded_tcp", &g);
	assert_true(q.has_ports && q.has_tcp_seq);
	assert_int_equal(q.tcp_seq, 0x01020304);
	assert_false(q.has_l4_csum);
	assert_null(q.payload);
	q = quote_of("icmpext/v4_port_mpls", &g);
	assert_int_equal(q.payload_len, 32);
	q = quote_of("icmp6/unreachable_port", &g);
	assert_int_equal(q.dst_port, 33434);
	assert_int_equal(q.payload_len, 12);
}

static void quotes_that_break_off(void **state)
{
	struct golden g;
	struct quote q = quote_of("icmp4/ttl_exceeded_4", &g);

	(void)state;
	assert_true(q.has_ports);
	assert_false(q.has_l4_csum);
	assert_null(q.payload);
	assert_int_equal(q.payload_len, 0);
	assert_int_equal(q.l4_len, 4);
	q = quote_of("icmp4/ttl_exceeded_0", &g);
	assert_null(q.l4);
	assert_false(q.has_icmp);
	assert_int_equal(quote_parse(quoted("icmp4/quote_cut_ip", &g), &q), E_TRUNC);
	assert_false(q.has_ip);
	assert_int_equal(quote_parse(quoted("icmp4/quote_not_ip", &g), &q), E_BAD);
	assert_int_equal(quote_parse(quoted("icmp4/quote_empty", &g), &q), E_TRUNC);
}

static void fragments_have_no_l4(void **state)
{
	static const char *const names[] = {"icmp4/quote_fragment", "icmp6/quote_fragment"};
	struct golden g;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct quote q = quote_of(names[i], &g);

		assert_int_equal(q.frag_off, 40);
		assert_null(q.l4);
		assert_false(q.has_ports || q.has_icmp);
	}
}

/* Some stacks quote the length in host order, or without the header: no reason to lose the echo. */
static void a_mangled_length_does_no_harm(void **state)
{
	struct golden g;
	struct quote q = quote_of("icmp4/quote_swapped_len", &g);
	struct rd r;

	(void)state;
	assert_int_equal(q.total_len, 0x5400);
	assert_echo(&q, 0);
	r = quoted("icmp4/ttl_exceeded", &g);
	put_u16(g.bytes + (r.buf - g.bytes) + 2, 8);
	assert_int_equal(quote_parse(r, &q), 0);
	assert_echo(&q, 0);
}

/* The error queue gives the quote from its L4 header on. */
static void without_the_ip_header(void **state)
{
	struct golden g = golden_load("icmp6/echo_request");
	struct addr dst = addr_from(g.bytes + GOLDEN_L3 + 24, 16);
	struct quote q;

	(void)state;
	quote_parse_l4(golden_at(&g, GOLDEN_L3 + 40), &dst, IPPROTO_ICMPV6, &q);
	assert_false(q.has_ip);
	assert_int_equal(q.src.len, 0);
	assert_addr(&q.dst, "2001:db8:1::2");
	assert_echo(&q, 56);
	quote_parse_l4(rd_make(NULL, 0), &dst, IPPROTO_UDP, &q);
	assert_null(q.l4);
	assert_false(q.has_ports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_octets_of_an_echo),
		cmocka_unit_test(a_whole_echo),
		cmocka_unit_test(padding_is_clipped),
		cmocka_unit_test(the_type_of_service),
		cmocka_unit_test(options_are_stepped_over),
		cmocka_unit_test(extension_headers_are_stepped_over),
		cmocka_unit_test(six_has_a_flow),
		cmocka_unit_test(ports_and_sequence),
		cmocka_unit_test(quotes_that_break_off),
		cmocka_unit_test(fragments_have_no_l4),
		cmocka_unit_test(a_mangled_length_does_no_harm),
		cmocka_unit_test(without_the_ip_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
