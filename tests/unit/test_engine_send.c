/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine does when it cannot ask, or has too many to ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine_world.h"

static int open_world(void **state)
{
	*state = world_new();
	return 0;
}

static int close_world(void **state)
{
	world_free(*state);
	return 0;
}

static void what_cannot_be_sent_is_told_and_not_counted_lost(void **state)
{
	struct world *w = *state;
	const struct seen *s;

	w->opts.count = 2;
	world_add(w, "192.0.2.1");
	world_add(w, "192.0.2.2");
	world_add(w, "192.0.2.3");
	memlink_fail(w->link4, 1, 1, E_SYS, ENETDOWN); /* in the middle of a batch of three */
	assert_int_equal(world_run(w), NS_PER_S);
	assert_int_equal(world_counts(w)->sent, 5);
	assert_int_equal(world_counts(w)->received, 5);
	assert_int_equal(world_counts(w)->local_errors, 1);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 0);
	s = world_seen(w, EVENT_UNSENT, 0);
	assert_int_equal(s->seq, 1);
	assert_int_equal(s->why.sys, ENETDOWN);
	assert_int_equal(s->addr.bytes[3], 2);
	assert_int_equal(engine_totals(w->engine)->unasked, 0); /* its second probe left */
}

static void a_target_that_could_never_be_asked_is_unasked(void **state)
{
	struct world *w = *state;

	w->opts.count = 3;
	world_add(w, "192.0.2.1");
	world_add(w, "2001:db8::1");
	memlink_fail(w->link6, 0, 3, E_SYS, ENETDOWN);
	assert_int_equal(world_run(w), 2 * NS_PER_S);
	assert_int_equal(world_counts(w)->sent, 3);
	assert_int_equal(world_counts(w)->local_errors, 3);
	assert_int_equal(engine_totals(w->engine)->unasked, 1);
	assert_int_equal(engine_totals(w->engine)->wanting, 1);
	assert_int_equal(engine_totals(w->engine)->answered, 1);
}

/* Without a route from the start it is not asked again; with one that was lost it is. */
static void a_target_without_a_route_is_given_up(void **state)
{
	struct world *w = *state;

	world_add(w, "192.0.2.1");
	world_add(w, "2001:db8::1");
	w->opts.count = 3;
	memlink_fail(w->link4, 1, 1, E_SYS, ENETUNREACH);
	memlink_fail(w->link6, 0, 3, E_SYS, ENETUNREACH);
	assert_int_equal(world_run(w), 2 * NS_PER_S);
	assert_int_equal(world_counts(w)->sent, 2);
	assert_int_equal(world_counts(w)->local_errors, 2);
	assert_int_equal(engine_totals(w->engine)->unasked, 1);
}

static void what_cannot_be_built_is_not_sent(void **state)
{
	struct world *w = *state;

	w->build_err = E_FULL;
	world_add(w, "192.0.2.1");
	assert_int_equal(world_run(w), 0);
	assert_int_equal(memlink_n_sent(w->link4), 0);
	assert_int_equal(world_counts(w)->local_errors, 1);
	assert_string_equal(world_seen(w, EVENT_UNSENT, 0)->why.text,
			    "cannot build the probe (full)");
}

/* Five refusals: waits of 1/4, 1/2, 1, 2 and 4 ms, and the time is that of the real sending. */
static void a_sweep_waits_while_the_queue_is_full(void **state)
{
	struct world *w = *state;

	w->opts.is_sweep = true;
	world_add(w, "192.0.2.0/29");
	memlink_fail(w->link4, 2, 5, E_AGAIN, ENOBUFS);
	assert_int_equal(world_run(w), 7750 * NS_PER_US);
	assert_int_equal(world_counts(w)->sent, 6);
	assert_int_equal(world_counts(w)->received, 6);
	assert_int_equal(world_counts(w)->local_errors, 0);
	assert_int_equal(world_sent_ns(w, 1), 0);
	assert_int_equal(world_sent_ns(w, 2), 7750 * NS_PER_US);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(world_seen(w, EVENT_ANSWER, i)->rtt_ns, 0);
	/* Its octets have moved in the batch, but not to another. */
	assert_int_equal(memlink_sent(w->link4, 2)->to.bytes[3], 3);
	assert_int_equal(memlink_sent(w->link4, 2)->bytes[7], 3);
}

/* The wait for the queue is bounded, by the timeout of a probe. */
static void a_queue_that_stays_full_is_an_error(void **state)
{
	struct world *w = *state;

	w->opts.is_sweep = true;
	world_add(w, "192.0.2.0/31");
	memlink_fail(w->link4, 0, 1000, E_AGAIN, EAGAIN);
	assert_in_range(world_run(w), 2 * NS_PER_S, 2 * NS_PER_S + 32 * NS_PER_MS);
	assert_int_equal(world_counts(w)->sent, 0);
	assert_int_equal(world_counts(w)->local_errors, 2);
	assert_int_equal(world_seen(w, EVENT_UNSENT, 0)->why.sys, EAGAIN);
	assert_int_equal(engine_totals(w->engine)->unasked, 2);
}

static void without_a_sweep_a_full_queue_is_an_error(void **state)
{
	struct world *w = *state;

	w->opts.count = 2;
	world_add(w, "192.0.2.1");
	memlink_fail(w->link4, 0, 1, E_AGAIN, ENOBUFS);
	(void)world_run(w);
	assert_int_equal(memlink_n_sent(w->link4), 1);
	assert_int_equal(world_sent_ns(w, 0), NS_PER_S);
	assert_int_equal(world_counts(w)->local_errors, 1);
}

/* Built, waiting for the queue, and then the end comes: never sent, and not counted. */
static void what_still_waits_at_the_end_was_not_sent(void **state)
{
	struct world *w = *state;

	w->opts.is_sweep = true;
	w->opts.deadline_ns = NS_PER_MS;
	world_add(w, "192.0.2.0/29");
	memlink_fail(w->link4, 2, 1000, E_AGAIN, EAGAIN);
	assert_int_equal(world_run(w), NS_PER_MS);
	assert_int_equal(world_counts(w)->sent, 2);
	assert_int_equal(world_counts(w)->local_errors, 0);
	assert_int_equal(w->counts[EVENT_SENT], 2);
	assert_int_equal(engine_totals(w->engine)->targets, 6);
	assert_int_equal(engine_totals(w->engine)->answered, 2);
}

/*
 * As many outstanding as the table holds: the next waits for the oldest to be answered, or to be
 * lost.
 */
static void a_full_table_waits_for_the_oldest(void **state)
{
	struct world *w = *state;

	w->host = NULL;
	w->opts.count = PROBES_MAX + 1000;
	w->opts.interval_ns = 0;
	w->opts.timeout_ns = 10 * NS_PER_S;
	world_add(w, "192.0.2.1");
	world_start(w);
	world_run_until(w, w->clock.mono_ns + 5 * NS_PER_S);
	assert_int_equal(world_counts(w)->sent, PROBES_MAX);
	world_answer(w, w->link4, memlink_sent(w->link4, 1), SAID_OK, 0);
	world_run_until(w, w->clock.mono_ns + NS_PER_S);
	assert_int_equal(world_counts(w)->sent, PROBES_MAX);
	world_answer(w, w->link4, memlink_sent(w->link4, 0), SAID_OK, 0);
	world_run_until(w, w->clock.mono_ns + NS_PER_S);
	assert_int_equal(world_counts(w)->sent, PROBES_MAX + 2);
	assert_int_equal(world_sent_ns(w, PROBES_MAX), 6 * NS_PER_S);
	world_run_until(w, ENGINE_NEVER - 1);
	assert_int_equal(world_counts(w)->sent, PROBES_MAX + 1000);
	assert_int_equal(world_sent_ns(w, PROBES_MAX + 2), 10 * NS_PER_S);
	assert_int_equal(w->counts[EVENT_TIMEOUT], PROBES_MAX + 1000 - 2);
}

#define SWEPT 300000u

/* How often each of the swept was told of, and told done. */
static uint8_t told[SWEPT], done[SWEPT];

static uint32_t swept_index(const struct addr *addr)
{
	struct rd r = rd_make(addr->bytes, 4);

	return rd_u32(&r) - 0x0a000000;
}

static void sweep_report(void *tool, const struct event *ev)
{
	world_report(tool, ev);
	if (ev->kind == EVENT_TARGET)
		told[swept_index(&ev->target->addr)]++;
	if (ev->kind == EVENT_TARGET_DONE)
		done[swept_index(&ev->target->addr)]++;
}

static void host_mostly(struct world *w, struct link *l, const struct memlink_sent *sent)
{
	if (swept_index(&sent->to) % 997 != 5)
		host_good(w, l, sent);
}

/* Some are silent, all are told of once, and never are more remembered than the table holds. */
static void a_sweep_forgets_whom_it_has_asked(void **state)
{
	struct world *w = *state;

	w->host = host_mostly;
	w->ops.report = sweep_report;
	w->opts.is_sweep = true;
	w->opts.rate = 100000;
	world_add(w, "10.0.0.0-10.4.147.223");
	assert_in_range(world_run(w), 3 * NS_PER_S, 4 * NS_PER_S);
	for (unsigned i = 0; i < SWEPT; i++)
		assert_true(told[i] == 1 && done[i] == 1);
	assert_int_equal(world_counts(w)->sent, SWEPT);
	assert_int_equal(world_counts(w)->received, SWEPT - 301);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 301);
	assert_in_range(w->most_live, 100000, 100128); /* those of the last second */
	assert_int_equal(engine_totals(w->engine)->targets, SWEPT);
	assert_int_equal(engine_totals(w->engine)->answered, SWEPT - 301);
}

static void a_sweep_as_fast_as_it_can_is_held_by_the_table(void **state)
{
	struct world *w = *state;

	w->opts.is_sweep = true;
	world_add(w, "10.0.0.0-10.4.147.223");
	assert_int_equal(world_run(w), 0);
	assert_int_equal(world_counts(w)->received, SWEPT);
	assert_in_range(w->most_live, PROBES_MAX, PROBES_MAX + 1);
}

/* A swept target that is asked more than once stays until the last of its probes is over. */
static void a_sweep_may_ask_thrice(void **state)
{
	struct world *w = *state;

	w->host = host_mostly;
	w->opts.is_sweep = true;
	w->opts.count = 3;
	world_add(w, "10.0.0.4-10.0.0.6");
	assert_int_equal(world_run(w), 3 * NS_PER_S);
	assert_int_equal(world_counts(w)->sent, 9);
	assert_int_equal(world_counts(w)->received, 6);
	assert_int_equal(w->counts[EVENT_TIMEOUT], 3);
	assert_int_equal(engine_totals(w->engine)->wanting, 1);
}

/* The path of a file with @text in it, for a world to read. */
static const char *file_of(const char *text, char path[32])
{
	int fd = memfd_create("targets", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return path;
}

static void wrong_lines_are_told_and_counted(void **state)
{
	struct world *w = *state;
	char path[32];

	w->opts.is_sweep = true;
	assert_int_equal(targets_add_file(w->targets,
					  file_of("192.0.2.1\n192.0.2.1/99\nname\n", path), NULL),
			 0);
	(void)world_run(w);
	assert_int_equal(engine_totals(w->engine)->targets, 1);
	assert_int_equal(engine_totals(w->engine)->no_targets, 2);
	assert_string_equal(world_seen(w, EVENT_NO_TARGET, 0)->word, "");
	assert_non_null(strstr(world_seen(w, EVENT_NO_TARGET, 0)->why.text, "line 2 of"));
	assert_string_equal(world_seen(w, EVENT_NO_TARGET, 1)->word, "name");
	assert_string_equal(world_seen(w, EVENT_NO_TARGET, 1)->why.text,
			    "names cannot be resolved: there is no resolver");
}

static void a_family_without_a_socket_is_refused(void **state)
{
	struct world *w = *state;

	link_close(w->link6);
	w->link6 = NULL;
	world_add(w, "2001:db8::1");
	world_add(w, "192.0.2.1");
	(void)world_run(w);
	assert_int_equal(engine_totals(w->engine)->targets, 1);
	assert_int_equal(engine_totals(w->engine)->no_targets, 1);
	assert_string_equal(world_seen(w, EVENT_NO_TARGET, 0)->word, "2001:db8::1");
	assert_string_equal(world_seen(w, EVENT_NO_TARGET, 0)->why.text,
			    "an IPv6 address, and this run asks IPv4 only");
}

/* The names of a hosts file, one that is excluded, and one that is nowhere. */
static void names_become_targets(void **state)
{
	struct world *w = *state;
	struct why why;
	struct addr addr;

	assert_int_equal(names_open(2, &w->names, &why), 0);
	w->opts.family = 4;
	world_add(w, "localhost");
	world_add(w, "no-such-name.invalid");
	world_add(w, "192.0.2.1");
	(void)world_run(w);
	assert_int_equal(engine_totals(w->engine)->targets, 2);
	assert_int_equal(engine_totals(w->engine)->answered, 2);
	assert_int_equal(engine_totals(w->engine)->no_targets, 1);
	assert_string_equal(world_seen(w, EVENT_NO_TARGET, 0)->word, "no-such-name.invalid");
	assert_true(strlen(world_seen(w, EVENT_NO_TARGET, 0)->why.text) > 5);
	assert_int_equal(addr_parse("127.0.0.1", &addr), 0);
	assert_true(addr_same(&world_seen(w, EVENT_TARGET, 1)->addr, &addr));
}

static void names_may_be_excluded(void **state)
{
	struct world *w = *state;
	struct why why;

	assert_int_equal(names_open(1, &w->names, &why), 0);
	w->opts.family = 4;
	world_add(w, "localhost");
	assert_int_equal(targets_exclude(w->targets, "127.0.0.0/8", &why), 0);
	(void)world_run(w);
	assert_int_equal(w->n_log, 0);
}

/* More names than may be asked at once. */
static void names_wait_for_their_turn(void **state)
{
	struct world *w = *state;
	char text[10 * 300 + 1] = "", path[32];
	struct why why;

	for (unsigned i = 0; i < 300; i++)
		memcpy(text + i * 10, "localhost\n", 11);
	assert_int_equal(names_open(4, &w->names, &why), 0);
	w->opts.family = 4;
	w->opts.is_sweep = true;
	assert_int_equal(targets_add_file(w->targets, file_of(text, path), &why), 0);
	(void)world_run(w);
	assert_int_equal(engine_totals(w->engine)->targets, 300);
	assert_int_equal(world_counts(w)->received, 300);
}

static int broken_recv(struct link *l, struct link_in *in, unsigned cap, struct why *why)
{
	(void)l, (void)in, (void)cap;
	return why_set(why, E_SYS, "the link has gone");
}

static void a_broken_link_is_the_end(void **state)
{
	static const struct link_ops ops = {.recv = broken_recv};
	struct world *w = *state;
	struct link broken = {.ops = &ops, .fd = 77, .drops = 5}, *kept = w->link6;
	int fds[4];

	w->link6 = &broken;
	world_add(w, "192.0.2.1");
	world_start(w);
	assert_int_equal(engine_step(w->engine), 0);
	assert_int_equal(engine_end(w->engine), END_FAILED);
	assert_string_equal(engine_why(w->engine)->text, "the link has gone");
	assert_int_equal(engine_poll_fds(w->engine, fds), 1);
	assert_int_equal(fds[0], 77);
	engine_finish(w->engine);
	assert_int_equal(engine_totals(w->engine)->kernel_drops, 5);
	w->link6 = kept;
}

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(what_cannot_be_sent_is_told_and_not_counted_lost),
		IN_WORLD(a_target_that_could_never_be_asked_is_unasked),
		IN_WORLD(a_target_without_a_route_is_given_up),
		IN_WORLD(what_cannot_be_built_is_not_sent),
		IN_WORLD(a_sweep_waits_while_the_queue_is_full),
		IN_WORLD(a_queue_that_stays_full_is_an_error),
		IN_WORLD(without_a_sweep_a_full_queue_is_an_error),
		IN_WORLD(what_still_waits_at_the_end_was_not_sent),
		IN_WORLD(a_full_table_waits_for_the_oldest),
		IN_WORLD(a_sweep_forgets_whom_it_has_asked),
		IN_WORLD(a_sweep_as_fast_as_it_can_is_held_by_the_table),
		IN_WORLD(a_sweep_may_ask_thrice),
		IN_WORLD(wrong_lines_are_told_and_counted),
		IN_WORLD(a_family_without_a_socket_is_refused),
		IN_WORLD(names_become_targets),
		IN_WORLD(names_may_be_excluded),
		IN_WORLD(names_wait_for_their_turn),
		IN_WORLD(a_broken_link_is_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
