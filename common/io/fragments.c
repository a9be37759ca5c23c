/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/fragments.h"

#include <stdlib.h>

#include "build/frag.h"

#define PIECES 32u /* handed to the sender at once */

struct fragments {
	struct link link;
	struct link *sender;
	size_t size;
	uint32_t next_id;
	uint8_t *pieces; /* PIECES of size + FRAG_HDR_MAX octets */
};

/* The next pieces of @cut to @out. Returns how many; 0 at the end. */
static unsigned cut_some(struct fragments *l, struct frag *cut, const struct link_out *whole,
			 struct link_out *out)
{
	size_t room = l->size + FRAG_HDR_MAX;
	unsigned n;

	for (n = 0; n < PIECES; n++) {
		struct wr w = wr_make(l->pieces + n * room, room);
		bool is_first = cut->off == 0;

		if (frag_next(cut, &w) <= 0)
			break;
		out[n] = (struct link_out){.bytes = w.buf,
					   .len = w.len,
					   .to = whole->to,
					   .tag = is_first ? whole->tag : 0};
	}
	return n;
}

/* Of IPv4 only 16 bits are sent, and the kernel gives each piece one of its own for 0. */
static uint32_t new_id(struct fragments *l)
{
	do
		l->next_id++;
	while (!(uint16_t)l->next_id);
	return l->next_id;
}

static int send_one(struct fragments *l, const struct link_out *whole, struct why *why)
{
	struct link_out out[PIECES] unset;
	struct frag cut;
	unsigned n;
	int err = frag_start(&cut, whole->bytes, whole->len, l->size, new_id(l));

	if (err < 0)
		return why_set(why, err, "this packet cannot be cut");
	while ((n = cut_some(l, &cut, whole, out))) {
		for (unsigned done = 0; done < n;) {
			int sent = link_send(l->sender, out + done, n - done, why);

			if (sent < 0)
				return sent;
			done += (unsigned)sent;
		}
	}
	return 0;
}

static int fragments_send(struct link *link, const struct link_out *out, unsigned n,
			  struct why *why)
{
	struct fragments *l = (struct fragments *)link;

	for (unsigned i = 0; i < n; i++) {
		int err = send_one(l, &out[i], why);

		if (err < 0)
			return i ? (int)i : err;
	}
	return (int)n;
}

static int fragments_recv(struct link *link, struct link_in *in, unsigned cap, struct why *why)
{
	return link_recv(((struct fragments *)link)->sender, in, cap, why);
}

static void fragments_close(struct link *link)
{
	struct fragments *l = (struct fragments *)link;

	link_close(l->sender);
	free(l->pieces);
	free(l);
}

int fragments_open(struct link *sender, size_t size, struct link **out, struct why *why)
{
	static const struct link_ops ops = {fragments_send, fragments_recv, fragments_close};
	struct fragments *l = calloc(1, sizeof(*l));
	uint8_t *pieces = malloc(PIECES * (size + FRAG_HDR_MAX));

	if (!l || !pieces) {
		free(l);
		free(pieces);
		link_close(sender);
		return why_set(why, E_MEM, "out of memory");
	}
	*l = (struct fragments){
		.link = {.ops = &ops, .fd = sender->fd, .layer = sender->layer},
		.sender = sender,
		.size = size,
		.next_id = arc4random(),
		.pieces = pieces,
	};
	*out = &l->link;
	return 0;
}
