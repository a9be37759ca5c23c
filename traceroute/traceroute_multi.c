/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_multi - all nodes and links between here and the end where routers spread flows.
 *
 * In rounds of one round trip: what is known so far says how many more flows each node has to be
 * seen with. A node that has shown k successors to n flows hides one more, if all are equally
 * likely, with a probability of at most (k + 1) (k / (k + 1))^n. The bound asked for is of the
 * whole graph, so each node gets its share of it; a node found later makes the shares of all
 * smaller. And no balancer is quite even: a third more flows find what gets a quarter less than its
 * part, and what is even fifty times as surely as asked for. Flows that are known to cross a node
 * are used before new ones are. How long a flow's path is, is kept for each flow.
 * Spec: Augustin, Friedman, Teixeira, "Multipath tracing with Paris traceroute", 2007.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "traceroute_multi.h"

#define MARGIN 50.0 /* of the probability that is asked for; a third more flows */
#define TRIES 3u
#define LEAST_WAIT_NS (150 * NS_PER_MS)
#define CHECKS 6u /* of one flow, where there is a choice: does it take the same way each time? */
#define FULL_RETRY_NS NS_PER_MS

static uint16_t *cell(const struct multi *m, unsigned ttl, unsigned flow)
{
	return &m->at[ttl * m->max_flows + flow];
}

uint16_t multi_at(const struct multi *m, unsigned ttl, unsigned flow)
{
	return *cell(m, ttl, flow);
}

struct multi *multi_new(const struct traceroute *t, const struct path *p)
{
	struct multi *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->max_flows = t->opts.max_flows;
	m->first_ttl = t->opts.first_ttl;
	m->max_ttl = t->opts.max_ttl;
	m->last_ttl = path_last_known(t, p);
	m->flight = flight_of(p);
	m->miss = t->opts.miss;
	m->is_complete = true;
	m->at = calloc((m->max_ttl + 2u) * m->max_flows, sizeof(*m->at));
	m->end = calloc(m->max_flows, sizeof(*m->end));
	if (!m->at || !m->end || m->last_ttl < m->first_ttl) {
		multi_free(m);
		return NULL;
	}
	return m;
}

void multi_free(struct multi *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < m->n_nodes; i++)
		free(m->nodes[i].successors);
	free(m->root.successors);
	free(m->nodes);
	flight_free(&m->flight);
	free(m->queue);
	free(m->at);
	free(m->end);
	free(m);
}

/* Room for one element more in an array; false when out of memory. */
static bool grow(void **array, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap ? 2 * *cap : 64;
	void *bigger;

	if (n < *cap)
		return true;
	bigger = realloc(*array, more * size);
	if (!bigger)
		return false;
	*array = bigger;
	*cap = more;
	return true;
}

/* The node with that address at @ttl, made if new; NODE_BASE + its index, 0 without memory. */
static uint16_t node_at(struct multi *m, unsigned ttl, const struct addr *addr, bool is_end)
{
	for (unsigned i = 0; i < m->n_nodes; i++)
		if (m->nodes[i].ttl == ttl && m->nodes[i].addr.len == addr->len &&
		    addr_same(&m->nodes[i].addr, addr))
			return (uint16_t)(NODE_BASE + i);
	if (m->n_nodes == UINT16_MAX - NODE_BASE ||
	    !grow((void **)&m->nodes, m->n_nodes, &m->nodes_cap, sizeof(*m->nodes)))
		return 0;
	m->nodes[m->n_nodes] =
		(struct multi_node){.addr = *addr, .ttl = (uint8_t)ttl, .is_end = is_end};
	return (uint16_t)(NODE_BASE + m->n_nodes++);
}

/* --- tasks */

static void push(struct multi *m, unsigned flow, unsigned ttl, unsigned tries, bool is_check)
{
	if (!grow((void **)&m->queue, m->n_queue, &m->queue_cap, sizeof(*m->queue)))
		return;
	m->queue[m->n_queue++] = (struct flight_probe){.flow = (uint16_t)flow,
						       .ttl = (uint8_t)ttl,
						       .tries = (uint8_t)tries,
						       .is_check = is_check};
	if (!is_check)
		*cell(m, ttl, flow) = CELL_ASKED;
}

static bool is_beyond(const struct multi *m, unsigned ttl, unsigned flow)
{
	return m->end[flow] && ttl > m->end[flow];
}

/* Asks @flow at @ttl unless that was done, or its path is shorter. */
static bool want(struct multi *m, unsigned flow, unsigned ttl)
{
	if (ttl > m->last_ttl || *cell(m, ttl, flow) != CELL_UNASKED || is_beyond(m, ttl, flow))
		return false;
	push(m, flow, ttl, 0, false);
	return true;
}

/* --- what is missing */

/* The least n with (k + 1) (k / (k + 1))^n <= miss. */
static unsigned flows_needed(unsigned k, double miss)
{
	if (!k)
		k = 1;
	return (unsigned)ceil(log((k + 1) / miss) / log((double)(k + 1) / k));
}

static void add_successor(struct multi_node *v, uint16_t w)
{
	for (unsigned i = 0; i < v->n_successors; i++)
		if (v->successors[i] == w)
			return;
	if (grow((void **)&v->successors, v->n_successors, &v->successors_cap,
		 sizeof(*v->successors)))
		v->successors[v->n_successors++] = w;
}

/* Whether a hop has nodes that answer, beside which its silent ones are but losses. */
static bool has_voice(const struct multi *m, unsigned ttl)
{
	for (unsigned i = 0; i < m->n_nodes; i++)
		if (m->nodes[i].ttl == ttl && m->nodes[i].addr.len && m->nodes[i].n_flows)
			return true;
	return false;
}

bool multi_is_shown(const struct multi *m, const struct multi_node *v)
{
	return v->n_flows && (v->addr.len || !has_voice(m, v->ttl));
}

/* Counts flows, crossings and successors of every node from what the flows have met. */
static void survey(struct multi *m)
{
	m->root = (struct multi_node){.successors = m->root.successors,
				      .successors_cap = m->root.successors_cap};
	for (unsigned i = 0; i < m->n_nodes; i++)
		m->nodes[i].n_flows = m->nodes[i].n_crossings = m->nodes[i].n_successors = 0;
	for (unsigned flow = 0; flow < m->n_flows; flow++) {
		for (unsigned ttl = m->first_ttl; ttl <= m->last_ttl; ttl++) {
			uint16_t v = *cell(m, ttl, flow), w = *cell(m, ttl + 1, flow);
			struct multi_node *node = v >= NODE_BASE ? &m->nodes[v - NODE_BASE] : NULL;

			if (!node)
				continue;
			node->n_flows++;
			if (ttl == m->first_ttl)
				m->root.n_crossings++;
			if (ttl == m->first_ttl)
				add_successor(&m->root, v);
			if (w >= NODE_BASE) {
				node->n_crossings++;
				add_successor(node, w);
			}
		}
	}
}

/* Each node that may have successors shares the bound. */
static double share_of_bound(const struct multi *m)
{
	unsigned n = 1; /* where we are */

	for (unsigned i = 0; i < m->n_nodes; i++)
		n += !m->nodes[i].is_end && multi_is_shown(m, &m->nodes[i]);
	return m->miss / MARGIN / n;
}

/* Flows that met some node at @ttl. */
static unsigned flows_at(const struct multi *m, unsigned ttl)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->n_nodes; i++)
		n += m->nodes[i].ttl == ttl ? m->nodes[i].n_flows : 0;
	return n;
}

/* Asks flows that cross @v for its successors; returns how many are still missing. */
static unsigned use_known_flows(struct multi *m, unsigned v, unsigned need)
{
	unsigned ttl = m->nodes[v].ttl;

	for (unsigned flow = 0; need && flow < m->n_flows; flow++)
		if (*cell(m, ttl, flow) == NODE_BASE + v && want(m, flow, ttl + 1))
			need--;
	return need;
}

/* Asks @n flows at @ttl and behind it that were not asked there. */
static void use_new_flows(struct multi *m, unsigned ttl, unsigned n)
{
	for (unsigned flow = 0; n && flow < m->max_flows; flow++) {
		if (ttl >= m->first_ttl && !want(m, flow, ttl))
			continue;
		if (want(m, flow, ttl + 1) || ttl >= m->first_ttl)
			n--;
		if (flow >= m->n_flows)
			m->n_flows = flow + 1;
	}
	if (n)
		m->is_complete = false;
}

/* Most flows get no answer there though some do: more of them would be no more use. */
static bool is_limited_at(const struct multi *m, unsigned ttl)
{
	unsigned silent = 0;

	for (unsigned i = 0; i < m->n_nodes; i++)
		if (m->nodes[i].ttl == ttl && !m->nodes[i].addr.len)
			silent += m->nodes[i].n_flows;
	return has_voice(m, ttl) && 4 * silent > 3 * flows_at(m, ttl);
}

/* Flows that the nodes at @ttl still need, above those known to cross them. */
static unsigned new_flows_at(struct multi *m, unsigned ttl, double miss)
{
	unsigned all = flows_at(m, ttl), most = 0;

	for (unsigned v = 0; v < m->n_nodes; v++) {
		struct multi_node *node = &m->nodes[v];
		unsigned need, n;

		if (node->ttl != ttl || node->is_end || !multi_is_shown(m, node))
			continue;
		need = flows_needed(node->n_successors, miss);
		if (node->n_crossings >= need)
			continue;
		need = use_known_flows(m, v, need - node->n_crossings);
		n = (unsigned)ceil((double)need * all / node->n_flows);
		if (n > most)
			most = n;
	}
	if (most && is_limited_at(m, ttl)) {
		m->is_limited = true;
		return 0;
	}
	return most;
}

/* Plans the next round; false when nothing is missing. */
static bool plan_round(struct multi *m)
{
	double miss;
	unsigned need;

	survey(m);
	for (unsigned i = 0; i < m->n_nodes; i++)
		if (m->nodes[i].ttl == m->last_ttl && !m->nodes[i].is_end && m->nodes[i].addr.len &&
		    m->nodes[i].n_flows && m->last_ttl < m->max_ttl) {
			m->last_ttl++;
			break;
		}
	miss = share_of_bound(m);
	need = flows_needed(m->root.n_successors, miss);
	if (!m->n_rounds) {
		for (unsigned ttl = m->first_ttl; ttl <= m->last_ttl; ttl++)
			for (unsigned flow = 0; flow < need && flow < m->max_flows; flow++)
				(void)want(m, flow, ttl);
		m->n_flows = need < m->max_flows ? need : m->max_flows;
	} else {
		if (m->root.n_crossings < need)
			use_new_flows(m, m->first_ttl - 1u, need - m->root.n_crossings);
		for (unsigned ttl = m->first_ttl; ttl < m->last_ttl; ttl++) {
			unsigned n = new_flows_at(m, ttl, miss);

			if (n)
				use_new_flows(m, ttl, n);
		}
	}
	m->n_rounds += m->n_queue != 0;
	return m->n_queue != 0;
}

/* One flow again and again where there is a choice: a balancer that does not care for flows. */
static bool plan_checks(struct multi *m)
{
	if (m->is_checked)
		return false;
	m->is_checked = true;
	for (unsigned ttl = m->first_ttl; ttl <= m->last_ttl; ttl++) {
		unsigned width = 0;

		for (unsigned i = 0; i < m->n_nodes; i++)
			width += m->nodes[i].ttl == ttl && multi_is_shown(m, &m->nodes[i]);
		for (unsigned i = 0; width > 1 && i < CHECKS; i++)
			push(m, 0, ttl, 0, true);
	}
	return m->n_queue != 0;
}

/* --- answers */

static void take_end(struct multi *m, unsigned flow, unsigned distance, const struct addr *from)
{
	if (m->end[flow] && m->end[flow] <= distance)
		return;
	m->end[flow] = (uint8_t)distance;
	*cell(m, distance, flow) = node_at(m, distance, from, true);
	for (unsigned ttl = distance + 1; ttl <= m->max_ttl; ttl++)
		*cell(m, ttl, flow) = CELL_BEYOND;
}

void multi_answer(struct traceroute *t, struct multi *m, const struct event *ev)
{
	const struct tr_detail *d = &t->detail;
	const struct flight_probe *probe = flight_answer(&m->flight, ev);
	uint16_t *at, node;

	if (!probe)
		return;
	at = cell(m, probe->ttl, probe->flow);
	if (d->kind != ANSWER_TRANSIT) {
		unsigned distance = probe->ttl;

		if (d->q_ttl >= 1 && d->q_ttl <= probe->ttl)
			distance = (unsigned)(probe->ttl - d->q_ttl + 1);
		if (probe->is_check)
			return;
		if (distance < m->first_ttl)
			distance = m->first_ttl;
		take_end(m, probe->flow, distance, &d->from);
		/* Without a quote, only a router right before it shows that it is not nearer. */
		if (d->q_ttl < 1 && distance > m->first_ttl)
			(void)want(m, probe->flow, distance - 1);
		return;
	}
	if (is_beyond(m, probe->ttl, probe->flow))
		return;
	node = node_at(m, probe->ttl, &d->from, false);
	if (probe->is_check && node != *at)
		m->is_per_packet = true;
	else if (!probe->is_check)
		*at = node;
}

static void lose(struct multi *m, const struct flight_probe *task)
{
	static const struct addr nobody;

	if (task->is_check || *cell(m, task->ttl, task->flow) != CELL_ASKED)
		return;
	if (task->tries + 1u < TRIES)
		push(m, task->flow, task->ttl, task->tries + 1u, false);
	else
		*cell(m, task->ttl, task->flow) = node_at(m, task->ttl, &nobody, false);
}

/* Gives up what has had its time; returns when the next has. */
static uint64_t give_up_old(struct traceroute *t, struct multi *m, uint64_t now_ns)
{
	const struct flight_probe *lost;
	uint64_t next_ns;

	while (next_ns = flight_give_up(t, &m->flight, LEAST_WAIT_NS, now_ns, &lost), lost)
		lose(m, lost);
	return next_ns;
}

void multi_sent(struct multi *m, const struct event *ev)
{
	flight_sent(&m->flight, ev);
}

uint16_t multi_flow(const struct multi *m, uint32_t seq)
{
	const struct flight_probe *probe = m ? flight_at(&m->flight, seq) : NULL;

	return probe ? probe->flow : 0;
}

uint8_t multi_ttl(const struct multi *m, uint32_t seq)
{
	const struct flight_probe *probe = flight_at(&m->flight, seq);

	return probe ? probe->ttl : 0;
}

static bool take_task(struct multi *m, struct path *p)
{
	const struct flight_probe *task = &m->queue[m->next_task];

	if (!flight_add(&m->flight, task)) {
		m->is_complete = false;
		m->n_queue = m->next_task = 0;
		return false;
	}
	m->next_task++;
	p->next_ttl = task->ttl;
	if (m->next_task == m->n_queue)
		m->n_queue = m->next_task = 0;
	return true;
}

uint64_t multi_plan(struct traceroute *t, struct path *p, uint64_t now_ns)
{
	struct multi *m = p->multi;
	uint64_t next_ns = give_up_old(t, m, now_ns);

	if (!m->n_queue && !m->flight.n_open && !plan_round(m) && !plan_checks(m)) {
		survey(m);
		return ENGINE_DONE;
	}
	if (!m->n_queue)
		return next_ns;
	if (engine_is_full(t->engine))
		return next_ns < now_ns + FULL_RETRY_NS ? next_ns : now_ns + FULL_RETRY_NS;
	return take_task(m, p) ? now_ns : now_ns + FULL_RETRY_NS;
}

void multi_cut(struct multi *m)
{
	survey(m);
	m->is_complete = false;
}
