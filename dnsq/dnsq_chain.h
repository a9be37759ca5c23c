/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_chain - the chain of trust from an anchor down to an answer, link by link.
 *
 * Layer: tool. Pure: what must be asked is asked of the caller, and so is the time.
 * Everything is bounded, whatever the replies hold: CHAIN_FETCHES questions, CHAIN_CHECKS
 * signatures (CVE-2023-50387), CHAIN_SET_CHECKS for one record set, CHAIN_ALIASES aliases,
 * DENIAL_ITERATIONS_MAX and DENIAL_HASHES_MAX hashes (CVE-2023-50868).
 * Spec: RFC 4035 5, RFC 5155 8, RFC 6840; RFC 4509 3 and RFC 6840 5.2 (DS that are passed over).
 */
#ifndef PKT_DNSQ_CHAIN_H
#define PKT_DNSQ_CHAIN_H

#include "dnsq_denial.h"
#include "wire/trustanchor.h"

#define CHAIN_LINKS 96
#define CHAIN_REASON_MAX 200
#define CHAIN_FETCHES 120
#define CHAIN_CHECKS 300
#define CHAIN_SET_CHECKS 8
#define CHAIN_ALIASES 16

/* RFC 4035 4.3, the better one first. */
enum dnssec_verdict { DNSSEC_SECURE, DNSSEC_INSECURE, DNSSEC_INDETERMINATE, DNSSEC_BOGUS };

/* verdict_text() - "secure", "insecure", "indeterminate" or "bogus": a static string. */
const char *verdict_text(enum dnssec_verdict v);

/* A record set, or that there is none, and what holds it. */
struct chain_link {
	struct dns_name name;
	uint16_t type;
	enum dnssec_verdict verdict;
	int info;               /* why not secure, by RFC 8914; -1 for nothing it has a code for */
	struct dns_name signer; /* of the signature in question, len 0 without one; and its key: */
	uint16_t tag;
	uint8_t algorithm;
	char reason[CHAIN_REASON_MAX]; /* printable */
};

/* A reply, whose octets stay until the chain is done with; or why there is none. */
struct chain_reply {
	const uint8_t *bytes;
	size_t len;
	char fault[CHAIN_REASON_MAX]; /* printable */
};

struct zone;

struct chain {
	/* Given. */
	const struct trust_anchors *anchors;
	uint64_t now_s; /* since 1970 */
	bool (*fetch)(void *arg, const struct dns_question *q, struct chain_reply *out);
	void *arg;
	/* What came of it. */
	enum dnssec_verdict verdict;
	unsigned failing; /* the link that the verdict is for, unless secure */
	unsigned n_links;
	struct chain_link links[CHAIN_LINKS];
	/* The chain's own. */
	struct chain_link spare;
	unsigned n_fetches, n_checks;
	struct zone *zones;
	unsigned n_zones;
	struct rrset *set;
	uint8_t *space; /* in which signed octets are put together */
	struct denial *denial;
};

/* chain_new() - Owns: chain_free(). NULL without memory. */
struct chain *chain_new(const struct trust_anchors *anchors, uint64_t now_s);
void chain_free(struct chain *c);

/* chain_run() - judges the reply to @q; links, verdict and failing tell. */
void chain_run(struct chain *c, const struct dns_question *q);

#endif
