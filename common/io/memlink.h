/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memlink - a link in memory: the double that stands for the network in tests.
 *
 * Layer: io.
 * It keeps everything that is sent for the test to look at, and hands out what the test gave it,
 * each thing at its own time on the clock the test turns. Two of them can be joined (or one with
 * itself), so that what goes into one comes out of the other after a fixed delay.
 * Every function but memlink_open() takes a link that memlink_open() made.
 */
#ifndef PKT_IO_MEMLINK_H
#define PKT_IO_MEMLINK_H

#include "base/clock.h"
#include "io/link.h"

#define MEMLINK_NEVER UINT64_MAX

/* A packet that was sent, in memlink_sent(). */
struct memlink_sent {
	uint64_t mono_ns; /* when, on the link's clock */
	uint64_t tag;
	struct addr to;
	size_t len;
	uint8_t bytes[];
};

/*
 * memlink_open() - a link with nothing sent and nothing to receive.
 * @layer: what it says its packets begin with. @clock: outlives the link.
 * Owns: free it with link_close(). Returns: 0 or E_MEM.
 */
int must_check memlink_open(enum link_layer layer, const struct clock *clock, struct link **out);

/*
 * memlink_give() - lets @in be received once the clock is @delay_ns further than now.
 * Things that are due together come out in the order given. The octets are copied.
 * Returns: 0 or E_MEM.
 */
int must_check memlink_give(struct link *l, const struct link_in *in, uint64_t delay_ns);

/*
 * memlink_join() - what @a sends, @b receives @delay_ns later, and the other way round; @a may be
 * @b. It arrives stamped, with TTL 64, from the address it was sent to. Close neither while the
 * other sends.
 */
void memlink_join(struct link *a, struct link *b, uint64_t delay_ns);

/* memlink_stamp() - from now on each packet sent leaves a LINK_TX with the time of sending. */
void memlink_stamp(struct link *l);

/*
 * memlink_fail() - lets @after more packets out, then refuses @count with @err and errno @sys.
 * A batch stops at the first refused packet, as in the kernel; the next send meets the refusal.
 */
void memlink_fail(struct link *l, unsigned after, unsigned count, int err, int sys);

/* memlink_n_sent() - how many packets went out so far; a refused one is not among them. */
size_t memlink_n_sent(const struct link *l);

/* memlink_sent() - packet number @i < memlink_n_sent(), from 0; lives as long as the link. */
const struct memlink_sent *memlink_sent(const struct link *l, size_t i);

/* memlink_due_ns() - when, monotonic, the next thing can be received; MEMLINK_NEVER if none. */
uint64_t memlink_due_ns(const struct link *l);

#endif
