/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_wire - out and in on the interface.
 */
#include <unistd.h>

#include "base/text.h"
#include "build/recipes.h"
#include "dhcpc.h"
#include "io/frames.h"
#include "io/priv.h"

/* The kernel takes a VLAN tag off before it asks the filter, so a priority tag passes. */
#define FILTER "arp or (udp and dst port 68)"

static int check_iface(const struct iface *i, struct why *why)
{
	if (i->is_loopback || !i->has_mac)
		return why_set(why, E_UNSUP, "%s is no Ethernet: DHCP is not asked there", i->name);
	if (!i->is_up)
		return why_set(why, E_SYS, "%s is down, switch it on: 'ip link set %s up'", i->name,
			       i->name);
	if (!i->is_lower_up)
		return why_set(why, E_SYS,
			       "%s has no carrier, look after its cable or access point", i->name);
	return 0;
}

static int open_link(struct dhcpc *d, struct why *why)
{
	const struct frames_opts opts = {
		.ifindex = d->iface.index,
		.filter = FILTER,
		.ignore_outgoing = true,
		.promisc = !mac_same(&d->self.mac, &d->iface.mac),
		.stamp_queued = true,
	};
	int err = frames_open(&opts, &d->link, why);

	return err == E_PERM ? priv_refused(why, "packet") : err;
}

/* Two interfaces on one link: what the other one says is no stranger's word. */
static int learn_macs(struct dhcpc *d, struct why *why)
{
	struct iface all[DHCPC_MACS];
	int n = iface_list(d->run->netlink, all, DHCPC_MACS, why);

	for (unsigned i = 0; n > 0 && i < (unsigned)n && i < DHCPC_MACS; i++)
		if (all[i].has_mac && !all[i].is_loopback)
			d->macs[d->n_macs++] = all[i].mac;
	return n < 0 ? n : 0;
}

int dhcpc_open(struct dhcpc *d, struct why *why)
{
	int err = tool_netlink(d->run, why);

	if (!err)
		err = iface_get(d->run->netlink, d->opts.ifname, &d->iface, why);
	if (!err)
		err = check_iface(&d->iface, why);
	if (!err && d->opts.checks)
		err = learn_macs(d, why);
	if (!err)
		err = dhcpc_self_make(&d->opts, &d->iface, &d->run->rnd, &d->self, why);
	if (!err)
		err = open_link(d, why);
	if (!err)
		err = trace_open(d->run, d->iface.index, NULL, &d->trace, why);
	if (err)
		return err;
	d->builder = pkt_new();
	if (!d->builder)
		return why_set(why, E_MEM, "out of memory");
	d->start_ns = clock_mono(d->run->clock);
	return tool_lock_down(d->run, why);
}

int dhcpc_send_frame(struct dhcpc *d, const uint8_t *frame, size_t len, const char *what,
		     struct why *why)
{
	struct link_out out = {.bytes = frame, .len = len, .tag = ++d->n_tx};
	int err;

	d->sent_wall_ns = clock_wall(d->run->clock);
	d->tx_wall_ns = 0;
	err = link_send(d->link, &out, 1, why);
	if (err < 0)
		return err;
	dhcpc_trace_out(d, frame, len, what);
	return 0;
}

int dhcpc_send(struct dhcpc *d, const struct dhcpc_ask *ask, struct why *why)
{
	uint8_t frame[DHCPC_FRAME_MAX];
	struct wr w = wr_make(frame, sizeof(frame));
	int err = dhcpc_frame_build(&d->self, ask, d->builder, &w, why);

	if (!err)
		err = dhcpc_send_frame(d, frame, w.len, dhcp_type_word(ask->type), why);
	if (err < 0)
		return err;
	d->counts.sent++;
	dhcpc_tell_sent(d, ask);
	return 0;
}

void dhcpc_answer_arp(struct dhcpc *d, const struct addr *held, const struct dissect *arp)
{
	uint8_t frame[128];
	struct wr w = wr_make(frame, sizeof(frame));
	struct pkt_spec spec;

	if (arp->arp.op != ARP_REQUEST || arp_is_probe(&arp->arp) ||
	    !addr_same(&arp->arp.target, held))
		return;
	spec = recipe_arp_reply(&d->self.mac, held, &arp->arp.sender_mac, &arp->arp.sender);
	/* Who asked asks again if this is lost. */
	if (pkt_build(d->builder, &spec, &w, NULL) == 0 &&
	    dhcpc_send_frame(d, frame, w.len, "the server asks who has the address: we", NULL) < 0)
		return;
}

void dhcpc_count(struct dhcpc *d, const struct dhcpc_seen *s)
{
	struct dhcpc_counts *c = &d->counts;
	char comment[DHCPC_WHY_MAX + 32];
	struct text t = text_make(comment, sizeof(comment));

	c->ignored++;
	c->malformed += s->drop == DROP_MALFORMED;
	c->foreign += s->drop == DROP_FOREIGN;
	c->policy += s->drop == DROP_POLICY;
	c->refused += s->drop == DROP_REFUSED;
	c->untimely += s->drop == DROP_UNTIMELY;
	text_addf(&t, "ignored, %s: %s", dhcpc_drop_word(s->drop), s->why);
	dhcpc_tell_ignored(d, s);
	dhcpc_trace_in(d, s->in, comment);
}
