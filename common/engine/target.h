/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target - one asked address, and what came of it.
 *
 * Layer: engine.
 */
#ifndef PKT_ENGINE_TARGET_H
#define PKT_ENGINE_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/stats.h"

/* Probes by their fate, and answers by their verdict. */
struct counts {
	uint32_t sent;
	uint32_t received;   /* probes answered well and in time */
	uint32_t duplicates; /* further answers to an answered probe */
	uint32_t late;       /* answers after the timeout; their probes stay lost */
	uint32_t corrupt;
	uint32_t foreign;
	uint32_t forged;
	uint32_t truncated;
	uint32_t errors;       /* probes answered by an ICMP error */
	uint32_t local_errors; /* probes this host could not send */
};

struct target {
	struct addr addr;
	char *name;             /* as the user gave it; NULL when that is the text of addr */
	bool is_swept;          /* one of many (a prefix, a range, a file): forgotten when done */
	bool is_done;           /* no more probes are to be sent */
	uint32_t seq;           /* of the last probe sent; the first is 1 */
	uint32_t settled_seq;   /* of the newest probe that was answered, 0 for none */
	uint32_t n_remembered;  /* probes the table still holds */
	uint32_t n_outstanding; /* of them, those neither answered nor timed out */
	uint64_t due_ns;        /* when its next probe is due (monotonic) */
	uint64_t last_n;        /* probe number of the last probe */
	uint32_t pipe;          /* most probes under way when one of them was settled */
	uint64_t first_ns;      /* when its first probe left (monotonic), 0 before */
	uint64_t last_ns;       /* when its last probe or answer was seen */
	struct counts counts;
	struct stats rtt;
	void *notes;   /* the tool's own, which it frees when told EVENT_TARGET_DONE */
	size_t due_at; /* place in the queue of those that wait (engine/due), 0 for none */
	uint64_t due_order;
	struct target *next, *prev; /* in the list of all */
};

/*
 * target_text() - the target as typed, or its address, written to @out of ADDR_TEXT_MAX if that is
 * needed.
 */
const char *target_text(const struct target *t, char *out);

/* counts_add() - adds every counter of @from to @into. */
void counts_add(struct counts *into, const struct counts *from);

/*
 * counts_loss_pct() - share of sent probes without a good answer in time, 0 to 100; 0 if none was
 * sent.
 */
double counts_loss_pct(const struct counts *c);

void target_free(struct target *t);

#endif
