/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/phantom.h"

#include "base/num.h"
#include "build/recipes.h"

#define HOP_AGAIN_NS NS_PER_S /* RFC 4861 10: RETRANS_TIMER */

/* @may_be_lost: a full queue is no reason to give up. */
static void send_frame(struct phantom *p, const uint8_t *frame, size_t len, const char *comment,
		       bool may_be_lost)
{
	struct link_out out = {.bytes = frame, .len = len};
	int err = link_send(p->link, &out, 1, &p->why);

	if (err < 0)
		p->is_broken |= err != E_AGAIN || !may_be_lost;
	else if (p->trace)
		p->trace(p->arg, true, frame, len, 0, comment);
}

static void send_spec(struct phantom *p, const struct pkt_spec *spec, const char *comment)
{
	uint8_t frame[PHANTOM_PACKET_MAX];
	struct wr w = wr_make(frame, sizeof(frame));

	if (pkt_build(p->builder, spec, &w, NULL) == 0)
		send_frame(p, frame, w.len, comment, true);
}

int phantom_add(struct phantom *p, const struct addr *addr)
{
	if (p->n == PHANTOM_ADDRS)
		return E_FULL;
	dad_open(&p->dads[p->n++], addr, &p->mac, &p->timing, p->rnd);
	return 0;
}

/* --- claiming */

static void act(struct phantom *p, unsigned i, uint32_t actions)
{
	static const enum dad_action sends[] = {DAD_SEND_PROBE, DAD_SEND_ANNOUNCEMENT,
						DAD_SEND_DEFENCE, DAD_SEND_ANSWER};
	static const struct mac nobody;
	struct dad *d = &p->dads[i];
	uint8_t frame[DAD_FRAME_MAX];

	if (p->is_broken)
		return;
	if (DAD_DOES(actions, DAD_TELL_FREE)) {
		p->is_claimed[i] = true;
		p->tell(p->arg, PHANTOM_CLAIMED, &d->addr, &nobody);
	}
	for (unsigned s = 0; s < sizeof(sends) / sizeof(sends[0]); s++) {
		struct wr w = wr_make(frame, sizeof(frame));

		if (!DAD_DOES(actions, sends[s]))
			continue;
		/* Whoever has asked nobody may not say that an address is free. */
		if (dad_build(d, sends[s], p->builder, &w) == 0) {
			send_frame(p, frame, w.len, dad_table.actions[sends[s]],
				   sends[s] != DAD_SEND_PROBE);
		} else {
			(void)why_set(&p->why, E_MEM, "out of memory");
			p->is_broken = true;
		}
	}
	if (DAD_DOES(actions, DAD_SEND_DEFENCE))
		p->tell(p->arg, PHANTOM_DEFENDED, &d->addr, &d->rival);
	if (DAD_DOES(actions, DAD_TELL_TAKEN)) {
		p->tell(p->arg, p->is_claimed[i] ? PHANTOM_YIELDED : PHANTOM_TAKEN, &d->addr,
			&d->rival);
		p->is_claimed[i] = false;
	}
}

void phantom_start(struct phantom *p, uint64_t now_ns)
{
	p->hop_due_ns = DAD_NEVER;
	for (unsigned i = 0; i < p->n; i++)
		act(p, i, dad_event(&p->dads[i], DAD_START, now_ns));
}

/* --- answering */

static bool is_multicast(const struct mac *m)
{
	return m->bytes[0] & 1;
}

/* Who may be answered: RFC 826 and RFC 1122 3.2.1.3, not what no host can be. */
static bool is_decent_asker(const struct arp_msg *m)
{
	return !is_multicast(&m->sender_mac) && m->sender.bytes[0] != 127 &&
	       !addr_is_any(&m->sender) && !addr_is_multicast(&m->sender) &&
	       m->sender.bytes[0] < 240;
}

static void answer(struct phantom *p, unsigned i, const struct pkt_spec *spec,
		   enum phantom_news news, const struct mac *asker, const char *comment)
{
	send_spec(p, spec, comment);
	p->answers += news == PHANTOM_ANSWERED;
	p->pings += news == PHANTOM_PINGED;
	p->tell(p->arg, news, &p->dads[i].addr, asker);
}

static void answer_arp(struct phantom *p, unsigned i, const struct dissect *f)
{
	const struct arp_msg *m = &f->arp;
	struct pkt_spec spec;

	if (m->op != ARP_REQUEST || !addr_same(&m->target, &p->dads[i].addr) ||
	    addr_same(&m->sender, &m->target) || !is_decent_asker(m))
		return;
	spec = recipe_arp_reply(&p->mac, &p->dads[i].addr, &m->sender_mac, &m->sender);
	answer(p, i, &spec, PHANTOM_ANSWERED, &m->sender_mac, "answer to an ARP request");
}

/* Where a solicitation wants its answer. RFC 4861 7.2.4. */
static struct mac asker_mac(const struct dissect *f)
{
	struct rd opts = f->nd_opts;
	struct mac mac = f->eth.src;
	struct nd_opt o;

	while (nd_opt_next(&opts, &o) == 1)
		if (o.type == ND_SOURCE_MAC && nd_opt_mac(&o, &mac) < 0)
			mac = f->eth.src;
	return mac;
}

static void answer_nd(struct phantom *p, unsigned i, const struct dissect *f)
{
	struct mac asker = asker_mac(f);
	struct pkt_spec spec;

	if (f->nd.type != ICMP_V6_NEIGHBOR_SOLICIT || f->ttl != 255 ||
	    !addr_same(&f->nd.target, &p->dads[i].addr) || addr_is_any(&f->src) ||
	    addr_is_multicast(&f->src) || is_multicast(&asker))
		return;
	spec = recipe_na(&p->mac, &p->dads[i].addr, &asker, &f->src);
	answer(p, i, &spec, PHANTOM_ANSWERED, &asker, "answer to a neighbor solicitation");
}

static void answer_ping(struct phantom *p, unsigned i, const struct dissect *f, size_t len)
{
	bool is_v6 = f->src.len == 16;
	struct pkt_spec spec;

	if (!p->answers_ping || !addr_same(&f->dst, &p->dads[i].addr) || f->is_fragment ||
	    f->is_truncated || f->icmp.code || len > PHANTOM_PACKET_MAX - 100 ||
	    f->icmp.type != (is_v6 ? (int)ICMP_V6_ECHO_REQUEST : (int)ICMP_V4_ECHO_REQUEST) ||
	    addr_is_any(&f->src) || addr_is_multicast(&f->src))
		return;
	spec = recipe_echo(&f->dst, &f->src, true, f->icmp.id, f->icmp.seq, f->payload,
			   f->payload_len);
	spec.from = PKT_FROM_ETH;
	spec.eth.src = p->mac;
	spec.eth.dst = f->eth.src;
	answer(p, i, &spec, PHANTOM_PINGED, &f->eth.src, "answer to an echo request");
}

/* --- the next hop */

static void ask_for_hop(struct phantom *p, uint64_t now_ns)
{
	const struct addr *self = &p->dads[0].addr;
	struct pkt_spec spec = p->hop.len == 4 ? recipe_arp_request(&p->mac, self, &p->hop) :
						 recipe_ns(&p->mac, self, &p->hop);

	p->hop_tries++;
	p->hop_due_ns = now_ns + HOP_AGAIN_NS;
	send_spec(p, &spec, "who is the next hop?");
}

void phantom_find(struct phantom *p, const struct addr *hop, uint64_t now_ns)
{
	p->hop = *hop;
	p->has_hop = false;
	p->hop_tries = 0;
	ask_for_hop(p, now_ns);
}

static void learn_hop(struct phantom *p, const struct dissect *f)
{
	struct rd opts = f->nd_opts;
	struct nd_opt o;

	if (!p->hop.len || p->has_hop)
		return;
	if (dissect_has(f, LAYER_ARP) && addr_same(&f->arp.sender, &p->hop)) {
		p->hop_mac = f->arp.sender_mac;
		p->has_hop = true;
	} else if (dissect_has(f, LAYER_ND) && f->nd.type == ICMP_V6_NEIGHBOR_ADVERT &&
		   f->ttl == 255 && addr_same(&f->nd.target, &p->hop)) {
		p->hop_mac = f->eth.src;
		while (nd_opt_next(&opts, &o) == 1)
			if (o.type == ND_TARGET_MAC && nd_opt_mac(&o, &p->hop_mac) < 0)
				return;
		p->has_hop = true;
	}
	if (p->has_hop)
		p->hop_due_ns = DAD_NEVER;
}

/* --- time and frames */

static void judge(struct phantom *p, unsigned i, const struct dissect *f, const struct link_in *in,
		  uint64_t now_ns)
{
	struct dad *d = &p->dads[i];
	enum dad_event event;

	if (dad_is_over(d))
		return;
	if (dad_judge(d, f, in->is_csum_partial, &event)) {
		if (p->trace)
			p->trace(p->arg, false, in->bytes, in->len, in->wall_ns,
				 dad_table.events[event]);
		act(p, i, dad_event(d, event, now_ns));
	} else if (p->is_claimed[i] && dissect_has(f, LAYER_ARP)) {
		answer_arp(p, i, f);
	} else if (p->is_claimed[i] && dissect_has(f, LAYER_ND)) {
		answer_nd(p, i, f);
	} else if (p->is_claimed[i] &&
		   (dissect_has(f, LAYER_ICMP4) || dissect_has(f, LAYER_ICMP6))) {
		answer_ping(p, i, f, in->len);
	}
}

void phantom_receive(struct phantom *p, const struct link_in *in, uint64_t now_ns)
{
	struct dissect f;

	if (in->kind != LINK_PACKET || in->layer != LINK_L2)
		return;
	(void)dissect_packet(DISSECT_L2, in->bytes, in->len, &f);
	/* A frame of another VLAN is not ours, and nothing that is broken is. */
	if (f.err < 0 || f.eth.n_tags || (f.l4_csum == CSUM_BAD && !in->is_csum_partial))
		return;
	learn_hop(p, &f);
	for (unsigned i = 0; i < p->n; i++)
		judge(p, i, &f, in, now_ns);
}

void phantom_timer(struct phantom *p, uint64_t now_ns)
{
	for (unsigned i = 0; i < p->n; i++)
		for (unsigned n = 0; n < 8 && p->dads[i].due_ns <= now_ns; n++)
			act(p, i, dad_event(&p->dads[i], DAD_TIMER, now_ns));
	if (p->hop_due_ns <= now_ns)
		ask_for_hop(p, now_ns);
}

uint64_t phantom_due_ns(const struct phantom *p)
{
	uint64_t due_ns = p->hop_due_ns;

	for (unsigned i = 0; i < p->n; i++)
		if (p->dads[i].due_ns < due_ns)
			due_ns = p->dads[i].due_ns;
	return due_ns;
}

unsigned phantom_n_undecided(const struct phantom *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->n; i++)
		n += !p->is_claimed[i] && !dad_is_over(&p->dads[i]);
	return n;
}

unsigned phantom_n_claimed(const struct phantom *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->n; i++)
		n += p->is_claimed[i];
	return n;
}
