/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsname - names of the DNS: out of messages, as text, out of text, compared.
 *
 * Layer: wire.
 * A name is kept as it stands in a message without compression: length octet and octets of each
 * label, ended by the root's zero.
 * Spec: RFC 1035 2.3.4, 3.1, 4.1.4, 5.1; RFC 4343 (case); RFC 2181 11 (any octet is allowed).
 */
#ifndef PKT_WIRE_DNSNAME_H
#define PKT_WIRE_DNSNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/rnd.h"
#include "base/text.h"

#define DNS_NAME_MAX 255       /* octets, the root's included: RFC 1035 2.3.4 */
#define DNS_LABEL_MAX 63       /* octets of one label */
#define DNS_NAME_TEXT_MAX 1024 /* 250 octets as \DDD, their points, and the NUL */

struct dns_name {
	uint8_t len; /* octets that count, 1 to 255; 0 for no name */
	uint8_t bytes[DNS_NAME_MAX];
};

/*
 * dns_name_read() - the name at @r, which moves behind it.
 * @msg: the whole message that compression pointers lead into; NULL where none are allowed. Each
 * pointer must lead to before the part of the name that holds it, so no message can make it loop.
 * Returns: 0; E_TRUNC; E_BAD for a bad label type, a pointer that is not allowed or leads forward,
 * or more than 255 octets.
 */
int must_check dns_name_read(struct rd *r, const struct rd *msg, struct dns_name *out);

/* dns_name_skip() - steps over the name at @r without following it. Returns as dns_name_read(). */
int must_check dns_name_skip(struct rd *r);

/*
 * dns_name_parse() - @len octets of master file text to a name; \DDD and \X are understood.
 * @origin: appended to a relative name (no final dot); NULL: none is, it becomes absolute.
 * "@" alone is @origin, "." the root. Returns: 0; E_BAD for an empty label or a bad escape; E_RANGE
 * for a label above 63 octets or a name above 255.
 */
int must_check dns_name_parse(const char *text, size_t len, const struct dns_name *origin,
			      struct dns_name *out);

/* dns_name_add() - appends @n as absolute master file text; every octet is printable then. */
void dns_name_add(struct text *t, const struct dns_name *n);

/* dns_name_text() - the same to @out of DNS_NAME_TEXT_MAX; returns @out. */
char *dns_name_text(const struct dns_name *n, char *out);

/* dns_name_same() - equal but for the case of ASCII letters; @exact: octet for octet. */
bool dns_name_same(const struct dns_name *a, const struct dns_name *b, bool exact);

/* dns_name_is_below() - @n is @top or a name below it. */
bool dns_name_is_below(const struct dns_name *n, const struct dns_name *top);

/* dns_name_labels() - labels, the root's not counted. */
unsigned dns_name_labels(const struct dns_name *n);

/* dns_name_parent() - @n without its first @n_labels labels; the root when there are no more. */
struct dns_name dns_name_parent(const struct dns_name *n, unsigned n_labels);

/* dns_name_join() - the labels of @front, then @back. Returns 0 or E_RANGE above 255 octets. */
int must_check dns_name_join(const struct dns_name *front, const struct dns_name *back,
			     struct dns_name *out);

/* dns_name_lower() - ASCII letters to lower case: the canonical form of RFC 4034 6.2. */
void dns_name_lower(struct dns_name *n);

/* dns_name_stir() - gives each ASCII letter a random case (draft-vixie-dnsext-dns0x20). */
void dns_name_stir(struct dns_name *n, struct rnd *rnd);

/*
 * dns_name_reverse() - the name that asks for the name of an address, under in-addr.arpa or
 * ip6.arpa. @addr: 4 or 16 octets, or the first 1 to 3 of 4. Spec: RFC 1035 3.5, RFC 3596 2.5.
 */
struct dns_name dns_name_reverse(const void *addr, size_t len);

#endif
