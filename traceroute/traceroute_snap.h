/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_snap - what a file knows of paths: this program's own records, or a capture.
 *
 * How often a node was drawn counts flows: a trace is one flow however many probes it has, unless
 * they took several ways; a graph has as many as met the node.
 */
#ifndef PKT_TRACEROUTE_SNAP_H
#define PKT_TRACEROUTE_SNAP_H

#include "traceroute.h"

#define SNAP_STACKS 4u /* of labels, kept of one node */
#define SNAP_TEXT_MAX 64

struct snap_node {
	struct addr addr;
	uint32_t n;        /* flows that met it */
	bool is_told;      /* what it appends to its errors is known */
	unsigned n_stacks; /* of MPLS labels, as text */
	char stacks[SNAP_STACKS][SNAP_TEXT_MAX];
};

struct snap_hop {
	struct snap_node *nodes;
	unsigned n_nodes;
	uint32_t n;   /* flows that met any of them */
	uint32_t mtu; /* packets had to be this small; 0: as before */
};

struct snap_link {
	uint8_t ttl; /* of the nearer end */
	struct addr from, to;
};

struct snap {
	struct addr addr;
	bool is_summed; /* there is a summary of it */
	bool is_reached;
	bool is_complete;  /* a graph that misses nothing, as far as it promises */
	unsigned distance; /* 0: unknown */
	uint32_t mtu;      /* 0: not asked for */
	char stop[SNAP_TEXT_MAX], nat[SNAP_TEXT_MAX];
	char flow[SNAP_TEXT_MAX]; /* empty for several, or unknown */
	struct snap_hop *hops;    /* by TTL */
	unsigned n_hops;
	struct snap_link *links;
	unsigned n_links;
};

struct snaps {
	struct snap **all; /* in the order of the file */
	size_t n;
	void *tree; /* of tsearch(), by address */
};

struct snap_file {
	const char *path;
	FILE *json;        /* either this */
	struct link *link; /* or a capture */
};

/* snap_open() - before the lock-down; "-" is standard input, for records. Returns 0 or an error. */
int must_check snap_open(const char *path, struct snap_file *out, struct why *why);

/*
 * snap_read() - all of it to @out, which is empty, and freed with snap_free() whatever comes of
 * it.
 * Returns 0, E_BAD (which line), E_MEM, or the fault of a capture.
 */
int must_check snap_read(struct traceroute *t, struct snap_file *file, struct snaps *out,
			 struct why *why);

/* snap_records() - the same of a stream of records alone. */
int must_check snap_records(FILE *f, const char *path, struct snaps *out, struct why *why);

void snap_close(struct snap_file *file);
void snap_free(struct snaps *s);

/* snap_find() - what is known of the path to @addr; NULL for nothing. */
const struct snap *snap_find(const struct snaps *s, const struct addr *addr);

#endif
