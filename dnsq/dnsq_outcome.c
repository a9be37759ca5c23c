/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_outcome - what came of a question, for Prometheus and for a monitoring plugin.
 */
#include <math.h>

#include "base/num.h"
#include "dnsq.h"

/* Names that dashboards know: of blackbox_exporter (probe_). */
const struct metric dnsq_metrics[] = {
	METRICS_OF_A_PROBE,
	{"probe_dns_lookup_time_seconds", METRIC_GAUGE, "From the query to its reply."},
	{"probe_dns_answer_rrs", METRIC_GAUGE, "Records in the answer section."},
	{"probe_dns_authority_rrs", METRIC_GAUGE, "Records in the authority section."},
	{"probe_dns_additional_rrs", METRIC_GAUGE, "Records in the additional section."},
	{"dnsq_rcode", METRIC_GAUGE, "Response code, its extension by EDNS included."},
	{"dnsq_reply_bytes", METRIC_GAUGE, "Length of the reply."},
	{"dnsq_queries_sent", METRIC_GAUGE,
	 "Queries that were sent until there was a reply, or none."},
	{NULL, METRIC_GAUGE, NULL},
};

enum quantity { TIME };

const struct check_quantity dnsq_quantities[] = {
	[TIME] = {"time", "time", "ms", "0"},
	{NULL, NULL, NULL, NULL},
};

static void measure(struct metrics *m, const struct dnsq_lookup *l, const struct ask *a)
{
	char type[DNS_WORD_MAX], addr[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX + 8];
	bool is_replied = a->state == ASK_REPLIED;
	unsigned rcode = is_replied ? dns_rcode_of(a->reply, a->reply_len) : 0;
	const struct metric_label labels[] = {
		{"name", l->name},
		{"type", dns_type_text(l->type, type)},
		{"server", server},
		{NULL, NULL},
	};
	struct dns_msg msg;

	snprintf(server, sizeof(server), "%s#%u", addr_text(&a->server->addr, addr),
		 a->server->port);
	metrics_set(m, "probe_success", labels, is_replied && rcode == DNS_NOERROR);
	metrics_set(m, "probe_ip_protocol", labels, addr_is_v6(&a->server->addr) ? 6 : 4);
	metrics_set(m, "dnsq_queries_sent", labels, a->n_sent);
	if (!is_replied || dns_msg_open(&msg, a->reply, a->reply_len) < 0)
		return;
	metrics_set(m, "probe_dns_lookup_time_seconds", labels,
		    (double)a->rtt_ns / (double)NS_PER_S);
	metrics_set(m, "probe_dns_answer_rrs", labels, msg.counts[DNS_ANSWER]);
	metrics_set(m, "probe_dns_authority_rrs", labels, msg.counts[DNS_AUTHORITY]);
	metrics_set(m, "probe_dns_additional_rrs", labels, msg.counts[DNS_ADDITIONAL]);
	metrics_set(m, "dnsq_rcode", labels, rcode);
	metrics_set(m, "dnsq_reply_bytes", labels, (double)a->reply_len);
}

static void check(struct check *c, const struct dnsq_lookup *l, const struct ask *a, int status)
{
	char type[DNS_WORD_MAX], rcode[DNS_WORD_MAX], subject[sizeof(l->name) + DNS_WORD_MAX];
	bool is_replied = a->state == ASK_REPLIED;
	unsigned n = is_replied ? dns_rcode_of(a->reply, a->reply_len) : 0;
	double values[] = {
		[TIME] = is_replied ? (double)a->rtt_ns / (double)NS_PER_MS : (double)NAN,
	};
	const char *what = !is_replied                  ? "no reply" :
			   status == DNSQ_MALFORMED     ? "malformed reply" :
			   status == DNSQ_NOT_AUTHENTIC ? "not authentic" :
							  dns_rcode_text(n, rcode);
	bool is_good = is_replied && n == DNS_NOERROR && status == DNSQ_OK;

	snprintf(subject, sizeof(subject), "%s %s", l->name, dns_type_text(l->type, type));
	check_add(c, subject, is_good ? CHECK_OK : CHECK_CRITICAL, what, values);
}

void dnsq_outcome(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a, int status)
{
	if (d->run->metrics && a->server) /* nobody, when it was stopped before the first query */
		measure(d->run->metrics, l, a);
	if (d->run->options.is_check)
		check(&d->run->options.check, l, a, status);
}

bool dnsq_has_outcome(const struct dnsq *d)
{
	return d->run->metrics || d->run->options.is_check;
}
