/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

static void assert_addr(const struct addr *got, const char *want)
{
	char text[ADDR_TEXT_MAX];

	assert_string_equal(addr_text(got, text), want);
}

/* Parses the IPv4 packet of frame @name; *n_padding is what is left behind it. */
static int ip4_of(const char *name, struct golden *g, struct ip4_hdr *h, struct rd *payload,
		  size_t *n_padding)
{
	struct rd r;
	int err;

	*g = golden_load(name);
	r = golden_at(g, GOLDEN_L3);
	err = ip4_parse(&r, h, payload);
	*n_padding = rd_left(&r);
	return err;
}

static void ip4_fields(void **state)
{
	struct golden g;
	struct ip4_hdr h;
	struct rd p;
	size_t n;

	(void)state;
	assert_int_equal(ip4_of("icmp4/echo_request", &g, &h, &p, &n), 0);
	assert_int_equal(h.hdr_len, 20);
	assert_int_equal(h.total_len, 84);
	assert_int_equal(h.id, 0x1234);
	assert_true(h.df);
	assert_false(h.mf || h.reserved_bit || h.is_truncated || ip4_is_fragment(&h));
	assert_int_equal(h.ttl, 64);
	assert_int_equal(h.proto, IPPROTO_ICMP);
	assert_int_equal(h.csum, 0x3c3e);
	assert_addr(&h.src, "192.0.2.1");
	assert_addr(&h.dst, "198.51.100.2");
	assert_int_equal(h.opts_len, 0);
	assert_int_equal(rd_left(&p), 64);
	assert_int_equal(n, 0);

	assert_int_equal(ip4_of("ip4/tos", &g, &h, &p, &n), 0);
	assert_int_equal(h.dscp, 46);
	assert_int_equal(h.ecn, 3);
	assert_true(h.reserved_bit);
	assert_false(h.df);
}

static void ip4_fragments(void **state)
{
	struct golden g;
	struct ip4_hdr h;
	struct rd p;
	size_t n;

	(void)state;
	assert_int_equal(ip4_of("ip4/fragment_first", &g, &h, &p, &n), 0);
	assert_true(h.mf && ip4_is_fragment(&h));
	assert_int_equal(h.frag_off, 0);
	assert_int_equal(ip4_of("ip4/fragment_later", &g, &h, &p, &n), 0);
	assert_false(h.mf);
	assert_true(ip4_is_fragment(&h));
	assert_int_equal(h.frag_off, 40);
}

static void ip4_lengths(void **state)
{
	struct golden g;
	struct ip4_hdr h;
	struct rd p;
	size_t n;

	(void)state;
	assert_int_equal(ip4_of("ip4/padded", &g, &h, &p, &n), 0);
	assert_int_equal(rd_left(&p), 10);
	assert_int_equal(n, 60 - 14 - 30);
	assert_int_equal(ip4_of("ip4/total_len_zero", &g, &h, &p, &n), 0);
	assert_int_equal(rd_left(&p), 60);
	assert_false(h.is_truncated);
	assert_int_equal(ip4_of("ip4/total_len_large", &g, &h, &p, &n), 0);
	assert_true(h.is_truncated);
	assert_int_equal(rd_left(&p), 12);
	assert_int_equal(ip4_of("ip4/total_len_small", &g, &h, &p, &n), E_BAD);
	assert_int_equal(ip4_of("ip4/bad_ihl", &g, &h, &p, &n), E_BAD);
	assert_int_equal(ip4_of("ip4/bad_version", &g, &h, &p, &n), E_BAD);
	g = golden_load("ip4/rr_full");
	p = rd_make(g.bytes + GOLDEN_L3, 59);
	assert_int_equal(ip4_parse_hdr(&p, &h), E_TRUNC);
}

/* The options of frame @name: sets up *r and keeps the packet in *g. */
static void opts_of(const char *name, struct golden *g, struct rd *r)
{
	struct ip4_hdr h;
	struct rd p;
	size_t n;

	assert_int_equal(ip4_of(name, g, &h, &p, &n), 0);
	*r = rd_make(h.opts, h.opts_len);
}

static void record_routes(void **state)
{
	struct golden g;
	struct ip4_opt o;
	struct addr a;
	struct rd r;

	(void)state;
	opts_of("ip4/rr_full", &g, &r);
	assert_int_equal(ip4_opt_next(&r, &o), 1);
	assert_int_equal(o.type, IP4_OPT_RR);
	assert_int_equal(o.len, 39);
	assert_int_equal(o.n_slots, 9);
	assert_int_equal(o.n_used, 9);
	assert_false(o.is_bad);
	a = ip4_opt_addr(&o, 8);
	assert_addr(&a, "10.0.8.1");
	assert_int_equal(ip4_opt_next(&r, &o), 1);
	assert_int_equal(o.type, IP4_OPT_END);
	assert_int_equal(o.len, 1);
	assert_int_equal(ip4_opt_next(&r, &o), 0);

	opts_of("ip4/rr_part", &g, &r);
	assert_int_equal(ip4_opt_next(&r, &o), 1);
	assert_int_equal(o.n_used, 2);
	assert_int_equal(o.n_slots, 9);
	assert_int_equal(o.ptr, 12);
	a = ip4_opt_addr(&o, 1);
	assert_addr(&a, "10.0.1.1");
}

static void pointers_that_break_the_rules(void **state)
{
	static const char *const names[] = {"ip4/rr_bad_pointer", "ip4/rr_odd_pointer"};
	struct golden g;
	struct ip4_opt o;
	struct rd r;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		opts_of(names[i], &g, &r);
		assert_int_equal(ip4_opt_next(&r, &o), 1);
		assert_int_equal(o.type, IP4_OPT_NOP);
		assert_int_equal(ip4_opt_next(&r, &o), 1);
		assert_true(o.is_bad);
		assert_int_equal(o.n_used, 0);
		assert_int_equal(o.n_slots, i + 1);
	}
}

static void timestamps(void **state)
{
	struct golden g;
	struct ip4_opt o;
	struct ip4_stamp s;
	struct rd r;

	(void)state;
	opts_of("ip4/ts_only", &g, &r);
	assert_int_equal(ip4_opt_next(&r, &o), 1);
	assert_int_equal(o.type, IP4_OPT_TS);
	assert_int_equal(o.flag, IP4_TS_ONLY);
	assert_int_equal(o.overflow, 3);
	assert_int_equal(o.n_slots, 4);
	assert_int_equal(o.n_used, 2);
	s = ip4_opt_stamp(&o, 0);
	assert_int_equal(s.ms, 43200000);
	assert_int_equal(s.addr.len, 0);
	assert_false(s.is_nonstandard);
	s = ip4_opt_stamp(&o, 1);
	assert_true(s.is_nonstandard);
	assert_int_equal(s.ms, 1);

	opts_of("ip4/ts_addr", &g, &r);
	assert_int_equal(ip4_opt_next(&r, &o), 1);
	assert_int_equal(o.flag, IP4_TS_ADDR);
	assert_int_equal(o.n_slots, 2);
	assert_int_equal(o.n_used, 1);
	s = ip4_opt_stamp(&o, 0);
	assert_addr(&s.addr, "10.0.0.1");
	assert_int_equal(s.ms, 1000);

	opts_of("ip4/ts_prespec", &g, &r);
	assert_int_equal(ip4_opt_next(&r, &o), 1);
	assert_int_equal(o.n_used, 0);
	s = ip4_opt_stamp(&o, 1);
	assert_addr(&s.addr, "10.0.0.2");
}

static void odd_options(void **state)
{
	static const uint8_t bad[][8] = {{IP4_OPT_RR, 6, 8},    {IP4_OPT_TS, 8, 5, 1},
					 {IP4_OPT_TS, 4, 5, 9}, {IP4_OPT_RR, 2},
					 {IP4_OPT_TS, 3, 5},    {IP4_OPT_TS, 4, 5, 2},
					 {IP4_OPT_ALERT, 3},    {IP4_OPT_RR, 4, 4}};
	struct golden g;
	struct ip4_opt o;
	struct rd r;
	int n;

	(void)state;
	opts_of("ip4/nops", &g, &r);
	for (n = 0; ip4_opt_next(&r, &o) == 1; n++)
		assert_int_equal(o.type, IP4_OPT_NOP);
	assert_int_equal(n, 40);
	opts_of("ip4/opt_unknown", &g, &r);
	assert_int_equal(ip4_opt_next(&r, &o), 1);
	assert_int_equal(o.type, 0x5e);
	assert_int_equal(o.data_len, 4);
	assert_memory_equal(o.data, "\xde\xad\xbe\xef", 4);
	assert_int_equal(ip4_opt_next(&r, &o), 1);
	assert_int_equal(o.len, 2);
	opts_of("ip4/alert_igmp", &g, &r);
	assert_int_equal(ip4_opt_next(&r, &o), 1);
	assert_int_equal(o.type, IP4_OPT_ALERT);
	assert_false(o.is_bad);
	opts_of("ip4/opt_bad_len", &g, &r);
	assert_int_equal(ip4_opt_next(&r, &o), E_BAD);
	opts_of("ip4/opt_zero_len", &g, &r);
	assert_int_equal(ip4_opt_next(&r, &o), E_BAD);
	assert_true(ip4_opt_next(&r, &o) < 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = rd_make(bad[i], bad[i][1]);
		assert_int_equal(ip4_opt_next(&r, &o), 1);
		assert_true(o.is_bad);
		assert_int_equal(o.n_used, 0);
	}
	r = rd_make("\x44\4\5\0\7\3\4", 7); /* no room for a stamp, none for an address */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ip4_opt_next(&r, &o), 1);
		assert_false(o.is_bad);
		assert_int_equal(o.n_slots, 0);
	}
	r = rd_make(bad[0], 1);
	assert_int_equal(ip4_opt_next(&r, &o), E_BAD);
}

static void where_a_source_route_ends(void **state)
{
	static const char *const cases[][2] = {{"ip4/lsrr_udp", "203.0.113.9"},
					       {"ip4/ssrr_done", "198.51.100.2"},
					       {"ip4/rr_part", "198.51.100.2"},
					       {"ip4/opt_bad_len", "198.51.100.2"}};
	struct golden g;
	struct ip4_hdr h;
	struct rd p;
	size_t n;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct addr a;

		assert_int_equal(ip4_of(cases[i][0], &g, &h, &p, &n), 0);
		a = ip4_final_dst(&h);
		assert_addr(&a, cases[i][1]);
	}
}

static int ip6_of(const char *name, struct golden *g, struct ip6_hdr *h, struct rd *payload,
		  size_t *n_padding)
{
	struct rd r;
	int err;

	*g = golden_load(name);
	r = golden_at(g, GOLDEN_L3);
	err = ip6_parse(&r, h, payload);
	*n_padding = rd_left(&r);
	return err;
}

static void ip6_fields(void **state)
{
	struct golden g;
	struct ip6_hdr h;
	struct rd p, r;
	size_t n;

	(void)state;
	assert_int_equal(ip6_of("icmp6/echo_request", &g, &h, &p, &n), 0);
	assert_int_equal(h.tclass, 0xb8);
	assert_int_equal(h.flow, 0x12345);
	assert_int_equal(h.payload_len, 64);
	assert_int_equal(h.next, IPPROTO_ICMPV6);
	assert_int_equal(h.proto, IPPROTO_ICMPV6);
	assert_int_equal(h.hop_limit, 64);
	assert_int_equal(h.hdr_len, 40);
	assert_int_equal(h.n_exts, 0);
	assert_addr(&h.src, "2001:db8::1");
	assert_addr(&h.dst, "2001:db8:1::2");
	assert_addr(&h.final_dst, "2001:db8:1::2");
	assert_int_equal(rd_left(&p), 64);
	assert_int_equal(ip6_of("icmp4/echo_request", &g, &h, &p, &n), E_BAD);
	g = golden_load("icmp6/echo_request");
	r = rd_make(g.bytes + GOLDEN_L3, 39);
	assert_int_equal(ip6_parse(&r, &h, &p), E_TRUNC);
}

static void ip6_chains(void **state)
{
	static const uint8_t types[] = {IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING,
					IPPROTO_FRAGMENT, IPPROTO_DSTOPTS};
	static const uint16_t lens[] = {8, 8, 24, 8, 8};
	struct golden g;
	struct ip6_hdr h;
	struct rd p;
	uint16_t off = 40;
	size_t n;

	(void)state;
	assert_int_equal(ip6_of("ip6/chain", &g, &h, &p, &n), 0);
	assert_int_equal(h.n_exts, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(h.exts[i].type, types[i]);
		assert_int_equal(h.exts[i].off, off);
		assert_int_equal(h.exts[i].len, lens[i]);
		assert_int_equal(h.exts[i].next, i < 4 ? types[i + 1] : IPPROTO_UDP);
		off = (uint16_t)(off + lens[i]);
	}
	assert_int_equal(h.proto, IPPROTO_UDP);
	assert_int_equal(h.hdr_len, off);
	assert_int_equal(rd_left(&p), 12);
	assert_true(h.is_fragment);
	assert_int_equal(h.frag_id, 0xcafe);
	assert_false(h.mf || h.frag_off || h.is_chain_cut);
	assert_addr(&h.final_dst, "2001:db8:1::2");

	assert_int_equal(ip6_of("ip6/ah_tcp", &g, &h, &p, &n), 0);
	assert_int_equal(h.proto, IPPROTO_TCP);
	assert_int_equal(h.exts[0].len, 24);
	assert_int_equal(ip6_of("ip6/esp", &g, &h, &p, &n), 0);
	assert_int_equal(h.proto, IPPROTO_ESP);
	assert_int_equal(h.n_exts, 0);
	assert_int_equal(ip6_of("ip6/no_next", &g, &h, &p, &n), 0);
	assert_int_equal(h.proto, IPPROTO_NONE);
	assert_int_equal(rd_left(&p), 0);
}

static void ip6_chains_that_break_off(void **state)
{
	struct golden g;
	struct ip6_hdr h;
	struct rd p, r;
	size_t n;

	(void)state;
	assert_int_equal(ip6_of("ip6/chain_cut", &g, &h, &p, &n), 0);
	assert_true(h.is_chain_cut);
	assert_int_equal(h.proto, IPPROTO_HOPOPTS);
	assert_int_equal(rd_left(&p), 8);
	assert_int_equal(ip6_of("ip6/nine_exts", &g, &h, &p, &n), 0);
	assert_true(h.is_chain_cut);
	assert_int_equal(h.n_exts, IP6_EXTS_MAX);
	assert_int_equal(h.proto, IPPROTO_DSTOPTS);
	g = golden_load("ip6/chain");
	r = rd_make(g.bytes + GOLDEN_L3, 40 + 8 + 8 + 1);
	assert_int_equal(ip6_parse(&r, &h, &p), 0);
	assert_true(h.is_chain_cut && h.is_truncated);
	assert_int_equal(h.n_exts, 2);
	assert_int_equal(h.proto, IPPROTO_ROUTING);
}

static void ip6_fragments(void **state)
{
	struct golden g;
	struct ip6_hdr h;
	struct rd p;
	size_t n;

	(void)state;
	assert_int_equal(ip6_of("ip6/fragment_first", &g, &h, &p, &n), 0);
	assert_true(h.is_fragment && h.mf);
	assert_int_equal(h.frag_off, 0);
	assert_int_equal(h.proto, IPPROTO_UDP);
	assert_int_equal(ip6_of("ip6/fragment_later", &g, &h, &p, &n), 0);
	assert_false(h.mf);
	assert_int_equal(h.frag_off, 40);
	assert_int_equal(h.frag_id, 77);
}

/* RFC 8200 8.1: the address the transport checksum is over. */
static void ip6_final_destinations(void **state)
{
	static const char *const cases[][2] = {{"ip6/srh_udp", "2001:db8:f::f"},
					       {"ip6/routing0_udp", "2001:db8:f::f"},
					       {"ip6/chain", "2001:db8:1::2"},
					       {"ip6/routing_unknown", ""}};
	struct golden g;
	struct ip6_hdr h;
	struct rd p;
	size_t n;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(ip6_of(cases[i][0], &g, &h, &p, &n), 0);
		assert_addr(&h.final_dst, cases[i][1]);
	}
}

static void ip6_lengths(void **state)
{
	struct golden g;
	struct ip6_hdr h;
	struct rd p;
	size_t n;

	(void)state;
	assert_int_equal(ip6_of("ip6/padded", &g, &h, &p, &n), 0);
	assert_int_equal(rd_left(&p), 0);
	assert_int_equal(n, 20);
	assert_int_equal(ip6_of("ip6/payload_len_large", &g, &h, &p, &n), 0);
	assert_true(h.is_truncated);
	assert_int_equal(rd_left(&p), 12);
	assert_int_equal(ip6_of("ip6/jumbo", &g, &h, &p, &n), 0);
	assert_int_equal(h.proto, IPPROTO_UDP);
	assert_int_equal(rd_left(&p), 16);
}

static void ip6_options(void **state)
{
	struct golden g;
	struct ip6_opt o;
	struct rd r;
	int n;

	(void)state;
	g = golden_load("ip6/hopopts_mld");
	r = rd_make(g.bytes + GOLDEN_L3 + 42, 6);
	assert_int_equal(ip6_opt_next(&r, &o), 1);
	assert_int_equal(o.type, IP6_OPT_ALERT);
	assert_int_equal(o.len, 4);
	assert_int_equal(o.data_len, 2);
	assert_int_equal(ip6_opt_next(&r, &o), 1);
	assert_int_equal(o.type, IP6_OPT_PADN);
	assert_int_equal(o.data_len, 0);
	assert_int_equal(ip6_opt_next(&r, &o), 0);
	r = rd_make("\0\0\0\0\0\0", 6);
	for (n = 0; ip6_opt_next(&r, &o) == 1; n++)
		assert_int_equal(o.len, 1);
	assert_int_equal(n, 6);
	g = golden_load("ip6/bad_option");
	r = rd_make(g.bytes + GOLDEN_L3 + 42, 6);
	assert_int_equal(ip6_opt_next(&r, &o), E_BAD);
	assert_true(ip6_opt_next(&r, &o) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ip4_fields),
		cmocka_unit_test(ip4_fragments),
		cmocka_unit_test(ip4_lengths),
		cmocka_unit_test(record_routes),
		cmocka_unit_test(pointers_that_break_the_rules),
		cmocka_unit_test(timestamps),
		cmocka_unit_test(odd_options),
		cmocka_unit_test(where_a_source_route_ends),
		cmocka_unit_test(ip6_fields),
		cmocka_unit_test(ip6_chains),
		cmocka_unit_test(ip6_chains_that_break_off),
		cmocka_unit_test(ip6_fragments),
		cmocka_unit_test(ip6_final_destinations),
		cmocka_unit_test(ip6_lengths),
		cmocka_unit_test(ip6_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
