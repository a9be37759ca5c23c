/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_resolv - our name servers in a file, and what was there before put back afterwards.
 *
 * What was there stands below ours, in comments. So a second lease on top of the first puts back
 * what was there before both, whichever ends first, and nothing is lost if we are killed.
 */
#ifndef PKT_DHCPC_RESOLV_H
#define PKT_DHCPC_RESOLV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

#define RESOLV_FILE_MAX 65536u /* octets of a file that is put back */

struct resolv_file {
	char *saved, *written; /* what was there, what we put there; NULL for nothing */
	size_t saved_len, written_len;
	bool was_absent;
};

/*
 * resolv_file_set() - puts @text into the file at @path. What was there is saved the first time.
 * Returns 0, E_SYS, E_MEM, or E_FULL for a file that is too long to be put back.
 */
int must_check resolv_file_set(struct resolv_file *f, const char *path, const char *text,
			       struct why *why);

/* resolv_file_restore() - puts back what was there, unless somebody has changed the file since. */
void resolv_file_restore(struct resolv_file *f, const char *path);

/* resolv_wrap() - @text, and below it what was there: @len octets at @before. */
void resolv_wrap(struct wr *w, const char *text, const char *before, size_t len);

/*
 * resolv_unwrap() - what was there before, out of the @len octets of a file.
 * Returns false if the file is none of ours: it is then itself what was there.
 */
bool resolv_unwrap(struct wr *w, const char *file, size_t len);

#endif
