/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_ping_judge - any packet, message or queued error against a ping that has asked a few: what
 * counts as received is octet for octet what was sent, and what is told of it is clean text.
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "cli/trace_impl.h"
#include "fuzz.h"
#include "io/memlink.h"
#include "ping/ping.h"
#include "wire/csum.h"

/* The first octet of an input: the way it came by, then what ping was told on its command line. */
enum way { WAY_RAW4, WAY_PING4, WAY_PING6, WAY_QUEUE4, WAY_QUEUE6, WAYS };
#define BIT_SEALED 0x20 /* the message of a raw packet gets the right checksum */
#define BIT_JSON 0x40
#define BIT_VERBOSE 0x80
/* The second octet: who sent it (2 bits), where the quoted packet went (2 bits), and: */
#define BIT_TRACED 0x40
#define BIT_LOCAL 0x80

#define ID4 0x1234
#define ID6 0x5678
#define COUNT 2
#define COOKIE_MATCH_MIN 4 /* octets of the cookie that damage may leave of it */

static const char *const asked[] = {"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"};
#define N_ASKED (sizeof(asked) / sizeof(asked[0]))

/* A ping with probes of one size under way; the first of them is forgotten. */
struct world {
	struct ping ping;
	struct run run;
	struct fake_clock clock;
	struct trace trace; /* without taps: all it shows is rebuilt */
	char *told;
	size_t told_len;
};

static void report_nothing(void *tool, const struct event *ev)
{
	(void)tool, (void)ev;
}

static void ask(struct world *w)
{
	struct ping *p = &w->ping;
	struct engine_opts opts = {.count = COUNT, .timeout_ns = NS_PER_S, .preload = COUNT};
	struct probe_ops ops = {
		.build = ping_build,
		.judge = ping_judge,
		.report = report_nothing,
		.max_packet = PING_HDR_LEN + p->opts.size,
	};
	struct engine_env env = {
		.clock = &w->clock.clock,
		.link4 = p->v4.link,
		.link6 = p->v6.link,
		.targets = targets_new(),
	};
	struct probe *first;

	for (size_t i = 0; i < N_ASKED; i++)
		must(targets_add(env.targets, asked[i], NULL) == 0);
	must(ping_prepare(p, NULL) == 0);
	p->engine = engine_new(&env, &opts, &ops, p);
	must(p->engine != NULL);
	(void)engine_step(p->engine);
	must(engine_totals(p->engine)->counts.sent == COUNT * N_ASKED);
	first = probe_get(engine_probes(p->engine), 1);
	probe_settle(engine_probes(p->engine), first, PROBE_LOST);
	probe_forget(engine_probes(p->engine), first);
}

static void open_world(struct world *w, size_t size)
{
	FILE *f = open_memstream(&w->told, &w->told_len);

	must(f != NULL);
	w->clock = clock_fake(NS_PER_S);
	w->run.clock = &w->clock.clock;
	w->run.out = out_make(f, w->run.clock, "ping", false);
	w->trace = (struct trace){.run = &w->run, .width = 80};
	w->run.options.is_explain = w->run.options.is_hex = true;
	w->ping = (struct ping){
		.opts = {.size = size},
		.run = &w->run,
		.key = {1, 2},
		.v4 = {.id = ID4, .kind = SOCK_KIND_RAW},
		.v6 = {.id = ID6, .kind = SOCK_KIND_RAW},
	};
	must(memlink_open(LINK_L3, w->run.clock, &w->ping.v4.link) == 0);
	must(memlink_open(LINK_L4, w->run.clock, &w->ping.v6.link) == 0);
	ask(w);
}

/* Sizes of data with room for the whole mark and more, for just the mark, a cookie, nothing. */
static struct world *world_of(unsigned i)
{
	static const size_t sizes[] = {56, 16, 12, 4};
	static struct world worlds[sizeof(sizes) / sizeof(sizes[0])];

	if (!worlds[i].ping.engine)
		open_world(&worlds[i], sizes[i]);
	return &worlds[i];
}

static struct addr addr_of(unsigned i, bool is_v6)
{
	struct addr a;

	if (i % 4 < 2)
		must(addr_parse(asked[i % 2 + (is_v6 ? 2 : 0)], &a) == 0);
	else /* a stranger */
		must(addr_parse(is_v6 ? "2001:db8::9" : "192.0.2.9", &a) == 0);
	return a;
}

static const struct memlink_sent *sent_of(const struct ping *p, const struct probe *probe)
{
	const struct link *l = addr_is_v6(&probe->target->addr) ? p->v6.link : p->v4.link;

	for (size_t i = 0; i < memlink_n_sent(l); i++)
		if (memlink_sent(l, i)->tag == probe->n)
			return memlink_sent(l, i);
	abort();
}

static uint64_t u64_at(const uint8_t *at)
{
	struct rd r = rd_make(at, 8);

	return rd_u64(&r);
}

/* @message: the @len octets of an answer that is to be counted as received, or as late. */
static void check_good(const struct world *w, const struct judgement *j, const uint8_t *message,
		       size_t len)
{
	const struct ping *p = &w->ping;
	const struct memlink_sent *sent;

	must(!p->detail.has_ip4 || csum_ip(message, len) == 0);
	must(message[0] == (addr_is_v6(&p->detail.from) ? 129 : 0));
	if (!j->probe) {
		must(p->opts.size >= COOKIE_MARK_LEN && len >= 8 + COOKIE_MARK_LEN);
		must(cookie_make(&p->key, &p->detail.from, (uint16_t)j->seq,
				 u64_at(message + 16)) == u64_at(message + 8));
		return;
	}
	sent = sent_of(p, j->probe);
	must(len == sent->len && memcmp(message + 4, sent->bytes + 4, len - 4) == 0);
	must(addr_same(&p->detail.from, &sent->to));
}

/* Nobody who shows no cookie ends the wait for an answer that would bear one. */
static void check_settling(const struct world *w, const struct judgement *j, const uint8_t *message,
			   size_t len)
{
	const struct memlink_sent *sent = sent_of(&w->ping, j->probe);
	unsigned same = 0;

	must(len >= 8 + COOKIE_LEN);
	for (unsigned i = 8; i < 8 + COOKIE_LEN && w->ping.opts.size >= COOKIE_LEN; i++)
		same += message[i] == sent->bytes[i];
	must(w->ping.opts.size < COOKIE_LEN || same >= COOKIE_MATCH_MIN);
}

static void check(const struct world *w, const struct link_in *in, const struct judgement *j)
{
	const struct ping *p = &w->ping;
	size_t ip_len = in->layer == LINK_L3 ? (in->bytes[0] & 0x0fu) * 4 : 0;
	bool is_answer = j->kind == JUDGED_ANSWER && !p->detail.is_forged_error;

	must(!j->probe || probe_get(engine_probes(p->engine), j->probe->n) == j->probe);
	must(!j->probe || j->probe->target->addr.len == in->from.len);
	must(j->kind == JUDGED_ANSWER || (j->probe && p->detail.is_error));
	must(!is_answer || in->kind == LINK_PACKET);
	must(is_answer || !j->is_settling);
	must(!p->detail.is_forged_error || j->verdict == VERDICT_FORGED);
	if (is_answer)
		must(ip_len + p->detail.icmp_len <= in->len);
	if (is_answer && j->verdict == VERDICT_OK)
		check_good(w, j, in->bytes + ip_len, p->detail.icmp_len);
	if (j->is_settling)
		check_settling(w, j, in->bytes + ip_len, p->detail.icmp_len);
}

static void report(struct world *w, const struct link_in *in, const struct judgement *j)
{
	struct event ev = {
		.kind = j->kind == JUDGED_ANSWER ? EVENT_ANSWER :
			j->kind == JUDGED_ERROR  ? EVENT_ERROR :
						   EVENT_HINT,
		.target = j->probe ? j->probe->target : NULL,
		.probe = j->probe,
		.seq = j->probe ? j->probe->seq : j->seq,
		.verdict = j->verdict,
		.in = in,
	};
	char *clean;

	rewind(w->run.out.file);
	w->ping.last_route = (struct ping_route){0};
	ping_report(&w->ping, &ev);
	out_flush(&w->run.out);
	must(w->told_len > 0 && w->told[w->told_len - 1] == '\n');
	for (size_t i = 0; i < w->told_len; i++)
		if (w->told[i] == '\n' || (w->told[i] == '\t' && !w->run.out.is_json))
			w->told[i] = ' ';
	clean = malloc(w->told_len + 1);
	must(clean && text_clean(clean, w->told_len + 1, w->told, w->told_len));
	free(clean);
}

/* Puts the right checksum into the ICMP message of a raw packet. */
static void seal(uint8_t *bytes, size_t len)
{
	size_t hdr_len, end;

	if (len < 20)
		return;
	hdr_len = (bytes[0] & 0x0fu) * 4;
	end = (size_t)bytes[2] << 8 | bytes[3];
	end = end < len ? end : len;
	if (hdr_len + 4 > end)
		return;
	put_u16(bytes + hdr_len + 2, 0);
	put_u16(bytes + hdr_len + 2, csum_ip(bytes + hdr_len, end - hdr_len));
}

/* The octets behind those two: of a queued error what the kernel says; the packet. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r = rd_make(data, len);
	uint8_t first = rd_u8(&r), who = rd_u8(&r);
	enum way way = (enum way)((first & 7) % WAYS);
	bool is_v6 = way == WAY_PING6 || way == WAY_QUEUE6;
	struct world *w = world_of(first >> 3 & 3);
	struct judgement j = {.kind = JUDGED_NOT_OURS};
	struct link_in in = {
		.layer = way == WAY_RAW4 ? LINK_L3 : LINK_L4,
		.from = addr_of(who, is_v6),
		.to = addr_of(who >> 2, is_v6),
		.ttl = 64,
	};
	uint8_t *bytes;

	if (way == WAY_QUEUE4 || way == WAY_QUEUE6) {
		in.kind = LINK_ERROR;
		in.error.is_local = who & BIT_LOCAL;
		in.error.type = rd_u8(&r);
		in.error.code = rd_u8(&r);
		in.error.info = rd_u32(&r);
		in.error.ext_off = rd_u16(&r);
	}
	in.len = in.wire_len = rd_left(&r);
	in.bytes = bytes = malloc(in.len + 1);
	must(bytes != NULL);
	rd_copy(&r, bytes, in.len);
	if (way == WAY_RAW4 && first & BIT_SEALED)
		seal(bytes, in.len);
	w->run.out.is_json = first & BIT_JSON;
	w->run.options.verbose = first & BIT_VERBOSE;
	w->ping.trace = who & BIT_TRACED ? &w->trace : NULL;
	must(addr_parse(is_v6 ? "2001:db8::77" : "192.0.2.77", &w->ping.opts.source) == 0);
	ping_judge(&w->ping, &in, &j);
	if (j.kind != JUDGED_NOT_OURS) {
		check(w, &in, &j);
		report(w, &in, &j);
	}
	free(bytes);
	return 0;
}
