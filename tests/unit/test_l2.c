/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "wire/arp.h"
#include "wire/eth.h"
#include "wire/nd.h"

static const struct mac mac_a = {{2, 0, 0, 0, 0, 10}}, mac_b = {{2, 0, 0, 0, 0, 11}};

static struct addr parsed(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static void assert_addr(const struct addr *got, const char *want)
{
	char text[ADDR_TEXT_MAX];

	assert_string_equal(addr_text(got, text), want);
}

/* Parses frame @name; how many octets are left for padding goes to *n_padding. */
static int eth_of(const char *name, struct golden *g, struct eth_hdr *h, struct rd *payload,
		  size_t *n_padding)
{
	struct rd r;
	int err;

	*g = golden_load(name);
	r = golden_at(g, 0);
	err = eth_parse(&r, h, payload);
	*n_padding = rd_left(&r);
	return err;
}

static void ethernet_two(void **state)
{
	struct golden g;
	struct eth_hdr h;
	struct rd p;
	size_t n;

	(void)state;
	assert_int_equal(eth_of("icmp4/echo_request", &g, &h, &p, &n), 0);
	assert_memory_equal(&h.dst, &mac_b, 6);
	assert_memory_equal(&h.src, &mac_a, 6);
	assert_int_equal(h.type, ETH_IP4);
	assert_int_equal(h.hdr_len, 14);
	assert_int_equal(h.n_tags, 0);
	assert_false(h.is_llc);
	assert_int_equal(rd_left(&p), g.len - 14);
}

static void vlan_tags(void **state)
{
	struct golden g;
	struct eth_hdr h;
	struct rd p;
	size_t n;

	(void)state;
	assert_int_equal(eth_of("eth/vlan_echo", &g, &h, &p, &n), 0);
	assert_int_equal(h.n_tags, 1);
	assert_int_equal(h.tags[0].tpid, ETH_VLAN);
	assert_int_equal(h.tags[0].vid, 100);
	assert_int_equal(h.tags[0].pcp, 5);
	assert_false(h.tags[0].dei);
	assert_int_equal(h.hdr_len, 18);
	assert_int_equal(h.type, ETH_IP4);

	assert_int_equal(eth_of("eth/qinq_arp", &g, &h, &p, &n), 0);
	assert_int_equal(h.n_tags, 2);
	assert_int_equal(h.tags[0].tpid, ETH_QINQ);
	assert_int_equal(h.tags[0].vid, 300);
	assert_true(h.tags[0].dei);
	assert_int_equal(h.tags[1].vid, 20);
	assert_int_equal(h.type, ETH_ARP);
	assert_int_equal(h.hdr_len, 22);

	assert_int_equal(eth_of("eth/qinq_old_udp6", &g, &h, &p, &n), 0);
	assert_int_equal(h.tags[0].tpid, ETH_QINQ_OLD);
	assert_int_equal(h.tags[1].vid, 4094);
	assert_int_equal(h.tags[1].pcp, 7);

	assert_int_equal(eth_of("eth/five_tags", &g, &h, &p, &n), 0);
	assert_int_equal(h.n_tags, ETH_TAGS_MAX);
	assert_int_equal(h.type, ETH_VLAN);
	assert_int_equal(h.hdr_len, 30);
}

static void llc_and_snap(void **state)
{
	struct golden g;
	struct eth_hdr h;
	struct rd p, r;
	size_t n;

	(void)state;
	assert_int_equal(eth_of("eth/llc_stp", &g, &h, &p, &n), 0);
	assert_true(h.is_llc);
	assert_false(h.is_snap);
	assert_int_equal(h.type, 0);
	assert_int_equal(h.dsap, 0x42);
	assert_int_equal(h.control, 3);
	assert_int_equal(h.hdr_len, 17);
	assert_int_equal(rd_left(&p), 35);
	assert_int_equal(n, 60 - 14 - 38);

	assert_int_equal(eth_of("eth/llc_sframe", &g, &h, &p, &n), 0);
	assert_int_equal(h.control, 0x0120);
	assert_int_equal(h.hdr_len, 18);
	assert_int_equal(rd_left(&p), 0);

	assert_int_equal(eth_of("eth/snap_cdp", &g, &h, &p, &n), 0);
	assert_true(h.is_snap);
	assert_false(h.is_truncated);
	assert_int_equal(n, 0);
	assert_int_equal(h.oui, 0x00000c);
	assert_int_equal(h.snap_type, 0x2000);
	assert_int_equal(h.type, 0);
	assert_int_equal(h.hdr_len, 22);

	r = golden_at(&g, 0);
	g.bytes[17] = 0x0c; /* an OUI whose first octet counts */
	assert_int_equal(eth_parse(&r, &h, &p), 0);
	assert_int_equal(h.oui, 0x0c000c);
	for (size_t i = 14; i < 17; i++) { /* SNAP needs all of aa aa 03 */
		uint8_t was = g.bytes[i];

		g.bytes[i] = 0x43;
		r = golden_at(&g, 0);
		assert_int_equal(eth_parse(&r, &h, &p), 0);
		assert_false(h.is_snap);
		g.bytes[i] = was;
	}

	assert_int_equal(eth_of("eth/snap_ip", &g, &h, &p, &n), 0);
	assert_int_equal(h.type, ETH_IP4);
	assert_int_equal(rd_left(&p), 32);

	assert_int_equal(eth_of("eth/llc_cut", &g, &h, &p, &n), 0);
	assert_true(h.is_truncated);
	assert_int_equal(h.llc_len, 100);
	assert_int_equal(rd_left(&p), 20);
	assert_int_equal(eth_of("eth/llc_short", &g, &h, &p, &n), E_BAD);
}

static int arp_of(const char *name, struct arp_msg *m, size_t *n_padding)
{
	struct golden g = golden_load(name);
	struct rd r = golden_at(&g, 14);
	int err = arp_parse(&r, m);

	*n_padding = rd_left(&r);
	return err;
}

static void arp_messages(void **state)
{
	struct arp_msg m;
	size_t n;

	(void)state;
	assert_int_equal(arp_of("arp/request", &m, &n), 0);
	assert_int_equal(m.op, ARP_REQUEST);
	assert_memory_equal(&m.sender_mac, &mac_a, 6);
	assert_addr(&m.sender, "192.0.2.1");
	assert_addr(&m.target, "192.0.2.254");
	assert_int_equal(n, 18);
	assert_false(arp_is_probe(&m));
	assert_false(arp_is_announcement(&m));

	assert_int_equal(arp_of("arp/reply", &m, &n), 0);
	assert_int_equal(m.op, ARP_REPLY);
	assert_memory_equal(&m.sender_mac, &mac_b, 6);
	assert_memory_equal(&m.target_mac, &mac_a, 6);

	assert_int_equal(arp_of("arp/probe", &m, &n), 0);
	assert_true(arp_is_probe(&m));
	assert_false(arp_is_announcement(&m));
	assert_int_equal(arp_of("arp/announcement", &m, &n), 0);
	assert_true(arp_is_announcement(&m));
	assert_false(arp_is_probe(&m));
}

static void arp_lengths_are_checked_first(void **state)
{
	struct arp_msg m;
	size_t n;

	(void)state;
	assert_int_equal(arp_of("arp/bad_hlen", &m, &n), E_BAD);
	assert_int_equal(m.hw_len, 8);
	assert_int_equal(m.sender.len, 0);
	assert_int_equal(n, 0);
	assert_int_equal(arp_of("arp/bad_hlen_zero", &m, &n), E_BAD);
	assert_int_equal(n, 60 - 14 - 8 - 8);
	assert_int_equal(arp_of("arp/bad_hlen_huge", &m, &n), E_TRUNC);
	assert_int_equal(arp_of("arp/infiniband", &m, &n), E_UNSUP);
	assert_int_equal(m.hw_type, 32);
	assert_int_equal(n, 0);
	assert_false(arp_is_announcement(&m));
}

/* Reads the ND message in frame @name; *opts is left at its options. */
static int nd_of(const char *name, struct golden *g, struct nd_msg *m, struct rd *opts)
{
	struct icmp_hdr icmp;

	*g = golden_load(name);
	*opts = golden_at(g, GOLDEN_L3 + 40);
	assert_int_equal(icmp_parse(opts, true, &icmp), 0);
	return nd_parse(opts, &icmp, m);
}

static void nd_messages(void **state)
{
	struct golden g;
	struct nd_msg m;
	struct rd opts;

	(void)state;
	assert_int_equal(nd_of("nd/ns", &g, &m, &opts), 0);
	assert_int_equal(m.type, ICMP_V6_NEIGHBOR_SOLICIT);
	assert_addr(&m.target, "fe80::b");
	assert_int_equal(rd_left(&opts), 8);
	assert_int_equal(nd_of("nd/na", &g, &m, &opts), 0);
	assert_true(m.is_router && m.is_solicited && m.is_override);
	assert_addr(&m.target, "fe80::b");
	assert_int_equal(nd_of("nd/rs", &g, &m, &opts), 0);
	assert_int_equal(rd_left(&opts), 8);
	assert_int_equal(nd_of("nd/ra", &g, &m, &opts), 0);
	assert_int_equal(m.hop_limit, 64);
	assert_int_equal(m.lifetime_s, 1800);
	assert_int_equal(m.reachable_ms, 30000);
	assert_int_equal(m.retrans_ms, 1000);
	assert_true(m.is_managed && m.is_other);
	assert_int_equal(m.preference, 1);
	assert_int_equal(nd_of("nd/redirect", &g, &m, &opts), 0);
	assert_addr(&m.target, "fe80::c");
	assert_addr(&m.dst, "2001:db8:1::2");
	assert_int_equal(nd_of("nd/bad_target", &g, &m, &opts), E_BAD);
	assert_int_equal(nd_of("nd/bad_short", &g, &m, &opts), E_TRUNC);
	assert_int_equal(nd_of("icmp6/echo_request", &g, &m, &opts), E_UNSUP);
}

static void a_code_is_not_allowed(void **state)
{
	struct golden g = golden_load("nd/ns");
	struct icmp_hdr icmp;
	struct nd_msg m;
	struct rd r;

	(void)state;
	g.bytes[GOLDEN_L3 + 40 + 1] = 1;
	r = golden_at(&g, GOLDEN_L3 + 40);
	assert_int_equal(icmp_parse(&r, true, &icmp), 0);
	assert_int_equal(nd_parse(&r, &icmp, &m), E_BAD);
}

static void nd_options(void **state)
{
	struct golden g;
	struct nd_msg m;
	struct nd_opt o;
	struct nd_prefix prefix;
	struct mac mac;
	struct rd opts;
	uint32_t mtu;

	(void)state;
	assert_int_equal(nd_of("nd/ra", &g, &m, &opts), 0);
	assert_int_equal(nd_opt_next(&opts, &o), 1);
	assert_int_equal(o.type, ND_SOURCE_MAC);
	assert_int_equal(nd_opt_mac(&o, &mac), 0);
	assert_memory_equal(&mac, &mac_a, 6);
	assert_int_equal(nd_opt_mtu(&o, &mtu), E_BAD);
	assert_int_equal(nd_opt_prefix(&o, &prefix), E_BAD);
	assert_int_equal(nd_opt_next(&opts, &o), 1);
	assert_int_equal(nd_opt_mtu(&o, &mtu), 0);
	assert_int_equal(mtu, 1492);
	assert_int_equal(nd_opt_mac(&o, &mac), E_BAD);
	assert_int_equal(nd_opt_next(&opts, &o), 1);
	assert_int_equal(nd_opt_prefix(&o, &prefix), 0);
	assert_addr(&prefix.prefix, "2001:db8::");
	assert_int_equal(prefix.prefix_len, 64);
	assert_true(prefix.is_on_link && prefix.is_autonomous);
	assert_int_equal(prefix.valid_s, 2592000);
	assert_int_equal(prefix.preferred_s, 604800);
	for (unsigned len = 127; len < 130; len++) {
		uint8_t copy[30] = {(uint8_t)len};
		struct nd_opt made = {.type = ND_PREFIX, .len = 32, .data = copy, .data_len = 30};

		assert_int_equal(nd_opt_prefix(&made, &prefix), len <= 128 ? 0 : E_BAD);
		made.type = ND_MTU;
		assert_int_equal(nd_opt_prefix(&made, &prefix), E_BAD);
	}
	assert_int_equal(nd_opt_next(&opts, &o), 1);
	assert_int_equal(o.type, ND_RDNSS);
	assert_int_equal(o.len, 24);
	assert_int_equal(nd_opt_next(&opts, &o), 0);

	assert_int_equal(nd_of("nd/ns_dad_nonce", &g, &m, &opts), 0);
	assert_int_equal(nd_opt_next(&opts, &o), 1);
	assert_int_equal(o.type, ND_NONCE);
	assert_int_equal(o.data_len, 6);
	assert_memory_equal(o.data, "\1\2\3\4\5\6", 6);

	assert_int_equal(nd_of("nd/bad_opt_len", &g, &m, &opts), 0);
	assert_int_equal(nd_opt_next(&opts, &o), E_BAD);
	assert_true(nd_opt_next(&opts, &o) < 0);
	opts = rd_make("\1\2\0\0\0\0\0\0", 8);
	assert_int_equal(nd_opt_next(&opts, &o), E_BAD);
}

static void probes_and_announcements_need_ip4(void **state)
{
	struct arp_msg m = {
		.op = ARP_REQUEST, .sender = parsed("0.0.0.0"), .target = parsed("0.0.0.0")};

	(void)state;
	assert_true(arp_is_probe(&m));
	assert_false(arp_is_announcement(&m));
	m.op = ARP_REPLY;
	assert_false(arp_is_probe(&m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ethernet_two),
		cmocka_unit_test(vlan_tags),
		cmocka_unit_test(llc_and_snap),
		cmocka_unit_test(arp_messages),
		cmocka_unit_test(arp_lengths_are_checked_first),
		cmocka_unit_test(probes_and_announcements_need_ip4),
		cmocka_unit_test(nd_messages),
		cmocka_unit_test(a_code_is_not_allowed),
		cmocka_unit_test(nd_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
