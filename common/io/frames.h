/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frames - the frames of an interface as a link, or what passes through all of them.
 *
 * Layer: io.
 * Ethernet and loopback give LINK_L2; other interfaces, and all of them at once, give LINK_L3 and
 * only IPv4 and IPv6. The VLAN tag that the kernel took off is put back. Packets come with the
 * kernel's stamp (the first after opening may lack it), outgoing ones of other sockets included;
 * from and to are not filled in, the octets have them.
 * Needs CAP_NET_RAW, raised here while opening. Nothing is left behind, promiscuous mode included.
 * Spec: packet(7), Documentation/networking/timestamping.
 */
#ifndef PKT_IO_FRAMES_H
#define PKT_IO_FRAMES_H

#include "io/link.h"

struct frames_opts {
	uint32_t ifindex;     /* 0 for all interfaces: then nothing can be sent */
	uint16_t protocol;    /* ETH_P_* of <linux/if_ether.h>, host order; 0 for every one */
	const char *filter;   /* see io/filter.h; NULL for none */
	bool promisc;         /* also what is not for this host; not with ifindex 0 */
	bool ignore_outgoing; /* only what comes in */
	bool stamp_tx;        /* a LINK_TX for each frame sent, when the driver has it */
	bool stamp_queued;    /* the same, but when it is queued: where a capture sees it leave */
	const struct addr *groups; /* IPv6 groups to be in meanwhile; best effort */
	unsigned n_groups;
};

/*
 * frames_open() - starts to receive what matches, and nothing before or besides.
 * The recv of the link returns E_SYS with ENETDOWN, once, when the interface goes down; the link
 * works on when it comes up again. A frame longer than 65,568 octets is cut. The send of an L3
 * link takes IPv4 and IPv6 packets.
 * A sent frame whose stamp cannot be told from another's, because sends failed around it, has none.
 * Owns: free with link_close().
 * Returns: 0; E_PERM without CAP_NET_RAW; E_NOENT for no such interface; E_BAD for the filter;
 * E_SYS, E_MEM.
 */
int must_check frames_open(const struct frames_opts *opts, struct link **out, struct why *why);

#endif
