/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sig - signals, as two questions the loop asks.
 *
 * Layer: io. The one global of the library: what a handler may touch.
 * SIGINT and SIGTERM ask for the end, SIGQUIT and SIGUSR1 for a status line.
 */
#ifndef PKT_IO_SIG_H
#define PKT_IO_SIG_H

#include <signal.h>
#include <stdbool.h>

/*
 * sig_open() - installs the handlers and blocks the four signals; they arrive only inside ppoll()
 * with @inside as its mask, so none is missed between looking and waiting.
 */
void sig_open(sigset_t *inside);

/* sig_inside() - the mask of the moment with the four let in. */
void sig_inside(sigset_t *inside);

/* sig_stop() - whether the end was asked for. Stays true. */
bool sig_stop(void);

/* sig_status() - whether a status line was asked for since the last call. */
bool sig_status(void);

#endif
