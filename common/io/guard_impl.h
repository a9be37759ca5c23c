/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard_impl - the door to libnftables, for io/guard alone.
 *
 * Layer: io; private to io/guard.
 */
#ifndef PKT_IO_GUARD_IMPL_H
#define PKT_IO_GUARD_IMPL_H

#include "io/guard.h"

/* guard_nft_open() - the table that drops what @want describes, towards @port. */
int must_check guard_nft_open(const struct guard_want *want, uint16_t port, struct guard_nft **out,
			      struct why *why);

/* guard_nft_close() - the table goes with it; NULL is allowed. */
void guard_nft_close(struct guard_nft *n);

#endif
