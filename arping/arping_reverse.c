/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arping_reverse - which addresses does a MAC address have.
 *
 * Every address of the interface's IPv4 networks is asked for in a frame to that one host, and an
 * echo request to all IPv6 nodes goes in a frame to it alone, once from each of our own prefixes: a
 * host answers from the address that fits the asker (RFC 6724). No frame is broadcast.
 */
#include <stdlib.h>

#include "arping.h"
#include "build/recipes.h"

#define PREFIX_MIN 16 /* of IPv4: the least that is swept */
#define SEEN_MAX 256u

struct arping_reverse {
	char words[ARPING_SOURCES][ADDR_TEXT_MAX + 4]; /* of the target list, which keeps no copy */
	struct addr sources[ARPING_SOURCES];
	unsigned n_words, n_sources, next_source;
	uint16_t id;
	struct addr seen[SEEN_MAX]; /* addresses that were told */
	unsigned n_seen;
};

static bool is_prefix_known(const struct arping *a, unsigned before)
{
	const struct iface_addr *own = &a->port.own[before];

	for (unsigned i = 0; i < before; i++)
		if (a->port.own[i].ifindex == own->ifindex &&
		    a->port.own[i].prefix_len == own->prefix_len &&
		    addr_in_prefix(&own->addr, &a->port.own[i].addr, own->prefix_len))
			return true;
	return false;
}

static int add_network(struct arping *a, const struct iface_addr *own, struct why *why)
{
	struct arping_reverse *r = a->reverse;
	char *word = r->words[r->n_words++], addr[ADDR_TEXT_MAX];
	struct addr first = own->addr;

	if (own->addr.len == 16) {
		r->sources[r->n_sources++] = own->addr;
		snprintf(word, sizeof(r->words[0]), "ff02::1");
	} else {
		addr_mask(&first, own->prefix_len, false);
		snprintf(word, sizeof(r->words[0]), "%s/%u", addr_text(&first, addr),
			 own->prefix_len);
	}
	return targets_add(a->run->options.targets, word, why);
}

int arping_reverse_open(struct arping *a, struct why *why)
{
	int family = a->run->options.family, err = 0;

	a->reverse = calloc(1, sizeof(*a->reverse));
	if (!a->reverse)
		return why_set(why, E_MEM, "out of memory");
	a->reverse->id = (uint16_t)rnd_u32(&a->run->rnd);
	for (unsigned i = 0; i < a->port.n_own && !err; i++) {
		const struct iface_addr *own = &a->port.own[i];

		if (own->ifindex != a->port.iface.index || is_prefix_known(a, i) ||
		    a->reverse->n_words == ARPING_SOURCES)
			continue;
		if (own->addr.len == 4 ? family != 6 && own->prefix_len >= PREFIX_MIN : family != 4)
			err = add_network(a, own, why);
	}
	if (!err && !a->reverse->n_words)
		err = why_set(
			why, E_NOENT,
			"%s has no address in whose networks the MAC address could be sought: give it one",
			a->port.iface.name);
	return err;
}

void arping_reverse_close(struct arping *a)
{
	free(a->reverse);
}

int arping_reverse_admit(struct arping *a, struct target *t, struct why *why)
{
	struct arping_reverse *r = a->reverse;
	struct arping_notes *notes = arping_notes(t);

	if (!notes)
		return why_set(why, E_MEM, "out of memory");
	notes->source = r->sources[r->next_source++ % r->n_sources];
	return ADMIT_ASK;
}

struct pkt_spec arping_reverse_spec(const struct arping *a, const struct target *t, uint16_t seq)
{
	const struct arping_notes *notes = t->notes;
	struct pkt_spec s =
		recipe_echo(&notes->source, &t->addr, false, a->reverse->id, seq, NULL, 0);

	s.from = PKT_FROM_ETH;
	s.eth = (struct pkt_eth){.dst = a->opts.target_mac, .src = a->port.iface.mac};
	s.ip.ttl = 255;
	return s;
}

bool arping_reverse_is_new(struct arping *a, const struct addr *addr)
{
	struct arping_reverse *r = a->reverse;

	for (unsigned i = 0; i < r->n_seen; i++)
		if (addr_same(&r->seen[i], addr))
			return false;
	if (r->n_seen < SEEN_MAX)
		r->seen[r->n_seen++] = *addr;
	return true;
}

struct probe *arping_reverse_judge(struct arping *a, const struct dissect *d)
{
	const struct arping_notes *notes;
	struct target *t;

	if (d->icmp.type != ICMP_V6_ECHO_REPLY || d->icmp.rest >> 16 != a->reverse->id ||
	    d->l4_csum == CSUM_BAD)
		return NULL;
	for (t = engine_first_target(a->engine); t; t = t->next) {
		notes = t->notes;
		if (notes && addr_is_multicast(&t->addr) && addr_same(&notes->source, &d->dst))
			break;
	}
	a->detail.mac = d->eth.src;
	a->detail.addr = d->src;
	return t ? probe_get(engine_probes(a->engine), t->last_n) : NULL;
}

void arping_reverse_done(struct arping *a)
{
	struct rec *r = record_start(&a->run->out, &arping_verdict_record), *list;
	const struct arping_reverse *rev = a->reverse;
	char text[ADDR_TEXT_MAX];

	a->found = rev->n_seen;
	rec_str(r, "target", a->opts.first_word);
	rec_str(r, "result", rev->n_seen ? "up" : "down");
	list = rec_array(r, "owners");
	arping_owner_field(a, list, &a->opts.target_mac, NULL);
	rec_close(list);
	list = rec_array(r, "addrs");
	for (unsigned i = 0; i < rev->n_seen; i++)
		rec_str(list, "", addr_text(&rev->seen[i], text));
	rec_close(list);
	rec_str(r, "interface", a->port.iface.name);
	record_write(&a->run->out, r);
}
