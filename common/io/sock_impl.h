/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sock_impl - what the opening (sock.c) and the running (sock_io.c) of an echo socket share.
 *
 * Layer: io; private to io/sock and io/connects.
 */
#ifndef PKT_IO_SOCK_IMPL_H
#define PKT_IO_SOCK_IMPL_H

#include <sys/socket.h>

#include "io/sock.h"

#define SOCK_BATCH_MAX 128u
#define SOCK_CONTROL_MAX 256u /* stamps, TTL and an error with its offender fit twice */
#define SOCK_KEYS 16384u      /* TX stamps that may be outstanding, a power of two */

struct sock {
	struct link link;
	bool is_v6;
	bool is_raw;
	uint8_t proto; /* of what it receives */
	uint32_t flow_label;

	/* Receive slots: `batch` of them, each with `slot_len` octets of `buffers`. */
	unsigned batch;
	size_t slot_len;
	uint8_t *buffers;
	struct mmsghdr msgs[SOCK_BATCH_MAX];
	struct iovec iov[SOCK_BATCH_MAX];
	struct sockaddr_storage names[SOCK_BATCH_MAX];
	uint8_t control[SOCK_BATCH_MAX][SOCK_CONTROL_MAX] __attribute__((aligned(8)));

	/*
	 * The kernel numbers stamped sends 0, 1, 2 ...; tags[key % SOCK_KEYS] is whose it was. A
	 * send that fails may or may not have used up a number, so after one the numbering is not
	 * trusted (is_key_lost) until sock_rekey() has restarted it with no stamp left unread.
	 */
	uint32_t next_key;
	bool is_key_lost;
	int stamp_flags; /* SO_TIMESTAMPING in force, 0 for none */
	uint64_t *tags;
};

extern const struct link_ops sock_ops;

/*
 * sock_rekey() - restarts the kernel's numbering of stamped sends at 0. Call with the error queue
 * empty.
 */
void sock_rekey(struct sock *s);

/*
 * sock_read_error() - what the error queue says: kind, error and from of @in, whose len is known.
 * @c: IP_RECVERR or IPV6_RECVERR, with a whole struct sock_extended_err.
 */
void sock_read_error(const struct cmsghdr *c, struct link_in *in);

#endif
