/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine_recv - what comes in: stamps, answers, errors, and the names' addresses.
 */
#include <string.h>

#include "base/num.h"
#include "engine/engine_impl.h"

#define TAKE 128u /* things taken from a link at once */

/*
 * As often, before something is sent or times out: what waits to be read may be the answer and the
 * stamp of every probe remembered, after a pause that was not our choice.
 */
#define ROUNDS (2 * PROBES_MAX / (TAKE / 2))

static struct rtt_stamps stamps_of(const struct probe *probe, const struct link_in *in,
				   const struct moment *now)
{
	return (struct rtt_stamps){
		.sent_ns = probe->sent_ns,
		.sent_wall_ns = probe->sent_wall_ns,
		.tx_wall_ns = probe->tx_wall_ns,
		.rx_wall_ns = in->wall_ns,
		.now_ns = now->mono_ns,
		.now_wall_ns = now->wall_ns,
	};
}

/* From our send call to the arrival. */
static uint64_t waited_ns(const struct probe *probe, const struct link_in *in,
			  const struct moment *now)
{
	const struct rtt_stamps stamps = stamps_of(probe, in, now);

	return rtt_waited_ns(&stamps);
}

static void take_rtt(const struct probe *probe, const struct link_in *in, const struct moment *now,
		     struct event *ev)
{
	const struct rtt_stamps stamps = stamps_of(probe, in, now);

	ev->has_rtt = true;
	ev->rtt_ns = rtt_ns(&stamps, &ev->rtt_clock);
}

static void count_good(struct engine *e, struct probe *probe, const struct event *ev)
{
	struct target *t = probe->target;

	probe_settle(&e->probes, probe, PROBE_ANSWERED);
	if (!t->counts.received) {
		e->totals.answered++;
		e->totals.tries += t->seq;
	}
	ENGINE_COUNT(e, t, received);
	stats_add(&t->rtt, ev->rtt_ns);
	stats_add(&e->totals.rtt, ev->rtt_ns);
}

/* Sets a good answer against what is known of its probe. */
static enum verdict answer_verdict(const struct engine *e, const struct probe *probe,
				   const struct link_in *in, const struct moment *now)
{
	if (!probe) /* its cookie is right, but it is too old to be remembered */
		return VERDICT_LATE;
	switch ((enum probe_state)probe->state) {
	case PROBE_OUTSTANDING: return VERDICT_OK;
	case PROBE_REFUSED:
		return waited_ns(probe, in, now) < e->opts.timeout_ns ? VERDICT_OK : VERDICT_LATE;
	case PROBE_LOST: return VERDICT_LATE;
	case PROBE_ANSWERED:
	case PROBE_LATE:
	case PROBE_FORGOTTEN: break;
	}
	return VERDICT_DUPLICATE;
}

static void count_verdict(struct engine *e, struct target *t, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_OK: break; /* counted with its RTT */
	case VERDICT_DUPLICATE: ENGINE_COUNT(e, t, duplicates); break;
	case VERDICT_LATE: ENGINE_COUNT(e, t, late); break;
	case VERDICT_CORRUPT: ENGINE_COUNT(e, t, corrupt); break;
	case VERDICT_FOREIGN: ENGINE_COUNT(e, t, foreign); break;
	case VERDICT_FORGED: ENGINE_COUNT(e, t, forged); break;
	case VERDICT_TRUNCATED: ENGINE_COUNT(e, t, truncated); break;
	}
}

/*
 * The answer may free an adaptive target for its next probe; a target that wants N answers may be
 * done.
 */
static void go_on_after(struct engine *e, struct target *t, const struct probe *probe,
			uint64_t now_ns)
{
	if (probe && probe->state != PROBE_OUTSTANDING && probe->state != PROBE_LOST &&
	    probe->seq > t->settled_seq)
		t->settled_seq = probe->seq;
	if (e->ops->plan)
		engine_wake(e, t);
	if (!due_is_waiting(t) || e->ops->plan)
		return;
	if ((e->opts.count_answers && e->opts.count && t->counts.received >= e->opts.count) ||
	    (e->opts.enough && t->counts.received + t->counts.late >= e->opts.enough)) {
		engine_unwait(e, t);
		t->is_done = true;
	} else if (e->opts.mode == MODE_ADAPTIVE && engine_has_room(e, t)) {
		engine_unwait(e, t);
		t->due_ns = now_ns;
		engine_wait(e, t);
	}
}

static void on_answer(struct engine *e, const struct judgement *j, struct event *ev,
		      const struct moment *now)
{
	struct probe *probe = j->probe;

	ev->kind = EVENT_ANSWER;
	if (e->opts.linger_ns)
		e->linger_at_ns = now->mono_ns + e->opts.linger_ns;
	ev->verdict = j->verdict == VERDICT_OK ? answer_verdict(e, probe, ev->in, now) : j->verdict;
	if (probe)
		take_rtt(probe, ev->in, now, ev);
	if (ev->verdict == VERDICT_OK)
		count_good(e, probe, ev);
	count_verdict(e, ev->target, ev->verdict);
	if (ev->verdict == VERDICT_LATE && probe)
		probe_settle(&e->probes, probe, PROBE_LATE);
	if (probe && j->is_settling && probe->state == PROBE_OUTSTANDING)
		probe_settle(&e->probes, probe, PROBE_REFUSED);
}

static void on_error(struct engine *e, const struct judgement *j, struct event *ev)
{
	ev->kind = EVENT_ERROR;
	if (!j->probe || j->probe->state != PROBE_OUTSTANDING)
		return;
	ENGINE_COUNT(e, ev->target, errors);
	probe_settle(&e->probes, j->probe, PROBE_REFUSED);
}

static void take(struct engine *e, const struct link_in *in, const struct moment *now)
{
	struct event ev = {.in = in};
	struct judgement j = {.kind = JUDGED_NOT_OURS};

	if (in->kind == LINK_TX) {
		struct probe *probe = in->wall_ns ? probe_get(&e->probes, in->tag) : NULL;

		if (probe && !probe->tx_wall_ns)
			probe->tx_wall_ns = in->wall_ns;
		return;
	}
	e->ops->judge(e->tool, in, &j);
	if (j.kind == JUDGED_NOT_OURS)
		return;
	/* We may be here before the loss was noticed, but what came after the timeout came late. */
	if (j.probe && j.probe->state == PROBE_OUTSTANDING &&
	    waited_ns(j.probe, in, now) >= e->opts.timeout_ns)
		engine_lose(e, j.probe, now->mono_ns);
	if (j.probe && j.probe->state == PROBE_OUTSTANDING)
		window_answer(&e->window, j.probe->n, e->probes.next_n,
			      now->mono_ns - j.probe->sent_ns, now->mono_ns);
	ev.probe = j.probe;
	ev.target = j.probe ? j.probe->target : engine_find_target(e, &in->from);
	ev.seq = j.probe ? j.probe->seq : j.seq;
	ev.kind = EVENT_HINT;
	if (j.kind == JUDGED_ANSWER)
		on_answer(e, &j, &ev, now);
	else if (j.kind == JUDGED_ERROR)
		on_error(e, &j, &ev);
	e->totals.last_ns = now->mono_ns;
	if (ev.target)
		ev.target->last_ns = now->mono_ns;
	if (ev.probe && ev.target->seq - ev.probe->seq >= ev.target->pipe)
		ev.target->pipe = ev.target->seq - ev.probe->seq + 1;
	e->ops->report(e->tool, &ev);
	if (ev.target)
		go_on_after(e, ev.target, j.probe, now->mono_ns);
}

static void receive_from(struct engine *e, struct link *l)
{
	struct link_in in[TAKE] unset;
	struct moment now;

	for (unsigned round = 0; round < ROUNDS; round++) {
		int n = link_recv(l, in, TAKE, &e->why);

		if (n < 0 && n != E_AGAIN) {
			engine_fail(e);
			return;
		}
		now = engine_moment(e);
		for (int i = 0; i < n; i++)
			take(e, &in[i], &now);
		if (n < (int)TAKE / 2)
			return;
	}
}

void engine_receive(struct engine *e)
{
	if (e->env.link4)
		receive_from(e, e->env.link4);
	if (e->env.link6 && e->env.link6 != e->env.link4 && e->end == END_NOT_YET)
		receive_from(e, e->env.link6);
}

void engine_take_names(struct engine *e, uint64_t now_ns)
{
	struct name_answer a;
	struct why why;
	int err = E_AGAIN;

	while (e->env.names && e->end == END_NOT_YET && (err = names_take(e->env.names, &a)) == 0) {
		if (a.is_reverse) {
			if (e->ops->named)
				e->ops->named(e->tool, &a);
		} else if (!a.addr.len) {
			why_set(&why, E_NOENT, "%s", a.fault);
			engine_refuse_word(e, a.name, &why);
		} else if (!targets_is_excluded(e->env.targets, &a.addr)) {
			struct target *t =
				engine_add_target(e, &a.addr, a.name, a.is_swept, now_ns);

			if (t)
				engine_wait(e, t);
		}
	}
	if (err == E_SYS && names_pending(e->env.names)) {
		why_set(&e->why, E_SYS, "the resolver process has died");
		engine_fail(e);
	}
}
