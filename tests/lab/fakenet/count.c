/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "count.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "net.h"

static const char *const words[N_COUNTS] = {
	"requests", "lost",       "forwarded", "blackholed", "silent",  "limited",
	"replies",  "duplicates", "reordered", "corrupted",  "badcsum", "truncated",
	"foreign",  "forged",     "spoofed",   "redirects",  "errors",  "exceeded",
	"too_big",  "udp",        "tcp",       "neighbour",
};

static int put(json_t *o, const char *key, uint64_t value)
{
	return json_object_set_new(o, key, json_integer((json_int_t)value));
}

static json_t *counts_json(const uint64_t *counts)
{
	json_t *o = json_object();

	for (int i = 0; i < N_COUNTS; i++)
		put(o, words[i], counts[i]);
	return o;
}

static json_t *port_json(const struct fakenet *f)
{
	const struct port *p = &f->port;
	json_t *o = json_object();

	put(o, "received", p->n_received);
	put(o, "dropped", port_drops(p));
	put(o, "ignored", f->n_ignored);
	put(o, "malformed", f->n_malformed);
	put(o, "fragments", f->n_fragments);
	put(o, "unowned", f->n_unowned);
	put(o, "sent", p->n_sent);
	put(o, "refused", p->n_refused);
	put(o, "unsent", f->n_unsent + f->late.n);
	return o;
}

int count_report(const struct fakenet *f, const char *path)
{
	FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	uint64_t total[N_COUNTS] = {0};
	json_t *root = json_object(), *nodes = json_object();
	int err = 0;

	for (const struct node *n = f->topo.nodes; n; n = n->next) {
		for (int i = 0; i < N_COUNTS; i++)
			total[i] += n->counts[i];
		if (json_object_set_new(nodes, n->name, counts_json(n->counts)) < 0)
			err = E_MEM;
	}
	if (put(root, "seed", f->topo.seed) < 0 ||
	    json_object_set_new(root, "port", port_json(f)) < 0 ||
	    json_object_set_new(root, "total", counts_json(total)) < 0 ||
	    json_object_set_new(root, "nodes", nodes) < 0)
		err = E_MEM;
	if (!file || (!err && json_dumpf(root, file, JSON_COMPACT) < 0))
		err = E_SYS;
	if (file && (fputc('\n', file) < 0 || fflush(file) != 0))
		err = E_SYS;
	if (file && file != stdout && fclose(file) != 0)
		err = E_SYS;
	json_decref(root);
	return err;
}
