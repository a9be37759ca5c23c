/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_capture - takes packets, keeps what may be a probe, and gives answers to the probe
 * that they quote or acknowledge. traceroute_trail.c finds out what belongs together.
 */
#include "traceroute_capture.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "wire/dissect.h"

#define HEADS 65536u      /* a power of two */
#define CHAIN_LOOK 1024u  /* newest probes of a flow that an answer may be about */
#define TWIN_LOOK 8u      /* ... that a packet may have been captured as before */
#define TWIN_NS NS_PER_S  /* for so long */
#define TTL_OF_PROBES 32u /* TCP that is no SYN is a probe up to here */

/* What an answer says about the probe that it is about. */
struct clue {
	const struct quote *quote; /* NULL: not an error */
	struct addr src, dst;      /* of the probe */
	uint8_t proto;
	uint16_t a, b;
	bool has_seq;
	uint32_t seq;        /* of TCP */
	const uint8_t *data; /* of the probe, or its beginning; NULL if it does not come back */
	size_t data_len;
};

int capture_open(struct capture *c, const struct sipkey *key)
{
	*c = (struct capture){.key = *key, .heads = calloc(HEADS, sizeof(*c->heads))};
	return c->heads ? 0 : E_MEM;
}

void capture_close(struct capture *c)
{
	for (uint32_t i = 0; i < c->n_probes; i++) {
		for (struct cap_answer *a = c->probes[i].first, *next; a; a = next) {
			next = a->next;
			free(a->bytes);
			free(a);
		}
		free(c->probes[i].bytes);
	}
	free(c->probes);
	free(c->heads);
	free(c->order);
	free(c->trails);
}

static uint32_t *head_of(struct capture *c, const struct addr *dst, uint8_t proto, uint16_t a,
			 uint16_t b)
{
	uint8_t key[24] = {0};

	memcpy(key, dst->bytes, sizeof(dst->bytes));
	key[16] = dst->len;
	key[17] = proto;
	key[18] = (uint8_t)(a >> 8);
	key[19] = (uint8_t)a;
	key[20] = (uint8_t)(b >> 8);
	key[21] = (uint8_t)b;
	return &c->heads[siphash(&c->key, key, sizeof(key)) % HEADS];
}

static bool is_flow(const struct cap_probe *p, const struct addr *dst, uint8_t proto, uint16_t a,
		    uint16_t b)
{
	return p->a == a && p->b == b && p->quote.proto == proto && addr_same(&p->quote.dst, dst);
}

static void set_numbers(const struct quote *q, uint16_t *a, uint16_t *b)
{
	*a = q->has_icmp ? q->icmp_id : q->has_ports ? q->src_port : 0;
	*b = q->has_icmp ? q->icmp_seq : q->has_ports ? q->dst_port : 0;
}

/* --- answers */

/* How well the probe @p fits what the answer says; below 0: not at all. */
static int likeness(const struct cap_probe *p, const struct clue *k)
{
	const struct quote *sent = &p->quote;
	size_t len = k->data_len < sent->payload_len ? k->data_len : sent->payload_len;
	bool is_same_src = addr_same(&sent->src, &k->src);
	int n = (p->first == NULL) + 2 * is_same_src;

	if (!k->quote && !is_same_src)
		return -1;
	if (k->has_seq && sent->has_tcp_seq)
		n += sent->tcp_seq == k->seq ? 8 : 0;
	if (len && k->data && sent->payload && memcmp(sent->payload, k->data, len) == 0)
		n += 8;
	if (!k->quote)
		return n;
	n += sent->ip_id && sent->ip_id == k->quote->ip_id ? 8 : 0;
	n += sent->has_l4_csum && k->quote->has_l4_csum && sent->l4_csum == k->quote->l4_csum ? 4 :
												0;
	n += sent->total_len == k->quote->total_len ? 2 : 0;
	n += sent->flow == k->quote->flow;
	len = sent->l4_len < k->quote->l4_len ? sent->l4_len : k->quote->l4_len;
	if (len && memcmp(sent->l4, k->quote->l4, len) == 0)
		n += 8;
	return n;
}

/* The probe that the answer is about: that which fits best, of equals the oldest. */
static struct cap_probe *find(struct capture *c, const struct clue *k)
{
	uint32_t i = *head_of(c, &k->dst, k->proto, k->a, k->b);
	struct cap_probe *best = NULL;
	int most = 0;

	for (unsigned n = 0; i && n < CHAIN_LOOK; n++, i = c->probes[i - 1].chain) {
		struct cap_probe *p = &c->probes[i - 1];
		int like = is_flow(p, &k->dst, k->proto, k->a, k->b) ? likeness(p, k) : -1;

		if (like >= most) {
			best = p;
			most = like;
		}
	}
	return best;
}

/* A copy of @len octets; NULL when there is no room, and *err then says whether that is a fault. */
static uint8_t *keep(struct capture *c, const uint8_t *bytes, size_t len, int *err)
{
	uint8_t *copy;

	*err = 0;
	if (c->n_octets + len > CAPTURE_OCTETS_MAX) {
		c->n_left_out++;
		return NULL;
	}
	copy = malloc(len + 1);
	if (!copy) {
		*err = E_MEM;
		return NULL;
	}
	memcpy(copy, bytes, len);
	c->n_octets += len;
	return copy;
}

static int add_answer(struct capture *c, struct cap_probe *p, const struct dissect *d,
		      const struct layer *ip, uint64_t wall_ns)
{
	struct cap_answer *a;
	size_t len = ip->len < CAPTURE_PACKET_MAX ? ip->len : CAPTURE_PACKET_MAX;
	int err;
	uint8_t *bytes = keep(c, d->bytes + ip->off, len, &err);

	if (!bytes)
		return err;
	a = malloc(sizeof(*a));
	if (!a) {
		free(bytes);
		return E_MEM;
	}
	*a = (struct cap_answer){
		.wall_ns = wall_ns, .order = c->n_packets, .bytes = bytes, .len = len};
	if (p->last)
		p->last->next = a;
	else
		p->first = a;
	p->last = a;
	return 0;
}

static bool is_time_exceeded(const struct dissect *d)
{
	return d->icmp.type == (addr_is_v6(&d->src) ? (uint8_t)ICMP_V6_TIME_EXCEEDED :
						      (uint8_t)ICMP_V4_TIME_EXCEEDED);
}

/* The probe that the ICMP message is about; NULL if it is about none. */
static struct cap_probe *find_by_icmp(struct capture *c, const struct dissect *d)
{
	bool is_v6 = addr_is_v6(&d->src);
	const struct quote *q = &d->quote;
	struct clue k = {.src = d->dst, .dst = d->src, .a = d->icmp.id, .b = d->icmp.seq};
	struct cap_probe *p;

	k.proto = is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	if (d->icmp.type == (is_v6 ? (uint8_t)ICMP_V6_ECHO_REPLY : (uint8_t)ICMP_V4_ECHO_REPLY)) {
		k.data = d->payload;
		k.data_len = d->payload_len;
		return find(c, &k);
	}
	if (!icmp_is_error(is_v6, d->icmp.type) || !d->has_quote)
		return NULL;
	k = (struct clue){
		.quote = q,
		.src = q->src,
		.dst = q->dst,
		.proto = q->proto,
		.has_seq = q->has_tcp_seq,
		.seq = q->tcp_seq,
		.data = q->payload,
		.data_len = q->payload_len,
	};
	set_numbers(q, &k.a, &k.b);
	p = find(c, &k);
	if (p && is_time_exceeded(d))
		p->is_told_transit = true;
	return p;
}

/* ... the TCP segment or UDP datagram. */
static struct cap_probe *find_by_ports(struct capture *c, const struct dissect *d)
{
	struct clue k = {.src = d->dst, .dst = d->src, .proto = d->proto};

	if (dissect_has(d, LAYER_TCP)) {
		k.a = d->tcp.dst_port;
		k.b = d->tcp.src_port;
		k.has_seq = d->tcp.flags & TCP_F_ACK;
		k.seq = d->tcp.ack - 1;
	} else {
		k.a = d->udp.dst_port;
		k.b = d->udp.src_port;
		k.data = d->payload;
		k.data_len = d->payload_len;
	}
	return find(c, &k);
}

/* --- probes */

/* Whether a packet may be one. */
static bool is_question(const struct dissect *d, const struct quote *q)
{
	bool is_v6 = addr_is_v6(&q->dst);

	if (q->frag_off || addr_is_multicast(&q->dst) || addr_is_any(&q->dst))
		return false;
	switch (q->proto) {
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return q->has_icmp && q->icmp_type == (is_v6 ? (uint8_t)ICMP_V6_ECHO_REQUEST :
							       (uint8_t)ICMP_V4_ECHO_REQUEST);
	case IPPROTO_TCP:
		if (!dissect_has(d, LAYER_TCP))
			return false;
		if (d->tcp.flags & TCP_F_SYN)
			return !(d->tcp.flags & TCP_F_ACK);
		return d->tcp.flags == TCP_F_ACK && !d->payload_len && q->ttl <= TTL_OF_PROBES;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE: return q->has_ports;
	default: return true;
	}
}

/* All octets of an IP packet but those that change at every hop. */
static bool is_same_packet(const struct cap_probe *p, const uint8_t *bytes, size_t len)
{
	size_t ttl_at = addr_is_v6(&p->quote.dst) ? 7 : 8, behind = ttl_at == 8 ? 12 : 8;

	if (p->len != len || len < 20 || memcmp(p->bytes, bytes, ttl_at) != 0)
		return false;
	if (ttl_at == 8 && p->bytes[9] != bytes[9])
		return false;
	return memcmp(p->bytes + behind, bytes + behind, len - behind) == 0;
}

/* A capture of all interfaces sees a packet twice, where it passes through too. */
static bool is_twin(const struct capture *c, uint32_t i, const uint8_t *bytes, size_t len,
		    uint64_t wall_ns, uint8_t ttl)
{
	for (unsigned n = 0; i && n < TWIN_LOOK; n++, i = c->probes[i - 1].chain) {
		const struct cap_probe *p = &c->probes[i - 1];

		if ((p->quote.ttl == ttl || p->quote.ttl == ttl + 1) &&
		    wall_ns < p->wall_ns + TWIN_NS && is_same_packet(p, bytes, len))
			return true;
	}
	return false;
}

static int grow(struct capture *c)
{
	uint32_t cap = c->cap ? 2 * c->cap : 256;
	struct cap_probe *bigger;

	if (c->n_probes < c->cap)
		return 0;
	bigger = realloc(c->probes, cap * sizeof(*bigger));
	if (!bigger)
		return E_MEM;
	c->probes = bigger;
	c->cap = cap;
	return 0;
}

static int add_probe(struct capture *c, const struct dissect *d, const struct layer *ip,
		     uint64_t wall_ns)
{
	const uint8_t *bytes = d->bytes + ip->off;
	size_t len = ip->len < CAPTURE_PACKET_MAX ? ip->len : CAPTURE_PACKET_MAX;
	struct cap_probe p = {.wall_ns = wall_ns, .order = c->n_packets, .len = (uint16_t)len};
	uint32_t *head;
	int err;

	if (quote_parse(rd_make(bytes, len), &p.quote) < 0 || !is_question(d, &p.quote))
		return 0;
	set_numbers(&p.quote, &p.a, &p.b);
	p.is_csum_good = d->l4_csum == CSUM_GOOD;
	head = head_of(c, &p.quote.dst, p.quote.proto, p.a, p.b);
	if (is_twin(c, *head, bytes, len, wall_ns, p.quote.ttl))
		return 0;
	if (c->n_probes >= CAPTURE_PROBES_MAX) {
		c->n_left_out++;
		return 0;
	}
	if (grow(c) < 0)
		return E_MEM;
	p.bytes = keep(c, bytes, len, &err);
	if (!p.bytes)
		return err;
	err = quote_parse(rd_make(p.bytes, len), &p.quote); /* now of the copy */
	p.chain = *head;
	c->probes[c->n_probes] = p;
	*head = ++c->n_probes;
	return err;
}

int capture_take(struct capture *c, const struct link_in *in)
{
	struct cap_probe *about = NULL;
	const struct layer *ip;
	struct dissect d;
	bool is_icmp;

	c->n_packets++;
	(void)dissect_packet(in->layer == LINK_L2 ? DISSECT_L2 : DISSECT_L3, in->bytes, in->len,
			     &d);
	ip = dissect_layer(&d, LAYER_IP4);
	if (!ip)
		ip = dissect_layer(&d, LAYER_IP6);
	if (!ip || !d.src.len)
		return 0;
	is_icmp = dissect_has(&d, LAYER_ICMP4) || dissect_has(&d, LAYER_ICMP6);
	if (is_icmp && d.l4_csum != CSUM_BAD)
		about = find_by_icmp(c, &d);
	else if (dissect_has(&d, LAYER_TCP) || dissect_has(&d, LAYER_UDP))
		about = find_by_ports(c, &d);
	return about ? add_answer(c, about, &d, ip, in->wall_ns) :
		       add_probe(c, &d, ip, in->wall_ns);
}
