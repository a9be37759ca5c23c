/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/rnd.h"
#include "engine/probe.h"

static struct probes table;

static int open_table(void **state)
{
	(void)state;
	return probes_open(&table, false);
}

static int close_table(void **state)
{
	(void)state;
	probes_close(&table);
	return 0;
}

static struct target target_of(const char *text)
{
	struct target t = {0};

	assert_int_equal(addr_parse(text, &t.addr), 0);
	return t;
}

/* The next probe to @t. */
static struct probe *ask(struct target *t)
{
	t->seq++;
	return probe_add(&table, t, 100 + t->seq, 200 + t->seq);
}

static void forget(struct probe *probe)
{
	probe_settle(&table, probe, PROBE_LOST);
	probe_forget(&table, probe);
}

static void numbers_its_probes(void **state)
{
	struct target a = target_of("192.0.2.1"), b = target_of("2001:db8::1");
	struct probe *first = ask(&a), *second = ask(&b), *third = ask(&a);

	(void)state;
	assert_int_equal(first->n, 1);
	assert_int_equal(first->seq, 1);
	assert_int_equal(first->state, PROBE_OUTSTANDING);
	assert_int_equal(first->sent_ns, 101);
	assert_int_equal(first->sent_wall_ns, 201);
	assert_int_equal(first->tx_wall_ns, 0);
	assert_ptr_equal(first->target, &a);
	assert_int_equal(second->n, 2);
	assert_int_equal(second->seq, 1);
	assert_int_equal(third->n, 3);
	assert_int_equal(third->seq, 2);
	assert_int_equal(a.last_n, 3);
	assert_int_equal(a.n_remembered, 2);
	assert_int_equal(a.n_outstanding, 2);
	assert_int_equal(table.outstanding, 3);
	assert_ptr_equal(probe_get(&table, 2), second);
	assert_null(probe_get(&table, 0));
	assert_null(probe_get(&table, 4));
	assert_null(probe_get(&table, 2 + PROBES_MAX)); /* the same slot, another probe */
	assert_null(probe_get(&table, UINT64_MAX));
}

static void counts_what_is_settled(void **state)
{
	struct target a = target_of("192.0.2.1");
	struct probe *probe = ask(&a);

	(void)state;
	probe_settle(&table, probe, PROBE_LOST);
	assert_int_equal(table.outstanding, 0);
	assert_int_equal(a.n_outstanding, 0);
	probe_settle(&table, probe, PROBE_LATE);
	assert_int_equal(table.outstanding, 0);
	assert_int_equal(probe->state, PROBE_LATE);
	assert_ptr_equal(probe_get(&table, 1), probe);
	assert_int_equal(a.n_remembered, 1);
	probe_forget(&table, probe);
	probe_forget(&table, probe); /* once only */
	assert_int_equal(a.n_remembered, 0);
	assert_null(probe_get(&table, 1));
	assert_null(probe_find(&table, &a.addr, 1));
}

static void finds_by_address_and_seq(void **state)
{
	struct target a = target_of("192.0.2.1"), b = target_of("192.0.2.2");
	struct target c = target_of("c000:201::"); /* the octets of a */
	struct probe *to_a = ask(&a), *to_b = ask(&b), *to_c = ask(&c);
	struct target stranger = target_of("192.0.2.3");

	(void)state;
	assert_ptr_equal(probe_find(&table, &a.addr, 1), to_a);
	assert_ptr_equal(probe_find(&table, &b.addr, 1), to_b);
	assert_ptr_equal(probe_find(&table, &c.addr, 1), to_c);
	assert_null(probe_find(&table, &a.addr, 2));
	assert_null(probe_find(&table, &a.addr, 0));
	assert_null(probe_find(&table, &stranger.addr, 1));
}

/* On the wire 65,537 looks like 1; the newer of the two is meant, until it is forgotten. */
static void finds_the_newest_of_equal_seqs(void **state)
{
	struct target a = target_of("192.0.2.1");
	struct probe *first = ask(&a), *last = NULL;

	(void)state;
	for (unsigned i = 0; i < 65536; i++)
		last = ask(&a);
	assert_int_equal(last->seq, 65537);
	assert_ptr_equal(probe_find(&table, &a.addr, 1), last);
	assert_int_equal(probe_find(&table, &a.addr, 0)->seq, 65536);
	forget(last);
	assert_ptr_equal(probe_find(&table, &a.addr, 1), first);
	assert_ptr_equal(probe_get(&table, 1), first);
}

static void takes_back_what_was_not_sent(void **state)
{
	struct target a = target_of("192.0.2.1");
	struct probe *first = ask(&a);

	(void)state;
	probe_undo(&table, ask(&a));
	assert_int_equal(table.next_n, 2);
	assert_int_equal(table.outstanding, 1);
	assert_int_equal(a.n_remembered, 1);
	assert_int_equal(a.n_outstanding, 1);
	assert_null(probe_find(&table, &a.addr, 2));
	assert_ptr_equal(probe_get(&table, 1), first);
}

/* Only an outstanding probe keeps its slot from the one that comes PROBES_MAX later. */
static void a_full_ring_names_its_blocker(void **state)
{
	struct target a = target_of("192.0.2.1");
	struct probe *first;

	(void)state;
	assert_null(probes_blocker(&table));
	for (unsigned i = 0; i < PROBES_MAX; i++) {
		assert_null(probes_blocker(&table));
		(void)ask(&a);
	}
	first = probe_get(&table, 1);
	assert_ptr_equal(probes_blocker(&table), first);
	probe_settle(&table, first, PROBE_ANSWERED);
	assert_null(probes_blocker(&table));
	probe_forget(&table, first);
	assert_int_equal(ask(&a)->n, PROBES_MAX + 1);
	assert_null(probe_get(&table, 1));
	assert_ptr_equal(probe_get(&table, PROBES_MAX + 1), first);
	assert_int_equal(probes_blocker(&table)->n, 2);
}

/*
 * 300,000 probes to 300 targets, twice around the ring, each forgotten at random, against a plain
 * list of what should be remembered: chains stay whole in whatever order they are cut.
 */
static void agrees_with_a_plain_list(void **state)
{
	enum { TARGETS = 300, WINDOW = 2000 };
	static struct target targets[TARGETS];
	static struct probe *known[WINDOW];
	struct rnd r = rnd_seeded(7);

	(void)state;
	for (unsigned i = 0; i < TARGETS; i++) {
		targets[i] = target_of("10.0.0.0");
		put_u16(targets[i].addr.bytes + 2, (uint16_t)i);
	}
	for (unsigned i = 0; i < 300000; i++) {
		unsigned slot = (unsigned)rnd_below(&r, WINDOW);
		struct target *t = &targets[rnd_below(&r, TARGETS)];

		if (known[slot])
			forget(known[slot]);
		assert_null(probes_blocker(&table));
		known[slot] = ask(t);
		assert_ptr_equal(probe_find(&table, &t->addr, (uint16_t)t->seq), known[slot]);
	}
	for (unsigned i = 0; i < WINDOW; i++) {
		struct probe *p = known[i];

		if (!p)
			continue;
		assert_ptr_equal(probe_get(&table, p->n), p);
		assert_ptr_equal(probe_find(&table, &p->target->addr, (uint16_t)p->seq), p);
		forget(p);
		assert_null(probe_find(&table, &p->target->addr, (uint16_t)p->seq));
	}
	assert_int_equal(table.outstanding, 0);
	for (unsigned i = 0; i < TARGETS; i++)
		assert_int_equal(targets[i].n_remembered, 0);
}

#define IN_TABLE(f) cmocka_unit_test_setup_teardown(f, open_table, close_table)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TABLE(numbers_its_probes),           IN_TABLE(counts_what_is_settled),
		IN_TABLE(finds_by_address_and_seq),     IN_TABLE(finds_the_newest_of_equal_seqs),
		IN_TABLE(takes_back_what_was_not_sent), IN_TABLE(a_full_ring_names_its_blocker),
		IN_TABLE(agrees_with_a_plain_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
