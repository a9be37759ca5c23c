/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping_probe - the echo request and the judging of what comes back. Pure: no I/O, no clock.
 *
 * Data of a probe: octets 0-7 the cookie, 8-15 the probe number, then the pattern. Whatever the
 * data has no room for is done without: below 16 octets the probe is known by address and seq,
 * below 8 a forgery cannot be told from an answer.
 */
#include <stdlib.h>
#include <string.h>

#include "build/recipes.h"
#include "ping.h"
#include "wire/csum.h"
#include "wire/quote.h"

/* Of the cookie's 8 octets: more right by chance than this happens once in 10^8 forgeries. */
#define COOKIE_MATCH_MIN 4u

size_t ping_mark_len(const struct ping *p)
{
	if (p->opts.is_raw_payload || p->opts.size < COOKIE_LEN)
		return 0;
	return p->opts.size < COOKIE_MARK_LEN ? COOKIE_LEN : COOKIE_MARK_LEN;
}

static uint8_t pattern_at(const struct ping *p, size_t i)
{
	return p->opts.pattern_len ? p->opts.pattern[i % p->opts.pattern_len] : (uint8_t)i;
}

static int make_template(struct ping *p, struct ping_family *f, struct pkt *builder,
			 struct why *why)
{
	struct addr any = {.len = f == &p->v6 ? 16 : 4};
	size_t len = PING_HDR_LEN + p->opts.size, mark_len = ping_mark_len(p);
	uint8_t *data = calloc(1, p->opts.size + 1);
	struct pkt_spec spec;
	struct wr w;
	int err;

	f->template = malloc(len);
	if (!f->template || !data) {
		free(data);
		return why_set(why, E_MEM, "out of memory");
	}
	for (size_t i = mark_len; i < p->opts.size; i++)
		data[i] = pattern_at(p, i);
	spec = recipe_echo(&any, &any, false, f->id, 0, data, p->opts.size);
	spec.from = PKT_FROM_L4;
	w = wr_make(f->template, len);
	err = pkt_build(builder, &spec, &w, why);
	free(data);
	put_u16(f->template + 2, 0);
	f->template_sum = csum_add(0, f->template, len);
	return err;
}

int ping_prepare(struct ping *p, struct why *why)
{
	struct pkt *builder = pkt_new();
	int err = builder ? 0 : why_set(why, E_MEM, "out of memory");

	if (!err && p->v4.link)
		err = make_template(p, &p->v4, builder, why);
	if (!err && p->v6.link)
		err = make_template(p, &p->v6, builder, why);
	pkt_free(builder);
	return err;
}

size_t ping_size_of(const struct ping *p, const struct probe *probe)
{
	return p->opts.is_mtu ? ping_mtu_size_of(probe) : p->opts.size;
}

/* The message of @probe, with @size octets of data, to @at. */
static void write_message(const struct ping *p, const struct ping_family *f,
			  const struct probe *probe, size_t size, uint8_t *at)
{
	size_t mark_len = ping_mark_len(p);
	uint8_t mark[COOKIE_MARK_LEN];
	uint16_t seq = (uint16_t)probe->seq;

	memcpy(at, f->template, PING_HDR_LEN + size);
	put_u16(at + 6, seq);
	put_u64(mark, cookie_make(&p->key, &probe->target->addr, seq, probe->n));
	put_u64(mark + COOKIE_LEN, probe->n);
	memcpy(at + PING_HDR_LEN, mark, mark_len);
	/*
	 * Only what differs from the template is summed. The kernel sums ICMPv6, with its
	 * pseudo-header.
	 */
	if (f == &p->v4 && size == p->opts.size)
		put_u16(at + 2, csum_fold(csum_add(f->template_sum + seq, mark, mark_len)));
	else if (f == &p->v4)
		put_u16(at + 2, csum_ip(at, PING_HDR_LEN + size));
}

int ping_build(void *tool, const struct probe *probe, struct wr *out)
{
	struct ping *p = tool;
	const struct ping_family *f = ping_family_of(p, &probe->target->addr);
	size_t size = p->opts.is_mtu ? ping_mtu_send(p, probe) : p->opts.size;
	uint8_t *at = p->message ? p->message : wr_space(out, PING_HDR_LEN + size);

	if (!at)
		return E_FULL;
	write_message(p, f, probe, size, at);
	if (!p->message)
		return 0;
	return ping_frag_wrap(p, &probe->target->addr, PING_HDR_LEN + size, out);
}

/* An address that many hosts, or another than itself, may rightly answer for. */
static bool is_answered_by_others(const struct ping *p, const struct addr *asked,
				  const struct addr *from)
{
	if (addr_is_multicast(asked) || addr_is_any(asked) ||
	    (p->opts.sock.broadcast && asked->len == 4))
		return true;
	/*
	 * The subnet-router anycast address (RFC 4291 2.6.1) is answered from a unicast one (RFC
	 * 4443 4.2).
	 */
	if (addr_is_v6(asked)) {
		static const uint8_t zero[8];

		return memcmp(asked->bytes + 8, zero, 8) == 0 && addr_in_prefix(from, asked, 64);
	}
	return false;
}

/*
 * How many octets of the probe's cookie @data begins with; all 8 when there is no cookie to
 * compare.
 */
static unsigned cookie_match(const struct ping *p, const struct addr *asked, uint16_t seq,
			     uint64_t n, const uint8_t *data, size_t len)
{
	uint8_t cookie[COOKIE_LEN];
	unsigned same = 0;

	if (len > ping_mark_len(p))
		len = ping_mark_len(p);
	if (len < COOKIE_LEN)
		return COOKIE_LEN;
	put_u64(cookie, cookie_make(&p->key, asked, seq, n));
	for (unsigned i = 0; i < COOKIE_LEN; i++)
		same += cookie[i] == data[i];
	return same;
}

/* The probe number that @data claims, or 0. */
static uint64_t claimed_n(const struct ping *p, const uint8_t *data, size_t len)
{
	struct rd r = rd_make(data, len);

	if (ping_mark_len(p) < COOKIE_MARK_LEN || len < COOKIE_MARK_LEN)
		return 0;
	rd_skip(&r, COOKIE_LEN);
	return rd_u64(&r);
}

/* Among the few that we ask one by one: the probe with that seq whose cookie @data shows best. */
static struct probe *find_among_few(struct ping *p, const struct addr *from, uint16_t seq,
				    const uint8_t *data, size_t len)
{
	struct probe *best = NULL;
	unsigned most = 0;

	for (struct target *t = engine_first_target(p->engine); t; t = t->next) {
		struct probe *probe = probe_find(engine_probes(p->engine), &t->addr, seq);
		unsigned same = probe ? cookie_match(p, &t->addr, seq, probe->n, data, len) : 0;

		if (probe && t->addr.len == from->len && (!best || same > most)) {
			best = probe;
			most = same;
		}
	}
	return best;
}

/*
 * The probe a packet speaks of. A right cookie proves it, whoever sent the packet, and where the
 * checksum is wrong against the seq of the header too; otherwise it is the last probe to @asked
 * with that seq. With the data damaged, a stranger's answer is still to one of the few we ask.
 */
static struct probe *find_probe(struct ping *p, const struct addr *asked, uint16_t seq,
				const uint8_t *data, size_t len)
{
	struct probe *probe = probe_get(engine_probes(p->engine), claimed_n(p, data, len));

	if (probe && len >= COOKIE_MARK_LEN &&
	    ((uint16_t)probe->seq == seq || p->detail.fault == FAULT_CHECKSUM) &&
	    cookie_match(p, &probe->target->addr, (uint16_t)probe->seq, probe->n, data, len) ==
		    COOKIE_LEN)
		return probe;
	probe = probe_find(engine_probes(p->engine), asked, seq);
	return probe || p->is_sweep ? probe : find_among_few(p, asked, seq, data, len);
}

/* The first octet of @data that is not as it was sent; @len if all are. */
static size_t first_difference(const struct ping *p, const struct probe *probe, uint16_t seq,
			       const uint8_t *data, size_t len, uint8_t *wanted)
{
	size_t mark_len = ping_mark_len(p);
	uint8_t mark[COOKIE_MARK_LEN];

	put_u64(mark, cookie_make(&p->key, &probe->target->addr, seq, probe->n));
	put_u64(mark + COOKIE_LEN, probe->n);
	for (size_t i = 0; i < len; i++) {
		*wanted = i < mark_len ? mark[i] : pattern_at(p, i);
		if (data[i] != *wanted)
			return i;
	}
	return len;
}

/* What the octets of an answer to @probe deserve. */
static enum verdict judge_data(struct ping *p, const struct probe *probe, const uint8_t *data,
			       size_t len)
{
	struct ping_detail *d = &p->detail;
	uint16_t seq = (uint16_t)probe->seq;
	size_t size = ping_size_of(p, probe), n = len < size ? len : size, at;

	if (cookie_match(p, &probe->target->addr, seq, probe->n, data, len) < COOKIE_MATCH_MIN)
		return VERDICT_FORGED;
	if (d->fault == FAULT_CHECKSUM)
		return VERDICT_CORRUPT;
	at = first_difference(p, probe, seq, data, n, &d->wanted);
	if (at < n) {
		d->fault = FAULT_OCTET;
		d->fault_at = at;
		d->got = data[at];
		return VERDICT_CORRUPT;
	}
	if (len > size) {
		d->fault = FAULT_LONGER;
		d->fault_at = len - size;
		return VERDICT_CORRUPT;
	}
	return len < size ? VERDICT_TRUNCATED : VERDICT_OK;
}

/* Whether the cookie proves an answer to a probe of ours that is too old to be in the table. */
static bool is_forgotten(const struct ping *p, const struct addr *from, uint16_t seq,
			 const uint8_t *data, size_t len)
{
	uint64_t n = claimed_n(p, data, len);

	return n && !probe_get(engine_probes(p->engine), n) &&
	       cookie_match(p, from, seq, n, data, len) == COOKIE_LEN;
}

static void judge_reply(struct ping *p, const struct icmp_hdr *icmp, struct rd body,
			struct judgement *j)
{
	struct ping_detail *d = &p->detail;
	size_t len = rd_left(&body);
	const uint8_t *data = rd_bytes(&body, len);
	struct probe *probe;

	d->id = icmp->id;
	if (icmp->id != ping_family_of(p, &d->from)->id)
		return;
	j->seq = icmp->seq;
	if (is_forgotten(p, &d->from, icmp->seq, data, len)) {
		j->kind = JUDGED_ANSWER;
		j->verdict = d->fault == FAULT_CHECKSUM ? VERDICT_CORRUPT : VERDICT_OK;
		return;
	}
	j->probe = probe = find_probe(p, &d->from, icmp->seq, data, len);
	if (!probe) {
		if (!engine_find_target(p->engine, &d->from))
			return;
		/* Somebody makes up answers of a host we ask. */
		j->kind = JUDGED_ANSWER;
		j->verdict = VERDICT_FORGED;
		return;
	}
	j->kind = JUDGED_ANSWER;
	j->verdict = judge_data(p, probe, data, len);
	if (j->verdict == VERDICT_FORGED)
		return;
	if (!addr_same(&probe->target->addr, &d->from) &&
	    !is_answered_by_others(p, &probe->target->addr, &d->from)) {
		j->verdict = VERDICT_FOREIGN;
		return;
	}
	/* Who shows no cookie at all may be anybody: the true answer may still come. */
	j->is_settling = j->verdict != VERDICT_OK && len >= COOKIE_LEN;
}

/*
 * An error is about our probe if it quotes our identifier, a seq that we sent there, and our cookie
 * where it quotes that far.
 */
static void judge_error(struct ping *p, const struct icmp_hdr *icmp, bool is_v6,
			const struct quote *q, struct judgement *j)
{
	struct ping_detail *d = &p->detail;
	uint8_t request = is_v6 ? (uint8_t)ICMP_V6_ECHO_REQUEST : (uint8_t)ICMP_V4_ECHO_REQUEST;
	struct probe *probe;

	if (!is_v6 && icmp->type == ICMP_V4_SOURCE_QUENCH) /* RFC 6633: to be ignored */
		return;
	if (!q->has_icmp || q->icmp_type != request || q->icmp_id != ping_family_of(p, &q->dst)->id)
		return;
	probe = find_probe(p, &q->dst, q->icmp_seq, q->payload, q->payload_len);
	if (!probe || !addr_same(&probe->target->addr, &q->dst))
		return;
	d->is_error = true;
	d->type = icmp->type;
	d->code = icmp->code;
	d->info = icmp->info;
	j->probe = probe;
	j->seq = q->icmp_seq;
	j->kind = !is_v6 && icmp->type == ICMP_V4_REDIRECT ? JUDGED_HINT : JUDGED_ERROR;
	if (cookie_match(p, &q->dst, q->icmp_seq, probe->n, q->payload, q->payload_len) <
	    COOKIE_MATCH_MIN) {
		d->is_forged_error = true;
		j->kind = JUDGED_ANSWER;
		j->verdict = VERDICT_FORGED;
	}
}

/* A packet from the socket: an answer, or on a raw socket an error too. */
static void judge_packet(struct ping *p, const struct link_in *in, struct judgement *j)
{
	struct ping_detail *d = &p->detail;
	struct rd whole = rd_make(in->bytes, in->len), message = whole, body;
	bool is_v6 = addr_is_v6(&in->from);
	struct icmp_hdr icmp;
	struct quote q;

	if (in->layer == LINK_L3) {
		if (ip4_parse(&whole, &d->ip4, &message) < 0)
			return;
		d->has_ip4 = true;
		d->ttl = d->ip4.ttl;
		d->from = d->ip4.src;
	}
	d->icmp_len = rd_left(&message);
	/* The kernel has checked the sum, except for a raw IPv4 socket. */
	if (d->has_ip4 && csum_ip(message.buf, d->icmp_len) != 0)
		d->fault = FAULT_CHECKSUM;
	body = message;
	if (icmp_parse(&body, is_v6, &icmp) < 0)
		return;
	if (icmp.type == (is_v6 ? (uint8_t)ICMP_V6_ECHO_REPLY : (uint8_t)ICMP_V4_ECHO_REPLY)) {
		judge_reply(p, &icmp, body, j);
	} else if (icmp_is_error(is_v6, icmp.type) && d->fault == FAULT_NONE) {
		icmpext_find(is_v6, &icmp, &body, &d->ext);
		if (quote_parse(rd_sub(&body, d->ext.quote_len), &q) == 0)
			judge_error(p, &icmp, is_v6, &q, j);
	}
}

/*
 * Where the extension of the old kind starts, which no length tells of: 128 octets behind the start
 * of the quote, whose IP header the kernel has taken off. Believed only with its checksum there and
 * right (RFC 4884 5.5). 0 if there is none.
 */
static size_t find_old_extension(const struct link_in *in, bool is_v6)
{
	size_t at = 128 - (is_v6 ? 40 : 20);
	struct rd all = rd_make(in->bytes, in->len);
	struct icmpext ext = {0};

	rd_skip(&all, at);
	if (rd_done(&all) < 0 || rd_left(&all) < 4)
		return 0;
	icmpext_check(rd_rest(&all), &ext);
	return ext.state == ICMPEXT_OK && ext.csum ? at : 0;
}

/* An error from the queue of a ping socket: the kernel took our IP header off the quote. */
static void judge_queued_error(struct ping *p, const struct link_in *in, struct judgement *j)
{
	bool is_v6 = addr_is_v6(&in->to);
	struct icmp_hdr icmp = {
		.type = in->error.type, .code = in->error.code, .info = in->error.info};
	struct rd all = rd_make(in->bytes, in->len), quoted;
	struct quote q;
	size_t at = in->error.ext_off;

	if (in->error.is_local) /* the send that failed has told of it */
		return;
	if (!at)
		at = find_old_extension(in, is_v6);
	quoted = rd_sub(&all, at ? at : in->len);
	if (at)
		icmpext_check(rd_rest(&all), &p->detail.ext);
	quote_parse_l4(quoted, &in->to, is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, &q);
	judge_error(p, &icmp, is_v6, &q, j);
}

void ping_judge(void *tool, const struct link_in *in, struct judgement *out)
{
	struct ping *p = tool;

	p->detail = (struct ping_detail){.from = in->from, .ttl = in->ttl};
	if (in->kind == LINK_ERROR)
		judge_queued_error(p, in, out);
	else
		judge_packet(p, in, out);
}
