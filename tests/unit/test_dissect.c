/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "golden.h"
#include "wire/csum.h"
#include "wire/dissect.h"

/* One line for a whole dissection: each layer with its own octets, then what is wrong. */
static void summary(const struct dissect *d, char *out, size_t cap)
{
	static const char *const sums[] = {"?", "none", "good", "BAD"};
	struct text t = text_make(out, cap);

	for (unsigned i = 0; i < d->n_layers; i++)
		text_addf(&t, "%s%s %u", i ? ", " : "", dissect_layer_text(d->layers[i].kind),
			  d->layers[i].hdr_len);
	text_addf(&t, "; ip %s l4 %s", sums[d->ip_csum], sums[d->l4_csum]);
	if (d->is_truncated)
		text_add(&t, "; truncated");
	if (d->is_fragment)
		text_add(&t, "; fragment");
	if (d->has_quote)
		text_add(&t, "; quote");
	if (d->err)
		text_addf(&t, "; %s", err_word(d->err));
}

static const char *const packets[][2] = {
	{"icmp4/echo_request", "Ethernet 14, IPv4 20, ICMP 8, payload 56; ip good l4 good"},
	{"icmp4/echo_reply", "Ethernet 14, IPv4 20, ICMP 8, payload 57; ip good l4 good"},
	{"icmp4/echo_bad_csum", "Ethernet 14, IPv4 20, ICMP 8, payload 56; ip good l4 BAD"},
	{"icmp4/echo_empty", "Ethernet 14, IPv4 20, ICMP 8, padding 18; ip good l4 good"},
	{"icmp4/xecho_request", "Ethernet 14, IPv4 20, ICMP 8, ICMP extension 12; ip good l4 good"},
	{"icmp4/ttl_exceeded",
	 "Ethernet 14, IPv4 20, ICMP 8, quoted packet 28; ip good l4 good; quote"},
	{"icmp4/quote_not_ip", "Ethernet 14, IPv4 20, ICMP 8, quoted packet 28; ip good l4 good"},
	{"icmp4/quote_empty", "Ethernet 14, IPv4 20, ICMP 8; ip good l4 good"},
	{"icmpext/v4_mpls", "Ethernet 14, IPv4 20, ICMP 8, quoted packet 128, ICMP extension 16;"
			    " ip good l4 good; quote"},
	{"icmpext/v4_bad_csum",
	 "Ethernet 14, IPv4 20, ICMP 8, quoted packet 128, ICMP extension 16;"
	 " ip good l4 good; quote"},
	{"icmpext/v6_mpls_ifinfo",
	 "Ethernet 14, IPv6 40, ICMPv6 8, quoted packet 128, ICMP extension 60;"
	 " ip ? l4 good; quote"},
	{"icmp6/echo_request", "Ethernet 14, IPv6 40, ICMPv6 8, payload 56; ip ? l4 good"},
	{"icmp6/echo_bad_csum", "Ethernet 14, IPv6 40, ICMPv6 8, payload 56; ip ? l4 BAD"},
	{"nd/ns", "Ethernet 14, IPv6 40, ICMPv6 8, Neighbor Discovery 24; ip ? l4 good"},
	{"nd/rs", "Ethernet 14, IPv6 40, ICMPv6 8, Neighbor Discovery 8; ip ? l4 good"},
	{"nd/redirect", "Ethernet 14, IPv6 40, ICMPv6 8, Neighbor Discovery 96; ip ? l4 good"},
	{"ip6/hopopts_mld", "Ethernet 14, IPv6 48, ICMPv6 8, payload 16; ip ? l4 good"},
	{"nd/bad_opt_len",
	 "Ethernet 14, IPv6 40, ICMPv6 8, Neighbor Discovery 24; ip ? l4 good; malformed"},
	{"nd/bad_short", "Ethernet 14, IPv6 40, ICMPv6 8, malformed 8; ip ? l4 good; truncated"},
	{"arp/request", "Ethernet 14, ARP 28, padding 18; ip ? l4 ?"},
	{"arp/bad_hlen", "Ethernet 14, ARP 32; ip ? l4 ?; malformed"},
	{"arp/bad_hlen_huge", "Ethernet 14, malformed 46; ip ? l4 ?; truncated"},
	{"arp/infiniband", "Ethernet 14, ARP 56; ip ? l4 ?; unsupported"},
	{"eth/qinq_arp", "Ethernet 22, ARP 28; ip ? l4 ?"},
	{"eth/qinq_old_udp6", "Ethernet 22, IPv6 40, UDP 8, payload 4; ip ? l4 good"},
	{"eth/snap_ip", "Ethernet 22, IPv4 20, UDP 8, payload 4, padding 6; ip good l4 good"},
	{"eth/llc_stp", "Ethernet 17, payload 35, padding 8; ip ? l4 ?"},
	{"eth/llc_cut", "Ethernet 17, payload 20; ip ? l4 ?; truncated"},
	{"eth/llc_short", "malformed 60; ip ? l4 ?; malformed"},
	{"eth/unknown_type", "Ethernet 14, payload 30; ip ? l4 ?"},
	{"ip4/bad_csum", "Ethernet 14, IPv4 20, ICMP 8, payload 8; ip BAD l4 good"},
	{"ip4/rr_full", "Ethernet 14, IPv4 60, ICMP 8, payload 56; ip good l4 good"},
	{"ip4/lsrr_udp", "Ethernet 14, IPv4 32, UDP 8, payload 4; ip good l4 good"},
	{"ip4/ssrr_done", "Ethernet 14, IPv4 32, UDP 8, payload 4; ip good l4 good"},
	{"ip4/fragment_first", "Ethernet 14, IPv4 20, UDP 8, payload 32; ip good l4 ?; fragment"},
	{"ip4/fragment_later", "Ethernet 14, IPv4 20, payload 32; ip good l4 ?; fragment"},
	{"ip4/total_len_zero", "Ethernet 14, IPv4 20, TCP 20, payload 40; ip good l4 good"},
	{"ip4/total_len_large", "Ethernet 14, IPv4 20, UDP 8, payload 4; ip good l4 ?; truncated"},
	{"ip4/total_len_small", "Ethernet 14, malformed 32; ip ? l4 ?; malformed"},
	{"ip4/padded", "Ethernet 14, IPv4 20, UDP 8, payload 2, padding 16; ip good l4 good"},
	{"ip4/proto_unknown", "Ethernet 14, IPv4 20, payload 12; ip good l4 ?"},
	{"ip6/chain", "Ethernet 14, IPv6 96, UDP 8, payload 4; ip ? l4 good"},
	{"ip6/srh_udp", "Ethernet 14, IPv6 80, UDP 8, payload 4; ip ? l4 good"},
	{"ip6/routing0_udp", "Ethernet 14, IPv6 64, UDP 8, payload 4; ip ? l4 good"},
	{"ip6/routing_unknown", "Ethernet 14, IPv6 48, UDP 8, payload 4; ip ? l4 ?"},
	{"ip6/fragment_later", "Ethernet 14, IPv6 48, payload 32; ip ? l4 ?; fragment"},
	{"ip6/ah_tcp", "Ethernet 14, IPv6 64, TCP 20; ip ? l4 good"},
	{"ip6/no_next", "Ethernet 14, IPv6 40; ip ? l4 ?"},
	{"ip6/chain_cut", "Ethernet 14, IPv6 40, malformed 8; ip ? l4 ?; malformed"},
	{"ip6/padded", "Ethernet 14, IPv6 40, padding 20; ip ? l4 ?"},
	{"ip6/jumbo", "Ethernet 14, IPv6 48, UDP 8, payload 8; ip ? l4 good"},
	{"udp/no_csum", "Ethernet 14, IPv4 20, UDP 8, payload 29; ip good l4 none"},
	{"udp/no_csum6", "Ethernet 14, IPv6 40, UDP 8, payload 29; ip ? l4 BAD"},
	{"udp/csum_ffff", "Ethernet 14, IPv4 20, UDP 8, payload 2; ip good l4 good"},
	{"udp/bad_csum", "Ethernet 14, IPv4 20, UDP 8, payload 29; ip good l4 BAD"},
	{"udp/len_small", "Ethernet 14, IPv4 20, malformed 12; ip good l4 ?; malformed"},
	{"udp/len_large", "Ethernet 14, IPv4 20, UDP 8, payload 4; ip good l4 ?; malformed"},
	{"udp/surplus", "Ethernet 14, IPv4 20, UDP 8, payload 4, padding 6; ip good l4 good"},
	{"tcp/syn", "Ethernet 14, IPv4 20, TCP 40; ip good l4 good"},
	{"tcp/bad_csum", "Ethernet 14, IPv4 20, TCP 20, payload 3; ip good l4 BAD"},
	{"tcp/bad_offset", "Ethernet 14, IPv4 20, malformed 20; ip good l4 ?; malformed"},
	{"tcp/offset_large", "Ethernet 14, IPv4 20, malformed 20; ip good l4 ?; truncated"},
};

static void what_packets_are(void **state)
{
	struct dissect d;
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		struct golden g = golden_load(packets[i][0]);
		int err = dissect_packet(DISSECT_L2, g.bytes, g.len, &d);

		assert_int_equal(err, d.err);
		summary(&d, text, sizeof(text));
		if (strcmp(text, packets[i][1]) != 0)
			fail_msg("%s: %s", packets[i][0], text);
	}
}

static void common_fields(void **state)
{
	struct golden g = golden_load("icmp6/echo_reply");
	char text[ADDR_TEXT_MAX];
	struct dissect d;

	(void)state;
	assert_int_equal(dissect_packet(DISSECT_L2, g.bytes, g.len, &d), 0);
	assert_string_equal(addr_text(&d.src, text), "2001:db8:1::2");
	assert_string_equal(addr_text(&d.dst, text), "2001:db8::1");
	assert_int_equal(d.ttl, 57);
	assert_int_equal(d.proto, IPPROTO_ICMPV6);
	assert_int_equal(d.icmp.seq, 7);
	assert_int_equal(d.payload_len, 57);
	assert_ptr_equal(d.payload, g.bytes + g.len - 57);
	assert_int_equal(dissect_layer(&d, LAYER_IP6)->off, 14);
	assert_int_equal(dissect_layer(&d, LAYER_IP6)->len, g.len - 14);
	assert_true(dissect_has(&d, LAYER_ICMP6));
	assert_false(dissect_has(&d, LAYER_ICMP4));
}

/* The same packet from each place it may start at. */
static void other_starts(void **state)
{
	static const struct {
		const char *name;
		enum dissect_start start;
		size_t off;
		const char *want;
	} cases[] = {
		{"icmp4/echo_reply", DISSECT_L3, 14,
		 "IPv4 20, ICMP 8, payload 57; ip good l4 good"},
		{"icmp6/echo_reply", DISSECT_L3, 14, "IPv6 40, ICMPv6 8, payload 57; ip ? l4 good"},
		{"icmp4/echo_reply", DISSECT_ICMP4, 34, "ICMP 8, payload 57; ip ? l4 good"},
		{"icmp4/echo_bad_csum", DISSECT_ICMP4, 34, "ICMP 8, payload 56; ip ? l4 BAD"},
		{"icmp6/echo_reply", DISSECT_ICMP6, 54, "ICMPv6 8, payload 57; ip ? l4 ?"},
		{"icmpext/v4_mpls", DISSECT_ICMP4, 34,
		 "ICMP 8, quoted packet 128, ICMP extension 16; ip ? l4 good; quote"},
		{"icmp4/echo_reply", DISSECT_L3, 34, "malformed 65; ip ? l4 ?; malformed"},
	};
	struct dissect d;
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct golden g = golden_load(cases[i].name);

		(void)dissect_packet(cases[i].start, g.bytes + cases[i].off, g.len - cases[i].off,
				     &d);
		summary(&d, text, sizeof(text));
		assert_string_equal(text, cases[i].want);
		assert_int_equal(d.ttl >= 0, d.src.len > 0);
		assert_false(dissect_has(&d, LAYER_ETH));
	}
	assert_int_equal(dissect_packet(DISSECT_L2, NULL, 0, &d), E_TRUNC);
	assert_int_equal(d.n_layers, 0);
}

static void wanted_checksums(void **state)
{
	/* As tshark tells them. */
	static const struct {
		const char *name;
		uint16_t ip, l4;
	} cases[] = {
		{"icmp4/echo_bad_csum", 0, 0x8834}, {"icmp6/echo_bad_csum", 0, 0xab43},
		{"ip4/bad_csum", 0x3c6e, 0},        {"tcp/bad_csum", 0, 0x087f},
		{"udp/bad_csum", 0, 0x9555},
	};
	struct dissect d;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct golden g = golden_load(cases[i].name);

		assert_int_equal(dissect_packet(DISSECT_L2, g.bytes, g.len, &d), 0);
		assert_int_equal(d.ip_csum_want, cases[i].ip);
		assert_int_equal(d.l4_csum_want, cases[i].l4);
	}
}

/* RFC 8200 8.1: 0 is wrong over IPv6 even where it is the sum; 0xffff stands for it. */
static void udp6_with_a_sum_of_zero(void **state)
{
	struct golden g = golden_load("eth/qinq_old_udp6");
	uint8_t *udp = g.bytes + 22 + 40;
	struct dissect d;

	(void)state;
	assert_int_equal(dissect_packet(DISSECT_L2, g.bytes, g.len, &d), 0);
	/* Adding the checksum to the payload leaves a sum of 0xffff. */
	put_u16(udp + 8,
		csum_fold((uint32_t)(uint16_t) ~(udp[8] << 8 | udp[9]) + (uint16_t)~d.udp.csum));
	put_u16(udp + 6, 0xffff);
	assert_int_equal(dissect_packet(DISSECT_L2, g.bytes, g.len, &d), 0);
	assert_int_equal(d.l4_csum, CSUM_GOOD);
	put_u16(udp + 6, 0);
	assert_int_equal(dissect_packet(DISSECT_L2, g.bytes, g.len, &d), 0);
	assert_int_equal(d.l4_csum, CSUM_BAD);
	assert_int_equal(d.l4_csum_want, 0xffff);
}

/* A message without its IP header; a checksum that the sender left to its hardware. */
static void message_alone(void **state)
{
	static const uint8_t csum_at = 16;
	struct addr src, dst;
	struct dissect d, m;
	uint8_t syn[20] = {0x13, 0x88, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff};
	uint32_t pseudo;

	(void)state;
	assert_int_equal(addr_parse("fd00::1", &src), 0);
	assert_int_equal(addr_parse("fd00::2", &dst), 0);
	pseudo = csum_pseudo(&src, &dst, IPPROTO_TCP, sizeof(syn));
	put_u16(syn + csum_at, csum_l4(&src, &dst, IPPROTO_TCP, syn, sizeof(syn)));
	assert_int_equal(dissect_message(&src, &dst, 64, IPPROTO_TCP, syn, sizeof(syn), &m), 0);
	assert_int_equal(m.l4_csum, CSUM_GOOD);
	assert_int_equal(m.tcp.dst_port, 80);
	assert_int_equal(m.ttl, 64);
	assert_true(addr_same(&m.src, &src) && addr_same(&m.dst, &dst));
	assert_false(dissect_is_csum_left_over(&m));
	put_u16(syn + csum_at, (uint16_t)~csum_fold(pseudo));
	(void)dissect_message(&src, &dst, 64, IPPROTO_TCP, syn, sizeof(syn), &m);
	assert_int_equal(m.l4_csum, CSUM_BAD);
	assert_true(dissect_is_csum_left_over(&m));
	syn[csum_at] ^= 1;
	(void)dissect_message(&src, &dst, 64, IPPROTO_TCP, syn, sizeof(syn), &m);
	assert_false(dissect_is_csum_left_over(&m));
	/* Cut short it is malformed, and of another protocol unknown. */
	assert_int_equal(dissect_message(&src, &dst, 64, IPPROTO_TCP, syn, 19, &d), E_TRUNC);
	assert_int_equal(dissect_message(&src, &dst, 64, 99, syn, 19, &d), 0);
	assert_int_equal(d.payload_len, 19);
	assert_false(dissect_is_csum_left_over(&d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_packets_are),
		cmocka_unit_test(common_fields),
		cmocka_unit_test(other_starts),
		cmocka_unit_test(wanted_checksums),
		cmocka_unit_test(udp6_with_a_sum_of_zero),
		cmocka_unit_test(message_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
