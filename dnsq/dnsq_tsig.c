/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dnsq_tsig.h"

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/nettle-meta.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/radix.h"

#define FUDGE_S 300     /* RFC 8945 10 */
#define UNSIGNED_MAX 99 /* 5.3.1: messages between two signatures */
#define CONTEXT_MAX 512 /* of any hash of nettle's that is used here */
#define SECRET_MAX 512
#define DIGEST_MAX 64 /* of SHA-512 */

struct dnsq_key {
	struct dns_name name, algorithm;
	const struct nettle_hash *hash;
	uint8_t secret[SECRET_MAX];
	size_t secret_len;
};

/* A keyed hash being computed. */
struct hmac {
	const struct nettle_hash *hash;
	_Alignas(16) uint8_t outer[CONTEXT_MAX], inner[CONTEXT_MAX], state[CONTEXT_MAX];
};

static const struct {
	const char *name;
	const struct nettle_hash *hash;
} algorithms[] = {
	{"hmac-md5.sig-alg.reg.int", &nettle_md5},
	{"hmac-md5", &nettle_md5},
	{"hmac-sha1", &nettle_sha1},
	{"hmac-sha224", &nettle_sha224},
	{"hmac-sha256", &nettle_sha256},
	{"hmac-sha384", &nettle_sha384},
	{"hmac-sha512", &nettle_sha512},
};

static void hmac_start(struct hmac *h, const struct dnsq_key *key)
{
	h->hash = key->hash;
	hmac_set_key(h->outer, h->inner, h->state, h->hash, key->secret_len, key->secret);
}

static void hmac_add(struct hmac *h, const void *bytes, size_t len)
{
	hmac_update(h->state, h->hash, len, bytes);
}

static void hmac_end(struct hmac *h, uint8_t *out)
{
	hmac_digest(h->outer, h->inner, h->state, h->hash, h->hash->digest_size, out);
}

static int set_algorithm(struct dnsq_key *key, const char *name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		if (strcasecmp(algorithms[i].name, name) != 0)
			continue;
		key->hash = algorithms[i].hash;
		/* RFC 8945 6: only MD5 has a long name on the wire. */
		if (key->hash == &nettle_md5)
			name = algorithms[0].name;
		return dns_name_parse(name, strlen(name), NULL, &key->algorithm);
	}
	return E_UNSUP;
}

static int make_key(const char *algorithm, const char *name, const char *secret,
		    struct dnsq_key **out, struct why *why)
{
	struct dnsq_key *key = calloc(1, sizeof(*key));
	struct radix_reader reader = {.radix = RADIX_64};
	struct wr w;

	if (!key)
		return why_set(why, E_MEM, "out of memory");
	*out = key;
	if (set_algorithm(key, algorithm) < 0)
		return why_set(why, E_BAD,
			       "'%.40s' is no algorithm for a key: hmac-sha256 and its like are",
			       algorithm);
	if (dns_name_parse(name, strlen(name), NULL, &key->name) < 0)
		return why_set(why, E_BAD, "'%.80s' is no name for a key", name);
	dns_name_lower(&key->name);
	w = wr_make(key->secret, sizeof(key->secret));
	if (radix_read(&reader, secret, strlen(secret), &w) < 0 || radix_end(&reader) < 0 ||
	    wr_done(&w) < 0 || !w.len)
		return why_set(why, E_BAD, "the secret of a key is base64, at most 512 octets");
	key->secret_len = w.len;
	return 0;
}

int tsig_key_parse(const char *text, struct dnsq_key **out, struct why *why)
{
	char copy[1024], *name = copy, *secret;
	const char *algorithm = "hmac-md5"; /* dig's */

	*out = NULL;
	snprintf(copy, sizeof(copy), "%s", text);
	secret = strrchr(copy, ':');
	if (!secret || strlen(text) >= sizeof(copy))
		return why_set(why, E_BAD, "a key is written [hmac:]name:secret");
	*secret++ = '\0';
	name = strchr(copy, ':');
	if (name) {
		*name++ = '\0';
		algorithm = copy;
	}
	return make_key(algorithm, name ? name : copy, secret, out, why);
}

/* The next word of a key file; quotes, braces and semicolons only separate. */
static bool next_word(const char **at, const char *end, char *word, size_t cap)
{
	size_t n = 0;

	while (*at < end && (!**at || strchr(" \t\r\n\"{};", **at)))
		(*at)++;
	for (; *at < end && **at && !strchr(" \t\r\n\"{};", **at); (*at)++)
		if (n < cap - 1)
			word[n++] = **at;
	word[n] = '\0';
	return n > 0;
}

int tsig_key_read(const char *text, size_t len, struct dnsq_key **out, struct why *why)
{
	char word[1024], name[1024] = "", algorithm[64] = "hmac-sha256", secret[1024] = "";
	const char *end = text + len;

	*out = NULL;
	while (next_word(&text, end, word, sizeof(word))) {
		if (strcmp(word, "key") == 0)
			(void)next_word(&text, end, name, sizeof(name));
		else if (strcmp(word, "algorithm") == 0)
			(void)next_word(&text, end, algorithm, sizeof(algorithm));
		else if (strcmp(word, "secret") == 0)
			(void)next_word(&text, end, secret, sizeof(secret));
	}
	if (!name[0] || !secret[0])
		return why_set(
			why, E_BAD,
			"no key in the file: key \"name\" { algorithm hmac-sha256; secret \"...\"; }; expected");
	return make_key(algorithm, name, secret, out, why);
}

void tsig_key_free(struct dnsq_key *key)
{
	free(key);
}

static void put_u48(struct wr *w, uint64_t v)
{
	wr_u16(w, (uint16_t)(v >> 32));
	wr_u32(w, (uint32_t)v);
}

/* RFC 8945 4.3.3: the variables of the record that are signed with the message. */
static void add_variables(struct hmac *h, const struct dnsq_key *key, uint64_t time_s,
			  uint16_t fudge_s, uint16_t error, struct rd other)
{
	uint8_t space[2 * DNS_NAME_MAX + 64];
	struct wr w = wr_make(space, sizeof(space));

	wr_bytes(&w, key->name.bytes, key->name.len);
	wr_u16(&w, DNS_CLASS_ANY);
	wr_u32(&w, 0);
	wr_bytes(&w, key->algorithm.bytes, key->algorithm.len);
	put_u48(&w, time_s);
	wr_u16(&w, fudge_s);
	wr_u16(&w, error);
	wr_u16(&w, (uint16_t)other.len);
	hmac_add(h, space, w.len);
	hmac_add(h, other.buf, other.len);
}

static void add_mac(struct hmac *h, const uint8_t *mac, size_t len)
{
	uint8_t n[2];

	put_u16(n, (uint16_t)len);
	hmac_add(h, n, 2);
	hmac_add(h, mac, len);
}

void tsig_sign(const struct dnsq_key *key, struct ask *a, struct wr *w, uint64_t now_s)
{
	uint8_t space[DNS_NAME_MAX + 128];
	struct wr data = wr_make(space, sizeof(space));
	struct hmac h;

	free(a->hmac);
	a->hmac = NULL;
	a->n_unsigned = 0;
	if (w->bad)
		return;
	hmac_start(&h, key);
	hmac_add(&h, w->buf, w->len);
	add_variables(&h, key, now_s, FUDGE_S, 0, rd_make(NULL, 0));
	hmac_end(&h, a->mac);
	a->mac_len = (unsigned)key->hash->digest_size;
	wr_bytes(&data, key->algorithm.bytes, key->algorithm.len);
	put_u48(&data, now_s);
	wr_u16(&data, FUDGE_S);
	wr_u16(&data, (uint16_t)a->mac_len);
	wr_bytes(&data, a->mac, a->mac_len);
	wr_u16(&data, a->id);
	wr_u32(&data, 0); /* no error, no other data */
	dns_put_record(w, &key->name, DNS_TSIG, DNS_CLASS_ANY, 0, space, data.len);
	put_u16(w->buf + 10, (uint16_t)((w->buf[10] << 8 | w->buf[11]) + 1));
}

struct tsig {
	struct dns_name algorithm;
	uint64_t time_s;
	uint16_t fudge_s, id, error;
	const uint8_t *mac;
	uint16_t mac_len;
	struct rd other;
};

static int parse(const struct dns_record *r, struct tsig *out)
{
	struct rd d = r->data;
	int err = dns_name_read(&d, NULL, &out->algorithm);
	uint16_t len;

	out->time_s = (uint64_t)rd_u16(&d) << 32;
	out->time_s |= rd_u32(&d);
	out->fudge_s = rd_u16(&d);
	out->mac_len = rd_u16(&d);
	out->mac = rd_bytes(&d, out->mac_len);
	out->id = rd_u16(&d);
	out->error = rd_u16(&d);
	len = rd_u16(&d);
	out->other = rd_sub(&d, len);
	return err ? err : rd_done(&d);
}

/* The TSIG record, which must be the last of all; false if there is none. */
static bool find(const uint8_t *bytes, size_t len, struct dns_record *out)
{
	struct dns_msg m;
	bool is_last = false;

	if (dns_msg_open(&m, bytes, len) < 0)
		return false;
	while (dns_msg_record(&m, out) == 0)
		is_last = out->type == DNS_TSIG && !m.left && m.section == DNS_ADDITIONAL;
	return is_last && !m.fault && out->type == DNS_TSIG;
}

/* The message as it was before it was signed. */
static void add_message(struct hmac *h, const uint8_t *bytes, size_t len, uint16_t id,
			bool is_signed)
{
	uint8_t head[DNS_HDR_LEN];

	memcpy(head, bytes, sizeof(head));
	if (is_signed) {
		put_u16(head, id);
		put_u16(head + 10, (uint16_t)((head[10] << 8 | head[11]) - 1));
	}
	hmac_add(h, head, sizeof(head));
	hmac_add(h, bytes + sizeof(head), len - sizeof(head));
}

static bool reject(struct ask *a, const char *what)
{
	ask_note(a, "Couldn't verify signature: %s", what);
	return false;
}

static bool verify_signed(const struct dnsq_key *key, struct ask *a, const uint8_t *bytes,
			  const struct dns_record *r, uint64_t now_s)
{
	uint8_t mac[DIGEST_MAX], timers[8];
	char word[DNS_WORD_MAX];
	struct wr w = wr_make(timers, sizeof(timers));
	struct tsig t;

	if (parse(r, &t) < 0)
		return reject(a, "the TSIG record is malformed");
	if (t.error) {
		ask_note(a, "the server says of our signature: %s",
			 t.error == 16 ? "BADSIG" : dns_rcode_text(t.error, word));
		return false;
	}
	if (!dns_name_same(&r->name, &key->name, false) ||
	    !dns_name_same(&t.algorithm, &key->algorithm, false))
		return reject(a, "signed with another key");
	add_message(a->hmac, bytes, r->off, t.id, true);
	if (a->n_messages || a->n_unsigned) {
		put_u48(&w, t.time_s);
		wr_u16(&w, t.fudge_s);
		hmac_add(a->hmac, timers, w.len);
	} else {
		add_variables(a->hmac, key, t.time_s, t.fudge_s, t.error, t.other);
	}
	hmac_end(a->hmac, mac);
	/* 5.2.2.1: no less than half the length and ten octets. */
	if (t.mac_len > key->hash->digest_size || t.mac_len < 10 ||
	    t.mac_len * 2u < key->hash->digest_size || !memeql_sec(mac, t.mac, t.mac_len))
		return reject(a, "tsig verify failure");
	if (t.time_s > now_s + t.fudge_s || t.time_s + t.fudge_s < now_s)
		return reject(a, "the clocks differ too much");
	memcpy(a->mac, t.mac, t.mac_len);
	a->mac_len = t.mac_len;
	free(a->hmac);
	a->hmac = NULL;
	a->n_unsigned = 0;
	return true;
}

bool tsig_verify(const struct dnsq_key *key, struct ask *a, const uint8_t *bytes, size_t len,
		 uint64_t now_s)
{
	struct dns_record r;

	if (!a->hmac) {
		a->hmac = malloc(sizeof(*a->hmac));
		if (!a->hmac)
			return reject(a, "out of memory");
		hmac_start(a->hmac, key);
		add_mac(a->hmac, a->mac, a->mac_len);
	}
	if (find(bytes, len, &r))
		return verify_signed(key, a, bytes, &r, now_s);
	if (!a->n_messages || ++a->n_unsigned > UNSIGNED_MAX)
		return reject(a, "the reply is not signed");
	add_message(a->hmac, bytes, len, 0, false);
	return true;
}

bool tsig_is_settled(const struct ask *a)
{
	return !a->hmac;
}
