/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trustanchor - the keys that are trusted beforehand: the root's, or what a file says.
 *
 * Layer: wire.
 * Spec: RFC 4033 2 (trust anchor), RFC 9718 (the root's); IANA "Root Zone Trust Anchors".
 */
#ifndef PKT_WIRE_TRUSTANCHOR_H
#define PKT_WIRE_TRUSTANCHOR_H

#include "wire/dnsname.h"

#define ANCHORS_MAX 32
#define ANCHOR_OCTETS 1100 /* of a key of 8192 bits and more */

struct trust_anchor {
	struct dns_name name; /* of the zone */
	uint16_t type;        /* DNS_DS or DNS_DNSKEY */
	uint16_t len;
	uint8_t data[ANCHOR_OCTETS]; /* of such a record */
};

struct trust_anchors {
	struct trust_anchor anchors[ANCHORS_MAX];
	unsigned n;
};

/* trust_anchors_known() - the two keys of the root: KSK-2017 (20326) and KSK-2024 (38696). */
void trust_anchors_known(struct trust_anchors *out);

/*
 * trust_anchors_parse() - those in @len octets of a file: DS and DNSKEY records in master file
 * form, one a line, as unbound's root.key and dnssec-keygen's files are; or the statements
 * trust-anchors, managed-keys and trusted-keys of BIND, as in bind.keys.
 * Returns: 0; E_BAD with @why for a line that is neither, or when there is none; E_FULL.
 */
int must_check trust_anchors_parse(const char *text, size_t len, struct trust_anchors *out,
				   struct why *why);

#endif
