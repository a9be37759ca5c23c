/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traceroute_flight.h"

#include <stdlib.h>

#include "base/num.h"

#define WAIT_RTTS 4u
#define UNSENT_RETRY_NS NS_PER_MS /* one that has not left yet is looked at again then */

struct flight flight_of(const struct path *p)
{
	return (struct flight){.first_seq = p->target->seq + 1, .max_rtt_ns = p->max_rtt_ns};
}

void flight_free(struct flight *f)
{
	free(f->probes);
}

bool flight_add(struct flight *f, const struct flight_probe *probe)
{
	if (f->n == f->cap) {
		size_t cap = f->cap ? 2 * f->cap : 64;
		struct flight_probe *bigger =
			f->n < FLIGHT_MAX ? realloc(f->probes, cap * sizeof(*bigger)) : NULL;

		if (!bigger)
			return false;
		f->probes = bigger;
		f->cap = cap < FLIGHT_MAX ? cap : FLIGHT_MAX;
	}
	f->probes[f->n] = *probe;
	f->probes[f->n++].is_open = true;
	f->n_open++;
	return true;
}

struct flight_probe *flight_at(const struct flight *f, uint32_t seq)
{
	return seq - f->first_seq < f->n ? &f->probes[seq - f->first_seq] : NULL;
}

void flight_sent(struct flight *f, const struct event *ev)
{
	struct flight_probe *probe = flight_at(f, ev->seq);

	if (!probe)
		return;
	probe->n = ev->probe->n;
	probe->sent_ns = ev->probe->sent_ns;
}

struct flight_probe *flight_answer(struct flight *f, const struct event *ev)
{
	struct flight_probe *probe = flight_at(f, ev->seq);

	if (!probe || probe->is_answered)
		return NULL;
	f->n_open -= probe->is_open;
	probe->is_open = false;
	probe->is_answered = true;
	if (ev->rtt_ns > f->max_rtt_ns)
		f->max_rtt_ns = ev->rtt_ns;
	return probe;
}

uint64_t flight_give_up(struct traceroute *t, struct flight *f, uint64_t least_ns, uint64_t now_ns,
			const struct flight_probe **lost)
{
	uint64_t wait_ns = WAIT_RTTS * f->max_rtt_ns;

	if (wait_ns < least_ns)
		wait_ns = least_ns;
	*lost = NULL;
	while (f->oldest < f->n) {
		struct flight_probe *probe = &f->probes[f->oldest];
		struct probe *sent = probe_get(engine_probes(t->engine), probe->n);

		if (probe->is_open && !probe->n)
			return now_ns + UNSENT_RETRY_NS;
		if (probe->is_open && now_ns < probe->sent_ns + wait_ns)
			return probe->sent_ns + wait_ns;
		f->oldest++;
		if (!probe->is_open)
			continue;
		probe->is_open = false;
		f->n_open--;
		if (sent)
			engine_give_up(t->engine, sent, now_ns);
		*lost = probe;
		break;
	}
	return ENGINE_NEVER;
}
