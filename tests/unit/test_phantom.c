/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "build/recipes.h"
#include "engine/phantom.h"
#include "io/memlink.h"

static const struct mac ours = {{2, 0, 0, 0, 0, 1}}, theirs = {{2, 0x66, 0, 0, 0, 5}};

struct world {
	struct fake_clock clock;
	struct rnd rnd;
	struct phantom p;
	unsigned told[PHANTOM_PINGED + 1];
	size_t seen; /* frames looked at */
};

static void tell(void *arg, enum phantom_news news, const struct addr *who, const struct mac *other)
{
	struct world *w = arg;

	assert_true(who->len == 4 || who->len == 16);
	assert_non_null(other);
	w->told[news]++;
}

static struct addr addr_of(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static void begin(struct world *w, const char *addr)
{
	struct addr a = addr_of(addr);

	*w = (struct world){.clock = clock_fake(NS_PER_S), .rnd = rnd_seeded(5)};
	w->p = (struct phantom){
		.rnd = &w->rnd,
		.builder = pkt_new(),
		.mac = ours,
		.answers_ping = true,
		.timing = dad_timing_fast(),
		.tell = tell,
		.arg = w,
	};
	w->p.timing.announcements = 2;
	w->p.timing.hold = 3600 * NS_PER_S;
	assert_int_equal(memlink_open(LINK_L2, &w->clock.clock, &w->p.link), 0);
	assert_int_equal(phantom_add(&w->p, &a), 0);
	phantom_start(&w->p, w->clock.mono_ns);
}

static void end(struct world *w)
{
	link_close(w->p.link);
	pkt_free(w->p.builder);
}

static void pass_until_claimed(struct world *w)
{
	for (int i = 0; i < 20 && phantom_n_undecided(&w->p); i++) {
		w->clock.mono_ns = phantom_due_ns(&w->p);
		phantom_timer(&w->p, w->clock.mono_ns);
	}
	assert_int_equal(phantom_n_claimed(&w->p), 1);
	assert_int_equal(w->told[PHANTOM_CLAIMED], 1);
}

/* The frame of @spec arrives; returns how many frames that draws. */
static size_t arrive(struct world *w, struct pkt_spec spec)
{
	uint8_t bytes[PHANTOM_PACKET_MAX];
	struct wr out = wr_make(bytes, sizeof(bytes));
	struct link_in in = {.kind = LINK_PACKET, .layer = LINK_L2, .bytes = bytes};
	size_t before = memlink_n_sent(w->p.link);

	assert_int_equal(pkt_build(w->p.builder, &spec, &out, NULL), 0);
	in.len = out.len;
	phantom_receive(&w->p, &in, w->clock.mono_ns);
	return memlink_n_sent(w->p.link) - before;
}

static void last(struct world *w, struct dissect *d)
{
	const struct memlink_sent *s = memlink_sent(w->p.link, memlink_n_sent(w->p.link) - 1);

	assert_int_equal(dissect_packet(DISSECT_L2, s->bytes, s->len, d), 0);
	assert_memory_equal(&d->eth.src, &ours, 6);
}

static void answers_arp(void **state)
{
	struct addr who = addr_of("192.0.2.5"), asker = addr_of("192.0.2.7"), odd;
	struct dissect d;
	struct world w;

	(void)state;
	begin(&w, "192.0.2.5");
	assert_int_equal(arrive(&w, recipe_arp_request(&theirs, &asker, &who)), 0);
	pass_until_claimed(&w);
	assert_int_equal(arrive(&w, recipe_arp_request(&theirs, &asker, &who)), 1);
	last(&w, &d);
	assert_int_equal(d.arp.op, ARP_REPLY);
	assert_true(addr_same(&d.arp.sender, &who) && addr_same(&d.arp.target, &asker));
	assert_memory_equal(&d.eth.dst, &theirs, 6);
	assert_int_equal(w.told[PHANTOM_ANSWERED], 1);
	/* Another's address, and askers that no host can be. */
	assert_int_equal(arrive(&w, recipe_arp_request(&theirs, &asker, &asker)), 0);
	odd = addr_of("127.0.0.1");
	assert_int_equal(arrive(&w, recipe_arp_request(&theirs, &odd, &who)), 0);
	odd = addr_of("224.0.0.1");
	assert_int_equal(arrive(&w, recipe_arp_request(&theirs, &odd, &who)), 0);
	odd = addr_of("255.255.255.255");
	assert_int_equal(arrive(&w, recipe_arp_request(&theirs, &odd, &who)), 0);
	end(&w);
}

static void answers_nd(void **state)
{
	struct addr who = addr_of("2001:db8::5"), asker = addr_of("2001:db8::7");
	struct pkt_spec spec;
	struct dissect d;
	struct world w;

	(void)state;
	begin(&w, "2001:db8::5");
	pass_until_claimed(&w);
	spec = recipe_ns(&theirs, &asker, &who);
	assert_int_equal(arrive(&w, spec), 1);
	last(&w, &d);
	assert_int_equal(d.nd.type, ICMP_V6_NEIGHBOR_ADVERT);
	assert_true(d.nd.is_solicited && d.nd.is_override && !d.nd.is_router);
	assert_true(addr_same(&d.dst, &asker));
	/* RFC 4861 7.1.1: it came through a router. */
	spec.ip.ttl = 254;
	assert_int_equal(arrive(&w, spec), 0);
	end(&w);
}

static void answers_ping(void **state)
{
	struct addr who = addr_of("192.0.2.5"), asker = addr_of("192.0.2.7");
	struct pkt_spec spec = recipe_echo(&asker, &who, false, 7, 8, "octets", 6);
	struct dissect d;
	struct world w;

	(void)state;
	begin(&w, "192.0.2.5");
	pass_until_claimed(&w);
	spec.from = PKT_FROM_ETH;
	spec.eth = (struct pkt_eth){.src = theirs, .dst = ours};
	assert_int_equal(arrive(&w, spec), 1);
	last(&w, &d);
	assert_int_equal(d.icmp.type, ICMP_V4_ECHO_REPLY);
	assert_int_equal(d.icmp.id, 7);
	assert_int_equal(d.icmp.seq, 8);
	assert_int_equal(d.l4_csum, CSUM_GOOD);
	assert_memory_equal(d.payload, "octets", 6);
	w.p.answers_ping = false;
	assert_int_equal(arrive(&w, spec), 0);
	end(&w);
}

static void gives_way_to_an_owner(void **state)
{
	struct addr who = addr_of("192.0.2.5"), asker = addr_of("192.0.2.7");
	struct world w;

	(void)state;
	begin(&w, "192.0.2.5");
	(void)arrive(&w, recipe_arp_announce(&theirs, &who));
	assert_int_equal(w.told[PHANTOM_TAKEN], 1);
	assert_int_equal(phantom_n_claimed(&w.p) + phantom_n_undecided(&w.p), 0);
	end(&w);

	begin(&w, "192.0.2.5");
	pass_until_claimed(&w);
	assert_int_equal(arrive(&w, recipe_arp_announce(&theirs, &who)), 1);
	assert_int_equal(w.told[PHANTOM_DEFENDED], 1);
	(void)arrive(&w, recipe_arp_announce(&theirs, &who));
	assert_int_equal(w.told[PHANTOM_YIELDED], 1);
	assert_int_equal(arrive(&w, recipe_arp_request(&theirs, &asker, &who)), 0);
	end(&w);
}

static void finds_the_next_hop(void **state)
{
	struct addr who = addr_of("192.0.2.5"), hop = addr_of("192.0.2.1");
	struct dissect d;
	struct world w;

	(void)state;
	begin(&w, "192.0.2.5");
	pass_until_claimed(&w);
	phantom_find(&w.p, &hop, w.clock.mono_ns);
	last(&w, &d);
	assert_true(d.arp.op == ARP_REQUEST && addr_same(&d.arp.target, &hop));
	w.clock.mono_ns += NS_PER_S;
	phantom_timer(&w.p, w.clock.mono_ns);
	assert_int_equal(w.p.hop_tries, 2);
	assert_false(w.p.has_hop);
	(void)arrive(&w, recipe_arp_reply(&theirs, &hop, &ours, &who));
	assert_true(w.p.has_hop);
	assert_memory_equal(&w.p.hop_mac, &theirs, 6);
	end(&w);
}

static void without_a_probe_nothing_is_claimed(void **state)
{
	struct world w;

	(void)state;
	/* The first three frames are probes, the fourth is an announcement. */
	for (unsigned lost = 0; lost < 4; lost++) {
		begin(&w, "192.0.2.5");
		memlink_fail(w.p.link, lost, 1, E_AGAIN, ENOBUFS);
		for (int i = 0; i < 20 && phantom_n_undecided(&w.p) && !w.p.is_broken; i++) {
			w.clock.mono_ns = phantom_due_ns(&w.p);
			phantom_timer(&w.p, w.clock.mono_ns);
		}
		assert_true(w.p.is_broken == (lost < 3));
		assert_int_equal(phantom_n_claimed(&w.p), lost < 3 ? 0 : 1);
		end(&w);
	}
}

static void takes_so_many_and_no_more(void **state)
{
	struct addr a = addr_of("192.0.2.6");
	struct world w;

	(void)state;
	begin(&w, "192.0.2.5");
	for (unsigned i = 1; i < PHANTOM_ADDRS; i++)
		assert_int_equal(phantom_add(&w.p, &a), 0);
	assert_int_equal(phantom_add(&w.p, &a), E_FULL);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_arp),
		cmocka_unit_test(answers_nd),
		cmocka_unit_test(answers_ping),
		cmocka_unit_test(gives_way_to_an_owner),
		cmocka_unit_test(without_a_probe_nothing_is_claimed),
		cmocka_unit_test(finds_the_next_hop),
		cmocka_unit_test(takes_so_many_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
