/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_yaml - messages in the YAML that dig writes: one list of them on standard output. */
#include <string.h>

#include "base/num.h"
#include "dnsq.h"

/* @text from octet @start on in single quotes; one inside is doubled (YAML 1.2 7.3.2). */
static void quote_from(struct text *t, size_t start)
{
	size_t quotes = 0, end = t->len;

	for (size_t i = start; i < end; i++)
		quotes += t->buf[i] == '\'';
	if (t->cut || t->cap - t->len < quotes + 3) {
		t->cut = true;
		return;
	}
	t->len += quotes + 2;
	t->buf[t->len] = '\0';
	t->buf[t->len - 1] = '\'';
	for (size_t to = t->len - 1, from = end; from > start;) {
		t->buf[--to] = t->buf[--from];
		if (t->buf[to] == '\'')
			t->buf[--to] = '\'';
	}
	t->buf[start] = '\'';
}

static void add_moment(struct text *t, const char *name, uint64_t wall_ns)
{
	char moment[CLOCK_TEXT_MAX];

	/* Milliseconds, as dig has them. */
	text_addf(t, "    %s: !!timestamp %.23sZ\n", name, clock_text(wall_ns, moment));
}

static void add_course(struct text *t, const struct ask *a, const struct dns_msg *m, size_t len)
{
	bool is_reply = m->flags & DNS_QR;
	char text[ADDR_TEXT_MAX];

	text_addf(t, "- type: MESSAGE\n  message:\n    type: %s_%s\n",
		  m->flags & (is_reply ? DNS_RA : DNS_RD) ? "RECURSIVE" : "AUTH",
		  is_reply ? "RESPONSE" : "QUERY");
	add_moment(t, "query_time", a->wall_ns);
	if (is_reply)
		add_moment(t, "response_time", a->wall_ns + a->rtt_ns);
	text_addf(t, "    message_size: %zub\n    socket_family: %s\n    socket_protocol: %s\n",
		  len, a->server->addr.len == 4 ? "INET" : "INET6", ask_proto(a));
	text_addf(t, "    response_address: \"%s\"\n    response_port: %u\n",
		  addr_text(&a->server->addr, text), a->server->port);
	text_addf(t, "    query_address: \"%s\"\n    query_port: %u\n    %s_message_data:\n",
		  a->local.len             ? addr_text(&a->local, text) :
		  a->server->addr.len == 4 ? "0.0.0.0" :
					     "::",
		  a->local_port, is_reply ? "response" : "query");
}

static void add_header(struct text *t, const struct dns_msg *m, unsigned rcode)
{
	char opcode[DNS_WORD_MAX], word[DNS_WORD_MAX];

	text_addf(t, "      opcode: %s\n      status: %s\n      id: %u\n      flags:",
		  dns_opcode_text(dns_opcode(m->flags), opcode), dns_rcode_text(rcode, word),
		  m->id);
	text_flags(t, m->flags);
	text_addf(
		t,
		"\n      QUESTION: %u\n      ANSWER: %u\n      AUTHORITY: %u\n      ADDITIONAL: %u\n",
		m->counts[0], m->counts[1], m->counts[2], m->counts[3]);
}

static void add_edns(struct text *t, const struct ask *a, const uint8_t *bytes, size_t len)
{
	struct dns_edns e = dns_msg_edns(bytes, len);
	struct rd data;
	uint16_t code;

	if (!e.is_there)
		return;
	text_addf(t, "      OPT_PSEUDOSECTION:\n        EDNS:\n          version: %u\n", e.version);
	text_addf(t, "          flags:%s%s\n          udp: %u\n", e.flags & DNS_DO ? " do" : "",
		  e.flags & DNS_CO ? " co" : "", e.udp_max);
	while (dns_option_next(&e.options, &code, &data)) {
		size_t start;

		text_add(t, "          ");
		text_option_name(t, code);
		text_add(t, ": ");
		start = t->len;
		text_option_value(t, a, code, data);
		quote_from(t, start);
		text_add_char(t, '\n');
	}
}

static void add_question(struct text *t, const uint8_t *bytes, size_t len)
{
	char class[DNS_WORD_MAX], type[DNS_WORD_MAX];
	struct dns_question q;
	struct dns_msg m;
	size_t start;

	if (dns_msg_open(&m, bytes, len) < 0 || !m.counts[DNS_QUESTION])
		return;
	text_add(t, "      QUESTION_SECTION:\n");
	while (dns_msg_question(&m, &q) == 0) {
		text_add(t, "        - ");
		start = t->len;
		dns_name_add(t, &q.name);
		text_addf(t, " %s %s", dns_class_text(q.class, class), dns_type_text(q.type, type));
		quote_from(t, start);
		text_add_char(t, '\n');
	}
}

static int add_record(struct text *t, const struct dnsq_set *s, const struct dns_record *r,
		      const struct dns_msg *m)
{
	const struct rd whole = rd_make(m->r.buf, m->r.len);
	const struct dns_style style = {.split = s->split, .is_generic = s->is_generic};
	char class[DNS_WORD_MAX], type[DNS_WORD_MAX];
	size_t start;
	int err;

	text_add(t, "        - ");
	start = t->len;
	dns_name_add(t, &r->name);
	text_addf(t, " %u %s %s ", dns_ttl(r->ttl), dns_class_text(r->class, class),
		  dns_type_text(r->type, type));
	err = dns_rdata_text(t, r->type, r->data, &whole, &style);
	quote_from(t, start);
	text_add_char(t, '\n');
	return err;
}

static void add_sections(struct text *t, const struct dnsq_set *s, struct dns_msg *m)
{
	static const char *const names[] = {"", "ANSWER", "AUTHORITY", "ADDITIONAL"};
	const bool is_shown[] = {false, s->answer, s->authority, s->additional};
	enum dns_section open = DNS_QUESTION;
	struct dns_record r;

	while (!m->fault && dns_msg_record(m, &r) == 0) {
		size_t start = t->len;
		int err;

		if (r.type == DNS_OPT && r.section == DNS_ADDITIONAL && r.name.len == 1)
			continue;
		if (r.section != open && is_shown[r.section])
			text_addf(t, "      %s_SECTION:\n", names[r.section]);
		open = r.section;
		err = add_record(t, s, &r, m);
		if (err == E_BAD || err == E_TRUNC) {
			m->fault = "the data breaks the rules of its type";
			m->fault_off = r.data_off;
		}
		if (!is_shown[r.section])
			t->buf[t->len = start] = '\0';
	}
}

bool print_yaml(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a,
		const uint8_t *bytes, size_t len)
{
	struct text t = text_make(d->space, DNSQ_SPACE);
	struct dns_msg m;

	if (dns_msg_open(&m, bytes, len) < 0)
		return false;
	add_course(&t, a, &m, len);
	add_header(&t, &m, dns_rcode_of(bytes, len));
	if (l->set.comments)
		add_edns(&t, a, bytes, len);
	if (l->set.question)
		add_question(&t, bytes, len);
	add_sections(&t, &l->set, &m);
	print_text(d, &t);
	return !m.fault;
}
