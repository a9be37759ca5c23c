/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk - the cursor under explain: it names every octet it steps over, so the fields tile.
 *
 * Layer: wire, for the explain files only.
 * A field is opened by reading its octets; walk_value() and walk_mean() add to the text of the one
 * opened last. Where fewer octets are left than a field has, those become the field, said to be cut
 * off, and the read yields zeros; a read at the end yields zeros and no field. So an explainer
 * reads on without asking and comes to no octet twice.
 */
#ifndef PKT_WIRE_WALK_H
#define PKT_WIRE_WALK_H

#include "base/text.h"
#include "wire/explain.h"

#define WALK_READ_MAX 64 /* octets that may be looked at in what a read returns */

struct walk {
	const struct explain_packet *in;
	void (*emit)(void *arg, const struct explain_field *f);
	void *arg;
	size_t pos; /* next octet */
	size_t end; /* of the structure being read, at most the packet's */
	unsigned depth;
	const struct dissect *d; /* the packet, or the quoted one, taken apart */
	const char *layer, *rfc; /* of the fields to come */
	struct explain_field field;
	struct text value, meaning;
	bool is_open;
};

static inline size_t walk_left(const struct walk *w)
{
	return w->end - w->pos;
}

/* walk_layer() - names the header that the next fields belong to, and where it is specified. */
void walk_layer(struct walk *w, const char *layer, const char *rfc);

/* walk_bytes() - opens a field of @n octets without a value; none when @n is 0. */
const uint8_t *walk_bytes(struct walk *w, size_t n, const char *name);

/* These open a field and give it its number (decimal, u; hexadecimal, x) or address as value. */
uint8_t walk_u8(struct walk *w, const char *name);
uint16_t walk_u16(struct walk *w, const char *name);
uint32_t walk_u32(struct walk *w, const char *name);
uint8_t walk_x8(struct walk *w, const char *name);
uint16_t walk_x16(struct walk *w, const char *name);
uint32_t walk_x32(struct walk *w, const char *name);
struct addr walk_addr(struct walk *w, uint8_t len, const char *name);
struct mac walk_mac(struct walk *w, const char *name);

/* walk_hex() - opens a field of @n octets whose value is their hex, or their number if many. */
void walk_hex(struct walk *w, size_t n, const char *name);

/* walk_text() - opens a field of @n octets whose value is their text, clean, without final NULs. */
void walk_text(struct walk *w, size_t n, const char *name);

/* walk_rest() - all octets left of the structure as one field; false if there are none. */
bool walk_rest(struct walk *w, const char *name);

/* walk_bad() - all octets left of the structure as one field that says what is wrong with them. */
void walk_bad(struct walk *w, const char *fmt, ...) printf_like(2, 3);

void walk_value(struct walk *w, const char *fmt, ...) printf_like(2, 3);
void walk_mean(struct walk *w, const char *fmt, ...) printf_like(2, 3);

/* walk_count() - gives the open field its number of octets as value. */
void walk_count(struct walk *w);

/* walk_rfc() - another source for the open field alone. */
void walk_rfc(struct walk *w, const char *rfc);

/* walk_enter() - narrows the walk to the next @n octets, or all there are; returns the old end. */
size_t walk_enter(struct walk *w, size_t n);

/* walk_leave() - names what is left of the narrow part, steps over it, and widens the walk. */
void walk_leave(struct walk *w, size_t old_end);

/* walk_close() - hands out the last field. */
void walk_close(struct walk *w);

/* walk_csum() - opens a checksum field and judges it. @want: the right value for CSUM_BAD. */
void walk_csum(struct walk *w, const char *name, enum csum_state state, uint16_t want);

/* walk_l4_csum() - the same for the checksum of ICMP, UDP or TCP, as the dissector judged it. */
void walk_l4_csum(struct walk *w);

/* walk_payload() - the octets left, as the parts the caller named and one field for the others. */
void walk_payload(struct walk *w, const char *rfc, const char *meaning);

/* The explainers. Each reads one structure and all that it carries. */
void explain_eth(struct walk *w);
void explain_arp(struct walk *w);
void explain_ip(struct walk *w);
void explain_ip4(struct walk *w);
void explain_ip6(struct walk *w);
void explain_l4(struct walk *w, uint8_t proto);
void explain_icmp(struct walk *w, bool is_v6);
void explain_icmpext(struct walk *w);
void explain_quote(struct walk *w);
void explain_nd(struct walk *w, uint8_t type);
void explain_mld(struct walk *w, uint8_t type);
void explain_esp(struct walk *w);
void explain_udp(struct walk *w);
void explain_dhcp(struct walk *w);
void explain_tcp(struct walk *w);
void explain_dns(struct walk *w);
/* explain_dns_tcp() - the payload of a segment: a message behind its length, or a part of one. */
void explain_dns_tcp(struct walk *w);

/* Words; static strings, "" when there is none. */
const char *proto_text(uint8_t proto);
const char *ethertype_text(uint16_t type);
const char *mac_meaning(const struct mac *m);
void tclass_meaning(struct walk *w, uint8_t tclass);
/* addr_role() - says of the open address field that it is @role, and what kind of address it is. */
void addr_role(struct walk *w, const struct addr *a, const char *role);

void ttl_meaning(struct walk *w, uint8_t ttl);

#endif
