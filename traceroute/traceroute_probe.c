/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_probe - the packets that are sent. No I/O, no clock.
 *
 * Every probe of a run looks the same to a router that spreads flows: addresses, protocol, ports,
 * flow label, TOS and length, for ICMP type, code, identifier and checksum. Which probe it is
 * stands where all routers quote it and none looks at: its mark is the IP ID, and the checksum of
 * UDP, the sequence number of ICMP, half that of TCP. Two octets of data bring the checksum about.
 * Data: octets 0-1 that balance, 2-9 the cookie (of raw protocols 8-15), then a pattern.
 */
#include <string.h>

#include "base/text.h"
#include "build/recipes.h"
#include "engine/cookie.h"
#include "traceroute_mtu.h"
#include "traceroute_multi.h"
#include "wire/csum.h"
#include "wire/ip6.h"
#include "wire/tcp.h"
#include "wire/udp.h"

#define IP4_LEN 20u
#define USUAL_LEN4 60u /* traceroute 2.1 */
#define USUAL_LEN6 80u
#define SYN_LEN 24u /* with that option */
#define TCP_LEN 20u

static size_t l4_header_len(const struct tr_opts *o)
{
	if (o->method == METHOD_TCP)
		return o->tcp_flags & TCP_F_SYN ? SYN_LEN : TCP_LEN;
	return o->method == METHOD_RAW ? 0 : UDP_HDR_LEN;
}

static size_t ip_header_len(const struct tr_opts *o, bool is_v6)
{
	uint8_t route[TR_ROUTE_MAX];
	struct addr any = {.len = 4};

	return is_v6 ? IP6_HDR_LEN : IP4_LEN + method_route(o, &any, route);
}

size_t probe_len(const struct traceroute *t, bool is_v6)
{
	size_t ip_len = ip_header_len(&t->opts, is_v6);
	size_t least = ip_len + l4_header_len(&t->opts);
	size_t len = t->opts.packet_len;

	if (t->opts.read) /* another program's probes are as they are */
		return len;
	if (!len && t->opts.method != METHOD_TCP)
		len = is_v6 ? USUAL_LEN6 : USUAL_LEN4;
	/* IPv6 has no IP ID: there the checksum must have its way. */
	if (is_v6 && t->opts.method != METHOD_TCP)
		least += probe_cookie_at(t) + TR_COOKIE_LEN;
	return len < least ? least : len;
}

uint16_t probe_mark(const struct traceroute *t, uint32_t seq)
{
	return (uint16_t)(seq + t->base);
}

uint16_t probe_seq(const struct traceroute *t, uint16_t mark)
{
	return (uint16_t)(mark - t->base);
}

uint64_t probe_cookie(const struct traceroute *t, const struct addr *dst, uint32_t seq)
{
	return cookie_make(&t->key, dst, (uint16_t)seq, seq);
}

uint16_t probe_sport(struct traceroute *t, const struct path *p, uint32_t seq)
{
	uint16_t id = tr_family_of(t, &p->target->addr)->id;

	return t->opts.method == METHOD_ICMP ? id : (uint16_t)(id + multi_flow(p->multi, seq));
}

uint16_t probe_port(const struct traceroute *t, uint32_t seq)
{
	if (t->opts.method == METHOD_TCP || !t->opts.is_classic)
		return t->opts.port;
	return (uint16_t)(t->opts.port + seq - 1);
}

bool probe_flow(struct traceroute *t, const struct path *p, char *out)
{
	struct text w = text_make(out, FLOW_TEXT_MAX);
	bool is_icmp = t->opts.method == METHOD_ICMP;
	uint16_t csum = t->opts.read ? t->opts.csum : (uint16_t)(t->key.k0 | 1);

	if (t->opts.is_classic || !(tr_family_of(t, &p->target->addr)->is_raw || t->opts.read))
		return false;
	text_add(&w, method_word(t->opts.method));
	if (t->opts.method == METHOD_RAW)
		text_addf(&w, " %u", t->opts.proto);
	else
		text_addf(&w, " %u %u", probe_sport(t, p, 0), is_icmp ? csum : t->opts.port);
	if (addr_is_v6(&p->target->addr))
		text_addf(&w, " label %u", t->opts.flow_label);
	return true;
}

uint32_t probe_tcp_seq(const struct traceroute *t, const struct addr *dst, uint32_t seq)
{
	return (uint32_t)probe_cookie(t, dst, seq) << 16 | probe_mark(t, seq);
}

size_t probe_cookie_at(const struct traceroute *t)
{
	/* Of a protocol without known ports routers look at the first octets: all alike. */
	return t->opts.method == METHOD_RAW ? 8 : TR_MARK_LEN;
}

/* The data of the probe, @len octets; its balance still 0. */
static void fill_data(struct traceroute *t, const struct addr *dst, uint32_t seq, size_t len)
{
	size_t at = probe_cookie_at(t);

	for (size_t i = 0; i < len; i++)
		t->data[i] = (uint8_t)('@' + i % 64);
	if (len >= TR_MARK_LEN)
		put_u16(t->data, 0);
	if (len >= at + TR_COOKIE_LEN)
		put_u64(t->data + at, probe_cookie(t, dst, seq));
}

/*
 * Makes the checksum in the message at @l4 say @want, by the two octets of data at @data_at, which
 * are 0. In one's complement what is missing in the sum is the sum wanted less that which is.
 */
static void balance(uint8_t *l4, size_t csum_at, size_t data_at, uint16_t want)
{
	uint16_t have = (uint16_t)(l4[csum_at] << 8 | l4[csum_at + 1]);
	uint32_t missing = (uint32_t)(uint16_t)~want + have;

	missing = (missing & 0xffff) + (missing >> 16);
	put_u16(l4 + data_at, (uint16_t)missing);
	put_u16(l4 + csum_at, want);
}

/* The checksum of echo requests, the same for all of a flow. */
static uint16_t icmp_csum(const struct traceroute *t, const struct probe *probe)
{
	const struct path *p = probe->target->notes;

	return (uint16_t)((t->key.k0 | 1) + multi_flow(p->multi, probe->seq));
}

static struct pkt_spec echo_spec(struct traceroute *t, const struct probe *probe,
				 const struct addr *src, size_t len)
{
	const struct addr *dst = &probe->target->addr;

	return recipe_echo(src, dst, false, tr_family_of(t, dst)->id, probe_mark(t, probe->seq),
			   t->data, len);
}

/* UDP-Lite, whose checksum covers all: RFC 3828 3.1. The header stands in front of the data. */
static struct pkt_spec udplite_spec(struct traceroute *t, const struct probe *probe,
				    const struct addr *src, size_t len)
{
	const struct addr *dst = &probe->target->addr;
	struct wr w = wr_make(t->data, UDP_HDR_LEN);

	memmove(t->data + UDP_HDR_LEN, t->data, len);
	wr_u16(&w, tr_family_of(t, dst)->id);
	wr_u16(&w, probe_port(t, probe->seq));
	wr_u32(&w, 0); /* coverage: everything; checksum */
	put_u16(t->data + 6, csum_l4(src, dst, IPPROTO_UDPLITE, t->data, UDP_HDR_LEN + len));
	return (struct pkt_spec){
		.from = PKT_FROM_IP,
		.kind = PKT_RAW,
		.ip = {.src = *src, .dst = *dst, .proto = IPPROTO_UDPLITE},
		.payload = t->data,
		.payload_len = UDP_HDR_LEN + len,
	};
}

static struct pkt_spec spec_of(struct traceroute *t, const struct probe *probe,
			       const struct addr *src, size_t len)
{
	const struct addr *dst = &probe->target->addr;
	uint16_t sport = probe_sport(t, probe->target->notes, probe->seq);
	uint16_t port = probe_port(t, probe->seq);
	struct pkt_spec spec = {0};

	switch (t->opts.method) {
	case METHOD_UDP: return recipe_udp(src, dst, sport, port, t->data, len);
	case METHOD_ICMP: return echo_spec(t, probe, src, len);
	case METHOD_UDPLITE: return udplite_spec(t, probe, src, len);
	case METHOD_TCP:
		spec = recipe_syn(src, dst, sport, port, 0,
				  t->opts.tcp_flags & TCP_F_SYN ? t->opts.mss : 0);
		spec.tcp.seq = probe_tcp_seq(t, dst, probe->seq);
		spec.tcp.flags = t->opts.tcp_flags;
		/* The RST that answers an ACK bears its number. */
		if (t->opts.tcp_flags & TCP_F_ACK)
			spec.tcp.ack = spec.tcp.seq;
		break;
	case METHOD_RAW:
		spec = (struct pkt_spec){
			.from = PKT_FROM_IP,
			.kind = PKT_RAW,
			.ip = {.src = *src, .dst = *dst, .proto = t->opts.proto},
		};
		break;
	}
	spec.payload = t->data;
	spec.payload_len = len;
	return spec;
}

/* Which checksum the finished message at @l4 shall have; the data has @len octets. */
static void set_csum(const struct traceroute *t, const struct probe *probe, uint8_t *l4, size_t len)
{
	if (len < TR_MARK_LEN)
		return;
	if (t->opts.method == METHOD_UDP || t->opts.method == METHOD_UDPLITE)
		balance(l4, 6, UDP_HDR_LEN, probe_mark(t, probe->seq));
	else if (t->opts.method == METHOD_ICMP && !t->opts.is_classic)
		balance(l4, 2, ICMP_HDR_LEN, icmp_csum(t, probe));
}

/* What a socket without privilege wants: its message alone, or nothing where it connects. */
static int build_message(struct traceroute *t, const struct probe *probe, size_t len,
			 struct wr *out)
{
	const struct addr *dst = &probe->target->addr;
	struct addr any = {.len = dst->len};
	struct pkt_spec spec;

	if (t->opts.method == METHOD_UDP)
		wr_bytes(out, t->data, len);
	if (t->opts.method != METHOD_ICMP)
		return wr_done(out);
	spec = echo_spec(t, probe, &any, len);
	spec.from = PKT_FROM_L4;
	return pkt_build(t->builder, &spec, out, NULL);
}

/*
 * Sends the finished packet to the first gateway: its sums are those of one to the end, which is in
 * the option (RFC 1122 4.1.3.4 wants it so). That of the header is the kernel's.
 */
static void take_detour(const struct tr_opts *o, uint8_t *packet)
{
	if (o->n_gates)
		memcpy(packet + 16, o->gates[0].bytes, 4);
}

int probe_build(void *tool, const struct probe *probe, struct wr *out)
{
	struct traceroute *t = tool;
	const struct path *p = probe->target->notes;
	const struct addr *dst = &probe->target->addr;
	bool is_v6 = addr_is_v6(dst);
	size_t ip_len = ip_header_len(&t->opts, is_v6);
	const struct mtu_probe *sized = mtu_probe(p->search, probe->seq);
	size_t all = sized ? sized->size : probe_len(t, is_v6);
	size_t len = all - ip_len - l4_header_len(&t->opts);
	struct pkt_spec spec;
	int err;

	fill_data(t, dst, probe->seq, len);
	if (!tr_family_of(t, dst)->is_raw)
		return build_message(t, probe, len, out);
	spec = spec_of(t, probe, &p->src, len);
	spec.ip.ttl = p->next_ttl;
	spec.ip.tclass = t->opts.tos;
	spec.ip.id = is_v6 ? 0 : probe_mark(t, probe->seq);
	spec.ip.df = t->opts.has_df;
	spec.ip.flow_label = is_v6 ? t->opts.flow_label : 0;
	if (!is_v6)
		spec.ip.options_len = (uint8_t)method_route(&t->opts, dst, spec.ip.options);
	err = pkt_build(t->builder, &spec, out, NULL);
	if (err)
		return err;
	set_csum(t, probe, out->buf + ip_len, len);
	take_detour(&t->opts, out->buf);
	return 0;
}

void probe_aim(void *tool, const struct probe *probe, struct link_out *out)
{
	const struct traceroute *t = tool;
	const struct path *p = probe->target->notes;

	if (t->opts.n_gates)
		out->to = t->opts.gates[0];
	if (tr_family_of(tool, &probe->target->addr)->is_raw)
		return;
	out->ttl = p->next_ttl;
	out->port = t->opts.method == METHOD_ICMP ? 0 : probe_port(t, probe->seq);
}
