/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netconf - changes IPv4 addresses and routes of an interface, so that the kernel takes them back
 * by itself.
 *
 * Layer: io.
 * An address is given with its lifetime; a route with the address as its preferred source vanishes
 * with it. Needs CAP_NET_ADMIN, raised here for each change.
 * Spec: rtnetlink(7); protocol number 16 (RTPROT_DHCP) marks what comes from DHCP.
 */
#ifndef PKT_IO_NETCONF_H
#define PKT_IO_NETCONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

struct netconf;

/* netconf_open() - Owns: free with netconf_close(). Returns 0, E_SYS, E_MEM. */
int must_check netconf_open(struct netconf **out, struct why *why);

/* netconf_close() - NULL is allowed. */
void netconf_close(struct netconf *nc);

struct netconf_addr {
	uint32_t ifindex;
	struct addr addr;
	uint8_t prefix_len;
	struct addr broadcast; /* 0.0.0.0: the last of the prefix */
	uint32_t valid_s;      /* lifetime; UINT32_MAX for ever */
};

struct netconf_route {
	uint32_t ifindex;
	struct addr prefix;
	uint8_t prefix_len;
	struct addr gateway; /* 0.0.0.0: on the link itself; need not be in the address's network */
	struct addr src;     /* preferred source */
	uint32_t metric;     /* 0: the kernel's default */
};

/*
 * netconf_set_addr(), netconf_set_route() - gives, or replaces what is there already.
 * netconf_drop_addr(), netconf_drop_route() - takes away; what is gone already is no error.
 * Returns 0; E_PERM without CAP_NET_ADMIN; E_SYS.
 */
int must_check netconf_set_addr(struct netconf *nc, const struct netconf_addr *a, struct why *why);
int must_check netconf_drop_addr(struct netconf *nc, const struct netconf_addr *a, struct why *why);
int must_check netconf_set_route(struct netconf *nc, const struct netconf_route *r,
				 struct why *why);
int must_check netconf_drop_route(struct netconf *nc, const struct netconf_route *r,
				  struct why *why);

/*
 * netconf_hold_port() - keeps a UDP port of an interface open, unread, so that the kernel answers
 * no datagram to it by an ICMP error while a tap reads them. Best effort: where somebody else has
 * the port, it is open anyhow. Until netconf_close().
 */
void netconf_hold_port(struct netconf *nc, const char *ifname, uint16_t port);

#endif
