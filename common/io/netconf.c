/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/netconf.h"

#include <libmnl/libmnl.h>
#include <linux/capability.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/priv.h"

#ifndef RTPROT_DHCP
#define RTPROT_DHCP 16
#endif

#define MESSAGE_MAX 1024

struct netconf {
	struct mnl_socket *socket;
	int port_fd; /* -1 for none */
	unsigned seq;
	union {
		struct nlmsghdr head;
		char bytes[MESSAGE_MAX];
	} order;
};

int netconf_open(struct netconf **out, struct why *why)
{
	struct netconf *nc = calloc(1, sizeof(*nc));

	if (!nc)
		return why_set(why, E_MEM, "out of memory");
	nc->port_fd = -1;
	nc->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!nc->socket || mnl_socket_bind(nc->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		why_sys(why, E_SYS, "cannot speak with the kernel about addresses");
		netconf_close(nc);
		return E_SYS;
	}
	*out = nc;
	return 0;
}

void netconf_close(struct netconf *nc)
{
	if (!nc)
		return;
	if (nc->socket)
		mnl_socket_close(nc->socket);
	if (nc->port_fd >= 0)
		close(nc->port_fd);
	free(nc);
}

static void *begin(struct netconf *nc, uint16_t type, uint16_t flags, size_t extra)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(nc->order.bytes);

	head->nlmsg_type = type;
	head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	head->nlmsg_seq = ++nc->seq;
	return mnl_nlmsg_put_extra_header(head, extra);
}

static void put_addr(struct netconf *nc, uint16_t attr, const struct addr *a)
{
	mnl_attr_put(&nc->order.head, attr, 4, a->bytes);
}

/* Sends the order and waits for the kernel's word. Returns 0, or -1 and errno. */
static int carry_out(struct netconf *nc)
{
	char answer[8192];
	ssize_t len;
	int err;

	priv_raise(CAP_NET_ADMIN);
	len = mnl_socket_sendto(nc->socket, nc->order.bytes, nc->order.head.nlmsg_len);
	if (len >= 0)
		len = mnl_socket_recvfrom(nc->socket, answer, sizeof(answer));
	err = len < 0 ? -1 :
			mnl_cb_run(answer, (size_t)len, nc->seq, mnl_socket_get_portid(nc->socket),
				   NULL, NULL);
	priv_lower(CAP_NET_ADMIN);
	return err < 0 ? -1 : 0;
}

static int fault(struct why *why, const char *what, const struct addr *a, uint8_t prefix_len)
{
	char text[ADDR_TEXT_MAX];

	return why_sys(why, errno == EPERM ? E_PERM : E_SYS, "cannot %s %s/%u", what,
		       addr_text(a, text), prefix_len);
}

static void begin_addr(struct netconf *nc, uint16_t type, uint16_t flags,
		       const struct netconf_addr *a)
{
	struct ifaddrmsg *m = begin(nc, type, flags, sizeof(*m));

	m->ifa_family = AF_INET;
	m->ifa_prefixlen = a->prefix_len;
	m->ifa_index = a->ifindex;
	put_addr(nc, IFA_LOCAL, &a->addr);
	put_addr(nc, IFA_ADDRESS, &a->addr);
}

int netconf_set_addr(struct netconf *nc, const struct netconf_addr *a, struct why *why)
{
	struct ifa_cacheinfo life = {.ifa_prefered = a->valid_s, .ifa_valid = a->valid_s};
	struct addr last = a->addr;

	begin_addr(nc, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, a);
	addr_mask(&last, a->prefix_len, true);
	/* RFC 3021: a network of two addresses has no broadcast. */
	if (a->prefix_len < 31)
		put_addr(nc, IFA_BROADCAST, addr_is_any(&a->broadcast) ? &last : &a->broadcast);
	mnl_attr_put(&nc->order.head, IFA_CACHEINFO, sizeof(life), &life);
	return carry_out(nc) < 0 ? fault(why, "set the address", &a->addr, a->prefix_len) : 0;
}

int netconf_drop_addr(struct netconf *nc, const struct netconf_addr *a, struct why *why)
{
	begin_addr(nc, RTM_DELADDR, 0, a);
	if (carry_out(nc) == 0 || errno == EADDRNOTAVAIL || errno == ENODEV)
		return 0;
	return fault(why, "remove the address", &a->addr, a->prefix_len);
}

static void begin_route(struct netconf *nc, uint16_t type, uint16_t flags,
			const struct netconf_route *r)
{
	struct rtmsg *m = begin(nc, type, flags, sizeof(*m));
	bool is_on_link = addr_is_any(&r->gateway);

	m->rtm_family = AF_INET;
	m->rtm_dst_len = r->prefix_len;
	m->rtm_table = RT_TABLE_MAIN;
	m->rtm_protocol = RTPROT_DHCP;
	m->rtm_scope = is_on_link ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	m->rtm_type = RTN_UNICAST;
	/* A /32 lease has its gateway outside of its network: it is on the link all the same. */
	m->rtm_flags = is_on_link ? 0 : RTNH_F_ONLINK;
	if (r->prefix_len)
		put_addr(nc, RTA_DST, &r->prefix);
	if (!is_on_link)
		put_addr(nc, RTA_GATEWAY, &r->gateway);
	put_addr(nc, RTA_PREFSRC, &r->src);
	mnl_attr_put_u32(&nc->order.head, RTA_OIF, r->ifindex);
	if (r->metric)
		mnl_attr_put_u32(&nc->order.head, RTA_PRIORITY, r->metric);
}

/*
 * Appended: NLM_F_REPLACE would take the place of somebody else's route of the same prefix and
 * metric, which then nobody puts back.
 */
int netconf_set_route(struct netconf *nc, const struct netconf_route *r, struct why *why)
{
	begin_route(nc, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, r);
	if (carry_out(nc) == 0 || errno == EEXIST)
		return 0;
	return fault(why, "set the route to", &r->prefix, r->prefix_len);
}

int netconf_drop_route(struct netconf *nc, const struct netconf_route *r, struct why *why)
{
	begin_route(nc, RTM_DELROUTE, 0, r);
	if (carry_out(nc) == 0 || errno == ESRCH || errno == ENODEV)
		return 0;
	return fault(why, "remove the route to", &r->prefix, r->prefix_len);
}

void netconf_hold_port(struct netconf *nc, const char *ifname, uint16_t port)
{
	const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int on = 1, least = 1;

	if (nc->port_fd >= 0)
		return;
	nc->port_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (nc->port_fd < 0)
		return;
	priv_raise(CAP_NET_BIND_SERVICE);
	priv_raise(CAP_NET_RAW);
	(void)setsockopt(nc->port_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(nc->port_fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	(void)setsockopt(nc->port_fd, SOL_SOCKET, SO_BINDTODEVICE, ifname,
			 (socklen_t)strlen(ifname));
	(void)bind(nc->port_fd, (const struct sockaddr *)&any, sizeof(any));
	priv_lower(CAP_NET_RAW);
	priv_lower(CAP_NET_BIND_SERVICE);
}
