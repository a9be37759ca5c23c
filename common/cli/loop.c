/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop - sets the engine up, waits for what it waits for, and judges the end. One thread, absolute
 * deadlines, ppoll().
 */
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "base/num.h"
#include "cli/tool.h"
#include "io/sig.h"

#define LOOK_UP_NS (10 * NS_PER_MS) /* a busy loop looks for signals and old output this often */
#define NOTHING_TO_ASK "nothing to ask: the list is empty, or --exclude leaves nothing of it"
#define WAIT_MAX_NS (3600 * NS_PER_S)

static void wait_for_input(const struct tool_machine *m, void *arg, uint64_t wait_ns,
			   const sigset_t *inside)
{
	struct timespec ts = {.tv_sec = (time_t)(wait_ns / NS_PER_S),
			      .tv_nsec = (long)(wait_ns % NS_PER_S)};
	int fds[4];
	struct pollfd p[4];
	unsigned n = m->poll_fds(arg, fds);

	for (unsigned i = 0; i < n; i++)
		p[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	(void)ppoll(p, n, &ts, inside); /* EINTR is a reason to go on like any other */
}

/*
 * ppoll() lets no signal in when a descriptor is ready at once, as one that floods always is; with
 * none to look at it does.
 */
static void let_signals_in(const sigset_t *inside)
{
	static const struct timespec no_time;

	(void)ppoll(NULL, 0, &no_time, inside);
}

void tool_drive(struct run *run, const struct tool_machine *m, void *arg)
{
	uint64_t looked_ns = 0, next_ns;
	sigset_t inside;

	sig_open(&inside);
	while (next_ns = m->step(arg), !m->is_over(arg)) {
		uint64_t now_ns = clock_mono(run->clock);

		if (now_ns - looked_ns > LOOK_UP_NS) {
			looked_ns = now_ns;
			out_flush_old(&run->out, now_ns);
			let_signals_in(&inside);
		}
		if (next_ns > now_ns) {
			uint64_t wait_ns = next_ns - now_ns;

			out_flush(&run->out);
			wait_for_input(m, arg, wait_ns < WAIT_MAX_NS ? wait_ns : WAIT_MAX_NS,
				       &inside);
		}
		if (sig_stop() || run->out.is_lost)
			m->stop(arg);
		if (sig_status())
			m->tell_status(arg);
	}
}

static const char *reason_of(const struct run *run, enum engine_end end)
{
	switch (end) {
	case END_DEADLINE: return "deadline";
	case END_STOPPED: return "interrupted";
	case END_FAILED: return "error";
	case END_DONE:
	case END_NOT_YET: break;
	}
	return run->options.count ? "count" : "done";
}

static uint64_t engine_machine_step(void *arg)
{
	return engine_step(arg);
}

static bool engine_machine_is_over(const void *arg)
{
	return engine_end(arg) != END_NOT_YET;
}

static void engine_machine_stop(void *arg)
{
	engine_stop(arg);
}

static void engine_machine_status(void *arg)
{
	engine_tell_status(arg);
}

static unsigned engine_machine_fds(const void *arg, int *fds)
{
	return engine_poll_fds(arg, fds);
}

static const struct tool_machine engine_machine = {
	.step = engine_machine_step,
	.is_over = engine_machine_is_over,
	.stop = engine_machine_stop,
	.tell_status = engine_machine_status,
	.poll_fds = engine_machine_fds,
};

struct engine_opts tool_engine_opts(const struct run *run, uint64_t timeout_ns)
{
	const struct options *o = &run->options;

	return (struct engine_opts){
		.count = o->count,
		.preload = 1,
		.family = o->family,
		.interval_ns = o->has_interval ? o->interval_ns : NS_PER_S,
		.timeout_ns = o->has_timeout ? o->timeout_ns : timeout_ns,
		.deadline_ns = o->deadline_ns,
		.rate = o->rate,
		.is_sweep = targets_is_sweep(o->targets),
	};
}

int tool_names(struct run *run, struct names **out, struct why *why)
{
	bool v4, v6, needs_names;

	*out = NULL;
	targets_families(run->options.targets, &v4, &v6, &needs_names);
	return needs_names ? names_open(targets_is_sweep(run->options.targets) ? 16 : 4, out, why) :
			     0;
}

struct first_target {
	struct targets *targets;
	struct names *names;
	const struct clock *clock;
	int family;
	uint64_t until_ns;
	struct target_word *word; /* NULL until known */
	bool is_asked, is_over;
	int err;
	struct why *why;
};

static void end_wait(struct first_target *f, int err)
{
	f->err = err;
	f->is_over = true;
}

static void ask_name(struct first_target *f)
{
	f->is_asked =
		f->names && names_ask(f->names, f->word->text, f->family, f->word->is_swept) == 0;
	if (!f->is_asked)
		end_wait(f, why_set(f->why, E_SYS, "names cannot be resolved: no resolver"));
}

static void take_name(struct first_target *f)
{
	struct name_answer a;
	int err = names_take(f->names, &a);

	if (err == E_SYS)
		end_wait(f, why_set(f->why, err, "the resolver process has died"));
	else if (err == 0 && !a.addr.len)
		end_wait(f, why_set(f->why, E_NOENT, "%s: %s", a.name, a.fault));
	else if (err == 0)
		f->word->addr = a.addr;
}

static uint64_t first_target_step(void *arg)
{
	struct first_target *f = arg;
	struct target_word *word;
	int err;

	if (!f->word) {
		err = targets_peek(f->targets, &word, f->why);
		if (err == 0)
			f->word = word;
		else if (err != E_AGAIN)
			end_wait(f, err);
	}
	if (f->word && !f->word->addr.len && !f->is_asked)
		ask_name(f);
	if (f->is_asked && !f->is_over)
		take_name(f);
	if (f->word && f->word->addr.len)
		end_wait(f, 0);
	else if (!f->is_over && clock_mono(f->clock) >= f->until_ns)
		end_wait(f, E_AGAIN);
	return f->until_ns;
}

static bool first_target_is_over(const void *arg)
{
	return ((const struct first_target *)arg)->is_over;
}

static void first_target_stop(void *arg)
{
	end_wait(arg, E_AGAIN);
}

static void first_target_status(void *arg)
{
	const struct first_target *f = arg;

	fprintf(stderr, "\rwaiting for the %s\n", f->word ? "resolver" : "first target");
}

static unsigned first_target_fds(const void *arg, int *fds)
{
	const struct first_target *f = arg;

	fds[0] = f->is_asked ? names_fd(f->names) : targets_fd(f->targets);
	return 1;
}

int tool_first_target(struct run *run, struct names *names, int family, struct addr *out,
		      struct why *why)
{
	static const struct tool_machine machine = {first_target_step, first_target_is_over,
						    first_target_stop, first_target_status,
						    first_target_fds};
	const struct options *o = &run->options;
	struct first_target f = {
		.targets = o->targets,
		.names = names,
		.clock = run->clock,
		.family = family,
		.until_ns = o->deadline_ns ? clock_mono(run->clock) + o->deadline_ns : ENGINE_NEVER,
		.why = why,
	};

	tool_drive(run, &machine, &f);
	if (f.err == E_EOF)
		return why_set(why, f.err, NOTHING_TO_ASK);
	if (f.err == E_AGAIN)
		return why_set(why, f.err, "the wait for the %s was ended: nothing was asked",
			       f.word ? "resolver" : "first target");
	if (!f.err)
		*out = f.word->addr;
	return f.err;
}

/* A deadline or Ctrl-C has come before the answers of the resolver; it is the reason, not this. */
static int fail_unresolved(struct run *run, unsigned n_names)
{
	const char *reason = run->reason;
	struct why why;
	int status;

	(void)why_set(&why, E_AGAIN, "names still being looked up, and so not asked: %u", n_names);
	status = tool_fail(run, &why);
	run->reason = reason;
	return status;
}

static int exit_status(struct run *run, const struct engine *e, const struct names *names)
{
	const struct engine_totals *all = engine_totals(e);
	struct why why;

	if (engine_end(e) == END_FAILED)
		return tool_fail(run, engine_why(e));
	if (names && names_pending(names))
		return fail_unresolved(run, names_pending(names));
	if (engine_end(e) == END_DONE && !all->targets && !all->no_targets) {
		(void)why_set(&why, E_NOENT, NOTHING_TO_ASK);
		return tool_fail(run, &why);
	}
	if (all->no_targets || all->unasked) {
		if (!all->counts.sent)
			run->reason = "error";
		return EXIT_CANNOT_ASK;
	}
	return all->targets && all->answered == all->targets ? EXIT_ANSWERED : EXIT_NO_ANSWER;
}

int tool_ask(struct run *run, const struct engine_env *env, const struct engine_opts *opts,
	     const struct probe_ops *ops, void *tool, struct engine **engine)
{
	struct engine *e = engine_new(env, opts, ops, tool);
	struct why why;

	*engine = e;
	if (!e) {
		(void)why_set(&why, E_MEM, "out of memory");
		return tool_fail(run, &why);
	}
	tool_drive(run, &engine_machine, e);
	run->reason = reason_of(run, engine_end(e));
	engine_finish(e);
	return exit_status(run, e, env->names);
}
