/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping - what its parts share: the options, the run, and what was learnt of the packet at hand.
 */
#ifndef PKT_PING_PING_H
#define PKT_PING_PING_H

#include <net/if.h>

#include "build/pkt.h"
#include "cli/tool.h"
#include "cli/trace.h"
#include "engine/cookie.h"
#include "io/sock.h"
#include "wire/icmp.h"
#include "wire/icmpext.h"
#include "wire/ip4.h"

#define PING_HDR_LEN 8
#define PING_SIZE_DEFAULT 56
#define PING_SIZE_MAX 65507 /* RFC 791: 65535 less an IP and an ICMP header */

/* What the command line says, beyond the shared options. */
struct ping_opts {
	size_t size; /* octets of data behind the ICMP header */
	uint8_t pattern[16];
	size_t pattern_len;  /* 0: octet i holds i */
	bool is_raw_payload; /* the pattern fills all; no mark in front */
	enum sock_kind socket;
	struct sock_opts sock; /* what does not depend on the family */
	char ifname[IF_NAMESIZE];
	struct addr source;
	bool is_flood, is_adaptive, is_audible, is_dated, tells_waiting, is_exact, is_user_clock,
		pins_source;
	uint32_t preload;
	uint8_t ip_opts[40]; /* -R, -T */
	size_t ip_opts_len;
	size_t frag_size; /* --frag: octets of data in each fragment, 0 for none of our own */
	bool is_mtu;      /* --mtu: the path MTU is searched for */
	bool has_size;    /* -s was given */
};

/* What the judge found in the packet that is about to be reported. */
struct ping_detail {
	bool is_error;
	struct addr from;
	size_t icmp_len; /* octets of the ICMP message, header included */
	int ttl;         /* -1 if unknown */
	uint16_t id;
	enum { FAULT_NONE, FAULT_CHECKSUM, FAULT_OCTET, FAULT_LONGER } fault;
	size_t fault_at; /* FAULT_OCTET: octet of the data; FAULT_LONGER: octets too many */
	uint8_t got, wanted;
	struct ip4_hdr ip4; /* has_ip4: for its options */
	bool has_ip4;
	uint8_t type, code; /* of an ICMP error */
	uint32_t info;
	struct icmpext ext;
	bool is_forged_error;
};

/* A recorded route (RFC 791 3.1): at most nine addresses. */
struct ping_route {
	struct addr from; /* whose answer brought it */
	uint8_t octets[36];
	size_t len;
};

/* One family's socket, and the message its probes start from. */
struct ping_family {
	struct link *link;
	uint16_t id;
	enum sock_kind kind;
	uint8_t *template;     /* ICMP header and data; id and pattern are in place */
	uint32_t template_sum; /* of it, with seq, mark and checksum zero */
};

struct ping {
	struct ping_opts opts;
	struct run *run;
	struct engine *engine;
	struct trace *trace; /* NULL unless --explain, --hex or --pcap */
	struct sipkey key;
	struct ping_family v4, v6;
	struct pkt *builder; /* of whole packets, for --frag */
	uint8_t *message;    /* --frag: the ICMP message that goes into one */
	struct ping_detail detail;
	struct ping_route last_route; /* shown */
	bool is_sweep;
	bool is_unsent_told; /* why a probe could not be sent */
};

/* ping_probe.c: the questions and the judging of what comes back. */

/* ping_prepare() - makes the templates of both families. Returns 0 or an error with @why. */
int must_check ping_prepare(struct ping *p, struct why *why);
int ping_build(void *tool, const struct probe *probe, struct wr *out);
void ping_judge(void *tool, const struct link_in *in, struct judgement *out);

/* ping_size_of() - octets of data in @probe: those of -s, or as the search for the MTU chose. */
size_t ping_size_of(const struct ping *p, const struct probe *probe);

/* ping_mark_len() - octets of the mark that the data has room for: 16, 8 or 0. */
size_t ping_mark_len(const struct ping *p);

/* ping_frag.c: probes as whole packets, cut here (--frag). */

/*
 * ping_frag_open() - a link whose probes leave in fragments. @opts: of the socket that hears the
 * answers. Returns as sock_open().
 */
int must_check ping_frag_open(struct ping *p, struct ping_family *f, const struct sock_opts *opts,
			      struct why *why);

/* ping_frag_wrap() - appends the IP packet that carries p->message, @len octets, to @out. */
int must_check ping_frag_wrap(struct ping *p, const struct addr *dst, size_t len, struct wr *out);

/* ping_packet_max() - octets of the largest probe as it is handed to the link. */
size_t ping_packet_max(const struct ping *p);

/* ping_mtu.c: the search for the path MTU (--mtu), which ping_pmtu.c decides. */

struct pmtu;
extern const struct record_type ping_mtu_record;
uint64_t ping_mtu_plan(void *tool, struct target *t, uint64_t now_ns);

/* ping_mtu_send() - octets of data in the next probe, @probe. */
size_t ping_mtu_send(struct ping *p, const struct probe *probe);

/* ping_mtu_size_of() - the same of a probe that was sent. */
size_t ping_mtu_size_of(const struct probe *probe);

/* ping_mtu_report() - takes note of an event and tells of it in text. */
void ping_mtu_report(struct ping *p, const struct event *ev);

/* ping_options.c: the command line. */
extern const struct options_tool ping_options;

/* ping_report.c: lines and records, as things happen. */

/* ping_tells_mtu() - whether the error at hand is a packet too big. */
bool ping_tells_mtu(const struct ping_detail *d);
void ping_report(void *tool, const struct event *ev);
extern const struct record_type *const ping_records[];
extern const size_t ping_n_records;

/* ping_extras.c: IP options of a reply, RFC 4884 extension of an error; as text and as JSON. */

/*
 * ping_add_options() - recorded routes and stamps of the packet at hand, on lines below
 * its own, as iputils has them.
 */
void ping_add_options(struct text *t, struct ping *p);
void ping_option_fields(struct rec *rec, const struct ping_detail *d);
void ping_add_extension(struct text *t, const struct icmpext *ext);
void ping_extension_fields(struct rec *rec, const struct icmpext *ext);

/* ping_summary.c: what it all came to. */

extern const struct record_type ping_summary_record;

/* ping_pattern_line() - what the data is filled with (-p), before all else. */
void ping_pattern_line(struct ping *p);

/* ping_header() - the line before the first probe to a target. */
void ping_header(struct ping *p, const struct target *t);
void ping_target_summary(struct ping *p, const struct target *t);
void ping_sweep_summary(struct ping *p);
/* ping_status() - one line to standard error about each target; @arg is the struct ping. */
void ping_status(void *arg);

/* ping_route_to() - the way of probes to @dst. Returns false if it is unknown or not asked for. */
bool ping_route_to(struct ping *p, const struct addr *dst, struct route *out);

/*
 * ping_source_to() - the address that probes to @dst come from; len 0 if unknown or not asked for.
 */
struct addr ping_source_to(struct ping *p, const struct addr *dst);

/* ping_metrics.c: for those who watch over it. */
extern const struct metric ping_metrics[];
extern const struct check_quantity ping_quantities[];
/* ping_outcome() - what came of @t, with --format=prom and --check. */
void ping_outcome(struct ping *p, const struct target *t);
/* ping_measure() - what has come so far of the targets still asked; @arg is the struct ping. */
void ping_measure(void *arg);

/* ping_trace.c: the evidence. */
void ping_trace(struct ping *p, const struct event *ev);

/* ping_family_of() - the socket for @addr's family. */
static inline struct ping_family *ping_family_of(struct ping *p, const struct addr *addr)
{
	return addr_is_v6(addr) ? &p->v6 : &p->v4;
}

#endif
