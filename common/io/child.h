/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child - a command that runs beside a tool: prepared before the lock-down, started later.
 *
 * Layer: io.
 * A keeper process, made while the tool still may, waits for the word, runs the command with the
 * privileges the tool was started with, and reports how it ended. If the tool dies before the word,
 * the command never runs; if later, it gets SIGTERM.
 */
#ifndef PKT_IO_CHILD_H
#define PKT_IO_CHILD_H

#include <stdbool.h>

#include "base/err.h"

struct child {
	int go_fd, status_fd; /* -1: none */
};

/*
 * child_prepare() - @argv: the command, looked for along PATH, ended by NULL.
 * Owns: child_close(). Returns 0, E_SYS.
 */
int must_check child_prepare(char *const *argv, struct child *out, struct why *why);

/* child_start() - the command runs from now on. */
void child_start(struct child *c);

/*
 * child_take() - whether the command has ended (c->status_fd is then ready to be read).
 * @status: its exit status; 128 and the signal that ended it; 127 if it could not be run.
 */
bool child_take(struct child *c, int *status);

/* child_close() - a command that still runs gets SIGTERM. */
void child_close(struct child *c);

#endif
