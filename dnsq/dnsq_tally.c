/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_tally - how each server of a batch did: counts, response codes, a histogram of times. */
#include <stdlib.h>

#include "base/num.h"
#include "base/stats.h"
#include "dnsq.h"

#define SERVERS_MAX 64u
#define BARS 22u

struct tally {
	struct endpoint server;
	uint64_t sent, replies, failed;
	uint64_t rcodes[6]; /* NOERROR to REFUSED; others in the place of NOTIMP */
	struct stats rtt;
};

struct tallies {
	struct tally of[SERVERS_MAX];
	unsigned n;
};

static const struct field server_fields[] = {
	{"server", FIELD_OBJECT, "", "Who: name, addr, port."},
	{"sent", FIELD_INT, "", "Queries sent to it."},
	{"replies", FIELD_INT, "", "Questions it replied to."},
	{"failed", FIELD_INT, "", "Questions that stayed without a reply."},
	{"rcodes", FIELD_OBJECT, "",
	 "Replies by response code: NOERROR, NXDOMAIN, SERVFAIL, REFUSED, other."},
	{"rtt_ms", FIELD_OBJECT, "ms", "min, mean, p50, p95, p99, max."},
	{"histogram", FIELD_ARRAY, "",
	 "Replies by time: count of those below below_ms and not below the one before."},
};

const struct record_type dnsq_server_record =
	RECORD_TYPE("server", "A server of a batch with +summary, at its end.", server_fields);

struct tallies *tallies_new(void)
{
	return calloc(1, sizeof(struct tallies));
}

void tallies_free(struct tallies *t)
{
	for (unsigned i = 0; t && i < t->n; i++)
		stats_free(&t->of[i].rtt);
	free(t);
}

static struct tally *tally_of(struct tallies *t, const struct endpoint *e)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->of[i].server.port == e->port && addr_same(&t->of[i].server.addr, &e->addr))
			return &t->of[i];
	if (t->n == SERVERS_MAX)
		return NULL;
	t->of[t->n].server = *e;
	return &t->of[t->n++];
}

void tallies_add(struct tallies *all, const struct ask *a)
{
	struct tally *t = tally_of(all, a->server);
	unsigned rcode;

	if (!t)
		return;
	t->sent += a->n_sent;
	if (a->state != ASK_REPLIED) {
		t->failed++;
		return;
	}
	rcode = dns_rcode_of(a->reply, a->reply_len);
	t->rcodes[rcode <= DNS_REFUSED ? rcode : DNS_NOTIMP]++;
	t->replies++;
	/* Which of several datagrams was answered is not known. */
	if (!a->is_resent)
		stats_add(&t->rtt, a->rtt_ns);
}

static uint64_t others(const struct tally *t)
{
	return t->rcodes[DNS_FORMERR] + t->rcodes[DNS_NOTIMP];
}

static double ms(uint64_t ns)
{
	return (double)ns / NS_PER_MS;
}

/* The limits of the bars: 10 us, 20, 50, 100, ... 100 s. */
static uint64_t limit_ns(unsigned bar)
{
	static const unsigned steps[] = {1, 2, 5};
	uint64_t ns = 10 * NS_PER_US;

	for (unsigned i = 0; i < bar / 3; i++)
		ns *= 10;
	return ns * steps[bar % 3];
}

/* Calls @bar for each bar from the first to the last that holds something. */
static void each_bar(const struct stats *s, void (*bar)(void *arg, uint64_t limit_ns, uint64_t n),
		     void *arg)
{
	uint64_t below = 0;

	for (unsigned i = 0; i < BARS && below < s->count; i++) {
		uint64_t now_below = stats_count_within(s, limit_ns(i) - 1);

		if (now_below)
			bar(arg, limit_ns(i), now_below - below);
		below = now_below;
	}
}

static void add_bar(void *arg, uint64_t limit, uint64_t n)
{
	struct text *t = arg;

	text_addf(t, "%s<%g: %llu", t->len ? ", " : "", ms(limit), (unsigned long long)n);
}

static void tell(struct run *run, const struct tally *t)
{
	char text[ADDR_TEXT_MAX], bars[40 * BARS];
	struct text line = text_make(bars, sizeof(bars));

	tool_say(
		run,
		"%s#%u: %llu sent, %llu replies, %llu without reply; NOERROR %llu, NXDOMAIN %llu, SERVFAIL %llu, REFUSED %llu, other %llu",
		addr_text(&t->server.addr, text), t->server.port, (unsigned long long)t->sent,
		(unsigned long long)t->replies, (unsigned long long)t->failed,
		(unsigned long long)t->rcodes[DNS_NOERROR],
		(unsigned long long)t->rcodes[DNS_NXDOMAIN],
		(unsigned long long)t->rcodes[DNS_SERVFAIL],
		(unsigned long long)t->rcodes[DNS_REFUSED], (unsigned long long)others(t));
	if (!t->rtt.count)
		return;
	tool_say(run, "%s#%u: rtt min/avg/p50/p95/p99/max = %.3f/%.3f/%.3f/%.3f/%.3f/%.3f ms", text,
		 t->server.port, ms(t->rtt.min_ns), t->rtt.mean_ns / 1e6,
		 ms(stats_percentile_ns(&t->rtt, 50)), ms(stats_percentile_ns(&t->rtt, 95)),
		 ms(stats_percentile_ns(&t->rtt, 99)), ms(t->rtt.max_ns));
	each_bar(&t->rtt, add_bar, &line);
	tool_say(run, "%s#%u: replies by ms: %s", text, t->server.port, line.buf);
}

static void put_bar(void *arg, uint64_t limit, uint64_t n)
{
	struct rec *item = rec_item(arg);

	rec_num(item, "below_ms", ms(limit));
	rec_int(item, "count", (int64_t)n);
	rec_close(item);
}

static void record(struct run *run, const struct tally *t)
{
	struct rec *r = record_start(&run->out, &dnsq_server_record);
	struct rec *j = rec_object(r, "server");
	char text[ADDR_TEXT_MAX];

	rec_str(j, "name", t->server.name);
	rec_str(j, "addr", addr_text(&t->server.addr, text));
	rec_int(j, "port", t->server.port);
	rec_close(j);
	rec_int(r, "sent", (int64_t)t->sent);
	rec_int(r, "replies", (int64_t)t->replies);
	rec_int(r, "failed", (int64_t)t->failed);
	j = rec_object(r, "rcodes");
	rec_int(j, "NOERROR", (int64_t)t->rcodes[DNS_NOERROR]);
	rec_int(j, "NXDOMAIN", (int64_t)t->rcodes[DNS_NXDOMAIN]);
	rec_int(j, "SERVFAIL", (int64_t)t->rcodes[DNS_SERVFAIL]);
	rec_int(j, "REFUSED", (int64_t)t->rcodes[DNS_REFUSED]);
	rec_int(j, "other", (int64_t)others(t));
	rec_close(j);
	if (t->rtt.count) {
		j = rec_object(r, "rtt_ms");
		rec_num(j, "min", ms(t->rtt.min_ns));
		rec_num(j, "mean", t->rtt.mean_ns / 1e6);
		rec_num(j, "p50", ms(stats_percentile_ns(&t->rtt, 50)));
		rec_num(j, "p95", ms(stats_percentile_ns(&t->rtt, 95)));
		rec_num(j, "p99", ms(stats_percentile_ns(&t->rtt, 99)));
		rec_num(j, "max", ms(t->rtt.max_ns));
		rec_close(j);
		j = rec_array(r, "histogram");
		each_bar(&t->rtt, put_bar, j);
		rec_close(j);
	}
	record_write(&run->out, r);
}

void tallies_tell(const struct tallies *t, struct run *run)
{
	for (unsigned i = 0; i < t->n; i++)
		if (run->out.is_json)
			record(run, &t->of[i]);
		else
			tell(run, &t->of[i]);
}
