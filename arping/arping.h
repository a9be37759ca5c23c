/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arping - what its parts share: the options, the run, what is known of a target, and what was
 * learnt of the frame at hand.
 */
#ifndef PKT_ARPING_ARPING_H
#define PKT_ARPING_ARPING_H

#include <string.h>

#include "build/pkt.h"
#include "cli/tool.h"
#include "cli/trace.h"
#include "engine/dad.h"
#include "io/oui.h"
#include "wire/dissect.h"

#define ARPING_EXIT_CONFLICT 3 /* an address has several owners */
#define ARPING_FRAME_MAX 128
#define ARPING_WORDS 64u
#define ARPING_SOURCES 8u
#define ARPING_OWNERS 8u /* kept for one address; more are only counted */
#define ARPING_OWN_ADDRS 256u

/* How an announcement is said; some devices listen to one form only. */
enum arping_form {
	FORM_NONE,
	FORM_REQUEST,
	FORM_REPLY,
	FORM_BOTH,
};

/* What the command line says, beyond the shared options. */
struct arping_opts {
	bool is_dad, has_dad_mode, is_dad_fast; /* -D, --dad=MODE */
	enum arping_form announces;             /* -U, -A */
	uint64_t hold_ns;                       /* --defend: 0 for not at all */
	bool wants_states;
	const char *ifname, *first_word, *oui, *read;
	const char *words[ARPING_WORDS]; /* the operands */
	unsigned n_words; /* how many there were; more than ARPING_WORDS are not kept */
	bool listens;
	struct addr source; /* len 0: chosen by interface and target */
	struct mac target_mac;
	bool has_target_mac;
	bool is_reverse; /* the target is a MAC address: target_mac, and first_word its text */
	struct pkt_vlan vlans[PKT_VLANS_MAX];
	uint8_t n_vlans;
	uint64_t replies; /* -C, -f: 0 for not given */
	bool is_broadcast_only, is_zero_source, is_promisc, is_audible, waits_for_others;
	bool shows_mac, shows_addr; /* -r, -R: nothing but that */
	bool shows_cache, checks_proxy, via_gateway, no_vendor;
};

/* The interface that asks, and all addresses of this host. */
struct arping_port {
	struct iface iface;
	struct iface_addr own[ARPING_OWN_ADDRS];
	unsigned n_own;
	struct mac macs[DAD_MACS]; /* of all interfaces of this host */
	unsigned n_macs;
	struct addr
		preferred; /* of its addresses, the kernel's for the first target; may be len 0 */
	struct link *link;
	struct why lost;    /* why it can ask no longer; "" as far as is known it can */
	uint64_t looked_ns; /* when that was looked at (monotonic) */
};

/* One who answered for an address. */
struct arping_owner {
	struct mac mac, frame_src; /* as the message says it; as the frame came */
	uint32_t answers;
	uint32_t to_ours, to_zero; /* of them, to questions with our address, with none */
	uint32_t last_seq;         /* the newest question that it answered */
};

/* What is known of a target, besides its counts; target->notes. */
struct arping_notes {
	struct arping_owner owners[ARPING_OWNERS];
	unsigned n_owners, n_others; /* n_others: for whom there was no room */
	uint32_t broadcasts, unicasts, asked_ours, asked_zero;
	uint32_t answers;
	uint32_t
		unanswered; /* probes since the last answer: more than 1, and its time is a guess */
	struct neigh cache; /* of the kernel, before the first question */
	bool has_cache;
	bool is_own, is_off_link, is_last_unicast;
	struct route route;    /* when is_own or is_off_link */
	struct addr source;    /* reverse: of the echo requests to all nodes */
	struct addr asked_for; /* --via-gateway: the target whose next hop is asked */
};

/* What the judge found in the frame that is about to be reported. */
struct arping_detail {
	struct arping_owner *owner; /* NULL: no room for it */
	struct mac mac, frame_src;
	struct addr addr;
	bool is_to_all; /* the frame was broadcast or multicast */
	bool is_new_owner, is_repeated, is_to_zero;
	bool is_older; /* it is counted for an older question than the newest */
	bool is_probe_unicast;
	struct vlan_tag tags[ETH_TAGS_MAX];
	uint8_t n_tags;
};

struct arping {
	struct arping_opts opts;
	struct run *run;
	struct engine *engine;
	struct trace *trace; /* NULL unless --explain, --hex or --pcap */
	struct pkt *builder;
	struct oui *oui;   /* NULL without vendor names */
	struct addr first; /* target; len 0 while nobody needed to know it */
	struct arping_port port;
	struct arping_detail detail;
	bool is_sweep;
	uint32_t malformed, foreign_vlan; /* frames left out */
	uint64_t broadcasts, unicasts, answers;
	struct arping_reverse *reverse; /* NULL unless the target is a MAC address */
	uint64_t found, conflicts;      /* targets with an owner, with several */
};

/* arping_port.c: where and as whom the questions are asked. */

/*
 * arping_port_open() - chooses the interface, looks whether it can ask, opens the link.
 * Returns 0, or an error with @why: nothing can be asked there.
 */
int must_check arping_port_open(struct arping *a, struct why *why);

/* arping_port_check() - whether the interface can ask now. Returns 0 or an error with @why. */
int must_check arping_port_check(const struct iface *i, struct why *why);

/*
 * arping_port_is_lost() - whether silence means nothing, since the interface has gone or lost its
 * carrier; a->port.lost says how. It is looked at ten times a second at most. Stays true.
 */
bool arping_port_is_lost(struct arping *a);

/* arping_source_to() - the address that asks for @target; all zero when there is none. */
struct addr arping_source_to(const struct arping *a, const struct addr *target);

/* arping_own() - the entry of @addr among the addresses of this host, or NULL. */
const struct iface_addr *arping_own(const struct arping *a, const struct addr *addr);

/* arping_admit() - what can be said of a target before it is asked. See struct probe_ops. */
int arping_admit(void *tool, struct target *t, struct why *why);

/* arping_notes() - the notes of @t, made when there are none; NULL when out of memory. */
struct arping_notes *arping_notes(struct target *t);

/* arping_probe.c: the questions and the judging of what comes back. */
int arping_build(void *tool, const struct probe *probe, struct wr *out);
void arping_judge(void *tool, const struct link_in *in, struct judgement *out);

/*
 * arping_look() - takes a received frame apart, into @d and a->detail. Returns whether it may mean
 * something: it is whole and came on the VLAN that was asked.
 */
bool arping_look(struct arping *a, const struct link_in *in, struct dissect *d);

/* arping_dad.c: is an address free; announcing and defending it. */

/* arping_dad_run() - all of it, from the first probe to the verdict; returns the exit status. */
int arping_dad_run(struct arping *a);

/* arping_reverse.c: which addresses does a MAC address have. */

/*
 * arping_reverse_open() - makes a list of targets of the interface's networks, to be asked of one
 * host alone: nobody else hears it. Returns 0 or an error with @why.
 */
int must_check arping_reverse_open(struct arping *a, struct why *why);

/* arping_reverse_close() - NULL is allowed in a->reverse. */
void arping_reverse_close(struct arping *a);

/* arping_reverse_admit() - gives an echo request to all nodes its sender. */
int arping_reverse_admit(struct arping *a, struct target *t, struct why *why);

/* arping_reverse_spec() - the echo request of @t. */
struct pkt_spec arping_reverse_spec(const struct arping *a, const struct target *t, uint16_t seq);

/* arping_reverse_is_new() - notes an address of the host; false if it was noted before. */
bool arping_reverse_is_new(struct arping *a, const struct addr *addr);

/* arping_reverse_done() - the verdict: all addresses that were found. */
void arping_reverse_done(struct arping *a);

/* arping_reverse_judge() - the question that an echo reply answers, NULL if it is none of ours. */
struct probe *arping_reverse_judge(struct arping *a, const struct dissect *d);

/* arping_watch.c: who claims what, from a capture or from what passes by. */

/* arping_watch_run() - all of it; returns the exit status. */
int arping_watch_run(struct arping *a);

/* arping_options.c: the command line. */
extern const struct options_tool arping_options;

/* arping_report.c: lines and records, as things happen. */
void arping_report(void *tool, const struct event *ev);
void arping_status(void *tool);

/* arping_detail_fields() - what the frame at hand says, into a reply record. */
void arping_detail_fields(struct arping *a, struct rec *r);

/* arping_mac_upper() - in capitals, as iputils writes it, to @out of MAC_TEXT_MAX. */
char *arping_mac_upper(const struct mac *mac, char *out);

extern const struct record_type arping_reply_record;
extern const struct record_type *const arping_records[];
extern const size_t arping_n_records;

/* arping_verdict.c: what it all came to. */
extern const struct record_type arping_verdict_record, arping_summary_record;

/* arping_inconclusive() - the verdict when nothing could be asked. */
void arping_inconclusive(struct arping *a);

/* arping_owner_field() - @mac, and with @owner (may be NULL) what is known of it, into @list. */
void arping_owner_field(struct arping *a, struct rec *list, const struct mac *mac,
			const struct arping_owner *owner);

/* arping_target_done() - verdict and counts of one target. */
void arping_target_done(struct arping *a, const struct target *t);
void arping_sweep_summary(struct arping *a);

/* arping_vendor() - who made @mac, "" if that is not known; to @out of OUI_NAME_MAX. */
const char *arping_vendor(struct arping *a, const struct mac *mac, char *out);

/* arping_trace.c: the evidence. */
void arping_trace(struct arping *a, const struct event *ev);

/* arping_trace_out(), arping_trace_in() - one frame and what it means; nothing without a trace. */
void arping_trace_out(struct arping *a, const uint8_t *frame, size_t len, uint64_t wall_ns,
		      const char *comment);
void arping_trace_in(struct arping *a, const struct link_in *in, const char *comment);

#endif
