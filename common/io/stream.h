/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream - a TCP connection that never makes its caller wait.
 *
 * Layer: io.
 * Connecting, sending and receiving each do what can be done now; poll stream_fd() for more.
 * Spec: tcp(7).
 */
#ifndef PKT_IO_STREAM_H
#define PKT_IO_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

struct stream_opts {
	struct addr to;
	uint16_t port;      /* host order */
	struct addr source; /* len 0 for the kernel's choice */
	uint16_t source_port;
};

/*
 * stream_open() - begins to connect. Owns: close *@fd_out with close().
 * Returns 0, or E_SYS with the errno in why->sys.
 */
int must_check stream_open(const struct stream_opts *opts, int *fd_out, struct why *why);

/*
 * stream_send() - sends what fits of @len octets. Returns the number sent, 0 while none can be
 * (still connecting, or the buffer is full), or E_SYS with the errno in why->sys.
 */
int must_check stream_send(int fd, const void *bytes, size_t len, struct why *why);

/*
 * stream_recv() - takes up to @cap octets. Returns the number, E_AGAIN for none now, E_EOF at the
 * end of the stream, or E_SYS with the errno in why->sys.
 */
int must_check stream_recv(int fd, void *out, size_t cap, struct why *why);

/* stream_error() - 0, or E_SYS with the errno that the connection failed with in why->sys. */
int must_check stream_error(int fd, struct why *why);

/* stream_local() - the address and port on this side, once connected; len 0 before. */
struct addr stream_local(int fd, uint16_t *port_out);

#endif
