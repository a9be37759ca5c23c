/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_diff - two files of paths are compared hop by hop as sets of nodes.
 *
 * A node that only one side has met is a change if chance cannot well explain it: when one flow
 * took another way than the same flow before; when one flow met what a complete graph does not
 * have; or when, if both had drawn from one set, so many flows would miss it in fewer than
 * MOST_CHANCE cases (Fisher's exact test, shared among the nodes of the hop). Else it is told as
 * perhaps one, and does not count: another flow may go another way.
 */
#include "traceroute_diff.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

#define MOST_CHANCE 0.002
#define LIST_MAX 1024

static const struct field fields[] = {
	{"target", FIELD_STRING, "", "The address whose path it is."},
	{"addr", FIELD_STRING, "", "The same."},
	{"hop", FIELD_INT, "", "Where; absent for what is of the whole path."},
	{"what", FIELD_STRING, "",
	 "node, link, label, mtu, nat, distance, reached, stop_reason or target (only one file has "
	 "it)."},
	{"node", FIELD_STRING, "", "Whose label."},
	{"was", FIELD_STRING, "", "Before; of nodes, those that the other side has not met."},
	{"is", FIELD_STRING, "", "Now."},
	{"certain", FIELD_BOOL, "",
	 "Whether it counts: false where another flow may just have gone another way."},
	{"chance", FIELD_NUMBER, "",
	 "How probable such a difference of nodes is when nothing has changed; absent where that "
	 "is not a question of chance."},
};

const struct record_type traceroute_change_record =
	RECORD_TYPE("change", "A difference between two files (--diff).", fields);

struct difference {
	const char *what;
	unsigned hop; /* 0: of the whole path */
	const struct addr *node;
	const char *was, *is;
	bool is_certain;
	double chance; /* below 0: not a question of it */
};

struct comparison {
	struct traceroute *t;
	const struct snap *old, *new;
	bool is_same_flow;
	unsigned n_certain, n_perhaps;
};

static void tell(struct comparison *c, const struct difference *d)
{
	struct rec *r = record_start(&c->t->run->out, &traceroute_change_record);
	const struct addr *addr = c->old ? &c->old->addr : &c->new->addr;
	char text[ADDR_TEXT_MAX], node[ADDR_TEXT_MAX], line[3 * LIST_MAX];
	struct text out = text_make(line, sizeof(line));

	c->n_certain += d->is_certain;
	c->n_perhaps += !d->is_certain;
	rec_str(r, "target", addr_text(addr, text));
	rec_str(r, "addr", text);
	if (d->hop)
		rec_int(r, "hop", d->hop);
	rec_str(r, "what", d->what);
	if (d->node)
		rec_str(r, "node", addr_text(d->node, node));
	rec_str(r, "was", d->was);
	rec_str(r, "is", d->is);
	rec_bool(r, "certain", d->is_certain);
	if (d->chance >= 0)
		rec_num(r, "chance", d->chance);
	record_write(&c->t->run->out, r);
	if (c->t->run->options.is_quiet)
		return;
	text_addf(&out, "%s: ", addr_text(addr, text));
	if (d->hop)
		text_addf(&out, "hop %u: ", d->hop);
	text_addf(&out, "%s%s ", d->is_certain ? "" : "perhaps ", d->what);
	if (d->node)
		text_addf(&out, "of %s ", addr_text(d->node, node));
	text_addf(&out, "%s -> %s", *d->was ? d->was : "none", *d->is ? d->is : "none");
	if (!d->is_certain)
		text_add(&out, " (another flow may go another way)");
	out_line(&c->t->run->out, &out);
}

/* --- nodes */

static const struct snap_hop *hop_of(const struct snap *s, unsigned hop)
{
	return hop < s->n_hops && s->hops[hop].n ? &s->hops[hop] : NULL;
}

static const struct snap_node *find_node(const struct snap_hop *h, const struct addr *addr)
{
	for (unsigned i = 0; h && i < h->n_nodes; i++)
		if (h->nodes[i].n && addr_same(&h->nodes[i].addr, addr))
			return &h->nodes[i];
	return NULL;
}

/* The nodes of @h that @other has not; their flows are the result. */
static uint32_t list_lacking(const struct snap_hop *h, const struct snap_hop *other, char *out)
{
	struct text t = text_make(out, LIST_MAX);
	char addr[ADDR_TEXT_MAX];
	uint32_t n = 0;

	for (unsigned i = 0; i < h->n_nodes; i++) {
		const struct snap_node *v = &h->nodes[i];

		if (!v->n || find_node(other, &v->addr))
			continue;
		n += v->n;
		text_addf(&t, "%s%s", t.len ? ", " : "", addr_text(&v->addr, addr));
	}
	return n;
}

static unsigned count_nodes(const struct snap_hop *h)
{
	unsigned n = 0;

	for (unsigned i = 0; i < h->n_nodes; i++)
		n += h->nodes[i].n > 0;
	return n;
}

/* log of n choose k */
static double log_choose(double n, double k)
{
	return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/*
 * Of @n flows before and @m now, all @gone that met some nodes are before, all @come that met some
 * others now: how probable that is when both drew from one set.
 */
static double chance_of(double n, double gone, double m, double come)
{
	return exp(log_choose(n, gone) - log_choose(n + m, gone) + log_choose(m, come) -
		   log_choose(n + m - gone, come));
}

static void compare_nodes(struct comparison *c, unsigned hop)
{
	const struct snap_hop *old = hop_of(c->old, hop), *new = hop_of(c->new, hop);
	char was[LIST_MAX], is[LIST_MAX];
	struct difference d = {.what = "node", .hop = hop, .was = was, .is = is};
	uint32_t gone, come;

	if (!old || !new) /* who is silent contradicts nobody */
		return;
	gone = list_lacking(old, new, was);
	come = list_lacking(new, old, is);
	if (!gone && !come)
		return;
	d.chance = chance_of(old->n, gone, new->n, come);
	d.is_certain = d.chance <= MOST_CHANCE / (count_nodes(old) + count_nodes(new)) ||
		       (c->is_same_flow && old->n == 1 && new->n == 1) ||
		       (c->old->is_complete && new->n == 1 && come) ||
		       (c->new->is_complete && old->n == 1 && gone);
	/* That few flows have not met all the nodes that many have is no news. */
	if (d.is_certain || (gone && come) || (gone && c->new->is_complete) ||
	    (come && c->old->is_complete))
		tell(c, &d);
}

/* --- what nodes say */

static const char *stack_text(const char *labels)
{
	return *labels ? labels : "none";
}

static bool has_stack(const struct snap_node *v, const char *labels)
{
	for (unsigned i = 0; i < v->n_stacks; i++)
		if (strcmp(v->stacks[i], labels) == 0)
			return true;
	return false;
}

static void compare_labels(struct comparison *c, unsigned hop, const struct snap_node *old,
			   const struct snap_node *new)
{
	char was[LIST_MAX], is[LIST_MAX];
	struct text w = text_make(was, sizeof(was)), i = text_make(is, sizeof(is));
	struct difference d = {
		.what = "label", .hop = hop, .node = &old->addr, .was = was, .is = is};

	if (!old->is_told || !new->is_told)
		return;
	for (unsigned k = 0; k < old->n_stacks; k++) {
		if (has_stack(new, old->stacks[k]))
			return;
		text_addf(&w, "%s%s", w.len ? ", " : "", stack_text(old->stacks[k]));
	}
	for (unsigned k = 0; k < new->n_stacks; k++)
		text_addf(&i, "%s%s", i.len ? ", " : "", stack_text(new->stacks[k]));
	d.is_certain = old->n_stacks == 1 && new->n_stacks == 1;
	d.chance = -1;
	tell(c, &d);
}

static void compare_number(struct comparison *c, const char *what, unsigned hop, uint32_t old,
			   uint32_t new)
{
	char was[16] = "", is[16] = "";
	struct difference d = {
		.what = what, .hop = hop, .was = was, .is = is, .is_certain = true, .chance = -1};

	if (old == new)
		return;
	if (old)
		snprintf(was, sizeof(was), "%u", old);
	if (new)
		snprintf(is, sizeof(is), "%u", new);
	tell(c, &d);
}

static void compare_text(struct comparison *c, const char *what, const char *old, const char *new)
{
	const struct difference d = {
		.what = what, .was = old, .is = new, .is_certain = true, .chance = -1};

	if (strcmp(old, new) != 0)
		tell(c, &d);
}

static void compare_hop(struct comparison *c, unsigned hop)
{
	const struct snap_hop *old = hop_of(c->old, hop), *new = hop_of(c->new, hop);

	compare_nodes(c, hop);
	if (c->old->mtu && c->new->mtu &&hop < c->old->n_hops &&hop < c->new->n_hops)
		compare_number(c, "mtu", hop, c->old->hops[hop].mtu, c->new->hops[hop].mtu);
	for (unsigned i = 0; old && i < old->n_nodes; i++) {
		const struct snap_node *v = find_node(new, &old->nodes[i].addr);

		if (v && old->nodes[i].n)
			compare_labels(c, hop, &old->nodes[i], v);
	}
}

/* --- links, which only graphs know */

static bool has_link(const struct snap *s, const struct snap_link *l)
{
	for (unsigned i = 0; i < s->n_links; i++)
		if (s->links[i].ttl == l->ttl && addr_same(&s->links[i].from, &l->from) &&
		    addr_same(&s->links[i].to, &l->to))
			return true;
	return false;
}

/* Links from where @l comes. */
static unsigned fan_of(const struct snap *s, const struct snap_link *l)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->n_links; i++)
		n += s->links[i].ttl == l->ttl && addr_same(&s->links[i].from, &l->from);
	return n;
}

/* Of the links of @s those that @other lacks, though it knows both ends. */
static void compare_links(struct comparison *c, const struct snap *s, const struct snap *other)
{
	for (unsigned i = 0; i < s->n_links; i++) {
		const struct snap_link *l = &s->links[i];
		const struct snap_node *from = find_node(hop_of(other, l->ttl), &l->from);
		char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX], text[2 * ADDR_TEXT_MAX];
		struct difference d = {.what = "link", .hop = l->ttl, .was = "", .is = ""};

		if (!from || !find_node(hop_of(other, l->ttl + 1u), &l->to) || has_link(other, l))
			continue;
		d.chance = pow(1 - 1.0 / (fan_of(s, l) + 1), from->n);
		d.is_certain = d.chance <= MOST_CHANCE / (s->n_links + other->n_links);
		snprintf(text, sizeof(text), "%s>%s", addr_text(&l->from, a), addr_text(&l->to, b));
		if (s == c->old)
			d.was = text;
		else
			d.is = text;
		tell(c, &d);
	}
}

/* --- paths and files */

static void compare_paths(struct comparison *c)
{
	unsigned last = c->old->n_hops > c->new->n_hops ? c->old->n_hops : c->new->n_hops;

	c->is_same_flow = *c->old->flow && strcmp(c->old->flow, c->new->flow) == 0;
	for (unsigned hop = 1; hop < last; hop++)
		compare_hop(c, hop);
	if (c->old->is_complete && c->new->is_complete) {
		compare_links(c, c->old, c->new);
		compare_links(c, c->new, c->old);
	}
	if (c->old->distance && c->new->distance)
		compare_number(c, "distance", 0, c->old->distance, c->new->distance);
	if (c->old->mtu && c->new->mtu)
		compare_number(c, "mtu", 0, c->old->mtu, c->new->mtu);
	compare_text(c, "nat", c->old->nat, c->new->nat);
	if (c->old->is_reached != c->new->is_reached)
		compare_text(c, "reached", c->old->is_reached ? "yes" : "no",
			     c->new->is_reached ? "yes" : "no");
	else
		compare_text(c, "stop_reason", c->old->stop, c->new->stop);
}

static void tell_same(struct traceroute *t, const struct snap *s, unsigned n_perhaps)
{
	char addr[ADDR_TEXT_MAX];

	if (!t->run->options.is_quiet)
		out_text(&t->run->out, "%s: %s\n", addr_text(&s->addr, addr),
			 n_perhaps ? "no certain change (the same --sport makes runs comparable, "
				     "--multipath finds all ways)" :
				     "no change");
}

bool diff_snaps(struct traceroute *t, const struct snaps *old, const struct snaps *new)
{
	bool is_changed = false;

	for (size_t i = 0; i < old->n; i++) {
		struct comparison c = {
			.t = t, .old = old->all[i], .new = snap_find(new, &old->all[i]->addr)};

		if (!c.old->is_summed)
			continue;
		if (c.new &&c.new->is_summed)
			compare_paths(&c);
		else
			compare_text(&c, "target", "traced", "");
		if (!c.n_certain)
			tell_same(t, c.old, c.n_perhaps);
		is_changed |= c.n_certain > 0;
	}
	for (size_t i = 0; i < new->n; i++) {
		struct comparison c = {.t = t, .new = new->all[i]};
		const struct snap *before = snap_find(old, &c.new->addr);

		if (c.new->is_summed && (!before || !before->is_summed)) {
			compare_text(&c, "target", "", "traced");
			is_changed = true;
		}
	}
	return is_changed;
}

int diff_run(struct traceroute *t)
{
	struct snap_file files[2] = {0};
	struct snaps snaps[2] = {0};
	struct why why;
	int err = snap_open(t->opts.diff, &files[0], &why), status = EXIT_CANNOT_ASK;

	if (!err)
		err = snap_open(t->opts.diff_new, &files[1], &why);
	if (!err)
		err = tool_lock_down(t->run, &why);
	for (unsigned i = 0; i < 2 && !err; i++)
		err = snap_read(t, &files[i], &snaps[i], &why);
	if (err < 0)
		(void)tool_fail(t->run, &why);
	else
		status = diff_snaps(t, &snaps[0], &snaps[1]) ? DIFF_CHANGED : DIFF_SAME;
	for (unsigned i = 0; i < 2; i++) {
		snap_free(&snaps[i]);
		snap_close(&files[i]);
	}
	return status;
}
