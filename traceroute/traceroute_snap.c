/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_snap - reads records and captures for --diff. A capture is first told as records, so
 * that there is one way to understand a path.
 */
#include "traceroute_snap.h"

#include <jansson.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/savefile.h"
#include "traceroute_read.h"

#define LINE_MAX_OCTETS (64u << 20)

static int by_addr(const void *a, const void *b)
{
	return addr_cmp(&((const struct snap *)a)->addr, &((const struct snap *)b)->addr);
}

const struct snap *snap_find(const struct snaps *s, const struct addr *addr)
{
	struct snap key = {.addr = *addr};
	struct snap **found = tfind(&key, &s->tree, by_addr);

	return found ? *found : NULL;
}

static struct snap *find_or_add(struct snaps *s, const struct addr *addr)
{
	struct snap *snap = (struct snap *)(uintptr_t)snap_find(s, addr);
	struct snap **more;

	if (snap)
		return snap;
	more = realloc(s->all, (s->n + 1) * sizeof(*more));
	if (!more)
		return NULL;
	s->all = more;
	snap = calloc(1, sizeof(*snap));
	if (!snap)
		return NULL;
	snap->addr = *addr;
	if (!tsearch(snap, &s->tree, by_addr)) {
		free(snap);
		return NULL;
	}
	s->all[s->n++] = snap;
	return snap;
}

static void keep_tree(void *node)
{
	(void)node; /* the nodes are freed with the list */
}

void snap_free(struct snaps *s)
{
	if (s->tree)
		tdestroy(s->tree, keep_tree);
	for (size_t i = 0; i < s->n; i++) {
		for (unsigned hop = 0; hop < s->all[i]->n_hops; hop++)
			free(s->all[i]->hops[hop].nodes);
		free(s->all[i]->hops);
		free(s->all[i]->links);
		free(s->all[i]);
	}
	free(s->all);
}

/* NULL when @ttl is no TTL, or out of memory. */
static struct snap_hop *hop_at(struct snap *s, json_int_t ttl)
{
	struct snap_hop *more;

	if (ttl < 1 || ttl > 255)
		return NULL;
	if (ttl < s->n_hops)
		return &s->hops[ttl];
	more = realloc(s->hops, (size_t)(ttl + 1) * sizeof(*more));
	if (!more)
		return NULL;
	memset(more + s->n_hops, 0, ((size_t)ttl + 1 - s->n_hops) * sizeof(*more));
	s->hops = more;
	s->n_hops = (unsigned)ttl + 1;
	return &s->hops[ttl];
}

static struct snap_node *node_at(struct snap_hop *h, const char *text)
{
	struct snap_node *more;
	struct addr addr;

	if (!h || !text || addr_parse(text, &addr) < 0)
		return NULL;
	for (unsigned i = 0; i < h->n_nodes; i++)
		if (addr_same(&h->nodes[i].addr, &addr))
			return &h->nodes[i];
	more = realloc(h->nodes, (h->n_nodes + 1) * sizeof(*more));
	if (!more)
		return NULL;
	h->nodes = more;
	h->nodes[h->n_nodes] = (struct snap_node){.addr = addr};
	return &h->nodes[h->n_nodes++];
}

/* --- fields */

static const char *str_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static json_int_t int_of(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static void copy_text(char *out, const char *text)
{
	(void)text_clean(out, SNAP_TEXT_MAX, text ? text : "", text ? strlen(text) : 0);
}

/* --- records */

/* "16001/16002": the labels of a reply, top first. */
static void labels_text(const json_t *reply, char *out)
{
	struct text t = text_make(out, SNAP_TEXT_MAX);
	const json_t *list = json_object_get(reply, "ext");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *mpls = json_object_get(json_array_get(list, i), "mpls");

		for (size_t k = 0; k < json_array_size(mpls); k++)
			text_addf(&t, "%s%lld", t.len ? "/" : "",
				  (long long)int_of(json_array_get(mpls, k), "label"));
	}
}

static void take_reply(struct snap *s, const json_t *r)
{
	const char *verdict = str_of(r, "verdict");
	json_int_t hop = int_of(r, "hop");
	struct snap_node *v = node_at(hop_at(s, hop ? hop : int_of(r, "ttl")), str_of(r, "from"));
	char labels[SNAP_TEXT_MAX];

	if (!v || !verdict || strcmp(verdict, "ok") != 0)
		return;
	v->is_told = true;
	labels_text(r, labels);
	for (unsigned i = 0; i < v->n_stacks; i++)
		if (strcmp(v->stacks[i], labels) == 0)
			return;
	if (v->n_stacks < SNAP_STACKS)
		memcpy(v->stacks[v->n_stacks++], labels, sizeof(labels));
}

/* One flow that met one node is drawn once; what met several is drawn as often as it was asked. */
static void take_hop(struct snap *s, const json_t *item, bool is_one_flow)
{
	const json_t *replies = json_object_get(item, "replies");
	struct snap_hop *h = hop_at(s, int_of(item, "ttl"));
	const char *first = NULL;
	bool is_one = is_one_flow;

	if (!h)
		return;
	h->mtu = int_of(item, "mtu") > 0 ? (uint32_t)int_of(item, "mtu") : 0;
	for (size_t i = 0; i < json_array_size(replies); i++) {
		const char *from = str_of(json_array_get(replies, i), "from");

		first = first ? first : from;
		is_one &= from && first && strcmp(from, first) == 0;
	}
	for (size_t i = 0; i < json_array_size(replies); i++) {
		struct snap_node *v = node_at(h, str_of(json_array_get(replies, i), "from"));

		if (!v || (is_one && i))
			continue;
		v->n++;
		h->n++;
	}
}

static void take_summary(struct snap *s, const json_t *r)
{
	const json_t *nat = json_object_get(r, "nat"), *hops = json_object_get(r, "hops");
	const char *flow = str_of(r, "flow");
	struct text t;

	s->is_reached = json_is_true(json_object_get(r, "reached"));
	s->distance = int_of(r, "distance") > 0 && int_of(r, "distance") < 256 ?
			      (unsigned)int_of(r, "distance") :
			      0;
	s->mtu = int_of(r, "mtu") > 0 ? (uint32_t)int_of(r, "mtu") : 0;
	copy_text(s->stop, str_of(r, "stop_reason"));
	if (!s->is_summed)
		copy_text(s->flow, flow);
	else if (!flow || strcmp(s->flow, flow) != 0)
		s->flow[0] = '\0';
	s->is_summed = true;
	t = text_make(s->nat, sizeof(s->nat));
	if (nat) {
		const char *kind = str_of(nat, "kind");

		text_add_clean(&t, kind ? kind : "", kind ? strlen(kind) : 0);
		text_addf(&t, " at hop %lld", (long long)int_of(nat, "hop"));
	}
	for (size_t i = 0; i < json_array_size(hops); i++)
		take_hop(s, json_array_get(hops, i), flow != NULL);
}

static int take_links(struct snap *s, const json_t *list)
{
	size_t n = json_array_size(list);

	free(s->links);
	s->n_links = 0;
	s->links = malloc((n + 1) * sizeof(*s->links));
	if (!s->links)
		return E_MEM;
	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(list, i);
		struct snap_link l = {.ttl = (uint8_t)int_of(item, "ttl")};
		const char *from = str_of(item, "from"), *to = str_of(item, "to");

		if (from && to && addr_parse(from, &l.from) == 0 && addr_parse(to, &l.to) == 0)
			s->links[s->n_links++] = l;
	}
	return 0;
}

/* The graph knows more than the one path before it. */
static int take_graph(struct snap *s, const json_t *r)
{
	const json_t *nodes = json_object_get(r, "nodes");

	for (unsigned hop = 0; hop < s->n_hops; hop++) {
		s->hops[hop].n = 0;
		for (unsigned k = 0; k < s->hops[hop].n_nodes; k++)
			s->hops[hop].nodes[k].n = 0;
	}
	s->is_complete = json_is_true(json_object_get(r, "complete"));
	for (size_t i = 0; i < json_array_size(nodes); i++) {
		const json_t *item = json_array_get(nodes, i);
		struct snap_hop *h = hop_at(s, int_of(item, "ttl"));
		struct snap_node *v = node_at(h, str_of(item, "addr"));
		json_int_t flows = int_of(item, "flows");

		if (!v || flows < 1 || flows > UINT16_MAX || v->n)
			continue;
		v->n = (uint32_t)flows;
		h->n += v->n;
	}
	return take_links(s, json_object_get(r, "links"));
}

static int take_record(struct snaps *out, const json_t *r)
{
	const char *type = str_of(r, "type"), *text = str_of(r, "addr");
	struct snap *s;
	struct addr addr;

	if (!type || !text || addr_parse(text, &addr) < 0)
		return 0;
	if (strcmp(type, "reply") != 0 && strcmp(type, "summary") != 0 &&
	    strcmp(type, "graph") != 0)
		return 0;
	s = find_or_add(out, &addr);
	if (!s)
		return E_MEM;
	if (type[0] == 'r')
		take_reply(s, r);
	else if (type[0] == 's')
		take_summary(s, r);
	else
		return take_graph(s, r);
	return 0;
}

static int take_line(struct snaps *out, const char *line, size_t len)
{
	json_t *r = json_loadb(line, len, 0, NULL);
	const char *tool = str_of(r, "tool");
	int err = tool && strcmp(tool, "traceroute") == 0 ? take_record(out, r) : E_BAD;

	json_decref(r);
	return err;
}

int snap_records(FILE *f, const char *path, struct snaps *out, struct why *why)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int err = 0;
	bool has_summary = false;

	for (unsigned long n = 1; !err && (len = getline(&line, &cap, f)) > 0; n++) {
		if (line[strspn(line, " \t\r\n")] == '\0')
			continue;
		err = (size_t)len < LINE_MAX_OCTETS ? take_line(out, line, (size_t)len) : E_BAD;
		if (err == E_BAD)
			(void)why_set(why, err,
				      "'%s', line %lu: no record of 'traceroute --json', and this "
				      "is no capture either",
				      path, n);
	}
	free(line);
	if (err == E_MEM)
		return why_set(why, err, "out of memory");
	if (!err && ferror(f))
		return why_sys(why, E_SYS, "cannot read '%s'", path);
	for (size_t i = 0; i < out->n; i++)
		has_summary |= out->all[i]->is_summed;
	if (!err && !has_summary)
		return why_set(why, E_BAD, "'%s' holds no trace", path);
	return err;
}

/* --- files */

int snap_open(const char *path, struct snap_file *out, struct why *why)
{
	int first;

	*out = (struct snap_file){.path = path};
	out->json = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	if (!out->json)
		return why_sys(why, E_SYS, "cannot read '%s'", path);
	first = getc(out->json);
	if (first == EOF && ferror(out->json))
		return why_sys(why, E_SYS, "cannot read '%s'", path);
	if (first != EOF)
		ungetc(first, out->json);
	/* Records are lines of objects; no capture begins so. */
	if (first == '{' || first == EOF || out->json == stdin)
		return 0;
	fclose(out->json);
	out->json = NULL;
	return savefile_read(path, &out->link, why);
}

void snap_close(struct snap_file *file)
{
	if (file->json && file->json != stdin)
		fclose(file->json);
	link_close(file->link);
}

int snap_read(struct traceroute *t, struct snap_file *file, struct snaps *out, struct why *why)
{
	struct out real = t->run->out;
	char *told = NULL;
	size_t len = 0;
	FILE *f;
	int err;

	if (file->json)
		return snap_records(file->json, file->path, out, why);
	f = open_memstream(&told, &len);
	if (!f)
		return why_set(why, E_MEM, "out of memory");
	t->run->out = out_make(f, real.clock, real.tool, true);
	t->opts.read = file->path;
	err = read_capture(t, file->link, why);
	out_flush(&t->run->out);
	t->run->out = real;
	fclose(f);
	f = err || !told || !len ? NULL : fmemopen(told, len, "r");
	if (f) {
		err = snap_records(f, file->path, out, why);
		fclose(f);
	} else if (!err) {
		err = why_set(why, E_BAD, "'%s' holds no trace", file->path);
	}
	free(told);
	return err;
}
