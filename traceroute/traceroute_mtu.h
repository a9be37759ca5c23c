/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_mtu - the largest packets that a known path takes, and black holes: links that pass
 * small ones, drop large ones, and nobody says so.
 */
#ifndef PKT_TRACEROUTE_MTU_H
#define PKT_TRACEROUTE_MTU_H

#include "traceroute.h"

#define MTU_PROBES_MAX 2000u
#define MTU_HOLES_MAX 4u

struct mtu_probe {
	uint64_t n, sent_ns;
	uint16_t size;
	uint8_t ttl;
	bool is_open;
};

struct mtu_hole {
	uint8_t behind; /* the last hop that larger packets reach; 0: this host */
	uint8_t hop;    /* the first that answers only to smaller ones */
	uint16_t passes, fails;
};

/* What is being found out. */
enum mtu_step {
	MTU_END,   /* whether packets of search->size reach the end */
	MTU_HOPS,  /* how far they get */
	MTU_SIZES, /* which get farther */
	MTU_DONE,
};

struct mtu_search {
	uint32_t first_seq;
	struct mtu_probe *probes; /* by seq, from first_seq */
	unsigned n_probes;
	enum mtu_step step;
	uint8_t alive[256];     /* hops that answer small packets, nearest first */
	int n_alive, low, high; /* MTU_HOPS: alive[low] is reached (-1: none), alive[high] is not */
	uint16_t size, small;   /* what is believed to pass; what does */
	uint16_t passes, fails; /* MTU_SIZES */
	/* The question: hop and size, and what came of it so far. */
	uint8_t hop;
	uint16_t asked;
	uint8_t n_failed, n_limited;
	bool is_small; /* the probe under way is the small one that sees whether the hop answers */
	uint64_t not_before_ns;
	bool is_told; /* somebody did ask for less */
	/* What was found. */
	struct mtu_hole holes[MTU_HOLES_MAX];
	unsigned n_holes;
	bool is_silent; /* nobody says why large packets get lost, and it was not to be found out */
	bool is_limited; /* a hop answered too seldom to go on */
};

/* mtu_plan() - as plan() of struct probe_ops; sets p->next_ttl. */
uint64_t mtu_plan(struct traceroute *t, struct path *p, uint64_t now_ns);
void mtu_sent(struct mtu_search *m, const struct event *ev);
void mtu_answer(struct traceroute *t, struct path *p, const struct event *ev);

/* mtu_probe() - of the probe @seq; NULL when it is none of these. @m may be NULL. */
const struct mtu_probe *mtu_probe(const struct mtu_search *m, uint32_t seq);

/* mtu_asked_for() - what a router that sent this error has room for; 0 if it is no such error. */
uint32_t mtu_asked_for(const struct tr_detail *d, uint32_t size);

/*
 * mtu_narrow_hop() - behind which link, by the hop at its far end, a router that asked for less has
 * no room for more. @ttl: of the probe.
 */
unsigned mtu_narrow_hop(const struct tr_detail *d, const struct path *p, unsigned ttl);

/* mtu_lines() - what is to be told behind the hops. */
void mtu_lines(struct traceroute *t, const struct path *p);

void mtu_free(struct mtu_search *m);

#endif
