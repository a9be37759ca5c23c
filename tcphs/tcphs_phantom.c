/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs_phantom - speaks from an address that this host does not have: claims it, finds the next
 * hop, and only then the connection begins.
 */
#include <stdio.h>

#include "tcphs.h"

#include "base/num.h"

#define HOP_TRIES 3u /* RFC 4861 10: MAX_MULTICAST_SOLICIT */

static void tell(void *arg, enum phantom_news news, const struct addr *who, const struct mac *other)
{
	struct tcphs *t = arg;
	char addr[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];
	bool is_lost = news == PHANTOM_TAKEN || news == PHANTOM_YIELDED;

	addr_text(who, addr);
	if (news == PHANTOM_CLAIMED && !t->run->options.is_quiet && t->opts.output_is_free)
		out_text(&t->run->out, "phantom: nobody has %s, claimed at %s\n", addr,
			 mac_text(&t->host.mac, mac));
	if (!is_lost)
		return;
	(void)why_set(&t->why, E_BAD, "%s has an owner, %s: choose another phantom address", addr,
		      mac_text(other, mac));
	t->is_broken = t->is_over = true;
}

int tcphs_phantom_open(struct tcphs *t, const char *filter, struct why *why)
{
	struct phantom *p = &t->host;
	int err;

	*p = (struct phantom){
		.rnd = &t->run->rnd,
		.builder = t->builder,
		.timing = t->opts.is_dad_fast ? dad_timing_fast() : dad_timing_rfc(false),
		.tell = tell,
		.arg = t,
	};
	p->timing.announcements = 2;
	p->timing.hold = 366ull * 24 * 3600 * NS_PER_S;
	err = phantom_choose_mac(t->run->netlink, &t->iface, t->opts.phantom_mac, p->rnd, &p->mac,
				 why);
	if (!err)
		err = phantom_check(t->run->netlink, &t->iface, &t->flow.local, why);
	if (!err)
		err = phantom_add(p, &t->flow.local);
	if (!err)
		err = phantom_open_link(p, &t->iface, filter, why);
	t->link = p->link;
	return err;
}

bool tcphs_phantom_step(struct tcphs *t, uint64_t now_ns)
{
	const struct addr *hop = t->route.gateway.len ? &t->route.gateway : &t->flow.remote;
	struct phantom *p = &t->host;

	if (!p->hop.len && p->dads[0].fsm.state == DAD_IDLE)
		phantom_start(p, now_ns);
	phantom_timer(p, now_ns);
	if (p->is_broken) {
		t->why = p->why;
		t->is_broken = t->is_over = true;
	}
	if (!p->is_claimed[0])
		return false;
	if (t->opts.mode == MODE_LISTEN) /* the peer's frames tell its MAC */
		return true;
	if (!p->hop.len)
		phantom_find(p, hop, now_ns);
	if (!p->has_hop && p->hop_tries > HOP_TRIES)
		t->has_neighbour_failed = t->is_over = true;
	return p->has_hop;
}
