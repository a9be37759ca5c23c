/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stranger speaks to the TCP machine, which is called and woken at any moment. An octet says what
 * happens, and those behind it how; what must hold of the sequence spaces holds after each.
 */
#include "base/bytes.h"
#include "base/num.h"
#include "engine/tcb.h"
#include "fuzz.h"

static void check(struct tcb *t)
{
	uint32_t last = t->rcv_nxt;

	must(seq_le(t->snd_una, t->snd_nxt) && seq_le(t->snd_nxt, t->snd_max));
	must(t->in.len <= t->in.cap && t->out.len <= t->out.cap);
	for (unsigned i = 0; i < t->early.n; i++) {
		must(seq_lt(t->early.at[i].left, t->early.at[i].right));
		must(seq_lt(last, t->early.at[i].left));
		last = t->early.at[i].right;
		must(last - t->rcv_nxt <= t->in.cap - t->in.len);
	}
	must(t->sacked.n <= SPANS_MAX);
}

static void drain(struct tcb *t, uint64_t now_ns)
{
	struct tcb_seg s;

	for (unsigned i = 0; tcb_send(t, now_ns, &s); i++) {
		must(i < 2000); /* whatever comes in, it does not talk for ever */
		must(s.len <= 65535 && (s.flags & (TCP_F_SYN | TCP_F_RST | TCP_F_ACK)));
		check(t);
	}
}

/* A segment near what is expected, so that most of them pass the first checks. */
static struct tcb_seg segment(const struct tcb *t, struct rd *r)
{
	struct tcb_seg s = {.flags = rd_u8(r), .window = rd_u16(r)};
	uint8_t opts = rd_u8(r);

	s.seq = t->rcv_nxt + rd_u16(r) - 0x8000u;
	s.ack = t->snd_una + rd_u16(r) - 0x8000u;
	s.len = rd_u8(r) * (opts & 0x80 ? 40u : 1u);
	if (s.len > rd_left(r))
		s.len = (uint32_t)rd_left(r);
	s.data = rd_bytes(r, s.len);
	s.opts.has_mss = opts & 1;
	s.opts.mss = s.window;
	s.opts.has_wscale = opts & 2;
	s.opts.wscale = (uint8_t)(s.window >> 8);
	s.opts.sack_ok = opts & 4;
	s.opts.has_ts = opts & 8;
	s.opts.ts_val = s.window;
	if (opts & 16) {
		s.opts.n_sacks = 1;
		s.opts.sacks[0] = (struct span){s.ack + (opts >> 5) * 100u, s.ack + s.window};
	}
	return s;
}

static void happen(struct tcb *t, struct rd *r, uint64_t *now_ns)
{
	uint8_t buf[300] = {0}, what = rd_u8(r);
	struct tcb_seg s;

	switch (what % 12) {
	case 0: tcb_connect(t, *now_ns); break;
	case 1: tcb_listen(t, *now_ns); break;
	case 2: tcb_close(t, *now_ns); break;
	case 3:
		if (what > 230)
			tcb_abort(t, *now_ns);
		break;
	case 4: (void)tcb_write(t, buf, what, *now_ns); break;
	case 5: (void)tcb_read(t, buf, what, *now_ns); break;
	case 6: *now_ns += what * NS_PER_MS; break;
	case 7:
		if (tcb_due_ns(t) != TCB_NEVER && tcb_due_ns(t) > *now_ns)
			*now_ns = tcb_due_ns(t);
		break;
	case 8:
		(void)tcb_icmp(t, what / 12 % 3, t->snd_una + rd_u8(r), rd_u16(r), 20, *now_ns);
		break;
	default: s = segment(t, r); must(tcb_receive(t, &s, *now_ns) < TCB_N_WHYS);
	}
	tcb_timer(t, *now_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r = rd_make(data, len);
	struct tcb_config config = tcb_config_default(false);
	uint64_t now_ns = NS_PER_S;
	struct tcb t;

	config.isn = rd_u32(&r);
	config.window = 1 + rd_u16(&r) % 4096u;
	config.send_buffer = 2048;
	config.nagle = config.window & 1;
	must(tcb_open(&t, &config) == 0);
	for (unsigned i = 0; rd_left(&r) && i < 1000; i++) {
		happen(&t, &r, &now_ns);
		check(&t);
		drain(&t, now_ns);
	}
	tcb_free(&t);
	return 0;
}
