/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two ends of the shared object's interface talk over a wire that loses, doubles and delays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "base/rnd.h"
/* The object is built for the linker of others; here its source is one more part of the test. */
#include "tcphs/core/tcphs_core.c"

#define WIRE 4096u
#define PACKET_MAX 65600u
#define DELAY_NS (10 * NS_PER_MS)

struct flying {
	uint64_t due_ns;
	size_t len;
	uint8_t *bytes;
};

struct wire {
	struct rnd rnd;
	unsigned loss_pct, dup_pct, late_pct;
	struct flying at[WIRE];
	unsigned n;
};

struct world {
	struct tcphs_core *end[2];
	struct wire to[2];
	uint64_t now_ns;
	uint32_t sent[2], got[2], total[2];
	bool is_closed[2];
};

static uint8_t pattern(unsigned end, uint32_t i)
{
	return (uint8_t)(i * 31 + (i >> 8) + end);
}

static void fly(struct wire *w, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
	struct flying *f = &w->at[w->n];

	assert_in_range(w->n, 0, WIRE - 1);
	*f = (struct flying){now_ns + DELAY_NS, len, malloc(len)};
	if (rnd_below(&w->rnd, 100) < w->late_pct)
		f->due_ns += rnd_below(&w->rnd, 50 * NS_PER_MS);
	memcpy(f->bytes, bytes, len);
	w->n++;
}

static void transmit(struct wire *w, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
	if (rnd_below(&w->rnd, 100) >= w->loss_pct)
		fly(w, bytes, len, now_ns);
	if (rnd_below(&w->rnd, 100) < w->dup_pct)
		fly(w, bytes, len, now_ns);
}

static void drain(struct world *w, unsigned end)
{
	static uint8_t packet[PACKET_MAX];
	long n;

	while ((n = tcphs_core_packet_out(w->end[end], packet, sizeof(packet), w->now_ns)) > 0)
		transmit(&w->to[!end], packet, (size_t)n, w->now_ns);
	assert_int_equal(n, 0);
}

static unsigned c_state(const struct world *w, unsigned end)
{
	return w->end[end]->tcb.fsm.state;
}

static void work(struct world *w, unsigned end)
{
	uint8_t octets[4096];
	long n;

	while (w->sent[end] < w->total[end]) {
		uint32_t left = w->total[end] - w->sent[end], most = left < 4096 ? left : 4096;

		for (uint32_t i = 0; i < most; i++)
			octets[i] = pattern(end, w->sent[end] + i);
		n = tcphs_core_write(w->end[end], octets, most, w->now_ns);
		w->sent[end] += (uint32_t)n;
		if (n < (long)most)
			break;
	}
	while ((n = tcphs_core_read(w->end[end], octets, sizeof(octets), w->now_ns)) > 0)
		for (long i = 0; i < n; i++)
			assert_int_equal(octets[i], pattern(!end, w->got[end]++));
	/* RFC 9293 3.10.4: a CLOSE before the connection stands would end it. */
	if (c_state(w, end) >= TCB_ESTABLISHED && !w->is_closed[end] &&
	    w->sent[end] == w->total[end] && tcphs_core_close(w->end[end], w->now_ns) == 0)
		w->is_closed[end] = true;
	drain(w, end);
}

/* Hands over what has arrived at @end; returns when the next thing does. */
static uint64_t deliver(struct world *w, unsigned end)
{
	struct wire *wire = &w->to[end];
	uint64_t next_ns = UINT64_MAX;

	for (unsigned i = 0; i < wire->n;) {
		struct flying f = wire->at[i];

		if (f.due_ns > w->now_ns) {
			next_ns = f.due_ns < next_ns ? f.due_ns : next_ns;
			i++;
			continue;
		}
		memmove(&wire->at[i], &wire->at[i + 1], (--wire->n - i) * sizeof(f));
		(void)tcphs_core_packet_in(w->end[end], f.bytes, f.len, w->now_ns);
		free(f.bytes);
		drain(w, end);
	}
	return next_ns;
}

static bool is_over(const struct world *w)
{
	return tcphs_core_end(w->end[0])[0] && tcphs_core_end(w->end[1])[0];
}

static void run(struct world *w)
{
	for (unsigned steps = 0; !is_over(w); steps++) {
		uint64_t next_ns = UINT64_MAX, due_ns;

		assert_in_range(steps, 0, 2000000);
		for (unsigned end = 0; end < 2; end++) {
			due_ns = deliver(w, end);
			next_ns = due_ns < next_ns ? due_ns : next_ns;
			work(w, end);
			due_ns = tcphs_core_due_ns(w->end[end]);
			next_ns = due_ns < next_ns ? due_ns : next_ns;
		}
		for (unsigned end = 0; end < 2; end++)
			for (unsigned i = 0; i < w->to[end].n; i++)
				if (w->to[end].at[i].due_ns < next_ns)
					next_ns = w->to[end].at[i].due_ns;
		if (is_over(w))
			break;
		assert_true(next_ns != UINT64_MAX);
		if (next_ns > w->now_ns)
			w->now_ns = next_ns;
		for (unsigned end = 0; end < 2; end++) {
			tcphs_core_timer(w->end[end], w->now_ns);
			drain(w, end);
		}
	}
}

static struct world *begin(int family, uint64_t seed)
{
	static const uint8_t a[16] = {0xfd, [15] = 1}, b[16] = {0xfd, [15] = 2};
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->now_ns = NS_PER_S;
	w->end[0] = tcphs_core_new(family, a, 50000, b, 80);
	w->end[1] = tcphs_core_new(family, b, 80, NULL, 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_non_null(w->end[i]);
		w->to[i].rnd = rnd_seeded(seed + i);
		assert_int_equal(tcphs_core_set(w->end[i], "isn", (uint32_t) - (int)(seed + i)), 0);
		assert_int_equal(tcphs_core_set(w->end[i], "data_retries", 30), 0);
	}
	return w;
}

static void end(struct world *w)
{
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned n = 0; n < w->to[i].n; n++)
			free(w->to[i].at[n].bytes);
		tcphs_core_free(w->end[i]);
	}
	free(w);
}

static void open_both(struct world *w)
{
	assert_int_equal(tcphs_core_listen(w->end[1], w->now_ns), 0);
	assert_int_equal(tcphs_core_connect(w->end[0], w->now_ns), 0);
	drain(w, 0);
}

/* 20 % lost each way, some twice, some out of order: every octet arrives, both ends close well. */
static void survives_a_bad_wire(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct world *w = begin(seed % 2 ? 4 : 6, seed * 1000);

		for (unsigned i = 0; i < 2; i++) {
			w->to[i].loss_pct = 20;
			w->to[i].dup_pct = 5;
			w->to[i].late_pct = 20;
			w->total[i] = (uint32_t)(seed * 2500 * (i + 1));
		}
		open_both(w);
		run(w);
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(w->got[i], w->total[!i]);
		/* The one whose last ACK is lost for good may expire; both never do. */
		assert_true(strcmp(tcphs_core_end(w->end[0]), "graceful") == 0 ||
			    strcmp(tcphs_core_end(w->end[1]), "graceful") == 0);
		end(w);
	}
}

static void a_good_wire_needs_no_retransmission(void **state)
{
	struct world *w = begin(4, 7);

	(void)state;
	w->total[0] = w->total[1] = 300000;
	open_both(w);
	run(w);
	assert_int_equal(w->got[0], 300000);
	assert_int_equal(w->got[1], 300000);
	assert_string_equal(tcphs_core_end(w->end[0]), "graceful");
	assert_string_equal(tcphs_core_end(w->end[1]), "graceful");
	assert_int_equal(w->end[0]->tcb.n_retransmits, 0);
	assert_int_equal(w->end[1]->tcb.n_retransmits, 0);
	end(w);
}

static void settings_are_checked(void **state)
{
	static const uint8_t local[4] = {192, 0, 2, 1}, cookie[16] = {1};
	struct tcphs_core *c = tcphs_core_new(4, local, 1, NULL, 0);

	(void)state;
	assert_null(tcphs_core_new(5, local, 1, NULL, 0));
	assert_int_equal(tcphs_core_set(c, "wscale", 14), 0);
	assert_int_equal(tcphs_core_set(c, "wscale", 15), TCPHS_CORE_BAD);
	assert_int_equal(tcphs_core_set(c, "ttl", 0), TCPHS_CORE_BAD);
	assert_int_equal(tcphs_core_set(c, "colour", 1), TCPHS_CORE_BAD);
	assert_int_equal(tcphs_core_set_cookie(c, cookie, 5), TCPHS_CORE_BAD);
	assert_int_equal(tcphs_core_set_cookie(c, cookie, 16), 0);
	assert_int_equal(tcphs_core_close(c, 1), TCPHS_CORE_BAD);
	assert_int_equal(tcphs_core_connect(c, 1), TCPHS_CORE_BAD); /* to nobody */
	assert_int_equal(tcphs_core_listen(c, 1), 0);
	assert_string_equal(tcphs_core_state(c), "LISTEN");
	assert_int_equal(tcphs_core_listen(c, 1), TCPHS_CORE_BAD);
	assert_int_equal(tcphs_core_set(c, "isn", 1), TCPHS_CORE_BAD);
	assert_int_equal(tcphs_core_packet_in(c, "x", 1, 1), 0);
	tcphs_core_free(c);
	tcphs_core_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives_a_bad_wire),
		cmocka_unit_test(a_good_wire_needs_no_retransmission),
		cmocka_unit_test(settings_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
