/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topo.h"

#include <stdlib.h>

struct node *topo_node(const struct topo *t, const struct addr *a)
{
	return lpm_find(&t->by_addr, a);
}

bool topo_is_client(const struct topo *t, const struct addr *a)
{
	for (const struct client *c = t->clients; c; c = c->next)
		if (addr_cmp(&c->addr, a) == 0)
			return true;
	return false;
}

static void free_path(struct path *p)
{
	for (struct way *w = p->ways, *next; w; w = next) {
		next = w->next;
		for (unsigned i = 0; i < w->n_hops; i++)
			free(w->hops[i].nodes);
		free(w->hops);
		free(w);
	}
	free(p);
}

void topo_free(struct topo *t)
{
	for (struct node *n = t->nodes, *next; n; n = next) {
		next = n->next;
		free(n);
	}
	for (struct client *c = t->clients, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	for (struct path *p = t->paths, *next; p; p = next) {
		next = p->next;
		free_path(p);
	}
	lpm_free(&t->by_addr);
	lpm_free(&t->path_to);
	*t = (struct topo){0};
}
