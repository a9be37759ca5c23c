/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From octets to text. The way back is in dnsparse.c, odd forms in dnsodd.c and dnssvcb.c. */
#include "wire/dnsrdata.h"

#include <string.h>
#include <time.h>

#include "base/addr.h"
#include "wire/dnsrdata_impl.h"

void dns_put_octet(struct text *t, uint8_t c)
{
	if (c < 0x20 || c >= 0x7f) {
		text_add_char(t, '\\');
		text_add_u64(t, c, 3);
		return;
	}
	if (c == '"' || c == '\\')
		text_add_char(t, '\\');
	text_add_char(t, (char)c);
}

void dns_put_quoted(struct text *t, const uint8_t *bytes, size_t len)
{
	text_add_char(t, '"');
	for (size_t i = 0; i < len; i++)
		dns_put_octet(t, bytes[i]);
	text_add_char(t, '"');
}

int dns_put_name(struct dns_put *p, bool may_point)
{
	struct dns_name name;
	int err = dns_name_read(&p->r, may_point ? p->msg : NULL, &name);

	if (!err)
		dns_name_add(p->t, &name);
	return err;
}

static void put_aaaa_long(struct dns_put *p)
{
	for (unsigned i = 0; i < 8; i++)
		text_addf(p->t, i ? ":%04x" : "%04x", rd_u16(&p->r));
}

void dns_put_addr(struct dns_put *p, uint8_t len)
{
	const uint8_t *at;
	struct addr a;
	char text[ADDR_TEXT_MAX];

	if (len == 16 && p->style->expands_aaaa) {
		put_aaaa_long(p);
		return;
	}
	at = rd_bytes(&p->r, len);
	if (!at)
		return;
	if (len == 4) {
		for (unsigned i = 0; i < 4; i++) {
			if (i)
				text_add_char(p->t, '.');
			text_add_u64(p->t, at[i], 1);
		}
		return;
	}
	a = addr_from(at, len);
	text_add(p->t, addr_text(&a, text));
}

void dns_put_hex(struct dns_put *p, size_t len)
{
	const uint8_t *at = rd_bytes(&p->r, len);

	if (at)
		radix_add(p->t, RADIX_16, at, len, p->style->split, " ");
}

void dns_put_base64(struct dns_put *p, size_t len)
{
	const uint8_t *at = rd_bytes(&p->r, len);

	if (at)
		radix_add(p->t, RADIX_64, at, len, p->style->split, " ");
}

void dns_put_number(struct dns_put *p, unsigned octets)
{
	uint64_t v = 0;

	while (octets--)
		v = v << 8 | rd_u8(&p->r);
	text_add_u64(p->t, v, 1);
}

static void put_string(struct dns_put *p)
{
	uint8_t n = rd_u8(&p->r);
	const uint8_t *at = rd_bytes(&p->r, n);

	if (at)
		dns_put_quoted(p->t, at, n);
}

static int put_strings(struct dns_put *p)
{
	bool is_first = true;

	do {
		if (!is_first)
			text_add_char(p->t, ' ');
		is_first = false;
		put_string(p);
	} while (rd_left(&p->r));
	return 0;
}

static int put_tag(struct dns_put *p)
{
	uint8_t n = rd_u8(&p->r);
	const uint8_t *at = rd_bytes(&p->r, n);

	if (!at)
		return E_TRUNC;
	for (unsigned i = 0; i < n; i++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
			    at[i]) ||
		    !at[i])
			return E_BAD;
		text_add_char(p->t, (char)at[i]);
	}
	return n ? 0 : E_BAD;
}

static void put_rest(struct dns_put *p)
{
	size_t n = rd_left(&p->r);
	const uint8_t *at = rd_bytes(&p->r, n);

	if (at)
		dns_put_quoted(p->t, at, n);
}

char *dns_time_text(uint32_t seconds, char *out)
{
	struct text t = text_make(out, 15);
	time_t when = seconds;
	struct tm tm;

	gmtime_r(&when, &tm);
	text_add_u64(&t, (uint64_t)(tm.tm_year + 1900), 4);
	text_add_u64(&t, (uint64_t)(tm.tm_mon + 1), 2);
	text_add_u64(&t, (uint64_t)tm.tm_mday, 2);
	text_add_u64(&t, (uint64_t)tm.tm_hour, 2);
	text_add_u64(&t, (uint64_t)tm.tm_min, 2);
	text_add_u64(&t, (uint64_t)tm.tm_sec, 2);
	return out;
}

static void put_type(struct dns_put *p, uint16_t type, bool is_first)
{
	char word[DNS_WORD_MAX];

	if (!is_first)
		text_add_char(p->t, ' ');
	text_add(p->t, dns_type_text(type, word));
}

/* RFC 4034 4.1.2: windows in order, of 1 to 32 octets, without zeros at their end. */
static int put_types(struct dns_put *p)
{
	bool is_first = true;
	int last = -1;

	while (rd_left(&p->r)) {
		uint8_t window = rd_u8(&p->r), n = rd_u8(&p->r);
		const uint8_t *map = rd_bytes(&p->r, n);

		if (!map)
			return E_TRUNC;
		if (window <= last || n < 1 || n > 32 || !map[n - 1])
			return E_BAD;
		last = window;
		for (unsigned bit = 0; bit < n * 8u; bit++) {
			if (map[bit / 8] & (0x80 >> bit % 8)) {
				put_type(p, (uint16_t)((unsigned)window << 8 | bit), is_first);
				is_first = false;
			}
		}
	}
	return 0;
}

static int put_nxt(struct dns_put *p)
{
	size_t n = rd_left(&p->r);
	const uint8_t *map = rd_bytes(&p->r, n);
	bool is_first = true;

	if (n > 16 || (n && (map[0] & 0x80)))
		return E_BAD;
	if (n && !map[n - 1]) /* which text could not tell */
		return E_UNSUP;
	for (unsigned bit = 0; bit < n * 8; bit++) {
		if (map[bit / 8] & (0x80 >> bit % 8)) {
			put_type(p, (uint16_t)bit, is_first);
			is_first = false;
		}
	}
	return 0;
}

static int put_sized(struct dns_put *p, enum dns_piece piece)
{
	size_t n = piece == DNS_P_SIZED ? rd_u16(&p->r) : rd_u8(&p->r);
	const uint8_t *at = rd_bytes(&p->r, n);

	if (!at)
		return E_TRUNC;
	if (piece == DNS_P_HASH && !n) /* RFC 5155 3.1.7 */
		return E_BAD;
	if (piece == DNS_P_SALT && !n) {
		text_add_char(p->t, '-');
	} else if (piece == DNS_P_SALT) {
		radix_add(p->t, RADIX_16, at, n, 0, "");
	} else if (piece == DNS_P_HASH) {
		radix_add(p->t, RADIX_32HEX, at, n, 0, "");
	} else {
		text_add_u64(p->t, n, 1);
		if (n)
			text_add_char(p->t, ' ');
		radix_add(p->t, RADIX_64, at, n, p->style->split, " ");
	}
	return 0;
}

#define BREAK "\n\t\t\t\t"
#define MULTI_SPLIT 44 /* what dig puts on a line */

/* Hexadecimal or base64 to the end, over lines of its own; RRSIG has opened the parenthesis. */
static void put_lines(struct dns_put *p, enum dns_piece piece)
{
	size_t n = rd_left(&p->r);
	const uint8_t *at = rd_bytes(&p->r, n);

	if (p->type == DNS_RRSIG && p->t->len && !p->t->cut)
		p->t->len--; /* no blank at the end of the line before */
	text_add(p->t, p->type == DNS_RRSIG ? BREAK : "(" BREAK);
	radix_add(p->t, piece == DNS_P_HEX ? RADIX_16 : RADIX_64, at, n, MULTI_SPLIT, BREAK);
	text_add(p->t, p->type == DNS_DNSKEY || p->type == 60 ? BREAK ")" : " )");
}

/* "1 hour 30 minutes", as dig explains the times of a SOA. */
static void put_duration(struct text *t, uint32_t seconds)
{
	static const struct {
		uint32_t seconds;
		const char *word;
	} units[] = {
		{604800, "week"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
	bool is_first = true;

	for (unsigned i = 0; i < 5; i++) {
		uint32_t n = seconds / units[i].seconds;

		seconds %= units[i].seconds;
		if (!n && !(is_first && i == 4))
			continue;
		text_addf(t, is_first ? "%u %s%s" : " %u %s%s", n, units[i].word,
			  n == 1 ? "" : "s");
		is_first = false;
	}
}

static int put_soa_lines(struct dns_put *p)
{
	static const char *const words[] = {"serial", "refresh", "retry", "expire", "minimum"};
	int err = dns_put_name(p, true);

	text_add_char(p->t, ' ');
	if (!err)
		err = dns_put_name(p, true);
	text_add(p->t, " (" BREAK);
	for (unsigned i = 0; i < 5 && !err; i++) {
		uint32_t v = rd_u32(&p->r);

		text_addf(p->t, "%-10u ; %s", v, words[i]);
		if (i) {
			text_add(p->t, " (");
			put_duration(p->t, v);
			text_add_char(p->t, ')');
		}
		text_add(p->t, BREAK);
	}
	text_add_char(p->t, ')');
	return err ? err : p->r.bad ? E_TRUNC : rd_left(&p->r) ? E_BAD : 0;
}

/* Keys, digests and signatures, which +nocrypto leaves out. */
static void put_opaque(struct dns_put *p, enum dns_piece piece)
{
	size_t n = rd_left(&p->r);

	if (p->style->hides_crypto && (p->type == DNS_DNSKEY || p->type == 60 || p->type == 25)) {
		text_addf(p->t, "[key id = %u]", dns_key_tag(p->r.buf, p->r.len));
		rd_skip(&p->r, n);
	} else if (p->style->hides_crypto && (p->type == DNS_RRSIG || p->type == DNS_DS)) {
		text_add(p->t, "[omitted]");
		rd_skip(&p->r, n);
	} else if (p->style->is_multi && n && piece != DNS_P_BASE64_0) {
		put_lines(p, piece);
	} else if (piece == DNS_P_BASE64_0) {
		/* DOA is one piece: dig splits it nowhere. */
		radix_add(p->t, RADIX_64, rd_bytes(&p->r, n), n, 0, "");
		if (!n)
			text_add_char(p->t, '-');
	} else if (piece == DNS_P_HEX) {
		dns_put_hex(p, n);
	} else {
		dns_put_base64(p, n);
	}
}

static int put_piece(struct dns_put *p, enum dns_piece piece)
{
	char word[DNS_WORD_MAX];

	switch (piece) {
	case DNS_P_A: dns_put_addr(p, 4); break;
	case DNS_P_AAAA: dns_put_addr(p, 16); break;
	case DNS_P_NAME: return dns_put_name(p, true);
	case DNS_P_NAME_UN: return dns_put_name(p, false);
	case DNS_P_U8: dns_put_number(p, 1); break;
	case DNS_P_U16: dns_put_number(p, 2); break;
	case DNS_P_U32: dns_put_number(p, 4); break;
	case DNS_P_U48: dns_put_number(p, 6); break;
	case DNS_P_U64: dns_put_number(p, 8); break;
	case DNS_P_STRING: put_string(p); break;
	case DNS_P_STRINGS: return put_strings(p);
	case DNS_P_TAG: return put_tag(p);
	case DNS_P_REST: put_rest(p); break;
	case DNS_P_TIME: text_add(p->t, dns_time_text(rd_u32(&p->r), word)); break;
	case DNS_P_TYPE: put_type(p, rd_u16(&p->r), true); break;
	case DNS_P_TYPES: return put_types(p);
	case DNS_P_NXT: return put_nxt(p);
	case DNS_P_SALT:
	case DNS_P_HASH:
	case DNS_P_SIZED: return put_sized(p, piece);
	case DNS_P_HEX:
	case DNS_P_BASE64:
	case DNS_P_BASE64_0: put_opaque(p, piece); break;
	case DNS_P_RCODE: text_add(p->t, dns_rcode_text(rd_u16(&p->r), word)); break;
	case DNS_P_PARAMS: return dns_put_params(p);
	default: return dns_put_odd(p, piece);
	}
	return 0;
}

/* RFC 3597 5, with names that do not point into the message any more. */
static int put_generic(struct dns_put *p)
{
	uint8_t space[DNS_RDATA_MAX] unset;
	struct wr plain = wr_make(space, sizeof(space));

	if (p->msg) {
		int err = dns_rdata_plain(p->type, p->r, p->msg, false, &plain);

		if (err)
			return err;
		p->r = rd_make(space, plain.len);
	}
	text_addf(p->t, "\\# %zu", rd_left(&p->r));
	if (rd_left(&p->r))
		text_add_char(p->t, ' ');
	dns_put_hex(p, rd_left(&p->r));
	return 0;
}

static int put_pieces(struct dns_put *p, const char *pieces)
{
	size_t start = p->t->len;
	int err = 0;

	for (const char *piece = pieces; *piece && !err && !p->r.bad; piece++) {
		size_t before = p->t->len;

		if (piece != pieces)
			text_add_char(p->t, ' ');
		if (p->style->is_multi && p->type == DNS_RRSIG && piece == pieces + 4)
			text_add(p->t, "(" BREAK);
		err = put_piece(p, (enum dns_piece) * piece);
		/* A last piece may be empty, and then needs no blank before it. */
		if (piece != pieces && p->t->len == before + 1)
			p->t->buf[--p->t->len] = '\0';
	}
	if (p->r.bad)
		err = E_TRUNC;
	else if (!err && rd_left(&p->r))
		err = E_BAD;
	if (err == E_UNSUP)
		p->t->buf[p->t->len = start] = '\0';
	return err;
}

int dns_rdata_text(struct text *t, uint16_t type, struct rd rdata, const struct rd *msg,
		   const struct dns_style *style)
{
	const struct dns_type_row *row = dns_type_row(type);
	struct dns_put p = {.r = rdata, .msg = msg, .t = t, .style = style, .type = type};
	int err = E_UNSUP;

	if (row && style->is_multi && type == DNS_SOA && !style->is_generic)
		err = put_soa_lines(&p);
	else if (row && row->pieces && !style->is_generic)
		err = put_pieces(&p, row->pieces);
	if (err == E_UNSUP) {
		p.r = rdata;
		err = put_generic(&p);
	}
	return !err && t->cut ? E_FULL : err;
}

/* The texts at the end of the data, joined, in @space. */
static void join_strings(struct dns_put *p, struct dns_value *v, char *space, size_t cap)
{
	struct wr w = wr_make(space, cap);

	while (rd_left(&p->r)) {
		uint8_t n = rd_u8(&p->r);
		const uint8_t *at = rd_bytes(&p->r, n);

		if (at)
			wr_bytes(&w, at, n);
	}
	v->bytes = (const uint8_t *)space;
	v->len = w.len;
}

static void take_octets(struct dns_put *p, struct dns_value *v, size_t n)
{
	v->bytes = rd_bytes(&p->r, n);
	v->len = v->bytes ? n : 0;
}

static int take_value(struct dns_put *p, enum dns_piece piece, struct dns_value *v, char *space,
		      size_t cap)
{
	struct text t = text_make(space, cap);
	struct dns_put shown = *p;
	int err;

	v->is_number = piece == DNS_P_U8 || piece == DNS_P_U16 || piece == DNS_P_U32;
	switch (piece) {
	case DNS_P_U8: v->number = rd_u8(&p->r); return 0;
	case DNS_P_U16: v->number = rd_u16(&p->r); return 0;
	case DNS_P_U32: v->number = rd_u32(&p->r); return 0;
	case DNS_P_STRING:
	case DNS_P_TAG: take_octets(p, v, rd_u8(&p->r)); return 0;
	case DNS_P_REST: take_octets(p, v, rd_left(&p->r)); return 0;
	case DNS_P_STRINGS: join_strings(p, v, space, cap); return 0;
	default: break;
	}
	shown.t = &t;
	err = put_piece(&shown, piece);
	p->r = shown.r;
	v->bytes = (const uint8_t *)space;
	v->len = t.len;
	return err;
}

/* The next of names parted by blanks. */
static const char *next_name(const char *names, char *out)
{
	size_t n = strcspn(names, " ");
	struct text t = text_make(out, DNS_WORD_MAX);

	text_addf(&t, "%.*s", (int)n, names);
	return names + n + (names[n] == ' ');
}

int dns_rdata_each(uint16_t type, struct rd rdata, const struct rd *msg, char *space, size_t cap,
		   void (*emit)(void *arg, const struct dns_value *v), void *arg)
{
	static const struct dns_style style = {0};
	const struct dns_type_row *row = dns_type_row(type);
	const char *names = dns_type_fields(type);
	struct dns_put p = {.r = rdata, .msg = msg, .style = &style, .type = type};

	if (!names)
		return E_UNSUP;
	for (const char *piece = row->pieces; *piece; piece++) {
		struct dns_value v = {0};
		int err;

		names = next_name(names, v.name);
		err = take_value(&p, (enum dns_piece) * piece, &v, space, cap);
		if (err)
			return err;
		if (p.r.bad)
			return E_TRUNC;
		emit(arg, &v);
	}
	return rd_left(&p.r) ? E_BAD : 0;
}

uint16_t dns_key_tag(const uint8_t *rdata, size_t len)
{
	uint32_t sum = 0;

	if (len >= 4 && rdata[3] == 1) /* RFC 4034 B.1: RSA/MD5 */
		return len >= 7 ? (uint16_t)(rdata[len - 3] << 8 | rdata[len - 2]) : 0;
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? rdata[i] : (uint32_t)rdata[i] << 8;
	return (uint16_t)(sum + (sum >> 16));
}

/* RFC 4034 6.2 without HINFO and with what RFC 6840 5.1 says: NSEC stays as it is. */
static bool is_lowered(uint16_t type)
{
	static const uint16_t lowered[] = {2,  3,  4,  5,  6,  7,  8,  9,  12, 14, 15, 17,
					   18, 21, 24, 26, 30, 33, 35, 36, 38, 39, 46};

	for (size_t i = 0; i < sizeof(lowered) / sizeof(lowered[0]); i++)
		if (lowered[i] == type)
			return true;
	return false;
}

/* Octets that a piece takes when it is no name: those that matter here come before a name. */
static size_t piece_len(enum dns_piece piece, struct rd r)
{
	switch (piece) {
	case DNS_P_U8: return 1;
	case DNS_P_U16:
	case DNS_P_TYPE: return 2;
	case DNS_P_U32:
	case DNS_P_TIME: return 4;
	case DNS_P_STRING: return 1u + rd_u8(&r);
	default: return rd_left(&r);
	}
}

int dns_rdata_plain(uint16_t type, struct rd rdata, const struct rd *msg, bool is_canonical,
		    struct wr *out)
{
	const struct dns_type_row *row = dns_type_row(type);
	const char *pieces = row && row->pieces ? row->pieces : "";
	struct dns_name name;
	int err;

	for (; *pieces && rd_left(&rdata); pieces++) {
		if (*pieces != DNS_P_NAME && *pieces != DNS_P_NAME_UN) {
			size_t n = piece_len((enum dns_piece) * pieces, rdata);
			const uint8_t *at = rd_bytes(&rdata, n);

			if (at)
				wr_bytes(out, at, n);
			continue;
		}
		err = dns_name_read(&rdata, *pieces == DNS_P_NAME ? msg : NULL, &name);
		if (err < 0)
			return err;
		if (is_canonical && is_lowered(type))
			dns_name_lower(&name);
		wr_bytes(out, name.bytes, name.len);
	}
	if (rd_left(&rdata)) {
		size_t n = rd_left(&rdata);

		wr_bytes(out, rd_bytes(&rdata, n), n);
	}
	if (rdata.bad)
		return E_TRUNC;
	return wr_done(out);
}
