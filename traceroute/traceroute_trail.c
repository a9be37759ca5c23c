/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_trail - which probes of a capture are one run to one address, and which packets are no
 * probes at all.
 *
 * One run: same addresses, same protocol, for ICMP the same identifier. Where a new flow (source
 * port) begins, not the next in a row, and none of the flows before it comes again, a new run has
 * begun if that flow is used for several TTLs, or, where each probe is a flow of its own, if the
 * TTL goes back to the first. So has one after a long pause.
 */
#include <stdlib.h>
#include "base/num.h"
#include "traceroute_capture.h"

#define PAUSE_NS (10 * NS_PER_S)      /* between two flows */
#define LONG_PAUSE_NS (60 * NS_PER_S) /* within one */
#define USUAL_TTL 64u                 /* of hosts, at least */
#define FIRST_PORT 33434u             /* of traceroutes */
#define PORTS 100u
#define NEAR_TTL 3u /* a run begins no later, unless somebody tells */

/* What is known of a flow of one source port. */
struct flow_use {
	uint32_t last; /* of its probes, by place in the order */
	uint8_t ttl;   /* of its first */
	bool is_used, has_ttls;
};

static bool is_icmp(const struct cap_probe *p)
{
	return p->quote.proto == IPPROTO_ICMP || p->quote.proto == IPPROTO_ICMPV6;
}

static int compare_runs(const struct cap_probe *a, const struct cap_probe *b)
{
	int n = addr_cmp(&a->quote.dst, &b->quote.dst);

	if (!n)
		n = addr_cmp(&a->quote.src, &b->quote.src);
	if (!n)
		n = a->quote.proto - b->quote.proto;
	if (!n && is_icmp(a))
		n = a->a - b->a;
	return n;
}

static int by_run(const void *x, const void *y, void *arg)
{
	const struct capture *c = arg;
	const struct cap_probe *a = &c->probes[*(const uint32_t *)x];
	const struct cap_probe *b = &c->probes[*(const uint32_t *)y];
	int n = compare_runs(a, b);

	return n ? n : a->order < b->order ? -1 : a->order > b->order;
}

static int by_first(const void *x, const void *y, void *arg)
{
	const struct capture *c = arg;
	const struct cap_trail *a = x, *b = y;
	uint64_t first = c->probes[a->probes[0]].order, second = c->probes[b->probes[0]].order;

	return first < second ? -1 : first > second;
}

static const struct cap_probe *at(const struct capture *c, uint32_t place)
{
	return &c->probes[c->order[place]];
}

static uint16_t flow_of(const struct cap_probe *p)
{
	return is_icmp(p) ? 0 : p->a;
}

static void learn_flows(const struct capture *c, struct flow_use *flows, uint32_t from,
			uint32_t end)
{
	for (uint32_t i = from; i < end; i++) {
		const struct cap_probe *p = at(c, i);
		struct flow_use *f = &flows[flow_of(p)];

		if (!f->is_used)
			*f = (struct flow_use){.is_used = true, .ttl = p->quote.ttl};
		f->has_ttls |= f->ttl != p->quote.ttl;
		f->last = i;
	}
}

/* Nobody else sends UDP there, nor begins with such a TTL. */
static bool is_to_traceroute(const struct cap_probe *p)
{
	return p->quote.proto == IPPROTO_UDP && p->quote.ttl < USUAL_TTL && p->b >= FIRST_PORT &&
	       p->b - FIRST_PORT < PORTS;
}

/* Packets of one TTL are somebody's ordinary ones, unless somebody said that it ran out. */
static bool is_trail(const struct capture *c, uint32_t from, uint32_t end)
{
	uint8_t first = at(c, from)->quote.ttl, least = first;
	uint8_t proto = at(c, from)->quote.proto;
	bool has_ttls = false;

	for (uint32_t i = from; i < end; i++) {
		if (at(c, i)->is_told_transit || is_to_traceroute(at(c, i)))
			return true;
		has_ttls |= at(c, i)->quote.ttl != first;
		least = at(c, i)->quote.ttl < least ? at(c, i)->quote.ttl : least;
	}
	if (least == 1 && (is_icmp(at(c, from)) || proto == IPPROTO_UDP || proto == IPPROTO_TCP))
		return true;
	return has_ttls && least <= NEAR_TTL;
}

static int add_trail(struct capture *c, uint32_t from, uint32_t end)
{
	struct cap_trail *more;

	if (from == end || !is_trail(c, from, end))
		return 0;
	if ((c->n_trails & (c->n_trails - 1)) == 0) { /* each power of two is full */
		more = realloc(c->trails,
			       (c->n_trails ? 2 * (size_t)c->n_trails : 1) * sizeof(*more));
		if (!more)
			return E_MEM;
		c->trails = more;
	}
	c->trails[c->n_trails++] = (struct cap_trail){.probes = c->order + from, .n = end - from};
	return 0;
}

/* What was seen of the run so far. */
struct so_far {
	uint32_t from, last; /* last: of the flows before, by place */
	uint8_t least, most; /* TTL */
	uint16_t flow;       /* the highest */
};

static bool begins_anew(const struct capture *c, const struct flow_use *flows,
			const struct so_far *s, uint32_t i)
{
	const struct cap_probe *p = at(c, i);
	const struct flow_use *f = &flows[flow_of(p)];
	uint64_t before_ns = at(c, i - 1)->wall_ns;
	uint64_t pause_ns = p->wall_ns > before_ns ? p->wall_ns - before_ns : 0;

	if (i - s->from >= CAPTURE_TRAIL_MAX || pause_ns >= LONG_PAUSE_NS)
		return true;
	/* One of those flows goes on, or the next in a row begins: they are looked for branches. */
	if (s->last >= i || flow_of(p) == s->flow + 1)
		return false;
	return f->has_ttls || pause_ns >= PAUSE_NS ||
	       (p->quote.ttl <= s->least && s->least < s->most &&
		p->quote.ttl < at(c, i - 1)->quote.ttl);
}

/* The probes at places @from to @end - 1 have addresses and protocol in common. */
static int split(struct capture *c, struct flow_use *flows, uint32_t from, uint32_t end)
{
	struct so_far s = {.from = from, .least = 255};
	int err = 0;

	learn_flows(c, flows, from, end);
	for (uint32_t i = from; i < end && !err; i++) {
		const struct cap_probe *p = at(c, i);
		uint32_t last = flows[flow_of(p)].last;

		if (i > s.from && begins_anew(c, flows, &s, i)) {
			err = add_trail(c, s.from, i);
			s = (struct so_far){.from = i, .least = 255};
		}
		s.last = last > s.last ? last : s.last;
		s.least = p->quote.ttl < s.least ? p->quote.ttl : s.least;
		s.most = p->quote.ttl > s.most ? p->quote.ttl : s.most;
		s.flow = flow_of(p) > s.flow ? flow_of(p) : s.flow;
	}
	if (!err)
		err = add_trail(c, s.from, end);
	for (uint32_t i = from; i < end; i++)
		flows[flow_of(at(c, i))].is_used = false;
	return err;
}

int capture_sort(struct capture *c)
{
	struct flow_use *flows = calloc(UINT16_MAX + 1u, sizeof(*flows));
	int err = 0;

	c->order = malloc((c->n_probes + 1u) * sizeof(*c->order));
	if (!flows || !c->order) {
		free(flows);
		return E_MEM;
	}
	for (uint32_t i = 0; i < c->n_probes; i++)
		c->order[i] = i;
	qsort_r(c->order, c->n_probes, sizeof(*c->order), by_run, c);
	for (uint32_t from = 0, end; from < c->n_probes && !err; from = end) {
		for (end = from + 1; end < c->n_probes && !compare_runs(at(c, from), at(c, end));)
			end++;
		err = split(c, flows, from, end);
	}
	free(flows);
	if (c->n_trails)
		qsort_r(c->trails, c->n_trails, sizeof(*c->trails), by_first, c);
	return err;
}
