/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_chain_sig - is a record set signed by the zone it should be signed by? */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dnsq_chain_impl.h"
#include "dnsq_crypto.h"

/* Why a set is not signed well: of several signatures the one that came furthest is told. */
enum rank {
	RANK_NONE,
	RANK_LABELS,
	RANK_UNSUPPORTED,
	RANK_NO_KEY,
	RANK_TIME,
	RANK_WRONG,
	RANK_LIMIT
};

struct attempt {
	struct chain *c;
	const struct zone *zone;
	struct chain_link *link;
	enum rank rank;
	unsigned n_checks;
};

unsigned chain_labels(const struct dns_name *name)
{
	bool is_wild = name->bytes[0] == 1 && name->bytes[1] == '*';

	return dns_name_labels(name) - (is_wild ? 1 : 0);
}

/* The next signature of the set; as dns_msg_record(). */
static int next_sig(struct dns_msg *m, enum dns_section section, const struct dns_name *name,
		    uint16_t type, struct dns_record *r, struct dns_rrsig *sig)
{
	int err;

	while ((err = dns_msg_record(m, r)) == 0)
		if (r->section == section && r->type == DNS_RRSIG && r->class == DNS_IN &&
		    dns_name_same(&r->name, name, false) && dns_rrsig_read(r->data, sig) == 0 &&
		    sig->type == type)
			return 0;
	return err;
}

bool chain_find_sig(const struct chain_reply *r, enum dns_section section,
		    const struct dns_name *name, uint16_t type, const struct dns_name *top,
		    struct dns_rrsig *out)
{
	struct dns_record rec;
	struct dns_msg m;

	if (dns_msg_open(&m, r->bytes, r->len) < 0)
		return false;
	while (next_sig(&m, section, name, type, &rec, out) == 0)
		if (dns_name_is_below(top, &out->signer))
			return true;
	return false;
}

/* --- time */

/* A moment near now, of which the record has 32 bits, as people read it. */
static const char *moment_text(uint64_t now_s, uint32_t at, char *out, size_t cap)
{
	time_t t = (time_t)now_s + (int32_t)(at - (uint32_t)now_s);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, cap, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

static const char *span_text(uint32_t seconds, char *out, size_t cap)
{
	static const struct {
		uint32_t seconds;
		const char *word;
	} units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
	unsigned i = 0;

	while (i < 3 && seconds < 2 * units[i].seconds)
		i++;
	snprintf(out, cap, "%u %s%s", seconds / units[i].seconds, units[i].word,
		 seconds / units[i].seconds == 1 ? "" : "s");
	return out;
}

/* --- one signature */

static void fail(struct attempt *a, enum rank rank, const struct dns_rrsig *sig, int info,
		 const char *what)
{
	char signer[DNS_NAME_TEXT_MAX], word[DNS_WORD_MAX];

	if (rank <= a->rank)
		return;
	a->rank = rank;
	a->link->signer = sig->signer;
	a->link->tag = sig->tag;
	a->link->algorithm = sig->algorithm;
	link_says(a->link, DNSSEC_BOGUS, info, "the RRSIG by %.80s/%u (%s) %s",
		  dns_name_text(&sig->signer, signer), sig->tag,
		  dns_algorithm_text(sig->algorithm, word), what);
}

static bool is_in_time(struct attempt *a, const struct dns_rrsig *sig)
{
	uint32_t now = (uint32_t)a->c->now_s;
	char what[120], moment[32], span[32];

	if (dns_serial_before(sig->expiration, now)) {
		snprintf(what, sizeof(what), "expired %s, %s ago",
			 moment_text(a->c->now_s, sig->expiration, moment, sizeof(moment)),
			 span_text(now - sig->expiration, span, sizeof(span)));
		fail(a, RANK_TIME, sig, 7, what);
		return false;
	}
	if (dns_serial_before(now, sig->inception)) {
		snprintf(what, sizeof(what), "is not valid before %s, in %s",
			 moment_text(a->c->now_s, sig->inception, moment, sizeof(moment)),
			 span_text(sig->inception - now, span, sizeof(span)));
		fail(a, RANK_TIME, sig, 8, what);
		return false;
	}
	return true;
}

/* Tries the keys that have the signature's tag; several may. */
static bool try_keys(struct attempt *a, struct rd data, const struct dns_rrsig *sig)
{
	struct wr w = wr_make(a->c->space, CHAIN_SPACE);

	fail(a, RANK_NO_KEY, sig, 9, "is by a key that the zone does not have");
	for (unsigned i = 0; i < a->zone->n_keys; i++) {
		struct dns_dnskey key;

		if (dns_dnskey_read(a->zone->keys[i], &key) < 0 || key.tag != sig->tag ||
		    key.algorithm != sig->algorithm)
			continue;
		if (++a->n_checks > CHAIN_SET_CHECKS || ++a->c->n_checks > CHAIN_CHECKS) {
			fail(a, RANK_LIMIT, sig, 6,
			     "is one of too many: the next ones are not tried");
			return false;
		}
		if (!w.len && rrset_put_signed(a->c->set, data, sig, &w) < 0) {
			fail(a, RANK_LIMIT, sig, 6, "is over more than can be put together");
			return false;
		}
		if (crypto_verify(&key, sig->signature, w.buf, w.len))
			return true;
		fail(a, RANK_WRONG, sig, 6, "does not match the records");
	}
	return false;
}

static bool try_sig(struct attempt *a, struct rd data, const struct dns_rrsig *sig)
{
	if (!dns_name_same(&sig->signer, &a->zone->name, false))
		return false;
	if (!crypto_knows_algorithm(sig->algorithm)) {
		fail(a, RANK_UNSUPPORTED, sig, 1, "is of an algorithm that is not supported");
		return false;
	}
	if (sig->labels > chain_labels(&a->c->set->name)) {
		fail(a, RANK_LABELS, sig, 6, "counts more labels than the name has");
		return false;
	}
	return is_in_time(a, sig) && try_keys(a, data, sig);
}

bool chain_check(struct chain *c, const struct chain_reply *r, enum dns_section section,
		 const struct dns_name *name, uint16_t type, const struct zone *zone,
		 struct chain_link *link, unsigned *labels)
{
	struct attempt a = {.c = c, .zone = zone, .link = link};
	char signer[DNS_NAME_TEXT_MAX], word[DNS_WORD_MAX];
	struct dns_rrsig sig;
	struct dns_record rec;
	struct dns_msg m;
	int n = rrset_read(c->set, r->bytes, r->len, section, name, type, DNS_IN);

	if (n <= 0 || dns_msg_open(&m, r->bytes, r->len) < 0) {
		link_says(link, DNSSEC_BOGUS, 6, "the records cannot be read");
		return false;
	}
	link_says(link, DNSSEC_BOGUS, 10, "there is no RRSIG of %.80s",
		  dns_name_text(&zone->name, signer));
	while (a.rank < RANK_LIMIT && next_sig(&m, section, name, type, &rec, &sig) == 0) {
		if (!try_sig(&a, rec.data, &sig))
			continue;
		link->signer = sig.signer;
		link->tag = sig.tag;
		link->algorithm = sig.algorithm;
		*labels = sig.labels;
		link_says(link, DNSSEC_SECURE, -1, "signed by %.80s/%u (%s)",
			  dns_name_text(&sig.signer, signer), sig.tag,
			  dns_algorithm_text(sig.algorithm, word));
		return true;
	}
	return false;
}
