/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute - what its parts share: the options, the run, a path and its shots, and what was
 * learnt of the packet at hand.
 *
 * A shot is one probe of a path. A hop is a place on the path; shots are listed at the hop that
 * their TTL, or the TTL that an answer quotes, says.
 */
#ifndef PKT_TRACEROUTE_TRACEROUTE_H
#define PKT_TRACEROUTE_TRACEROUTE_H

#include <net/if.h>

#include "build/pkt.h"
#include "cli/tool.h"
#include "cli/trace.h"
#include "io/asndb.h"
#include "io/sock.h"
#include "wire/icmp.h"
#include "wire/icmpext.h"
#include "wire/quote.h"

#define TR_PORT 33434
#define TR_MSS 1460u /* that SYNs announce */
#define TR_PACKET_MAX 65535u
#define TR_MTU_MAX 65000u /* traceroute 2.1 begins --mtu with it */
#define TR_GATES_MAX 8u   /* of a source route: RFC 791 has room for no more */
#define TR_ROUTE_MAX 36u
#define TR_MARK_LEN 2u   /* octets of data that make the checksum what it is to be */
#define TR_COOKIE_LEN 8u /* behind them */

enum method {
	METHOD_UDP,
	METHOD_ICMP,
	METHOD_TCP,
	METHOD_UDPLITE,
	METHOD_RAW, /* an IP protocol by number */
};

/* How --mtu finds out. */
enum pmtu {
	PMTU_BOTH,
	PMTU_ICMP,  /* by what routers say */
	PMTU_PROBE, /* by what comes through */
};

/* Where autonomous systems come from. */
enum as_source {
	AS_OFF,
	AS_DB,
	AS_DNS,
};

/* What the command line says, beyond the shared options. */
struct tr_opts {
	enum method method;
	uint8_t proto; /* of the IP header */
	uint8_t first_ttl, max_ttl;
	uint32_t queries;      /* shots a hop */
	uint32_t simultaneous; /* shots under way, 0 for any number */
	uint64_t wait_ns;      /* at most, for one shot */
	bool has_wait;
	double here, near; /* or so many times the RTT of the same hop, of a later hop */
	uint16_t port, sport;
	bool has_port;
	struct addr source; /* len 0: by route */
	char ifname[IF_NAMESIZE];
	uint32_t ifindex;
	uint8_t tos;
	uint32_t flow_label;
	bool has_flow_label;
	uint32_t mark;
	size_t packet_len; /* octets of the IP packet, 0 for the usual */
	bool is_mtu, is_unprivileged, is_classic, is_fast, shows_ext, shows_changes, shows_back,
		has_df, bypass_routing;
	int asking;                  /* key of an option that says how to ask, 0 for none */
	const char *diff, *diff_new; /* --diff: the two files; NULL for asking */
	uint16_t csum;    /* --read: of ICMP, the same for all probes unless is_classic */
	const char *read; /* --read: the capture; NULL for asking */
	enum pmtu pmtu;
	uint8_t tcp_flags;           /* of TCP probes */
	uint16_t mss;                /* that SYNs announce */
	bool shows_tcp;              /* the flags of answers by TCP */
	bool is_debug;               /* SO_DEBUG */
	const char *method_words[4]; /* of -O, until the method is known */
	unsigned n_method_words;
	struct addr gates[TR_GATES_MAX]; /* of a source route */
	unsigned n_gates;
	const char *asndb;
	const char *asn_zone; /* where DNS tells them */
	enum as_source as_source;
	bool is_watch; /* --continuous, with so many rounds, 0 for no end */
	uint64_t rounds;
	uint64_t grace_ns;          /* how long lines wait for names */
	bool is_multi, shows_links; /* --multipath, --graph */
	double miss;                /* probability of missing a node or link, at most */
	uint32_t max_flows;
};

enum shot_fate {
	SHOT_OPEN,
	SHOT_ANSWERED,
	SHOT_GIVEN_UP,
	SHOT_UNSENT,
};

/* What an answer says about the place it comes from. */
enum answer_kind {
	ANSWER_TRANSIT, /* a router: the TTL ran out here */
	ANSWER_REACHED, /* the destination */
	ANSWER_REFUSED, /* nobody further on will be reached: unreachable, prohibited */
};

/* What the path may have rewritten, as a quote shows it. */
enum change {
	CHANGE_DSCP,
	CHANGE_ECN,
	CHANGE_DF,
	CHANGE_ID,
	CHANGE_FLOW,
	CHANGE_SRC,
	CHANGE_DST,
	CHANGE_SPORT,
	CHANGE_DPORT,
	CHANGE_CSUM,
	CHANGE_SEQ,
	CHANGE_MSS,
	N_CHANGES,
};

struct changes {
	uint16_t set;                           /* bits by enum change */
	uint32_t was[N_CHANGES], is[N_CHANGES]; /* not of addresses */
	struct addr src, dst;                   /* as quoted */
};

/* What the judge found in a packet. */
struct tr_detail {
	enum answer_kind kind;
	struct addr from;
	bool is_icmp;       /* type, code and info are set */
	uint8_t type, code; /* of the ICMP message */
	uint32_t info;
	int reply_ttl;     /* TTL of the answer on arrival, -1 if unknown */
	int q_ttl;         /* TTL that the quote shows, -1 without a quote */
	uint8_t tcp_flags; /* of an answer by TCP */
	struct changes changes;
	struct icmpext ext; /* valid while the packet is */
};

struct shot {
	uint64_t n; /* probe number */
	uint64_t sent_ns, rtt_ns;
	struct addr from;
	uint16_t next; /* shot behind it at the same hop, by its index + 1; 0 for none */
	uint8_t ttl;   /* as sent */
	uint8_t hop;   /* where it is listed */
	uint8_t fate;  /* enum shot_fate */
	uint8_t kind;  /* enum answer_kind */
	bool is_icmp;
	uint8_t type, code;
	int16_t reply_ttl, q_ttl;
	uint32_t info;
	char *ext;        /* extension as text; NULL for none */
	uint8_t *objects; /* its objects, where a JSON form tells them; NULL for none */
	uint16_t objects_len;
	bool is_ext_compat;
	char *changes;    /* what the path has rewritten, as text; NULL for nothing */
	uint16_t changed; /* bits by enum change */
};

struct hop {
	uint16_t first, last; /* shots, by index + 1; 0 for none */
	uint32_t n_shots, n_open, n_answered;
	bool is_transit; /* a router answered here */
	uint16_t mtu;    /* --mtu: packets had to be this small to get here; 0: as before */
};

/* How the distance of the end is known. */
enum distance_proof {
	DISTANCE_UNKNOWN,
	DISTANCE_HINT,   /* guessed from the TTL of an answer: where to look first */
	DISTANCE_QUOTED, /* the end quoted the TTL that was left */
	DISTANCE_DIRECT, /* a shot with just that TTL was answered from the end */
};

enum stop_reason {
	STOP_NOT_YET,
	STOP_COMPLETED, /* the destination answered */
	STOP_UNREACH,   /* somebody said that it cannot be reached */
	STOP_HOPLIMIT,  /* all hops were asked, and the end did not answer */
	STOP_COUNT,     /* no more shots are allowed */
	STOP_LOOP,
	STOP_DEADLINE,
	STOP_INTERRUPTED,
	STOP_ERROR, /* this host could not send */
};

/* All about one target; target->notes. */
struct path {
	struct target *target;
	struct addr src;
	uint64_t start_ns, end_ns;
	struct shot *shots;
	uint16_t n_shots, cap;
	uint8_t next_ttl; /* of the shot that plan() has asked for */
	uint8_t distance; /* of the end, 0 while unknown */
	uint8_t hint;     /* where the end may be, 0 for no idea */
	enum distance_proof proof;
	uint8_t upper;         /* nothing beyond is asked */
	bool is_upper_end;     /* because the end answered there */
	bool is_open;          /* nobody answers from the end: everything up to upper is asked */
	bool distrusts_quotes; /* the TTL that the end quotes is not the one it saw */
	bool is_unsent, is_loop;
	bool is_news; /* a router answered at a hop where none had */
	uint8_t n_scouts;
	uint64_t scout_ns; /* when the last of them left */
	uint16_t mtu;      /* --mtu: octets of the packets, as far as is known */
	uint64_t last_sent_ns, max_rtt_ns;
	uint16_t next_line; /* TTL of the next line to be written, to one beyond 255 */
	uint8_t n_silent;   /* lines before it that wait for a later one, all of stars */
	bool is_written, is_summed;
	enum stop_reason stop;
	struct mtu_search *search; /* NULL until --mtu looks for sizes */
	struct watch *watch;       /* NULL unless it is asked again and again */
	struct multi *multi;       /* NULL unless all its branches are looked for */
	struct hop hops[];         /* by TTL, up to the last that may be asked */
};

/* One family's door. */
struct tr_family {
	struct link *link;
	uint16_t id; /* source port, or identifier of echo requests */
	bool is_raw; /* it takes whole IP packets */
};

struct hop_names;
struct mtu_search;
struct multi;
struct watch;

struct traceroute {
	struct tr_opts opts;
	struct run *run;
	struct engine *engine;
	struct trace *trace; /* NULL unless --explain, --hex or --pcap */
	struct pkt *builder;
	struct asndb *asndb;     /* NULL without --asn-db */
	struct hop_names *names; /* NULL with -n and --json alike */
	struct hop_names *asns;  /* NULL without --asn=dns */
	struct sipkey key;
	uint16_t base; /* what the mark of a probe is counted from; no mark of a run is 0 */
	struct tr_family v4, v6;
	struct tr_detail detail;
	bool is_many; /* more than one target: paths are written one after another, when over */
	uint64_t n_reached, n_paths, n_unsent;
	unsigned is_lost_told;
	uint8_t data[TR_PACKET_MAX]; /* of the probe being built */
};

/* tr_family_of() - the door for @addr. */
static inline struct tr_family *tr_family_of(struct traceroute *t, const struct addr *addr)
{
	return addr_is_v6(addr) ? &t->v6 : &t->v4;
}

/* traceroute_options.c: the command line. */
extern const struct options_tool traceroute_options;

/* traceroute_method.c: methods by name, their own options, source routes. */
#define METHOD_NO_DCCP \
	"DCCP is not sent: Linux has given it up, and hosts do not answer it; -P 33 sends bare " \
	"packets of its number"

/* method_set() - @port: where to, unless -p says another. */
void method_set(struct tr_opts *o, enum method method, uint8_t proto, uint16_t port);

/*
 * method_name(), method_options(), method_gateways() - the words of -M, -O (of the method that is
 * set) and -g. Return 0, or an error with @why what is wanted.
 */
int must_check method_name(struct tr_opts *o, const char *name, struct why *why);
int must_check method_options(struct tr_opts *o, const char *words, struct why *why);
int must_check method_gateways(struct tr_opts *o, const char *words, struct why *why);

/*
 * method_route() - the IP option of a source route to @dst, to @out of TR_ROUTE_MAX. Returns its
 * octets, a multiple of 4; 0 without gateways.
 */
size_t method_route(const struct tr_opts *o, const struct addr *dst, uint8_t *out);

/* method_flags_text() - "syn,ack", to the heap. */
char *method_flags_text(uint8_t flags);

/* traceroute_door.c: sockets and taps. */

/* door_open() - opens what both families of targets need. Returns 0 or an error with @why. */
int must_check door_open(struct traceroute *t, struct why *why);
void door_close(struct traceroute *t);

/* asn_open() - opens the file of autonomous systems, if lines are to show them. */
int must_check asn_open(struct traceroute *t, struct why *why);

/* traceroute_probe.c: the questions. */
int probe_build(void *tool, const struct probe *probe, struct wr *out);
void probe_aim(void *tool, const struct probe *probe, struct link_out *out);

/* probe_len() - octets of a probe's IP packet. */
size_t probe_len(const struct traceroute *t, bool is_v6);

/* probe_mark() - 16 bits that name the probe @seq: IP ID, checksum, sequence number. */
uint16_t probe_mark(const struct traceroute *t, uint32_t seq);

/* probe_seq() - the other way round, the low 16 bits of seq. */
uint16_t probe_seq(const struct traceroute *t, uint16_t mark);

/* probe_cookie() - 64 bits that a stranger cannot guess, of probe @seq to @dst. */
uint64_t probe_cookie(const struct traceroute *t, const struct addr *dst, uint32_t seq);

/* probe_tcp_seq() - the sequence number of a SYN: half cookie, half mark. */
uint32_t probe_tcp_seq(const struct traceroute *t, const struct addr *dst, uint32_t seq);

/* probe_cookie_at() - where in the data it stands. */
size_t probe_cookie_at(const struct traceroute *t);

/* probe_sport() - the source port, or identifier, of the probe @seq of @p. */
uint16_t probe_sport(struct traceroute *t, const struct path *p, uint32_t seq);

/* probe_flow() - its flow, as the summary tells it, to @out; false when each probe is another. */
#define FLOW_TEXT_MAX 64
bool probe_flow(struct traceroute *t, const struct path *p, char *out);

/* probe_port() - the destination port of the probe @seq, of UDP and TCP. */
uint16_t probe_port(const struct traceroute *t, uint32_t seq);

/* traceroute_judge.c: what comes back. */
void probe_judge(void *tool, const struct link_in *in, struct judgement *out);

/* kind_of_error() - what an ICMP error means for the path. RFC 792, RFC 4443. */
enum answer_kind kind_of_error(const struct traceroute *t, bool is_v6, uint8_t type, uint8_t code);

/* traceroute_change.c: what the path does to packets. */

/* changes_find() - in what @q, which quotes @probe, differs from what was sent. */
void changes_find(struct traceroute *t, const struct quote *q, const struct probe *probe,
		  struct changes *out);

/*
 * changes_compare() - the same for any packet. @sent: what is set of it is compared; @mss: that it
 * announced, 0 for none. @seen: as quoted.
 */
void changes_compare(const struct quote *sent, uint32_t mss, const struct quote *seen,
		     struct changes *out);

/* changes_mss() - the largest segment that a SYN announces; 0 if @q shows none. */
uint32_t changes_mss(const struct quote *q);

/* changes_text() - "dscp 46->0, sport 40000->1024", to the heap; NULL for none. */
char *changes_text(const struct changes *c);
void changes_fields(struct rec *rec, const struct changes *c);

/* What the answers of a path tell of an address translator on it. */
struct nat {
	bool is_snat, is_dnat;
	bool is_broken; /* it does not put back what it changed in quotes */
	unsigned hop;   /* the first that shows it */
	const char *evidence;
};

/* nat_judge() - none when neither is_snat nor is_dnat. */
struct nat nat_judge(const struct traceroute *t, const struct path *p);

/* traceroute_path.c and traceroute_plan.c: what the answers mean, and what is asked next. */

/* path_new() - of @target, asked from @src; NULL when out of memory. Owns: path_free(). */
struct path *path_new(struct traceroute *t, struct target *target, const struct addr *src);
int path_admit(void *tool, struct target *target, struct why *why);
uint64_t path_plan(void *tool, struct target *target, uint64_t now_ns);

/* path_end() - the TTL of the last line, as far as is known. */
unsigned path_end(const struct traceroute *t, const struct path *p);

/* path_last_known() - the last hop that answered, or the end. */
unsigned path_last_known(const struct traceroute *t, const struct path *p);

/* path_router() - who answered at @hop, the first of them; len 0 if nobody did. */
struct addr path_router(const struct path *p, unsigned hop);

/* path_ttl() - that the probe @seq was sent with, whatever it was sent for; 0 if unknown. */
uint8_t path_ttl(const struct path *p, uint32_t seq);

/* path_is_settled() - whether no more answers are waited for at @hop. */
bool path_is_settled(const struct traceroute *t, const struct path *p, unsigned hop);

/* path_sent(), path_answer(), path_lost(), path_unsent() - what became of the probe @seq. */
void path_sent(struct traceroute *t, struct path *p, const struct event *ev);
void path_answer(struct traceroute *t, struct path *p, const struct event *ev);
void path_lost(struct path *p, uint32_t seq, enum shot_fate fate);

void path_free(struct path *p);

/* traceroute_lines.c: the text. */

/* lines_header() - "traceroute to ...". */
void lines_header(struct traceroute *t, const struct path *p);

/*
 * lines_write() - writes all lines that are ready. @is_final: also those that are not.
 * Returns when to try again (a name is waited for), ENGINE_NEVER for not before an answer, 0 when
 * all lines are written.
 */
uint64_t lines_write(struct traceroute *t, struct path *p, bool is_final, uint64_t now_ns);

/* shot_flag() - "!H" and its like, as traceroute 2.1 has them, to @out; "" for none. */
#define FLAG_MAX 16
const char *shot_flag(const struct shot *s, char *out);

/* traceroute_report.c: events, records and the summary. */
void tr_report(void *tool, const struct event *ev);
void tr_status(void *tool);
void path_summary(struct traceroute *t, struct path *p);
extern const struct record_type traceroute_name_record;
extern const struct record_type *const traceroute_records[];
extern const size_t traceroute_n_records;
const char *method_word(enum method m);
const char *stop_word(enum stop_reason s);

/* traceroute_shapes.c: the JSON of other programs. */

/* shape_write() - one path, when --json=scamper or --json=atlas asks for it. */
void shape_write(struct traceroute *t, const struct path *p);

/* traceroute_ext.c: the extensions of ICMP errors. */

/* ext_text() - as traceroute 2.1 writes them with -e, to the heap; NULL for none. */
char *ext_text(const struct icmpext *ext);
void ext_fields(struct rec *rec, const struct icmpext *ext);

/* ext_keep() - keeps the objects with the shot, for ext_scamper() and ext_atlas(). */
void ext_keep(struct shot *s, const struct icmpext *ext);

/* ext_scamper(), ext_atlas() - "icmpext" as those programs have it; nothing without one. */
void ext_scamper(struct rec *rec, const struct shot *s);
void ext_atlas(struct rec *rec, const struct shot *s);

/* traceroute_names.c: names of hops and their autonomous systems, which nobody waits for long. */

/*
 * hop_names_new() - @names: the resolver process. @zone: NULL for names of hops, or where their
 * autonomous systems are asked for: 192.0.2.1 as the TXT record of 1.2.0.192.origin.ZONE, IPv6
 * below origin6.ZONE, which begins with the number, as Team Cymru's do. NULL when out of memory.
 */
struct hop_names *hop_names_new(struct names *names, struct rnd *rnd, uint64_t grace_ns,
				const char *zone);
void hop_names_free(struct hop_names *h);

/* hop_names_want() - asks for the name of @addr, unless that was done. */
void hop_names_want(struct hop_names *h, const struct addr *addr, uint64_t now_ns);

/*
 * hop_names_get() - the name of @addr in *out, NULL without one.
 * Returns 0, or until when (monotonic ns) it is worth waiting for it.
 */
uint64_t hop_names_get(struct hop_names *h, const struct addr *addr, uint64_t now_ns,
		       const char **out);

/* hop_asn() - the autonomous system of @addr, from wherever they come; NULL if it is not known. */
const char *hop_asn(struct traceroute *t, const struct addr *addr);

/* hop_named() - an answer of the resolver, for struct probe_ops. */
void hop_named(void *tool, const struct name_answer *answer);

/* traceroute_trace.c: the evidence. */
void tr_trace(struct traceroute *t, const struct event *ev);

#endif
