/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsrdata - the data of records, from octets to master file text and back.
 *
 * Layer: wire.
 * Every type with a row in wire/dnstype is written in its own form, every other one in the generic
 * form of RFC 3597; both re-parse to the same octets. The text is printable ASCII.
 * Spec: RFC 1035 5.1, RFC 3597 5, and each type's own.
 */
#ifndef PKT_WIRE_DNSRDATA_H
#define PKT_WIRE_DNSRDATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"
#include "wire/dnsname.h"
#include "wire/dnstype.h"

#define DNS_RDATA_MAX 65535
#define DNS_RDATA_TEXT_MAX (DNS_RDATA_MAX * 4 + 1024)

struct dns_style {
	unsigned split;    /* characters of hex and base64 between blanks; 0 for one piece */
	bool is_generic;   /* RFC 3597's form for every type */
	bool hides_crypto; /* "[omitted]", "[key id = N]" for keys, digests and signatures */
	bool is_multi;     /* long data over several lines, in parentheses and with comments */
	bool expands_aaaa; /* all eight groups, four digits each */
};

/*
 * dns_rdata_text() - appends the text of the data in @rdata.
 * @msg: the message that names may point into; NULL for data that stands alone.
 * Returns: 0; E_TRUNC or E_BAD for data that breaks the rules of its type (what could be read is
 * in @t), or E_FULL where @t is too small.
 */
int must_check dns_rdata_text(struct text *t, uint16_t type, struct rd rdata, const struct rd *msg,
			      const struct dns_style *style);

/*
 * dns_rdata_parse() - appends the octets that @len characters of @text stand for, in either form.
 * @origin: of relative names, NULL for the root.
 * Returns: 0; E_BAD with the reason in @why; E_FULL.
 */
int must_check dns_rdata_parse(uint16_t type, const char *text, size_t len,
			       const struct dns_name *origin, struct wr *out, struct why *why);

/* A piece of record data: a number, the octets of a text, or its presentation. */
struct dns_value {
	char name[DNS_WORD_MAX];
	bool is_number;
	uint64_t number;
	const uint8_t *bytes; /* untrusted where the type has a text there */
	size_t len;
};

/*
 * dns_rdata_each() - hands the named pieces of the data (dns_type_fields()) to @emit, each valid
 * during the call only. @space: of @cap octets, for what a piece looks like.
 * Returns as dns_rdata_text(); E_UNSUP for a type without names.
 */
int must_check dns_rdata_each(uint16_t type, struct rd rdata, const struct rd *msg, char *space,
			      size_t cap, void (*emit)(void *arg, const struct dns_value *v),
			      void *arg);

/* dns_key_tag() - of the data of a DNSKEY, CDNSKEY or KEY. Spec: RFC 4034 B. */
uint16_t dns_key_tag(const uint8_t *rdata, size_t len);

/*
 * dns_rdata_plain() - appends the data with its names uncompressed; @is_canonical: in the types
 * that RFC 4034 6.2 (RFC 6840 5.1) lists, in lower case too. Returns 0 or an error of the data.
 */
int must_check dns_rdata_plain(uint16_t type, struct rd rdata, const struct rd *msg,
			       bool is_canonical, struct wr *out);

/* dns_time_text() - seconds as YYYYMMDDHHMMSS to @out of 15. Spec: RFC 4034 3.2. */
char *dns_time_text(uint32_t seconds, char *out);

#endif
