/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of record data with a form of their own: APL, gateways, addresses of older networks. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/num.h"
#include "wire/dnsrdata_impl.h"

static const struct dns_word cert_kinds[] = {
	{1, "PKIX"},   {2, "SPKI"},    {3, "PGP"},   {4, "IPKIX"}, {5, "ISPKI"}, {6, "IPGP"},
	{7, "ACPKIX"}, {8, "IACPKIX"}, {253, "URI"}, {254, "OID"}, {0, NULL},
};

static const struct dns_word schemes[] = {{1, "NOTIFY"}, {0, NULL}};

static void put_word(struct dns_put *p, const struct dns_word *words, unsigned number)
{
	const char *word = dns_word_text(words, number);

	if (word)
		text_add(p->t, word);
	else
		text_add_u64(p->t, number, 1);
}

static int get_word(struct dns_get *g, const struct dns_word *words, unsigned octets)
{
	char word[DNS_WORD_MAX];
	unsigned v;
	uint64_t number;

	if (dns_get_word(g, word, sizeof(word)) < 0)
		return dns_get_fault(g, "a word or number");
	if (dns_word_parse(words, word, &v) < 0) {
		if (num_u64(word, 0, octets == 1 ? 255 : 65535, &number, NULL) < 0)
			return dns_get_fault(g, "a known word or a number");
		v = (unsigned)number;
	}
	if (octets == 2)
		wr_u8(g->out, (uint8_t)(v >> 8));
	wr_u8(g->out, (uint8_t)v);
	return 0;
}

/* --- APL, RFC 3123 */

static int put_apl(struct dns_put *p)
{
	bool is_first = true;

	while (rd_left(&p->r)) {
		uint16_t family = rd_u16(&p->r);
		uint8_t prefix = rd_u8(&p->r), n = rd_u8(&p->r), bytes[16] = {0};
		uint8_t len = family == 1 ? 4 : 16;
		char text[ADDR_TEXT_MAX];
		struct addr a;

		if (p->r.bad)
			return E_TRUNC;
		if (family < 1 || family > 2)
			return E_UNSUP;
		if ((n & 0x7f) > len || prefix > len * 8)
			return E_BAD;
		rd_copy(&p->r, bytes, n & 0x7f);
		if (!p->r.bad && (n & 0x7f) && !bytes[(n & 0x7f) - 1])
			return E_BAD; /* 4: trailing zero octets must not be there */
		a = addr_from(bytes, len);
		text_addf(p->t, "%s%s%u:%s/%u", is_first ? "" : " ", n & 0x80 ? "!" : "", family,
			  addr_text(&a, text), prefix);
		is_first = false;
	}
	return 0;
}

static int get_apl_item(struct dns_get *g, const struct dns_token *token)
{
	char word[ADDR_TEXT_MAX + 8], *at = word, *slash;
	uint64_t prefix;
	struct addr a;
	uint8_t n;

	if (token->len >= sizeof(word))
		return E_BAD;
	memcpy(word, token->text, token->len);
	word[token->len] = '\0';
	at += *at == '!';
	slash = strchr(at, '/');
	if ((at[0] != '1' && at[0] != '2') || at[1] != ':' || !slash)
		return E_BAD;
	*slash = '\0';
	if (addr_parse(at + 2, &a) < 0 || a.len != (at[0] == '1' ? 4 : 16) ||
	    num_u64(slash + 1, 0, a.len * 8u, &prefix, NULL) < 0)
		return E_BAD;
	for (n = a.len; n && !a.bytes[n - 1];)
		n--;
	wr_u16(g->out, a.len == 4 ? 1 : 2);
	wr_u8(g->out, (uint8_t)prefix);
	wr_u8(g->out, (uint8_t)(n | (word[0] == '!' ? 0x80 : 0)));
	wr_bytes(g->out, a.bytes, n);
	return 0;
}

static int get_apl(struct dns_get *g)
{
	struct dns_token token;

	while (dns_get_token(g, &token))
		if (get_apl_item(g, &token) < 0)
			return dns_get_fault(g,
					     "a prefix such as 1:192.0.2.0/24 or !2:2001:db8::/32");
	return 0;
}

/* --- WKS, RFC 1035 3.4.2 */

static int put_wks(struct dns_put *p)
{
	size_t n;
	const uint8_t *map;

	dns_put_addr(p, 4);
	text_addf(p->t, " %u", rd_u8(&p->r));
	n = rd_left(&p->r);
	map = rd_bytes(&p->r, n);
	if (n > 65536 / 8)
		return E_BAD;
	if (map && n && !map[n - 1]) /* which text could not tell */
		return E_UNSUP;
	for (unsigned bit = 0; map && bit < n * 8; bit++)
		if (map[bit / 8] & (0x80 >> bit % 8))
			text_addf(p->t, " %u", bit);
	return 0;
}

static int get_wks(struct dns_get *g)
{
	uint8_t map[65536 / 8] = {0};
	size_t n = 0;
	struct dns_token token;
	uint64_t v;
	int err = dns_get_addr(g, 4);

	if (!err)
		err = dns_get_number(g, 255, &v);
	if (err)
		return err;
	wr_u8(g->out, (uint8_t)v);
	while (!err) {
		const char *at = g->at;

		if (!dns_get_token(g, &token))
			break;
		g->at = at;
		err = dns_get_number(g, 65535, &v);
		map[v / 8] |= (uint8_t)(0x80 >> v % 8);
		n = n > v / 8 + 1 ? n : v / 8 + 1;
	}
	wr_bytes(g->out, map, n);
	return err;
}

/* --- IPSECKEY (RFC 4025), AMTRELAY (RFC 8777): a gateway whose kind a number tells */

static int put_gateway(struct dns_put *p, unsigned kind)
{
	switch (kind) {
	case 0: text_add_char(p->t, '.'); return 0;
	case 1: dns_put_addr(p, 4); return 0;
	case 2: dns_put_addr(p, 16); return 0;
	case 3: return dns_put_name(p, false);
	default: return E_UNSUP;
	}
}

static int get_gateway(struct dns_get *g, unsigned kind)
{
	struct dns_token token;

	switch (kind) {
	case 0:
		return dns_get_token(g, &token) && token.len == 1 && token.text[0] == '.' ?
			       0 :
			       dns_get_fault(g, "'.'");
	case 1: return dns_get_addr(g, 4);
	case 2: return dns_get_addr(g, 16);
	case 3: return dns_get_name(g);
	default: return dns_get_fault(g, "a kind of gateway from 0 to 3");
	}
}

static int put_ipseckey(struct dns_put *p)
{
	uint8_t precedence = rd_u8(&p->r), kind = rd_u8(&p->r), algorithm = rd_u8(&p->r);
	int err;

	text_addf(p->t, "%u %u %u ", precedence, kind, algorithm);
	err = put_gateway(p, kind);
	if (err || !rd_left(&p->r))
		return err;
	text_add_char(p->t, ' ');
	dns_put_base64(p, rd_left(&p->r));
	return 0;
}

static int get_ipseckey(struct dns_get *g)
{
	uint64_t v[3] = {0};
	int err = 0;

	for (unsigned i = 0; i < 3 && !err; i++) {
		err = dns_get_number(g, 255, &v[i]);
		wr_u8(g->out, (uint8_t)v[i]);
	}
	if (!err)
		err = get_gateway(g, (unsigned)v[1]);
	return err ? err : dns_get_radix(g, RADIX_64, true);
}

static int put_relay(struct dns_put *p)
{
	uint8_t precedence = rd_u8(&p->r), kind = rd_u8(&p->r);

	text_addf(p->t, "%u %u %u ", precedence, kind >> 7, kind & 0x7f);
	return put_gateway(p, kind & 0x7f);
}

static int get_relay(struct dns_get *g)
{
	uint64_t precedence = 0, discovery = 0, kind = 0;
	int err = dns_get_number(g, 255, &precedence);

	if (!err)
		err = dns_get_number(g, 1, &discovery);
	if (!err)
		err = dns_get_number(g, 127, &kind);
	wr_u8(g->out, (uint8_t)precedence);
	wr_u8(g->out, (uint8_t)(discovery << 7 | kind));
	return err ? err : get_gateway(g, (unsigned)kind);
}

/* --- HIP, RFC 8005 5 */

static int put_hip(struct dns_put *p)
{
	uint8_t hit_len = rd_u8(&p->r), algorithm = rd_u8(&p->r);
	uint16_t key_len = rd_u16(&p->r);
	const uint8_t *hit = rd_bytes(&p->r, hit_len), *key = rd_bytes(&p->r, key_len);
	int err = 0;

	if (p->r.bad)
		return E_TRUNC;
	if (!hit_len || !key_len)
		return E_BAD;
	text_addf(p->t, "%u ", algorithm);
	radix_add(p->t, RADIX_16, hit, hit_len, 0, "");
	text_add_char(p->t, ' ');
	radix_add(p->t, RADIX_64, key, key_len, 0, "");
	while (!err && rd_left(&p->r)) {
		text_add_char(p->t, ' ');
		err = dns_put_name(p, false);
	}
	return err;
}

static int get_hip(struct dns_get *g)
{
	size_t start = g->out->len, hit_end, key_end;
	struct dns_token token;
	uint64_t algorithm = 0;
	int err;

	wr_zero(g->out, 4);
	err = dns_get_number(g, 255, &algorithm);
	if (!err)
		err = dns_get_radix(g, RADIX_16, false);
	hit_end = g->out->len;
	if (!err)
		err = dns_get_radix(g, RADIX_64, false);
	key_end = g->out->len;
	while (!err) {
		const char *at = g->at;

		if (!dns_get_token(g, &token))
			break;
		g->at = at;
		err = dns_get_name(g);
	}
	if (err || g->out->bad)
		return err;
	if (hit_end - start - 4 > 255 || key_end - hit_end > 65535)
		return dns_get_fault(g, "a shorter key");
	g->out->buf[start] = (uint8_t)(hit_end - start - 4);
	g->out->buf[start + 1] = (uint8_t)algorithm;
	put_u16(g->out->buf + start + 2, (uint16_t)(key_end - hit_end));
	return 0;
}

/* --- A6, RFC 2874 3.1 */

static int put_a6(struct dns_put *p)
{
	uint8_t prefix = rd_u8(&p->r), bytes[16] = {0}, n;
	char text[ADDR_TEXT_MAX];
	struct addr a;

	if (prefix > 128)
		return E_BAD;
	n = (uint8_t)(16 - prefix / 8);
	rd_copy(&p->r, bytes + 16 - n, n);
	/* Bits of the address that belong to the prefix have no place in the text. */
	if (n && prefix % 8 && bytes[16 - n] & ~(0xff >> prefix % 8))
		return E_UNSUP;
	text_addf(p->t, "%u", prefix);
	a = addr_from(bytes, 16);
	if (prefix < 128)
		text_addf(p->t, " %s", addr_text(&a, text));
	if (!prefix)
		return 0;
	text_add_char(p->t, ' ');
	return dns_put_name(p, false);
}

static int get_a6(struct dns_get *g)
{
	uint64_t prefix = 0;
	char word[ADDR_TEXT_MAX];
	struct addr a = {0};
	int err = dns_get_number(g, 128, &prefix);

	if (!err && prefix < 128 &&
	    (dns_get_word(g, word, sizeof(word)) < 0 || addr_parse(word, &a) < 0 || a.len != 16))
		err = dns_get_fault(g, "an IPv6 address");
	wr_u8(g->out, (uint8_t)prefix);
	if (prefix % 8)
		a.bytes[prefix / 8] &= (uint8_t)(0xff >> prefix % 8);
	wr_bytes(g->out, a.bytes + prefix / 8, 16 - prefix / 8);
	return err || !prefix ? err : dns_get_name(g);
}

/* --- octets of other networks' addresses */

static void put_joined(struct dns_put *p)
{
	size_t n = rd_left(&p->r);

	text_add_hex(p->t, rd_bytes(&p->r, n), n, '-');
}

static void put_groups(struct dns_put *p)
{
	for (unsigned i = 0; i < 4; i++)
		text_addf(p->t, i ? ":%x" : "%x", rd_u16(&p->r));
}

/* Four groups of up to four hexadecimal digits (RFC 6742 2.1.2). */
static int get_groups(struct dns_get *g)
{
	unsigned v[4];
	char word[24], more;

	if (dns_get_word(g, word, sizeof(word)) < 0 ||
	    strspn(word, "0123456789abcdefABCDEF:") != strlen(word) ||
	    sscanf(word, "%4x:%4x:%4x:%4x%c", &v[0], &v[1], &v[2], &v[3], &more) != 4)
		return dns_get_fault(g, "four groups of hexadecimal");
	for (unsigned i = 0; i < 4; i++)
		wr_u16(g->out, (uint16_t)v[i]);
	return 0;
}

/* Hexadecimal in which @joint may stand between octets or groups. */
static int get_joined(struct dns_get *g, const char *prefix, const char *joints)
{
	struct radix_reader reader = {.radix = RADIX_16};
	size_t n = strlen(prefix);
	struct dns_token token;

	if (!dns_get_token(g, &token) || token.len < n || strncasecmp(token.text, prefix, n) != 0)
		return dns_get_fault(g, "hexadecimal");
	for (size_t i = n; i < token.len; i++) {
		if (token.text[i] && strchr(joints, token.text[i]))
			continue;
		if (radix_read(&reader, token.text + i, 1, g->out) < 0)
			return dns_get_fault(g, "hexadecimal");
	}
	return radix_end(&reader) < 0 ? dns_get_fault(g, "a whole number of octets") : 0;
}

static int put_eui(struct dns_put *p)
{
	if (p->r.len != (p->type == 108 ? 6 : 8))
		return E_BAD;
	put_joined(p);
	return 0;
}

static int put_atma(struct dns_put *p)
{
	uint8_t format = rd_u8(&p->r);
	size_t n = rd_left(&p->r);
	const uint8_t *at = rd_bytes(&p->r, n);

	if (!n || format > 1)
		return format > 1 ? E_UNSUP : E_BAD;
	if (!format) {
		text_add_hex(p->t, at, n, 0);
		return 0;
	}
	text_add_char(p->t, '+');
	for (size_t i = 0; i < n; i++) {
		if (at[i] < '0' || at[i] > '9')
			return E_BAD;
		text_add_char(p->t, (char)at[i]);
	}
	return 0;
}

static int get_atma(struct dns_get *g)
{
	const char *start = g->at;
	struct dns_token token;

	if (!dns_get_token(g, &token) || !token.len)
		return dns_get_fault(g, "an ATM address");
	wr_u8(g->out, token.text[0] == '+');
	if (token.text[0] != '+') {
		g->at = start;
		return get_joined(g, "", ".");
	}
	for (size_t i = 1; i < token.len; i++) {
		if (token.text[i] == '.')
			continue;
		if (token.text[i] < '0' || token.text[i] > '9')
			return dns_get_fault(g, "digits");
		wr_u8(g->out, (uint8_t)token.text[i]);
	}
	return 0;
}

static void put_nsap(struct dns_put *p)
{
	size_t n = rd_left(&p->r);

	text_add(p->t, "0x");
	text_add_hex(p->t, rd_bytes(&p->r, n), n, 0);
}

static int get_algorithm(struct dns_get *g)
{
	char word[DNS_WORD_MAX];
	unsigned v;

	if (dns_get_word(g, word, sizeof(word)) < 0 || dns_algorithm_parse(word, &v) < 0)
		return dns_get_fault(g, "an algorithm");
	wr_u8(g->out, (uint8_t)v);
	return 0;
}

int dns_put_odd(struct dns_put *p, enum dns_piece piece)
{
	char word[DNS_WORD_MAX];

	switch (piece) {
	case DNS_P_LOC: return dns_put_loc(p);
	case DNS_P_APL: return put_apl(p);
	case DNS_P_WKS: return put_wks(p);
	case DNS_P_GATEWAY: return put_ipseckey(p);
	case DNS_P_RELAY: return put_relay(p);
	case DNS_P_HIP: return put_hip(p);
	case DNS_P_A6: return put_a6(p);
	case DNS_P_EUI: return put_eui(p);
	case DNS_P_ATMA: return put_atma(p);
	case DNS_P_GROUPS: put_groups(p); return 0;
	case DNS_P_NSAP: put_nsap(p); return 0;
	case DNS_P_CERT: put_word(p, cert_kinds, rd_u16(&p->r)); return 0;
	case DNS_P_SCHEME: put_word(p, schemes, rd_u8(&p->r)); return 0;
	case DNS_P_ALG: text_add(p->t, dns_algorithm_text(rd_u8(&p->r), word)); return 0;
	default: return E_UNSUP;
	}
}

int dns_get_odd(struct dns_get *g, enum dns_piece piece)
{
	switch (piece) {
	case DNS_P_LOC: return dns_get_loc(g);
	case DNS_P_APL: return get_apl(g);
	case DNS_P_WKS: return get_wks(g);
	case DNS_P_GATEWAY: return get_ipseckey(g);
	case DNS_P_RELAY: return get_relay(g);
	case DNS_P_HIP: return get_hip(g);
	case DNS_P_A6: return get_a6(g);
	case DNS_P_EUI: return get_joined(g, "", "-");
	case DNS_P_ATMA: return get_atma(g);
	case DNS_P_GROUPS: return get_groups(g);
	case DNS_P_NSAP: return get_joined(g, "0x", ".");
	case DNS_P_CERT: return get_word(g, cert_kinds, 2);
	case DNS_P_SCHEME: return get_word(g, schemes, 1);
	case DNS_P_ALG: return get_algorithm(g);
	default: return E_UNSUP;
	}
}
