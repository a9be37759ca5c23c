/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs_ladder - a line, or a record, for each segment as it happens.
 */
#include "tcphs.h"

#include "base/num.h"

#define ARROW 6u /* dashes and flags between the ends of an arrow */

static const struct field segment_fields[] = {
	{"at_ms", FIELD_NUMBER, "ms", "Time since the start of the connection."},
	{"dir", FIELD_STRING, "", "out or in."},
	{"flags", FIELD_STRING, "", "Letters of F S R P A U E C."},
	{"seq", FIELD_INT, "",
	 "Sequence number, counted from the sender's SYN (as on the wire with -a)."},
	{"ack", FIELD_INT, "",
	 "Acknowledgment number, counted from the other's SYN; absent without the flag."},
	{"len", FIELD_INT, "octets", "Octets of data."},
	{"window", FIELD_INT, "octets", "Window, scaled when a scale is agreed on."},
	{"options", FIELD_OBJECT, "",
	 "mss, wscale, sack_ok, ts_val, ts_ecr, sacks, cookie: those that are there."},
	{"state", FIELD_STRING, "", "Our state behind it, in the words of RFC 9293."},
	{"peer_state", FIELD_STRING, "", "The peer's state as far as the segments tell."},
	{"why", FIELD_STRING, "",
	 "Why it was sent, or what it was judged to be; absent if nothing special."},
	{"rfc", FIELD_STRING, "", "Where the standard says so."},
	{"rtt_ms", FIELD_NUMBER, "ms", "On the answer to our SYN: the time it took."},
};

static const struct field icmp_fields[] = {
	{"at_ms", FIELD_NUMBER, "ms", "Time since the start of the connection."},
	{"icmp_type", FIELD_INT, "", "ICMP or ICMPv6 type."},
	{"icmp_code", FIELD_INT, "", "ICMP or ICMPv6 code."},
	{"from", FIELD_STRING, "", "Who sent it; our own address is this host's kernel."},
	{"text", FIELD_STRING, "", "What it says."},
	{"reason", FIELD_STRING, "", "The reason word for it."},
	{"believed", FIELD_BOOL, "", "False when what it quotes is not under way (RFC 5927 4.1)."},
};

const struct record_type tcphs_segment_record =
	RECORD_TYPE("segment", "A segment that was sent or received.", segment_fields);
const struct record_type tcphs_icmp_record =
	RECORD_TYPE("icmp_error", "An ICMP error about one of our segments.", icmp_fields);

static bool is_quiet(const struct tcphs *t)
{
	return t->run->options.is_quiet || !t->opts.output_is_free;
}

const char *tcphs_flags_text(uint16_t flags, char *out)
{
	static const char letters[] = "FSRPAUEC", order[] = "SFRPAUEC";
	size_t n = 0;

	for (const char *c = order; *c; c++)
		if (flags & 1u << (strchr(letters, *c) - letters))
			out[n++] = *c;
	out[n] = '\0';
	return out;
}

/* What the segments seen let us believe of the peer. */
static const char *peer_state(const struct tcb *t)
{
	switch ((enum tcb_state)t->fsm.state) {
	case TCB_SYN_SENT: return "?";
	case TCB_SYN_RECEIVED: return t->is_passive ? "SYN-SENT" : "SYN-RECEIVED";
	case TCB_ESTABLISHED: return "ESTABLISHED";
	case TCB_FIN_WAIT_1: return "ESTABLISHED";
	case TCB_FIN_WAIT_2: return "CLOSE-WAIT";
	case TCB_CLOSE_WAIT: return "FIN-WAIT-2";
	case TCB_CLOSING: return "CLOSING";
	case TCB_LAST_ACK: return "FIN-WAIT-2";
	case TCB_TIME_WAIT: return "CLOSED";
	case TCB_CLOSED: return t->end == TCB_END_GRACEFUL && t->is_fin_taken ? "TIME-WAIT" : "?";
	case TCB_LISTEN:
	case TCB_N_STATES: break;
	}
	return "?";
}

/* The first number of each side, as far as it is known. */
static uint32_t base_of(const struct tcphs *t, bool is_ours)
{
	if (t->opts.is_absolute)
		return 0;
	return is_ours ? t->tcb.iss : t->tcb.irs;
}

static uint32_t window_of(const struct tcphs *t, const struct tcphs_step *s)
{
	unsigned shift = s->is_outgoing ? t->tcb.rcv_wscale : t->tcb.snd_wscale;

	if (s->seg->flags & TCP_F_SYN || !t->tcb.has_wscale)
		shift = 0;
	return (uint32_t)s->seg->window << shift;
}

void tcphs_options_text(const struct tcb_opts *o, uint16_t flags, bool is_long, uint32_t base,
			struct text *out)
{
	const char *separator = "";
	bool is_syn = flags & TCP_F_SYN;

	if (!o->n_sacks && !is_syn && !(o->has_ts && is_long))
		return;
	text_add(out, " <");
	if (o->has_mss)
		text_addf(out, "%smss %u", separator, o->mss), separator = ",";
	if (o->sack_ok)
		text_addf(out, "%ssackOK", separator), separator = ",";
	if (o->has_ts && is_long)
		text_addf(out, "%sTS %u %u", separator, o->ts_val, o->ts_ecr), separator = ",";
	else if (o->has_ts && is_syn)
		text_addf(out, "%sTS", separator), separator = ",";
	if (o->has_wscale)
		text_addf(out, "%sws %u", separator, o->wscale), separator = ",";
	if (o->has_cookie) {
		text_addf(out, "%stfo%s", separator, o->cookie_len ? " " : "");
		text_add_hex(out, o->cookie, o->cookie_len, 0);
		separator = ",";
	}
	for (unsigned i = 0; i < o->n_sacks; i++, separator = ",")
		text_addf(out, "%ssack %u:%u", separator, o->sacks[i].left - base,
			  o->sacks[i].right - base);
	text_add(out, ">");
}

void tcphs_arrow(bool is_forward, uint16_t flag_bits, struct text *out)
{
	char flags[12];
	size_t len = strlen(tcphs_flags_text(flag_bits, flags));

	text_add(out, is_forward ? "--" : "<-");
	text_add(out, flags);
	for (size_t i = len; i < ARROW - 2; i++)
		text_add(out, "-");
	text_add(out, is_forward ? ">" : "-");
}

static void line(struct tcphs *t, const struct tcphs_step *s)
{
	char buf[400];
	struct text l = text_make(buf, sizeof(buf));
	const struct tcb_seg *g = s->seg;
	uint32_t seq = g->seq - base_of(t, s->is_outgoing), window = window_of(t, s);
	bool is_new_state = t->shown_state != t->tcb.fsm.state || s->before != t->tcb.fsm.state;

	text_addf(&l, "%7.3f  %-12s ", (double)(s->at_ns - t->start_ns) / NS_PER_S,
		  is_new_state ? tcb_state_text(&t->tcb) : "");
	tcphs_arrow(s->is_outgoing, g->flags, &l);
	if (t->run->options.verbose)
		text_addf(&l, " ~%-12s", peer_state(&t->tcb));
	text_addf(&l, " seq=%u", seq);
	if (g->len)
		text_addf(&l, ":%u", seq + g->len);
	if (g->flags & TCP_F_ACK)
		text_addf(&l, " ack=%u", g->ack - base_of(t, !s->is_outgoing));
	if (g->len)
		text_addf(&l, " (%u)", g->len);
	if (g->flags & TCP_F_SYN || !window || t->run->options.verbose)
		if (!(g->flags & TCP_F_RST))
			text_addf(&l, " win=%u", window);
	tcphs_options_text(&g->opts, g->flags, t->run->options.verbose > 0,
			   base_of(t, !s->is_outgoing), &l);
	if (!s->is_outgoing && g->flags & TCP_F_SYN && t->is_rtt_known)
		text_addf(&l, "  rtt %.3f ms", (double)t->rtt_ns / NS_PER_MS);
	if (s->why)
		text_addf(&l, "  %s", tcb_why_text(s->why));
	if (s->why && t->run->options.verbose)
		text_addf(&l, " [%s]", tcb_why_rfc(s->why));
	t->shown_state = t->tcb.fsm.state;
	out_line(&t->run->out, &l);
}

static void options_fields(const struct tcphs *t, const struct tcphs_step *s, struct rec *r)
{
	const struct tcb_opts *o = &s->seg->opts;
	struct rec *opts = rec_object(r, "options"), *list, *item;
	char hex[2 * TCB_COOKIE_MAX + 1];
	struct text cookie = text_make(hex, sizeof(hex));
	uint32_t base = base_of(t, !s->is_outgoing);

	if (o->has_mss)
		rec_int(opts, "mss", o->mss);
	if (o->has_wscale)
		rec_int(opts, "wscale", o->wscale);
	if (o->sack_ok)
		rec_bool(opts, "sack_ok", true);
	if (o->has_ts) {
		rec_int(opts, "ts_val", o->ts_val);
		rec_int(opts, "ts_ecr", o->ts_ecr);
	}
	if (o->has_cookie) {
		text_add_hex(&cookie, o->cookie, o->cookie_len, 0);
		rec_str(opts, "cookie", hex);
	}
	if (o->n_sacks) {
		list = rec_array(opts, "sacks");
		for (unsigned i = 0; i < o->n_sacks; i++) {
			item = rec_item(list);
			rec_int(item, "left", (uint32_t)(o->sacks[i].left - base));
			rec_int(item, "right", (uint32_t)(o->sacks[i].right - base));
			rec_close(item);
		}
		rec_close(list);
	}
	rec_close(opts);
}

static void record(struct tcphs *t, const struct tcphs_step *s)
{
	struct rec *r = record_start(&t->run->out, &tcphs_segment_record);
	const struct tcb_seg *g = s->seg;
	char flags[12];

	if (!r)
		return;
	rec_num(r, "at_ms", (double)(s->at_ns - t->start_ns) / NS_PER_MS);
	rec_str(r, "dir", s->is_outgoing ? "out" : "in");
	rec_str(r, "flags", tcphs_flags_text(g->flags, flags));
	rec_int(r, "seq", (uint32_t)(g->seq - base_of(t, s->is_outgoing)));
	if (g->flags & TCP_F_ACK)
		rec_int(r, "ack", (uint32_t)(g->ack - base_of(t, !s->is_outgoing)));
	rec_int(r, "len", g->len);
	rec_int(r, "window", window_of(t, s));
	options_fields(t, s, r);
	rec_str(r, "state", tcb_state_text(&t->tcb));
	rec_str(r, "peer_state", peer_state(&t->tcb));
	if (s->why) {
		rec_str(r, "why", tcb_why_text(s->why));
		rec_str(r, "rfc", tcb_why_rfc(s->why));
	}
	if (!s->is_outgoing && g->flags & TCP_F_SYN && t->is_rtt_known)
		rec_num(r, "rtt_ms", (double)t->rtt_ns / NS_PER_MS);
	record_write(&t->run->out, r);
}

void tcphs_ladder_step(struct tcphs *t, const struct tcphs_step *s)
{
	if (t->run->out.is_json)
		record(t, s);
	else if (!is_quiet(t))
		line(t, s);
}

const char *tcphs_end_text(const struct addr *a, uint16_t port, char *out, size_t cap)
{
	char text[ADDR_TEXT_MAX];
	struct text t = text_make(out, cap);

	text_addf(&t, a->len == 16 ? "[%s]:%u" : "%s:%u", addr_text(a, text), port);
	return out;
}

void tcphs_ladder_head(struct tcphs *t)
{
	char local[80], remote[80], guard[GUARD_TEXT_MAX];

	t->shown_state = TCB_N_STATES;
	if (is_quiet(t))
		return;
	if (!t->flow.remote.len) {
		out_text(&t->run->out, "tcphs listens on %s  guard=%s\n",
			 tcphs_end_text(&t->flow.local, t->flow.local_port, local, sizeof(local)),
			 t->host.n ? "phantom" : guard_text(t->guard, guard));
		return;
	}
	out_text(&t->run->out, "tcphs %s > %s  guard=%s  isn=0x%08x\n",
		 tcphs_end_text(&t->flow.local, t->flow.local_port, local, sizeof(local)),
		 tcphs_end_text(&t->flow.remote, t->flow.remote_port, remote, sizeof(remote)),
		 t->host.n ? "phantom" : guard_text(t->guard, guard), t->tcb.iss);
}

void tcphs_ladder_icmp(struct tcphs *t, const struct flow_news *news, bool is_believed)
{
	struct rec *r = record_start(&t->run->out, &tcphs_icmp_record);
	double at_s = (double)(clock_mono(t->run->clock) - t->start_ns) / NS_PER_S;
	const char *word = tcphs_icmp_word(news->is_v6, news->type, news->code);
	char text[ICMP_TEXT_MAX], from[ADDR_TEXT_MAX];

	addr_text(&news->remote, from);
	icmp_text(news->is_v6, news->type, news->code,
		  news->icmp == TCB_ICMP_TOO_BIG ? news->mtu : 0, text);
	rec_num(r, "at_ms", at_s * 1e3);
	rec_int(r, "icmp_type", news->type);
	rec_int(r, "icmp_code", news->code);
	rec_str(r, "from", from);
	rec_str(r, "text", text);
	rec_str(r, "reason", word);
	rec_bool(r, "believed", is_believed);
	record_write(&t->run->out, r);
	if (!is_quiet(t))
		out_text(&t->run->out, "%7.3f  %-12s <-icmp- %s: %s from %s%s\n", at_s, "", word,
			 text, from,
			 is_believed ? "" : "  not believed: it quotes nothing that is under way");
}
