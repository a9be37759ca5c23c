/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_trace - the evidence of --explain, --hex and --pcap: which frame, and what we made of it.
 */
#include "dhcpc.h"

void dhcpc_trace_out(struct dhcpc *d, const uint8_t *frame, size_t len, const char *comment)
{
	const struct trace_packet packet = {
		.is_frame = true,
		.is_outgoing = true,
		.message = frame,
		.len = len,
		.wall_ns = d->sent_wall_ns,
		.comment = comment,
	};

	if (d->trace)
		trace_add(d->trace, &packet);
}

void dhcpc_trace_in(struct dhcpc *d, const struct link_in *in, const char *comment)
{
	struct dissect whole;
	struct trace_packet packet = {
		.is_frame = true,
		.message = in->bytes,
		.len = in->len,
		.wall_ns = in->wall_ns ? in->wall_ns : clock_wall(d->run->clock),
		.comment = comment,
	};

	if (!d->trace)
		return;
	packet.is_csum_partial = in->is_csum_partial ||
				 (dissect_packet(DISSECT_L2, in->bytes, in->len, &whole) == 0 &&
				  dissect_is_csum_left_over(&whole));
	trace_add(d->trace, &packet);
}
