/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/memlink.h"

#include <stdlib.h>
#include <string.h>

struct item {
	struct item *next;
	uint64_t due_ns;
	struct link_in in;
	uint8_t bytes[];
};

struct memlink {
	struct link link; /* first, so that a struct link * is one of these */
	const struct clock *clock;
	struct item *waiting; /* by due time */
	struct item *lent;    /* given out by the last recv, whose octets the caller still reads */
	struct memlink_sent **sent;
	size_t n_sent, cap_sent;
	struct link *peer;
	uint64_t delay_ns;
	bool stamps;
	unsigned pass, refuse; /* packets still let out, then packets refused */
	int refuse_err, refuse_sys;
};

static struct memlink *of(const struct link *l)
{
	return (struct memlink *)(uintptr_t)l;
}

static void free_items(struct item **list)
{
	while (*list) {
		struct item *next = (*list)->next;

		free(*list);
		*list = next;
	}
}

int memlink_give(struct link *l, const struct link_in *in, uint64_t delay_ns)
{
	struct memlink *m = of(l);
	struct item *item = malloc(sizeof(*item) + in->len);
	struct item **at = &m->waiting;

	if (!item)
		return E_MEM;
	item->due_ns = clock_mono(m->clock) + delay_ns;
	item->in = *in;
	if (in->len)
		memcpy(item->bytes, in->bytes, in->len);
	item->in.bytes = item->bytes;
	while (*at && (*at)->due_ns <= item->due_ns)
		at = &(*at)->next;
	item->next = *at;
	*at = item;
	return 0;
}

static int keep_sent(struct memlink *m, const struct link_out *out)
{
	struct memlink_sent *s;

	if (m->n_sent == m->cap_sent) {
		size_t cap = m->cap_sent ? m->cap_sent * 2 : 64;
		struct memlink_sent **grown = reallocarray(m->sent, cap, sizeof(*grown));

		if (!grown)
			return E_MEM;
		m->sent = grown;
		m->cap_sent = cap;
	}
	s = malloc(sizeof(*s) + out->len);
	if (!s)
		return E_MEM;
	*s = (struct memlink_sent){clock_mono(m->clock), out->tag, out->to, out->len};
	memcpy(s->bytes, out->bytes, out->len);
	m->sent[m->n_sent++] = s;
	return 0;
}

static int send_one(struct memlink *m, const struct link_out *out)
{
	uint64_t now_ns = clock_wall(m->clock);
	int err = keep_sent(m, out);

	if (err == 0 && m->stamps) {
		struct link_in tx = {.kind = LINK_TX,
				     .layer = m->link.layer,
				     .tag = out->tag,
				     .ttl = -1,
				     .wall_ns = now_ns};

		err = memlink_give(&m->link, &tx, 0);
	}
	if (err == 0 && m->peer) {
		struct link_in in = {
			.kind = LINK_PACKET,
			.layer = m->peer->layer,
			.bytes = out->bytes,
			.len = out->len,
			.wire_len = out->len,
			.from = out->to,
			.ttl = 64,
			.wall_ns = now_ns + m->delay_ns,
		};

		err = memlink_give(m->peer, &in, m->delay_ns);
	}
	return err;
}

static int mem_send(struct link *l, const struct link_out *out, unsigned n, struct why *why)
{
	struct memlink *m = of(l);

	for (unsigned i = 0; i < n; i++) {
		int err;

		if (m->pass == 0 && m->refuse) {
			if (i)
				return (int)i;
			m->refuse--;
			errno = m->refuse_sys;
			return why_sys(why, m->refuse_err, "cannot send %zu octets", out[0].len);
		}
		if (m->pass)
			m->pass--;
		err = send_one(m, &out[i]);
		if (err < 0)
			return why_set(why, err, "no memory to keep a sent packet");
	}
	return (int)n;
}

static int mem_recv(struct link *l, struct link_in *in, unsigned cap, struct why *why)
{
	struct memlink *m = of(l);
	uint64_t now_ns = clock_mono(m->clock);
	unsigned n = 0;

	(void)why;
	free_items(&m->lent);
	while (n < cap && m->waiting && m->waiting->due_ns <= now_ns) {
		struct item *item = m->waiting;

		m->waiting = item->next;
		item->next = m->lent;
		m->lent = item;
		in[n++] = item->in;
	}
	return (int)n;
}

static void mem_close(struct link *l)
{
	struct memlink *m = of(l);

	free_items(&m->waiting);
	free_items(&m->lent);
	for (size_t i = 0; i < m->n_sent; i++)
		free(m->sent[i]);
	free(m->sent);
	free(m);
}

int memlink_open(enum link_layer layer, const struct clock *clock, struct link **out)
{
	static const struct link_ops ops = {mem_send, mem_recv, mem_close};
	struct memlink *m = calloc(1, sizeof(*m));

	if (!m)
		return E_MEM;
	m->link = (struct link){.ops = &ops, .fd = -1, .layer = layer};
	m->clock = clock;
	*out = &m->link;
	return 0;
}

void memlink_join(struct link *a, struct link *b, uint64_t delay_ns)
{
	of(a)->peer = b;
	of(b)->peer = a;
	of(a)->delay_ns = of(b)->delay_ns = delay_ns;
}

void memlink_stamp(struct link *l)
{
	of(l)->stamps = true;
}

void memlink_fail(struct link *l, unsigned after, unsigned count, int err, int sys)
{
	struct memlink *m = of(l);

	m->pass = after;
	m->refuse = count;
	m->refuse_err = err;
	m->refuse_sys = sys;
}

size_t memlink_n_sent(const struct link *l)
{
	return of(l)->n_sent;
}

const struct memlink_sent *memlink_sent(const struct link *l, size_t i)
{
	return of(l)->sent[i];
}

uint64_t memlink_due_ns(const struct link *l)
{
	return of(l)->waiting ? of(l)->waiting->due_ns : MEMLINK_NEVER;
}
