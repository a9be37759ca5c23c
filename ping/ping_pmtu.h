/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping_pmtu - the search for the path MTU: which sizes to ask, and what the answers come to. Pure.
 *
 * A router that cannot forward a packet says "packet too big" and how large it may be (RFC 1191,
 * RFC 8201); that is believed once a packet of this size came through. Where nothing is said and
 * nothing comes back (a black hole, RFC 2923 2.1) the size is narrowed down between one that passes
 * and one that does not (RFC 8899 5.3), several at once, and the first that does not pass is asked
 * three times, for any packet may be lost.
 */
#ifndef PKT_PING_PMTU_H
#define PKT_PING_PMTU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

#define PMTU_ROUND 16u   /* sizes asked at once */
#define PMTU_PROBES 200u /* asked in all, at most */
#define PMTU_TRIES 3u    /* of a size, before its loss counts */

enum pmtu_state {
	PMTU_SEARCHING,
	PMTU_WHOLE,      /* the link's own MTU: the path takes all that this host can send */
	PMTU_TOLD,       /* a router said so, and it is true */
	PMTU_BLACK_HOLE, /* larger packets vanish, and nobody says so */
	PMTU_SILENT,     /* not even the smallest is answered */
};

struct pmtu {
	enum pmtu_state state;
	uint32_t least, link; /* octets of IP packet: smallest asked, largest this host can send */
	uint32_t passed;      /* largest that was answered; 0 before */
	uint32_t failed;      /* smallest above it that was not; link + 1 for none */
	uint32_t told;        /* what a router said, 0 for nothing; may be a lie */
	struct addr told_by;
	bool is_told_failed;         /* of `failed`: by a packet too big, not by silence */
	uint32_t queue[PMTU_ROUND];  /* sizes of this round */
	unsigned n_queue, next;      /* how many, how many of them are sent */
	unsigned n_open;             /* sent and not yet settled */
	unsigned n_tries;            /* of the smallest, or of `failed` once it is next to passed */
	uint32_t sizes[PMTU_PROBES]; /* of each probe, by seq - 1 */
	bool is_open[PMTU_PROBES];   /* ... and whether nothing was heard of it yet */
	unsigned n_probes;
};

/*
 * pmtu_start() - @least: what every path of this family must take: 68 octets (RFC 791), 1280 (RFC
 * 8200 5). @link: the MTU of the interface.
 */
void pmtu_start(struct pmtu *m, uint32_t least, uint32_t link);

/* pmtu_wants() - whether a probe is to be sent now; its size is pmtu_send()'s. */
bool pmtu_wants(struct pmtu *m);

/* pmtu_send() - takes note of probe @seq, counted from 1; returns its size in octets. */
uint32_t pmtu_send(struct pmtu *m, uint32_t seq);

/* pmtu_size_of() - what pmtu_send() returned for @seq; 0 if it was not sent. */
uint32_t pmtu_size_of(const struct pmtu *m, uint32_t seq);

/* What became of probe @seq. A late answer may come after its loss. */
void pmtu_answered(struct pmtu *m, uint32_t seq);
void pmtu_lost(struct pmtu *m, uint32_t seq);

/* pmtu_too_big() - @mtu as the message says, 0 from a router that knows no better. */
void pmtu_too_big(struct pmtu *m, uint32_t seq, uint32_t mtu, const struct addr *from);

/* pmtu_word() - "link", "told", "black-hole", "silent"; "unknown" while searching. */
const char *pmtu_word(enum pmtu_state state);

#endif
