/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dnsq_validate.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "dnsq_trace.h"

static const struct field validation_fields[] = {
	{"query", FIELD_OBJECT, "", "What was asked: QNAME, QTYPE, QTYPEname, QCLASS, QCLASSname."},
	{"verdict", FIELD_STRING, "", "secure, insecure, bogus or indeterminate (RFC 4035 4.3)."},
	{"failing", FIELD_OBJECT, "",
	 "The link of the chain that the verdict is for, if not secure."},
	{"chain", FIELD_ARRAY, "",
	 "Record sets from the trust anchor to the answer: NAME, TYPEname, verdict, reason; signer, "
	 "key_tag, algorithm of the key in question; info and meaning, the code of RFC 8914."},
	{"exit", FIELD_INT, "", "Exit status that reply and verdict would have alone."},
};

const struct record_type validation_record =
	RECORD_TYPE("validation", "What +validate found about a question.", validation_fields);

/* A reply that the chain may look at until its end. */
struct kept {
	struct dns_question question;
	uint8_t *bytes; /* NULL: nobody replied */
	size_t len;
	struct kept *next;
};

struct validation {
	struct dnsq *dnsq;
	struct dnsq_lookup lookup; /* a copy: its own questions are put in its own way */
	struct walk_down *walk;    /* NULL: the servers of the lookup are asked */
	struct chain *chain;
	struct kept *kept;
	struct dns_question question;
};

static bool fetch(void *arg, const struct dns_question *q, struct chain_reply *out);

struct validation *validation_new(struct dnsq *d, const struct dnsq_lookup *l,
				  struct walk_down *walk)
{
	struct validation *v = calloc(1, sizeof(*v));
	struct dnsq_set *s;

	if (!v)
		return NULL;
	v->dnsq = d;
	v->lookup = *l;
	v->walk = walk;
	s = &v->lookup.set;
	s->cd = true;
	s->ignores_tc = false;
	v->chain = chain_new(d->anchors, clock_wall(d->run->clock) / NS_PER_S);
	if (!v->chain) {
		free(v);
		return NULL;
	}
	v->chain->fetch = fetch;
	v->chain->arg = v;
	return v;
}

void validation_free(struct validation *v)
{
	if (!v)
		return;
	while (v->kept) {
		struct kept *next = v->kept->next;

		free(v->kept->bytes);
		free(v->kept);
		v->kept = next;
	}
	chain_free(v->chain);
	free(v);
}

void validation_keep(struct validation *v, const struct dns_question *q, const uint8_t *bytes,
		     size_t len)
{
	struct kept *k = calloc(1, sizeof(*k));

	if (!k)
		return;
	k->question = *q;
	k->len = len;
	k->bytes = bytes ? malloc(len + 1) : NULL;
	if (k->bytes)
		memcpy(k->bytes, bytes, len);
	k->next = v->kept;
	v->kept = k;
}

static const struct kept *find(const struct validation *v, const struct dns_question *q)
{
	for (const struct kept *k = v->kept; k; k = k->next)
		if (k->question.type == q->type &&
		    dns_name_same(&k->question.name, &q->name, false))
			return k;
	return NULL;
}

static void ask(struct validation *v, const struct dns_question *q)
{
	struct dnsq *d = v->dnsq;
	struct ask a;

	if (v->walk) {
		if (!trace_ask(v->walk, q, &a))
			a.reply = NULL;
	} else {
		a = ask_make(d, &v->lookup, &q->name);
		a.question.type = q->type;
		asker_start(d->asker, &a);
		(void)asker_wait(d->asker, &a);
	}
	validation_keep(v, q, a.reply, a.reply_len);
	ask_free(&a);
}

static bool fetch(void *arg, const struct dns_question *q, struct chain_reply *out)
{
	struct validation *v = arg;
	const struct kept *k = find(v, q);

	if (!k && !asker_is_stopped(v->dnsq->asker)) {
		ask(v, q);
		k = find(v, q);
	}
	if (!k || !k->bytes) {
		if (asker_is_stopped(v->dnsq->asker))
			v->dnsq->run->reason = "interrupted";
		snprintf(out->fault, sizeof(out->fault), "%s",
			 asker_is_stopped(v->dnsq->asker) ? "interrupted" :
			 v->walk ? "no server that should know it replied" :
				   "no server replied");
		return false;
	}
	out->bytes = k->bytes;
	out->len = k->len;
	return true;
}

enum dnssec_verdict validation_run(struct validation *v, const struct dns_question *q)
{
	v->question = *q;
	chain_run(v->chain, q);
	return v->chain->verdict;
}

/* --- what is shown */

static void add_link(struct text *t, const struct chain_link *link, bool has_code)
{
	char word[DNS_WORD_MAX];

	dns_name_add(t, &link->name);
	text_addf(t, " %s: ", dns_type_text(link->type, word));
	if (!has_code)
		text_addf(t, "%s: ", verdict_text(link->verdict));
	text_add(t, link->reason);
	if (has_code && link->info >= 0)
		text_addf(t, " (EDE %d: %s)", link->info, dns_error_text((unsigned)link->info));
}

static void show_text(struct validation *v)
{
	const struct dnsq_set *s = &v->lookup.set;
	const struct chain *c = v->chain;
	char line[DNS_NAME_TEXT_MAX + 2 * CHAIN_REASON_MAX];
	struct text t;

	for (unsigned i = 0; i < c->n_links && s->comments && !s->is_yaml; i++) {
		t = text_make(line, sizeof(line));
		add_link(&t, &c->links[i], false);
		show_note(v->dnsq, &v->lookup, line);
	}
	t = text_make(line, sizeof(line));
	text_addf(&t, "validation: %s", verdict_text(c->verdict));
	if (c->verdict != DNSSEC_SECURE) {
		text_add(&t, ": ");
		add_link(&t, &c->links[c->failing], true);
	}
	show_note(v->dnsq, &v->lookup, line);
	if (s->comments && !s->is_yaml)
		out_text(&v->dnsq->run->out, "\n");
}

static void put_name(struct rec *j, const char *key, const struct dns_name *name)
{
	char text[DNS_NAME_TEXT_MAX];

	rec_str(j, key, dns_name_text(name, text));
}

static void put_link(struct rec *j, const struct chain_link *link)
{
	char word[DNS_WORD_MAX];

	put_name(j, "NAME", &link->name);
	rec_str(j, "TYPEname", dns_type_text(link->type, word));
	rec_str(j, "verdict", verdict_text(link->verdict));
	rec_str(j, "reason", link->reason);
	if (link->signer.len) {
		put_name(j, "signer", &link->signer);
		rec_int(j, "key_tag", link->tag);
		rec_str(j, "algorithm", dns_algorithm_text(link->algorithm, word));
	}
	if (link->info >= 0) {
		rec_int(j, "info", link->info);
		rec_str(j, "meaning", dns_error_text((unsigned)link->info));
	}
	rec_close(j);
}

static void show_json(struct validation *v, int status)
{
	struct rec *r = record_start(&v->dnsq->run->out, &validation_record);
	const struct chain *c = v->chain;
	struct rec *j = rec_object(r, "query");

	json_question(j, &v->question);
	rec_close(j);
	rec_str(r, "verdict", verdict_text(c->verdict));
	if (c->verdict != DNSSEC_SECURE)
		put_link(rec_object(r, "failing"), &c->links[c->failing]);
	j = rec_array(r, "chain");
	for (unsigned i = 0; i < c->n_links; i++)
		put_link(rec_item(j), &c->links[i]);
	rec_close(j);
	rec_int(r, "exit", status);
	record_write(&v->dnsq->run->out, r);
}

int validation_show(struct validation *v, int status)
{
	/* What makes the reply unfit by itself comes first. */
	if (status != DNSQ_MALFORMED && status != DNSQ_NOT_AUTHENTIC) {
		if (v->chain->verdict == DNSSEC_BOGUS)
			status = DNSQ_BOGUS;
		else if (v->chain->verdict == DNSSEC_INDETERMINATE)
			status = DNSQ_NO_REPLY;
	}
	if (v->dnsq->run->out.is_json)
		show_json(v, status);
	else
		show_text(v);
	return status;
}
