/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "wire/icmp.h"

static struct icmp_hdr icmp4_of(const char *name)
{
	struct golden g = golden_load(name);
	struct rd r = golden_at(&g, GOLDEN_L3 + 20);
	struct icmp_hdr h;

	assert_int_equal(icmp_parse(&r, false, &h), 0);
	return h;
}

static struct icmp_hdr icmp6_of(const char *name)
{
	struct golden g = golden_load(name);
	struct rd r = golden_at(&g, GOLDEN_L3 + 40);
	struct icmp_hdr h;

	assert_int_equal(icmp_parse(&r, true, &h), 0);
	return h;
}

static void queries(void **state)
{
	struct icmp_hdr h = icmp4_of("icmp4/echo_request");

	(void)state;
	assert_int_equal(h.type, ICMP_V4_ECHO_REQUEST);
	assert_int_equal(h.id, 0xbeef);
	assert_int_equal(h.seq, 7);
	assert_int_equal(h.csum, 0x8034);
	assert_int_equal(h.info | h.orig_len, 0);
	h = icmp4_of("icmp4/mask_reply");
	assert_int_equal(h.id, 1);
	assert_int_equal(h.seq, 2);
	h = icmp4_of("icmp4/timestamp_reply");
	assert_int_equal(h.id, 1);
	h = icmp6_of("icmp6/echo_reply");
	assert_int_equal(h.type, ICMP_V6_ECHO_REPLY);
	assert_int_equal(h.id, 0xbeef);
	assert_int_equal(h.seq, 7);
	h = icmp4_of("icmp4/xecho_request");
	assert_int_equal(h.id, 0xbeef);
	assert_int_equal(h.seq, 7);
	assert_int_equal(h.xecho, 1);
	h = icmp4_of("icmp4/xecho_reply");
	assert_int_equal(h.xecho, 7);
	h = icmp6_of("icmp6/xecho_request");
	assert_int_equal(h.seq, 7);
	assert_int_equal(h.xecho, 1);
}

static void errors(void **state)
{
	struct icmp_hdr h = icmp4_of("icmp4/frag_needed");

	(void)state;
	assert_int_equal(h.info, 1400);
	assert_int_equal(h.id | h.seq | h.orig_len, 0);
	assert_int_equal(icmp4_of("icmp4/parameter").info, 20);
	assert_int_equal(icmp4_of("icmp4/redirect").info, 0xc00002fd);
	assert_int_equal(icmp4_of("icmpext/v4_mpls").orig_len, 128);
	assert_int_equal(icmp4_of("icmpext/v4_long_quote").orig_len, 160);
	assert_int_equal(icmp6_of("icmp6/too_big").info, 1280);
	assert_int_equal(icmp6_of("icmp6/parameter").info, 42);
	assert_int_equal(icmp6_of("icmp6/parameter").orig_len, 0);
	assert_int_equal(icmp6_of("icmpext/v6_mpls_ifinfo").orig_len, 128);
	h = icmp4_of("icmp4/unknown_type");
	assert_int_equal(h.rest, 0x01020304);
	assert_int_equal(h.id | h.info | h.orig_len, 0);
}

static void seven_octets_are_too_few(void **state)
{
	struct rd r = rd_make("\x0b\0\0\0\0\0\0", 7);
	struct icmp_hdr h;

	(void)state;
	assert_int_equal(icmp_parse(&r, false, &h), E_TRUNC);
}

static void which_are_errors(void **state)
{
	static const uint8_t v4[] = {3, 4, 5, 11, 12};
	size_t n = 0;

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		bool want = n < sizeof(v4) && v4[n] == type;

		n += want;
		assert_int_equal(icmp_is_error(false, (uint8_t)type), want);
		assert_int_equal(icmp_is_error(true, (uint8_t)type), type < 128);
	}
}

/* Whatever octets 4 to 7 hold, a field is set only in the types that have it. */
static void fields_of_each_type(void **state)
{
	struct icmp_hdr h;

	(void)state;
	for (unsigned i = 0; i < 2 * 256; i++) {
		bool is_v6 = i & 1;
		uint8_t type = (uint8_t)(i >> 1),
			bytes[8] = {type, 4, 0, 0, 0x11, 0x22, 0x33, 0x44};
		struct rd r = rd_make(bytes, 8);
		bool is_x = is_v6 ? type == 160 || type == 161 : type == 42 || type == 43;
		bool has_id = is_v6 ? type == 128 || type == 129 :
				      type == 0 || type == 8 || (type >= 13 && type <= 18);
		uint32_t info = is_v6      ? (type == 2 || type == 4 ? 0x11223344 : 0) :
				type == 3  ? 0x3344 :
				type == 5  ? 0x11223344 :
				type == 12 ? 0x11 :
					     0;
		uint16_t orig = is_v6 ? (type == 1 || type == 3 ? 0x11 * 8 : 0) :
				type == 3 || type == 11 || type == 12 ? 0x22 * 4 :
									0;

		assert_int_equal(icmp_parse(&r, is_v6, &h), 0);
		assert_int_equal(h.id, is_x || has_id ? 0x1122 : 0);
		assert_int_equal(h.seq, is_x ? 0x33 : has_id ? 0x3344 : 0);
		assert_int_equal(h.xecho, is_x ? 0x44 : 0);
		assert_int_equal(h.info, info);
		assert_int_equal(h.orig_len, orig);
		bytes[1] = 3;
		r = rd_make(bytes, 8);
		assert_int_equal(icmp_parse(&r, is_v6, &h), 0);
		assert_int_equal(h.info, !is_v6 && type == 3 ? 0 : info);
	}
}

struct saying {
	uint8_t type, code;
	uint32_t info;
	const char *text;
};

static void check_sayings(bool is_v6, const struct saying *s, size_t n)
{
	char text[ICMP_TEXT_MAX];

	for (size_t i = 0; i < n; i++)
		assert_string_equal(icmp_text(is_v6, s[i].type, s[i].code, s[i].info, text),
				    s[i].text);
}

/* As iputils 20221126 prints them, but for the types it calls bad. */
static void words_of_v4(void **state)
{
	static const struct saying sayings[] = {
		{0, 0, 0, "Echo Reply"},
		{3, 0, 0, "Destination Net Unreachable"},
		{3, 1, 0, "Destination Host Unreachable"},
		{3, 2, 0, "Destination Protocol Unreachable"},
		{3, 3, 0, "Destination Port Unreachable"},
		{3, 4, 1400, "Frag needed and DF set (mtu = 1400)"},
		{3, 5, 0, "Source Route Failed"},
		{3, 6, 0, "Destination Net Unknown"},
		{3, 7, 0, "Destination Host Unknown"},
		{3, 8, 0, "Source Host Isolated"},
		{3, 9, 0, "Destination Net Prohibited"},
		{3, 10, 0, "Destination Host Prohibited"},
		{3, 11, 0, "Destination Net Unreachable for Type of Service"},
		{3, 12, 0, "Destination Host Unreachable for Type of Service"},
		{3, 13, 0, "Packet filtered"},
		{3, 14, 0, "Precedence Violation"},
		{3, 15, 0, "Precedence Cutoff"},
		{3, 16, 0, "Dest Unreachable, Bad Code: 16"},
		{4, 0, 0, "Source Quench"},
		{5, 0, 0x0a000001, "Redirect Network(New nexthop: 10.0.0.1)"},
		{5, 1, 0x0a000001, "Redirect Host(New nexthop: 10.0.0.1)"},
		{5, 2, 0xffffffff,
		 "Redirect Type of Service and Network(New nexthop: 255.255.255.255)"},
		{5, 3, 0, "Redirect Type of Service and Host(New nexthop: 0.0.0.0)"},
		{5, 255, 0x0a000001, "Redirect, Bad Code: 255(New nexthop: 10.0.0.1)"},
		{8, 0, 0, "Echo Request"},
		{11, 0, 0, "Time to live exceeded"},
		{11, 1, 0, "Frag reassembly time exceeded"},
		{11, 2, 0, "Time exceeded, Bad Code: 2"},
		{12, 0, 20, "Parameter problem: pointer = 20"},
		{13, 0, 0, "Timestamp"},
		{14, 0, 0, "Timestamp Reply"},
		{15, 0, 0, "Information Request"},
		{16, 0, 0, "Information Reply"},
		{17, 0, 0, "Address Mask Request"},
		{18, 0, 0, "Address Mask Reply"},
		{19, 0, 0, "Bad ICMP type: 19"},
		{9, 0, 0, "Router Advertisement"},
		{10, 0, 0, "Router Solicitation"},
		{42, 0, 0, "Extended Echo Request"},
		{43, 0, 0, "Extended Echo Reply"},
		{44, 0, 0, "Bad ICMP type: 44"},
		{255, 0, 0, "Bad ICMP type: 255"},
	};

	(void)state;
	check_sayings(false, sayings, sizeof(sayings) / sizeof(sayings[0]));
}

/* As iputils 20221126 prints them, but for codes and types that it calls unknown. */
static void words_of_v6(void **state)
{
	static const struct saying sayings[] = {
		{1, 0, 0, "Destination unreachable: No route"},
		{1, 1, 0, "Destination unreachable: Administratively prohibited"},
		{1, 2, 0, "Destination unreachable: Beyond scope of source address"},
		{1, 3, 0, "Destination unreachable: Address unreachable"},
		{1, 4, 0, "Destination unreachable: Port unreachable"},
		{1, 5, 0, "Destination unreachable: Source address failed policy"},
		{1, 6, 0, "Destination unreachable: Reject route"},
		{1, 7, 0, "Destination unreachable: Error in source routing header"},
		{1, 8, 0, "Destination unreachable: Headers too long"},
		{1, 9, 0, "Destination unreachable: Unknown code 9"},
		{2, 0, 1280, "Packet too big: mtu=1280"},
		{2, 3, 4294967295, "Packet too big: mtu=4294967295, code=3"},
		{3, 0, 0, "Time exceeded: Hop limit"},
		{3, 1, 0, "Time exceeded: Defragmentation failure"},
		{3, 2, 0, "Time exceeded: code 2"},
		{4, 0, 6, "Parameter problem: Wrong header field at 6"},
		{4, 1, 6, "Parameter problem: Unknown header at 6"},
		{4, 2, 42, "Parameter problem: Unknown option at 42"},
		{4, 3, 0, "Parameter problem: Incomplete header chain in first fragment at 0"},
		{4, 4, 40, "Parameter problem: Upper-layer header error in segment routing at 40"},
		{4, 5, 6, "Parameter problem: Unknown header at intermediate node at 6"},
		{4, 6, 40, "Parameter problem: Extension header too big at 40"},
		{4, 7, 40, "Parameter problem: Extension header chain too long at 40"},
		{4, 8, 40, "Parameter problem: Too many extension headers at 40"},
		{4, 9, 40, "Parameter problem: Too many options in extension header at 40"},
		{4, 10, 40, "Parameter problem: Option too big at 40"},
		{4, 11, 4294967295, "Parameter problem: code 11 at 4294967295"},
		{5, 0, 0, "unknown icmp type: 5"},
		{128, 0, 0, "Echo request"},
		{129, 0, 0, "Echo reply"},
		{130, 0, 0, "MLD Query"},
		{131, 0, 0, "MLD Report"},
		{132, 0, 0, "MLD Reduction"},
		{133, 0, 0, "Router solicitation"},
		{134, 0, 0, "Router advertisement"},
		{135, 0, 0, "Neighbor solicitation"},
		{136, 0, 0, "Neighbor advertisement"},
		{137, 0, 0, "Redirect"},
		{143, 0, 0, "MLDv2 Report"},
		{160, 0, 0, "Extended echo request"},
		{161, 0, 0, "Extended echo reply"},
		{255, 0, 0, "unknown icmp type: 255"},
	};

	(void)state;
	check_sayings(true, sayings, sizeof(sayings) / sizeof(sayings[0]));
}

/* No type and code may be without words, or with too many for ICMP_TEXT_MAX. */
static void words_for_everything(void **state)
{
	char text[ICMP_TEXT_MAX];

	(void)state;
	for (unsigned i = 0; i < 2 * 65536; i++) {
		icmp_text(i & 1, (uint8_t)(i >> 1), (uint8_t)(i >> 9), UINT32_MAX, text);
		assert_in_range(strlen(text), 8, ICMP_TEXT_MAX - 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries),
		cmocka_unit_test(errors),
		cmocka_unit_test(fields_of_each_type),
		cmocka_unit_test(seven_octets_are_too_few),
		cmocka_unit_test(which_are_errors),
		cmocka_unit_test(words_of_v4),
		cmocka_unit_test(words_of_v6),
		cmocka_unit_test(words_for_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
