/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/guard.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "io/priv.h"

#ifndef IP_MINTTL
#define IP_MINTTL 21
#endif
#ifndef IPV6_MINHOPCOUNT
#define IPV6_MINHOPCOUNT 73
#endif

static bool set_min_ttl(int fd, bool is_v6)
{
	int most = 255;

	return setsockopt(fd, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP,
			  is_v6 ? IPV6_MINHOPCOUNT : IP_MINTTL, &most, sizeof(most)) == 0;
}

static bool set_key(int fd, const struct addr *remote, uint8_t addr_len, struct rnd *rnd)
{
	struct tcp_md5sig sig = {.tcpm_keylen = TCP_MD5SIG_MAXKEYLEN};
	struct addr any = {.len = addr_len};
	struct sockaddr_storage sa;

	(void)addr_to_sockaddr(remote->len ? remote : &any, 0, &sa);
	memcpy(&sig.tcpm_addr, &sa, sizeof(sa));
	rnd_fill(rnd, sig.tcpm_key, TCP_MD5SIG_MAXKEYLEN);
	if (remote->len)
		return setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &sig, sizeof(sig)) == 0;
	sig.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
	return setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &sig, sizeof(sig)) == 0;
}

static bool set_filter(int fd)
{
	struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog prog = {.len = 1, .filter = nothing};
	bool is_set;

	priv_raise(CAP_NET_ADMIN);
	is_set = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) == 0;
	priv_lower(CAP_NET_ADMIN);
	return is_set;
}

static int bind_and_listen(struct guard *g, const struct addr *local, uint16_t port,
			   struct why *why)
{
	struct sockaddr_storage sa;
	socklen_t len = addr_to_sockaddr(local, port, &sa);
	char text[ADDR_TEXT_MAX];

	if (bind(g->fd, (struct sockaddr *)&sa, len) < 0 || listen(g->fd, 1) < 0) {
		if (errno == EADDRINUSE)
			return why_sys(
				why, E_SYS,
				"another program has port %u of %s: choose one with --source-port, or stop it",
				port, addr_text(local, text));
		return why_sys(why, E_SYS, "cannot guard port %u of %s", port,
			       addr_text(local, text));
	}
	if (getsockname(g->fd, (struct sockaddr *)&sa, &len) < 0)
		return why_sys(why, E_SYS, "getsockname");
	g->port = ntohs(local->len == 16 ? ((struct sockaddr_in6 *)&sa)->sin6_port :
					   ((struct sockaddr_in *)&sa)->sin_port);
	return 0;
}

int guard_open(const struct addr *local, uint16_t port, const struct addr *remote, struct rnd *rnd,
	       struct guard *out, struct why *why)
{
	bool is_v6 = local->len == 16;
	int err;

	*out = (struct guard){.fd = socket(is_v6 ? AF_INET6 : AF_INET,
					   SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
	if (out->fd < 0)
		return why_sys(why, E_SYS, "cannot open the guard's socket");
	/* All before it listens: there is no moment in which it would answer. */
	out->has_min_ttl = set_min_ttl(out->fd, is_v6);
	out->has_key = set_key(out->fd, remote, local->len, rnd);
	out->has_filter = set_filter(out->fd);
	if (!out->has_min_ttl && !out->has_key && !out->has_filter)
		err = why_sys(
			why, E_SYS,
			"this kernel lets no socket discard what it gets: its RSTs cannot be prevented");
	else
		err = bind_and_listen(out, local, port, why);
	if (err < 0)
		guard_close(out);
	return err;
}

uint32_t guard_prevented(const struct guard *g)
{
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t len = sizeof(info);

	if (g->fd < 0 || getsockopt(g->fd, SOL_SOCKET, SO_MEMINFO, info, &len) < 0)
		return 0;
	return info[SK_MEMINFO_DROPS];
}

char *guard_text(const struct guard *g, char *out)
{
	struct text t = text_make(out, GUARD_TEXT_MAX);
	const char *separator = "(";

	if (g->fd < 0) {
		text_add(&t, "none");
		return out;
	}
	text_add(&t, "sock");
	if (g->has_filter) {
		text_addf(&t, "%sfilter", separator);
		separator = "+";
	}
	if (g->has_min_ttl) {
		text_addf(&t, "%sminttl", separator);
		separator = "+";
	}
	if (g->has_key)
		text_addf(&t, "%smd5", separator);
	text_add(&t, ")");
	return out;
}

void guard_close(struct guard *g)
{
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
}
