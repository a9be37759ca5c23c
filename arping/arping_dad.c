/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arping_dad - is an address free; announcing and defending it. What is to be done when is in
 * engine/dad; here it is done, and told.
 */
#include "arping.h"
#include "base/num.h"
#include "base/text.h"

enum end {
	END_RUNNING,
	END_OVER,         /* the table has come to an end state */
	END_EARLY,        /* -w: no time for more */
	END_INTERRUPTED,  /* Ctrl-C */
	END_INCONCLUSIVE, /* something could not be sent or heard: why */
};

struct dad_run {
	struct arping *a;
	struct dad dad;
	enum end end;
	struct why why;
	uint64_t start_ns, deadline_ns;
	uint64_t sent_wall_ns,
		tx_wall_ns; /* of the newest frame: our call, and the kernel's stamp */
	uint32_t sent, heard;
	bool is_free_told;
};

static bool says_lines(const struct dad_run *r)
{
	return !r->a->run->options.is_quiet && !r->a->opts.shows_mac && !r->a->opts.shows_addr;
}

/* --- what is sent */

static bool is_port_well(struct dad_run *r)
{
	struct iface now;

	if (iface_by_index(r->a->run->netlink, r->a->port.iface.index, &now, &r->why) == 0 &&
	    arping_port_check(&now, &r->why) == 0)
		return true;
	r->end = END_INCONCLUSIVE;
	return false;
}

static void send_one(struct dad_run *r, enum dad_action action)
{
	uint8_t frame[DAD_FRAME_MAX];
	struct wr w = wr_make(frame, sizeof(frame));
	struct link_out out = {.bytes = frame, .tag = r->sent + 1};

	if (dad_build(&r->dad, action, r->a->builder, &w) < 0) {
		(void)why_set(&r->why, E_BAD, "inconclusive: the frame cannot be built");
		r->end = END_INCONCLUSIVE;
		return;
	}
	out.len = w.len;
	r->sent_wall_ns = clock_wall(r->a->run->clock);
	r->tx_wall_ns = 0;
	if (link_send(r->a->port.link, &out, 1, &r->why) < 0) {
		r->end = END_INCONCLUSIVE;
		return;
	}
	r->sent++;
	arping_trace_out(r->a, frame, w.len, r->sent_wall_ns, dad_table.actions[action]);
}

static void announce(struct dad_run *r, enum dad_action action)
{
	enum arping_form form = r->a->opts.announces;

	r->dad.announces_by_reply = form == FORM_REPLY;
	send_one(r, action);
	if (form == FORM_BOTH && r->dad.addr.len == 4 && r->end == END_RUNNING) {
		r->dad.announces_by_reply = true;
		send_one(r, action);
	}
}

static void tell_free(struct dad_run *r)
{
	char addr[ADDR_TEXT_MAX];

	r->is_free_told = true;
	if (says_lines(r))
		out_text(&r->a->run->out, "! free: nobody %shas %s (%u probe(s) in %.2f s)\n",
			 arping_own(r->a, &r->dad.addr) ? "else " : "",
			 addr_text(&r->dad.addr, addr), r->dad.n_probes,
			 (double)(clock_mono(r->a->run->clock) - r->start_ns) / NS_PER_S);
}

static void act(struct dad_run *r, uint32_t actions)
{
	/* Silence means nothing while the wire is cut. */
	if (actions && !is_port_well(r))
		return;
	if (DAD_DOES(actions, DAD_SEND_PROBE))
		send_one(r, DAD_SEND_PROBE);
	if (DAD_DOES(actions, DAD_TELL_FREE))
		tell_free(r);
	if (DAD_DOES(actions, DAD_SEND_ANNOUNCEMENT))
		announce(r, DAD_SEND_ANNOUNCEMENT);
	if (DAD_DOES(actions, DAD_SEND_DEFENCE))
		announce(r, DAD_SEND_DEFENCE);
	if (DAD_DOES(actions, DAD_SEND_ANSWER))
		send_one(r, DAD_SEND_ANSWER);
}

/* --- what is heard */

static const char *op_word(const struct dissect *d)
{
	if (dissect_has(d, LAYER_ND))
		return d->nd.type == ICMP_V6_NEIGHBOR_ADVERT ? "advertisement" : "solicitation";
	if (arp_is_announcement(&d->arp))
		return "announcement";
	if (arp_is_probe(&d->arp))
		return "probe";
	return d->arp.op == ARP_REPLY ? "reply" : "request";
}

static void claim_record(struct dad_run *r, enum dad_event event, const char *op, double rtt_ms,
			 bool is_stamped)
{
	struct rec *rec = record_start(&r->a->run->out, &arping_reply_record);
	char addr[ADDR_TEXT_MAX];

	addr_text(&r->dad.addr, addr);
	rec_str(rec, "target", r->a->opts.first_word);
	rec_str(rec, "addr", addr);
	rec_str(rec, "ip", addr);
	rec_str(rec, "op", op);
	rec_int(rec, "try", r->dad.n_probes);
	if (rtt_ms >= 0) {
		rec_num(rec, "rtt_ms", rtt_ms);
		rec_str(rec, "clock",
			rtt_clock_word(!is_stamped   ? RTT_USER :
				       r->tx_wall_ns ? RTT_KERNEL :
						       RTT_KERNEL_RX));
	}
	rec_str(rec, "verdict", event == DAD_CLAIM ? "claim" : "rival");
	arping_detail_fields(r->a, rec);
	record_write(&r->a->run->out, rec);
}

static void tell_claim(struct dad_run *r, enum dad_event event, const struct dissect *d,
		       const struct link_in *in)
{
	uint64_t from_ns = r->tx_wall_ns ? r->tx_wall_ns : r->sent_wall_ns;
	uint64_t at_ns = in->wall_ns ? in->wall_ns : clock_wall(r->a->run->clock);
	double rtt_ms =
		r->dad.n_probes && at_ns > from_ns ? (double)(at_ns - from_ns) / NS_PER_MS : -1;
	char addr[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX], line[200];
	struct text t = text_make(line, sizeof(line));

	claim_record(r, event, op_word(d), rtt_ms, in->wall_ns != 0);
	text_addf(&t, "%s %s from %s [%s]", r->a->detail.is_to_all ? "Broadcast" : "Unicast",
		  op_word(d), addr_text(&r->dad.addr, addr), arping_mac_upper(&r->dad.rival, mac));
	if (rtt_ms >= 0)
		text_addf(&t, "  %.3fms", rtt_ms);
	if (says_lines(r))
		out_line(&r->a->run->out, &t);
	else if (!r->a->run->options.is_quiet)
		out_text(&r->a->run->out, "%s\n",
			 r->a->opts.shows_mac ? mac_text(&r->dad.rival, mac) : addr);
	arping_trace_in(r->a, in,
			event == DAD_CLAIM ?
				"a claim: somebody has the address" :
				"a rival: somebody looks whether it is free, as we do");
}

static void take(struct dad_run *r, const struct link_in *in)
{
	struct dissect d;
	enum dad_event event;

	if (in->kind == LINK_TX && in->tag == r->sent)
		r->tx_wall_ns = in->wall_ns;
	if (!arping_look(r->a, in, &d) || !dad_judge(&r->dad, &d, in->is_csum_partial, &event))
		return;
	r->heard++;
	r->a->detail.mac = r->dad.rival;
	tell_claim(r, event, &d, in);
	act(r, dad_event(&r->dad, event, clock_mono(r->a->run->clock)));
}

/* --- the machine */

static uint64_t step(void *arg)
{
	struct dad_run *r = arg;
	struct link_in in[16];
	uint64_t now_ns;
	int n;

	if (r->dad.fsm.state == DAD_IDLE)
		act(r, dad_event(&r->dad, DAD_START, clock_mono(r->a->run->clock)));
	n = link_recv(r->a->port.link, in, 16, &r->why);
	if (n < 0 && n != E_AGAIN)
		r->end = END_INCONCLUSIVE;
	for (int i = 0; i < n && r->end == END_RUNNING && !dad_is_over(&r->dad); i++)
		take(r, &in[i]);
	now_ns = clock_mono(r->a->run->clock);
	while (r->end == END_RUNNING && r->dad.due_ns <= now_ns && n < 16)
		act(r, dad_event(&r->dad, DAD_TIMER, now_ns));
	if (r->end == END_RUNNING && dad_is_over(&r->dad))
		r->end = END_OVER;
	if (r->end == END_RUNNING && now_ns >= r->deadline_ns)
		r->end = END_EARLY;
	if (n > 0)
		return 0;
	return r->dad.due_ns < r->deadline_ns ? r->dad.due_ns : r->deadline_ns;
}

static bool is_over(const void *arg)
{
	return ((const struct dad_run *)arg)->end != END_RUNNING;
}

static void stop(void *arg)
{
	struct dad_run *r = arg;

	if (r->end == END_RUNNING)
		r->end = END_INTERRUPTED;
}

static void tell_status(void *arg)
{
	const struct dad_run *r = arg;

	fprintf(stderr, "\r%s: %u probe(s), %u announcement(s), %u defence(s)\n",
		dad_table.states[r->dad.fsm.state], r->dad.n_probes, r->dad.n_announcements,
		r->dad.n_defences);
}

static unsigned poll_fds(const void *arg, int *fds)
{
	fds[0] = ((const struct dad_run *)arg)->a->port.link->fd;
	return 1;
}

static struct dad_timing timing_of(const struct arping *a, bool is_v6)
{
	const struct options *o = &a->run->options;
	struct dad_timing t = a->opts.is_dad_fast ? dad_timing_fast() : dad_timing_rfc(is_v6);

	/* iputils: so many probes, one a second, beginning at once. */
	if (o->count && !a->opts.has_dad_mode) {
		t.start_max = 0;
		t.gap_min = t.gap_max = t.listen = NS_PER_S;
	}
	if (o->has_interval)
		t.gap_min = t.gap_max = t.announce_gap = o->interval_ns;
	if (o->has_timeout)
		t.listen = o->timeout_ns;
	t.announcements = a->opts.announces || a->opts.hold_ns ? 2 : 0;
	if (o->count && a->opts.is_dad)
		t.probes = (uint32_t)(o->count < UINT32_MAX ? o->count : UINT32_MAX);
	else if (o->count)
		t.announcements = (uint32_t)(o->count < UINT32_MAX ? o->count : UINT32_MAX);
	if (!a->opts.is_dad)
		t.probes = 0;
	t.hold = a->opts.hold_ns;
	return t;
}

/* --- what it came to */

static const char *result_of(const struct dad_run *r)
{
	if (r->end == END_INCONCLUSIVE || !r->sent)
		return "inconclusive";
	if (r->dad.fsm.state == DAD_TAKEN)
		return "in-use";
	if (!r->a->opts.is_dad)
		return "announced";
	return r->is_free_told || r->end == END_EARLY ? "free" : "inconclusive";
}

static void verdict_to_json(struct dad_run *r, const char *result)
{
	struct rec *rec = record_start(&r->a->run->out, &arping_verdict_record), *owners;
	char text[ADDR_TEXT_MAX];

	if (!rec)
		return;
	rec_str(rec, "target", r->a->opts.first_word);
	rec_str(rec, "addr", addr_text(&r->dad.addr, text));
	rec_str(rec, "result", result);
	owners = rec_array(rec, "owners");
	if (r->dad.fsm.state == DAD_TAKEN)
		arping_owner_field(r->a, owners, &r->dad.rival, NULL);
	rec_close(owners);
	rec_str(rec, "interface", r->a->port.iface.name);
	record_write(&r->a->run->out, rec);
	rec = record_start(&r->a->run->out, &arping_summary_record);
	rec_str(rec, "target", r->a->opts.first_word);
	rec_str(rec, "addr", addr_text(&r->dad.addr, text));
	rec_int(rec, "sent", r->sent);
	rec_int(rec, "broadcast", r->sent);
	rec_int(rec, "received", r->heard);
	rec_int(rec, "malformed", r->a->malformed);
	rec_int(rec, "foreign_vlan", r->a->foreign_vlan);
	rec_int(rec, "kernel_drops", (int64_t)r->a->port.link->drops);
	rec_num(rec, "elapsed_ms",
		(double)(clock_mono(r->a->run->clock) - r->start_ns) / NS_PER_MS);
	record_write(&r->a->run->out, rec);
}

static void result_lines(struct dad_run *r)
{
	struct out *o = &r->a->run->out;
	char addr[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX], vendor[OUI_NAME_MAX];

	if (!says_lines(r))
		return;
	addr_text(&r->dad.addr, addr);
	arping_vendor(r->a, &r->dad.rival, vendor);
	if (r->dad.fsm.state == DAD_TAKEN)
		out_text(o, "! in-use: %s has %s%s%s%s\n", mac_text(&r->dad.rival, mac), addr,
			 *vendor ? " (" : "", vendor, *vendor ? ")" : "");
	else if (r->end == END_EARLY && r->a->opts.is_dad && !r->is_free_told)
		out_text(o,
			 "! free: nobody has said to have %s, but -w ended it after %u probe(s)\n",
			 addr, r->dad.n_probes);
	if (r->dad.n_defences)
		out_text(o, "! defended: %u time(s)\n", r->dad.n_defences);
	out_text(o, "Sent %u probes (%u broadcast(s))\n", r->sent, r->sent);
	out_text(o, "Received %u response(s)\n", r->heard);
}

static int finish(struct dad_run *r)
{
	const char *result = result_of(r);
	int status = EXIT_ANSWERED;

	r->a->run->reason = r->end == END_EARLY       ? "deadline" :
			    r->end == END_INTERRUPTED ? "interrupted" :
							"done";
	verdict_to_json(r, result);
	if (r->end == END_INCONCLUSIVE)
		return tool_fail(r->a->run, &r->why);
	result_lines(r);
	if (result[0] == 'i')
		status = r->dad.fsm.state == DAD_TAKEN ? EXIT_NO_ANSWER : EXIT_CANNOT_ASK;
	return status;
}

/*
 * Which address it is about: the target; but -s names the one that is announced, and the target is
 * then who is told. @told: len 0 for everybody.
 */
static int settle_addrs(struct arping *a, struct addr *about, struct addr *told, struct why *why)
{
	const struct arping_opts *o = &a->opts;

	*about = a->first;
	*told = (struct addr){0};
	if (a->is_sweep || !about->len)
		return why_set(why, E_BAD, "one address at a time can be probed or announced");
	if (!o->source.len && !o->is_zero_source)
		return 0;
	if (o->is_dad)
		return !o->source.len || addr_is_any(&o->source) ?
			       0 :
			       why_set(why, E_BAD,
				       "--dad and -s contradict each other: a probe comes from "
				       "nobody (RFC 5227 1.1)");
	if (!o->source.len || addr_is_any(&o->source) || o->source.len != about->len)
		return why_set(why, E_BAD,
			       "what is to be announced (-s) is no address, or not of the "
			       "family of the target that is to be told");
	if (about->len == 16 && !addr_same(&o->source, about))
		return why_set(why, E_BAD,
			       "an IPv6 announcement is told to nobody alone, all nodes hear it: "
			       "give the address to be announced as the target, without -s");
	if (!addr_same(&o->source, about))
		*told = *about;
	*about = o->source;
	return 0;
}

static int begin(struct dad_run *r)
{
	struct arping *a = r->a;
	char addr[ADDR_TEXT_MAX], source[ADDR_TEXT_MAX];
	struct addr about, told, none;
	struct dad_timing timing;
	int err = settle_addrs(a, &about, &told, &r->why);

	if (err < 0)
		return err;
	timing = timing_of(a, about.len == 16);
	none = (struct addr){.len = about.len};
	dad_open(&r->dad, &about, &a->port.iface.mac, &timing, &a->run->rnd);
	memcpy(r->dad.own, a->port.macs, sizeof(r->dad.own));
	r->dad.n_own = a->port.n_macs;
	r->dad.told = told;
	memcpy(r->dad.vlans, a->opts.vlans, sizeof(r->dad.vlans));
	r->dad.n_vlans = a->opts.n_vlans;
	r->start_ns = clock_mono(a->run->clock);
	if (a->run->options.deadline_ns)
		r->deadline_ns = r->start_ns + a->run->options.deadline_ns;
	if (says_lines(r))
		out_text(&a->run->out, "ARPING %s from %s %s\n",
			 addr_text(told.len ? &told : &about, addr),
			 addr_text(a->opts.is_dad ? &none : &about, source), a->port.iface.name);
	return 0;
}

int arping_dad_run(struct arping *a)
{
	static const struct tool_machine machine = {step, is_over, stop, tell_status, poll_fds};
	struct dad_run r = {.a = a, .deadline_ns = UINT64_MAX};
	int status;

	if (begin(&r) < 0) {
		status = tool_fail(a->run, &r.why);
	} else {
		tool_drive(a->run, &machine, &r);
		status = finish(&r);
	}
	return trace_close(a->trace, &r.why) < 0 ? tool_fail(a->run, &r.why) : status;
}
