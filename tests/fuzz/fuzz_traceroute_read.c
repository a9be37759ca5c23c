/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_traceroute_read - any packets at all as a capture: traces are told of them, every place
 * stays on its path, what is told is clean text.
 *
 * An input is an octet of bits, then packets: an octet of bits, one of milliseconds since the one
 * before, two of length, the octets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "fuzz.h"
#include "traceroute/traceroute_read.h"

/* Of the input. */
#define BIT_JSON 1
#define BIT_EXPLAIN 2
/* Of a packet. */
#define BIT_L2 1
#define BIT_BACKWARDS 2 /* it is older than the one before */

struct source {
	struct link link;
	struct rd r;
	uint64_t wall_ns;
	uint8_t *bytes;
};

static int source_recv(struct link *l, struct link_in *in, unsigned cap, struct why *why)
{
	struct source *s = (struct source *)l;
	uint8_t bits = rd_u8(&s->r), ms = rd_u8(&s->r);
	struct rd one;

	(void)why;
	must(cap > 0);
	if (rd_left(&s->r) < 2)
		return E_EOF;
	one = rd_sub(&s->r, rd_u16(&s->r) % (rd_left(&s->r) + 1));
	s->wall_ns += (bits & BIT_BACKWARDS ? -1ull : 1ull) * ms * NS_PER_MS;
	free(s->bytes);
	s->bytes = malloc(rd_left(&one) + 1);
	must(s->bytes != NULL);
	*in = (struct link_in){
		.layer = bits & BIT_L2 ? LINK_L2 : LINK_L3,
		.bytes = s->bytes,
		.len = rd_left(&one),
		.wire_len = rd_left(&one),
		.ttl = -1,
		.wall_ns = s->wall_ns,
	};
	rd_copy(&one, s->bytes, in->len);
	return 1;
}

static void check_clean(char *told, size_t len)
{
	char *clean = malloc(len + 1);

	for (size_t i = 0; i < len; i++)
		if (told[i] == '\n')
			told[i] = ' ';
	must(clean && text_clean(clean, len + 1, told, len));
	free(clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct link_ops ops = {.recv = source_recv};
	struct source s = {.link = {.ops = &ops}, .r = rd_make(data, len), .wall_ns = 1000000000};
	uint8_t bits = rd_u8(&s.r);
	struct traceroute *t = calloc(1, sizeof(*t));
	struct fake_clock clock = clock_fake(NS_PER_S);
	struct run run = {.clock = &clock.clock};
	char *told;
	size_t told_len;
	FILE *f = open_memstream(&told, &told_len);
	struct why why;

	must(t && f);
	run.options.is_numeric = true;
	run.options.is_explain = bits & BIT_EXPLAIN && !(bits & BIT_JSON);
	run.out = out_make(f, run.clock, "traceroute", bits & BIT_JSON);
	t->run = &run;
	t->opts = (struct tr_opts){
		.read = "capture", .shows_ext = true, .shows_changes = true, .shows_back = true};
	t->key = (struct sipkey){1, 2};
	must(trace_open(&run, 0, NULL, &t->trace, &why) == 0);
	must(read_capture(t, &s.link, &why) == 0);
	must(t->n_reached <= t->n_paths);
	must(trace_close(t->trace, &why) == 0);
	netlink_close(run.netlink);
	out_flush(&run.out);
	fclose(f);
	check_clean(told, told_len);
	free(told);
	free(s.bytes);
	free(t);
	return 0;
}
