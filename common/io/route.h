/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * route - what the kernel knows of the way to an address: route, interface, neighbour.
 *
 * Layer: io.
 * Asked over one netlink socket, opened when there is a question and not before. It may be opened
 * before the lock-down and asked after it. Every question is answered at once by the kernel; none
 * sends a packet.
 * Not here: changing any of it; finding a neighbour that the kernel does not know.
 * Spec: rtnetlink(7).
 */
#ifndef PKT_IO_ROUTE_H
#define PKT_IO_ROUTE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

struct netlink;

/* netlink_open() - Owns: free with netlink_close(). Returns 0, E_SYS, E_MEM. */
int must_check netlink_open(struct netlink **out, struct why *why);

/* netlink_close() - NULL is allowed. */
void netlink_close(struct netlink *nl);

struct route_query {
	struct addr dst; /* its zone counts as oif if there is none */
	struct addr src; /* len 0: the kernel chooses */
	uint32_t oif;    /* interface to leave by, 0 for any */
	uint32_t mark;   /* of the packets, for rules that ask for it */
};

struct route {
	uint8_t type; /* RTN_* of <linux/rtnetlink.h>, see route_type_word() */
	uint32_t ifindex;
	char ifname[IF_NAMESIZE];
	struct addr src;     /* the address our packets come from */
	struct addr gateway; /* len 0: the destination is on the link itself */
	struct addr prefix;  /* the entry of the routing table that matched best */
	uint8_t prefix_len;
	uint32_t table; /* 254 main (for IPv4 also local while there is no rule); 0: oif decided */
	uint32_t mtu;   /* of the path as far as the kernel knows it, octets */
};

/*
 * route_get() - where packets of this kind go.
 * Returns: 0 if they can go; E_NOENT if not, with why->sys the errno that sending would give
 * (ENETUNREACH no route, EHOSTUNREACH unreachable, EACCES prohibited, EINVAL black hole,
 * EADDRNOTAVAIL a source that is not ours) and out->type, the rest of @out being zero.
 */
int must_check route_get(struct netlink *nl, const struct route_query *q, struct route *out,
			 struct why *why);

/*
 * route_way() - the same, with one question to the kernel instead of three: ifname, prefix,
 * prefix_len and table stay empty, and mtu is 0 unless the route itself has one.
 */
int must_check route_way(struct netlink *nl, const struct route_query *q, struct route *out,
			 struct why *why);

/* route_type_word() - "unicast", "local", "broadcast", "blackhole", ... for a RTN_* number. */
const char *route_type_word(uint8_t type);

struct iface {
	uint32_t index;
	char name[IF_NAMESIZE];
	uint16_t hw_type; /* ARPHRD_* of <net/if_arp.h> */
	bool has_mac;     /* false for interfaces without 6-octet addresses */
	struct mac mac;
	uint32_t mtu;     /* octets */
	bool is_up;       /* switched on */
	bool is_lower_up; /* has a carrier */
	bool is_noarp, is_loopback, is_pointopoint;
	char kind[16]; /* "veth", "bridge", ...; "" for hardware and loopback */
};

/*
 * iface_get() - the interface of this name, alternative name, or index in decimal.
 * Returns: 0; E_NOENT, with the names there are in the sentence; E_SYS.
 */
int must_check iface_get(struct netlink *nl, const char *name, struct iface *out, struct why *why);

/* iface_by_index() - Returns as iface_get(). */
int must_check iface_by_index(struct netlink *nl, uint32_t index, struct iface *out,
			      struct why *why);

/*
 * iface_list() - all interfaces, in the kernel's order. @out: up to @cap are stored.
 * Returns: how many there are, which may be more than @cap; or E_SYS.
 */
int must_check iface_list(struct netlink *nl, struct iface *out, size_t cap, struct why *why);

struct iface_addr {
	uint32_t ifindex;
	struct addr addr;
	uint8_t prefix_len;
};

/*
 * iface_addrs() - the addresses of an interface, in the kernel's order.
 * @index: 0 for those of every interface. @out: up to @cap are stored.
 * Returns: how many there are, which may be more than @cap; or E_SYS.
 */
int must_check iface_addrs(struct netlink *nl, uint32_t index, struct iface_addr *out, size_t cap,
			   struct why *why);

struct neigh {
	bool has_mac;
	struct mac mac;
	uint16_t state; /* NUD_* of <linux/neighbour.h>, see neigh_state_word() */
};

/* neigh_get() - the entry of the neighbour cache. Returns 0, E_NOENT if there is none, E_SYS. */
int must_check neigh_get(struct netlink *nl, uint32_t ifindex, const struct addr *addr,
			 struct neigh *out, struct why *why);

/*
 * neigh_of_mac() - an address of the neighbour on interface @ifindex that has @mac, as far as the
 * neighbour cache knows. Returns 0, E_NOENT if it knows none, E_SYS.
 */
int must_check neigh_of_mac(struct netlink *nl, uint32_t ifindex, const struct mac *mac,
			    struct addr *out, struct why *why);

/* neigh_state_word() - "REACHABLE", "STALE", ... for a NUD_* bit. */
const char *neigh_state_word(uint16_t state);

#endif
