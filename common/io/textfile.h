/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textfile - a file whose readers see the old text or the new one, and never a part: it is written
 * beside its place and renamed.
 *
 * Layer: io.
 * A process of its own does that (io/hands.h), since a locked-down tool opens and renames nothing.
 * When the tool is gone before the text is whole, what was written of it is removed.
 */
#ifndef PKT_IO_TEXTFILE_H
#define PKT_IO_TEXTFILE_H

#include <stddef.h>

#include "base/err.h"

struct textfile;

/*
 * textfile_open() - before the lock-down. @path: need not exist; what is there must be a regular
 * file. Owns: textfile_close(). Returns 0; E_SYS if it cannot be written there; E_BAD; E_MEM.
 */
int must_check textfile_open(const char *path, struct textfile **out, struct why *why);

/* textfile_add() - @len more octets of the text. Returns 0 or an error. */
int must_check textfile_add(struct textfile *f, const char *text, size_t len, struct why *why);

/* textfile_commit() - the text is whole; what is added next begins another. Returns 0, E_SYS. */
int must_check textfile_commit(struct textfile *f, struct why *why);

/* textfile_close() - what is not committed is lost. NULL is allowed. */
void textfile_close(struct textfile *f);

#endif
