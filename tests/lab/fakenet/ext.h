/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ext - the extension a router appends to its ICMP errors, built from the words of the topology
 * file.
 *
 * Spec: RFC 4884 7 (structure), RFC 4950 3 (MPLS label stack), RFC 5837 4 (interface information).
 */
#ifndef FAKENET_EXT_H
#define FAKENET_EXT_H

#include "base/err.h"

#include "topo.h"

/*
 * ext_add_mpls() - LABEL,TC,S,TTL[/...], the top of the stack first; appends one object to @n.
 * Returns 0, E_BAD, E_RANGE, E_FULL.
 */
int must_check ext_add_mpls(struct node *n, char *value, struct why *why);

/*
 * ext_add_ifinfo() - NAME[,ADDR[,MTU[,INDEX[,ROLE]]]], each may be empty; appends one object to
 * @n. Returns as above.
 */
int must_check ext_add_ifinfo(struct node *n, char *value, struct why *why);

/* ext_set() - badcsum, badlen, badversion, nolen, or raw:HEX. */
int must_check ext_set(struct node *n, char *value, struct why *why);

/*
 * ext_finish() - completes the checksum and puts the fault in. Returns 0, or E_BAD when there is
 * nothing to break.
 */
int must_check ext_finish(struct node *n, struct why *why);

#endif
