/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/sink.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sig.h"

#define BUFFER_LEN (64 << 10)
#define GRACE_S 3 /* for a reader that is only slow, once the end is asked for */

struct sink {
	int fd;
	bool is_file; /* a write to it does not wait for anybody */
	bool has_given_up;
	char buffer[BUFFER_LEN];
};

bool sink_has_room(int fd)
{
	static const struct timespec grace = {.tv_sec = GRACE_S};
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	sigset_t inside;
	int n;

	sig_inside(&inside);
	do
		n = ppoll(&p, 1, sig_stop() ? &grace : NULL, &inside);
	while (n < 0 && errno == EINTR);
	return n != 0; /* of what is wrong with it write() will tell */
}

static ssize_t sink_write(void *cookie, const char *bytes, size_t n)
{
	struct sink *s = cookie;
	size_t done = 0;

	while (done < n && !s->has_given_up) {
		/* A pipe that has room takes as much as this without waiting. */
		size_t part = s->is_file || n - done < PIPE_BUF ? n - done : PIPE_BUF;
		ssize_t len;

		s->has_given_up = !s->is_file && !sink_has_room(s->fd);
		len = s->has_given_up ? 0 : write(s->fd, bytes + done, part);
		if (len > 0)
			done += (size_t)len;
		else if (len < 0 && errno != EINTR && errno != EAGAIN)
			break;
	}
	return (ssize_t)done; /* less than @n is an error */
}

static int sink_close(void *cookie)
{
	free(cookie);
	return 0;
}

FILE *sink_open(int fd)
{
	static const cookie_io_functions_t functions = {.write = sink_write, .close = sink_close};
	struct sink *s = calloc(1, sizeof(*s));
	FILE *f = s ? fopencookie(s, "w", functions) : NULL;
	struct stat st;

	if (!f) {
		free(s);
		return NULL;
	}
	s->fd = fd;
	s->is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	setvbuf(f, s->buffer, _IOFBF, sizeof(s->buffer));
	return f;
}
