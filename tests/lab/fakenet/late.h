/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * late - frames that wait for their time, in a heap; those due at the same time leave in order.
 */
#ifndef FAKENET_LATE_H
#define FAKENET_LATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define LATE_MAX 1000000 /* frames that may wait at once: a few hundred MB at worst */

struct late_frame {
	uint64_t due_ns; /* CLOCK_MONOTONIC */
	uint64_t order;  /* of arrival */
	size_t len;      /* octets at bytes */
	uint8_t bytes[];
};

struct late {
	struct late_frame **heap;
	size_t n, cap;
	uint64_t order;
};

/* late_add() - copies @len octets at @bytes. Returns 0, E_FULL (LATE_MAX wait already), E_MEM. */
int must_check late_add(struct late *l, uint64_t due_ns, const void *bytes, size_t len);

/* late_due() - when the first frame is due; UINT64_MAX if none waits. */
uint64_t late_due(const struct late *l);

/* late_take() - the first frame, if it is due by @now_ns, else NULL. Owns: the caller frees it. */
struct late_frame *late_take(struct late *l, uint64_t now_ns);

void late_free(struct late *l);

#endif
