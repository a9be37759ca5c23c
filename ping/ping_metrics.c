/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping_metrics - what came of a target, for Prometheus and for a monitoring plugin.
 */
#include <math.h>

#include "base/num.h"
#include "ping.h"

/* Names that dashboards know: of blackbox_exporter (probe_) and smokeping_prober (smokeping_). */
const struct metric ping_metrics[] = {
	METRICS_OF_A_PROBE,
	{"probe_icmp_duration_seconds", METRIC_GAUGE,
	 "Round-trip time (phase rtt), mean of all answers."},
	{"smokeping_requests_total", METRIC_COUNTER, "Probes that left this host."},
	{"smokeping_response_duration_seconds", METRIC_HISTOGRAM,
	 "Round-trip times of the answers that were good and in time."},
	{"smokeping_response_duplicates_total", METRIC_COUNTER,
	 "Further answers to an answered probe."},
	{"ping_loss_ratio", METRIC_GAUGE,
	 "Share of the sent probes without a good answer in time."},
	{"ping_rtt_seconds", METRIC_GAUGE,
	 "Round-trip time: stat is min, avg, max, mdev, p50, p90 or p99."},
	{"ping_jitter_seconds", METRIC_GAUGE, "Interarrival jitter, RFC 3550 A.8."},
	{"ping_answers_total", METRIC_COUNTER,
	 "Answers by verdict; error is an ICMP error about a probe."},
	{"ping_local_errors_total", METRIC_COUNTER,
	 "Probes that this host could not send; they are not lost."},
	{NULL, METRIC_GAUGE, NULL},
};

enum quantity { RTA, LOSS, JITTER };

/* The labels are those of check_ping. */
const struct check_quantity ping_quantities[] = {
	[RTA] = {"rta", "rta", "ms", "0"},
	[LOSS] = {"loss", "pl", "%", "0;100"},
	[JITTER] = {"jitter", "jitter", "ms", "0"},
	{NULL, NULL, NULL, NULL},
};

static double seconds(double ns)
{
	return ns / (double)NS_PER_S;
}

static void set_times(struct metrics *m, const char *target, const char *addr,
		      const struct stats *s)
{
	const struct {
		const char *stat;
		double ns;
	} rows[] = {
		{"min", (double)s->min_ns},
		{"avg", s->mean_ns},
		{"max", (double)s->max_ns},
		{"mdev", stats_mdev_ns(s)},
		{"p50", (double)stats_percentile_ns(s, 50)},
		{"p90", (double)stats_percentile_ns(s, 90)},
		{"p99", (double)stats_percentile_ns(s, 99)},
	};
	const struct metric_label plain[] = {{"target", target}, {"addr", addr}, {NULL, NULL}};
	const struct metric_label rtt[] = {
		{"target", target}, {"addr", addr}, {"phase", "rtt"}, {NULL, NULL}};

	if (!s->count)
		return;
	metrics_set(m, "probe_icmp_duration_seconds", rtt, seconds(s->mean_ns));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct metric_label l[] = {
			{"target", target}, {"addr", addr}, {"stat", rows[i].stat}, {NULL, NULL}};

		metrics_set(m, "ping_rtt_seconds", l, seconds(rows[i].ns));
	}
	if (s->count > 1)
		metrics_set(m, "ping_jitter_seconds", plain, seconds(s->jitter_ns));
}

static void set_answers(struct metrics *m, const char *target, const char *addr,
			const struct counts *c)
{
	const struct {
		const char *verdict;
		uint32_t n;
	} rows[] = {
		{"ok", c->received},         {"duplicate", c->duplicates}, {"late", c->late},
		{"corrupt", c->corrupt},     {"foreign", c->foreign},      {"forged", c->forged},
		{"truncated", c->truncated}, {"error", c->errors},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct metric_label l[] = {{"target", target},
						 {"addr", addr},
						 {"verdict", rows[i].verdict},
						 {NULL, NULL}};

		metrics_set(m, "ping_answers_total", l, rows[i].n);
	}
}

static void measure(struct ping *p, const struct target *t)
{
	struct metrics *m = p->run->metrics;
	char addr[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX];
	const char *target = target_text(t, text);
	const struct counts *c = &t->counts;
	const struct metric_label l[] = {
		{"target", target}, {"addr", addr_text(&t->addr, addr)}, {NULL, NULL}};
	const struct metric_label host[] = {{"host", target}, {"ip", addr}, {NULL, NULL}};

	metrics_set(m, "probe_success", l, c->received > 0);
	metrics_set(m, "probe_ip_protocol", l, addr_is_v6(&t->addr) ? 6 : 4);
	metrics_set(m, "smokeping_requests_total", host, c->sent);
	metrics_set_times(m, "smokeping_response_duration_seconds", host, &t->rtt);
	metrics_set(m, "smokeping_response_duplicates_total", host, c->duplicates);
	if (c->sent)
		metrics_set(m, "ping_loss_ratio", l, counts_loss_pct(c) / 100);
	set_times(m, target, addr, &t->rtt);
	set_answers(m, target, addr, c);
	metrics_set(m, "ping_local_errors_total", l, c->local_errors);
}

static void check(struct ping *p, const struct target *t)
{
	const struct counts *c = &t->counts;
	const struct stats *s = &t->rtt;
	char text[ADDR_TEXT_MAX];
	double values[] = {
		[RTA] = s->count ? s->mean_ns / (double)NS_PER_MS : (double)NAN,
		[LOSS] = c->sent ? counts_loss_pct(c) : (double)NAN,
		[JITTER] = s->count > 1 ? s->jitter_ns / (double)NS_PER_MS : (double)NAN,
	};

	check_add(&p->run->options.check, target_text(t, text),
		  !c->sent     ? CHECK_UNKNOWN :
		  !c->received ? CHECK_CRITICAL :
				 CHECK_OK,
		  !c->sent     ? "could not be asked" :
		  !c->received ? "no answer" :
				 "",
		  values);
}

void ping_outcome(struct ping *p, const struct target *t)
{
	if (p->run->metrics)
		measure(p, t);
	if (p->run->options.is_check)
		check(p, t);
}

void ping_measure(void *arg)
{
	struct ping *p = arg;

	for (const struct target *t = engine_first_target(p->engine); t; t = t->next)
		measure(p, t);
}
