/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * asnmmdb - the same as asndb, from a file in MaxMind's format, by libmaxminddb where the program
 * is built with it.
 *
 * Layer: io; private to io/asndb.
 * Taken are autonomous_system_number (a number: GeoLite2 ASN, DB-IP) and asn ("AS64500": IPinfo).
 * Spec: MaxMind DB file format 2.0.
 */
#ifndef PKT_IO_ASNMMDB_H
#define PKT_IO_ASNMMDB_H

#include <stdbool.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/text.h"

struct asnmmdb;

/*
 * asnmmdb_open() - Owns: free with asnmmdb_close(). The file stays mapped: it may be replaced while
 * in use, but not be cut short.
 * Returns 0; E_NOENT if it is a file of another kind, or none; E_BAD if it is damaged; E_UNSUP in a
 * program built without the library; E_MEM.
 */
int must_check asnmmdb_open(const char *path, struct asnmmdb **out, struct why *why);

/* asnmmdb_find() - appends the number to @out; false if there is none for @addr. */
bool asnmmdb_find(struct asnmmdb *m, const struct addr *addr, struct text *out);

/* asnmmdb_close() - NULL is allowed. */
void asnmmdb_close(struct asnmmdb *m);

#endif
