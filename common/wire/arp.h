/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arp - the Address Resolution Protocol between Ethernet and IPv4 addresses.
 *
 * Layer: wire.
 * Spec: RFC 826; RFC 5227 1.1 (probe and announcement).
 */
#ifndef PKT_WIRE_ARP_H
#define PKT_WIRE_ARP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bytes.h"

#define ARP_HW_ETHER 1
#define ARP_LEN 28 /* octets of an Ethernet and IPv4 message */

enum arp_op {
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
};

struct arp_msg {
	uint16_t hw_type, proto_type;
	uint8_t hw_len, proto_len; /* octets of an address */
	uint16_t op;
	struct mac sender_mac, target_mac;
	struct addr sender, target;
};

/*
 * arp_parse() - reads a message; @r is left behind it, at the padding.
 * Returns: 0; E_TRUNC; E_UNSUP for other address kinds than Ethernet and IPv4 (@r is stepped over
 * the addresses all the same); E_BAD for Ethernet and IPv4 with lengths other than 6 and 4.
 */
int must_check arp_parse(struct rd *r, struct arp_msg *out);

/* arp_is_probe() - a request from 0.0.0.0 (RFC 5227 1.1). */
bool arp_is_probe(const struct arp_msg *m);

/* arp_is_announcement() - sender and target address are the same (RFC 5227 1.1, "gratuitous"). */
bool arp_is_announcement(const struct arp_msg *m);

#endif
