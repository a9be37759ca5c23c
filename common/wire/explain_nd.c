/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fields of neighbor discovery and multicast listener messages mean. */
#include "wire/walk.h"

struct option_word {
	uint8_t type;
	const char *text, *rfc;
};

static const struct option_word *find_option(uint8_t type)
{
	static const struct option_word words[] = {
		{ND_SOURCE_MAC, "link-layer address of the sender", "RFC 4861 4.6.1"},
		{ND_TARGET_MAC, "link-layer address of the target", "RFC 4861 4.6.1"},
		{ND_PREFIX, "a prefix of this link", "RFC 4861 4.6.2"},
		{ND_REDIRECTED, "the packet that was redirected", "RFC 4861 4.6.3"},
		{ND_MTU, "the MTU of the link", "RFC 4861 4.6.4"},
		{ND_NONCE, "nonce", "RFC 3971 5.3.2"},
		{24, "a route", "RFC 4191 2.3"},
		{ND_RDNSS, "DNS servers", "RFC 8106 5.1"},
		{31, "DNS search list", "RFC 8106 5.2"},
	};
	static const struct option_word unknown = {0, "not a known option", "RFC 4861 4.6"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].type == type)
			return &words[i];
	return &unknown;
}

static void explain_reserved(struct walk *w, size_t n, const char *name)
{
	walk_hex(w, n, name);
	walk_mean(w, "ignored");
}

static void explain_lifetime(struct walk *w, const char *name)
{
	uint32_t v = walk_u32(w, name);

	walk_mean(w, v == UINT32_MAX ? "for ever" : "seconds");
}

static void explain_prefix(struct walk *w)
{
	uint8_t v = walk_u8(w, "Prefix Length");
	struct addr a;

	walk_mean(w, "leading bits that count");
	v = walk_x8(w, "L + A + R + Reserved1");
	walk_mean(w, "%s; %s", v & 0x80 ? "on this link" : "perhaps not on this link",
		  v & 0x40 ? "hosts may form addresses from it" : "not for forming addresses");
	explain_lifetime(w, "Valid Lifetime");
	explain_lifetime(w, "Preferred Lifetime");
	explain_reserved(w, 4, "Reserved2");
	a = walk_addr(w, 16, "Prefix");
	addr_role(w, &a, "the bits behind its length do not count");
}

static void explain_servers(struct walk *w)
{
	explain_reserved(w, 2, "Reserved");
	explain_lifetime(w, "Lifetime");
	while (walk_left(w) >= 16) {
		(void)walk_addr(w, 16, "IPv6 Address");
		walk_mean(w, "of a DNS server");
	}
}

static void explain_option_data(struct walk *w, uint8_t type)
{
	struct mac m;

	switch (type) {
	case ND_SOURCE_MAC:
	case ND_TARGET_MAC:
		if (walk_left(w) != 6)
			break;
		m = walk_mac(w, "Link-Layer Address");
		walk_mean(w, "%s", mac_meaning(&m));
		break;
	case ND_PREFIX: explain_prefix(w); break;
	case ND_REDIRECTED:
		explain_reserved(w, 6, "Reserved");
		explain_quote(w);
		break;
	case ND_MTU:
		explain_reserved(w, 2, "Reserved");
		(void)walk_u32(w, "MTU");
		walk_mean(w, "octets that the link takes");
		break;
	case ND_NONCE:
		walk_hex(w, walk_left(w), "Nonce");
		walk_mean(w, "random, so that the sender knows its own message");
		break;
	case ND_RDNSS: explain_servers(w); break;
	}
	walk_hex(w, walk_left(w), "Option Data");
	walk_mean(w, "not explained here");
}

static void explain_options(struct walk *w)
{
	while (walk_left(w)) {
		const struct option_word *word = find_option(w->in->bytes[w->pos]);
		uint8_t type, units;
		size_t old_end;

		walk_layer(w, "ICMPv6", word->rfc);
		type = walk_u8(w, "Option Type");
		walk_mean(w, "%s", word->text);
		units = walk_u8(w, "Option Length");
		walk_mean(w, "units of 8 octets");
		if (!units || units * 8u - 2 > walk_left(w)) {
			walk_bad(w, "an option of no length, or longer than the message");
			return;
		}
		old_end = walk_enter(w, units * 8u - 2);
		explain_option_data(w, type);
		walk_leave(w, old_end);
	}
}

static void explain_router_advert(struct walk *w)
{
	static const char *const preferences[] = {"medium", "high", "reserved", "low"};
	uint8_t v = walk_u8(w, "Cur Hop Limit");

	walk_mean(w, v ? "for packets that hosts send" : "not told");
	v = walk_x8(w, "M + O + H + Prf + Reserved");
	walk_mean(w, "addresses %s DHCPv6, the rest %s DHCPv6; preference %s",
		  v & 0x80 ? "by" : "not by", v & 0x40 ? "by" : "not by", preferences[v >> 3 & 3]);
	(void)walk_u16(w, "Router Lifetime");
	walk_mean(w, "seconds as a default router, 0 for none");
	(void)walk_u32(w, "Reachable Time");
	walk_mean(w, "milliseconds, 0 for not told");
	(void)walk_u32(w, "Retrans Timer");
	walk_mean(w, "milliseconds, 0 for not told");
}

static void explain_target(struct walk *w, const char *meaning)
{
	(void)walk_addr(w, 16, "Target Address");
	walk_mean(w, "%s", meaning);
}

void explain_nd(struct walk *w, uint8_t type)
{
	uint32_t flags;

	switch (type) {
	case ICMP_V6_ROUTER_ADVERT: explain_router_advert(w); break;
	case ICMP_V6_NEIGHBOR_SOLICIT:
		explain_reserved(w, 4, "Reserved");
		explain_target(w, "whose link-layer address is asked for");
		break;
	case ICMP_V6_NEIGHBOR_ADVERT:
		flags = walk_x32(w, "R + S + O + Reserved");
		walk_mean(w, "%s, %s, %s", flags >> 31 ? "a router" : "a host",
			  flags >> 30 & 1 ? "solicited" : "not solicited",
			  flags >> 29 & 1 ? "overrides what is cached" : "does not override");
		explain_target(w, "whose link-layer address this tells");
		break;
	case ICMP_V6_REDIRECT:
		explain_reserved(w, 4, "Reserved");
		explain_target(w, "the better first hop");
		(void)walk_addr(w, 16, "Destination Address");
		walk_mean(w, "for packets to here");
		break;
	default: explain_reserved(w, 4, "Reserved");
	}
	explain_options(w);
}

static void explain_group(struct walk *w)
{
	struct addr a = walk_addr(w, 16, "Multicast Address");

	if (addr_is_any(&a))
		walk_mean(w, "none: all groups are asked about");
	else
		addr_role(w, &a, "the group asked about, or told of");
}

static uint16_t explain_n_sources(struct walk *w)
{
	uint16_t n = walk_u16(w, "Number of Sources");

	walk_mean(w, "that follow");
	return n;
}

static void explain_sources(struct walk *w, uint16_t n)
{
	while (n-- > 0 && walk_left(w)) {
		(void)walk_addr(w, 16, "Source Address");
		walk_mean(w, "a sender to the group");
	}
}

static void explain_record(struct walk *w)
{
	static const char *const kinds[] = {
		"not a known type",
		"listens to these sources only",
		"listens to all sources but these",
		"now listens to these sources only",
		"now listens to all sources but these",
		"listens to these sources too",
		"listens to these sources no more",
	};
	uint8_t v = walk_u8(w, "Record Type"), aux_len;
	uint16_t n;

	walk_mean(w, "%s", v < 7 ? kinds[v] : kinds[0]);
	aux_len = walk_u8(w, "Aux Data Len");
	walk_mean(w, "words of 4 octets");
	n = explain_n_sources(w);
	explain_group(w);
	explain_sources(w, n);
	walk_hex(w, aux_len * 4u, "Auxiliary Data");
	walk_mean(w, "none is defined");
}

void explain_mld(struct walk *w, uint8_t type)
{
	if (type == ICMP_V6_MLD2_REPORT) {
		explain_reserved(w, 2, "Reserved");
		(void)walk_u16(w, "Nr of Mcast Address Records");
		walk_mean(w, "that follow");
		while (walk_left(w))
			explain_record(w);
		return;
	}
	(void)walk_u16(w, "Maximum Response Delay");
	walk_mean(w, type == ICMP_V6_MLD_QUERY ? "milliseconds to answer within" : "not used here");
	explain_reserved(w, 2, "Reserved");
	explain_group(w);
	if (type != ICMP_V6_MLD_QUERY || !walk_left(w))
		return;
	(void)walk_x8(w, "Resv + S + QRV");
	walk_mean(w, "S: routers leave their timers alone; QRV: robustness");
	(void)walk_u8(w, "QQIC");
	walk_mean(w, "seconds between queries, coded");
	explain_sources(w, explain_n_sources(w));
}
