/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answer - what hosts say: echo replies with all that can be wrong with them, UDP, TCP.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/siphash.h"
#include "wire/csum.h"

#include "net.h"

#define ICMP_LEN 8
#define TIME_LEN 16 /* seconds and microseconds, 64 bits each, where iputils keeps them */
#define TCP_LEN 20

enum tcp_flag { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static const struct icmp_error port_unreachable = {.type4 = 3, .code4 = 3, .type6 = 1, .code6 = 4};

/*
 * Copies the request into an answer from @src, @l4_len octets long, as an echo reply still
 * without checksum.
 */
static uint8_t *begin_reply(struct fakenet *f, const struct visit *v, const struct addr *src,
			    size_t l4_len)
{
	const struct packet *p = v->packet;
	bool is_v6 = addr_is_v6(src);
	uint8_t *l4 = net_begin(f, v, src, is_v6 ? PROTO_ICMPV6 : PROTO_ICMP, v->node->ttl, l4_len);

	if (!l4)
		return NULL;
	memcpy(l4, p->l4, l4_len);
	l4[0] = is_v6 ? 129 : 0;
	return l4;
}

/* One more reply than there should be. */
static void send_extra(struct fakenet *f, const struct visit *v, const struct addr *src)
{
	size_t len = v->packet->l4_len;
	uint8_t *l4 = begin_reply(f, v, src, len);

	if (!l4)
		return;
	if (v->node->forge == FORGE_EARLY)
		rnd_fill(&v->node->rnd, l4 + ICMP_LEN, len - ICMP_LEN);
	else if (v->node->forge == FORGE_NEXT)
		put_u16(l4 + 6, (uint16_t)((l4[6] << 8 | l4[7]) + 1));
	net_icmp_csum(v, src, l4, len);
	net_send_ip(f, l4, len, 0);
}

/*
 * Moves the time that the request carries on by what the way took: who believes it measures next
 * to nothing.
 */
static void forge_time(struct visit v, uint8_t *data, size_t len)
{
	uint64_t time[2];

	if (len < TIME_LEN) {
		rnd_fill(&v.node->rnd, data, len);
		return;
	}
	memcpy(time, data, TIME_LEN);
	time[1] += v.delay_ns / 1000 + 1;
	time[0] += time[1] / 1000000;
	time[1] %= 1000000;
	memcpy(data, time, TIME_LEN);
}

static void corrupt(struct node *n, uint8_t *data, size_t len)
{
	size_t at = n->corrupt_at == ANY ? rnd_below(&n->rnd, len) : n->corrupt_at;
	uint8_t was;

	if (at >= len)
		return;
	was = data[at];
	if (n->corrupt_value != NONE)
		data[at] = (uint8_t)n->corrupt_value;
	else
		data[at] ^= n->corrupt_at == ANY ? (uint8_t)(1 + rnd_below(&n->rnd, 255)) : 0xff;
	if (data[at] != was)
		node_count(n, COUNT_CORRUPTED);
}

static void send_reply(struct fakenet *f, const struct visit *v)
{
	struct node *n = v->node;
	const struct addr *src = pair_get(&n->foreign, &v->packet->dst);
	size_t len = v->packet->l4_len, data_len = len - ICMP_LEN;
	uint64_t wait_ns = 0;
	uint8_t *l4;

	if (src)
		node_count(n, COUNT_FOREIGN);
	else
		src = &v->packet->dst;
	if (data_len > n->truncate) {
		data_len = n->truncate;
		len = ICMP_LEN + data_len;
		node_count(n, COUNT_TRUNCATED);
	}
	l4 = begin_reply(f, v, src, len);
	if (!l4)
		return;
	if (n->forge == FORGE_TIME && data_len) {
		forge_time(*v, l4 + ICMP_LEN, data_len);
		node_count(n, COUNT_FORGED);
	}
	if (n->corrupt_at != NONE)
		corrupt(n, l4 + ICMP_LEN, data_len);
	net_icmp_csum(v, src, l4, len);
	if (n->reorder_ns) {
		n->holds_back = !n->holds_back;
		wait_ns = n->holds_back ? n->reorder_ns : 0;
		n->counts[COUNT_REORDERED] += n->holds_back;
	}
	node_count(n, COUNT_REPLIES);
	net_finish(f, v, l4, len, wait_ns);
}

void answer_echo(struct fakenet *f, const struct visit *v)
{
	struct node *n = v->node;
	const struct addr *dst = &v->packet->dst;
	const struct addr *gateway = pair_get(&n->redirect, dst), *spoof = pair_get(&n->spoof, dst);

	if (n->is_silent) {
		node_count(n, COUNT_SILENT);
		return;
	}
	if (!net_passes(f, n, &n->reply_limit))
		return;
	if (gateway)
		redirect_send(f, v, gateway);
	if (n->forge == FORGE_EARLY || n->forge == FORGE_NEXT) {
		node_count(n, COUNT_FORGED);
		send_extra(f, v, dst);
	}
	if (spoof) {
		node_count(n, COUNT_SPOOFED);
		send_extra(f, v, spoof);
	}
	send_reply(f, v);
}

void answer_udp(struct fakenet *f, const struct visit *v)
{
	const struct packet *p = v->packet;
	size_t len = p->l4_len;
	uint8_t *l4;

	if (v->node->udp == L4_DEFAULT) {
		error_send(f, v, &port_unreachable);
		return;
	}
	if (v->node->udp == L4_DROP || v->node->is_silent) {
		node_count(v->node, COUNT_SILENT);
		return;
	}
	l4 = net_begin(f, v, &p->dst, PROTO_UDP, v->node->ttl, len);
	if (!l4)
		return;
	/* Swapping addresses and ports leaves the checksum as it was. */
	memcpy(l4, p->l4, len);
	memcpy(l4, p->l4 + 2, 2);
	memcpy(l4 + 2, p->l4, 2);
	node_count(v->node, COUNT_UDP);
	net_finish(f, v, l4, len, 0);
}

static void send_tcp(struct fakenet *f, const struct visit *v, uint8_t flags, uint32_t seq,
		     uint32_t ack)
{
	const struct packet *p = v->packet;
	uint8_t *l4 = net_begin(f, v, &p->dst, PROTO_TCP, v->node->ttl, TCP_LEN);
	struct wr w = wr_make(l4, TCP_LEN);

	if (!l4)
		return;
	wr_bytes(&w, p->l4 + 2, 2);
	wr_bytes(&w, p->l4, 2);
	wr_u32(&w, seq);
	wr_u32(&w, ack);
	wr_u8(&w, TCP_LEN / 4 << 4);
	wr_u8(&w, flags);
	wr_u16(&w, flags & RST ? 0 : 65535);
	wr_u32(&w, 0);
	put_u16(l4 + 16, csum_l4(&p->dst, &p->src, PROTO_TCP, l4, TCP_LEN));
	node_count(v->node, COUNT_TCP);
	net_finish(f, v, l4, TCP_LEN, 0);
}

/* RFC 9293 3.10.7.1 for a closed port. An open one completes the handshake and keeps no state. */
void answer_tcp(struct fakenet *f, const struct visit *v)
{
	const struct packet *p = v->packet;
	struct rd r = rd_make(p->l4, p->l4_len);
	uint32_t seq, ack, n_seq;
	uint8_t hdr_len, flags;

	rd_skip(&r, 4);
	seq = rd_u32(&r);
	ack = rd_u32(&r);
	hdr_len = (uint8_t)((rd_u8(&r) >> 4) * 4);
	flags = rd_u8(&r);
	if (v->node->tcp == L4_DROP || v->node->is_silent) {
		node_count(v->node, COUNT_SILENT);
		return;
	}
	if (flags & RST || hdr_len < TCP_LEN || hdr_len > p->l4_len)
		return;
	n_seq = (uint32_t)(p->l4_len - hdr_len) + !!(flags & SYN) + (flags & FIN);
	if (v->node->tcp == L4_OPEN && (flags & (SYN | ACK)) == SYN)
		send_tcp(f, v, SYN | ACK, (uint32_t)siphash(&f->topo.key, p->l4, 4), seq + 1);
	else if (v->node->tcp == L4_OPEN && !n_seq)
		return;
	else if (flags & ACK)
		send_tcp(f, v, RST, ack, 0);
	else
		send_tcp(f, v, RST | ACK, 0, seq + n_seq);
}
