/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program - starts another program: by its path, with arguments and an environment that are given,
 * and waits for its end. No shell, no search along PATH, nothing inherited but descriptors 0 to 2.
 *
 * Layer: io. Not for a process that is locked down.
 */
#ifndef PKT_IO_PROGRAM_H
#define PKT_IO_PROGRAM_H

/*
 * program_run() - runs argv[0]. Its standard output is our standard error: our own output holds
 * results only.
 * @argv, @env: ended by NULL. @input: text for its standard input, at most 4096 octets, which a
 * pipe takes without a reader; NULL for ours.
 * Returns: its exit status, 0 to 255 (127: it could not be started); -1 if a signal ended it.
 */
int program_run(const char *const *argv, const char *const *env, const char *input);

#endif
