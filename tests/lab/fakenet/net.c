/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/siphash.h"
#include "build/frag.h"
#include "wire/csum.h"

#define TYPE_ARP 0x0806

static const struct icmp_error ttl_exceeded = {.type4 = 11, .type6 = 3};
/* RFC 4443 3.4: the pointer leads to the next-header field of the IPv6 header. */
static const struct icmp_error no_protocol = {
	.type4 = 3, .code4 = 2, .type6 = 4, .code6 = 1, .info = 6};

bool net_passes(struct fakenet *f, struct node *n, struct bucket *b)
{
	uint64_t ahead = b->interval_ns * (b->burst - 1);

	if (!b->interval_ns)
		return true;
	if (b->next_ns < f->now_ns)
		b->next_ns = f->now_ns;
	if (b->next_ns > f->now_ns + ahead) {
		node_count(n, COUNT_LIMITED);
		return false;
	}
	b->next_ns += b->interval_ns;
	return true;
}

uint8_t *net_begin(struct fakenet *f, const struct visit *v, const struct addr *src, uint8_t proto,
		   unsigned ttl, size_t l4_len)
{
	const struct packet *p = v->packet;
	bool is_v6 = addr_is_v6(src);
	size_t hdr_len = is_v6 ? 40 : 20;
	bool is_big = hdr_len + l4_len > f->port.mtu;
	struct wr w = is_big ? wr_make(f->big, sizeof(f->big)) :
			       wr_make(port_slot(&f->port), f->port.slot_len);
	uint8_t *ip;

	if (ETH_LEN + hdr_len + l4_len > w.cap)
		return NULL;
	ttl = ttl > v->n_hops ? ttl - v->n_hops : 1;
	wr_bytes(&w, p->eth + 6, 6);
	wr_bytes(&w, p->eth, 6);
	wr_bytes(&w, p->eth + 12, 2);
	ip = w.buf + w.len;
	if (is_v6) {
		wr_u32(&w, 6u << 28 | (uint32_t)p->tos << 20);
		wr_u16(&w, (uint16_t)l4_len);
		wr_u8(&w, proto);
		wr_u8(&w, (uint8_t)ttl);
	} else {
		wr_u16(&w, (uint16_t)(0x4500 | p->tos));
		wr_u16(&w, (uint16_t)(hdr_len + l4_len));
		wr_u16(&w, f->ip_id++);
		wr_u16(&w, 0);
		wr_u8(&w, (uint8_t)ttl);
		wr_u8(&w, proto);
		wr_u16(&w, 0);
	}
	wr_bytes(&w, src->bytes, src->len);
	wr_bytes(&w, p->src.bytes, p->src.len);
	if (!is_v6)
		put_u16(ip + 10, csum_ip(ip, hdr_len));
	return w.buf + w.len;
}

void net_icmp_csum(const struct visit *v, const struct addr *src, uint8_t *l4, size_t len)
{
	put_u16(l4 + 2, 0);
	put_u16(l4 + 2, addr_is_v6(src) ? csum_l4(src, &v->packet->src, PROTO_ICMPV6, l4, len) :
					  csum_ip(l4, len));
	if (v->node->has_bad_csum) {
		l4[2] ^= 0x55;
		node_count(v->node, COUNT_BADCSUM);
	}
}

/* A frame larger than the MTU, in fragments. An IPv4 packet has an identification already. */
static void send_cut(struct fakenet *f, const uint8_t *frame, size_t len, uint64_t delay_ns)
{
	const uint8_t *ip = frame + ETH_LEN;
	bool is_v6 = ip[0] >> 4 == 6;
	size_t size = (f->port.mtu - (is_v6 ? FRAG_HDR_MAX : 20)) & ~(size_t)(FRAG_UNIT - 1);
	uint32_t id = is_v6 ? ++f->ip_id : (uint32_t)ip[4] << 8 | ip[5];
	struct frag cut;
	int err = frag_start(&cut, ip, len - ETH_LEN, size, id);

	while (!err) {
		uint8_t *slot = port_slot(&f->port);
		struct wr w = wr_make(slot, ETH_LEN + f->port.mtu);

		wr_bytes(&w, frame, ETH_LEN);
		if (frag_next(&cut, &w) <= 0)
			return;
		net_send(f, slot, w.len, delay_ns);
	}
}

void net_send(struct fakenet *f, const uint8_t *frame, size_t len, uint64_t delay_ns)
{
	uint8_t *slot = port_slot(&f->port);

	if (len > f->port.mtu + ETH_LEN) {
		send_cut(f, frame, len, delay_ns);
		return;
	}
	if (delay_ns) {
		if (late_add(&f->late, f->now_ns + delay_ns, frame, len) < 0)
			f->n_unsent++;
		return;
	}
	if (slot != frame)
		memcpy(slot, frame, len);
	port_push(&f->port, len);
}

/* Where the frame starts whose layer 4 begins at @l4: in the big buffer, or in the slot. */
static const uint8_t *frame_of(struct fakenet *f, const uint8_t *l4)
{
	return l4 > f->big && l4 < f->big + sizeof(f->big) ? f->big : port_slot(&f->port);
}

void net_send_ip(struct fakenet *f, const uint8_t *l4, size_t l4_len, uint64_t delay_ns)
{
	const uint8_t *frame = frame_of(f, l4);

	net_send(f, frame, (size_t)(l4 - frame) + l4_len, delay_ns);
}

void net_finish(struct fakenet *f, const struct visit *v, const uint8_t *l4, size_t l4_len,
		uint64_t extra_ns)
{
	const uint8_t *frame = frame_of(f, l4);
	size_t len = (size_t)(l4 - frame) + l4_len;

	for (uint32_t i = 0; i < v->node->copies; i++)
		net_send(f, frame, len, v->delay_ns + extra_ns);
	v->node->counts[COUNT_DUPLICATES] += v->node->copies - 1;
}

void net_due(struct fakenet *f)
{
	struct late_frame *l;

	while ((l = late_take(&f->late, f->now_ns))) {
		memcpy(port_slot(&f->port), l->bytes, l->len);
		port_push(&f->port, l->len);
		free(l);
	}
}

/*
 * What balancers look at: addresses, protocol, flow label, ports or ICMP type, code and
 * checksum.
 */
static uint64_t flow_hash(const struct topo *t, const struct packet *p, struct path *path)
{
	uint8_t buf[16 + 16 + 1 + 4 + 4];
	struct wr w = wr_make(buf, sizeof(buf));

	if (path->balance == BALANCE_PACKET)
		return rnd_u64(&path->rnd);
	wr_bytes(&w, p->dst.bytes, 16);
	if (path->balance == BALANCE_FLOW) {
		wr_bytes(&w, p->src.bytes, 16);
		wr_u8(&w, p->proto);
		wr_bytes(&w, p->ip, addr_is_v6(&p->dst) ? 4 : 0);
		wr_bytes(&w, p->l4, p->l4_len < 4 ? p->l4_len : 4);
	}
	return siphash(&t->key, buf, w.len);
}

static const struct way *choose_way(const struct path *path, uint64_t hash)
{
	uint64_t at = (hash >> 32) % path->weight;
	const struct way *w = path->ways;

	while (at >= w->weight) {
		at -= w->weight;
		w = w->next;
	}
	return w;
}

static struct node *choose_router(const struct hop *hop, uint64_t hash, unsigned index)
{
	struct rnd r = rnd_seeded(hash + index * 0x2545f4914f6cdd1d);

	return hop->nodes[rnd_below(&r, hop->n)];
}

/* The link to @n takes its time, and its toll. Returns whether the packet got over. */
static bool cross_link(struct visit *v, struct node *n)
{
	v->node = n;
	v->delay_ns += n->delay_ns;
	if (n->jitter_ns)
		v->delay_ns += rnd_below(&n->rnd, n->jitter_ns);
	if (n->loss > 0 && rnd_unit(&n->rnd) < n->loss) {
		node_count(n, COUNT_LOST);
		return false;
	}
	return true;
}

/* Returns whether the packet is small enough for @v's node, which complains if it is not. */
static bool fits(struct fakenet *f, const struct visit *v)
{
	struct node *n = v->node;
	struct icmp_error too_big = {.type4 = 3, .code4 = 4, .type6 = 2};

	if (v->packet->ip_len <= n->mtu || v->packet->may_fragment)
		return true;
	too_big.info = n->mtu_said == NONE ? n->mtu : n->mtu_said;
	if (n->is_blackhole)
		node_count(n, COUNT_BLACKHOLED);
	else
		error_send(f, v, &too_big);
	return false;
}

/*
 * Leads the packet along its routers. Returns whether it got to the end of the way, or to its
 * destination before.
 */
static bool travel(struct fakenet *f, struct visit *v, const struct node *dst)
{
	const struct packet *p = v->packet;
	struct path *path = lpm_find(&f->topo.path_to, &p->dst);
	const struct way *way;
	uint64_t hash;

	if (!path)
		return true;
	hash = flow_hash(&f->topo, p, path);
	way = choose_way(path, hash);
	for (unsigned i = 0; i < way->n_hops; i++) {
		struct node *router = choose_router(&way->hops[i], hash, i);

		if (router == dst)
			return true;
		if (!v->gateway)
			v->gateway = router;
		if (!cross_link(v, router))
			return false;
		if (p->ttl <= v->n_hops + 1) {
			error_send(f, v, &ttl_exceeded);
			return false;
		}
		if (!fits(f, v))
			return false;
		node_count(router, COUNT_FORWARDED);
		v->n_hops++;
	}
	return true;
}

/* A host drops what does not add up; a router on the way does not look. */
static bool is_sound(const struct packet *p)
{
	if (p->proto == PROTO_ICMP)
		return p->l4_len >= 8 && !csum_ip(p->l4, p->l4_len);
	if (p->proto == PROTO_UDP && p->l4_len >= 8 && !addr_is_v6(&p->dst) && !p->l4[6] &&
	    !p->l4[7])
		return true;
	if (p->proto == PROTO_ICMPV6 || p->proto == PROTO_UDP || p->proto == PROTO_TCP)
		return p->l4_len >= (p->proto == PROTO_TCP ? 20 : 8) &&
		       !csum_l4(&p->src, &p->dst, p->proto, p->l4, p->l4_len);
	return true;
}

static bool is_echo_request(const struct packet *p)
{
	return p->l4[0] == (addr_is_v6(&p->dst) ? 128 : 8) && p->l4[1] == 0;
}

/* The packet has arrived where it was going. */
static void answer(struct fakenet *f, const struct visit *v)
{
	const struct packet *p = v->packet;
	struct node *n = v->node;
	bool is_icmp = p->proto == (addr_is_v6(&p->dst) ? PROTO_ICMPV6 : PROTO_ICMP);

	if (!is_sound(p)) {
		f->n_malformed++;
		return;
	}
	if (is_icmp && !is_echo_request(p)) {
		f->n_ignored++;
		return;
	}
	node_count(n, COUNT_REQUESTS);
	if (n->error.type4 || n->error.type6)
		error_send(f, v, &n->error);
	else if (is_icmp)
		answer_echo(f, v);
	else if (p->proto == PROTO_UDP)
		answer_udp(f, v);
	else if (p->proto == PROTO_TCP)
		answer_tcp(f, v);
	else
		error_send(f, v, &no_protocol);
}

static void net_packet(struct fakenet *f, const struct packet *p)
{
	struct node *dst = topo_node(&f->topo, &p->dst);
	struct visit v = {.packet = p};

	if (!travel(f, &v, dst))
		return;
	if (!dst)
		f->n_unowned++;
	else if (cross_link(&v, dst) && fits(f, &v))
		answer(f, &v);
}

void net_frame(struct fakenet *f, const struct port_frame *frame)
{
	struct port_frame whole;
	struct packet p;
	bool is_ours, was_cut = false;
	int err;

	if (frame->len >= ETH_LEN && frame->bytes[12] == TYPE_ARP >> 8 &&
	    frame->bytes[13] == (TYPE_ARP & 0xff)) {
		neighbour_arp(f, frame);
		return;
	}
	err = packet_parse(frame, &p);
	is_ours = frame->len >= ETH_LEN && memcmp(frame->bytes, f->topo.mac.bytes, 6) == 0;
	if (!err && neighbour_nd(f, &p))
		return;
	if (err == E_UNSUP || frame->has_vlan || !is_ours) {
		f->n_ignored++;
		return;
	}
	if (err == E_AGAIN) {
		f->n_fragments++;
		if (!fragment_join(&f->fragments, &p, &whole))
			return;
		err = packet_parse(&whole, &p);
		was_cut = true;
	}
	if (err) {
		f->n_malformed++;
		return;
	}
	p.may_fragment |= was_cut;
	net_packet(f, &p);
}
