/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/probe.h"

#include <stdlib.h>
#include <string.h>

#define NO_SLOT UINT32_MAX

static uint32_t slot_of(uint64_t n)
{
	return (uint32_t)(n & (PROBES_MAX - 1));
}

/*
 * Which chain: target and low seq. Both are our own choice, so a plain mix will do; what comes
 * from the network can only look a chain up, never lengthen it.
 */
static uint32_t chain_of(const struct addr *addr, uint16_t seq16)
{
	uint64_t a, b;

	memcpy(&a, addr->bytes, 8);
	memcpy(&b, addr->bytes + 8, 8);
	a = (a ^ seq16) * 0x9e3779b97f4a7c15;
	b = (b ^ a >> 29) * 0xbf58476d1ce4e5b9 + a;
	return (uint32_t)(b >> 40) & (PROBES_MAX - 1);
}

int probes_open(struct probes *p, bool is_by_addr)
{
	*p = (struct probes){
		.is_by_addr = is_by_addr,
		.ring = calloc(PROBES_MAX, sizeof(*p->ring)),
		.heads = calloc(PROBES_MAX, sizeof(*p->heads)),
		.next_n = 1,
		.oldest_n = 1,
		.landed_n = 1,
	};
	if (p->ring && p->heads)
		return 0;
	probes_close(p);
	return E_MEM;
}

void probes_close(struct probes *p)
{
	free(p->ring);
	free(p->heads);
	*p = (struct probes){0};
}

struct probe *probes_blocker(struct probes *p)
{
	struct probe *probe = &p->ring[slot_of(p->next_n)];

	return probe->state == PROBE_OUTSTANDING ? probe : NULL;
}

/* A head of 0 means empty, so that calloc() makes an empty table without touching its pages. */
static uint32_t *head_of(const struct probes *p, const struct probe *probe)
{
	uint16_t seq16 = p->is_by_addr ? 0 : (uint16_t)probe->seq;

	return &p->heads[chain_of(&probe->target->addr, seq16)];
}

static void chain_out(struct probes *p, struct probe *probe)
{
	uint32_t *head = head_of(p, probe);
	uint32_t slot = slot_of(probe->n);
	uint32_t at = *head - 1;

	if (!probe->is_chained)
		return;
	probe->is_chained = false;
	if (at == slot) {
		*head = probe->chain == NO_SLOT ? 0 : probe->chain + 1;
		return;
	}
	while (p->ring[at].chain != slot)
		at = p->ring[at].chain;
	p->ring[at].chain = probe->chain;
}

static void chain_in(struct probes *p, struct probe *probe)
{
	uint32_t *head = head_of(p, probe);
	struct probe *last = probe->seq > 1 ? probe_get(p, probe->target->last_n) : NULL;

	if (p->is_by_addr && last)
		chain_out(p, last);
	probe->chain = *head ? *head - 1 : NO_SLOT;
	probe->is_chained = true;
	*head = slot_of(probe->n) + 1;
}

struct probe *probe_add(struct probes *p, struct target *target, uint64_t now_ns, uint64_t wall_ns)
{
	struct probe *probe = &p->ring[slot_of(p->next_n)];

	*probe = (struct probe){
		.n = p->next_n++,
		.sent_ns = now_ns,
		.sent_wall_ns = wall_ns,
		.target = target,
		.seq = target->seq,
		.state = PROBE_OUTSTANDING,
	};
	chain_in(p, probe);
	p->outstanding++;
	p->under_way++;
	target->n_outstanding++;
	target->n_remembered++;
	target->last_n = probe->n;
	return probe;
}

void probe_undo(struct probes *p, struct probe *probe)
{
	probe_settle(p, probe, PROBE_LOST);
	probe_forget(p, probe);
	p->next_n--;
}

struct probe *probe_get(const struct probes *p, uint64_t n)
{
	struct probe *probe = &p->ring[slot_of(n)];

	return probe->state != PROBE_FORGOTTEN && probe->n == n ? probe : NULL;
}

struct probe *probe_find(const struct probes *p, const struct addr *addr, uint16_t seq16)
{
	uint32_t head = p->heads[chain_of(addr, seq16)];

	for (uint32_t at = head ? head - 1 : NO_SLOT; at != NO_SLOT; at = p->ring[at].chain) {
		struct probe *probe = &p->ring[at];

		if ((uint16_t)probe->seq == seq16 && addr_same(&probe->target->addr, addr))
			return probe;
	}
	return NULL;
}

struct probe *probe_find_newest(const struct probes *p, const struct addr *addr)
{
	uint32_t head = p->heads[chain_of(addr, 0)];

	for (uint32_t at = head ? head - 1 : NO_SLOT; at != NO_SLOT; at = p->ring[at].chain)
		if (addr_same(&p->ring[at].target->addr, addr))
			return &p->ring[at];
	return NULL;
}

uint64_t probes_land(struct probes *p, uint64_t since_ns)
{
	for (; p->landed_n < p->next_n; p->landed_n++) {
		const struct probe *probe = probe_get(p, p->landed_n);

		if (!probe || probe->state != PROBE_OUTSTANDING)
			continue;
		if (probe->sent_ns >= since_ns)
			return probe->sent_ns;
		p->under_way--;
	}
	return UINT64_MAX;
}

void probe_settle(struct probes *p, struct probe *probe, enum probe_state state)
{
	if (probe->state == PROBE_OUTSTANDING) {
		p->outstanding--;
		p->under_way -= probe->n >= p->landed_n;
		probe->target->n_outstanding--;
	}
	probe->state = (uint8_t)state;
}

void probe_forget(struct probes *p, struct probe *probe)
{
	if (probe->state == PROBE_FORGOTTEN)
		return;
	chain_out(p, probe);
	probe->target->n_remembered--;
	probe->state = PROBE_FORGOTTEN;
}
