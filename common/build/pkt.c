/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/pkt.h"

#include <libnet.h>
#include <stdlib.h>
#include <string.h>

#include "wire/csum.h"

/*
 * Why libnet gets to lay out the headers and nothing more. Version 1.1.6, which distributions
 * still carry,
 * - shifts the mask instead of the IPv6 flow label, so the label goes out wrong;
 * - writes a checksum behind IPv6 extension headers into the first of them;
 * - sends a UDP sum of 0 as 0, which means "no checksum" (RFC 768) and is refused over IPv6;
 * - sums to the end of the buffer, Ethernet padding included.
 * So each of its transport sums is switched off, and finish() writes the label, the sums and the
 * padding into the finished octets. Options and payload are blocks of their own, pushed innermost
 * first, because libnet's own payload arguments reorder its list. Its random numbers, which are
 * predictable, and its address parser, which takes "1.2.3.x", are never used.
 */
struct pkt {
	libnet_t *net;
};

/* Lengths and places within one packet, in octets. */
struct plan {
	uint8_t proto;  /* of what the IP header and its extensions carry */
	size_t eth_len; /* Ethernet header and tags */
	size_t ip_len;  /* IP header, options and extension headers */
	size_t l4_len;  /* from the transport header (or ARP) to the end of the payload */
	size_t sum_at;  /* of the checksum field within l4_len */
	bool has_sum;
	bool has_pseudo; /* the checksum counts the addresses */
	bool is_v6;
};

struct pkt *pkt_new(void)
{
	char error[LIBNET_ERRBUF_SIZE];
	struct pkt *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->net = libnet_init(LIBNET_NONE, NULL, error);
	if (!p->net) {
		free(p);
		return NULL;
	}
	return p;
}

void pkt_free(struct pkt *p)
{
	if (!p)
		return;
	libnet_destroy(p->net);
	free(p);
}

static size_t whole_words(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

static size_t nd_body_len(const struct pkt_nd *nd)
{
	return 16u + (nd->has_lladdr ? 8u : 0) + (nd->has_nonce ? 8u : 0);
}

static void plan_l4(const struct pkt_spec *s, struct plan *out)
{
	out->l4_len = s->payload_len;
	out->has_sum = true;
	out->has_pseudo = true;
	switch (s->kind) {
	case PKT_RAW:
		out->proto = s->ip.proto;
		out->has_sum = false;
		break;
	case PKT_ARP:
		out->l4_len = LIBNET_ARP_ETH_IP_H;
		out->has_sum = false;
		break;
	case PKT_ICMP:
		out->proto = out->is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
		out->l4_len += LIBNET_ICMPV4_ECHO_H;
		out->sum_at = 2;
		out->has_pseudo = out->is_v6;
		break;
	case PKT_ND:
		out->proto = IPPROTO_ICMPV6;
		out->l4_len = LIBNET_ICMPV6_ECHO_H + nd_body_len(&s->nd);
		out->sum_at = 2;
		break;
	case PKT_UDP:
		out->proto = IPPROTO_UDP;
		out->l4_len += LIBNET_UDP_H;
		out->sum_at = 6;
		break;
	case PKT_TCP:
		out->proto = IPPROTO_TCP;
		out->l4_len += LIBNET_TCP_H + whole_words(s->tcp.options_len);
		out->sum_at = 16;
		break;
	}
}

static int plan_ip(const struct pkt_spec *s, struct plan *out, struct why *why)
{
	const struct pkt_ip *ip = &s->ip;

	if (s->from == PKT_FROM_L4) {
		if (s->kind == PKT_RAW || (ip->src.len && ip->src.len != ip->dst.len))
			return why_set(why, E_BAD, "a bare message needs a kind and one family");
		return 0;
	}
	if (ip->src.len != ip->dst.len)
		return why_set(why, E_BAD, "source and destination are not of one family");
	if (out->is_v6) {
		if (ip->ext_len % 8 || ip->options_len)
			return why_set(why, E_BAD, "IPv6 has no options, only headers of 8 octets");
		out->ip_len = LIBNET_IPV6_H + ip->ext_len;
		return 0;
	}
	if (ip->ext_len)
		return why_set(why, E_BAD, "IPv4 has no extension headers");
	out->ip_len = LIBNET_IPV4_H + whole_words(ip->options_len);
	return 0;
}

/* The limits of a single field, whatever the rest says. */
static int check_sizes(const struct pkt_spec *s, struct why *why)
{
	if (s->eth.n_vlans > PKT_VLANS_MAX)
		return why_set(why, E_RANGE, "a frame takes at most 2 VLAN tags");
	if (s->ip.options_len > PKT_IP4_OPTIONS_MAX)
		return why_set(why, E_RANGE, "IPv4 options take at most 40 octets");
	if (s->kind == PKT_TCP && s->tcp.options_len > PKT_TCP_OPTIONS_MAX)
		return why_set(why, E_RANGE, "TCP options take at most 40 octets");
	if (s->ip.flow_label > 0xfffff)
		return why_set(why, E_RANGE, "a flow label has 20 bits");
	if (s->payload_len > UINT16_MAX || s->ip.ext_len > UINT16_MAX)
		return why_set(why, E_RANGE, "a packet takes at most 65535 octets");
	return 0;
}

static int plan_make(const struct pkt_spec *s, struct plan *out, struct why *why)
{
	int err = check_sizes(s, why);

	if (err)
		return err;
	*out = (struct plan){.is_v6 = s->ip.dst.len == 16};
	if (s->from == PKT_FROM_ETH)
		out->eth_len = LIBNET_ETH_H + 4u * s->eth.n_vlans;
	plan_l4(s, out);
	if (s->kind == PKT_ARP) {
		if (s->from != PKT_FROM_ETH || s->arp.sender.len != 4 || s->arp.target.len != 4)
			return why_set(why, E_BAD, "ARP needs Ethernet and IPv4 addresses");
		return 0;
	}
	if (s->ip.dst.len != 4 && s->ip.dst.len != 16)
		return why_set(why, E_BAD, "a packet needs a destination address");
	if (s->kind == PKT_ND && (!out->is_v6 || s->nd.target.len != 16))
		return why_set(why, E_BAD, "neighbor discovery needs IPv6 addresses");
	err = plan_ip(s, out, why);
	if (err)
		return err;
	/* The IPv6 payload length does not count the fixed header. */
	if (out->ip_len + out->l4_len >
	    UINT16_MAX + (out->is_v6 && out->ip_len ? LIBNET_IPV6_H : 0u))
		return why_set(why, E_RANGE, "a packet takes at most 65535 octets");
	return 0;
}

/*
 * The push functions put one block in front of what is there. They return its tag, 0 for no block,
 * -1 for no memory.
 */
static libnet_ptag_t push_bytes(libnet_t *net, const uint8_t *bytes, size_t len)
{
	return len ? libnet_build_data(bytes, (uint32_t)len, net, 0) : 0;
}

static libnet_ptag_t push_arp(libnet_t *net, const struct pkt_arp *a)
{
	return libnet_build_arp(ARPHRD_ETHER, ETHERTYPE_IP, 6, 4, a->op, a->sender_mac.bytes,
				a->sender.bytes, a->target_mac.bytes, a->target.bytes, NULL, 0, net,
				0);
}

/* The echo builders lay out any message: 8 octets with two free numbers at the end. */
static libnet_ptag_t push_icmp(libnet_t *net, const struct pkt_icmp *m, bool is_v6)
{
	uint16_t high = (uint16_t)(m->rest >> 16), low = (uint16_t)m->rest;

	if (is_v6)
		return libnet_build_icmpv6_echo(m->type, m->code, 0, high, low, NULL, 0, net, 0);
	return libnet_build_icmpv4_echo(m->type, m->code, 0, high, low, NULL, 0, net, 0);
}

static libnet_ptag_t push_nd(libnet_t *net, const struct pkt_nd *nd)
{
	struct pkt_icmp icmp = {.type = nd->is_advert ? 136 : 135, .rest = nd->flags};
	uint8_t body[32];
	struct wr w = wr_make(body, sizeof(body));

	wr_bytes(&w, nd->target.bytes, 16);
	if (nd->has_lladdr) {
		wr_u8(&w, nd->is_advert ? 2 : 1); /* RFC 4861 4.6.1: of the target, of the source */
		wr_u8(&w, 1);                     /* in units of 8 octets */
		wr_bytes(&w, nd->lladdr.bytes, 6);
	}
	if (nd->has_nonce) {
		wr_u16(&w, 14 << 8 | 1); /* RFC 3971 5.3.2 */
		wr_bytes(&w, nd->nonce, 6);
	}
	if (push_bytes(net, body, w.len) < 0)
		return -1;
	return push_icmp(net, &icmp, true);
}

static libnet_ptag_t push_tcp(libnet_t *net, const struct pkt_tcp *t, uint16_t l4_len)
{
	if (t->options_len && libnet_build_tcp_options(t->options, t->options_len, net, 0) < 0)
		return -1;
	return libnet_build_tcp(t->src_port, t->dst_port, t->seq, t->ack, t->flags, t->window, 0,
				t->urgent, l4_len, NULL, 0, net, 0);
}

static libnet_ptag_t push_l4(libnet_t *net, const struct pkt_spec *s, const struct plan *plan)
{
	uint16_t len = (uint16_t)plan->l4_len;
	libnet_ptag_t payload;

	if (s->kind == PKT_ARP)
		return push_arp(net, &s->arp);
	if (s->kind == PKT_ND)
		return push_nd(net, &s->nd);
	payload = push_bytes(net, s->payload, s->payload_len);
	if (payload < 0 || s->kind == PKT_RAW)
		return payload;
	if (s->kind == PKT_ICMP)
		return push_icmp(net, &s->icmp, plan->is_v6);
	if (s->kind == PKT_UDP)
		return libnet_build_udp(s->udp.src_port, s->udp.dst_port, len, 0, NULL, 0, net, 0);
	return push_tcp(net, &s->tcp, len);
}

static libnet_ptag_t push_ip4(libnet_t *net, const struct pkt_ip *ip, const struct plan *plan)
{
	uint16_t len = (uint16_t)(plan->ip_len + plan->l4_len);
	uint32_t src, dst;

	memcpy(&src, ip->src.bytes, 4);
	memcpy(&dst, ip->dst.bytes, 4);
	if (ip->options_len && libnet_build_ipv4_options(ip->options, ip->options_len, net, 0) < 0)
		return -1;
	return libnet_build_ipv4(len, ip->tclass, ip->id, ip->df ? IP_DF : 0, ip->ttl, plan->proto,
				 0, src, dst, NULL, 0, net, 0);
}

static libnet_ptag_t push_ip6(libnet_t *net, const struct pkt_ip *ip, const struct plan *plan)
{
	struct libnet_in6_addr src, dst;
	uint16_t len = (uint16_t)(ip->ext_len + plan->l4_len);
	uint8_t next = ip->ext_len ? ip->ext_first : plan->proto;

	memcpy(&src, ip->src.bytes, 16);
	memcpy(&dst, ip->dst.bytes, 16);
	if (push_bytes(net, ip->ext, ip->ext_len) < 0)
		return -1;
	return libnet_build_ipv6(ip->tclass, 0, len, next, ip->ttl, src, dst, NULL, 0, net, 0);
}

/* Tags are laid out as data: libnet's own 802.1Q header knows a single one. */
static libnet_ptag_t push_eth(libnet_t *net, const struct pkt_eth *eth, uint16_t type)
{
	for (unsigned i = eth->n_vlans; i-- > 0; type = eth->vlan[i].tpid) {
		uint8_t tag[4];

		put_u16(tag, eth->vlan[i].tci);
		put_u16(tag + 2, type);
		if (push_bytes(net, tag, sizeof(tag)) < 0)
			return -1;
	}
	return libnet_build_ethernet(eth->dst.bytes, eth->src.bytes, type, NULL, 0, net, 0);
}

static bool push_all(libnet_t *net, const struct pkt_spec *s, const struct plan *plan)
{
	uint16_t type = plan->is_v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP;
	libnet_ptag_t l4;

	libnet_clear_packet(net);
	l4 = push_l4(net, s, plan);
	if (l4 < 0 || (plan->has_sum && libnet_toggle_checksum(net, l4, LIBNET_OFF) < 0))
		return false;
	if (plan->ip_len && (plan->is_v6 ? push_ip6 : push_ip4)(net, &s->ip, plan) < 0)
		return false;
	if (s->from != PKT_FROM_ETH)
		return true;
	return push_eth(net, &s->eth, s->kind == PKT_ARP ? ETHERTYPE_ARP : type) >= 0;
}

/* Writes into the finished octets at @at what libnet gets wrong. */
static void finish(const struct pkt_spec *s, const struct plan *plan, uint8_t *at)
{
	const struct pkt_ip *ip = &s->ip;
	uint8_t *l4;
	uint16_t sum;

	at += plan->eth_len;
	if (plan->is_v6 && plan->ip_len)
		put_u32(at, 6u << 28 | (uint32_t)ip->tclass << 20 | ip->flow_label);
	if (!plan->has_sum || (plan->has_pseudo && !ip->src.len))
		return;
	l4 = at + plan->ip_len;
	if (plan->has_pseudo)
		sum = csum_l4(&ip->src, &ip->dst, plan->proto, l4, plan->l4_len);
	else
		sum = csum_ip(l4, plan->l4_len);
	if (plan->proto == IPPROTO_UDP && !sum)
		sum = 0xffff;
	put_u16(l4 + plan->sum_at, sum);
}

int pkt_build(struct pkt *p, const struct pkt_spec *spec, struct wr *out, struct why *why)
{
	struct plan plan;
	uint8_t *bytes, *at;
	uint32_t len;
	int err = plan_make(spec, &plan, why);

	if (err)
		return err;
	if (!push_all(p->net, spec, &plan) || libnet_pblock_coalesce(p->net, &bytes, &len) < 0)
		return why_set(why, E_MEM, "out of memory for a packet");
	at = wr_space(out, spec->pad_to > len ? spec->pad_to : len);
	if (!at) {
		free(bytes);
		return why_set(why, E_FULL, "no room for a packet of %u octets", len);
	}
	memcpy(at, bytes, len);
	if (spec->pad_to > len)
		memset(at + len, 0, spec->pad_to - len);
	free(bytes);
	finish(spec, &plan, at);
	return 0;
}
