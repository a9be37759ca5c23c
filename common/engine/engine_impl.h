/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine_impl - what the parts of the engine share: its life (engine.c), what goes out
 * (engine_send.c), what comes in (engine_recv.c).
 *
 * Layer: engine; private to engine/engine.
 */
#ifndef PKT_ENGINE_ENGINE_IMPL_H
#define PKT_ENGINE_ENGINE_IMPL_H

#include "engine/due.h"
#include "engine/engine.h"
#include "engine/pace.h"
#include "engine/window.h"

/* A probe that is built and waits to be handed to the kernel. */
struct outgoing {
	struct probe *probe;
	struct link *link;
	struct link_out out;
};

struct engine {
	struct engine_env env;
	struct engine_opts opts;
	const struct probe_ops *ops;
	void *tool;

	struct probes probes;
	struct pace pace;
	struct window window;
	struct target *first, *last; /* all, in the order they were given */
	struct due due;              /* those that wait */

	struct outgoing batch[ENGINE_BATCH];
	unsigned n_batch;
	uint8_t *buffers;    /* ENGINE_BATCH times ops->max_packet */
	uint64_t retry_ns;   /* not before this is a full queue tried again */
	uint64_t backoff_ns; /* how long the next such wait is; 0 when the queue is not full */
	uint64_t full_since_ns;

	bool is_input_over;      /* the stream of targets has ended */
	bool is_input_waiting;   /* it has nothing at the moment */
	struct target_word held; /* a name that waits for room at the resolver */
	bool is_held;

	bool is_started;
	uint64_t linger_at_ns;   /* not before this is the run over */
	uint64_t deadline_at_ns; /* ENGINE_NEVER without one */
	enum engine_end end;
	struct why why;
	struct engine_totals totals;
};

/* Both clocks, read so close together that their difference means something. */
struct moment {
	uint64_t mono_ns, wall_ns;
};

struct moment engine_moment(const struct engine *e);

/* Adds one to a counter of the target (if known) and of the whole run. */
#define ENGINE_COUNT(e, whose, field) \
	do { \
		struct target *counted_ = (whose); \
		(e)->totals.counts.field++; \
		if (counted_) \
			counted_->counts.field++; \
	} while (0)

/* engine_fail() - ends the run for the reason in e->why. */
void engine_fail(struct engine *e);

/* engine_refuse_word() - counts and tells of a word that cannot be asked. */
void engine_refuse_word(struct engine *e, const char *word, const struct why *why);

/* engine_lose() - the timeout of an outstanding probe has passed. */
void engine_lose(struct engine *e, struct probe *probe, uint64_t now_ns);

/*
 * engine_retire() - forgets a settled probe, and with the last one of a swept target that target.
 */
void engine_retire(struct engine *e, struct probe *probe);

struct link *engine_link_to(const struct engine *e, const struct addr *addr);

/*
 * engine_add_target() - a new target at the end of the list; NULL if there is no socket for it, or
 * no memory.
 */
struct target *engine_add_target(struct engine *e, const struct addr *addr, const char *name,
				 bool is_swept, uint64_t now_ns);

/* engine_drop_target() - the last word on a target. */
void engine_drop_target(struct engine *e, struct target *t);

/* The queue of targets that wait for their next probe. */
void engine_wait(struct engine *e, struct target *t);
void engine_unwait(struct engine *e, struct target *t);

/*
 * engine_land() - probes that got no answer make room for others. Returns when the next does, as
 * long as the window is full (monotonic ns), else ENGINE_NEVER.
 */
uint64_t engine_land(struct engine *e, uint64_t now_ns);

void engine_receive(struct engine *e);
void engine_take_names(struct engine *e, uint64_t now_ns);
void engine_send_due(struct engine *e);

/*
 * engine_send_next_ns() - when sending wants to go on: 0 for now, ENGINE_NEVER for not before
 * something arrives.
 */
uint64_t engine_send_next_ns(struct engine *e, uint64_t now_ns);

/*
 * engine_has_room() - whether fewer probes than the preload went to @t since the newest that was
 * answered. Those before that one are lost, if not answered, and nobody waits for them.
 */
static inline bool engine_has_room(const struct engine *e, const struct target *t)
{
	return t->seq - t->settled_seq < e->opts.preload;
}

/* engine_timeout_ns() - the moment after which @probe counts as lost. */
static inline uint64_t engine_timeout_ns(const struct engine *e, const struct probe *probe)
{
	return probe->sent_ns + e->opts.timeout_ns;
}

#endif
