/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_capture - the probes of traceroutes, whoever sent them, among the packets of a
 * capture, and which answer is about which.
 *
 * A trail is what became a path: the probes of one run of one program to one address. Pure: no I/O,
 * no clock.
 */
#ifndef PKT_TRACEROUTE_CAPTURE_H
#define PKT_TRACEROUTE_CAPTURE_H

#include "base/addr.h"
#include "base/siphash.h"
#include "io/link.h"
#include "wire/quote.h"

/* What comes beyond is counted and left out. */
#define CAPTURE_PROBES_MAX 262144u
#define CAPTURE_OCTETS_MAX (256u << 20)
#define CAPTURE_PACKET_MAX 2048u /* octets kept of one packet */
#define CAPTURE_TRAIL_MAX 60000u /* probes */

struct cap_answer {
	uint64_t wall_ns, order; /* order: number of the packet in the capture */
	uint8_t *bytes;          /* from its IP header on */
	size_t len;
	struct cap_answer *next; /* another one to the same probe, later */
};

struct cap_probe {
	uint64_t wall_ns, order;
	uint8_t *bytes; /* from its IP header on, as much as was captured and is kept */
	uint16_t len;
	bool is_csum_good;    /* the checksum of UDP is not one left to hardware */
	struct quote quote;   /* what they say; points into them */
	uint16_t a, b;        /* ports, or identifier and sequence number */
	uint32_t chain;       /* probe before it with the same hash, by index + 1; 0 for none */
	bool is_told_transit; /* an answer says that its TTL ran out */
	struct cap_answer *first, *last;
};

/* Some of capture->order, by time. */
struct cap_trail {
	const uint32_t *probes; /* by index */
	uint32_t n;
};

struct capture {
	struct sipkey key;
	struct cap_probe *probes;
	uint32_t n_probes, cap;
	uint32_t *heads; /* of the chains, by index + 1 */
	uint64_t n_packets, n_left_out;
	size_t n_octets;
	/* Set by capture_sort(). */
	uint32_t *order;
	struct cap_trail *trails;
	uint32_t n_trails;
};

/* capture_open() - @c is empty; end with capture_close(). Returns 0 or E_MEM. */
int must_check capture_open(struct capture *c, const struct sipkey *key);

/* capture_take() - one packet of it, L2 or L3. Returns 0 or E_MEM. */
int must_check capture_take(struct capture *c, const struct link_in *in);

/*
 * capture_sort() - finds the trails, in the order of their first probes; other packets belong to
 * none. Once, after the last packet. Returns 0 or E_MEM.
 */
int must_check capture_sort(struct capture *c);

void capture_close(struct capture *c);

#endif
