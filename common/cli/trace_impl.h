/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_impl - what the evidence (trace.c), its records and the route (trace_route.c) share.
 *
 * Layer: cli; private to cli/trace.
 */
#ifndef PKT_CLI_TRACE_IMPL_H
#define PKT_CLI_TRACE_IMPL_H

#include "cli/trace.h"
#include "io/savefile.h"

#define TRACE_FRAMES 1024u /* frames remembered until somebody asks for them */
#define TRACE_WAITING 64u  /* sent packets that wait for their frame (ARP first, a slow queue) */
#define TRACE_PARTS 8u
#define TRACE_TAPS 16u
#define TRACE_PIECES 512u /* of a fragmented packet */

struct trace_frame {
	uint8_t *bytes;
	size_t len;
	enum link_layer layer; /* LINK_L2 or LINK_L3 */
	bool is_outgoing, is_csum_partial, is_rebuilt, is_used;
	uint64_t wall_ns;
};

struct trace_waiting {
	struct trace_packet packet;
	uint8_t *message;
	char comment[128];
	struct explain_part parts[TRACE_PARTS];
};

struct trace {
	struct run *run;
	unsigned width;                /* columns, 0 for no matter */
	struct link *taps[TRACE_TAPS]; /* one an interface; none when not allowed */
	unsigned n_taps;
	bool gets_frames;      /* every packet is a whole frame */
	struct savefile *file; /* NULL unless --pcap */
	enum link_layer saves; /* what the packets in the file begin with */
	bool is_file_lost;
	struct trace_frame frames[TRACE_FRAMES];
	unsigned next_frame;
	struct trace_waiting waiting[TRACE_WAITING];
	unsigned n_waiting;
};

void trace_free(struct trace *t);

/* trace_frames.c: what the taps have seen. */

/* The frame that holds a message, or those that hold its fragments. */
struct trace_found {
	struct trace_piece {
		struct trace_frame *frame;
		size_t off, len; /* of the message, octets */
	} pieces[TRACE_PIECES];
	unsigned n;
	bool is_cut; /* these are fragments */
};

/* trace_pull() - takes what the taps have seen into the ring, over the oldest. */
void trace_pull(struct trace *t);

/*
 * trace_find() - the oldest frame seen that holds the message of @p, which is then used up.
 * @is_final: fragments will do that are not all there are.
 */
void trace_find(struct trace *t, const struct trace_packet *p, bool is_final,
		struct trace_found *out);

/* trace_record() - the packet as a JSON record, field by field. */
void trace_record(struct trace *t, const struct explain_packet *whole, const struct trace_frame *f,
		  const char *comment);

#endif
