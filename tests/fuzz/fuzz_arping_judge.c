/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_arping_judge - any frame against an arping that has asked a few: who counts as an owner says
 * so in the octets of the frame, on the VLAN that was asked, and is not ourselves; what is told of
 * it is clean text.
 */
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>

#include "arping/arping.h"
#include "base/num.h"
#include "base/text.h"
#include "fuzz.h"
#include "io/memlink.h"

/* The first octet of an input; the frame is behind it. */
#define BIT_TAGGED 0x01  /* VLAN 5 is asked */
#define BIT_PROXY 0x02   /* --proxy-check: an answer to a question without a sender counts */
#define BIT_PARTIAL 0x04 /* the kernel says that the checksum is unfinished */
#define BIT_JSON 0x08

#define VLAN 5

static const char *const asked[] = {"192.0.2.2", "192.0.2.3", "2001:db8::2", "2001:db8::3"};
static const struct mac our_mac = {{2, 0, 0, 0, 0, 1}};

#define N_ASKED (sizeof(asked) / sizeof(asked[0]))

struct world {
	struct arping arping;
	struct run run;
	struct fake_clock clock;
	char *told;
	size_t told_len;
};

static void report_nothing(void *tool, const struct event *ev)
{
	(void)tool, (void)ev;
}

static void ask(struct world *w)
{
	struct arping *a = &w->arping;
	struct engine_opts opts = {.count = 2, .timeout_ns = NS_PER_S, .preload = 2};
	struct probe_ops ops = {
		.build = arping_build,
		.judge = arping_judge,
		.report = report_nothing,
		.max_packet = ARPING_FRAME_MAX,
		.is_by_addr = true,
	};
	struct engine_env env = {
		.clock = &w->clock.clock,
		.link4 = a->port.link,
		.link6 = a->port.link,
		.targets = targets_new(),
	};

	for (size_t i = 0; i < N_ASKED; i++)
		must(targets_add(env.targets, asked[i], NULL) == 0);
	a->engine = engine_new(&env, &opts, &ops, a);
	must(a->engine != NULL);
	(void)engine_step(a->engine);
	must(engine_totals(a->engine)->counts.sent == 2 * N_ASKED);
}

static void open_world(struct world *w, bool is_tagged)
{
	FILE *f = open_memstream(&w->told, &w->told_len);
	struct arping_port *port = &w->arping.port;

	must(f != NULL);
	w->clock = clock_fake(NS_PER_S);
	w->run.clock = &w->clock.clock;
	w->run.out = out_make(f, w->run.clock, "arping", false);
	w->arping.run = &w->run;
	w->arping.builder = pkt_new();
	must(w->arping.builder != NULL);
	if (is_tagged) {
		w->arping.opts.vlans[0] = (struct pkt_vlan){.tpid = 0x8100, .tci = VLAN};
		w->arping.opts.n_vlans = 1;
	}
	port->iface = (struct iface){
		.index = 1,
		.name = "eth0",
		.hw_type = ARPHRD_ETHER,
		.has_mac = true,
		.mac = our_mac,
		.is_up = true,
		.is_lower_up = true,
	};
	port->own[0] = (struct iface_addr){.ifindex = 1, .prefix_len = 24};
	port->own[1] = (struct iface_addr){.ifindex = 1, .prefix_len = 64};
	port->n_own = 2;
	must(addr_parse("192.0.2.1", &port->own[0].addr) == 0);
	must(addr_parse("2001:db8::1", &port->own[1].addr) == 0);
	must(memlink_open(LINK_L2, w->run.clock, &port->link) == 0);
	ask(w);
}

static struct world *world_of(bool is_tagged)
{
	static struct world worlds[2];

	if (!worlds[is_tagged].arping.engine)
		open_world(&worlds[is_tagged], is_tagged);
	return &worlds[is_tagged];
}

/* Where the message begins; @vlans is the number of tags that name one, @last the last such. */
static size_t skip_tags(const uint8_t *frame, size_t len, unsigned *vlans, uint32_t *last)
{
	size_t at = 12;

	*vlans = 0;
	*last = 0;
	while (at + 4 <= len) {
		uint32_t tpid = (uint32_t)(frame[at] << 8 | frame[at + 1]);
		uint32_t vid = (uint32_t)(frame[at + 2] & 0x0f) << 8 | frame[at + 3];

		if (tpid != 0x8100 && tpid != 0x88a8 && tpid != 0x9100)
			break;
		*vlans += vid != 0;
		*last = vid ? tpid << 16 | vid : *last;
		at += 4;
	}
	return at + 2;
}

static void check(const struct world *w, const struct link_in *in, const struct judgement *j)
{
	const struct arping *a = &w->arping;
	const uint8_t *frame = in->bytes;
	uint32_t last;
	unsigned vlans;
	size_t at = skip_tags(frame, in->len, &vlans, &last);

	must(j->kind == JUDGED_ANSWER && j->verdict == VERDICT_OK && j->probe);
	must(memcmp(frame + 6, our_mac.bytes, 6) != 0);
	must(vlans == a->opts.n_vlans && (!vlans || last == (0x8100u << 16 | VLAN)));
	must(addr_same(&j->probe->target->addr, &a->detail.addr));
	must(memcmp(a->detail.frame_src.bytes, frame + 6, 6) == 0);
	if (a->detail.addr.len != 4)
		return;
	/* RFC 826: hardware 1, protocol 0x0800, lengths 6 and 4, a reply to us. */
	must(memmem(frame + at, in->len - at, "\0\1\x08\0\6\4\0\2", 8));
	must(memmem(frame + at, in->len - at, a->detail.mac.bytes, 6));
	must(memmem(frame + at, in->len - at, our_mac.bytes, 6));
}

static void report(struct world *w, const struct link_in *in, const struct judgement *j)
{
	struct event ev = {
		.kind = EVENT_ANSWER,
		.target = j->probe->target,
		.probe = j->probe,
		.seq = j->probe->seq,
		.verdict = j->verdict,
		.in = in,
	};
	char *clean;

	rewind(w->run.out.file);
	arping_report(&w->arping, &ev);
	out_flush(&w->run.out);
	for (size_t i = 0; i < w->told_len; i++)
		if (w->told[i] == '\n')
			w->told[i] = ' ';
	clean = malloc(w->told_len + 1);
	must(clean && text_clean(clean, w->told_len + 1, w->told, w->told_len));
	free(clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct judgement j = {.kind = JUDGED_NOT_OURS};
	struct link_in in = {.layer = LINK_L2};
	struct world *w;
	uint8_t *bytes;

	if (len < 1)
		return 0;
	w = world_of(data[0] & BIT_TAGGED);
	w->arping.opts.checks_proxy = data[0] & BIT_PROXY;
	w->run.out.is_json = data[0] & BIT_JSON;
	in.is_csum_partial = data[0] & BIT_PARTIAL;
	in.len = in.wire_len = len - 1;
	in.bytes = bytes = malloc(len);
	must(bytes != NULL);
	memcpy(bytes, data + 1, len - 1);
	arping_judge(&w->arping, &in, &j);
	if (j.kind != JUDGED_NOT_OURS) {
		check(w, &in, &j);
		report(w, &in, &j);
	}
	free(bytes);
	return 0;
}
