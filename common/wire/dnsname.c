/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/dnsname.h"

#include <string.h>

#define POINTER 0xc0

/* Appends the @n octets behind a length octet. */
static int append_label(struct dns_name *out, const uint8_t *label, uint8_t n)
{
	if (!label)
		return E_TRUNC;
	if ((unsigned)out->len + 1u + n > DNS_NAME_MAX)
		return E_BAD;
	out->bytes[out->len] = n;
	memcpy(out->bytes + out->len + 1, label, n);
	out->len = (uint8_t)(out->len + 1 + n);
	return 0;
}

int dns_name_read(struct rd *r, const struct rd *msg, struct dns_name *out)
{
	struct rd jumped, *at = r;
	size_t least = msg && r->buf ? (size_t)(r->buf + r->pos - msg->buf) : 0;
	uint8_t n;
	int err;

	out->len = 0;
	do {
		n = rd_u8(at);
		if ((n & POINTER) == POINTER) {
			size_t target = (size_t)(n & 0x3f) << 8 | rd_u8(at);

			if (at->bad)
				return E_TRUNC;
			if (!msg || target >= least)
				return E_BAD;
			jumped = rd_make(msg->buf, msg->len);
			jumped.pos = least = target;
			at = &jumped;
			n = 1; /* not the end */
			continue;
		}
		if (at->bad)
			return E_TRUNC;
		if (n & POINTER)
			return E_BAD;
		err = append_label(out, rd_bytes(at, n), n);
		if (err < 0)
			return err;
	} while (n);
	return 0;
}

int dns_name_skip(struct rd *r)
{
	uint8_t n;

	do {
		n = rd_u8(r);
		if ((n & POINTER) == POINTER) {
			rd_skip(r, 1);
			return rd_done(r);
		}
		if (n & POINTER)
			return E_BAD;
		rd_skip(r, n);
	} while (n && !r->bad);
	return rd_done(r);
}

/* The octet that an escape stands for; moves @at to its last character. */
static int unescape(const char *text, size_t len, size_t *at, uint8_t *out)
{
	unsigned v = 0;

	if (*at + 1 >= len)
		return E_BAD;
	if (text[*at + 1] < '0' || text[*at + 1] > '9') {
		*out = (uint8_t)text[++*at];
		return 0;
	}
	if (*at + 3 >= len)
		return E_BAD;
	for (unsigned i = 1; i <= 3; i++) {
		if (text[*at + i] < '0' || text[*at + i] > '9')
			return E_BAD;
		v = v * 10 + (unsigned)(text[*at + i] - '0');
	}
	if (v > 255)
		return E_BAD;
	*at += 3;
	*out = (uint8_t)v;
	return 0;
}

/* What a name still lacks behind its last label. */
static int finish(struct dns_name *out, bool is_absolute, const struct dns_name *origin)
{
	static const struct dns_name root = {.len = 1};
	const struct dns_name *tail = is_absolute || !origin ? &root : origin;

	if ((unsigned)out->len + tail->len > DNS_NAME_MAX)
		return E_RANGE;
	memcpy(out->bytes + out->len, tail->bytes, tail->len);
	out->len = (uint8_t)(out->len + tail->len);
	return 0;
}

int dns_name_parse(const char *text, size_t len, const struct dns_name *origin,
		   struct dns_name *out)
{
	unsigned start = 0, n = 0;
	uint8_t octet;

	out->len = 0;
	if (len == 1 && text[0] == '@' && origin)
		return finish(out, false, origin);
	if (len == 1 && text[0] == '.')
		return finish(out, true, NULL);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.') {
			if (!n)
				return E_BAD;
			out->bytes[start] = (uint8_t)n;
			start += n + 1;
			out->len = (uint8_t)start;
			n = 0;
			continue;
		}
		octet = (uint8_t)text[i];
		if (octet == '\\' && unescape(text, len, &i, &octet) < 0)
			return E_BAD;
		/* The label's own length octet, and the root's. */
		if (++n > DNS_LABEL_MAX || start + n + 2 > DNS_NAME_MAX)
			return E_RANGE;
		out->bytes[start + n] = octet;
	}
	if (!n)
		return len ? finish(out, true, NULL) : E_BAD;
	out->bytes[start] = (uint8_t)n;
	out->len = (uint8_t)(start + n + 1);
	return finish(out, false, origin);
}

static void add_octet(struct text *t, uint8_t c)
{
	if (c <= 0x20 || c >= 0x7f) {
		text_add_char(t, '\\');
		text_add_u64(t, c, 3);
		return;
	}
	if (strchr("\"$().;@\\", c))
		text_add_char(t, '\\');
	text_add_char(t, (char)c);
}

void dns_name_add(struct text *t, const struct dns_name *n)
{
	unsigned i = 0;

	if (n->len <= 1) {
		text_add_char(t, '.');
		return;
	}
	while (i < n->len && n->bytes[i]) {
		unsigned end = i + 1 + n->bytes[i];

		for (i++; i < end && i < n->len; i++)
			add_octet(t, n->bytes[i]);
		text_add_char(t, '.');
	}
}

char *dns_name_text(const struct dns_name *n, char *out)
{
	struct text t = text_make(out, DNS_NAME_TEXT_MAX);

	dns_name_add(&t, n);
	return out;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* Length octets are at most 63 and no letters, so they need no case of their own. */
static bool same_octets(const uint8_t *a, const uint8_t *b, size_t len, bool exact)
{
	if (exact)
		return memcmp(a, b, len) == 0;
	for (size_t i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool dns_name_same(const struct dns_name *a, const struct dns_name *b, bool exact)
{
	return a->len == b->len && same_octets(a->bytes, b->bytes, a->len, exact);
}

bool dns_name_is_below(const struct dns_name *n, const struct dns_name *top)
{
	for (unsigned i = 0; i < n->len; i += 1u + n->bytes[i])
		if (n->len - i == top->len)
			return same_octets(n->bytes + i, top->bytes, top->len, false);
	return false;
}

unsigned dns_name_labels(const struct dns_name *n)
{
	unsigned labels = 0;

	for (unsigned i = 0; i < n->len && n->bytes[i]; i += 1u + n->bytes[i])
		labels++;
	return labels;
}

struct dns_name dns_name_parent(const struct dns_name *n, unsigned n_labels)
{
	struct dns_name out = {.len = 1};
	unsigned i = 0;

	while (n_labels-- && i < n->len && n->bytes[i])
		i += 1u + n->bytes[i];
	if (i >= n->len)
		return out;
	out.len = (uint8_t)(n->len - i);
	memcpy(out.bytes, n->bytes + i, out.len);
	return out;
}

int dns_name_join(const struct dns_name *front, const struct dns_name *back, struct dns_name *out)
{
	unsigned head = front->len ? front->len - 1u : 0;
	struct dns_name whole;

	if (head + back->len > DNS_NAME_MAX)
		return E_RANGE;
	memcpy(whole.bytes, front->bytes, head);
	memcpy(whole.bytes + head, back->bytes, back->len);
	whole.len = (uint8_t)(head + back->len);
	*out = whole;
	return 0;
}

void dns_name_lower(struct dns_name *n)
{
	for (unsigned i = 0; i < n->len; i++)
		n->bytes[i] = lower(n->bytes[i]);
}

void dns_name_stir(struct dns_name *n, struct rnd *rnd)
{
	uint64_t bits = 0;
	unsigned left = 0;

	for (unsigned i = 0; i < n->len; i++) {
		uint8_t c = lower(n->bytes[i]);

		if (c < 'a' || c > 'z')
			continue;
		if (!left) {
			bits = rnd_u64(rnd);
			left = 64;
		}
		n->bytes[i] = bits & 1 ? (uint8_t)(c & ~0x20) : c;
		bits >>= 1;
		left--;
	}
}

struct dns_name dns_name_reverse(const void *addr, size_t len)
{
	const uint8_t *a = addr;
	char buf[96];
	struct text t = text_make(buf, sizeof(buf));
	struct dns_name out;

	for (size_t i = len; i-- > 0;) {
		if (len <= 4)
			text_addf(&t, "%u.", a[i]);
		else
			text_addf(&t, "%x.%x.", a[i] & 15u, a[i] >> 4);
	}
	text_add(&t, len <= 4 ? "in-addr.arpa." : "ip6.arpa.");
	if (dns_name_parse(t.buf, t.len, NULL, &out) < 0)
		out.len = 0; /* cannot be: 16 octets make 74 characters */
	return out;
}
