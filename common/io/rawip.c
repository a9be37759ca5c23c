/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/rawip.h"

#include <linux/capability.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/priv.h"

#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36 /* <linux/in6.h>, which does not go together with <netinet/in.h> */
#endif

static int rawip_send(struct link *l, const struct link_out *out, unsigned n, struct why *why)
{
	char text[ADDR_TEXT_MAX];
	unsigned i;

	for (i = 0; i < n; i++) {
		struct sockaddr_storage sa;
		socklen_t len = addr_to_sockaddr(&out[i].to, 0, &sa);

		if (sendto(l->fd, out[i].bytes, out[i].len, 0, (struct sockaddr *)&sa, len) >= 0)
			continue;
		if (i)
			break;
		if (errno == EAGAIN || errno == ENOBUFS)
			return why_sys(why, E_AGAIN, "the queue is full");
		return why_sys(why, E_SYS, "cannot send to %s", addr_text(&out[i].to, text));
	}
	return (int)i;
}

static int rawip_recv(struct link *l, struct link_in *in, unsigned cap, struct why *why)
{
	(void)l;
	(void)in;
	(void)cap;
	(void)why;
	return 0;
}

static void rawip_close(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

static const struct link_ops rawip_ops = {rawip_send, rawip_recv, rawip_close};

static int set_up(int fd, bool is_v6, const char *ifname, struct why *why)
{
	int on = 1, none = 0;

	if (is_v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof(on)) < 0)
		return why_sys(why, E_SYS, "cannot send IPv6 headers of our own");
	/* Protocol 255 hears nothing; room for answers would be wasted. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &none, sizeof(none));
	if (ifname &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ifname, (socklen_t)strlen(ifname) + 1) < 0)
		return why_sys(why, E_SYS, "cannot bind to interface %s", ifname);
	return 0;
}

int rawip_open(bool is_v6, const char *ifname, struct link **out, struct why *why)
{
	struct link *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return why_set(why, E_MEM, "out of memory");
	*l = (struct link){.ops = &rawip_ops, .layer = LINK_L3};
	priv_raise(CAP_NET_RAW);
	l->fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       IPPROTO_RAW);
	priv_lower(CAP_NET_RAW);
	if (l->fd < 0)
		err = why_sys(why, errno == EPERM || errno == EACCES ? E_PERM : E_SYS,
			      "cannot open a raw socket");
	else
		err = set_up(l->fd, is_v6, ifname, why);
	if (err < 0) {
		rawip_close(l);
		return err;
	}
	*out = l;
	return 0;
}
