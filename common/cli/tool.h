/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tool - the life of every program: parse, open, lock down, run, summarise, exit.
 *
 * Layer: cli.
 * tool_main() is all that a main() calls. The end is always told: one JSON record when JSON was
 * asked for, on every failure too, and exit status 2 whenever output was lost.
 */
#ifndef PKT_CLI_TOOL_H
#define PKT_CLI_TOOL_H

#include "base/clock.h"
#include "base/rnd.h"
#include "cli/options.h"
#include "engine/engine.h"
#include "io/route.h"
#include "out/metrics.h"
#include "out/out.h"
#include "out/record.h"

/* Exit statuses of all tools; 3 and above belong to each. */
enum tool_exit {
	EXIT_ANSWERED = 0,
	EXIT_NO_ANSWER = 1,
	EXIT_CANNOT_ASK = 2, /* usage, name, permission, interface, lost output */
};

/* What is handed down from main to everything that runs. */
struct run {
	struct options options;
	struct out out;
	const struct clock *clock;
	struct rnd rnd;
	struct netlink *netlink; /* tool_netlink(); NULL unless opened */
	bool opens_sockets;      /* UDP and TCP sockets, after the lock-down too; set before it */
	const char *reason;      /* for the end record: done, count, deadline, interrupted, error */
	struct metrics *metrics; /* NULL without --format=prom */
	struct textfile *metrics_file;   /* NULL without -o */
	void (*measure)(void *measured); /* brings metrics up to date in mid-run; may be NULL */
	void *measured;
	char said[400];  /* the last message */
	bool has_failed; /* something could not be done on this side */
};

struct tool {
	const char *name;
	struct options_tool options;
	const struct record_type *const *records; /* all it may write */
	size_t n_records;
	/* Does the work; returns the exit status. @input is what tool_main() was given. */
	int (*run)(struct run *run, void *input);
	/* Exit statuses of a wrong command line and of lost output; 0 for EXIT_CANNOT_ASK. */
	int exit_usage, exit_lost;
};

/* tool_main() - runs @tool; returns the exit status for main(). */
int tool_main(const struct tool *tool, void *input, int argc, char **argv);

/* tool_say() - a message to standard error, "ping: ...", with untrusted octets made harmless. */
void tool_say(struct run *run, const char *fmt, ...) printf_like(2, 3);

/*
 * tool_fail() - an error: tool_say() and an error record. Sets the reason "error"; returns
 * EXIT_CANNOT_ASK.
 */
int tool_fail(struct run *run, const struct why *why);

struct fsm_table;

/* tool_states() - draws the table of states that runs (--states). Returns the exit status. */
int tool_states(struct run *run, const struct fsm_table *table);

/*
 * tool_nothing() - what open or ask found was nothing to ask: an error like @why, unless other
 * shards have all there is. Returns the exit status.
 */
int tool_nothing(struct run *run, const struct why *why);

/*
 * tool_netlink() - opens run->netlink, for questions about routes that may come after the
 * lock-down.
 * Returns 0 (also when it is open already) or an error.
 */
int must_check tool_netlink(struct run *run, struct why *why);

/*
 * tool_lock_down() - gives up all privileges before the first octet from the network is read.
 * Returns 0, or E_PERM with @why.
 */
int must_check tool_lock_down(struct run *run, struct why *why);

/* Whatever moves by itself: an engine, or a protocol's state machine with its link. */
struct tool_machine {
	/* Does all that is due; returns when to call it again (monotonic ns), 0 at once. */
	uint64_t (*step)(void *arg);
	bool (*is_over)(const void *arg);
	void (*stop)(void *arg);
	void (*tell_status)(void *arg);
	unsigned (*poll_fds)(const void *arg, int *fds); /* at most 4; returns how many */
};

/*
 * tool_drive() - runs @m to its end: waits on its descriptors and deadlines, takes signals, flushes
 * the output.
 */
void tool_drive(struct run *run, const struct tool_machine *m, void *arg);

/*
 * tool_engine_opts() - what the shared options say to the engine; @timeout_ns and one second
 * between probes if they do not.
 */
struct engine_opts tool_engine_opts(const struct run *run, uint64_t timeout_ns);

/*
 * tool_names() - starts the resolver if the targets may be names. Before anything else is opened,
 * so that it inherits nothing. Returns 0 with *out NULL or the resolver, or an error.
 */
int must_check tool_names(struct run *run, struct names **out, struct why *why);

/*
 * tool_open_families() - opens by @open what each family needs that the targets, -4 and -6 leave.
 * A name may turn out to be of either family: then one of the two is enough.
 * @open: of one family; returns 0 or an error with @why. @tool: its first argument.
 * Returns 0 or an error of @open.
 */
int must_check tool_open_families(const struct run *run,
				  int (*open)(void *tool, bool is_v6, struct why *why), void *tool,
				  struct why *why);

/*
 * tool_first_target() - waits for the first target and, if it is a name, for its address: for a
 * tool that must know it before it can open anything. It will be asked all the same.
 * @family: of a name, as in names_ask(). -w and Ctrl-C end the wait.
 * Returns 0; E_EOF there is none; E_BAD it is none; E_NOENT the name has no such address; E_AGAIN
 * the wait was ended; E_SYS.
 */
int must_check tool_first_target(struct run *run, struct names *names, int family, struct addr *out,
				 struct why *why);

/*
 * tool_ask() - runs an engine to its end: waits on its descriptors and deadlines, takes signals,
 * flushes the output.
 * @engine: set before the first probe, so that judge() and report() can use it; the caller's to
 * free, after a look at its totals. @tool: what @ops are called with.
 * Returns the exit status: EXIT_ANSWERED if every target answered, EXIT_NO_ANSWER if one did not,
 * EXIT_CANNOT_ASK if one could not be asked. Sets run->reason.
 */
int tool_ask(struct run *run, const struct engine_env *env, const struct engine_opts *opts,
	     const struct probe_ops *ops, void *tool, struct engine **engine);

#endif
