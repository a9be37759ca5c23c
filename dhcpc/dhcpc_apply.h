/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_apply - a lease put on the host, and taken off it again.
 *
 * The client reads the network and is locked down; it sends orders to the hands (io/hands), which
 * change addresses, routes and resolv.conf and start hooks.
 */
#ifndef PKT_DHCPC_APPLY_H
#define PKT_DHCPC_APPLY_H

#include <net/if.h>

#include "dhcpc.h"
#include "io/hands.h"

#define DHCPC_ROUTES_MAX 128u
#define DHCPC_RESOLV_MAX 4096
#define DHCPC_ENV_MAX 16384

enum dhcpc_deed {
	DEED_BOUND,
	DEED_RENEW,
	DEED_DECONFIG, /* the lease is gone */
	DEED_NAK,
	DEED_FAIL, /* no lease could be had */
	DEED_KEEP, /* the client ends, the lease stays to its end */
};

/* An order to the hands: all that they need, nothing that the network chose the form of. */
struct dhcpc_order {
	enum dhcpc_deed deed;
	struct addr addr, broadcast;
	uint8_t prefix_len;
	uint32_t lease_s;
	unsigned n_routes;
	struct dhcp_route routes[DHCPC_ROUTES_MAX];
	char resolv[DHCPC_RESOLV_MAX]; /* contents of resolv.conf; empty for none */
	char env[DHCPC_ENV_MAX];       /* NAME=value, each ended by a NUL; an empty one ends all */
	size_t env_len;
};

/* dhcpc_hands_open() - starts the hands if the options need them. Returns 0 or an error. */
int must_check dhcpc_hands_open(struct dhcpc *d, struct why *why);

/* dhcpc_order() - hands @deed over; does nothing without hands. Returns 0 or an error. */
int must_check dhcpc_order(struct dhcpc *d, enum dhcpc_deed deed, const struct dhcpc_lease *l,
			   struct why *why);

/* dhcpc_order_make() - what the lease says to the hands. */
void dhcpc_order_make(const struct dhcpc_opts *o, const char *ifname, enum dhcpc_deed deed,
		      const struct dhcpc_lease *l, struct dhcpc_order *out);

enum dhcpc_var_style { DHCPC_VARS_UDHCPC, DHCPC_VARS_DHCLIENT, DHCPC_VARS_SHELL };

/* dhcpc_vars() - hands the lease to @emit, variable by variable; the texts live for the call. */
void dhcpc_vars(const struct dhcpc_lease *l, enum dhcpc_var_style style,
		void (*emit)(void *arg, const char *name, const char *value), void *arg);

#endif
