/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_lines - the text, as traceroute 2.1 lays it out: a line a hop, written as soon as it
 * and those before it are known. What is silent to the end is one line.
 */
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "traceroute_mtu.h"

void lines_header(struct traceroute *t, const struct path *p)
{
	char name[ADDR_TEXT_MAX], addr[ADDR_TEXT_MAX], line[512];
	struct text out = text_make(line, sizeof(line));
	const char *who = target_text(p->target, name);

	text_add(&out, "traceroute to ");
	text_add_clean(&out, who, strlen(who));
	text_addf(&out, " (%s), %u hops max, %zu byte packets", addr_text(&p->target->addr, addr),
		  t->opts.max_ttl,
		  t->opts.is_mtu && !t->opts.read ? TR_MTU_MAX :
						    probe_len(t, addr_is_v6(&p->target->addr)));
	out_line(&t->run->out, &out);
}

/* The letters of traceroute 2.1 for an error that ends the path; "" for those that need none. */
const char *shot_flag(const struct shot *s, char *out)
{
	static const char *const v4[] = {"!N", "!H", "!P", "",   "!F", "!S", "!N", "!H",
					 "!H", "!X", "!X", "!N", "!H", "!X", "!V", "!C"};
	static const char *const v6[] = {"!N", "!X", "!S", "!H", "", "!X", "!X"};
	bool is_v6 = addr_is_v6(&s->from);
	struct text t = text_make(out, FLAG_MAX);
	uint8_t type = is_v6 ? (uint8_t)ICMP_V6_UNREACHABLE : (uint8_t)ICMP_V4_UNREACHABLE;

	out[0] = '\0';
	if (!s->is_icmp || s->kind != ANSWER_REFUSED)
		return out;
	if (is_v6 ? s->type == ICMP_V6_TOO_BIG : s->type == type && s->code == ICMP_V4_FRAG_NEEDED)
		text_addf(&t, "!F-%u", s->info);
	else if (s->type != type)
		text_addf(&t, "!<%u-%u>", s->type, s->code);
	else if (s->code < (is_v6 ? sizeof(v6) / sizeof(*v6) : sizeof(v4) / sizeof(*v4)))
		text_add(&t, is_v6 ? v6[s->code] : v4[s->code]);
	else
		text_addf(&t, "!<%u>", s->code);
	return out;
}

static void add_who(struct traceroute *t, struct text *out, const struct shot *s)
{
	char addr[ADDR_TEXT_MAX];
	const char *name = NULL;

	addr_text(&s->from, addr);
	text_add(out, " ");
	if (t->run->options.is_numeric) {
		text_add(out, addr);
	} else {
		if (t->names)
			(void)hop_names_get(t->names, &s->from, UINT64_MAX / 2, &name);
		text_add_clean(out, name ? name : addr, strlen(name ? name : addr));
		text_addf(out, " (%s)", addr);
	}
	if (s->ext)
		text_addf(out, " <%s>", s->ext);
	if (t->opts.as_source) {
		const char *as = hop_asn(t, &s->from);

		text_addf(out, " [%s%s]", as ? "AS" : "*", as ? as : "");
	}
}

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* @before: the answered shot in front of it on the line, NULL for none. */
static void add_shot(struct traceroute *t, struct text *out, const struct shot *s,
		     const struct shot *before)
{
	uint64_t us = (s->rtt_ns + NS_PER_US / 2) / NS_PER_US;
	char flag[FLAG_MAX];

	if (s->fate != SHOT_ANSWERED) {
		text_add(out, " *");
		return;
	}
	if (!before || !addr_same(&before->from, &s->from) || !is_same_text(before->ext, s->ext))
		add_who(t, out, s);
	if (t->opts.shows_back && s->reply_ttl > 0) {
		int from = s->reply_ttl > 128 ? 255 : s->reply_ttl > 64 ? 128 : 64;

		if (from - s->reply_ttl + 1 != s->hop)
			text_addf(out, " '-%d'", from - s->reply_ttl + 1);
	}
	if (t->opts.shows_changes && s->changes)
		text_addf(out, " [%s]", s->changes);
	text_addf(out, "  %llu.%03llu ms", (unsigned long long)(us / 1000),
		  (unsigned long long)(us % 1000));
	if (*shot_flag(s, flag))
		text_addf(out, " %s", flag);
}

static void write_hop(struct traceroute *t, const struct path *p, unsigned hop)
{
	const struct hop *h = &p->hops[hop];
	char line[4096];
	struct text out = text_make(line, sizeof(line));
	uint32_t spare = h->n_shots > t->opts.queries ? h->n_shots - t->opts.queries : 0, n = 0;
	const struct shot *before = NULL;

	text_addf(&out, h->n_shots ? "%2u " : "%2u  -", hop); /* it may not have been asked */
	for (uint16_t i = h->first; i && n < t->opts.queries; i = p->shots[i - 1].next) {
		const struct shot *s = &p->shots[i - 1];

		/* Where the end was asked more often, those that it answered are shown. */
		if (s->fate != SHOT_ANSWERED && spare) {
			spare--;
			continue;
		}
		add_shot(t, &out, s, before);
		if (n == 0 && h->mtu)
			text_addf(&out, " F=%u", h->mtu);
		before = s->fate == SHOT_ANSWERED ? s : before;
		n++;
	}
	out_line(&t->run->out, &out);
}

/* Lines of stars that had waited whether something comes behind them. */
static void write_silent(struct traceroute *t, struct path *p)
{
	for (; p->n_silent; p->n_silent--)
		write_hop(t, p, (unsigned)(p->next_line - p->n_silent));
}

static void write_tail(struct traceroute *t, struct path *p)
{
	if (p->n_silent == 1)
		write_silent(t, p);
	if (p->n_silent)
		out_text(&t->run->out, "%2u-%u * no reply\n",
			 (unsigned)(p->next_line - p->n_silent), (unsigned)(p->next_line - 1));
	p->n_silent = 0;
}

static void write_nat(struct traceroute *t, const struct path *p)
{
	struct nat nat = nat_judge(t, p);

	if (nat.is_snat || nat.is_dnat)
		out_text(&t->run->out, "nat: %s%s%s at hop %u: %s\n", nat.is_snat ? "snat" : "",
			 nat.is_dnat ? (nat.is_snat ? "+dnat" : "dnat") : "",
			 nat.is_broken ? ", broken," : "", nat.hop, nat.evidence);
}

/* Until when names and autonomous systems of @hop are worth waiting for; 0 for not at all. */
static uint64_t wait_for_names(struct traceroute *t, const struct path *p, unsigned hop,
			       uint64_t now_ns)
{
	struct hop_names *const waited[] = {t->names, t->asns};
	uint64_t until_ns = 0;
	const char *name;

	for (unsigned n = 0; n < sizeof(waited) / sizeof(waited[0]); n++)
		for (uint16_t i = waited[n] ? p->hops[hop].first : 0; i; i = p->shots[i - 1].next) {
			const struct shot *s = &p->shots[i - 1];
			uint64_t at_ns = s->fate == SHOT_ANSWERED ?
						 hop_names_get(waited[n], &s->from, now_ns, &name) :
						 0;

			if (at_ns > until_ns)
				until_ns = at_ns;
		}
	return until_ns;
}

static bool is_ready(const struct traceroute *t, const struct path *p, unsigned hop)
{
	if (!p->stop && t->opts.is_mtu) /* sizes are looked for when all hops are known */
		return false;
	return p->stop || (!t->is_many && path_is_settled(t, p, hop));
}

uint64_t lines_write(struct traceroute *t, struct path *p, bool is_final, uint64_t now_ns)
{
	bool is_cut = is_final || p->stop == STOP_COUNT || p->stop == STOP_ERROR;
	unsigned last = is_cut ? path_last_known(t, p) : path_end(t, p);
	bool is_quiet = t->run->options.is_quiet || t->run->out.is_json || t->opts.is_multi ||
			t->opts.is_watch;

	/* Those that wait are looked at again: a late answer may have come there, or be the end. */
	p->next_line = (uint16_t)(p->next_line - p->n_silent);
	p->n_silent = 0;
	for (; p->next_line <= last && !p->is_written; p->next_line++) {
		unsigned hop = p->next_line;
		uint64_t at_ns = is_final ? 0 : wait_for_names(t, p, hop, now_ns);

		if (!is_final && !is_ready(t, p, hop))
			return ENGINE_NEVER;
		if (at_ns)
			return at_ns;
		if (is_quiet)
			continue;
		if (t->is_many && hop == t->opts.first_ttl)
			lines_header(t, p);
		if (!p->hops[hop].n_answered) {
			p->n_silent++;
			continue;
		}
		write_silent(t, p);
		write_hop(t, p, hop);
	}
	if (!p->stop && !is_final)
		return ENGINE_NEVER;
	if (!is_cut)
		write_tail(t, p);
	if (!is_quiet)
		mtu_lines(t, p);
	if (!is_quiet && t->opts.shows_changes)
		write_nat(t, p);
	p->is_written = true;
	return 0;
}
