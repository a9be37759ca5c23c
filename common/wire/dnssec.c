/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/dnssec.h"

#include <stdlib.h>
#include <string.h>

#include "wire/dnsrdata.h"

#define RRSIG_FIXED 18 /* octets before the signer's name */

/* --- records */

int dns_dnskey_read(struct rd data, struct dns_dnskey *out)
{
	out->tag = dns_key_tag(data.buf, data.len);
	out->flags = rd_u16(&data);
	out->protocol = rd_u8(&data);
	out->algorithm = rd_u8(&data);
	out->key = rd_rest(&data);
	return rd_done(&data);
}

int dns_ds_read(struct rd data, struct dns_ds *out)
{
	out->tag = rd_u16(&data);
	out->algorithm = rd_u8(&data);
	out->kind = rd_u8(&data);
	out->digest = rd_rest(&data);
	return rd_done(&data);
}

int dns_rrsig_read(struct rd data, struct dns_rrsig *out)
{
	int err;

	out->type = rd_u16(&data);
	out->algorithm = rd_u8(&data);
	out->labels = rd_u8(&data);
	out->ttl = rd_u32(&data);
	out->expiration = rd_u32(&data);
	out->inception = rd_u32(&data);
	out->tag = rd_u16(&data);
	err = dns_name_read(&data, NULL, &out->signer);
	out->signature = rd_rest(&data);
	return err ? err : rd_done(&data);
}

int dns_nsec_read(uint16_t type, struct rd data, struct dns_nsec *out)
{
	int err = 0;

	*out = (struct dns_nsec){0};
	if (type == DNS_NSEC) {
		err = dns_name_read(&data, NULL, &out->next);
	} else {
		out->hash = rd_u8(&data);
		out->flags = rd_u8(&data);
		out->iterations = rd_u16(&data);
		out->salt = rd_sub(&data, rd_u8(&data));
		out->next_hash = rd_sub(&data, rd_u8(&data));
	}
	out->types = rd_rest(&data);
	return err ? err : rd_done(&data);
}

bool dns_types_have(struct rd types, uint16_t type)
{
	while (rd_left(&types)) {
		uint8_t window = rd_u8(&types), n = rd_u8(&types);
		const uint8_t *map = rd_bytes(&types, n);

		if (map && window == type >> 8 && (type & 255) / 8 < n)
			return map[(type & 255) / 8] & (0x80 >> (type & 7));
	}
	return false;
}

bool dns_types_are_bare(struct rd types)
{
	while (rd_left(&types)) {
		uint8_t window = rd_u8(&types), n = rd_u8(&types);
		const uint8_t *map = rd_bytes(&types, n);

		for (unsigned i = 0; map && i < n * 8u; i++) {
			unsigned type = window * 256u + i;

			if (map[i / 8] & (0x80 >> (i & 7)) && type != DNS_RRSIG && type != DNS_NSEC)
				return false;
		}
	}
	return true;
}

/* --- order of names */

/* Offsets of the labels, the root's left out; returns how many. */
static unsigned find_labels(const struct dns_name *n, uint8_t *offs)
{
	unsigned labels = 0;

	for (unsigned i = 0; i < n->len && n->bytes[i]; i += 1u + n->bytes[i])
		offs[labels++] = (uint8_t)i;
	return labels;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static int order_labels(const uint8_t *a, const uint8_t *b)
{
	unsigned n = a[0] < b[0] ? a[0] : b[0];

	for (unsigned i = 1; i <= n; i++)
		if (lower(a[i]) != lower(b[i]))
			return lower(a[i]) - lower(b[i]);
	return a[0] - b[0];
}

int dns_name_order(const struct dns_name *a, const struct dns_name *b)
{
	uint8_t at_a[DNS_NAME_MAX / 2 + 1], at_b[DNS_NAME_MAX / 2 + 1];
	unsigned n_a = find_labels(a, at_a), n_b = find_labels(b, at_b);

	for (unsigned i = 1; i <= n_a && i <= n_b; i++) {
		int order = order_labels(a->bytes + at_a[n_a - i], b->bytes + at_b[n_b - i]);

		if (order)
			return order;
	}
	return (int)n_a - (int)n_b;
}

unsigned dns_name_shared(const struct dns_name *a, const struct dns_name *b)
{
	uint8_t at_a[DNS_NAME_MAX / 2 + 1], at_b[DNS_NAME_MAX / 2 + 1];
	unsigned n_a = find_labels(a, at_a), n_b = find_labels(b, at_b), i = 0;

	while (i < n_a && i < n_b &&
	       order_labels(a->bytes + at_a[n_a - i - 1], b->bytes + at_b[n_b - i - 1]) == 0)
		i++;
	return i;
}

/* --- record sets */

static int order_data(const void *a, const void *b, void *set)
{
	const struct rrset *s = set;
	const __typeof__(s->items[0]) *x = a, *y = b;
	unsigned n = x->len < y->len ? x->len : y->len;
	int order = memcmp(s->octets + x->off, s->octets + y->off, n);

	return order ? order : (int)x->len - (int)y->len;
}

/* RFC 4034 6.3: records that are the same count once. */
static void drop_repeated(struct rrset *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->n; i++)
		if (!n || order_data(&s->items[n - 1], &s->items[i], s) != 0)
			s->items[n++] = s->items[i];
	s->n = n;
}

static int add_record(struct rrset *s, const struct dns_record *r, const struct rd *msg)
{
	struct wr w = wr_make(s->octets + s->used, RRSET_OCTETS - s->used);
	int err;

	if (s->n == RRSET_RECORDS)
		return E_FULL;
	err = dns_rdata_plain(r->type, r->data, msg, true, &w);
	if (err)
		return err;
	if (w.len > UINT16_MAX)
		return E_BAD;
	s->items[s->n].off = (uint32_t)s->used;
	s->items[s->n++].len = (uint16_t)w.len;
	s->used += w.len;
	return 0;
}

int rrset_read(struct rrset *s, const void *bytes, size_t len, enum dns_section section,
	       const struct dns_name *name, uint16_t type, uint16_t class)
{
	const struct rd whole = rd_make(bytes, len);
	struct dns_record r;
	struct dns_msg m;
	int err;

	s->name = *name;
	s->type = type;
	s->class = class;
	s->n = 0;
	s->used = 0;
	err = dns_msg_open(&m, bytes, len);
	while (!err && (err = dns_msg_record(&m, &r)) == 0)
		if (r.section == section && r.type == type && r.class == class &&
		    dns_name_same(&r.name, name, false))
			err = add_record(s, &r, &whole);
	if (err != E_EOF)
		return err;
	qsort_r(s->items, s->n, sizeof(s->items[0]), order_data, s);
	drop_repeated(s);
	return (int)s->n;
}

/* The name that was signed: a wildcard's where the signature has fewer labels (RFC 4035 5.3.2). */
static int signed_name(const struct dns_name *owner, unsigned labels, struct dns_name *out)
{
	static const struct dns_name star = {3, {1, '*', 0}};
	unsigned has = dns_name_labels(owner);
	struct dns_name rest;

	if (labels > has)
		return E_BAD;
	*out = *owner;
	dns_name_lower(out);
	if (labels == has)
		return 0;
	rest = dns_name_parent(out, has - labels);
	return dns_name_join(&star, &rest, out);
}

int rrset_put_signed(const struct rrset *s, struct rd sig_data, const struct dns_rrsig *sig,
		     struct wr *out)
{
	struct dns_name owner, signer = sig->signer;
	int err = signed_name(&s->name, sig->labels, &owner);

	if (err)
		return err == E_RANGE ? E_BAD : err;
	dns_name_lower(&signer);
	wr_bytes(out, sig_data.buf, RRSIG_FIXED);
	wr_bytes(out, signer.bytes, signer.len);
	for (unsigned i = 0; i < s->n; i++)
		dns_put_record(out, &owner, s->type, s->class, sig->ttl,
			       s->octets + s->items[i].off, s->items[i].len);
	return wr_done(out);
}
