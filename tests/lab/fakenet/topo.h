/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topo - the internet that a topology file describes: nodes, what each does, and the ways to them.
 *
 * The file's grammar is TOPOLOGY.md; topo_read() is its reader (parse.c, attr.c).
 */
#ifndef FAKENET_TOPO_H
#define FAKENET_TOPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/rnd.h"
#include "base/siphash.h"

#include "count.h"
#include "lpm.h"

#define EXT_MAX 256     /* octets of an RFC 4884 extension, its header included */
#define NONE UINT32_MAX /* a number that was not given */
#define ANY (UINT32_MAX - 1)

/* An address of each family; len 0 for the one that was not given. */
struct pair {
	struct addr v4, v6;
};

/*
 * A token bucket as a schedule: each answer moves it on by an interval, at most burst ahead of
 * now.
 */
struct bucket {
	uint64_t interval_ns; /* 0: no limit */
	uint64_t burst;
	uint64_t next_ns;
};

enum forge {
	FORGE_NONE,
	FORGE_EARLY, /* an extra reply at once: right id and seq, octets not ours */
	FORGE_NEXT,  /* an extra reply with the sequence number that follows */
	FORGE_TIME,  /* the reply's first 16 octets, where some tools keep the time, overwritten */
};

enum l4_answer {
	L4_DEFAULT, /* UDP: port unreachable; TCP: RST */
	L4_OPEN,    /* UDP: the datagram comes back; TCP: SYN-ACK */
	L4_DROP,
};

/* An ICMP error as each family says it; a type of 0 means none in that family. */
struct icmp_error {
	uint8_t type4, code4, type6, code6;
	uint32_t info; /* MTU, pointer: what stands behind the checksum, host order */
};

enum ext_fault {
	EXT_RIGHT,
	EXT_BAD_CSUM,
	EXT_BAD_LEN, /* the first object claims more octets than there are */
	EXT_BAD_VERSION,
	EXT_NO_LEN, /* the ICMP header does not give the quote's length (RFC 4884 5.5) */
	EXT_RAW,    /* octets from the file, header included */
};

enum node_kind {
	NODE_HOST,
	NODE_RANGE,
	NODE_ROUTER,
};

struct node {
	struct node *next; /* in the order of the file */
	enum node_kind kind;
	char name[ADDR_TEXT_MAX + 4]; /* its first address or prefix, as written */
	struct pair addr;             /* not for a range */
	struct rnd rnd; /* its own, so that other nodes' traffic does not change its fate */
	uint64_t counts[N_COUNTS];

	/* for every packet that reaches or passes it */
	uint64_t delay_ns, jitter_ns;
	double loss;       /* 0..1 */
	uint32_t mtu;      /* NONE: no limit of its own */
	uint32_t mtu_said; /* what its ICMP errors claim; NONE: the truth */
	bool is_blackhole;

	/* for everything it says itself */
	bool is_silent, is_off_link;
	uint32_t ttl;
	uint32_t copies;
	bool has_bad_csum;
	struct bucket limit, reply_limit;

	/* for its echo replies */
	uint64_t reorder_ns;
	bool holds_back;        /* the next reply is one of those that wait */
	uint32_t corrupt_at;    /* octet of the echo data, ANY or NONE */
	uint32_t corrupt_value; /* NONE: every bit flips */
	uint32_t truncate;      /* octets of echo data left, NONE for all */
	struct pair foreign, spoof, redirect;
	enum forge forge;

	/* for its ICMP errors */
	struct icmp_error error;
	struct pair from;
	uint32_t quote;       /* octets quoted behind the IP header; NONE: as many as fit */
	uint32_t quote_ttl;   /* NONE: the truth */
	uint8_t ext[EXT_MAX]; /* RFC 4884 extension */
	size_t ext_len;       /* 0 if none */
	enum ext_fault ext_fault;

	enum l4_answer udp, tcp;
};

/* One hop of a way: one of these routers, chosen for each flow or packet. */
struct hop {
	struct node **nodes;
	unsigned n;
};

struct way {
	struct way *next;
	struct hop *hops;
	unsigned n_hops;
	uint32_t weight; /* its share among the ways to one prefix, at least 1 */
};

enum balance {
	BALANCE_FLOW, /* by addresses, protocol, flow label and the first four octets of layer 4 */
	BALANCE_PACKET,
	BALANCE_DST,
};

struct path {
	struct path *next;
	struct way *ways;
	uint64_t weight; /* sum of the ways' */
	enum balance balance;
	struct rnd rnd;
};

struct client {
	struct client *next;
	struct addr addr;
};

struct topo {
	uint64_t seed;
	struct sipkey key; /* made from the seed; spreads flows */
	struct mac mac;
	struct client *clients;
	struct node *nodes, **nodes_end;
	struct lpm by_addr; /* address -> struct node */
	struct path *paths;
	struct lpm path_to; /* address -> struct path */
};

/*
 * topo_read() - reads the topology file @path. Returns 0, or a negative enum err with line and
 * cure in @why.
 */
int must_check topo_read(struct topo *t, const char *path, struct why *why);

/* topo_node() - who has address @a; NULL if nobody. */
struct node *topo_node(const struct topo *t, const struct addr *a);

/* topo_is_client() - whether @a is the address of a client: fakenet never answers for it. */
bool topo_is_client(const struct topo *t, const struct addr *a);

void topo_free(struct topo *t);

/* pair_get() - the pair's address of @like's family; NULL if it has none. */
const struct addr *pair_get(const struct pair *p, const struct addr *like);

/* node_defaults() - a node that does nothing unusual. */
struct node node_defaults(enum node_kind kind);

/*
 * attr_set() - applies "key" or "key=value" to @n. Returns 0, or a negative enum err with the
 * cure in @why.
 */
int must_check attr_set(struct node *n, const char *attr, struct why *why);

/*
 * attr_finish() - when all attributes are set: finds what does not fit together, completes the
 * extension.
 */
int must_check attr_finish(struct node *n, struct why *why);

#endif
