/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rawip - sends whole IP packets that are built already, by the kernel's routes.
 *
 * Layer: io. A link of LINK_L3 that only sends: what comes back is heard with io/frames.
 * A packet sent so passes the OUTPUT hooks and conntrack as any other of this host, and works on
 * loopback, where injected frames are thrown away.
 * Spec: raw(7) IP_HDRINCL, ipv6(7) IPV6_HDRINCL.
 */
#ifndef PKT_IO_RAWIP_H
#define PKT_IO_RAWIP_H

#include "io/link.h"

/*
 * rawip_open() - raises CAP_NET_RAW while opening.
 * @ifname: packets leave by this interface only; NULL for as the routes say.
 * The kernel fills in the identification of IPv4 where it is 0, and no other field.
 * Owns: free with link_close(). Returns: 0; E_PERM without CAP_NET_RAW; E_SYS, E_MEM.
 */
int must_check rawip_open(bool is_v6, const char *ifname, struct link **out, struct why *why);

#endif
