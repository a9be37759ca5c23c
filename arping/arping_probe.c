/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arping_probe - who-has and neighbor solicitation, and the judging of what comes back. No I/O, no
 * clock.
 */
#include <string.h>

#include "arping.h"
#include "build/recipes.h"

#define LOOK_BACK 64u /* questions; in a sweep those between are to others */

/*
 * With --proxy-check every other question has no sender: a proxy answers only those that have one,
 * an owner both.
 */
static struct addr sender_of(const struct arping *a, const struct target *t, uint32_t seq)
{
	if (a->opts.checks_proxy && seq % 2 == 0)
		return (struct addr){.len = t->addr.len};
	return arping_source_to(a, &t->addr);
}

/* Whom the frame is for: the one owner known, once there is one, else everybody. */
static const struct mac *receiver_of(const struct arping *a, const struct target *t)
{
	const struct arping_notes *notes = t->notes;

	if (a->opts.has_target_mac)
		return &a->opts.target_mac;
	if (a->opts.is_broadcast_only || a->opts.checks_proxy || !notes || notes->n_owners != 1)
		return NULL;
	return &notes->owners[0].mac;
}

int arping_build(void *tool, const struct probe *probe, struct wr *out)
{
	struct arping *a = tool;
	const struct target *t = probe->target;
	const struct mac *mac = &a->port.iface.mac, *to = receiver_of(a, t);
	struct addr from = sender_of(a, t, probe->seq);
	bool is_v6 = addr_is_v6(&t->addr);
	bool is_group = addr_is_multicast(&t->addr);
	struct pkt_spec spec = is_group ? arping_reverse_spec(a, t, (uint16_t)probe->seq) :
			       is_v6    ? recipe_ns(mac, &from, &t->addr) :
					  recipe_arp_request(mac, &from, &t->addr);

	if (to && !is_group) {
		spec.eth.dst = *to;
		/* RFC 4861 7.2.2: a solicitation without a sender is for the group alone. */
		if (is_v6 && !addr_is_any(&from))
			spec.ip.dst = t->addr;
	}
	memcpy(spec.eth.vlan, a->opts.vlans, sizeof(spec.eth.vlan));
	spec.eth.n_vlans = a->opts.n_vlans;
	return pkt_build(a->builder, &spec, out, NULL);
}

/* The next tag from @i on that names a VLAN; @n if there is none. */
static unsigned skip_priority(const struct vlan_tag *tags, unsigned i, unsigned n)
{
	while (i < n && !tags[i].vid)
		i++;
	return i;
}

/*
 * Whether the frame came on the VLAN that was asked. A tag of VLAN 0 gives a priority and no VLAN
 * (IEEE 802.1Q 6.9.1), so a frame with it counts as one without. A customer's VLAN 5 and a
 * provider's (802.1ad) are two.
 */
static bool is_our_vlan(const struct arping *a, const struct eth_hdr *eth)
{
	unsigned at = skip_priority(eth->tags, 0, eth->n_tags);

	for (unsigned i = 0; i < a->opts.n_vlans; i++) {
		const struct pkt_vlan *want = &a->opts.vlans[i];

		if (!(want->tci & 0xfff))
			continue;
		if (at == eth->n_tags || eth->tags[at].vid != (want->tci & 0xfff) ||
		    eth->tags[at].tpid != want->tpid)
			return false;
		at = skip_priority(eth->tags, at + 1, eth->n_tags);
	}
	return at == eth->n_tags;
}

/* An ARP reply to us: RFC 826, "Packet Reception". */
static struct probe *judge_arp(struct arping *a, const struct dissect *d)
{
	struct probe *probe;
	struct addr source;

	if (d->arp.op != ARP_REPLY || !mac_same(&d->arp.target_mac, &a->port.iface.mac))
		return NULL;
	probe = probe_find_newest(engine_probes(a->engine), &d->arp.sender);
	if (!probe)
		return NULL;
	source = arping_source_to(a, &probe->target->addr);
	a->detail.is_to_zero = addr_is_any(&d->arp.target);
	if (!addr_same(&d->arp.target, &source) && !(a->detail.is_to_zero && a->opts.checks_proxy))
		return NULL;
	a->detail.mac = d->arp.sender_mac;
	a->detail.addr = d->arp.sender;
	return probe;
}

/*
 * RFC 4861 7.1.2. The answer to a unicast question need not say the MAC address (7.2.4): then it is
 * that of the frame.
 */
static struct probe *judge_na(struct arping *a, const struct dissect *d, bool is_csum_partial)
{
	struct rd opts = d->nd_opts;
	struct addr source;
	struct probe *probe;
	struct nd_opt o;
	int more;

	if (d->nd.type != ICMP_V6_NEIGHBOR_ADVERT)
		return NULL;
	if (d->ttl != 255 || (d->l4_csum == CSUM_BAD && !is_csum_partial)) {
		a->malformed++;
		return NULL;
	}
	probe = probe_find_newest(engine_probes(a->engine), &d->nd.target);
	if (!probe)
		return NULL;
	source = arping_source_to(a, &probe->target->addr);
	a->detail.is_to_zero = addr_is_multicast(&d->dst);
	if (!addr_same(&d->dst, &source) && !a->detail.is_to_zero)
		return NULL;
	a->detail.mac = d->eth.src;
	a->detail.addr = d->nd.target;
	while ((more = nd_opt_next(&opts, &o)) == 1)
		if (o.type == ND_TARGET_MAC && nd_opt_mac(&o, &a->detail.mac) < 0)
			more = E_BAD;
	return more < 0 ? NULL : probe;
}

/*
 * Who has answered the newest question and answers once more while older ones are open, answers one
 * of those: on a slow link many are under way.
 */
static struct probe *older_open(struct arping *a, struct probe *newest)
{
	const struct target *t = newest->target;
	uint64_t n = newest->n;

	for (unsigned i = 0; i < LOOK_BACK && t->n_outstanding && n > 1; i++) {
		struct probe *probe = probe_get(engine_probes(a->engine), --n);

		if (probe && probe->target == t && probe->state == PROBE_OUTSTANDING)
			return probe;
	}
	return NULL;
}

/*
 * The owner at hand among those known of the target, at the end of the list if it is new. Returns
 * the question that its answer is counted for.
 */
static struct probe *note_owner(struct arping *a, struct probe *probe)
{
	struct arping_detail *d = &a->detail;
	struct arping_notes *notes = arping_notes(probe->target);
	struct probe *older;
	unsigned i = 0;

	if (!notes)
		return probe;
	while (i < notes->n_owners && !mac_same(&notes->owners[i].mac, &d->mac))
		i++;
	d->is_probe_unicast = notes->is_last_unicast || a->opts.has_target_mac;
	d->is_new_owner = i == notes->n_owners;
	if (i == ARPING_OWNERS) {
		notes->n_others++;
		return probe;
	}
	d->owner = &notes->owners[i];
	if (d->is_new_owner) {
		notes->n_owners++;
		*d->owner = (struct arping_owner){.mac = d->mac, .frame_src = d->frame_src};
	}
	older = d->owner->last_seq == probe->seq ? older_open(a, probe) : NULL;
	d->is_older = older != NULL;
	/* Of one who has answered less often than asked it is late, not one too many. */
	d->is_repeated = d->owner->last_seq == probe->seq && !older &&
			 d->owner->answers >= probe->target->seq;
	d->owner->last_seq = probe->seq;
	d->owner->answers++;
	d->owner->to_ours += !d->is_to_zero;
	d->owner->to_zero += d->is_to_zero;
	return older ? older : probe;
}

bool arping_look(struct arping *a, const struct link_in *in, struct dissect *d)
{
	int err;

	bool is_watching = a->opts.read || a->opts.listens;

	if (in->kind != LINK_PACKET || (in->is_outgoing && !is_watching) || in->layer != LINK_L2)
		return false;
	err = dissect_packet(DISSECT_L2, in->bytes, in->len, d);
	if (err < 0) {
		/* ARP for other than Ethernet and IPv4 is well formed. */
		a->malformed += err != E_UNSUP;
		return false;
	}
	if (!is_our_vlan(a, &d->eth)) {
		a->foreign_vlan++;
		return false;
	}
	a->detail = (struct arping_detail){
		.frame_src = d->eth.src,
		.is_to_all = d->eth.dst.bytes[0] & 1,
		.n_tags = d->eth.n_tags,
	};
	memcpy(a->detail.tags, d->eth.tags, sizeof(d->eth.tags));
	return true;
}

void arping_judge(void *tool, const struct link_in *in, struct judgement *out)
{
	struct arping *a = tool;
	struct probe *probe = NULL;
	struct dissect d;

	/* An access point may send our own frame back, or one in our name. */
	if (!arping_look(a, in, &d) || mac_same(&d.eth.src, &a->port.iface.mac))
		return;
	if (a->reverse && !mac_same(&d.eth.src, &a->opts.target_mac))
		return;
	if (dissect_has(&d, LAYER_ARP))
		probe = judge_arp(a, &d);
	else if (dissect_has(&d, LAYER_ND))
		probe = judge_na(a, &d, in->is_csum_partial);
	else if (a->reverse && dissect_has(&d, LAYER_ICMP6))
		probe = arping_reverse_judge(a, &d);
	if (!probe)
		return;
	out->kind = JUDGED_ANSWER;
	out->verdict = VERDICT_OK;
	out->probe = note_owner(a, probe);
}
