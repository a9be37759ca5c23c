/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/phantom_port.h"

#include <stdio.h>
#include <string.h>

#include "build/recipes.h"
#include "io/frames.h"

#define IFACE_ADDRS 256u
#define HEARS \
	"arp or (icmp6 and (ip6[40] >= 135 and ip6[40] <= 136 or ip6[40] == 128)) or icmp[0] == 8"

int phantom_iface(struct netlink *nl, const char *name, const struct addr *addr, struct iface *out,
		  struct why *why)
{
	struct route_query q = {.dst = *addr};
	struct route route;
	int err;

	if (name) {
		err = iface_get(nl, name, out, why);
	} else {
		err = route_get(nl, &q, &route, why);
		if (!err)
			err = iface_by_index(nl, route.ifindex, out, why);
	}
	if (!err && (!out->has_mac || out->is_loopback || out->is_noarp))
		err = why_set(why, E_UNSUP, "%s has no neighbours: a phantom needs a LAN",
			      out->name);
	if (!err && !out->is_up)
		err = why_set(why, E_SYS, "%s is down, switch it on: 'ip link set %s up'",
			      out->name, out->name);
	return err;
}

/* The next hop to far away: a route is looked up, nothing is sent. RFC 7600 6, RFC 6666. */
static bool is_gateway(struct netlink *nl, const struct iface *iface, const struct addr *addr)
{
	static const struct addr far4 = {.len = 4, .bytes = {192, 0, 0, 8}};
	static const struct addr far6 = {.len = 16, .bytes = {1, 0, [15] = 1}};
	struct route_query q = {.dst = addr->len == 4 ? far4 : far6, .oif = iface->index};
	struct route route;

	return route_get(nl, &q, &route, NULL) == 0 && addr_same(&route.gateway, addr);
}

static bool is_on_link(const struct iface_addr *own, unsigned n, const struct addr *addr,
		       bool *is_edge)
{
	*is_edge = false;
	for (unsigned i = 0; i < n; i++) {
		struct addr first = own[i].addr, last = own[i].addr;

		if (!addr_in_prefix(addr, &own[i].addr, own[i].prefix_len))
			continue;
		addr_mask(&first, own[i].prefix_len, false);
		addr_mask(&last, own[i].prefix_len, true);
		*is_edge =
			own[i].prefix_len < 31 && (addr_cmp(addr, &first) == 0 ||
						   (addr->len == 4 && addr_cmp(addr, &last) == 0));
		return true;
	}
	return false;
}

int phantom_check(struct netlink *nl, const struct iface *iface, const struct addr *addr,
		  struct why *why)
{
	struct iface_addr own[IFACE_ADDRS];
	char text[ADDR_TEXT_MAX];
	bool is_edge;
	int n = iface_addrs(nl, 0, own, IFACE_ADDRS, why);

	addr_text(addr, text);
	if (n < 0)
		return n;
	if (addr_is_multicast(addr) || addr_is_any(addr) || addr_is_loopback(addr))
		return why_set(why, E_BAD, "%s is not an address that a host can have", text);
	for (int i = 0; i < n && i < (int)IFACE_ADDRS; i++)
		if (addr_same(&own[i].addr, addr))
			return why_set(why, E_BAD, "%s is this host's own address", text);
	n = iface_addrs(nl, iface->index, own, IFACE_ADDRS, why);
	if (n < 0)
		return n;
	if (!is_on_link(own, (unsigned)n < IFACE_ADDRS ? (unsigned)n : IFACE_ADDRS, addr, &is_edge))
		return why_set(why, E_BAD, "%s is not on the link: %s has no network with it", text,
			       iface->name);
	if (is_edge)
		return why_set(why, E_BAD,
			       "%s is the address of the network, or of everybody in it", text);
	if (is_gateway(nl, iface, addr))
		return why_set(why, E_BAD, "%s is the gateway's address", text);
	return 0;
}

/* Two hosts with one MAC address: the switch would send each what is the other's. */
static int check_mac(struct netlink *nl, const struct iface *iface, const struct mac *mac,
		     struct why *why)
{
	char text[MAC_TEXT_MAX], who[ADDR_TEXT_MAX];
	struct addr neighbour;

	if (mac_same(mac, &iface->mac) || neigh_of_mac(nl, iface->index, mac, &neighbour, NULL) < 0)
		return 0;
	return why_set(why, E_BAD, "%s is the MAC address of a neighbour, %s: choose another",
		       mac_text(mac, text), addr_text(&neighbour, who));
}

int phantom_choose_mac(struct netlink *nl, const struct iface *iface, const char *text,
		       struct rnd *rnd, struct mac *out, struct why *why)
{
	static const struct mac none;

	if (text && strcmp(text, "own") == 0) {
		*out = iface->mac;
		return 0;
	}
	if (!text || strcmp(text, "random") == 0) {
		rnd_fill(rnd, out->bytes, sizeof(out->bytes));
		out->bytes[0] = 0x02; /* IEEE 802: locally administered, unicast */
		return 0;
	}
	if (mac_parse(text, out) < 0)
		return why_set(why, E_BAD, "'%s' is not own, random, or a MAC address", text);
	if (out->bytes[0] & 1 || mac_same(out, &none))
		return why_set(why, E_BAD, "'%s' is not the MAC address of one host", text);
	return check_mac(nl, iface, out, why);
}

int phantom_open_link(struct phantom *p, const struct iface *iface, const char *more,
		      struct why *why)
{
	struct addr groups[PHANTOM_ADDRS];
	char filter[512];
	struct frames_opts opts = {
		.ifindex = iface->index,
		.filter = filter,
		/* The card drops what is for another MAC than its own. */
		.promisc = memcmp(&p->mac, &iface->mac, sizeof(p->mac)) != 0,
		.ignore_outgoing = true,
		.groups = groups,
	};

	for (unsigned i = 0; i < p->n; i++)
		if (p->dads[i].addr.len == 16)
			groups[opts.n_groups++] = recipe_solicited_node(&p->dads[i].addr);
	snprintf(filter, sizeof(filter), more ? "%s or (%s)" : "%s", HEARS, more);
	return frames_open(&opts, &p->link, why);
}
