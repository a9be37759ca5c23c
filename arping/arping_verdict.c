/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arping_verdict - what is the truth about an address, with the evidence, and the counts.
 */
#include <stdlib.h>

#include "arping.h"
#include "base/num.h"
#include "base/text.h"

enum result {
	RESULT_UP,
	RESULT_DOWN,
	RESULT_CONFLICT,
	RESULT_PROXY,
	RESULT_OWN,
	RESULT_OFF_LINK,
	RESULT_INCONCLUSIVE,
};

static const char *const result_words[] = {
	[RESULT_UP] = "up",
	[RESULT_DOWN] = "down",
	[RESULT_CONFLICT] = "conflict",
	[RESULT_PROXY] = "proxy",
	[RESULT_OWN] = "own",
	[RESULT_OFF_LINK] = "off-link",
	[RESULT_INCONCLUSIVE] = "inconclusive",
};

static const struct field verdict_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed."},
	{"addr", FIELD_STRING, "", "The address that was asked for."},
	{"result", FIELD_STRING, "",
	 "up, down, conflict (several owners), proxy (somebody answers for it), own (an address of this host), "
	 "off-link (not on this link, and nobody answers) or inconclusive (nothing could be sent, or the link "
	 "was lost); with --dad free, in-use, announced or inconclusive."},
	{"owners", FIELD_ARRAY, "", "Who has it: mac, frame_src, vendor, laa, answers."},
	{"addrs", FIELD_ARRAY, "", "When a MAC address was asked for: the addresses it has."},
	{"cache", FIELD_OBJECT, "",
	 "What the kernel's neighbour cache said before the first question: mac, state, match (as the wire said); "
	 "absent without an entry."},
	{"gateway", FIELD_STRING, "", "The next hop of an address that is not on the link."},
	{"interface", FIELD_STRING, "", "Where it was asked, or which interface has it."},
};

const struct record_type arping_verdict_record =
	RECORD_TYPE("verdict", "What is the truth about one address.", verdict_fields);

static const struct field summary_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed; null for a sweep."},
	{"addr", FIELD_STRING, "", "The address that was asked for; null for a sweep."},
	{"targets", FIELD_INT, "", "Addresses that were to be asked for."},
	{"found", FIELD_INT, "", "Of them, those with an owner, this host's own ones included."},
	{"conflicts", FIELD_INT, "", "Of them, those with several owners."},
	{"sent", FIELD_INT, "", "Questions that left this host."},
	{"broadcast", FIELD_INT, "", "Of them, those to everybody."},
	{"unicast", FIELD_INT, "", "Of them, those to one MAC address."},
	{"received", FIELD_INT, "", "Answers."},
	{"unanswered", FIELD_INT, "", "Questions without an answer in time."},
	{"duplicates", FIELD_INT, "", "Further answers to an answered question."},
	{"late", FIELD_INT, "", "Answers after the timeout."},
	{"local_errors", FIELD_INT, "", "Questions that this host could not send."},
	{"malformed", FIELD_INT, "", "Frames left out because they break the rules."},
	{"foreign_vlan", FIELD_INT, "", "Frames left out because they came on another VLAN."},
	{"kernel_drops", FIELD_INT, "", "Frames the kernel dropped for want of buffer."},
	{"rtt_ms", FIELD_OBJECT, "ms", "min, avg, max, mdev; null without an answer."},
	{"elapsed_ms", FIELD_NUMBER, "ms", "From the first question to the last event."},
};

const struct record_type arping_summary_record =
	RECORD_TYPE("summary", "What came of the questions.", summary_fields);

/* A proxy answers whoever has an address, never one who is looking for a free one (RFC 5227). */
static bool is_proxy(const struct arping_notes *n)
{
	if (n->asked_zero < 2 || n->asked_ours < 2)
		return false;
	for (unsigned i = 0; i < n->n_owners; i++)
		if (n->owners[i].to_zero || !n->owners[i].to_ours)
			return false;
	return n->n_owners > 0;
}

static enum result result_of(struct arping *a, const struct target *t)
{
	const struct arping_notes *n = t->notes;

	if (n && n->is_own)
		return RESULT_OWN;
	if (n && n->n_owners > 1)
		return RESULT_CONFLICT;
	if (n && is_proxy(n))
		return RESULT_PROXY;
	if (n && n->n_owners)
		return RESULT_UP;
	if (!t->counts.sent || arping_port_is_lost(a))
		return RESULT_INCONCLUSIVE;
	return n && n->is_off_link && !n->asked_for.len ? RESULT_OFF_LINK : RESULT_DOWN;
}

void arping_owner_field(struct arping *a, struct rec *list, const struct mac *mac,
			const struct arping_owner *owner)
{
	struct rec *item = rec_item(list);
	char text[MAC_TEXT_MAX], vendor[OUI_NAME_MAX];

	rec_str(item, "mac", mac_text(mac, text));
	if (owner)
		rec_str(item, "frame_src", mac_text(&owner->frame_src, text));
	if (*arping_vendor(a, mac, vendor))
		rec_str(item, "vendor", vendor);
	rec_bool(item, "laa", mac_is_local(mac));
	if (owner)
		rec_int(item, "answers", owner->answers);
	rec_close(item);
}

static void cache_field(struct rec *r, const struct arping_notes *n)
{
	struct rec *cache;
	char text[MAC_TEXT_MAX];

	if (!n->has_cache)
		return;
	cache = rec_object(r, "cache");
	rec_str(cache, "mac", mac_text(&n->cache.mac, text));
	rec_str(cache, "state", neigh_state_word(n->cache.state));
	if (n->n_owners)
		rec_bool(cache, "match", mac_same(&n->cache.mac, &n->owners[0].mac));
	rec_close(cache);
}

/* The interface of this host that has the address. */
static void own_iface(const struct arping *a, const struct addr *addr, struct iface *out)
{
	const struct iface_addr *own = arping_own(a, addr);

	*out = a->port.iface;
	if (own && own->ifindex != out->index)
		(void)!iface_by_index(a->run->netlink, own->ifindex, out, NULL);
}

static void verdict_record(struct arping *a, const struct target *t, enum result result)
{
	struct rec *r = record_start(&a->run->out, &arping_verdict_record), *owners;
	const struct arping_notes *n = t->notes;
	char text[ADDR_TEXT_MAX];
	struct iface iface;

	if (!r)
		return;
	own_iface(a, &t->addr, &iface);
	rec_str(r, "target", target_text(t, text));
	rec_str(r, "addr", addr_text(&t->addr, text));
	rec_str(r, "result", result_words[result]);
	owners = rec_array(r, "owners");
	if (result == RESULT_OWN && iface.has_mac)
		arping_owner_field(a, owners, &iface.mac, NULL);
	for (unsigned i = 0; n && i < n->n_owners; i++)
		arping_owner_field(a, owners, &n->owners[i].mac, &n->owners[i]);
	rec_close(owners);
	if (n)
		cache_field(r, n);
	if (n && n->is_off_link)
		rec_str(r, "gateway", addr_text(&n->route.gateway, text));
	rec_str(r, "interface", iface.name);
	record_write(&a->run->out, r);
}

void arping_inconclusive(struct arping *a)
{
	struct rec *r = record_start(&a->run->out, &arping_verdict_record);

	if (a->opts.first_word)
		rec_str(r, "target", a->opts.first_word);
	rec_str(r, "result", result_words[RESULT_INCONCLUSIVE]);
	rec_close(rec_array(r, "owners"));
	record_write(&a->run->out, r);
}

/* Lines are for what the answers alone do not tell. */
static void verdict_lines(struct arping *a, const struct target *t, enum result result)
{
	const struct arping_notes *n = t->notes;
	struct out *o = &a->run->out;
	char addr[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX] = "";
	struct iface iface;

	if (a->run->options.is_quiet || a->opts.shows_mac || a->opts.shows_addr)
		return;
	addr_text(&t->addr, addr);
	switch (result) {
	case RESULT_OWN:
		own_iface(a, &t->addr, &iface);
		if (iface.has_mac)
			mac_text(&iface.mac, mac);
		if (a->is_sweep)
			out_text(o, "%s\t%s\t(mine, on %s)\n", addr, *mac ? mac : "-", iface.name);
		else
			out_text(o, "! own: %s is mine, on %s %s\n", addr, iface.name, mac);
		break;
	case RESULT_PROXY:
		out_text(
			o,
			"! proxy: %s answers for %s, but is not its owner: %u questions without a sender stayed unanswered\n",
			mac_text(&n->owners[0].mac, mac), addr, n->asked_zero);
		break;
	case RESULT_CONFLICT:
		if (!a->is_sweep)
			out_text(
				o,
				"! conflict: %u hosts have %s, or one host answers on several interfaces (arp_ignore=0)\n",
				n->n_owners + n->n_others, addr);
		break;
	case RESULT_UP:
		if (n->is_off_link && !n->asked_for.len && !a->is_sweep)
			out_text(
				o,
				"! off-link: yet %s answers on the link; --proxy-check tells a proxy from an owner\n",
				addr);
		break;
	case RESULT_INCONCLUSIVE:
		if (!a->is_sweep || !t->counts.sent)
			out_text(o, "! inconclusive: %s\n",
				 t->counts.sent ? "the link was lost" : "nothing could be sent");
		break;
	case RESULT_DOWN:
	case RESULT_OFF_LINK: break;
	}
}

static void summary_record(struct arping *a, const struct target *t)
{
	const struct engine_totals *all = engine_totals(a->engine);
	const struct counts *c = t ? &t->counts : &all->counts;
	const struct stats *s = t ? &t->rtt : &all->rtt;
	struct rec *r = record_start(&a->run->out, &arping_summary_record), *rtt;
	char text[ADDR_TEXT_MAX];

	if (!r)
		return;
	if (t) {
		rec_str(r, "target", target_text(t, text));
		rec_str(r, "addr", addr_text(&t->addr, text));
	} else {
		rec_null(r, "target");
		rec_null(r, "addr");
	}
	rec_int(r, "targets", (int64_t)all->targets);
	rec_int(r, "found", (int64_t)a->found);
	rec_int(r, "conflicts", (int64_t)a->conflicts);
	rec_int(r, "sent", c->sent);
	rec_int(r, "broadcast", (int64_t)a->broadcasts);
	rec_int(r, "unicast", (int64_t)a->unicasts);
	rec_int(r, "received", (int64_t)a->answers);
	rec_int(r, "unanswered", c->sent - c->received);
	rec_int(r, "duplicates", c->duplicates);
	rec_int(r, "late", c->late);
	rec_int(r, "local_errors", c->local_errors);
	rec_int(r, "malformed", a->malformed);
	rec_int(r, "foreign_vlan", a->foreign_vlan);
	rec_int(r, "kernel_drops", (int64_t)a->port.link->drops);
	if (s->count) {
		rtt = rec_object(r, "rtt_ms");
		rec_num(rtt, "min", (double)s->min_ns / NS_PER_MS);
		rec_num(rtt, "avg", s->mean_ns / NS_PER_MS);
		rec_num(rtt, "max", (double)s->max_ns / NS_PER_MS);
		rec_num(rtt, "mdev", stats_mdev_ns(s) / NS_PER_MS);
		rec_close(rtt);
	} else {
		rec_null(r, "rtt_ms");
	}
	rec_num(r, "elapsed_ms", (double)(all->last_ns - all->start_ns) / NS_PER_MS);
	record_write(&a->run->out, r);
}

/* iputils' two lines, and what was left out. */
static void summary_lines(struct arping *a, const struct counts *c)
{
	struct out *o = &a->run->out;

	if (a->run->options.is_quiet || a->opts.shows_mac || a->opts.shows_addr)
		return;
	out_text(o, "Sent %u probes (%llu broadcast(s))\n", c->sent,
		 (unsigned long long)a->broadcasts);
	out_text(o, "Received %llu response(s)\n", (unsigned long long)a->answers);
	if (a->malformed && a->run->options.verbose)
		out_text(o, "! malformed: %u frame(s) left out\n", a->malformed);
	if (a->foreign_vlan && a->run->options.verbose)
		out_text(o, "! vlan: %u frame(s) of other VLANs left out\n", a->foreign_vlan);
	if (a->port.link->drops)
		out_text(o, "! drops: the kernel had no room for %llu frame(s)\n",
			 (unsigned long long)a->port.link->drops);
}

void arping_target_done(struct arping *a, const struct target *t)
{
	enum result result = result_of(a, t);

	a->found += result == RESULT_UP || result == RESULT_OWN || result == RESULT_PROXY ||
		    result == RESULT_CONFLICT;
	a->conflicts += result == RESULT_CONFLICT;
	/* In search of a MAC address's addresses, who has the others is of no interest. */
	if (!a->reverse) {
		verdict_record(a, t, result);
		verdict_lines(a, t, result);
	}
	if (!a->is_sweep && result != RESULT_OWN) {
		summary_record(a, t);
		summary_lines(a, &t->counts);
	}
	free(t->notes);
}

void arping_sweep_summary(struct arping *a)
{
	const struct engine_totals *all = engine_totals(a->engine);

	if (!a->is_sweep)
		return;
	if (a->reverse)
		arping_reverse_done(a);
	summary_record(a, NULL);
	summary_lines(a, &all->counts);
	if (a->run->options.is_quiet || a->opts.shows_mac || a->opts.shows_addr)
		return;
	if (a->reverse)
		out_text(&a->run->out, "%s has %llu address(es)", a->opts.first_word,
			 (unsigned long long)a->found);
	else
		out_text(&a->run->out, "%llu of %llu addresses have an owner",
			 (unsigned long long)a->found, (unsigned long long)all->targets);
	out_text(&a->run->out, ", asked in %.3f s\n",
		 (double)(all->last_ns - all->start_ns) / NS_PER_S);
}
