/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_judge - which probe an answer is about, and what it says. Pure: no I/O, no clock.
 *
 * An error is about our probe if it quotes our ports (or identifier) and one mark, or both marks:
 * a NAT may have changed ports and checksum, and a router may have mangled the IP ID, but nobody
 * changes all of it. What a stranger sends would have to guess ports and marks at once.
 */
#include "traceroute.h"
#include "wire/csum.h"
#include "wire/dissect.h"
#include "wire/quote.h"
#include "wire/tcp.h"

/* What a quote says about which probe it was. */
struct marks {
	bool has_ports; /* ports, or the identifier of ICMP, are those of this run */
	bool has_l4, has_id;
	uint16_t l4, id;
	uint16_t restored; /* l4 as it was before somebody changed addresses and ports */
};

static bool is_ours(const struct traceroute *t, uint16_t port)
{
	return t->opts.is_classic ? port >= t->opts.port : port == t->opts.port;
}

static bool is_our_source(const struct traceroute *t, uint16_t first, uint16_t port)
{
	return t->opts.is_multi ? (uint16_t)(port - first) < t->opts.max_flows : port == first;
}

/* UDP-Lite stands as UDP does, but for the octets it covers: quote knows no checksum of it. */
static uint16_t udplite_csum(const struct quote *q)
{
	struct rd r = rd_make(q->l4, q->l4_len);

	rd_skip(&r, 6);
	return rd_u16(&r);
}

/* Takes an address out of a running sum: RFC 1624. */
static uint32_t without_addr(uint32_t sum, const struct addr *a)
{
	for (unsigned i = 0; i < a->len; i += 2)
		sum += 0xffffu - (uint32_t)(a->bytes[i] << 8 | a->bytes[i + 1]);
	return sum;
}

/* The checksum that a quoted @csum was before addresses and ports were changed. */
static uint16_t restore(struct traceroute *t, const struct quote *q, const struct target *target,
			uint16_t csum)
{
	const struct path *p = target->notes;
	uint32_t sum = (uint16_t)~csum;

	if (!q->has_ip || !p || q->src.len != p->src.len)
		return csum;
	sum = without_addr(without_addr(sum, &q->src), &q->dst);
	sum += 2 * 0xffffu - q->src_port - q->dst_port;
	sum = csum_add(csum_add(sum, p->src.bytes, p->src.len), target->addr.bytes,
		       target->addr.len);
	sum += tr_family_of(t, &target->addr)->id + (uint32_t)t->opts.port;
	return csum_fold(sum);
}

static struct marks marks_of(struct traceroute *t, const struct quote *q,
			     const struct target *target)
{
	uint16_t id = tr_family_of(t, &q->dst)->id;
	struct marks m = {.has_id = q->has_ip && q->dst.len == 4 && q->ip_id, .id = q->ip_id};

	switch (t->opts.method) {
	case METHOD_UDP:
		m.has_l4 = q->has_l4_csum;
		m.l4 = q->l4_csum;
		break;
	case METHOD_UDPLITE:
		m.has_l4 = q->l4 && q->l4_len >= 8;
		m.l4 = m.has_l4 ? udplite_csum(q) : 0;
		break;
	case METHOD_TCP:
		m.has_l4 = q->has_tcp_seq;
		m.l4 = m.restored = (uint16_t)q->tcp_seq;
		break;
	case METHOD_ICMP:
		m.has_l4 = q->has_icmp;
		m.has_ports = q->has_icmp && q->icmp_id == id;
		m.l4 = m.restored = q->icmp_seq;
		return m;
	case METHOD_RAW: m.has_ports = true; return m;
	}
	if (m.has_l4 && t->opts.method != METHOD_TCP)
		m.restored = restore(t, q, target, m.l4);
	m.has_ports = q->has_ports && is_our_source(t, id, q->src_port) && is_ours(t, q->dst_port);
	return m;
}

/* The target with that address, by its first probe. */
static struct target *find_target(const struct traceroute *t, const struct addr *addr)
{
	struct probe *probe = probe_find(engine_probes(t->engine), addr, 1);

	return probe ? probe->target : NULL;
}

static struct probe *find_marked(const struct traceroute *t, const struct addr *dst, uint16_t mark)
{
	return probe_find(engine_probes(t->engine), dst, probe_seq(t, mark));
}

/*
 * The probe to @target that both marks point to, or one mark with the ports and the address. A
 * checksum that was changed with them still counts, once the change is taken back.
 */
static struct probe *find_probe(struct traceroute *t, const struct quote *q,
				const struct target *target)
{
	struct marks m = marks_of(t, q, target);
	struct probe *by_id = m.has_id ? find_marked(t, &target->addr, m.id) : NULL;
	struct probe *by_l4 = m.has_l4 ? find_marked(t, &target->addr, m.l4) : NULL;
	struct probe *restored = m.has_l4 ? find_marked(t, &target->addr, m.restored) : NULL;

	if (by_id && (by_id == by_l4 || by_id == restored))
		return by_id;
	if (!addr_same(&q->dst, &target->addr))
		return NULL;
	if (m.has_ports)
		return by_l4 ? by_l4 : by_id;
	return q->dst.len == 16 && is_ours(t, q->dst_port) ? restored : NULL;
}

/* A raw protocol over IPv6 has no mark but its cookie. */
static struct probe *find_by_cookie(const struct traceroute *t, const struct quote *q)
{
	struct target *target = find_target(t, &q->dst);
	struct rd r = rd_make(q->l4, q->l4_len);
	uint64_t cookie;

	rd_skip(&r, probe_cookie_at(t));
	cookie = rd_u64(&r);
	for (uint32_t seq = target && !r.bad ? target->seq : 0; seq; seq--) {
		struct probe *probe = probe_find(engine_probes(t->engine), &q->dst, (uint16_t)seq);

		if (probe && probe_cookie(t, &q->dst, probe->seq) == cookie)
			return probe;
	}
	return NULL;
}

/* The probe that @q quotes; NULL if it is none of ours. */
static struct probe *quoted_probe(struct traceroute *t, const struct quote *q)
{
	uint8_t icmp = addr_is_v6(&q->dst) ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	uint8_t proto = t->opts.method == METHOD_ICMP ? icmp : t->opts.proto;
	struct target *target = find_target(t, &q->dst);
	struct probe *probe;

	if (q->proto != proto)
		return NULL;
	if (t->opts.method == METHOD_RAW && addr_is_v6(&q->dst))
		return find_by_cookie(t, q);
	if (target)
		return find_probe(t, q, target);
	/* About 2 % of quotes have another destination; so has one that a NAT has changed. */
	if (t->is_many)
		return NULL;
	target = engine_first_target(t->engine);
	probe = target && target->addr.len == q->dst.len ? find_probe(t, q, target) : NULL;
	return probe;
}

enum answer_kind kind_of_error(const struct traceroute *t, bool is_v6, uint8_t type, uint8_t code)
{
	if (type == (is_v6 ? (uint8_t)ICMP_V6_TIME_EXCEEDED : (uint8_t)ICMP_V4_TIME_EXCEEDED))
		return code == 0 ? ANSWER_TRANSIT : ANSWER_REFUSED;
	if (type == (is_v6 ? (uint8_t)ICMP_V6_UNREACHABLE : (uint8_t)ICMP_V4_UNREACHABLE) &&
	    code == (is_v6 ? (uint8_t)ICMP_V6_PORT_UNREACHABLE : (uint8_t)ICMP_V4_PORT_UNREACHABLE))
		return ANSWER_REACHED;
	/* Only a host says that it does not know a protocol. */
	if ((t->opts.method == METHOD_RAW || t->opts.method == METHOD_UDPLITE) &&
	    (is_v6 ? type == ICMP_V6_PARAMETER && code == 1 :
		     type == ICMP_V4_UNREACHABLE && code == ICMP_V4_PROTO_UNREACHABLE))
		return ANSWER_REACHED;
	return ANSWER_REFUSED;
}

static void judge_error(struct traceroute *t, bool is_v6, const struct icmp_hdr *icmp,
			struct probe *probe, struct judgement *j)
{
	struct tr_detail *d = &t->detail;

	d->is_icmp = true;
	d->type = icmp->type;
	d->code = icmp->code;
	d->info = icmp->info;
	d->kind = kind_of_error(t, is_v6, icmp->type, icmp->code);
	j->kind = JUDGED_ANSWER;
	j->verdict = VERDICT_OK;
	j->probe = probe;
	j->seq = probe->seq;
}

static void judge_end(struct probe *probe, struct judgement *j)
{
	j->kind = JUDGED_ANSWER;
	j->verdict = VERDICT_OK;
	j->probe = probe;
	j->seq = probe->seq;
}

/* An echo reply brings the cookie back, or as much of it as it has room for. */
static void judge_echo(struct traceroute *t, const struct icmp_hdr *icmp, const uint8_t *data,
		       size_t len, struct judgement *j)
{
	struct probe *probe = find_marked(t, &t->detail.from, icmp->seq);
	struct rd r = rd_make(data, len);
	uint64_t cookie;

	if (t->opts.method != METHOD_ICMP || !probe ||
	    icmp->id != tr_family_of(t, &t->detail.from)->id)
		return;
	rd_skip(&r, probe_cookie_at(t));
	cookie = rd_u64(&r);
	t->detail.kind = ANSWER_REACHED;
	judge_end(probe, j);
	if (!r.bad && cookie != probe_cookie(t, &probe->target->addr, probe->seq))
		j->verdict = VERDICT_FORGED;
}

/* RFC 9293 3.5.2, 3.10.7: who answers a SYN acknowledges its sequence number. */
static void judge_tcp(struct traceroute *t, const struct tcp_hdr *tcp, struct judgement *j)
{
	const struct addr *from = &t->detail.from;
	bool has_ack = tcp->flags & TCP_F_ACK;
	uint8_t sent = t->opts.tcp_flags;
	uint32_t n_counted = (sent & TCP_F_SYN ? 1u : 0) + (sent & TCP_F_FIN ? 1u : 0);
	uint32_t seq = has_ack ? tcp->ack - n_counted : tcp->seq;
	struct probe *probe = find_marked(t, from, (uint16_t)seq);

	/* Only what answers an ACK has none: RFC 9293 3.10.7.1. */
	if (t->opts.method != METHOD_TCP || !probe || (!has_ack && !(sent & TCP_F_ACK)) ||
	    tcp->src_port != t->opts.port ||
	    !is_our_source(t, tr_family_of(t, from)->id, tcp->dst_port) ||
	    seq >> 16 != (uint16_t)probe_cookie(t, from, probe->seq))
		return;
	t->detail.kind = ANSWER_REACHED;
	t->detail.tcp_flags = (uint8_t)tcp->flags;
	judge_end(probe, j);
}

/* A service answers in its own words: only our data come back says to which probe, if any does. */
static void judge_udp(struct traceroute *t, const struct udp_hdr *udp, const uint8_t *data,
		      size_t len, struct judgement *j)
{
	const struct addr *from = &t->detail.from;
	struct target *target = find_target(t, from);
	struct rd r = rd_make(data, len);
	struct probe *oldest = NULL;
	uint64_t cookie;

	if (t->opts.method != METHOD_UDP || !target || !is_ours(t, udp->src_port) ||
	    udp->dst_port != tr_family_of(t, from)->id)
		return;
	rd_skip(&r, probe_cookie_at(t));
	cookie = rd_u64(&r);
	for (uint32_t seq = target->seq; seq; seq--) {
		struct probe *probe = probe_find(engine_probes(t->engine), from, (uint16_t)seq);

		if (!probe)
			continue;
		if (!r.bad && cookie == probe_cookie(t, from, seq)) {
			oldest = probe;
			break;
		}
		if (probe->state == PROBE_OUTSTANDING)
			oldest = probe;
	}
	if (!oldest)
		return;
	t->detail.kind = ANSWER_REACHED;
	judge_end(oldest, j);
}

/* An ICMP message, as the dissector saw it. */
static void judge_icmp(struct traceroute *t, const struct dissect *d, struct judgement *j)
{
	bool is_v6 = addr_is_v6(&t->detail.from);
	struct probe *probe;

	if (d->icmp.type == (is_v6 ? (uint8_t)ICMP_V6_ECHO_REPLY : (uint8_t)ICMP_V4_ECHO_REPLY)) {
		judge_echo(t, &d->icmp, d->payload, d->payload_len, j);
	} else if (icmp_is_error(is_v6, d->icmp.type) && d->has_quote) {
		probe = quoted_probe(t, &d->quote);
		t->detail.q_ttl = d->quote.ttl;
		t->detail.ext = d->ext;
		if (!probe)
			return;
		changes_find(t, &d->quote, probe, &t->detail.changes);
		judge_error(t, is_v6, &d->icmp, probe, j);
	}
}

/* A packet with its IPv4 header, as a raw socket gives it. */
static void judge_packet(struct traceroute *t, const struct link_in *in, struct judgement *j)
{
	struct dissect d;

	(void)dissect_packet(DISSECT_L3, in->bytes, in->len, &d);
	/* The sum of a segment from this machine is left to hardware that it never meets. */
	if (!d.src.len || (d.l4_csum == CSUM_BAD && dissect_has(&d, LAYER_ICMP4)))
		return;
	t->detail = (struct tr_detail){.from = d.src, .reply_ttl = d.ttl, .q_ttl = -1};
	if (dissect_has(&d, LAYER_ICMP4))
		judge_icmp(t, &d, j);
	else if (dissect_has(&d, LAYER_TCP))
		judge_tcp(t, &d.tcp, j);
}

/* A connection that was accepted or refused: the link knows whose probe it was. */
static void judge_connect(struct traceroute *t, const struct link_in *in, struct judgement *j)
{
	struct probe *probe = probe_get(engine_probes(t->engine), in->tag);

	if (!probe)
		return;
	t->detail.kind = ANSWER_REACHED;
	t->detail.tcp_flags = in->error.sys ? TCP_F_RST | TCP_F_ACK : TCP_F_SYN | TCP_F_ACK;
	judge_end(probe, j);
}

/*
 * A message without its IP header: from every socket of IPv6, whose kernel has checked the sum, and
 * from those that need no privilege.
 */
static void judge_message(struct traceroute *t, const struct link_in *in, struct judgement *j)
{
	struct rd r = rd_make(in->bytes, in->len);
	struct udp_hdr udp = {.src_port = in->port, .dst_port = tr_family_of(t, &in->from)->id};
	struct tcp_hdr tcp;
	struct dissect d;

	t->detail = (struct tr_detail){.from = in->from, .reply_ttl = in->ttl, .q_ttl = -1};
	if (in->proto == IPPROTO_UDP) {
		judge_udp(t, &udp, in->bytes, in->len, j);
	} else if (in->proto == IPPROTO_TCP) {
		if (tcp_parse(&r, &tcp) == 0)
			judge_tcp(t, &tcp, j);
	} else if (in->proto) {
		(void)dissect_packet(addr_is_v6(&in->from) ? DISSECT_ICMP6 : DISSECT_ICMP4,
				     in->bytes, in->len, &d);
		if (dissect_has(&d, addr_is_v6(&in->from) ? LAYER_ICMP6 : LAYER_ICMP4))
			judge_icmp(t, &d, j);
	} else {
		judge_connect(t, in, j);
	}
}

/* An error about what such a socket has sent: port or sequence number say which it was. */
static void judge_queued_error(struct traceroute *t, const struct link_in *in, struct judgement *j)
{
	bool is_v6 = addr_is_v6(&in->to);
	struct icmp_hdr icmp = {
		.type = in->error.type, .code = in->error.code, .info = in->error.info};
	struct rd all = rd_make(in->bytes, in->len), quoted;
	struct probe *probe = NULL;
	struct quote q;

	if (in->error.is_local)
		return;
	t->detail = (struct tr_detail){.from = in->from, .reply_ttl = in->ttl, .q_ttl = -1};
	quoted = rd_sub(&all, in->error.ext_off ? in->error.ext_off : in->len);
	if (in->error.ext_off)
		icmpext_check(rd_rest(&all), &t->detail.ext);
	if (t->opts.method == METHOD_UDP) {
		probe = probe_find(engine_probes(t->engine), &in->to,
				   (uint16_t)(in->port - t->opts.port + 1));
	} else if (t->opts.method == METHOD_TCP) {
		probe = probe_get(engine_probes(t->engine), in->tag);
	} else {
		quote_parse_l4(quoted, &in->to, is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, &q);
		if (q.has_icmp && q.icmp_id == tr_family_of(t, &in->to)->id)
			probe = find_marked(t, &in->to, q.icmp_seq);
	}
	if (probe)
		judge_error(t, is_v6, &icmp, probe, j);
}

void probe_judge(void *tool, const struct link_in *in, struct judgement *out)
{
	struct traceroute *t = tool;

	if (in->kind == LINK_ERROR)
		judge_queued_error(t, in, out);
	else if (in->layer == LINK_L4)
		judge_message(t, in, out);
	else
		judge_packet(t, in, out);
}
