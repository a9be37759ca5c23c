/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping_mtu - the search for the path MTU (--mtu): when its probes leave, and what is told of it.
 */
#include <stdlib.h>

#include "base/num.h"
#include "base/text.h"
#include "ping.h"
#include "ping_pmtu.h"

#define LEAST_V4 68u   /* RFC 791 3.2 */
#define LEAST_V6 1280u /* RFC 8200 5 */
#define LINK_DEFAULT 1500u
/* Once an answer has come, what is not answered in this time is lost. */
#define WAIT_LEAST_NS (200 * NS_PER_MS)
#define WAIT_RTTS 5u

static const struct field mtu_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed."},
	{"addr", FIELD_STRING, "", "Its address."},
	{"mtu", FIELD_INT, "octets", "Largest packet that was answered; absent when none was."},
	{"limit", FIELD_STRING, "",
	 "What ends it: link (the interface's own MTU), told (a packet too big), black-hole "
	 "(larger ones vanish), silent (no answer at any size), unknown (ended before)."},
	{"link_mtu", FIELD_INT, "octets", "MTU of the interface, where the search began."},
	{"told", FIELD_INT, "octets", "What a packet too big said; absent without one."},
	{"told_by", FIELD_STRING, "", "Who sent it."},
	{"probes", FIELD_INT, "", "How many were sent."},
};

const struct record_type ping_mtu_record = RECORD_TYPE("mtu", "The path MTU (--mtu).", mtu_fields);

static uint32_t headers(const struct addr *a)
{
	return (addr_is_v6(a) ? 40 : 20) + PING_HDR_LEN;
}

/* The MTU of the interface: what the kernel knows of the path is what is to be found out. */
static uint32_t link_mtu(struct ping *p, const struct addr *dst)
{
	struct route route;
	struct iface iface;

	if (!ping_route_to(p, dst, &route) ||
	    iface_by_index(p->run->netlink, route.ifindex, &iface, NULL) < 0)
		return LINK_DEFAULT;
	if (iface.mtu > p->opts.size + headers(dst))
		return (uint32_t)p->opts.size + headers(dst);
	return iface.mtu;
}

static struct pmtu *search_of(struct ping *p, struct target *t)
{
	if (!t->notes) {
		t->notes = calloc(1, sizeof(struct pmtu));
		if (t->notes)
			pmtu_start(t->notes, addr_is_v6(&t->addr) ? LEAST_V6 : LEAST_V4,
				   link_mtu(p, &t->addr));
	}
	return t->notes;
}

/* Gives up what had its time; returns when the next has, or ENGINE_NEVER. */
static uint64_t give_up_old(struct ping *p, struct target *t, uint64_t now_ns)
{
	uint64_t wait_ns = WAIT_RTTS * t->rtt.max_ns, next_ns = ENGINE_NEVER;

	if (!t->rtt.count || p->run->options.has_timeout) /* the engine's timeout alone */
		return ENGINE_NEVER;
	if (wait_ns < WAIT_LEAST_NS)
		wait_ns = WAIT_LEAST_NS;
	for (uint32_t seq = t->seq; seq && t->seq - seq < PMTU_ROUND; seq--) {
		struct probe *probe = probe_find(engine_probes(p->engine), &t->addr, (uint16_t)seq);

		if (!probe || probe->state != PROBE_OUTSTANDING)
			continue;
		if (probe->sent_ns + wait_ns <= now_ns)
			engine_give_up(p->engine, probe, now_ns);
		else if (probe->sent_ns + wait_ns < next_ns)
			next_ns = probe->sent_ns + wait_ns;
	}
	return next_ns;
}

uint64_t ping_mtu_plan(void *tool, struct target *t, uint64_t now_ns)
{
	struct ping *p = tool;
	struct pmtu *m = search_of(p, t);
	uint64_t next_ns;

	if (!m)
		return ENGINE_DONE;
	next_ns = give_up_old(p, t, now_ns);
	if (pmtu_wants(m))
		return now_ns;
	return m->state == PMTU_SEARCHING ? next_ns : ENGINE_DONE;
}

size_t ping_mtu_send(struct ping *p, const struct probe *probe)
{
	struct pmtu *m = search_of(p, probe->target);
	uint32_t hdr = headers(&probe->target->addr);
	uint32_t size = m ? pmtu_send(m, probe->seq) : hdr;

	return size > hdr ? size - hdr : 0;
}

size_t ping_mtu_size_of(const struct probe *probe)
{
	const struct pmtu *m = probe->target->notes;
	uint32_t hdr = headers(&probe->target->addr);
	uint32_t size = m ? pmtu_size_of(m, probe->seq) : 0;

	return size > hdr ? size - hdr : 0;
}

static void on_error(struct ping *p, struct pmtu *m, const struct event *ev, struct text *t)
{
	const struct ping_detail *d = &p->detail;
	char from[ADDR_TEXT_MAX], words[ICMP_TEXT_MAX];

	if (ping_tells_mtu(d))
		pmtu_too_big(m, ev->seq, d->info, &d->from);
	else
		pmtu_lost(m, ev->seq);
	text_addf(t, "%s says: %s", addr_text(&d->from, from),
		  icmp_text(addr_is_v6(&d->from), d->type, d->code, d->info, words));
}

/* Takes note of @ev; false for one of which nothing is to be said. */
static bool take(struct ping *p, struct pmtu *m, const struct event *ev, struct text *t)
{
	switch (ev->kind) {
	case EVENT_ANSWER:
		if (ev->verdict != VERDICT_OK && ev->verdict != VERDICT_LATE)
			return false;
		pmtu_answered(m, ev->seq);
		text_addf(t, "answered, time=%.3f ms", (double)ev->rtt_ns / NS_PER_MS);
		return true;
	case EVENT_ERROR: on_error(p, m, ev, t); return true;
	case EVENT_TIMEOUT:
		pmtu_lost(m, ev->seq);
		text_add(t, "no answer, and no packet too big");
		return true;
	case EVENT_UNSENT: pmtu_lost(m, ev->seq); return false;
	case EVENT_TARGET:
	case EVENT_NO_TARGET:
	case EVENT_SENT:
	case EVENT_WAITING:
	case EVENT_HINT:
	case EVENT_TARGET_DONE: break;
	}
	return false;
}

static void write_record(struct ping *p, const struct target *target, const struct pmtu *m)
{
	struct rec *r = record_start(&p->run->out, &ping_mtu_record);
	char text[ADDR_TEXT_MAX];

	rec_str(r, "target", target_text(target, text));
	rec_str(r, "addr", addr_text(&target->addr, text));
	if (m->passed)
		rec_int(r, "mtu", m->passed);
	rec_str(r, "limit", pmtu_word(m->state));
	rec_int(r, "link_mtu", m->link);
	if (m->told)
		rec_int(r, "told", m->told);
	if (m->told_by.len)
		rec_str(r, "told_by", addr_text(&m->told_by, text));
	rec_int(r, "probes", m->n_probes);
	record_write(&p->run->out, r);
}

static void add_reason(struct text *t, const struct pmtu *m)
{
	char by[ADDR_TEXT_MAX];

	switch (m->state) {
	case PMTU_WHOLE: text_add(t, "all that the interface here can send"); return;
	case PMTU_TOLD:
		text_addf(t, "%s said so (packet too big)", addr_text(&m->told_by, by));
		return;
	case PMTU_BLACK_HOLE:
		text_add(t, "larger packets vanish and nobody says so: a black hole");
		if (m->told)
			text_addf(t, " (%s claimed %u)", addr_text(&m->told_by, by), m->told);
		return;
	case PMTU_SILENT:
	case PMTU_SEARCHING: break;
	}
	text_add(t, "the search was ended before");
}

static void tell_result(struct ping *p, const struct target *target, const struct pmtu *m)
{
	char line[256], addr[ADDR_TEXT_MAX];
	struct text t = text_make(line, sizeof(line));

	text_addf(&t, "path MTU to %s: ", addr_text(&target->addr, addr));
	if (m->passed) {
		text_addf(&t, "%s%u octets; ", m->state == PMTU_SEARCHING ? "at least " : "",
			  m->passed);
		add_reason(&t, m);
	} else {
		text_add(&t, "unknown; no packet of any size was answered");
	}
	out_line(&p->run->out, &t);
}

void ping_mtu_report(struct ping *p, const struct event *ev)
{
	struct pmtu *m = ev->target ? search_of(p, ev->target) : NULL;
	char line[256], addr[ADDR_TEXT_MAX];
	struct text t = text_make(line, sizeof(line));

	if (!m)
		return;
	if (ev->kind == EVENT_TARGET_DONE) {
		write_record(p, ev->target, m);
		tell_result(p, ev->target, m);
		free(ev->target->notes);
		ev->target->notes = NULL;
		return;
	}
	text_addf(&t, "%s: %u octets: ", addr_text(&ev->target->addr, addr),
		  pmtu_size_of(m, ev->seq));
	if (take(p, m, ev, &t) && !p->run->options.is_quiet)
		out_line(&p->run->out, &t);
}
