/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_watch - a path asked again and again, and what came of it.
 */
#ifndef PKT_TRACEROUTE_WATCH_H
#define PKT_TRACEROUTE_WATCH_H

#include "base/stats.h"
#include "traceroute_flight.h"

struct watch_hop {
	struct addr from; /* who answered last; len 0 if nobody ever did */
	uint32_t sent, received;
	struct stats rtt;
};

struct watch {
	unsigned first, last;           /* hops */
	uint64_t rounds;                /* 0: no end but that of the probes */
	uint64_t round;                 /* of them, those that were sent */
	uint64_t interval_ns, round_ns; /* between two rounds; when the next is due */
	unsigned next_hop;
	struct flight flight;
	struct watch_hop hops[]; /* by TTL */
};

/* watch_new() - of the path that is known; NULL when out of memory or nothing is known. */
struct watch *watch_new(const struct traceroute *t, const struct path *p, uint64_t now_ns);
void watch_free(struct watch *w);

/* watch_plan() - as plan() of struct probe_ops; sets p->next_ttl. */
uint64_t watch_plan(struct traceroute *t, struct path *p, uint64_t now_ns);
void watch_sent(struct watch *w, const struct event *ev);
void watch_answer(struct traceroute *t, struct watch *w, const struct event *ev);

/* watch_ttl() - that the probe @seq was sent with; 0 when it is none of these. */
uint8_t watch_ttl(const struct watch *w, uint32_t seq);

/* watch_write() - the report, as text or record. */
void watch_write(struct traceroute *t, const struct path *p);
extern const struct record_type traceroute_watch_record;

#endif
