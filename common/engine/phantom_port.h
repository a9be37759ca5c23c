/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * phantom_port - where a phantom may stand, under which MAC address, and its link.
 *
 * Layer: engine.
 * Not every address that is free may be taken: only one on the link, and none that is this host's,
 * its gateway's, the network's or everybody's.
 */
#ifndef PKT_ENGINE_PHANTOM_PORT_H
#define PKT_ENGINE_PHANTOM_PORT_H

#include "engine/phantom.h"
#include "io/route.h"

/* phantom_iface() - the interface whose network @addr belongs to. Returns 0, or an error. */
int must_check phantom_iface(struct netlink *nl, const char *name, const struct addr *addr,
			     struct iface *out, struct why *why);

/* phantom_check() - whether @addr may be claimed on @iface. Returns 0, or E_BAD with the reason. */
int must_check phantom_check(struct netlink *nl, const struct iface *iface, const struct addr *addr,
			     struct why *why);

/*
 * phantom_choose_mac() - @text: "own" for that of @iface, "random" (or NULL) for a locally
 * administered one of nobody, or a unicast MAC address, which no neighbour may be known to have. A
 * MAC of its own keeps the kernel out of it: with forwarding on, it would forward what comes for
 * the phantom, and send redirects. Returns 0, or E_BAD with the reason.
 */
int must_check phantom_choose_mac(struct netlink *nl, const struct iface *iface, const char *text,
				  struct rnd *rnd, struct mac *out, struct why *why);

/*
 * phantom_open_link() - opens p->link for the addresses added so far.
 * @more: what else is to be heard, in pcap's words; NULL for nothing. Owns: link_close().
 */
int must_check phantom_open_link(struct phantom *p, const struct iface *iface, const char *more,
				 struct why *why);

#endif
