/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs_file - `tcphs ladder FILE`: draws the connections of any capture.
 *
 * Numbers count from each side's SYN, or from where the capture begins, as Wireshark counts them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tcphs.h"

#include "base/num.h"
#include "io/savefile.h"

#define FLOWS 4096u /* a power of two; beyond three quarters of it no new ones are drawn */

/* One direction of a connection. */
struct side {
	struct addr addr;
	uint16_t port;
	bool has_base, has_next, has_ack, is_ended;
	uint32_t base, next, ack; /* next: behind the highest octet seen */
	uint16_t window;
	unsigned dup_acks;
};

struct drawn {
	unsigned number;     /* 0: free */
	struct side side[2]; /* the first is who was seen first, the opener as a rule */
};

struct drawing {
	struct tcphs *t;
	struct link *link;
	struct drawn *flows;
	struct sipkey key;
	unsigned n_flows, n_left_out;
	uint64_t first_ns, n_segments;
};

static const struct field fields[] = {
	{"flow", FIELD_INT, "", "Number of the connection in the file, from 1."},
	{"at_ms", FIELD_NUMBER, "ms", "Time since the first segment of the file."},
	{"src", FIELD_STRING, "", "Who sent it."},
	{"src_port", FIELD_INT, "", "From which port."},
	{"dst", FIELD_STRING, "", "To whom."},
	{"dst_port", FIELD_INT, "", "To which port."},
	{"flags", FIELD_STRING, "", "Letters of F S R P A U E C."},
	{"seq", FIELD_INT, "", "Sequence number, relative (as on the wire with -a)."},
	{"ack", FIELD_INT, "", "Acknowledgment number, relative; absent without the flag."},
	{"len", FIELD_INT, "octets", "Octets of data."},
	{"window", FIELD_INT, "octets", "Window as on the wire, not scaled."},
	{"why", FIELD_STRING, "", "What is special about it; absent if nothing."},
};

const struct record_type tcphs_drawn_record =
	RECORD_TYPE("drawn", "A segment of a capture (ladder FILE).", fields);

/* The same for both directions. */
static uint64_t flow_hash(const struct drawing *w, const struct dissect *d)
{
	struct {
		uint8_t addr[16];
		uint16_t port;
	} end[2] = {0};
	uint64_t hash = 0;

	memcpy(end[0].addr, d->src.bytes, 16);
	memcpy(end[1].addr, d->dst.bytes, 16);
	end[0].port = d->tcp.src_port;
	end[1].port = d->tcp.dst_port;
	for (unsigned i = 0; i < 2; i++)
		hash += siphash(&w->key, &end[i], sizeof(end[i]));
	return hash;
}

static bool is_side(const struct side *s, const struct addr *addr, uint16_t port)
{
	return s->port == port && addr_same(&s->addr, addr);
}

/* The flow of @d, made if need be; NULL if there are too many. */
static struct drawn *find_flow(struct drawing *w, const struct dissect *d)
{
	uint64_t at = flow_hash(w, d);
	struct drawn *f;

	for (;; at++) {
		f = &w->flows[at % FLOWS];
		if (!f->number)
			break;
		for (unsigned i = 0; i < 2; i++)
			if (is_side(&f->side[i], &d->src, d->tcp.src_port) &&
			    is_side(&f->side[!i], &d->dst, d->tcp.dst_port))
				return f;
	}
	if (w->n_flows >= FLOWS / 4 * 3)
		return NULL;
	f->number = ++w->n_flows;
	f->side[0] = (struct side){.addr = d->src, .port = d->tcp.src_port};
	f->side[1] = (struct side){.addr = d->dst, .port = d->tcp.dst_port};
	return f;
}

/* Sets the bases that the segment gives away. A new SYN on used ports begins a new connection. */
static void set_bases(struct side *from, struct side *to, const struct tcb_seg *s)
{
	bool is_syn = s->flags & TCP_F_SYN;

	if (is_syn && from->has_base && from->base != s->seq) {
		*from = (struct side){.addr = from->addr, .port = from->port};
		*to = (struct side){.addr = to->addr, .port = to->port};
	}
	if (!from->has_base) {
		from->base = is_syn ? s->seq : s->seq - 1;
		from->has_base = true;
	}
	if (!to->has_base && s->flags & TCP_F_ACK) {
		to->base = s->ack - 1;
		to->has_base = true;
	}
}

static const char *judge(struct side *from, const struct tcb_seg *s)
{
	uint32_t len = s->len + !!(s->flags & TCP_F_SYN) + !!(s->flags & TCP_F_FIN);
	uint32_t end = s->seq + len;
	const char *why = "";

	if (s->flags & TCP_F_RST)
		return "reset";
	if (len && from->has_next && seq_le(end, from->next))
		why = "retransmission";
	else if (len && from->has_next && seq_lt(s->seq, from->next))
		why = "overlaps what was sent";
	else if (from->has_next && seq_lt(from->next, s->seq))
		why = "behind a gap";
	else if (!len && from->has_next && s->seq == from->next - 1 && !from->is_ended)
		why = "keep-alive";
	else if (!s->window && !(s->flags & TCP_F_SYN))
		why = "zero window";
	else if (!len && from->has_ack && s->ack == from->ack && s->window == from->window &&
		 !(s->flags & TCP_F_SYN) && from->dup_acks)
		why = "dup ACK";
	if (!len && s->flags & TCP_F_ACK)
		from->dup_acks = from->has_ack && s->ack == from->ack ? from->dup_acks + 1 : 1;
	else
		from->dup_acks = 0;
	if (!from->has_next || seq_lt(from->next, end))
		from->next = end;
	from->has_next = true;
	from->is_ended |= !!(s->flags & TCP_F_FIN);
	if (s->flags & TCP_F_ACK)
		from->ack = s->ack;
	from->has_ack |= !!(s->flags & TCP_F_ACK);
	from->window = s->window;
	return why;
}

/* --- told */

static void to_json(struct drawing *w, const struct drawn *f, const struct side *from,
		    const struct side *to, const struct tcb_seg *s, double at_ms, const char *why)
{
	struct rec *r = record_start(&w->t->run->out, &tcphs_drawn_record);
	bool is_absolute = w->t->opts.is_absolute;
	char text[ADDR_TEXT_MAX];

	if (!r)
		return;
	rec_int(r, "flow", f->number);
	rec_num(r, "at_ms", at_ms);
	rec_str(r, "src", addr_text(&from->addr, text));
	rec_int(r, "src_port", from->port);
	rec_str(r, "dst", addr_text(&to->addr, text));
	rec_int(r, "dst_port", to->port);
	rec_str(r, "flags", tcphs_flags_text(s->flags, text));
	rec_int(r, "seq", (uint32_t)(s->seq - (is_absolute ? 0 : from->base)));
	if (s->flags & TCP_F_ACK)
		rec_int(r, "ack", (uint32_t)(s->ack - (is_absolute ? 0 : to->base)));
	rec_int(r, "len", s->len);
	rec_int(r, "window", s->window);
	if (*why)
		rec_str(r, "why", why);
	record_write(&w->t->run->out, r);
}

static void to_text(struct drawing *w, const struct drawn *f, bool is_forward,
		    const struct tcb_seg *s, double at_ms, const char *why)
{
	const struct side *from = &f->side[!is_forward], *to = &f->side[is_forward];
	bool is_absolute = w->t->opts.is_absolute;
	uint32_t seq = s->seq - (is_absolute ? 0 : from->base);
	char buf[400];
	struct text l = text_make(buf, sizeof(buf));

	text_addf(&l, "%9.3f  #%-4u ", at_ms / 1e3, f->number);
	tcphs_arrow(is_forward, s->flags, &l);
	text_addf(&l, " seq=%u", seq);
	if (s->len)
		text_addf(&l, ":%u", seq + s->len);
	if (s->flags & TCP_F_ACK)
		text_addf(&l, " ack=%u", s->ack - (is_absolute ? 0 : to->base));
	if (s->len)
		text_addf(&l, " (%u)", s->len);
	text_addf(&l, " win=%u", s->window);
	tcphs_options_text(&s->opts, s->flags, w->t->run->options.verbose > 0,
			   is_absolute ? 0 : to->base, &l);
	if (*why)
		text_addf(&l, "  %s", why);
	out_line(&w->t->run->out, &l);
}

static void head(struct drawing *w, const struct drawn *f)
{
	char a[80], b[80];

	out_text(&w->t->run->out, "#%u  %s > %s\n", f->number,
		 tcphs_end_text(&f->side[0].addr, f->side[0].port, a, sizeof(a)),
		 tcphs_end_text(&f->side[1].addr, f->side[1].port, b, sizeof(b)));
}

/* The octets of data as the headers tell them: a capture may hold fewer. */
static uint32_t told_len(const struct dissect *d)
{
	uint32_t len = 0, headers = d->tcp.hdr_len;

	if (dissect_has(d, LAYER_IP4)) {
		len = d->ip4.total_len;
		headers += d->ip4.hdr_len;
	} else if (d->ip6.payload_len) {
		len = d->ip6.payload_len + (uint32_t)IP6_HDR_LEN;
		headers += d->ip6.hdr_len;
	}
	/* 0: the sender left it to the hardware. */
	return len >= headers ? len - headers : (uint32_t)d->payload_len;
}

static void draw(struct drawing *w, const struct link_in *in)
{
	unsigned before = w->n_flows;
	struct side *from, *to;
	struct tcb_seg seg;
	struct dissect d;
	struct drawn *f;
	const char *why;
	double at_ms;
	bool is_forward;

	(void)dissect_packet(in->layer == LINK_L2 ? DISSECT_L2 : DISSECT_L3, in->bytes, in->len,
			     &d);
	if (!dissect_has(&d, LAYER_TCP))
		return;
	f = find_flow(w, &d);
	w->n_left_out += !f;
	if (!f)
		return;
	if (!w->n_segments++)
		w->first_ns = in->wall_ns;
	at_ms = ((double)in->wall_ns - (double)w->first_ns) / NS_PER_MS;
	is_forward = is_side(&f->side[0], &d.src, d.tcp.src_port) &&
		     is_side(&f->side[1], &d.dst, d.tcp.dst_port);
	from = &f->side[!is_forward];
	to = &f->side[is_forward];
	seg = tcb_seg_read(&d.tcp, d.payload, d.payload_len);
	seg.len = told_len(&d);
	set_bases(from, to, &seg);
	why = judge(from, &seg);
	if (f->number > before && !w->t->run->options.is_quiet)
		head(w, f);
	to_json(w, f, from, to, &seg, at_ms, why);
	if (!w->t->run->options.is_quiet && !w->t->run->out.is_json)
		to_text(w, f, is_forward, &seg, at_ms, why);
}

/* --- the file */

static int read_all(struct drawing *w, struct why *why)
{
	struct link_in in[32];
	int n;

	while ((n = link_recv(w->link, in, 32, why)) >= 0)
		for (int i = 0; i < n; i++)
			draw(w, &in[i]);
	return n == E_EOF ? 0 : n;
}

int tcphs_file_run(struct tcphs *t)
{
	struct drawing w = {.t = t, .flows = calloc(FLOWS, sizeof(*w.flows))};
	struct why why;
	int err = w.flows ? savefile_read(t->opts.host, &w.link, &why) :
			    why_set(&why, E_MEM, "out of memory");

	rnd_fill(&t->run->rnd, &w.key, sizeof(w.key));
	if (!err)
		err = tool_lock_down(t->run, &why);
	if (!err)
		err = read_all(&w, &why);
	if (!err || w.n_segments)
		out_text(&t->run->out, "%llu segment%s, %u connection%s\n",
			 (unsigned long long)w.n_segments, w.n_segments == 1 ? "" : "s", w.n_flows,
			 w.n_flows == 1 ? "" : "s");
	if (w.n_left_out)
		tool_say(t->run, "%u segments of further connections are left out", w.n_left_out);
	link_close(w.link);
	free(w.flows);
	if (err < 0)
		return tool_fail(t->run, &why);
	return w.n_segments ? EXIT_ANSWERED : EXIT_NO_ANSWER;
}
