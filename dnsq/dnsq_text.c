/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_text - replies as dig shows them, column for column, since scripts read them. */
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "base/radix.h"
#include "dnsq.h"

/* Where the columns of a record start. */
struct columns {
	unsigned ttl, class, type, data;
};

static struct columns columns_of(const struct dnsq_set *s)
{
	if (s->is_multi || (!s->ttl && !s->class))
		return (struct columns){24, 24, 24, 32};
	if (!s->ttl || !s->class)
		return (struct columns){24, 24, 32, 40};
	return (struct columns){24, 32, 40, 48};
}

/* Tabs up to column @to of the line that starts at @start; one blank at least. */
static void indent(struct text *t, size_t start, unsigned to)
{
	size_t at = 0;

	for (size_t i = start; i < t->len; i++)
		at = t->buf[i] == '\t' ? (at / 8 + 1) * 8 : at + 1;
	if (at >= to) {
		text_add_char(t, ' ');
		return;
	}
	for (; at / 8 < to / 8; at = (at / 8 + 1) * 8)
		text_add_char(t, '\t');
}

static void add_ttl(struct text *t, const struct dnsq_set *s, uint32_t ttl)
{
	static const struct {
		uint32_t seconds;
		char letter;
	} units[] = {{604800, 'w'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};

	if (!s->ttl_units) {
		text_add_u64(t, ttl, 1);
		return;
	}
	if (!ttl)
		text_add(t, "0s");
	for (unsigned i = 0; i < 5; i++) {
		if (ttl / units[i].seconds)
			text_addf(t, "%u%c", ttl / units[i].seconds, units[i].letter);
		ttl %= units[i].seconds;
	}
}

/* In multi-line form blanks stand between the columns of owner's line, not tabs. */
static void gap(struct text *t, const struct dnsq_set *s, size_t start, unsigned to)
{
	if (s->is_multi && to == 0)
		text_add_char(t, ' ');
	else
		indent(t, start, to);
}

static void add_class(struct text *t, const struct dnsq_set *s, uint16_t class)
{
	char word[DNS_WORD_MAX];

	if (s->is_generic)
		text_addf(t, "CLASS%u", class);
	else
		text_add(t, dns_class_text(class, word));
}

static void add_type(struct text *t, const struct dnsq_set *s, uint16_t type)
{
	char word[DNS_WORD_MAX];

	if (s->is_generic)
		text_addf(t, "TYPE%u", type);
	else
		text_add(t, dns_type_text(type, word));
}

static void add_head(struct text *t, const struct dnsq_set *s, const struct dns_record *r)
{
	struct columns c = columns_of(s);
	size_t start = t->len;
	bool is_first = true;

	dns_name_add(t, &r->name);
	if (s->ttl) {
		gap(t, s, start, c.ttl);
		add_ttl(t, s, dns_ttl(r->ttl));
		is_first = false;
	}
	if (s->class) {
		gap(t, s, start, s->is_multi && !is_first ? 0 : c.class);
		add_class(t, s, r->class);
		is_first = false;
	}
	gap(t, s, start, s->is_multi && !is_first ? 0 : c.type);
	add_type(t, s, r->type);
	gap(t, s, start, s->is_multi ? 0 : c.data);
}

static struct dns_style style_of(const struct dnsq_set *s)
{
	return (struct dns_style){
		.split = s->split,
		.is_generic = s->is_generic,
		.hides_crypto = !s->crypto,
		.expands_aaaa = s->expands_aaaa,
		.is_multi = s->is_multi,
	};
}

static int add_data(struct text *t, const struct dnsq_set *s, const struct dns_record *r,
		    const struct dns_msg *m)
{
	const struct rd whole = rd_make(m->r.buf, m->r.len);
	struct dns_style style = style_of(s);

	return dns_rdata_text(t, r->type, r->data, &whole, &style);
}

/* What +rrcomments adds behind a key. */
static void add_comment(struct text *t, const struct dns_record *r, bool is_multi)
{
	char word[DNS_WORD_MAX];

	if ((r->type != DNS_DNSKEY && r->type != 60) || r->data.len < 4)
		return;
	text_addf(t, "%s; %s;", is_multi ? " " : "  ", r->data.buf[1] & 1 ? "KSK" : "ZSK");
	text_addf(t, " alg = %s ; key id = %u", dns_algorithm_text(r->data.buf[3], word),
		  dns_key_tag(r->data.buf, r->data.len));
}

int text_record(struct text *t, const struct dnsq_set *s, const struct dns_record *r,
		const struct dns_msg *m)
{
	int err;

	add_head(t, s, r);
	err = add_data(t, s, r, m);
	if (!err && s->rr_comments)
		add_comment(t, r, s->is_multi);
	return err;
}

/* --- the pseudo-section of EDNS */

static void add_ascii(struct text *t, struct rd data)
{
	text_add(t, " (\"");
	for (size_t i = 0; i < data.len; i++)
		text_add_char(t,
			      data.buf[i] >= 0x20 && data.buf[i] < 0x7f ? (char)data.buf[i] : '.');
	text_add(t, "\")");
}

static void add_subnet(struct text *t, struct rd data)
{
	uint16_t family = rd_u16(&data);
	uint8_t source = rd_u8(&data), scope = rd_u8(&data), bytes[16] = {0};
	size_t n = rd_left(&data);
	char text[ADDR_TEXT_MAX];
	struct addr a;

	if (data.bad || family < 1 || family > 2 || n > (family == 1 ? 4 : 16)) {
		text_add(t, "malformed");
		return;
	}
	rd_copy(&data, bytes, n);
	a = addr_from(bytes, family == 1 ? 4 : 16);
	text_addf(t, "%s/%u/%u", addr_text(&a, text), source, scope);
}

static void add_error(struct text *t, struct rd data)
{
	uint16_t code = rd_u16(&data);
	const char *word = dns_error_text(code);

	if (data.bad) {
		text_add(t, "malformed");
		return;
	}
	text_addf(t, "%u", code);
	if (word)
		text_addf(t, " (%s)", word);
	if (!rd_left(&data))
		return;
	text_add(t, ": (");
	text_add_clean(t, data.buf + data.pos, rd_left(&data));
	text_add_char(t, ')');
}

static const char *option_text(uint16_t code)
{
	switch (code) {
	case 1: return "LLQ";
	case 2: return "UL";
	case DNS_OPT_NSID: return "NSID";
	case DNS_OPT_SUBNET: return "CLIENT-SUBNET";
	case DNS_OPT_EXPIRE: return "EXPIRE";
	case DNS_OPT_COOKIE: return "COOKIE";
	case DNS_OPT_KEEPALIVE: return "TCP KEEPALIVE";
	case DNS_OPT_PADDING: return "PAD";
	case DNS_OPT_KEY_TAG: return "KEY-TAG";
	case DNS_OPT_ERROR: return "EDE";
	case DNS_OPT_REPORT: return "REPORT-CHANNEL";
	case DNS_OPT_ZONEVERSION: return "ZONEVERSION";
	}
	return NULL;
}

void text_option_name(struct text *t, uint16_t code)
{
	const char *word = option_text(code);

	if (word)
		text_add(t, word);
	else
		text_addf(t, "OPT=%u", code);
}

void text_option_value(struct text *t, const struct ask *a, uint16_t code, struct rd data)
{
	struct rd r = data;

	if (code == DNS_OPT_SUBNET) {
		add_subnet(t, data);
	} else if (code == DNS_OPT_ERROR) {
		add_error(t, data);
	} else if (code == DNS_OPT_COOKIE) {
		text_add_hex(t, data.buf, data.len, 0);
		if (a->cookie_state)
			text_addf(t, " (%s)", a->cookie_state);
	} else if (code == DNS_OPT_EXPIRE && data.len == 4) {
		text_add_u64(t, rd_u32(&r), 1);
	} else if (code == DNS_OPT_KEEPALIVE && data.len == 2) {
		uint16_t tenths = rd_u16(&r);

		text_addf(t, "%u.%u secs", tenths / 10u, tenths % 10u);
	} else if (code == DNS_OPT_PADDING) {
		text_addf(t, "(%zu bytes)", data.len);
	} else if (data.len) {
		text_add_hex(t, data.buf, data.len, ' ');
		add_ascii(t, data);
	}
}

static void add_option(struct text *t, const struct ask *a, uint16_t code, struct rd data)
{
	size_t before;

	text_add(t, "; ");
	text_option_name(t, code);
	text_add_char(t, ':');
	before = t->len;
	text_add_char(t, ' ');
	text_option_value(t, a, code, data);
	if (t->len == before + 1) /* nothing to say, as of an empty option */
		t->buf[t->len = before] = '\0';
	text_add_char(t, '\n');
}

static void add_edns(struct text *t, const struct ask *a, const struct dns_record *opt)
{
	struct dns_edns e = dns_edns_of(opt);
	uint16_t code, mbz = e.flags & 0x3fff;
	struct rd data;

	text_addf(t, ";; OPT PSEUDOSECTION:\n; EDNS: version: %u, flags:%s%s;", e.version,
		  e.flags & DNS_DO ? " do" : "", e.flags & DNS_CO ? " co" : "");
	if (mbz)
		text_addf(t, " MBZ: 0x%04x,", mbz);
	text_addf(t, " udp: %u\n", e.udp_max);
	while (dns_option_next(&e.options, &code, &data))
		add_option(t, a, code, data);
}

/* --- the message */

void text_flags(struct text *t, uint16_t flags)
{
	static const struct {
		uint16_t bit;
		const char *word;
	} words[] = {{DNS_QR, " qr"}, {DNS_AA, " aa"}, {DNS_TC, " tc"}, {DNS_RD, " rd"},
		     {DNS_RA, " ra"}, {DNS_AD, " ad"}, {DNS_CD, " cd"}};

	for (unsigned i = 0; i < 7; i++)
		if (flags & words[i].bit)
			text_add(t, words[i].word);
}

static void add_header(struct text *t, const struct dns_msg *m, unsigned rcode)
{
	char opcode[DNS_WORD_MAX], word[DNS_WORD_MAX];

	text_addf(t, ";; ->>HEADER<<- opcode: %s, status: %s, id: %u\n;; flags:",
		  dns_opcode_text(dns_opcode(m->flags), opcode), dns_rcode_text(rcode, word),
		  m->id);
	text_flags(t, m->flags);
	if (m->flags & DNS_Z)
		text_add(t, "; MBZ: 0x4");
	text_addf(t, "; QUERY: %u, ANSWER: %u, AUTHORITY: %u, ADDITIONAL: %u\n", m->counts[0],
		  m->counts[1], m->counts[2], m->counts[3]);
	if ((m->flags & (DNS_QR | DNS_RD | DNS_RA)) == (DNS_QR | DNS_RD))
		text_add(t, ";; WARNING: recursion requested but not available\n");
	text_add_char(t, '\n');
}

static void add_questions(struct text *t, const struct dnsq_set *s, const uint8_t *bytes,
			  size_t len)
{
	struct columns c = columns_of(s);
	struct dns_question q;
	struct dns_msg m;

	if (dns_msg_open(&m, bytes, len) < 0 || !m.counts[DNS_QUESTION])
		return;
	if (s->comments)
		text_add(t, ";; QUESTION SECTION:\n");
	while (dns_msg_question(&m, &q) == 0) {
		size_t start = t->len + 1; /* dig's columns do not count the semicolon */

		text_add_char(t, ';');
		dns_name_add(t, &q.name);
		indent(t, start, c.class);
		add_class(t, s, q.class);
		if (s->is_multi || (!s->ttl && !s->class))
			text_add_char(t, ' ');
		else
			indent(t, start, c.type > c.class ? c.type : c.class + 8);
		add_type(t, s, q.type);
		text_add_char(t, '\n');
	}
	if (s->comments)
		text_add_char(t, '\n');
}

static bool is_section_shown(const struct dnsq_set *s, enum dns_section section)
{
	switch (section) {
	case DNS_ANSWER: return s->answer;
	case DNS_AUTHORITY: return s->authority;
	case DNS_ADDITIONAL: return s->additional;
	default: return false;
	}
}

/* One shown section; @m stands at its first record. Leaves what is wrong in m->fault. */
static void add_section(struct text *t, const struct dnsq_set *s, struct dns_msg *m,
			const struct dns_record *first, struct dns_record *next, int *err)
{
	static const char *const names[] = {"", "ANSWER", "AUTHORITY", "ADDITIONAL"};
	struct dns_record r = *first;
	bool is_shown = is_section_shown(s, first->section), has_head = false;

	do {
		size_t start = t->len;

		if (r.type == DNS_OPT && r.section == DNS_ADDITIONAL && r.name.len == 1)
			continue;
		if (is_shown && !has_head && s->comments && r.type != DNS_TSIG)
			text_addf(t, ";; %s SECTION:\n", names[r.section]);
		if (r.type == DNS_TSIG && s->comments)
			text_addf(t, "%s;; TSIG PSEUDOSECTION:\n", has_head ? "\n" : "");
		has_head |= is_shown;
		*err = text_record(t, s, &r, m);
		if (*err == E_BAD || *err == E_TRUNC) {
			m->fault = "the data breaks the rules of its type";
			m->fault_off = r.data_off;
		}
		text_add_char(t, '\n');
		if (!is_shown) {
			t->len = start;
			t->buf[start] = '\0';
		}
	} while (!*err && (*err = dns_msg_record(m, &r)) == 0 && r.section == first->section);
	if (has_head && s->comments)
		text_add_char(t, '\n');
	*next = r;
}

static void add_sections(struct text *t, const struct dnsq_set *s, struct dns_msg *m)
{
	struct dns_record r, next;
	int err = dns_msg_record(m, &r);

	while (!err) {
		add_section(t, s, m, &r, &next, &err);
		r = next;
	}
}

/* The OPT record wherever in the additional section it stands. */
static bool find_opt(const uint8_t *bytes, size_t len, struct dns_record *out)
{
	struct dns_msg m;

	if (dns_msg_open(&m, bytes, len) < 0)
		return false;
	while (dns_msg_record(&m, out) == 0)
		if (out->type == DNS_OPT && out->section == DNS_ADDITIONAL && out->name.len == 1)
			return true;
	return false;
}

/* Returns whether the message could be read to its end. */
static bool add_message(struct text *t, const struct dnsq_set *s, const struct ask *a,
			const uint8_t *bytes, size_t len)
{
	struct dns_record opt;
	struct dns_msg m;
	bool has_opt;

	if (dns_msg_open(&m, bytes, len) < 0) {
		text_addf(t, ";; malformed at offset %zu: the header is cut off\n", len);
		return false;
	}
	has_opt = s->comments && find_opt(bytes, len, &opt);
	if (s->comments)
		add_header(t, &m,
			   (m.flags & 15u) |
				   (has_opt ? (unsigned)dns_edns_of(&opt).high_rcode << 4 : 0));
	if (has_opt)
		add_edns(t, a, &opt);
	if (s->question)
		add_questions(t, s, bytes, len);
	add_sections(t, s, &m);
	if (m.fault) {
		text_addf(t, ";; malformed at offset %zu: %s\n\n", m.fault_off, m.fault);
		return false;
	}
	if (rd_left(&m.r) && s->comments)
		text_addf(t, ";; WARNING: Message has %zu extra byte%s at end\n\n", rd_left(&m.r),
			  rd_left(&m.r) == 1 ? "" : "s");
	return true;
}

const char *ask_proto(const struct ask *a)
{
	if (!a->is_over_tcp)
		return "UDP";
	if (a->server->path[0] || a->set->https_path)
		return "HTTPS";
	return ask_is_by_tls(a) ? "TLS" : "TCP";
}

static void add_stats(struct text *t, const struct dnsq_set *s, const struct ask *a)
{
	char text[ADDR_TEXT_MAX], when[64];
	time_t seconds = (time_t)(a->wall_ns / NS_PER_S);
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%a %b %d %H:%M:%S %Z %Y", &tm);
	text_addf(t, ";; Query time: %llu %s\n",
		  (unsigned long long)(a->rtt_ns / (s->is_usec ? NS_PER_US : NS_PER_MS)),
		  s->is_usec ? "usec" : "msec");
	text_addf(t, ";; SERVER: %s#%u(%s) (%s)\n;; WHEN: %s\n;; MSG SIZE  rcvd: %zu\n\n",
		  addr_text(&a->server->addr, text), a->server->port, a->server->name, ask_proto(a),
		  when, a->reply_len);
}

static bool add_short(struct text *t, const struct dnsq_set *s, const struct ask *a)
{
	struct dns_record r;
	struct dns_msg m;
	char text[ADDR_TEXT_MAX];

	if (dns_msg_open(&m, a->reply, a->reply_len) < 0)
		return false;
	while (dns_msg_record(&m, &r) == 0) {
		size_t start = t->len;
		int err = add_data(t, s, &r, &m);
		bool is_left_out;

		if (err == E_BAD || err == E_TRUNC)
			m.fault = "";
		/* Signatures that are checked need no second look. */
		is_left_out = s->validates && !s->dnssec && r.type == DNS_RRSIG;
		if (err || is_left_out || r.section != DNS_ANSWER) {
			t->len = start;
			t->buf[start] = '\0';
			continue;
		}
		if (s->identifies)
			text_addf(t, " from server %s in %llu ms.",
				  addr_text(&a->server->addr, text),
				  (unsigned long long)(a->rtt_ns / NS_PER_MS));
		text_add_char(t, '\n');
	}
	return !m.fault;
}

static int rcode_status(const struct ask *a)
{
	struct dns_msg m;

	if (dns_msg_open(&m, a->reply, a->reply_len) < 0)
		return DNSQ_MALFORMED;
	switch (dns_rcode_of(a->reply, a->reply_len)) {
	case DNS_NOERROR: return m.counts[DNS_ANSWER] ? DNSQ_OK : DNSQ_NODATA;
	case DNS_NXDOMAIN: return DNSQ_NXDOMAIN;
	case DNS_SERVFAIL: return DNSQ_SERVFAIL;
	case DNS_REFUSED: return DNSQ_REFUSED;
	default: return DNSQ_OTHER_RCODE;
	}
}

int reply_status(const struct dnsq_lookup *l, const struct ask *a, bool is_whole)
{
	if (!is_whole)
		return DNSQ_MALFORMED;
	if (a->is_unauthentic)
		return DNSQ_NOT_AUTHENTIC;
	return l->set.shows_rcode ? rcode_status(a) : DNSQ_OK;
}

void print_text(struct dnsq *d, const struct text *t)
{
	if (out_has_text(&d->run->out))
		fwrite(t->buf, 1, t->len, d->run->out.file);
}

void print_greeting(struct dnsq *d, const struct dnsq_lookup *l, unsigned n_servers)
{
	if (!l->set.cmd || l->set.is_short || l->set.is_yaml || d->has_greeted)
		return;
	d->has_greeted = true;
	out_text(&d->run->out, "\n; <<>> dnsq %s <<>> %s\n", PKT_VERSION, d->command);
	if (l->n_servers)
		out_text(&d->run->out, "; (%u server%s found)\n", n_servers,
			 n_servers == 1 ? "" : "s");
	out_text(&d->run->out, ";; global options: +cmd\n");
}

void print_query(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a,
		 const uint8_t *bytes, size_t len)
{
	struct text t = text_make(d->space, DNSQ_SPACE);

	if (l->set.is_yaml) {
		(void)print_yaml(d, l, a, bytes, len);
		return;
	}
	if (l->set.comments)
		text_add(&t, ";; Sending:\n");
	(void)add_message(&t, &l->set, a, bytes, len);
	if (l->set.stats)
		text_addf(&t, ";; QUERY SIZE: %zu\n\n", len);
	print_text(d, &t);
}

int print_reply(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a)
{
	struct text t = text_make(d->space, DNSQ_SPACE);
	bool is_whole;

	if (d->run->out.is_json)
		return json_reply(d, l, a);
	if (l->set.is_yaml)
		return reply_status(l, a, print_yaml(d, l, a, a->reply, a->reply_len));
	if (l->set.is_short) {
		is_whole = add_short(&t, &l->set, a);
		print_text(d, &t);
		if (!is_whole)
			tool_say(d->run, "the reply is malformed");
		return reply_status(l, a, is_whole);
	}
	if (l->set.comments)
		text_add(&t, ";; Got answer:\n");
	is_whole = add_message(&t, &l->set, a, a->reply, a->reply_len);
	if (l->set.stats)
		add_stats(&t, &l->set, a);
	print_text(d, &t);
	return reply_status(l, a, is_whole);
}
