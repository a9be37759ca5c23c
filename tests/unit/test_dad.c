/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "build/recipes.h"
#include "engine/dad.h"

static const struct mac ours = {{2, 0, 0, 0, 0, 1}}, other_port = {{2, 0, 0, 0, 0, 9}},
			theirs = {{2, 0x66, 0, 0, 0, 5}};

struct world {
	struct dad dad;
	struct rnd rnd;
	struct pkt *builder;
	struct dissect frame;
	uint8_t bytes[DAD_FRAME_MAX];
	uint64_t now_ns;
};

static struct addr addr_of(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static void begin(struct world *w, const char *addr, const struct dad_timing *timing)
{
	struct addr a = addr_of(addr);

	*w = (struct world){.rnd = rnd_seeded(7), .builder = pkt_new(), .now_ns = 5 * NS_PER_S};
	assert_non_null(w->builder);
	dad_open(&w->dad, &a, &ours, timing, &w->rnd);
	w->dad.own[w->dad.n_own++] = other_port;
}

static void end(struct world *w)
{
	pkt_free(w->builder);
}

static uint32_t happen(struct world *w, enum dad_event event)
{
	return dad_event(&w->dad, event, w->now_ns);
}

/* The timer goes off: the moment is the machine's own. */
static uint32_t wake(struct world *w)
{
	assert_true(w->dad.due_ns != DAD_NEVER && w->dad.due_ns >= w->now_ns);
	w->now_ns = w->dad.due_ns;
	return happen(w, DAD_TIMER);
}

static const uint32_t probe = 1u << DAD_SEND_PROBE, announcement = 1u << DAD_SEND_ANNOUNCEMENT,
		      is_free = 1u << DAD_TELL_FREE, is_taken = 1u << DAD_TELL_TAKEN,
		      defence = 1u << DAD_SEND_DEFENCE, answer = 1u << DAD_SEND_ANSWER;

/* RFC 5227 1.1: PROBE_WAIT 1, PROBE_NUM 3, PROBE_MIN 1, PROBE_MAX 2, ANNOUNCE_WAIT 2 (seconds). */
static void takes_the_time_of_rfc5227(void **state)
{
	struct dad_timing t = dad_timing_rfc(false);
	uint64_t start_ns, was_ns;
	struct world w;

	(void)state;
	t.announcements = 2;
	for (unsigned run = 0; run < 200; run++) {
		begin(&w, "192.0.2.5", &t);
		w.rnd = rnd_seeded(run);
		start_ns = w.now_ns;
		assert_int_equal(happen(&w, DAD_START), 0);
		assert_int_equal(wake(&w), probe);
		assert_true(w.now_ns - start_ns <= NS_PER_S);
		for (int i = 0; i < 2; i++) {
			was_ns = w.now_ns;
			assert_int_equal(wake(&w), probe);
			assert_in_range(w.now_ns - was_ns, NS_PER_S, 2 * NS_PER_S);
		}
		was_ns = w.now_ns;
		assert_int_equal(wake(&w), is_free | announcement);
		assert_int_equal(w.now_ns - was_ns, 2 * NS_PER_S);
		was_ns = w.now_ns;
		assert_int_equal(wake(&w), announcement);
		assert_int_equal(w.now_ns - was_ns, 2 * NS_PER_S);
		assert_int_equal(wake(&w), 0);
		assert_int_equal(w.dad.fsm.state, DAD_FREE);
		assert_true(w.dad.due_ns == DAD_NEVER);
		end(&w);
	}
}

static void takes_the_time_of_rfc4862(void **state)
{
	struct dad_timing t = dad_timing_rfc(true);
	struct world w;
	uint64_t was_ns;

	(void)state;
	begin(&w, "2001:db8::5", &t);
	assert_int_equal(happen(&w, DAD_START), 0);
	assert_int_equal(wake(&w), probe);
	was_ns = w.now_ns;
	assert_int_equal(wake(&w), is_free);
	assert_int_equal(w.now_ns - was_ns, NS_PER_S);
	end(&w);
}

/* Every state in which a claim or a rival ends it, reached by so many timers. */
static uint64_t ends_when_disturbed(unsigned n_timers, enum dad_event event)
{
	struct dad_timing t = dad_timing_fast();
	uint64_t walked;
	struct world w;

	begin(&w, "192.0.2.5", &t);
	(void)happen(&w, DAD_START);
	for (unsigned i = 0; i < n_timers; i++)
		(void)wake(&w);
	assert_int_equal(happen(&w, event), is_taken);
	assert_int_equal(w.dad.fsm.state, DAD_TAKEN);
	assert_true(w.dad.due_ns == DAD_NEVER);
	assert_int_equal(happen(&w, DAD_TIMER), 0);
	walked = w.dad.fsm.walked;
	end(&w);
	return walked;
}

static uint64_t holds_and_gives_up(void)
{
	struct dad_timing t = dad_timing_fast();
	uint64_t walked;
	struct world w;

	t.announcements = 2;
	t.hold = 60 * NS_PER_S;
	begin(&w, "192.0.2.5", &t);
	(void)happen(&w, DAD_START);
	for (unsigned i = 0; i < 4; i++)
		(void)wake(&w);
	assert_int_equal(w.dad.fsm.state, DAD_ANNOUNCING);
	assert_int_equal(happen(&w, DAD_RIVAL), answer);
	assert_int_equal(happen(&w, DAD_CLAIM), defence);
	assert_int_equal(wake(&w), announcement);
	assert_int_equal(wake(&w), 0);
	assert_int_equal(w.dad.fsm.state, DAD_HOLDING);
	assert_int_equal(happen(&w, DAD_RIVAL), answer);
	w.now_ns += 11 * NS_PER_S;
	assert_int_equal(happen(&w, DAD_CLAIM), defence);
	/* RFC 5227 2.4 (b): DEFEND_INTERVAL is 10 s. */
	w.now_ns += 10 * NS_PER_S;
	assert_int_equal(happen(&w, DAD_CLAIM), defence);
	w.now_ns += 10 * NS_PER_S - 1;
	assert_int_equal(happen(&w, DAD_CLAIM), is_taken);
	assert_int_equal(w.dad.n_defences, 3);
	walked = w.dad.fsm.walked;
	end(&w);
	return walked;
}

static uint64_t runs_to_its_end(uint32_t probes, uint32_t announcements, uint64_t hold)
{
	struct dad_timing t = dad_timing_fast();
	uint64_t walked;
	struct world w;

	t.probes = probes;
	t.announcements = announcements;
	t.hold = hold;
	begin(&w, "192.0.2.5", &t);
	(void)happen(&w, DAD_START);
	while (!dad_is_over(&w.dad))
		(void)wake(&w);
	assert_int_equal(w.dad.fsm.state, DAD_FREE);
	assert_int_equal(w.dad.n_probes, probes);
	walked = w.dad.fsm.walked;
	end(&w);
	return walked;
}

static uint64_t gives_up_while_announcing(void)
{
	struct dad_timing t = dad_timing_fast();
	uint64_t walked;
	struct world w;

	t.probes = 0;
	t.announcements = 3;
	begin(&w, "192.0.2.5", &t);
	assert_int_equal(happen(&w, DAD_START), announcement);
	assert_int_equal(happen(&w, DAD_CLAIM), is_taken);
	walked = w.dad.fsm.walked;
	end(&w);
	return walked;
}

static void every_row_is_reached(void **state)
{
	struct fsm all = {.table = &dad_table};

	(void)state;
	for (unsigned timers = 0; timers < 4; timers++)
		all.walked |= ends_when_disturbed(timers, DAD_CLAIM) |
			      ends_when_disturbed(timers, DAD_RIVAL);
	all.walked |= holds_and_gives_up();
	all.walked |= gives_up_while_announcing();
	all.walked |= runs_to_its_end(1, 0, 0) | runs_to_its_end(3, 2, 0) |
		      runs_to_its_end(3, 0, NS_PER_S) | runs_to_its_end(0, 2, NS_PER_S);
	assert_true(fsm_is_walked(&all));
}

/* --- what frames mean */

/* Builds @spec and looks what it is to us: an event, or -1. */
static int meaning(struct world *w, struct pkt_spec spec)
{
	struct wr out = wr_make(w->bytes, sizeof(w->bytes));
	enum dad_event event;

	assert_int_equal(pkt_build(w->builder, &spec, &out, NULL), 0);
	assert_int_equal(dissect_packet(DISSECT_L2, w->bytes, out.len, &w->frame), 0);
	return dad_judge(&w->dad, &w->frame, false, &event) ? (int)event : -1;
}

static void tells_arp_claims_from_noise(void **state)
{
	struct dad_timing t = dad_timing_rfc(false);
	struct addr ask = addr_of("192.0.2.5"), other = addr_of("192.0.2.77");
	struct world w;

	(void)state;
	begin(&w, "192.0.2.5", &t);
	assert_int_equal(meaning(&w, recipe_arp_reply(&theirs, &ask, &ours, &other)), DAD_CLAIM);
	assert_memory_equal(&w.dad.rival, &theirs, 6);
	assert_int_equal(meaning(&w, recipe_arp_announce(&theirs, &ask)), DAD_CLAIM);
	assert_int_equal(meaning(&w, recipe_arp_request(&theirs, &ask, &other)), DAD_CLAIM);
	assert_int_equal(meaning(&w, recipe_arp_probe(&theirs, &ask)), DAD_RIVAL);
	/* An ordinary question for it, and what is about other addresses. */
	assert_int_equal(meaning(&w, recipe_arp_request(&theirs, &other, &ask)), -1);
	assert_int_equal(meaning(&w, recipe_arp_probe(&theirs, &other)), -1);
	assert_int_equal(meaning(&w, recipe_arp_reply(&theirs, &other, &ours, &ask)), -1);
	/* Ourselves: an echo, another interface of this host, an access point in our name. */
	assert_int_equal(meaning(&w, recipe_arp_probe(&ours, &ask)), -1);
	assert_int_equal(meaning(&w, recipe_arp_reply(&other_port, &ask, &ours, &ask)), -1);
	other = addr_of("2001:db8::5");
	assert_int_equal(meaning(&w, recipe_ns(&theirs, &(struct addr){.len = 16}, &other)), -1);
	end(&w);
}

static void tells_nd_claims_from_noise(void **state)
{
	struct dad_timing t = dad_timing_rfc(true);
	struct addr ask = addr_of("2001:db8::5"), other = addr_of("2001:db8::77"),
		    none = {.len = 16};
	struct pkt_spec spec;
	struct world w;

	(void)state;
	begin(&w, "2001:db8::5", &t);
	assert_int_equal(meaning(&w, recipe_na(&theirs, &ask, &ours, &none)), DAD_CLAIM);
	assert_int_equal(meaning(&w, recipe_ns(&theirs, &none, &ask)), DAD_RIVAL);
	/* RFC 4862 5.4.3: who asks with an address of his own resolves ours. */
	assert_int_equal(meaning(&w, recipe_ns(&theirs, &other, &ask)), -1);
	assert_int_equal(meaning(&w, recipe_na(&theirs, &other, &ours, &none)), -1);
	assert_int_equal(meaning(&w, recipe_na(&other_port, &ask, &ours, &none)), -1);
	/* RFC 4861 7.1.2: it came through a router. */
	spec = recipe_na(&theirs, &ask, &ours, &none);
	spec.ip.ttl = 254;
	assert_int_equal(meaning(&w, spec), -1);
	end(&w);
}

/* RFC 7527: our own solicitation, come back under another MAC address. */
static void knows_its_own_solicitation(void **state)
{
	struct dad_timing t = dad_timing_rfc(true);
	struct addr ask = addr_of("2001:db8::5"), none = {.len = 16};
	struct pkt_spec spec;
	struct wr out;
	struct world w;

	(void)state;
	begin(&w, "2001:db8::5", &t);
	out = wr_make(w.bytes, sizeof(w.bytes));
	assert_int_equal(dad_build(&w.dad, DAD_SEND_PROBE, w.builder, &out), 0);
	spec = recipe_ns(&theirs, &none, &ask);
	spec.nd.has_nonce = true;
	memcpy(spec.nd.nonce, w.dad.nonce, 6);
	assert_int_equal(meaning(&w, spec), -1);
	spec.nd.nonce[5] ^= 1;
	assert_int_equal(meaning(&w, spec), DAD_RIVAL);
	end(&w);
}

static void builds_what_the_standards_want(void **state)
{
	struct dad_timing t = dad_timing_rfc(false);
	struct world w;
	struct wr out;

	(void)state;
	begin(&w, "192.0.2.5", &t);
	out = wr_make(w.bytes, sizeof(w.bytes));
	assert_int_equal(dad_build(&w.dad, DAD_SEND_PROBE, w.builder, &out), 0);
	assert_int_equal(dissect_packet(DISSECT_L2, w.bytes, out.len, &w.frame), 0);
	assert_true(arp_is_probe(&w.frame.arp));
	assert_int_equal(w.frame.eth.dst.bytes[0], 0xff);
	w.dad.announces_by_reply = true;
	out = wr_make(w.bytes, sizeof(w.bytes));
	assert_int_equal(dad_build(&w.dad, DAD_SEND_ANNOUNCEMENT, w.builder, &out), 0);
	assert_int_equal(dissect_packet(DISSECT_L2, w.bytes, out.len, &w.frame), 0);
	assert_true(arp_is_announcement(&w.frame.arp));
	assert_int_equal(w.frame.arp.op, ARP_REPLY);
	/* One neighbour is told; a defence still speaks to all (RFC 5227 2.4). */
	w.dad.told = addr_of("192.0.2.1");
	out = wr_make(w.bytes, sizeof(w.bytes));
	assert_int_equal(dad_build(&w.dad, DAD_SEND_ANNOUNCEMENT, w.builder, &out), 0);
	assert_int_equal(dissect_packet(DISSECT_L2, w.bytes, out.len, &w.frame), 0);
	assert_true(addr_same(&w.frame.arp.sender, &w.dad.addr));
	assert_true(addr_same(&w.frame.arp.target, &w.dad.told));
	out = wr_make(w.bytes, sizeof(w.bytes));
	assert_int_equal(dad_build(&w.dad, DAD_SEND_DEFENCE, w.builder, &out), 0);
	assert_int_equal(dissect_packet(DISSECT_L2, w.bytes, out.len, &w.frame), 0);
	assert_true(arp_is_announcement(&w.frame.arp));
	end(&w);
	t = dad_timing_rfc(true);
	begin(&w, "2001:db8::5", &t);
	out = wr_make(w.bytes, sizeof(w.bytes));
	assert_int_equal(dad_build(&w.dad, DAD_SEND_PROBE, w.builder, &out), 0);
	assert_int_equal(dissect_packet(DISSECT_L2, w.bytes, out.len, &w.frame), 0);
	assert_true(addr_is_any(&w.frame.src));
	assert_int_equal(w.frame.l4_csum, CSUM_GOOD);
	/* RFC 4862 5.4.2, RFC 7527 4.1: no link-layer address, but a nonce. */
	assert_int_equal(w.frame.nd_opts.buf[w.frame.nd_opts.pos], ND_NONCE);
	end(&w);
}

static bool always(const void *machine)
{
	return machine != NULL;
}

static void a_row_reads_as_a_line(void **state)
{
	char line[200];
	struct text t = text_make(line, sizeof(line));

	(void)state;
	fsm_row_text(&dad_table, 2, &t);
	assert_string_equal(
		line,
		"WAITING     timer  [last probe]       -> LISTENING   send probe [RFC 5227 2.1.1, RFC 4862 5.4.2]");
}

/* Keeps what fsm_draw() draws. */
static void keep_line(void *arg, const struct text *line)
{
	struct text *all = arg;

	text_addf(all, "%s\n", line->buf);
}

static void the_table_as_a_drawing(void **state)
{
	static const char *const states[] = {"DOWN", "UP"}, *const events[] = {"call", "timer"};
	static const char *const actions[] = {"send HELLO", "tell"};
	static const struct fsm_row rows[] = {
		{0, 0, always, "[allowed]", 1, 1, "RFC 1 2"},
		{1, 1, NULL, NULL, 3, 0, ""},
		{0, 1, NULL, NULL, 0, 0, "RFC 1 3"},
	};
	static const struct fsm_table table = {"toy", rows, 3, states, events, actions};
	char buf[512];
	struct text all = text_make(buf, sizeof(buf));

	(void)state;
	fsm_draw(&table, keep_line, &all);
	assert_string_equal(buf, "DOWN\n"
				 "  |-- call [allowed] --> UP    send HELLO [RFC 1 2]\n"
				 "  `-- timer -----------> DOWN  [RFC 1 3]\n"
				 "UP\n"
				 "  `-- timer -----------> DOWN  send HELLO, tell\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_time_of_rfc5227),
		cmocka_unit_test(takes_the_time_of_rfc4862),
		cmocka_unit_test(every_row_is_reached),
		cmocka_unit_test(tells_arp_claims_from_noise),
		cmocka_unit_test(tells_nd_claims_from_noise),
		cmocka_unit_test(knows_its_own_solicitation),
		cmocka_unit_test(builds_what_the_standards_want),
		cmocka_unit_test(a_row_reads_as_a_line),
		cmocka_unit_test(the_table_as_a_drawing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
