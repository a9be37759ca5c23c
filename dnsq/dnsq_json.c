/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_json - replies as records: the members of RFC 8427, and how the exchange went. */
#include <string.h>

#include "base/num.h"
#include "dnsq.h"
#include "dnsq_validate.h"

static const struct field reply_fields[] = {
	{"query", FIELD_OBJECT, "", "What was asked: QNAME, QTYPE, QTYPEname, QCLASS, QCLASSname."},
	{"response", FIELD_OBJECT, "",
	 "The reply: the members of RFC 8427, as far as it could be read."},
	{"edns", FIELD_OBJECT, "",
	 "Of the reply: version, udp, flags, options (code, name, hex, ...)."},
	{"server", FIELD_OBJECT, "", "Who replied, or was asked last: name, addr, port."},
	{"proto", FIELD_STRING, "", "UDP, TCP, TLS or HTTPS."},
	{"raw", FIELD_BOOL, "", "true: the query was a whole IP packet of our own (+raw)."},
	{"rtt_ms", FIELD_NUMBER, "ms", "From the query that was answered to the reply."},
	{"clock", FIELD_STRING, "",
	 "Where rtt_ms is from: kernel, kernel-rx or user; of a connection always user."},
	{"size", FIELD_INT, "octets", "Of the reply."},
	{"tries", FIELD_INT, "", "Queries sent."},
	{"messages", FIELD_INT, "", "Of a zone transfer."},
	{"ignored", FIELD_ARRAY, "",
	 "Messages that were not taken for the answer: reason, from, port, count."},
	{"warnings", FIELD_ARRAY, "", "What happened on the way, in order."},
	{"malformed", FIELD_OBJECT, "", "Where the reply breaks the rules: offset, reason."},
	{"rcode", FIELD_STRING, "", "The response code, with the bits that EDNS adds."},
	{"result", FIELD_STRING, "",
	 "answer, nodata, nxdomain, referral, error (of the server), malformed or none (no reply)."},
	{"dnssec", FIELD_STRING, "",
	 "With +validate: the verdict; a record of its own has the chain."},
	{"exit", FIELD_INT, "", "Exit status that this exchange alone would have."},
};

static const struct record_type reply_record =
	RECORD_TYPE("reply", "One question and what came of it.", reply_fields);

const struct record_type *const dnsq_records[] = {
	&reply_record,        &validation_record, &dnsq_server_record, &trace_route_record,
	&trace_packet_record, &record_error,      &record_end};
const size_t dnsq_n_records = sizeof(dnsq_records) / sizeof(dnsq_records[0]);

static void put_name(struct rec *j, const char *key, const struct dns_name *name)
{
	char text[DNS_NAME_TEXT_MAX];

	rec_str(j, key, dns_name_text(name, text));
}

static void put_hex(struct rec *j, const char *key, const uint8_t *bytes, size_t len, char *space)
{
	struct text t = text_make(space, DNSQ_SPACE);

	text_add_hex(&t, bytes, len, 0);
	rec_str(j, key, t.buf);
}

void json_question(struct rec *j, const struct dns_question *q)
{
	char word[DNS_WORD_MAX];

	put_name(j, "QNAME", &q->name);
	rec_int(j, "QTYPE", q->type);
	rec_str(j, "QTYPEname", dns_type_text(q->type, word));
	rec_int(j, "QCLASS", q->class);
	rec_str(j, "QCLASSname", dns_class_text(q->class, word));
}

static void put_header(struct rec *j, const struct dns_msg *m)
{
	static const struct {
		const char *name;
		uint16_t bit;
	} bits[] = {{"AA", DNS_AA}, {"TC", DNS_TC}, {"RD", DNS_RD},
		    {"RA", DNS_RA}, {"AD", DNS_AD}, {"CD", DNS_CD}};

	rec_int(j, "ID", m->id);
	rec_int(j, "QR", m->flags >> 15);
	rec_int(j, "Opcode", (int64_t)dns_opcode(m->flags));
	for (unsigned i = 0; i < 6; i++)
		rec_int(j, bits[i].name, (m->flags & bits[i].bit) != 0);
	rec_int(j, "RCODE", m->flags & 15);
	rec_int(j, "QDCOUNT", m->counts[0]);
	rec_int(j, "ANCOUNT", m->counts[1]);
	rec_int(j, "NSCOUNT", m->counts[2]);
	rec_int(j, "ARCOUNT", m->counts[3]);
}

static void put_value(void *arg, const struct dns_value *v)
{
	if (v->is_number)
		rec_int(arg, v->name, (int64_t)v->number);
	else
		rec_bytes(arg, v->name, v->bytes, v->len);
}

/* The data by the names that its type has for its pieces. */
static void put_data(struct rec *j, const struct dns_record *r, const struct rd *whole, char *space)
{
	struct rec *data;

	if (!dns_type_fields(r->type))
		return;
	data = rec_object(j, "rdata");
	/* The text of the data has been made before, so that it is known to be right. */
	if (dns_rdata_each(r->type, r->data, whole, space, DNSQ_SPACE, put_value, data) < 0)
		rec_bool(data, "is_cut", true);
	rec_close(data);
}

static int put_record(struct rec *array, const struct dns_record *r, const struct dns_msg *m,
		      char *space)
{
	const struct rd whole = rd_make(m->r.buf, m->r.len);
	const struct dns_style style = {0};
	struct rec *j = rec_item(array);
	char word[DNS_WORD_MAX], key[DNS_WORD_MAX + 8];
	struct text t;
	int err;

	put_name(j, "NAME", &r->name);
	rec_int(j, "TYPE", r->type);
	rec_str(j, "TYPEname", dns_type_text(r->type, word));
	rec_int(j, "CLASS", r->class);
	if (r->type != DNS_OPT) {
		char class[DNS_WORD_MAX];

		rec_str(j, "CLASSname", dns_class_text(r->class, class));
	}
	rec_int(j, "TTL", r->type == DNS_OPT ? r->ttl : dns_ttl(r->ttl));
	rec_int(j, "RDLENGTH", (int64_t)r->data.len);
	put_hex(j, "RDATAHEX", r->data.buf, r->data.len, space);
	t = text_make(space, DNSQ_SPACE);
	err = dns_rdata_text(&t, r->type, r->data, &whole, &style);
	snprintf(key, sizeof(key), "rdata%s", word);
	if (!err && r->type != DNS_OPT) {
		rec_str(j, key, t.buf);
		put_data(j, r, &whole, space);
	}
	rec_close(j);
	return err;
}

static void put_sections(struct rec *j, struct dns_msg *m, char *space)
{
	static const char *const names[] = {"", "answerRRs", "authorityRRs", "additionalRRs"};
	enum dns_section open = DNS_QUESTION;
	struct rec *array = NULL;
	struct dns_record r;

	while (!m->fault && dns_msg_record(m, &r) == 0) {
		int err;

		if (r.section != open) {
			rec_close(array);
			array = rec_array(j, names[r.section]);
			open = r.section;
		}
		err = put_record(array, &r, m, space);
		if (err == E_BAD || err == E_TRUNC) {
			m->fault = "the data breaks the rules of its type";
			m->fault_off = r.data_off;
		}
	}
	rec_close(array);
}

static void put_options(struct rec *edns, struct rd options, char *space)
{
	struct rec *array = rec_array(edns, "options");
	struct rd data;
	uint16_t code;

	while (dns_option_next(&options, &code, &data)) {
		struct rec *j = rec_item(array);

		rec_int(j, "code", code);
		put_hex(j, "hex", data.buf, data.len, space);
		if (code == DNS_OPT_NSID)
			rec_bytes(j, "nsid", data.buf, data.len);
		if (code == DNS_OPT_ERROR && data.len >= 2) {
			unsigned info = (unsigned)(data.buf[0] << 8 | data.buf[1]);

			rec_int(j, "info", info);
			if (dns_error_text(info))
				rec_str(j, "meaning", dns_error_text(info));
			rec_bytes(j, "text", data.buf + 2, data.len - 2);
		}
		rec_close(j);
	}
	rec_close(array);
}

static void put_edns(struct rec *r, const struct ask *a, char *space)
{
	struct dns_edns e = dns_msg_edns(a->reply, a->reply_len);
	struct rec *j;

	if (!e.is_there)
		return;
	j = rec_object(r, "edns");
	rec_int(j, "version", e.version);
	rec_int(j, "udp", e.udp_max);
	rec_int(j, "flags", e.flags);
	if (a->cookie_state)
		rec_str(j, "cookie", a->cookie_state);
	put_options(j, e.options, space);
	rec_close(j);
}

static void put_course(struct rec *r, const struct ask *a)
{
	char text[ADDR_TEXT_MAX];
	struct rec *j = rec_object(r, "server");

	rec_str(j, "name", a->server->name);
	rec_str(j, "addr", addr_text(&a->server->addr, text));
	rec_int(j, "port", a->server->port);
	rec_close(j);
	rec_str(r, "proto", ask_proto(a));
	if (a->set->is_raw)
		rec_bool(r, "raw", true);
	rec_int(r, "tries", a->n_sent);
	j = rec_array(r, "ignored");
	for (unsigned i = 0; i < IGNORED_KINDS; i++) {
		const struct ask_ignored *ignored = &a->ignored[i];
		struct rec *item = ignored->count ? rec_item(j) : NULL;

		rec_str(item, "reason", ignored_text((enum ignored)i));
		rec_str(item, "from", addr_text(&ignored->from, text));
		rec_int(item, "port", ignored->port);
		rec_int(item, "count", ignored->count);
		rec_close(item);
	}
	rec_close(j);
	j = rec_array(r, "warnings");
	for (unsigned i = 0; i < a->n_notes; i++)
		rec_str(j, "", a->notes[i]);
	rec_close(j);
}

static const char *result_of(const struct dns_msg *m, unsigned rcode)
{
	if (m->fault)
		return "malformed";
	if (rcode == DNS_NXDOMAIN)
		return "nxdomain";
	if (rcode != DNS_NOERROR)
		return "error";
	if (m->counts[DNS_ANSWER])
		return "answer";
	return m->counts[DNS_AUTHORITY] && !(m->flags & (DNS_AA | DNS_RA)) ? "referral" : "nodata";
}

static void put_response(struct rec *r, const struct ask *a, struct dns_msg *m, char *space)
{
	unsigned rcode = dns_rcode_of(a->reply, a->reply_len);
	struct rec *j = rec_object(r, "response");
	struct dns_question q;
	struct dns_msg head = *m;
	char word[DNS_WORD_MAX];

	put_header(j, m);
	if (dns_msg_question(&head, &q) == 0)
		json_question(j, &q);
	put_sections(j, m, space);
	rec_close(j);
	put_edns(r, a, space);
	rec_num(r, "rtt_ms", (double)a->rtt_ns / NS_PER_MS);
	rec_str(r, "clock", rtt_clock_word(a->rtt_clock));
	rec_int(r, "size", (int64_t)a->reply_len);
	if (m->fault) {
		j = rec_object(r, "malformed");
		rec_int(j, "offset", (int64_t)m->fault_off);
		rec_str(j, "reason", m->fault);
		rec_close(j);
	}
	rec_str(r, "rcode", dns_rcode_text(rcode, word));
	rec_str(r, "result", result_of(m, rcode));
}

int json_reply(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a)
{
	struct rec *r = record_start(&d->run->out, &reply_record);
	struct rec *j = rec_object(r, "query");
	int status = a->is_unauthentic ? DNSQ_NOT_AUTHENTIC : DNSQ_NO_REPLY;
	struct dns_msg m;

	json_question(j, &a->question);
	rec_close(j);
	put_course(r, a);
	if (a->state == ASK_REPLIED && dns_msg_open(&m, a->reply, a->reply_len) == 0) {
		put_response(r, a, &m, d->space);
		status = reply_status(l, a, !m.fault);
	} else {
		rec_str(r, "result", "none");
	}
	if (a->dnssec)
		rec_str(r, "dnssec", a->dnssec);
	rec_int(r, "exit", status);
	record_write(&d->run->out, r);
	return status;
}
