/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/explain.h"

#include <string.h>

#include "wire/walk.h"

const char *proto_text(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_HOPOPTS: return "IPv6 hop-by-hop options";
	case IPPROTO_ICMP: return "ICMP";
	case IPPROTO_IGMP: return "IGMP";
	case IPPROTO_IPIP: return "IPv4";
	case IPPROTO_TCP: return "TCP";
	case IPPROTO_UDP: return "UDP";
	case IPPROTO_DCCP: return "DCCP";
	case IPPROTO_IPV6: return "IPv6";
	case IPPROTO_ROUTING: return "IPv6 routing header";
	case IPPROTO_FRAGMENT: return "IPv6 fragment header";
	case IPPROTO_GRE: return "GRE";
	case IPPROTO_ESP: return "ESP, encrypted";
	case IPPROTO_AH: return "authentication header";
	case IPPROTO_ICMPV6: return "ICMPv6";
	case IPPROTO_NONE: return "nothing follows";
	case IPPROTO_DSTOPTS: return "IPv6 destination options";
	case 89: return "OSPF";
	case 112: return "VRRP";
	case IPPROTO_SCTP: return "SCTP";
	case IPPROTO_MH: return "mobility header";
	case IPPROTO_UDPLITE: return "UDP-Lite";
	}
	return "not a common protocol";
}

const char *ethertype_text(uint16_t type)
{
	switch (type) {
	case ETH_IP4: return "IPv4";
	case ETH_ARP: return "ARP";
	case ETH_IP6: return "IPv6";
	case ETH_VLAN: return "802.1Q: a VLAN tag follows";
	case ETH_QINQ: return "802.1ad: a service VLAN tag follows";
	case ETH_QINQ_OLD: return "an outer VLAN tag of old switches follows";
	case 0x8035: return "RARP";
	case 0x8847: return "MPLS";
	case 0x8863: return "PPPoE discovery";
	case 0x8864: return "PPPoE session";
	case 0x88cc: return "LLDP";
	}
	return "not a common protocol";
}

const char *mac_meaning(const struct mac *m)
{
	static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t nobody[6] = {0};

	if (!memcmp(m->bytes, broadcast, 6))
		return "broadcast: every station on the link";
	if (!memcmp(m->bytes, nobody, 6))
		return "no address: not known or not used";
	if (m->bytes[0] == 0x33 && m->bytes[1] == 0x33)
		return "an IPv6 multicast group";
	if (m->bytes[0] == 1 && m->bytes[1] == 0 && m->bytes[2] == 0x5e)
		return "an IPv4 multicast group";
	if (m->bytes[0] & 1)
		return "a multicast group";
	if (m->bytes[0] & 2)
		return "one station, its address set by software";
	return "one station, its address given by the maker";
}

/* Address blocks that say something about their owner. IANA special-purpose registries. */
static const char *block_kind(const struct addr *a)
{
	const uint8_t *b = a->bytes;

	if (a->len == 16)
		return (b[0] & 0xfe) == 0xfc ? "a unique local address: routed within one site" :
					       "";
	if (b[0] == 10 || (b[0] == 172 && b[1] >> 4 == 1) || (b[0] == 192 && b[1] == 168))
		return "a private address: routed within one site";
	if (b[0] == 100 && b[1] >> 6 == 1)
		return "a shared address: behind a provider's NAT";
	return "";
}

static const char *group_kind(const struct addr *a)
{
	static const uint8_t solicited[12] = {0xff, 2, [11] = 1};
	const uint8_t *b = a->bytes;

	if (a->len == 4)
		return b[3] == 1 && b[1] == 0 && b[0] == 224 && b[2] == 0 ?
			       "all hosts on the link" :
			       "a multicast group";
	if (!memcmp(b, solicited, 12) && b[12] == 0xff)
		return "the solicited-node group of whoever holds these last three octets";
	for (unsigned i = 2; i < 15; i++)
		if (b[i])
			return "a multicast group";
	if (b[1] == 2 && b[15] == 1)
		return "all nodes on the link";
	if (b[1] == 2 && b[15] == 2)
		return "all routers on the link";
	return "a multicast group";
}

static const char *addr_kind(const struct addr *a)
{
	static const uint8_t limited[4] = {255, 255, 255, 255};

	if (addr_is_any(a))
		return "no address yet";
	if (addr_is_multicast(a))
		return group_kind(a);
	if (addr_is_loopback(a))
		return "this host itself";
	if (addr_is_link_local(a))
		return "a link-local address: never routed";
	if (a->len == 4 && !memcmp(a->bytes, limited, 4))
		return "every host on the link";
	return block_kind(a);
}

void addr_role(struct walk *w, const struct addr *a, const char *role)
{
	const char *kind = addr_kind(a);

	walk_mean(w, "%s%s%s", role, *kind ? "; " : "", kind);
}

void explain_l4(struct walk *w, uint8_t proto)
{
	if (proto == IPPROTO_UDP) {
		explain_udp(w);
	} else if (proto == IPPROTO_TCP) {
		explain_tcp(w);
	} else if (proto == (w->d->src.len == 16 ? IPPROTO_ICMPV6 : IPPROTO_ICMP)) {
		explain_icmp(w, proto == IPPROTO_ICMPV6);
	} else if (proto == IPPROTO_ESP) {
		explain_esp(w);
	} else {
		walk_layer(w, "Data", "");
		walk_payload(w, "", "of a protocol that is not explained here");
	}
}

void explain(const struct explain_packet *p, void (*emit)(void *arg, const struct explain_field *f),
	     void *arg)
{
	struct dissect d;
	struct walk w = {.in = p, .emit = emit, .arg = arg, .end = p->len, .d = &d};

	if (!p->len)
		return;
	(void)dissect_packet(p->start, p->bytes, p->len, &d);
	switch (p->start) {
	case DISSECT_L2: explain_eth(&w); break;
	case DISSECT_L3: explain_ip(&w); break;
	case DISSECT_ICMP4: explain_icmp(&w, false); break;
	case DISSECT_ICMP6: explain_icmp(&w, true); break;
	case DISSECT_DNS: explain_dns(&w); break;
	}
	if (walk_rest(&w, "Trailer")) {
		walk_count(&w);
		walk_mean(&w, "behind the end of the packet");
	}
	walk_close(&w);
}
