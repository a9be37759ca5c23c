/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/recipes.h"

#include <string.h>

#include "wire/arp.h"
#include "wire/csum.h"
#include "wire/icmp.h"
#include "wire/icmpext.h"
#include "wire/tcp.h"

static const struct mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
static const struct mac no_mac = {{0}};

static struct pkt_spec ip_spec(enum pkt_kind kind, const struct addr *src, const struct addr *dst)
{
	return (struct pkt_spec){
		.from = PKT_FROM_IP,
		.kind = kind,
		.ip = {.src = *src, .dst = *dst, .ttl = 64},
	};
}

struct pkt_spec recipe_echo(const struct addr *src, const struct addr *dst, bool is_reply,
			    uint16_t id, uint16_t seq, const void *data, size_t len)
{
	struct pkt_spec s = ip_spec(PKT_ICMP, src, dst);

	if (addr_is_v6(dst))
		s.icmp.type = is_reply ? ICMP_V6_ECHO_REPLY : ICMP_V6_ECHO_REQUEST;
	else
		s.icmp.type = is_reply ? ICMP_V4_ECHO_REPLY : ICMP_V4_ECHO_REQUEST;
	s.icmp.rest = (uint32_t)id << 16 | seq;
	s.payload = data;
	s.payload_len = len;
	return s;
}

struct pkt_spec recipe_udp(const struct addr *src, const struct addr *dst, uint16_t src_port,
			   uint16_t dst_port, const void *data, size_t len)
{
	struct pkt_spec s = ip_spec(PKT_UDP, src, dst);

	s.udp = (struct pkt_udp){.src_port = src_port, .dst_port = dst_port};
	s.payload = data;
	s.payload_len = len;
	return s;
}

struct pkt_spec recipe_syn(const struct addr *src, const struct addr *dst, uint16_t src_port,
			   uint16_t dst_port, uint32_t seq, uint16_t mss)
{
	struct pkt_spec s = ip_spec(PKT_TCP, src, dst);

	s.tcp = (struct pkt_tcp){
		.src_port = src_port, .dst_port = dst_port, .seq = seq, .window = 65535};
	s.tcp.flags = TCP_F_SYN;
	if (mss) {
		s.tcp.options[0] = 2;
		s.tcp.options[1] = 4;
		put_u16(s.tcp.options + 2, mss);
		s.tcp.options_len = 4;
	}
	return s;
}

static struct pkt_spec arp_spec(uint16_t op, const struct mac *to, const struct mac *sender_mac,
				const struct addr *sender, const struct mac *target_mac,
				const struct addr *target)
{
	return (struct pkt_spec){
		.from = PKT_FROM_ETH,
		.kind = PKT_ARP,
		.eth = {.dst = *to, .src = *sender_mac},
		.arp = {.op = op,
			.sender_mac = *sender_mac,
			.sender = *sender,
			.target_mac = *target_mac,
			.target = *target},
		.pad_to = ETH_MIN_LEN,
	};
}

struct pkt_spec recipe_arp_request(const struct mac *sender_mac, const struct addr *sender,
				   const struct addr *target)
{
	return arp_spec(ARP_REQUEST, &broadcast, sender_mac, sender, &no_mac, target);
}

struct pkt_spec recipe_arp_reply(const struct mac *sender_mac, const struct addr *sender,
				 const struct mac *target_mac, const struct addr *target)
{
	return arp_spec(ARP_REPLY, target_mac, sender_mac, sender, target_mac, target);
}

struct pkt_spec recipe_arp_probe(const struct mac *sender_mac, const struct addr *target)
{
	struct addr nobody = {.len = 4};

	return recipe_arp_request(sender_mac, &nobody, target);
}

struct pkt_spec recipe_arp_announce(const struct mac *sender_mac, const struct addr *sender)
{
	return recipe_arp_request(sender_mac, sender, sender);
}

/* The Ethernet address of an IPv6 group. RFC 2464 section 7. */
static struct mac group_mac(const struct addr *group)
{
	struct mac m = {{0x33, 0x33}};

	memcpy(m.bytes + 2, group->bytes + 12, 4);
	return m;
}

struct addr recipe_solicited_node(const struct addr *a)
{
	struct addr group = {.len = 16, .bytes = {0xff, 2, [11] = 1, [12] = 0xff}};

	memcpy(group.bytes + 13, a->bytes + 13, 3);
	return group;
}

static struct pkt_spec nd_spec(const struct mac *dst_mac, const struct addr *dst,
			       const struct mac *src_mac, const struct addr *src)
{
	struct pkt_spec s = ip_spec(PKT_ND, src, dst);

	s.from = PKT_FROM_ETH;
	s.eth = (struct pkt_eth){.dst = *dst_mac, .src = *src_mac};
	s.ip.ttl = 255; /* RFC 4861 7.1: anything less came through a router, and is discarded */
	return s;
}

struct pkt_spec recipe_ns(const struct mac *src_mac, const struct addr *src,
			  const struct addr *target)
{
	struct addr group = recipe_solicited_node(target);
	struct mac to = group_mac(&group);
	struct pkt_spec s = nd_spec(&to, &group, src_mac, src);

	s.nd = (struct pkt_nd){.target = *target, .lladdr = *src_mac};
	s.nd.has_lladdr = !addr_is_any(src);
	return s;
}

struct pkt_spec recipe_na(const struct mac *src_mac, const struct addr *target,
			  const struct mac *dst_mac, const struct addr *dst)
{
	static const uint32_t solicited = 1u << 30, override = 1u << 29;
	struct addr all_nodes = {.len = 16, .bytes = {0xff, 2, [15] = 1}};
	struct mac group = group_mac(&all_nodes);
	bool is_known = !addr_is_any(dst);
	struct pkt_spec s = is_known ? nd_spec(dst_mac, dst, src_mac, target) :
				       nd_spec(&group, &all_nodes, src_mac, target);

	s.nd = (struct pkt_nd){
		.is_advert = true,
		.flags = is_known ? solicited | override : override,
		.target = *target,
		.lladdr = *src_mac,
		.has_lladdr = true,
	};
	return s;
}

/*
 * Quote, padding and extension. Returns the length field of RFC 4884 at its place in octets 4-7, 0
 * without extension.
 */
static uint32_t error_body(const struct recipe_error *e, bool is_v6, struct wr *body)
{
	size_t room = is_v6 ? 1280 - 40 - 8 : 576 - 20 - 8;
	size_t unit = is_v6 ? 8 : 4;
	size_t ext_len = e->objects_len ? 4 + e->objects_len : 0;
	size_t quote_len, padded_len;
	uint8_t *ext;

	if (ext_len > room - 128) {
		body->bad = true;
		return 0;
	}
	room = (room - ext_len) / unit * unit;
	quote_len = e->quote_len < room ? e->quote_len : room;
	wr_bytes(body, e->quote, quote_len);
	if (!ext_len)
		return 0;
	padded_len = quote_len < 128 ? 128 : (quote_len + unit - 1) / unit * unit;
	wr_zero(body, padded_len - quote_len);
	ext = wr_space(body, ext_len);
	if (!ext)
		return 0;
	put_u32(ext, 2u << 28);
	memcpy(ext + 4, e->objects, e->objects_len);
	put_u16(ext + 2, csum_ip(ext, ext_len));
	return (uint32_t)(padded_len / unit) << (is_v6 ? 24 : 16);
}

struct pkt_spec recipe_error(const struct addr *src, const struct addr *dst,
			     const struct recipe_error *error, struct wr *body)
{
	struct pkt_spec s = ip_spec(PKT_ICMP, src, dst);
	size_t start = body->len;

	s.icmp = (struct pkt_icmp){.type = error->type, .code = error->code};
	s.icmp.rest = error->rest | error_body(error, addr_is_v6(dst), body);
	s.payload = body->buf + start;
	s.payload_len = body->len - start;
	return s;
}

/* Reserves an object with @len octets of data and writes its header. RFC 4884 section 7. */
static uint8_t *object_space(struct wr *objects, uint8_t class, uint8_t ctype, size_t len)
{
	uint8_t *at = wr_space(objects, 4 + len);

	if (!at)
		return NULL;
	put_u16(at, (uint16_t)(4 + len));
	at[2] = class;
	at[3] = ctype;
	return at + 4;
}

void recipe_mpls_object(struct wr *objects, const struct recipe_label *labels, unsigned n)
{
	uint8_t *at = object_space(objects, ICMPEXT_MPLS, 1, 4 * (size_t)n);

	for (unsigned i = 0; at && i < n; i++)
		put_u32(at + 4 * i, labels[i].label << 12 | (uint32_t)(labels[i].tc & 7) << 9 |
					    (uint32_t)(i + 1 == n) << 8 | labels[i].ttl);
}

void recipe_iface_object(struct wr *objects, const struct recipe_iface *iface)
{
	size_t name_len = iface->name ? strnlen(iface->name, 63) : 0;
	size_t name_room = name_len ? (1 + name_len + 3) & ~(size_t)3 : 0;
	size_t addr_room = iface->addr.len ? 4u + iface->addr.len : 0;
	size_t len = (iface->ifindex ? 4 : 0) + addr_room + name_room + (iface->mtu ? 4 : 0);
	uint8_t ctype = (uint8_t)(iface->role << 6 | !!iface->ifindex << 3 | !!addr_room << 2 |
				  !!name_room << 1 | !!iface->mtu);
	uint8_t *at = object_space(objects, ICMPEXT_IFINFO, ctype, len);
	struct wr data = wr_make(at, at ? len : 0);

	if (iface->ifindex)
		wr_u32(&data, iface->ifindex);
	if (addr_room) {
		wr_u16(&data, iface->addr.len == 4 ? 1 : 2); /* address family numbers of IANA */
		wr_u16(&data, 0);
		wr_bytes(&data, iface->addr.bytes, iface->addr.len);
	}
	if (name_room) {
		wr_u8(&data, (uint8_t)name_room);
		wr_bytes(&data, iface->name, name_len);
		wr_zero(&data, name_room - 1 - name_len);
	}
	if (iface->mtu)
		wr_u32(&data, iface->mtu);
}
