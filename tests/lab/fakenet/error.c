/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error - ICMP errors with what they quote and what routers append, and redirects.
 *
 * Spec: RFC 792, RFC 1812 4.3.2.3 (length of the quote), RFC 4443 2.4, RFC 4884 4 and 5, RFC
 * 4861 4.5.
 */
#include <string.h>

#include "base/bytes.h"
#include "wire/csum.h"

#include "net.h"

#define ICMP_LEN 8
#define MIN_EXT_QUOTE 128 /* RFC 4884 3 */

/* How an error message is laid out behind its eight octets. */
struct layout {
	size_t quoted; /* octets of the packet */
	size_t field;  /* octets until the extension: quoted, padded with zeros */
	size_t ext;
};

static bool takes_extension(bool is_v6, uint8_t type)
{
	return is_v6 ? type == 1 || type == 3 : type == 3 || type == 11 || type == 12;
}

static struct layout lay_out(const struct node *n, const struct packet *p, uint8_t type)
{
	bool is_v6 = addr_is_v6(&p->dst);
	size_t unit = is_v6 ? 8 : 4;
	size_t hdr_len = is_v6 ? 40 : (p->ip[0] & 0xfu) * 4u;
	size_t room = is_v6 ? 1280 - 40 - ICMP_LEN : 576 - 20 - ICMP_LEN;
	struct layout l = {.quoted = p->ip_len};

	if (n->quote != NONE && l.quoted > hdr_len + n->quote)
		l.quoted = hdr_len + n->quote;
	if (takes_extension(is_v6, type))
		l.ext = n->ext_len;
	room -= l.ext;
	/* A reader that is told no length looks for the extension at octet 128 and nowhere else. */
	if (l.ext && n->ext_fault == EXT_NO_LEN)
		room = MIN_EXT_QUOTE;
	if (l.quoted > room)
		l.quoted = room;
	l.field = l.quoted;
	if (l.ext) {
		room -= room % unit;
		l.field = (l.quoted + unit - 1) / unit * unit;
		if (l.field < MIN_EXT_QUOTE)
			l.field = MIN_EXT_QUOTE;
		if (l.field > room)
			l.field = l.quoted = room;
	}
	return l;
}

static void put_quote(const struct visit *v, uint8_t *at, const struct layout *l)
{
	const struct packet *p = v->packet;
	uint32_t ttl = v->node->quote_ttl == NONE ? p->ttl - v->n_hops : v->node->quote_ttl;
	size_t hdr_len = (p->ip[0] & 0xfu) * 4u;

	memcpy(at, p->ip, l->quoted);
	memset(at + l->quoted, 0, l->field - l->quoted);
	if (addr_is_v6(&p->dst)) {
		at[7] = (uint8_t)ttl;
		return;
	}
	at[8] = (uint8_t)ttl;
	put_u16(at + 10, 0);
	put_u16(at + 10, csum_ip(at, hdr_len));
}

static const struct addr *speaker(const struct visit *v)
{
	const struct addr *dst = &v->packet->dst, *from = pair_get(&v->node->from, dst);

	if (!from && v->node->kind == NODE_ROUTER)
		from = pair_get(&v->node->addr, dst);
	return from ? from : dst;
}

void error_send(struct fakenet *f, const struct visit *v, const struct icmp_error *e)
{
	struct node *n = v->node;
	const struct addr *src = speaker(v);
	bool is_v6 = addr_is_v6(src);
	uint8_t type = is_v6 ? e->type6 : e->type4, code = is_v6 ? e->code6 : e->code4;
	struct layout l = lay_out(n, v->packet, type);
	size_t len = ICMP_LEN + l.field + l.ext;
	uint8_t *l4;

	if (n->is_silent) {
		node_count(n, COUNT_SILENT);
		return;
	}
	if (!type || !net_passes(f, n, &n->limit))
		return;
	l4 = net_begin(f, v, src, is_v6 ? PROTO_ICMPV6 : PROTO_ICMP, n->ttl, len);
	if (!l4)
		return;
	l4[0] = type;
	l4[1] = code;
	/* The pointer of an IPv4 parameter problem is one octet, that of IPv6 is four. */
	put_u32(l4 + 4, !is_v6 && type == 12 ? e->info << 24 : e->info);
	if (l.ext && n->ext_fault != EXT_NO_LEN)
		l4[is_v6 ? 4 : 5] = (uint8_t)(l.field / (is_v6 ? 8 : 4));
	put_quote(v, l4 + ICMP_LEN, &l);
	memcpy(l4 + ICMP_LEN + l.field, n->ext, l.ext);
	net_icmp_csum(v, src, l4, len);
	node_count(n, COUNT_ERRORS);
	if (type == (is_v6 ? 3 : 11))
		node_count(n, COUNT_EXCEEDED);
	if (is_v6 ? type == 2 : type == 3 && code == 4)
		node_count(n, COUNT_TOO_BIG);
	net_finish(f, v, l4, len, 0);
}

/*
 * fe80:: and the interface identifier of our MAC (RFC 4291 A): only a router on the link may
 * redirect.
 */
static struct addr link_local(const struct mac *m)
{
	const uint8_t *b = m->bytes;
	const uint8_t a[16] = {0xfe,     0x80, 0,    0,    0,    0,    0,    0,
			       b[0] ^ 2, b[1], b[2], 0xff, 0xfe, b[3], b[4], b[5]};

	return addr_from(a, 16);
}

static void redirect6(struct fakenet *f, const struct visit *v, const struct addr *via)
{
	const struct packet *p = v->packet;
	struct addr src = link_local(&f->topo.mac);
	size_t len = ICMP_LEN + 32;
	uint8_t *l4 = net_begin(f, v, &src, PROTO_ICMPV6, 255 + v->n_hops, len);
	struct wr w = wr_make(l4, len);

	if (!l4)
		return;
	wr_u32(&w, 137u << 24);
	wr_u32(&w, 0);
	wr_bytes(&w, via->bytes, 16);
	wr_bytes(&w, p->dst.bytes, 16);
	net_icmp_csum(v, &src, l4, len);
	net_send_ip(f, l4, len, 0);
}

static void redirect4(struct fakenet *f, const struct visit *v, const struct addr *via)
{
	const struct packet *p = v->packet;
	const struct addr *from = pair_get(&v->node->from, via);
	struct layout l = lay_out(v->node, p, 5);
	size_t len = ICMP_LEN + l.field;
	uint8_t *l4;

	if (!from)
		from = v->gateway ? pair_get(&v->gateway->addr, via) : &p->dst;
	l4 = net_begin(f, v, from, PROTO_ICMP, 255 + v->n_hops, len);
	if (!l4)
		return;
	l4[0] = 5;
	l4[1] = 1;
	memcpy(l4 + 4, via->bytes, 4);
	put_quote(v, l4 + ICMP_LEN, &l);
	net_icmp_csum(v, from, l4, len);
	net_send_ip(f, l4, len, 0);
}

void redirect_send(struct fakenet *f, const struct visit *v, const struct addr *via)
{
	node_count(v->node, COUNT_REDIRECTS);
	if (addr_is_v6(via))
		redirect6(f, v, via);
	else
		redirect4(f, v, via);
}
