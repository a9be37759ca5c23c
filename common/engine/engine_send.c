/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine_send - what goes out: who is next, and handing it to the kernel.
 */
#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "engine/engine_impl.h"

#define BACKOFF_MIN_NS (NS_PER_MS / 4)
#define BACKOFF_MAX_NS (16 * NS_PER_MS)
#define TRIES_MIN 3u          /* of a persistent run */
#define RE_ANCHOR_NS NS_PER_S /* a process that slept longer does not make up for what it missed */
#define GRACE_NS \
	NS_PER_S /* how long a fresh probe is trusted to bring the answer that is still wanted */

/*
 * A word of the stream becomes a target, or a question to the resolver. Returns the target, if it
 * is one already.
 */
static struct target *word_to_target(struct engine *e, const struct target_word *word,
				     uint64_t now_ns)
{
	char text[ADDR_TEXT_MAX];
	struct why why;
	int err;

	if (word->addr.len) {
		/* The text is kept only where it says something else than the address. */
		bool is_plain =
			!word->text[0] || strcmp(word->text, addr_text(&word->addr, text)) == 0;

		return engine_add_target(e, &word->addr, is_plain ? NULL : word->text,
					 word->is_swept, now_ns);
	}
	err = e->env.names ? names_ask(e->env.names, word->text, e->opts.family, word->is_swept) :
			     E_UNSUP;
	if (err == E_AGAIN) {
		e->held = *word;
		e->is_held = true;
	} else if (err < 0) {
		why_set(&why, err, "names cannot be resolved: there is no resolver");
		engine_refuse_word(e, word->text, &why);
	}
	return NULL;
}

/* The next target of the stream, or NULL if it has none to give now. */
static struct target *pull_target(struct engine *e, uint64_t now_ns)
{
	struct target *t = NULL;
	struct target_word word;
	struct why why;

	while (!t && !e->is_input_over && e->end == END_NOT_YET) {
		int err = 0;

		if (e->is_held) {
			word = e->held;
			e->is_held = false;
		} else {
			err = targets_next(e->env.targets, &word, &why);
		}
		if (err == E_EOF) {
			e->is_input_over = true;
		} else if (err == E_AGAIN) {
			e->is_input_waiting = true;
			break;
		} else if (err < 0) {
			engine_refuse_word(e, "", &why);
		} else {
			t = word_to_target(e, &word, now_ns);
			if (e->is_held)
				break;
		}
	}
	return t;
}

/*
 * With a count of answers, a target whose open questions may still bring all that is wanted is
 * not asked again until they have had their time.
 */
static bool is_waiting_for_answers(const struct engine *e, const struct target *t, uint64_t now_ns)
{
	const struct probe *last = t->seq ? probe_get(&e->probes, t->last_n) : NULL;

	return e->opts.count_answers && e->opts.count && last &&
	       t->counts.received + t->n_outstanding >= e->opts.count &&
	       now_ns < last->sent_ns + GRACE_NS && now_ns < engine_timeout_ns(e, last);
}

/* Laplace's rule gives the loss; how many tries leave less than 0.01 hosts unheard. */
static uint64_t tries_wanted(const struct engine *e)
{
	const struct engine_totals *all = &e->totals;
	double loss = (double)(all->tries - all->answered + 1) / (double)(all->tries + 2);
	double unheard = (double)all->answered * loss;
	uint64_t n = 1;

	while (all->answered && unheard > 0.01 && n < e->opts.count) {
		unheard *= loss;
		n++;
	}
	return n < TRIES_MIN ? TRIES_MIN : n;
}

static bool is_tried_enough(struct engine *e, struct target *t)
{
	if (!e->opts.is_persistent || t->seq < TRIES_MIN || t->seq < tries_wanted(e))
		return false;
	t->is_done = true;
	if (t->is_swept && !t->n_remembered)
		engine_drop_target(e, t);
	return true;
}

/* Whether the tool wants a probe to leave for @t now; if not, @t waits for what the tool said. */
static bool is_wanted(struct engine *e, struct target *t, uint64_t now_ns)
{
	uint64_t at_ns = e->ops->plan(e->tool, t, now_ns);

	engine_unwait(e, t); /* the plan may have given probes up, and so woken it */
	if (at_ns <= now_ns)
		return true;
	if (at_ns == ENGINE_DONE) {
		t->is_done = true;
		if (t->is_swept && !t->n_remembered)
			engine_drop_target(e, t);
	} else if (at_ns != ENGINE_NEVER) {
		t->due_ns = at_ns;
		engine_wait(e, t);
	}
	return false;
}

/* The next target of a planning tool that wants a probe sent now, or NULL. */
static struct target *next_planned(struct engine *e, uint64_t now_ns)
{
	for (;;) {
		struct target *t = due_first(&e->due);

		if (t && t->due_ns <= now_ns)
			engine_unwait(e, t);
		else if (e->is_input_over || engine_is_full(e) || !(t = pull_target(e, now_ns)))
			return NULL;
		if (is_wanted(e, t, now_ns))
			return t;
	}
}

static struct target *next_target(struct engine *e, uint64_t now_ns)
{
	struct target *t = due_first(&e->due);

	if (e->ops->plan)
		return next_planned(e, now_ns);

	while (t && t->due_ns <= now_ns) {
		engine_unwait(e, t);
		if (is_tried_enough(e, t)) {
			t = due_first(&e->due);
			continue;
		}
		if (!is_waiting_for_answers(e, t, now_ns))
			return t;
		t->due_ns = now_ns + NS_PER_MS;
		engine_wait(e, t);
		t = due_first(&e->due);
	}
	return e->is_input_over ? NULL : pull_target(e, now_ns);
}

/* When and whether a target is asked again. */
static void schedule(struct engine *e, struct target *t, uint64_t now_ns)
{
	const struct engine_opts *o = &e->opts;

	if (e->ops->plan) {
		engine_wake(e, t);
		return;
	}
	if (o->count && !o->count_answers && t->seq >= o->count) {
		t->is_done = true;
		return;
	}
	if (o->mode == MODE_ADAPTIVE ? engine_has_room(e, t) : t->seq < o->preload)
		t->due_ns = now_ns;
	else if (o->mode == MODE_ADAPTIVE)
		t->due_ns = now_ns + o->interval_ns;
	else
		t->due_ns += o->interval_ns;
	if (t->due_ns + RE_ANCHOR_NS < now_ns)
		t->due_ns = now_ns;
	engine_wait(e, t);
}

/* Whoever cannot be asked from the start is not asked again; a route may get lost, and return. */
static bool is_without_route(const struct target *t, const struct why *why)
{
	return !t->counts.sent &&
	       (why->sys == ENETUNREACH || why->sys == EHOSTUNREACH || why->sys == EADDRNOTAVAIL);
}

static void report_unsent(struct engine *e, struct outgoing *o, const struct why *why)
{
	struct target *t = o->probe->target;

	if (is_without_route(t, why)) {
		engine_unwait(e, t);
		t->is_done = true;
	}
	ENGINE_COUNT(e, t, local_errors);
	probe_settle(&e->probes, o->probe, PROBE_LOST);
	t->last_ns = e->totals.last_ns = clock_mono(e->env.clock);
	if (!t->first_ns)
		t->first_ns = t->last_ns;
	e->ops->report(e->tool, &(struct event){.kind = EVENT_UNSENT,
						.target = t,
						.probe = o->probe,
						.seq = o->probe->seq,
						.why = why});
	engine_retire(e, o->probe);
}

static void report_sent(struct engine *e, struct outgoing *o)
{
	struct target *t = o->probe->target;

	ENGINE_COUNT(e, t, sent);
	t->last_ns = e->totals.last_ns = o->probe->sent_ns;
	if (!t->first_ns)
		t->first_ns = t->last_ns;
	e->ops->report(e->tool, &(struct event){.kind = EVENT_SENT,
						.target = t,
						.probe = o->probe,
						.seq = o->probe->seq,
						.sent = o->out.bytes,
						.sent_len = o->out.len});
}

static void build_probe(struct engine *e, struct target *t, const struct moment *now)
{
	struct outgoing *o = &e->batch[e->n_batch];
	struct wr w = wr_make(e->buffers + e->n_batch * e->ops->max_packet, e->ops->max_packet);
	struct probe *last = t->seq ? probe_get(&e->probes, t->last_n) : NULL;
	struct probe *old = &e->probes.ring[e->probes.next_n & (PROBES_MAX - 1)];
	struct why why;
	int err;

	if (last && (last->state == PROBE_OUTSTANDING || last->state == PROBE_LOST))
		e->ops->report(e->tool, &(struct event){.kind = EVENT_WAITING,
							.target = t,
							.probe = last,
							.seq = last->seq});
	engine_retire(e, old);
	t->seq++;
	o->probe = probe_add(&e->probes, t, now->mono_ns, now->wall_ns);
	o->link = engine_link_to(e, &t->addr);
	err = e->ops->build(e->tool, o->probe, &w);
	schedule(e, t, now->mono_ns);
	if (err < 0) {
		why_set(&why, err, "cannot build the probe (%s)", err_word(err));
		report_unsent(e, o, &why);
		return;
	}
	o->out = (struct link_out){
		.bytes = w.buf,
		.len = w.len,
		.to = t->addr,
		.port = e->ops->port,
		.tag = o->probe->n,
	};
	if (e->ops->aim)
		e->ops->aim(e->tool, o->probe, &o->out);
	e->n_batch++;
}

/*
 * A full queue is the link saying "slower" when we send as fast as it takes; otherwise it is an
 * error.
 */
static bool is_to_be_retried(struct engine *e, int err, uint64_t now_ns)
{
	if (err != E_AGAIN || !(e->opts.is_sweep || e->opts.mode == MODE_ADAPTIVE))
		return false;
	if (!e->backoff_ns) {
		e->backoff_ns = BACKOFF_MIN_NS;
		e->full_since_ns = now_ns;
	}
	if (now_ns - e->full_since_ns > e->opts.timeout_ns)
		return false;
	e->retry_ns = now_ns + e->backoff_ns;
	if (e->backoff_ns < BACKOFF_MAX_NS)
		e->backoff_ns *= 2;
	return true;
}

/* Drops the first @n of the batch; their buffers move to the end for reuse. */
static void shift_batch(struct engine *e, unsigned n)
{
	for (unsigned i = n; n && i < e->n_batch; i++) {
		uint8_t *buffer = e->buffers + (i - n) * e->ops->max_packet;

		memcpy(buffer, e->batch[i].out.bytes, e->batch[i].out.len);
		e->batch[i - n] = e->batch[i];
		e->batch[i - n].out.bytes = buffer;
	}
	e->n_batch -= n;
}

/* Hands the batch to the kernel, a run of one family at a time. */
static void flush_batch(struct engine *e)
{
	unsigned done = 0;

	while (done < e->n_batch && e->end == END_NOT_YET) {
		struct link_out out[ENGINE_BATCH] unset;
		struct link *l = e->batch[done].link;
		struct moment now = engine_moment(e);
		struct why why;
		unsigned n = 0;
		int sent;

		for (; done + n < e->n_batch && e->batch[done + n].link == l; n++) {
			out[n] = e->batch[done + n].out;
			e->batch[done + n].probe->sent_ns = now.mono_ns;
			e->batch[done + n].probe->sent_wall_ns = now.wall_ns;
		}
		sent = link_send(l, out, n, &why);
		if (sent < 0 && is_to_be_retried(e, sent, now.mono_ns))
			break;
		e->backoff_ns = 0;
		if (sent < 0)
			report_unsent(e, &e->batch[done++], &why);
		for (int i = 0; i < sent; i++)
			report_sent(e, &e->batch[done++]);
	}
	shift_batch(e, done);
}

void engine_send_due(struct engine *e)
{
	struct moment now = engine_moment(e);

	(void)engine_land(e, now.mono_ns);
	e->is_input_waiting = false; /* as long as we would not take what it has */
	if (e->backoff_ns && now.mono_ns < e->retry_ns)
		return;
	while (e->n_batch < ENGINE_BATCH && pace_is_due(&e->pace, now.mono_ns) &&
	       !probes_blocker(&e->probes) && (e->ops->plan || !engine_is_full(e))) {
		struct target *t = next_target(e, now.mono_ns);

		if (!t)
			break;
		pace_take(&e->pace, now.mono_ns);
		build_probe(e, t, &now);
	}
	flush_batch(e);
}

uint64_t engine_send_next_ns(struct engine *e, uint64_t now_ns)
{
	const struct probe *blocker = probes_blocker(&e->probes);
	uint64_t next_ns = ENGINE_NEVER;

	if (e->backoff_ns)
		return e->retry_ns;
	if (blocker)
		return engine_timeout_ns(e, blocker);
	next_ns = engine_land(e, now_ns);
	if (engine_is_full(e) && !e->ops->plan)
		return next_ns;
	if (!e->is_input_over && !e->is_input_waiting && !e->is_held && !engine_is_full(e))
		next_ns = now_ns;
	if (due_first(&e->due) && due_first(&e->due)->due_ns < next_ns)
		next_ns = due_first(&e->due)->due_ns;
	if (next_ns != ENGINE_NEVER && pace_is_limited(&e->pace) &&
	    pace_next_ns(&e->pace) > next_ns)
		next_ns = pace_next_ns(&e->pace);
	return next_ns;
}
