/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dnsq_chain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnsq_chain_impl.h"

const char *verdict_text(enum dnssec_verdict v)
{
	static const char *const words[] = {"secure", "insecure", "indeterminate", "bogus"};

	return words[v];
}

struct chain *chain_new(const struct trust_anchors *anchors, uint64_t now_s)
{
	struct chain *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->anchors = anchors;
	c->now_s = now_s;
	c->zones = calloc(CHAIN_ZONES, sizeof(*c->zones));
	c->set = malloc(sizeof(*c->set));
	c->space = malloc(CHAIN_SPACE);
	c->denial = calloc(1, sizeof(*c->denial));
	if (c->zones && c->set && c->space && c->denial)
		return c;
	chain_free(c);
	return NULL;
}

void chain_free(struct chain *c)
{
	if (!c)
		return;
	free(c->zones);
	free(c->set);
	free(c->space);
	free(c->denial);
	free(c);
}

/* --- links */

struct chain_link *chain_add(struct chain *c, const struct dns_name *name, uint16_t type)
{
	struct chain_link *link;

	link = c->n_links < CHAIN_LINKS ? &c->links[c->n_links++] : &c->spare;
	*link = (struct chain_link){
		.name = *name, .type = type, .verdict = DNSSEC_INDETERMINATE, .info = -1};
	return link;
}

void link_says(struct chain_link *link, enum dnssec_verdict v, int info, const char *fmt, ...)
{
	char reason[CHAIN_REASON_MAX]; /* what is said may quote what was said */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	link->verdict = v;
	link->info = info;
	memcpy(link->reason, reason, sizeof(reason));
}

void link_says_costly(struct chain_link *link)
{
	link_says(link, DNSSEC_INSECURE, 27,
		  "NSEC3 of more than %u iterations is taken for unsigned", DENIAL_ITERATIONS_MAX);
}

/* --- replies */

static unsigned rcode_of(const struct chain_reply *r)
{
	return dns_rcode_of(r->bytes, r->len);
}

/* The records of a section that are of a type; @name: where they stand, NULL for anywhere. */
static bool section_has(const struct chain_reply *r, enum dns_section section,
			const struct dns_name *name, uint16_t type)
{
	struct dns_record rec;
	struct dns_msg m;

	if (dns_msg_open(&m, r->bytes, r->len) < 0)
		return false;
	while (dns_msg_record(&m, &rec) == 0)
		if (rec.section == section && rec.type == type && rec.class == DNS_IN &&
		    (!name || dns_name_same(&rec.name, name, false)))
			return true;
	return false;
}

bool reply_has(const struct chain_reply *r, const struct dns_name *name, uint16_t type)
{
	return section_has(r, DNS_ANSWER, name, type);
}

/* What the server has to say about its error (RFC 8914), as far as it has a word. */
static const char *error_of(const struct chain_reply *r)
{
	struct dns_edns e = dns_msg_edns(r->bytes, r->len);
	struct rd data;
	uint16_t code;

	while (e.is_there && dns_option_next(&e.options, &code, &data))
		if (code == DNS_OPT_ERROR && data.len >= 2)
			return dns_error_text((unsigned)(data.buf[0] << 8 | data.buf[1]));
	return NULL;
}

/* Why a reply says nothing about the name; NULL if it does. */
static const char *fault_of(const struct chain_reply *r, char *space, size_t cap)
{
	unsigned rcode = rcode_of(r);
	char word[DNS_WORD_MAX];
	const char *error;
	struct dns_msg m;

	if (dns_msg_open(&m, r->bytes, r->len) < 0)
		return "the reply is malformed";
	if (rcode != DNS_NOERROR && rcode != DNS_NXDOMAIN) {
		error = error_of(r);
		snprintf(space, cap, "the server says %s%s%s", dns_rcode_text(rcode, word),
			 error ? ", " : "", error ? error : "");
		return space;
	}
	if (rcode == DNS_NOERROR && !m.counts[DNS_ANSWER] && !(m.flags & DNS_AA) &&
	    section_has(r, DNS_AUTHORITY, NULL, DNS_NS) &&
	    !section_has(r, DNS_AUTHORITY, NULL, DNS_SOA))
		return "the server only refers to others: ask a resolver, or use +trace";
	return NULL;
}

bool chain_get(struct chain *c, const struct dns_name *name, uint16_t type, struct chain_reply *out)
{
	const struct dns_question q = {*name, type, DNS_IN};
	char space[120];
	const char *fault;

	*out = (struct chain_reply){0};
	if (++c->n_fetches > CHAIN_FETCHES)
		fault = "it takes too many questions";
	else if (!c->fetch(c->arg, &q, out))
		fault = out->fault;
	else
		fault = fault_of(out, space, sizeof(space));
	if (!fault)
		return true;
	link_says(chain_add(c, name, type), DNSSEC_INDETERMINATE, 5, "%s", fault);
	return false;
}

/* --- denials */

struct denying {
	struct chain *c;
	const struct chain_reply *r;
	const struct zone *zone;
	struct chain_link *link;
};

static bool is_denial_good(void *arg, const struct dns_name *owner, uint16_t type)
{
	const struct denying *d = arg;
	char word[DNS_WORD_MAX];
	unsigned labels = 0;

	if (!chain_check(d->c, d->r, DNS_AUTHORITY, owner, type, d->zone, d->link, &labels))
		return false;
	if (labels < chain_labels(owner)) { /* it stands elsewhere, under its asterisk */
		link_says(d->link, DNSSEC_BOGUS, 12, "the %s comes from a wildcard",
			  dns_type_text(type, word));
		return false;
	}
	link_says(d->link, DNSSEC_SECURE, -1, "%s %s", dns_type_text(type, word), d->link->reason);
	return true;
}

enum proof chain_deny(struct chain *c, const struct chain_reply *r, const struct zone *zone,
		      const struct dns_name *name, uint16_t type, int labels,
		      struct chain_link *link)
{
	struct denying d = {c, r, zone, link};
	char word[DNS_WORD_MAX];
	enum proof p;

	*link = (struct chain_link){.info = -1};
	c->denial->is_good = is_denial_good;
	c->denial->arg = &d;
	if (!denial_read(c->denial, r->bytes, r->len, &zone->name)) {
		link_says(link, DNSSEC_BOGUS, 12, "the reply has no NSEC and no NSEC3");
		return PROOF_NONE;
	}
	link_says(link, DNSSEC_BOGUS, 12, "the %s records are about other names",
		  dns_type_text(c->denial->records[0].type, word));
	p = labels < 0 ? denial_prove(c->denial, name, type) :
			 denial_prove_wildcard(c->denial, name, (unsigned)labels);
	if (p == PROOF_NONE && c->denial->n_hashes > DENIAL_HASHES_MAX)
		link_says(link, DNSSEC_BOGUS, 12, "it takes more than %u hashes",
			  DENIAL_HASHES_MAX);
	else if (p == PROOF_NONE && link->verdict == DNSSEC_SECURE)
		link_says(link, DNSSEC_BOGUS, 12, "the %s records do not say all that is needed",
			  dns_type_text(c->denial->records[0].type, word));
	return p;
}

/* --- what the answer has */

enum found { FOUND_DATA, FOUND_CNAME, FOUND_DNAME, FOUND_NOTHING };

static bool read_target(const struct dns_msg *m, const struct dns_record *r, struct dns_name *out)
{
	const struct rd whole = rd_make(m->r.buf, m->r.len);
	struct rd data = r->data;

	return dns_name_read(&data, &whole, out) == 0;
}

/* RFC 6672 2.2: the part of @at above the DNAME's owner gives way to its target. */
static bool substitute(const struct dns_name *at, const struct dns_name *owner,
		       const struct dns_name *target, struct dns_name *out)
{
	struct dns_name front = *at;

	front.len = (uint8_t)(at->len - owner->len);
	front.bytes[front.len++] = 0;
	return dns_name_join(&front, target, out) == 0;
}

/*
 * What stands in the answer for @at. @owner: of the alias; @next: the name that it leads to, len 0
 * where it cannot be read.
 */
static enum found look(const struct chain_reply *r, const struct dns_name *at, uint16_t type,
		       struct dns_name *owner, struct dns_name *next)
{
	enum found found = FOUND_NOTHING;
	struct dns_name target;
	struct dns_record rec;
	struct dns_msg m;

	next->len = 0;
	if (dns_msg_open(&m, r->bytes, r->len) < 0)
		return found;
	while (dns_msg_record(&m, &rec) == 0 && rec.section == DNS_ANSWER) {
		bool is_here = dns_name_same(&rec.name, at, false);

		if (is_here && (rec.type == type || (type == DNS_ANY && rec.type != DNS_RRSIG)))
			return FOUND_DATA;
		if (rec.type == DNS_DNAME && !is_here && dns_name_is_below(at, &rec.name)) {
			found = FOUND_DNAME;
			*owner = rec.name;
			if (!read_target(&m, &rec, &target) ||
			    !substitute(at, owner, &target, next))
				next->len = 0;
		}
		if (rec.type == DNS_CNAME && is_here && found == FOUND_NOTHING) {
			found = FOUND_CNAME;
			*owner = *at;
			if (!read_target(&m, &rec, next))
				next->len = 0;
		}
	}
	return found;
}

/* --- judging */

/* In a zone that is not secure no record set is. */
static void judge_by_zone(struct chain *c, const struct zone *z, const struct dns_name *name,
			  uint16_t type)
{
	char zone[DNS_NAME_TEXT_MAX];

	link_says(chain_add(c, name, type), z->verdict, -1, "%.80s is %s",
		  dns_name_text(&z->name, zone),
		  z->verdict == DNSSEC_INSECURE ? "unsigned" : verdict_text(z->verdict));
}

/* Data from a wildcard: nothing must stand closer to the name (RFC 4035 5.3.4). */
static void judge_wildcard(struct chain *c, const struct chain_reply *r, const struct zone *z,
			   struct chain_link *link, unsigned labels)
{
	struct chain_link unseen = {0};
	enum proof p = chain_deny(c, r, z, &link->name, link->type, (int)labels, &unseen);

	if (p == PROOF_NXDOMAIN)
		link_says(link, DNSSEC_SECURE, -1, "from a wildcard, %s", link->reason);
	else if (p == PROOF_OPT_OUT)
		link_says(link, DNSSEC_INSECURE, -1,
			  "from a wildcard, where opt-out lets unsigned zones be");
	else if (p == PROOF_TOO_COSTLY)
		link_says_costly(link);
	else
		link_says(
			link, DNSSEC_BOGUS, 12,
			"from a wildcard, and nothing proves that the name itself is not there: %s",
			unseen.reason);
}

/* One record set of the answer. */
static void judge_set(struct chain *c, const struct chain_reply *r, const struct dns_name *name,
		      uint16_t type)
{
	const struct dns_name above = dns_name_parent(name, 1);
	const struct dns_name *top = type == DNS_DS ? &above : name; /* the parent signs it */
	char signer[DNS_NAME_TEXT_MAX];
	struct dns_rrsig sig;
	bool is_signed = chain_find_sig(r, DNS_ANSWER, name, type, top, &sig);
	const struct zone *z = chain_walk(c, is_signed ? &sig.signer : top);
	struct chain_link *link;
	unsigned labels;

	if (z->verdict != DNSSEC_SECURE) {
		judge_by_zone(c, z, name, type);
		return;
	}
	link = chain_add(c, name, type);
	if (is_signed && !dns_name_same(&z->name, &sig.signer, false)) {
		link_says(link, DNSSEC_BOGUS, 6, "the RRSIG is by %.80s, which is no zone",
			  dns_name_text(&sig.signer, signer));
		return;
	}
	if (chain_check(c, r, DNS_ANSWER, name, type, z, link, &labels) &&
	    labels < chain_labels(name))
		judge_wildcard(c, r, z, link, labels);
}

/* The CNAME beside a DNAME must be what that makes of the name: it has no signature of its own. */
static void judge_dname(struct chain *c, const struct chain_reply *r, const struct dns_name *at,
			const struct dns_name *owner, const struct dns_name *next)
{
	struct dns_name target;
	struct dns_record rec;
	struct dns_msg m;

	judge_set(c, r, owner, DNS_DNAME);
	if (dns_msg_open(&m, r->bytes, r->len) < 0)
		return;
	while (dns_msg_record(&m, &rec) == 0)
		if (rec.section == DNS_ANSWER && rec.type == DNS_CNAME &&
		    dns_name_same(&rec.name, at, false) && read_target(&m, &rec, &target) &&
		    !dns_name_same(&target, next, false))
			link_says(chain_add(c, at, DNS_CNAME), DNSSEC_BOGUS, 6,
				  "the alias is not what the DNAME makes of the name");
}

/* Every record set at the name: the answer to a question for ANY. */
static void judge_all(struct chain *c, const struct chain_reply *r, const struct dns_name *at)
{
	uint16_t types[64];
	unsigned n = 0;
	struct dns_record rec;
	struct dns_msg m;

	if (dns_msg_open(&m, r->bytes, r->len) < 0)
		return;
	while (dns_msg_record(&m, &rec) == 0 && rec.section == DNS_ANSWER) {
		bool is_new = rec.type != DNS_RRSIG && dns_name_same(&rec.name, at, false);

		for (unsigned i = 0; i < n; i++)
			is_new &= types[i] != rec.type;
		if (!is_new)
			continue;
		if (n == sizeof(types) / sizeof(types[0])) {
			link_says(chain_add(c, at, DNS_ANY), DNSSEC_INDETERMINATE, 5,
				  "there are too many types");
			return;
		}
		types[n++] = rec.type;
		judge_set(c, r, at, rec.type);
	}
}

/* By whom the denials are signed: the zone closest to @at. */
static bool find_denier(const struct chain_reply *r, const struct dns_name *top,
			struct dns_name *out)
{
	struct dns_record rec;
	struct dns_rrsig sig;
	struct dns_msg m;

	out->len = 0;
	if (dns_msg_open(&m, r->bytes, r->len) < 0)
		return false;
	while (dns_msg_record(&m, &rec) == 0)
		if (rec.section == DNS_AUTHORITY && rec.type == DNS_RRSIG &&
		    dns_rrsig_read(rec.data, &sig) == 0 &&
		    (sig.type == DNS_NSEC || sig.type == DNS_NSEC3 || sig.type == DNS_SOA) &&
		    dns_name_is_below(top, &sig.signer) && sig.signer.len > out->len)
			*out = sig.signer;
	return out->len != 0;
}

static void tell_denial(struct chain_link *link, enum proof p, bool is_nxdomain)
{
	switch (p) {
	case PROOF_NXDOMAIN:
		link_says(link, DNSSEC_SECURE, -1, "no such name: %s", link->reason);
		break;
	case PROOF_NODATA:
	case PROOF_DELEGATION:
		if (is_nxdomain)
			link_says(
				link, DNSSEC_BOGUS, 6,
				"the reply says NXDOMAIN, but the proof is of a name that is there");
		else
			link_says(link, DNSSEC_SECURE, -1, "no such data: %s", link->reason);
		break;
	case PROOF_OPT_OUT:
		link_says(link, DNSSEC_INSECURE, -1, "opt-out lets unsigned zones be here: %s",
			  link->reason);
		break;
	case PROOF_TOO_COSTLY: link_says_costly(link); break;
	case PROOF_NONE:
		link_says(link, DNSSEC_BOGUS, link->info, "nothing proves that there is none: %s",
			  link->reason);
		break;
	}
}

/* The answer has nothing for the name: is that so? */
static void judge_nothing(struct chain *c, const struct chain_reply *r, const struct dns_name *at,
			  uint16_t type)
{
	const struct dns_name above = dns_name_parent(at, 1);
	const struct dns_name *top = type == DNS_DS ? &above : at;
	struct chain_link found = {0}, *link;
	struct dns_name denier;
	bool is_signed = find_denier(r, top, &denier);
	const struct zone *z = chain_walk(c, is_signed ? &denier : top);
	enum proof p;

	if (z->verdict != DNSSEC_SECURE) {
		judge_by_zone(c, z, at, type);
		return;
	}
	p = chain_deny(c, r, z, at, type, -1, &found);
	link = chain_add(c, at, type);
	found.name = link->name;
	found.type = link->type;
	*link = found;
	tell_denial(link, p, rcode_of(r) == DNS_NXDOMAIN);
}

/* --- from alias to alias */

/* Whether a reply to another question says by itself that there is nothing at @at. */
static bool denies(const struct chain_reply *r, const struct dns_name *at)
{
	struct dns_record rec;
	struct dns_msg m;

	if (rcode_of(r) == DNS_NXDOMAIN)
		return true;
	if (dns_msg_open(&m, r->bytes, r->len) < 0)
		return false;
	while (dns_msg_record(&m, &rec) == 0)
		if (rec.section == DNS_AUTHORITY && rec.type == DNS_SOA &&
		    dns_name_is_below(at, &rec.name))
			return true;
	return false;
}

/* Judges what the reply has for @at; false at the end of the chain of aliases. */
static bool follow(struct chain *c, const struct chain_reply *r, struct dns_name *at, uint16_t type)
{
	struct dns_name owner, next;
	enum found found = look(r, at, type, &owner, &next);

	if (found == FOUND_DATA) {
		if (type == DNS_ANY)
			judge_all(c, r, at);
		else if (type == DNS_RRSIG)
			link_says(chain_add(c, at, type), DNSSEC_INDETERMINATE, 5,
				  "signatures are not signed themselves");
		else
			judge_set(c, r, at, type);
		return false;
	}
	if (found == FOUND_NOTHING) {
		judge_nothing(c, r, at, type);
		return false;
	}
	if (found == FOUND_DNAME)
		judge_dname(c, r, at, &owner, &next);
	else
		judge_set(c, r, at, DNS_CNAME);
	if (!next.len) {
		link_says(chain_add(c, at, DNS_CNAME), DNSSEC_BOGUS, 6,
			  "the name that it stands for is not legal");
		return false;
	}
	*at = next;
	return true;
}

static void judge_answer(struct chain *c, const struct dns_question *q)
{
	struct dns_name at = q->name, owner, next;
	struct chain_reply r;

	if (q->class != DNS_IN) {
		link_says(chain_add(c, &at, q->type), DNSSEC_INDETERMINATE, 5,
			  "only the class IN has trust anchors");
		return;
	}
	if (!chain_get(c, &at, q->type, &r))
		return;
	for (unsigned i = 0; i <= CHAIN_ALIASES; i++) {
		if (!follow(c, &r, &at, q->type))
			return;
		/* An authoritative server stops where its zones end. */
		if (look(&r, &at, q->type, &owner, &next) == FOUND_NOTHING && !denies(&r, &at) &&
		    !chain_get(c, &at, q->type, &r))
			return;
	}
	link_says(chain_add(c, &at, q->type), DNSSEC_INDETERMINATE, 5,
		  "aliases lead in a circle, or too far");
}

void chain_run(struct chain *c, const struct dns_question *q)
{
	judge_answer(c, q);
	if (!c->n_links || c->n_links == CHAIN_LINKS) { /* what was judged then cannot be told */
		c->n_links -= c->n_links ? 1 : 0;
		link_says(chain_add(c, &q->name, q->type), DNSSEC_INDETERMINATE, 5,
			  "the chain has more than %u links", CHAIN_LINKS - 1);
	}
	for (unsigned i = 0; i < c->n_links; i++) {
		if (c->links[i].verdict <= c->verdict)
			continue;
		c->verdict = c->links[i].verdict;
		c->failing = i;
	}
}
