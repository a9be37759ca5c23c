/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_denial - what NSEC and NSEC3 records prove that there is not.
 *
 * Layer: tool. Pure: whose signature is good is asked of the caller, and only about the records
 * that a proof rests on.
 * Spec: RFC 4035 5.4, RFC 5155 8, RFC 6840 4, RFC 9824 (compact denial), RFC 9276 3.2 (iterations).
 */
#ifndef PKT_DNSQ_DENIAL_H
#define PKT_DNSQ_DENIAL_H

#include "wire/dnssec.h"

#define DENIAL_RECORDS 32         /* of one message; a proof needs four at most */
#define DENIAL_ITERATIONS_MAX 150 /* a zone with more counts as unsigned: RFC 9276 3.2 */

#define DENIAL_HASHES_MAX 100000 /* of all proofs together: a tenth of a second (CVE-2023-50868) */

/* Which records of a message deny. */
struct denial_record {
	struct dns_name owner;
	uint16_t type; /* DNS_NSEC or DNS_NSEC3 */
	struct dns_nsec nsec;
	uint8_t hash[NSEC3_HASH_LEN]; /* NSEC3: of the owner */
	enum { DENIAL_UNTRIED, DENIAL_GOOD, DENIAL_REFUSED } state;
};

struct denial {
	unsigned n_hashes; /* made so far, whatever was read since: at most DENIAL_HASHES_MAX */
	struct dns_name zone;
	struct denial_record records[DENIAL_RECORDS];
	unsigned n;
	/* Given: whether the record set of that owner and type is signed well by the zone. */
	bool (*is_good)(void *arg, const struct dns_name *owner, uint16_t type);
	void *arg;
	/* The hashes of the name asked about and of those above it, by labels: once each. */
	struct dns_name name;
	uint8_t hashes[DNS_NAME_MAX / 2 + 1][NSEC3_HASH_LEN];
	bool has_hash[DNS_NAME_MAX / 2 + 1];
};

enum proof {
	PROOF_NONE,       /* nothing is proven */
	PROOF_NXDOMAIN,   /* neither the name nor a wildcard for it exists */
	PROOF_NODATA,     /* the name exists, or a wildcard for it, and has no such data */
	PROOF_DELEGATION, /* the same of a DS where a zone begins: that zone is unsigned */
	PROOF_OPT_OUT,    /* the name lies in a span where unsigned zones may be */
	PROOF_TOO_COSTLY, /* more iterations than are worth it */
};

/*
 * denial_read() - gathers the NSEC or NSEC3 records of the authority section that stand in the
 * zone. Returns how many.
 */
unsigned denial_read(struct denial *d, const void *bytes, size_t len, const struct dns_name *zone);

/* denial_prove() - that there is no @type at @name. */
enum proof denial_prove(struct denial *d, const struct dns_name *name, uint16_t type);

/*
 * denial_prove_wildcard() - that nothing stands closer to @name than the wildcard whose signature
 * has @labels labels. Returns PROOF_NXDOMAIN if so, PROOF_OPT_OUT, PROOF_TOO_COSTLY or PROOF_NONE.
 */
enum proof denial_prove_wildcard(struct denial *d, const struct dns_name *name, unsigned labels);

#endif
