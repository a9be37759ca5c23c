/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_chain_impl - what the files of dnsq_chain share.
 *
 * Layer: tool.
 */
#ifndef PKT_DNSQ_CHAIN_IMPL_H
#define PKT_DNSQ_CHAIN_IMPL_H

#include "dnsq_chain.h"

#define ZONE_KEYS 32
#define CHAIN_ZONES 128
#define CHAIN_SPACE (1u << 20) /* what one signature is over */

/* A name on the way down: a zone, or that none begins there. */
struct zone {
	struct dns_name name;
	enum dnssec_verdict verdict;
	bool is_cut;               /* a zone begins here */
	bool is_end;               /* nothing exists at or below this name */
	struct rd keys[ZONE_KEYS]; /* data of its DNSKEY records that are trusted */
	unsigned n_keys;
};

/* --- dnsq_chain_sig.c */

/* chain_find_sig() - a signature of the set by a zone at or above @top; false without one. */
bool chain_find_sig(const struct chain_reply *r, enum dns_section section,
		    const struct dns_name *name, uint16_t type, const struct dns_name *top,
		    struct dns_rrsig *out);

/*
 * chain_check() - whether the records of @name and @type in a section of the reply are signed by
 * @zone. Fills @link: verdict, reason, key. @labels: receives how many the signature counts.
 */
bool chain_check(struct chain *c, const struct chain_reply *r, enum dns_section section,
		 const struct dns_name *name, uint16_t type, const struct zone *zone,
		 struct chain_link *link, unsigned *labels);

/* chain_labels() - as signatures count them: without root and asterisk (RFC 4034 3.1.3). */
unsigned chain_labels(const struct dns_name *name);

/* --- dnsq_chain_zone.c */

/* chain_walk() - the zone that @name is in, as far as the chain leads; its verdict tells more. */
struct zone *chain_walk(struct chain *c, const struct dns_name *name);

/* --- dnsq_chain.c */

/* chain_get() - the reply to a question; false with a link that says why there is none. */
bool chain_get(struct chain *c, const struct dns_name *name, uint16_t type,
	       struct chain_reply *out);

/* chain_add() - one more link; the last one is overwritten when there is no room. */
struct chain_link *chain_add(struct chain *c, const struct dns_name *name, uint16_t type);

/* link_says() - sets what a link is about. */
void link_says(struct chain_link *link, enum dnssec_verdict v, int info, const char *fmt, ...)
	printf_like(4, 5);

/* link_says_costly() - its proof hashes more often than is done for anybody: RFC 9276 3.2. */
void link_says_costly(struct chain_link *link);

/*
 * chain_deny() - what the denials of the reply, signed by @zone, prove about @type at @name; if
 * @labels is not below 0, about a wildcard with so many. @link: receives the key.
 */
enum proof chain_deny(struct chain *c, const struct chain_reply *r, const struct zone *zone,
		      const struct dns_name *name, uint16_t type, int labels,
		      struct chain_link *link);

/* reply_has() - whether the answer has records of that name and type. */
bool reply_has(const struct chain_reply *r, const struct dns_name *name, uint16_t type);

#endif
