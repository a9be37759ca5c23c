/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter - has the kernel hand a socket only the packets that a pcap-filter text describes.
 *
 * Layer: io.
 * The kernel takes the outer VLAN tag off a frame before the filter sees it: "arp" passes tagged
 * ARP too, and "vlan" passes none. Look at the tags after reception.
 * Spec: pcap-filter(7), socket(7) SO_ATTACH_FILTER.
 */
#ifndef PKT_IO_FILTER_H
#define PKT_IO_FILTER_H

#include "io/link.h"

/*
 * filter_attach() - compiles @text and attaches it to socket @fd, which receives nothing yet.
 * @text: with addresses and port numbers, not names: looking one up would block.
 * @layer: LINK_L2 or LINK_L3, what the packets of the socket begin with.
 * Returns: 0; E_BAD, with what is wrong with the text; E_SYS; E_MEM.
 */
int must_check filter_attach(int fd, const char *text, enum link_layer layer, struct why *why);

#endif
