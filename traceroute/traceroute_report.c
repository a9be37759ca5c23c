/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_report - each event as a record, and what a path came to.
 */
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "traceroute_diff.h"
#include "traceroute_mtu.h"
#include "traceroute_multi.h"
#include "traceroute_watch.h"

static const struct field reply_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed."},
	{"addr", FIELD_STRING, "", "The address that was asked."},
	{"seq", FIELD_INT, "", "Number of the probe within its target, from 1."},
	{"ttl", FIELD_INT, "", "TTL or hop limit that the probe was sent with."},
	{"hop", FIELD_INT, "",
	 "Where on the path the answer belongs: ttl, unless the quoted TTL proves another place."},
	{"flow", FIELD_INT, "", "Number of its flow, from 0 (--multipath)."},
	{"size", FIELD_INT, "octets", "Of the probe, where sizes are tried (--mtu)."},
	{"from", FIELD_STRING, "", "Who answered."},
	{"asn", FIELD_STRING, "",
	 "Its autonomous system, as the file of --asn-db has it, or DNS if it has said so before."},
	{"kind", FIELD_STRING, "",
	 "transit (the TTL ran out there), reached (the destination) or refused (unreachable, "
	 "prohibited)."},
	{"rtt_ms", FIELD_NUMBER, "ms", "Round-trip time."},
	{"clock", FIELD_STRING, "",
	 "Where the time comes from: kernel (both ends), kernel-rx (arrival only) or user."},
	{"verdict", FIELD_STRING, "", "ok, duplicate, late or forged."},
	{"icmp_type", FIELD_INT, "", "ICMP or ICMPv6 type; absent for an answer by TCP or UDP."},
	{"icmp_code", FIELD_INT, "", "Its code."},
	{"text", FIELD_STRING, "", "The same in words."},
	{"tcp_flags", FIELD_INT, "", "Flags of an answer by TCP."},
	{"reply_ttl", FIELD_INT, "", "TTL or hop limit of the answer on arrival."},
	{"q_ttl", FIELD_INT, "", "TTL that the answer quotes: what was left of the probe's."},
	{"mtu", FIELD_INT, "octets", "Next-hop MTU of a packet too big."},
	{"changed", FIELD_ARRAY, "",
	 "What the quote shows as rewritten on the way: field, was and is (dscp, ecn, df, id, "
	 "flow_label, src, dst, sport, dport, checksum, seq, mss)."},
	{"ext", FIELD_ARRAY, "",
	 "RFC 4884 objects: class, ctype, and mpls (RFC 4950: label, tc, s, ttl) or iface (RFC 5837: "
	 "role, index, addr, name, mtu)."},
};

static const struct field timeout_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed."},
	{"addr", FIELD_STRING, "", "The address that was asked."},
	{"seq", FIELD_INT, "", "Number of the probe within its target."},
	{"ttl", FIELD_INT, "", "TTL that it was sent with."},
	{"left", FIELD_BOOL, "", "Whether the kernel stamped it as leaving this host."},
};

static const struct field name_fields[] = {
	{"addr", FIELD_STRING, "", "An address that answered."},
	{"name", FIELD_STRING, "", "Its name, as the system's resolver has it."},
	{"asn", FIELD_STRING, "", "Or its autonomous system, as DNS has it (--asn=dns)."},
};

static const struct field summary_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed."},
	{"addr", FIELD_STRING, "", "The address that was asked."},
	{"src", FIELD_STRING, "", "Source address of the probes."},
	{"method", FIELD_STRING, "", "udp, icmp, tcp, udplite or raw."},
	{"flow", FIELD_STRING, "",
	 "What routers may spread flows by, beside the addresses: method, ports (of ICMP identifier "
	 "and checksum), flow label; absent when each probe is another."},
	{"reached", FIELD_BOOL, "", "Whether the destination answered."},
	{"stop_reason", FIELD_STRING, "",
	 "completed, unreach, hoplimit, count, loop, deadline, interrupted or error."},
	{"distance", FIELD_INT, "", "Hops to the end of the path; absent while unknown."},
	{"proof", FIELD_STRING, "",
	 "How that is known: direct (a probe with just that TTL was answered from there) or quoted "
	 "(the TTL in the quote)."},
	{"nat", FIELD_OBJECT, "",
	 "An address translator on the path: kind (snat, dnat or both), hop (the first that shows "
	 "it), broken (it does not put quotes right), evidence. Absent when nothing shows one."},
	{"mtu", FIELD_INT, "octets", "Largest packet that the path takes (--mtu)."},
	{"black_holes", FIELD_ARRAY, "",
	 "Links that drop large packets without a word (--mtu): behind (the last hop that they "
	 "reach), hop (the first that answers only to smaller ones), passes and fails (sizes)."},
	{"probes", FIELD_INT, "", "Probes sent."},
	{"elapsed_ms", FIELD_NUMBER, "ms", "From the first probe to the last answer waited for."},
	{"hops", FIELD_ARRAY, "",
	 "Per hop: ttl, sent, mtu (--mtu, where packets had to get smaller), and replies, a list of "
	 "from and rtt_ms (and flag, where one is shown)."},
};

static const struct record_type reply_record =
	RECORD_TYPE("reply", "An answer to a probe.", reply_fields);
static const struct record_type timeout_record =
	RECORD_TYPE("timeout", "A probe that is no longer waited for.", timeout_fields);
static const struct record_type summary_record =
	RECORD_TYPE("summary", "What came of one target.", summary_fields);
const struct record_type traceroute_name_record = RECORD_TYPE(
	"name", "The name or autonomous system of an address, when it is found.", name_fields);

const struct record_type *const traceroute_records[] = {
	&traceroute_graph_record,
	&traceroute_watch_record,
	&traceroute_change_record,
	&reply_record,
	&timeout_record,
	&traceroute_name_record,
	&summary_record,
	&trace_route_record,
	&trace_packet_record,
	&record_error,
	&record_end,
};
const size_t traceroute_n_records = sizeof(traceroute_records) / sizeof(traceroute_records[0]);

const char *method_word(enum method m)
{
	static const char *const words[] = {"udp", "icmp", "tcp", "udplite", "raw"};

	return words[m];
}

const char *stop_word(enum stop_reason s)
{
	static const char *const words[] = {
		[STOP_NOT_YET] = "interrupted", [STOP_COMPLETED] = "completed",
		[STOP_UNREACH] = "unreach",     [STOP_HOPLIMIT] = "hoplimit",
		[STOP_LOOP] = "loop",           [STOP_COUNT] = "count",
		[STOP_DEADLINE] = "deadline",   [STOP_INTERRUPTED] = "interrupted",
		[STOP_ERROR] = "error",
	};

	return words[s];
}

static const char *kind_word(enum answer_kind k)
{
	return k == ANSWER_TRANSIT ? "transit" : k == ANSWER_REACHED ? "reached" : "refused";
}

static struct rec *start_record(struct traceroute *t, const struct record_type *type,
				const struct target *target)
{
	struct rec *r = record_start(&t->run->out, type);
	char text[ADDR_TEXT_MAX];

	if (!r)
		return NULL;
	rec_str(r, "target", target_text(target, text));
	rec_str(r, "addr", addr_text(&target->addr, text));
	return r;
}

static void icmp_fields(struct rec *r, const struct tr_detail *d)
{
	bool is_v6 = addr_is_v6(&d->from);
	char words[ICMP_TEXT_MAX];

	rec_int(r, "icmp_type", d->type);
	rec_int(r, "icmp_code", d->code);
	rec_str(r, "text", icmp_text(is_v6, d->type, d->code, d->info, words));
	if (is_v6 ? d->type == ICMP_V6_TOO_BIG :
		    d->type == ICMP_V4_UNREACHABLE && d->code == ICMP_V4_FRAG_NEEDED)
		rec_int(r, "mtu", d->info);
	changes_fields(r, &d->changes);
	ext_fields(r, &d->ext);
}

static void reply_write(struct traceroute *t, const struct event *ev, const struct path *p)
{
	const struct tr_detail *d = &t->detail;
	struct rec *r = start_record(t, &reply_record, ev->target);
	char text[ADDR_TEXT_MAX];
	const char *asn;

	if (!r)
		return;
	rec_int(r, "seq", ev->seq);
	if (path_ttl(p, ev->seq))
		rec_int(r, "ttl", path_ttl(p, ev->seq));
	if (ev->seq <= p->n_shots)
		rec_int(r, "hop", p->shots[ev->seq - 1].hop);
	else if (p->multi)
		rec_int(r, "flow", multi_flow(p->multi, ev->seq));
	if (mtu_probe(p->search, ev->seq))
		rec_int(r, "size", mtu_probe(p->search, ev->seq)->size);
	rec_str(r, "from", addr_text(&d->from, text));
	asn = hop_asn(t, &d->from);
	if (asn)
		rec_str(r, "asn", asn);
	rec_str(r, "kind", kind_word(d->kind));
	if (ev->has_rtt) {
		rec_num(r, "rtt_ms", (double)ev->rtt_ns / NS_PER_MS);
		rec_str(r, "clock", rtt_clock_word(ev->rtt_clock));
	}
	rec_str(r, "verdict", verdict_word(ev->verdict));
	if (d->is_icmp)
		icmp_fields(r, d);
	if (d->tcp_flags)
		rec_int(r, "tcp_flags", d->tcp_flags);
	if (d->reply_ttl >= 0)
		rec_int(r, "reply_ttl", d->reply_ttl);
	if (d->q_ttl >= 0)
		rec_int(r, "q_ttl", d->q_ttl);
	record_write(&t->run->out, r);
}

static void on_answer(struct traceroute *t, const struct event *ev)
{
	struct path *p = ev->target ? ev->target->notes : NULL;

	if (!p || !ev->probe)
		return;
	if (ev->verdict == VERDICT_OK || ev->verdict == VERDICT_LATE)
		path_answer(t, p, ev);
	reply_write(t, ev, p);
}

static void on_timeout(struct traceroute *t, const struct event *ev)
{
	struct path *p = ev->target->notes;
	struct rec *r;

	if (!p)
		return;
	path_lost(p, ev->seq, SHOT_GIVEN_UP);
	if (p->stop || ev->seq > p->n_shots)
		return;
	r = start_record(t, &timeout_record, ev->target);
	rec_int(r, "seq", ev->seq);
	rec_int(r, "ttl", p->shots[ev->seq - 1].ttl);
	rec_bool(r, "left", ev->probe->tx_wall_ns != 0);
	record_write(&t->run->out, r);
}

static void on_unsent(struct traceroute *t, const struct event *ev)
{
	struct path *p = ev->target->notes;
	struct rec *r = start_record(t, &record_error, ev->target);

	path_lost(p, ev->seq, SHOT_UNSENT);
	p->is_unsent = true;
	rec_int(r, "seq", ev->seq);
	if (ev->why->sys)
		rec_str(r, "errno", errno_name(ev->why->sys));
	rec_str(r, "text", ev->why->text);
	record_write(&t->run->out, r);
	if (!t->n_unsent++)
		tool_say(t->run, "%s", ev->why->text);
}

static void on_no_target(struct traceroute *t, const struct event *ev)
{
	struct rec *r = record_start(&t->run->out, &record_error);

	if (ev->word[0])
		rec_str(r, "target", ev->word);
	rec_str(r, "text", ev->why->text);
	record_write(&t->run->out, r);
	tool_say(t->run, "%s%s%s", ev->word, ev->word[0] ? ": " : "", ev->why->text);
}

static void hops_fields(struct traceroute *t, const struct path *p, struct rec *r)
{
	struct rec *hops = rec_array(r, "hops");
	unsigned last = path_end(t, p);

	while (last && !p->hops[last].n_shots)
		last--;
	for (unsigned hop = t->opts.first_ttl; hop <= last; hop++) {
		struct rec *item = rec_item(hops), *replies;
		char text[ADDR_TEXT_MAX], flag[FLAG_MAX];

		rec_int(item, "ttl", hop);
		rec_int(item, "sent", p->hops[hop].n_shots);
		if (p->hops[hop].mtu)
			rec_int(item, "mtu", p->hops[hop].mtu);
		replies = rec_array(item, "replies");
		for (uint16_t i = p->hops[hop].first; i; i = p->shots[i - 1].next) {
			const struct shot *s = &p->shots[i - 1];
			struct rec *reply;

			if (s->fate != SHOT_ANSWERED)
				continue;
			reply = rec_item(replies);
			rec_str(reply, "from", addr_text(&s->from, text));
			rec_num(reply, "rtt_ms", (double)s->rtt_ns / NS_PER_MS);
			if (*shot_flag(s, flag))
				rec_str(reply, "flag", flag);
			rec_close(reply);
		}
		rec_close(replies);
		rec_close(item);
	}
	rec_close(hops);
}

static void nat_fields(struct traceroute *t, const struct path *p, struct rec *r)
{
	struct nat nat = nat_judge(t, p);
	struct rec *o;

	if (!nat.is_snat && !nat.is_dnat)
		return;
	o = rec_object(r, "nat");
	rec_str(o, "kind", nat.is_snat && nat.is_dnat ? "both" : nat.is_snat ? "snat" : "dnat");
	rec_int(o, "hop", nat.hop);
	rec_bool(o, "broken", nat.is_broken);
	rec_str(o, "evidence", nat.evidence);
	rec_close(o);
}

/* Those of a graph or a watch are told with it. */
static unsigned probes_of(const struct path *p)
{
	return p->n_shots + (p->search ? p->search->n_probes : 0);
}

static void hole_fields(const struct path *p, struct rec *r)
{
	const struct mtu_search *m = p->search;
	struct rec *list = m && m->n_holes ? rec_array(r, "black_holes") : NULL;

	for (unsigned i = 0; list && i < m->n_holes; i++) {
		struct rec *item = rec_item(list);

		rec_int(item, "behind", m->holes[i].behind);
		rec_int(item, "hop", m->holes[i].hop);
		rec_int(item, "passes", m->holes[i].passes);
		rec_int(item, "fails", m->holes[i].fails);
		rec_close(item);
	}
	rec_close(list);
}

static void summary_write(struct traceroute *t, const struct path *p)
{
	struct rec *r = start_record(t, &summary_record, p->target);
	char text[ADDR_TEXT_MAX], flow[FLOW_TEXT_MAX];

	if (!r)
		return;
	rec_str(r, "src", addr_text(&p->src, text));
	rec_str(r, "method", method_word(t->opts.method));
	if (probe_flow(t, p, flow))
		rec_str(r, "flow", flow);
	rec_bool(r, "reached", p->stop == STOP_COMPLETED);
	rec_str(r, "stop_reason", stop_word(p->stop));
	if (p->stop == STOP_COMPLETED || p->stop == STOP_UNREACH) {
		rec_int(r, "distance", path_end(t, p));
		rec_str(r, "proof", p->proof == DISTANCE_QUOTED ? "quoted" : "direct");
	}
	if (t->opts.is_mtu)
		rec_int(r, "mtu", p->mtu);
	hole_fields(p, r);
	nat_fields(t, p, r);
	rec_int(r, "probes", probes_of(p));
	rec_num(r, "elapsed_ms", (double)(p->end_ns - p->start_ns) / NS_PER_MS);
	hops_fields(t, p, r);
	record_write(&t->run->out, r);
}

static void summary_line(struct traceroute *t, const struct path *p)
{
	char line[512], name[ADDR_TEXT_MAX];
	struct text out = text_make(line, sizeof(line));
	const char *who = target_text(p->target, name);
	double ms = (double)(p->end_ns - p->start_ns) / NS_PER_MS;

	text_add(&out, p->stop == STOP_COMPLETED ? "reached " : "not reached: ");
	text_add_clean(&out, who, strlen(who));
	if (p->stop == STOP_COMPLETED)
		text_addf(&out, " in %u hops", path_end(t, p));
	else
		text_addf(&out, ", %s", stop_word(p->stop));
	text_addf(&out, ", %u probes, %.0f ms", probes_of(p), ms);
	if (t->run->options.is_quiet)
		out_line(&t->run->out, &out);
	else
		tool_say(t->run, "%s", line);
}

void path_summary(struct traceroute *t, struct path *p)
{
	if (!p->end_ns)
		p->end_ns = clock_mono(t->run->clock);
	t->n_reached += p->stop == STOP_COMPLETED;
	if (p->watch)
		watch_write(t, p);
	summary_write(t, p);
	shape_write(t, p);
	if (t->run->options.is_quiet || t->run->options.verbose)
		summary_line(t, p);
	p->is_summed = true;
}

/* The last of a path; one that is not over was interrupted, and what is known of it is shown. */
static void on_target_done(struct traceroute *t, struct target *target)
{
	struct path *p = target->notes;

	if (!p)
		return;
	if (!p->is_summed) {
		if (!p->stop)
			p->stop = engine_end(t->engine) == END_DEADLINE ? STOP_DEADLINE :
									  STOP_INTERRUPTED;
		(void)lines_write(t, p, true, 0);
		if (p->multi) {
			multi_cut(p->multi);
			graph_write(t, p);
		}
		path_summary(t, p);
	}
	path_free(p);
	target->notes = NULL;
}

void tr_report(void *tool, const struct event *ev)
{
	struct traceroute *t = tool;

	if (ev->kind == EVENT_SENT)
		path_sent(t, ev->target->notes, ev);
	tr_trace(t, ev);
	switch (ev->kind) {
	case EVENT_TARGET:
		if (!t->is_many && !t->run->options.is_quiet)
			lines_header(t, ev->target->notes);
		break;
	case EVENT_NO_TARGET: on_no_target(t, ev); break;
	case EVENT_UNSENT: on_unsent(t, ev); break;
	case EVENT_ANSWER: on_answer(t, ev); break;
	case EVENT_TIMEOUT: on_timeout(t, ev); break;
	case EVENT_TARGET_DONE: on_target_done(t, ev->target); break;
	case EVENT_SENT:
	case EVENT_WAITING:
	case EVENT_ERROR:
	case EVENT_HINT: break;
	}
}

void tr_status(void *tool)
{
	struct traceroute *t = tool;
	const struct engine_totals *all = engine_totals(t->engine);

	fprintf(stderr, "\r%llu of %llu reached, %u probes sent, %u answers\n",
		(unsigned long long)t->n_reached, (unsigned long long)t->n_paths, all->counts.sent,
		all->counts.received);
}
