/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fields of the IPv6 header and its extension headers mean. */
#include "wire/walk.h"

enum routing_type {
	ROUTING_SOURCE = 0,
	ROUTING_HOME = 2,
	ROUTING_RPL = 3,
	ROUTING_SEGMENT = 4,
};

static const char *option_text(uint8_t type)
{
	switch (type) {
	case IP6_OPT_PAD1: return "one octet of padding";
	case IP6_OPT_PADN: return "padding";
	case IP6_OPT_ALERT: return "router alert: routers look into the packet";
	case 0x04: return "tunnel encapsulation limit";
	case 0x0f: return "performance and diagnostic metrics";
	case 0x26: return "quick-start";
	case 0x31: return "in-situ operations data";
	case 0x63: return "RPL";
	case IP6_OPT_JUMBO: return "jumbo payload";
	case 0xc9: return "home address";
	}
	return NULL;
}

static const char *option_rfc(uint8_t type)
{
	switch (type) {
	case IP6_OPT_ALERT: return "RFC 2711 2.1";
	case 0x04: return "RFC 2473 4.1.1";
	case 0x0f: return "RFC 8250 3.2";
	case 0x26: return "RFC 4782 3.2";
	case 0x31: return "RFC 9486 3";
	case 0x63: return "RFC 6553 3";
	case IP6_OPT_JUMBO: return "RFC 2675 2";
	case 0xc9: return "RFC 6275 6.3";
	}
	return "RFC 8200 4.2";
}

/* What the two highest bits ask of a node that does not know the option. RFC 8200 4.2. */
static const char *action_text(uint8_t type)
{
	static const char *const actions[] = {
		"skip it if unknown",
		"discard the packet if unknown",
		"discard if unknown and say so",
		"discard if unknown and say so unless to a group",
	};

	return actions[type >> 6];
}

static void explain_option_data(struct walk *w, uint8_t type, size_t len)
{
	if (type == IP6_OPT_ALERT && len == 2) {
		uint16_t v = walk_u16(w, "Value");

		walk_mean(w, v == 0 ? "MLD message" :
			     v == 1 ? "RSVP message" :
				      "see the IANA registry");
	} else if (type == IP6_OPT_JUMBO && len == 4) {
		(void)walk_u32(w, "Jumbo Payload Length");
		walk_mean(w, "octets behind the IPv6 header");
	} else if (type == 0xc9 && len == 16) {
		(void)walk_addr(w, 16, "Home Address");
		walk_mean(w, "of the mobile node that sent it");
	} else {
		walk_hex(w, len, type == IP6_OPT_PADN ? "Padding" : "Option Data");
		walk_mean(w,
			  type == IP6_OPT_PADN ? "fills up to a boundary" : "not explained here");
	}
}

static void explain_options(struct walk *w)
{
	while (walk_left(w)) {
		uint8_t type = w->in->bytes[w->pos], len;
		size_t old_end;

		w->rfc = option_rfc(type);
		(void)walk_x8(w, "Option Type");
		if (option_text(type))
			walk_mean(w, "%s", option_text(type));
		else
			walk_mean(w, "not a known option: %s", action_text(type));
		if (type == IP6_OPT_PAD1)
			continue;
		len = walk_u8(w, "Opt Data Len");
		walk_mean(w, "octets");
		if (len > walk_left(w)) {
			walk_bad(w, "the option does not end in the header");
			return;
		}
		old_end = walk_enter(w, len);
		explain_option_data(w, type, len);
		walk_leave(w, old_end);
	}
}

static const char *routing_text(uint8_t type)
{
	switch (type) {
	case ROUTING_SOURCE: return "source route, no longer allowed (RFC 5095)";
	case ROUTING_HOME: return "home address of a mobile node";
	case ROUTING_RPL: return "RPL source route";
	case ROUTING_SEGMENT: return "segment routing";
	}
	return "not a known kind";
}

static void explain_reserved(struct walk *w, size_t n)
{
	walk_hex(w, n, "Reserved");
	walk_mean(w, "ignored");
}

static void explain_routing(struct walk *w)
{
	uint8_t type = walk_u8(w, "Routing Type"), v;

	walk_mean(w, "%s", routing_text(type));
	v = walk_u8(w, "Segments Left");
	walk_mean(w, v ? "waypoints still to be visited" : "the destination is the final one");
	if (type == ROUTING_SEGMENT) {
		w->rfc = "RFC 8754 2";
		(void)walk_u8(w, "Last Entry");
		walk_mean(w, "number of the last segment in the list");
		(void)walk_x8(w, "Flags");
		walk_mean(w, "none is defined");
		(void)walk_x16(w, "Tag");
		walk_mean(w, "marks packets of one class");
	} else if (type == ROUTING_SOURCE || type == ROUTING_HOME) {
		explain_reserved(w, 4);
	} else {
		walk_hex(w, walk_left(w), "Type-specific Data");
		walk_mean(w, "not explained here");
		return;
	}
	for (unsigned i = 0; walk_left(w) >= 16; i++) {
		(void)walk_addr(w, 16, "Address");
		if (type == ROUTING_SEGMENT)
			walk_mean(w, "segment %u, counted from the last", i);
		else
			walk_mean(w, "waypoint %u", i + 1);
	}
	walk_hex(w, walk_left(w), "TLVs");
	walk_mean(w, "not explained here");
}

static void explain_fragment(struct walk *w)
{
	struct rd r;
	uint16_t v;

	explain_reserved(w, 1);
	r = rd_make(walk_bytes(w, 2, "Fragment Offset + Res + M"), 2);
	v = rd_u16(&r);
	walk_value(w, "%u + %u + %u", v & 0xfff8, v >> 1 & 3, v & 1);
	walk_mean(w,
		  v & 1 ? "the part from octet %u on; more follow" :
			  "the part from octet %u on; the last one",
		  v & 0xfff8);
	(void)walk_x32(w, "Identification");
	walk_mean(w, "the same in all fragments of one packet");
}

static void explain_association(struct walk *w)
{
	(void)walk_x32(w, "Security Parameters Index");
	walk_mean(w, "which security association it belongs to");
	(void)walk_u32(w, "Sequence Number");
	walk_mean(w, "against replays");
}

void explain_esp(struct walk *w)
{
	walk_layer(w, "ESP", "RFC 4303 2");
	explain_association(w);
	walk_payload(w, "RFC 4303 2", "encrypted: only the receiver can read it");
}

static void explain_ah(struct walk *w)
{
	explain_reserved(w, 2);
	explain_association(w);
	walk_hex(w, walk_left(w), "Integrity Check Value");
	walk_mean(w, "proves that the packet was not changed");
}

static const char *ext_layer(uint8_t type)
{
	switch (type) {
	case IPPROTO_HOPOPTS: return "IPv6 hop-by-hop";
	case IPPROTO_ROUTING: return "IPv6 routing";
	case IPPROTO_FRAGMENT: return "IPv6 fragment";
	case IPPROTO_AH: return "AH";
	case IPPROTO_DSTOPTS: return "IPv6 destination";
	case IPPROTO_MH: return "IPv6 mobility";
	}
	return "IPv6 extension";
}

static const char *ext_rfc(uint8_t type)
{
	switch (type) {
	case IPPROTO_HOPOPTS: return "RFC 8200 4.3";
	case IPPROTO_ROUTING: return "RFC 8200 4.4";
	case IPPROTO_FRAGMENT: return "RFC 8200 4.5";
	case IPPROTO_AH: return "RFC 4302 2";
	case IPPROTO_DSTOPTS: return "RFC 8200 4.6";
	case IPPROTO_MH: return "RFC 6275 6.1";
	}
	return "RFC 6564 4";
}

static void explain_ext(struct walk *w, const struct ip6_ext *e)
{
	size_t old_end = walk_enter(w, e->len);
	uint8_t v;

	walk_layer(w, ext_layer(e->type), ext_rfc(e->type));
	v = walk_u8(w, "Next Header");
	walk_mean(w, "%s", proto_text(v));
	if (e->type != IPPROTO_FRAGMENT) {
		(void)walk_u8(w, e->type == IPPROTO_AH ? "Payload Len" : "Hdr Ext Len");
		walk_mean(w,
			  e->type == IPPROTO_AH ?
				  "words of 4 octets behind the first two: %u octets" :
				  "units of 8 octets behind the first: %u octets",
			  e->len);
	}
	switch (e->type) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_DSTOPTS: explain_options(w); break;
	case IPPROTO_ROUTING: explain_routing(w); break;
	case IPPROTO_FRAGMENT: explain_fragment(w); break;
	case IPPROTO_AH: explain_ah(w); break;
	default: walk_hex(w, walk_left(w), "Header Data"); walk_mean(w, "not explained here");
	}
	walk_leave(w, old_end);
}

static void explain_hdr(struct walk *w, size_t here)
{
	const uint8_t *p = walk_bytes(w, 4, "Version + TC + Flow Label");
	uint8_t tclass = (uint8_t)(p[0] << 4 | p[1] >> 4), v;
	uint32_t flow = (p[1] & 15u) << 16 | (uint32_t)p[2] << 8 | p[3];
	struct addr a;
	uint16_t len;

	walk_value(w, "%u + 0x%02x + 0x%05x", p[0] >> 4, tclass, flow);
	walk_mean(w, "version 6; ");
	tclass_meaning(w, tclass);
	walk_mean(w, flow ? "; packets of one flow bear this label" : "; no flow label");
	len = walk_u16(w, "Payload Length");
	if (!len)
		walk_mean(w, "nothing follows, or a jumbo payload option tells");
	else
		walk_mean(w, "octets behind this header");
	if (here >= IP6_HDR_LEN && len > here - IP6_HDR_LEN)
		walk_mean(w, "; %zu are here", here - IP6_HDR_LEN);
	v = walk_u8(w, "Next Header");
	walk_mean(w, "%s", proto_text(v));
	v = walk_u8(w, "Hop Limit");
	ttl_meaning(w, v);
	a = walk_addr(w, 16, "Source Address");
	addr_role(w, &a, "the sender");
	a = walk_addr(w, 16, "Destination Address");
	addr_role(w, &a, "the receiver");
}

static void explain_behind_chain(struct walk *w, const struct ip6_hdr *h)
{
	if (h->is_chain_cut) {
		walk_layer(w, ext_layer(h->proto), ext_rfc(h->proto));
		walk_bad(w, "an extension header that is cut off, or one too many");
	} else if (h->frag_off) {
		walk_layer(w, "Data", "");
		walk_payload(w, "RFC 8200 4.5", "a later part of a fragmented packet");
	} else {
		explain_l4(w, h->proto);
	}
}

void explain_ip6(struct walk *w)
{
	size_t here = walk_left(w), old_end;
	struct rd r = rd_make(w->in->bytes + w->pos, here), payload;
	struct ip6_hdr h;
	int err = ip6_parse(&r, &h, &payload);

	walk_layer(w, "IPv6", "RFC 8200 3");
	if (err == E_BAD) {
		walk_bad(w, "not version 6");
		return;
	}
	explain_hdr(w, here);
	if (err)
		return;
	old_end = walk_enter(w, h.hdr_len - IP6_HDR_LEN + rd_left(&payload));
	for (unsigned i = 0; i < h.n_exts; i++)
		explain_ext(w, &h.exts[i]);
	explain_behind_chain(w, &h);
	walk_leave(w, old_end);
}

/* Anything that is not IPv6 is held against the rules of IPv4. */
void explain_ip(struct walk *w)
{
	if (walk_left(w) && w->in->bytes[w->pos] >> 4 == 6)
		explain_ip6(w);
	else
		explain_ip4(w);
}
