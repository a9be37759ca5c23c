/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * neighbour - who has this address? ARP (RFC 826) and neighbour solicitations (RFC 4861 7.2).
 */
#include <string.h>

#include "base/bytes.h"
#include "wire/csum.h"

#include "net.h"

#define ARP_LEN 28
#define NS_LEN 24
#define NA_LEN 32
#define FLAG_ROUTER 0x80
#define FLAG_SOLICITED 0x40
#define FLAG_OVERRIDE 0x20

static struct node *owner(struct fakenet *f, const struct addr *a)
{
	struct node *n = topo_node(&f->topo, a);

	return n && !n->is_off_link && !topo_is_client(&f->topo, a) ? n : NULL;
}

void neighbour_arp(struct fakenet *f, const struct port_frame *frame)
{
	static const uint8_t request[] = {0, 1, 8, 0, 6, 4, 0, 1};
	struct rd r = rd_make(frame->bytes, frame->len);
	const uint8_t *eth = rd_bytes(&r, ETH_LEN), *arp = rd_bytes(&r, ARP_LEN);
	struct wr w = wr_make(port_slot(&f->port), f->port.slot_len);
	struct addr target;
	struct node *n;

	if (rd_done(&r) < 0 || memcmp(arp, request, sizeof(request)) != 0 || frame->has_vlan) {
		f->n_ignored++;
		return;
	}
	target = addr_from(arp + 24, 4);
	n = owner(f, &target);
	/* An announcement asks nobody. */
	if (!n || memcmp(arp + 14, arp + 24, 4) == 0) {
		f->n_ignored++;
		return;
	}
	wr_bytes(&w, eth + 6, 6);
	wr_bytes(&w, f->topo.mac.bytes, 6);
	wr_bytes(&w, eth + 12, 2);
	wr_bytes(&w, request, 7);
	wr_u8(&w, 2);
	wr_bytes(&w, f->topo.mac.bytes, 6);
	wr_bytes(&w, arp + 24, 4);
	wr_bytes(&w, arp + 8, 10);
	node_count(n, COUNT_NEIGHBOUR);
	net_send(f, w.buf, w.len, 0);
}

static void advertise(struct fakenet *f, const struct packet *p, const struct addr *target,
		      const struct node *n)
{
	static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};
	bool is_probe = addr_is_any(&p->src);
	struct addr to = is_probe ? addr_from(all_nodes, 16) : p->src;
	uint8_t flags = (uint8_t)(FLAG_OVERRIDE | (is_probe ? 0 : FLAG_SOLICITED) |
				  (n->kind == NODE_ROUTER ? FLAG_ROUTER : 0));
	struct wr w = wr_make(port_slot(&f->port), f->port.slot_len);
	uint8_t *na;

	wr_bytes(&w, p->eth + 6, 6);
	wr_bytes(&w, f->topo.mac.bytes, 6);
	wr_bytes(&w, p->eth + 12, 2);
	wr_u32(&w, 6u << 28);
	wr_u16(&w, NA_LEN);
	wr_u8(&w, PROTO_ICMPV6);
	wr_u8(&w, 255);
	wr_bytes(&w, target->bytes, 16);
	wr_bytes(&w, to.bytes, 16);
	na = w.buf + w.len;
	wr_u32(&w, 136u << 24);
	wr_u32(&w, (uint32_t)flags << 24);
	wr_bytes(&w, target->bytes, 16);
	wr_u16(&w, 2 << 8 | 1); /* option: target link-layer address, 8 octets */
	wr_bytes(&w, f->topo.mac.bytes, 6);
	put_u16(na + 2, csum_l4(target, &to, PROTO_ICMPV6, na, NA_LEN));
	net_send(f, w.buf, w.len, 0);
}

bool neighbour_nd(struct fakenet *f, const struct packet *p)
{
	struct addr target;
	struct node *n;

	if (p->proto != PROTO_ICMPV6 || p->ttl != 255 || p->l4_len < NS_LEN || p->l4[0] != 135 ||
	    p->l4[1] != 0 || csum_l4(&p->src, &p->dst, PROTO_ICMPV6, p->l4, p->l4_len))
		return false;
	target = addr_from(p->l4 + 8, 16);
	n = owner(f, &target);
	if (!n)
		return false;
	node_count(n, COUNT_NEIGHBOUR);
	advertise(f, p, &target, n);
	return true;
}
