/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * duplex - two links as one: packets leave by one of them and come in by the other.
 *
 * Layer: io.
 * For whoever writes whole IP packets: a raw socket sends them and stamps their leaving, and a tap
 * shows all that may answer them, with its IP header, whatever its protocol.
 */
#ifndef PKT_IO_DUPLEX_H
#define PKT_IO_DUPLEX_H

#include "io/link.h"

/*
 * duplex_open() - @sender's send, @receiver's recv, and what else @sender has to tell (LINK_TX,
 * LINK_ERROR), which comes before what was received at the same time.
 * Owns: both links, whatever is returned; free with link_close(). Returns 0 or E_MEM.
 */
int must_check duplex_open(struct link *sender, struct link *receiver, struct link **out,
			   struct why *why);

#endif
