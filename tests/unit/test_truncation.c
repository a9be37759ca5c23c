/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "wire/dissect.h"

/*
 * Every golden packet, cut at every length, from the start of each of its layers, through every
 * parser. Each cut ends where its block of memory ends, so that a sanitizer sees a read past it;
 * and no cut may yield more than the whole: things are counted, an error counts as -1.
 */

static int many(int err, size_t things)
{
	return err < 0 ? -1 : (int)things;
}

static int run_eth(struct rd r)
{
	struct eth_hdr h;
	struct rd p;
	int err = eth_parse(&r, &h, &p);

	return many(err, h.n_tags + rd_left(&p));
}

static int run_arp(struct rd r)
{
	struct arp_msg m;

	return many(arp_parse(&r, &m), 1);
}

static int run_ip4(struct rd r)
{
	struct ip4_hdr h;
	struct rd p;
	int err = ip4_parse(&r, &h, &p);

	return many(err, (err ? 0 : ip4_final_dst(&h).len) + rd_left(&p));
}

static int run_ip4_opts(struct rd r)
{
	struct ip4_opt o;
	int n = 0;

	/* A header has no more than 40 octets of options. */
	for (r.len = r.len < 40 ? r.len : 40; ip4_opt_next(&r, &o) > 0; n++) {
		bool is_ts = o.type == IP4_OPT_TS;

		assert_true(o.n_used <= o.n_slots);
		for (unsigned i = 0; i < o.n_slots; i++)
			assert_int_equal(is_ts ? ip4_opt_stamp(&o, i).addr.len % 4 :
						 ip4_opt_addr(&o, i).len - 4,
					 0);
	}
	return n;
}

static int run_ip6(struct rd r)
{
	struct ip6_hdr h;
	struct rd p;
	int err = ip6_parse(&r, &h, &p);

	return many(err, h.n_exts + rd_left(&p) + h.hdr_len);
}

static int run_ip6_opts(struct rd r)
{
	struct ip6_opt o;
	int n = 0;

	while (ip6_opt_next(&r, &o) > 0)
		n++;
	return n;
}

static int run_ext(struct rd r)
{
	struct icmpext ext = {0};
	struct icmpext_obj obj;
	int n = 0;

	icmpext_check(r, &ext);
	while (icmpext_next(&ext.objects, &obj) > 0) {
		struct icmpext_iface iface;
		struct mpls_entry e;

		n++;
		n += icmpext_iface(&obj, &iface) == 0;
		while (mpls_next(&obj.data, &e) > 0)
			n++;
	}
	return n;
}

static int run_icmp(struct rd r, bool is_v6)
{
	struct icmp_hdr h;
	struct icmpext ext;
	int err = icmp_parse(&r, is_v6, &h);

	if (err)
		return -1;
	icmpext_find(is_v6, &h, &r, &ext);
	assert_true(ext.quote_len <= rd_left(&r));
	return 1;
}

static int run_icmp4(struct rd r)
{
	return run_icmp(r, false);
}

static int run_icmp6(struct rd r)
{
	return run_icmp(r, true);
}

static int run_nd(struct rd r)
{
	struct icmp_hdr h;
	struct nd_msg m;
	struct nd_opt o;
	struct nd_prefix prefix;
	struct mac mac;
	uint32_t mtu;
	int n = 1;

	if (icmp_parse(&r, true, &h) < 0 || nd_parse(&r, &h, &m) < 0)
		return -1;
	while (nd_opt_next(&r, &o) > 0) {
		n += nd_opt_mac(&o, &mac) == 0;
		n += nd_opt_mtu(&o, &mtu) == 0;
		n += nd_opt_prefix(&o, &prefix) == 0;
	}
	return n;
}

static int run_udp(struct rd r)
{
	struct udp_hdr h;
	struct rd p;
	int err = udp_parse(&r, &h, &p);

	return many(err, 1 + rd_left(&p));
}

static int run_tcp(struct rd r)
{
	struct tcp_hdr h;
	int err = tcp_parse(&r, &h);

	return many(err, 1 + rd_left(&r));
}

static int run_tcp_opts(struct rd r)
{
	struct tcp_opt o;
	int n = 0;

	for (r.len = r.len < 40 ? r.len : 40; tcp_opt_next(&r, &o) > 0; n++)
		assert_true(o.n_sacks <= TCP_SACKS_MAX);
	return n;
}

static int run_quote(struct rd r)
{
	struct quote q;

	if (quote_parse(r, &q) < 0)
		return -1;
	assert_true(q.payload_len <= q.l4_len && (q.l4 || !q.l4_len));
	return (int)q.l4_len + q.has_ports + q.has_icmp + q.has_tcp_seq + q.has_l4_csum;
}

static int run_quote_l4(struct rd r)
{
	struct addr dst = {.len = 16};
	struct quote q;

	quote_parse_l4(r, &dst, IPPROTO_ICMPV6, &q);
	return (int)q.payload_len + q.has_icmp;
}

static int (*const runs[])(struct rd r) = {
	run_eth,      run_arp, run_ip4,      run_ip4_opts, run_ip6,
	run_ip6_opts, run_ext, run_icmp4,    run_icmp6,    run_nd,
	run_udp,      run_tcp, run_tcp_opts, run_quote,    run_quote_l4,
};

/* The layers tile the octets, and those of a cut packet are the first of the whole one. */
static void check_layers(const struct dissect *cut, const struct dissect *whole)
{
	size_t off = 0;

	for (unsigned i = 0; i < cut->n_layers; i++) {
		const struct layer *l = &cut->layers[i];

		assert_int_equal(l->off, off);
		assert_true(l->hdr_len > 0 && l->hdr_len <= l->len && off + l->len <= cut->len);
		off += l->hdr_len;
		assert_true(l->kind == LAYER_BAD ||
			    (i < whole->n_layers && l->kind == whole->layers[i].kind));
	}
	assert_int_equal(off, cut->len);
	assert_true(cut->payload_len <= whole->payload_len);
}

static void check_cuts(const uint8_t *bytes, size_t len)
{
	struct dissect whole[4], d;
	int most[sizeof(runs) / sizeof(runs[0])];

	for (unsigned s = 0; s < 4; s++) {
		(void)dissect_packet((enum dissect_start)s, bytes, len, &whole[s]);
		check_layers(&whole[s], &whole[s]);
	}
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		most[i] = runs[i](rd_make(bytes, len));
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *block = malloc(cut + 1), *copy = block + 1;

		assert_non_null(block);
		memcpy(copy, bytes, cut);
		for (unsigned s = 0; s < 4; s++) {
			(void)dissect_packet((enum dissect_start)s, copy, cut, &d);
			check_layers(&d, &whole[s]);
		}
		for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
			assert_true(runs[i](rd_make(copy, cut)) <= most[i]);
		free(block);
	}
}

static void every_packet_at_every_length(void **state)
{
	glob_t paths;

	(void)state;
	assert_int_equal(glob(GOLDEN_PATHS, 0, NULL, &paths), 0);
	assert_true(paths.gl_pathc >= 150);
	for (size_t i = 0; i < paths.gl_pathc; i++) {
		struct golden g = golden_read(paths.gl_pathv[i]);
		struct dissect d;

		(void)dissect_packet(DISSECT_L2, g.bytes, g.len, &d);
		for (unsigned l = 0; l < d.n_layers; l++)
			check_cuts(g.bytes + d.layers[l].off, g.len - d.layers[l].off);
	}
	globfree(&paths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_packet_at_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
