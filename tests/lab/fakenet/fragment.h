/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fragment - puts IP fragments together, and cuts what is larger than the MTU.
 *
 * Spec: RFC 791 3.2 (IPv4), RFC 8200 4.5 (IPv6), RFC 5722 (overlapping fragments are dropped).
 */
#ifndef FAKENET_FRAGMENT_H
#define FAKENET_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port.h"

#define FRAGMENT_SETS 16 /* packets in pieces at the same time; the oldest gives way */

struct packet;
struct fragment_set;

struct fragments {
	struct fragment_set *sets[FRAGMENT_SETS];
	uint64_t order;
};

/*
 * fragment_join() - adds a fragment that packet_parse() answered with E_AGAIN.
 * @whole: when it was the last one missing, the frame of the whole packet; valid until the next
 * call.
 * Returns: whether @whole is there.
 */
bool fragment_join(struct fragments *t, const struct packet *p, struct port_frame *whole);

/*
 * fragment_cut() - writes the next fragment of a frame.
 * @frame, @len: an Ethernet frame with an IPv4 header of 20 octets or an IPv6 header of 40.
 * @mtu: octets of IP packet a frame may carry.
 * @off: octets of IP payload handed out so far; moved on. @out: room for the Ethernet header and
 * @mtu.
 * @id: of the packet, for IPv6; an IPv4 packet has its own.
 * Returns: the length of the frame at @out; 0 when all has been handed out.
 */
size_t fragment_cut(const uint8_t *frame, size_t len, size_t mtu, size_t *off, uint32_t id,
		    uint8_t *out);

void fragment_free(struct fragments *t);

#endif
