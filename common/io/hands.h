/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hands - a process beside the locked-down one, that does what a packet must never be able to do:
 * it changes addresses, writes files, starts programs, as it is asked to.
 *
 * Layer: io.
 * The tool, which reads the network, keeps no privilege; the hands read nothing but orders of a
 * fixed form. When the tool is gone, however that came about, the hands put things in order.
 */
#ifndef PKT_IO_HANDS_H
#define PKT_IO_HANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct hands;

/* What the hands do; all of it runs in their process. */
struct hands_work {
	/* Carries out one order; returns 0, 1 for done with a word on it in @why, or an error. */
	int (*serve)(void *state, const void *order, size_t len, struct why *why);
	/* The tool is gone, or has closed the hands. */
	void (*end)(void *state);
	size_t order_max; /* octets of the longest order */
	/* SIGTERM and SIGHUP are the tool's alone: it will say what is to be done at its end. */
	bool outlasts_signals;
};

/*
 * hands_open() - starts them. Before the lock-down, and before anything else is opened, so that
 * they inherit nothing. @state: copied by the start of the process; the tool's own copy stays as it
 * is. SIGINT, SIGQUIT and SIGUSR1 are the tool's; SIGTERM ends them like the end of the tool, if
 * they do not outlast it.
 * Owns: free with hands_close(). Returns 0, E_SYS, E_MEM.
 */
int must_check hands_open(const struct hands_work *work, void *state, struct hands **out,
			  struct why *why);

/* hands_order() - hands over an order. Returns 0; E_AGAIN if they are too busy; E_SYS. */
int must_check hands_order(struct hands *h, const void *order, size_t len, struct why *why);

/*
 * hands_take() - what came of the oldest order: its result goes to *result, with @why.
 * Returns: 0; E_AGAIN if it is not done yet; E_EOF if the hands are gone.
 */
int must_check hands_take(struct hands *h, int *result, struct why *why);

/* hands_fd() - to poll for input. */
int hands_fd(const struct hands *h);

/*
 * hands_close() - the hands see it, and end; NULL is allowed. It returns when they let go of what
 * the two share, that is when their end() is done or has closed all descriptors.
 */
void hands_close(struct hands *h);

#endif
