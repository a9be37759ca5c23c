/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_read - traces out of a capture: each trail is told as if it were asked now, by a clock
 * that shows what the capture's did, with the options that its probes show.
 */
#include "traceroute_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "io/savefile.h"
#include "traceroute_plan.h"
#include "wire/dissect.h"

#define QUERIES_MAX 100 /* that a line of text has room for, as -q */

/* One trail being told. */
struct telling {
	struct traceroute *t;
	const struct capture *c;
	const struct cap_trail *trail;
	struct fake_clock *clock;
	struct target target;
	struct path *path;
};

/* An answer, and to which of the trail's probes. */
struct heard {
	const struct cap_answer *answer;
	uint32_t seq;
	bool is_second;
};

static const struct cap_probe *probe_of(const struct telling *g, uint32_t seq)
{
	return &g->c->probes[g->trail->probes[seq - 1]];
}

static enum method method_of(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_UDP: return METHOD_UDP;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6: return METHOD_ICMP;
	case IPPROTO_TCP: return METHOD_TCP;
	case IPPROTO_UDPLITE: return METHOD_UDPLITE;
	default: return METHOD_RAW;
	}
}

/* Whether routers could tell two probes of a run apart. */
static bool is_other_flow(const struct cap_probe *a, const struct cap_probe *b)
{
	if (a->quote.has_icmp)
		return a->quote.l4_csum != b->quote.l4_csum;
	return a->a != b->a || a->b != b->b;
}

/* A router has asked for smaller packets, and got them: --mtu, or tracepath. */
static bool is_too_big(const struct cap_answer *a)
{
	struct dissect d;

	(void)dissect_packet(DISSECT_L3, a->bytes, a->len, &d);
	if (dissect_has(&d, LAYER_ICMP6))
		return d.icmp.type == ICMP_V6_TOO_BIG;
	return dissect_has(&d, LAYER_ICMP4) && d.icmp.type == ICMP_V4_UNREACHABLE &&
	       d.icmp.code == ICMP_V4_FRAG_NEEDED;
}

/* The hop of the end, if it quotes the probe @p, which may have had TTL to spare. */
static unsigned quoted_hop(const struct cap_probe *p)
{
	uint8_t ttl = p->quote.ttl;
	struct dissect d;

	if (!p->first || p->is_told_transit)
		return ttl;
	(void)dissect_packet(DISSECT_L3, p->first->bytes, p->first->len, &d);
	return d.has_quote && d.quote.ttl >= 1 && d.quote.ttl <= ttl ? ttl - d.quote.ttl + 1u : ttl;
}

/* What the other program was told on its command line, as far as its probes show. */
static void settle(struct telling *g)
{
	struct tr_opts *o = &g->t->opts;
	const struct cap_probe *first = probe_of(g, 1);
	const struct quote *q = &first->quote;
	uint32_t n[256] = {0}, most = 0;
	size_t least_len = q->total_len;
	bool was_too_big = false;

	o->method = method_of(q->proto);
	o->proto = q->proto;
	o->first_ttl = o->max_ttl = q->ttl ? q->ttl : 1;
	o->tos = q->tos;
	o->has_df = q->df;
	o->flow_label = q->flow;
	o->port = q->has_ports ? q->dst_port : 0;
	o->packet_len = q->total_len;
	o->is_classic = false;
	o->csum = q->l4_csum;
	o->wait_ns = 0;
	tr_family_of(g->t, &q->dst)->id = first->a;
	for (uint32_t seq = 1; seq <= g->trail->n; seq++) {
		const struct cap_probe *p = probe_of(g, seq);
		uint8_t ttl = p->quote.ttl ? p->quote.ttl : 1;

		o->first_ttl = ttl < o->first_ttl ? ttl : o->first_ttl;
		if (quoted_hop(p) < o->first_ttl && quoted_hop(p))
			o->first_ttl = (uint8_t)quoted_hop(p);
		o->max_ttl = ttl > o->max_ttl ? ttl : o->max_ttl;
		o->is_classic |= is_other_flow(first, p);
		most = ++n[ttl] > most ? n[ttl] : most;
		least_len = p->quote.total_len < least_len ? p->quote.total_len : least_len;
		o->packet_len =
			p->quote.total_len > o->packet_len ? p->quote.total_len : o->packet_len;
		was_too_big |= p->first && is_too_big(p->first);
	}
	o->queries = most < QUERIES_MAX ? most : QUERIES_MAX;
	o->is_mtu = was_too_big && least_len < o->packet_len;
}

static void add_shots(struct telling *g)
{
	struct path *p = g->path;

	if (g->t->opts.is_mtu) {
		p->mtu = (uint16_t)(g->t->opts.packet_len);
		p->hops[g->t->opts.first_ttl].mtu = p->mtu;
	}
	for (uint32_t seq = 1; seq <= g->trail->n; seq++) {
		const struct cap_probe *probe = probe_of(g, seq);
		struct shot *s;

		p->next_ttl = probe->quote.ttl ? probe->quote.ttl : 1;
		s = path_add_shot(p);
		if (!s)
			return;
		s->n = seq;
		s->sent_ns = probe->wall_ns;
		path_list_at(p, s, p->next_ttl);
	}
}

static struct probe as_probe(struct telling *g, uint32_t seq)
{
	uint64_t ns = probe_of(g, seq)->wall_ns;

	return (struct probe){.n = seq,
			      .sent_ns = ns,
			      .sent_wall_ns = ns,
			      .tx_wall_ns = ns,
			      .target = &g->target,
			      .seq = seq};
}

/* What judge() finds in a packet of its own run. */
static void detail_of(struct telling *g, const struct cap_probe *probe, const struct dissect *d)
{
	struct tr_detail *out = &g->t->detail;
	bool is_v6 = addr_is_v6(&d->src);
	struct quote sent = probe->quote;

	*out = (struct tr_detail){
		.kind = ANSWER_REACHED, .from = d->src, .reply_ttl = d->ttl, .q_ttl = -1};
	sent.has_l4_csum = sent.has_l4_csum && probe->is_csum_good;
	if (dissect_has(d, LAYER_TCP))
		out->tcp_flags = (uint8_t)d->tcp.flags;
	if (!d->has_quote)
		return;
	out->is_icmp = true;
	out->type = d->icmp.type;
	out->code = d->icmp.code;
	out->info = d->icmp.info;
	out->kind = kind_of_error(g->t, is_v6, d->icmp.type, d->icmp.code);
	out->q_ttl = d->quote.ttl;
	out->ext = d->ext;
	changes_compare(&sent, changes_mss(&sent), &d->quote, &out->changes);
}

static void tell_answer(struct telling *g, const struct heard *h)
{
	struct probe probe = as_probe(g, h->seq);
	struct link_in in = {
		.layer = LINK_L3,
		.bytes = h->answer->bytes,
		.len = h->answer->len,
		.wire_len = h->answer->len,
		.wall_ns = h->answer->wall_ns,
	};
	struct event ev = {.kind = EVENT_ANSWER,
			   .target = &g->target,
			   .probe = &probe,
			   .seq = h->seq,
			   .verdict = h->is_second ? VERDICT_DUPLICATE : VERDICT_OK,
			   .has_rtt = h->answer->wall_ns >= probe.sent_ns,
			   .rtt_clock = RTT_KERNEL,
			   .in = &in};
	struct dissect d;

	(void)dissect_packet(DISSECT_L3, in.bytes, in.len, &d);
	detail_of(g, probe_of(g, h->seq), &d);
	ev.rtt_ns = ev.has_rtt ? h->answer->wall_ns - probe.sent_ns : 0;
	g->clock->mono_ns = h->answer->wall_ns;
	tr_report(g->t, &ev);
}

static int by_order(const void *x, const void *y)
{
	const struct heard *a = x, *b = y;

	return a->answer->order < b->answer->order ? -1 : a->answer->order > b->answer->order;
}

/* All answers to the trail, by time; NULL when out of memory. */
static struct heard *gather(struct telling *g, size_t *n)
{
	struct heard *all;

	*n = 0;
	for (uint32_t seq = 1; seq <= g->trail->n; seq++)
		for (const struct cap_answer *a = probe_of(g, seq)->first; a; a = a->next)
			++*n;
	all = malloc((*n + 1) * sizeof(*all));
	*n = 0;
	for (uint32_t seq = 1; all && seq <= g->trail->n; seq++)
		for (const struct cap_answer *a = probe_of(g, seq)->first; a; a = a->next)
			all[(*n)++] = (struct heard){a, seq, a != probe_of(g, seq)->first};
	if (all)
		qsort(all, *n, sizeof(*all), by_order);
	return all;
}

/* Packets and answers, in the order in which they were captured. */
static void tell_packets(struct telling *g, const struct heard *all, size_t n)
{
	uint32_t seq = 1;

	for (size_t i = 0; i <= n; i++) {
		for (; seq <= g->trail->n &&
		       (i == n || probe_of(g, seq)->order < all[i].answer->order);
		     seq++) {
			const struct cap_probe *p = probe_of(g, seq);
			struct probe probe = as_probe(g, seq);
			struct event ev = {.kind = EVENT_SENT,
					   .target = &g->target,
					   .probe = &probe,
					   .seq = seq,
					   .sent = p->bytes,
					   .sent_len = p->len};

			g->clock->mono_ns = p->wall_ns;
			tr_report(g->t, &ev);
		}
		if (i < n)
			tell_answer(g, &all[i]);
	}
}

static void tell_silence(struct telling *g)
{
	unsigned end = path_end(g->t, g->path);

	for (uint32_t seq = 1; seq <= g->path->n_shots; seq++) {
		struct probe probe = as_probe(g, seq);
		struct event ev = {
			.kind = EVENT_TIMEOUT, .target = &g->target, .probe = &probe, .seq = seq};

		if (g->path->shots[seq - 1].fate == SHOT_OPEN && g->path->shots[seq - 1].hop <= end)
			tr_report(g->t, &ev);
	}
}

static int tell_trail(struct traceroute *t, const struct capture *c, const struct cap_trail *trail,
		      struct fake_clock *clock)
{
	const struct quote *q = &c->probes[trail->probes[0]].quote;
	struct telling g = {.t = t, .c = c, .trail = trail, .clock = clock};
	struct heard *all;
	size_t n;

	g.target = (struct target){.addr = q->dst};
	settle(&g);
	clock->mono_ns = probe_of(&g, 1)->wall_ns;
	g.path = path_new(t, &g.target, &q->src);
	all = g.path ? gather(&g, &n) : NULL;
	if (!all) {
		path_free(g.path);
		return E_MEM;
	}
	g.target.notes = g.path;
	add_shots(&g);
	tell_packets(&g, all, n);
	free(all);
	g.path->end_ns = clock->mono_ns;
	path_look_back(t, g.path);
	tell_silence(&g);
	g.path->stop = path_reason(t, g.path);
	(void)lines_write(t, g.path, false, clock->mono_ns);
	path_summary(t, g.path);
	path_free(g.path);
	return 0;
}

static int take_all(struct capture *c, struct link *link, struct why *why)
{
	struct link_in in[16];
	int n, err = 0;

	while ((n = link_recv(link, in, 16, why)) > 0)
		for (int i = 0; i < n && !err; i++)
			err = in[i].kind == LINK_PACKET ? capture_take(c, &in[i]) : 0;
	if (err)
		return why_set(why, err, "out of memory");
	return n == E_EOF ? 0 : n;
}

int read_capture(struct traceroute *t, struct link *link, struct why *why)
{
	const struct clock *now = t->run->clock;
	struct fake_clock clock = clock_fake(0);
	struct capture c;
	int err = 0, fault = 0;

	if (capture_open(&c, &t->key) < 0)
		return why_set(why, E_MEM, "out of memory");
	fault = take_all(&c, link, why); /* what came before it is told all the same */
	err = capture_sort(&c);
	clock.wall_offset_ns = 0;
	t->run->clock = t->run->out.clock = &clock.clock;
	t->is_many = true; /* no line before the path is whole */
	for (uint32_t i = 0; i < c.n_trails && !err; i++)
		err = tell_trail(t, &c, &c.trails[i], &clock);
	t->run->clock = t->run->out.clock = now;
	if (c.n_left_out)
		tool_say(t->run, "more packets than can be held: %llu are left out",
			 (unsigned long long)c.n_left_out);
	capture_close(&c);
	return err ? why_set(why, err, "out of memory") : fault;
}

int read_run(struct traceroute *t)
{
	struct run *run = t->run;
	struct link *link = NULL;
	struct why why;
	int err = savefile_read(t->opts.read, &link, &why);

	if (!err)
		err = asn_open(t, &why);
	if (!err)
		err = trace_open(run, 0, NULL, &t->trace, &why);
	if (!err)
		err = tool_lock_down(run, &why);
	if (!err)
		err = read_capture(t, link, &why);
	link_close(link);
	asndb_close(t->asndb);
	if (err < 0)
		(void)tool_fail(run, &why);
	else if (!t->n_paths)
		tool_say(run, "%s: no packets of a traceroute are in it", t->opts.read);
	if (trace_close(t->trace, &why) < 0)
		return tool_fail(run, &why);
	if (err < 0)
		return EXIT_CANNOT_ASK;
	return t->n_paths && t->n_reached == t->n_paths ? EXIT_ANSWERED : EXIT_NO_ANSWER;
}
