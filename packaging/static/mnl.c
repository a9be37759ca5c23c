/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mnl - those functions of libmnl that io/route and io/netconf call, for a static program: Debian
 * has no archive of that library. They do what its manual says, and no more.
 * Spec: netlink(7), rtnetlink(7).
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_LEN sizeof(struct nlmsghdr)
#define ATTR_LEN sizeof(struct nlattr)

struct mnl_socket {
	int fd;
	struct sockaddr_nl addr;
};

/* --- the socket */

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	struct mnl_socket *nl = calloc(1, sizeof(*nl));

	if (!nl)
		return NULL;
	nl->fd = socket(AF_NETLINK, SOCK_RAW | flags, bus);
	if (nl->fd >= 0)
		return nl;
	free(nl);
	return NULL;
}

int mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	socklen_t len = sizeof(nl->addr);

	nl->addr = (struct sockaddr_nl){
		.nl_family = AF_NETLINK, .nl_groups = groups, .nl_pid = (unsigned)pid};
	if (bind(nl->fd, (struct sockaddr *)&nl->addr, len) < 0)
		return -1;
	return getsockname(nl->fd, (struct sockaddr *)&nl->addr, &len);
}

unsigned int mnl_socket_get_portid(const struct mnl_socket *nl)
{
	return nl->addr.nl_pid;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *buf, size_t len)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

	return sendto(nl->fd, buf, len, 0, (const struct sockaddr *)&kernel, sizeof(kernel));
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	struct sockaddr_nl from;
	struct iovec iov = {buf, size};
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1};
	ssize_t len = recvmsg(nl->fd, &msg, 0);

	if (len < 0)
		return -1;
	if (msg.msg_flags & MSG_TRUNC) {
		errno = ENOSPC;
		return -1;
	}
	return len;
}

int mnl_socket_close(struct mnl_socket *nl)
{
	int err = close(nl->fd);

	free(nl);
	return err;
}

/* --- messages */

static size_t aligned(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

struct nlmsghdr *mnl_nlmsg_put_header(void *buf)
{
	struct nlmsghdr *head = buf;

	*head = (struct nlmsghdr){.nlmsg_len = HEAD_LEN};
	return head;
}

static void *put(struct nlmsghdr *head, size_t len)
{
	char *at = (char *)head + head->nlmsg_len;

	memset(at, 0, aligned(len));
	head->nlmsg_len += (uint32_t)aligned(len);
	return at;
}

void *mnl_nlmsg_put_extra_header(struct nlmsghdr *head, size_t size)
{
	return put(head, size);
}

void *mnl_nlmsg_get_payload(const struct nlmsghdr *head)
{
	return (char *)(uintptr_t)head + HEAD_LEN;
}

void mnl_attr_put(struct nlmsghdr *head, uint16_t type, size_t len, const void *data)
{
	struct nlattr *attr = put(head, ATTR_LEN + len);

	attr->nla_type = type;
	attr->nla_len = (uint16_t)(ATTR_LEN + len);
	memcpy((char *)attr + ATTR_LEN, data, len);
}

void mnl_attr_put_u32(struct nlmsghdr *head, uint16_t type, uint32_t value)
{
	mnl_attr_put(head, type, sizeof(value), &value);
}

void mnl_attr_put_strz(struct nlmsghdr *head, uint16_t type, const char *data)
{
	mnl_attr_put(head, type, strlen(data) + 1, data);
}

/* --- attributes of an answer */

uint16_t mnl_attr_get_type(const struct nlattr *attr)
{
	return (uint16_t)(attr->nla_type & 0x3fffu); /* NLA_TYPE_MASK, without its sign */
}

uint16_t mnl_attr_get_payload_len(const struct nlattr *attr)
{
	return (uint16_t)(attr->nla_len - ATTR_LEN);
}

void *mnl_attr_get_payload(const struct nlattr *attr)
{
	return (char *)(uintptr_t)attr + ATTR_LEN;
}

static int parse(const char *at, const char *end, mnl_attr_cb_t cb, void *data)
{
	int more = MNL_CB_OK;

	while (more > MNL_CB_STOP && end - at >= (ptrdiff_t)ATTR_LEN) {
		const struct nlattr *attr = (const void *)at;

		if (attr->nla_len < ATTR_LEN || attr->nla_len > end - at)
			break;
		more = cb(attr, data);
		at += aligned(attr->nla_len);
	}
	return more;
}

int mnl_attr_parse(const struct nlmsghdr *head, unsigned int offset, mnl_attr_cb_t cb, void *data)
{
	const char *start = mnl_nlmsg_get_payload(head);

	return parse(start + aligned(offset), (const char *)head + head->nlmsg_len, cb, data);
}

int mnl_attr_parse_nested(const struct nlattr *attr, mnl_attr_cb_t cb, void *data)
{
	const char *start = mnl_attr_get_payload(attr);

	return parse(start, (const char *)attr + attr->nla_len, cb, data);
}

/* --- answers */

/* The kernel's word on a question: an error, or that it is done. */
static int take_word(const struct nlmsghdr *head)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(head);
	int code;

	if (head->nlmsg_type == NLMSG_DONE)
		return MNL_CB_STOP;
	if (head->nlmsg_type != NLMSG_ERROR)
		return MNL_CB_OK;
	if (head->nlmsg_len < HEAD_LEN + sizeof(*err)) {
		errno = EBADMSG;
		return MNL_CB_ERROR;
	}
	code = err->error;
	errno = code < 0 ? -code : code;
	return code ? MNL_CB_ERROR : MNL_CB_STOP;
}

static bool is_ours(const struct nlmsghdr *head, unsigned seq, unsigned portid)
{
	return (!head->nlmsg_pid || !portid || head->nlmsg_pid == portid) &&
	       (!head->nlmsg_seq || !seq || head->nlmsg_seq == seq);
}

int mnl_cb_run(const void *buf, size_t len, unsigned int seq, unsigned int portid, mnl_cb_t cb_data,
	       void *data)
{
	const char *at = buf, *end = at + len;
	int more = MNL_CB_OK;

	while (more > MNL_CB_STOP && end - at >= (ptrdiff_t)HEAD_LEN) {
		const struct nlmsghdr *head = (const void *)at;

		if (head->nlmsg_len < HEAD_LEN || head->nlmsg_len > end - at)
			break;
		if (!is_ours(head, seq, portid)) {
			errno = ESRCH;
			return MNL_CB_ERROR;
		}
		if (head->nlmsg_type < NLMSG_MIN_TYPE)
			more = take_word(head);
		else if (cb_data)
			more = cb_data(head, data);
		at += aligned(head->nlmsg_len);
	}
	return more;
}
