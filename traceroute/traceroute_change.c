/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_change - what the path does to packets, as routers quote them: the quote at a hop is
 * the packet as it came there, so a field that differs was rewritten before that hop, or on
 * arriving there. Pure: no I/O, no clock.
 */
#include <string.h>

#include "base/text.h"
#include "traceroute.h"
#include "wire/tcp.h"

#define TEXT_MAX 256

static const char *const words[N_CHANGES] = {
	[CHANGE_DSCP] = "dscp",     [CHANGE_ECN] = "ecn",         [CHANGE_DF] = "df",
	[CHANGE_ID] = "id",         [CHANGE_FLOW] = "flow_label", [CHANGE_SRC] = "src",
	[CHANGE_DST] = "dst",       [CHANGE_SPORT] = "sport",     [CHANGE_DPORT] = "dport",
	[CHANGE_CSUM] = "checksum", [CHANGE_SEQ] = "seq",         [CHANGE_MSS] = "mss",
};

static void compare(struct changes *c, enum change what, uint32_t was, uint32_t is)
{
	if (was == is)
		return;
	c->set |= (uint16_t)(1u << what);
	c->was[what] = was;
	c->is[what] = is;
}

uint32_t changes_mss(const struct quote *q)
{
	struct rd r = rd_make(q->l4, q->l4_len), opts;
	struct tcp_hdr tcp;
	struct tcp_opt o;

	if (q->proto != IPPROTO_TCP || tcp_parse(&r, &tcp) < 0)
		return 0;
	opts = rd_make(tcp.opts, tcp.opts_len);
	while (tcp_opt_next(&opts, &o) == 1)
		if (o.kind == TCP_OPT_MSS && !o.is_bad)
			return o.mss;
	return 0;
}

static void compare_l4(const struct quote *sent, uint32_t mss, const struct quote *seen,
		       struct changes *c)
{
	uint32_t seen_mss = mss ? changes_mss(seen) : 0;

	if (sent->has_icmp && seen->has_icmp) {
		compare(c, CHANGE_SPORT, sent->icmp_id, seen->icmp_id);
		compare(c, CHANGE_SEQ, sent->icmp_seq, seen->icmp_seq);
	} else if (sent->has_ports && seen->has_ports) {
		compare(c, CHANGE_SPORT, sent->src_port, seen->src_port);
		compare(c, CHANGE_DPORT, sent->dst_port, seen->dst_port);
	}
	if (sent->proto == IPPROTO_UDP && sent->has_l4_csum && seen->has_l4_csum)
		compare(c, CHANGE_CSUM, sent->l4_csum, seen->l4_csum);
	if (sent->has_tcp_seq && seen->has_tcp_seq)
		compare(c, CHANGE_SEQ, sent->tcp_seq, seen->tcp_seq);
	if (seen_mss)
		compare(c, CHANGE_MSS, mss, seen_mss);
}

void changes_compare(const struct quote *sent, uint32_t mss, const struct quote *seen,
		     struct changes *out)
{
	bool is_v6 = addr_is_v6(&seen->dst);

	*out = (struct changes){.src = seen->src, .dst = seen->dst};
	if (!seen->has_ip)
		return;
	compare(out, CHANGE_DSCP, sent->tos >> 2, seen->tos >> 2);
	compare(out, CHANGE_ECN, sent->tos & 3, seen->tos & 3);
	if (is_v6)
		compare(out, CHANGE_FLOW, sent->flow, seen->flow);
	else
		compare(out, CHANGE_DF, sent->df, seen->df);
	if (!is_v6)
		compare(out, CHANGE_ID, sent->ip_id, seen->ip_id);
	if (!addr_same(&seen->src, &sent->src))
		out->set |= 1u << CHANGE_SRC;
	if (!addr_same(&seen->dst, &sent->dst))
		out->set |= 1u << CHANGE_DST;
	compare_l4(sent, mss, seen, out);
}

/* The probe as it left, in the words of a quote; what its method has no say about stays unset. */
static struct quote as_sent(struct traceroute *t, const struct probe *probe)
{
	const struct path *p = probe->target->notes;
	uint16_t mark = probe_mark(t, probe->seq), id = probe_sport(t, p, probe->seq);
	enum method method = t->opts.method;
	struct quote q = {
		.tos = t->opts.tos,
		.flow = t->opts.flow_label,
		.df = t->opts.has_df,
		.ip_id = mark,
		.src = p->src,
		.dst = probe->target->addr,
		.has_icmp = method == METHOD_ICMP,
		.icmp_id = id,
		.icmp_seq = mark,
		.has_ports = method != METHOD_ICMP && method != METHOD_RAW,
		.src_port = id,
		.dst_port = probe_port(t, probe->seq),
		.has_tcp_seq = method == METHOD_TCP,
	};

	if (q.has_tcp_seq)
		q.tcp_seq = probe_tcp_seq(t, &q.dst, probe->seq);
	q.has_l4_csum = method == METHOD_UDP && probe_len(t, addr_is_v6(&q.dst)) >= 30;
	q.l4_csum = mark;
	q.proto = t->opts.proto;
	return q;
}

void changes_find(struct traceroute *t, const struct quote *q, const struct probe *probe,
		  struct changes *out)
{
	struct quote sent;

	*out = (struct changes){.src = q->src, .dst = q->dst};
	if (!probe->target->notes)
		return;
	sent = as_sent(t, probe);
	changes_compare(&sent, t->opts.method == METHOD_TCP ? t->opts.mss : 0, q, out);
}

char *changes_text(const struct changes *c)
{
	char line[TEXT_MAX], addr[ADDR_TEXT_MAX];
	struct text out = text_make(line, sizeof(line));

	for (unsigned i = 0; i < N_CHANGES; i++) {
		if (!(c->set >> i & 1))
			continue;
		text_addf(&out, "%s%s ", out.len ? ", " : "", words[i]);
		if (i == CHANGE_SRC || i == CHANGE_DST)
			text_addf(&out, "->%s",
				  addr_text(i == CHANGE_SRC ? &c->src : &c->dst, addr));
		else
			text_addf(&out, "%u->%u", c->was[i], c->is[i]);
	}
	return strdup(line);
}

void changes_fields(struct rec *rec, const struct changes *c)
{
	struct rec *list = rec && c->set ? rec_array(rec, "changed") : NULL;
	char addr[ADDR_TEXT_MAX];

	for (unsigned i = 0; list && i < N_CHANGES; i++) {
		struct rec *item = c->set >> i & 1 ? rec_item(list) : NULL;

		if (!item)
			continue;
		rec_str(item, "field", words[i]);
		if (i == CHANGE_SRC || i == CHANGE_DST) {
			rec_str(item, "is", addr_text(i == CHANGE_SRC ? &c->src : &c->dst, addr));
		} else {
			rec_int(item, "was", c->was[i]);
			rec_int(item, "is", c->is[i]);
		}
		rec_close(item);
	}
	if (list)
		rec_close(list);
}

static void note(struct nat *nat, bool *kind, unsigned hop, const char *evidence)
{
	if (!nat->is_snat && !nat->is_dnat) {
		nat->hop = hop;
		nat->evidence = evidence;
	}
	*kind = true;
}

struct nat nat_judge(const struct traceroute *t, const struct path *p)
{
	const uint16_t src = 1u << CHANGE_SRC | 1u << CHANGE_SPORT;
	const uint16_t dst = 1u << CHANGE_DST | 1u << CHANGE_DPORT;
	struct nat nat = {0};

	for (unsigned hop = t->opts.first_ttl; hop <= path_end(t, p); hop++) {
		for (uint16_t i = p->hops[hop].first; i; i = p->shots[i - 1].next) {
			const struct shot *s = &p->shots[i - 1];

			if (s->fate != SHOT_ANSWERED)
				continue;
			/* Nobody but a translator speaks for the target without being it. */
			if (s->kind == ANSWER_TRANSIT && addr_same(&s->from, &p->target->addr))
				note(&nat, &nat.is_dnat, hop,
				     "a router answers with the target's address");
			if (s->changed & src)
				note(&nat, &nat.is_snat, hop, "the quote has another source");
			if (s->changed & dst)
				note(&nat, &nat.is_dnat, hop, "the quote has another destination");
			nat.is_broken |= (s->changed & (src | dst)) != 0;
		}
	}
	return nat;
}
