/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oui - who made a network card, from the lists of the IEEE that the system has.
 *
 * Layer: io.
 * Lists are read where they stand (Debian's ieee-data, arp-scan, nmap, Wireshark, hwdata); none is
 * brought along. A few prefixes that name a protocol and no maker are known without a list.
 * Spec: IEEE 802 8.2 (MA-L, MA-M, MA-S: 24, 28 and 36 bits).
 */
#ifndef PKT_IO_OUI_H
#define PKT_IO_OUI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/err.h"

#define OUI_NAME_MAX 96

struct oui;

/*
 * oui_open() - maps the lists there are; before the lock-down.
 * @path: one list to be used instead of the system's, NULL for those.
 * Owns: free with oui_close(). Returns 0, also when the system has none; E_SYS for @path; E_MEM.
 */
int must_check oui_open(const char *path, struct oui **out, struct why *why);

/* oui_close() - NULL is allowed. */
void oui_close(struct oui *o);

/*
 * oui_find() - the name of the longest prefix of @mac that a list has, sanitised, to @name of
 * OUI_NAME_MAX. Returns whether there is one; a locally administered address has none.
 */
bool oui_find(struct oui *o, const struct mac *mac, char *name);

/* oui_search() - the same in one list of @len octets at @text. Returns the bits matched, or 0. */
unsigned oui_search(const char *text, size_t len, const struct mac *mac, char *name);

/* mac_is_local() - not from the IEEE: made up by its host (IEEE 802 8.2.2). */
static inline bool mac_is_local(const struct mac *m)
{
	return m->bytes[0] & 2;
}

#endif
