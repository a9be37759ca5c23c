/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsrdata_impl - what the readers and writers of single pieces of record data share.
 *
 * Layer: wire; private to wire/dns*.c.
 */
#ifndef PKT_WIRE_DNSRDATA_IMPL_H
#define PKT_WIRE_DNSRDATA_IMPL_H

#include "base/radix.h"
#include "wire/dnsrdata.h"

/* Data on its way to text. */
struct dns_put {
	struct rd r; /* the data, from the next piece on */
	const struct rd *msg;
	struct text *t;
	const struct dns_style *style;
	uint16_t type;
};

/* Text on its way to data. */
struct dns_get {
	const char *at, *end;
	const struct dns_name *origin;
	struct wr *out;
	struct why *why;
};

/* A word, or what stood between quotes; escapes are still in it. */
struct dns_token {
	const char *text;
	size_t len;
	bool is_quoted;
};

/* dns_get_token() - the next one; false at the end. Parentheses and line ends are blanks. */
bool dns_get_token(struct dns_get *g, struct dns_token *out);

/* dns_get_word() - the next token as a string in @out of @cap; E_BAD if there is none. */
int must_check dns_get_word(struct dns_get *g, char *out, size_t cap);

int must_check dns_get_number(struct dns_get *g, uint64_t max, uint64_t *out);
int must_check dns_get_name(struct dns_get *g);
int must_check dns_get_addr(struct dns_get *g, uint8_t len);

/* dns_get_radix() - one token, or all that are left. */
int must_check dns_get_radix(struct dns_get *g, enum radix radix, bool takes_all);

/* dns_get_fault() - E_BAD with "@wanted expected". */
int dns_get_fault(struct dns_get *g, const char *wanted);

/* dns_unescape() - the octet at @*at, which moves behind it; E_BAD for a bad escape. */
int must_check dns_unescape(const char **at, const char *end, uint8_t *out);

/* dns_put_octet() - one octet of a string, escaped as between quotes. */
void dns_put_octet(struct text *t, uint8_t c);
/* dns_put_quoted() - @len octets in quotes. */
void dns_put_quoted(struct text *t, const uint8_t *bytes, size_t len);
int must_check dns_put_name(struct dns_put *p, bool may_point);
void dns_put_addr(struct dns_put *p, uint8_t len);
void dns_put_hex(struct dns_put *p, size_t len);
void dns_put_base64(struct dns_put *p, size_t len);
void dns_put_number(struct dns_put *p, unsigned octets);

/* The pieces that have a form of their own: wire/dnsodd.c, dnsloc.c, dnssvcb.c. */
int must_check dns_put_loc(struct dns_put *p);
int must_check dns_get_loc(struct dns_get *g);
int must_check dns_put_odd(struct dns_put *p, enum dns_piece piece);
int must_check dns_get_odd(struct dns_get *g, enum dns_piece piece);
int must_check dns_put_params(struct dns_put *p);
int must_check dns_get_params(struct dns_get *g);

#endif
