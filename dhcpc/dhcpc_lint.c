/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the questions of lint, one after another; dhcpc_lint.h. */
#include "dhcpc_lint.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/num.h"
#include "dhcpc_report.h"

#define FRAMES_AT_ONCE 16
#define SILENT_NS \
	(500 * NS_PER_MS) /* where silence may be right; a server on the link is quicker */

struct lint_run {
	struct lint l;
	unsigned step;
	bool is_asked, is_over, is_interrupted, has_server;
	struct addr server; /* under test: the first that answers, or that of -s */
	uint64_t end_ns;    /* of the wait for an answer */
	uint32_t xid;
	int fault;
	struct why why;
};

static uint64_t now(const struct lint_run *c)
{
	return clock_mono(c->l.d->run->clock);
}

void dhcpc_lint_tell(struct lint *l, const char *id, const char *rfc, enum lint_verdict verdict,
		     const char *fmt, ...)
{
	static const char *const words[] = {"right", "odd", "wrong"};
	struct rec *r = record_start(&l->d->run->out, &dhcpc_check_record);
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->n_right += verdict == LINT_RIGHT;
	l->n_odd += verdict == LINT_ODD;
	l->n_wrong += verdict == LINT_WRONG;
	rec_str(r, "id", id);
	rec_str(r, "verdict", words[verdict]);
	rec_str(r, "text", text);
	rec_str(r, "rfc", rfc);
	record_write(&l->d->run->out, r);
	if (dhcpc_says_lines(l->d))
		out_text(&l->d->run->out, "%-6s %-18s %s [%s]\n", words[verdict], id, text, rfc);
}

/* --- asking */

static void ask(struct lint_run *c)
{
	const struct lint_step *step = &dhcpc_lint_steps[c->step];
	struct lint *l = &c->l;
	struct dhcpc_ask message = {
		.type = step->type,
		.ciaddr = addr_none(),
		.requested = addr_none(),
		.server = addr_none(),
	};
	const struct dhcpc_self usual = l->d->self;

	/* RFC 2131 4.4.1: the REQUEST for an offer has the offer's number. */
	if (step->type == DHCP_DISCOVER || step->needs_lease)
		c->xid = rnd_u32(&l->d->run->rnd);
	message.xid = c->xid;
	dhcpc_broadcast(&message);
	l->opts = l->d->opts;
	l->self = usual;
	l->self.opts = &l->opts;
	if (step->prepare)
		step->prepare(l, &message);
	l->wanted = message.requested;
	l->reply = (struct lint_reply){.type = DHCP_NO_TYPE};
	l->d->self = l->self;
	c->fault = dhcpc_send(l->d, &message, &c->why);
	l->d->self = usual;
	c->is_over |= c->fault < 0;
	c->is_asked = true;
	c->end_ns = now(c) + (step->may_be_silent ? SILENT_NS : l->d->opts.wait_ns);
	if (step->type == DHCP_RELEASE)
		c->end_ns = now(c);
}

static void next(struct lint_run *c)
{
	const struct lint_step *step = &dhcpc_lint_steps[c->step];

	if (step->judge)
		step->judge(&c->l, step);
	c->is_asked = false;
	/* Nobody there: the other questions would tell nothing. */
	c->is_over |= !c->has_server;
	do
		c->step++;
	while (c->step < dhcpc_lint_n_steps &&
	       ((dhcpc_lint_steps[c->step].needs_lease && !c->l.lease.lease_s) ||
		(dhcpc_lint_steps[c->step].type == DHCP_REQUEST && !c->l.offer.lease.lease_s)));
	c->is_over |= c->step >= dhcpc_lint_n_steps;
}

/* --- what is heard */

static bool is_server(struct lint_run *c, const struct dhcpc_seen *s)
{
	const struct dhcpc_server *must = &c->l.d->opts.must;

	if (c->l.d->opts.has_must && !must->addr.len && !mac_same(&must->mac, &s->src_mac))
		return false;
	if (!c->has_server) {
		c->server = must->addr.len ? must->addr : s->server;
		c->has_server = addr_same(&c->server, &s->server);
	}
	return addr_same(&c->server, &s->server);
}

static void take_reply(struct lint_run *c, struct dhcpc_seen *s)
{
	struct lint_reply *r = &c->l.reply;

	if (!is_server(c, s)) {
		r->was_foreign_nak |= s->msg.type == DHCP_NAK;
		dhcpc_drop(s, DROP_POLICY, "it is not from the server under test");
		dhcpc_count(c->l.d, s);
		return;
	}
	r->type = s->msg.type;
	r->dst = s->d.dst;
	r->dst_mac = s->d.eth.dst;
	r->yiaddr = s->msg.head.yiaddr;
	r->flags = s->msg.head.flags;
	c->l.d->counts.received++;
	dhcpc_trace_in(c->l.d, s->in, "the answer");
	if (r->type == DHCP_OFFER || r->type == DHCP_ACK)
		dhcpc_lease_read(s, dhcpc_lint_steps[c->step].type == DHCP_INFORM, &r->lease);
	snprintf(r->refusal, sizeof(r->refusal), "%s", s->drop ? s->why : "");
	if (!s->drop && r->type != DHCP_NAK)
		r->msg = dhcpc_lease_msg(&r->lease);
	if (!addr_is_any(&r->yiaddr) && c->l.n_offered < LINT_OFFERS)
		c->l.offered[c->l.n_offered++] = r->yiaddr;
	/* The copy of the whole reply that is kept as the offer has its message elsewhere. */
	next(c);
	c->l.offer.msg = dhcpc_lease_msg(&c->l.offer.lease);
}

static void take(struct lint_run *c, const struct link_in *in)
{
	struct dhcpc_seen s;

	if (in->kind == LINK_TX && in->tag == c->l.d->n_tx)
		c->l.d->tx_wall_ns = in->wall_ns;
	if (!dhcpc_look(&c->l.self, c->xid, in, &s)) {
		if (in->kind == LINK_PACKET && s.d.err == 0 && dissect_has(&s.d, LAYER_ARP) &&
		    c->l.lease.lease_s)
			dhcpc_answer_arp(c->l.d, &c->l.lease.addr, &s.d);
	} else if (s.drop || !c->is_asked) {
		if (!s.drop)
			dhcpc_drop(&s, DROP_UNTIMELY, "the question was answered before");
		dhcpc_count(c->l.d, &s);
	} else {
		take_reply(c, &s);
	}
}

/* --- the machine */

static uint64_t step(void *arg)
{
	struct lint_run *c = arg;
	struct link_in in[FRAMES_AT_ONCE];
	int n = link_recv(c->l.d->link, in, FRAMES_AT_ONCE, &c->why);

	if (n < 0 && n != E_AGAIN)
		c->fault = n;
	c->is_over |= n < 0 && n != E_AGAIN;
	for (int i = 0; i < n && !c->is_over; i++)
		take(c, &in[i]);
	if (!c->is_over && c->is_asked && now(c) >= c->end_ns)
		next(c);
	if (!c->is_over && !c->is_asked)
		ask(c);
	return n > 0 ? 0 : c->end_ns;
}

static bool is_over(const void *arg)
{
	return ((const struct lint_run *)arg)->is_over;
}

static void stop(void *arg)
{
	struct lint_run *c = arg;

	if (c->is_over)
		return;
	c->is_interrupted = c->is_over = true;
	/* The last question gives the lease back. */
	c->step = dhcpc_lint_n_steps - 1;
	if (c->l.lease.lease_s)
		ask(c);
}

static void tell_status(void *arg)
{
	const struct lint_run *c = arg;

	fprintf(stderr, "\r%s: question %u of %u\n", dhcpc_lint_steps[c->step].id, c->step + 1,
		dhcpc_lint_n_steps);
}

static unsigned poll_fds(const void *arg, int *fds)
{
	fds[0] = ((const struct lint_run *)arg)->l.d->link->fd;
	return 1;
}

static int finish(struct lint_run *c)
{
	struct dhcpc *d = c->l.d;
	char addr[ADDR_TEXT_MAX];

	d->run->reason = c->is_interrupted ? "interrupted" : "done";
	dhcpc_tell_summary(d,
			   c->is_interrupted ? "interrupted" :
			   !c->has_server    ? "silent" :
			   c->l.n_wrong      ? "wrong" :
					       "right",
			   NULL, 0, 0);
	if (dhcpc_says_lines(d) && c->has_server)
		out_text(&d->run->out, "%s: %u right, %u odd, %u wrong\n",
			 addr_text(&c->server, addr), c->l.n_right, c->l.n_odd, c->l.n_wrong);
	if (!c->has_server || c->is_interrupted)
		return EXIT_NO_ANSWER;
	return c->l.n_wrong ? DHCPC_EXIT_REFUSED : EXIT_ANSWERED;
}

int dhcpc_lint(struct dhcpc *d)
{
	static const struct tool_machine machine = {step, is_over, stop, tell_status, poll_fds};
	struct lint_run *c = calloc(1, sizeof(*c));
	struct why why;
	int status;

	if (!c) {
		(void)why_set(&why, E_MEM, "out of memory");
		return tool_fail(d->run, &why);
	}
	c->l.d = d;
	dhcpc_tell_start(d);
	tool_drive(d->run, &machine, c);
	status = c->fault < 0 ? tool_fail(d->run, &c->why) : finish(c);
	free(c);
	return status;
}
