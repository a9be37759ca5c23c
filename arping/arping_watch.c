/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arping_watch - who claims which address, without asking: from a capture (--read) or from what
 * passes by (--listen).
 *
 * ARP's sender claims its address in requests as well as in replies; so do an advertisement and a
 * solicitation with a source. Probes of RFC 5227 and solicitations from :: claim nothing.
 */
#include <stdlib.h>

#include "arping.h"
#include "base/num.h"
#include "base/text.h"
#include "io/savefile.h"

#define TABLE_MIN 256u /* a power of two */

struct entry {
	struct addr addr;
	struct arping_owner owners[ARPING_OWNERS];
	unsigned n_owners;
	uint64_t asked_ns; /* when it was last asked for, by the wall clock; 0 for never */
	bool is_claimed;
};

struct watch {
	struct arping *a;
	struct targets *only; /* the addresses that are of interest; NULL for all */
	struct entry *table;  /* open addressing; addr.len 0 is free */
	size_t cap, n;
	bool is_over, is_full;
	const char *reason;
	uint64_t deadline_ns;
	uint32_t frames, claims;
	struct why why;
	int err;
};

/* --- the table */

static size_t slot_of(const struct addr *a, size_t cap)
{
	uint64_t h = 0x9e3779b97f4a7c15;

	for (unsigned i = 0; i < a->len; i++)
		h = (h ^ a->bytes[i]) * 0x100000001b3;
	return (size_t)(h >> 20) & (cap - 1);
}

static struct entry *find_slot(struct entry *table, size_t cap, const struct addr *a)
{
	size_t i = slot_of(a, cap);

	while (table[i].addr.len && !addr_same(&table[i].addr, a))
		i = (i + 1) & (cap - 1);
	return &table[i];
}

static bool grow(struct watch *w)
{
	size_t cap = w->cap ? w->cap * 2 : TABLE_MIN;
	struct entry *table = calloc(cap, sizeof(*table));

	if (!table)
		return false;
	for (size_t i = 0; i < w->cap; i++)
		if (w->table[i].addr.len)
			*find_slot(table, cap, &w->table[i].addr) = w->table[i];
	free(w->table);
	w->table = table;
	w->cap = cap;
	return true;
}

/* NULL when the address is of no interest, or out of memory. */
static struct entry *entry_of(struct watch *w, const struct addr *addr)
{
	struct addr plain = *addr;
	struct entry *e;

	plain.zone = 0;
	if (w->only && !targets_is_excluded(w->only, &plain))
		return NULL;
	if (2 * w->n >= w->cap && !grow(w)) {
		w->is_full = true;
		return NULL;
	}
	e = find_slot(w->table, w->cap, &plain);
	w->n += !e->addr.len;
	e->addr = plain;
	return e;
}

/* --- claims */

/* What a frame says: who claims what, and what is asked for. */
struct said {
	struct addr claimed, asked; /* len 0 for nothing */
	struct mac mac;
	const char *op;
	bool is_answer; /* to a question for `claimed` */
};

static void say_arp(const struct arp_msg *m, struct said *out)
{
	out->mac = m->sender_mac;
	out->op = m->op == ARP_REPLY ? "reply" : "request";
	out->is_answer = m->op == ARP_REPLY;
	if (arp_is_announcement(m))
		out->op = "announcement";
	else if (m->op == ARP_REQUEST)
		out->asked = m->target;
	if (!addr_is_any(&m->sender))
		out->claimed = m->sender;
}

static void say_nd(const struct dissect *d, struct said *out)
{
	bool is_advert = d->nd.type == ICMP_V6_NEIGHBOR_ADVERT;
	struct rd opts = d->nd_opts;
	struct nd_opt o;

	if (d->ttl != 255 || (!is_advert && d->nd.type != ICMP_V6_NEIGHBOR_SOLICIT))
		return;
	out->mac = d->eth.src;
	out->op = is_advert ? "advertisement" : "solicitation";
	out->is_answer = is_advert && d->nd.is_solicited;
	while (nd_opt_next(&opts, &o) == 1)
		if (o.type == (is_advert ? ND_TARGET_MAC : ND_SOURCE_MAC))
			(void)!nd_opt_mac(&o, &out->mac);
	if (is_advert) {
		out->claimed = d->nd.target;
	} else {
		out->asked = d->nd.target;
		if (!addr_is_any(&d->src))
			out->claimed = d->src;
	}
}

static struct arping_owner *owner_of(struct entry *e, const struct mac *mac, bool *is_new)
{
	unsigned i = 0;

	while (i < e->n_owners && !mac_same(&e->owners[i].mac, mac))
		i++;
	*is_new = i == e->n_owners;
	if (i == ARPING_OWNERS)
		return NULL;
	e->n_owners += *is_new;
	return &e->owners[i];
}

static void tell(struct watch *w, const struct entry *e, const struct said *s, double rtt_ms)
{
	struct arping *a = w->a;
	struct rec *r = record_start(&a->run->out, &arping_reply_record);
	char line[256], addr[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX], vendor[OUI_NAME_MAX];
	struct text t = text_make(line, sizeof(line));

	addr_text(&e->addr, addr);
	rec_str(r, "target", addr);
	rec_str(r, "addr", addr);
	rec_str(r, "ip", addr);
	rec_str(r, "op", s->op);
	if (rtt_ms >= 0) {
		rec_num(r, "rtt_ms", rtt_ms);
		rec_str(r, "clock", "kernel");
	}
	arping_detail_fields(a, r);
	record_write(&a->run->out, r);
	if (a->run->options.is_quiet)
		return;
	text_addf(&t, "%s\t%s\t%s", addr, mac_text(&s->mac, mac),
		  *arping_vendor(a, &s->mac, vendor) ? vendor :
		  mac_is_local(&s->mac)              ? "(locally administered)" :
						       "(unknown)");
	if (e->n_owners > 1)
		text_addf(&t, "\t(conflict: %u owners)", e->n_owners);
	out_line(&a->run->out, &t);
}

static void note_claim(struct watch *w, const struct said *s, const struct link_in *in)
{
	struct entry *e = entry_of(w, &s->claimed);
	struct arping_owner *owner;
	double rtt_ms = -1;
	bool is_new;

	if (!e)
		return;
	w->claims++;
	e->is_claimed = true;
	owner = owner_of(e, &s->mac, &is_new);
	if (!owner)
		return;
	owner->answers++;
	owner->mac = w->a->detail.mac = s->mac;
	owner->frame_src = w->a->detail.frame_src;
	if (s->is_answer && e->asked_ns && in->wall_ns >= e->asked_ns)
		rtt_ms = (double)(in->wall_ns - e->asked_ns) / NS_PER_MS;
	if (is_new || (s->is_answer && w->a->run->options.verbose))
		tell(w, e, s, rtt_ms);
}

static void take(struct watch *w, const struct link_in *in)
{
	struct said said = {0};
	struct dissect d;
	struct entry *e;

	if (!arping_look(w->a, in, &d))
		return;
	if (dissect_has(&d, LAYER_ARP))
		say_arp(&d.arp, &said);
	else if (dissect_has(&d, LAYER_ND))
		say_nd(&d, &said);
	if (!said.op)
		return;
	w->frames++;
	arping_trace_in(w->a, in, said.op);
	if (said.claimed.len)
		note_claim(w, &said, in);
	e = said.asked.len ? entry_of(w, &said.asked) : NULL;
	if (e)
		e->asked_ns = in->wall_ns;
}

/* --- the machine */

static uint64_t step(void *arg)
{
	struct watch *w = arg;
	struct link_in in[16];
	int n = link_recv(w->a->port.link, in, 16, &w->why);

	for (int i = 0; i < n; i++)
		take(w, &in[i]);
	if (n < 0 && n != E_AGAIN) {
		w->is_over = true;
		w->err = n == E_EOF ? 0 : n;
	}
	if (clock_mono(w->a->run->clock) >= w->deadline_ns) {
		w->is_over = true;
		w->reason = "deadline";
	}
	return n > 0 ? 0 : w->deadline_ns;
}

static bool is_over(const void *arg)
{
	return ((const struct watch *)arg)->is_over;
}

static void stop(void *arg)
{
	struct watch *w = arg;

	w->is_over = true;
	w->reason = "interrupted";
}

static void tell_status(void *arg)
{
	const struct watch *w = arg;

	fprintf(stderr, "\r%u frames, %u claims, %zu addresses\n", w->frames, w->claims, w->n);
}

static unsigned poll_fds(const void *arg, int *fds)
{
	const struct link *l = ((const struct watch *)arg)->a->port.link;

	fds[0] = l->fd;
	return l->fd >= 0;
}

/* --- the end */

static void verdict(struct watch *w, const struct entry *e)
{
	struct arping *a = w->a;
	struct rec *r = record_start(&a->run->out, &arping_verdict_record), *owners;
	char text[ADDR_TEXT_MAX];

	a->found++;
	a->conflicts += e->n_owners > 1;
	rec_str(r, "target", addr_text(&e->addr, text));
	rec_str(r, "addr", text);
	rec_str(r, "result", e->n_owners > 1 ? "conflict" : "up");
	owners = rec_array(r, "owners");
	for (unsigned i = 0; i < e->n_owners; i++)
		arping_owner_field(a, owners, &e->owners[i].mac, &e->owners[i]);
	rec_close(owners);
	record_write(&a->run->out, r);
}

static int finish(struct watch *w)
{
	struct arping *a = w->a;
	struct rec *r;

	for (size_t i = 0; i < w->cap; i++)
		if (w->table[i].is_claimed)
			verdict(w, &w->table[i]);
	r = record_start(&a->run->out, &arping_summary_record);
	rec_int(r, "found", (int64_t)a->found);
	rec_int(r, "conflicts", (int64_t)a->conflicts);
	rec_int(r, "received", w->frames);
	rec_int(r, "malformed", a->malformed);
	rec_int(r, "foreign_vlan", a->foreign_vlan);
	rec_int(r, "kernel_drops", (int64_t)a->port.link->drops);
	record_write(&a->run->out, r);
	if (!a->run->options.is_quiet)
		out_text(&a->run->out,
			 "%u frames heard: %llu address(es) have an owner, %llu have several\n",
			 w->frames, (unsigned long long)a->found, (unsigned long long)a->conflicts);
	a->run->reason = w->reason;
	if (w->is_full && !w->err)
		w->err = why_set(&w->why, E_MEM, "out of memory: not every address was kept");
	if (w->err)
		return tool_fail(a->run, &w->why);
	if (a->conflicts)
		return ARPING_EXIT_CONFLICT;
	return a->found ? EXIT_ANSWERED : EXIT_NO_ANSWER;
}

static int open_only(struct watch *w)
{
	const struct arping_opts *o = &w->a->opts;
	int err = 0;

	if (o->n_words > ARPING_WORDS)
		return why_set(&w->why, E_FULL, "at most %u targets can be watched", ARPING_WORDS);
	if (!o->n_words)
		return 0;
	w->only = targets_new();
	if (!w->only)
		return why_set(&w->why, E_MEM, "out of memory");
	for (unsigned i = 0; i < o->n_words && !err; i++)
		err = targets_exclude(w->only, o->words[i], &w->why);
	return err;
}

int arping_watch_run(struct arping *a)
{
	static const struct tool_machine machine = {step, is_over, stop, tell_status, poll_fds};
	struct watch w = {.a = a, .deadline_ns = UINT64_MAX, .reason = "done"};
	int status;

	if (a->run->options.deadline_ns)
		w.deadline_ns = clock_mono(a->run->clock) + a->run->options.deadline_ns;
	if (open_only(&w) < 0) {
		status = tool_fail(a->run, &w.why);
	} else {
		if (a->opts.listens && !a->run->options.is_quiet)
			out_text(&a->run->out, "Listening on %s\n", a->port.iface.name);
		tool_drive(a->run, &machine, &w);
		status = finish(&w);
	}
	targets_free(w.only);
	free(w.table);
	return trace_close(a->trace, &w.why) < 0 ? tool_fail(a->run, &w.why) : status;
}
