/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/due.h"

#include <stdlib.h>

static bool is_before(const struct target *a, const struct target *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->due_order < b->due_order;
}

static void put(struct due *d, size_t i, struct target *t)
{
	d->heap[i] = t;
	t->due_at = i + 1;
}

static void sift_up(struct due *d, size_t i, struct target *t)
{
	for (; i && is_before(t, d->heap[(i - 1) / 2]); i = (i - 1) / 2)
		put(d, i, d->heap[(i - 1) / 2]);
	put(d, i, t);
}

static void sift_down(struct due *d, size_t i, struct target *t)
{
	size_t child;

	while ((child = 2 * i + 1) < d->n) {
		if (child + 1 < d->n && is_before(d->heap[child + 1], d->heap[child]))
			child++;
		if (!is_before(d->heap[child], t))
			break;
		put(d, i, d->heap[child]);
		i = child;
	}
	put(d, i, t);
}

int due_add(struct due *d, struct target *t)
{
	if (d->n == d->cap) {
		size_t cap = d->cap ? 2 * d->cap : 64;
		struct target **bigger = realloc(d->heap, cap * sizeof(struct target *));

		if (!bigger)
			return E_MEM;
		d->heap = bigger;
		d->cap = cap;
	}
	t->due_order = d->order++;
	sift_up(d, d->n++, t);
	return 0;
}

void due_remove(struct due *d, struct target *t)
{
	size_t i = t->due_at - 1;
	struct target *last;

	if (!due_is_waiting(t))
		return;
	t->due_at = 0;
	last = d->heap[--d->n];
	if (last == t)
		return;
	if (i && is_before(last, d->heap[(i - 1) / 2]))
		sift_up(d, i, last);
	else
		sift_down(d, i, last);
}

void due_free(struct due *d)
{
	free(d->heap);
	*d = (struct due){0};
}
