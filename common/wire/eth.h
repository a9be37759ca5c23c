/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * eth - Ethernet II, 802.3 with LLC and SNAP, and VLAN tags.
 *
 * Layer: wire.
 * Spec: IEEE 802.3 3.2.6 (type or length), IEEE 802.1Q 9.6 (tag), RFC 1042 (SNAP).
 */
#ifndef PKT_WIRE_ETH_H
#define PKT_WIRE_ETH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bytes.h"

#define ETH_TAGS_MAX 4

enum eth_type {
	ETH_IP4 = 0x0800,
	ETH_ARP = 0x0806,
	ETH_IP6 = 0x86dd,
	ETH_VLAN = 0x8100,     /* 802.1Q, C-tag */
	ETH_QINQ = 0x88a8,     /* 802.1ad, S-tag */
	ETH_QINQ_OLD = 0x9100, /* pre-standard outer tag */
};

struct vlan_tag {
	uint16_t tpid; /* ETH_VLAN, ETH_QINQ or ETH_QINQ_OLD */
	uint16_t vid;  /* 0 (priority only) to 4095 */
	uint8_t pcp;   /* 0 to 7 */
	bool dei;
};

struct eth_hdr {
	struct mac dst, src;
	struct vlan_tag tags[ETH_TAGS_MAX]; /* outermost first */
	uint8_t n_tags;
	uint16_t type;    /* EtherType, also from SNAP under OUI 0; 0 for other 802.3 frames */
	uint8_t hdr_len;  /* octets up to the payload: addresses, tags, type, LLC, SNAP */
	bool is_llc;      /* 802.3: a length stands where the type would */
	uint16_t llc_len; /* that length */
	uint8_t dsap, ssap;
	uint16_t control; /* one octet for U frames, else two */
	bool is_snap;
	uint32_t oui;       /* SNAP organisation, 24 bits */
	uint16_t snap_type; /* SNAP protocol */
	bool is_truncated;  /* the 802.3 length announces more than there is */
};

/*
 * eth_parse() - a frame without preamble and FCS.
 * @payload: what follows the header, up to the 802.3 length if there is one.
 * Bytes: @r is left behind the payload, at the padding of an 802.3 frame.
 * A fifth tag is not read: type is then its TPID.
 * Returns: 0; E_TRUNC if the header is cut; E_BAD if the 802.3 length is less than LLC needs.
 */
int must_check eth_parse(struct rd *r, struct eth_hdr *out, struct rd *payload);

#endif
