/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping_trace - the evidence of --explain, --hex and --pcap: which packet, and what we made of it.
 */
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "ping.h"

/* The names of our own octets in the data. */
static unsigned mark_parts(const struct ping *p, size_t size, struct explain_part *parts)
{
	size_t mark_len = ping_mark_len(p);
	unsigned n = 0;

	if (mark_len >= COOKIE_LEN)
		parts[n++] = (struct explain_part){
			0, COOKIE_LEN, "cookie",
			"keyed hash (SipHash) of target, seq and probe number: proof that the answer is to our question"};
	if (mark_len >= COOKIE_MARK_LEN)
		parts[n++] = (struct explain_part){
			COOKIE_LEN, COOKIE_LEN, "probe number",
			"counts the probes of the run in 64 bits; no time is sent, so none can be forged"};
	if (size > mark_len)
		parts[n++] = (struct explain_part){mark_len, size - mark_len, "pattern",
						   "compared octet by octet with what comes back"};
	return n;
}

static void say_conclusion(const struct ping *p, const struct event *ev, struct text *t)
{
	const struct ping_detail *d = &p->detail;
	char words[ICMP_TEXT_MAX];
	uint16_t seq = (uint16_t)ev->seq;

	if (ev->kind != EVENT_ANSWER) {
		text_addf(t, "ICMP error about probe seq=%u: %s", seq,
			  icmp_text(addr_is_v6(&d->from), d->type, d->code, d->info, words));
		return;
	}
	text_addf(t, "answer to seq=%u, verdict %s", seq, verdict_word(ev->verdict));
	switch (ev->verdict) {
	case VERDICT_OK: text_add(t, ": asked address, cookie and data are right"); break;
	case VERDICT_DUPLICATE: text_add(t, ": this probe was answered before"); break;
	case VERDICT_LATE: text_add(t, ": the timeout had passed, the probe stays lost"); break;
	case VERDICT_CORRUPT: text_add(t, ": the data is not what was sent"); break;
	case VERDICT_FOREIGN: text_add(t, ": not from the address that was asked"); break;
	case VERDICT_FORGED: text_add(t, ": the cookie is not ours"); break;
	case VERDICT_TRUNCATED: text_add(t, ": the data came back short"); break;
	}
	if (ev->has_rtt)
		text_addf(t, ", rtt %.6f ms (%s clock)", (double)ev->rtt_ns / NS_PER_MS,
			  rtt_clock_word(ev->rtt_clock));
}

static void trace_sent(struct ping *p, const struct event *ev)
{
	bool is_v6 = addr_is_v6(&ev->target->addr);
	struct explain_part parts[3];
	char comment[128];
	struct text t = text_make(comment, sizeof(comment));
	size_t ip_len = !p->message ? 0 : is_v6 ? 40 : 20; /* --frag: a whole packet was sent */
	struct trace_packet packet = {
		.is_outgoing = true,
		.message = ev->sent + ip_len,
		.len = ev->sent_len - ip_len,
		.proto = is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
		.src = ping_source_to(p, &ev->target->addr),
		.dst = ev->target->addr,
		.ttl = p->opts.sock.ttl,
		.wall_ns = ev->probe->sent_wall_ns,
		.comment = comment,
		.parts = parts,
		.n_parts = mark_parts(p, ping_size_of(p, ev->probe), parts),
	};

	text_addf(&t, "probe seq=%u, number %llu", (uint16_t)ev->seq,
		  (unsigned long long)ev->probe->n);
	trace_add(p->trace, &packet);
}

/* Octets 4-7 of the error whose parts came off the error queue, as far as the kernel tells them. */
static uint32_t error_rest(const struct ping_detail *d)
{
	if (addr_is_v6(&d->from))
		return d->type == ICMP_V6_TOO_BIG || d->type == ICMP_V6_PARAMETER ? d->info : 0;
	return d->type == ICMP_V4_PARAMETER ? d->info << 24 : d->info; /* RFC 792: one octet */
}

static void trace_received(struct ping *p, const struct event *ev)
{
	bool is_v6 = addr_is_v6(&ev->in->from);
	struct explain_part parts[3];
	char comment[200];
	struct text t = text_make(comment, sizeof(comment));
	size_t ip_len = p->detail.has_ip4 ? p->detail.ip4.hdr_len : 0;
	size_t size = ev->probe ? ping_size_of(p, ev->probe) : p->opts.size;
	struct recipe_error error = {
		.type = p->detail.type,
		.code = p->detail.code,
		.rest = error_rest(&p->detail),
		.objects = p->detail.ext.objects.buf,
		.objects_len = p->detail.ext.objects.len,
	};
	struct trace_packet packet = {
		.message = ev->in->bytes + ip_len,
		.len = ev->in->len - ip_len,
		.proto = is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
		.src = p->detail.from,
		.dst = ping_source_to(p, &p->detail.from),
		.ttl = p->detail.ttl,
		.wall_ns = ev->in->wall_ns ? ev->in->wall_ns : clock_wall(p->run->clock),
		.comment = comment,
		.parts = parts,
		.n_parts = mark_parts(p, size, parts),
		.error = ev->in->kind == LINK_ERROR ? &error : NULL,
		.quoted_dst = ev->in->to,
		.quote_len = PING_HDR_LEN + size,
	};

	say_conclusion(p, ev, &t);
	trace_add(p->trace, &packet);
}

void ping_trace(struct ping *p, const struct event *ev)
{
	struct route_query query = {
		.src = p->opts.source,
		.oif = p->opts.sock.ifindex,
		.mark = p->opts.sock.mark,
	};

	if (!p->trace)
		return;
	switch (ev->kind) {
	case EVENT_TARGET:
		query.dst = ev->target->addr;
		trace_route(p->trace, &query);
		break;
	case EVENT_SENT: trace_sent(p, ev); break;
	case EVENT_ANSWER:
	case EVENT_ERROR:
	case EVENT_HINT: trace_received(p, ev); break;
	case EVENT_NO_TARGET:
	case EVENT_UNSENT:
	case EVENT_WAITING:
	case EVENT_TIMEOUT:
	case EVENT_TARGET_DONE: break;
	}
}
