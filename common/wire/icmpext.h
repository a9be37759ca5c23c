/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * icmpext - what routers append to an ICMP error: MPLS labels, interface information.
 *
 * Layer: wire.
 * Spec: RFC 4884 (structure), RFC 4950 (MPLS), RFC 5837 (interface information), RFC 8335 2.1
 * (interface identification, in extended echo).
 */
#ifndef PKT_WIRE_ICMPEXT_H
#define PKT_WIRE_ICMPEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bytes.h"
#include "wire/icmp.h"

enum icmpext_state {
	ICMPEXT_NONE, /* the message carries no extension */
	ICMPEXT_OK,
	ICMPEXT_BAD_LEN,     /* the length field points outside the message, or below 128 */
	ICMPEXT_BAD_VERSION, /* another version than 2 */
	ICMPEXT_BAD_CSUM,
};

struct icmpext {
	enum icmpext_state state;
	size_t quote_len; /* octets of the body before the extension, zero padding included */
	uint8_t version;
	uint16_t csum;     /* 0: the sender computed none */
	bool is_compat;    /* no length was given: found at octet 128 by version and checksum */
	struct rd objects; /* a cursor for icmpext_next(), empty unless ICMPEXT_OK */
};

/*
 * icmpext_find() - splits the body of an ICMP error into quote and extension.
 * @body: a cursor behind the eight octets of @icmp; not moved.
 * Where the length is 0 an extension is believed only at octet 128, with version 2 and a checksum
 * that is there and right (RFC 4884 5.5): anything less may well be quoted payload.
 */
void icmpext_find(bool is_v6, const struct icmp_hdr *icmp, const struct rd *body,
		  struct icmpext *out);

/*
 * icmpext_check() - reads an extension that starts at the cursor's first octet and fills state,
 * version, csum and objects of @out: for extended echo, and for the Linux error queue, which
 * tells where the extension starts.
 */
void icmpext_check(struct rd ext, struct icmpext *out);

enum icmpext_class {
	ICMPEXT_MPLS = 1,   /* RFC 4950, c-type 1: incoming label stack */
	ICMPEXT_IFINFO = 2, /* RFC 5837 */
	ICMPEXT_IFID = 3,   /* RFC 8335 2.1 */
};

struct icmpext_obj {
	uint16_t len; /* octets, the object's own four-octet header included */
	uint8_t class, ctype;
	struct rd data; /* what follows the object's header */
};

/* icmpext_next() - steps to the next object. Returns 1; 0 at the end; E_BAD (its length). */
int must_check icmpext_next(struct rd *r, struct icmpext_obj *out);

struct mpls_entry {
	uint32_t label; /* 20 bits */
	uint8_t tc;     /* traffic class, 3 bits */
	bool is_bottom;
	uint8_t ttl;
};

/* mpls_next() - the next entry of a label stack. Returns 1; 0 at the end; E_TRUNC. */
int must_check mpls_next(struct rd *r, struct mpls_entry *out);

enum icmpext_role {
	IFINFO_INCOMING = 0, /* the packet came in by this interface */
	IFINFO_SUB_IP = 1,   /* a member link of that interface */
	IFINFO_OUTGOING = 2, /* it would have gone out by this interface */
	IFINFO_NEXT_HOP = 3, /* the next hop it would have gone to */
};

/* Interface information (RFC 5837) or identification (RFC 8335): what is there, the rest zero. */
struct icmpext_iface {
	enum icmpext_role role; /* interface information only */
	bool has_ifindex, has_mtu;
	uint32_t ifindex, mtu;
	struct addr addr; /* len 0 if none */
	struct mac mac;   /* interface identification by a MAC address */
	bool has_mac;
	const uint8_t *name; /* in the packet: untrusted, not NUL-terminated; NULL if none */
	uint8_t name_len;    /* octets, at most 63 */
};

/*
 * icmpext_iface() - reads an object of class ICMPEXT_IFINFO or ICMPEXT_IFID.
 * Returns: 0; E_TRUNC; E_BAD (a name's length); E_UNSUP (class, c-type or address kind).
 */
int must_check icmpext_iface(const struct icmpext_obj *obj, struct icmpext_iface *out);

/* icmpext_role_text() - "incoming", "sub-IP", "outgoing", "next hop"; a static string. */
const char *icmpext_role_text(enum icmpext_role role);

#endif
