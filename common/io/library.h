/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * library - a shared library that is loaded only where it is needed: it would make every start
 * slower, or need not be there.
 *
 * Layer: io. Before the lock-down. A static program has other ones of these two, which load
 * nothing (packaging/static).
 */
#ifndef PKT_IO_LIBRARY_H
#define PKT_IO_LIBRARY_H

#include "base/err.h"

/*
 * library_load() - @file: "libgnutls.so.30". @what: what is not to be had without it, and @package
 * where it is, for the sentence in @why. Returns 0 or E_UNSUP.
 */
int must_check library_load(const char *file, const char *what, const char *package, void **out,
			    struct why *why);

/* library_find() - the function @name of it; NULL if it has none. */
void *library_find(void *library, const char *name);

#endif
