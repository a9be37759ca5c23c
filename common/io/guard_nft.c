/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libnftables is loaded only when this guard is asked for: its loading takes longer than most
 * connections, and a host without it loses nothing else.
 */
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/guard_impl.h"
#include "io/library.h"
#include "io/priv.h"

#define LIBRARY "libnftables.so.1"

struct guard_nft {
	void *library, *ctx;
	void *(*ctx_new)(uint32_t flags);
	void (*ctx_free)(void *ctx);
	int (*run)(void *ctx, const char *commands);
	int (*buffer_output)(void *ctx);
	int (*buffer_error)(void *ctx);
	char table[40];
};

static int load(struct guard_nft *n, struct why *why)
{
	static const char *const names[] = {"nft_ctx_new", "nft_ctx_free",
					    "nft_run_cmd_from_buffer", "nft_ctx_buffer_output",
					    "nft_ctx_buffer_error"};
	void *const to[] = {&n->ctx_new, &n->ctx_free, &n->run, &n->buffer_output,
			    &n->buffer_error};

	if (library_load(LIBRARY, "--guard=nft", "libnftables1", &n->library, why) < 0) {
		why_add(why, ", or use --guard=sock");
		return E_NOENT;
	}
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		void *symbol = library_find(n->library, names[i]);

		if (!symbol)
			return why_set(why, E_NOENT, "%s lacks %s: use --guard=sock", LIBRARY,
				       names[i]);
		memcpy(to[i], &symbol, sizeof(symbol));
	}
	return 0;
}

/*
 * Before conntrack (-200), so that it does not see half a connection closed; the taps have seen the
 * segment already.
 */
static void make_commands(const struct guard_nft *n, const struct guard_want *w, uint16_t port,
			  struct text *t)
{
	const char *ip = w->local.len == 16 ? "ip6" : "ip";
	struct addr local = w->local, remote = w->remote;
	char addr[ADDR_TEXT_MAX];

	local.zone = remote.zone = 0;
	text_addf(
		t,
		"table inet %s { flags owner; chain in { type filter hook prerouting priority -400; ",
		n->table);
	text_addf(t, "%s daddr %s tcp dport %u ", ip, addr_text(&local, addr), port);
	if (remote.len)
		text_addf(t, "%s saddr %s ", ip, addr_text(&remote, addr));
	if (w->remote_port)
		text_addf(t, "tcp sport %u ", w->remote_port);
	text_add(t, "drop; }; }");
}

static int start(struct guard_nft *n, const struct guard_want *want, uint16_t port, struct why *why)
{
	char commands[512];
	struct text t = text_make(commands, sizeof(commands));
	int err = load(n, why);

	if (err < 0)
		return err;
	snprintf(n->table, sizeof(n->table), "rstguard_%d", (int)getpid());
	make_commands(n, want, port, &t);
	priv_raise(CAP_NET_ADMIN);
	n->ctx = n->ctx_new(0);
	err = n->ctx && n->buffer_output(n->ctx) == 0 && n->buffer_error(n->ctx) == 0 ?
		      n->run(n->ctx, commands) :
		      -1;
	priv_lower(CAP_NET_ADMIN);
	if (err == 0)
		return 0;
	return why_set(why, E_PERM,
		       "the nft table cannot be made (CAP_NET_ADMIN is needed): use --guard=sock");
}

int guard_nft_open(const struct guard_want *want, uint16_t port, struct guard_nft **out,
		   struct why *why)
{
	struct guard_nft *n = calloc(1, sizeof(*n));
	int err = n ? start(n, want, port, why) : why_set(why, E_MEM, "out of memory");

	if (err < 0)
		guard_nft_close(n);
	else
		*out = n;
	return err;
}

void guard_nft_close(struct guard_nft *n)
{
	if (!n)
		return;
	if (n->ctx)
		n->ctx_free(n->ctx);
	free(n);
}
