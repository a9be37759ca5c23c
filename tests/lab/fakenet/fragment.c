/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fragment.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/csum.h"

#include "net.h"

#define HDR_MAX 60
#define PAYLOAD_AT (ETH_LEN + HDR_MAX)
#define PAYLOAD_MAX 65535

struct fragment_set {
	struct addr src, dst;
	uint32_t id;
	uint8_t proto;
	uint64_t order;     /* of its first fragment among all sets */
	size_t have, total; /* octets; total is 0 until the last fragment has come */
	size_t hdr_len;     /* of the first fragment; 0 until it has come */
	uint8_t seen[PAYLOAD_MAX / 64 + 1];      /* a bit for eight octets */
	uint8_t bytes[PAYLOAD_AT + PAYLOAD_MAX]; /* the header ends where the payload starts */
};

static struct fragment_set *find_set(struct fragments *t, const struct packet *p)
{
	unsigned oldest = 0;
	struct fragment_set *s;

	for (unsigned i = 0; i < FRAGMENT_SETS; i++) {
		s = t->sets[i];
		if (!s) {
			oldest = i;
			break;
		}
		if (s->order && s->id == p->fragment.id && s->proto == p->proto &&
		    addr_cmp(&s->src, &p->src) == 0 && addr_cmp(&s->dst, &p->dst) == 0)
			return s;
		if (s->order < t->sets[oldest]->order)
			oldest = i;
	}
	if (!t->sets[oldest])
		t->sets[oldest] = malloc(sizeof(*s));
	s = t->sets[oldest];
	if (!s)
		return NULL;
	memset(s, 0, offsetof(struct fragment_set, bytes));
	s->src = p->src;
	s->dst = p->dst;
	s->id = p->fragment.id;
	s->proto = p->proto;
	s->order = ++t->order;
	return s;
}

/* Marks the eight-octet blocks of the fragment. Returns false if one of them was there already. */
static bool mark(struct fragment_set *s, size_t off, size_t len)
{
	for (size_t block = off / 8; block < (off + len + 7) / 8; block++) {
		uint8_t bit = (uint8_t)(1 << block % 8);

		if (s->seen[block / 8] & bit)
			return false;
		s->seen[block / 8] |= bit;
	}
	return true;
}

/* The header in front of the payload, as if the packet had never been cut. */
static void complete_header(struct fragment_set *s)
{
	uint8_t *ip = s->bytes + PAYLOAD_AT - s->hdr_len;

	if (addr_is_v6(&s->dst)) {
		put_u16(ip + 4, (uint16_t)s->total);
		ip[6] = s->proto;
		return;
	}
	put_u16(ip + 2, (uint16_t)(s->hdr_len + s->total));
	put_u16(ip + 6, 0);
	put_u16(ip + 10, 0);
	put_u16(ip + 10, csum_ip(ip, s->hdr_len));
}

bool fragment_join(struct fragments *t, const struct packet *p, struct port_frame *whole)
{
	struct fragment_set *s = find_set(t, p);
	size_t off = p->fragment.off, hdr_len;

	if (!s || off + p->l4_len > PAYLOAD_MAX || !mark(s, off, p->l4_len))
		return false;
	memcpy(s->bytes + PAYLOAD_AT + off, p->l4, p->l4_len);
	s->have += p->l4_len;
	if (!p->fragment.more)
		s->total = off + p->l4_len;
	if (off == 0) {
		hdr_len = addr_is_v6(&p->dst) ? 40 : (size_t)(p->l4 - p->ip);
		s->hdr_len = hdr_len;
		memcpy(s->bytes + PAYLOAD_AT - hdr_len, p->ip, hdr_len);
		memcpy(s->bytes + PAYLOAD_AT - hdr_len - ETH_LEN, p->eth, ETH_LEN);
	}
	if (!s->hdr_len || !s->total || s->have != s->total)
		return false;
	if (!addr_is_v6(&s->dst) && s->hdr_len + s->total > PAYLOAD_MAX)
		return false; /* no IPv4 packet can have been that long */
	complete_header(s);
	s->order = 0;
	*whole = (struct port_frame){
		.bytes = s->bytes + PAYLOAD_AT - s->hdr_len - ETH_LEN,
		.len = ETH_LEN + s->hdr_len + s->total,
	};
	return true;
}

void fragment_free(struct fragments *t)
{
	for (unsigned i = 0; i < FRAGMENT_SETS; i++)
		free(t->sets[i]);
	*t = (struct fragments){0};
}
