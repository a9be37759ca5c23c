/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs_outcome - what the connection came to, for Prometheus and for a monitoring plugin.
 */
#include <math.h>

#include "base/num.h"
#include "tcphs.h"

/* Names that dashboards know: of blackbox_exporter (probe_). */
const struct metric tcphs_metrics[] = {
	METRICS_OF_A_PROBE,
	{"probe_duration_seconds", METRIC_GAUGE, "Length of the run."},
	{"tcphs_handshake_seconds", METRIC_GAUGE, "From our SYN to its answer."},
	{"tcphs_result", METRIC_GAUGE, "1: the words of the RESULT line stand in the labels."},
	{"tcphs_sent_bytes", METRIC_GAUGE, "Octets sent and acknowledged."},
	{"tcphs_received_bytes", METRIC_GAUGE, "Octets received in order."},
	{"tcphs_retransmissions", METRIC_GAUGE, "Segments sent again."},
	{"tcphs_http_status", METRIC_GAUGE, "Status code of the HTTP response."},
	{NULL, METRIC_GAUGE, NULL},
};

enum quantity { TIME };

const struct check_quantity tcphs_quantities[] = {
	[TIME] = {"time", "time", "ms", "0"},
	{NULL, NULL, NULL, NULL},
};

static void measure(struct tcphs *t, const char *result, const char *reason, int status)
{
	char addr[ADDR_TEXT_MAX], port[8];
	struct metrics *m = t->run->metrics;
	const struct metric_label labels[] = {
		{"target", t->opts.host},
		{"addr", addr_text(&t->flow.remote, addr)},
		{"port", port},
		{NULL, NULL},
	};
	const struct metric_label words[] = {
		labels[0],          labels[1],          labels[2],
		{"result", result}, {"reason", reason}, {NULL, NULL},
	};

	snprintf(port, sizeof(port), "%u", t->opts.port);
	metrics_set(m, "probe_success", labels, status == EXIT_ANSWERED);
	metrics_set(m, "probe_duration_seconds", labels,
		    (double)(clock_mono(t->run->clock) - t->start_ns) / (double)NS_PER_S);
	metrics_set(m, "probe_ip_protocol", labels, addr_is_v6(&t->flow.remote) ? 6 : 4);
	if (t->is_rtt_known)
		metrics_set(m, "tcphs_handshake_seconds", labels,
			    (double)t->rtt_ns / (double)NS_PER_S);
	metrics_set(m, "tcphs_result", words, 1);
	metrics_set(m, "tcphs_sent_bytes", labels, (double)t->tcb.bytes_out);
	metrics_set(m, "tcphs_received_bytes", labels, (double)t->tcb.bytes_in);
	metrics_set(m, "tcphs_retransmissions", labels, t->tcb.n_retransmits);
	if (t->reply.status)
		metrics_set(m, "tcphs_http_status", labels, t->reply.status);
}

static void check(struct tcphs *t, const char *result, const char *reason, int status)
{
	char end[400], what[64];
	double values[] = {
		[TIME] = t->is_rtt_known ? (double)t->rtt_ns / (double)NS_PER_MS : (double)NAN,
	};

	(void)tcphs_end_text(&t->flow.remote, t->opts.port, end, sizeof(end));
	snprintf(what, sizeof(what), "%s (%s)", result, reason);
	check_add(&t->run->options.check, end, status == EXIT_ANSWERED ? CHECK_OK : CHECK_CRITICAL,
		  what, values);
}

void tcphs_outcome(struct tcphs *t, const char *result, const char *reason, int status)
{
	if (t->run->metrics)
		measure(t, result, reason, status);
	if (t->run->options.is_check)
		check(t, result, reason, status);
}
