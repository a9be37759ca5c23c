/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_judge - is this message the answer? RFC 5452 9: source, id and question must all be right;
 * what is not is dropped, and the wait goes on.
 */
#include <string.h>

#include "dnsq.h"

const char *ignored_text(enum ignored why)
{
	static const char *const words[IGNORED_KINDS] = {
		[IGNORED_NOT] = "",
		[IGNORED_SHORT] = "short",
		[IGNORED_SOURCE] = "source-mismatch",
		[IGNORED_ID] = "id-mismatch",
		[IGNORED_QR] = "not-a-response",
		[IGNORED_OPCODE] = "opcode-mismatch",
		[IGNORED_QUESTION] = "question-mismatch",
		[IGNORED_CASE] = "case-mismatch",
		[IGNORED_COOKIE] = "cookie-mismatch",
		[IGNORED_CUT] = "cut-off",
		[IGNORED_LATE] = "late",
	};

	return words[why];
}

/* A server that could not read the question may leave it out, but then it says so. */
static bool may_lack_question(const struct dns_msg *m, const uint8_t *bytes, size_t len)
{
	if (m->counts[DNS_QUESTION])
		return false;
	switch (dns_rcode_of(bytes, len)) {
	case DNS_FORMERR:
	case DNS_SERVFAIL:
	case DNS_NOTIMP:
	case DNS_REFUSED:
	case DNS_BADVERS: return true;
	default: return false;
	}
}

static enum ignored judge_question(const struct ask *a, struct dns_msg *m, const uint8_t *bytes,
				   size_t len)
{
	struct dns_question sent = a->question;

	if (a->set->is_header_only)
		return IGNORED_NOT;
	/* RFC 5936 2.2.1: later messages of a transfer may leave it out. */
	if (!m->counts[DNS_QUESTION] && a->more && a->n_messages && !a->server->is_group)
		return IGNORED_NOT;
	if (may_lack_question(m, bytes, len))
		return IGNORED_NOT;
	sent.name = a->stirred;
	if (dns_msg_is(bytes, len, &sent, true))
		return IGNORED_NOT;
	if (!dns_msg_is(bytes, len, &sent, false))
		return IGNORED_QUESTION;
	return a->set->stirs_case && !a->no_stir && !a->is_over_tcp ? IGNORED_CASE : IGNORED_NOT;
}

enum ignored judge(const struct ask *a, const struct addr *from, uint16_t port,
		   const uint8_t *bytes, size_t len)
{
	struct dns_msg m;

	if (!a->server->is_group && (port != a->server->port || !addr_same(from, &a->server->addr)))
		return IGNORED_SOURCE;
	if (dns_msg_open(&m, bytes, len) < 0)
		return IGNORED_SHORT;
	if (m.id != a->id)
		return IGNORED_ID;
	if (!(m.flags & DNS_QR))
		return IGNORED_QR;
	if (dns_opcode(m.flags) != a->set->opcode)
		return IGNORED_OPCODE;
	return judge_question(a, &m, bytes, len);
}

bool judge_cookie(struct ask *a, const uint8_t *bytes, size_t len)
{
	struct dns_edns e = dns_msg_edns(bytes, len);
	const uint8_t *mine = a->set->cookie_len ? a->set->cookie : a->client_cookie;
	uint16_t code;
	struct rd data;

	a->cookie_state = NULL;
	if (!a->set->has_cookie || a->no_edns)
		return true;
	while (dns_option_next(&e.options, &code, &data)) {
		if (code != DNS_OPT_COOKIE)
			continue;
		/* RFC 7873 5.3: 8 octets of ours and 8 to 32 of the server's. */
		if (data.len < 16 || data.len > 40 || memcmp(data.buf, mine, 8) != 0) {
			a->cookie_state = "bad";
			return false;
		}
		a->server_cookie_len = (unsigned)data.len - 8;
		memcpy(a->server_cookie, data.buf + 8, data.len - 8);
		a->cookie_state = "good";
	}
	return true;
}
