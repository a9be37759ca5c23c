/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arping_report - lines and records, as things happen.
 */
#include <stdio.h>
#include <string.h>

#include "arping.h"
#include "base/num.h"
#include "base/text.h"

#define REPEATS_SHOWN 3u /* of a host that answers one question again and again */

static const struct field reply_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed."},
	{"addr", FIELD_STRING, "", "The address that was asked for."},
	{"ip", FIELD_STRING, "", "The address that the answer speaks of."},
	{"mac", FIELD_STRING, "", "MAC address of its owner, as the answer says."},
	{"frame_src", FIELD_STRING, "", "MAC address that the frame came from."},
	{"op", FIELD_STRING, "",
	 "What it is: reply, request, probe or announcement (ARP); advertisement or solicitation (ND); echo (ICMPv6)."},
	{"cast", FIELD_STRING, "", "unicast, or broadcast for an answer to everybody."},
	{"probe", FIELD_STRING, "", "How the question went out: broadcast or unicast."},
	{"try", FIELD_INT, "", "Which question was answered, from 1."},
	{"rtt_ms", FIELD_NUMBER, "ms", "Time from that question to the answer."},
	{"clock", FIELD_STRING, "", "Where rtt_ms is from: kernel, kernel-rx or user."},
	{"rtt_ambiguous", FIELD_BOOL, "",
	 "True if it may be the answer to an earlier question: ARP does not number them."},
	{"vlan", FIELD_ARRAY, "", "Tags of the frame, the outer first: tpid, id, prio."},
	{"vendor", FIELD_STRING, "", "Who made the card; absent if no list knows."},
	{"laa", FIELD_BOOL, "", "A locally administered MAC address: random, virtual or private."},
	{"interface", FIELD_STRING, "", "Interface that the answer came by."},
	{"verdict", FIELD_STRING, "", "ok, duplicate or late; claim or rival with --dad."},
	{"dup", FIELD_BOOL, "", "This owner has answered this question before."},
};

const struct record_type arping_reply_record =
	RECORD_TYPE("reply", "An answer: somebody says to have the address.", reply_fields);

const struct record_type *const arping_records[] = {
	&arping_reply_record, &arping_verdict_record, &arping_summary_record,
	&trace_packet_record, &trace_route_record,    &record_error,
	&record_end,
};
const size_t arping_n_records = sizeof(arping_records) / sizeof(arping_records[0]);

const char *arping_vendor(struct arping *a, const struct mac *mac, char *out)
{
	out[0] = '\0';
	if (a->oui)
		(void)oui_find(a->oui, mac, out);
	return out;
}

char *arping_mac_upper(const struct mac *mac, char *out)
{
	mac_text(mac, out);
	for (char *c = out; *c; c++)
		*c = (char)(*c >= 'a' ? *c - 0x20 : *c);
	return out;
}

static void vlan_fields(struct rec *r, const struct arping_detail *d)
{
	struct rec *list = rec_array(r, "vlan");
	char tpid[8];

	for (unsigned i = 0; i < d->n_tags; i++) {
		struct rec *item = rec_item(list);

		snprintf(tpid, sizeof(tpid), "%04x", d->tags[i].tpid);
		rec_str(item, "tpid", tpid);
		rec_int(item, "id", d->tags[i].vid);
		rec_int(item, "prio", d->tags[i].pcp);
		rec_close(item);
	}
	rec_close(list);
}

void arping_detail_fields(struct arping *a, struct rec *r)
{
	const struct arping_detail *d = &a->detail;
	char mac[MAC_TEXT_MAX], vendor[OUI_NAME_MAX];

	rec_str(r, "mac", mac_text(&d->mac, mac));
	rec_str(r, "frame_src", mac_text(&d->frame_src, mac));
	rec_str(r, "cast", d->is_to_all ? "broadcast" : "unicast");
	vlan_fields(r, d);
	if (*arping_vendor(a, &d->mac, vendor))
		rec_str(r, "vendor", vendor);
	rec_bool(r, "laa", mac_is_local(&d->mac));
	rec_str(r, "interface", a->port.iface.name);
}

static void reply_to_json(struct arping *a, const struct event *ev, bool is_ambiguous)
{
	struct rec *r = record_start(&a->run->out, &arping_reply_record);
	const struct arping_detail *d = &a->detail;
	char text[ADDR_TEXT_MAX];

	if (!r)
		return;
	rec_str(r, "target", a->reverse ? a->opts.first_word : target_text(ev->target, text));
	rec_str(r, "addr", addr_text(&ev->target->addr, text));
	rec_str(r, "ip", addr_text(&d->addr, text));
	rec_str(r, "op",
		addr_is_multicast(&ev->target->addr) ? "echo" :
		d->addr.len == 4                     ? "reply" :
						       "advertisement");
	rec_str(r, "probe", d->is_probe_unicast ? "unicast" : "broadcast");
	rec_int(r, "try", ev->seq);
	rec_num(r, "rtt_ms", (double)ev->rtt_ns / NS_PER_MS);
	rec_str(r, "clock", rtt_clock_word(ev->rtt_clock));
	rec_bool(r, "rtt_ambiguous", is_ambiguous);
	rec_str(r, "verdict", verdict_word(ev->verdict));
	rec_bool(r, "dup", d->is_repeated);
	arping_detail_fields(a, r);
	record_write(&a->run->out, r);
}

/* IP, tab, MAC, tab, vendor, as arp-scan has them. */
static void sweep_line(struct arping *a, unsigned n_owners)
{
	const struct arping_detail *d = &a->detail;
	char line[256], addr[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX], vendor[OUI_NAME_MAX];
	struct text text = text_make(line, sizeof(line));

	text_addf(&text, "%s\t%s", addr_text(&d->addr, addr), mac_text(&d->mac, mac));
	if (*arping_vendor(a, &d->mac, vendor))
		text_addf(&text, "\t%s", vendor);
	else
		text_add(&text, mac_is_local(&d->mac) ? "\t(locally administered)" : "\t(unknown)");
	if (d->is_repeated)
		text_addf(&text, "\t(DUP: %u)", d->owner ? d->owner->answers : 0);
	else if (n_owners > 1)
		text_addf(&text, "\t(conflict: %u owners)", n_owners);
	out_line(&a->run->out, &text);
}

static void lookup_line(struct arping *a, const struct event *ev)
{
	const struct arping_detail *d = &a->detail;
	char line[256], addr[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];
	struct text text = text_make(line, sizeof(line));

	text_addf(&text, "%s reply from %s [%s]", d->is_to_all ? "Broadcast" : "Unicast",
		  addr_text(&d->addr, addr), arping_mac_upper(&d->mac, mac));
	if (ev->has_rtt)
		text_addf(&text, "  %.3fms", (double)ev->rtt_ns / NS_PER_MS);
	if (d->is_repeated)
		text_add(&text, " (DUP!)");
	else if (ev->verdict == VERDICT_LATE)
		text_add(&text, " (LATE)");
	out_line(&a->run->out, &text);
}

/* What an answer says beyond itself. */
static void remarks(struct arping *a, const struct target *t, const struct arping_notes *notes)
{
	const struct arping_detail *d = &a->detail;
	char addr[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX], mac2[MAC_TEXT_MAX], vendor[OUI_NAME_MAX];

	if (!d->is_new_owner)
		return;
	arping_vendor(a, &d->mac, vendor);
	addr_text(&t->addr, addr);
	if (notes->n_owners + notes->n_others > 1)
		out_text(&a->run->out, "! conflict: %s also at %s%s%s%s (%u owners)\n", addr,
			 mac_text(&d->mac, mac), *vendor ? " (" : "", vendor, *vendor ? ")" : "",
			 notes->n_owners + notes->n_others);
	if (!mac_same(&d->mac, &d->frame_src))
		out_text(&a->run->out, "! frame: the answer names %s but came from %s\n",
			 mac_text(&d->mac, mac), mac_text(&d->frame_src, mac2));
	if (notes->has_cache && !mac_same(&notes->cache.mac, &d->mac))
		out_text(&a->run->out, "! cache: kernel says %s (%s), wire says %s\n",
			 mac_text(&notes->cache.mac, mac), neigh_state_word(notes->cache.state),
			 mac_text(&d->mac, mac2));
	else if (a->opts.shows_cache)
		out_text(&a->run->out, "! cache: kernel says %s%s%s%s\n",
			 notes->has_cache ? mac_text(&notes->cache.mac, mac) : "nothing",
			 notes->has_cache ? " (" : "",
			 notes->has_cache ? neigh_state_word(notes->cache.state) : "",
			 notes->has_cache ? "), as the wire does" : "");
}

static void text_answer(struct arping *a, const struct event *ev, const struct arping_notes *notes)
{
	char text[ADDR_TEXT_MAX];

	if (a->run->options.is_quiet)
		return;
	if (a->opts.shows_mac || a->opts.shows_addr)
		out_text(&a->run->out, "%s\n",
			 a->opts.shows_mac ? mac_text(&a->detail.mac, text) :
					     addr_text(&a->detail.addr, text));
	else if (a->is_sweep)
		sweep_line(a, notes->n_owners + notes->n_others);
	else
		lookup_line(a, ev);
	if (a->opts.is_audible)
		out_text(&a->run->out, "\a");
	if (!a->opts.shows_mac && !a->opts.shows_addr)
		remarks(a, ev->target, notes);
}

static void on_answer(struct arping *a, const struct event *ev)
{
	struct arping_notes *notes = arping_notes(ev->target);
	bool is_ambiguous, is_shown;

	a->answers++;
	if (!notes)
		return;
	notes->answers++;
	is_ambiguous = notes->unanswered > 1 || a->detail.is_older;
	notes->unanswered = 0;
	/* In a sweep a host is told once; a storm of answers is counted, not printed. */
	is_shown = !a->is_sweep || a->detail.is_new_owner ||
		   (a->detail.is_repeated && a->detail.owner &&
		    a->detail.owner->answers <= REPEATS_SHOWN);
	if (a->detail.is_repeated && a->detail.owner && a->detail.owner->answers > REPEATS_SHOWN &&
	    !a->run->options.verbose)
		is_shown = false;
	if (a->reverse)
		is_shown = arping_reverse_is_new(a, &a->detail.addr);
	if (!is_shown)
		return;
	reply_to_json(a, ev, is_ambiguous);
	text_answer(a, ev, notes);
}

static void on_target(struct arping *a, const struct target *t)
{
	const struct arping_notes *notes = t->notes;
	struct addr from = arping_source_to(a, &t->addr);
	char addr[ADDR_TEXT_MAX], source[ADDR_TEXT_MAX], gateway[ADDR_TEXT_MAX];

	if (a->is_sweep || a->run->options.is_quiet || a->opts.shows_mac || a->opts.shows_addr)
		return;
	out_text(&a->run->out, "ARPING %s from %s %s\n", addr_text(&t->addr, addr),
		 addr_text(&from, source), a->port.iface.name);
	if (!notes || !notes->is_off_link)
		return;
	addr_text(&notes->route.gateway, gateway);
	if (notes->asked_for.len)
		out_text(&a->run->out, "! off-link: %s is behind %s, which is asked for\n",
			 addr_text(&notes->asked_for, addr), gateway);
	else
		out_text(
			&a->run->out,
			"! off-link: %s is not on %s, the next hop is %s (--via-gateway asks for it)\n",
			addr, a->port.iface.name, gateway);
}

static void on_sent(struct arping *a, const struct event *ev)
{
	struct arping_notes *notes = a->is_sweep ? ev->target->notes : arping_notes(ev->target);
	bool is_broadcast = ev->sent[0] & 1;

	a->broadcasts += is_broadcast;
	a->unicasts += !is_broadcast;
	if (!notes)
		return;
	notes->unanswered++;
	notes->is_last_unicast = !is_broadcast;
	if (a->opts.checks_proxy && ev->seq % 2 == 0)
		notes->asked_zero++;
	else
		notes->asked_ours++;
}

static void on_fault(struct arping *a, const struct event *ev)
{
	struct rec *r = record_start(&a->run->out, &record_error);
	char text[ADDR_TEXT_MAX];
	const char *word = ev->target ? target_text(ev->target, text) : ev->word;

	if (word[0])
		rec_str(r, "target", word);
	if (ev->why->sys)
		rec_str(r, "errno", errno_name(ev->why->sys));
	rec_str(r, "text", ev->why->text);
	record_write(&a->run->out, r);
	if (word[0])
		tool_say(a->run, "%s: %s", word, ev->why->text);
	else
		tool_say(a->run, "%s", ev->why->text);
}

void arping_report(void *tool, const struct event *ev)
{
	struct arping *a = tool;

	arping_trace(a, ev);
	switch (ev->kind) {
	case EVENT_TARGET: on_target(a, ev->target); break;
	case EVENT_NO_TARGET:
	case EVENT_UNSENT: on_fault(a, ev); break;
	case EVENT_SENT: on_sent(a, ev); break;
	case EVENT_ANSWER: on_answer(a, ev); break;
	case EVENT_TARGET_DONE: arping_target_done(a, ev->target); break;
	case EVENT_TIMEOUT:
	case EVENT_WAITING:
	case EVENT_ERROR:
	case EVENT_HINT: break;
	}
}

void arping_status(void *tool)
{
	struct arping *a = tool;
	const struct engine_totals *all = engine_totals(a->engine);

	fprintf(stderr, "\r%u questions sent, %llu answers, %llu of %llu addresses have an owner\n",
		all->counts.sent, (unsigned long long)a->answers, (unsigned long long)all->answered,
		(unsigned long long)all->targets);
}
