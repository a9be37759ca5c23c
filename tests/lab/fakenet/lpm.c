/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lpm.h"

#include <stdlib.h>
#include <string.h>

/* No stranger chooses these keys: a plain mix is enough and faster than a keyed hash. */
static size_t hash(const struct addr *a, unsigned bits)
{
	uint64_t words[2], h;

	memcpy(words, a->bytes, sizeof(words));
	h = (words[0] ^ bits) * 0x9e3779b97f4a7c15 + words[1];
	h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9;
	return (size_t)(h ^ h >> 32);
}

static struct lpm_slot *probe(const struct lpm *t, const struct addr *prefix, unsigned bits)
{
	for (size_t i = hash(prefix, bits);; i++) {
		struct lpm_slot *s = &t->slots[i & (t->cap - 1)];

		if (!s->prefix.len || (s->bits == bits && addr_cmp(&s->prefix, prefix) == 0))
			return s;
	}
}

static int grow(struct lpm *t)
{
	struct lpm old = *t;

	t->cap = old.cap ? old.cap * 2 : 64;
	t->slots = calloc(t->cap, sizeof(*t->slots));
	if (!t->slots) {
		*t = old;
		return E_MEM;
	}
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].prefix.len)
			*probe(t, &old.slots[i].prefix, old.slots[i].bits) = old.slots[i];
	free(old.slots);
	return 0;
}

static void note_bits(struct lpm *t, bool is_v6, uint8_t bits)
{
	uint8_t *list = t->bits[is_v6];
	unsigned i = 0, n = t->n_bits[is_v6];

	while (i < n && list[i] > bits)
		i++;
	if (i < n && list[i] == bits)
		return;
	memmove(list + i + 1, list + i, n - i);
	list[i] = bits;
	t->n_bits[is_v6]++;
}

void **lpm_slot(struct lpm *t, const struct addr *a, unsigned bits)
{
	struct addr prefix = addr_from(a->bytes, a->len);
	struct lpm_slot *s;

	if (t->n * 2 >= t->cap && grow(t) < 0)
		return NULL;
	addr_mask(&prefix, bits, false);
	s = probe(t, &prefix, bits);
	if (!s->prefix.len) {
		*s = (struct lpm_slot){.prefix = prefix, .bits = (uint8_t)bits};
		t->n++;
		note_bits(t, addr_is_v6(a), s->bits);
	}
	return &s->value;
}

void *lpm_find(const struct lpm *t, const struct addr *a)
{
	bool is_v6 = addr_is_v6(a);
	struct addr prefix = *a;

	for (unsigned i = 0; i < t->n_bits[is_v6]; i++) {
		struct lpm_slot *s;

		addr_mask(&prefix, t->bits[is_v6][i], false);
		s = probe(t, &prefix, t->bits[is_v6][i]);
		if (s->prefix.len)
			return s->value;
	}
	return NULL;
}

void lpm_free(struct lpm *t)
{
	free(t->slots);
	*t = (struct lpm){0};
}
