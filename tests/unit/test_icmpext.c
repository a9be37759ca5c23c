/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "wire/icmpext.h"

/* The extension of the ICMP error in frame @name; *g keeps the octets. */
static struct icmpext ext_of(const char *name, struct golden *g)
{
	bool is_v6 = strstr(name, "6") != NULL;
	struct icmp_hdr icmp;
	struct icmpext ext;
	struct rd r;

	*g = golden_load(name);
	r = golden_at(g, GOLDEN_L3 + (is_v6 ? 40 : 20));
	assert_int_equal(icmp_parse(&r, is_v6, &icmp), 0);
	icmpext_find(is_v6, &icmp, &r, &ext);
	return ext;
}

static void where_and_whether(void **state)
{
	static const struct {
		const char *name;
		enum icmpext_state state;
		size_t quote_len;
		bool is_compat;
	} cases[] = {
		{"icmpext/v4_mpls", ICMPEXT_OK, 128, false},
		{"icmpext/v4_long_quote", ICMPEXT_OK, 160, false},
		{"icmpext/v4_port_mpls", ICMPEXT_OK, 128, false},
		{"icmpext/v4_compat", ICMPEXT_OK, 128, true},
		{"icmpext/v4_compat_no_csum", ICMPEXT_NONE, 144, false},
		{"icmpext/v4_no_csum", ICMPEXT_OK, 128, false},
		{"icmpext/v4_bad_csum", ICMPEXT_BAD_CSUM, 128, false},
		{"icmpext/v4_bad_version", ICMPEXT_BAD_VERSION, 128, false},
		{"icmpext/v4_len_outside", ICMPEXT_BAD_LEN, 144, false},
		{"icmpext/v4_len_small", ICMPEXT_BAD_LEN, 44, false},
		{"icmpext/v4_no_ext", ICMPEXT_NONE, 128, false},
		{"icmpext/v6_mpls_ifinfo", ICMPEXT_OK, 128, false},
		{"icmpext/v6_compat", ICMPEXT_OK, 128, true},
		{"icmpext/v6_too_big_none", ICMPEXT_NONE, 144, false},
		{"icmp4/ttl_exceeded", ICMPEXT_NONE, 28, false},
		{"icmp4/redirect", ICMPEXT_NONE, 28, false},
		{"icmp4/quote_empty", ICMPEXT_NONE, 0, false},
		{"icmp6/parameter", ICMPEXT_NONE, 112, false},
	};
	struct golden g;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct icmpext ext = ext_of(cases[i].name, &g);

		assert_int_equal(ext.state, cases[i].state);
		assert_int_equal(ext.quote_len, cases[i].quote_len);
		assert_int_equal(ext.is_compat, cases[i].is_compat);
		assert_int_equal(rd_left(&ext.objects) > 0, ext.state == ICMPEXT_OK);
	}
	assert_int_equal(ext_of("icmpext/v4_no_csum", &g).csum, 0);
	assert_int_equal(ext_of("icmpext/v4_bad_version", &g).version, 1);
}

/* Only the types that RFC 4884 names; an object may be empty. */
static void which_types_can_be_extended(void **state)
{
	struct golden g = golden_load("icmpext/v4_mpls");
	struct rd body = golden_at(&g, GOLDEN_L3 + 28), r;
	struct icmpext_obj obj;
	struct icmpext ext;

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		struct icmp_hdr icmp = {.type = (uint8_t)type};

		icmpext_find(false, &icmp, &body, &ext);
		assert_int_equal(ext.state == ICMPEXT_OK, type == 3 || type == 11 || type == 12);
		icmpext_find(true, &icmp, &body, &ext);
		assert_int_equal(ext.state == ICMPEXT_OK, type == 1 || type == 3);
	}
	r = rd_make("\0\4\x63\1", 4);
	assert_int_equal(icmpext_next(&r, &obj), 1);
	assert_int_equal(obj.class, 99);
	assert_int_equal(rd_left(&obj.data), 0);
	assert_int_equal(icmpext_next(&r, &obj), 0);
}

static void mpls_labels(void **state)
{
	static const char *const names[] = {"icmpext/v4_mpls", "icmpext/v4_compat",
					    "icmpext/v6_mpls_ifinfo"};
	struct golden g;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct icmpext ext = ext_of(names[i], &g);
		struct icmpext_obj obj;
		struct mpls_entry e;

		assert_int_equal(icmpext_next(&ext.objects, &obj), 1);
		assert_int_equal(obj.class, ICMPEXT_MPLS);
		assert_int_equal(obj.ctype, 1);
		assert_int_equal(obj.len, 12);
		assert_int_equal(mpls_next(&obj.data, &e), 1);
		assert_int_equal(e.label, 16001);
		assert_int_equal(e.tc, 5);
		assert_false(e.is_bottom);
		assert_int_equal(e.ttl, 1);
		assert_int_equal(mpls_next(&obj.data, &e), 1);
		assert_int_equal(e.label, 24);
		assert_true(e.is_bottom);
		assert_int_equal(e.ttl, 254);
		assert_int_equal(mpls_next(&obj.data, &e), 0);
	}
}

static void assert_iface(struct icmpext *ext, enum icmpext_role role, int64_t ifindex,
			 const char *addr, const char *name, int64_t mtu)
{
	struct icmpext_obj obj;
	struct icmpext_iface i;
	char text[ADDR_TEXT_MAX];

	do
		assert_int_equal(icmpext_next(&ext->objects, &obj), 1);
	while (obj.class == ICMPEXT_MPLS);
	assert_int_equal(icmpext_iface(&obj, &i), 0);
	assert_int_equal(i.role, role);
	assert_int_equal(i.has_ifindex, ifindex >= 0);
	assert_int_equal(i.ifindex, ifindex >= 0 ? ifindex : 0);
	assert_string_equal(addr_text(&i.addr, text), addr);
	assert_int_equal(i.name_len, strlen(name));
	assert_memory_equal(i.name ? (const char *)i.name : "", name, strlen(name));
	assert_int_equal(i.has_mtu, mtu >= 0);
	assert_int_equal(i.mtu, mtu >= 0 ? mtu : 0);
}

static void interface_information(void **state)
{
	struct golden g;
	struct icmpext ext = ext_of("icmpext/v4_mpls_ifinfo", &g);
	struct icmpext_obj obj;

	(void)state;
	assert_iface(&ext, IFINFO_INCOMING, 7, "10.1.2.3", "ge-0/0/1", 1500);
	assert_int_equal(icmpext_next(&ext.objects, &obj), 0);
	ext = ext_of("icmpext/v6_mpls_ifinfo", &g);
	assert_iface(&ext, IFINFO_INCOMING, 3, "2001:db8::fe", "xe-1/0/0.7", 9192);
	ext = ext_of("icmpext/v4_ifinfo_roles", &g);
	assert_iface(&ext, IFINFO_INCOMING, 1, "", "", -1);
	assert_iface(&ext, IFINFO_SUB_IP, -1, "", "lo", -1);
	assert_iface(&ext, IFINFO_OUTGOING, -1, "", "", 9000);
	assert_iface(&ext, IFINFO_NEXT_HOP, -1, "10.9.9.9", "", -1);
	ext = ext_of("icmpext/v4_ifname_hostile", &g);
	assert_iface(&ext, IFINFO_OUTGOING, -1, "", "\x1b[2Jeth\xff", -1);
	for (unsigned role = 0; role < 4; role++)
		assert_string_not_equal(icmpext_role_text(role), "unknown");
}

static void interface_identification(void **state)
{
	struct golden g;
	struct icmpext ext = {0};
	struct icmpext_obj obj;
	struct icmpext_iface i;
	struct rd r;

	(void)state;
	g = golden_load("icmp4/xecho_request");
	r = golden_at(&g, GOLDEN_L3 + 28);
	icmpext_check(r, &ext);
	assert_int_equal(ext.state, ICMPEXT_OK);
	assert_iface(&ext, 0, -1, "", "eth0", -1);
	g = golden_load("icmp4/xecho_request_addr");
	icmpext_check(golden_at(&g, GOLDEN_L3 + 28), &ext);
	assert_iface(&ext, 0, -1, "10.0.0.9", "", -1);
	g = golden_load("icmp6/xecho_request");
	icmpext_check(golden_at(&g, GOLDEN_L3 + 48), &ext);
	assert_iface(&ext, 0, 2, "", "", -1);
	obj = (struct icmpext_obj){
		.class = ICMPEXT_IFID, .ctype = 3, .data = rd_make("\x40\x05\6\0abcdef", 10)};
	assert_int_equal(icmpext_iface(&obj, &i), 0);
	assert_true(i.has_mac);
	assert_memory_equal(i.mac.bytes, "abcdef", 6);
}

static void malformed_objects(void **state)
{
	struct golden g;
	struct icmpext ext = ext_of("icmpext/v4_obj_len_zero", &g);
	struct icmpext_obj obj;
	struct icmpext_iface i;
	struct mpls_entry e;

	(void)state;
	assert_int_equal(icmpext_next(&ext.objects, &obj), E_BAD);
	assert_true(icmpext_next(&ext.objects, &obj) < 0);
	ext = ext_of("icmpext/v4_obj_len_large", &g);
	assert_int_equal(icmpext_next(&ext.objects, &obj), 1);
	assert_int_equal(icmpext_next(&ext.objects, &obj), E_BAD);
	ext = ext_of("icmpext/v4_unknown_class", &g);
	assert_int_equal(icmpext_next(&ext.objects, &obj), 1);
	assert_int_equal(obj.class, 247);
	assert_int_equal(obj.ctype, 9);
	assert_memory_equal(obj.data.buf, "\xc0\xff\xee\0", 4);
	assert_int_equal(icmpext_iface(&obj, &i), E_UNSUP);
	assert_int_equal(icmpext_next(&ext.objects, &obj), 1);
	assert_int_equal(obj.class, ICMPEXT_MPLS);
	ext = ext_of("icmpext/v4_mpls_part", &g);
	assert_int_equal(icmpext_next(&ext.objects, &obj), 1);
	assert_int_equal(mpls_next(&obj.data, &e), 1);
	assert_int_equal(mpls_next(&obj.data, &e), E_TRUNC);
}

static void malformed_interfaces(void **state)
{
	static const struct {
		uint8_t class, ctype;
		const char *data;
		size_t len;
		int err;
	} cases[] = {
		{ICMPEXT_IFINFO, 0x08, "\0\0\1", 3, E_TRUNC},           /* index */
		{ICMPEXT_IFINFO, 0x04, "\0\1\0", 3, E_TRUNC},           /* family */
		{ICMPEXT_IFINFO, 0x04, "\0\1\0\0\1\2\3", 7, E_TRUNC},   /* IPv4 address */
		{ICMPEXT_IFINFO, 0x04, "\0\7\0\0\1\2\3\4", 8, E_UNSUP}, /* family 7 */
		{ICMPEXT_IFINFO, 0x02, "", 0, E_TRUNC},                 /* name */
		{ICMPEXT_IFINFO, 0x02, "\0abc", 4, E_BAD},              /* name of length 0 */
		{ICMPEXT_IFINFO, 0x02,
		 "\x41"
		 "abc",
		 4, E_BAD}, /* name above 64 */
		{ICMPEXT_IFINFO, 0x02,
		 "\x08"
		 "abc",
		 4, E_TRUNC},
		{ICMPEXT_IFINFO, 0x01, "\5\xdc", 2, E_TRUNC}, /* MTU */
		{ICMPEXT_IFINFO, 0x02, "\1", 1, 0},           /* an empty name, the longest one */
		{ICMPEXT_IFINFO, 0x02,
		 "\x40...............................................................", 64, 0},
		{ICMPEXT_IFID, 1, "...............................................................",
		 63, 0},
		{ICMPEXT_IFID, 2, "\0\1", 2, E_TRUNC},
		{ICMPEXT_IFID, 3, "\0", 1, E_TRUNC},
		{ICMPEXT_IFID, 4, "\0", 1, E_UNSUP},
		{ICMPEXT_IFID, 1,
		 "................................................................", 64, E_BAD},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct icmpext_obj obj = {.class = cases[i].class,
					  .ctype = cases[i].ctype,
					  .data = rd_make(cases[i].data, cases[i].len)};
		struct icmpext_iface out;

		assert_int_equal(icmpext_iface(&obj, &out), cases[i].err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_and_whether),
		cmocka_unit_test(which_types_can_be_extended),
		cmocka_unit_test(mpls_labels),
		cmocka_unit_test(interface_information),
		cmocka_unit_test(interface_identification),
		cmocka_unit_test(malformed_objects),
		cmocka_unit_test(malformed_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
