/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/stream.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK_MAX (1u << 20)

static int bind_source(int fd, const struct stream_opts *o, struct why *why)
{
	struct sockaddr_storage sa;
	struct addr any = {.len = o->to.len};
	const struct addr *source = o->source.len ? &o->source : &any;
	socklen_t len = addr_to_sockaddr(source, o->source_port, &sa);
	char text[ADDR_TEXT_MAX];
	int one = 1;

	if (!o->source.len && !o->source_port)
		return 0;
	/* A port asked for twice in a minute is still in TIME-WAIT. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sa, len) == 0)
		return 0;
	return why_sys(why, E_SYS, "cannot use %s port %u as source", addr_text(source, text),
		       o->source_port);
}

int stream_open(const struct stream_opts *o, int *fd_out, struct why *why)
{
	struct sockaddr_storage sa;
	socklen_t len = addr_to_sockaddr(&o->to, o->port, &sa);
	int fd = socket(o->to.len == 4 ? AF_INET : AF_INET6,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	char text[ADDR_TEXT_MAX];
	int one = 1, err;

	if (fd < 0)
		return why_sys(why, E_SYS, "cannot open a TCP socket");
	err = bind_source(fd, o, why);
	if (!err && connect(fd, (struct sockaddr *)&sa, len) < 0 && errno != EINPROGRESS)
		err = why_sys(why, E_SYS, "cannot connect to %s port %u", addr_text(&o->to, text),
			      o->port);
	if (err) {
		close(fd);
		return err;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	*fd_out = fd;
	return 0;
}

int stream_send(int fd, const void *bytes, size_t len, struct why *why)
{
	ssize_t n = send(fd, bytes, len < CHUNK_MAX ? len : CHUNK_MAX, MSG_NOSIGNAL);

	if (n >= 0)
		return (int)n;
	/* ENOTCONN, EALREADY: not connected yet. */
	if (errno == EAGAIN || errno == EINTR || errno == ENOTCONN || errno == EALREADY ||
	    errno == EINPROGRESS)
		return 0;
	return why_sys(why, E_SYS, "cannot send");
}

int stream_recv(int fd, void *out, size_t cap, struct why *why)
{
	ssize_t n = recv(fd, out, cap < CHUNK_MAX ? cap : CHUNK_MAX, 0);

	if (n > 0)
		return (int)n;
	if (n == 0)
		return E_EOF;
	if (errno == EAGAIN || errno == EINTR || errno == ENOTCONN)
		return E_AGAIN;
	return why_sys(why, E_SYS, "cannot receive");
}

int stream_error(int fd, struct why *why)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 && !err)
		return 0;
	errno = err ? err : errno;
	return why_sys(why, E_SYS, "the connection failed");
}

struct addr stream_local(int fd, uint16_t *port_out)
{
	struct sockaddr_storage sa = {0};
	socklen_t len = sizeof(sa);

	*port_out = 0;
	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return (struct addr){0};
	*port_out = ntohs(sa.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&sa)->sin6_port :
						     ((struct sockaddr_in *)&sa)->sin_port);
	return addr_from_sockaddr(&sa);
}
