/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnssec - what DNSSEC reads and writes: signatures, denials, the canonical form of record sets.
 *
 * Layer: wire.
 * Not here: cryptography (dnsq/dnsq_crypto), what a denial proves (dnsq/dnsq_denial), the chain of
 * trust (dnsq/dnsq_chain).
 * Spec: RFC 4034 (records, canonical form), RFC 5155 (NSEC3), RFC 6840 5 (corrections).
 */
#ifndef PKT_WIRE_DNSSEC_H
#define PKT_WIRE_DNSSEC_H

#include <stdbool.h>

#include "wire/dns.h"

#define DNSKEY_ZONE 0x0100   /* flag: the key of a zone, RFC 4034 2.1.1 */
#define DNSKEY_REVOKE 0x0080 /* flag: not to be used any more, RFC 5011 7 */
#define DNSKEY_PROTOCOL 3    /* RFC 4034 2.1.2 */

/* The data of a DNSKEY record. */
struct dns_dnskey {
	uint16_t flags, tag;
	uint8_t protocol, algorithm;
	struct rd key; /* its octets */
};

/* dns_dnskey_read() - Returns 0 or E_TRUNC. */
int must_check dns_dnskey_read(struct rd data, struct dns_dnskey *out);

/* The data of a DS record. */
struct dns_ds {
	uint16_t tag;
	uint8_t algorithm, kind;
	struct rd digest;
};

/* dns_ds_read() - Returns 0 or E_TRUNC. */
int must_check dns_ds_read(struct rd data, struct dns_ds *out);

/* The data of a RRSIG record. */
struct dns_rrsig {
	uint16_t type; /* of the records that it signs */
	uint8_t algorithm, labels;
	uint32_t ttl, expiration, inception; /* seconds; the moments by RFC 4034 3.1.5 */
	uint16_t tag;
	struct dns_name signer;
	struct rd signature;
};

/* dns_rrsig_read() - Returns 0, E_TRUNC or E_BAD. The signer's name is never compressed. */
int must_check dns_rrsig_read(struct rd data, struct dns_rrsig *out);

/* dns_serial_before() - RFC 1982: @a comes before @b on the circle of 32 bits. */
static inline bool dns_serial_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

#define NSEC3_SHA1 1        /* the one hash, RFC 5155 11 */
#define NSEC3_HASH_LEN 20   /* octets of it */
#define NSEC3_OPT_OUT 0x01u /* flag: unsigned delegations may lie in the span, RFC 5155 3.1.2.1 */

/* The data of a NSEC or NSEC3 record. */
struct dns_nsec {
	struct dns_name next; /* NSEC: owner of the next one */
	/* NSEC3: */
	uint8_t hash, flags;
	uint16_t iterations;
	struct rd salt, next_hash;
	/* Both. */
	struct rd types;
};

/* dns_nsec_read() - data of @type, DNS_NSEC or DNS_NSEC3. Returns 0, E_TRUNC or E_BAD. */
int must_check dns_nsec_read(uint16_t type, struct rd data, struct dns_nsec *out);

/* dns_types_have() - whether @type is in a bitmap of types (RFC 4034 4.1.2). */
bool dns_types_have(struct rd types, uint16_t type);

/* dns_types_are_bare() - the bitmap names no type but RRSIG and NSEC: there is no other data. */
bool dns_types_are_bare(struct rd types);

/* dns_name_order() - the canonical order of RFC 4034 6.1: below, 0 or above zero as memcmp(). */
int dns_name_order(const struct dns_name *a, const struct dns_name *b);

/* dns_name_shared() - labels at the end that both names have, the root's not counted. */
unsigned dns_name_shared(const struct dns_name *a, const struct dns_name *b);

#define RRSET_RECORDS 4096
#define RRSET_OCTETS (256u << 10)

/* Records of one owner, type and class in canonical form and order (RFC 4034 6.2, 6.3). */
struct rrset {
	struct dns_name name;
	uint16_t type, class;
	unsigned n;
	struct {
		uint32_t off; /* of the data, in octets[] */
		uint16_t len;
	} items[RRSET_RECORDS];
	size_t used;
	uint8_t octets[RRSET_OCTETS];
};

/*
 * rrset_read() - gathers the records of @name and @type in @section of the message, each once.
 * Returns: how many there are; E_TRUNC or E_BAD for data that cannot be read, E_FULL for too many.
 */
int must_check rrset_read(struct rrset *s, const void *bytes, size_t len, enum dns_section section,
			  const struct dns_name *name, uint16_t type, uint16_t class);

/*
 * rrset_put_signed() - appends what the signature @sig, the data of a RRSIG, is made over
 * (RFC 4034 3.1.8.1), a name from a wildcard undone. Returns: 0; E_BAD if the signature claims more
 * labels than the owner has; E_FULL.
 */
int must_check rrset_put_signed(const struct rrset *s, struct rd sig_data,
				const struct dns_rrsig *sig, struct wr *out);

#endif
