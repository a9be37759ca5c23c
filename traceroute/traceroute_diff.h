/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_diff - --diff: what has changed between two files of paths, though routers spread
 * flows.
 */
#ifndef PKT_TRACEROUTE_DIFF_H
#define PKT_TRACEROUTE_DIFF_H

#include "traceroute_snap.h"

enum diff_exit {
	DIFF_SAME = 0,
	DIFF_CHANGED = 1,
};

/* diff_run() - compares the files of --diff. Returns the exit status. */
int diff_run(struct traceroute *t);

/* diff_snaps() - tells what has changed; returns whether anything surely has. */
bool diff_snaps(struct traceroute *t, const struct snaps *old, const struct snaps *new);

extern const struct record_type traceroute_change_record;

#endif
