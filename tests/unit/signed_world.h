/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signed_world - replies of zones that a test signs itself, with Ed25519 keys that never change,
 * and how a chain asks for them.
 */
#ifndef PKT_TESTS_SIGNED_WORLD_H
#define PKT_TESTS_SIGNED_WORLD_H

#include <nettle/eddsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnsq/dnsq_chain.h"
#include "dnsq/dnsq_crypto.h"
#include "wire/dnsrdata.h"

#define WORLD_NOW 1800000000u
#define WORLD_MESSAGE 60000

struct world_key {
	uint8_t secret[ED25519_KEY_SIZE];
	uint8_t data[4 + ED25519_KEY_SIZE]; /* of its DNSKEY record */
	uint16_t tag;
};

struct world_reply {
	struct dns_question question;
	struct wr w;
	uint16_t counts[DNS_SECTIONS];
	struct world_reply *next;
	uint8_t bytes[WORLD_MESSAGE];
};

struct world {
	struct trust_anchors anchors;
	struct world_reply *replies;
	/* For the next signatures. */
	uint32_t inception, expiration;
	int labels; /* -1: those of the owner */
	unsigned n_fetched;
	/* Makes a reply that nobody has put there; may be NULL. */
	void (*improvise)(struct world *w, const struct dns_question *q);
};

static inline struct dns_name world_name(const char *text)
{
	struct dns_name n;

	if (dns_name_parse(text, strlen(text), NULL, &n) < 0)
		abort();
	return n;
}

static inline struct world_key world_key_of(unsigned seed)
{
	struct world_key k = {.data = {1, 1, DNSKEY_PROTOCOL, 15}};

	memset(k.secret, (int)seed, sizeof(k.secret));
	ed25519_sha512_public_key(k.data + 4, k.secret);
	k.tag = dns_key_tag(k.data, sizeof(k.data));
	return k;
}

static inline struct world_reply *world_reply(struct world *w, const char *name, uint16_t type,
					      unsigned rcode)
{
	struct world_reply *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->question = (struct dns_question){world_name(name), type, DNS_IN};
	r->w = wr_make(r->bytes, sizeof(r->bytes));
	dns_put_header(&r->w, 1, (uint16_t)(DNS_QR | DNS_AA | rcode), r->counts);
	r->counts[DNS_QUESTION] = 1;
	put_u16(r->bytes + 4, 1);
	dns_put_question(&r->w, &r->question);
	r->next = w->replies;
	w->replies = r;
	return r;
}

static inline void world_put_data(struct world_reply *r, enum dns_section section,
				  const char *owner, uint16_t type, const uint8_t *data, size_t len)
{
	struct dns_name name = world_name(owner);

	dns_put_record(&r->w, &name, type, DNS_IN, 60, data, len);
	put_u16(r->bytes + 4 + 2 * section, ++r->counts[section]);
}

static inline void world_put(struct world_reply *r, enum dns_section section, const char *owner,
			     uint16_t type, const char *text)
{
	uint8_t data[2000];
	struct wr d = wr_make(data, sizeof(data));
	struct why why = {0};

	if (dns_rdata_parse(type, text, strlen(text), NULL, &d, &why) < 0) {
		fprintf(stderr, "%s: %s\n", text, why.text);
		abort();
	}
	world_put_data(r, section, owner, type, data, d.len);
}

/* world_sign() - adds the signature of the set, by that key of that zone. */
static inline void world_sign(struct world *w, struct world_reply *r, enum dns_section section,
			      const char *owner, uint16_t type, const char *zone,
			      const struct world_key *key)
{
	static struct rrset set;
	static uint8_t space[1u << 20];
	struct dns_name name = world_name(owner), signer = world_name(zone);
	unsigned labels = dns_name_labels(&name) - (owner[0] == '*');
	uint8_t data[600];
	struct wr d = wr_make(data, sizeof(data)), s = wr_make(space, sizeof(space));
	struct dns_rrsig sig;

	if (rrset_read(&set, r->bytes, r->w.len, section, &name, type, DNS_IN) <= 0)
		abort();
	wr_u16(&d, type);
	wr_u8(&d, key->data[3]);
	wr_u8(&d, (uint8_t)(w->labels >= 0 ? (unsigned)w->labels : labels));
	wr_u32(&d, 60);
	wr_u32(&d, w->expiration);
	wr_u32(&d, w->inception);
	wr_u16(&d, key->tag);
	wr_bytes(&d, signer.bytes, signer.len);
	if (dns_rrsig_read(rd_make(data, d.len), &sig) < 0 ||
	    rrset_put_signed(&set, rd_make(data, d.len), &sig, &s) < 0)
		abort();
	ed25519_sha512_sign(key->data + 4, key->secret, s.len, space,
			    wr_space(&d, ED25519_SIGNATURE_SIZE));
	world_put_data(r, section, owner, DNS_RRSIG, data, d.len);
}

static inline void world_ds_data(const char *zone, const struct world_key *key, uint8_t kind,
				 char *out, size_t cap)
{
	struct dns_name name = world_name(zone);
	uint8_t digest[CRYPTO_DIGEST_MAX];
	size_t len = crypto_ds_digest(kind, &name, rd_make(key->data, sizeof(key->data)), digest);
	struct text t = text_make(out, cap);

	text_addf(&t, "%u %u %u ", key->tag, key->data[3], kind);
	text_add_hex(&t, digest, len, 0);
}

/* world_keys() - the DNSKEY reply of a zone. */
static inline struct world_reply *world_keys(struct world *w, const char *zone,
					     const struct world_key *key)
{
	struct world_reply *r = world_reply(w, zone, DNS_DNSKEY, 0);

	world_put_data(r, DNS_ANSWER, zone, DNS_DNSKEY, key->data, sizeof(key->data));
	world_sign(w, r, DNS_ANSWER, zone, DNS_DNSKEY, zone, key);
	return r;
}

/* world_delegate() - the DS reply for a zone, signed by its parent. */
static inline struct world_reply *world_delegate(struct world *w, const char *zone,
						 const struct world_key *key, const char *parent,
						 const struct world_key *parent_key)
{
	struct world_reply *r = world_reply(w, zone, DNS_DS, 0);
	char ds[200];

	world_ds_data(zone, key, 2, ds, sizeof(ds));
	world_put(r, DNS_ANSWER, zone, DNS_DS, ds);
	world_sign(w, r, DNS_ANSWER, zone, DNS_DS, parent, parent_key);
	return r;
}

static inline struct world_reply *world_find(struct world *w, const struct dns_question *q)
{
	for (struct world_reply *r = w->replies; r; r = r->next)
		if (r->question.type == q->type &&
		    dns_name_same(&r->question.name, &q->name, false))
			return r;
	return NULL;
}

static inline bool world_fetch(void *arg, const struct dns_question *q, struct chain_reply *out)
{
	struct world *w = arg;
	struct world_reply *r = world_find(w, q);

	w->n_fetched++;
	if (!r && w->improvise) {
		w->improvise(w, q);
		r = world_find(w, q);
	}
	if (!r) {
		snprintf(out->fault, sizeof(out->fault), "nobody replied");
		return false;
	}
	out->bytes = r->bytes;
	out->len = r->w.len;
	return true;
}

static inline void world_free(struct world *w)
{
	while (w->replies) {
		struct world_reply *next = w->replies->next;

		free(w->replies);
		w->replies = next;
	}
}

#endif
