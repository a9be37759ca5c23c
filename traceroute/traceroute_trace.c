/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_trace - the evidence of --explain, --hex and --pcap: which packet, and which of its
 * fields proved which hop.
 */
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "build/recipes.h"
#include "traceroute.h"
#include "wire/tcp.h"
#include "wire/udp.h"

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

/* What names a probe of ours, in what is quoted of it. */
static void say_mark(struct traceroute *t, const struct event *ev, struct text *out)
{
	static const char *const where[] = {
		[METHOD_UDP] = "IP ID and UDP checksum",
		[METHOD_ICMP] = "IP ID and ICMP sequence number",
		[METHOD_TCP] = "IP ID and low half of the sequence number",
		[METHOD_UDPLITE] = "IP ID and UDP-Lite checksum",
		[METHOD_RAW] = "IP ID",
	};
	uint16_t mark = probe_mark(t, ev->seq);

	if (tr_family_of(t, &ev->target->addr)->is_raw)
		text_addf(out, "mark 0x%04x (%s)", mark, where[t->opts.method]);
	else if (t->opts.method == METHOD_UDP)
		text_addf(out, "UDP destination port %u", probe_port(t, ev->seq));
	else if (t->opts.method == METHOD_ICMP)
		text_addf(out, "ICMP sequence number 0x%04x", mark);
	else
		text_add(out, "TCP source port, by which the kernel knows its socket");
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

static void say_conclusion(struct traceroute *t, const struct event *ev, struct text *out)
{
	const struct tr_detail *d = &t->detail;
	unsigned ttl = path_ttl(ev->target->notes, ev->seq);
	char from[ADDR_TEXT_MAX];

	text_addf(out, "answer to probe %u sent with TTL %u", ev->seq, ttl);
	if (ev->verdict != VERDICT_OK)
		text_addf(out, ", verdict %s", verdict_word(ev->verdict));
	addr_text(&d->from, from);
	if (ev->in->kind == LINK_ERROR)
		text_add(out, ", off the error queue");
	if (d->q_ttl >= 0 || ev->in->kind == LINK_ERROR)
		text_add(out, ", known by the quoted ");
	if (d->q_ttl >= 0 && t->opts.read)
		say_quoted(t, ev, out);
	else if (d->q_ttl >= 0 || ev->in->kind == LINK_ERROR)
		say_mark(t, ev, out);
	if (d->kind == ANSWER_TRANSIT)
		text_addf(out, ": its TTL ran out, so %s is hop %u", from, ttl);
	else if (d->q_ttl > 0 && (unsigned)d->q_ttl <= ttl)
		text_addf(out,
			  ": the end of the path; it quotes TTL %d, so %s is hop %u - %d + 1 = %u",
			  d->q_ttl, from, ttl, d->q_ttl, ttl - (unsigned)d->q_ttl + 1);
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

/* A connection has no packets that a program could see: what the kernel tells of it is all. */
static void tell_connect(struct traceroute *t, const struct event *ev)
{
	bool is_refused = t->detail.tcp_flags & TCP_F_RST;
	unsigned ttl = path_ttl(ev->target->notes, ev->seq);
	char addr[ADDR_TEXT_MAX];

	if (!t->run->options.is_explain)
		return;
	addr_text(&ev->target->addr, addr);
	if (ev->kind == EVENT_SENT)
		out_text(&t->run->out,
			 "connect() to %s port %u with TTL %u, probe %u: the kernel makes the "
			 "segment\n",
			 addr, t->opts.port, ttl, ev->seq);
	else
		out_text(
			&t->run->out,
			"connect() of probe %u, sent with TTL %u, %s: %s came, the end of the path, "
			"%s\n",
			ev->seq, ttl, is_refused ? "was refused (ECONNREFUSED)" : "succeeded",
			is_refused ? "a RST" : "a SYN-ACK", addr);
}

static uint8_t proto_of(const struct traceroute *t, bool is_v6)
{
	if (t->opts.method == METHOD_ICMP)
		return is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	return t->opts.proto;
}

static void trace_sent(struct traceroute *t, const struct event *ev)
{
	const struct path *path = ev->target->notes;
	bool is_v6 = addr_is_v6(&ev->target->addr);
	const struct tr_family *f = tr_family_of(t, &ev->target->addr);
	struct trace_packet p = packet_of(ev->sent, ev->sent_len, f->is_raw, is_v6);
	struct explain_part parts[2];
	char comment[160];
	struct text out = text_make(comment, sizeof(comment));

	if (!p.len) {
		tell_connect(t, ev);
		return;
	}
	p.is_outgoing = true;
	if (!f->is_raw) {
		p.proto = proto_of(t, is_v6);
		p.ttl = path_ttl(path, ev->seq);
		p.is_payload = t->opts.method == METHOD_UDP;
		p.src_port = f->id;
		p.dst_port = probe_port(t, ev->seq);
	}
	p.src = path->src;
	p.dst = ev->target->addr;
	p.wall_ns = ev->probe->sent_wall_ns;
	p.comment = comment;
	p.parts = parts;
	p.n_parts = data_parts(t, parts);
	text_addf(&out, "probe %u with TTL %u, ", ev->seq, path_ttl(path, ev->seq));
	say_mark(t, ev, &out);
	trace_add(t->trace, &p);
}

/*
 * Of an error the queue tells the parts. What it shows of a datagram begins behind the header of
 * UDP, which is put back.
 */
static void trace_queued(struct traceroute *t, const struct event *ev, struct trace_packet p)
{
	const struct tr_detail *d = &t->detail;
	bool is_v6 = addr_is_v6(&d->from);
	struct recipe_error error = {
		.type = d->type,
		.code = d->code,
		.rest = is_v6 && d->type != ICMP_V6_TOO_BIG ? 0 : d->info,
		.objects = d->ext.objects.buf,
		.objects_len = d->ext.objects.len,
	};
	size_t len = ev->in->error.ext_off ? ev->in->error.ext_off : ev->in->len;
	size_t most = probe_len(t, is_v6) - (is_v6 ? IP6_HDR : IP4_HDR);
	uint8_t datagram[256];
	struct wr w = wr_make(datagram, sizeof(datagram));
	struct pkt_spec spec;

	p.message = ev->in->bytes;
	p.len = len < most ? len : most;
	p.proto = proto_of(t, is_v6);
	if (t->opts.method == METHOD_UDP) {
		if (p.len > sizeof(datagram) - UDP_HDR_LEN)
			p.len = sizeof(datagram) - UDP_HDR_LEN;
		spec = recipe_udp(&p.dst, &ev->in->to, tr_family_of(t, &d->from)->id, ev->in->port,
				  p.message, p.len);
		spec.from = PKT_FROM_L4;
		if (pkt_build(t->builder, &spec, &w, NULL) < 0)
			return;
		p.message = w.buf;
		p.len = w.len;
	}
	p.error = &error;
	p.quoted_dst = ev->in->to;
	p.quote_len = p.len;
	p.ttl = d->reply_ttl;
	trace_add(t->trace, &p);
}

static void trace_received(struct traceroute *t, const struct event *ev)
{
	const struct path *path = ev->target->notes;
	struct trace_packet p =
		packet_of(ev->in->bytes, ev->in->len, ev->in->layer, addr_is_v6(&t->detail.from));
	struct explain_part parts[2];
	char comment[300];
	struct text out = text_make(comment, sizeof(comment));

	if (!path)
		return;
	if (!ev->in->len && ev->in->kind == LINK_PACKET) {
		tell_connect(t, ev);
		return;
	}
	if (ev->in->layer == LINK_L4) {
		p.proto = ev->in->proto;
		p.ttl = ev->in->ttl;
	}
	p.src = t->detail.from;
	p.dst = path->src;
	p.wall_ns = ev->in->wall_ns ? ev->in->wall_ns : clock_wall(t->run->clock);
	p.comment = comment;
	p.parts = parts;
	p.n_parts = data_parts(t, parts);
	say_conclusion(t, ev, &out);
	if (ev->in->kind == LINK_ERROR)
		trace_queued(t, ev, p);
	else
		trace_add(t->trace, &p);
}

/* A packet of a capture, which is all there. */
static void trace_captured(struct traceroute *t, const struct event *ev)
{
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
		text_addf(&out, "probe %u with TTL %u", ev->seq,
			  path_ttl(ev->target->notes, ev->seq));
	else
		say_conclusion(t, ev, &out);
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
