/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * asndb - which autonomous system an address belongs to, by a file on this host.
 *
 * Layer: io.
 * Read once, before the lock-down; asked without any I/O. The file is in MaxMind's format (.mmdb),
 * or has lines, with tabs or blanks between:
 *   START END NUMBER ...     a range (iptoasn.com: ip2asn-v4, -v6, -combined); number 0 is nobody
 *   PREFIX LENGTH NUMBERS    a prefix (CAIDA pfx2as); NUMBERS such as 64500, 64500_64501
 * Blank lines and # comments count for nothing. Of ranges within ranges the narrowest counts.
 */
#ifndef PKT_IO_ASNDB_H
#define PKT_IO_ASNDB_H

#include "base/addr.h"
#include "base/err.h"

struct asndb;

/*
 * asndb_open() - reads @path. Owns: free with asndb_close().
 * Returns 0; E_SYS; E_BAD with the line that is not understood, or what is wrong with a damaged
 * file; E_UNSUP for MaxMind's format in a program built without it; E_MEM.
 */
int must_check asndb_open(const char *path, struct asndb **out, struct why *why);

/*
 * asndb_find() - the number, or numbers, of who announces @addr, as the file has them (digits, '_'
 * and ','); NULL if nobody does. Valid until the next call.
 */
const char *asndb_find(struct asndb *db, const struct addr *addr);

/* asndb_close() - NULL is allowed. */
void asndb_close(struct asndb *db);

#endif
