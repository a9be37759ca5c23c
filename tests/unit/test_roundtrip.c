/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers read out of a packet is what the builder was told to put in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rnd.h"
#include "build/recipes.h"
#include "wire/dissect.h"

static struct addr some_addr(struct rnd *r, bool is_v6)
{
	struct addr a = {.len = is_v6 ? 16 : 4};

	rnd_fill(r, a.bytes, a.len);
	a.bytes[0] = is_v6 ? 0x20 : 10;
	return a;
}

/* Any echo, datagram or segment, with data of any length and TCP options of any length. */
static struct pkt_spec some_spec(struct rnd *r)
{
	static uint8_t data[64];
	bool is_v6 = rnd_below(r, 2);
	struct addr src = some_addr(r, is_v6), dst = some_addr(r, is_v6);
	uint16_t a = (uint16_t)rnd_u32(r), b = (uint16_t)rnd_u32(r);
	size_t len = rnd_below(r, sizeof(data));
	struct pkt_spec s;

	rnd_fill(r, data, sizeof(data));
	switch (rnd_below(r, 3)) {
	case 0: s = recipe_echo(&src, &dst, rnd_below(r, 2), a, b, data, len); break;
	case 1: s = recipe_udp(&src, &dst, a, b, data, len); break;
	default:
		s = recipe_syn(&src, &dst, a, b, rnd_u32(r), 0);
		s.tcp.ack = rnd_u32(r);
		s.tcp.flags = (uint8_t)rnd_u32(r);
		s.tcp.options_len = (uint8_t)rnd_below(r, PKT_TCP_OPTIONS_MAX + 1);
		memset(s.tcp.options, 1, s.tcp.options_len);
		s.payload = data;
		s.payload_len = len;
	}
	s.ip.ttl = (uint8_t)rnd_u32(r);
	s.ip.tclass = (uint8_t)rnd_u32(r);
	s.ip.id = (uint16_t)rnd_u32(r);
	s.ip.df = rnd_below(r, 2);
	s.ip.flow_label = rnd_u32(r) & 0xfffff;
	s.ip.options_len = is_v6 ? 0 : (uint8_t)rnd_below(r, PKT_IP4_OPTIONS_MAX + 1);
	memset(s.ip.options, 1, s.ip.options_len);
	if (rnd_below(r, 2)) {
		s.from = PKT_FROM_ETH;
		s.eth = (struct pkt_eth){.dst = {{2, 1}}, .src = {{2, 2}}};
		s.pad_to = ETH_MIN_LEN;
	}
	return s;
}

static void same_ip(const struct pkt_ip *want, const struct dissect *got)
{
	assert_true(addr_same(&got->src, &want->src));
	assert_true(addr_same(&got->dst, &want->dst));
	assert_int_equal(got->ttl, want->ttl);
	if (want->dst.len == 16) {
		assert_int_equal(got->ip6.flow, want->flow_label);
		assert_int_equal(got->ip6.tclass, want->tclass);
		return;
	}
	assert_int_equal(got->ip_csum, CSUM_GOOD);
	assert_int_equal(got->ip4.id, want->id);
	assert_int_equal(got->ip4.df, want->df);
	assert_int_equal(got->ip4.dscp << 2 | got->ip4.ecn, want->tclass);
	assert_int_equal(got->ip4.opts_len, (want->options_len + 3) / 4 * 4);
	assert_memory_equal(got->ip4.opts, want->options, want->options_len);
}

static void same_l4(const struct pkt_spec *want, const struct dissect *got)
{
	assert_int_equal(got->l4_csum, CSUM_GOOD);
	assert_int_equal(got->payload_len, want->payload_len);
	if (want->payload_len)
		assert_memory_equal(got->payload, want->payload, want->payload_len);
	if (want->kind == PKT_ICMP) {
		assert_int_equal(got->icmp.type, want->icmp.type);
		assert_int_equal(got->icmp.rest, want->icmp.rest);
	} else if (want->kind == PKT_UDP) {
		assert_int_equal(got->udp.src_port, want->udp.src_port);
		assert_int_equal(got->udp.dst_port, want->udp.dst_port);
	} else {
		assert_int_equal(got->tcp.src_port, want->tcp.src_port);
		assert_int_equal(got->tcp.dst_port, want->tcp.dst_port);
		assert_int_equal(got->tcp.seq, want->tcp.seq);
		assert_int_equal(got->tcp.ack, want->tcp.ack);
		assert_int_equal(got->tcp.flags, want->tcp.flags);
		assert_int_equal(got->tcp.window, want->tcp.window);
		assert_int_equal(got->tcp.opts_len, (want->tcp.options_len + 3) / 4 * 4);
	}
}

static void parsed_is_what_was_built(void **state)
{
	struct pkt *p = pkt_new();
	struct rnd r = rnd_seeded(1);

	(void)state;
	assert_non_null(p);

	for (unsigned i = 0; i < 5000; i++) {
		struct pkt_spec s = some_spec(&r);
		bool is_framed = s.from == PKT_FROM_ETH;
		enum dissect_start start = is_framed ? DISSECT_L2 : DISSECT_L3;
		uint8_t bytes[400];
		struct wr out = wr_make(bytes, sizeof(bytes));
		struct dissect d;

		assert_int_equal(pkt_build(p, &s, &out, NULL), 0);
		assert_int_equal(dissect_packet(start, bytes, out.len, &d), 0);
		same_ip(&s.ip, &d);
		same_l4(&s, &d);
		assert_true(!is_framed || out.len >= ETH_MIN_LEN);
	}
	pkt_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsed_is_what_was_built),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
