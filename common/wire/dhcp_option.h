/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcp_option - what the octets of a DHCP option mean: its name, its kind, its text.
 *
 * Layer: wire.
 * Spec: RFC 2132, and each option's own where the table names it.
 */
#ifndef PKT_WIRE_DHCP_OPTION_H
#define PKT_WIRE_DHCP_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bytes.h"
#include "base/text.h"

enum dhcp_kind {
	DHCP_KIND_HEX, /* no structure that is told here */
	DHCP_KIND_EMPTY,
	DHCP_KIND_BOOL,
	DHCP_KIND_U8,
	DHCP_KIND_U16,
	DHCP_KIND_S32,
	DHCP_KIND_SECONDS, /* 32 bits */
	DHCP_KIND_U16S,
	DHCP_KIND_ADDR,
	DHCP_KIND_ADDRS,
	DHCP_KIND_PAIRS, /* of addresses: static routes, policy filter */
	DHCP_KIND_TEXT,
	DHCP_KIND_TYPE,    /* 53 */
	DHCP_KIND_CODES,   /* 55 */
	DHCP_KIND_ID,      /* 61: hardware type and address, or octets */
	DHCP_KIND_CLASSES, /* 77: length-prefixed octets */
	DHCP_KIND_FQDN,    /* 81 */
	DHCP_KIND_RELAY,   /* 82: sub-options */
	DHCP_KIND_DOMAINS, /* 119: compressed names */
	DHCP_KIND_SIP,     /* 120 */
	DHCP_KIND_ROUTES,  /* 121 and 249 */
	DHCP_KIND_URIS,    /* 143: URIs behind lengths of two octets */
	DHCP_KIND_DNR,     /* 162 */
	DHCP_KIND_6RD,     /* 212 */
};

struct dhcp_option {
	uint8_t code;
	enum dhcp_kind kind;
	const char *name; /* "domain-name-servers" */
	const char *rfc;  /* "RFC 2132 3.8" */
};

/* Whom a value is written for. */
enum dhcp_style {
	DHCP_FOR_PEOPLE,  /* "10.0.1.0/24 via 10.0.0.1, 10.0.2.0/24 on-link"; "10m" */
	DHCP_FOR_SCRIPTS, /* "10.0.1.0/24 10.0.0.1 10.0.2.0/24 0.0.0.0"; "600" */
};

/* dhcp_option_get() - the table's entry for @code, or NULL for a code without one. */
const struct dhcp_option *dhcp_option_get(uint8_t code);

/*
 * dhcp_option_by_name() - the code of an option named by the table's name, or by its number.
 * Returns: 0 to 255; E_NOENT.
 */
int must_check dhcp_option_by_name(const char *name);

/* dhcp_option_size() - the octets of an option of this kind; 0 if that differs. */
size_t dhcp_option_size(enum dhcp_kind kind);

/*
 * dhcp_option_text() - appends what the @len octets of option @code say; text is sanitised.
 * Returns: 0; E_BAD if they break the option's rules: what could be read is there, hex if nothing.
 */
int dhcp_option_text(uint8_t code, const uint8_t *data, size_t len, enum dhcp_style style,
		     struct text *out);

/* dhcp_seconds_text() - "10m", "1h 30m", "1d", "for ever" for DHCP_INFINITE. */
void dhcp_seconds_text(uint32_t seconds, struct text *out);

/* A route of option 121 or 249, RFC 3442. */
struct dhcp_route {
	struct addr prefix;  /* host bits are zero */
	uint8_t prefix_len;  /* 0 to 32 */
	struct addr gateway; /* 0.0.0.0: on the link itself */
};

/*
 * dhcp_route_next() - the next route of the option's octets.
 * Returns: 1 with @out filled; 0 at the end; E_BAD for a prefix above 32 or a route cut short.
 */
int must_check dhcp_route_next(struct rd *r, struct dhcp_route *out);

/*
 * dhcp_domain_next() - the next name of option 119, whose @len octets are at @data, from *@pos on.
 * @out: the name is appended in master-file form, without final dot.
 * A compression pointer must point backwards, into the option (RFC 3397 2).
 * Returns: 1; 0 at the end; E_BAD for a name that breaks the rules, *@pos is then behind it.
 */
int must_check dhcp_domain_next(const uint8_t *data, size_t len, size_t *pos, struct text *out);

/* dhcp_is_mask() - whether @mask is ones before zeros, one at least; *prefix_len is how many. */
bool dhcp_is_mask(const struct addr *mask, uint8_t *prefix_len);

#endif
