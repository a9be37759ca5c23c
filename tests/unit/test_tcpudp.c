/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "wire/tcp.h"
#include "wire/udp.h"

static int udp_of(const char *name, struct golden *g, struct udp_hdr *h, struct rd *payload,
		  size_t *n_behind)
{
	struct rd r;
	int err;

	*g = golden_load(name);
	r = golden_at(g, GOLDEN_L3 + 20);
	err = udp_parse(&r, h, payload);
	*n_behind = rd_left(&r);
	return err;
}

static void udp_datagrams(void **state)
{
	struct golden g;
	struct udp_hdr h;
	struct rd p, r;
	size_t n;

	(void)state;
	assert_int_equal(udp_of("udp/dns_query", &g, &h, &p, &n), 0);
	assert_int_equal(h.src_port, 40000);
	assert_int_equal(h.dst_port, 53);
	assert_int_equal(h.len, 8 + rd_left(&p));
	assert_int_equal(rd_left(&p), 29);
	assert_false(h.is_truncated);
	assert_int_equal(udp_of("udp/csum_ffff", &g, &h, &p, &n), 0);
	assert_int_equal(h.csum, 0xffff);
	assert_int_equal(udp_of("udp/surplus", &g, &h, &p, &n), 0);
	assert_int_equal(rd_left(&p), 4);
	assert_int_equal(n, 6);
	assert_int_equal(udp_of("udp/len_large", &g, &h, &p, &n), 0);
	assert_true(h.is_truncated);
	assert_int_equal(rd_left(&p), 4);
	assert_int_equal(udp_of("udp/len_small", &g, &h, &p, &n), E_BAD);
	assert_int_equal(udp_of("udp/empty", &g, &h, &p, &n), 0);
	assert_int_equal(rd_left(&p), 0);
	r = rd_make(g.bytes + GOLDEN_L3 + 20, 7);
	assert_int_equal(udp_parse(&r, &h, &p), E_TRUNC);
}

static void udp_length_zero_takes_the_rest(void **state)
{
	struct golden g = golden_load("udp/dns_query");
	struct udp_hdr h;
	struct rd r, p;

	(void)state;
	put_u16(g.bytes + GOLDEN_L3 + 24, 0);
	r = golden_at(&g, GOLDEN_L3 + 20);
	assert_int_equal(udp_parse(&r, &h, &p), 0);
	assert_int_equal(rd_left(&p), 29);
	assert_false(h.is_truncated);
}

static int tcp_of(const char *name, struct golden *g, struct tcp_hdr *h, struct rd *opts,
		  size_t *n_payload)
{
	struct rd r;
	int err;

	*g = golden_load(name);
	r = golden_at(g, GOLDEN_L3 + (g->bytes[12] == 0x86 ? 40 : 20));
	err = tcp_parse(&r, h);
	*opts = rd_make(h->opts, err ? 0 : h->opts_len);
	*n_payload = rd_left(&r);
	return err;
}

static void tcp_fields(void **state)
{
	struct golden g;
	struct tcp_hdr h;
	struct rd opts;
	size_t n;

	(void)state;
	assert_int_equal(tcp_of("tcp/syn_ack6", &g, &h, &opts, &n), 0);
	assert_int_equal(h.src_port, 443);
	assert_int_equal(h.dst_port, 40000);
	assert_int_equal(h.seq, 0x0a0b0c0d);
	assert_int_equal(h.ack, 0x01020305);
	assert_int_equal(h.flags, TCP_F_SYN | TCP_F_ACK);
	assert_int_equal(h.hdr_len, 40);
	assert_int_equal(h.window, 64240);
	assert_int_equal(tcp_of("tcp/data", &g, &h, &opts, &n), 0);
	assert_int_equal(h.flags, 0x1ff);
	assert_int_equal(h.reserved, 0);
	assert_int_equal(h.urgent, 5);
	assert_int_equal(n, 33);
	g.bytes[GOLDEN_L3 + 32] = 0x5a;
	opts = golden_at(&g, GOLDEN_L3 + 20);
	assert_int_equal(tcp_parse(&opts, &h), 0);
	assert_int_equal(h.reserved, 5);
	assert_int_equal(h.flags, 0xff);
	assert_int_equal(tcp_of("tcp/bad_offset", &g, &h, &opts, &n), E_BAD);
	assert_int_equal(tcp_of("tcp/offset_large", &g, &h, &opts, &n), E_TRUNC);
	opts = rd_make(g.bytes, 19);
	assert_int_equal(tcp_parse(&opts, &h), E_TRUNC);
}

static void next(struct rd *opts, enum tcp_opt_kind kind, struct tcp_opt *o)
{
	assert_int_equal(tcp_opt_next(opts, o), 1);
	assert_int_equal(o->kind, kind);
}

static void tcp_options(void **state)
{
	struct golden g;
	struct tcp_hdr h;
	struct tcp_opt o;
	struct rd opts;
	size_t n;

	(void)state;
	assert_int_equal(tcp_of("tcp/syn", &g, &h, &opts, &n), 0);
	next(&opts, TCP_OPT_MSS, &o);
	assert_int_equal(o.mss, 1460);
	next(&opts, TCP_OPT_SACK_OK, &o);
	next(&opts, TCP_OPT_TIMESTAMP, &o);
	assert_int_equal(o.ts_val, 0x11223344);
	assert_int_equal(o.ts_ecr, 0);
	next(&opts, TCP_OPT_NOP, &o);
	next(&opts, TCP_OPT_WSCALE, &o);
	assert_int_equal(o.wscale, 7);
	assert_int_equal(tcp_opt_next(&opts, &o), 0);

	assert_int_equal(tcp_of("tcp/sack", &g, &h, &opts, &n), 0);
	do
		assert_int_equal(tcp_opt_next(&opts, &o), 1);
	while (o.kind != TCP_OPT_SACK);
	assert_int_equal(o.n_sacks, 3);
	assert_int_equal(o.sacks[0].left, 2000);
	assert_int_equal(o.sacks[2].right, 7000);

	assert_int_equal(tcp_of("tcp/fast_open", &g, &h, &opts, &n), 0);
	next(&opts, TCP_OPT_FAST_OPEN, &o);
	assert_int_equal(o.data_len, 8);
	assert_false(o.is_bad);
	assert_int_equal(n, 5);

	assert_int_equal(tcp_of("tcp/md5", &g, &h, &opts, &n), 0);
	next(&opts, TCP_OPT_MD5, &o);
	assert_int_equal(o.data[15], 15);
	next(&opts, TCP_OPT_USER_TIMEOUT, &o);
	next(&opts, TCP_OPT_AO, &o);
	assert_false(o.is_bad);
	next(&opts, TCP_OPT_END, &o);
	assert_int_equal(o.len, 2);
	assert_int_equal(tcp_opt_next(&opts, &o), 0);
}

static void tcp_options_of_illegal_length(void **state)
{
	static const struct {
		uint8_t kind, len;
		bool is_bad;
	} cases[] = {
		{TCP_OPT_MSS, 4, false},
		{TCP_OPT_MSS, 3, true},
		{TCP_OPT_MSS, 2, true},
		{TCP_OPT_WSCALE, 3, false},
		{TCP_OPT_WSCALE, 4, true},
		{TCP_OPT_SACK_OK, 2, false},
		{TCP_OPT_SACK_OK, 3, true},
		{TCP_OPT_SACK, 2, true},
		{TCP_OPT_SACK, 10, false},
		{TCP_OPT_SACK, 11, true},
		{TCP_OPT_SACK, 34, false},
		{TCP_OPT_SACK, 42, true},
		{TCP_OPT_TIMESTAMP, 10, false},
		{TCP_OPT_TIMESTAMP, 8, true},
		{TCP_OPT_MD5, 18, false},
		{TCP_OPT_MD5, 16, true},
		{TCP_OPT_USER_TIMEOUT, 4, false},
		{TCP_OPT_USER_TIMEOUT, 5, true},
		{TCP_OPT_AO, 4, false},
		{TCP_OPT_AO, 3, true},
		{TCP_OPT_FAST_OPEN, 2, false},
		{TCP_OPT_FAST_OPEN, 4, true},
		{TCP_OPT_FAST_OPEN, 6, false},
		{TCP_OPT_FAST_OPEN, 7, true},
		{TCP_OPT_FAST_OPEN, 18, false},
		{TCP_OPT_FAST_OPEN, 20, true},
		{99, 2, false},
		{99, 40, false},
	};
	struct golden g;
	struct tcp_hdr h;
	struct tcp_opt o;
	struct rd opts;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t bytes[48] = {cases[i].kind, cases[i].len};

		opts = rd_make(bytes, cases[i].len);
		assert_int_equal(tcp_opt_next(&opts, &o), 1);
		assert_int_equal(o.is_bad, cases[i].is_bad);
		if (o.is_bad)
			assert_int_equal(o.n_sacks | o.mss, 0);
	}
	assert_int_equal(tcp_of("tcp/bad_opt_len", &g, &h, &opts, &n), 0);
	next(&opts, TCP_OPT_MSS, &o);
	assert_true(o.is_bad);
	next(&opts, TCP_OPT_SACK, &o);
	assert_true(o.is_bad);
	assert_int_equal(tcp_opt_next(&opts, &o), E_BAD);
	assert_true(tcp_opt_next(&opts, &o) < 0);
	assert_int_equal(tcp_of("tcp/opt_zero_len", &g, &h, &opts, &n), 0);
	assert_int_equal(tcp_opt_next(&opts, &o), E_BAD);
	opts = rd_make("\2", 1);
	assert_int_equal(tcp_opt_next(&opts, &o), E_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(udp_datagrams),
		cmocka_unit_test(udp_length_zero_takes_the_rest),
		cmocka_unit_test(tcp_fields),
		cmocka_unit_test(tcp_options),
		cmocka_unit_test(tcp_options_of_illegal_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
