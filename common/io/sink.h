/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink - standard output that a reader who does not read cannot hold for ever.
 *
 * Layer: io.
 * Signals are blocked but where we wait (io/sig.h), and a write() to a full pipe is no such place:
 * with a pager at rest behind it a process would outlive Ctrl-C and SIGTERM. So room is awaited
 * first, with the signals let in, and once the end is asked for only for a moment longer.
 */
#ifndef PKT_IO_SINK_H
#define PKT_IO_SINK_H

#include <stdbool.h>
#include <stdio.h>

/*
 * sink_open() - a stream that writes to @fd, which fclose() leaves open; a @fd that is set not to
 * block is written in full too. Once given up it fails for good. Returns NULL without memory.
 */
FILE *sink_open(int fd);

/* sink_has_room() - waits for room in @fd; false if the end was asked for and there is none. */
bool sink_has_room(int fd);

#endif
