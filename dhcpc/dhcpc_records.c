/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_records - the records of dhcpc and their fields.
 */
#include "dhcpc_report.h"

static const struct field sent_fields[] = {
	{"dt_ms", FIELD_NUMBER, "ms", "since the run began"},
	{"xid", FIELD_STRING, "", "number of the exchange, hexadecimal"},
	{"secs", FIELD_INT, "s", "as in the message: since the exchange began"},
	{"ciaddr", FIELD_STRING, "", "the address that the client uses, if it has one"},
	{"requested", FIELD_STRING, "", "the address asked for, option 50"},
	{"server_id", FIELD_STRING, "", "the server meant, option 54"},
	{"dst_ip", FIELD_STRING, "", "destination of the packet"},
	{"dst_mac", FIELD_STRING, "", "destination of the frame"},
};

static const struct field heard_fields[] = {
	{"dt_ms", FIELD_NUMBER, "ms", "since the run began"},
	{"latency_ms", FIELD_NUMBER, "ms",
	 "since our newest message left, by the kernel's stamps of both frames"},
	{"xid", FIELD_STRING, "", "number of the exchange, hexadecimal"},
	{"secs", FIELD_INT, "s", "as in the message"},
	{"src_ip", FIELD_STRING, "", "source of the packet: the server or its relay"},
	{"src_mac", FIELD_STRING, "", "source of the frame"},
	{"dst_mac", FIELD_STRING, "", "destination of the frame"},
	{"server_id", FIELD_STRING, "", "the server by its own word, option 54"},
	{"giaddr", FIELD_STRING, "", "the relay, 0.0.0.0 for none"},
	{"yiaddr", FIELD_STRING, "", "the address given"},
	{"prefix_len", FIELD_INT, "", "of its network, from the subnet mask"},
	{"lease_s", FIELD_INT, "s", "length of the lease; 4294967295 is for ever"},
	{"t1_s", FIELD_INT, "s", "when the lease will be renewed"},
	{"t2_s", FIELD_INT, "s", "when any server will be asked to"},
	{"is_unlisted", FIELD_BOOL, "", "scan: the server is not among --allow, or is in --deny"},
	{"options", FIELD_ARRAY, "",
	 "each option: code, name, raw (hexadecimal), value, parts (pieces it came in), where"},
	{"findings", FIELD_ARRAY, "", "what is odd: id, rfc, text"},
	{"kind", FIELD_STRING, "", "ignored: malformed, foreign, policy, refused or untimely"},
	{"message", FIELD_STRING, "", "what the server says, option 56"},
	{"reason", FIELD_STRING, "", "ignored: why"},
	{"message_type", FIELD_STRING, "", "ignored: what it was"},
};

static const struct field message_fields[] = {
	{"number", FIELD_INT, "", "of the packet in the capture, from 1 on"},
	{"captured", FIELD_STRING, "", "when it was captured, RFC 3339"},
	{"src_ip", FIELD_STRING, "", "source of the packet"},
	{"dst_ip", FIELD_STRING, "", "destination of the packet"},
	{"message_type", FIELD_STRING, "", "DISCOVER, OFFER, ...; a number if it has no name"},
	{"op", FIELD_INT, "", "1 from a client, 2 from a server"},
	{"xid", FIELD_STRING, "", "number of the exchange, hexadecimal"},
	{"secs", FIELD_INT, "s", "since the exchange began"},
	{"flags", FIELD_STRING, "", "hexadecimal; 0x8000: answers are to be broadcast"},
	{"ciaddr", FIELD_STRING, "", "the address that the client uses"},
	{"yiaddr", FIELD_STRING, "", "the address given"},
	{"siaddr", FIELD_STRING, "", "the boot server"},
	{"giaddr", FIELD_STRING, "", "the relay"},
	{"chaddr", FIELD_STRING, "", "hardware address of the client"},
	{"options", FIELD_ARRAY, "", "as in an offer"},
	{"reason", FIELD_STRING, "", "what is wrong with it, if it is malformed"},
};

static const struct field check_fields[] = {
	{"id", FIELD_STRING, "", "name of the question, or of what the answer showed"},
	{"verdict", FIELD_STRING, "", "right, odd (clients may stumble over it) or wrong (a MUST)"},
	{"text", FIELD_STRING, "", "what the server did"},
	{"rfc", FIELD_STRING, "", "where it is said what it should do"},
};

static const struct field conflict_fields[] = {
	{"dt_ms", FIELD_NUMBER, "ms", "since the run began"},
	{"addr", FIELD_STRING, "", "the address that was given to us"},
	{"mac", FIELD_STRING, "", "who has it"},
};

static const struct field state_fields[] = {
	{"dt_ms", FIELD_NUMBER, "ms", "since the run began"},
	{"from", FIELD_STRING, "", "state before"},
	{"to", FIELD_STRING, "", "state after"},
	{"event", FIELD_STRING, "", "what happened"},
};

static const struct field diff_fields[] = {
	{"code", FIELD_INT, "", "option that the servers do not agree on"},
	{"name", FIELD_STRING, "", "its name"},
	{"values", FIELD_ARRAY, "", "server_id and value of each server; null: it has none"},
};

static const struct field summary_fields[] = {
	{"interface", FIELD_STRING, "", "where it was asked"},
	{"mac", FIELD_STRING, "", "as whom"},
	{"result", FIELD_STRING, "",
	 "bound, released, renewed, informed, declined, scanned, nak, conflict, v6only, policy, refused, apply, right or wrong (lint), silent or interrupted"},
	{"addr", FIELD_STRING, "", "the address, if one was given"},
	{"prefix_len", FIELD_INT, "", "of its network"},
	{"server_id", FIELD_STRING, "", "who gave it"},
	{"lease_s", FIELD_INT, "s", "for how long"},
	{"servers", FIELD_INT, "", "scan: how many answered"},
	{"unlisted", FIELD_INT, "", "scan: how many of them are not allowed"},
	{"sent", FIELD_INT, "", "messages sent"},
	{"received", FIELD_INT, "", "messages that count"},
	{"ignored", FIELD_OBJECT, "", "messages left aside, by kind"},
	{"kernel_drops", FIELD_INT, "", "frames lost for want of room"},
	{"elapsed_ms", FIELD_NUMBER, "ms", "length of the run"},
};

#define SENT(name, doc) RECORD_TYPE(name, doc, sent_fields)
#define HEARD(name, doc) RECORD_TYPE(name, doc, heard_fields)

const struct record_type dhcpc_sent_records[] = {
	[DHCP_DISCOVER] = SENT("discover", "A DISCOVER was sent: who can give an address?"),
	[DHCP_REQUEST] = SENT("request", "A REQUEST was sent: this address, please."),
	[DHCP_DECLINE] = SENT("decline", "A DECLINE was sent: somebody has the address."),
	[DHCP_RELEASE] = SENT("release", "A RELEASE was sent: the address is given back."),
	[DHCP_INFORM] = SENT("inform", "An INFORM was sent: all but an address, please."),
};

const struct record_type dhcpc_offer_record = HEARD("offer", "A server offers an address.");
const struct record_type dhcpc_ack_record = HEARD("ack", "A server gives, or confirms.");
const struct record_type dhcpc_nak_record = HEARD("nak", "The server refuses.");
const struct record_type dhcpc_ignored_record =
	HEARD("ignored", "A message that was left aside, and why.");
const struct record_type dhcpc_bound_record =
	HEARD("bound", "The lease that the client now has, as its last message says it.");
const struct record_type dhcpc_conflict_record =
	RECORD_TYPE("conflict", "Somebody has the address that was given.", conflict_fields);
const struct record_type dhcpc_state_record =
	RECORD_TYPE("state", "With -v: the client goes from one state to another.", state_fields);
const struct record_type dhcpc_diff_record =
	RECORD_TYPE("diff", "The servers of a scan differ.", diff_fields);
const struct record_type dhcpc_message_record =
	RECORD_TYPE("message", "decode: a message in the capture.", message_fields);
const struct record_type dhcpc_check_record =
	RECORD_TYPE("check", "lint: a question, and what the answer is worth.", check_fields);
const struct record_type dhcpc_summary_record =
	RECORD_TYPE("summary", "What came of it.", summary_fields);

const struct record_type *const dhcpc_records[] = {
	&dhcpc_sent_records[DHCP_DISCOVER],
	&dhcpc_offer_record,
	&dhcpc_sent_records[DHCP_REQUEST],
	&dhcpc_ack_record,
	&dhcpc_nak_record,
	&dhcpc_ignored_record,
	&dhcpc_conflict_record,
	&dhcpc_sent_records[DHCP_DECLINE],
	&dhcpc_sent_records[DHCP_RELEASE],
	&dhcpc_sent_records[DHCP_INFORM],
	&dhcpc_bound_record,
	&dhcpc_diff_record,
	&dhcpc_state_record,
	&dhcpc_message_record,
	&dhcpc_check_record,
	&dhcpc_summary_record,
	&trace_packet_record,
	&record_error,
	&record_end,
};
const size_t dhcpc_n_records = sizeof(dhcpc_records) / sizeof(dhcpc_records[0]);
