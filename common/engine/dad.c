/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/dad.h"

#include <string.h>

#include "base/num.h"
#include "build/recipes.h"

static bool is_announcing_only(const void *machine)
{
	return ((const struct dad *)machine)->timing.probes == 0;
}

static bool is_last_probe(const void *machine)
{
	const struct dad *d = machine;

	return d->n_probes + 1 >= d->timing.probes;
}

static bool has_announcements(const void *machine)
{
	const struct dad *d = machine;

	return d->n_announcements < d->timing.announcements;
}

static bool is_to_be_held(const void *machine)
{
	return ((const struct dad *)machine)->timing.hold > 0;
}

/* RFC 5227 2.4 (b): one defence, and who is claimed again so soon gives the address up. */
static bool may_defend(const void *machine)
{
	const struct dad *d = machine;

	return is_to_be_held(d) &&
	       (!d->has_defended || d->now_ns - d->defended_ns >= d->timing.defend_gap);
}

#define DOES(action) (UINT32_C(1) << (action))
#define PROBE DOES(DAD_SEND_PROBE)
#define ANNOUNCE DOES(DAD_SEND_ANNOUNCEMENT)
#define TAKEN DOES(DAD_TELL_TAKEN)
#define FREE DOES(DAD_TELL_FREE)
#define PROBING_RFC "RFC 5227 2.1.1, RFC 4862 5.4.2"
#define CLAIM_RFC "RFC 5227 2.1.1, RFC 4862 5.4.4"
#define RIVAL_RFC "RFC 5227 2.1.1, RFC 4862 5.4.3"

static const struct fsm_row rows[] = {
	{DAD_IDLE, DAD_START, is_announcing_only, "[announce only]", ANNOUNCE, DAD_ANNOUNCING,
	 "RFC 5227 2.3"},
	{DAD_IDLE, DAD_START, NULL, "", 0, DAD_WAITING, PROBING_RFC},
	{DAD_WAITING, DAD_TIMER, is_last_probe, "[last probe]", PROBE, DAD_LISTENING, PROBING_RFC},
	{DAD_WAITING, DAD_TIMER, NULL, "", PROBE, DAD_PROBING, PROBING_RFC},
	{DAD_WAITING, DAD_CLAIM, NULL, "", TAKEN, DAD_TAKEN, CLAIM_RFC},
	{DAD_WAITING, DAD_RIVAL, NULL, "", TAKEN, DAD_TAKEN, RIVAL_RFC},
	{DAD_PROBING, DAD_TIMER, is_last_probe, "[last probe]", PROBE, DAD_LISTENING, PROBING_RFC},
	{DAD_PROBING, DAD_TIMER, NULL, "", PROBE, DAD_PROBING, PROBING_RFC},
	{DAD_PROBING, DAD_CLAIM, NULL, "", TAKEN, DAD_TAKEN, CLAIM_RFC},
	{DAD_PROBING, DAD_RIVAL, NULL, "", TAKEN, DAD_TAKEN, RIVAL_RFC},
	{DAD_LISTENING, DAD_TIMER, has_announcements, "[to be announced]", FREE | ANNOUNCE,
	 DAD_ANNOUNCING, "RFC 5227 2.3"},
	{DAD_LISTENING, DAD_TIMER, is_to_be_held, "[to be held]", FREE, DAD_HOLDING,
	 "RFC 5227 2.4"},
	{DAD_LISTENING, DAD_TIMER, NULL, "", FREE, DAD_FREE, PROBING_RFC},
	{DAD_LISTENING, DAD_CLAIM, NULL, "", TAKEN, DAD_TAKEN, CLAIM_RFC},
	{DAD_LISTENING, DAD_RIVAL, NULL, "", TAKEN, DAD_TAKEN, RIVAL_RFC},
	{DAD_ANNOUNCING, DAD_TIMER, has_announcements, "[to be announced]", ANNOUNCE,
	 DAD_ANNOUNCING, "RFC 5227 2.3"},
	{DAD_ANNOUNCING, DAD_TIMER, is_to_be_held, "[to be held]", 0, DAD_HOLDING, "RFC 5227 2.4"},
	{DAD_ANNOUNCING, DAD_TIMER, NULL, "", 0, DAD_FREE, "RFC 5227 2.3"},
	{DAD_ANNOUNCING, DAD_CLAIM, may_defend, "[may defend]", DOES(DAD_SEND_DEFENCE),
	 DAD_ANNOUNCING, "RFC 5227 2.4"},
	{DAD_ANNOUNCING, DAD_CLAIM, NULL, "", TAKEN, DAD_TAKEN, "RFC 5227 2.4"},
	{DAD_ANNOUNCING, DAD_RIVAL, is_to_be_held, "[to be held]", DOES(DAD_SEND_ANSWER),
	 DAD_ANNOUNCING, "RFC 826, RFC 4861 7.2.4"},
	{DAD_HOLDING, DAD_TIMER, NULL, "", 0, DAD_FREE, "RFC 5227 2.4"},
	{DAD_HOLDING, DAD_CLAIM, may_defend, "[may defend]", DOES(DAD_SEND_DEFENCE), DAD_HOLDING,
	 "RFC 5227 2.4"},
	{DAD_HOLDING, DAD_CLAIM, NULL, "", TAKEN, DAD_TAKEN, "RFC 5227 2.4"},
	{DAD_HOLDING, DAD_RIVAL, NULL, "", DOES(DAD_SEND_ANSWER), DAD_HOLDING,
	 "RFC 826, RFC 4861 7.2.4"},
};

static const char *const state_names[] = {"IDLE",       "WAITING", "PROBING", "LISTENING",
					  "ANNOUNCING", "HOLDING", "FREE",    "TAKEN"};
static const char *const event_names[] = {"start", "timer", "claim", "rival"};
static const char *const action_names[] = {"send probe",   "tell free",   "send announcement",
					   "send defence", "send answer", "tell taken"};

const struct fsm_table dad_table = {
	.name = "duplicate address detection",
	.rows = rows,
	.n_rows = sizeof(rows) / sizeof(rows[0]),
	.states = state_names,
	.events = event_names,
	.actions = action_names,
};

/* RFC 5227 1.1; RFC 4862 5.1 (one probe), RFC 4861 10 (a second at most before, and after). */
struct dad_timing dad_timing_rfc(bool is_v6)
{
	return (struct dad_timing){
		.probes = is_v6 ? 1 : 3,
		.start_max = NS_PER_S,
		.gap_min = NS_PER_S,
		.gap_max = is_v6 ? NS_PER_S : 2 * NS_PER_S,
		.listen = is_v6 ? NS_PER_S : 2 * NS_PER_S,
		.announce_gap = 2 * NS_PER_S,
		.defend_gap = 10 * NS_PER_S,
	};
}

struct dad_timing dad_timing_fast(void)
{
	return (struct dad_timing){
		.probes = 3,
		.gap_min = 80 * NS_PER_MS,
		.gap_max = 120 * NS_PER_MS,
		.listen = 120 * NS_PER_MS,
		.announce_gap = 2 * NS_PER_S,
		.defend_gap = 10 * NS_PER_S,
	};
}

void dad_open(struct dad *d, const struct addr *addr, const struct mac *mac,
	      const struct dad_timing *timing, struct rnd *rnd)
{
	*d = (struct dad){
		.fsm = {.table = &dad_table, .machine = d, .state = DAD_IDLE},
		.timing = *timing,
		.addr = *addr,
		.mac = *mac,
		.own = {*mac},
		.n_own = 1,
		.rnd = rnd,
		.due_ns = DAD_NEVER,
	};
}

static void set_timer(struct dad *d)
{
	const struct dad_timing *t = &d->timing;

	switch ((enum dad_state)d->fsm.state) {
	case DAD_WAITING: d->due_ns = d->now_ns + rnd_below(d->rnd, t->start_max + 1); break;
	case DAD_PROBING:
		d->due_ns = d->now_ns + t->gap_min + rnd_below(d->rnd, t->gap_max - t->gap_min + 1);
		break;
	case DAD_LISTENING: d->due_ns = d->now_ns + t->listen; break;
	case DAD_ANNOUNCING:
		d->due_ns = d->now_ns + (has_announcements(d) ? t->announce_gap : 0);
		break;
	case DAD_HOLDING: d->due_ns = d->now_ns + t->hold; break;
	case DAD_IDLE:
	case DAD_FREE:
	case DAD_TAKEN: d->due_ns = DAD_NEVER; break;
	}
}

uint32_t dad_event(struct dad *d, enum dad_event event, uint64_t now_ns)
{
	const struct fsm_row *row;

	d->now_ns = now_ns;
	row = fsm_step(&d->fsm, (uint8_t)event);
	if (!row)
		return 0;
	d->n_probes += DAD_DOES(row->actions, DAD_SEND_PROBE);
	d->n_announcements += DAD_DOES(row->actions, DAD_SEND_ANNOUNCEMENT);
	if (DAD_DOES(row->actions, DAD_SEND_DEFENCE)) {
		d->n_defences++;
		d->has_defended = true;
		d->defended_ns = now_ns;
	}
	/* What others do does not move our own times. */
	if (event == DAD_START || event == DAD_TIMER || dad_is_over(d))
		set_timer(d);
	return row->actions;
}

static bool is_own(const struct dad *d, const struct mac *mac)
{
	for (unsigned i = 0; i < d->n_own; i++)
		if (memcmp(&d->own[i], mac, sizeof(*mac)) == 0)
			return true;
	return false;
}

static bool judge_arp(struct dad *d, const struct arp_msg *m, enum dad_event *event)
{
	if (is_own(d, &m->sender_mac))
		return false;
	if (addr_same(&m->sender, &d->addr))
		*event = DAD_CLAIM;
	else if (arp_is_probe(m) && addr_same(&m->target, &d->addr))
		*event = DAD_RIVAL;
	else
		return false;
	d->rival = m->sender_mac;
	d->rival_addr = m->sender;
	return true;
}

/* The link-layer address and the nonce among the options. Returns false if they break the rules. */
static bool read_options(const struct dissect *f, struct mac *mac, const uint8_t **nonce)
{
	struct rd opts = f->nd_opts;
	struct nd_opt o;
	int more;

	*nonce = NULL;
	while ((more = nd_opt_next(&opts, &o)) == 1) {
		if ((o.type == ND_TARGET_MAC || o.type == ND_SOURCE_MAC) && nd_opt_mac(&o, mac) < 0)
			return false;
		if (o.type == ND_NONCE && o.data_len >= 6)
			*nonce = o.data;
	}
	return more == 0;
}

static bool judge_nd(struct dad *d, const struct dissect *f, bool is_csum_partial,
		     enum dad_event *event)
{
	struct mac mac = f->eth.src;
	const uint8_t *nonce;

	/* RFC 4861 7.1: a hop limit of less came through a router. */
	if (f->ttl != 255 || (f->l4_csum == CSUM_BAD && !is_csum_partial) ||
	    !read_options(f, &mac, &nonce) || !addr_same(&f->nd.target, &d->addr))
		return false;
	if (is_own(d, &mac) || is_own(d, &f->eth.src))
		return false;
	if (f->nd.type == ICMP_V6_NEIGHBOR_ADVERT)
		*event = DAD_CLAIM;
	else if (f->nd.type == ICMP_V6_NEIGHBOR_SOLICIT && addr_is_any(&f->src) &&
		 !(nonce && d->has_nonce && memcmp(nonce, d->nonce, sizeof(d->nonce)) == 0))
		*event = DAD_RIVAL;
	else
		return false;
	d->rival = mac;
	d->rival_addr = f->src;
	return true;
}

bool dad_judge(struct dad *d, const struct dissect *frame, bool is_csum_partial,
	       enum dad_event *event)
{
	if (frame->err < 0)
		return false;
	if (d->addr.len == 4)
		return dissect_has(frame, LAYER_ARP) && judge_arp(d, &frame->arp, event);
	return dissect_has(frame, LAYER_ND) && judge_nd(d, frame, is_csum_partial, event);
}

static struct pkt_spec probe_spec(struct dad *d)
{
	struct addr none = {.len = 16};
	struct pkt_spec spec;

	if (d->addr.len == 4)
		return recipe_arp_probe(&d->mac, &d->addr);
	spec = recipe_ns(&d->mac, &none, &d->addr);
	/* RFC 7527 4.1: a new one for each. */
	rnd_fill(d->rnd, d->nonce, sizeof(d->nonce));
	memcpy(spec.nd.nonce, d->nonce, sizeof(d->nonce));
	spec.nd.has_nonce = d->has_nonce = true;
	return spec;
}

static struct pkt_spec claim_spec(const struct dad *d, enum dad_action action)
{
	struct addr none = {.len = 16};
	struct pkt_spec spec;

	if (d->addr.len == 16)
		return recipe_na(&d->mac, &d->addr, &d->rival, &none);
	if (action == DAD_SEND_ANSWER)
		return recipe_arp_reply(&d->mac, &d->addr, &d->rival, &d->rival_addr);
	spec = recipe_arp_announce(&d->mac, &d->addr);
	if (action == DAD_SEND_ANNOUNCEMENT && d->told.len)
		spec.arp.target = d->told;
	if (d->announces_by_reply) {
		spec.arp.op = ARP_REPLY;
		spec.arp.target_mac = d->mac;
	}
	return spec;
}

int dad_build(struct dad *d, enum dad_action action, struct pkt *builder, struct wr *out)
{
	struct pkt_spec spec = action == DAD_SEND_PROBE ? probe_spec(d) : claim_spec(d, action);

	memcpy(spec.eth.vlan, d->vlans, sizeof(spec.eth.vlan));
	spec.eth.n_vlans = d->n_vlans;
	return pkt_build(builder, &spec, out, NULL);
}
