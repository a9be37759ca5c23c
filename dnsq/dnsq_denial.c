/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dnsq_denial.h"

#include <string.h>

#include "base/radix.h"
#include "dnsq_crypto.h"

#define NXNAME 128 /* the type that a compact denial gives to names that do not exist: RFC 9824 */

static const struct dns_name star = {3, {1, '*', 0}};

/* --- gathering */

/* RFC 5155 1.3: the first label of an owner is its hash in base32hex; the zone follows. */
static bool read_hash(const struct dns_name *owner, const struct dns_name *zone, uint8_t *out)
{
	struct radix_reader reader = {.radix = RADIX_32HEX};
	struct wr w = wr_make(out, NSEC3_HASH_LEN);
	struct dns_name parent = dns_name_parent(owner, 1);

	return owner->bytes[0] == 32 && dns_name_same(&parent, zone, false) &&
	       radix_read(&reader, (const char *)owner->bytes + 1, 32, &w) == 0 &&
	       radix_end(&reader) == 0 && w.len == NSEC3_HASH_LEN;
}

static bool same_octets(struct rd a, struct rd b)
{
	return a.len == b.len && (!a.len || memcmp(a.buf, b.buf, a.len) == 0);
}

/* RFC 5155 8.1, 8.2: unknown hashes and flags, and other parameters than those of the first. */
static bool is_usable(const struct denial *d, const struct denial_record *r)
{
	const struct dns_nsec *first = &d->records[0].nsec;

	if (r->type == DNS_NSEC)
		return !d->n || d->records[0].type == DNS_NSEC;
	if (r->nsec.hash != NSEC3_SHA1 || r->nsec.flags & ~NSEC3_OPT_OUT ||
	    r->nsec.next_hash.len != NSEC3_HASH_LEN)
		return false;
	return !d->n ||
	       (d->records[0].type == DNS_NSEC3 && first->iterations == r->nsec.iterations &&
		same_octets(first->salt, r->nsec.salt));
}

unsigned denial_read(struct denial *d, const void *bytes, size_t len, const struct dns_name *zone)
{
	struct dns_record r;
	struct dns_msg m;

	d->zone = *zone;
	d->n = 0;
	if (dns_msg_open(&m, bytes, len) < 0)
		return 0;
	while (d->n < DENIAL_RECORDS && dns_msg_record(&m, &r) == 0) {
		struct denial_record *one = &d->records[d->n];

		if (r.section != DNS_AUTHORITY || (r.type != DNS_NSEC && r.type != DNS_NSEC3) ||
		    !dns_name_is_below(&r.name, zone) ||
		    dns_nsec_read(r.type, r.data, &one->nsec) < 0)
			continue;
		one->owner = r.name;
		one->type = r.type;
		one->state = DENIAL_UNTRIED;
		if (r.type == DNS_NSEC3 && !read_hash(&r.name, zone, one->hash))
			continue;
		if (is_usable(d, one))
			d->n++;
	}
	return d->n;
}

/* --- one record */

static bool is_good(struct denial *d, struct denial_record *r)
{
	if (r->state == DENIAL_UNTRIED)
		r->state = d->is_good(d->arg, &r->owner, r->type) ? DENIAL_GOOD : DENIAL_REFUSED;
	return r->state == DENIAL_GOOD;
}

static bool has(const struct denial_record *r, uint16_t type)
{
	return dns_types_have(r->nsec.types, type);
}

/* A cut between zones: what the parent says there holds for nothing below (RFC 6840 4.1). */
static bool is_delegation(const struct denial_record *r)
{
	return has(r, DNS_NS) && !has(r, DNS_SOA);
}

/* What the record at the very name says about @type there. */
static enum proof absent_here(const struct denial_record *r, uint16_t type)
{
	if (type == DNS_DS) {
		/* The child's record says nothing about what the parent has. */
		if (has(r, DNS_DS) || has(r, DNS_CNAME) || (has(r, DNS_SOA) && r->owner.len > 1))
			return PROOF_NONE;
		if (has(r, DNS_SOA))
			return PROOF_NODATA;
		return has(r, DNS_NS) ? PROOF_DELEGATION : PROOF_NODATA;
	}
	if (is_delegation(r) || has(r, DNS_CNAME) || has(r, type))
		return PROOF_NONE;
	if (type == DNS_ANY && !dns_types_are_bare(r->nsec.types))
		return PROOF_NONE;
	return has(r, NXNAME) ? PROOF_NXDOMAIN : PROOF_NODATA;
}

/* --- NSEC */

static bool is_at(const struct denial_record *r, const struct dns_name *name)
{
	return r->type == DNS_NSEC && dns_name_same(&r->owner, name, false);
}

/* @name lies between the owner and the next name; the last one of a zone leads to its apex. */
static bool is_between(const struct denial *d, const struct denial_record *r,
		       const struct dns_name *name)
{
	const struct dns_name *next = &r->nsec.next;

	if (r->type != DNS_NSEC || dns_name_order(&r->owner, name) >= 0 ||
	    !dns_name_is_below(next, &d->zone))
		return false;
	if (!dns_name_same(next, &d->zone, false) && dns_name_order(name, next) >= 0)
		return false;
	/* RFC 6840 4.1: below a cut, or a DNAME, the owner knows nothing. */
	return !dns_name_is_below(name, &r->owner) || !(is_delegation(r) || has(r, DNS_DNAME));
}

static struct denial_record *find_at(struct denial *d, const struct dns_name *name)
{
	for (unsigned i = 0; i < d->n; i++)
		if (is_at(&d->records[i], name) && is_good(d, &d->records[i]))
			return &d->records[i];
	return NULL;
}

static struct denial_record *find_between(struct denial *d, const struct dns_name *name)
{
	for (unsigned i = 0; i < d->n; i++)
		if (is_between(d, &d->records[i], name) && is_good(d, &d->records[i]))
			return &d->records[i];
	return NULL;
}

/* The closest name above @name that exists, as the record around @name shows. */
static struct dns_name encloser(const struct denial_record *r, const struct dns_name *name)
{
	unsigned own = dns_name_shared(name, &r->owner);
	unsigned next = dns_name_shared(name, &r->nsec.next);

	return dns_name_parent(name, dns_name_labels(name) - (own > next ? own : next));
}

static enum proof prove_nsec(struct denial *d, const struct dns_name *name, uint16_t type)
{
	struct denial_record *r = find_at(d, name);
	struct dns_name above, wild;

	if (r)
		return absent_here(r, type);
	r = find_between(d, name);
	if (!r)
		return PROOF_NONE;
	if (dns_name_is_below(&r->nsec.next, name)) /* only names below it have records */
		return PROOF_NODATA;
	above = encloser(r, name);
	if (dns_name_join(&star, &above, &wild) < 0)
		return PROOF_NXDOMAIN; /* no wildcard has room there */
	r = find_at(d, &wild);
	if (r) {
		enum proof p = absent_here(r, type);

		return p == PROOF_NONE ? PROOF_NONE : PROOF_NODATA;
	}
	return find_between(d, &wild) ? PROOF_NXDOMAIN : PROOF_NONE;
}

/* --- NSEC3 */

/* Hashes a name as the zone does; false, and then nothing can be proven, where that is too much. */
static bool hash_name(struct denial *d, const struct dns_name *name, uint8_t *out)
{
	const struct dns_nsec *first = &d->records[0].nsec;

	if (d->n_hashes > DENIAL_HASHES_MAX)
		return false;
	d->n_hashes += first->iterations + 1u;
	crypto_nsec3(name, first->salt, first->iterations, out);
	return true;
}

/* The hash of the last @labels labels of the name; NULL where that is too much. */
static const uint8_t *hash_of(struct denial *d, unsigned labels)
{
	struct dns_name name = dns_name_parent(&d->name, dns_name_labels(&d->name) - labels);

	if (!d->has_hash[labels])
		d->has_hash[labels] = hash_name(d, &name, d->hashes[labels]);
	return d->has_hash[labels] ? d->hashes[labels] : NULL;
}

static struct denial_record *find_hash(struct denial *d, const uint8_t *hash)
{
	for (unsigned i = 0; hash && i < d->n; i++)
		if (memcmp(d->records[i].hash, hash, NSEC3_HASH_LEN) == 0 &&
		    is_good(d, &d->records[i]))
			return &d->records[i];
	return NULL;
}

static bool is_around(const struct denial_record *r, const uint8_t *hash)
{
	const uint8_t *next = r->nsec.next_hash.buf;
	bool is_above = memcmp(r->hash, hash, NSEC3_HASH_LEN) < 0;
	bool is_below = memcmp(hash, next, NSEC3_HASH_LEN) < 0;

	if (memcmp(r->hash, next, NSEC3_HASH_LEN) < 0)
		return is_above && is_below;
	/* The last one leads back to the first. */
	return is_above || is_below;
}

static struct denial_record *find_around(struct denial *d, const uint8_t *hash)
{
	for (unsigned i = 0; hash && i < d->n; i++)
		if (is_around(&d->records[i], hash) &&
		    memcmp(d->records[i].hash, hash, NSEC3_HASH_LEN) != 0 &&
		    is_good(d, &d->records[i]))
			return &d->records[i];
	return NULL;
}

/*
 * RFC 5155 8.3: the longest name above that exists; the next one towards the name does not. Returns
 * the record around that next one, NULL without a proof. @labels: of the name that exists.
 */
static struct denial_record *prove_encloser(struct denial *d, unsigned *labels)
{
	unsigned n = dns_name_labels(&d->name);

	while (n-- > dns_name_labels(&d->zone)) {
		const struct denial_record *r = find_hash(d, hash_of(d, n));

		if (!r)
			continue;
		*labels = n;
		if (is_delegation(r) || has(r, DNS_DNAME))
			return NULL;
		return find_around(d, hash_of(d, n + 1));
	}
	return NULL;
}

static enum proof prove_nsec3(struct denial *d, uint16_t type)
{
	const struct denial_record *r = find_hash(d, hash_of(d, dns_name_labels(&d->name)));
	const struct denial_record *next;
	struct dns_name above, wild;
	uint8_t hash[NSEC3_HASH_LEN];
	unsigned labels = 0;

	if (r)
		return absent_here(r, type);
	next = prove_encloser(d, &labels);
	if (!next)
		return PROOF_NONE;
	/* 8.6, 9.2: an unsigned zone may begin there, and then nothing else is proven. */
	if (next->nsec.flags & NSEC3_OPT_OUT)
		return PROOF_OPT_OUT;
	above = dns_name_parent(&d->name, dns_name_labels(&d->name) - labels);
	if (dns_name_join(&star, &above, &wild) < 0)
		return PROOF_NXDOMAIN;
	if (!hash_name(d, &wild, hash))
		return PROOF_NONE;
	r = find_hash(d, hash);
	if (r)
		return absent_here(r, type) == PROOF_NONE ? PROOF_NONE : PROOF_NODATA;
	return find_around(d, hash) ? PROOF_NXDOMAIN : PROOF_NONE;
}

/* --- both */

/* Whether the proof is by hashes, and ready to be made about @name. */
static bool starts_nsec3(struct denial *d, const struct dns_name *name)
{
	if (d->records[0].type != DNS_NSEC3)
		return false;
	d->name = *name;
	memset(d->has_hash, 0, sizeof(d->has_hash));
	return true;
}

/* Nothing is hashed so often: if the zone itself wants that it is as if unsigned, else no proof. */
static bool is_too_costly(struct denial *d, enum proof *p)
{
	if (d->records[0].nsec.iterations <= DENIAL_ITERATIONS_MAX)
		return false;
	*p = is_good(d, &d->records[0]) ? PROOF_TOO_COSTLY : PROOF_NONE;
	return true;
}

enum proof denial_prove(struct denial *d, const struct dns_name *name, uint16_t type)
{
	enum proof p;

	if (!d->n || !dns_name_is_below(name, &d->zone))
		return PROOF_NONE;
	if (!starts_nsec3(d, name))
		return prove_nsec(d, name, type);
	return is_too_costly(d, &p) ? p : prove_nsec3(d, type);
}

enum proof denial_prove_wildcard(struct denial *d, const struct dns_name *name, unsigned labels)
{
	const struct denial_record *r;
	struct dns_name above;
	enum proof p;

	if (!d->n || !dns_name_is_below(name, &d->zone) || labels >= dns_name_labels(name))
		return PROOF_NONE;
	if (!starts_nsec3(d, name)) {
		r = find_between(d, name);
		if (!r || dns_name_is_below(&r->nsec.next, name))
			return PROOF_NONE;
		above = encloser(r, name);
		return dns_name_labels(&above) == labels ? PROOF_NXDOMAIN : PROOF_NONE;
	}
	if (is_too_costly(d, &p))
		return p;
	r = find_around(d, hash_of(d, labels + 1));
	if (!r)
		return PROOF_NONE;
	return r->nsec.flags & NSEC3_OPT_OUT ? PROOF_OPT_OUT : PROOF_NXDOMAIN;
}
