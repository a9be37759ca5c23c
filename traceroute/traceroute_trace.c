/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_trace - the evidence of --explain, --hex and --pcap: which packet, and which of its
 * fields proved which hop.
 */
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "traceroute.h"

#define IP4_HDR 20u
#define IP6_HDR 40u

static unsigned data_parts(const struct traceroute *t, struct explain_part *parts)
{
	unsigned n = 0;

	if (t->opts.method == METHOD_TCP)
		return 0;
	parts[n++] = (struct explain_part){0, TR_MARK_LEN, "balance",
					   "brings about the checksum that marks the probe, or "
					   "that keeps the flow constant"};
	parts[n++] = (struct explain_part){
		probe_cookie_at(t), TR_COOKIE_LEN, "cookie",
		"keyed hash (SipHash) of target and seq: proof that the answer is to our question"};
	return n;
}

static void say_mark(const struct traceroute *t, uint32_t seq, struct text *out)
{
	static const char *const where[] = {
		[METHOD_UDP] = "IP ID and UDP checksum",
		[METHOD_ICMP] = "IP ID and ICMP sequence number",
		[METHOD_TCP] = "IP ID and low half of the sequence number",
		[METHOD_UDPLITE] = "IP ID and UDP-Lite checksum",
		[METHOD_RAW] = "IP ID",
	};

	text_addf(out, "mark 0x%04x (%s)", probe_mark(t, seq), where[t->opts.method]);
}

/* What of another program's probe came back in the quote. */
static void say_quoted(const struct traceroute *t, const struct event *ev, struct text *out)
{
	uint16_t changed = t->detail.changes.set;

	text_add(out, t->opts.method == METHOD_ICMP ? "identifier and sequence number" :
		      t->opts.method == METHOD_RAW  ? "addresses" :
						      "ports");
	if (!addr_is_v6(&ev->target->addr) && !(changed >> CHANGE_ID & 1))
		text_add(out, ", IP ID");
	if (t->opts.method == METHOD_TCP && !(changed >> CHANGE_SEQ & 1))
		text_add(out, ", TCP sequence number");
	if (t->opts.method == METHOD_UDP && !(changed >> CHANGE_CSUM & 1))
		text_add(out, ", UDP checksum");
}

static void say_conclusion(struct traceroute *t, const struct event *ev, const struct shot *s,
			   struct text *out)
{
	const struct tr_detail *d = &t->detail;
	char from[ADDR_TEXT_MAX];

	text_addf(out, "answer to probe %u sent with TTL %u", ev->seq, s ? s->ttl : 0);
	if (ev->verdict != VERDICT_OK)
		text_addf(out, ", verdict %s", verdict_word(ev->verdict));
	addr_text(&d->from, from);
	if (d->q_ttl >= 0)
		text_add(out, ", known by the quoted ");
	if (d->q_ttl >= 0 && t->opts.read)
		say_quoted(t, ev, out);
	else if (d->q_ttl >= 0)
		say_mark(t, ev->seq, out);
	if (d->kind == ANSWER_TRANSIT && s)
		text_addf(out, ": its TTL ran out, so %s is hop %u", from, s->ttl);
	else if (d->kind != ANSWER_TRANSIT && s && d->q_ttl > 0 && d->q_ttl <= s->ttl)
		text_addf(out,
			  ": the end of the path; it quotes TTL %d, so %s is hop %d - %d + 1 = %d",
			  d->q_ttl, from, s->ttl, d->q_ttl, s->ttl - d->q_ttl + 1);
	else
		text_addf(out, ": the end of the path, %s", from);
}

/* A whole packet, from its IP header on: what is looked up begins behind that. */
static struct trace_packet packet_of(const uint8_t *bytes, size_t len, bool is_whole, bool is_v6)
{
	struct trace_packet p = {.message = bytes, .len = len, .ttl = -1};
	size_t ip_len = is_v6 ? IP6_HDR : (size_t)(len ? (bytes[0] & 15) * 4 : 0);

	if (!is_whole || ip_len > len)
		return p;
	p.proto = is_v6 ? bytes[6] : bytes[9];
	p.ttl = is_v6 ? bytes[7] : bytes[8];
	p.message += ip_len;
	p.len -= ip_len;
	return p;
}

static void trace_sent(struct traceroute *t, const struct event *ev)
{
	const struct path *path = ev->target->notes;
	bool is_v6 = addr_is_v6(&ev->target->addr);
	struct trace_packet p = packet_of(ev->sent, ev->sent_len,
					  tr_family_of(t, &ev->target->addr)->is_raw, is_v6);
	struct explain_part parts[2];
	char comment[128];
	struct text out = text_make(comment, sizeof(comment));

	if (!p.len) /* a connect(): the kernel makes the packet */
		return;
	p.is_outgoing = true;
	if (!p.proto)
		p.proto = t->opts.method == METHOD_UDP ? IPPROTO_UDP :
			  is_v6                        ? IPPROTO_ICMPV6 :
							 IPPROTO_ICMP;
	p.src = path->src;
	p.dst = ev->target->addr;
	p.wall_ns = ev->probe->sent_wall_ns;
	p.comment = comment;
	p.parts = parts;
	p.n_parts = data_parts(t, parts);
	text_addf(&out, "probe %u with TTL %u, ", ev->seq, path->shots[ev->seq - 1].ttl);
	say_mark(t, ev->seq, &out);
	trace_add(t->trace, &p);
}

static void trace_received(struct traceroute *t, const struct event *ev)
{
	const struct path *path = ev->target->notes;
	const struct shot *s = path && ev->seq <= path->n_shots ? &path->shots[ev->seq - 1] : NULL;
	struct trace_packet p =
		packet_of(ev->in->bytes, ev->in->len, ev->in->layer, addr_is_v6(&t->detail.from));
	struct explain_part parts[2];
	char comment[300];
	struct text out = text_make(comment, sizeof(comment));

	/* An error queue shows too little of a packet to be shown as one. */
	if (ev->in->kind == LINK_ERROR || !ev->in->len)
		return;
	if (ev->in->layer == LINK_L4) {
		p.proto = ev->in->proto;
		p.ttl = ev->in->ttl;
	}
	p.src = t->detail.from;
	p.dst = path ? path->src : ev->target->addr;
	p.wall_ns = ev->in->wall_ns ? ev->in->wall_ns : clock_wall(t->run->clock);
	p.comment = comment;
	p.parts = parts;
	p.n_parts = data_parts(t, parts);
	say_conclusion(t, ev, s, &out);
	trace_add(t->trace, &p);
}

/* A packet of a capture, which is all there. */
static void trace_captured(struct traceroute *t, const struct event *ev)
{
	const struct path *path = ev->target->notes;
	const struct shot *s = &path->shots[ev->seq - 1];
	bool is_sent = ev->kind == EVENT_SENT;
	char comment[300];
	struct text out = text_make(comment, sizeof(comment));
	struct trace_packet p = {
		.is_outgoing = is_sent,
		.message = is_sent ? ev->sent : ev->in->bytes,
		.len = is_sent ? ev->sent_len : ev->in->len,
		.is_frame = true,
		.frame_start = DISSECT_L3,
		.ttl = -1,
		.wall_ns = is_sent ? ev->probe->sent_wall_ns : ev->in->wall_ns,
		.comment = comment,
	};

	if (is_sent)
		text_addf(&out, "probe %u with TTL %u", ev->seq, s->ttl);
	else
		say_conclusion(t, ev, s, &out);
	trace_add(t->trace, &p);
}

void tr_trace(struct traceroute *t, const struct event *ev)
{
	struct route_query query = {.oif = t->opts.ifindex, .mark = t->opts.mark};

	if (!t->trace)
		return;
	if (t->opts.read) {
		if (ev->kind == EVENT_SENT || ev->kind == EVENT_ANSWER)
			trace_captured(t, ev);
		return;
	}
	if (ev->kind == EVENT_TARGET) {
		query.dst = ev->target->addr;
		trace_route(t->trace, &query);
	} else if (ev->kind == EVENT_SENT) {
		trace_sent(t, ev);
	} else if (ev->kind == EVENT_ANSWER && ev->target) {
		trace_received(t, ev);
	}
}
