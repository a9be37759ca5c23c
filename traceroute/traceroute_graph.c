/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_graph - the graph that was found: the nodes of each hop, with --graph the links to
 * them, and what is promised about it.
 */
#include <string.h>

#include "base/text.h"
#include "traceroute_multi.h"

static const struct field graph_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed."},
	{"addr", FIELD_STRING, "", "The address that was asked."},
	{"nodes", FIELD_ARRAY, "",
	 "ttl, addr (absent where nobody answers), flows (how many met it), end (whether it ends the path)."},
	{"links", FIELD_ARRAY, "", "ttl of the nearer end, from, to (absent as addr above)."},
	{"miss", FIELD_NUMBER, "",
	 "Bound of the probability that a node or a link is missing, if balancers are uniform."},
	{"complete", FIELD_BOOL, "",
	 "False when flows or probes ran out before the bound was met."},
	{"limited", FIELD_BOOL, "", "Whether routers that limit their answers are why."},
	{"balancing", FIELD_STRING, "", "none, flow, or packet when one flow took several ways."},
	{"width", FIELD_INT, "", "Most nodes at one hop."},
	{"flows", FIELD_INT, "", "Flows used."},
	{"probes", FIELD_INT, "", "Probes sent for it."},
	{"rounds", FIELD_INT, "", "Rounds of one round trip."},
};

const struct record_type traceroute_graph_record =
	RECORD_TYPE("graph", "All nodes and links of a path (--multipath).", graph_fields);

static unsigned width_at(const struct multi *m, unsigned ttl)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->n_nodes; i++)
		n += m->nodes[i].ttl == ttl && multi_is_shown(m, &m->nodes[i]);
	return n;
}

static unsigned width_of(const struct multi *m)
{
	unsigned most = 0;

	for (unsigned ttl = m->first_ttl; ttl <= m->last_ttl; ttl++)
		if (width_at(m, ttl) > most)
			most = width_at(m, ttl);
	return most;
}

static const char *balancing_of(const struct multi *m)
{
	return m->is_per_packet ? "packet" : width_of(m) > 1 ? "flow" : "none";
}

static const char *node_text(const struct multi_node *v, char *out)
{
	return v->addr.len ? addr_text(&v->addr, out) : "*";
}

/* " <= {a, b}": the nodes of the hop before that lead to @w. */
static void add_links(struct text *out, const struct multi *m, unsigned w)
{
	char addr[ADDR_TEXT_MAX];
	const char *before = " <= {";

	for (unsigned i = 0; i < m->n_nodes; i++) {
		const struct multi_node *v = &m->nodes[i];

		for (size_t k = 0; multi_is_shown(m, v) && k < v->n_successors; k++) {
			if (v->successors[k] != NODE_BASE + w)
				continue;
			text_addf(out, "%s%s", before, node_text(v, addr));
			before = ", ";
		}
	}
	if (before[0] == ',')
		text_add(out, "}");
}

static void node_line(struct traceroute *t, const struct multi *m, unsigned index, unsigned nth,
		      unsigned width, unsigned all)
{
	const struct multi_node *v = &m->nodes[index];
	char line[4096], addr[ADDR_TEXT_MAX];
	struct text out = text_make(line, sizeof(line));

	if (nth == 0)
		text_addf(&out, "%2u  ", v->ttl);
	else
		text_add(&out, "    ");
	if (width > 1)
		text_add(&out, nth + 1 < width ? "+-- " : "'-- ");
	text_add(&out, node_text(v, addr));
	if (width > 1)
		text_addf(&out, " (%u/%u flows)", v->n_flows, all);
	if (t->opts.shows_links && v->ttl > m->first_ttl)
		add_links(&out, m, index);
	out_line(&t->run->out, &out);
}

static void write_text(struct traceroute *t, const struct multi *m)
{
	for (unsigned ttl = m->first_ttl; ttl <= m->last_ttl; ttl++) {
		unsigned width = width_at(m, ttl), nth = 0, all = 0;

		for (unsigned i = 0; i < m->n_nodes; i++)
			if (m->nodes[i].ttl == ttl && multi_is_shown(m, &m->nodes[i]))
				all += m->nodes[i].n_flows;
		for (unsigned i = 0; i < m->n_nodes; i++)
			if (m->nodes[i].ttl == ttl && multi_is_shown(m, &m->nodes[i]))
				node_line(t, m, i, nth++, width, all);
	}
	out_text(&t->run->out, "width %u, balancing by %s, %u flows, %zu probes, ", width_of(m),
		 balancing_of(m), m->n_flows, m->flight.n);
	if (m->is_limited)
		out_text(&t->run->out, "incomplete: routers limit their answers\n");
	else if (m->is_complete)
		out_text(&t->run->out, "P(miss) <= %g %%\n", m->miss * 100);
	else
		out_text(&t->run->out, "incomplete: more flows (--flows) or probes are needed\n");
}

static void links_fields(struct rec *r, const struct multi *m)
{
	struct rec *links = rec_array(r, "links");
	char addr[ADDR_TEXT_MAX];

	for (unsigned i = 0; i < m->n_nodes; i++) {
		const struct multi_node *v = &m->nodes[i];

		for (size_t k = 0; multi_is_shown(m, v) && k < v->n_successors; k++) {
			const struct multi_node *w = &m->nodes[v->successors[k] - NODE_BASE];
			struct rec *item = multi_is_shown(m, w) ? rec_item(links) : NULL;

			if (!item)
				continue;
			rec_int(item, "ttl", v->ttl);
			if (v->addr.len)
				rec_str(item, "from", addr_text(&v->addr, addr));
			if (w->addr.len)
				rec_str(item, "to", addr_text(&w->addr, addr));
			rec_close(item);
		}
	}
	rec_close(links);
}

static void write_record(struct traceroute *t, const struct path *p, const struct multi *m)
{
	struct rec *r = record_start(&t->run->out, &traceroute_graph_record), *nodes;
	char addr[ADDR_TEXT_MAX];

	if (!r)
		return;
	rec_str(r, "target", target_text(p->target, addr));
	rec_str(r, "addr", addr_text(&p->target->addr, addr));
	nodes = rec_array(r, "nodes");
	for (unsigned i = 0; i < m->n_nodes; i++) {
		const struct multi_node *v = &m->nodes[i];
		struct rec *item = multi_is_shown(m, v) ? rec_item(nodes) : NULL;

		if (!item)
			continue;
		rec_int(item, "ttl", v->ttl);
		if (v->addr.len)
			rec_str(item, "addr", addr_text(&v->addr, addr));
		rec_int(item, "flows", v->n_flows);
		rec_bool(item, "end", v->is_end);
		rec_close(item);
	}
	rec_close(nodes);
	links_fields(r, m);
	rec_num(r, "miss", m->miss);
	rec_bool(r, "complete", m->is_complete && !m->is_limited);
	rec_bool(r, "limited", m->is_limited);
	rec_str(r, "balancing", balancing_of(m));
	rec_int(r, "width", width_of(m));
	rec_int(r, "flows", m->n_flows);
	rec_int(r, "probes", (int64_t)m->flight.n);
	rec_int(r, "rounds", m->n_rounds);
	record_write(&t->run->out, r);
}

void graph_write(struct traceroute *t, struct path *p)
{
	if (t->run->out.is_json)
		write_record(t, p, p->multi);
	else if (!t->run->options.is_quiet)
		write_text(t, p->multi);
}
