/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/dhcp.h"

#include <string.h>

static struct addr read_addr(struct rd *r)
{
	uint8_t bytes[4];

	rd_copy(r, bytes, sizeof(bytes));
	return addr_from(bytes, 4);
}

static void read_head(struct rd *r, struct dhcp_msg *m)
{
	struct dhcp_head *h = &m->head;

	h->op = rd_u8(r);
	h->htype = rd_u8(r);
	h->hlen = rd_u8(r);
	h->hops = rd_u8(r);
	h->xid = rd_u32(r);
	h->secs = rd_u16(r);
	h->flags = rd_u16(r);
	h->ciaddr = read_addr(r);
	h->yiaddr = read_addr(r);
	h->siaddr = read_addr(r);
	h->giaddr = read_addr(r);
	rd_copy(r, h->chaddr, sizeof(h->chaddr));
	m->sname = rd_bytes(r, DHCP_SNAME_LEN);
	m->file = rd_bytes(r, DHCP_FILE_LEN);
}

static struct rd field_at(const struct dhcp_msg *m, enum dhcp_where where)
{
	switch (where) {
	case DHCP_IN_FILE: return rd_make(m->file, m->overload & 1 ? DHCP_FILE_LEN : 0);
	case DHCP_IN_SNAME: return rd_make(m->sname, m->overload & 2 ? DHCP_SNAME_LEN : 0);
	case DHCP_IN_OPTIONS: break;
	}
	return rd_make(m->options, m->options_len);
}

struct dhcp_walk dhcp_pieces(const struct dhcp_msg *m)
{
	return (struct dhcp_walk){
		.msg = m,
		.where = DHCP_IN_OPTIONS,
		.rd = field_at(m, DHCP_IN_OPTIONS),
	};
}

/* The next piece of the field at hand. END is optional: the field may just be full. */
static int next_in_field(struct rd *r, struct dhcp_piece *out)
{
	while (rd_left(r)) {
		out->code = rd_u8(r);
		if (out->code == DHCP_OPT_PAD)
			continue;
		if (out->code == DHCP_OPT_END) {
			(void)rd_rest(r);
			return 0;
		}
		out->len = rd_u8(r);
		out->data = rd_bytes(r, out->len);
		return rd_done(r) < 0 ? E_BAD : 1;
	}
	return 0;
}

int dhcp_next(struct dhcp_walk *w, struct dhcp_piece *out)
{
	for (;;) {
		int more = next_in_field(&w->rd, out);

		out->where = w->where;
		if (more || w->where == DHCP_IN_SNAME)
			return more;
		w->where = w->where == DHCP_IN_OPTIONS ? DHCP_IN_FILE : DHCP_IN_SNAME;
		w->rd = field_at(w->msg, w->where);
	}
}

/* Only the options field can say that the others hold options: no recursion. */
static int read_overload(struct dhcp_msg *m)
{
	struct dhcp_walk w = dhcp_pieces(m);
	struct dhcp_piece p;
	int more;

	while ((more = dhcp_next(&w, &p)) == 1 && p.where == DHCP_IN_OPTIONS)
		if (p.code == DHCP_OPT_OVERLOAD && p.len == 1 && p.data[0] <= 3)
			m->overload = p.data[0];
	return more < 0 ? more : 0;
}

static int check_pieces(struct dhcp_msg *m)
{
	struct dhcp_walk w = dhcp_pieces(m);
	struct dhcp_piece p;
	const uint8_t *type;
	int more, err;

	while ((more = dhcp_next(&w, &p)) == 1)
		;
	if (more < 0)
		return more;
	type = dhcp_find_fixed(m, DHCP_OPT_TYPE, 1, NULL, &err);
	m->type = type ? (enum dhcp_type) * type : DHCP_NO_TYPE;
	return 0;
}

int dhcp_parse(const void *bytes, size_t len, struct dhcp_msg *out)
{
	struct rd r = rd_make(bytes, len), rest;
	uint32_t cookie;

	*out = (struct dhcp_msg){0};
	read_head(&r, out);
	cookie = rd_u32(&r);
	rest = rd_rest(&r);
	if (rd_done(&r) < 0)
		return E_TRUNC;
	out->options = rest.buf;
	out->options_len = rest.len;
	if (cookie != DHCP_COOKIE) {
		out->options_len = 0;
		return E_UNSUP;
	}
	if (read_overload(out) < 0)
		return E_BAD;
	return check_pieces(out);
}

int dhcp_find(const struct dhcp_msg *m, uint8_t code, struct dhcp_value *out)
{
	struct dhcp_walk w = dhcp_pieces(m);
	struct dhcp_piece p;

	out->data = NULL;
	out->len = out->n_pieces = 0;
	while (dhcp_next(&w, &p) == 1) {
		if (p.code != code)
			continue;
		if (out->len + p.len > DHCP_VALUE_MAX)
			return E_RANGE;
		if (out->n_pieces++ == 0) {
			out->data = p.data;
			out->where = p.where;
			memcpy(out->joined, p.data, p.len);
		} else {
			memcpy(out->joined + out->len, p.data, p.len);
			out->data = out->joined;
		}
		out->len += p.len;
	}
	return out->n_pieces ? 0 : E_NOENT;
}

const uint8_t *dhcp_find_fixed(const struct dhcp_msg *m, uint8_t code, size_t size,
			       bool *is_repeated, int *err)
{
	struct dhcp_walk w = dhcp_pieces(m);
	const uint8_t *first = NULL;
	struct dhcp_piece p;
	unsigned n = 0;

	*err = E_NOENT;
	while (dhcp_next(&w, &p) == 1) {
		if (p.code != code)
			continue;
		if (p.len != size) {
			*err = E_BAD;
			return NULL;
		}
		if (n++ == 0)
			first = p.data;
	}
	if (is_repeated)
		*is_repeated = n > 1;
	if (first)
		*err = 0;
	return first;
}

int dhcp_find_u32(const struct dhcp_msg *m, uint8_t code, uint32_t *out)
{
	int err;
	struct rd r = rd_make(dhcp_find_fixed(m, code, 4, NULL, &err), 4);

	*out = err ? 0 : rd_u32(&r);
	return err;
}

int dhcp_find_addr(const struct dhcp_msg *m, uint8_t code, struct addr *out)
{
	int err;
	const uint8_t *bytes = dhcp_find_fixed(m, code, 4, NULL, &err);

	*out = bytes ? addr_from(bytes, 4) : (struct addr){.len = 4};
	return err;
}

void dhcp_put_head(struct wr *w, const struct dhcp_head *h)
{
	wr_u8(w, h->op);
	wr_u8(w, h->htype);
	wr_u8(w, h->hlen);
	wr_u8(w, h->hops);
	wr_u32(w, h->xid);
	wr_u16(w, h->secs);
	wr_u16(w, h->flags);
	wr_bytes(w, h->ciaddr.bytes, 4);
	wr_bytes(w, h->yiaddr.bytes, 4);
	wr_bytes(w, h->siaddr.bytes, 4);
	wr_bytes(w, h->giaddr.bytes, 4);
	wr_bytes(w, h->chaddr, sizeof(h->chaddr));
	wr_zero(w, DHCP_SNAME_LEN + DHCP_FILE_LEN);
	wr_u32(w, DHCP_COOKIE);
}

void dhcp_put(struct wr *w, uint8_t code, const void *data, size_t len)
{
	const uint8_t *from = data;

	do {
		size_t n = len < 255 ? len : 255;

		wr_u8(w, code);
		wr_u8(w, (uint8_t)n);
		wr_bytes(w, from, n);
		from += n;
		len -= n;
	} while (len);
}

void dhcp_put_u8(struct wr *w, uint8_t code, uint8_t v)
{
	dhcp_put(w, code, &v, 1);
}

void dhcp_put_u16(struct wr *w, uint8_t code, uint16_t v)
{
	uint8_t bytes[2];

	put_u16(bytes, v);
	dhcp_put(w, code, bytes, sizeof(bytes));
}

void dhcp_put_u32(struct wr *w, uint8_t code, uint32_t v)
{
	uint8_t bytes[4];

	put_u32(bytes, v);
	dhcp_put(w, code, bytes, sizeof(bytes));
}

void dhcp_put_addr(struct wr *w, uint8_t code, const struct addr *a)
{
	dhcp_put(w, code, a->bytes, 4);
}

void dhcp_put_end(struct wr *w)
{
	wr_u8(w, DHCP_OPT_END);
	if (w->len < DHCP_MIN_LEN)
		wr_zero(w, DHCP_MIN_LEN - w->len);
}

const char *dhcp_type_word(enum dhcp_type type)
{
	static const char *const words[] = {
		[DHCP_DISCOVER] = "DISCOVER",
		[DHCP_OFFER] = "OFFER",
		[DHCP_REQUEST] = "REQUEST",
		[DHCP_DECLINE] = "DECLINE",
		[DHCP_ACK] = "ACK",
		[DHCP_NAK] = "NAK",
		[DHCP_RELEASE] = "RELEASE",
		[DHCP_INFORM] = "INFORM",
		[DHCP_FORCERENEW] = "FORCERENEW",
	};

	return (unsigned)type < sizeof(words) / sizeof(words[0]) ? words[type] : NULL;
}

const char *dhcp_where_word(enum dhcp_where where)
{
	static const char *const words[] = {"options", "file", "sname"};

	return words[where];
}
