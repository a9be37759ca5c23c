/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/duplex.h"

#include <stdlib.h>
#include <string.h>

#define TAKE 64u /* of either link at once */

struct duplex {
	struct link link;
	struct link *sender, *receiver;
};

static int duplex_send(struct link *l, const struct link_out *out, unsigned n, struct why *why)
{
	return link_send(((struct duplex *)l)->sender, out, n, why);
}

/* The receiver is read first: whatever was answered has left, so its stamp is there by then. */
static int duplex_recv(struct link *l, struct link_in *in, unsigned cap, struct why *why)
{
	struct duplex *d = (struct duplex *)l;
	struct link_in came[TAKE] unset;
	unsigned room = cap / 2 < TAKE ? cap / 2 : TAKE;
	int n_came = link_recv(d->receiver, came, room ? room : 1, why), n_told = 0;

	l->drops = d->receiver->drops;
	if (n_came < 0 && n_came != E_AGAIN)
		return n_came;
	if (n_came < 0)
		n_came = 0;
	if ((unsigned)n_came < cap)
		n_told = link_recv(d->sender, in, cap - (unsigned)n_came, why);
	if (n_told < 0 && n_told != E_AGAIN)
		return n_told;
	if (n_told < 0)
		n_told = 0;
	memcpy(in + n_told, came, (unsigned)n_came * sizeof(*came));
	return n_came + n_told;
}

static void duplex_close(struct link *l)
{
	struct duplex *d = (struct duplex *)l;

	link_close(d->sender);
	link_close(d->receiver);
	free(d);
}

int duplex_open(struct link *sender, struct link *receiver, struct link **out, struct why *why)
{
	static const struct link_ops ops = {duplex_send, duplex_recv, duplex_close};
	struct duplex *d = calloc(1, sizeof(*d));

	if (!d) {
		link_close(sender);
		link_close(receiver);
		return why_set(why, E_MEM, "out of memory");
	}
	d->link = (struct link){.ops = &ops, .fd = receiver->fd, .layer = receiver->layer};
	d->sender = sender;
	d->receiver = receiver;
	*out = &d->link;
	return 0;
}
