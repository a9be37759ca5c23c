/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From text to octets. */
#include <string.h>
#include <time.h>

#include "base/addr.h"
#include "base/num.h"
#include "wire/dnsrdata_impl.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' || c == ')';
}

bool dns_get_token(struct dns_get *g, struct dns_token *out)
{
	while (g->at < g->end && is_blank(*g->at))
		g->at++;
	if (g->at == g->end)
		return false;
	out->is_quoted = *g->at == '"';
	if (out->is_quoted)
		g->at++;
	out->text = g->at;
	while (g->at < g->end && (out->is_quoted ? *g->at != '"' : !is_blank(*g->at)))
		g->at += *g->at == '\\' && g->at + 1 < g->end ? 2 : 1;
	out->len = (size_t)(g->at - out->text);
	if (out->is_quoted && g->at < g->end)
		g->at++;
	return true;
}

int dns_get_fault(struct dns_get *g, const char *wanted)
{
	return why_set(g->why, E_BAD, "%s expected", wanted);
}

int dns_get_word(struct dns_get *g, char *out, size_t cap)
{
	struct dns_token token;

	if (!dns_get_token(g, &token) || token.len >= cap || memchr(token.text, '\0', token.len))
		return E_BAD;
	memcpy(out, token.text, token.len);
	out[token.len] = '\0';
	return 0;
}

int dns_get_number(struct dns_get *g, uint64_t max, uint64_t *out)
{
	char word[24];

	if (dns_get_word(g, word, sizeof(word)) < 0 || num_u64(word, 0, max, out, g->why) < 0)
		return dns_get_fault(g, "a number");
	return 0;
}

int dns_get_name(struct dns_get *g)
{
	struct dns_token token;
	struct dns_name name;

	if (!dns_get_token(g, &token) ||
	    dns_name_parse(token.text, token.len, g->origin, &name) < 0)
		return dns_get_fault(g, "a name");
	wr_bytes(g->out, name.bytes, name.len);
	return 0;
}

int dns_get_addr(struct dns_get *g, uint8_t len)
{
	char word[ADDR_TEXT_MAX];
	struct addr a;

	if (dns_get_word(g, word, sizeof(word)) < 0 || addr_parse(word, &a) < 0 || a.len != len)
		return dns_get_fault(g, len == 4 ? "an IPv4 address" : "an IPv6 address");
	wr_bytes(g->out, a.bytes, len);
	return 0;
}

int dns_get_radix(struct dns_get *g, enum radix radix, bool takes_all)
{
	struct radix_reader reader = {.radix = radix};
	struct dns_token token;

	while (dns_get_token(g, &token)) {
		if (radix_read(&reader, token.text, token.len, g->out) < 0)
			return dns_get_fault(g, radix == RADIX_64 ? "base64" : "hexadecimal");
		if (!takes_all)
			break;
	}
	return radix_end(&reader) < 0 ? dns_get_fault(g, "a whole number of octets") : 0;
}

int dns_unescape(const char **at, const char *end, uint8_t *out)
{
	const char *p = *at;
	unsigned v;

	if (*p != '\\') {
		*out = (uint8_t)*p;
		*at = p + 1;
		return 0;
	}
	if (p + 1 >= end)
		return E_BAD;
	if (p[1] < '0' || p[1] > '9') {
		*out = (uint8_t)p[1];
		*at = p + 2;
		return 0;
	}
	if (p + 3 >= end || p[2] < '0' || p[2] > '9' || p[3] < '0' || p[3] > '9')
		return E_BAD;
	v = (unsigned)(p[1] - '0') * 100 + (unsigned)(p[2] - '0') * 10 + (unsigned)(p[3] - '0');
	if (v > 255)
		return E_BAD;
	*out = (uint8_t)v;
	*at = p + 4;
	return 0;
}

/* The octets of one token, without a length. */
static int get_octets(struct dns_get *g, const struct dns_token *token)
{
	const char *at = token->text, *end = at + token->len;
	uint8_t octet;

	while (at < end) {
		if (dns_unescape(&at, end, &octet) < 0)
			return dns_get_fault(g, "\\DDD or \\X");
		wr_u8(g->out, octet);
	}
	return 0;
}

static int get_string_token(struct dns_get *g, const struct dns_token *token)
{
	size_t start = g->out->len;
	int err;

	wr_u8(g->out, 0);
	err = get_octets(g, token);
	if (err < 0 || g->out->bad)
		return err;
	if (g->out->len - start - 1 > 255)
		return dns_get_fault(g, "a string of at most 255 octets");
	g->out->buf[start] = (uint8_t)(g->out->len - start - 1);
	return 0;
}

static int get_string(struct dns_get *g)
{
	struct dns_token token;

	return dns_get_token(g, &token) ? get_string_token(g, &token) :
					  dns_get_fault(g, "a string");
}

static int get_strings(struct dns_get *g)
{
	struct dns_token token;
	int err = get_string(g);

	while (!err && dns_get_token(g, &token))
		err = get_string_token(g, &token);
	return err;
}

static int get_rest(struct dns_get *g)
{
	struct dns_token token;

	return dns_get_token(g, &token) ? get_octets(g, &token) : dns_get_fault(g, "a text");
}

static int get_number(struct dns_get *g, unsigned octets)
{
	uint64_t v, max = octets == 8 ? UINT64_MAX : (1ull << octets * 8) - 1;
	int err = dns_get_number(g, max, &v);

	while (!err && octets--)
		wr_u8(g->out, (uint8_t)(v >> octets * 8));
	return err;
}

static int get_time(struct dns_get *g)
{
	char word[24];
	struct tm tm = {0};
	uint64_t v;

	if (dns_get_word(g, word, sizeof(word)) < 0)
		return dns_get_fault(g, "a time");
	if (strlen(word) == 14 && strptime(word, "%Y%m%d%H%M%S", &tm)) {
		wr_u32(g->out, (uint32_t)timegm(&tm));
		return 0;
	}
	if (num_u64(word, 0, UINT32_MAX, &v, NULL) < 0)
		return dns_get_fault(g, "a time as YYYYMMDDHHMMSS or in seconds");
	wr_u32(g->out, (uint32_t)v);
	return 0;
}

static int get_type(struct dns_get *g)
{
	char word[DNS_WORD_MAX];
	uint16_t type;

	if (dns_get_word(g, word, sizeof(word)) < 0 || dns_type_parse(word, &type) < 0)
		return dns_get_fault(g, "a record type");
	wr_u16(g->out, type);
	return 0;
}

/* Collects the types named by all tokens left in @bits, one bit a type; returns the highest. */
static int collect_types(struct dns_get *g, uint8_t *bits, uint16_t *highest)
{
	struct dns_token token;
	uint16_t type;

	*highest = 0;
	while (dns_get_token(g, &token)) {
		char word[DNS_WORD_MAX];

		if (token.len >= sizeof(word))
			return dns_get_fault(g, "a record type");
		memcpy(word, token.text, token.len);
		word[token.len] = '\0';
		if (dns_type_parse(word, &type) < 0)
			return dns_get_fault(g, "a record type");
		bits[type / 8] |= (uint8_t)(0x80 >> type % 8);
		if (type > *highest)
			*highest = type;
	}
	return 0;
}

static int get_types(struct dns_get *g)
{
	uint8_t bits[65536 / 8] = {0};
	uint16_t highest;
	int err = collect_types(g, bits, &highest);

	for (unsigned window = 0; !err && window < 256; window++) {
		uint8_t n = 32;

		while (n && !bits[window * 32 + n - 1])
			n--;
		if (!n)
			continue;
		wr_u8(g->out, (uint8_t)window);
		wr_u8(g->out, n);
		wr_bytes(g->out, bits + window * 32, n);
	}
	return err;
}

static int get_nxt(struct dns_get *g)
{
	uint8_t bits[65536 / 8] = {0};
	uint16_t highest;
	int err = collect_types(g, bits, &highest);

	if (!err && highest > 127)
		return dns_get_fault(g, "a type below 128");
	if (!err && highest)
		wr_bytes(g->out, bits, highest / 8u + 1u);
	return err;
}

static int get_sized(struct dns_get *g, enum dns_piece piece)
{
	const struct dns_get start = *g;
	size_t len_at = g->out->len, n;
	struct dns_token token;
	int err = 0;

	wr_u8(g->out, 0);
	if (!dns_get_token(g, &token))
		return dns_get_fault(g, "octets");
	if (piece != DNS_P_SALT || token.len != 1 || token.text[0] != '-') {
		g->at = start.at;
		err = dns_get_radix(g, piece == DNS_P_SALT ? RADIX_16 : RADIX_32HEX, false);
	}
	n = g->out->len - len_at - 1;
	if (err || g->out->bad)
		return err;
	if (n > 255)
		return dns_get_fault(g, "at most 255 octets");
	g->out->buf[len_at] = (uint8_t)n;
	return 0;
}

static int get_long_sized(struct dns_get *g)
{
	uint64_t n;
	int err = dns_get_number(g, 65535, &n);
	size_t start;

	wr_u16(g->out, (uint16_t)n);
	start = g->out->len;
	if (!err && n)
		err = dns_get_radix(g, RADIX_64, false);
	if (!err && !g->out->bad && g->out->len - start != n)
		return dns_get_fault(g, "as many octets as the length says");
	return err;
}

static int get_rcode(struct dns_get *g)
{
	char word[DNS_WORD_MAX];
	unsigned v;

	if (dns_get_word(g, word, sizeof(word)) < 0 || dns_rcode_parse(word, &v) < 0)
		return dns_get_fault(g, "a response code");
	wr_u16(g->out, (uint16_t)v);
	return 0;
}

/* "-" for nothing at all. */
static int get_base64_or_dash(struct dns_get *g)
{
	const char *start = g->at;
	struct dns_token token;

	if (dns_get_token(g, &token) && token.len == 1 && token.text[0] == '-')
		return 0;
	g->at = start;
	return dns_get_radix(g, RADIX_64, true);
}

static int get_piece(struct dns_get *g, enum dns_piece piece)
{
	switch (piece) {
	case DNS_P_A: return dns_get_addr(g, 4);
	case DNS_P_AAAA: return dns_get_addr(g, 16);
	case DNS_P_NAME:
	case DNS_P_NAME_UN: return dns_get_name(g);
	case DNS_P_U8: return get_number(g, 1);
	case DNS_P_U16: return get_number(g, 2);
	case DNS_P_U32: return get_number(g, 4);
	case DNS_P_U48: return get_number(g, 6);
	case DNS_P_U64: return get_number(g, 8);
	case DNS_P_STRING:
	case DNS_P_TAG: return get_string(g);
	case DNS_P_STRINGS: return get_strings(g);
	case DNS_P_REST: return get_rest(g);
	case DNS_P_TIME: return get_time(g);
	case DNS_P_TYPE: return get_type(g);
	case DNS_P_TYPES: return get_types(g);
	case DNS_P_NXT: return get_nxt(g);
	case DNS_P_SALT:
	case DNS_P_HASH: return get_sized(g, piece);
	case DNS_P_SIZED: return get_long_sized(g);
	case DNS_P_HEX: return dns_get_radix(g, RADIX_16, true);
	case DNS_P_BASE64: return dns_get_radix(g, RADIX_64, true);
	case DNS_P_BASE64_0: return get_base64_or_dash(g);
	case DNS_P_RCODE: return get_rcode(g);
	case DNS_P_PARAMS: return dns_get_params(g);
	default: return dns_get_odd(g, piece);
	}
}

static int get_generic(struct dns_get *g)
{
	uint64_t n;
	size_t start = g->out->len;
	int err = dns_get_number(g, DNS_RDATA_MAX, &n);

	if (!err)
		err = dns_get_radix(g, RADIX_16, true);
	if (!err && !g->out->bad && g->out->len - start != n)
		return dns_get_fault(g, "as many octets as the length says");
	return err;
}

int dns_rdata_parse(uint16_t type, const char *text, size_t len, const struct dns_name *origin,
		    struct wr *out, struct why *why)
{
	const struct dns_type_row *row = dns_type_row(type);
	struct dns_get g = {
		.at = text, .end = text + len, .origin = origin, .out = out, .why = why};
	struct dns_token token;
	int err = 0;

	if (dns_get_token(&g, &token) && !token.is_quoted && token.len == 2 &&
	    memcmp(token.text, "\\#", 2) == 0) {
		err = get_generic(&g);
	} else if (!row || !row->pieces) {
		return dns_get_fault(&g, "\\#, length and hexadecimal");
	} else {
		g.at = text;
		for (const char *piece = row->pieces; *piece && !err; piece++)
			err = get_piece(&g, (enum dns_piece) * piece);
		if (!err && dns_get_token(&g, &token))
			return dns_get_fault(&g, "nothing more");
	}
	return err ? err : wr_done(out);
}
