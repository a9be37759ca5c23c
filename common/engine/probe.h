/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe - the table of questions: those that wait for an answer, and those lately settled, so
 * that a second or a late answer is known for what it is.
 *
 * Layer: engine.
 * Probes are numbered 1, 2, 3 ... with 64 bits; a ring holds the last PROBES_MAX of them. Nothing
 * in it grows with the number of targets or with time.
 */
#ifndef PKT_ENGINE_PROBE_H
#define PKT_ENGINE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/target.h"

#define PROBES_MAX 131072u /* remembered at once, a power of two; memory is touched as used */

enum probe_state {
	PROBE_FORGOTTEN,   /* the slot is free */
	PROBE_OUTSTANDING, /* sent, no word yet */
	PROBE_ANSWERED,    /* a good answer came in time */
	PROBE_REFUSED,     /* an ICMP error or a damaged answer came; a good one may still */
	PROBE_LOST,        /* the timeout passed */
	PROBE_LATE,        /* the timeout passed, and then a good answer came */
};

struct probe {
	uint64_t n;            /* probe number */
	uint64_t sent_ns;      /* just before the send, monotonic */
	uint64_t sent_wall_ns; /* the same moment on the wall clock */
	uint64_t tx_wall_ns;   /* the kernel's stamp of its leaving, 0 until known */
	struct target *target;
	uint32_t seq;   /* within its target, from 1 */
	uint32_t chain; /* next slot with the same hash */
	uint8_t state;  /* enum probe_state */
	bool is_chained;
};

struct probes {
	struct probe *ring; /* PROBES_MAX */
	uint32_t *heads;    /* PROBES_MAX chains of slots by target address and low seq */
	bool is_by_addr; /* answers bear no seq: the chains hold the newest probe to each address */
	uint64_t next_n; /* the number of the next probe */
	uint64_t oldest_n;    /* all before it are settled and past their timeout */
	uint64_t outstanding; /* how many are PROBE_OUTSTANDING */
	uint64_t landed_n;    /* those before this one count as under way no longer */
	uint64_t under_way;   /* how many are, of those outstanding */
};

/*
 * probes_open() - allocates the table.
 * @is_by_addr: for a protocol whose answers name the address alone (ARP, ND). Returns 0 or E_MEM.
 */
int must_check probes_open(struct probes *p, bool is_by_addr);
void probes_close(struct probes *p);

/*
 * probes_blocker() - the probe whose slot the next one needs while it is still outstanding; NULL if
 * the slot may be had.
 */
struct probe *probes_blocker(struct probes *p);

/*
 * probe_add() - the next probe, PROBE_OUTSTANDING, to @target; its seq is that of the target.
 * The slot must have been freed by probe_forget().
 */
struct probe *probe_add(struct probes *p, struct target *target, uint64_t now_ns, uint64_t wall_ns);

/* probe_undo() - takes back the newest probe, which could not be sent. */
void probe_undo(struct probes *p, struct probe *probe);

/* probe_get() - the probe numbered @n; NULL if it is not (or no longer) in the table. */
struct probe *probe_get(const struct probes *p, uint64_t n);

/*
 * probe_find() - the newest probe to @addr whose seq has the low 16 bits @seq16; NULL if none is
 * remembered.
 */
struct probe *probe_find(const struct probes *p, const struct addr *addr, uint16_t seq16);

/*
 * probe_find_newest() - the last probe to @addr, of a table that is by address; NULL if it is not
 * remembered.
 */
struct probe *probe_find_newest(const struct probes *p, const struct addr *addr);

/*
 * probes_land() - those sent before @since_ns (monotonic) are under way no longer, though they may
 * still be answered. Returns when the oldest of the others was sent, UINT64_MAX if there is none.
 */
uint64_t probes_land(struct probes *p, uint64_t since_ns);

/* probe_settle() - an outstanding probe gets its fate. */
void probe_settle(struct probes *p, struct probe *probe, enum probe_state state);

/*
 * probe_forget() - frees the slot; the target loses a reference. The probe must not be outstanding.
 */
void probe_forget(struct probes *p, struct probe *probe);

#endif
