/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fields of the IPv4 header and its options mean. */
#include "wire/walk.h"

/* Per-hop behaviours with a name of their own. RFC 2474, 2597, 3246, 5865, 8622. */
static void dscp_meaning(struct walk *w, unsigned dscp)
{
	if (dscp == 46)
		walk_mean(w, "EF: expedited");
	else if (dscp == 44)
		walk_mean(w, "VA: admitted voice");
	else if (dscp == 1)
		walk_mean(w, "LE: lower effort");
	else if (dscp == 0)
		walk_mean(w, "CS0: ordinary traffic");
	else if (dscp % 8 == 0)
		walk_mean(w, "CS%u: class %u", dscp / 8, dscp / 8);
	else if (dscp % 2 == 0 && dscp >= 10 && dscp <= 38)
		walk_mean(w, "AF%u%u: assured, drop precedence %u", dscp / 8, dscp % 8 / 2,
			  dscp % 8 / 2);
	else
		walk_mean(w, "DSCP %u has no common name", dscp);
}

void tclass_meaning(struct walk *w, uint8_t tclass)
{
	static const char *const ecn[] = {
		"no ECN",
		"ECN capable (1)",
		"ECN capable (0)",
		"congestion experienced",
	};

	dscp_meaning(w, tclass >> 2);
	walk_mean(w, "; %s", ecn[tclass & 3]);
}

void ttl_meaning(struct walk *w, uint8_t ttl)
{
	if (w->depth)
		walk_mean(w, "hops left when the sender of the error took it up");
	else if (ttl > 1)
		walk_mean(w, "hops left: each router takes 1 off and discards the packet at 0");
	else
		walk_mean(w,
			  "stays on this link: the next router discards it and says time exceeded");
}

/* Says what is amiss with a length that the header tells of itself and its payload. */
static void length_meaning(struct walk *w, const struct ip4_hdr *h, size_t here)
{
	if (!h->total_len)
		walk_mean(w, "left to segmentation in the network card");
	else if (h->total_len < h->hdr_len)
		walk_mean(w, "malformed: less than the header of %u octets", h->hdr_len);
	else if (h->total_len > here)
		walk_mean(w, "octets of header and payload; %zu are here", here);
	else
		walk_mean(w, "octets of header and payload");
}

static void explain_flags(struct walk *w)
{
	struct rd r = rd_make(walk_bytes(w, 2, "Flags + Fragment Offset"), 2);
	uint16_t v = rd_u16(&r);
	unsigned off = (v & 0x1fffu) * 8;

	walk_value(w, "0x%x + %u", v >> 13, off);
	walk_mean(w, v & 0x4000 ? "DF: routers must not fragment it" : "routers may fragment it");
	if (v & 0x2000)
		walk_mean(w, "; MF: more fragments follow");
	if (off)
		walk_mean(w, "; this is the part from octet %u on", off);
	if (v & 0x8000)
		walk_mean(w, "; the reserved bit is set");
}

static const char *option_text(uint8_t type)
{
	switch (type) {
	case IP4_OPT_END: return "end of the options";
	case IP4_OPT_NOP: return "no operation: fills up to a boundary";
	case IP4_OPT_RR: return "record route: each router writes its address down";
	case IP4_OPT_TS: return "internet timestamp: each router writes its clock down";
	case 130: return "security";
	case IP4_OPT_LSRR: return "loose source route: through these routers, and others";
	case 134: return "commercial security (CIPSO)";
	case IP4_OPT_SSRR: return "strict source route: through these routers, no others";
	case IP4_OPT_ALERT: return "router alert: routers look into the packet";
	case 25: return "quick-start";
	}
	return "not a known option";
}

static const char *option_rfc(uint8_t type)
{
	switch (type) {
	case 130: return "RFC 1108";
	case IP4_OPT_ALERT: return "RFC 2113 2.1";
	case 25: return "RFC 4782 3.1";
	}
	return "RFC 791 3.1";
}

static void pointer_meaning(struct walk *w, const struct ip4_opt *o, uint8_t ptr)
{
	if (o->is_bad)
		walk_mean(w, "malformed: not at a slot");
	else if (ptr > o->len)
		walk_mean(w, "behind the option: all slots are used");
	else
		walk_mean(w, "the next slot starts at octet %u of the option", ptr);
}

/* The slots of RR, LSRR and SSRR. */
static void explain_route(struct walk *w, const struct ip4_opt *o)
{
	uint8_t ptr = walk_u8(w, "Pointer");

	pointer_meaning(w, o, ptr);
	for (unsigned i = 0; walk_left(w) >= 4; i++) {
		(void)walk_addr(w, 4, o->type == IP4_OPT_RR ? "Recorded Route" : "Route");
		if (i >= o->n_used)
			walk_mean(w, o->type == IP4_OPT_RR ? "still free" : "still to be visited");
		else
			walk_mean(w,
				  o->type == IP4_OPT_RR ? "a router it passed" : "already visited");
	}
}

static void explain_stamp(struct walk *w, bool is_used)
{
	uint32_t v = walk_u32(w, "Timestamp"), s = v / 1000;

	if (!is_used)
		walk_mean(w, "still free");
	else if (v & 0x80000000)
		walk_mean(w, "not in milliseconds since midnight UT");
	else
		walk_mean(w, "%02u:%02u:%02u.%03u UT", s / 3600, s / 60 % 60, s % 60, v % 1000);
}

static void explain_stamps(struct walk *w, const struct ip4_opt *o)
{
	static const char *const kinds[] = {"stamps alone", "addresses and stamps", "",
					    "listed addresses"};
	uint8_t ptr = walk_u8(w, "Pointer");
	const uint8_t *p;

	pointer_meaning(w, o, ptr);
	p = walk_bytes(w, 1, "Overflow + Flag");
	walk_value(w, "%u + %u", p[0] >> 4, p[0] & 15);
	walk_mean(w, "%u routers found no room; %s", p[0] >> 4,
		  (p[0] & 15) < 4 ? kinds[p[0] & 15] : "");
	for (unsigned i = 0; walk_left(w) >= (o->flag ? 8 : 4); i++) {
		if (o->flag) {
			(void)walk_addr(w, 4, "Internet Address");
			walk_mean(w, "of the router that writes the stamp");
		}
		explain_stamp(w, i < o->n_used);
	}
}

static void explain_alert(struct walk *w)
{
	uint16_t v = walk_u16(w, "Value");

	walk_mean(w, v ? "reserved" : "every router shall look into the packet");
}

static void explain_option(struct walk *w, const struct ip4_opt *o)
{
	size_t old_end = walk_enter(w, o->len);

	walk_layer(w, "IPv4", option_rfc(o->type));
	(void)walk_u8(w, "Option Type");
	walk_mean(w, "%s%s", option_text(o->type), o->type & 0x80 ? "; copied into fragments" : "");
	if (o->type == IP4_OPT_END) {
		walk_hex(w, walk_left(w), "Padding");
		walk_mean(w, "fills the header to whole words of 4 octets");
	} else if (o->type != IP4_OPT_NOP) {
		(void)walk_u8(w, "Option Length");
		walk_mean(w, "octets, type and length included");
	}
	if (o->type == IP4_OPT_RR || o->type == IP4_OPT_LSRR || o->type == IP4_OPT_SSRR)
		explain_route(w, o);
	else if (o->type == IP4_OPT_TS)
		explain_stamps(w, o);
	else if (o->type == IP4_OPT_ALERT && o->data_len == 2)
		explain_alert(w);
	walk_hex(w, walk_left(w), "Option Data");
	walk_mean(w, "not explained here");
	walk_leave(w, old_end);
}

static void explain_options(struct walk *w, const struct ip4_hdr *h)
{
	size_t old_end = walk_enter(w, h->hdr_len - 20u);
	struct rd r = rd_make(w->in->bytes + w->pos, walk_left(w));
	struct ip4_opt o;

	while (ip4_opt_next(&r, &o) > 0)
		explain_option(w, &o);
	walk_bad(w, "the option does not end in the header");
	walk_leave(w, old_end);
}

/* The sum as one does it by hand, the checksum itself counting as 0. RFC 1071 1. */
static void show_sum(struct walk *w, const uint8_t *hdr, size_t len)
{
	struct rd r = rd_make(hdr, len);
	uint32_t sum = 0;

	walk_mean(w, "; the sum of all other words:");
	for (size_t at = 0; at < len; at += 2) {
		uint16_t word = rd_u16(&r);

		if (at == 10) /* the checksum */
			continue;
		sum += word;
		walk_mean(w, "%s%04x", at ? " + " : " ", word);
	}
	walk_mean(w, " = %05x; ", sum);
	while (sum >> 16) {
		walk_mean(w, "carry %x + %04x = %x; ", sum >> 16, sum & 0xffff,
			  (sum >> 16) + (sum & 0xffff));
		sum = (sum >> 16) + (sum & 0xffff);
	}
	walk_mean(w, "all bits turned over: %04x", ~sum & 0xffff);
}

static void explain_hdr(struct walk *w, const struct ip4_hdr *h, enum csum_state csum,
			uint16_t want)
{
	size_t start = w->pos - 8;
	bool is_whole = walk_left(w) + 8 >= h->hdr_len;
	struct addr a;
	uint8_t v;

	v = walk_u8(w, "Time to Live");
	ttl_meaning(w, v);
	v = walk_u8(w, "Protocol");
	walk_mean(w, "%s", proto_text(v));
	walk_csum(w, "Header Checksum", csum, want);
	if (w->in->shows_sums && !w->depth && is_whole) {
		show_sum(w, w->in->bytes + start, h->hdr_len);
		walk_rfc(w, "RFC 791 3.1, RFC 1071");
	}
	a = walk_addr(w, 4, "Source Address");
	addr_role(w, &a, "the sender");
	a = walk_addr(w, 4, "Destination Address");
	addr_role(w, &a, "the receiver");
	if (h->hdr_len > 20)
		explain_options(w, h);
}

static void explain_payload(struct walk *w, const struct ip4_hdr *h)
{
	size_t len = h->total_len ? (size_t)h->total_len - h->hdr_len : walk_left(w);
	size_t old_end = walk_enter(w, len);

	if (h->frag_off) {
		walk_layer(w, "Data", "");
		walk_payload(w, "RFC 791 3.2", "a later part of a fragmented packet");
	} else {
		explain_l4(w, h->proto);
	}
	walk_leave(w, old_end);
}

void explain_ip4(struct walk *w)
{
	size_t here = walk_left(w);
	struct rd r = rd_make(w->in->bytes + w->pos, here);
	struct ip4_hdr h;
	int err = ip4_parse_hdr(&r, &h);
	const uint8_t *p;

	walk_layer(w, "IPv4", "RFC 791 3.1");
	p = walk_bytes(w, 1, "Version + IHL");
	walk_value(w, "%u + %u", p[0] >> 4, p[0] & 15);
	if (p[0] >> 4 != 4 || (p[0] & 15) < 5) {
		walk_mean(w, "malformed: not version 4 with at least 5 words of header");
		walk_bad(w, "no IPv4 header");
		return;
	}
	walk_mean(w, "version 4; a header of %u octets", (p[0] & 15) * 4);
	p = walk_bytes(w, 1, "DSCP + ECN");
	walk_rfc(w, "RFC 2474 3, RFC 3168 5");
	walk_value(w, "%u + %u", p[0] >> 2, p[0] & 3);
	tclass_meaning(w, p[0]);
	(void)walk_u16(w, "Total Length");
	length_meaning(w, &h, here);
	(void)walk_x16(w, "Identification");
	walk_mean(w, "the same in all fragments of one packet");
	explain_flags(w);
	explain_hdr(w, &h, w->d->ip_csum, w->d->ip_csum_want);
	if (err || (h.total_len && h.total_len < h.hdr_len))
		walk_bad(w, "the total length leaves no payload");
	else
		explain_payload(w, &h);
}
