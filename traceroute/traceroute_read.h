/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_read - --read: traces out of a capture.
 */
#ifndef PKT_TRACEROUTE_READ_H
#define PKT_TRACEROUTE_READ_H

#include "traceroute.h"
#include "traceroute_capture.h"

/* read_run() - reads the file of --read. Returns the exit status. */
int read_run(struct traceroute *t);

/*
 * read_capture() - tells all traces that are in the packets of @link.
 * Returns 0, or with @why the error that ended the reading, or E_MEM; what came before is told.
 */
int must_check read_capture(struct traceroute *t, struct link *link, struct why *why);

#endif
