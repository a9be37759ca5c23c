/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>

#include "base/num.h"
#include "io/sock_impl.h"

#define PENDING_MAX 32 /* errors about earlier packets that one send may meet */

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

void sock_rekey(struct sock *s)
{
	int off = s->stamp_flags & ~SOF_TIMESTAMPING_OPT_ID & ~SOF_TIMESTAMPING_OPT_TSONLY;

	if (s->stamp_flags &&
	    setsockopt(s->link.fd, SOL_SOCKET, SO_TIMESTAMPING, &off, sizeof(off)) == 0 &&
	    setsockopt(s->link.fd, SOL_SOCKET, SO_TIMESTAMPING, &s->stamp_flags, sizeof(int)) ==
		    0) {
		s->next_key = 0;
		s->is_key_lost = false;
	}
}

/* An ICMP error about an earlier packet surfaces as the failure of the next send, once. */
static bool is_pending_error(int sys)
{
	return sys == EHOSTUNREACH || sys == ENETUNREACH || sys == ECONNREFUSED || sys == EPROTO ||
	       sys == ENOPROTOOPT || sys == EOPNOTSUPP || sys == EACCES || sys == EREMOTEIO ||
	       sys == EHOSTDOWN || sys == EMSGSIZE || sys == ENONET;
}

/* What the errno of a failed send means to the person, and the cure where one is known. */
static int explain_send(const struct addr *to, struct why *why)
{
	int sys = errno;
	const char *cure = "";
	char text[ADDR_TEXT_MAX];

	if (addr_is_v6(to) && addr_is_link_local(to) && !to->zone)
		cure = ": a link-local address needs its interface: ADDRESS%INTERFACE or -I";
	else if (sys == EPERM)
		cure = ": a firewall on this host refuses it";
	else if (sys == EACCES)
		cure = ": a broadcast address needs -b; otherwise a route here prohibits it";
	else if (sys == EMSGSIZE)
		cure = ": larger than the path takes and fragmenting is not allowed";
	else if (sys == ENETUNREACH)
		cure = ": there is no route to it";
	else if (sys == EHOSTUNREACH)
		cure = ": a route here says that it cannot be reached";
	else if (sys == EINVAL)
		cure = ": its route is a black hole, or the source address does not fit it";
	else if (sys == EADDRNOTAVAIL)
		cure = ": this host has no address to send from";
	errno = sys;
	(void)why_sys(why, E_SYS, "sendmsg to %s", addr_text(to, text));
	why_add(why, cure);
	return sys == EAGAIN || sys == ENOBUFS ? E_AGAIN : E_SYS;
}

union ttl_control {
	struct cmsghdr head;
	uint8_t octets[CMSG_SPACE(sizeof(int))];
};

static void set_ttl(struct msghdr *m, union ttl_control *c, bool is_v6, int ttl)
{
	c->head = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(ttl)),
		.cmsg_level = is_v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		.cmsg_type = is_v6 ? IPV6_HOPLIMIT : IP_TTL,
	};
	memcpy(CMSG_DATA(&c->head), &ttl, sizeof(ttl));
	m->msg_control = c;
	m->msg_controllen = sizeof(*c);
}

static int sock_send(struct link *l, const struct link_out *out, unsigned n, struct why *why)
{
	struct sock *s = (struct sock *)l;
	struct mmsghdr msgs[SOCK_BATCH_MAX] unset;
	struct iovec iov[SOCK_BATCH_MAX] unset;
	struct sockaddr_storage to[SOCK_BATCH_MAX] unset;
	union ttl_control ttls[SOCK_BATCH_MAX] unset;
	int sent;

	if (n > SOCK_BATCH_MAX)
		n = SOCK_BATCH_MAX;
	for (unsigned i = 0; i < n; i++) {
		socklen_t len = addr_to_sockaddr(&out[i].to, out[i].port, &to[i]);

		if (s->is_v6)
			((struct sockaddr_in6 *)&to[i])->sin6_flowinfo = htonl(s->flow_label);
		iov[i] = (struct iovec){(void *)(uintptr_t)out[i].bytes, out[i].len};
		msgs[i].msg_hdr = (struct msghdr){
			.msg_name = &to[i],
			.msg_namelen = len,
			.msg_iov = &iov[i],
			.msg_iovlen = 1,
		};
		if (out[i].ttl)
			set_ttl(&msgs[i].msg_hdr, &ttls[i], s->is_v6, out[i].ttl);
	}
	sent = sendmmsg(l->fd, msgs, n, 0);
	/* Each failure takes one such error off the socket; others may come in meanwhile. */
	for (int i = 0; i < PENDING_MAX && sent < 0 && !s->is_raw && is_pending_error(errno); i++) {
		s->is_key_lost = true;
		sent = sendmmsg(l->fd, msgs, n, 0);
	}
	for (int i = 0; i < sent && !s->is_key_lost; i++)
		s->tags[s->next_key++ % SOCK_KEYS] = out[i].tag;
	if (sent != (int)n)
		s->is_key_lost = true;
	if (sent > 0)
		return sent;
	return explain_send(&out[0].to, why);
}

/*
 * A slot wants to know who sent a packet; not where the packet itself says so (raw IPv4), and not
 * of a stamp (the error queue of a raw socket holds nothing else). It is 2 % of a sweep.
 */
static void prepare_slots(struct sock *s, bool wants_names, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		s->iov[i] = (struct iovec){s->buffers + i * s->slot_len, s->slot_len};
		s->msgs[i].msg_hdr = (struct msghdr){
			.msg_name = wants_names ? &s->names[i] : NULL,
			.msg_namelen = wants_names ? sizeof(s->names[i]) : 0,
			.msg_iov = &s->iov[i],
			.msg_iovlen = 1,
			.msg_control = s->control[i],
			.msg_controllen = SOCK_CONTROL_MAX,
		};
	}
}

static uint64_t to_ns(const struct timespec *ts)
{
	return (uint64_t)ts->tv_sec * NS_PER_S + (uint64_t)ts->tv_nsec;
}

void sock_read_error(const struct cmsghdr *c, struct link_in *in)
{
	const struct sock_extended_err *e = (const void *)CMSG_DATA(c);
	struct sockaddr_storage offender = {0};
	size_t room = c->cmsg_len - CMSG_LEN(sizeof(*e));

	in->kind = LINK_ERROR;
	in->error = (struct link_error){
		.sys = (int)e->ee_errno,
		.is_local = e->ee_origin == SO_EE_ORIGIN_LOCAL,
		.type = e->ee_type,
		.code = e->ee_code,
		.info = e->ee_info,
	};
	/*
	 * The extension must have passed the kernel's own bounds to be announced; ours come on top.
	 */
	if (e->ee_rfc4884.len > 0 && e->ee_rfc4884.len < in->len)
		in->error.ext_off = e->ee_rfc4884.len;
	memcpy(&offender, e + 1, room < sizeof(offender) ? room : sizeof(offender));
	in->from = addr_from_sockaddr(&offender);
}

/* The error queue carries both stamps of what left and errors about it. */
static void take_extended_error(struct sock *s, const struct cmsghdr *c, struct link_in *in)
{
	const struct sock_extended_err *e = (const void *)CMSG_DATA(c);

	if (c->cmsg_len < CMSG_LEN(sizeof(*e)))
		return;
	if (e->ee_origin != SO_EE_ORIGIN_TIMESTAMPING) {
		sock_read_error(c, in);
		return;
	}
	in->kind = LINK_TX;
	/* Numbers from the time the numbering was lost belong to nobody. */
	if (e->ee_info != SCM_TSTAMP_SND || s->next_key - 1 - e->ee_data >= SOCK_KEYS)
		in->wall_ns = 0;
	else
		in->tag = s->tags[e->ee_data % SOCK_KEYS];
}

static void take_control(struct sock *s, struct msghdr *m, struct link_in *in)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPING) {
			in->wall_ns = to_ns((const struct timespec *)(const void *)CMSG_DATA(c));
		} else if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
			   (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)) {
			memcpy(&in->ttl, CMSG_DATA(c), sizeof(in->ttl));
		}
	}
	/* Last, because it may reject the stamp taken above. */
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			take_extended_error(s, c, in);
}

static struct link_in take_slot(struct sock *s, unsigned slot)
{
	struct msghdr *m = &s->msgs[slot].msg_hdr;
	size_t len = s->msgs[slot].msg_len;
	struct link_in in = {
		.kind = LINK_PACKET,
		.layer = s->link.layer,
		.proto = s->proto,
		.bytes = s->iov[slot].iov_base,
		.len = len,
		.wire_len = len,
		.ttl = -1,
	};
	struct addr peer = m->msg_name ? addr_from_sockaddr(&s->names[slot]) : (struct addr){0};

	if (m->msg_flags & MSG_TRUNC)
		in.wire_len = len + 1;
	if (!m->msg_name && in.layer == LINK_L3 && len >= 20)
		peer = addr_from(in.bytes + 12, 4);
	in.from = peer;
	if (m->msg_name) /* at the same place in IPv6; 0 unless UDP */
		in.port = ntohs(((const struct sockaddr_in *)&s->names[slot])->sin_port);
	take_control(s, m, &in);
	if (in.kind == LINK_ERROR) {
		in.to = peer;
		in.layer = LINK_L4;
	}
	return in;
}

/* One of the kernel's counts about the socket; 0 if it keeps none. */
static uint32_t meminfo(const struct sock *s, unsigned which)
{
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t len = sizeof(info);

	return getsockopt(s->link.fd, SOL_SOCKET, SO_MEMINFO, info, &len) == 0 ? info[which] : 0;
}

/*
 * Data is read before the error queue and handed out after it: whatever was answered has left
 * before, so the stamp of its leaving is in the queue by then. Without stamps the queue holds
 * errors alone, which can wait until there is no data; most reads then cost one system call.
 */
static int sock_recv(struct link *l, struct link_in *in, unsigned cap, struct why *why)
{
	struct sock *s = (struct sock *)l;
	unsigned room = cap < s->batch ? cap : s->batch, n = 0;
	unsigned data_room = s->stamp_flags && room > 1 ? room / 2 : room;
	int n_data, n_err = 0;
	bool is_quiet;

	prepare_slots(s, !s->is_raw || s->is_v6, room);
	n_data = recvmmsg(l->fd, s->msgs, data_room, MSG_DONTWAIT, NULL);
	if (n_data < 0 && errno != EAGAIN && errno != EINTR && !is_pending_error(errno))
		return why_sys(why, E_SYS, "recvmsg");
	if (n_data < 0)
		n_data = 0;
	/* Asked before the stamps are read: what has left by then has its stamp among them. */
	is_quiet = s->is_key_lost && !meminfo(s, SK_MEMINFO_WMEM_ALLOC);
	if ((unsigned)n_data < room && (s->stamp_flags || !n_data))
		n_err = recvmmsg(l->fd, s->msgs + n_data, room - (unsigned)n_data,
				 MSG_ERRQUEUE | MSG_DONTWAIT, NULL);
	if (n_err < 0)
		n_err = 0;
	for (int i = 0; i < n_err; i++)
		in[n++] = take_slot(s, (unsigned)(n_data + i));
	for (int i = 0; i < n_data; i++)
		in[n++] = take_slot(s, (unsigned)i);
	if (is_quiet && (unsigned)(n_data + n_err) < room)
		sock_rekey(s);
	if (n == 0)
		l->drops = meminfo(s, SK_MEMINFO_DROPS);
	return (int)n;
}

static void sock_close(struct link *l)
{
	struct sock *s = (struct sock *)l;

	if (l->fd >= 0)
		close(l->fd);
	free(s->buffers);
	free(s->tags);
	free(s);
}

const struct link_ops sock_ops = {sock_send, sock_recv, sock_close};
