/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_mtu - once the path is known by small packets, one question at a time: does a packet
 * of that size come so far?
 *
 * A router that asks for less gets less. Where nothing comes back, the hop is asked with a small
 * packet: if that is answered, the size was the reason; if not, the hop limits its answers (Linux:
 * to one a second), and is asked again later. How far the large packets get, and which size gets
 * farther, is then found by halving, without a word from any router (RFC 8899 calls it probing).
 */
#include "traceroute_mtu.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define WAIT_LEAST_NS (100 * NS_PER_MS)
#define LIMIT_NS (1100 * NS_PER_MS)
#define LIMITED_MAX 8u
#define FAILURES 3u      /* until a verdict: packets get lost without a reason too */
#define SIZE_FAILURES 2u /* of which there are many */

const struct mtu_probe *mtu_probe(const struct mtu_search *m, uint32_t seq)
{
	return m && seq - m->first_seq < m->n_probes ? &m->probes[seq - m->first_seq] : NULL;
}

static struct mtu_probe *probe_of(struct mtu_search *m, uint32_t seq)
{
	return m && seq - m->first_seq < m->n_probes ? &m->probes[seq - m->first_seq] : NULL;
}

void mtu_free(struct mtu_search *m)
{
	if (m)
		free(m->probes);
	free(m);
}

/* RFC 1191 7: what a router may mean that tells no MTU. */
static uint32_t next_plateau(uint32_t mtu)
{
	static const uint16_t plateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296};
	unsigned i = 0;

	while (i + 1 < sizeof(plateaus) / sizeof(plateaus[0]) && plateaus[i] >= mtu)
		i++;
	return plateaus[i];
}

/* What asks for more, or for less than is allowed, is not believed: RFC 1191 3, RFC 8201 4. */
uint32_t mtu_asked_for(const struct tr_detail *d, uint32_t size)
{
	bool is_v6 = addr_is_v6(&d->from);
	uint32_t least = is_v6 ? 1280 : 68, mtu = d->info;

	if (!d->is_icmp ||
	    (is_v6 ? d->type != ICMP_V6_TOO_BIG :
		     d->type != ICMP_V4_UNREACHABLE || d->code != ICMP_V4_FRAG_NEEDED))
		return 0;
	if (!mtu && !is_v6)
		mtu = next_plateau(size);
	return mtu < least || mtu >= size ? 0 : mtu;
}

/* --- questions */

static void ask(struct mtu_search *m, uint8_t hop, uint16_t size)
{
	m->hop = hop;
	m->asked = size;
	m->n_failed = m->n_limited = 0;
	m->is_small = false;
}

static void ask_end(struct mtu_search *m)
{
	m->step = m->n_alive ? MTU_END : MTU_DONE;
	if (m->n_alive)
		ask(m, m->alive[m->n_alive - 1], m->size);
}

static void ask_sizes(struct mtu_search *m)
{
	ask(m, m->alive[m->high], (uint16_t)((m->passes + m->fails) / 2));
}

/* The large packets get to alive[low], and not to alive[high]. */
static void ask_hops(struct mtu_search *m)
{
	if (m->high - m->low > 1) {
		ask(m, m->alive[(m->low + m->high) / 2], m->size);
		return;
	}
	m->step = MTU_SIZES;
	m->passes = m->small;
	m->fails = m->size;
	ask_sizes(m);
}

static void note_hole(struct path *p, struct mtu_search *m)
{
	uint8_t hop = m->alive[m->high];

	if (!m->is_told)
		m->holes[m->n_holes++] = (struct mtu_hole){
			.behind = m->low < 0 ? 0 : m->alive[m->low],
			.hop = hop,
			.passes = m->passes,
			.fails = m->fails,
		};
	m->is_told = false;
	m->size = p->mtu = m->passes;
	p->hops[hop].mtu = m->passes;
	ask_end(m);
	if (m->n_holes == MTU_HOLES_MAX)
		m->step = MTU_DONE;
}

static void next_size(struct path *p, struct mtu_search *m)
{
	if (m->fails - m->passes > 1)
		ask_sizes(m);
	else
		note_hole(p, m);
}

static void on_pass(struct path *p, struct mtu_search *m)
{
	switch (m->step) {
	case MTU_HOPS:
		m->low = (m->low + m->high) / 2;
		ask_hops(m);
		break;
	case MTU_SIZES:
		m->passes = m->asked;
		next_size(p, m);
		break;
	case MTU_END:
	case MTU_DONE: m->step = MTU_DONE; break;
	}
}

static void on_fail(struct traceroute *t, struct path *p, struct mtu_search *m)
{
	switch (m->step) {
	case MTU_END:
		m->is_silent = t->opts.pmtu == PMTU_ICMP || m->size <= m->small;
		m->step = m->is_silent ? MTU_DONE : MTU_HOPS;
		m->low = -1;
		m->high = m->n_alive - 1;
		if (!m->is_silent)
			ask_hops(m);
		break;
	case MTU_HOPS:
		m->high = (m->low + m->high) / 2;
		ask_hops(m);
		break;
	case MTU_SIZES:
		m->fails = m->asked;
		next_size(p, m);
		break;
	case MTU_DONE: break;
	}
}

unsigned mtu_narrow_hop(const struct tr_detail *d, const struct path *p, unsigned ttl)
{
	unsigned hop = ttl;

	for (unsigned i = 1; i < ttl; i++) {
		struct addr router = path_router(p, i);

		if (router.len && addr_same(&router, &d->from))
			return i + 1;
	}
	/* It quotes the TTL from before it was reduced. */
	if (d->q_ttl >= 1 && (unsigned)d->q_ttl <= ttl)
		hop = ttl - (unsigned)d->q_ttl + 2;
	return hop < ttl ? hop : ttl;
}

static void on_smaller(struct traceroute *t, struct path *p, struct mtu_search *m, uint32_t mtu)
{
	if (t->opts.pmtu == PMTU_PROBE) {
		m->is_told = true;
		on_fail(t, p, m);
		return;
	}
	m->size = p->mtu = (uint16_t)mtu;
	p->hops[mtu_narrow_hop(&t->detail, p, m->hop)].mtu = p->mtu;
	ask_end(m);
}

/* The probe under way is not answered. */
static void on_silence(struct mtu_search *m, uint64_t now_ns)
{
	if (!m->is_small) {
		m->is_small = true;
		return;
	}
	m->is_small = false;
	m->not_before_ns = now_ns + LIMIT_NS;
	if (++m->n_limited < LIMITED_MAX)
		return;
	if (m->step == MTU_END && m->n_alive > 1) {
		m->n_alive--; /* the hop before may say more */
		ask_end(m);
	} else {
		m->is_limited = true;
		m->step = MTU_DONE;
	}
}

void mtu_sent(struct mtu_search *m, const struct event *ev)
{
	struct mtu_probe *probe = probe_of(m, ev->seq);

	if (!probe)
		return;
	probe->n = ev->probe->n;
	probe->sent_ns = ev->probe->sent_ns;
}

void mtu_answer(struct traceroute *t, struct path *p, const struct event *ev)
{
	struct mtu_search *m = p->search;
	struct mtu_probe *probe = probe_of(m, ev->seq);
	uint32_t mtu;

	/* Only the probe under way is waited for: one that is late belongs to no question. */
	if (!probe || !probe->is_open)
		return;
	probe->is_open = false;
	mtu = mtu_asked_for(&t->detail, probe->size);
	if (mtu && !m->is_small) {
		on_smaller(t, p, m, mtu);
	} else if (!m->is_small) {
		on_pass(p, m);
	} else {
		m->is_small = false;
		if (++m->n_failed >= (m->step == MTU_SIZES ? SIZE_FAILURES : FAILURES))
			on_fail(t, p, m);
	}
}

/* --- the plan */

static struct mtu_search *search_new(const struct traceroute *t, const struct path *p)
{
	struct mtu_search *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->probes = calloc(MTU_PROBES_MAX, sizeof(*m->probes));
	if (!m->probes) {
		free(m);
		return NULL;
	}
	m->first_seq = p->target->seq + 1;
	m->size = p->mtu;
	m->small = (uint16_t)probe_len(t, addr_is_v6(&p->target->addr));
	for (unsigned hop = t->opts.first_ttl; hop <= path_last_known(t, p); hop++)
		if (p->hops[hop].n_answered)
			m->alive[m->n_alive++] = (uint8_t)hop;
	ask_end(m);
	if (m->size <= m->small)
		m->step = MTU_DONE;
	return m;
}

/* Gives up the probe under way when it has had its time; returns when that is, 0 for none. */
static uint64_t wait_for_it(struct traceroute *t, struct path *p, uint64_t now_ns)
{
	struct mtu_search *m = p->search;
	struct mtu_probe *last = m->n_probes ? &m->probes[m->n_probes - 1] : NULL;
	uint64_t wait_ns = 4 * p->max_rtt_ns > WAIT_LEAST_NS ? 4 * p->max_rtt_ns : WAIT_LEAST_NS;
	struct probe *sent;

	if (!last || !last->is_open)
		return 0;
	if (!last->n) /* about to be sent */
		return now_ns + wait_ns;
	if (now_ns < last->sent_ns + wait_ns)
		return last->sent_ns + wait_ns;
	sent = probe_get(engine_probes(t->engine), last->n);
	last->is_open = false;
	if (sent)
		engine_give_up(t->engine, sent, now_ns);
	on_silence(m, now_ns);
	return 0;
}

uint64_t mtu_plan(struct traceroute *t, struct path *p, uint64_t now_ns)
{
	struct mtu_search *m;
	uint64_t at_ns;

	if (!p->search)
		p->search = search_new(t, p);
	m = p->search;
	if (!m || p->is_unsent)
		return ENGINE_DONE;
	at_ns = wait_for_it(t, p, now_ns);
	if (at_ns)
		return at_ns;
	if (m->n_probes == MTU_PROBES_MAX) {
		m->is_limited = true;
		m->step = MTU_DONE;
	}
	if (m->step == MTU_DONE)
		return ENGINE_DONE;
	if (now_ns < m->not_before_ns)
		return m->not_before_ns;
	m->probes[m->n_probes++] = (struct mtu_probe){
		.ttl = m->hop, .size = m->is_small ? m->small : m->asked, .is_open = true};
	p->next_ttl = m->hop;
	return now_ns;
}

void mtu_lines(struct traceroute *t, const struct path *p)
{
	const struct mtu_search *m = p->search;

	for (unsigned i = 0; m && i < m->n_holes; i++)
		out_text(
			&t->run->out,
			"black hole behind hop %u: %u octets pass, %u do not, and nobody says so\n",
			m->holes[i].behind, m->holes[i].passes, m->holes[i].fails);
	if (m && m->is_silent)
		out_text(&t->run->out,
			 "no answer to %u octets, and nobody says why: --pmtu=probe finds out\n",
			 m->size);
	if (m && m->is_limited)
		out_text(&t->run->out,
			 "hop %u answers too seldom: the path may take less than %u octets\n",
			 m->hop, m->size);
}
