/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arping_trace - the evidence of --explain, --hex and --pcap: which frame, and what we made of it.
 */
#include "arping.h"
#include "base/num.h"
#include "base/text.h"

static void say_conclusion(const struct arping *a, const struct event *ev, struct text *t)
{
	const struct arping_detail *d = &a->detail;
	const struct arping_notes *notes = ev->target->notes;
	char mac[MAC_TEXT_MAX];

	text_addf(t, "answer to question %u, verdict %s", ev->seq, verdict_word(ev->verdict));
	if (d->is_repeated)
		text_addf(t, ": %s has answered this question before", mac_text(&d->mac, mac));
	else if (d->is_new_owner && notes && notes->n_owners > 1)
		text_addf(t, ": %s is another owner, a conflict", mac_text(&d->mac, mac));
	else
		text_addf(t, ": %s has the address", mac_text(&d->mac, mac));
	if (ev->has_rtt)
		text_addf(t, ", rtt %.6f ms (%s clock)", (double)ev->rtt_ns / NS_PER_MS,
			  rtt_clock_word(ev->rtt_clock));
}

void arping_trace_out(struct arping *a, const uint8_t *frame, size_t len, uint64_t wall_ns,
		      const char *comment)
{
	struct trace_packet packet = {
		.is_frame = true,
		.is_outgoing = true,
		.message = frame,
		.len = len,
		.wall_ns = wall_ns,
		.comment = comment,
	};

	if (a->trace)
		trace_add(a->trace, &packet);
}

void arping_trace_in(struct arping *a, const struct link_in *in, const char *comment)
{
	struct trace_packet packet = {
		.is_frame = true,
		.message = in->bytes,
		.len = in->len,
		.wall_ns = in->wall_ns ? in->wall_ns : clock_wall(a->run->clock),
		.comment = comment,
	};

	if (a->trace)
		trace_add(a->trace, &packet);
}

static void trace_event(struct arping *a, const struct event *ev)
{
	char comment[200];
	struct text t = text_make(comment, sizeof(comment));

	if (ev->kind == EVENT_SENT) {
		text_addf(&t, "question %u, to %s", ev->seq,
			  ev->sent[0] & 1 ? "everybody" : "the owner alone");
		arping_trace_out(a, ev->sent, ev->sent_len, ev->probe->sent_wall_ns, comment);
	} else {
		say_conclusion(a, ev, &t);
		arping_trace_in(a, ev->in, comment);
	}
}

void arping_trace(struct arping *a, const struct event *ev)
{
	if (!a->trace)
		return;
	if (ev->kind == EVENT_TARGET) {
		struct route_query q = {.dst = ev->target->addr, .oif = a->port.iface.index};

		trace_route(a->trace, &q);
	} else if (ev->kind == EVENT_SENT || ev->kind == EVENT_ANSWER) {
		trace_event(a, ev);
	}
}
