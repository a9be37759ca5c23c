/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dad - is this address free? Asks as the standards want it, tells claims and rivals from mere
 * noise, announces and defends.
 *
 * Layer: engine.
 * Pure in (state, event, now): whoever drives it hands in frames and the time, and sends what the
 * actions say. IPv4 and IPv6 alike; the differences are in the frames and the times.
 * Spec: RFC 5227 (IPv4), RFC 4862 5.4 and RFC 7527 (IPv6).
 * Not here: choosing another address (RFC 3927); configuring it.
 */
#ifndef PKT_ENGINE_DAD_H
#define PKT_ENGINE_DAD_H

#include "base/rnd.h"
#include "build/pkt.h"
#include "engine/fsm.h"
#include "wire/dissect.h"

#define DAD_NEVER UINT64_MAX
#define DAD_MACS 64u
#define DAD_FRAME_MAX 128

enum dad_state {
	DAD_IDLE,
	DAD_WAITING, /* a random moment, so that not all hosts probe at once after a power cut */
	DAD_PROBING,
	DAD_LISTENING, /* after the last probe */
	DAD_ANNOUNCING,
	DAD_HOLDING, /* it is ours: defended when others claim it */
	DAD_FREE,    /* over: nobody has it */
	DAD_TAKEN,   /* over: somebody has it, or took it */
};

enum dad_event {
	DAD_START,
	DAD_TIMER,
	DAD_CLAIM, /* somebody says to have the address */
	DAD_RIVAL, /* somebody looks whether it is free, as we do */
};

enum dad_action {
	DAD_SEND_PROBE,
	DAD_TELL_FREE,
	DAD_SEND_ANNOUNCEMENT,
	DAD_SEND_DEFENCE, /* an announcement in answer to a claim */
	DAD_SEND_ANSWER,  /* to a rival: it is ours */
	DAD_TELL_TAKEN,
};

#define DAD_DOES(actions, action) ((actions) >> (action)&1)

/* Nanoseconds. dad_timing_rfc() and dad_timing_fast() fill it. */
struct dad_timing {
	uint32_t probes, announcements; /* how many; 0 announces nothing */
	uint64_t start_max;             /* random wait before the first probe, from 0 */
	uint64_t gap_min, gap_max;      /* between two probes */
	uint64_t listen;                /* after the last probe */
	uint64_t announce_gap;
	uint64_t defend_gap; /* least time between two defences */
	uint64_t hold;       /* how long it is defended at the end */
};

struct dad {
	struct fsm fsm;
	struct dad_timing timing;
	struct addr addr;
	struct mac mac;           /* of the interface that asks */
	struct mac own[DAD_MACS]; /* of all interfaces of this host */
	unsigned n_own;
	struct pkt_vlan vlans[PKT_VLANS_MAX];
	uint8_t n_vlans;
	bool announces_by_reply; /* IPv4: the reply form */
	struct addr told; /* IPv4: whom announcements name as their target; len 0 for nobody */
	struct rnd *rnd;
	uint64_t now_ns, due_ns, defended_ns;
	uint32_t n_probes, n_announcements, n_defences; /* sent so far */
	uint8_t nonce[6];                               /* of the newest solicitation */
	bool has_nonce, has_defended;
	struct mac rival; /* who claims it, or looks for it: the last one */
	struct addr rival_addr;
};

/* dad_timing_rfc() - what the standards want: 4 to 7 s for IPv4, 1 to 2 s for IPv6. */
struct dad_timing dad_timing_rfc(bool is_v6);

/* dad_timing_fast() - for a LAN whose hosts answer within 100 ms: 0.3 s in all. */
struct dad_timing dad_timing_fast(void);

/*
 * dad_open() - ready to start; @d stays where it is from then on. @mac: of our interface. @rnd:
 * outlives it. Set own, n_own, vlans, told and announces_by_reply before dad_event(DAD_START).
 */
void dad_open(struct dad *d, const struct addr *addr, const struct mac *mac,
	      const struct dad_timing *timing, struct rnd *rnd);

/*
 * dad_event() - something happened at @now_ns (monotonic). Returns the actions to be done, bits by
 * enum dad_action, in that order; d->due_ns is then when DAD_TIMER is wanted, DAD_NEVER if over.
 */
uint32_t dad_event(struct dad *d, enum dad_event event, uint64_t now_ns);

/*
 * dad_judge() - what a frame of the right VLAN means to us.
 * Not an event: frames with a MAC address of this host (RFC 5227 2.4, an echo, an access point that
 * speaks in our name), our own solicitation come back (RFC 7527), an ordinary question for the
 * address. Returns whether it is an event; d->rival then says whose.
 */
bool dad_judge(struct dad *d, const struct dissect *frame, bool is_csum_partial,
	       enum dad_event *event);

/*
 * dad_build() - the frame for DAD_SEND_*, appended to @out (DAD_FRAME_MAX octets are enough).
 * Returns as pkt_build().
 */
int must_check dad_build(struct dad *d, enum dad_action action, struct pkt *builder,
			 struct wr *out);

static inline bool dad_is_over(const struct dad *d)
{
	return d->fsm.state == DAD_FREE || d->fsm.state == DAD_TAKEN;
}

extern const struct fsm_table dad_table;

#endif
