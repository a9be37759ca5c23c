/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs_result - what it all came to: one line, one record, one exit status.
 */
#include "tcphs.h"

#include "base/num.h"

static const struct field summary_fields[] = {
	{"target", FIELD_STRING, "",
	 "The host as typed; of listen: who came, or where it listens."},
	{"addr", FIELD_STRING, "", "Its address; absent where nobody came to listen's port."},
	{"port", FIELD_INT, "", "Its port."},
	{"src", FIELD_STRING, "", "Our address."},
	{"src_port", FIELD_INT, "", "Our port."},
	{"result", FIELD_STRING, "", "open, refused, filtered or unreachable."},
	{"reason", FIELD_STRING, "",
	 "nmap's word: syn-ack, reset, no-response, port-unreach, ...; no-neighbour."},
	{"close", FIELD_STRING, "",
	 "graceful, reset, expired, aborted or left; absent when it never opened."},
	{"state", FIELD_STRING, "", "Our state at the end."},
	{"rtt_ms", FIELD_NUMBER, "ms", "From our SYN to its answer; absent without one."},
	{"bytes_out", FIELD_INT, "octets", "Sent and acknowledged."},
	{"bytes_in", FIELD_INT, "octets", "Received in order."},
	{"retransmissions", FIELD_INT, "", "Segments sent again."},
	{"dup_acks", FIELD_INT, "", "Duplicate acknowledgments received."},
	{"challenge_acks", FIELD_INT, "", "Challenge ACKs sent (RFC 5961)."},
	{"corrupt", FIELD_INT, "", "Segments with a wrong checksum, left out."},
	{"guard", FIELD_OBJECT, "",
	 "method, and prevented: RSTs that the kernel did not send; absent where nobody counts."},
	{"peer", FIELD_OBJECT, "", "isn, ttl, and of its SYN: mss, wscale, sack_ok, timestamps."},
	{"http", FIELD_OBJECT, "",
	 "status, octets of the body, and whether they are complete (if known)."},
	{"connection", FIELD_INT, "", "With --count: its number, from 1."},
	{"elapsed_ms", FIELD_NUMBER, "ms", "Length of the connection."},
};

static const struct record_type summary_record =
	RECORD_TYPE("summary", "What the connection came to.", summary_fields);

const struct record_type *const tcphs_records[] = {
	&tcphs_segment_record, &tcphs_icmp_record,   &tcphs_drawn_record,
	&summary_record,       &tcphs_totals_record, &trace_packet_record,
	&trace_route_record,   &record_error,        &record_end,
};
const size_t tcphs_n_records = sizeof(tcphs_records) / sizeof(tcphs_records[0]);

static const char *v4_word(uint8_t type, uint8_t code)
{
	if (type == ICMP_V4_TIME_EXCEEDED)
		return "time-exceeded";
	if (type == ICMP_V4_PARAMETER)
		return "param-problem";
	switch (code) {
	case ICMP_V4_NET_UNREACHABLE:
	case 6: /* RFC 1122 3.2.2.1: network unknown; 11: for this TOS */
	case 11: return "net-unreach";
	case ICMP_V4_PROTO_UNREACHABLE: return "proto-unreach";
	case ICMP_V4_PORT_UNREACHABLE: return "port-unreach";
	case ICMP_V4_FRAG_NEEDED: return "frag-needed";
	case 9:
	case 10:
	case ICMP_V4_ADMIN_PROHIBITED: return "admin-prohibited";
	default: return "host-unreach";
	}
}

const char *tcphs_icmp_word(bool is_v6, uint8_t type, uint8_t code)
{
	if (!is_v6)
		return v4_word(type, code);
	if (type == ICMP_V6_TIME_EXCEEDED)
		return "time-exceeded";
	if (type == ICMP_V6_PARAMETER)
		return "param-problem";
	if (type == ICMP_V6_TOO_BIG)
		return "frag-needed";
	switch (code) {
	case ICMP_V6_NO_ROUTE: return "net-unreach";
	case ICMP_V6_PORT_UNREACHABLE: return "port-unreach";
	case ICMP_V6_ADMIN_PROHIBITED:
	case 5: /* RFC 4443 3.1: source address failed policy; 6: reject route */
	case 6: return "admin-prohibited";
	default: return "host-unreach";
	}
}

struct outcome {
	const char *result, *reason, *close; /* close: NULL when it never opened */
	int status;
};

static struct outcome never_opened(const struct tcphs *t)
{
	if (t->tcb.end == TCB_END_REFUSED || t->tcb.end == TCB_END_RESET)
		return (struct outcome){"refused", "reset", NULL, TCPHS_EXIT_REFUSED};
	if (t->has_neighbour_failed)
		return (struct outcome){"filtered", "no-neighbour", NULL, EXIT_NO_ANSWER};
	if (t->has_icmp)
		return (struct outcome){
			"unreachable",
			tcphs_icmp_word(t->flow.local.len == 16, t->icmp_type, t->icmp_code), NULL,
			TCPHS_EXIT_UNREACHABLE};
	return (struct outcome){"filtered", "no-response", NULL, EXIT_NO_ANSWER};
}

static struct outcome outcome_of(const struct tcphs *t)
{
	struct outcome o = {"open", "syn-ack", "graceful", EXIT_ANSWERED};

	if (!t->tcb.is_opened)
		return never_opened(t);
	if (t->opts.mode == MODE_PROBE && !t->is_late && !t->is_stopped) {
		o.close = NULL;
		return o;
	}
	if (t->tcb.end == TCB_END_GRACEFUL)
		return o;
	o.status = TCPHS_EXIT_NOT_GRACEFUL;
	o.close = t->tcb.end ? tcb_end_text(t->tcb.end) : "left";
	if (t->tcb.end == TCB_END_RESET)
		o.status = TCPHS_EXIT_RESET;
	/* What was asked for is done as asked. */
	if (!t->is_late && !t->is_stopped &&
	    ((t->tcb.end == TCB_END_ABORTED && t->opts.close == CLOSE_ABORT) ||
	     (!t->tcb.end && t->opts.close == CLOSE_NONE)))
		o.status = EXIT_ANSWERED;
	return o;
}

static void peer_fields(const struct tcphs *t, struct rec *r)
{
	struct rec *peer = rec_object(r, "peer");

	rec_int(peer, "isn", t->tcb.irs);
	if (t->peer_ttl >= 0)
		rec_int(peer, "ttl", t->peer_ttl);
	if (t->tcb.peer.has_mss)
		rec_int(peer, "mss", t->tcb.peer.mss);
	if (t->tcb.peer.has_wscale)
		rec_int(peer, "wscale", t->tcb.peer.wscale);
	rec_bool(peer, "sack_ok", t->tcb.peer.sack_ok);
	rec_bool(peer, "timestamps", t->tcb.peer.has_ts);
	rec_close(peer);
}

bool tcphs_prevented(const struct tcphs *t, uint32_t *out)
{
	bool is_known = guard_prevented(t->guard, out);

	*out -= is_known ? t->prevented : 0;
	return is_known;
}

static void summary(struct tcphs *t, const struct outcome *o)
{
	struct rec *r = record_start(&t->run->out, &summary_record), *part;
	char text[ADDR_TEXT_MAX], guard[GUARD_TEXT_MAX];
	uint32_t prevented;

	if (!r)
		return;
	rec_str(r, "target", t->opts.host);
	if (t->flow.remote.len)
		rec_str(r, "addr", addr_text(&t->flow.remote, text));
	rec_int(r, "port", t->opts.port);
	rec_str(r, "src", addr_text(&t->flow.local, text));
	rec_int(r, "src_port", t->flow.local_port);
	rec_str(r, "result", o->result);
	rec_str(r, "reason", o->reason);
	if (o->close)
		rec_str(r, "close", o->close);
	rec_str(r, "state", tcb_state_text(&t->tcb));
	if (t->is_rtt_known)
		rec_num(r, "rtt_ms", (double)t->rtt_ns / NS_PER_MS);
	rec_int(r, "bytes_out", (int64_t)t->tcb.bytes_out);
	rec_int(r, "bytes_in", (int64_t)t->tcb.bytes_in);
	rec_int(r, "retransmissions", t->tcb.n_retransmits);
	rec_int(r, "dup_acks", t->tcb.n_dup_acks);
	rec_int(r, "challenge_acks", t->tcb.n_challenged);
	rec_int(r, "corrupt", t->corrupt);
	part = rec_object(r, "guard");
	rec_str(part, "method", t->host.n ? "phantom" : guard_text(t->guard, guard));
	if (tcphs_prevented(t, &prevented))
		rec_int(part, "prevented", prevented);
	rec_close(part);
	if (t->tcb.is_opened)
		peer_fields(t, r);
	if (t->reply.is_http && t->reply.status) {
		part = rec_object(r, "http");
		rec_int(part, "status", t->reply.status);
		rec_int(part, "octets", (int64_t)t->reply.octets);
		if (t->reply.has_length)
			rec_bool(part, "complete", t->reply.octets == t->reply.length);
		rec_close(part);
	}
	if (t->run->options.count > 1)
		rec_int(r, "connection", (int64_t)t->n_connections);
	rec_num(r, "elapsed_ms", (double)(clock_mono(t->run->clock) - t->start_ns) / NS_PER_MS);
	record_write(&t->run->out, r);
}

static void sentence(struct tcphs *t, const struct outcome *o)
{
	char buf[300];
	struct text l = text_make(buf, sizeof(buf));
	uint32_t prevented;

	if (t->run->options.is_quiet)
		return;
	text_addf(&l, "%s", o->result);
	if (o->close)
		text_addf(&l, ", close: %s", o->close);
	if (t->reply.status)
		text_addf(&l, "; HTTP %d, %llu octets%s", t->reply.status,
			  (unsigned long long)t->reply.octets,
			  !t->reply.has_length               ? "" :
			  t->reply.octets == t->reply.length ? ", complete" :
							       ", incomplete");
	text_addf(&l, "; sent %llu B, received %llu B; %u retransmission%s",
		  (unsigned long long)t->tcb.bytes_out, (unsigned long long)t->tcb.bytes_in,
		  t->tcb.n_retransmits, t->tcb.n_retransmits == 1 ? "" : "s");
	if (tcphs_prevented(t, &prevented))
		text_addf(&l, "; %u kernel RST%s prevented", prevented, prevented == 1 ? "" : "s");
	if (t->corrupt)
		text_addf(&l, "; %u corrupt", t->corrupt);
	out_line(&t->run->out, &l);
}

/* RESULT HOST:PORT REASON rtt_ms=... */
static void result_line(struct tcphs *t, const struct outcome *o)
{
	char buf[400];
	struct text l = text_make(buf, sizeof(buf));
	bool is_v6 = strchr(t->opts.host, ':') != NULL;

	text_addf(&l, "RESULT %s", is_v6 ? "[" : "");
	text_add_clean(&l, t->opts.host, strlen(t->opts.host));
	text_addf(&l, "%s:%u %s", is_v6 ? "]" : "", t->opts.port, o->reason);
	if (t->is_rtt_known)
		text_addf(&l, " rtt_ms=%.6f", (double)t->rtt_ns / NS_PER_MS);
	if (o->close)
		text_addf(&l, " close=%s", o->close);
	if (!t->opts.output_is_free)
		tool_say(t->run, "%s", buf);
	else
		out_line(&t->run->out, &l);
}

static bool is_expected(const struct tcphs *t, const struct outcome *o)
{
	return strcmp(t->opts.expect, o->result) == 0 || strcmp(t->opts.expect, o->reason) == 0;
}

int tcphs_result(struct tcphs *t)
{
	struct outcome o = outcome_of(t);
	struct why why;

	t->result = o.result;
	if (!t->opts.host) /* nobody came to where we listened */
		t->opts.host = addr_text(&t->flow.local, t->opts.peer_text);
	if (t->opts.expect)
		o.status = is_expected(t, &o) ? EXIT_ANSWERED : TCPHS_EXIT_UNEXPECTED;
	tcphs_outcome(t, o.result, o.reason, o.status);
	if (t->opts.output_is_free)
		sentence(t, &o);
	result_line(t, &o);
	summary(t, &o);
	if (t->reply.is_lost) {
		(void)why_set(&why, E_SYS, "the reply could not be written in full to %s",
			      t->opts.output);
		return tool_fail(t->run, &why);
	}
	return o.status;
}
