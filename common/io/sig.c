/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/sig.h"

#include <stddef.h>

static volatile sig_atomic_t stop_asked, status_asked;

static void on_signal(int signo)
{
	if (signo == SIGINT || signo == SIGTERM)
		stop_asked = 1;
	else
		status_asked = 1;
}

static const int caught[] = {SIGINT, SIGTERM, SIGQUIT, SIGUSR1};

void sig_inside(sigset_t *inside)
{
	sigprocmask(SIG_BLOCK, NULL, inside);
	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		sigdelset(inside, caught[i]);
}

void sig_open(sigset_t *inside)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		sigaction(caught[i], &action, NULL);
		sigaddset(&blocked, caught[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	sig_inside(inside);
}

bool sig_stop(void)
{
	return stop_asked;
}

bool sig_status(void)
{
	bool asked = status_asked;

	status_asked = 0;
	return asked;
}
