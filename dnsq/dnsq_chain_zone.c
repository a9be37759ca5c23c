/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_chain_zone - from the anchor down, label by label: where zones begin, and their keys. */
#include <string.h>

#include "dnsq_chain_impl.h"
#include "dnsq_crypto.h"

/* What says which key of a zone is trusted: a DS from above, or an anchor of either kind. */
struct entry {
	struct rd data;
	uint16_t type; /* DNS_DS or DNS_DNSKEY */
};

struct entries {
	struct entry list[ANCHORS_MAX];
	unsigned n;
	const char *word; /* what they are, for people */
};

static const char anchor_word[] = "trust anchor";

static struct zone *zone_add(struct chain *c, const struct dns_name *name, enum dnssec_verdict v)
{
	struct zone *z = &c->zones[c->n_zones];

	if (c->n_zones == CHAIN_ZONES - 1) { /* the last one is for whatever has no room */
		link_says(chain_add(c, name, DNS_DS), DNSSEC_INDETERMINATE, 5,
			  "there are more than %u names on the way", CHAIN_ZONES - 1);
		v = DNSSEC_INDETERMINATE;
	} else {
		c->n_zones++;
	}
	*z = (struct zone){.name = *name, .verdict = v, .is_cut = true};
	return z;
}

static struct zone *find_zone(struct chain *c, const struct dns_name *name)
{
	for (unsigned i = 0; i < c->n_zones; i++)
		if (dns_name_same(&c->zones[i].name, name, false))
			return &c->zones[i];
	return NULL;
}

/* No zone begins at the name. */
static struct zone *flat(struct chain *c, const struct dns_name *name, bool is_end)
{
	struct zone *z = zone_add(c, name, DNSSEC_SECURE);

	z->is_cut = false;
	z->is_end = is_end;
	return z;
}

/* --- keys */

/* RFC 4509 3: SHA-1 does not count where there is a better digest. */
static bool is_passed_over(const struct entries *e, unsigned i)
{
	struct dns_ds one, other;

	if (e->list[i].type != DNS_DS || dns_ds_read(e->list[i].data, &one) < 0 || one.kind != 1)
		return false;
	for (unsigned j = 0; j < e->n; j++)
		if (e->list[j].type == DNS_DS && dns_ds_read(e->list[j].data, &other) == 0 &&
		    other.kind > 1 && crypto_knows_digest(other.kind) &&
		    crypto_knows_algorithm(other.algorithm))
			return true;
	return false;
}

/* Whether the algorithms of an entry are known; @info: else which is not, by RFC 8914. */
static bool is_known(const struct entry *e, int *info)
{
	struct dns_dnskey key;
	struct dns_ds ds;

	if (e->type == DNS_DNSKEY) {
		*info = 1;
		return dns_dnskey_read(e->data, &key) == 0 && crypto_knows_algorithm(key.algorithm);
	}
	if (dns_ds_read(e->data, &ds) < 0)
		return false;
	*info = crypto_knows_algorithm(ds.algorithm) ? 2 : 1;
	return crypto_knows_algorithm(ds.algorithm) && crypto_knows_digest(ds.kind);
}

static bool is_zone_key(const struct dns_dnskey *key)
{
	return key->flags & DNSKEY_ZONE && !(key->flags & DNSKEY_REVOKE) &&
	       key->protocol == DNSKEY_PROTOCOL;
}

static bool is_trusted(const struct entries *e, const struct dns_name *name, struct rd data,
		       const struct dns_dnskey *key)
{
	for (unsigned i = 0; i < e->n; i++) {
		struct dns_ds ds;

		if (e->list[i].type == DNS_DNSKEY) {
			if (e->list[i].data.len == data.len &&
			    memcmp(e->list[i].data.buf, data.buf, data.len) == 0)
				return true;
			continue;
		}
		if (!is_passed_over(e, i) && dns_ds_read(e->list[i].data, &ds) == 0 &&
		    ds.tag == key->tag && ds.algorithm == key->algorithm &&
		    crypto_ds_matches(&ds, name, data))
			return true;
	}
	return false;
}

/* The keys of the reply that are trusted; all that are of the zone without entries. */
static unsigned read_keys(struct zone *z, const struct chain_reply *r, const struct entries *e)
{
	struct dns_record rec;
	struct dns_msg m;
	struct dns_dnskey key;

	z->n_keys = 0;
	if (dns_msg_open(&m, r->bytes, r->len) < 0)
		return 0;
	while (z->n_keys < ZONE_KEYS && dns_msg_record(&m, &rec) == 0)
		if (rec.section == DNS_ANSWER && rec.type == DNS_DNSKEY && rec.class == DNS_IN &&
		    dns_name_same(&rec.name, &z->name, false) &&
		    dns_dnskey_read(rec.data, &key) == 0 && is_zone_key(&key) &&
		    (!e || is_trusted(e, &z->name, rec.data, &key)))
			z->keys[z->n_keys++] = rec.data;
	return z->n_keys;
}

/* The tags that were looked for. */
static void add_tags(struct text *t, const struct entries *e)
{
	char word[DNS_WORD_MAX];

	for (unsigned i = 0; i < e->n && i < 4; i++) {
		struct dns_dnskey key = {0};
		struct dns_ds ds = {0};

		if (e->list[i].type == DNS_DS && dns_ds_read(e->list[i].data, &ds) == 0)
			text_addf(t, " %u (%s)", ds.tag, dns_algorithm_text(ds.algorithm, word));
		else if (dns_dnskey_read(e->list[i].data, &key) == 0)
			text_addf(t, " %u (%s)", key.tag, dns_algorithm_text(key.algorithm, word));
	}
}

static bool is_any_known(const struct entries *e, int *info)
{
	for (unsigned i = 0; i < e->n; i++)
		if (is_known(&e->list[i], info))
			return true;
	return false;
}

/*
 * A server that leaves out what DNSSEC needs and does not copy the DO bit (RFC 3225 3) does not
 * know DNSSEC: that is no proof of a forgery.
 */
static void forgive_unaware(struct chain_link *link, const struct chain_reply *r, bool lacks)
{
	if (lacks && !(dns_msg_edns(r->bytes, r->len).flags & DNS_DO))
		link_says(
			link, DNSSEC_INDETERMINATE, 5,
			"no DNSSEC records and no DO bit in the reply: the server does not know DNSSEC");
}

/* The keys of the zone are trusted if one that the entries mean has signed them all. */
static enum dnssec_verdict take_keys(struct chain *c, struct zone *z, const struct entries *e)
{
	bool is_anchor = e->word == anchor_word;
	struct chain_link *link;
	struct chain_reply r;
	char tags[120] = "", word[DNS_WORD_MAX];
	struct text t = text_make(tags, sizeof(tags));
	unsigned labels;

	if (!chain_get(c, &z->name, DNS_DNSKEY, &r))
		return DNSSEC_INDETERMINATE;
	link = chain_add(c, &z->name, DNS_DNSKEY);
	add_tags(&t, e);
	if (!read_keys(z, &r, e)) {
		bool is_there = reply_has(&r, &z->name, DNS_DNSKEY);

		link_says(link, DNSSEC_BOGUS, 9, "%s the %s%s",
			  is_there ? "no key matches" : "there is no DNSKEY for", e->word, tags);
		forgive_unaware(link, &r, !is_there);
		return link->verdict;
	}
	if (!chain_check(c, &r, DNS_ANSWER, &z->name, DNS_DNSKEY, z, link, &labels)) {
		if (is_anchor && (link->info == 7 || link->info == 8))
			link_says(link, link->verdict, link->info,
				  "%.120s: is this machine's clock right?", link->reason);
		forgive_unaware(link, &r, link->info == 10);
		return link->verdict;
	}
	link_says(link, DNSSEC_SECURE, -1, "key %u (%s) matches the %s", link->tag,
		  dns_algorithm_text(link->algorithm, word), e->word);
	(void)read_keys(z, &r, NULL);
	return DNSSEC_SECURE;
}

static struct zone *open_zone(struct chain *c, const struct dns_name *name, const struct entries *e)
{
	struct zone *z = zone_add(c, name, DNSSEC_INDETERMINATE);
	char tags[120] = "";
	struct text t = text_make(tags, sizeof(tags));
	int info = 1;

	if (!is_any_known(e, &info)) { /* RFC 4035 5.2, RFC 6840 5.2 */
		add_tags(&t, e);
		link_says(chain_add(c, name, DNS_DNSKEY), DNSSEC_INSECURE, info,
			  "unsigned for us: the %s%s has no %s that is supported", e->word, tags,
			  info == 1 ? "algorithm" : "digest");
		z->verdict = DNSSEC_INSECURE;
	} else {
		z->verdict = take_keys(c, z, e);
	}
	return z;
}

/* --- cuts */

static void read_ds(const struct chain_reply *r, const struct dns_name *name, struct entries *out)
{
	struct dns_record rec;
	struct dns_msg m;

	out->n = 0;
	out->word = "DS";
	if (dns_msg_open(&m, r->bytes, r->len) < 0)
		return;
	while (out->n < ANCHORS_MAX && dns_msg_record(&m, &rec) == 0)
		if (rec.section == DNS_ANSWER && rec.type == DNS_DS && rec.class == DNS_IN &&
		    dns_name_same(&rec.name, name, false))
			out->list[out->n++] = (struct entry){rec.data, DNS_DS};
}

/* The reply has what stands instead of a zone: an alias here, or one for all that is below. */
static bool is_aliased(const struct chain_reply *r, const struct dns_name *name,
		       struct dns_name *at, uint16_t *type)
{
	*at = *name;
	*type = DNS_CNAME;
	if (reply_has(r, at, *type))
		return true;
	*type = DNS_DNAME;
	while (at->len > 1) {
		*at = dns_name_parent(at, 1);
		if (reply_has(r, at, *type))
			return true;
	}
	return false;
}

static struct zone *without_ds(struct chain *c, const struct chain_reply *r, struct zone *parent,
			       const struct dns_name *name)
{
	struct chain_link unseen = {0}, *link;
	enum proof p = chain_deny(c, r, parent, name, DNS_DS, -1, &unseen);

	if (p == PROOF_NODATA || p == PROOF_NXDOMAIN)
		return flat(c, name, p == PROOF_NXDOMAIN);
	link = chain_add(c, name, DNS_DS);
	link->signer = unseen.signer;
	link->tag = unseen.tag;
	link->algorithm = unseen.algorithm;
	switch (p) {
	case PROOF_DELEGATION:
		link_says(link, DNSSEC_INSECURE, -1, "there is none: %s", unseen.reason);
		break;
	case PROOF_OPT_OUT:
		link_says(link, DNSSEC_INSECURE, -1, "there is none, by opt-out: %s",
			  unseen.reason);
		break;
	case PROOF_TOO_COSTLY: link_says_costly(link); break;
	default:
		link_says(link, DNSSEC_BOGUS, unseen.info, "nothing proves that there is none: %s",
			  unseen.reason);
	}
	return zone_add(c, name, link->verdict);
}

/* Whether a zone begins at @name, which the parent knows by a DS or by its proof of none. */
static struct zone *look_for_cut(struct chain *c, struct zone *parent, const struct dns_name *name)
{
	struct chain_link *link;
	struct entries e;
	struct chain_reply r;
	struct dns_name at;
	uint16_t type;
	unsigned labels;

	if (!chain_get(c, name, DNS_DS, &r))
		return zone_add(c, name, DNSSEC_INDETERMINATE);
	read_ds(&r, name, &e);
	if (e.n) {
		link = chain_add(c, name, DNS_DS);
		if (!chain_check(c, &r, DNS_ANSWER, name, DNS_DS, parent, link, &labels))
			return zone_add(c, name, link->verdict);
		return open_zone(c, name, &e);
	}
	if (!is_aliased(&r, name, &at, &type))
		return without_ds(c, &r, parent, name);
	link = chain_add(c, &at, type);
	if (!chain_check(c, &r, DNS_ANSWER, &at, type, parent, link, &labels))
		return zone_add(c, name, link->verdict);
	c->n_links--; /* no link of the chain: only that no zone begins here */
	return flat(c, name, type == DNS_DNAME);
}

/* The zone of the closest anchor above. */
static struct zone *anchored(struct chain *c, const struct dns_name *name)
{
	const struct trust_anchors *all = c->anchors;
	const struct dns_name *best = NULL;
	struct entries e = {.word = anchor_word};
	struct zone *z;

	for (unsigned i = 0; i < all->n; i++)
		if (dns_name_is_below(name, &all->anchors[i].name) &&
		    (!best || all->anchors[i].name.len > best->len))
			best = &all->anchors[i].name;
	if (!best) {
		link_says(chain_add(c, name, DNS_DNSKEY), DNSSEC_INDETERMINATE, 5,
			  "no trust anchor is given for it or above");
		return zone_add(c, name, DNSSEC_INDETERMINATE);
	}
	z = find_zone(c, best);
	if (z)
		return z;
	for (unsigned i = 0; i < all->n; i++)
		if (dns_name_same(&all->anchors[i].name, best, false))
			e.list[e.n++] =
				(struct entry){rd_make(all->anchors[i].data, all->anchors[i].len),
					       all->anchors[i].type};
	return open_zone(c, best, &e);
}

struct zone *chain_walk(struct chain *c, const struct dns_name *name)
{
	unsigned labels = dns_name_labels(name);
	struct zone *z = anchored(c, name);

	for (unsigned n = dns_name_labels(&z->name) + 1; z->verdict == DNSSEC_SECURE && n <= labels;
	     n++) {
		struct dns_name at = dns_name_parent(name, labels - n);
		struct zone *next = find_zone(c, &at);

		if (!next)
			next = look_for_cut(c, z, &at);
		if (next->is_end)
			break;
		if (next->is_cut)
			z = next;
	}
	return z;
}
