/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/connects.h"

#include <linux/errqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/sock_impl.h"

#define QUOTE_MAX 2048u

struct attempt {
	int fd; /* -1: free */
	uint64_t tag;
	struct addr to;
	uint16_t port;
};

struct connects {
	struct link link; /* its fd is an epoll */
	struct connects_opts opts;
	char ifname[IF_NAMESIZE];
	struct attempt attempts[CONNECTS_MAX];
	unsigned next; /* the oldest */
	uint8_t quotes[CONNECTS_MAX][QUOTE_MAX];
};

static void end_attempt(struct attempt *a)
{
	const struct linger abort = {.l_onoff = 1};

	if (a->fd < 0)
		return;
	(void)setsockopt(a->fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	close(a->fd);
	a->fd = -1;
}

static void set_int(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

/* Everything but the TTL may be refused, and is done without. */
static int prepare(const struct connects *c, int fd, uint8_t ttl)
{
	const struct connects_opts *o = &c->opts;
	int level = o->is_v6 ? IPPROTO_IPV6 : IPPROTO_IP, hops = ttl;
	struct sockaddr_storage sa;

	set_int(fd, level, o->is_v6 ? IPV6_RECVERR : IP_RECVERR, 1);
	set_int(fd, level, o->is_v6 ? IPV6_RECVERR_RFC4884 : IP_RECVERR_RFC4884, 1);
	set_int(fd, level, o->is_v6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL, 1);
	set_int(fd, IPPROTO_TCP, TCP_SYNCNT, 1);
	if (o->tos >= 0)
		set_int(fd, level, o->is_v6 ? IPV6_TCLASS : IP_TOS, o->tos);
	if (o->ifname)
		(void)setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, c->ifname,
				 (socklen_t)strlen(c->ifname) + 1);
	if (o->source.len) {
		socklen_t len = addr_to_sockaddr(&o->source, 0, &sa);

		if (bind(fd, (struct sockaddr *)&sa, len) < 0)
			return -1;
	}
	return ttl ? setsockopt(fd, level, o->is_v6 ? IPV6_UNICAST_HOPS : IP_TTL, &hops,
				sizeof(hops)) :
		     0;
}

static int start_attempt(struct connects *c, const struct link_out *out)
{
	struct attempt *a = &c->attempts[c->next++ % CONNECTS_MAX];
	struct epoll_event ev = {.events = EPOLLOUT | EPOLLERR, .data.ptr = a};
	struct sockaddr_storage sa;
	socklen_t len = addr_to_sockaddr(&out->to, out->port, &sa);

	end_attempt(a);
	*a = (struct attempt){.tag = out->tag, .to = out->to, .port = out->port};
	a->fd = socket(c->opts.is_v6 ? AF_INET6 : AF_INET,
		       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->fd < 0)
		return -1;
	if (prepare(c, a->fd, out->ttl) < 0 || epoll_ctl(c->link.fd, EPOLL_CTL_ADD, a->fd, &ev) < 0)
		return -1;
	if (connect(a->fd, (struct sockaddr *)&sa, len) < 0 && errno != EINPROGRESS &&
	    errno != ECONNREFUSED)
		return -1;
	return 0;
}

static int connects_send(struct link *l, const struct link_out *out, unsigned n, struct why *why)
{
	struct connects *c = (struct connects *)l;
	char text[ADDR_TEXT_MAX];

	for (unsigned i = 0; i < n; i++) {
		if (start_attempt(c, &out[i]) == 0)
			continue;
		if (i)
			return (int)i;
		return why_sys(why, errno == EAGAIN || errno == EMFILE ? E_AGAIN : E_SYS,
			       "connect to %s", addr_text(&out[i].to, text));
	}
	return (int)n;
}

/* Fills @in from the error queue. Returns false if it is empty. */
static bool take_error(struct connects *c, const struct attempt *a, uint8_t *quote,
		       struct link_in *in)
{
	_Alignas(struct cmsghdr) char control[512];
	struct iovec iov = {quote, QUOTE_MAX};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	ssize_t len = recvmsg(a->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT);

	if (len < 0)
		return false;
	in->kind = LINK_ERROR;
	in->bytes = quote;
	in->len = in->wire_len = (size_t)len;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		bool is_v6 = c->opts.is_v6;

		if (h->cmsg_level == (is_v6 ? IPPROTO_IPV6 : IPPROTO_IP) &&
		    h->cmsg_type == (is_v6 ? IPV6_HOPLIMIT : IP_TTL))
			memcpy(&in->ttl, CMSG_DATA(h), sizeof(in->ttl));
		if (h->cmsg_type == (is_v6 ? IPV6_RECVERR : IP_RECVERR) &&
		    h->cmsg_len >= CMSG_LEN(sizeof(struct sock_extended_err)))
			sock_read_error(h, in);
	}
	return true;
}

/* What became of an attempt, if that is settled. */
static bool take_outcome(struct connects *c, struct attempt *a, uint32_t events, uint8_t *quote,
			 struct link_in *in)
{
	int sys = 0;
	socklen_t len = sizeof(sys);

	*in = (struct link_in){
		.kind = LINK_PACKET,
		.layer = LINK_L4,
		.bytes = quote,
		.from = a->to,
		.to = a->to,
		.port = a->port,
		.ttl = -1,
		.tag = a->tag,
	};
	if (take_error(c, a, quote, in))
		return true;
	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &sys, &len) < 0)
		return false;
	in->error.sys = sys;
	return sys == ECONNREFUSED || (sys == 0 && events & EPOLLOUT);
}

static int connects_recv(struct link *l, struct link_in *in, unsigned cap, struct why *why)
{
	struct connects *c = (struct connects *)l;
	struct epoll_event events[64];
	int n = epoll_wait(l->fd, events, cap < 64 ? (int)cap : 64, 0), taken = 0;

	if (n < 0 && errno != EINTR)
		return why_sys(why, E_SYS, "epoll_wait");
	for (int i = 0; i < n; i++) {
		struct attempt *a = events[i].data.ptr;

		taken += take_outcome(c, a, events[i].events, c->quotes[i], &in[taken]);
		end_attempt(a);
	}
	return taken;
}

static void connects_close(struct link *l)
{
	struct connects *c = (struct connects *)l;

	for (unsigned i = 0; i < CONNECTS_MAX; i++)
		end_attempt(&c->attempts[i]);
	if (l->fd >= 0)
		close(l->fd);
	free(c);
}

int connects_open(const struct connects_opts *opts, struct link **out, struct why *why)
{
	static const struct link_ops ops = {connects_send, connects_recv, connects_close};
	struct connects *c = calloc(1, sizeof(*c));

	if (!c)
		return why_set(why, E_MEM, "out of memory");
	c->opts = *opts;
	if (opts->ifname)
		memcpy(c->ifname, opts->ifname, strnlen(opts->ifname, IF_NAMESIZE - 1));
	for (unsigned i = 0; i < CONNECTS_MAX; i++)
		c->attempts[i].fd = -1;
	c->link = (struct link){.ops = &ops, .fd = epoll_create1(EPOLL_CLOEXEC), .layer = LINK_L4};
	if (c->link.fd < 0) {
		free(c);
		return why_sys(why, E_SYS, "epoll_create1");
	}
	*out = &c->link;
	return 0;
}
