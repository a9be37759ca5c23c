/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_names - the names of hops, and their autonomous systems: asked for as soon as an
 * address is seen, all at once, and waited for no longer than the grace. Once one name took longer,
 * no line waits for any.
 */
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"
#include "base/text.h"
#include "traceroute.h"
#include "wire/dnsname.h"

#define NUMBERS_MAX 128

enum name_state {
	NAME_WANTED, /* the resolver had no room yet */
	NAME_ASKED,
	NAME_KNOWN,
	NAME_NONE,
};

struct hop_name {
	struct addr addr;
	uint64_t wanted_ns;
	enum name_state state;
	char *name;
};

struct hop_names {
	struct names *resolver;
	struct sipkey key;
	uint64_t grace_ns;
	const char *zone; /* of autonomous systems; NULL: names are asked for */
	bool is_slow;
	struct hop_name *slots; /* open addressing; addr.len 0 is free */
	size_t n, cap;          /* a power of two, at most three quarters of it in use */
};

struct hop_names *hop_names_new(struct names *names, struct rnd *rnd, uint64_t grace_ns,
				const char *zone)
{
	struct hop_names *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->resolver = names;
	h->grace_ns = grace_ns;
	h->zone = zone;
	rnd_fill(rnd, &h->key, sizeof(h->key));
	return h;
}

void hop_names_free(struct hop_names *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->cap; i++)
		free(h->slots[i].name);
	free(h->slots);
	free(h);
}

static struct hop_name *slot_of(const struct hop_names *h, const struct addr *addr)
{
	size_t i = siphash(&h->key, addr->bytes, sizeof(addr->bytes)) & (h->cap - 1);

	while (h->slots[i].addr.len && !addr_same(&h->slots[i].addr, addr))
		i = (i + 1) & (h->cap - 1);
	return &h->slots[i];
}

static bool grow(struct hop_names *h)
{
	struct hop_names bigger = *h;

	bigger.cap = h->cap ? 2 * h->cap : 64;
	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < h->cap; i++)
		if (h->slots[i].addr.len)
			*slot_of(&bigger, &h->slots[i].addr) = h->slots[i];
	free(h->slots);
	*h = bigger;
	return true;
}

/* As for a reverse look-up, but below another zone than in-addr.arpa. or ip6.arpa. */
static int ask_asn(struct hop_names *h, const struct addr *addr)
{
	struct dns_name reverse = dns_name_reverse(addr->bytes, addr->len);
	bool is_v6 = addr_is_v6(addr);
	char text[DNS_NAME_TEXT_MAX], name[NAME_MAX_LEN + 1];
	size_t tail = is_v6 ? sizeof("ip6.arpa.") : sizeof("in-addr.arpa.");

	dns_name_text(&reverse, text);
	text[strlen(text) - (tail - 1)] = '\0';
	if (snprintf(name, sizeof(name), "%s%s.%s", text, is_v6 ? "origin6" : "origin", h->zone) >=
	    (int)sizeof(name))
		return E_RANGE;
	return names_ask_text(h->resolver, name, addr);
}

static void ask(struct hop_names *h, struct hop_name *s)
{
	int err = h->zone ? ask_asn(h, &s->addr) : names_ask_reverse(h->resolver, &s->addr);

	if (err != E_AGAIN)
		s->state = err ? NAME_NONE : NAME_ASKED;
}

void hop_names_want(struct hop_names *h, const struct addr *addr, uint64_t now_ns)
{
	struct hop_name *s;

	if ((h->n + 1) * 4 > h->cap * 3 && !grow(h))
		return;
	s = slot_of(h, addr);
	if (s->addr.len)
		return;
	*s = (struct hop_name){.addr = *addr, .wanted_ns = now_ns};
	h->n++;
	ask(h, s);
}

uint64_t hop_names_get(struct hop_names *h, const struct addr *addr, uint64_t now_ns,
		       const char **out)
{
	struct hop_name *s = h->cap ? slot_of(h, addr) : NULL;

	*out = NULL;
	if (!s || !s->addr.len || s->state == NAME_NONE)
		return 0;
	if (s->state == NAME_WANTED)
		ask(h, s);
	*out = s->name;
	if (s->state == NAME_KNOWN || h->is_slow)
		return 0;
	if (now_ns >= s->wanted_ns + h->grace_ns)
		h->is_slow = true;
	return h->is_slow ? 0 : s->wanted_ns + h->grace_ns;
}

const char *hop_asn(struct traceroute *t, const struct addr *addr)
{
	const struct hop_name *s = t->asns && t->asns->cap ? slot_of(t->asns, addr) : NULL;

	return t->asndb ? asndb_find(t->asndb, addr) : s ? s->name : NULL;
}

/* "64500 64501 | 192.0.2.0/24 | ..." to "64500_64501"; "" if it does not begin with numbers. */
static void numbers_of(const char *text, char *out)
{
	struct text numbers = text_make(out, NUMBERS_MAX);

	for (text += strspn(text, " "); strspn(text, "0123456789"); text += strspn(text, " ")) {
		size_t n = strspn(text, "0123456789");

		if (numbers.len)
			text_add_char(&numbers, '_');
		text_add_clean(&numbers, text, n);
		text += n;
	}
	if ((*text && *text != '|') || numbers.cut)
		out[0] = '\0';
}

void hop_named(void *tool, const struct name_answer *answer)
{
	struct traceroute *t = tool;
	struct hop_names *h = answer->is_text ? t->asns : t->names;
	struct hop_name *s = h && h->cap ? slot_of(h, &answer->addr) : NULL;
	char text[ADDR_TEXT_MAX], numbers[NUMBERS_MAX];
	const char *found = answer->name;
	struct rec *r;

	if (!s || !s->addr.len)
		return;
	if (answer->is_text) {
		numbers_of(answer->name, numbers);
		found = numbers;
	}
	s->state = found[0] ? NAME_KNOWN : NAME_NONE;
	s->name = found[0] ? strdup(found) : NULL;
	if (s->name) {
		r = record_start(&t->run->out, &traceroute_name_record);
		rec_str(r, "addr", addr_text(&answer->addr, text));
		rec_str(r, answer->is_text ? "asn" : "name", found);
		record_write(&t->run->out, r);
	}
	for (struct target *target = engine_first_target(t->engine); target; target = target->next)
		engine_wake(t->engine, target);
}
