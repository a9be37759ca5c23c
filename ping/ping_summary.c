/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping_summary - the header before, the counts after, and the line in between that Ctrl-\ asks for.
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "ping.h"

static const struct field summary_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed."},
	{"addr", FIELD_STRING, "", "Its address."},
	{"sent", FIELD_INT, "", "Probes that left this host."},
	{"received", FIELD_INT, "", "Probes answered well and in time."},
	{"lost", FIELD_INT, "", "Probes sent and not received."},
	{"loss_pct", FIELD_NUMBER, "%", "lost of sent."},
	{"duplicates", FIELD_INT, "", "Further answers to an answered probe."},
	{"late", FIELD_INT, "", "Answers after the timeout; their probes stay lost."},
	{"corrupt", FIELD_INT, "",
	 "Answers with other octets than were sent, or a wrong checksum."},
	{"foreign", FIELD_INT, "", "Answers from another address than the one asked."},
	{"forged", FIELD_INT, "", "Answers and errors with our numbers but not our cookie."},
	{"truncated", FIELD_INT, "", "Answers shorter than what was sent."},
	{"errors", FIELD_INT, "", "Probes answered by an ICMP error."},
	{"local_errors", FIELD_INT, "",
	 "Probes that this host could not send; they are not in sent."},
	{"kernel_drops", FIELD_INT, "",
	 "Packets the kernel dropped for want of buffer, in the whole run so far."},
	{"rtt_ms", FIELD_OBJECT, "ms",
	 "min, avg, max, mdev, p50, p90, p99 of the received; null when none was."},
	{"jitter_ms", FIELD_NUMBER, "ms",
	 "Interarrival jitter (RFC 3550 A.8); null below two answers."},
	{"socket", FIELD_STRING, "", "dgram (ping socket) or raw."},
	{"authenticated", FIELD_BOOL, "",
	 "Whether answers were proven by a cookie; false with less than 8 octets of data or --raw-payload."},
};

const struct record_type ping_summary_record =
	RECORD_TYPE("summary", "What came of one target.", summary_fields);

static const char *socket_word(const struct ping_family *f)
{
	return f->kind == SOCK_KIND_PING ? "dgram" : "raw";
}

bool ping_route_to(struct ping *p, const struct addr *dst, struct route *out)
{
	struct route_query q = {.dst = *dst,
				.src = p->opts.source,
				.oif = p->opts.sock.ifindex,
				.mark = p->opts.sock.mark};

	return p->run->netlink && route_get(p->run->netlink, &q, out, NULL) == 0;
}

struct addr ping_source_to(struct ping *p, const struct addr *dst)
{
	struct route route;

	if (p->opts.source.len)
		return p->opts.source;
	return ping_route_to(p, dst, &route) ? route.src : (struct addr){0};
}

void ping_pattern_line(struct ping *p)
{
	char line[64];
	struct text text = text_make(line, sizeof(line));

	if (!p->opts.pattern_len || p->run->options.is_quiet)
		return;
	text_add(&text, "PATTERN: 0x");
	for (size_t i = 0; i < p->opts.pattern_len; i++)
		text_addf(&text, "%02x", p->opts.pattern[i]);
	out_line(&p->run->out, &text);
}

void ping_header(struct ping *p, const struct target *t)
{
	bool is_v6 = addr_is_v6(&t->addr);
	char line[512], addr[ADDR_TEXT_MAX], source[ADDR_TEXT_MAX];
	struct text text = text_make(line, sizeof(line));
	struct addr from;

	text_add(&text, "PING ");
	addr_text(&t->addr, addr);
	if (t->name)
		text_add_clean(&text, t->name, strlen(t->name));
	else
		text_add(&text, addr);
	text_addf(&text, " (%s)", addr);
	if (p->opts.sock.flow_label && is_v6)
		text_addf(&text, " , flow 0x%05x,", p->opts.sock.flow_label);
	if (p->opts.sock.ifindex || p->opts.source.len) {
		from = ping_source_to(p, &t->addr);
		if (!from.len) /* no route: nobody knows */
			from.len = t->addr.len;
		text_addf(&text, " from %s ", addr_text(&from, source));
		text_add_clean(&text, p->opts.ifname, strlen(p->opts.ifname));
		text_add(&text, ":");
	}
	if (is_v6)
		text_addf(&text, " %zu data bytes", p->opts.size);
	else
		text_addf(&text, " %zu(%zu) bytes of data.", p->opts.size,
			  p->opts.size + 28 + p->opts.ip_opts_len);
	out_line(&p->run->out, &text);
}

/* iputils' two lines, with our further counts where they are not zero. */
static void count_line(struct ping *p, const struct counts *c, uint64_t took_ns)
{
	const struct {
		uint32_t n;
		const char *word;
	} more[] = {
		{c->duplicates, "duplicates"}, {c->corrupt, "corrupted"},
		{c->errors, "errors"},         {c->late, "late"},
		{c->foreign, "foreign"},       {c->forged, "forged"},
		{c->truncated, "truncated"},   {c->local_errors, "local errors"},
	};
	char line[512];
	struct text t = text_make(line, sizeof(line));

	text_addf(&t, "%u packets transmitted, %u received", c->sent, c->received);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (more[i].n)
			text_addf(&t, ", +%u %s", more[i].n, more[i].word);
	if (c->sent)
		text_addf(&t, ", %g%% packet loss, time %llums", (double)(float)counts_loss_pct(c),
			  (unsigned long long)(took_ns / NS_PER_MS));
	out_line(&p->run->out, &t);
}

static double ms(double ns)
{
	return ns / (double)NS_PER_MS;
}

/*
 * What iputils appends to its last line: probes under way at once; pace and smoothed time of a
 * flood.
 */
static void add_pipe(struct text *t, const struct ping *p, const struct target *target)
{
	const struct options *o = &p->run->options;
	bool is_paced_by_answers =
		p->opts.is_flood || p->opts.is_adaptive || (o->has_interval && !o->interval_ns);
	const char *comma = target->rtt.count ? ", " : "";
	uint32_t sent = target->counts.sent;

	if (target->pipe > 1) {
		text_addf(t, "%spipe %u", comma, target->pipe);
		comma = ", ";
	}
	if (is_paced_by_answers && target->rtt.count && sent > 1)
		text_addf(t, "%sipg/ewma %.3f/%.3f ms", comma,
			  ms((double)(target->last_ns - target->first_ns) / (sent - 1)),
			  ms(target->rtt.ewma_ns));
}

/* @target: NULL for the sum of a sweep. */
static void rtt_lines(struct ping *p, const struct stats *s, const struct target *target)
{
	char line[256];
	struct text t = text_make(line, sizeof(line));

	if (s->count)
		text_addf(&t, "rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms",
			  ms((double)s->min_ns), ms(s->mean_ns), ms((double)s->max_ns),
			  ms(stats_mdev_ns(s)));
	if (target)
		add_pipe(&t, p, target);
	out_line(&p->run->out, &t);
	if (s->count > 1 && p->run->options.verbose)
		out_text(&p->run->out, "p50/p90/p99 = %.3f/%.3f/%.3f ms, jitter %.3f ms\n",
			 ms((double)stats_percentile_ns(s, 50)),
			 ms((double)stats_percentile_ns(s, 90)),
			 ms((double)stats_percentile_ns(s, 99)), ms(s->jitter_ns));
}

static void rtt_fields(struct rec *r, const struct stats *s)
{
	struct rec *rtt;

	if (!s->count) {
		rec_null(r, "rtt_ms");
	} else {
		rtt = rec_object(r, "rtt_ms");
		rec_num(rtt, "min", ms((double)s->min_ns));
		rec_num(rtt, "avg", ms(s->mean_ns));
		rec_num(rtt, "max", ms((double)s->max_ns));
		rec_num(rtt, "mdev", ms(stats_mdev_ns(s)));
		rec_num(rtt, "p50", ms((double)stats_percentile_ns(s, 50)));
		rec_num(rtt, "p90", ms((double)stats_percentile_ns(s, 90)));
		rec_num(rtt, "p99", ms((double)stats_percentile_ns(s, 99)));
		rec_close(rtt);
	}
	if (s->count > 1)
		rec_num(r, "jitter_ms", ms(s->jitter_ns));
	else
		rec_null(r, "jitter_ms");
}

static void summary_record(struct ping *p, const struct target *t)
{
	const struct ping_family *f = ping_family_of(p, &t->addr);
	struct rec *r = record_start(&p->run->out, &ping_summary_record);
	const struct counts *c = &t->counts;
	char text[ADDR_TEXT_MAX];

	if (!r)
		return;
	rec_str(r, "target", target_text(t, text));
	rec_str(r, "addr", addr_text(&t->addr, text));
	rec_int(r, "sent", c->sent);
	rec_int(r, "received", c->received);
	rec_int(r, "lost", c->sent - c->received);
	rec_num(r, "loss_pct", counts_loss_pct(c));
	rec_int(r, "duplicates", c->duplicates);
	rec_int(r, "late", c->late);
	rec_int(r, "corrupt", c->corrupt);
	rec_int(r, "foreign", c->foreign);
	rec_int(r, "forged", c->forged);
	rec_int(r, "truncated", c->truncated);
	rec_int(r, "errors", c->errors);
	rec_int(r, "local_errors", c->local_errors);
	rec_int(r, "kernel_drops", (int64_t)f->link->drops);
	rtt_fields(r, &t->rtt);
	rec_str(r, "socket", socket_word(f));
	rec_bool(r, "authenticated", ping_mark_len(p) > 0);
	record_write(&p->run->out, r);
}

void ping_target_summary(struct ping *p, const struct target *t)
{
	struct out *o = &p->run->out;
	char text[ADDR_TEXT_MAX], name[TARGET_WORD_MAX * 3];

	if (o->is_json)
		summary_record(p, t);
	if (o->is_json || t->is_swept || p->opts.is_mtu)
		return;
	(void)text_clean(name, sizeof(name), target_text(t, text), strlen(target_text(t, text)));
	out_text(o, "\n--- %s ping statistics ---\n", name);
	count_line(p, &t->counts, t->last_ns - t->first_ns);
	rtt_lines(p, &t->rtt, t);
}

void ping_sweep_summary(struct ping *p)
{
	const struct engine_totals *all = engine_totals(p->engine);
	struct out *o = &p->run->out;

	if (!p->is_sweep || !all->targets || p->opts.is_mtu)
		return;
	out_text(o, "\n--- ping statistics of %llu targets: %llu answered, %llu silent ---\n",
		 (unsigned long long)all->targets, (unsigned long long)all->answered,
		 (unsigned long long)(all->targets - all->answered));
	count_line(p, &all->counts, all->last_ns - all->start_ns);
	rtt_lines(p, &all->rtt, NULL);
}

void ping_status(void *arg)
{
	struct ping *p = arg;
	const struct engine_totals *all = engine_totals(p->engine);

	if (p->is_sweep) {
		fprintf(stderr, "\r%u/%u packets, %.0f%% loss, %llu targets, %llu answered\n",
			all->counts.sent, all->counts.received, counts_loss_pct(&all->counts),
			(unsigned long long)all->targets, (unsigned long long)all->answered);
		return;
	}
	for (const struct target *t = engine_first_target(p->engine); t; t = t->next) {
		const struct stats *s = &t->rtt;

		fprintf(stderr, "\r%u/%u packets, %d%% loss", t->counts.sent, t->counts.received,
			(int)counts_loss_pct(&t->counts));
		if (s->count)
			fprintf(stderr, ", min/avg/ewma/max = %.3f/%.3f/%.3f/%.3f ms",
				ms((double)s->min_ns), ms(s->mean_ns), ms(s->ewma_ns),
				ms((double)s->max_ns));
		fputc('\n', stderr);
	}
}
