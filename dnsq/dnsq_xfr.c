/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_xfr - zone transfers: whole (RFC 5936) and what has changed (RFC 1995). */
#include "base/num.h"
#include "dnsq.h"
#include "dnsq_tsig.h"

static bool soa_serial(const struct dns_record *r, uint32_t *out)
{
	struct rd d = r->data;

	if (dns_name_skip(&d) < 0 || dns_name_skip(&d) < 0)
		return false;
	*out = rd_u32(&d);
	return !d.bad;
}

/*
 * An incremental transfer alternates: SOA of the old state and what is gone, SOA of the new one and
 * what came. Every odd SOA behind the first is an old one, and the newest there ends it.
 */
static void take_soa(struct xfr *x, const struct dns_question *q, uint32_t serial)
{
	x->n_soa++;
	if (x->n_soa == 1) {
		x->newest = serial;
		/* RFC 1995 4: a single SOA says that there is nothing newer. */
		x->is_over = q->type == DNS_IXFR && (int32_t)(serial - x->known) <= 0;
	} else if (x->n_soa == 2 && x->n_records == 1 && q->type == DNS_IXFR &&
		   serial != x->newest) {
		x->is_incremental = true;
	} else if (!x->is_incremental) {
		x->is_over = true;
	} else {
		x->is_over = x->n_soa % 2 == 0 && serial == x->newest;
	}
}

void xfr_take(struct xfr *x, const struct dns_question *q, const struct dns_record *r)
{
	uint32_t serial;

	if (x->is_over) {
		x->fault = "records behind the final SOA";
		return;
	}
	if (r->type == DNS_SOA) {
		if (!soa_serial(r, &serial)) {
			x->fault = "a malformed SOA";
			return;
		}
		if (dns_name_same(&r->name, &q->name, false))
			take_soa(x, q, serial);
	} else if (!x->n_soa) {
		x->fault = "it does not start with the SOA of the zone";
	}
	x->n_records++;
}

/* A transfer being shown. */
struct showing {
	struct xfr xfr;
	struct dnsq *dnsq;
	const struct dnsq_lookup *lookup;
	int status;
};

static void show_record(struct showing *s, const struct dns_record *r, struct dns_msg *m)
{
	struct text t = text_make(s->dnsq->space, DNSQ_SPACE);
	const struct dnsq_set *set = &s->lookup->set;
	int err;

	if (set->is_one_soa && r->type == DNS_SOA && s->xfr.is_over && s->xfr.n_soa > 1)
		return;
	err = text_record(&t, set, r, m);
	if (err) {
		s->xfr.fault = "the data of a record breaks the rules of its type";
		s->status = DNSQ_MALFORMED;
		return;
	}
	text_add_char(&t, '\n');
	if (set->answer && !set->is_yaml)
		print_text(s->dnsq, &t);
}

static bool is_refused(struct showing *s, const struct ask *a)
{
	unsigned rcode = dns_rcode_of(a->reply, a->reply_len);
	char word[DNS_WORD_MAX];

	if (rcode == DNS_NOERROR)
		return false;
	show_note(s->dnsq, s->lookup, "Transfer failed.");
	ask_note((struct ask *)(uintptr_t)a, "the server says %s", dns_rcode_text(rcode, word));
	s->status = DNSQ_XFR_FAILED;
	return true;
}

/* One message of the transfer; whether it was the last. */
static bool on_message(struct ask *a)
{
	struct showing *s = a->arg;
	struct dns_record r;
	struct dns_msg m;

	if (is_refused(s, a) || dns_msg_open(&m, a->reply, a->reply_len) < 0)
		return true;
	while (!s->xfr.fault && dns_msg_record(&m, &r) == 0 && r.section == DNS_ANSWER) {
		xfr_take(&s->xfr, &a->question, &r);
		if (!s->xfr.fault)
			show_record(s, &r, &m);
	}
	if (m.fault) {
		s->xfr.fault = m.fault;
		s->status = DNSQ_MALFORMED;
	}
	if (s->lookup->set.is_yaml)
		(void)print_yaml(s->dnsq, s->lookup, a, a->reply, a->reply_len);
	if (!s->xfr.n_records && !s->xfr.fault)
		s->xfr.fault = "an empty message";
	return s->xfr.fault || s->xfr.is_over || a->is_unauthentic;
}

static void show_stats(struct showing *s, const struct ask *a)
{
	struct out *o = &s->dnsq->run->out;
	char text[ADDR_TEXT_MAX];

	out_text(o, ";; Query time: %llu msec\n;; SERVER: %s#%u(%s) (%s)\n",
		 (unsigned long long)(a->rtt_ns / NS_PER_MS), addr_text(&a->server->addr, text),
		 a->server->port, a->server->name, ask_proto(a));
	out_text(o, ";; XFR size: %llu records (messages %u, bytes %llu)\n\n",
		 (unsigned long long)s->xfr.n_records, a->n_messages,
		 (unsigned long long)a->n_octets);
}

static int judge_end(struct showing *s, struct ask *a)
{
	if (s->status)
		return s->status;
	if (a->is_unauthentic || (a->key && !tsig_is_settled(a))) {
		ask_note(a, "the transfer is not signed to its end");
		return DNSQ_NOT_AUTHENTIC;
	}
	if (s->xfr.fault)
		ask_note(a, "Transfer failed: %s", s->xfr.fault);
	else if (!s->xfr.is_over)
		ask_note(a, "Transfer failed: it ended before the final SOA");
	return s->xfr.fault || !s->xfr.is_over ? DNSQ_XFR_FAILED : DNSQ_OK;
}

int xfr_run(struct dnsq *d, const struct dnsq_lookup *l, const struct dns_name *zone)
{
	struct dnsq_lookup mine = *l;
	struct showing s = {.dnsq = d, .lookup = &mine, .xfr = {.known = l->serial}};
	struct ask a;
	int status;

	mine.set.is_tcp = true;
	mine.set.tries = 1;
	a = ask_make(d, &mine, zone);
	a.more = on_message;
	a.arg = &s;
	asker_start(d->asker, &a);
	(void)asker_wait(d->asker, &a);
	if (a.state != ASK_REPLIED && !a.n_messages) {
		show_note(d, l, "no servers could be reached");
		status = DNSQ_NO_REPLY;
	} else {
		status = judge_end(&s, &a);
		if (l->set.stats && !l->set.is_short && !l->set.is_yaml)
			show_stats(&s, &a);
	}
	if (d->run->out.is_json)
		(void)json_reply(d, l, &a);
	ask_free(&a);
	return status;
}
