/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * phantom - a host that is not there: addresses nobody has, checked, claimed, answered for,
 * defended once, and yielded to their owner.
 *
 * Layer: engine.
 * It sends and receives on a link of frames that is handed to it; time comes from the caller.
 * Spec: RFC 5227 (IPv4), RFC 4862 5.4 (IPv6), both in engine/dad; RFC 826, RFC 4861 7.2.4
 * (answers); RFC 792, RFC 4443 4 (echo).
 */
#ifndef PKT_ENGINE_PHANTOM_H
#define PKT_ENGINE_PHANTOM_H

#include "engine/dad.h"
#include "io/link.h"

#define PHANTOM_ADDRS 16u
#define PHANTOM_PACKET_MAX 2048u

enum phantom_news {
	PHANTOM_CLAIMED,  /* nobody has it: it is ours */
	PHANTOM_TAKEN,    /* somebody has it: it was never ours */
	PHANTOM_DEFENDED, /* somebody claimed it, and was told */
	PHANTOM_YIELDED,  /* somebody claimed it again: it is his */
	PHANTOM_ANSWERED, /* somebody asked who has it */
	PHANTOM_PINGED,
};

struct phantom {
	/* Set by the caller before phantom_start(). */
	struct link *link; /* frames, what leaves ignored */
	struct pkt *builder;
	struct rnd *rnd;
	struct mac mac;
	bool answers_ping;
	struct dad_timing timing;
	/* @who: the address it is about, @other: whose MAC (zero if nobody's). */
	void (*tell)(void *arg, enum phantom_news news, const struct addr *who,
		     const struct mac *other);
	/* Every frame sent, and every one received that meant something; may be NULL. */
	void (*trace)(void *arg, bool is_outgoing, const uint8_t *frame, size_t len,
		      uint64_t wall_ns, const char *comment);
	void *arg;

	struct dad dads[PHANTOM_ADDRS];
	bool is_claimed[PHANTOM_ADDRS];
	unsigned n;
	/* The next hop that is being looked for: phantom_find(). */
	struct addr hop;
	struct mac hop_mac;
	bool has_hop;
	uint64_t hop_due_ns;
	unsigned hop_tries;
	uint64_t answers, pings;
	struct why why;
	bool is_broken; /* something could not be sent: why */
};

/* phantom_add() - one more address to claim. Returns 0, or E_FULL after PHANTOM_ADDRS. */
int must_check phantom_add(struct phantom *p, const struct addr *addr);

/* phantom_start() - begins to ask whether the addresses are free. */
void phantom_start(struct phantom *p, uint64_t now_ns);

/* phantom_receive() - a frame came; what is not for a phantom is left alone. */
void phantom_receive(struct phantom *p, const struct link_in *in, uint64_t now_ns);

/* phantom_timer() - does what is due; phantom_due_ns() says when (DAD_NEVER: not until a frame). */
void phantom_timer(struct phantom *p, uint64_t now_ns);
uint64_t phantom_due_ns(const struct phantom *p);

/* phantom_n_undecided() - addresses that are still being asked about. */
unsigned phantom_n_undecided(const struct phantom *p);

/* phantom_n_claimed() - addresses that are ours now. */
unsigned phantom_n_claimed(const struct phantom *p);

/*
 * phantom_find() - looks for the MAC address of @hop, as the first of our addresses: p->has_hop
 * says when it is known, p->hop_tries how often was asked.
 */
void phantom_find(struct phantom *p, const struct addr *hop, uint64_t now_ns);

#endif
