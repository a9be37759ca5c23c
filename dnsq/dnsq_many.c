/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_many - the same question to all servers at once: do they agree (+compare), and do they have
 * by now what is expected (+wait)?
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "dnsq.h"

#define RECORDS_MAX 256
#define ROUND_NS NS_PER_S /* from one round of +wait to the next */

/* Answers for comparison: response code and records in a fixed order, without TTL and owner. */
struct many {
	struct dnsq *dnsq;
	const struct dnsq_lookup *lookup;
	struct dns_name name;
	struct ask asks[DNSQ_SERVERS];
	char *answers[DNSQ_SERVERS]; /* NULL without a reply */
	bool has_expected[DNSQ_SERVERS];
	uint8_t expected[1024];
	size_t expected_len; /* with set.expect */
	uint64_t round_ns, end_ns;
	bool is_over;
};

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The records of the answer as lines in the space for text; returns how many. */
static unsigned list_records(const struct ask *a, struct text *t, char **lines)
{
	const struct rd whole = rd_make(a->reply, a->reply_len);
	static const struct dns_style style = {0};
	char word[DNS_WORD_MAX];
	struct dns_record r;
	struct dns_msg msg;
	unsigned n = 0;

	if (dns_msg_open(&msg, a->reply, a->reply_len) < 0)
		return 0;
	while (n < RECORDS_MAX && dns_msg_record(&msg, &r) == 0 && r.section == DNS_ANSWER) {
		if (r.type == DNS_RRSIG) /* each server may sign at another time */
			continue;
		lines[n++] = t->buf + t->len;
		text_addf(t, "%s ", dns_type_text(r.type, word));
		if (dns_rdata_text(t, r.type, r.data, &whole, &style) < 0)
			text_add(t, "malformed");
		if (t->len + 2 < t->cap)
			t->buf[t->len++] = '\0';
	}
	return n;
}

static char *answer_of(const struct many *m, const struct ask *a)
{
	struct text space = text_make(m->dnsq->space, DNSQ_SPACE / 2);
	struct text out = text_make(m->dnsq->space + DNSQ_SPACE / 2, DNSQ_SPACE / 2);
	char *lines[RECORDS_MAX], word[DNS_WORD_MAX];
	unsigned n = list_records(a, &space, lines);

	qsort(lines, n, sizeof(lines[0]), compare_text);
	text_add(&out, dns_rcode_text(dns_rcode_of(a->reply, a->reply_len), word));
	for (unsigned i = 0; i < n; i++)
		text_addf(&out, "\t%s", lines[i]);
	return strdup(out.buf);
}

/* Whether the answer holds the record that is waited for; without +expect, any of the type. */
static bool has_expected(const struct many *m, const struct ask *a)
{
	const struct rd whole = rd_make(a->reply, a->reply_len);
	uint8_t space[sizeof(m->expected)];
	struct dns_record r;
	struct dns_msg msg;

	if (dns_msg_open(&msg, a->reply, a->reply_len) < 0)
		return false;
	while (dns_msg_record(&msg, &r) == 0 && r.section == DNS_ANSWER) {
		struct wr w = wr_make(space, sizeof(space));

		if (r.type != m->lookup->type)
			continue;
		if (!m->lookup->set.expect)
			return true;
		if (dns_rdata_plain(r.type, r.data, &whole, true, &w) == 0 &&
		    w.len == m->expected_len && memcmp(space, m->expected, w.len) == 0)
			return true;
	}
	return false;
}

/* --- rounds */

static void start_round(struct many *m)
{
	for (unsigned i = 0; i < m->lookup->n_endpoints; i++) {
		struct ask *a = &m->asks[i];

		ask_free(a);
		free(m->answers[i]);
		m->answers[i] = NULL;
		*a = ask_make(m->dnsq, m->lookup, &m->name);
		a->on_note = NULL;
		a->servers = &m->lookup->endpoints[i];
		a->n_servers = 1;
		asker_start(m->dnsq->asker, a);
	}
	(void)asker_flush(m->dnsq->asker);
}

static bool is_round_over(const struct many *m)
{
	for (unsigned i = 0; i < m->lookup->n_endpoints; i++)
		if (m->asks[i].state < ASK_REPLIED)
			return false;
	return true;
}

static bool is_policy_met(const struct many *m)
{
	unsigned n = 0, all = m->lookup->n_endpoints;

	for (unsigned i = 0; i < all; i++)
		n += m->has_expected[i];
	switch (m->lookup->set.policy) {
	case POLICY_ANY: return n > 0;
	case POLICY_QUORUM: return n > all / 2;
	case POLICY_ALL: break;
	}
	return n == all;
}

static void judge_round(struct many *m)
{
	for (unsigned i = 0; i < m->lookup->n_endpoints; i++) {
		bool is_there = m->asks[i].state == ASK_REPLIED;

		m->answers[i] = is_there ? answer_of(m, &m->asks[i]) : NULL;
		m->has_expected[i] = is_there && has_expected(m, &m->asks[i]);
	}
}

static uint64_t step(void *arg, uint64_t next_ns)
{
	struct many *m = arg;
	uint64_t now_ns = clock_mono(m->dnsq->run->clock);

	if (m->round_ns && now_ns >= m->round_ns) {
		m->round_ns = 0;
		start_round(m);
		return now_ns;
	}
	if (m->round_ns || !is_round_over(m))
		return m->round_ns && m->round_ns < next_ns ? m->round_ns : next_ns;
	judge_round(m);
	m->is_over = is_policy_met(m) || now_ns >= m->end_ns || asker_is_stopped(m->dnsq->asker);
	m->round_ns = now_ns + ROUND_NS < m->end_ns ? now_ns + ROUND_NS : m->end_ns;
	return m->round_ns;
}

static bool is_over(const void *arg)
{
	const struct many *m = arg;

	return m->is_over || asker_is_stopped(m->dnsq->asker);
}

static void tell_status(void *arg)
{
	const struct many *m = arg;
	unsigned n = 0;

	for (unsigned i = 0; i < m->lookup->n_endpoints; i++)
		n += m->has_expected[i];
	tool_say(m->dnsq->run, "%u of %u servers have it", n, m->lookup->n_endpoints);
}

/* --- what came of it */

static bool is_agreed(const struct many *m)
{
	for (unsigned i = 1; i < m->lookup->n_endpoints; i++)
		if (!m->answers[i] || !m->answers[0] || strcmp(m->answers[i], m->answers[0]) != 0)
			return false;
	return m->answers[0] != NULL;
}

static void show(struct many *m)
{
	char text[ADDR_TEXT_MAX];

	for (unsigned i = 0; i < m->lookup->n_endpoints; i++) {
		const struct endpoint *e = &m->lookup->endpoints[i];

		if (m->dnsq->run->out.is_json)
			(void)json_reply(m->dnsq, m->lookup, &m->asks[i]);
		out_text(&m->dnsq->run->out, "%s#%u\t%s\n", addr_text(&e->addr, text), e->port,
			 m->answers[i] ? m->answers[i] : "no reply");
	}
}

static int verdict(const struct many *m, const struct dnsq_lookup *l)
{
	if (l->set.wait_ns) {
		bool is_met = is_policy_met(m);

		show_note(m->dnsq, l, is_met ? "expected answer found" : "wait expired");
		return is_met ? DNSQ_OK : DNSQ_WAIT_EXPIRED;
	}
	show_note(m->dnsq, l, is_agreed(m) ? "servers agree" : "servers disagree");
	return is_agreed(m) ? DNSQ_OK : DNSQ_DISAGREE;
}

int many_run(struct dnsq *d, const struct dnsq_lookup *l, const struct dns_name *name)
{
	static const struct asker_aim aim = {
		.step = step, .is_over = is_over, .tell_status = tell_status};
	struct many *m = calloc(1, sizeof(*m));
	struct wr w;
	struct why why = {0};
	int status = DNSQ_INTERNAL;

	if (!m)
		return status;
	*m = (struct many){.dnsq = d, .lookup = l, .name = *name};
	m->end_ns = clock_mono(d->run->clock) + l->set.wait_ns;
	w = wr_make(m->expected, sizeof(m->expected));
	if (l->set.expect &&
	    dns_rdata_parse(l->type, l->set.expect, strlen(l->set.expect), NULL, &w, &why) < 0) {
		why_add(&why, " in +expect");
		(void)tool_fail(d->run, &why);
	} else {
		m->expected_len = w.len;
		start_round(m);
		asker_drive(d->asker, &aim, m);
		show(m);
		status = verdict(m, l);
	}
	for (unsigned i = 0; i < l->n_endpoints; i++) {
		ask_free(&m->asks[i]);
		free(m->answers[i]);
	}
	free(m);
	return status;
}
