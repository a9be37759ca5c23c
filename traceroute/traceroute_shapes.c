/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_shapes - a path as other programs write it: scamper's JSON, and a result of RIPE
 * Atlas. Fields that only those programs can know (ids of probes, of measurements) are 0.
 */
#include <string.h>

#include "base/num.h"
#include "traceroute.h"

#define ATLAS_FIRMWARE 5080 /* the version of the format, of 2022 */

static void moment_fields(struct rec *parent, const char *name, uint64_t wall_ns)
{
	struct rec *r = rec_object(parent, name);

	rec_int(r, "sec", (int64_t)(wall_ns / NS_PER_S));
	rec_int(r, "usec", (int64_t)(wall_ns % NS_PER_S / NS_PER_US));
	rec_close(r);
}

/* When the path was begun, by the wall: clocks are compared now, the path is seconds old. */
static uint64_t wall_of(const struct traceroute *t, uint64_t mono_ns)
{
	return clock_wall(t->run->clock) - (clock_mono(t->run->clock) - mono_ns);
}

static const char *scamper_stop(enum stop_reason s)
{
	return s == STOP_COMPLETED ? "COMPLETED" :
	       s == STOP_UNREACH   ? "UNREACH" :
	       s == STOP_LOOP      ? "LOOP" :
	       s == STOP_HOPLIMIT  ? "GAPLIMIT" :
				     "NONE";
}

static const char *scamper_method(const struct traceroute *t)
{
	static const char *const paris[] = {"udp-paris", "icmp-echo-paris", "tcp", "udp", "udp"};
	static const char *const classic[] = {"udp", "icmp-echo", "tcp", "udp", "udp"};

	return (t->opts.is_classic ? classic : paris)[t->opts.method];
}

static void scamper_hop(const struct traceroute *t, const struct path *p, const struct shot *s,
			unsigned nth, struct rec *hops)
{
	struct rec *r = rec_item(hops);
	char addr[ADDR_TEXT_MAX];

	rec_str(r, "addr", addr_text(&s->from, addr));
	rec_int(r, "probe_ttl", s->hop);
	rec_int(r, "probe_id", nth);
	rec_int(r, "probe_size", (int64_t)probe_len(t, addr_is_v6(&p->target->addr)));
	moment_fields(r, "tx", wall_of(t, s->sent_ns));
	rec_num(r, "rtt", (double)s->rtt_ns / NS_PER_MS);
	if (s->reply_ttl >= 0)
		rec_int(r, "reply_ttl", s->reply_ttl);
	if (s->is_icmp) {
		rec_int(r, "icmp_type", s->type);
		rec_int(r, "icmp_code", s->code);
	}
	if (s->q_ttl >= 0)
		rec_int(r, "icmp_q_ttl", s->q_ttl);
	ext_scamper(r, s);
	rec_close(r);
}

static void write_scamper(struct traceroute *t, const struct path *p)
{
	struct rec *r = record_start_foreign(&t->run->out), *hops;
	char text[ADDR_TEXT_MAX];

	rec_str(r, "type", "trace");
	rec_str(r, "version", "0.1");
	rec_int(r, "userid", 0);
	rec_str(r, "method", scamper_method(t));
	rec_str(r, "src", addr_text(&p->src, text));
	rec_str(r, "dst", addr_text(&p->target->addr, text));
	rec_str(r, "stop_reason", scamper_stop(p->stop));
	rec_int(r, "stop_data", 0);
	moment_fields(r, "start", wall_of(t, p->start_ns));
	rec_int(r, "hop_count", path_last_known(t, p));
	rec_int(r, "attempts", t->opts.queries);
	rec_int(r, "hoplimit", t->opts.max_ttl);
	rec_int(r, "firsthop", t->opts.first_ttl);
	rec_int(r, "wait", (int64_t)(t->opts.wait_ns / NS_PER_S));
	rec_int(r, "tos", t->opts.tos);
	rec_int(r, "probe_size", (int64_t)probe_len(t, addr_is_v6(&p->target->addr)));
	rec_int(r, "probe_count", p->n_shots);
	if (t->opts.method != METHOD_ICMP && t->opts.method != METHOD_RAW) {
		rec_int(r, "sport", probe_sport(t, p, 0));
		rec_int(r, "dport", t->opts.port);
	}
	hops = rec_array(r, "hops");
	for (unsigned hop = t->opts.first_ttl; hop <= path_end(t, p); hop++) {
		unsigned nth = 0;

		for (uint16_t i = p->hops[hop].first; i; i = p->shots[i - 1].next, nth++)
			if (p->shots[i - 1].fate == SHOT_ANSWERED)
				scamper_hop(t, p, &p->shots[i - 1], nth, hops);
	}
	rec_close(hops);
	record_write(&t->run->out, r);
}

/* The letters of Atlas for an error that is no "time exceeded"; NULL for those that are. */
static const char *atlas_error(const struct shot *s)
{
	static const char *const v4[] = {"N", "H", "P", "p", "F"};
	static const char *const v6[] = {"N", "A", "N", "H", "p"};
	bool is_v6 = addr_is_v6(&s->from);
	uint8_t unreachable = is_v6 ? (uint8_t)ICMP_V6_UNREACHABLE : (uint8_t)ICMP_V4_UNREACHABLE;

	if (!s->is_icmp || s->type != unreachable)
		return NULL;
	if (s->code < 5)
		return (is_v6 ? v6 : v4)[s->code];
	return "A";
}

static void atlas_hop(const struct path *p, unsigned hop, struct rec *results)
{
	struct rec *r = rec_item(results), *list;
	char addr[ADDR_TEXT_MAX];

	rec_int(r, "hop", hop);
	list = rec_array(r, "result");
	for (uint16_t i = p->hops[hop].first; i; i = p->shots[i - 1].next) {
		const struct shot *s = &p->shots[i - 1];
		struct rec *item = rec_item(list);

		if (s->fate != SHOT_ANSWERED) {
			rec_str(item, "x", "*");
			rec_close(item);
			continue;
		}
		rec_str(item, "from", addr_text(&s->from, addr));
		if (s->reply_ttl >= 0)
			rec_int(item, "ttl", s->reply_ttl);
		rec_num(item, "rtt", (double)s->rtt_ns / NS_PER_MS);
		if (s->q_ttl >= 0 && s->q_ttl != 1)
			rec_int(item, "ittl", s->q_ttl);
		if (atlas_error(s))
			rec_str(item, "err", atlas_error(s));
		ext_atlas(item, s);
		rec_close(item);
	}
	rec_close(list);
	rec_close(r);
}

static void write_atlas(struct traceroute *t, const struct path *p)
{
	static const char *const protos[] = {"UDP", "ICMP", "TCP", "UDP", "UDP"};
	struct rec *r = record_start_foreign(&t->run->out), *results;
	bool is_v6 = addr_is_v6(&p->target->addr);
	char text[ADDR_TEXT_MAX];

	rec_int(r, "fw", ATLAS_FIRMWARE);
	rec_int(r, "lts", -1);
	rec_int(r, "timestamp", (int64_t)(wall_of(t, p->start_ns) / NS_PER_S));
	rec_int(r, "endtime", (int64_t)(wall_of(t, p->end_ns) / NS_PER_S));
	rec_str(r, "dst_name", target_text(p->target, text));
	rec_str(r, "dst_addr", addr_text(&p->target->addr, text));
	rec_str(r, "src_addr", addr_text(&p->src, text));
	rec_str(r, "from", text);
	rec_str(r, "proto", protos[t->opts.method]);
	rec_int(r, "af", is_v6 ? 6 : 4);
	rec_int(r, "size", (int64_t)probe_len(t, is_v6) - (is_v6 ? 48 : 28));
	rec_int(r, "paris_id", t->opts.is_classic ? 0 : 1);
	rec_str(r, "type", "traceroute");
	rec_str(r, "msm_name", "Traceroute");
	rec_int(r, "msm_id", 0);
	rec_int(r, "prb_id", 0);
	results = rec_array(r, "result");
	for (unsigned hop = t->opts.first_ttl; hop <= path_end(t, p); hop++)
		if (p->hops[hop].n_shots)
			atlas_hop(p, hop, results);
	rec_close(results);
	record_write(&t->run->out, r);
}

void shape_write(struct traceroute *t, const struct path *p)
{
	const char *shape = t->run->options.json_form;

	if (shape && strcmp(shape, "scamper") == 0)
		write_scamper(t, p);
	else if (shape)
		write_atlas(t, p);
}
