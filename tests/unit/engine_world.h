/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine_world - a world for an engine to ask in: a clock that jumps to whatever is next, links in
 * memory, hosts that answer as the test wants, and a log of all that the engine told.
 *
 * A probe is 11 octets: its number, its seq, and what is said of it, which an answer may change.
 * Include it behind <cmocka.h>.
 */
#ifndef PKT_TESTS_ENGINE_WORLD_H
#define PKT_TESTS_ENGINE_WORLD_H

#include <poll.h>
#include <string.h>

#include "base/num.h"
#include "engine/engine.h"
#include "io/memlink.h"

#define PROBE_LEN 11
#define LOG_MAX 4096
#define STEPS_MAX 10000 /* steps on one spot before an engine counts as going round in circles */
#define EVENT_KINDS (EVENT_TARGET_DONE + 1)

/* What an answer says of its probe, to judge(). */
enum said {
	SAID_OK,
	SAID_CORRUPT,
	SAID_FOREIGN,
	SAID_FORGED,
	SAID_TRUNCATED,
	SAID_ERROR,
	SAID_HINT,
	SAID_NOTHING, /* no packet of ours */
};

/* An event as it was told. */
struct seen {
	enum event_kind kind;
	uint64_t mono_ns;
	uint64_t n; /* of the probe, 0 for none */
	uint32_t seq;
	struct addr addr; /* of the target, len 0 for none */
	enum verdict verdict;
	uint64_t rtt_ns; /* 0 for none */
	enum rtt_clock rtt_clock;
	struct counts counts; /* of the target, after the event */
	struct why why;
	char word[TARGET_WORD_MAX];
};

struct world {
	struct fake_clock clock;
	struct link *link4, *link6;
	struct targets *targets;
	struct names *names;
	struct engine_opts opts;
	struct probe_ops ops;
	struct engine *engine;
	/* Called for each packet sent, after the step that sent it; NULL where nobody answers. */
	void (*host)(struct world *w, struct link *l, const struct memlink_sent *sent);
	uint64_t delay_ns; /* of the hosts' answers */
	size_t n_met[2];   /* packets the hosts have been shown, of either link */
	int build_err;     /* what build() returns */

	struct seen log[LOG_MAX];
	unsigned n_log;
	unsigned counts[EVENT_KINDS];
	unsigned n_live, most_live; /* targets told of and not done */
};

static inline int world_build(void *tool, const struct probe *probe, struct wr *out)
{
	const struct world *w = tool;

	wr_u64(out, probe->n);
	wr_u16(out, (uint16_t)probe->seq);
	wr_u8(out, SAID_OK);
	return w->build_err ? w->build_err : wr_done(out);
}

static inline void world_judge(void *tool, const struct link_in *in, struct judgement *out)
{
	static const enum verdict verdicts[] = {
		[SAID_OK] = VERDICT_OK,
		[SAID_CORRUPT] = VERDICT_CORRUPT,
		[SAID_FOREIGN] = VERDICT_FOREIGN,
		[SAID_FORGED] = VERDICT_FORGED,
		[SAID_TRUNCATED] = VERDICT_TRUNCATED,
	};
	struct world *w = tool;
	struct rd r = rd_make(in->bytes, in->len);
	uint64_t n = rd_u64(&r);
	enum said said;

	out->seq = rd_u16(&r);
	said = (enum said)rd_u8(&r);
	assert_int_equal(rd_done(&r), 0);
	out->probe = probe_get(engine_probes(w->engine), n);
	if (said == SAID_NOTHING)
		return;
	out->kind = said == SAID_ERROR ? JUDGED_ERROR :
		    said == SAID_HINT  ? JUDGED_HINT :
					 JUDGED_ANSWER;
	if (out->kind == JUDGED_ANSWER)
		out->verdict = verdicts[said];
	out->is_settling = said == SAID_CORRUPT || said == SAID_TRUNCATED;
}

static inline void world_report(void *tool, const struct event *ev)
{
	struct world *w = tool;
	struct seen *s = &w->log[w->n_log < LOG_MAX ? w->n_log : LOG_MAX - 1];

	w->n_log += w->n_log < LOG_MAX;
	w->counts[ev->kind]++;
	*s = (struct seen){
		.kind = ev->kind,
		.mono_ns = w->clock.mono_ns,
		.n = ev->probe ? ev->probe->n : 0,
		.seq = ev->seq,
		.verdict = ev->verdict,
		.rtt_ns = ev->has_rtt ? ev->rtt_ns : 0,
		.rtt_clock = ev->rtt_clock,
	};
	if (ev->target) {
		s->addr = ev->target->addr;
		s->counts = ev->target->counts;
	}
	if (ev->why)
		s->why = *ev->why;
	if (ev->word)
		snprintf(s->word, sizeof(s->word), "%s", ev->word);
	if (ev->kind == EVENT_SENT)
		assert_int_equal(ev->sent_len, PROBE_LEN);
	if (ev->kind == EVENT_TARGET && ++w->n_live > w->most_live)
		w->most_live = w->n_live;
	if (ev->kind == EVENT_TARGET_DONE)
		w->n_live--;
}

/* The answer to @sent that says @said, on its way for @delay_ns, with the kernel's stamp. */
static inline void world_answer(struct world *w, struct link *l, const struct memlink_sent *sent,
				enum said said, uint64_t delay_ns)
{
	uint8_t bytes[PROBE_LEN];
	struct link_in in = {
		.kind = LINK_PACKET,
		.layer = LINK_L4,
		.bytes = bytes,
		.len = PROBE_LEN,
		.wire_len = PROBE_LEN,
		.from = sent->to,
		.ttl = 64,
		.wall_ns = clock_wall(&w->clock.clock) + delay_ns,
	};

	assert_int_equal(sent->len, PROBE_LEN);
	memcpy(bytes, sent->bytes, PROBE_LEN);
	bytes[PROBE_LEN - 1] = (uint8_t)said;
	assert_int_equal(memlink_give(l, &in, delay_ns), 0);
}

/* A host that answers everything well. */
static inline void host_good(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	world_answer(w, l, sent, SAID_OK, w->delay_ns);
}

/* A world with one IPv4 and one IPv6 link; opts are those of one probe that waits for a second. */
static inline struct world *world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->clock = clock_fake(1000 * NS_PER_S);
	w->ops = (struct probe_ops){
		.build = world_build,
		.judge = world_judge,
		.report = world_report,
		.max_packet = PROBE_LEN,
	};
	w->opts = (struct engine_opts){
		.count = 1,
		.interval_ns = NS_PER_S,
		.timeout_ns = NS_PER_S,
		.preload = 1,
	};
	w->host = host_good;
	w->targets = targets_new();
	assert_non_null(w->targets);
	assert_int_equal(memlink_open(LINK_L4, &w->clock.clock, &w->link4), 0);
	assert_int_equal(memlink_open(LINK_L4, &w->clock.clock, &w->link6), 0);
	return w;
}

static inline void world_free(struct world *w)
{
	engine_free(w->engine);
	names_close(w->names);
	link_close(w->link4);
	link_close(w->link6);
	targets_free(w->targets);
	free(w);
}

static inline void world_add(struct world *w, const char *word)
{
	struct why why;

	assert_int_equal(targets_add(w->targets, word, &why), 0);
}

/* Called by what follows; a test that takes single steps calls it first. */
static inline void world_start(struct world *w)
{
	struct engine_env env = {
		.clock = &w->clock.clock,
		.link4 = w->link4,
		.link6 = w->link6,
		.targets = w->targets,
		.names = w->names,
	};

	w->engine = engine_new(&env, &w->opts, &w->ops, w);
	assert_non_null(w->engine);
}

static inline void world_show_hosts(struct world *w)
{
	for (unsigned i = 0; i < 2; i++) {
		struct link *l = i ? w->link6 : w->link4;

		for (; l && w->n_met[i] < memlink_n_sent(l); w->n_met[i]++)
			if (w->host)
				w->host(w, l, memlink_sent(l, w->n_met[i]));
	}
}

static inline uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When the next thing happens, if the engine wants to go on at @next_ns. */
static inline uint64_t world_next_ns(const struct world *w, uint64_t next_ns)
{
	if (w->link4)
		next_ns = earlier(next_ns, memlink_due_ns(w->link4));
	if (w->link6)
		next_ns = earlier(next_ns, memlink_due_ns(w->link6));
	return next_ns;
}

/* One step, then the hosts' turn. Returns when the next thing happens. */
static inline uint64_t world_step(struct world *w)
{
	uint64_t next_ns = engine_step(w->engine);

	world_show_hosts(w);
	return world_next_ns(w, next_ns);
}

/* Runs until @until_ns (or the end, if that comes before) and stands there. */
static inline void world_run_until(struct world *w, uint64_t until_ns)
{
	unsigned on_the_spot = 0;

	for (;;) {
		uint64_t next_ns = world_step(w);

		if (engine_end(w->engine) != END_NOT_YET)
			return;
		if (next_ns == ENGINE_NEVER && w->names && names_pending(w->names)) {
			struct pollfd p = {.fd = names_fd(w->names), .events = POLLIN};

			assert_int_equal(poll(&p, 1, 60000), 1);
			continue;
		}
		if (next_ns > until_ns) {
			w->clock.mono_ns = until_ns;
			return;
		}
		assert_true(next_ns != ENGINE_NEVER);
		on_the_spot = next_ns > w->clock.mono_ns ? 0 : on_the_spot + 1;
		assert_true(on_the_spot < STEPS_MAX);
		if (next_ns > w->clock.mono_ns)
			w->clock.mono_ns = next_ns;
	}
}

/* The whole run, from the start on. Returns how long it took. */
static inline uint64_t world_run(struct world *w)
{
	uint64_t start_ns = w->clock.mono_ns;

	world_start(w);
	world_run_until(w, ENGINE_NEVER - 1);
	assert_int_not_equal(engine_end(w->engine), END_NOT_YET);
	engine_finish(w->engine);
	assert_int_equal(w->n_live, 0);
	assert_int_equal(w->counts[EVENT_TARGET], w->counts[EVENT_TARGET_DONE]);
	return w->clock.mono_ns - start_ns;
}

/* Number @i, from 0, of the events of @kind in the log. */
static inline const struct seen *world_seen(const struct world *w, enum event_kind kind, unsigned i)
{
	unsigned at = 0;

	for (; at < w->n_log; at++)
		if (w->log[at].kind == kind && i-- == 0)
			break;
	assert_true(at < w->n_log);
	return &w->log[at];
}

/* When the packet number @i, from 0, left by IPv4, counted from the start of the world. */
static inline uint64_t world_sent_ns(const struct world *w, size_t i)
{
	assert_true(i < memlink_n_sent(w->link4));
	return memlink_sent(w->link4, i)->mono_ns - 1000 * NS_PER_S;
}

static inline const struct counts *world_counts(const struct world *w)
{
	return &engine_totals(w->engine)->counts;
}

#endif
