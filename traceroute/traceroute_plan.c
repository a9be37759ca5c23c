/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_plan - what is asked next, and how long it is waited for. Pure in (answers, now).
 *
 * Before anything is known, one shot goes to the last hop that may be asked, the scout. If the end
 * answers it, its quote shows what was left of the TTL, and so how far away the end is; then all
 * hops are asked at once, and the path is known after two round trips. Meanwhile those nearby are
 * asked step by step, so that at most three shots go beyond the end. Where the end does not quote,
 * the TTL of its answer says where to look first. Where it says nothing, because it is silent or
 * because its answers are limited, the scout is repeated, and in the end every hop is asked.
 */
#include "traceroute_plan.h"

#include "base/num.h"
#include "traceroute_mtu.h"
#include "traceroute_multi.h"
#include "traceroute_watch.h"

#define SCOUT_GAP_NS (NS_PER_S / 4) /* Linux lets one error a second pass, once it limits */
#define SCOUT_GAP_RTTS 3u
#define SCOUTS_MAX 10u
#define PATIENCE_NS (1200 * NS_PER_MS)    /* with the scout: more than that second */
#define LEAST_WAIT_NS (100 * NS_PER_MS)   /* whatever HERE and NEAR make of a small RTT */
#define LEAST_WAIT_MANY_NS (NS_PER_S / 2) /* ... while others are asked anyhow */
/*
 * A router takes three seconds to find out that a neighbour is missing (RFC 4861 10; Linux), and
 * says so then.
 */
#define TAIL_NS (3500 * NS_PER_MS)
#define TAIL_LEAST_NS (1500 * NS_PER_MS)
#define LOOP_REPEATS 2u
#define FULL_RETRY_NS NS_PER_MS
#define LONG_STEP 7u /* hops more at once, when the path is longer than all that are asked */

/* --- how long a shot is waited for */

/* The RTT of an answered shot at @hop; 0 if there is none. */
static uint64_t rtt_at(const struct path *p, unsigned hop)
{
	if (p->hops[hop].n_answered)
		for (uint16_t i = p->hops[hop].first; i; i = p->shots[i - 1].next)
			if (p->shots[i - 1].fate == SHOT_ANSWERED)
				return p->shots[i - 1].rtt_ns;
	return 0;
}

static uint64_t times(const struct traceroute *t, double factor, uint64_t rtt_ns)
{
	uint64_t ns = (uint64_t)(factor * (double)rtt_ns), most_ns = t->opts.wait_ns;
	uint64_t least_ns = t->is_many ? LEAST_WAIT_MANY_NS : LEAST_WAIT_NS;

	if (ns < least_ns)
		ns = least_ns;
	return ns < most_ns ? ns : most_ns;
}

/* When the open shot @s has had its time. @later_rtt_ns: of the next hop that answered, or 0. */
static uint64_t wait_until(const struct traceroute *t, const struct path *p, const struct shot *s,
			   uint64_t later_rtt_ns)
{
	uint64_t here_ns = rtt_at(p, s->hop), most_ns = t->opts.wait_ns, tail_ns;

	if (here_ns)
		return s->sent_ns + times(t, t->opts.here, here_ns);
	if (later_rtt_ns)
		return s->sent_ns + times(t, t->opts.near, later_rtt_ns);
	if (t->opts.has_wait)
		return s->sent_ns + most_ns;
	tail_ns = s->sent_ns + TAIL_LEAST_NS;
	if (tail_ns < p->start_ns + TAIL_NS)
		tail_ns = p->start_ns + TAIL_NS;
	if (tail_ns < s->sent_ns + 10 * p->max_rtt_ns)
		tail_ns = s->sent_ns + 10 * p->max_rtt_ns;
	return tail_ns < s->sent_ns + most_ns ? tail_ns : s->sent_ns + most_ns;
}

/* Gives up what has had its time; returns when the next shot has. */
static uint64_t give_up_old(struct traceroute *t, struct path *p, uint64_t now_ns)
{
	uint64_t next_ns = ENGINE_NEVER, later_rtt_ns = 0;

	for (unsigned hop = t->opts.max_ttl; hop >= t->opts.first_ttl; hop--) {
		for (uint16_t i = p->hops[hop].n_open ? p->hops[hop].first : 0; i;
		     i = p->shots[i - 1].next) {
			struct shot *s = &p->shots[i - 1];
			struct probe *probe = probe_get(engine_probes(t->engine), s->n);
			uint64_t until_ns;

			if (s->fate != SHOT_OPEN)
				continue;
			until_ns = wait_until(t, p, s, later_rtt_ns);
			if (!s->n && until_ns <= now_ns) /* it has not left yet */
				until_ns = now_ns + FULL_RETRY_NS;
			if (until_ns <= now_ns && probe)
				engine_give_up(t->engine, probe, now_ns);
			if (until_ns <= now_ns)
				path_lost(p, i, SHOT_GIVEN_UP);
			else if (until_ns < next_ns)
				next_ns = until_ns;
		}
		if (rtt_at(p, hop))
			later_rtt_ns = rtt_at(p, hop);
	}
	return next_ns;
}

/* --- what is asked */

/* Up to which hop all shots may be sent. */
static unsigned limit(const struct traceroute *t, const struct path *p)
{
	unsigned hop = path_farthest(t, p) + 1;

	if (p->distance)
		return p->distance;
	if (hop < p->hint)
		hop = p->hint;
	if (p->hops[t->opts.max_ttl].is_transit)
		hop += LONG_STEP;
	if (p->is_open || hop > p->upper)
		hop = p->upper;
	return hop;
}

/*
 * How many shots @hop gets in all. Where many paths are asked at once, one that stays silent before
 * others that answered gets one more, when the first have had their time: a queue that ran over
 * must not make a gap in the path, nor a router that limits its answers.
 */
static uint32_t shots_of(const struct traceroute *t, const struct path *p, unsigned hop)
{
	const struct hop *h = &p->hops[hop];
	bool is_gap = t->is_many && !h->n_answered && h->n_shots >= t->opts.queries && !h->n_open &&
		      hop < path_last_known(t, p);

	return t->opts.queries + is_gap;
}

/* How many shots @hop is to get now. */
static uint32_t wanted(const struct traceroute *t, const struct path *p, unsigned hop,
		       unsigned last)
{
	if (hop <= last)
		return shots_of(t, p, hop);
	return hop == last + 1 && hop <= p->upper && !p->distance && !p->hint ? 1 : 0;
}

bool path_is_settled(const struct traceroute *t, const struct path *p, unsigned hop)
{
	const struct hop *h = &p->hops[hop];

	return !h->n_open && (h->n_shots >= shots_of(t, p, hop) || p->is_unsent);
}

static uint64_t scout_gap_ns(const struct path *p)
{
	uint64_t gap_ns = SCOUT_GAP_RTTS * p->max_rtt_ns;

	return gap_ns > SCOUT_GAP_NS ? gap_ns : SCOUT_GAP_NS;
}

/* When the next scout is due; ENGINE_NEVER when none is needed. */
static uint64_t scout_due_ns(const struct traceroute *t, const struct path *p)
{
	bool is_needed = !p->distance && !p->is_upper_end && !t->opts.is_fast &&
			 !p->hops[t->opts.max_ttl].is_transit && p->n_scouts < SCOUTS_MAX;

	if (!is_needed || t->opts.first_ttl == t->opts.max_ttl)
		return ENGINE_NEVER;
	return p->n_scouts ? p->scout_ns + scout_gap_ns(p) : 0;
}

/* Nobody answers from the end: all is asked. Returns when that will be so, or ENGINE_NEVER. */
static uint64_t lose_patience(struct path *p, uint64_t now_ns)
{
	uint64_t at_ns = p->start_ns + PATIENCE_NS;

	if (at_ns < p->start_ns + 4 * p->max_rtt_ns)
		at_ns = p->start_ns + 4 * p->max_rtt_ns;
	if (p->is_open || p->distance)
		return ENGINE_NEVER;
	if (now_ns < at_ns)
		return at_ns;
	p->is_open = true;
	return ENGINE_NEVER;
}

/* The TTL of the next shot; 0 if all is asked that may be. */
static unsigned next_hop(const struct traceroute *t, const struct path *p, uint64_t now_ns)
{
	unsigned last = limit(t, p);

	if (scout_due_ns(t, p) <= now_ns)
		return t->opts.max_ttl;
	for (unsigned hop = t->opts.first_ttl; hop <= t->opts.max_ttl; hop++)
		if (p->hops[hop].n_shots < wanted(t, p, hop, last))
			return hop;
	return 0;
}

/* Whether all the shots are sent that --count allows. */
static bool is_out(const struct traceroute *t, const struct path *p)
{
	return t->run->options.count && p->n_shots >= t->run->options.count;
}

/* Whether -N, -z or --count forbid to send now; *next_ns then says until when. */
static bool is_held_back(const struct traceroute *t, const struct path *p, uint64_t now_ns,
			 uint64_t *next_ns)
{
	const struct options *o = &t->run->options;
	/* With --continuous, --interval is between rounds. */
	uint64_t pause_ns = t->opts.is_watch && o->has_interval ? 0 : o->interval_ns;

	if (is_out(t, p))
		return true;
	/* One with shots under way is asked again anyhow, when they have their answers. */
	if (engine_is_full(t->engine)) {
		if (!p->target->n_outstanding && now_ns + FULL_RETRY_NS < *next_ns)
			*next_ns = now_ns + FULL_RETRY_NS;
		return true;
	}
	if (t->opts.simultaneous && p->target->n_outstanding >= t->opts.simultaneous)
		return true;
	if (!p->n_shots || now_ns >= p->last_sent_ns + pause_ns)
		return false;
	if (p->last_sent_ns + pause_ns < *next_ns)
		*next_ns = p->last_sent_ns + pause_ns;
	return true;
}

/*
 * The same router again and again, with others between. The same one in a row is none: it forwards
 * at TTL 0, or a translator speaks for all behind it.
 */
static bool is_looping_at(const struct traceroute *t, const struct path *p, unsigned hop)
{
	struct addr here = p->hops[hop].is_transit ? path_router(p, hop) : (struct addr){0};
	unsigned repeats = 0;

	for (unsigned before = t->opts.first_ttl; here.len && before + 1 < hop; before++) {
		struct addr there = path_router(p, before), between = path_router(p, before + 1);

		repeats += there.len && between.len && addr_same(&there, &here) &&
			   !addr_same(&between, &here);
	}
	return repeats >= LOOP_REPEATS;
}

void path_look_back(struct traceroute *t, struct path *p)
{
	unsigned last = path_farthest(t, p);

	for (unsigned hop = t->opts.first_ttl; hop <= last && !p->distance; hop++)
		if (is_looping_at(t, p, hop)) {
			p->is_loop = true;
			path_set_distance(p, hop, DISTANCE_DIRECT);
		}
}

static bool is_complete(const struct traceroute *t, const struct path *p)
{
	if (p->is_unsent)
		return true;
	if (!p->distance && limit(t, p) < p->upper && !is_out(t, p))
		return false;
	for (unsigned hop = t->opts.first_ttl; hop <= path_end(t, p); hop++)
		if (is_out(t, p) ? p->hops[hop].n_open : !path_is_settled(t, p, hop))
			return false;
	return true;
}

enum stop_reason path_reason(const struct traceroute *t, const struct path *p)
{
	enum stop_reason reason = STOP_HOPLIMIT;

	if (p->is_unsent || p->is_loop)
		return p->is_unsent ? STOP_ERROR : STOP_LOOP;
	if (is_out(t, p) && !p->distance)
		reason = STOP_COUNT;
	for (uint16_t i = p->hops[path_end(t, p)].first; i; i = p->shots[i - 1].next) {
		const struct shot *s = &p->shots[i - 1];

		if (s->fate == SHOT_ANSWERED && s->kind == ANSWER_REACHED)
			return STOP_COMPLETED;
		if (s->fate == SHOT_ANSWERED && s->kind == ANSWER_REFUSED)
			reason = STOP_UNREACH;
	}
	return reason;
}

/* Nothing is to be asked any more; what is still open beyond the end is of no interest. */
static void end_path(struct traceroute *t, struct path *p, uint64_t now_ns)
{
	if (p->stop)
		return;
	p->stop = path_reason(t, p);
	p->end_ns = now_ns;
	for (unsigned i = 0; i < p->n_shots; i++) {
		struct probe *probe = probe_get(engine_probes(t->engine), p->shots[i].n);

		if (p->shots[i].fate == SHOT_OPEN && probe) {
			p->hops[p->shots[i].hop].n_open--;
			p->shots[i].fate = SHOT_GIVEN_UP;
			engine_give_up(t->engine, probe, now_ns);
		}
	}
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* With --multipath the one path is but the beginning. ENGINE_DONE when all is found. */
static uint64_t look_for_branches(struct traceroute *t, struct path *p, uint64_t now_ns)
{
	uint64_t at_ns;

	if (!t->opts.is_multi || p->is_unsent)
		return ENGINE_DONE;
	if (!p->multi)
		p->multi = multi_new(t, p);
	at_ns = p->multi ? multi_plan(t, p, now_ns) : ENGINE_DONE;
	if (p->multi && at_ns == ENGINE_DONE)
		graph_write(t, p);
	return at_ns;
}

/* With --continuous the path is asked again and again. ENGINE_DONE when that is over. */
static uint64_t watch_on(struct traceroute *t, struct path *p, uint64_t now_ns)
{
	if (p->is_unsent)
		return ENGINE_DONE;
	if (!p->watch)
		p->watch = watch_new(t, p, now_ns);
	return p->watch ? watch_plan(t, p, now_ns) : ENGINE_DONE;
}

/* All is known but perhaps names. */
static uint64_t finish(struct traceroute *t, struct target *target, uint64_t now_ns)
{
	struct path *p = target->notes;
	uint64_t at_ns;

	end_path(t, p, now_ns);
	at_ns = t->opts.is_mtu && !p->is_written ? mtu_plan(t, p, now_ns) : ENGINE_DONE;
	if (at_ns != ENGINE_DONE)
		return at_ns;
	if (p->search && !p->is_written)
		p->end_ns = now_ns;
	at_ns = lines_write(t, p, false, now_ns);
	if (at_ns)
		return at_ns;
	at_ns = t->opts.is_watch ? watch_on(t, p, now_ns) : look_for_branches(t, p, now_ns);
	if (at_ns != ENGINE_DONE)
		return at_ns;
	path_summary(t, p);
	if (target->is_swept) { /* nobody will ask for it again */
		path_free(p);
		target->notes = NULL;
	}
	return ENGINE_DONE;
}

uint64_t path_plan(void *tool, struct target *target, uint64_t now_ns)
{
	struct traceroute *t = tool;
	struct path *p = target->notes;
	uint64_t next_ns, scout_ns;
	struct why why;
	unsigned hop;

	if (p->stop)
		return finish(t, target, now_ns);
	next_ns = give_up_old(t, p, now_ns);
	next_ns = earlier(next_ns, lose_patience(p, now_ns));
	if (p->is_news)
		path_look_back(t, p);
	p->is_news = false;
	if (is_complete(t, p))
		return finish(t, target, now_ns);
	next_ns = earlier(next_ns, lines_write(t, p, false, now_ns));
	hop = next_hop(t, p, now_ns);
	scout_ns = scout_due_ns(t, p);
	if (scout_ns > now_ns)
		next_ns = earlier(next_ns, scout_ns);
	if (!hop || is_held_back(t, p, now_ns, &next_ns))
		return next_ns;
	if (scout_ns <= now_ns) {
		p->n_scouts++;
		p->scout_ns = now_ns;
	}
	p->next_ttl = (uint8_t)hop;
	if (!path_add_shot(p)) {
		(void)why_set(&why, E_MEM, "out of memory");
		engine_break(t->engine, &why);
		return ENGINE_NEVER;
	}
	p->shots[p->n_shots - 1].sent_ns = now_ns; /* or a moment later, then set right */
	path_list_at(p, &p->shots[p->n_shots - 1], hop);
	p->last_sent_ns = now_ns; /* a batch leaves together: the next shot is planned before */
	return now_ns;
}
