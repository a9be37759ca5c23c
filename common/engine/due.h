/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * due - the targets that wait for their next probe: a heap by due_ns, and of those due at the same
 * moment the one that has waited longest first.
 *
 * Layer: engine.
 */
#ifndef PKT_ENGINE_DUE_H
#define PKT_ENGINE_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/target.h"

struct due {
	struct target **heap;
	size_t n, cap;
	uint64_t order; /* of the next to be added */
};

/* due_add() - @t waits until t->due_ns. It must not be waiting. Returns 0 or E_MEM. */
int must_check due_add(struct due *d, struct target *t);

/* due_remove() - @t waits no longer; nothing if it did not. */
void due_remove(struct due *d, struct target *t);

/* due_first() - the one to be served next, still waiting; NULL if none waits. */
static inline struct target *due_first(const struct due *d)
{
	return d->n ? d->heap[0] : NULL;
}

static inline bool due_is_waiting(const struct target *t)
{
	return t->due_at != 0;
}

void due_free(struct due *d);

#endif
