/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any IP packet to a connection: a segment that is read is written again, and reads the same. The
 * packet's own addresses and ports are taken for ours, so that all of it is looked at.
 */
#include <string.h>

#include "engine/flow.h"
#include "fuzz.h"

static void must_read_the_same(const struct flow *f, const struct tcb_seg *s)
{
	static uint8_t bytes[70000];
	const struct flow back = {f->remote, f->local, f->remote_port, f->local_port};
	struct wr w = wr_make(bytes, sizeof(bytes));
	struct flow_ip ip = {.ttl = 64};
	struct pkt_spec spec = flow_spec(&back, &ip, s);
	struct pkt *builder = pkt_new();
	struct flow_news news;
	struct dissect d;

	/* The three reserved bits and AE are none of ours to send. */
	if (s->len > 65000 || s->flags > 0xff || spec.tcp.options_len > 40) {
		pkt_free(builder);
		return;
	}
	if (pkt_build(builder, &spec, &w, NULL) == 0) {
		(void)dissect_packet(DISSECT_L3, bytes, w.len, &d);
		flow_read(f, &d, false, &news);
		must(news.kind == FLOW_SEGMENT && news.seg.seq == s->seq && news.seg.ack == s->ack);
		must(news.seg.flags == s->flags && news.seg.window == s->window);
		must(news.seg.len == s->len);
		must(s->len == 0 || memcmp(news.seg.data, s->data, s->len) == 0);
		must(news.seg.opts.has_ts == s->opts.has_ts);
		must(news.seg.opts.n_sacks == s->opts.n_sacks);
	}
	pkt_free(builder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct flow_news news;
	struct flow f = {0};
	struct dissect d;

	(void)dissect_packet(DISSECT_L3, data, len, &d);
	if (d.has_quote) {
		f = (struct flow){d.quote.src, d.quote.dst, d.quote.src_port, d.quote.dst_port};
		flow_read(&f, &d, true, &news);
		must(news.kind == FLOW_NOT_OURS || news.kind == FLOW_ICMP);
		return 0;
	}
	f = (struct flow){d.dst, d.src, d.tcp.dst_port, d.tcp.src_port};
	flow_read(&f, &d, true, &news);
	must(news.kind != FLOW_ICMP && news.kind != FLOW_CORRUPT);
	if (news.kind == FLOW_SEGMENT) {
		must_lie_in(news.seg.data, news.seg.len, data, len);
		if (d.src.len == d.dst.len && !addr_is_multicast(&d.src))
			must_read_the_same(&f, &news.seg);
	}
	return 0;
}
