/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "late.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool before(const struct late_frame *a, const struct late_frame *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

int late_add(struct late *l, uint64_t due_ns, const void *bytes, size_t len)
{
	struct late_frame *f;
	size_t i;

	if (l->n == LATE_MAX)
		return E_FULL;
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 256;
		struct late_frame **heap = reallocarray(l->heap, cap, sizeof(*heap));

		if (!heap)
			return E_MEM;
		l->heap = heap;
		l->cap = cap;
	}
	f = malloc(sizeof(*f) + len);
	if (!f)
		return E_MEM;
	f->due_ns = due_ns;
	f->order = l->order++;
	f->len = len;
	memcpy(f->bytes, bytes, len);
	for (i = l->n++; i && before(f, l->heap[(i - 1) / 2]); i = (i - 1) / 2)
		l->heap[i] = l->heap[(i - 1) / 2];
	l->heap[i] = f;
	return 0;
}

uint64_t late_due(const struct late *l)
{
	return l->n ? l->heap[0]->due_ns : UINT64_MAX;
}

struct late_frame *late_take(struct late *l, uint64_t now_ns)
{
	struct late_frame *first, *last;
	size_t i = 0, child;

	if (late_due(l) > now_ns || !l->n)
		return NULL;
	first = l->heap[0];
	last = l->heap[--l->n];
	while ((child = i * 2 + 1) < l->n) {
		if (child + 1 < l->n && before(l->heap[child + 1], l->heap[child]))
			child++;
		if (before(last, l->heap[child]))
			break;
		l->heap[i] = l->heap[child];
		i = child;
	}
	l->heap[i] = last;
	return first;
}

void late_free(struct late *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->heap[i]);
	free(l->heap);
	*l = (struct late){0};
}
