/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs_run - the connection: what has come goes to the machine, what the machine says goes out.
 */
#include <linux/neighbour.h>
#include <stdio.h>

#include "tcphs.h"

#include "base/num.h"

#define BATCH 32u
#define ETH_PLAIN_LEN 14u       /* an Ethernet header without a tag */
#define IDLE_NS (60 * NS_PER_S) /* nobody says anything any more: as Linux in FIN-WAIT-2 */
#define LATE_NS NS_PER_MS       /* a peer that hears nothing for 2 ms may repeat (RFC 8985 7) */
#define LINGER_MAX_NS (50 * NS_PER_MS)
#define NEIGHBOUR_NS (100 * NS_PER_MS) /* how often the kernel is asked whether it found it */

/* --- out */

static void trace_segment(struct tcphs *t, const uint8_t *octets, size_t len, bool is_outgoing,
			  uint64_t wall_ns, const struct tcphs_step *step)
{
	char comment[128];
	struct text c = text_make(comment, sizeof(comment));
	struct trace_packet p = {
		.is_outgoing = is_outgoing,
		.message = octets,
		.len = len,
		.proto = IPPROTO_TCP,
		.src = is_outgoing ? t->flow.local : t->flow.remote,
		.dst = is_outgoing ? t->flow.remote : t->flow.local,
		.ttl = is_outgoing ? t->ip.ttl : t->peer_ttl,
		.wall_ns = wall_ns,
		.comment = comment,
	};

	if (!t->trace)
		return;
	text_addf(&c, "%s", tcb_state_text(&t->tcb));
	if (step->why)
		text_addf(&c, ": %s (%s)", tcb_why_text(step->why), tcb_why_rfc(step->why));
	trace_add(t->trace, &p);
}

static void broken(struct tcphs *t)
{
	t->is_broken = t->is_over = true;
}

static void send_one(struct tcphs *t, const struct tcb_seg *seg, enum tcb_state before)
{
	static uint8_t packet[TCPHS_PACKET_MAX];
	struct pkt_spec spec = flow_spec(&t->flow, &t->ip, seg);
	struct wr w = wr_make(packet, sizeof(packet));
	struct link_out out = {.bytes = packet, .to = t->flow.remote};
	struct tcphs_step step = {
		.is_outgoing = true,
		.seg = seg,
		.why = seg->why,
		.before = before,
	};
	size_t hdr_len = flow_hdr_len(&t->flow);
	uint64_t wall_ns = clock_wall(t->run->clock);
	int err;

	if (t->host.n) {
		spec.from = PKT_FROM_ETH;
		spec.eth = (struct pkt_eth){.src = t->host.mac, .dst = t->host.hop_mac};
		hdr_len += ETH_PLAIN_LEN;
	}
	err = pkt_build(t->builder, &spec, &w, &t->why);
	if (err == 0) {
		out.len = w.len;
		step.at_ns = clock_mono(t->run->clock);
		err = link_send(t->link, &out, 1, &t->why);
	}
	/* A full queue is a loss like any other: the segment will be repeated. */
	if (err == E_AGAIN) {
		t->unsent = t->why;
		return;
	}
	if (err < 0) {
		broken(t);
		return;
	}
	t->has_sent = true;
	if (seg->flags & TCP_F_SYN)
		t->syn_wall_ns = seg->why == TCB_WHY_RETRANSMIT ? 0 : wall_ns;
	tcphs_ladder_step(t, &step);
	trace_segment(t, packet + hdr_len, w.len - hdr_len, true, wall_ns, &step);
}

static void send_all(struct tcphs *t)
{
	enum tcb_state before = (enum tcb_state)t->tcb.fsm.state;
	struct tcb_seg seg;

	while (!t->is_broken && tcb_send(&t->tcb, clock_mono(t->run->clock), &seg))
		send_one(t, &seg, before);
}

/* --- in */

/* --close=simultaneous: our FIN leaves as if the peer's had not come yet. RFC 9293 figure 13. */
static void cross_fins(struct tcphs *t, struct tcb_seg *seg, uint64_t now_ns)
{
	struct tcb_seg text = *seg;

	if (t->opts.close != CLOSE_SIMULTANEOUS || !(seg->flags & TCP_F_FIN) ||
	    t->tcb.fsm.state != TCB_ESTABLISHED || seg->seq != t->tcb.rcv_nxt)
		return;
	if (text.len) {
		text.flags &= (uint16_t)~TCP_F_FIN;
		(void)tcb_receive(&t->tcb, &text, now_ns);
		tcphs_drink(t);
		seg->seq += seg->len;
		seg->len = 0;
	}
	tcb_close(&t->tcb, now_ns);
	t->is_fin_sent = true;
	send_all(t);
}

/* listen: speaks with who came first. */
static void settle_remote(struct tcphs *t, const struct dissect *d, const struct flow_news *news)
{
	if (t->flow.remote.len)
		return;
	t->flow.remote = news->remote;
	t->flow.remote_port = news->remote_port;
	t->opts.host = addr_text(&news->remote, t->opts.peer_text);
	t->opts.port = news->remote_port;
	t->host.hop_mac = d->eth.src;
}

/* A probe says RST instead of the third step, or nothing at all. */
static void end_probe(struct tcphs *t, uint64_t now_ns)
{
	if (t->opts.close == CLOSE_ABORT)
		tcb_abort(&t->tcb, now_ns);
	else
		t->tcb.ack_due = false;
	t->is_over = true;
}

static void note_delay(struct tcphs *t, const struct link_in *in)
{
	uint64_t wall_ns = clock_wall(t->run->clock);

	if (in->wall_ns && wall_ns > in->wall_ns && wall_ns - in->wall_ns > t->late_ns)
		t->late_ns = wall_ns - in->wall_ns;
}

static void take_segment(struct tcphs *t, const struct link_in *in, const struct dissect *d,
			 struct flow_news *news)
{
	const struct layer *tcp = dissect_layer(d, LAYER_TCP);
	uint64_t now_ns = clock_mono(t->run->clock);
	struct tcb_seg seen = news->seg;
	struct tcphs_step step = {
		.seg = &seen,
		.at_ns = now_ns,
		.before = (enum tcb_state)t->tcb.fsm.state,
	};
	uint64_t wall_ns = in->wall_ns ? in->wall_ns : clock_wall(t->run->clock);

	t->idle_due_ns = now_ns + IDLE_NS;
	t->peer_ttl = d->ttl;
	note_delay(t, in);
	if (t->syn_wall_ns && wall_ns > t->syn_wall_ns && step.before == TCB_SYN_SENT &&
	    !t->is_rtt_known) {
		t->rtt_ns = wall_ns - t->syn_wall_ns;
		t->is_rtt_known = true;
	}
	settle_remote(t, d, news);
	cross_fins(t, &news->seg, now_ns);
	step.why = tcb_receive(&t->tcb, &news->seg, now_ns);
	tcphs_ladder_step(t, &step);
	trace_segment(t, d->bytes + tcp->off, tcp->len, false, wall_ns, &step);
	tcphs_drink(t);
	if (t->opts.mode == MODE_PROBE && t->tcb.is_opened)
		end_probe(t, now_ns);
	send_all(t);
	/* Whoever listens still listens to anybody. */
	if (t->opts.mode == MODE_LISTEN && t->tcb.fsm.state == TCB_LISTEN)
		t->flow.remote.len = 0;
}

/* Whether the kernel has given up finding the next hop: nothing can have been sent. */
static bool is_neighbour_lost(struct tcphs *t)
{
	const struct addr *hop = t->route.gateway.len ? &t->route.gateway : &t->flow.remote;
	struct neigh neigh;

	return t->tcb.fsm.state == TCB_SYN_SENT &&
	       neigh_get(t->run->netlink, t->route.ifindex, hop, &neigh, NULL) == 0 &&
	       neigh.state == NUD_FAILED;
}

static void ask_for_neighbour(struct tcphs *t, uint64_t now_ns)
{
	t->neigh_due_ns = t->tcb.fsm.state == TCB_SYN_SENT ? now_ns + NEIGHBOUR_NS : UINT64_MAX;
	if (!is_neighbour_lost(t))
		return;
	t->has_neighbour_failed = t->is_over = true;
	tcb_abort(&t->tcb, now_ns);
}

/* This host's own kernel sends such an error once it finds nobody at the next hop. */
static bool is_own_complaint(const struct tcphs *t, const struct flow_news *news)
{
	return addr_same(&news->remote, &t->flow.local) &&
	       !addr_same(&t->flow.remote, &t->flow.local);
}

static void take_icmp(struct tcphs *t, const struct flow_news *news)
{
	bool is_believed;

	if (is_own_complaint(t, news) && is_neighbour_lost(t))
		t->has_neighbour_failed = t->is_over = true;
	is_believed = tcb_icmp(&t->tcb, news->icmp, news->quoted_seq, news->mtu,
			       flow_hdr_len(&t->flow), clock_mono(t->run->clock));
	tcphs_ladder_icmp(t, news, is_believed);
	if (is_believed && news->icmp != TCB_ICMP_TOO_BIG) {
		t->has_icmp = true;
		t->icmp_type = news->type;
		t->icmp_code = news->code;
	}
	send_all(t);
}

static void take(struct tcphs *t, const struct link_in *in)
{
	struct flow_news news;
	struct dissect d;

	if (in->kind != LINK_PACKET || t->linger_due_ns)
		return;
	if (in->layer == LINK_L4) /* a socket of IPv6 keeps the header to itself */
		(void)dissect_message(&in->from, &t->flow.local, in->ttl, in->proto, in->bytes,
				      in->len, &d);
	else
		(void)dissect_packet(in->layer == LINK_L2 ? DISSECT_L2 : DISSECT_L3, in->bytes,
				     in->len, &d);
	flow_read(&t->flow, &d, in->is_csum_partial, &news);
	if (news.kind == FLOW_SEGMENT)
		take_segment(t, in, &d, &news);
	else if (news.kind == FLOW_ICMP)
		take_icmp(t, &news);
	else if (news.kind == FLOW_CORRUPT)
		t->corrupt++;
}

/* --- who closes, and when */

static void say_fin(struct tcphs *t)
{
	t->is_fin_sent = true;
	tcb_close(&t->tcb, clock_mono(t->run->clock));
}

static void decide_close(struct tcphs *t)
{
	bool is_all_out = t->is_input_over && !t->pending_len;
	bool is_acked = is_all_out && !t->tcb.out.len;
	bool is_answered = !t->reply.is_http || tcphs_is_reply_complete(t) || t->tcb.is_fin_taken;

	if (t->is_fin_sent || t->tcb.end || t->tcb.fsm.state < TCB_ESTABLISHED)
		return;
	switch (t->opts.close) {
	case CLOSE_HALF:
		if (is_all_out)
			say_fin(t);
		return;
	case CLOSE_ACTIVE:
		if (is_acked && is_answered)
			say_fin(t);
		return;
	case CLOSE_ABORT:
		if (is_acked && is_answered)
			tcb_abort(&t->tcb, clock_mono(t->run->clock));
		return;
	case CLOSE_NONE: t->is_over |= is_acked && is_answered; return;
	case CLOSE_PASSIVE:
	case CLOSE_SIMULTANEOUS:
	case CLOSE_DEFAULT:
		if (t->tcb.is_fin_taken && is_all_out)
			say_fin(t);
	}
}

/* --- the end */

static void give_up(struct tcphs *t)
{
	t->is_over = true;
	if (t->opts.close == CLOSE_NONE)
		return;
	if (t->tcb.end != TCB_END_GRACEFUL)
		tcb_abort(&t->tcb, clock_mono(t->run->clock));
	send_all(t);
}

/*
 * How long the guard stays after the last segment: where the peer had to wait for us, or we for it,
 * a copy of one may be under way, which the kernel would answer with a RST.
 */
static uint64_t linger_ns(const struct tcphs *t)
{
	uint64_t ns = t->late_ns > LATE_NS ? t->late_ns : 0;

	if (t->host.n || t->tcb.end != TCB_END_GRACEFUL)
		return 0;
	if (t->tcb.n_retransmits && ns < 2 * t->rtt_ns)
		ns = 2 * t->rtt_ns;
	return ns < LINGER_MAX_NS ? ns : LINGER_MAX_NS;
}

static void check_end(struct tcphs *t, uint64_t now_ns)
{
	if (t->tcb.fsm.state == TCB_CLOSED && t->tcb.end) {
		if (!t->linger_due_ns)
			t->linger_due_ns = now_ns + linger_ns(t);
		t->is_over |= now_ns >= t->linger_due_ns;
	}
	if (t->is_over || (now_ns < t->deadline_ns && now_ns < t->idle_due_ns))
		return;
	t->is_late = true;
	give_up(t);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t step(void *arg)
{
	struct tcphs *t = arg;
	struct link_in in[BATCH];
	uint64_t now_ns, next_ns = UINT64_MAX;
	int n = link_recv(t->link, in, BATCH, &t->why);

	if (n < 0 && n != E_AGAIN)
		broken(t);
	for (int i = 0; i < n && !t->is_over; i++) {
		if (t->host.n)
			phantom_receive(&t->host, &in[i], clock_mono(t->run->clock));
		take(t, &in[i]);
	}
	now_ns = clock_mono(t->run->clock);
	if (t->host.n && !tcphs_phantom_step(t, now_ns) && !t->is_started) {
		check_end(t, now_ns);
		return n > 0 ? 0 : least(phantom_due_ns(&t->host), t->deadline_ns);
	}
	tcb_timer(&t->tcb, now_ns);
	tcphs_feed(t);
	tcphs_drink(t);
	if (!t->is_started) {
		t->is_started = true;
		if (t->opts.mode == MODE_LISTEN)
			tcb_listen(&t->tcb, now_ns);
		else
			tcb_connect(&t->tcb, now_ns);
	}
	decide_close(t);
	send_all(t);
	if (now_ns >= t->neigh_due_ns)
		ask_for_neighbour(t, now_ns);
	check_end(t, now_ns);
	if (n > 0)
		return 0;
	if (t->host.n)
		next_ns = phantom_due_ns(&t->host);
	next_ns = least(next_ns, least(tcb_due_ns(&t->tcb), t->deadline_ns));
	if (t->linger_due_ns)
		next_ns = least(next_ns, t->linger_due_ns);
	return least(next_ns, least(t->idle_due_ns, t->neigh_due_ns));
}

static bool is_over(const void *arg)
{
	return ((const struct tcphs *)arg)->is_over;
}

static void stop(void *arg)
{
	struct tcphs *t = arg;

	if (t->is_over)
		return;
	t->is_stopped = true;
	give_up(t);
}

static void tell_status(void *arg)
{
	const struct tcphs *t = arg;

	fprintf(stderr,
		"\r%s: %llu octets sent and acknowledged, %llu received, %u retransmissions\n",
		tcb_state_text(&t->tcb), (unsigned long long)t->tcb.bytes_out,
		(unsigned long long)t->tcb.bytes_in, t->tcb.n_retransmits);
}

static unsigned poll_fds(const void *arg, int *fds)
{
	const struct tcphs *t = arg;
	unsigned n = 0;

	fds[n++] = t->link->fd;
	if (t->send_fd >= 0 && !t->pending_len && t->tcb.out.len < t->tcb.out.cap)
		fds[n++] = t->send_fd;
	return n;
}

int tcphs_connect_run(struct tcphs *t)
{
	static const struct tool_machine machine = {step, is_over, stop, tell_status, poll_fds};
	const struct route_query query = {.dst = t->flow.remote, .src = t->flow.local};

	t->start_ns = clock_mono(t->run->clock);
	t->idle_due_ns = t->opts.mode == MODE_LISTEN ? UINT64_MAX : t->start_ns + IDLE_NS;
	t->neigh_due_ns =
		t->host.n || t->opts.mode == MODE_LISTEN ? UINT64_MAX : t->start_ns + NEIGHBOUR_NS;
	if (!t->deadline_ns) /* of all connections together */
		t->deadline_ns = t->run->options.deadline_ns ?
					 t->start_ns + t->run->options.deadline_ns :
					 UINT64_MAX;
	t->n_connections++;
	tcphs_ladder_head(t);
	if (t->flow.remote.len)
		trace_route(t->trace, &query);
	tool_drive(t->run, &machine, t);
	t->run->reason = t->is_stopped ? "interrupted" : t->is_late ? "deadline" : "done";
	if (t->is_broken)
		return tool_fail(t->run, &t->why);
	if (t->unsent.text[0] && !t->has_sent) /* the network has not been asked anything */
		return tool_fail(t->run, &t->unsent);
	return tcphs_result(t);
}
