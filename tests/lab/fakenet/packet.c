/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet - reads a received frame down to its layer 4.
 */
#include <string.h>

#include "base/bytes.h"
#include "wire/csum.h"

#include "net.h"

#define TYPE_IP4 0x0800
#define TYPE_IP6 0x86dd

static int parse_ip4(struct packet *p, size_t len)
{
	uint8_t *ip = p->ip;
	struct rd r = rd_make(ip, len);
	size_t hdr_len = (rd_u8(&r) & 0xfu) * 4u;
	uint16_t frag;

	p->tos = rd_u8(&r);
	p->ip_len = rd_u16(&r);
	p->fragment.id = rd_u16(&r);
	frag = rd_u16(&r);
	p->fragment.off = (frag & 0x1fffu) * 8;
	p->fragment.more = frag & 0x2000;
	p->ttl = rd_u8(&r);
	p->proto = rd_u8(&r);
	rd_skip(&r, 2);
	p->src = addr_from(ip + 12, 4);
	p->dst = addr_from(ip + 16, 4);
	rd_skip(&r, 8);
	if (rd_done(&r) < 0 || p->ip_len > len || hdr_len > p->ip_len)
		return E_TRUNC;
	if (ip[0] >> 4 != 4 || hdr_len < 20 || csum_ip(ip, hdr_len))
		return E_BAD;
	p->may_fragment = !(frag & 0x4000);
	p->l4 = ip + hdr_len;
	p->l4_len = p->ip_len - hdr_len;
	return frag & 0x3fff ? E_AGAIN : 0;
}

/*
 * Steps over the extension headers in front of layer 4. Returns 0, E_TRUNC, or E_AGAIN for a
 * fragment.
 */
static int skip_extensions(struct packet *p)
{
	while (p->proto == 0 || p->proto == 43 || p->proto == 60 || p->proto == 51 ||
	       p->proto == PROTO_FRAGMENT) {
		struct rd r = rd_make(p->l4, p->l4_len);
		uint8_t next = rd_u8(&r), units = rd_u8(&r);
		bool is_fragment = p->proto == PROTO_FRAGMENT;
		size_t hdr_len = is_fragment    ? 8 :
				 p->proto == 51 ? (units + 2u) * 4 :
						  (units + 1u) * 8;
		uint16_t frag = rd_u16(&r);

		p->fragment.id = rd_u32(&r);
		if (rd_done(&r) < 0 || hdr_len > p->l4_len)
			return E_TRUNC;
		p->l4 += hdr_len;
		p->l4_len -= hdr_len;
		p->proto = next;
		if (is_fragment && (frag & 0xfff9)) {
			p->fragment.off = frag & 0xfff8;
			p->fragment.more = frag & 1;
			return E_AGAIN;
		}
	}
	return 0;
}

static int parse_ip6(struct packet *p, size_t len)
{
	uint8_t *ip = p->ip;
	struct rd r = rd_make(ip, len);
	uint32_t first = rd_u32(&r);

	p->tos = (uint8_t)(first >> 20);
	p->ip_len = 40u + rd_u16(&r);
	p->proto = rd_u8(&r);
	p->ttl = rd_u8(&r);
	rd_skip(&r, 32);
	if (rd_done(&r) < 0 || p->ip_len > len)
		return E_TRUNC;
	if (first >> 28 != 6)
		return E_BAD;
	p->src = addr_from(ip + 8, 16);
	p->dst = addr_from(ip + 24, 16);
	p->l4 = ip + 40;
	p->l4_len = p->ip_len - 40;
	return skip_extensions(p);
}

/*
 * Does what the sender's kernel left to a network card, so that what we quote is what a wire
 * would carry.
 */
static void complete_csum(struct packet *p)
{
	size_t at = p->proto == PROTO_UDP ? 6 : 16;
	uint16_t csum;

	if ((p->proto != PROTO_UDP && p->proto != PROTO_TCP) || p->l4_len < at + 2)
		return;
	put_u16(p->l4 + at, 0);
	csum = csum_l4(&p->src, &p->dst, p->proto, p->l4, p->l4_len);
	put_u16(p->l4 + at, p->proto == PROTO_UDP && !csum ? 0xffff : csum);
}

int packet_parse(const struct port_frame *frame, struct packet *out)
{
	struct rd r = rd_make(frame->bytes, frame->len);
	uint16_t type;
	int err;

	rd_skip(&r, 12);
	type = rd_u16(&r);
	*out = (struct packet){.eth = frame->bytes, .ip = frame->bytes + ETH_LEN};
	if (frame->is_cut || rd_done(&r) < 0)
		return E_TRUNC;
	if (type == TYPE_IP4)
		err = parse_ip4(out, rd_left(&r));
	else if (type == TYPE_IP6)
		err = parse_ip6(out, rd_left(&r));
	else
		return E_UNSUP;
	if (!err && frame->is_csum_partial)
		complete_csum(out);
	return err;
}
