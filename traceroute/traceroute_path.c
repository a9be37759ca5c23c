/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_path - the shots of a path, and what their answers mean for it: who stands at which
 * hop, how far away the end is, and how that is known. Pure: no I/O.
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "traceroute_mtu.h"
#include "traceroute_multi.h"
#include "traceroute_plan.h"
#include "traceroute_watch.h"

/* The first packets are as large as the interface takes. */
static void mtu_start(const struct traceroute *t, struct path *p, uint32_t mtu)
{
	p->mtu = (uint16_t)(mtu && mtu < TR_MTU_MAX ? mtu : TR_MTU_MAX);
	p->hops[t->opts.first_ttl].mtu = p->mtu;
}

struct path *path_new(struct traceroute *t, struct target *target, const struct addr *src)
{
	struct path *p = calloc(1, sizeof(*p) + (t->opts.max_ttl + 1u) * sizeof(p->hops[0]));

	if (!p)
		return NULL;
	p->target = target;
	p->src = *src;
	p->upper = t->opts.max_ttl;
	p->is_open = t->opts.is_fast;
	p->next_line = t->opts.first_ttl;
	p->start_ns = clock_mono(t->run->clock);
	t->n_paths++;
	return p;
}

int path_admit(void *tool, struct target *target, struct why *why)
{
	struct traceroute *t = tool;
	struct route_query q = {.dst = target->addr, .oif = t->opts.ifindex, .mark = t->opts.mark};
	struct route route = {0};
	struct iface iface;
	int err = 0;

	if (t->opts.source.len == target->addr.len)
		q.src = t->opts.source;
	if (t->opts.n_gates) {
		if (addr_is_v6(&target->addr))
			return why_set(why, E_UNSUP,
				       "-g: IPv6 has no source routes any more (RFC 5095)");
		q.dst = t->opts.gates[0];
	}
	err = route_way(t->run->netlink, &q, &route, why);
	if (err < 0)
		return err;
	target->notes = path_new(t, target, q.src.len ? &q.src : &route.src);
	if (!target->notes)
		return why_set(why, E_MEM, "out of memory");
	/* Not what the kernel has learnt of the path: that may be of another day. */
	if (t->opts.is_mtu)
		err = iface_by_index(t->run->netlink, route.ifindex, &iface, why);
	if (t->opts.is_mtu && !err)
		mtu_start(t, target->notes, iface.mtu);
	return err ? err : ADMIT_ASK;
}

void path_free(struct path *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->n_shots; i++) {
		free(p->shots[i].ext);
		free(p->shots[i].objects);
		free(p->shots[i].changes);
	}
	free(p->shots);
	multi_free(p->multi);
	watch_free(p->watch);
	mtu_free(p->search);
	free(p);
}

/* --- shots and hops */

void path_list_at(struct path *p, struct shot *s, unsigned hop)
{
	struct hop *h = &p->hops[hop];
	uint16_t index1 = (uint16_t)(s - p->shots + 1);

	s->hop = (uint8_t)hop;
	s->next = 0;
	if (h->last)
		p->shots[h->last - 1].next = index1;
	else
		h->first = index1;
	h->last = index1;
	h->n_shots++;
	h->n_open += s->fate == SHOT_OPEN;
	h->n_answered += s->fate == SHOT_ANSWERED;
}

static void unlist(struct path *p, const struct shot *s)
{
	struct hop *h = &p->hops[s->hop];
	uint16_t index1 = (uint16_t)(s - p->shots + 1), *at = &h->first, before = 0;

	while (*at != index1) {
		before = *at;
		at = &p->shots[*at - 1].next;
	}
	*at = s->next;
	if (h->last == index1)
		h->last = before;
	h->n_shots--;
	h->n_open -= s->fate == SHOT_OPEN;
	h->n_answered -= s->fate == SHOT_ANSWERED;
}

struct shot *path_add_shot(struct path *p)
{
	struct shot *bigger = p->shots;

	if (p->n_shots == p->cap) {
		size_t cap = p->cap ? 2u * p->cap : 48u;

		if (cap > UINT16_MAX)
			return NULL;
		bigger = realloc(p->shots, cap * sizeof(*bigger));
		if (!bigger)
			return NULL;
		p->cap = (uint16_t)cap;
	}
	p->shots = bigger;
	p->shots[p->n_shots] = (struct shot){.ttl = p->next_ttl, .reply_ttl = -1, .q_ttl = -1};
	return &p->shots[p->n_shots++];
}

void path_sent(struct traceroute *t, struct path *p, const struct event *ev)
{
	struct shot *s = ev->seq <= p->n_shots ? &p->shots[ev->seq - 1] : NULL;

	(void)t;
	if (p->multi && !s)
		multi_sent(p->multi, ev);
	if (p->watch && !s)
		watch_sent(p->watch, ev);
	if (p->search && !s)
		mtu_sent(p->search, ev);
	if (!s)
		return;
	s->n = ev->probe->n;
	s->sent_ns = p->last_sent_ns = ev->probe->sent_ns;
}

void path_lost(struct path *p, uint32_t seq, enum shot_fate fate)
{
	struct shot *s = seq <= p->n_shots ? &p->shots[seq - 1] : NULL;

	if (!s || s->fate != SHOT_OPEN)
		return;
	s->fate = (uint8_t)fate;
	p->hops[s->hop].n_open--;
}

/* --- what answers mean */

unsigned path_farthest(const struct traceroute *t, const struct path *p)
{
	unsigned hop = t->opts.max_ttl - 1u;

	while (hop >= t->opts.first_ttl && !p->hops[hop].is_transit)
		hop--;
	return hop;
}

/*
 * A router that refuses to pass a packet on quotes it from before its TTL was reduced: what expires
 * here is its own, and the refusals belong to the next hop. Returns whether there were any.
 */
static bool move_refusals(struct path *p, unsigned hop)
{
	bool is_any = false;

	for (uint16_t i = p->hops[hop].first, next; i; i = next) {
		struct shot *s = &p->shots[i - 1];

		next = s->next;
		if (s->fate != SHOT_ANSWERED || s->kind != ANSWER_REFUSED)
			continue;
		unlist(p, s);
		path_list_at(p, s, hop + 1);
		is_any = true;
	}
	return is_any;
}

/*
 * A router answered at @hop, so the end is farther away, whatever it quoted: some stacks quote
 * another TTL than the one they saw.
 */
static void take_transit(struct path *p, unsigned hop)
{
	p->is_news |= !p->hops[hop].is_transit;
	p->hops[hop].is_transit = true;
	if (p->proof != DISTANCE_QUOTED || hop < p->distance)
		return;
	if (hop == p->distance && move_refusals(p, hop)) {
		p->distance++;
		return;
	}
	p->distrusts_quotes = true;
	p->hint = p->distance;
	p->distance = 0;
	p->proof = DISTANCE_UNKNOWN;
}

/* How far away the end is, by the answer @s from there; 0 if it does not say. */
static unsigned quoted_distance(const struct path *p, const struct shot *s)
{
	if (s->q_ttl < 1 || s->q_ttl > s->ttl || p->distrusts_quotes)
		return 0;
	return (unsigned)(s->ttl - s->q_ttl + 1);
}

void path_set_distance(struct path *p, unsigned distance, enum distance_proof proof)
{
	if (p->distance && p->distance < distance)
		return;
	if (p->distance == distance && p->proof > proof)
		return;
	p->distance = (uint8_t)distance;
	p->proof = proof;
}

/* Stacks begin with 64, 128 or 255: what is missing is how many routers the answer met. */
static unsigned guess_distance(int reply_ttl)
{
	int from = reply_ttl > 128 ? 255 : reply_ttl > 64 ? 128 : 64;

	return reply_ttl > 0 ? (unsigned)(from - reply_ttl + 1) : 0;
}

static void take_end(struct traceroute *t, struct path *p, struct shot *s)
{
	unsigned distance = quoted_distance(p, s);

	if (distance && s->kind == ANSWER_REFUSED && distance < s->ttl &&
	    p->hops[distance].is_transit)
		distance++;
	if (distance) {
		if (distance < t->opts.first_ttl)
			distance = t->opts.first_ttl;
		path_set_distance(p, distance,
				  distance == s->ttl ? DISTANCE_DIRECT : DISTANCE_QUOTED);
		if (distance != s->hop) {
			unlist(p, s);
			path_list_at(p, s, distance);
		}
		return;
	}
	if (!p->is_upper_end || s->ttl < p->upper) {
		p->upper = s->ttl;
		p->is_upper_end = true;
	}
	distance = guess_distance(s->reply_ttl);
	if (distance && !p->hint)
		p->hint = (uint8_t)(distance < p->upper ? distance : p->upper);
	/* Its neighbour is a router, so it is the end. */
	if (s->ttl == t->opts.first_ttl || p->hops[s->ttl - 1].is_transit)
		path_set_distance(p, s->ttl, DISTANCE_DIRECT);
}

/*
 * In a capture of a path that was asked with smaller and smaller packets: notes where they had to
 * be. Returns whether the answer was that.
 */
static bool take_mtu(struct traceroute *t, struct path *p, struct shot *s)
{
	uint32_t mtu = t->opts.is_mtu ? mtu_asked_for(&t->detail, p->mtu) : 0;

	if (!mtu)
		return false;
	p->mtu = (uint16_t)mtu;
	p->hops[mtu_narrow_hop(&t->detail, p, s->hop)].mtu = p->mtu;
	unlist(p, s);
	s->fate = SHOT_GIVEN_UP;
	path_list_at(p, s, 0);
	return true;
}

void path_answer(struct traceroute *t, struct path *p, const struct event *ev)
{
	struct shot *s = ev->seq <= p->n_shots ? &p->shots[ev->seq - 1] : NULL;
	const struct tr_detail *d = &t->detail;
	struct hop *h;

	if (p->multi && !s)
		multi_answer(t, p->multi, ev);
	if (p->watch && !s)
		watch_answer(t, p->watch, ev);
	if (p->search && !s)
		mtu_answer(t, p, ev);
	if (!s || s->fate == SHOT_ANSWERED)
		return;
	if (t->opts.read && take_mtu(t, p, s))
		return;
	h = &p->hops[s->hop];
	h->n_open -= s->fate == SHOT_OPEN;
	h->n_answered++;
	s->fate = SHOT_ANSWERED;
	s->kind = (uint8_t)d->kind;
	s->from = d->from;
	s->rtt_ns = ev->rtt_ns;
	s->is_icmp = d->is_icmp;
	s->type = d->type;
	s->code = d->code;
	s->info = d->info;
	s->reply_ttl = (int16_t)d->reply_ttl;
	s->q_ttl = (int16_t)d->q_ttl;
	s->ext = t->opts.shows_ext ? ext_text(&d->ext) : NULL;
	if (t->opts.shows_tcp && d->tcp_flags && !s->ext)
		s->ext = method_flags_text(d->tcp_flags);
	if (t->run->options.json_form)
		ext_keep(s, &d->ext);
	s->changed = d->changes.set;
	s->changes = s->changed ? changes_text(&d->changes) : NULL;
	if (s->rtt_ns > p->max_rtt_ns)
		p->max_rtt_ns = s->rtt_ns;
	if (s->kind == ANSWER_TRANSIT)
		take_transit(p, s->hop);
	else
		take_end(t, p, s);
	if (t->names)
		hop_names_want(t->names, &s->from, clock_mono(t->run->clock));
	if (t->asns)
		hop_names_want(t->asns, &s->from, clock_mono(t->run->clock));
}

unsigned path_end(const struct traceroute *t, const struct path *p)
{
	(void)t;
	return p->distance ? p->distance : p->upper;
}

struct addr path_router(const struct path *p, unsigned hop)
{
	for (uint16_t i = p->hops[hop].first; i; i = p->shots[i - 1].next)
		if (p->shots[i - 1].fate == SHOT_ANSWERED)
			return p->shots[i - 1].from;
	return (struct addr){0};
}

unsigned path_last_known(const struct traceroute *t, const struct path *p)
{
	unsigned hop = path_end(t, p);

	while (hop && !p->hops[hop].n_answered)
		hop--;
	return hop;
}

uint8_t path_ttl(const struct path *p, uint32_t seq)
{
	if (seq && seq <= p->n_shots)
		return p->shots[seq - 1].ttl;
	if (mtu_probe(p->search, seq))
		return mtu_probe(p->search, seq)->ttl;
	if (p->multi)
		return multi_ttl(p->multi, seq);
	return p->watch ? watch_ttl(p->watch, seq) : 0;
}
