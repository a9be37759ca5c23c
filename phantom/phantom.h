/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * phantom - what its parts share.
 */
#ifndef PKT_PHANTOM_PHANTOM_H
#define PKT_PHANTOM_PHANTOM_H

#include "cli/tool.h"
#include "cli/trace.h"
#include "engine/phantom_port.h"
#include "io/child.h"

#define PHANTOM_EXIT_CONFLICT 3 /* an address has, or got, an owner */

struct phantom_tool {
	struct run *run;
	/* The command line. */
	const char *words[PHANTOM_ADDRS];
	unsigned n_words;
	const char *ifname, *mac, *command;
	bool answers_ping, is_dad_fast, wants_states;
	uint64_t hold_ns; /* --for; 0: until told to end */

	struct phantom host;
	struct iface iface;
	struct trace *trace;
	struct child child;
	bool has_child, is_child_started, is_over, is_stopped;
	int child_status;
	uint64_t start_ns, end_ns;
	unsigned n_conflicts;
};

/* phantom_run() - from the first probe to the end; returns the exit status. */
int phantom_run(struct phantom_tool *t);

/* phantom_tell(), phantom_trace() - what struct phantom calls. */
void phantom_tell(void *arg, enum phantom_news news, const struct addr *who,
		  const struct mac *other);
void phantom_trace(void *arg, bool is_outgoing, const uint8_t *frame, size_t len, uint64_t wall_ns,
		   const char *comment);

extern const struct record_type *const phantom_records[];
extern const size_t phantom_n_records;

#endif
