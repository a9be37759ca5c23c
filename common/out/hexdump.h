/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hexdump - octets as people read them: offset, sixteen octets in hex, the same as ASCII.
 *
 * Layer: out.
 */
#ifndef PKT_OUT_HEXDUMP_H
#define PKT_OUT_HEXDUMP_H

#include <stddef.h>
#include <stdio.h>

/*
 * hexdump() - writes @len octets to @to, whose error flag the caller looks at.
 * What ASCII cannot print is shown as a dot.
 */
void hexdump(FILE *to, const void *bytes, size_t len);

#endif
