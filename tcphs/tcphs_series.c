/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs_series - several connections, one after the other, and what came of them all.
 */
#include "tcphs.h"

#include "base/num.h"
#include "base/stats.h"

#define BATCH 32u
#define INTERVAL_NS NS_PER_S

static const struct field totals_fields[] = {
	{"target", FIELD_STRING, "", "The host as typed."},
	{"port", FIELD_INT, "", "Its port."},
	{"connections", FIELD_INT, "", "Connections that were tried."},
	{"done", FIELD_INT, "", "Those that were done as asked: exit status 0."},
	{"open", FIELD_INT, "", "Those that came about."},
	{"refused", FIELD_INT, "", "Answered by a RST."},
	{"unreachable", FIELD_INT, "", "Answered by an ICMP error."},
	{"filtered", FIELD_INT, "", "Not answered."},
	{"rtt_ms", FIELD_OBJECT, "ms",
	 "min, avg, max, mdev, p50, p90, p99 of the answers to our SYN; null without one."},
	{"elapsed_ms", FIELD_NUMBER, "ms", "Length of the run."},
};

const struct record_type tcphs_totals_record =
	RECORD_TYPE("totals", "What a series of connections came to.", totals_fields);

enum result { RESULT_OPEN, RESULT_REFUSED, RESULT_UNREACHABLE, RESULT_FILTERED, N_RESULTS };

static const char *const result_words[N_RESULTS] = {"open", "refused", "unreachable", "filtered"};

struct series {
	struct tcphs *t;
	uint64_t start_ns, due_ns;
	bool is_pause_over;
	uint64_t done, results[N_RESULTS];
	struct stats rtt;
	int status;
};

/* --- between two connections */

/* What comes late belongs to none: the guards swallow it, and a phantom goes on answering. */
static uint64_t pause_step(void *arg)
{
	struct series *s = arg;
	struct tcphs *t = s->t;
	struct link_in in[BATCH];
	int n = link_recv(t->link, in, BATCH, &t->why);
	uint64_t now_ns = clock_mono(t->run->clock);
	uint64_t due_ns = s->due_ns < t->deadline_ns ? s->due_ns : t->deadline_ns;

	if (n < 0 && n != E_AGAIN)
		t->is_broken = true;
	for (int i = 0; i < n && t->host.n; i++)
		phantom_receive(&t->host, &in[i], now_ns);
	if (t->host.n) {
		(void)tcphs_phantom_step(t, now_ns);
		if (phantom_due_ns(&t->host) < due_ns)
			due_ns = phantom_due_ns(&t->host);
	}
	s->is_pause_over |= t->is_broken || now_ns >= s->due_ns || now_ns >= t->deadline_ns;
	return n > 0 ? 0 : due_ns;
}

static bool pause_is_over(const void *arg)
{
	return ((const struct series *)arg)->is_pause_over;
}

static void pause_stop(void *arg)
{
	struct series *s = arg;

	s->t->is_stopped = s->is_pause_over = true;
	s->t->run->reason = "interrupted";
}

static void pause_status(void *arg)
{
	const struct series *s = arg;

	fprintf(stderr, "\r%llu connections, %llu done as asked\n",
		(unsigned long long)s->t->n_connections, (unsigned long long)s->done);
}

static unsigned pause_fds(const void *arg, int *fds)
{
	fds[0] = ((const struct series *)arg)->t->link->fd;
	return 1;
}

/* --- what came of them */

static void note(struct series *s, int status)
{
	const struct tcphs *t = s->t;

	for (unsigned i = 0; i < N_RESULTS; i++)
		s->results[i] += strcmp(t->result, result_words[i]) == 0;
	s->done += status == EXIT_ANSWERED;
	if (t->is_rtt_known)
		stats_add(&s->rtt, t->rtt_ns);
	if (!s->status)
		s->status = status;
}

static double to_ms(double ns)
{
	return ns / NS_PER_MS;
}

static void rtt_fields(const struct stats *rtt, struct rec *r)
{
	struct rec *o;

	if (!rtt->count) {
		rec_null(r, "rtt_ms");
		return;
	}
	o = rec_object(r, "rtt_ms");
	rec_num(o, "min", to_ms((double)rtt->min_ns));
	rec_num(o, "avg", to_ms(rtt->mean_ns));
	rec_num(o, "max", to_ms((double)rtt->max_ns));
	rec_num(o, "mdev", to_ms(stats_mdev_ns(rtt)));
	rec_num(o, "p50", to_ms((double)stats_percentile_ns(rtt, 50)));
	rec_num(o, "p90", to_ms((double)stats_percentile_ns(rtt, 90)));
	rec_num(o, "p99", to_ms((double)stats_percentile_ns(rtt, 99)));
	rec_close(o);
}

static void record(const struct series *s)
{
	struct tcphs *t = s->t;
	struct rec *r = record_start(&t->run->out, &tcphs_totals_record);

	rec_str(r, "target", t->opts.host);
	rec_int(r, "port", t->opts.port);
	rec_int(r, "connections", (int64_t)t->n_connections);
	rec_int(r, "done", (int64_t)s->done);
	for (unsigned i = 0; i < N_RESULTS; i++)
		rec_int(r, result_words[i], (int64_t)s->results[i]);
	rtt_fields(&s->rtt, r);
	rec_num(r, "elapsed_ms", to_ms((double)(clock_mono(t->run->clock) - s->start_ns)));
	record_write(&t->run->out, r);
}

static void lines(const struct series *s)
{
	struct tcphs *t = s->t;
	char buf[400];
	struct text l = text_make(buf, sizeof(buf));

	text_add(&l, "--- ");
	text_add_clean(&l, t->opts.host, strlen(t->opts.host));
	text_addf(&l, " port %u, tcphs statistics ---", t->opts.port);
	out_line(&t->run->out, &l);
	l = text_make(buf, sizeof(buf));
	text_addf(&l, "%llu connections", (unsigned long long)t->n_connections);
	for (unsigned i = 0; i < N_RESULTS; i++)
		if (s->results[i] || i == RESULT_OPEN)
			text_addf(&l, ", %llu %s", (unsigned long long)s->results[i],
				  result_words[i]);
	text_addf(&l, "; %llu done as asked", (unsigned long long)s->done);
	out_line(&t->run->out, &l);
	if (s->rtt.count)
		out_text(&t->run->out, "rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n",
			 to_ms((double)s->rtt.min_ns), to_ms(s->rtt.mean_ns),
			 to_ms((double)s->rtt.max_ns), to_ms(stats_mdev_ns(&s->rtt)));
}

/* Waits for its turn. Returns whether there is to be another. */
static bool wait_for_next(struct series *s)
{
	static const struct tool_machine machine = {pause_step, pause_is_over, pause_stop,
						    pause_status, pause_fds};
	struct tcphs *t = s->t;

	if (t->n_connections >= t->run->options.count || t->is_stopped || t->is_late ||
	    t->is_broken || t->run->out.is_lost)
		return false;
	s->is_pause_over = false;
	tool_drive(t->run, &machine, s);
	return !t->is_stopped && !t->is_broken && clock_mono(t->run->clock) < t->deadline_ns;
}

int tcphs_series_run(struct tcphs *t)
{
	const struct options *o = &t->run->options;
	struct series s = {.t = t, .start_ns = clock_mono(t->run->clock)};
	struct why why;

	if (o->count < 2)
		return tcphs_connect_run(t);
	do {
		if (t->n_connections && tcphs_renew(t, &why) < 0)
			return tool_fail(t->run, &why);
		s.due_ns = clock_mono(t->run->clock) +
			   (o->has_interval ? o->interval_ns : INTERVAL_NS);
		note(&s, tcphs_connect_run(t));
		if (!o->is_quiet)
			out_text(&t->run->out, "\n");
	} while (wait_for_next(&s));
	if (t->is_broken)
		s.status = EXIT_CANNOT_ASK;
	lines(&s);
	record(&s);
	stats_free(&s.rtt);
	return s.status;
}
