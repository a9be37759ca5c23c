/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of SVCB and HTTPS records: RFC 9460 2.1, 2.2, 7, A; RFC 9461, RFC 9540. */
#include <string.h>

#include "base/addr.h"
#include "base/num.h"
#include "wire/dnsrdata_impl.h"

enum key {
	KEY_MANDATORY = 0,
	KEY_ALPN = 1,
	KEY_NO_DEFAULT_ALPN = 2,
	KEY_PORT = 3,
	KEY_IPV4HINT = 4,
	KEY_ECH = 5,
	KEY_IPV6HINT = 6,
	KEY_DOHPATH = 7,
	KEY_OHTTP = 8,
};

static const struct dns_word keys[] = {
	{KEY_MANDATORY, "mandatory"},
	{KEY_ALPN, "alpn"},
	{KEY_NO_DEFAULT_ALPN, "no-default-alpn"},
	{KEY_PORT, "port"},
	{KEY_IPV4HINT, "ipv4hint"},
	{KEY_ECH, "ech"},
	{KEY_IPV6HINT, "ipv6hint"},
	{KEY_DOHPATH, "dohpath"},
	{KEY_OHTTP, "ohttp"},
	{0, NULL},
};

static void put_key(struct dns_put *p, unsigned key)
{
	const char *word = dns_word_text(keys, key);

	if (word) {
		text_add(p->t, word);
		return;
	}
	text_add(p->t, "key");
	text_add_u64(p->t, key, 1);
}

static int put_mandatory(struct dns_put *p, struct rd *v)
{
	for (int last = -1; rd_left(v);) {
		uint16_t key = rd_u16(v);

		if (v->bad || key <= last || key == KEY_MANDATORY)
			return E_BAD;
		if (last >= 0)
			text_add_char(p->t, ',');
		last = key;
		put_key(p, key);
	}
	return 0;
}

/*
 * A comma or backslash inside an item is escaped once for the list and once more for the string
 * around it (RFC 9460 A.1).
 */
static int put_alpn(struct dns_put *p, struct rd *v)
{
	bool is_first = true;

	text_add_char(p->t, '"');
	while (rd_left(v)) {
		uint8_t n = rd_u8(v);
		const uint8_t *at = rd_bytes(v, n);

		if (!at || !n)
			return E_BAD;
		if (!is_first)
			text_add_char(p->t, ',');
		is_first = false;
		for (unsigned i = 0; i < n; i++) {
			if (at[i] == ',' || at[i] == '\\')
				text_add(p->t, "\\\\");
			dns_put_octet(p->t, at[i]);
		}
	}
	text_add_char(p->t, '"');
	return 0;
}

static int put_hints(struct dns_put *p, struct rd *v, uint8_t len)
{
	bool is_first = true;

	while (rd_left(v)) {
		const uint8_t *at = rd_bytes(v, len);
		char text[ADDR_TEXT_MAX];
		struct addr a;

		if (!at)
			return E_BAD;
		a = addr_from(at, len);
		if (!is_first)
			text_add_char(p->t, ',');
		is_first = false;
		text_add(p->t, addr_text(&a, text));
	}
	return 0;
}

/* How much each value must have: list keys and ech some octets, flags none. */
static bool is_len_right(unsigned key, size_t len)
{
	switch (key) {
	case KEY_NO_DEFAULT_ALPN:
	case KEY_OHTTP: return len == 0;
	case KEY_PORT: return len == 2;
	case KEY_MANDATORY:
	case KEY_ALPN:
	case KEY_IPV4HINT:
	case KEY_IPV6HINT:
	case KEY_ECH: return len > 0;
	default: return true;
	}
}

static int put_value(struct dns_put *p, unsigned key, struct rd *v)
{
	size_t n = rd_left(v);

	if (!is_len_right(key, n))
		return E_BAD;
	if (!n)
		return 0;
	text_add_char(p->t, '=');
	switch (key) {
	case KEY_MANDATORY: return put_mandatory(p, v);
	case KEY_ALPN: return put_alpn(p, v);
	case KEY_PORT: text_add_u64(p->t, rd_u16(v), 1); return 0;
	case KEY_IPV4HINT: return put_hints(p, v, 4);
	case KEY_IPV6HINT: return put_hints(p, v, 16);
	case KEY_ECH: radix_add(p->t, RADIX_64, rd_bytes(v, n), n, 0, ""); return 0;
	default: dns_put_quoted(p->t, rd_bytes(v, n), n); return 0;
	}
}

int dns_put_params(struct dns_put *p)
{
	bool is_first = true;
	int last = -1, err = 0;

	while (!err && rd_left(&p->r)) {
		uint16_t key = rd_u16(&p->r), n = rd_u16(&p->r);
		struct rd v = rd_sub(&p->r, n);

		if (p->r.bad)
			return E_TRUNC;
		if (key <= last) /* RFC 9460 2.2: in order, each once */
			return E_BAD;
		last = key;
		if (!is_first)
			text_add_char(p->t, ' ');
		is_first = false;
		put_key(p, key);
		err = put_value(p, key, &v);
	}
	return err;
}

/* --- text to octets */

#define PARAMS_MAX 64

struct param {
	uint16_t key;
	const char *text; /* of the value, escapes in it */
	size_t len;
};

static int parse_key(const char *text, size_t len, uint16_t *out)
{
	char word[DNS_WORD_MAX];
	unsigned v;
	uint64_t number;

	if (len >= sizeof(word))
		return E_BAD;
	memcpy(word, text, len);
	word[len] = '\0';
	if (dns_word_parse(keys, word, &v) == 0) {
		*out = (uint16_t)v;
		return 0;
	}
	if (strncmp(word, "key", 3) != 0 || num_u64(word + 3, 0, 65535, &number, NULL) < 0)
		return E_BAD;
	*out = (uint16_t)number;
	return 0;
}

/* key, key=value or key="value": a quote may open in the middle of a word here. */
static bool next_param(struct dns_get *g, struct param *out, int *err)
{
	const char *start, *equals = NULL;
	bool is_quoted = false;

	while (g->at < g->end && strchr(" \t\r\n()", *g->at) && *g->at)
		g->at++;
	if (g->at == g->end)
		return false;
	start = g->at;
	for (; g->at < g->end && (is_quoted || !strchr(" \t\r\n()", *g->at)); g->at++) {
		if (*g->at == '=' && !equals)
			equals = g->at;
		else if (*g->at == '"')
			is_quoted = !is_quoted;
		else if (*g->at == '\\' && g->at + 1 < g->end)
			g->at++;
	}
	if (!equals)
		equals = g->at;
	*err = parse_key(start, (size_t)(equals - start), &out->key);
	out->text = equals < g->at ? equals + 1 : equals;
	out->len = (size_t)(g->at - out->text);
	if (out->len >= 2 && out->text[0] == '"' && out->text[out->len - 1] == '"') {
		out->text++;
		out->len -= 2;
	}
	return true;
}

/* The value's octets with one level of escapes taken away. */
static int unescape_all(const struct param *p, struct wr *out)
{
	const char *at = p->text, *end = at + p->len;
	uint8_t octet;

	while (at < end) {
		if (dns_unescape(&at, end, &octet) < 0)
			return E_BAD;
		wr_u8(out, octet);
	}
	return wr_done(out);
}

/* The next item of a value list, its own escapes taken away; false at the end. */
static bool next_item(const uint8_t **at, const uint8_t *end, char *out, size_t cap, size_t *len)
{
	*len = 0;
	if (*at > end)
		return false;
	for (; *at < end && **at != ','; (*at)++) {
		if (**at == '\\' && *at + 1 < end)
			(*at)++;
		if (*len + 1 < cap)
			out[(*len)++] = (char)**at;
	}
	out[*len] = '\0';
	(*at)++;
	return true;
}

static int get_item(unsigned key, const char *item, size_t len, struct wr *out)
{
	struct addr a;
	uint16_t named;

	switch (key) {
	case KEY_MANDATORY:
		if (parse_key(item, len, &named) < 0)
			return E_BAD;
		wr_u16(out, named);
		return 0;
	case KEY_ALPN:
		if (!len || len > 255)
			return E_BAD;
		wr_u8(out, (uint8_t)len);
		wr_bytes(out, item, len);
		return 0;
	default:
		if (addr_parse(item, &a) < 0 || a.len != (key == KEY_IPV4HINT ? 4 : 16))
			return E_BAD;
		wr_bytes(out, a.bytes, a.len);
		return 0;
	}
}

static int get_list(const struct param *p, struct wr *out)
{
	uint8_t raw[4096];
	struct wr w = wr_make(raw, sizeof(raw));
	const uint8_t *at = raw;
	char item[300];
	size_t len;
	int err = unescape_all(p, &w);

	while (!err && next_item(&at, raw + w.len, item, sizeof(item), &len))
		err = get_item(p->key, item, len, out);
	return err;
}

static int get_value(const struct param *p, struct wr *out)
{
	struct radix_reader reader = {.radix = RADIX_64};
	char word[8];
	uint64_t port;

	switch (p->key) {
	case KEY_MANDATORY:
	case KEY_ALPN:
	case KEY_IPV4HINT:
	case KEY_IPV6HINT: return get_list(p, out);
	case KEY_ECH:
		return radix_read(&reader, p->text, p->len, out) < 0 ? E_BAD : radix_end(&reader);
	case KEY_PORT:
		if (p->len >= sizeof(word))
			return E_BAD;
		memcpy(word, p->text, p->len);
		word[p->len] = '\0';
		if (num_u64(word, 0, 65535, &port, NULL) < 0)
			return E_BAD;
		wr_u16(out, (uint16_t)port);
		return 0;
	default: return unescape_all(p, out);
	}
}

static int get_param(const struct param *p, struct wr *out)
{
	size_t start;
	int err;

	wr_u16(out, p->key);
	wr_u16(out, 0);
	start = out->len;
	err = get_value(p, out);
	if (err || out->bad)
		return err;
	if (!is_len_right(p->key, out->len - start) || out->len - start > 65535)
		return E_BAD;
	put_u16(out->buf + start - 2, (uint16_t)(out->len - start));
	return 0;
}

int dns_get_params(struct dns_get *g)
{
	struct param params[PARAMS_MAX];
	unsigned n = 0;
	int err = 0;

	while (!err && n < PARAMS_MAX && next_param(g, &params[n], &err))
		n++;
	/* They may be written in any order, but are sent by rising number. */
	for (int last = -1; !err;) {
		const struct param *least = NULL;

		for (unsigned i = 0; i < n; i++)
			if (params[i].key > last && (!least || params[i].key < least->key))
				least = &params[i];
		if (!least)
			break;
		last = least->key;
		err = get_param(least, g->out);
	}
	return err ? dns_get_fault(g, "key=value parameters") : 0;
}
