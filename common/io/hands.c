/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/hands.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct hands {
	int fd;
};

struct answer {
	int result;
	struct why why;
};

/* Returns false when the tool is gone. */
static bool serve_one(const struct hands_work *work, void *state, int fd, char *order)
{
	ssize_t len = recv(fd, order, work->order_max, 0);
	struct answer a = {0};

	if (len < 0)
		return errno == EINTR;
	if (len == 0)
		return false;
	a.result = work->serve(state, order, (size_t)len, &a.why);
	return send(fd, &a, sizeof(a), MSG_NOSIGNAL) > 0;
}

/* Until the tool is gone, or somebody ends the hands. */
static _Noreturn void live(const struct hands_work *work, void *state, int fd)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	char *order = malloc(work->order_max);
	struct pollfd p[2];
	sigset_t set;

	sigaction(SIGINT, &ignore, NULL);
	sigaction(SIGQUIT, &ignore, NULL);
	sigaction(SIGUSR1, &ignore, NULL);
	if (work->outlasts_signals)
		sigaction(SIGHUP, &ignore, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p[0] = (struct pollfd){.fd = fd, .events = POLLIN};
	/* A signal that is blocked and asked for by nobody waits for ever. */
	p[1] = (struct pollfd){.fd = work->outlasts_signals ? -1 : signalfd(-1, &set, SFD_CLOEXEC),
			       .events = POLLIN};
	while (order && (poll(p, 2, -1) > 0 || errno == EINTR)) {
		if (p[1].revents & POLLIN)
			break;
		if (p[0].revents && !serve_one(work, state, fd, order))
			break;
	}
	close(p[1].fd);
	work->end(state);
	_exit(0);
}

int hands_open(const struct hands_work *work, void *state, struct hands **out, struct why *why)
{
	struct hands *h = calloc(1, sizeof(*h));
	int pair[2];
	pid_t pid;

	if (!h)
		return why_set(why, E_MEM, "out of memory");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(h);
		return why_sys(why, E_SYS, "cannot start the process that changes the host");
	}
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		live(work, state, pair[1]);
	}
	close(pair[1]);
	h->fd = pair[0];
	if (pid < 0) {
		close(pair[0]);
		free(h);
		return why_sys(why, E_SYS, "cannot start the process that changes the host");
	}
	*out = h;
	return 0;
}

int hands_order(struct hands *h, const void *order, size_t len, struct why *why)
{
	if (send(h->fd, order, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len)
		return 0;
	return why_sys(why, errno == EAGAIN ? E_AGAIN : E_SYS,
		       "the process that changes the host takes no order");
}

int hands_take(struct hands *h, int *result, struct why *why)
{
	struct answer a;
	ssize_t len = recv(h->fd, &a, sizeof(a), MSG_DONTWAIT);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return E_AGAIN;
	if (len != (ssize_t)sizeof(a))
		return why_set(why, E_EOF, "the process that changes the host is gone");
	*result = a.result;
	if (why)
		*why = a.why;
	return 0;
}

int hands_fd(const struct hands *h)
{
	return h->fd;
}

void hands_close(struct hands *h)
{
	struct answer rest;

	if (!h)
		return;
	/* They see that nothing more will come; that they are done, we see by their end. */
	shutdown(h->fd, SHUT_WR);
	while (recv(h->fd, &rest, sizeof(rest), 0) > 0)
		;
	close(h->fd);
	free(h);
}
