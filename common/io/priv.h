/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * priv - the one privilege a tool needs, only while it needs it; then the lock-down.
 *
 * Layer: io.
 * The life of a tool: priv_raise() and priv_lower() around an open that needs it; all sockets and
 * files opened; priv_lockdown(); and only then the first octet from the network is read.
 * The programs carry the file capability cap_net_raw=p (permitted, not effective), so that one
 * that cannot have it still starts, on a ping socket.
 * Spec: capabilities(7), landlock(7), seccomp(2), prctl(2).
 */
#ifndef PKT_IO_PRIV_H
#define PKT_IO_PRIV_H

#include <stdbool.h>

#include "base/err.h"

/*
 * priv_raise() - makes a permitted capability effective; one that is not permitted stays as it is,
 * and the open that follows says so (EPERM).
 * @cap: CAP_NET_RAW or another number of <linux/capability.h>, 0 to 63.
 */
void priv_raise(int cap);

/* priv_lower() - makes the capability ineffective again; it stays permitted. Keeps errno. */
void priv_lower(int cap);

/*
 * priv_refused() - what to do about a socket that only CAP_NET_RAW opens.
 * @kind: "raw" or "packet". @why: of the failure; its errno stays. Returns E_PERM.
 */
int priv_refused(struct why *why, const char *kind);

/*
 * priv_drop_all() - for a process that still opens files and sockets: no capability, no
 * set-user-id, nothing to be gained by execve(). Everything that takes no privilege stays allowed.
 */
void priv_drop_all(void);

/* The layers of the lock-down, as bits, in the order in which they are put on. */
enum priv_layer {
	PRIV_NO_NEW_PRIVS = 1 << 0, /* no program that is started can gain anything */
	PRIV_FILES = 1 << 1,    /* landlock: nothing in the file system can be opened or changed */
	PRIV_CAPS = 1 << 2,     /* no capability in any set */
	PRIV_USER = 1 << 3,     /* a set-user-id start ends: only the invoking user is left */
	PRIV_NO_DUMP = 1 << 4,  /* no core file; no debugger of the same user */
	PRIV_SYSCALLS = 1 << 5, /* seccomp: only the calls of an event loop */
};

#define PRIV_ALL 0x3f

struct lockdown {
	bool allow_sockets; /* new UDP and TCP sockets may still be opened and connected */
};

struct lockdown_report {
	unsigned done;     /* enum priv_layer bits in force */
	unsigned refused;  /* those that could not be put on */
	char refusal[200]; /* why not, one reason for each layer refused; empty if none was */
};

/*
 * priv_lockdown() - gives up, for good, all that a running probe does not need.
 * Open descriptors keep working: read, write, send, receive, poll and close. Not allowed any more
 * (EPERM): to open a file or a socket, to start a thread or a process; execve() and its like kill.
 * A layer that the kernel refuses is reported and the rest goes on. A build with ASan leaves out
 * files, dumps and system calls, since its leak check needs them; that is reported too.
 * Returns: 0 if every layer is in force; E_UNSUP if some are not, which a tool says with -v;
 * E_PERM if user or capabilities could not be given up: a tool must stop.
 */
int must_check priv_lockdown(const struct lockdown *what, struct lockdown_report *out);

#endif
