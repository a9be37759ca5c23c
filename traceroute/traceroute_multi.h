/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_multi - the graph of a path where routers spread flows, and its being found.
 *
 * A flow is a number: the source port of UDP or TCP, or the checksum of ICMP, counted from the
 * run's own.
 */
#ifndef PKT_TRACEROUTE_MULTI_H
#define PKT_TRACEROUTE_MULTI_H

#include "traceroute_flight.h"

/* What a flow met at a TTL: one of these, or NODE_BASE and the index of a node. */
enum {
	CELL_UNASKED,
	CELL_ASKED,
	CELL_BEYOND, /* its path ends before */
	NODE_BASE,
};

struct multi_node {
	struct addr addr; /* len 0: nobody answers there */
	uint8_t ttl;
	bool is_end;
	uint32_t n_flows;     /* that met it */
	uint32_t n_crossings; /* of them, those whose next hop is known */
	uint16_t *successors; /* NODE_BASE and index */
	unsigned n_successors;
	size_t successors_cap;
};

struct multi {
	unsigned max_flows, n_flows;
	unsigned first_ttl, last_ttl, max_ttl;
	double miss; /* probability of missing anything, of the whole graph */
	struct flight flight;
	uint16_t *at; /* by TTL, then by flow */
	uint8_t *end; /* by flow: TTL of the end of its path, 0 while unknown */
	struct multi_node *nodes, root;
	unsigned n_nodes;
	size_t nodes_cap;
	struct flight_probe *queue; /* to be asked */
	size_t n_queue, next_task, queue_cap;
	unsigned n_rounds;
	bool is_complete; /* flows and probes were enough */
	bool is_limited;  /* routers that answer too seldom kept it from being met */
	bool is_checked, is_per_packet;
};

/* multi_new() - for the path whose length is known; NULL when out of memory or nothing is known. */
struct multi *multi_new(const struct traceroute *t, const struct path *p);
void multi_free(struct multi *m);

/* multi_plan() - as plan() of struct probe_ops; sets p->next_ttl. */
uint64_t multi_plan(struct traceroute *t, struct path *p, uint64_t now_ns);

/* multi_cut() - the search ended early: what is known so far is counted, and called incomplete. */
void multi_cut(struct multi *m);
void multi_sent(struct multi *m, const struct event *ev);
void multi_answer(struct traceroute *t, struct multi *m, const struct event *ev);

/* multi_flow() - of the probe @seq; 0 when it is not one of these. @m may be NULL. */
uint16_t multi_flow(const struct multi *m, uint32_t seq);

/* multi_ttl() - that one of these was sent with. */
uint8_t multi_ttl(const struct multi *m, uint32_t seq);

/* multi_at() - what @flow met at @ttl. */
uint16_t multi_at(const struct multi *m, unsigned ttl, unsigned flow);

/* multi_is_shown() - whether a node is more than lost probes beside others that answered. */
bool multi_is_shown(const struct multi *m, const struct multi_node *v);

/* graph_write() - text or record of the whole graph. */
void graph_write(struct traceroute *t, struct path *p);
extern const struct record_type traceroute_graph_record;

#endif
