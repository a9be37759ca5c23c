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
#include "io/guard_impl.h"
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

static int bind_to(struct guard *g, const struct guard_want *w, struct why *why)
{
	struct sockaddr_storage sa;
	socklen_t len = addr_to_sockaddr(&w->local, w->port, &sa);
	char text[ADDR_TEXT_MAX];

	if (bind(g->fd, (struct sockaddr *)&sa, len) < 0) {
		if (errno == EADDRINUSE)
			return why_sys(
				why, E_SYS,
				"another program has port %u of %s: choose one with --source-port, or stop it",
				w->port, addr_text(&w->local, text));
		if (errno == EINVAL && addr_is_link_local(&w->local) && !w->local.zone)
			return why_set(
				why, E_BAD,
				"the link-local address %s needs its interface: ADDRESS%%INTERFACE",
				addr_text(&w->local, text));
		return why_sys(why, E_SYS, "cannot guard port %u of %s", w->port,
			       addr_text(&w->local, text));
	}
	if (getsockname(g->fd, (struct sockaddr *)&sa, &len) < 0)
		return why_sys(why, E_SYS, "getsockname");
	g->port = ntohs(w->local.len == 16 ? ((struct sockaddr_in6 *)&sa)->sin6_port :
					     ((struct sockaddr_in *)&sa)->sin_port);
	return 0;
}

/* All before it listens: there is no moment in which it would answer. */
static int start_sock(struct guard *g, const struct guard_want *w, struct rnd *rnd, struct why *why)
{
	int err;

	g->method = GUARD_SOCK;
	g->has_min_ttl = set_min_ttl(g->fd, w->local.len == 16);
	g->has_key = set_key(g->fd, &w->remote, w->local.len, rnd);
	g->has_filter = set_filter(g->fd);
	if (!g->has_min_ttl && !g->has_key && !g->has_filter)
		return why_sys(
			why, E_UNSUP,
			"this kernel lets no socket discard what it gets: its RSTs cannot be prevented");
	err = bind_to(g, w, why);
	if (!err && listen(g->fd, 1) < 0)
		err = why_sys(why, E_SYS, "cannot listen on the guarded port");
	return err;
}

/* In repair mode connect() only writes down that there is a connection. tcp(7). */
static int start_repair(struct guard *g, const struct guard_want *w, struct why *why)
{
	struct sockaddr_storage sa;
	socklen_t len = addr_to_sockaddr(&w->remote, w->remote_port, &sa);
	int on = 1, err;

	g->method = GUARD_REPAIR;
	if (!w->remote.len || !w->remote_port)
		return why_set(
			why, E_BAD,
			"--guard=repair is for one connection: address and port of the peer are wanted");
	priv_raise(CAP_NET_ADMIN);
	err = setsockopt(g->fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on));
	priv_lower(CAP_NET_ADMIN);
	g->has_filter = err == 0 && set_filter(g->fd);
	if (!g->has_filter)
		return why_sys(why, E_PERM, "--guard=repair needs CAP_NET_ADMIN: use --guard=sock");
	err = bind_to(g, w, why);
	if (!err && connect(g->fd, (struct sockaddr *)&sa, len) < 0)
		err = why_sys(why, E_SYS, "cannot make a socket of this connection");
	return err;
}

static int start_nft(struct guard *g, const struct guard_want *w, struct why *why)
{
	int err = bind_to(g, w, why);

	g->method = GUARD_NFT;
	return err ? err : guard_nft_open(w, g->port, &g->nft, why);
}

static int open_method(enum guard_method method, const struct guard_want *w, struct rnd *rnd,
		       struct guard *out, struct why *why)
{
	int err;

	*out = (struct guard){.fd = socket(w->local.len == 16 ? AF_INET6 : AF_INET,
					   SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
	if (out->fd < 0)
		return why_sys(why, E_SYS, "cannot open the guard's socket");
	err = method == GUARD_REPAIR ? start_repair(out, w, why) :
	      method == GUARD_NFT    ? start_nft(out, w, why) :
				       start_sock(out, w, rnd, why);
	if (err < 0)
		guard_close(out);
	return err;
}

int guard_open(const struct guard_want *want, struct rnd *rnd, struct guard *out, struct why *why)
{
	int err;

	*out = (struct guard){.fd = -1, .port = want->port, .method = GUARD_NONE};
	if (want->method == GUARD_NONE)
		return 0;
	err = open_method(want->method, want, rnd, out, why);
	if (err == E_UNSUP && want->method == GUARD_AUTO)
		err = open_method(GUARD_NFT, want, rnd, out, why);
	return err;
}

bool guard_word(const char *word, enum guard_method *out)
{
	static const char *const words[] = {"auto", "sock", "repair", "nft", "none"};

	for (unsigned i = GUARD_AUTO; i <= GUARD_NONE; i++) {
		if (strcmp(word, words[i]) == 0) {
			*out = (enum guard_method)i;
			return true;
		}
	}
	return false;
}

bool guard_prevented(const struct guard *g, uint32_t *out)
{
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t len = sizeof(info);
	bool is_known =
		g->fd >= 0 && !g->nft && getsockopt(g->fd, SOL_SOCKET, SO_MEMINFO, info, &len) == 0;

	*out = info[SK_MEMINFO_DROPS];
	return is_known;
}

char *guard_text(const struct guard *g, char *out)
{
	struct text t = text_make(out, GUARD_TEXT_MAX);
	const char *separator = "(";

	if (g->fd < 0) {
		text_add(&t, "none");
		return out;
	}
	if (g->method != GUARD_SOCK) {
		text_add(&t, g->method == GUARD_NFT ? "nft" : "repair");
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
	guard_nft_close(g->nft);
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
	g->nft = NULL;
}
