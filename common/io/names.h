/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names - host names to addresses and back by the system's resolver, in a process of its own.
 *
 * Layer: io.
 * The resolver process asks getaddrinfo() (hosts file, DNS, IDN: whatever the system is set up for)
 * and, for texts, the name servers of resolv.conf, while the tool, locked down, goes on probing: a
 * dead name server delays nobody, and what its answers may do to the resolver happens away from the
 * tool. It ends with the tool.
 * Not here: our own DNS messages (wire/dns, with dnsq).
 */
#ifndef PKT_IO_NAMES_H
#define PKT_IO_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

#define NAME_MAX_LEN 255     /* octets of a host name */
#define NAMES_PENDING_MAX 64 /* questions that may wait at once */

struct names;

struct name_answer {
	char name[NAME_MAX_LEN + 1]; /* as asked; reverse: untrusted, "" if the address has none */
	bool is_reverse;             /* the question was about an address: for its name, */
	bool is_text;                /* ... or for a text, which then is `name`, untrusted */
	bool is_swept;               /* as asked */
	struct addr
		addr; /* the address the system prefers, len 0 if there is none; reverse: asked */
	char fault[160]; /* why there is none, "" if there is one */
};

/*
 * names_open() - starts the resolver with @n_workers threads (1 to 16).
 * Call before the lock-down. Returns 0, E_SYS, E_MEM.
 */
int must_check names_open(unsigned n_workers, struct names **out, struct why *why);

/*
 * names_ask() - asks for the address of @name (1 to NAME_MAX_LEN octets).
 * @family: 4, 6, or 0 for either. @is_swept comes back with the answer.
 * Returns 0; E_AGAIN while NAMES_PENDING_MAX questions wait; E_SYS if the resolver is gone.
 */
int must_check names_ask(struct names *n, const char *name, int family, bool is_swept);

/*
 * names_ask_reverse() - asks for the name of @addr. Returns as names_ask(), whose questions have
 * the same room.
 */
int must_check names_ask_reverse(struct names *n, const struct addr *addr);

/*
 * names_ask_text() - asks for the TXT record at @name; @about, an address, comes back with the
 * answer, which is its first string. Returns as names_ask_reverse().
 */
int must_check names_ask_text(struct names *n, const char *name, const struct addr *about);

/*
 * names_take() - an answer, in the order they come. Returns 0; E_AGAIN if there is none yet; E_SYS
 * if the resolver is gone.
 */
int must_check names_take(struct names *n, struct name_answer *out);

/* names_pending() - names (names_ask()) whose address is still to come. */
unsigned names_pending(const struct names *n);

/* names_fd() - to poll for answers; -1, which poll() ignores, once names_take() found it gone. */
int names_fd(const struct names *n);

/* names_close() - ends the resolver; NULL is allowed. */
void names_close(struct names *n);

#endif
