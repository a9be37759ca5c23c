/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fields of Ethernet, VLAN tags, LLC, SNAP and ARP mean. */
#include "wire/walk.h"

#define LAST_LENGTH 0x5ff /* IEEE 802.3 3.2.6: greater numbers are types */

static void explain_tags(struct walk *w, uint16_t *type)
{
	unsigned n = 0;

	while ((*type == ETH_VLAN || *type == ETH_QINQ || *type == ETH_QINQ_OLD) &&
	       n++ < ETH_TAGS_MAX) {
		uint16_t tci;
		struct rd r;

		walk_layer(w, *type == ETH_QINQ ? "802.1ad" : "802.1Q", "IEEE 802.1Q 9.6");
		r = rd_make(walk_bytes(w, 2, "PCP + DEI + VID"), 2);
		tci = rd_u16(&r);
		walk_value(w, "%u + %u + %u", tci >> 13, tci >> 12 & 1, tci & 0xfff);
		walk_mean(w, "priority %u, %s; ", tci >> 13,
			  tci >> 12 & 1 ? "dropped first" : "kept");
		if (tci & 0xfff)
			walk_mean(w, "VLAN %u", tci & 0xfff);
		else
			walk_mean(w, "no VLAN, the tag is for the priority");
		*type = walk_x16(w, "Type");
		if (*type > LAST_LENGTH)
			walk_mean(w, "%s", ethertype_text(*type));
	}
}

/* IEEE 802.2 in an 802.3 frame. Returns the EtherType that SNAP tells, 0 for none. */
static uint16_t explain_llc(struct walk *w)
{
	uint8_t dsap, ssap, control;
	uint32_t oui;
	uint16_t type;
	const uint8_t *p;

	walk_layer(w, "LLC", "IEEE 802.2 3.2");
	dsap = walk_x8(w, "DSAP");
	walk_mean(w, dsap == 0xaa ? "SNAP: a type follows" : "the service it is for");
	ssap = walk_x8(w, "SSAP");
	walk_mean(w, ssap == 0xaa ? "SNAP" : "the service it is from");
	if (walk_left(w) && (w->in->bytes[w->pos] & 3) != 3) {
		walk_x16(w, "Control");
		walk_mean(w, "a numbered frame");
		return 0;
	}
	control = walk_x8(w, "Control");
	walk_mean(w, control == 3 ? "unnumbered information" : "an unnumbered command or answer");
	if (dsap != 0xaa || ssap != 0xaa || control != 3)
		return 0;
	walk_layer(w, "SNAP", "RFC 1042");
	p = walk_bytes(w, 3, "Organization Code");
	oui = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
	walk_value(w, "0x%06x", oui);
	walk_mean(w, oui ? "whose protocol numbers these are" : "an EtherType follows");
	type = walk_x16(w, "Type");
	walk_mean(w, "%s", oui ? "a number of that organization" : ethertype_text(type));
	return oui ? 0 : type;
}

static void explain_type(struct walk *w, uint16_t type)
{
	switch (type) {
	case ETH_ARP: explain_arp(w); break;
	case ETH_IP4: explain_ip4(w); break;
	case ETH_IP6: explain_ip6(w); break;
	default:
		walk_layer(w, "Data", "");
		walk_payload(w, "", "of a protocol that is not explained here");
	}
}

/* What stands behind the packet in its frame. */
static void explain_trailer(struct walk *w)
{
	walk_layer(w, "Ethernet", "IEEE 802.3 3.2.8");
	if (!walk_rest(w, "Padding"))
		return;
	walk_count(w);
	walk_mean(w, w->in->len <= 60 ? "fills the frame to its least length" :
					"behind the end of the packet");
}

void explain_eth(struct walk *w)
{
	struct mac m;
	uint16_t type;
	size_t old_end;

	walk_layer(w, "Ethernet", "IEEE 802.3 3.2.4");
	m = walk_mac(w, "Destination");
	walk_mean(w, "%s", mac_meaning(&m));
	m = walk_mac(w, "Source");
	walk_mean(w, "%s", mac_meaning(&m));
	walk_rfc(w, "IEEE 802.3 3.2.5");
	type = walk_x16(w, "Type");
	walk_rfc(w, "IEEE 802.3 3.2.6");
	if (type > LAST_LENGTH)
		walk_mean(w, "%s", ethertype_text(type));
	explain_tags(w, &type);
	if (type > LAST_LENGTH) {
		explain_type(w, type);
	} else {
		walk_mean(w, "a length: %u octets of LLC follow", type);
		if (type > walk_left(w))
			walk_mean(w, ", %zu are here", walk_left(w));
		old_end = walk_enter(w, type);
		explain_type(w, explain_llc(w));
		walk_leave(w, old_end);
	}
	explain_trailer(w);
}

static const char *arp_meaning(const struct arp_msg *m)
{
	if (m->op == ARP_REPLY)
		return "reply: the sender has the address";
	if (m->op != ARP_REQUEST)
		return "neither request nor reply";
	if (arp_is_probe(m))
		return "request, a probe: has anyone this address?";
	if (arp_is_announcement(m))
		return "request, an announcement: the sender has this address now";
	return "request: who has the target address?";
}

static void explain_arp_addrs(struct walk *w, uint16_t op, uint8_t hw_len, uint8_t proto_len)
{
	static const char *const names[2][2] = {
		{"Sender Hardware Address", "Sender Protocol Address"},
		{"Target Hardware Address", "Target Protocol Address"},
	};

	for (unsigned i = 0; i < 2; i++) {
		if (hw_len == 6) {
			struct mac m = walk_mac(w, names[i][0]);

			if (i && op == ARP_REQUEST)
				walk_mean(w, "to be found out");
			else
				walk_mean(w, "%s", mac_meaning(&m));
		} else {
			walk_hex(w, hw_len, names[i][0]);
			walk_mean(w, "not an Ethernet address");
		}
		if (proto_len == 4) {
			struct addr a = walk_addr(w, 4, names[i][1]);

			addr_role(w, &a, i ? "the target" : "the sender");
		} else {
			walk_hex(w, proto_len, names[i][1]);
			walk_mean(w, "not an IPv4 address");
		}
	}
}

void explain_arp(struct walk *w)
{
	struct rd r = rd_make(w->in->bytes + w->pos, walk_left(w));
	uint8_t hw_len, proto_len;
	struct arp_msg m;
	uint16_t v;

	if (arp_parse(&r, &m) < 0)
		m.sender.len = m.target.len = 0;
	walk_layer(w, "ARP", "RFC 826");
	v = walk_u16(w, "Hardware Type");
	walk_mean(w, v == ARP_HW_ETHER ? "Ethernet" : "not Ethernet");
	v = walk_x16(w, "Protocol Type");
	walk_mean(w, "%s", ethertype_text(v));
	hw_len = walk_u8(w, "Hardware Address Length");
	walk_mean(w, "octets");
	proto_len = walk_u8(w, "Protocol Address Length");
	walk_mean(w, "octets");
	v = walk_u16(w, "Operation");
	walk_mean(w, "%s", arp_meaning(&m));
	explain_arp_addrs(w, v, hw_len, proto_len);
}
