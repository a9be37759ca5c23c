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

void fragment_free(struct fragments *t);

#endif
