/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine - asks many targets, paced, and knows each answer for what it is: in time, second, late,
 * damaged, from a stranger.
 *
 * Layer: engine.
 * A probe tool is a table (struct probe_ops): how its question is built, how a packet is judged,
 * how an event is told. All else is here: the stream of targets, pacing, timeouts, matching,
 * counting, deadlines. The engine is pure in what its clock and links say: engine_step() does all
 * that can be done now and tells when it wants to be called again, so that a test runs hours in
 * microseconds on a fake clock and an in-memory link.
 */
#ifndef PKT_ENGINE_ENGINE_H
#define PKT_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/siphash.h"
#include "engine/probe.h"
#include "engine/rtt.h"
#include "engine/target.h"
#include "engine/targets.h"
#include "io/link.h"
#include "io/names.h"

#define ENGINE_BATCH 64u /* packets handed to the kernel at once */
#define ENGINE_NEVER UINT64_MAX
#define ENGINE_DONE (UINT64_MAX - 1) /* of plan(): nothing more is to be sent */

/* What an answer is, once the engine has set the tool's judgement against the probe's state. */
enum verdict {
	VERDICT_OK,
	VERDICT_DUPLICATE,
	VERDICT_LATE,
	VERDICT_CORRUPT,   /* ours, but octets differ or the checksum is wrong */
	VERDICT_FOREIGN,   /* ours, but another address than the one asked sent it */
	VERDICT_FORGED,    /* it bears our numbers but not our cookie */
	VERDICT_TRUNCATED, /* ours, but shorter than what was sent */
};

/* verdict_word() - "ok", "duplicate", ...: the word in JSON. */
const char *verdict_word(enum verdict v);

/* What the tool's judge() says of something that came in. */
enum judged {
	JUDGED_NOT_OURS,
	JUDGED_ANSWER, /* an answer; `verdict` is what its content deserves (OK, or a fault) */
	JUDGED_ERROR,  /* an ICMP error about a probe */
	JUDGED_HINT,   /* news about a probe that does not settle it (redirect) */
};

struct judgement {
	enum judged kind;
	enum verdict verdict;
	struct probe *probe; /* the probe it speaks of, NULL if not (or no longer) in the table */
	uint32_t seq;        /* as the packet says, for when probe is NULL */
	bool is_settling; /* a fault that leaves no hope of a better answer (corrupt, truncated) */
};

enum event_kind {
	EVENT_TARGET,    /* a target is known and will be asked */
	EVENT_NO_TARGET, /* a word that cannot be asked: why */
	EVENT_SENT,
	EVENT_UNSENT,  /* this host could not send a probe: why */
	EVENT_WAITING, /* the next probe is due and this one has no answer */
	EVENT_ANSWER,
	EVENT_ERROR,
	EVENT_HINT,
	EVENT_TIMEOUT,
	EVENT_TARGET_DONE, /* the last of a target: its counts are final */
};

struct event {
	enum event_kind kind;
	struct target *target; /* NULL when unknown */
	struct probe *probe;   /* NULL when unknown */
	uint32_t seq;
	enum verdict verdict; /* EVENT_ANSWER */
	uint64_t rtt_ns;      /* EVENT_ANSWER, when has_rtt */
	bool has_rtt;
	enum rtt_clock rtt_clock;
	const struct link_in *in; /* the packet; EVENT_ANSWER, EVENT_ERROR, EVENT_HINT */
	const uint8_t *sent;      /* EVENT_SENT: its octets */
	size_t sent_len;
	const char *word;      /* EVENT_NO_TARGET: what was asked for */
	const struct why *why; /* EVENT_NO_TARGET, EVENT_UNSENT */
};

struct engine;

/* What a tool says of a target before it is asked. */
enum admission {
	ADMIT_ASK,
	ADMIT_KNOWN, /* the answer is known without asking: it counts as answered */
};

struct probe_ops {
	/*
	 * Writes the octets of @probe to @out (its capacity is ops->max_packet). Returns 0 or an
	 * error.
	 */
	int (*build)(void *tool, const struct probe *probe, struct wr *out);
	/* Says what @in is; must not keep it. */
	void (*judge)(void *tool, const struct link_in *in, struct judgement *out);
	/*
	 * Tells the user. Directly after judge() for what came in (at most the EVENT_TIMEOUT of the
	 * same probe comes before), so the tool may keep details between.
	 */
	void (*report)(void *tool, const struct event *ev);
	/* One line on how it goes, to standard error, when the user asks; may be NULL. */
	void (*status)(void *tool);
	size_t max_packet;
	uint16_t port;   /* UDP: of every destination; else 0 */
	bool is_by_addr; /* answers name an address, not a probe: use probe_find_newest() */
	/*
	 * A look at a new target, whose address may be changed into the one to be asked; NULL for a
	 * tool that asks all. Returns enum admission, or an error with @why: it is not asked.
	 */
	int (*admit)(void *tool, struct target *t, struct why *why);
	/*
	 * For a tool whose probes follow from what it has heard: when the next one to @t shall
	 * leave. A moment not after @now_ns for at once, a later one to be asked again then,
	 * ENGINE_NEVER for when something is heard of @t or engine_wake() is called, or
	 * ENGINE_DONE. The options' count and interval count for nothing then. NULL: by the
	 * options alone.
	 */
	uint64_t (*plan)(void *tool, struct target *t, uint64_t now_ns);
	/* What the link has to know besides the octets of @probe: TTL, port. May be NULL. */
	void (*aim)(void *tool, const struct probe *probe, struct link_out *out);
	/* The name of an address that was asked for by names_ask_reverse(). May be NULL. */
	void (*named)(void *tool, const struct name_answer *answer);
};

/* When the next probe to the same target is due. */
enum engine_mode {
	MODE_INTERVAL, /* each interval */
	MODE_ADAPTIVE, /* as soon as the last one is answered; at the latest after the interval */
};

struct engine_opts {
	uint64_t count;       /* probes a target, 0 for no end */
	uint64_t interval_ns; /* between probes to one target */
	uint64_t timeout_ns;  /* how long a probe waits for its answer */
	uint64_t deadline_ns; /* length of the whole run, 0 for none */
	double rate;          /* packets a second to all targets, 0 for no limit */
	uint64_t window;      /* probes that may be under way at once, 0 for any number */
	bool is_gentle;       /* ... and at most what overruns no queue: for many paths that meet */
	enum engine_mode mode;
	uint32_t preload;   /* probes of each target that do not wait for their interval */
	bool is_sweep;      /* a full queue is waited for, not an error of the probe */
	bool count_answers; /* count is of answers, not of probes (iputils: -c with -w) */
	int family;         /* of names: 4, 6 or 0 */
	uint64_t enough;    /* good or late answers after which a target is left alone; 0: none */
	/*
	 * Each silent target is asked as often as the loss seen so far demands: until, of all that
	 * answered, not one in a hundred runs would miss one. At least 3 times, at most count.
	 */
	bool is_persistent;
	uint64_t linger_ns; /* after the last answer, for others who answer the same question */
};

enum engine_end {
	END_NOT_YET,
	END_DONE, /* all asked that was to be asked, none outstanding */
	END_DEADLINE,
	END_STOPPED, /* engine_stop() */
	END_FAILED,  /* a link or the resolver broke: why */
};

struct engine_env {
	const struct clock *clock;
	struct link *link4, *link6; /* either may be NULL */
	struct targets *targets;
	struct names *names; /* NULL: names cannot be asked */
};

/*
 * engine_new() - an engine that has done nothing yet; NULL when out of memory. All that @env holds
 * outlives it.
 */
struct engine *engine_new(const struct engine_env *env, const struct engine_opts *opts,
			  const struct probe_ops *ops, void *tool);

/*
 * engine_step() - receives, times out and sends all that is due now.
 * Returns when it wants to be called again at the latest (monotonic ns, ENGINE_NEVER for not until
 * something arrives), or 0 at once. Look at engine_end() first.
 */
uint64_t engine_step(struct engine *e);

enum engine_end engine_end(const struct engine *e);

/* engine_why() - what broke, when the end is END_FAILED. */
const struct why *engine_why(const struct engine *e);

/*
 * engine_give_up() - for plan(): @probe, if it is still outstanding, is waited for no longer:
 * EVENT_TIMEOUT, now.
 */
void engine_give_up(struct engine *e, struct probe *probe, uint64_t now_ns);

/*
 * engine_is_full() - whether as many probes are under way as the window allows (engine/window.h):
 * plan() then is to send none, and to be asked again a little later.
 */
bool engine_is_full(const struct engine *e);

/* engine_wake() - has plan() asked about @t at the next step, unless it is done. */
void engine_wake(struct engine *e, struct target *t);

/* engine_tell_status() - has the tool say how it goes. */
void engine_tell_status(struct engine *e);

/* engine_stop() - no more probes; ends at the next step without waiting. */
void engine_stop(struct engine *e);

/* engine_break() - for the tool's ops: they cannot go on, for that reason; END_FAILED. */
void engine_break(struct engine *e, const struct why *why);

/* engine_finish() - tells EVENT_TARGET_DONE of every target still known. Once, after the end. */
void engine_finish(struct engine *e);

/* engine_poll_fds() - descriptors to wait for input on, at most 4, to @fds; returns how many. */
unsigned engine_poll_fds(const struct engine *e, int *fds);

/* engine_probes() - the table, for judge(). */
struct probes *engine_probes(struct engine *e);

/*
 * engine_find_target() - a target by its address, among those given one by one (not swept); NULL if
 * it is none.
 */
struct target *engine_find_target(struct engine *e, const struct addr *addr);

/* engine_first_target() - the first of the list of all targets known now; follow ->next. */
struct target *engine_first_target(struct engine *e);

/* What the run came to, over all targets, forgotten ones included. */
struct engine_totals {
	struct counts counts;
	struct stats rtt;
	uint64_t targets;    /* how many there were to ask */
	uint64_t answered;   /* of them, those that answered well at least once */
	uint64_t unasked;    /* those that are done and that this host could not ask once */
	uint64_t wanting;    /* those that are done with fewer good answers than opts.count */
	uint64_t tries;      /* probes that the answered ones took until their first answer */
	uint64_t no_targets; /* words that could not be asked */
	uint64_t start_ns, last_ns; /* first send and last event, monotonic */
	uint64_t kernel_drops;
};

const struct engine_totals *engine_totals(const struct engine *e);

void engine_free(struct engine *e);

#endif
