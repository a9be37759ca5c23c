/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/duplex.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define TAKE 128u /* at once */

struct duplex {
	struct link link; /* its fd is the receiver's, or an epoll of several */
	struct link *sender, *receivers[DUPLEX_RECEIVERS];
	unsigned n;
};

static int duplex_send(struct link *l, const struct link_out *out, unsigned n, struct why *why)
{
	return link_send(((struct duplex *)l)->sender, out, n, why);
}

/*
 * The receivers are read first: whatever was answered has left, so its stamp is there by then. Each
 * may fill what room is left, so that where much has come much is taken, from whichever of them.
 */
static int duplex_recv(struct link *l, struct link_in *in, unsigned cap, struct why *why)
{
	struct duplex *d = (struct duplex *)l;
	struct link_in came[TAKE] unset;
	unsigned n_came = 0;
	int n;

	if (cap > TAKE)
		cap = TAKE;
	l->drops = 0;
	for (unsigned i = 0; i < d->n && n_came < cap; i++) {
		n = link_recv(d->receivers[i], came + n_came, cap - n_came, why);
		if (n < 0 && n != E_AGAIN)
			return n;
		n_came += n > 0 ? (unsigned)n : 0;
	}
	for (unsigned i = 0; i < d->n; i++)
		l->drops += d->receivers[i]->drops;
	n = n_came < cap ? link_recv(d->sender, in, cap - n_came, why) : 0;
	if (n < 0 && n != E_AGAIN)
		return n;
	if (n < 0)
		n = 0;
	memcpy(in + n, came, n_came * sizeof(*came));
	return n + (int)n_came;
}

static void duplex_close(struct link *l)
{
	struct duplex *d = (struct duplex *)l;

	if (d->n > 1 && l->fd >= 0)
		close(l->fd);
	link_close(d->sender);
	for (unsigned i = 0; i < d->n; i++)
		link_close(d->receivers[i]);
	free(d);
}

static int watch_all(const struct duplex *d)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event ev = {.events = EPOLLIN};

	for (unsigned i = 0; fd >= 0 && i < d->n; i++)
		if (epoll_ctl(fd, EPOLL_CTL_ADD, d->receivers[i]->fd, &ev) < 0) {
			close(fd);
			fd = -1;
		}
	return fd;
}

int duplex_open(struct link *sender, struct link *const *receivers, unsigned n, struct link **out,
		struct why *why)
{
	static const struct link_ops ops = {duplex_send, duplex_recv, duplex_close};
	struct duplex *d = calloc(1, sizeof(*d));

	if (!d) {
		link_close(sender);
		for (unsigned i = 0; i < n; i++)
			link_close(receivers[i]);
		return why_set(why, E_MEM, "out of memory");
	}
	d->sender = sender;
	memcpy(d->receivers, receivers, n * sizeof(*receivers));
	d->n = n;
	d->link = (struct link){.ops = &ops, .layer = receivers[0]->layer};
	d->link.fd = n > 1 ? watch_all(d) : receivers[0]->fd;
	if (n > 1 && d->link.fd < 0) {
		duplex_close(&d->link);
		return why_sys(why, E_SYS, "epoll_create1");
	}
	*out = &d->link;
	return 0;
}
