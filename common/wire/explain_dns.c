/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the octets of a DNS message mean. */
#include <string.h>

#include "wire/dns.h"
#include "wire/dnsrdata.h"
#include "wire/walk.h"

/* The message that names point into; the walk may be inside a packet. */
struct message {
	struct walk *w;
	struct rd whole;
};

static void flag_words(struct walk *w, uint16_t flags)
{
	static const struct {
		uint16_t bit;
		const char *word;
	} words[] = {
		{DNS_AA, ", authoritative"},     {DNS_TC, ", truncated"},
		{DNS_RD, ", recursion desired"}, {DNS_RA, ", recursion available"},
		{DNS_Z, ", the reserved bit"},   {DNS_AD, ", data authenticated"},
		{DNS_CD, ", checking disabled"},
	};
	char opcode[DNS_WORD_MAX], rcode[DNS_WORD_MAX];

	walk_mean(w, "%s, opcode %s", flags & DNS_QR ? "response" : "query",
		  dns_opcode_text(dns_opcode(flags), opcode));
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (flags & words[i].bit)
			walk_mean(w, "%s", words[i].word);
	if (flags & DNS_QR)
		walk_mean(w, ", rcode %s", dns_rcode_text(flags & 15u, rcode));
}

static void explain_header(struct walk *w, uint16_t *counts)
{
	static const char *const names[] = {"QDCOUNT", "ANCOUNT", "NSCOUNT", "ARCOUNT"};
	static const char *const meanings[] = {"questions", "records in the answer section",
					       "records in the authority section",
					       "records in the additional section"};

	walk_layer(w, "DNS", "RFC 1035 4.1.1");
	(void)walk_x16(w, "ID");
	walk_mean(w, "the response repeats it");
	flag_words(w, walk_x16(w, "Flags"));
	for (unsigned i = 0; i < DNS_SECTIONS; i++) {
		counts[i] = walk_u16(w, names[i]);
		walk_mean(w, "%s", meanings[i]);
	}
}

/* A field that is a name; false if it breaks the rules, and then all that is left is told. */
static bool explain_name(struct message *m, const char *field, const char *role,
			 struct dns_name *out)
{
	struct walk *w = m->w;
	size_t start = w->pos - (size_t)(m->whole.buf - w->in->bytes);
	struct rd r = m->whole;
	char text[DNS_NAME_TEXT_MAX];

	r.pos = start;
	if (dns_name_read(&r, &m->whole, out) < 0 || w->pos + (r.pos - start) > w->end) {
		walk_bad(w, "a name that breaks the rules");
		return false;
	}
	(void)walk_bytes(w, r.pos - start, field);
	walk_value(w, "%s", dns_name_text(out, text));
	walk_mean(w, "%s%s", role, r.pos - start < out->len ? "; its end is pointed to" : "");
	walk_rfc(w, "RFC 1035 3.1");
	return true;
}

static uint16_t explain_type(struct walk *w, const char *field)
{
	char word[DNS_WORD_MAX];
	uint16_t type = walk_u16(w, field);

	walk_mean(w, "%s", dns_type_text(type, word));
	return type;
}

static void explain_class(struct walk *w, const char *field)
{
	char word[DNS_WORD_MAX];
	uint16_t class = walk_u16(w, field);

	walk_mean(w, "%s", dns_class_text(class, word));
}

static bool explain_question(struct message *m)
{
	struct dns_name name;

	if (!walk_left(m->w)) /* the count promised more than there is */
		return false;
	walk_layer(m->w, "DNS", "RFC 1035 4.1.2");
	if (!explain_name(m, "QNAME", "the name asked about", &name))
		return false;
	(void)explain_type(m->w, "QTYPE");
	explain_class(m->w, "QCLASS");
	return true;
}

static const char *option_word(uint16_t code)
{
	switch (code) {
	case DNS_OPT_NSID: return "identifier of the server (RFC 5001)";
	case DNS_OPT_SUBNET: return "network of the client (RFC 7871)";
	case DNS_OPT_EXPIRE: return "when the zone expires (RFC 7314)";
	case DNS_OPT_COOKIE: return "cookie (RFC 7873)";
	case DNS_OPT_KEEPALIVE: return "how long TCP may stay idle (RFC 7828)";
	case DNS_OPT_PADDING: return "padding (RFC 7830)";
	case DNS_OPT_KEY_TAG: return "trust anchors of the client (RFC 8145)";
	case DNS_OPT_ERROR: return "extended error (RFC 8914)";
	case DNS_OPT_REPORT: return "where to report errors (RFC 9567)";
	case DNS_OPT_ZONEVERSION: return "version of the zone (RFC 9660)";
	}
	return "not a known option";
}

static void explain_option(struct walk *w)
{
	uint16_t code = walk_u16(w, "OPTION-CODE"), len;
	size_t old_end;

	walk_mean(w, "%s", option_word(code));
	len = walk_u16(w, "OPTION-LENGTH");
	walk_mean(w, "octets");
	old_end = walk_enter(w, len);
	if (code == DNS_OPT_COOKIE && walk_left(w) >= 8) {
		walk_hex(w, 8, "Client Cookie");
		walk_mean(w, "proves to us that the server saw the query");
		if (walk_left(w)) {
			walk_hex(w, walk_left(w), "Server Cookie");
			walk_mean(w, "proves to the server that we saw its response");
		}
	} else if (code == DNS_OPT_ERROR && walk_left(w) >= 2) {
		uint16_t info = walk_u16(w, "INFO-CODE");

		walk_mean(w, "%s", dns_error_text(info) ? dns_error_text(info) : "not known");
		walk_text(w, walk_left(w), "EXTRA-TEXT");
		walk_mean(w, "for people");
	} else if (walk_left(w)) {
		walk_hex(w, walk_left(w), "OPTION-DATA");
		walk_mean(w, "as the option's own standard says");
	}
	walk_leave(w, old_end);
}

static void explain_opt(struct walk *w)
{
	uint16_t flags, len;
	size_t old_end;

	walk_layer(w, "DNS", "RFC 6891 6.1.2");
	(void)explain_type(w, "TYPE");
	(void)walk_u16(w, "UDP payload size");
	walk_mean(w, "octets of the largest datagram that the sender takes");
	(void)walk_u8(w, "EXTENDED-RCODE");
	walk_mean(w, "upper eight bits of the rcode");
	(void)walk_u8(w, "VERSION");
	walk_mean(w, "of EDNS");
	flags = walk_x16(w, "EDNS flags");
	walk_mean(w, "%s", flags & DNS_DO ? "DNSSEC records wanted (DO)" : "no DO bit");
	len = walk_u16(w, "RDLEN");
	walk_mean(w, "octets of options");
	old_end = walk_enter(w, len);
	while (walk_left(w))
		explain_option(w);
	walk_leave(w, old_end);
}

static void explain_data(struct message *m, uint16_t type, size_t len)
{
	static const struct dns_style style = {0};
	size_t start = m->w->pos - (size_t)(m->whole.buf - m->w->in->bytes);
	char text[EXPLAIN_MEANING_MAX * 4];
	struct text t = text_make(text, sizeof(text));
	struct rd data = m->whole;
	int err;

	if (!len)
		return;
	data.pos = start;
	data = rd_sub(&data, len);
	err = dns_rdata_text(&t, type, data, &m->whole, &style);
	(void)walk_bytes(m->w, len, "RDATA");
	walk_count(m->w);
	if (err && err != E_FULL)
		walk_mean(m->w, "malformed: it breaks the rules of its type");
	else
		walk_mean(m->w, "%s", text);
}

static bool explain_record(struct message *m, const char *section)
{
	struct walk *w = m->w;
	struct dns_name name;
	uint16_t type, len;
	uint32_t ttl;

	if (!walk_left(w))
		return false;
	walk_layer(w, "DNS", "RFC 1035 4.1.3");
	if (!explain_name(m, "NAME", section, &name))
		return false;
	if (name.len == 1 && walk_left(w) >= 2 && w->in->bytes[w->pos] == 0 &&
	    w->in->bytes[w->pos + 1] == DNS_OPT) {
		explain_opt(w);
		return true;
	}
	type = explain_type(w, "TYPE");
	explain_class(w, "CLASS");
	ttl = walk_u32(w, "TTL");
	walk_mean(w, "%s",
		  ttl & 0x80000000u ? "counts as 0 (RFC 2181 8)" :
				      "seconds for which it may be kept");
	len = walk_u16(w, "RDLENGTH");
	walk_mean(w, "octets of data");
	if (len > walk_left(w)) {
		walk_bad(w, "the record is cut off");
		return false;
	}
	explain_data(m, type, len);
	return true;
}

void explain_dns(struct walk *w)
{
	static const char *const sections[] = {"", "owner of a record in the answer section",
					       "owner of a record in the authority section",
					       "owner of a record in the additional section"};
	struct message m = {.w = w, .whole = rd_make(w->in->bytes + w->pos, walk_left(w))};
	uint16_t counts[DNS_SECTIONS];
	bool is_whole = true;

	explain_header(w, counts);
	for (unsigned i = 0; i < counts[DNS_QUESTION] && is_whole; i++)
		is_whole = explain_question(&m);
	for (unsigned s = DNS_ANSWER; s < DNS_SECTIONS; s++)
		for (unsigned i = 0; i < counts[s] && is_whole; i++)
			is_whole = explain_record(&m, sections[s]);
	walk_layer(w, "DNS", "");
	if (walk_rest(w, "Trailer")) {
		walk_count(w);
		walk_mean(w, "%s", is_whole ? "behind the end of the message" : "not read");
	}
}

/* RFC 1035 4.2.2: over TCP two octets of length stand before each message. */
void explain_dns_tcp(struct walk *w)
{
	const uint8_t *at = w->in->bytes + w->pos;

	if (walk_left(w) < 14 || (size_t)(at[0] << 8 | at[1]) != walk_left(w) - 2) {
		walk_payload(w, "RFC 7766 8", "a part of a stream of DNS messages");
		return;
	}
	walk_layer(w, "DNS", "RFC 1035 4.2.2");
	(void)walk_u16(w, "Length");
	walk_mean(w, "octets of the message");
	explain_dns(w);
}
