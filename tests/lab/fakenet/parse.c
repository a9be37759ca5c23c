/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse - the reader of topology files. Not here: the attributes of a node (attr.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#include "topo.h"

#define MAX_WORDS 600 /* on one line: a way of 255 hops and its attributes fit */

struct reader {
	struct topo *topo;
	unsigned line;
	bool has_seed, has_mac;
};

static int no_memory(struct why *why)
{
	return why_set(why, E_MEM, "out of memory");
}

/* ADDR or ADDR/LEN; @bits is the family's length without one. */
static int parse_prefix(char *text, struct addr *a, unsigned *bits, struct why *why)
{
	char *slash = strchr(text, '/');
	uint64_t len;

	if (slash)
		*slash = '\0';
	if (addr_parse(text, a) < 0)
		return why_set(why, E_BAD, "'%.60s' is no address", text);
	len = a->len * 8u;
	if (slash && num_u64(slash + 1, 0, a->len * 8u, &len, NULL) < 0)
		return why_set(why, E_RANGE, "'/%.20s' is no prefix length from 0 to %u", slash + 1,
			       a->len * 8u);
	if (slash)
		*slash = '/';
	*bits = (unsigned)len;
	return 0;
}

static int parse_net(char *text, struct addr *a, unsigned *bits, struct why *why)
{
	int err = parse_prefix(text, a, bits, why);
	char fixed[ADDR_TEXT_MAX];
	struct addr net;

	if (err)
		return err;
	net = *a;
	addr_mask(&net, *bits, false);
	if (addr_cmp(&net, a) == 0)
		return 0;
	return why_set(why, E_BAD, "'%.60s' has bits behind its prefix: write %s/%u", text,
		       addr_text(&net, fixed), *bits);
}

static int read_seed(struct reader *r, char **words, unsigned n, struct why *why)
{
	if (r->has_seed || r->topo->nodes || r->topo->paths)
		return why_set(why, E_BAD, "one seed, above all hosts, ranges, routers and paths");
	r->has_seed = true;
	if (n != 2 || num_u64(words[1], 0, UINT64_MAX, &r->topo->seed, NULL) < 0)
		return why_set(why, E_BAD, "seed NUMBER");
	return 0;
}

static int read_mac(struct reader *r, char **words, unsigned n, struct why *why)
{
	if (r->has_mac)
		return why_set(why, E_BAD, "one mac a file");
	r->has_mac = true;
	if (n != 2 || mac_parse(words[1], &r->topo->mac) < 0 || r->topo->mac.bytes[0] & 1)
		return why_set(why, E_BAD,
			       "mac and a unicast MAC address such as 02:00:00:00:00:fe");
	return 0;
}

static int read_client(struct reader *r, char **words, unsigned n, struct why *why)
{
	struct client *c = calloc(1, sizeof(*c));
	struct addr gateway;
	unsigned bits;

	if (!c)
		return no_memory(why);
	c->next = r->topo->clients;
	r->topo->clients = c;
	if (n != 4 || strcmp(words[2], "via") != 0 || addr_parse(words[3], &gateway) < 0)
		return why_set(why, E_BAD, "client ADDRESS/LENGTH via GATEWAY");
	if (parse_prefix(words[1], &c->addr, &bits, why) < 0)
		return E_BAD;
	if (!addr_in_prefix(&gateway, &c->addr, bits))
		return why_set(why, E_BAD, "the gateway %s is not in %s", words[3], words[1]);
	return 0;
}

/* Gives @n the addresses and prefixes of @list. */
static int own(struct topo *t, struct node *n, char *list, struct why *why)
{
	for (char *text; (text = strsep(&list, ","));) {
		struct addr a, *first;
		unsigned bits;
		void **slot;
		int err = parse_net(text, &a, &bits, why);

		if (err)
			return err;
		if (n->kind != NODE_RANGE && bits != a.len * 8u)
			return why_set(why, E_BAD, "'%.60s' is many addresses: call it a range",
				       text);
		slot = lpm_slot(&t->by_addr, &a, bits);
		if (!slot)
			return no_memory(why);
		if (*slot)
			return why_set(why, E_BAD, "'%.60s' stands in the file already", text);
		*slot = n;
		if (!n->name[0])
			snprintf(n->name, sizeof(n->name), "%s", text);
		first = addr_is_v6(&a) ? &n->addr.v6 : &n->addr.v4;
		if (!first->len)
			*first = a;
	}
	return 0;
}

static bool same_key(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return strcspn(b, "=") == len && strncmp(a, b, len) == 0;
}

static bool may_repeat(const char *attr)
{
	return same_key(attr, "mpls") || same_key(attr, "ifinfo");
}

static int read_node(struct reader *r, enum node_kind kind, char **words, unsigned n,
		     struct why *why)
{
	struct topo *t = r->topo;
	struct node *node = malloc(sizeof(*node));
	int err;

	if (!node)
		return no_memory(why);
	*node = node_defaults(kind);
	*t->nodes_end = node;
	t->nodes_end = &node->next;
	node->rnd = rnd_seeded(t->seed ^ (uint64_t)r->line << 32);
	if (n < 2)
		return why_set(why, E_BAD, "%s and its %s", words[0],
			       kind == NODE_RANGE ? "prefixes" : "addresses");
	err = own(t, node, words[1], why);
	for (unsigned i = 2; !err && i < n; i++) {
		for (unsigned j = 2; j < i; j++)
			if (same_key(words[i], words[j]) && !may_repeat(words[i]))
				return why_set(why, E_BAD, "'%.80s' and '%.80s': one of them",
					       words[j], words[i]);
		err = attr_set(node, words[i], why);
	}
	return err ? err : attr_finish(node, why);
}

static int read_host(struct reader *r, char **words, unsigned n, struct why *why)
{
	return read_node(r, NODE_HOST, words, n, why);
}

static int read_range(struct reader *r, char **words, unsigned n, struct why *why)
{
	return read_node(r, NODE_RANGE, words, n, why);
}

static int read_router(struct reader *r, char **words, unsigned n, struct why *why)
{
	return read_node(r, NODE_ROUTER, words, n, why);
}

/* A|B|C: the routers of one hop, all with an address of the family of @like. */
static int read_hop(struct topo *t, struct hop *hop, const char *word, const struct addr *like,
		    struct why *why)
{
	char copy[1024], *list = copy;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", word) >= sizeof(copy))
		return why_set(why, E_RANGE, "a hop of at most %zu characters", sizeof(copy) - 1);
	for (char *text; (text = strsep(&list, "|"));) {
		struct node **more, *router = NULL;
		struct addr a;

		if (addr_parse(text, &a) == 0)
			router = topo_node(t, &a);
		if (!router || router->kind != NODE_ROUTER)
			return why_set(why, E_NOENT, "'%.60s' is no router above this line", text);
		if (!pair_get(&router->addr, like))
			return why_set(why, E_BAD, "router %s has no address of the path's family",
				       router->name);
		more = reallocarray(hop->nodes, hop->n + 1, sizeof(struct node *));
		if (!more)
			return no_memory(why);
		hop->nodes = more;
		hop->nodes[hop->n++] = router;
	}
	return 0;
}

static int read_path_attr(struct path *p, struct way *w, const char *word, struct why *why)
{
	static const char *const balances[] = {"flow", "packet", "dst"};
	uint64_t weight;

	if (strncmp(word, "weight=", 7) == 0) {
		if (num_u64(word + 7, 1, 1000000, &weight, NULL) < 0)
			return why_set(why, E_RANGE,
				       "weight= and a whole number from 1 to 1000000");
		w->weight = (uint32_t)weight;
		return 0;
	}
	for (unsigned i = 0; i < 3; i++) {
		if (strncmp(word, "lb=", 3) != 0 || strcmp(word + 3, balances[i]) != 0)
			continue;
		p->balance = (enum balance)i;
		return 0;
	}
	return why_set(why, E_BAD, "'%.60s' should be weight=N, lb=flow, lb=packet or lb=dst",
		       word);
}

static struct path *path_for(struct reader *r, const struct addr *net, unsigned bits)
{
	void **slot = lpm_slot(&r->topo->path_to, net, bits);
	struct path *p;

	if (!slot || *slot)
		return slot ? *slot : NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->rnd = rnd_seeded(r->topo->seed ^ (uint64_t)r->line << 32 ^ bits);
	p->next = r->topo->paths;
	r->topo->paths = p;
	*slot = p;
	return p;
}

/* One more way to @net: the words from the third on. */
static int add_way(struct reader *r, const struct addr *net, unsigned bits, char **words,
		   unsigned n, struct why *why)
{
	struct path *p = path_for(r, net, bits);
	struct way *w = calloc(1, sizeof(*w));
	int err = 0;

	if (w)
		w->hops = calloc(n, sizeof(*w->hops));
	if (!p || !w || !w->hops) {
		free(w);
		return no_memory(why);
	}
	w->next = p->ways;
	p->ways = w;
	w->weight = 1;
	for (unsigned i = 2; !err && i < n; i++)
		err = strchr(words[i], '=') ?
			      read_path_attr(p, w, words[i], why) :
			      read_hop(r->topo, &w->hops[w->n_hops++], words[i], net, why);
	p->weight += w->weight;
	return err || w->n_hops ? err : why_set(why, E_BAD, "a path needs a router");
}

static int read_path(struct reader *r, char **words, unsigned n, struct why *why)
{
	char *list = words[1];
	int err = 0;

	if (n < 3)
		return why_set(why, E_BAD, "path PREFIX ROUTER...");
	for (char *text; !err && (text = strsep(&list, ","));) {
		struct addr net;
		unsigned bits;

		err = parse_net(text, &net, &bits, why);
		if (!err)
			err = add_way(r, &net, bits, words, n, why);
	}
	return err;
}

static int read_line(struct reader *r, char *line, struct why *why)
{
	static const struct {
		const char *word;
		int (*read)(struct reader *r, char **words, unsigned n, struct why *why);
	} statements[] = {
		{"seed", read_seed}, {"mac", read_mac},     {"client", read_client},
		{"host", read_host}, {"range", read_range}, {"router", read_router},
		{"path", read_path},
	};
	char *words[MAX_WORDS];
	unsigned n = 0;

	for (char *word; (word = strsep(&line, " \t\r\n"));) {
		if (*word == '#')
			break;
		if (!*word)
			continue;
		if (n == MAX_WORDS)
			return why_set(why, E_RANGE, "at most %d words a line", MAX_WORDS);
		words[n++] = word;
	}
	if (!n)
		return 0;
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		if (strcmp(words[0], statements[i].word) == 0)
			return statements[i].read(r, words, n, why);
	return why_set(why, E_BAD,
		       "no statement '%.40s'; there are: seed mac client host range router path",
		       words[0]);
}

int topo_read(struct topo *t, const char *path, struct why *why)
{
	struct reader r = {.topo = t};
	FILE *file = fopen(path, "re");
	struct why reason = {0};
	char *line = NULL;
	size_t cap = 0;
	int err = 0;

	*t = (struct topo){.mac = {{0x02, 0, 0, 0, 0, 0xfe}}};
	t->nodes_end = &t->nodes;
	if (!file)
		return why_sys(why, E_NOENT, "cannot open the topology %s", path);
	while (!err && getline(&line, &cap, file) > 0) {
		r.line++;
		err = read_line(&r, line, &reason);
	}
	if (err)
		why_set(why, err, "%s:%u: %s", path, r.line, reason.text);
	else if (ferror(file))
		err = why_sys(why, E_SYS, "cannot read the topology %s", path);
	else if (!t->nodes)
		err = why_set(why, E_BAD, "%s: nobody lives here: add a host, range or router",
			      path);
	free(line);
	fclose(file);
	t->key = (struct sipkey){t->seed, ~t->seed};
	return err;
}
