/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Golden octets of every layer and of every fault of libnet that build/pkt.c mends. Wireshark
 * finds each checksum in them right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "build/recipes.h"

static const struct mac mac1 = {{2, 0, 0, 0, 0, 1}}, mac2 = {{2, 0, 0, 0, 0, 2}};
static const uint8_t word[] = "abcdefg";

static struct addr at(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static int open_builder(void **state)
{
	*state = pkt_new();
	return *state ? 0 : -1;
}

static int close_builder(void **state)
{
	pkt_free(*state);
	return 0;
}

/* Compares what @spec becomes with @hex, as text so that a difference can be read. */
static void golden(struct pkt *p, const struct pkt_spec *spec, const char *hex)
{
	uint8_t bytes[1500];
	char text[2 * sizeof(bytes) + 1];
	struct wr out = wr_make(bytes, sizeof(bytes));
	struct text t = text_make(text, sizeof(text));
	struct why why = {.text = ""};

	if (pkt_build(p, spec, &out, &why) != 0)
		fail_msg("%s", why.text);
	text_add_hex(&t, bytes, out.len, 0);
	assert_string_equal(text, hex);
}

static struct pkt_spec echo4(void)
{
	struct addr src = at("192.0.2.1"), dst = at("192.0.2.2");

	return recipe_echo(&src, &dst, false, 0x1234, 1, word, 7);
}

static struct pkt_spec echo6(void)
{
	struct addr src = at("2001:db8::1"), dst = at("2001:db8::2");

	return recipe_echo(&src, &dst, false, 0x1234, 1, word, 7);
}

static struct pkt_spec framed(struct pkt_spec s)
{
	s.from = PKT_FROM_ETH;
	s.eth = (struct pkt_eth){.dst = mac2, .src = mac1};
	s.pad_to = ETH_MIN_LEN;
	return s;
}

static void ip4_and_its_options(void **state)
{
	struct pkt_spec s = echo4();

	s.ip.tclass = 0xb8;
	s.ip.id = 0x4321;
	s.ip.df = true;
	golden(*state, &s,
	       "45b8002343214000400172fdc0000201c00002020800549d1234000161626364"
	       "656667");
	memcpy(s.ip.options, (uint8_t[]){7, 7, 4}, 3);
	s.ip.options_len = 7;
	golden(*state, &s,
	       "47b8002b43214000400165eec0000201c000020207070400000000000800549d"
	       "1234000161626364656667");
}

/* libnet shifts the mask instead of the label. */
static void ip6_flow_label(void **state)
{
	struct pkt_spec s = echo6();

	s.ip.flow_label = 0x12345;
	s.ip.tclass = 0xb8;
	golden(*state, &s,
	       "6b812345000f3a4020010db800000000000000000000000120010db800000000"
	       "0000000000000002800080de1234000161626364656667");
}

/* libnet writes this sum into the extension header. */
static void sum_behind_extension_headers(void **state)
{
	static const uint8_t hop_by_hop[8] = {17, 0, 1, 4};
	struct addr src = at("2001:db8::1"), dst = at("2001:db8::2");
	struct pkt_spec s = recipe_udp(&src, &dst, 1000, 33434, "hello", 5);

	s.ip.ext = hop_by_hop;
	s.ip.ext_len = sizeof(hop_by_hop);
	golden(*state, &s,
	       "600000000015004020010db800000000000000000000000120010db800000000"
	       "0000000000000002110001040000000003e8829a000dda0a68656c6c6f");
}

/* The payload makes the sum 0, which libnet sends as "no checksum". */
static void udp_sum_of_zero(void **state)
{
	struct addr src4 = at("192.0.2.1"), dst4 = at("192.0.2.2");
	struct addr src6 = at("2001:db8::1"), dst6 = at("2001:db8::2");
	struct pkt_spec s4 = recipe_udp(&src4, &dst4, 53, 53, "\x7b\x6c", 2);
	struct pkt_spec s6 = recipe_udp(&src6, &dst6, 53, 53, "\xa3\xfb", 2);

	golden(*state, &s4, "4500001e000000004011f6cbc0000201c000020200350035000affff7b6c");
	golden(*state, &s6,
	       "60000000000a114020010db800000000000000000000000120010db800000000"
	       "000000000000000200350035000affffa3fb");
}

/* libnet counts the padding of a short frame; one octet of payload shows odd lengths too. */
static void padding_stays_out_of_the_sum(void **state)
{
	struct addr src = at("192.0.2.1"), dst = at("192.0.2.2");
	struct pkt_spec udp = framed(recipe_udp(&src, &dst, 1000, 2000, "x", 1));
	struct pkt_spec syn = framed(recipe_syn(&src, &dst, 40000, 80, 0x01020304, 1460));

	golden(*state, &udp,
	       "02000000000202000000000108004500001d000000004011f6ccc0000201c000"
	       "020203e807d00009f81f780000000000000000000000000000000000");
	golden(*state, &syn,
	       "02000000000202000000000108004500002c000000004006f6c8c0000201c000"
	       "02029c40005001020304000000006002ffff738c0000020405b40000");
}

static void tcp_options_fill_whole_words(void **state)
{
	struct addr src = at("2001:db8::1"), dst = at("2001:db8::2");
	struct pkt_spec s = recipe_syn(&src, &dst, 40000, 80, 0x01020304, 1440);

	memcpy(s.tcp.options + 4, (uint8_t[]){3, 3, 7}, 3);
	s.tcp.options_len = 7;
	golden(*state, &s,
	       "60000000001c064020010db800000000000000000000000120010db800000000"
	       "00000000000000029c40005001020304000000007002ffff82280000020405a0"
	       "03030700");
}

static void messages_without_ip(void **state)
{
	struct pkt_spec s4 = echo4(), s6 = echo6();

	s4.from = s6.from = PKT_FROM_L4;
	golden(*state, &s4, "0800549d1234000161626364656667");
	golden(*state, &s6, "800080de1234000161626364656667");
	s4.ip.src.len = s6.ip.src.len = 0;
	golden(*state, &s4, "0800549d1234000161626364656667");
	golden(*state, &s6, "800000001234000161626364656667");
}

static void any_protocol(void **state)
{
	struct pkt_spec s = echo4();

	s.kind = PKT_RAW;
	s.ip.proto = 253;
	s.ip.ttl = 1;
	s.payload = (const uint8_t *)"xyz";
	s.payload_len = 3;
	golden(*state, &s, "450000170000000001fd34e7c0000201c000020278797a");
	s.payload_len = 0;
	golden(*state, &s, "450000140000000001fd34eac0000201c0000202");
}

static void arp_packets(void **state)
{
	struct addr a = at("192.0.2.1"), b = at("192.0.2.2");
	struct pkt_spec request = recipe_arp_request(&mac1, &a, &b);
	struct pkt_spec reply = recipe_arp_reply(&mac2, &b, &mac1, &a);
	struct pkt_spec probe = recipe_arp_probe(&mac1, &b);
	struct pkt_spec announce = recipe_arp_announce(&mac1, &a);

	golden(*state, &request,
	       "ffffffffffff02000000000108060001080006040001020000000001c0000201"
	       "000000000000c0000202000000000000000000000000000000000000");
	golden(*state, &reply,
	       "02000000000102000000000208060001080006040002020000000002c0000202"
	       "020000000001c0000201000000000000000000000000000000000000");
	golden(*state, &probe,
	       "ffffffffffff0200000000010806000108000604000102000000000100000000"
	       "000000000000c0000202000000000000000000000000000000000000");
	golden(*state, &announce,
	       "ffffffffffff02000000000108060001080006040001020000000001c0000201"
	       "000000000000c0000201000000000000000000000000000000000000");
}

static void two_vlan_tags(void **state)
{
	struct addr a = at("192.0.2.1"), b = at("192.0.2.2");
	struct pkt_spec s = recipe_arp_request(&mac1, &a, &b);

	s.pad_to = 0;
	s.eth.vlan[0] = (struct pkt_vlan){.tpid = 0x88a8, .tci = 100};
	s.eth.vlan[1] = (struct pkt_vlan){.tpid = 0x8100, .tci = 0x6005};
	s.eth.n_vlans = 2;
	golden(*state, &s,
	       "ffffffffffff02000000000188a8006481006005080600010800060400010200"
	       "00000001c0000201000000000000c0000202");
}

static void neighbor_discovery(void **state)
{
	struct addr a = at("2001:db8::1"), b = at("2001:db8::2"), any = at("::");
	struct pkt_spec ask = recipe_ns(&mac1, &a, &b), probe = recipe_ns(&mac1, &any, &b);
	struct pkt_spec answer = recipe_na(&mac2, &b, &mac1, &a);
	struct pkt_spec defend = recipe_na(&mac2, &b, &mac1, &any);

	golden(*state, &ask,
	       "3333ff00000202000000000186dd6000000000203aff20010db8000000000000"
	       "000000000001ff0200000000000000000001ff00000287001c27000000002001"
	       "0db80000000000000000000000020101020000000001");
	golden(*state, &probe,
	       "3333ff00000202000000000186dd6000000000183aff00000000000000000000"
	       "000000000000ff0200000000000000000001ff00000287004ceb000000002001"
	       "0db8000000000000000000000002");
	golden(*state, &answer,
	       "02000000000102000000000286dd6000000000203aff20010db8000000000000"
	       "00000000000220010db800000000000000000000000188008a71600000002001"
	       "0db80000000000000000000000020201020000000002");
	golden(*state, &defend,
	       "33330000000102000000000286dd6000000000203aff20010db8000000000000"
	       "000000000002ff0200000000000000000000000000018800f927200000002001"
	       "0db80000000000000000000000020201020000000002");
}

/* The octets of @spec, for an ICMP error to quote. */
static size_t quote_of(struct pkt *p, struct pkt_spec spec, uint8_t *out, size_t cap)
{
	struct wr w = wr_make(out, cap);

	assert_int_equal(pkt_build(p, &spec, &w, NULL), 0);
	return w.len;
}

static void error_with_extension(void **state)
{
	static const struct recipe_label labels[] = {
		{.label = 16001, .tc = 3, .ttl = 1},
		{.label = 7, .ttl = 9},
	};
	struct addr router = at("198.51.100.1"), src = at("192.0.2.1"), dst = at("192.0.2.2");
	struct recipe_iface in = {.ifindex = 5, .addr = router, .name = "xe-0/0/1", .mtu = 9000};
	struct pkt_spec about = recipe_echo(&src, &dst, false, 1, 2, "0123456789", 10);
	uint8_t objects[100], quote[100], body[1280];
	struct wr obj = wr_make(objects, sizeof(objects)), w = wr_make(body, sizeof(body));
	struct recipe_error e = {.type = 11, .quote = quote, .objects = objects};
	struct pkt_spec s;

	recipe_mpls_object(&obj, labels, 2);
	recipe_iface_object(&obj, &in);
	assert_int_equal(wr_done(&obj), 0);
	e.objects_len = obj.len;
	e.quote_len = quote_of(*state, about, quote, sizeof(quote));
	s = recipe_error(&router, &src, &e, &w);
	golden(*state, &s,
	       "450000cc0000000040018dfbc6336401c00002010b00f4df0020000045000026"
	       "000000004001f6d3c0000201c00002020800f2f2000100023031323334353637"
	       "3839000000000000000000000000000000000000000000000000000000000000"
	       "0000000000000000000000000000000000000000000000000000000000000000"
	       "000000000000000000000000000000000000000000000000000000002000016a"
	       "000c010103e81601000071090020020f0000000500010000c63364010c78652d"
	       "302f302f3100000000002328");
	assert_int_equal(wr_done(&w), 0);
}

static void error6_with_extension(void **state)
{
	struct addr router = at("2001:db8:ffff::1"), src = at("2001:db8::1"),
		    dst = at("2001:db8::2");
	struct recipe_iface next = {.role = 2, .addr = router, .mtu = 1280};
	struct pkt_spec about = recipe_echo(&src, &dst, false, 1, 2, "0123456789", 10);
	uint8_t objects[100], quote[100], body[1280];
	struct wr obj = wr_make(objects, sizeof(objects)), w = wr_make(body, sizeof(body));
	struct recipe_error e = {.type = 3, .quote = quote, .objects = objects};
	struct pkt_spec s;

	recipe_iface_object(&obj, &next);
	e.objects_len = obj.len;
	e.quote_len = quote_of(*state, about, quote, sizeof(quote));
	s = recipe_error(&router, &src, &e, &w);
	golden(*state, &s,
	       "6000000000a83a4020010db8ffff0000000000000000000120010db800000000"
	       "00000000000000010300f6a2100000006000000000123a4020010db800000000"
	       "000000000000000120010db800000000000000000000000280001f3100010002"
	       "3031323334353637383900000000000000000000000000000000000000000000"
	       "0000000000000000000000000000000000000000000000000000000000000000"
	       "000000000000000000000000000000002000aaa2001c02850002000020010db8"
	       "ffff0000000000000000000100000500");
}

/* What quotes much stays below the limit of its family, with an extension and without. */
static void error_quotes_what_fits(void **state)
{
	static const uint8_t long_quote[3000] = {0x45}, objects[417] = {0};
	static const struct {
		const char *router, *dst;
		size_t objects_len, len;
	} cases[] = {
		{"198.51.100.1", "192.0.2.1", 0, 576},
		{"198.51.100.1", "192.0.2.1", 401, 573},
		{"2001:db8::1", "2001:db8::2", 0, 1280},
		{"2001:db8::1", "2001:db8::2", 401, 1277},
	};
	struct recipe_error e = {.type = 3, .quote = long_quote, .quote_len = sizeof(long_quote)};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr router = at(cases[i].router), dst = at(cases[i].dst);
		uint8_t body[1280], bytes[1500];
		struct wr w = wr_make(body, sizeof(body)), out = wr_make(bytes, sizeof(bytes));
		struct pkt_spec s;

		e.objects = objects;
		e.objects_len = cases[i].objects_len;
		s = recipe_error(&router, &dst, &e, &w);
		assert_int_equal(wr_done(&w), 0);
		assert_int_equal(pkt_build(*state, &s, &out, NULL), 0);
		assert_int_equal(out.len, cases[i].len);
	}
	for (size_t cap = 0; cap < 600; cap += 50) {
		struct addr router = at("198.51.100.1"), dst = at("192.0.2.1");
		uint8_t body[600];
		struct wr w = wr_make(body, cap);

		(void)recipe_error(&router, &dst, &e, &w);
		assert_int_equal(wr_done(&w), cap >= 550 ? 0 : E_FULL);
	}
	for (size_t len = 416; len < 418; len++) {
		struct addr router = at("198.51.100.1"), dst = at("192.0.2.1");
		uint8_t body[1280];
		struct wr w = wr_make(body, sizeof(body));

		e.objects_len = len;
		(void)recipe_error(&router, &dst, &e, &w);
		assert_int_equal(wr_done(&w), len == 416 ? 0 : E_FULL);
	}
}

/* One context builds packet after packet: libnet would append a second header to what it has. */
static void builds_again_and_again(void **state)
{
	struct pkt_spec s4 = echo4(), s6 = echo6();
	uint8_t bytes[400];
	struct wr out = wr_make(bytes, sizeof(bytes));

	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(pkt_build(*state, &s4, &out, NULL), 0);
		assert_int_equal(pkt_build(*state, &s6, &out, NULL), 0);
	}
	assert_int_equal(out.len, 3 * (35 + 55));
	assert_memory_equal(bytes, bytes + 2 * (35 + 55), 35 + 55);
}

static void largest_packets(void **state)
{
	static uint8_t zeros[65536], bytes[70000];
	struct pkt_spec s4 = echo4(), s6 = echo6();
	struct wr out = wr_make(bytes, sizeof(bytes));

	s4.payload = s6.payload = zeros;
	s4.payload_len = 65535 - 28;
	assert_int_equal(pkt_build(*state, &s4, &out, NULL), 0);
	assert_int_equal(out.len, 65535);
	s4.payload_len++;
	assert_int_equal(pkt_build(*state, &s4, &out, NULL), E_RANGE);
	out.len = 0;
	s6.payload_len = 65535 - 8;
	assert_int_equal(pkt_build(*state, &s6, &out, NULL), 0);
	assert_int_equal(out.len, 65535 + 40);
	s6.payload_len++;
	assert_int_equal(pkt_build(*state, &s6, &out, NULL), E_RANGE);
	s6.payload_len = 65536;
	assert_int_equal(pkt_build(*state, &s6, &out, NULL), E_RANGE);
}

static void refuse(struct pkt *p, struct pkt_spec s, int err)
{
	uint8_t bytes[200];
	struct wr out = wr_make(bytes, sizeof(bytes));
	struct why why = {.text = ""};

	assert_int_equal(pkt_build(p, &s, &out, &why), err);
	assert_int_equal(out.len, 0);
	assert_string_not_equal(why.text, "");
}

static void refuses_contradictions(void **state)
{
	struct addr a4 = at("192.0.2.1"), b4 = at("192.0.2.2"), a6 = at("2001:db8::1");
	struct pkt_spec s;

	refuse(*state, recipe_udp(&a4, &a6, 1, 2, NULL, 0), E_BAD);
	refuse(*state, recipe_ns(&mac1, &a4, &a6), E_BAD);
	refuse(*state, recipe_ns(&mac1, &a6, &a4), E_BAD);
	refuse(*state, recipe_arp_request(&mac1, &a4, &a6), E_BAD);
	s = recipe_arp_request(&mac1, &a4, &b4);
	s.from = PKT_FROM_IP;
	refuse(*state, s, E_BAD);
	s = echo4();
	s.ip.dst.len = 0;
	refuse(*state, s, E_BAD);
	s = echo4();
	s.ip.ext = word;
	s.ip.ext_len = 8;
	refuse(*state, s, E_BAD);
	s = echo6();
	s.ip.ext = word;
	s.ip.ext_len = 7;
	refuse(*state, s, E_BAD);
	s = echo6();
	s.ip.options_len = 4;
	refuse(*state, s, E_BAD);
	s = echo6();
	s.from = PKT_FROM_L4;
	s.ip.src.len = 4;
	refuse(*state, s, E_BAD);
	s.ip.src.len = 16;
	s.kind = PKT_RAW;
	refuse(*state, s, E_BAD);
}

static void refuses_what_is_too_large(void **state)
{
	struct pkt_spec s = echo6();
	struct addr a = s.ip.src, b = s.ip.dst;

	s.ip.flow_label = 0x100000;
	refuse(*state, s, E_RANGE);
	s = echo4();
	s.ip.options_len = PKT_IP4_OPTIONS_MAX + 1;
	refuse(*state, s, E_RANGE);
	s = recipe_syn(&a, &b, 1, 2, 3, 0);
	s.tcp.options_len = PKT_TCP_OPTIONS_MAX + 1;
	refuse(*state, s, E_RANGE);
	s = framed(echo4());
	s.eth.n_vlans = PKT_VLANS_MAX + 1;
	refuse(*state, s, E_RANGE);
	s = framed(echo4());
	s.pad_to = 201;
	refuse(*state, s, E_FULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ip4_and_its_options),
		cmocka_unit_test(ip6_flow_label),
		cmocka_unit_test(sum_behind_extension_headers),
		cmocka_unit_test(udp_sum_of_zero),
		cmocka_unit_test(padding_stays_out_of_the_sum),
		cmocka_unit_test(tcp_options_fill_whole_words),
		cmocka_unit_test(messages_without_ip),
		cmocka_unit_test(any_protocol),
		cmocka_unit_test(arp_packets),
		cmocka_unit_test(two_vlan_tags),
		cmocka_unit_test(neighbor_discovery),
		cmocka_unit_test(error_with_extension),
		cmocka_unit_test(error6_with_extension),
		cmocka_unit_test(error_quotes_what_fits),
		cmocka_unit_test(builds_again_and_again),
		cmocka_unit_test(largest_packets),
		cmocka_unit_test(refuses_contradictions),
		cmocka_unit_test(refuses_what_is_too_large),
	};

	return cmocka_run_group_tests(tests, open_builder, close_builder);
}
