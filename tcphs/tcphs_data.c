/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs_data - the octets that go, and those that come.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "tcphs.h"

/* --- what goes */

/* Whether a read would not wait. */
static bool is_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void feed_from_file(struct tcphs *t, uint64_t now_ns)
{
	uint32_t room = t->tcb.out.cap - t->tcb.out.len;
	uint8_t octets[16384];
	ssize_t n;

	while (t->send_fd >= 0 && room && is_readable(t->send_fd)) {
		n = read(t->send_fd, octets, room < sizeof(octets) ? room : sizeof(octets));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			return;
		if (n < 0) { /* what arrived is not all of it, and must not look so */
			(void)why_sys(&t->why, E_SYS, "cannot read %s", t->opts.send);
			t->is_broken = t->is_over = true;
			return;
		}
		if (n == 0) {
			close(t->send_fd);
			t->send_fd = -1;
			return;
		}
		room -= tcb_write(&t->tcb, octets, (uint32_t)n, now_ns);
	}
}

void tcphs_feed(struct tcphs *t)
{
	uint64_t now_ns = clock_mono(t->run->clock);
	uint32_t n;

	if (t->pending_len) {
		n = tcb_write(&t->tcb, (const uint8_t *)t->pending, (uint32_t)t->pending_len,
			      now_ns);
		t->pending += n;
		t->pending_len -= n;
	}
	if (!t->pending_len)
		feed_from_file(t, now_ns);
	t->is_input_over = !t->pending_len && t->send_fd < 0;
}

/* --- what comes */

static void keep(struct tcphs_reply *r, const uint8_t *octets, size_t len)
{
	r->octets += len;
	while (len && r->fd >= 0 && !r->is_lost) {
		ssize_t n = write(r->fd, octets, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			r->is_lost = true;
			return;
		}
		octets += n;
		len -= (size_t)n;
	}
}

/* The value of a line of the header, from behind the colon; NULL if it is not there. */
static const char *header_value(const char *header, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = strstr(header, "\r\n"); line; line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
	}
	return NULL;
}

static void read_header(struct tcphs_reply *r)
{
	const char *length;
	char *end;

	r->is_header_over = true;
	if (strncmp(r->header, "HTTP/", 5) == 0 && strchr(r->header, ' '))
		r->status = (int)(strtol(strchr(r->header, ' '), NULL, 10) % 1000);
	length = header_value(r->header, "content-length");
	if (length && *length >= '0' && *length <= '9') {
		r->length = strtoull(length, &end, 10);
		r->has_length = *end == '\r';
	}
}

/* Takes the header from the octets; returns how many it took. */
static size_t take_header(struct tcphs_reply *r, const uint8_t *octets, size_t len)
{
	size_t i;

	for (i = 0; i < len && !r->is_header_over; i++) {
		if (r->header_len + 1 >= sizeof(r->header)) {
			r->is_header_over = true; /* no header that we know */
			return i;
		}
		r->header[r->header_len++] = octets[i] ? (char)octets[i] : ' ';
		r->header[r->header_len] = '\0';
		if (r->header_len >= 4 && memcmp(r->header + r->header_len - 4, "\r\n\r\n", 4) == 0)
			read_header(r);
	}
	return i;
}

void tcphs_drink(struct tcphs *t)
{
	uint64_t now_ns = clock_mono(t->run->clock);
	struct tcphs_reply *r = &t->reply;
	uint8_t octets[16384];
	size_t n, taken;

	while ((n = tcb_read(&t->tcb, octets, sizeof(octets), now_ns)) > 0) {
		taken = r->is_http && !r->is_header_over ? take_header(r, octets, n) : 0;
		keep(r, octets + taken, n - taken);
	}
}

bool tcphs_is_reply_complete(const struct tcphs *t)
{
	const struct tcphs_reply *r = &t->reply;

	return r->is_header_over && r->has_length && r->octets >= r->length;
}
