/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arping_port - where and as whom the questions are asked, and what is known of a target before.
 */
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arping.h"
#include "base/num.h"
#include "build/recipes.h"
#include "io/frames.h"
#include "io/priv.h"

/*
 * ARP and neighbour discovery, bare or below one tag: the kernel takes the outer tag of a frame off
 * before the filter sees it. 12 and 16 are the places of a type, 135 and 136 solicitation and
 * advertisement.
 */
#define FILTER "arp or (icmp6 and (ip6[40] == 135 or ip6[40] == 136))"
#define FILTER_REVERSE "arp or (icmp6 and (ip6[40] == 135 or ip6[40] == 136 or ip6[40] == 129))"
#define LOOK_NS \
	(100 * NS_PER_MS) /* a sweep has many silent addresses, and netlink takes its time */
#define FILTER_TAGGED \
	FILTER " or ((ether[12:2] == 0x8100 or ether[12:2] == 0x88a8 or ether[12:2] == 0x9100) and " \
	       "(ether[16:2] == 0x0806 or ether[16:2] == 0x86dd or ether[16:2] == 0x8100))"

/* Where no target names one: the interface of a host that has but one that could ask. */
static bool take_only_iface(struct arping *a)
{
	struct iface all[DAD_MACS];
	int n = iface_list(a->run->netlink, all, DAD_MACS, NULL);
	unsigned n_able = 0;

	for (unsigned i = 0; n > 0 && i < (unsigned)n && i < DAD_MACS; i++)
		if (arping_port_check(&all[i], NULL) == 0) {
			a->port.iface = all[i];
			n_able++;
		}
	return n_able == 1 && (unsigned)n <= DAD_MACS;
}

static int choose_iface(struct arping *a, struct why *why)
{
	struct route_query q = {.dst = a->first, .src = a->opts.source};
	const struct iface_addr *own;
	struct route route;
	int err;

	if (a->opts.ifname)
		return iface_get(a->run->netlink, a->opts.ifname, &a->port.iface, why);
	if (!q.dst.len && take_only_iface(a))
		return 0;
	if (!q.dst.len)
		return why_set(
			why, E_BAD,
			"through which interface? Name it: -I eth0 ('ip -br link' lists them)");
	own = arping_own(a, &q.dst);
	if (own)
		return iface_by_index(a->run->netlink, own->ifindex, &a->port.iface, why);
	if (q.dst.zone)
		return iface_by_index(a->run->netlink, q.dst.zone, &a->port.iface, why);
	err = route_get(a->run->netlink, &q, &route, why);
	if (err < 0)
		return err;
	return iface_by_index(a->run->netlink, route.ifindex, &a->port.iface, why);
}

/* The kernel may have its reasons for an address: a peer's, or one that a route names (src). */
static void learn_preferred(struct arping *a)
{
	struct route_query q = {.dst = a->first, .oif = a->port.iface.index};
	const struct iface_addr *own;
	struct route route;

	q.dst.zone = 0;
	if (!q.dst.len || route_get(a->run->netlink, &q, &route, NULL) < 0)
		return;
	own = arping_own(a, &route.src);
	if (own && own->ifindex == q.oif)
		a->port.preferred = route.src;
}

/* What would be sent into nothing must never look like silence. */
int arping_port_check(const struct iface *i, struct why *why)
{
	if (i->is_loopback || i->is_noarp || !i->has_mac)
		return why_set(
			why, E_UNSUP,
			"inconclusive: %s has no neighbours to ask (%s), name another interface with -I",
			i->name, i->is_loopback ? "it is the loopback" : "it is NOARP");
	if (!i->is_up)
		return why_set(why, E_SYS,
			       "inconclusive: %s is down, switch it on: 'ip link set %s up'",
			       i->name, i->name);
	if (!i->is_lower_up)
		return why_set(
			why, E_SYS,
			"inconclusive: %s has no carrier, look after its cable or access point",
			i->name);
	return 0;
}

bool arping_port_is_lost(struct arping *a)
{
	struct arping_port *p = &a->port;
	uint64_t now_ns = clock_mono(a->run->clock);
	struct iface now;

	if (p->lost.text[0] || now_ns - p->looked_ns < LOOK_NS)
		return p->lost.text[0];
	p->looked_ns = now_ns;
	return iface_by_index(a->run->netlink, p->iface.index, &now, &p->lost) < 0 ||
	       arping_port_check(&now, &p->lost) < 0;
}

/* Its addresses, and the MAC addresses of all its interfaces. */
static int learn_this_host(struct arping *a, struct why *why)
{
	struct arping_port *p = &a->port;
	struct iface all[DAD_MACS];
	int n = iface_addrs(a->run->netlink, 0, p->own, ARPING_OWN_ADDRS, why);

	if (n < 0)
		return n;
	p->n_own = (unsigned)n < ARPING_OWN_ADDRS ? (unsigned)n : ARPING_OWN_ADDRS;
	n = iface_list(a->run->netlink, all, DAD_MACS, why);
	for (unsigned i = 0; n > 0 && i < (unsigned)n && i < DAD_MACS; i++)
		if (all[i].has_mac && !all[i].is_loopback)
			p->macs[p->n_macs++] = all[i].mac;
	return n < 0 ? n : 0;
}

int arping_port_open(struct arping *a, struct why *why)
{
	struct frames_opts opts = {
		.filter = a->opts.n_vlans    ? FILTER_TAGGED :
			  a->opts.is_reverse ? FILTER_REVERSE :
					       FILTER,
		.ignore_outgoing = true,
		.promisc = a->opts.is_promisc,
		.stamp_queued = !a->is_sweep,
	};
	struct addr group;
	int err = learn_this_host(a, why);

	if (!err)
		err = choose_iface(a, why);
	if (!err)
		err = arping_port_check(&a->port.iface, why);
	if (err)
		return err;
	learn_preferred(a);
	opts.ifindex = a->port.iface.index;
	if (a->opts.is_dad && a->first.len == 16) {
		group = recipe_solicited_node(&a->first);
		opts.groups = &group;
		opts.n_groups = 1;
	}
	err = frames_open(&opts, &a->port.link, why);
	return err == E_PERM ? priv_refused(why, "packet") : err;
}

const struct iface_addr *arping_own(const struct arping *a, const struct addr *addr)
{
	for (unsigned i = 0; i < a->port.n_own; i++)
		if (addr_same(&a->port.own[i].addr, addr))
			return &a->port.own[i];
	return NULL;
}

/*
 * Of the interface's addresses, the one nearest to the target (RFC 6724 5, within one link); of two
 * equally near, the one that the kernel prefers.
 */
struct addr arping_source_to(const struct arping *a, const struct addr *target)
{
	struct addr best = {.len = target->len};
	int best_rank = -1;

	if (a->opts.is_zero_source)
		return best;
	if (a->opts.source.len == target->len)
		return a->opts.source;
	for (unsigned i = 0; i < a->port.n_own; i++) {
		const struct iface_addr *own = &a->port.own[i];
		int rank;

		if (own->ifindex != a->port.iface.index || own->addr.len != target->len)
			continue;
		rank = addr_in_prefix(target, &own->addr, own->prefix_len) ? 4 : 0;
		rank += addr_is_link_local(&own->addr) == addr_is_link_local(target) ? 2 : 0;
		rank += addr_same(&own->addr, &a->port.preferred);
		if (rank > best_rank) {
			best = own->addr;
			best_rank = rank;
		}
	}
	return best;
}

struct arping_notes *arping_notes(struct target *t)
{
	if (!t->notes)
		t->notes = calloc(1, sizeof(struct arping_notes));
	return t->notes;
}

static bool is_group(const struct arping *a, const struct addr *addr)
{
	struct addr all = {.len = 4, .bytes = {255, 255, 255, 255}}, last;

	if (addr_is_multicast(addr) || addr_is_any(addr) || addr_same(addr, &all))
		return true;
	for (unsigned i = 0; i < a->port.n_own; i++) {
		const struct iface_addr *own = &a->port.own[i];

		if (own->addr.len != 4 || own->prefix_len > 30)
			continue;
		last = own->addr;
		addr_mask(&last, own->prefix_len, true);
		if (addr_same(&last, addr))
			return true;
	}
	return false;
}

/* The routing table knows whether a neighbour can have this address at all. */
static void look_up_route(struct arping *a, struct target *t, struct arping_notes *notes)
{
	struct route_query q = {.dst = t->addr, .oif = a->port.iface.index};
	char text[ADDR_TEXT_MAX];

	q.dst.zone = 0;
	if (route_get(a->run->netlink, &q, &notes->route, NULL) < 0 || !notes->route.gateway.len)
		return;
	notes->is_off_link = true;
	if (a->opts.via_gateway) {
		notes->asked_for = t->addr;
		if (!t->name) /* it is no longer the text of the address */
			t->name = strdup(addr_text(&t->addr, text));
		t->addr = notes->route.gateway;
	}
}

int arping_admit(void *tool, struct target *t, struct why *why)
{
	struct arping *a = tool;
	struct arping_notes *notes;

	if (a->reverse && addr_is_multicast(&t->addr))
		return arping_reverse_admit(a, t, why);
	if (t->addr.zone && t->addr.zone != a->port.iface.index)
		return why_set(why, E_BAD, "that address is on another interface than %s",
			       a->port.iface.name);
	if (a->opts.source.len && a->opts.source.len != t->addr.len)
		return why_set(why, E_BAD,
			       "the address that is to ask (-s) is of the other family");
	if (is_group(a, &t->addr))
		return why_set(why, E_BAD,
			       "a group or broadcast address has no owner: ask for one host's");
	if (!a->reverse && arping_own(a, &t->addr)) {
		notes = arping_notes(t);
		if (notes)
			notes->is_own = true;
		return ADMIT_KNOWN;
	}
	if (t->is_swept && !a->opts.shows_cache && !a->opts.via_gateway)
		return ADMIT_ASK;
	notes = arping_notes(t);
	if (!notes)
		return why_set(why, E_MEM, "out of memory");
	look_up_route(a, t, notes);
	notes->has_cache = neigh_get(a->run->netlink, a->port.iface.index, &t->addr, &notes->cache,
				     NULL) == 0 &&
			   notes->cache.has_mac;
	return ADMIT_ASK;
}
