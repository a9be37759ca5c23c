/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_traceroute_judge - any packet, message or queued error against a traceroute under way, by
 * every method: what is taken for an answer is about a probe that was sent, every place on the path
 * stays within it, and what is told is clean text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "fuzz.h"
#include "io/memlink.h"
#include "traceroute/traceroute_multi.h"
#include "wire/csum.h"
#include "wire/tcp.h"

/* The first octet of an input: how it came, by which method it was asked. */
enum way { WAY_RAW4, WAY_ICMP6, WAY_TCP6, WAY_UDP4, WAY_QUEUE4, WAY_QUEUE6, WAY_CONNECT4, WAYS };
/* The second octet. */
#define BIT_SEALED 1 /* the ICMP message of a raw packet gets the right checksum */
#define BIT_JSON 2
#define BIT_LOCAL 4
#define BIT_STRANGER 8
#define BIT_MULTI 16
/*
 * These together, and ONCE in the first octet too: a run of its own, until all is written. It takes
 * a hundred times as long, so few inputs are to get there.
 */
#define BIT_ONCE 0xe0
#define ONCE 14 /* or more, which stands for the first two ways */

#define ID 0x1234
#define BASE 0x1000

static const char *const asked[] = {"192.0.2.1", "2001:db8::1"};
static const char *const from[] = {"192.0.2.77", "2001:db8::77"};

/* What a packet may change of a path, as it was before the first. */
struct kept {
	struct path *path;
	struct path *copy; /* with its hops */
	size_t len;
	struct shot *shots;
};

struct world {
	struct traceroute traceroute;
	struct kept kept[2];
	struct run run;
	struct fake_clock clock;
	struct targets *targets;
	char *told;
	size_t told_len;
};

static int admit(void *tool, struct target *target, struct why *why)
{
	struct addr src;

	(void)why;
	must(addr_parse(from[target->addr.len == 16], &src) == 0);
	target->notes = path_new(tool, target, &src);
	must(target->notes != NULL);
	return ADMIT_ASK;
}

static void ask(struct world *w)
{
	static const struct probe_ops ops = {
		.build = probe_build,
		.aim = probe_aim,
		.judge = probe_judge,
		.report = tr_report,
		.admit = admit,
		.plan = path_plan,
		.max_packet = 128,
	};
	struct traceroute *t = &w->traceroute;
	struct engine_opts opts = {.timeout_ns = 5 * NS_PER_S};
	struct engine_env env = {
		.clock = w->run.clock,
		.link4 = t->v4.link,
		.link6 = t->v6.link,
		.targets = w->targets,
	};

	for (unsigned i = 0; i < 2; i++)
		must(targets_add(w->targets, asked[i], NULL) == 0);
	t->engine = engine_new(&env, &opts, &ops, t);
	must(t->engine != NULL);
	(void)engine_step(t->engine);
	w->clock.mono_ns += 1300 * NS_PER_MS; /* until every hop is asked */
	(void)engine_step(t->engine);
	must(engine_totals(t->engine)->counts.sent > 60);
}

static void keep(struct world *w)
{
	struct target *target = engine_first_target(w->traceroute.engine);

	for (unsigned i = 0; i < 2; i++, target = target->next) {
		struct kept *k = &w->kept[i];

		k->path = target->notes;
		k->len = sizeof(*k->path) +
			 (w->traceroute.opts.max_ttl + 1u) * sizeof(k->path->hops[0]);
		k->copy = malloc(k->len);
		k->shots = malloc(k->path->n_shots * sizeof(*k->shots));
		must(k->copy && k->shots && !k->path->multi);
		memcpy(k->copy, k->path, k->len);
		memcpy(k->shots, k->path->shots, k->path->n_shots * sizeof(*k->shots));
	}
}

/* Sets the paths back: the engine itself has seen nothing of the packets. */
static void restore(struct world *w)
{
	for (unsigned i = 0; i < 2; i++) {
		struct kept *k = &w->kept[i];

		for (unsigned n = 0; n < k->path->n_shots; n++) {
			free(k->path->shots[n].ext);
			free(k->path->shots[n].changes);
		}
		memcpy(k->path, k->copy, k->len);
		memcpy(k->path->shots, k->shots, k->path->n_shots * sizeof(*k->shots));
	}
	rewind(w->run.out.file);
}

static struct world *open_world(enum method method, bool is_multi)
{
	static const uint8_t protos[] = {IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDPLITE,
					 47};
	struct world *w = calloc(1, sizeof(*w));
	struct traceroute *t = w ? &w->traceroute : NULL;
	FILE *f = w ? open_memstream(&w->told, &w->told_len) : NULL;

	must(f != NULL);
	w->clock = clock_fake(NS_PER_S);
	w->run.clock = &w->clock.clock;
	w->run.out = out_make(f, w->run.clock, "traceroute", false);
	w->run.options.is_numeric = true;
	w->targets = targets_new();
	t->run = &w->run;
	t->opts = (struct tr_opts){.method = method,
				   .proto = protos[method],
				   .first_ttl = 1,
				   .max_ttl = 12,
				   .queries = 3,
				   .wait_ns = 5 * NS_PER_S,
				   .here = 3,
				   .near = 10,
				   .port = TR_PORT,
				   .tcp_flags = TCP_F_SYN,
				   .mss = TR_MSS,
				   .shows_ext = true,
				   .shows_changes = true,
				   .is_multi = is_multi,
				   .miss = 0.01,
				   .max_flows = 64};
	t->key = (struct sipkey){1, 2};
	t->base = BASE;
	t->builder = pkt_new();
	t->v4 = t->v6 = (struct tr_family){.id = ID, .is_raw = true};
	must(memlink_open(LINK_L3, w->run.clock, &t->v4.link) == 0);
	must(memlink_open(LINK_L3, w->run.clock, &t->v6.link) == 0);
	ask(w);
	keep(w);
	return w;
}

static void close_world(struct world *w)
{
	struct traceroute *t = &w->traceroute;

	for (unsigned i = 0; i < 2; i++) {
		free(w->kept[i].copy);
		free(w->kept[i].shots);
	}
	engine_finish(t->engine);
	engine_free(t->engine);
	targets_free(w->targets);
	pkt_free(t->builder);
	link_close(t->v4.link);
	link_close(t->v6.link);
	fclose(w->run.out.file);
	free(w->told);
	free(w);
}

/* Puts the right checksum into the ICMP message of a raw packet. */
static void seal(uint8_t *bytes, size_t len)
{
	size_t hdr_len = len ? (bytes[0] & 15) * 4 : 0;

	if (hdr_len < 20 || len < hdr_len + 8)
		return;
	put_u16(bytes + hdr_len + 2, 0);
	put_u16(bytes + hdr_len + 2, csum_ip(bytes + hdr_len, len - hdr_len));
}

static void check_path(const struct traceroute *t, const struct path *p)
{
	unsigned listed = 0;

	must(path_end(t, p) >= 1 && path_end(t, p) <= t->opts.max_ttl);
	for (unsigned hop = 1; hop <= t->opts.max_ttl; hop++)
		listed += p->hops[hop].n_shots;
	must(listed == p->n_shots);
}

static void check_clean(struct world *w)
{
	char *clean;

	out_flush(&w->run.out);
	for (size_t i = 0; i < w->told_len; i++)
		if (w->told[i] == '\n')
			w->told[i] = ' ';
	clean = malloc(w->told_len + 1);
	must(clean && text_clean(clean, w->told_len + 1, w->told, w->told_len));
	free(clean);
}

static struct link_in in_of(enum way way, uint8_t bits, struct rd *r)
{
	bool is_v6 = way == WAY_ICMP6 || way == WAY_TCP6 || way == WAY_QUEUE6;
	struct link_in in = {.layer = way == WAY_RAW4 ? LINK_L3 : LINK_L4, .ttl = 60};

	must(addr_parse(bits & BIT_STRANGER ? is_v6 ? "2001:db8::9" : "192.0.2.9" : asked[is_v6],
			&in.from) == 0);
	must(addr_parse(asked[is_v6], &in.to) == 0);
	in.proto = way == WAY_ICMP6 ? IPPROTO_ICMPV6 :
		   way == WAY_TCP6  ? IPPROTO_TCP :
		   way == WAY_UDP4  ? IPPROTO_UDP :
				      0;
	in.port = way == WAY_CONNECT4 ? 0 : rd_u16(r);
	if (way == WAY_CONNECT4)
		in.tag = rd_u8(r);
	if (way == WAY_QUEUE4 || way == WAY_QUEUE6) {
		in.kind = LINK_ERROR;
		in.error.is_local = bits & BIT_LOCAL;
		in.error.type = rd_u8(r);
		in.error.code = rd_u8(r);
		in.error.info = rd_u32(r);
		in.error.ext_off = rd_u16(r);
		in.tag = rd_u8(r);
	}
	in.len = in.wire_len = rd_left(r);
	return in;
}

static void take(struct world *w, const struct link_in *in)
{
	struct traceroute *t = &w->traceroute;
	struct judgement j = {.kind = JUDGED_NOT_OURS};
	struct event ev = {.kind = EVENT_ANSWER, .in = in, .has_rtt = true, .rtt_ns = NS_PER_MS};

	probe_judge(t, in, &j);
	if (j.kind == JUDGED_NOT_OURS)
		return;
	must(j.kind == JUDGED_ANSWER && j.probe);
	must(probe_get(engine_probes(t->engine), j.probe->n) == j.probe);
	must(j.probe->seq == j.seq && j.probe->target->notes);
	ev.probe = j.probe;
	ev.target = j.probe->target;
	ev.seq = j.seq;
	ev.verdict = j.verdict;
	tr_report(t, &ev);
	check_path(t, j.probe->target->notes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r = rd_make(data, len);
	uint8_t first = rd_u8(&r), bits = rd_u8(&r);
	enum way way = (enum way)((first & 15) % WAYS);
	enum method method = (enum method)((first >> 4) % 5);
	bool is_multi = bits & BIT_MULTI && method < METHOD_UDPLITE;
	bool is_once = (bits & BIT_ONCE) == BIT_ONCE && (first & 15) >= ONCE;
	static struct world *worlds[METHOD_RAW + 1][2];
	struct world *w = is_once ? open_world(method, is_multi) : worlds[method][is_multi];

	if (!w)
		w = worlds[method][is_multi] = open_world(method, is_multi);
	w->run.out.is_json = bits & BIT_JSON;
	/* Several packets: each with its length before it. */
	while (rd_left(&r) > 2) {
		struct rd one = rd_sub(&r, rd_u8(&r) % (rd_left(&r) + 1));
		struct link_in in = in_of(way, bits, &one);
		uint8_t *bytes = malloc(in.len + 1);

		must(bytes != NULL);
		rd_copy(&one, bytes, in.len);
		in.bytes = bytes;
		if (way == WAY_RAW4 && bits & BIT_SEALED)
			seal(bytes, in.len);
		take(w, &in);
		free(bytes);
	}
	if (!is_once) {
		check_clean(w);
		restore(w);
		return 0;
	}
	w->clock.mono_ns += 10 * NS_PER_S;
	for (unsigned i = 0; i < 4; i++)
		(void)engine_step(w->traceroute.engine);
	check_clean(w);
	close_world(w);
	return 0;
}
