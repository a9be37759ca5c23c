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

/* The largest segment that a quoted SYN announces; 0 if so much was not quoted. */
static uint32_t quoted_mss(const struct quote *q)
{
	struct rd r = rd_make(q->l4, q->l4_len), opts;
	struct tcp_hdr tcp;
	struct tcp_opt o;

	if (tcp_parse(&r, &tcp) < 0)
		return 0;
	opts = rd_make(tcp.opts, tcp.opts_len);
	while (tcp_opt_next(&opts, &o) == 1)
		if (o.kind == TCP_OPT_MSS && !o.is_bad)
			return o.mss;
	return 0;
}

static void compare_l4(struct traceroute *t, const struct quote *q, const struct probe *probe,
		       struct changes *c)
{
	const struct addr *dst = &probe->target->addr;
	uint16_t id = probe_sport(t, probe->target->notes, probe->seq);
	uint16_t mark = probe_mark(t, probe->seq);
	uint32_t mss = t->opts.method == METHOD_TCP ? quoted_mss(q) : 0;

	if (t->opts.method == METHOD_ICMP && q->has_icmp) {
		compare(c, CHANGE_SPORT, id, q->icmp_id);
		compare(c, CHANGE_SEQ, mark, q->icmp_seq);
	} else if (t->opts.method != METHOD_RAW && q->has_ports) {
		compare(c, CHANGE_SPORT, id, q->src_port);
		compare(c, CHANGE_DPORT, probe_port(t, probe->seq), q->dst_port);
	}
	if (t->opts.method == METHOD_UDP && q->has_l4_csum && probe_len(t, dst->len == 16) >= 30)
		compare(c, CHANGE_CSUM, mark, q->l4_csum);
	if (t->opts.method == METHOD_TCP && q->has_tcp_seq)
		compare(c, CHANGE_SEQ, probe_tcp_seq(t, dst, probe->seq), q->tcp_seq);
	if (mss)
		compare(c, CHANGE_MSS, TR_MSS, mss);
}

void changes_find(struct traceroute *t, const struct quote *q, const struct probe *probe,
		  struct changes *out)
{
	const struct path *p = probe->target->notes;
	bool is_v6 = addr_is_v6(&q->dst);

	*out = (struct changes){.src = q->src, .dst = q->dst};
	if (!q->has_ip || !p)
		return;
	compare(out, CHANGE_DSCP, t->opts.tos >> 2, q->tos >> 2);
	compare(out, CHANGE_ECN, t->opts.tos & 3, q->tos & 3);
	if (is_v6)
		compare(out, CHANGE_FLOW, t->opts.flow_label, q->flow);
	else
		compare(out, CHANGE_DF, t->opts.has_df, q->df);
	if (!is_v6)
		compare(out, CHANGE_ID, probe_mark(t, probe->seq), q->ip_id);
	if (!addr_same(&q->src, &p->src))
		out->set |= 1u << CHANGE_SRC;
	if (!addr_same(&q->dst, &probe->target->addr))
		out->set |= 1u << CHANGE_DST;
	compare_l4(t, q, probe, out);
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
