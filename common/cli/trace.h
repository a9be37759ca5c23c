/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace - the evidence: each packet of the exchange explained, dumped and saved, with what the
 * tool concluded from it.
 *
 * Layer: cli, where the text of out/ and the files and taps of io/ meet.
 * A socket shows only part of a packet. Where it is allowed, a tap on the interface sees the whole
 * frame, and each message the tool sent or received is looked up among the frames seen: what is
 * shown is what the wire saw. Without privilege the IP header is rebuilt from what the socket
 * tells, and the trace says so.
 */
#ifndef PKT_CLI_TRACE_H
#define PKT_CLI_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "build/recipes.h"
#include "cli/tool.h"
#include "wire/explain.h"

struct trace;

/* A message that was sent or received, and what is known of it. */
struct trace_packet {
	bool is_outgoing;
	const uint8_t *message; /* its octets from the L4 header on, or the whole frame */
	size_t len;
	bool is_frame;                  /* the whole frame: nothing is looked up or rebuilt */
	bool is_csum_partial;           /* of a frame: its transport checksum is not to be judged */
	enum dissect_start frame_start; /* what such a frame begins with; Ethernet is 0 */
	/*
	 * What UDP or TCP carries, without their header: that is looked up too, or rebuilt with
	 * these ports. A DNS port is one of them; see explain_packet.
	 */
	bool is_payload;
	uint16_t src_port, dst_port, dns_port;
	uint8_t proto;        /* of the message: IPPROTO_ICMP, ... */
	struct addr src, dst; /* src may have len 0 on the way out */
	int ttl;              /* -1 for unknown */
	uint64_t wall_ns;
	const char *comment; /* what it is and what was concluded */
	const struct explain_part *parts;
	unsigned n_parts;
	/*
	 * Set when the message came off an error queue: its octets are then only what the ICMP
	 * error quotes, from the L4 header on, and what follows the quote. The error's own quote is
	 * left empty; the packet quoted was quote_len octets of L4 to quoted_dst.
	 */
	const struct recipe_error *error;
	struct addr quoted_dst;
	size_t quote_len;
};

/*
 * trace_open() - opens tap and file for --explain, --hex and --pcap, before the lock-down.
 * @ifindex: the interface of the exchange, 0 for all. @filter: of the tap, in pcap's words; NULL
 * for no tap: every packet will be a whole frame.
 * @out: NULL when none of the options was given; ended by trace_close().
 * Returns 0, or an error of the file. Taps that may not be opened are done without.
 */
int must_check trace_open(struct run *run, uint32_t ifindex, const char *filter, struct trace **out,
			  struct why *why);

/*
 * trace_add() - shows and saves a packet. One that was sent waits for its frame, until the next
 * that was received.
 */
void trace_add(struct trace *t, const struct trace_packet *p);

/*
 * trace_close() - shows what still waits, closes the file. NULL is allowed. Returns 0 or E_SYS (the
 * file is incomplete).
 */
int must_check trace_close(struct trace *t, struct why *why);

/*
 * trace_route() - explains, with --explain, the way to @dst: interface, source, on-link or gateway,
 * prefix, MAC and where that is from. @query: destination, source, interface and mark of the
 * probes.
 */
void trace_route(struct trace *t, const struct route_query *query);

/* For the tools' lists of records. */
extern const struct record_type trace_packet_record, trace_route_record;

#endif
