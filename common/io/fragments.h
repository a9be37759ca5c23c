/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fragments - a link that cuts each packet it is given, and sends the pieces.
 *
 * Layer: io. For whoever writes whole IP packets; what comes in is another link's (io/duplex).
 * Spec: RFC 791 3.2, RFC 8200 4.5.
 */
#ifndef PKT_IO_FRAGMENTS_H
#define PKT_IO_FRAGMENTS_H

#include "io/link.h"

/*
 * fragments_open() - sends by @sender, a link of LINK_L3.
 * @size: octets of data in each fragment but the last, a multiple of 8 from 8 to 65512.
 * A packet is stamped as leaving when its first fragment does. E_BAD from send for a packet that
 * build/frag cannot cut.
 * Owns: @sender, whatever is returned; free with link_close(). Returns 0, E_MEM.
 */
int must_check fragments_open(struct link *sender, size_t size, struct link **out, struct why *why);

#endif
