/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an ICMP error carries: the packet it is about, and the extension behind that. */
#include "wire/csum.h"
#include "wire/walk.h"

#define DEPTH_MAX 2 /* a quote within a quote is still explained; deeper ones are only made up */

/* Address families and their lengths in octets. IANA registry of address family numbers. */
enum afi {
	AFI_IP4 = 1,
	AFI_IP6 = 2,
	AFI_MAC = 16389,
};

void explain_quote(struct walk *w)
{
	const struct dissect *outer = w->d;
	struct dissect d;

	if (w->depth == DEPTH_MAX) {
		walk_payload(w, "RFC 4443 2.4", "a quoted packet");
		return;
	}
	(void)dissect_packet(DISSECT_L3, w->in->bytes + w->pos, walk_left(w), &d);
	w->d = &d;
	w->depth++;
	explain_ip(w);
	if (walk_rest(w, "Padding")) {
		walk_count(w);
		walk_mean(w, "fills the quote up to where the extension starts");
		walk_rfc(w, "RFC 4884 4");
	}
	w->d = outer;
	w->depth--;
}

static void explain_mpls(struct walk *w)
{
	w->rfc = "RFC 4950 3";
	while (walk_left(w)) {
		struct rd r = rd_make(walk_bytes(w, 4, "Label + TC + S + TTL"), 4);
		struct mpls_entry e;

		if (mpls_next(&r, &e) <= 0)
			return;
		walk_value(w, "%u + %u + %u + %u", e.label, e.tc, e.is_bottom, e.ttl);
		walk_mean(w, "label the packet bore; class %u, TTL %u%s", e.tc, e.ttl,
			  e.is_bottom ? ", the bottom of the stack" : "");
	}
}

/* An address of the family @afi, as far as the family is known. */
static void explain_addr(struct walk *w, uint16_t afi, const char *name)
{
	if (afi == AFI_IP4 || afi == AFI_IP6)
		(void)walk_addr(w, afi == AFI_IP4 ? 4 : 16, name);
	else if (afi == AFI_MAC)
		(void)walk_mac(w, name);
	else
		walk_hex(w, walk_left(w), name);
	walk_mean(w, "of that interface");
}

static uint16_t explain_afi(struct walk *w)
{
	uint16_t afi = walk_u16(w, "AFI");

	if (afi == AFI_IP4 || afi == AFI_IP6)
		walk_mean(w, afi == AFI_IP4 ? "IPv4" : "IPv6");
	else
		walk_mean(w, afi == AFI_MAC ? "MAC" : "not a known family");
	return afi;
}

static void explain_reserved(struct walk *w, size_t n)
{
	walk_hex(w, n, "Reserved");
	walk_mean(w, "ignored");
}

static void explain_ifindex(struct walk *w)
{
	(void)walk_u32(w, "ifIndex");
	walk_mean(w, "the number of the interface there");
}

static void explain_name(struct walk *w, size_t n)
{
	walk_text(w, n, "Interface Name");
	walk_mean(w, "as it is called there, filled up with zeros");
}

static void explain_ifinfo(struct walk *w, uint8_t ctype)
{
	uint16_t afi;
	uint8_t len;

	w->rfc = "RFC 5837 4.1";
	if (ctype & 0x08)
		explain_ifindex(w);
	if (ctype & 0x04) {
		w->rfc = "RFC 5837 4.2";
		afi = explain_afi(w);
		explain_reserved(w, 2);
		explain_addr(w, afi, "IP Address");
	}
	if (ctype & 0x02) {
		w->rfc = "RFC 5837 4.3";
		len = walk_u8(w, "Name Length");
		walk_mean(w, "octets, with this one");
		explain_name(w, len ? len - 1u : 0);
	}
	w->rfc = "RFC 5837 4.1";
	if (ctype & 0x01) {
		(void)walk_u32(w, "MTU");
		walk_mean(w, "octets that the interface takes");
	}
}

static void explain_ifid(struct walk *w, uint8_t ctype)
{
	uint16_t afi;

	w->rfc = "RFC 8335 2.1";
	if (ctype == 1) {
		explain_name(w, walk_left(w));
	} else if (ctype == 2) {
		explain_ifindex(w);
	} else if (ctype == 3) {
		afi = explain_afi(w);
		(void)walk_u8(w, "Address Length");
		walk_mean(w, "octets");
		explain_reserved(w, 1);
		explain_addr(w, afi, "Address");
	}
}

static void ctype_meaning(struct walk *w, uint8_t class, uint8_t ctype)
{
	static const char *const ids[] = {"reserved", "by name", "by index", "by address"};

	if (class == ICMPEXT_MPLS)
		walk_mean(w, ctype == 1 ? "the stack the packet came with" : "not a known type");
	else if (class == ICMPEXT_IFINFO)
		walk_mean(w, "%s interface%s%s%s%s", icmpext_role_text(ctype >> 6),
			  ctype & 8 ? ", index" : "", ctype & 4 ? ", address" : "",
			  ctype & 2 ? ", name" : "", ctype & 1 ? ", MTU" : "");
	else if (class == ICMPEXT_IFID && ctype < 4)
		walk_mean(w, "%s", ids[ctype]);
	else
		walk_mean(w, "a kind of the class");
}

static void explain_object(struct walk *w)
{
	static const char *const classes[] = {
		"reserved",
		"MPLS label stack",
		"interface information",
		"interface identification",
	};
	uint16_t len = walk_u16(w, "Length");
	uint8_t class, ctype;
	size_t old_end;

	walk_mean(w, len < 4 ? "malformed: less than the object's header" : "octets of the object");
	class = walk_u8(w, "Class-Num");
	walk_mean(w, "%s", class < 4 ? classes[class] : "not a known class");
	ctype = walk_x8(w, "C-Type");
	ctype_meaning(w, class, ctype);
	if (len < 4 || len - 4u > walk_left(w)) {
		walk_bad(w, "an object longer than the extension, or shorter than its header");
		return;
	}
	old_end = walk_enter(w, len - 4u);
	if (class == ICMPEXT_MPLS)
		explain_mpls(w);
	else if (class == ICMPEXT_IFINFO)
		explain_ifinfo(w, ctype);
	else if (class == ICMPEXT_IFID)
		explain_ifid(w, ctype);
	walk_hex(w, walk_left(w), "Object Data");
	walk_mean(w, "not explained here");
	walk_leave(w, old_end);
}

void explain_icmpext(struct walk *w)
{
	struct rd r = rd_make(w->in->bytes + w->pos, walk_left(w));
	uint16_t check = csum_ip(r.buf, r.len), want;
	enum csum_state state;
	struct icmpext ext;
	const uint8_t *p;

	icmpext_check(r, &ext);
	walk_layer(w, "ICMP extension", "RFC 4884 7");
	p = walk_bytes(w, 2, "Version + Reserved");
	walk_value(w, "%u + 0x%03x", p[0] >> 4, (p[0] & 15u) << 8 | p[1]);
	walk_mean(w, p[0] >> 4 == 2 ? "version 2" : "malformed: not version 2");
	want = csum_want(ext.csum, check);
	state = !ext.csum ? CSUM_NONE : check ? CSUM_BAD : CSUM_GOOD;
	walk_csum(w, "Checksum", state, want);
	if (ext.version != 2)
		walk_bad(w, "objects of another version");
	while (walk_left(w)) {
		w->rfc = "RFC 4884 8";
		explain_object(w);
	}
}
