/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_watch - the known path asked again and again: what each hop loses and how long it
 * takes. A hop that loses more than those behind it does not lose packets; it limits its answers.
 */
#include "traceroute_watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

#define WAIT_LEAST_NS NS_PER_S
#define FULL_RETRY_NS NS_PER_MS

static const struct field watch_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed."},
	{"addr", FIELD_STRING, "", "The address that was asked."},
	{"rounds", FIELD_INT, "", "How often the path was asked."},
	{"hops", FIELD_ARRAY, "",
	 "Per hop: ttl, addr (who answered last), sent, received, loss_pct, limited (it loses more than "
	 "what is behind it: it limits its answers) and rtt_ms: last, min, mean, p50, p95, max, mdev."},
};

const struct record_type traceroute_watch_record =
	RECORD_TYPE("watch", "A path asked again and again (--continuous).", watch_fields);

struct watch *watch_new(const struct traceroute *t, const struct path *p, uint64_t now_ns)
{
	unsigned last = path_last_known(t, p);
	struct watch *w = calloc(1, sizeof(*w) + (last + 1) * sizeof(w->hops[0]));

	if (!w)
		return NULL;
	w->first = t->opts.first_ttl;
	w->last = last;
	w->rounds = t->opts.rounds;
	w->interval_ns = t->run->options.has_interval ? t->run->options.interval_ns : NS_PER_S;
	w->flight = flight_of(p);
	w->next_hop = w->first;
	w->round_ns = now_ns;
	for (unsigned hop = w->first; hop <= last; hop++)
		w->hops[hop].from = path_router(p, hop);
	if (last >= w->first)
		return w;
	watch_free(w);
	return NULL;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	for (unsigned hop = w->first; hop <= w->last; hop++)
		stats_free(&w->hops[hop].rtt);
	flight_free(&w->flight);
	free(w);
}

void watch_sent(struct watch *w, const struct event *ev)
{
	flight_sent(&w->flight, ev);
}

uint8_t watch_ttl(const struct watch *w, uint32_t seq)
{
	const struct flight_probe *probe = flight_at(&w->flight, seq);

	return probe ? probe->ttl : 0;
}

void watch_answer(struct traceroute *t, struct watch *w, const struct event *ev)
{
	const struct flight_probe *probe = flight_answer(&w->flight, ev);
	struct watch_hop *hop;

	if (!probe)
		return;
	hop = &w->hops[probe->ttl];
	hop->received++;
	hop->from = t->detail.from;
	stats_add(&hop->rtt, ev->rtt_ns);
}

static uint64_t give_up_old(struct traceroute *t, struct watch *w, uint64_t now_ns)
{
	const struct flight_probe *lost;
	uint64_t next_ns;

	while (next_ns = flight_give_up(t, &w->flight, WAIT_LEAST_NS, now_ns, &lost), lost)
		;
	return next_ns;
}

uint64_t watch_plan(struct traceroute *t, struct path *p, uint64_t now_ns)
{
	struct watch *w = p->watch;
	uint64_t next_ns = give_up_old(t, w, now_ns);
	bool is_over = (w->rounds && w->round == w->rounds) ||
		       w->flight.n + (w->last - w->first + 1) > FLIGHT_MAX;

	if (is_over && w->next_hop == w->first)
		return w->flight.n_open ? next_ns : ENGINE_DONE;
	if (w->next_hop == w->first && now_ns < w->round_ns)
		return next_ns < w->round_ns ? next_ns : w->round_ns;
	if (engine_is_full(t->engine))
		return now_ns + FULL_RETRY_NS;
	p->next_ttl = (uint8_t)w->next_hop;
	if (!flight_add(&w->flight, &(struct flight_probe){.ttl = p->next_ttl}))
		return ENGINE_DONE;
	w->hops[w->next_hop].sent++;
	if (w->next_hop++ == w->last) {
		w->next_hop = w->first;
		w->round++;
		w->round_ns += w->interval_ns;
	}
	return now_ns;
}

/* --- the report */

static double loss_pct(const struct watch_hop *h)
{
	return h->sent ? 100.0 * (h->sent - h->received) / h->sent : 0;
}

/* The last hop tells what is lost; whoever loses more before it only answers less. */
static bool is_limited(const struct watch *w, unsigned hop)
{
	const struct watch_hop *h = &w->hops[hop], *last = &w->hops[w->last];

	return hop < w->last && last->received &&
	       h->sent - h->received > last->sent - last->received;
}

static double ms(double ns)
{
	return ns / NS_PER_MS;
}

static void hop_line(struct traceroute *t, const struct watch *w, unsigned hop)
{
	const struct watch_hop *h = &w->hops[hop];
	const struct stats *s = &h->rtt;
	char line[512], addr[ADDR_TEXT_MAX];
	struct text out = text_make(line, sizeof(line));
	const char *name = NULL;

	addr_text(&h->from, addr);
	if (t->names && h->from.len)
		(void)hop_names_get(t->names, &h->from, UINT64_MAX / 2, &name);
	text_addf(&out, "%2u  ", hop);
	if (!h->from.len) {
		text_add(&out, "*");
	} else if (name) {
		text_add_clean(&out, name, strlen(name));
		text_addf(&out, " (%s)", addr);
	} else {
		text_add(&out, addr);
	}
	while (out.len < 44 && !out.cut)
		text_add(&out, " ");
	text_addf(&out, " %5.1f%% %5u", loss_pct(h), h->sent);
	if (h->received)
		text_addf(&out, " %8.3f %8.3f %8.3f %8.3f %8.3f %8.3f", ms((double)s->last_ns),
			  ms((double)s->min_ns), ms(s->mean_ns),
			  ms((double)stats_percentile_ns(s, 95)), ms((double)s->max_ns),
			  ms(stats_mdev_ns(s)));
	if (is_limited(w, hop))
		text_add(&out, "  limits its answers");
	out_line(&t->run->out, &out);
}

static void hop_fields(struct rec *hops, const struct watch *w, unsigned hop)
{
	const struct watch_hop *h = &w->hops[hop];
	struct rec *item = rec_item(hops), *rtt;
	char addr[ADDR_TEXT_MAX];

	rec_int(item, "ttl", hop);
	if (h->from.len)
		rec_str(item, "addr", addr_text(&h->from, addr));
	rec_int(item, "sent", h->sent);
	rec_int(item, "received", h->received);
	rec_num(item, "loss_pct", loss_pct(h));
	rec_bool(item, "limited", is_limited(w, hop));
	if (h->received) {
		rtt = rec_object(item, "rtt_ms");
		rec_num(rtt, "last", ms((double)h->rtt.last_ns));
		rec_num(rtt, "min", ms((double)h->rtt.min_ns));
		rec_num(rtt, "mean", ms(h->rtt.mean_ns));
		rec_num(rtt, "p50", ms((double)stats_percentile_ns(&h->rtt, 50)));
		rec_num(rtt, "p95", ms((double)stats_percentile_ns(&h->rtt, 95)));
		rec_num(rtt, "max", ms((double)h->rtt.max_ns));
		rec_num(rtt, "mdev", ms(stats_mdev_ns(&h->rtt)));
		rec_close(rtt);
	}
	rec_close(item);
}

void watch_write(struct traceroute *t, const struct path *p)
{
	const struct watch *w = p->watch;
	struct rec *r = record_start(&t->run->out, &traceroute_watch_record), *hops;
	char addr[ADDR_TEXT_MAX];

	if (r) {
		rec_str(r, "target", target_text(p->target, addr));
		rec_str(r, "addr", addr_text(&p->target->addr, addr));
		rec_int(r, "rounds", (int64_t)w->round);
		hops = rec_array(r, "hops");
		for (unsigned hop = w->first; hop <= w->last; hop++)
			hop_fields(hops, w, hop);
		rec_close(hops);
		record_write(&t->run->out, r);
	}
	if (t->run->out.is_json || t->run->options.is_quiet)
		return;
	out_text(&t->run->out, "%-44s %6s %5s %8s %8s %8s %8s %8s %8s\n", "hop", "loss", "sent",
		 "last ms", "min", "mean", "p95", "max", "mdev");
	for (unsigned hop = w->first; hop <= w->last; hop++)
		hop_line(t, w, hop);
}
