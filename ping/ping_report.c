/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping_report - each event as it happens: a line in the words of iputils, or a record.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "ping.h"

static const struct field reply_fields[] = {
	{"target", FIELD_STRING, "",
	 "What was asked, as typed; the answering address when the probe is forgotten."},
	{"addr", FIELD_STRING, "", "The address that was asked."},
	{"seq", FIELD_INT, "", "icmp_seq as on the wire, 0 to 65535."},
	{"n", FIELD_INT, "",
	 "Probe number, unique in the run; absent when the probe is forgotten."},
	{"from", FIELD_STRING, "", "Who answered."},
	{"bytes", FIELD_INT, "octets", "Length of the ICMP message."},
	{"ttl", FIELD_INT, "", "Its TTL or hop limit on arrival."},
	{"rtt_ms", FIELD_NUMBER, "ms", "Round-trip time; absent when it cannot be known."},
	{"clock", FIELD_STRING, "",
	 "Where the time comes from: kernel (both ends), kernel-rx (arrival only) or user."},
	{"verdict", FIELD_STRING, "",
	 "ok, duplicate, late, corrupt, foreign, forged or truncated."},
	{"fault", FIELD_STRING, "", "What is wrong with the octets, for corrupt."},
	{"route", FIELD_ARRAY, "", "Recorded addresses (-R)."},
	{"stamps", FIELD_ARRAY, "",
	 "Recorded timestamps (-T): ms since midnight UT, addr where given."},
};

static const struct field error_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed."},
	{"addr", FIELD_STRING, "", "The address that was asked."},
	{"seq", FIELD_INT, "", "icmp_seq of the probe it is about."},
	{"n", FIELD_INT, "", "Number of that probe."},
	{"from", FIELD_STRING, "", "Who sent the error."},
	{"icmp_type", FIELD_INT, "", "ICMP or ICMPv6 type."},
	{"icmp_code", FIELD_INT, "", "Its code."},
	{"text", FIELD_STRING, "", "The same in words."},
	{"mtu", FIELD_INT, "octets", "Next-hop MTU of a packet too big."},
	{"gateway", FIELD_STRING, "", "New next hop of a redirect."},
	{"verdict", FIELD_STRING, "", "ok, or forged when it quotes a cookie that is not ours."},
	{"ext", FIELD_ARRAY, "",
	 "RFC 4884 objects: mpls (RFC 4950: label, tc, s, ttl) and iface (RFC 5837: role, index, addr, name, mtu)."},
};

static const struct field timeout_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed."},
	{"addr", FIELD_STRING, "", "The address that was asked."},
	{"seq", FIELD_INT, "", "icmp_seq of the probe that had no answer within the timeout."},
	{"n", FIELD_INT, "", "Number of that probe."},
	{"bytes", FIELD_INT, "octets", "Length of its ICMP message (--mtu)."},
	{"left", FIELD_BOOL, "",
	 "Whether the kernel stamped it as leaving this host; false hints at this side: a neighbour "
	 "without a MAC, a firewall, a driver without stamps."},
};

static const struct record_type reply_record = RECORD_TYPE("reply", "An echo reply.", reply_fields);
static const struct record_type icmp_error_record =
	RECORD_TYPE("icmp_error", "An ICMP error about a probe.", error_fields);
static const struct record_type timeout_record =
	RECORD_TYPE("timeout", "A probe without an answer.", timeout_fields);

const struct record_type *const ping_records[] = {
	&reply_record,        &icmp_error_record, &timeout_record,
	&ping_summary_record, &ping_mtu_record,   &trace_route_record,
	&trace_packet_record, &record_error,      &record_end,
};
const size_t ping_n_records = sizeof(ping_records) / sizeof(ping_records[0]);

static struct rec *start_record(struct ping *p, const struct record_type *type,
				const struct event *ev)
{
	struct rec *r = record_start(&p->run->out, type);
	char text[ADDR_TEXT_MAX];

	if (!r || !ev->target)
		return r;
	rec_str(r, "target", target_text(ev->target, text));
	rec_str(r, "addr", addr_text(&ev->target->addr, text));
	return r;
}

static void set_probe(struct rec *r, const struct event *ev)
{
	rec_int(r, "seq", (uint16_t)ev->seq);
	if (ev->probe)
		rec_int(r, "n", (int64_t)ev->probe->n);
}

/* @ns as milliseconds, rounded to @decimals (0 to 3). In whole numbers: a sweep prints many. */
static void add_ms(struct text *t, uint64_t ns, unsigned decimals)
{
	static const uint64_t power[] = {1, 10, 100, 1000};
	uint64_t unit_ns = NS_PER_MS / power[decimals], v = (ns + unit_ns / 2) / unit_ns;

	text_add_u64(t, v / power[decimals], 1);
	if (decimals) {
		text_add(t, ".");
		text_add_u64(t, v % power[decimals], decimals);
	}
}

/* The time of an answer as iputils rounds it: three significant digits, or microseconds with -3. */
static void add_rtt(struct text *t, const struct ping *p, uint64_t rtt_ns)
{
	unsigned decimals = rtt_ns < 999500 ? 3 : rtt_ns < 9995000 ? 2 : rtt_ns < 99950000 ? 1 : 0;

	text_add(t, " time=");
	add_ms(t, rtt_ns, p->opts.is_exact ? 3 : decimals);
	text_add(t, " ms");
}

static void add_date(struct text *t, const struct ping *p, const struct link_in *in)
{
	uint64_t wall_ns = in && in->wall_ns ? in->wall_ns : clock_wall(p->run->clock);

	if (p->opts.is_dated)
		text_addf(t, "[%llu.%06llu] ", (unsigned long long)(wall_ns / NS_PER_S),
			  (unsigned long long)(wall_ns % NS_PER_S / NS_PER_US));
}

/* "name (address)" for a target given by name, unless -n; the address alone otherwise. */
static void add_who(struct text *t, const struct ping *p, const struct target *target,
		    const struct addr *from)
{
	char text[ADDR_TEXT_MAX];

	addr_text(from, text);
	if (target && target->name && !p->run->options.is_numeric &&
	    addr_same(&target->addr, from)) {
		text_add_clean(t, target->name, strlen(target->name));
		if (strcmp(target->name, text) != 0)
			text_addf(t, " (%s)", text);
		return;
	}
	text_add(t, text);
}

static void fault_text(const struct ping_detail *d, struct text *t)
{
	if (d->fault == FAULT_CHECKSUM)
		text_add(t, "bad checksum");
	else if (d->fault == FAULT_LONGER)
		text_addf(t, "%zu octets too long", d->fault_at);
	else
		text_addf(t, "byte %zu: 0x%02x != 0x%02x", d->fault_at, d->wanted, d->got);
}

/* Many hosts answer for a group: that each does is no news, as with iputils. */
static bool is_group(const struct ping *p, const struct target *target)
{
	return target && (addr_is_multicast(&target->addr) ||
			  (p->opts.sock.broadcast && !addr_is_v6(&target->addr)));
}

static void add_verdict(struct text *t, const struct ping *p, const struct event *ev)
{
	const struct ping_detail *d = &p->detail;

	switch (ev->verdict) {
	case VERDICT_OK: break;
	case VERDICT_DUPLICATE:
		if (p->run->options.verbose || !is_group(p, ev->target))
			text_add(t, " (DUP!)");
		break;
	case VERDICT_LATE: text_add(t, " (LATE)"); break;
	case VERDICT_CORRUPT:
		text_add(t, " (CORRUPT ");
		fault_text(d, t);
		text_add(t, ")");
		break;
	case VERDICT_FOREIGN: text_add(t, " (FOREIGN)"); break;
	case VERDICT_FORGED: text_add(t, " (FORGED)"); break;
	case VERDICT_TRUNCATED: text_add(t, " (truncated)"); break;
	}
}

static bool rings(const struct ping *p, const struct event *ev)
{
	return p->opts.is_audible && ev->verdict == VERDICT_OK;
}

/* As iputils: where the kernel chose it for a ping socket it is not shown. */
static bool shows_id(struct ping *p, const struct addr *from)
{
	return p->run->options.verbose &&
	       (p->opts.sock.id || ping_family_of(p, from)->kind == SOCK_KIND_RAW);
}

static void reply_line(struct ping *p, const struct event *ev)
{
	const struct ping_detail *d = &p->detail;
	char line[1024] unset;
	struct text t = text_make(line, sizeof(line));

	add_date(&t, p, ev->in);
	text_add_u64(&t, d->icmp_len, 1);
	text_add(&t, " bytes from ");
	add_who(&t, p, ev->target, &d->from);
	text_add(&t, ": icmp_seq=");
	text_add_u64(&t, (uint16_t)ev->seq, 1);
	if (shows_id(p, &d->from))
		text_addf(&t, " ident=%u", d->id);
	if (d->ttl >= 0) {
		text_add(&t, " ttl=");
		text_add_u64(&t, (uint64_t)d->ttl, 1);
	}
	if (ev->has_rtt) {
		add_rtt(&t, p, ev->rtt_ns);
		if (ev->rtt_clock != RTT_KERNEL && !p->opts.is_user_clock)
			text_addf(&t, " (%s clock)", rtt_clock_word(ev->rtt_clock));
	}
	add_verdict(&t, p, ev);
	if (rings(p, ev))
		text_add(&t, "\a");
	if (d->has_ip4 && d->ip4.opts_len)
		ping_add_options(&t, p);
	out_line(&p->run->out, &t);
}

static void reply_record_write(struct ping *p, const struct event *ev)
{
	const struct ping_detail *d = &p->detail;
	struct rec *r = start_record(p, &reply_record, ev);
	char text[ADDR_TEXT_MAX], fault[64];
	struct text t = text_make(fault, sizeof(fault));

	if (!ev->target) {
		rec_str(r, "target", addr_text(&d->from, text));
		rec_str(r, "addr", text);
	}
	set_probe(r, ev);
	rec_str(r, "from", addr_text(&d->from, text));
	rec_int(r, "bytes", (int64_t)d->icmp_len);
	if (d->ttl >= 0)
		rec_int(r, "ttl", d->ttl);
	if (ev->has_rtt) {
		rec_num(r, "rtt_ms", (double)ev->rtt_ns / NS_PER_MS);
		rec_str(r, "clock", rtt_clock_word(ev->rtt_clock));
	}
	rec_str(r, "verdict", verdict_word(ev->verdict));
	if (ev->verdict == VERDICT_CORRUPT) {
		fault_text(d, &t);
		rec_str(r, "fault", fault);
	}
	ping_option_fields(r, d);
	record_write(&p->run->out, r);
}

bool ping_tells_mtu(const struct ping_detail *d)
{
	return addr_is_v6(&d->from) ?
		       d->type == ICMP_V6_TOO_BIG :
		       d->type == ICMP_V4_UNREACHABLE && d->code == ICMP_V4_FRAG_NEEDED;
}

static void error_line(struct ping *p, const struct event *ev)
{
	const struct ping_detail *d = &p->detail;
	char line[2048], from[ADDR_TEXT_MAX], words[ICMP_TEXT_MAX];
	struct text t = text_make(line, sizeof(line));

	add_date(&t, p, ev->in);
	text_addf(&t, "From %s icmp_seq=%u %s", addr_text(&d->from, from), (uint16_t)ev->seq,
		  icmp_text(addr_is_v6(&d->from), d->type, d->code, d->info, words));
	ping_add_extension(&t, &d->ext);
	if (d->is_forged_error)
		text_add(&t, " (FORGED)");
	out_line(&p->run->out, &t);
}

static void error_record_write(struct ping *p, const struct event *ev)
{
	const struct ping_detail *d = &p->detail;
	struct rec *r = start_record(p, &icmp_error_record, ev);
	char text[ADDR_TEXT_MAX], words[ICMP_TEXT_MAX];
	bool is_v6 = addr_is_v6(&d->from);

	set_probe(r, ev);
	rec_str(r, "from", addr_text(&d->from, text));
	rec_int(r, "icmp_type", d->type);
	rec_int(r, "icmp_code", d->code);
	rec_str(r, "text", icmp_text(is_v6, d->type, d->code, d->info, words));
	if (ping_tells_mtu(d))
		rec_int(r, "mtu", d->info);
	if (!is_v6 && d->type == ICMP_V4_REDIRECT) {
		uint8_t octets[4];
		struct addr gateway;

		put_u32(octets, d->info);
		gateway = addr_from(octets, 4);
		rec_str(r, "gateway", addr_text(&gateway, text));
	}
	rec_str(r, "verdict", d->is_forged_error ? "forged" : "ok");
	ping_extension_fields(r, &d->ext);
	record_write(&p->run->out, r);
}

/* A flood shows a dot for each probe, takes one back for each answer, and an E for each error. */
static void flood_mark(struct ping *p, const struct event *ev)
{
	const char *mark = "E";

	if (p->run->options.is_quiet)
		return;
	if (ev->kind == EVENT_SENT)
		mark = ".";
	else if (ev->kind == EVENT_ANSWER && ev->verdict != VERDICT_OK)
		return;
	else if (ev->kind == EVENT_ANSWER)
		mark = rings(p, ev) ? "\b \b\a" : "\b \b";
	else if (ev->kind == EVENT_TIMEOUT || ev->kind == EVENT_WAITING || ev->kind == EVENT_HINT)
		return;
	out_text(&p->run->out, "%s", mark);
}

static void on_packet(struct ping *p, const struct event *ev)
{
	bool is_error = ev->kind != EVENT_ANSWER || p->detail.is_forged_error;

	if (p->run->out.is_json && is_error)
		error_record_write(p, ev);
	else if (p->run->out.is_json)
		reply_record_write(p, ev);
	else if (p->opts.is_mtu) /* it has lines of its own */
		return;
	else if (p->opts.is_flood)
		flood_mark(p, ev);
	else if (!p->run->options.is_quiet && is_error)
		error_line(p, ev);
	else if (!p->run->options.is_quiet)
		reply_line(p, ev);
}

static void on_timeout(struct ping *p, const struct event *ev)
{
	struct rec *r = start_record(p, &timeout_record, ev);

	set_probe(r, ev);
	if (p->opts.is_mtu)
		rec_int(r, "bytes", PING_HDR_LEN + (int64_t)ping_size_of(p, ev->probe));
	rec_bool(r, "left", ev->probe->tx_wall_ns != 0);
	record_write(&p->run->out, r);
}

static void on_waiting(struct ping *p, const struct event *ev)
{
	char line[128];
	struct text t = text_make(line, sizeof(line));

	if (!p->opts.tells_waiting || p->opts.is_flood || p->run->options.is_quiet)
		return;
	add_date(&t, p, NULL);
	text_addf(&t, "no answer yet for icmp_seq=%u", (uint16_t)ev->seq);
	out_line(&p->run->out, &t);
}

/* In the words of iputils, for those who look for the largest size that goes through. */
static void add_mtu(struct ping *p, const struct addr *dst, struct why *why)
{
	struct route route;
	char text[32];

	if (!ping_route_to(p, dst, &route))
		return;
	snprintf(text, sizeof(text), ", mtu=%u", route.mtu);
	why_add(why, text);
}

static void on_unsent(struct ping *p, const struct event *ev)
{
	struct rec *r = start_record(p, &record_error, ev);
	struct why why = *ev->why;

	if (why.sys == EMSGSIZE)
		add_mtu(p, &ev->target->addr, &why);
	rec_int(r, "seq", (uint16_t)ev->seq);
	if (why.sys)
		rec_str(r, "errno", errno_name(why.sys));
	rec_str(r, "text", why.text);
	record_write(&p->run->out, r);
	if (p->opts.is_flood)
		flood_mark(p, ev);
	/* Once in any case: a run that could ask nobody must not end without a word. */
	if (!p->is_unsent_told || (!p->opts.is_flood && !p->run->options.is_quiet))
		tool_say(p->run, "%s", why.text);
	p->is_unsent_told = true;
}

static void on_no_target(struct ping *p, const struct event *ev)
{
	struct rec *r = record_start(&p->run->out, &record_error);

	if (ev->word[0]) {
		rec_str(r, "target", ev->word);
		tool_say(p->run, "%s: %s", ev->word, ev->why->text);
	} else {
		tool_say(p->run, "%s", ev->why->text);
	}
	rec_str(r, "text", ev->why->text);
	record_write(&p->run->out, r);
}

void ping_report(void *tool, const struct event *ev)
{
	struct ping *p = tool;

	ping_trace(p, ev);
	if (p->opts.is_mtu)
		ping_mtu_report(p, ev);
	switch (ev->kind) {
	case EVENT_TARGET:
		if (!ev->target->is_swept && !p->opts.is_mtu)
			ping_header(p, ev->target);
		break;
	case EVENT_NO_TARGET: on_no_target(p, ev); break;
	case EVENT_SENT:
		if (p->opts.is_flood)
			flood_mark(p, ev);
		break;
	case EVENT_UNSENT: on_unsent(p, ev); break;
	case EVENT_WAITING: on_waiting(p, ev); break;
	case EVENT_ANSWER:
	case EVENT_ERROR:
	case EVENT_HINT: on_packet(p, ev); break;
	case EVENT_TIMEOUT: on_timeout(p, ev); break;
	case EVENT_TARGET_DONE:
		ping_target_summary(p, ev->target);
		ping_outcome(p, ev->target);
		break;
	}
}
