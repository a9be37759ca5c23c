/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * duplex - several links as one: packets leave by the first and come in by the others.
 *
 * Layer: io.
 * For whoever writes whole IP packets: one socket sends them and stamps their leaving, and their
 * answers come in by as many sockets as there are protocols that may answer.
 */
#ifndef PKT_IO_DUPLEX_H
#define PKT_IO_DUPLEX_H

#include "io/link.h"

#define DUPLEX_RECEIVERS 2u

/*
 * duplex_open() - @sender's send; what else @sender has to tell (LINK_TX, LINK_ERROR); and behind
 * that what the @n receivers, 1 to DUPLEX_RECEIVERS, have received.
 * Owns: all the links, whatever is returned; free with link_close(). Returns 0, E_SYS, E_MEM.
 */
int must_check duplex_open(struct link *sender, struct link *const *receivers, unsigned n,
			   struct link **out, struct why *why);

#endif
