/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "engine/engine_impl.h"

#define LINGER_NS (20 * NS_PER_MS)

const char *verdict_word(enum verdict v)
{
	static const char *const words[] = {
		[VERDICT_OK] = "ok",
		[VERDICT_DUPLICATE] = "duplicate",
		[VERDICT_LATE] = "late",
		[VERDICT_CORRUPT] = "corrupt",
		[VERDICT_FOREIGN] = "foreign",
		[VERDICT_FORGED] = "forged",
		[VERDICT_TRUNCATED] = "truncated",
	};

	return words[v];
}

struct engine *engine_new(const struct engine_env *env, const struct engine_opts *opts,
			  const struct probe_ops *ops, void *tool)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->env = *env;
	e->opts = *opts;
	e->window = window_make(opts->window, !opts->is_gentle);
	e->ops = ops;
	e->tool = tool;
	e->buffers = malloc(ENGINE_BATCH * ops->max_packet);
	if (!e->buffers || probes_open(&e->probes, ops->is_by_addr) < 0) {
		engine_free(e);
		return NULL;
	}
	return e;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	for (struct target *t = e->first, *next; t; t = next) {
		next = t->next;
		target_free(t);
	}
	probes_close(&e->probes);
	due_free(&e->due);
	stats_free(&e->totals.rtt);
	free(e->buffers);
	free(e);
}

struct moment engine_moment(const struct engine *e)
{
	struct moment m;

	/* Between the two readings we may have lost the processor: then read again. */
	for (int tries = 0; tries < 3; tries++) {
		uint64_t before = clock_mono(e->env.clock);

		m.wall_ns = clock_wall(e->env.clock);
		m.mono_ns = clock_mono(e->env.clock);
		if (m.mono_ns - before < 10 * NS_PER_US)
			break;
	}
	return m;
}

void engine_fail(struct engine *e)
{
	e->end = END_FAILED;
}

void engine_break(struct engine *e, const struct why *why)
{
	e->why = *why;
	engine_fail(e);
}

void engine_refuse_word(struct engine *e, const char *word, const struct why *why)
{
	e->totals.no_targets++;
	e->ops->report(e->tool, &(struct event){.kind = EVENT_NO_TARGET, .word = word, .why = why});
}

void engine_wait(struct engine *e, struct target *t)
{
	if (due_add(&e->due, t) == 0)
		return;
	(void)why_set(&e->why, E_MEM, "out of memory");
	engine_fail(e);
}

void engine_unwait(struct engine *e, struct target *t)
{
	due_remove(&e->due, t);
}

void engine_wake(struct engine *e, struct target *t)
{
	if (t->is_done)
		return;
	engine_unwait(e, t);
	t->due_ns = 0;
	engine_wait(e, t);
}

bool engine_is_full(const struct engine *e)
{
	return e->window.most && e->probes.under_way >= e->window.limit;
}

uint64_t engine_land(struct engine *e, uint64_t now_ns)
{
	uint64_t landed_ns = window_landed_ns(&e->window), before = e->probes.under_way, sent_ns;

	sent_ns = probes_land(&e->probes, now_ns > landed_ns ? now_ns - landed_ns : 0);
	if (e->probes.under_way < before)
		window_lost(&e->window);
	return engine_is_full(e) && sent_ns != UINT64_MAX ? sent_ns + landed_ns + 1 : ENGINE_NEVER;
}

void engine_give_up(struct engine *e, struct probe *probe, uint64_t now_ns)
{
	if (probe->state == PROBE_OUTSTANDING)
		engine_lose(e, probe, now_ns);
}

struct link *engine_link_to(const struct engine *e, const struct addr *addr)
{
	return addr_is_v6(addr) ? e->env.link6 : e->env.link4;
}

/*
 * The new target goes to the end of the list, if the tool takes it. One whose answer is known is
 * never due.
 */
static struct target *admit(struct engine *e, struct target *t)
{
	char text[ADDR_TEXT_MAX];
	struct why why;
	int admission = e->ops->admit ? e->ops->admit(e->tool, t, &why) : ADMIT_ASK;

	if (admission < 0) {
		engine_refuse_word(e, target_text(t, text), &why);
		target_free(t);
		return NULL;
	}
	t->prev = e->last;
	*(e->last ? &e->last->next : &e->first) = t;
	e->last = t;
	e->totals.targets++;
	e->ops->report(e->tool, &(struct event){.kind = EVENT_TARGET, .target = t});
	if (admission == ADMIT_ASK)
		return t;
	e->totals.answered++;
	e->totals.tries++;
	t->is_done = true;
	if (t->is_swept)
		engine_drop_target(e, t);
	return NULL;
}

struct target *engine_add_target(struct engine *e, const struct addr *addr, const char *name,
				 bool is_swept, uint64_t now_ns)
{
	char text[ADDR_TEXT_MAX];
	struct target *t;
	struct why why;

	if (!engine_link_to(e, addr)) {
		(void)why_set(&why, E_UNSUP, "an IPv%d address, and this run asks IPv%d only",
			      addr_is_v6(addr) ? 6 : 4, addr_is_v6(addr) ? 4 : 6);
		engine_refuse_word(e, name ? name : addr_text(addr, text), &why);
		return NULL;
	}
	t = calloc(1, sizeof(*t));
	if (!t || (name && !(t->name = strdup(name)))) {
		free(t);
		(void)why_set(&e->why, E_MEM, "out of memory");
		engine_fail(e);
		return NULL;
	}
	t->addr = *addr;
	t->is_swept = is_swept;
	t->due_ns = now_ns;
	return admit(e, t);
}

/* The last word on a target: its counts go into the totals. */
void engine_drop_target(struct engine *e, struct target *t)
{
	engine_unwait(e, t);
	e->totals.unasked += !t->counts.sent && t->counts.local_errors;
	e->totals.wanting += t->counts.received < e->opts.count;
	e->ops->report(e->tool, &(struct event){.kind = EVENT_TARGET_DONE, .target = t});
	*(t->prev ? &t->prev->next : &e->first) = t->next;
	*(t->next ? &t->next->prev : &e->last) = t->prev;
	target_free(t);
}

void engine_retire(struct engine *e, struct probe *probe)
{
	struct target *t = probe->target;

	if (probe->state == PROBE_FORGOTTEN)
		return;
	probe_forget(&e->probes, probe);
	if (t->is_swept && t->is_done && !t->n_remembered)
		engine_drop_target(e, t);
}

void engine_lose(struct engine *e, struct probe *probe, uint64_t now_ns)
{
	probe_settle(&e->probes, probe, PROBE_LOST);
	e->totals.last_ns = now_ns;
	e->ops->report(e->tool, &(struct event){.kind = EVENT_TIMEOUT,
						.target = probe->target,
						.probe = probe,
						.seq = probe->seq});
	if (e->ops->plan)
		engine_wake(e, probe->target);
}

/*
 * Probes leave in the order of their numbers and wait equally long, so the oldest is the next to
 * time out. A swept target is kept until then, for duplicates, and no longer; of the others the
 * ring remembers what it can.
 */
static void expire(struct engine *e, uint64_t now_ns)
{
	struct probes *p = &e->probes;

	for (; p->oldest_n < p->next_n; p->oldest_n++) {
		struct probe *probe = probe_get(p, p->oldest_n);

		if (!probe)
			continue;
		if (e->n_batch && probe->n >= e->batch[0].probe->n)
			return;
		if (now_ns < engine_timeout_ns(e, probe)) {
			if (probe->state == PROBE_OUTSTANDING || probe->target->is_swept)
				return;
			continue;
		}
		if (probe->state == PROBE_OUTSTANDING)
			engine_lose(e, probe, now_ns);
		if (probe->target->is_swept)
			engine_retire(e, probe);
	}
}

static uint64_t expire_next_ns(const struct engine *e)
{
	const struct probe *probe = probe_get(&e->probes, e->probes.oldest_n);

	if (!probe || (e->n_batch && probe->n >= e->batch[0].probe->n))
		return ENGINE_NEVER;
	return engine_timeout_ns(e, probe);
}

static bool is_all_done(const struct engine *e)
{
	bool is_asking = !e->is_input_over || e->is_held || due_first(&e->due) || e->n_batch ||
			 (e->env.names && names_pending(e->env.names));

	/* Who wants N answers and has them does not wait for more. */
	return !is_asking && (!e->probes.outstanding || (e->opts.count_answers && e->opts.count));
}

/*
 * Where answers come more than once, the last probe's further ones are waited for a little: a
 * count that depends on who was quicker is no count. Where none did, nobody waits.
 */
static uint64_t linger_until_ns(const struct engine *e)
{
	uint64_t until_ns = e->totals.counts.duplicates ? e->totals.last_ns + LINGER_NS : 0;

	return until_ns > e->linger_at_ns ? until_ns : e->linger_at_ns;
}

static void start(struct engine *e, uint64_t now_ns)
{
	e->is_started = true;
	e->totals.start_ns = e->totals.last_ns = now_ns;
	e->pace = pace_make(e->opts.rate, now_ns);
	e->deadline_at_ns = e->opts.deadline_ns ? now_ns + e->opts.deadline_ns : ENGINE_NEVER;
}

uint64_t engine_step(struct engine *e)
{
	uint64_t now_ns = clock_mono(e->env.clock), next_ns, send_ns;

	if (!e->is_started)
		start(e, now_ns);
	if (e->end == END_NOT_YET)
		engine_receive(e);
	expire(e, now_ns);
	if (e->end == END_NOT_YET && now_ns >= e->deadline_at_ns)
		e->end = END_DEADLINE;
	engine_take_names(e, now_ns);
	if (e->end == END_NOT_YET)
		engine_send_due(e);
	if (e->end == END_NOT_YET && is_all_done(e)) {
		engine_receive(e); /* what came with the last answer is not left unread */
		next_ns = linger_until_ns(e);
		if (next_ns > e->deadline_at_ns)
			next_ns = e->deadline_at_ns;
		if (e->end == END_NOT_YET && now_ns < next_ns)
			return next_ns;
		if (e->end == END_NOT_YET)
			e->end = END_DONE;
	}
	if (e->end != END_NOT_YET)
		return 0;
	next_ns = expire_next_ns(e);
	send_ns = engine_send_next_ns(e, now_ns);
	if (send_ns < next_ns)
		next_ns = send_ns;
	return next_ns < e->deadline_at_ns ? next_ns : e->deadline_at_ns;
}

enum engine_end engine_end(const struct engine *e)
{
	return e->end;
}

const struct why *engine_why(const struct engine *e)
{
	return &e->why;
}

void engine_tell_status(struct engine *e)
{
	if (e->ops->status)
		e->ops->status(e->tool);
}

void engine_stop(struct engine *e)
{
	if (e->end == END_NOT_YET)
		e->end = END_STOPPED;
}

void engine_finish(struct engine *e)
{
	/* Those built but never handed to the kernel were not sent, and nobody counts them. */
	while (e->n_batch)
		probe_undo(&e->probes, e->batch[--e->n_batch].probe);
	while (e->first)
		engine_drop_target(e, e->first);
	for (int i = 0; i < 2; i++) {
		struct link *l = i ? e->env.link6 : e->env.link4;

		if (l && !(i && l == e->env.link4))
			e->totals.kernel_drops += l->drops;
	}
}

unsigned engine_poll_fds(const struct engine *e, int *fds)
{
	unsigned n = 0;

	if (e->env.link4 && e->env.link4->fd >= 0)
		fds[n++] = e->env.link4->fd;
	if (e->env.link6 && e->env.link6 != e->env.link4 && e->env.link6->fd >= 0)
		fds[n++] = e->env.link6->fd;
	if (e->env.names)
		fds[n++] = names_fd(e->env.names);
	if (e->is_input_waiting && targets_fd(e->env.targets) >= 0)
		fds[n++] = targets_fd(e->env.targets);
	return n;
}

struct probes *engine_probes(struct engine *e)
{
	return &e->probes;
}

struct target *engine_find_target(struct engine *e, const struct addr *addr)
{
	/*
	 * A sweep has too many to look through for every stranger's packet; it has the probe table.
	 */
	if (e->opts.is_sweep)
		return NULL;
	for (struct target *t = e->first; t; t = t->next)
		if (addr_same(&t->addr, addr))
			return t;
	return NULL;
}

struct target *engine_first_target(struct engine *e)
{
	return e->first;
}

const struct engine_totals *engine_totals(const struct engine *e)
{
	return &e->totals;
}
