/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What traceroute asks, and when: a line of routers in memory, 2 ms from each to the next, on a
 * clock that jumps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "build/recipes.h"
#include "io/memlink.h"
#include "traceroute/traceroute.h"

#define START_NS (1000 * NS_PER_S)
#define HOP_NS (2 * NS_PER_MS)

/* The network, and what was seen of the probes. */
static struct {
	unsigned distance;      /* of the host */
	bool is_silent;         /* the host says nothing */
	unsigned answers_from;  /* ... until so many ms have passed */
	unsigned hesitates;     /* its answers take so many ms longer */
	bool lies;              /* it quotes a TTL of 9 always */
	unsigned silent_router; /* 0: none */
	unsigned lost;          /* of the packets sent, the one that nobody gets; 0: none */
	unsigned beyond;        /* probes that would have gone beyond the host */
	size_t n_met;
} net;

static struct fake_clock now;
static struct run run;
static struct traceroute tr;
static struct targets *targets;
static struct pkt *builder;
static char *told;
static size_t told_len;

static int admit(void *tool, struct target *target, struct why *why)
{
	struct addr src;

	(void)why;
	assert_int_equal(addr_parse("192.0.2.1", &src), 0);
	target->notes = path_new(tool, target, &src);
	return ADMIT_ASK;
}

static const struct probe_ops ops = {
	.build = probe_build,
	.aim = probe_aim,
	.judge = probe_judge,
	.report = tr_report,
	.admit = admit,
	.plan = path_plan,
	.max_packet = 128,
};

static int open_network(void **state)
{
	FILE *f = open_memstream(&told, &told_len);

	(void)state;
	memset(&net, 0, sizeof(net));
	now = clock_fake(START_NS);
	run = (struct run){.clock = &now.clock, .options = {.is_numeric = true, .is_quiet = true}};
	run.out = out_make(f, run.clock, "traceroute", false);
	targets = targets_new();
	builder = pkt_new();
	tr = (struct traceroute){
		.run = &run,
		.key = {1, 2},
		.base = 100,
		.builder = pkt_new(),
		.v4 = {.id = 0x1234, .is_raw = true},
		.opts = {.method = METHOD_UDP,
			 .proto = IPPROTO_UDP,
			 .port = TR_PORT,
			 .first_ttl = 1,
			 .max_ttl = 30,
			 .queries = 3,
			 .wait_ns = 5 * NS_PER_S,
			 .here = 3,
			 .near = 10},
	};
	return memlink_open(LINK_L3, run.clock, &tr.v4.link);
}

static int close_network(void **state)
{
	(void)state;
	engine_finish(tr.engine);
	engine_free(tr.engine);
	link_close(tr.v4.link);
	targets_free(targets);
	pkt_free(builder);
	pkt_free(tr.builder);
	fclose(run.out.file);
	free(told);
	return 0;
}

static void say(const struct memlink_sent *sent, struct addr from, uint8_t type, uint8_t code,
		uint8_t ttl_left, unsigned hops)
{
	uint8_t quote[128], body[600], bytes[700];
	struct wr b = wr_make(body, sizeof(body)), w = wr_make(bytes, sizeof(bytes));
	struct recipe_error error = {
		.type = type, .code = code, .quote = quote, .quote_len = sent->len};
	struct addr us = addr_from(sent->bytes + 12, 4);
	struct pkt_spec spec;
	struct link_in in = {.kind = LINK_PACKET, .layer = LINK_L3, .bytes = bytes, .ttl = -1};
	uint64_t delay_ns = hops * HOP_NS;

	assert_true(sent->len <= sizeof(quote));
	memcpy(quote, sent->bytes, sent->len);
	quote[8] = ttl_left;
	spec = recipe_error(&from, &us, &error, &b);
	spec.ip.ttl = (uint8_t)(64 - (hops - 1));
	assert_int_equal(pkt_build(builder, &spec, &w, NULL), 0);
	in.len = in.wire_len = w.len;
	in.from = from;
	if (hops == net.distance)
		delay_ns += net.hesitates * NS_PER_MS;
	in.wall_ns = clock_wall(run.clock) + delay_ns;
	assert_int_equal(memlink_give(tr.v4.link, &in, delay_ns), 0);
}

/* What becomes of one probe. */
static void meet(const struct memlink_sent *sent)
{
	uint8_t ttl = sent->bytes[8], router[4] = {10, 0, 0, ttl};

	if (net.lost && net.n_met + 1 == net.lost)
		return;
	if (ttl < net.distance && ttl != net.silent_router)
		say(sent, addr_from(router, 4), ICMP_V4_TIME_EXCEEDED, 0, 1, ttl);
	net.beyond += ttl > net.distance;
	if (ttl >= net.distance && !net.is_silent &&
	    now.mono_ns >= START_NS + net.answers_from * NS_PER_MS)
		say(sent, addr_from(sent->bytes + 16, 4), ICMP_V4_UNREACHABLE,
		    ICMP_V4_PORT_UNREACHABLE, net.lies ? 9 : (uint8_t)(ttl - net.distance + 1),
		    net.distance);
}

/* Runs to the end; returns the time it took. */
static uint64_t trace(void)
{
	struct engine_opts opts = {.timeout_ns = 5 * NS_PER_S, .preload = 1};
	struct engine_env env = {.clock = run.clock, .link4 = tr.v4.link, .targets = targets};
	uint64_t next_ns;

	assert_int_equal(targets_add(targets, "198.51.100.1", NULL), 0);
	tr.engine = engine_new(&env, &opts, &ops, &tr);
	assert_non_null(tr.engine);
	while (next_ns = engine_step(tr.engine), engine_end(tr.engine) == END_NOT_YET) {
		for (; net.n_met < memlink_n_sent(tr.v4.link); net.n_met++)
			meet(memlink_sent(tr.v4.link, net.n_met));
		if (memlink_due_ns(tr.v4.link) < next_ns)
			next_ns = memlink_due_ns(tr.v4.link);
		assert_true(next_ns < START_NS + 60 * NS_PER_S);
		if (next_ns > now.mono_ns)
			now.mono_ns = next_ns;
	}
	return now.mono_ns - START_NS;
}

static const struct path *path_of(void)
{
	return engine_first_target(tr.engine)->notes;
}

static void the_path_takes_two_round_trips(void **state)
{
	(void)state;
	net.distance = 14;
	assert_int_equal(trace(), 2 * 14 * HOP_NS);
	assert_int_equal(path_of()->stop, STOP_COMPLETED);
	assert_int_equal(path_end(&tr, path_of()), 14);
	assert_true(net.beyond <= 3);
	for (unsigned hop = 1; hop <= 14; hop++)
		assert_int_equal(path_of()->hops[hop].n_answered, 3);
}

static void near_ends_are_not_overshot(void **state)
{
	(void)state;
	net.distance = 1;
	assert_true(trace() <= 2 * HOP_NS);
	assert_int_equal(path_end(&tr, path_of()), 1);
	assert_true(net.beyond <= 3);
}

static void a_fast_one_takes_one(void **state)
{
	(void)state;
	net.distance = 14;
	tr.opts.is_fast = true;
	assert_int_equal(trace(), 14 * HOP_NS);
	assert_int_equal(path_end(&tr, path_of()), 14);
}

static void a_silent_host_is_waited_for_as_long_as_a_router_may_need(void **state)
{
	(void)state;
	net.distance = 5;
	net.is_silent = true;
	assert_in_range(trace(), 3500 * NS_PER_MS, 4000 * NS_PER_MS);
	assert_int_equal(path_of()->stop, STOP_HOPLIMIT);
	assert_int_equal(path_last_known(&tr, path_of()), 4);
}

/* Linux lets one error a second pass once it limits: the scout is repeated until then. */
static void a_host_that_answers_late_stands_where_it_stands(void **state)
{
	(void)state;
	net.distance = 8;
	net.answers_from = 990;
	assert_in_range(trace(), 990 * NS_PER_MS, 1300 * NS_PER_MS);
	assert_int_equal(path_of()->stop, STOP_COMPLETED);
	assert_int_equal(path_end(&tr, path_of()), 8);
}

static void a_silent_router_holds_nothing_up_for_long(void **state)
{
	(void)state;
	net.distance = 8;
	net.silent_router = 3;
	assert_in_range(trace(), 2 * 8 * HOP_NS, 250 * NS_PER_MS);
	assert_int_equal(path_end(&tr, path_of()), 8);
	assert_int_equal(path_of()->hops[3].n_answered, 0);
}

/* Hop 13 is asked last, by the 14th packet: no later answer comes to remind of it. */
static void a_lost_packet_is_not_waited_for_long(void **state)
{
	uint64_t took_ns;

	(void)state;
	net.distance = 14;
	net.lost = 14;
	tr.opts.queries = 1;
	took_ns = trace();
	assert_int_equal(path_of()->stop, STOP_COMPLETED);
	assert_int_equal(path_of()->hops[13].n_answered, 0);
	assert_in_range(took_ns, 250 * NS_PER_MS, 350 * NS_PER_MS); /* ten RTTs of hop 14 */
}

static void of_many_paths_none_keeps_a_gap(void **state)
{
	(void)state;
	net.distance = 14;
	net.lost = 14;
	tr.opts.queries = 1;
	tr.is_many = true;
	assert_in_range(trace(), 500 * NS_PER_MS, 600 * NS_PER_MS);
	assert_int_equal(path_of()->hops[13].n_answered, 1);
	assert_int_equal(path_of()->n_shots, 15);
}

static void a_router_silent_on_many_paths_is_asked_once_more(void **state)
{
	(void)state;
	net.distance = 14;
	net.silent_router = 7;
	tr.opts.queries = 1;
	tr.is_many = true;
	assert_in_range(trace(), 1000 * NS_PER_MS, 1100 * NS_PER_MS);
	assert_int_equal(path_of()->n_shots, 15);
}

/* It says to be 22 hops away, 9 left of 30, but routers answer until hop 24. */
static void a_quote_that_routers_contradict_is_not_believed(void **state)
{
	(void)state;
	net.distance = 25;
	net.lies = true;
	(void)trace();
	assert_int_equal(path_of()->stop, STOP_COMPLETED);
	assert_int_equal(path_end(&tr, path_of()), 25);
}

/* Its hops were given up, all but that of the last scout, when that one is answered. */
static void an_end_that_answers_last_of_all_still_ends_the_lines(void **state)
{
	(void)state;
	net.distance = 6;
	net.answers_from = 2200;
	net.hesitates = 1300;
	run.options.is_quiet = false;
	assert_in_range(trace(), 3500 * NS_PER_MS, 5500 * NS_PER_MS);
	out_flush(&run.out);
	assert_int_equal(path_of()->stop, STOP_COMPLETED);
	assert_null(strstr(told, "no reply"));
	assert_non_null(strstr(told, "\n 6  * * 198.51.100.1  "));
}

static void the_last_ttl_of_all_is_a_line_like_others(void **state)
{
	(void)state;
	net.distance = 5;
	net.is_silent = true;
	tr.opts.max_ttl = 255;
	run.options.is_quiet = false;
	assert_in_range(trace(), 3500 * NS_PER_MS, 6000 * NS_PER_MS);
	out_flush(&run.out);
	assert_non_null(strstr(told, "\n 5-255 * no reply\n"));
}

#define IN_NETWORK(f) cmocka_unit_test_setup_teardown(f, open_network, close_network)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_NETWORK(the_path_takes_two_round_trips),
		IN_NETWORK(near_ends_are_not_overshot),
		IN_NETWORK(a_fast_one_takes_one),
		IN_NETWORK(a_silent_host_is_waited_for_as_long_as_a_router_may_need),
		IN_NETWORK(a_host_that_answers_late_stands_where_it_stands),
		IN_NETWORK(a_silent_router_holds_nothing_up_for_long),
		IN_NETWORK(a_lost_packet_is_not_waited_for_long),
		IN_NETWORK(of_many_paths_none_keeps_a_gap),
		IN_NETWORK(a_router_silent_on_many_paths_is_asked_once_more),
		IN_NETWORK(a_quote_that_routers_contradict_is_not_believed),
		IN_NETWORK(an_end_that_answers_last_of_all_still_ends_the_lines),
		IN_NETWORK(the_last_ttl_of_all_is_a_line_like_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
