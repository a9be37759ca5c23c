/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc - what its parts share: the options, who we are, what we say and hear, the lease.
 */
#ifndef PKT_DHCPC_DHCPC_H
#define PKT_DHCPC_DHCPC_H

#include <string.h>

#include "build/pkt.h"
#include "cli/tool.h"
#include "cli/trace.h"
#include "engine/fsm.h"
#include "wire/dhcp.h"
#include "wire/dhcp_option.h"
#include "wire/dissect.h"

/* Exit statuses of dhcpc alone; conventions of all tools below 3. */
enum dhcpc_exit {
	DHCPC_EXIT_NAK = 3,
	DHCPC_EXIT_POLICY = 4,   /* a server that is not allowed, or one that must answer did not */
	DHCPC_EXIT_REFUSED = 5,  /* only malformed or senseless answers */
	DHCPC_EXIT_CONFLICT = 6, /* somebody has the address */
	DHCPC_EXIT_V6ONLY = 7,   /* the network would rather have us on IPv6 alone, RFC 8925 */
	DHCPC_EXIT_APPLY = 8,    /* the lease could not be put on the host, or a hook failed */
};

#define DHCPC_FRAME_MAX 1600 /* octets of a frame that we send */
#define DHCPC_MSG_MAX 9000   /* octets kept of a message that we got */
#define DHCPC_ID_MAX 64
#define DHCPC_PARAMS 64
#define DHCPC_SERVERS 32
#define DHCPC_MACS 32u
#define DHCPC_SEND_MAX 512

enum dhcpc_mode {
	MODE_LEASE, /* the four messages */
	MODE_SCAN,
	MODE_LINT,
	MODE_DECODE, /* a capture, or octets in hexadecimal */
	/* Single messages, from the first to the last. */
	MODE_RENEW,
	MODE_REBOOT,
	MODE_INFORM,
	MODE_RELEASE,
	MODE_DECLINE,
};

/* What goes to standard output, where JSON is not asked for. */
enum dhcpc_show {
	SHOW_LINES,
	SHOW_SHELL,  /* variables, to be evaluated by a shell */
	SHOW_PRINT,  /* the values of some options */
	SHOW_NAGIOS, /* one line of a monitoring plugin, and its exit status */
};

/* A server, by address or by MAC. */
struct dhcpc_server {
	struct addr addr; /* len 0 if it is the MAC */
	struct mac mac;
};

struct dhcpc_list {
	struct dhcpc_server servers[DHCPC_SERVERS];
	unsigned n;
};

struct dhcpc_opts {
	const char *ifname;
	enum dhcpc_mode mode;
	struct addr addr; /* of --renew and the like */
	struct addr wish; /* -r: len 0 for none */
	uint64_t tries, timeout_ns, wait_ns, expect;
	bool has_timeout, gives_back, wants_states, is_loose, is_rapid, wants_v6only;
	bool has_check, checks, is_check_fast;
	struct dhcpc_list allowed, denied;
	struct dhcpc_server must; /* -s */
	bool has_must;
	/* Of the output. */
	enum dhcpc_show show;
	uint8_t prints[DHCPC_PARAMS];
	unsigned n_prints;
	/* On the host. */
	bool applies, stays, no_routes, gives_back_late;
	const char *script, *resolv; /* resolv: auto if NULL */
	uint8_t hook_style;          /* enum dhcpc_var_style */
	uint32_t metric;
	/* Of the messages. */
	struct mac mac;
	bool has_mac, is_mac_random, no_id, is_bare, is_broadcast, is_anonymous;
	const char *id, *hostname, *fqdn, *vendor, *user_class;
	uint8_t params[DHCPC_PARAMS]; /* -O */
	unsigned n_params;
	uint8_t send[DHCPC_SEND_MAX]; /* -S, written as options */
	size_t send_len;
	bool has_secs, has_xid;
	uint16_t secs;
	uint32_t xid;
};

/* Who we are, the same in all messages. */
struct dhcpc_self {
	struct mac mac; /* chaddr */
	uint8_t id[DHCPC_ID_MAX];
	size_t id_len; /* 0: no option 61 */
	uint16_t max_size;
	const struct dhcpc_opts *opts;
};

/* What is to be said. */
struct dhcpc_ask {
	enum dhcp_type type;
	uint32_t xid;
	uint16_t secs;
	struct addr ciaddr, requested, server; /* 0.0.0.0: none; server: option 54 */
	const char *message;                   /* option 56, NULL for none */
	bool is_rapid;                         /* option 80 */
	bool is_unpadded;                      /* not filled up to 300 octets */
	struct addr dst;                       /* of the packet */
	struct mac dst_mac;
};

/* Why a message that reached us means nothing to us. */
enum dhcpc_drop {
	DROP_NOT,
	DROP_MALFORMED, /* it breaks the rules of its format */
	DROP_FOREIGN,   /* it is the answer to somebody else */
	DROP_POLICY,    /* its server is not one that we listen to */
	DROP_REFUSED,   /* it says what must not be accepted */
	DROP_UNTIMELY,  /* nothing was asked to which it is an answer */
};

#define DHCPC_WHY_MAX 160

/* A message that came in. Its pointers live as long as the frame. */
struct dhcpc_seen {
	const struct link_in *in;
	struct dissect d;
	const uint8_t *bytes; /* of the message */
	size_t len;
	struct dhcp_msg msg;
	struct addr server; /* option 54, 0.0.0.0 for none */
	struct mac src_mac;
	enum dhcpc_drop drop;
	char why[DHCPC_WHY_MAX]; /* why it is dropped, or what is odd about it */
};

#define DHCPC_FINDINGS 12

/* Something odd that does no harm. */
struct dhcpc_finding {
	const char *id, *rfc;
	char text[DHCPC_WHY_MAX];
};

struct dhcpc_lease {
	struct addr addr, server;
	uint8_t prefix_len;
	struct mac server_mac;
	uint32_t lease_s, t1_s, t2_s; /* DHCP_INFINITE: for ever; 0: INFORM gives no lease */
	uint8_t bytes[DHCPC_MSG_MAX]; /* the message itself */
	size_t len;
	struct dhcpc_finding findings[DHCPC_FINDINGS];
	unsigned n_findings;
};

/* What was heard and left aside. */
struct dhcpc_counts {
	uint64_t sent, received, ignored;
	uint64_t malformed, foreign, policy, refused, untimely;
};

struct hands;

struct dhcpc {
	struct dhcpc_opts opts;
	struct dhcpc_self self;
	struct run *run;
	struct trace *trace; /* NULL unless --explain, --hex or --pcap */
	struct pkt *builder;
	struct iface iface;
	struct mac macs[DHCPC_MACS]; /* of all interfaces of this host */
	unsigned n_macs;
	struct link *link;
	struct hands *hands; /* NULL unless the host is to be changed, or there is a hook */
	unsigned n_orders;   /* given to them, and not answered */
	struct dhcpc_counts counts;
	uint64_t start_ns, sent_wall_ns, tx_wall_ns;
	uint64_t n_tx;
};

static inline struct addr addr_none(void)
{
	return (struct addr){.len = 4};
}

/* dhcpc_options.c: the command line. */
extern const struct options_tool dhcpc_options;

/* dhcpc_msg.c: what we say; RFC 2131 table 5. */

/*
 * dhcpc_self_make() - who we are on @iface, by the options. Returns 0, or E_BAD with @why for an
 * identifier that cannot be.
 */
int must_check dhcpc_self_make(const struct dhcpc_opts *o, const struct iface *iface,
			       struct rnd *rnd, struct dhcpc_self *out, struct why *why);

/* dhcpc_put_hex() - writes octets given in hexadecimal. Returns 0 or E_BAD. */
int must_check dhcpc_put_hex(struct wr *w, const char *text);

/* dhcpc_msg_build() - writes the message. Returns 0 or E_FULL. */
int must_check dhcpc_msg_build(const struct dhcpc_self *self, const struct dhcpc_ask *ask,
			       struct wr *out);

/* dhcpc_frame_build() - the same in its frame. Returns as pkt_build(). */
int must_check dhcpc_frame_build(const struct dhcpc_self *self, const struct dhcpc_ask *ask,
				 struct pkt *builder, struct wr *out, struct why *why);

/* dhcpc_broadcast() - fills in where a message to everybody goes. */
void dhcpc_broadcast(struct dhcpc_ask *ask);

/* dhcpc_judge.c: what we hear. */

/*
 * dhcpc_parse() - takes a frame apart. Returns false if it is neither for a client nor for a server
 * of DHCP; else @out is filled, its drop DROP_NOT or DROP_MALFORMED.
 */
bool dhcpc_parse(const struct link_in *in, struct dhcpc_seen *out);

/* dhcpc_parse_message() - the same for the octets of a message alone, out->bytes and out->len. */
void dhcpc_parse_message(struct dhcpc_seen *out);

/*
 * dhcpc_look() - takes a frame apart. Returns false if it is no DHCP reply at all; else @out is
 * filled, its drop DROP_NOT if it is whole and for us: xid, hardware address and identifier agree.
 */
bool dhcpc_look(const struct dhcpc_self *self, uint32_t xid, const struct link_in *in,
		struct dhcpc_seen *out);

/* dhcpc_drop() - notes why @s is left aside; returns @drop. */
enum dhcpc_drop dhcpc_drop(struct dhcpc_seen *s, enum dhcpc_drop drop, const char *fmt, ...)
	printf_like(3, 4);

/* dhcpc_policy() - drops @s if its server is not one that the options allow. */
void dhcpc_policy(const struct dhcpc_opts *o, struct dhcpc_seen *s);

/* dhcpc_is_listed() - whether the server of @s is in @list. */
bool dhcpc_is_listed(const struct dhcpc_list *list, const struct dhcpc_seen *s);

/* dhcpc_drop_word() - "malformed", "foreign", ... */
const char *dhcpc_drop_word(enum dhcpc_drop drop);

/*
 * dhcpc_lease.c: dhcpc_lease_read() - the lease that @s offers or gives. @is_inform: there is no
 * address and no time in it. Drops @s (DROP_REFUSED) if it must not be accepted.
 */
void dhcpc_lease_read(struct dhcpc_seen *s, bool is_inform, struct dhcpc_lease *out);

/* dhcpc_lease_msg() - the message of a lease, parsed again. */
struct dhcp_msg dhcpc_lease_msg(const struct dhcpc_lease *lease);

/* dhcpc_add_finding() - adds to the findings of a lease. */
void dhcpc_add_finding(struct dhcpc_lease *l, const char *id, const char *rfc, const char *fmt, ...)
	printf_like(4, 5);

/* dhcpc_wire.c: out and in on the interface. */

/* dhcpc_open() - interface, link and trace; then the lock-down. Returns 0 or an error. */
int must_check dhcpc_open(struct dhcpc *d, struct why *why);

/* dhcpc_send() - builds, sends, traces and tells a message. Returns 0 or an error. */
int must_check dhcpc_send(struct dhcpc *d, const struct dhcpc_ask *ask, struct why *why);

/* dhcpc_send_frame() - sends a frame; the trace says @what it is. Returns 0 or an error. */
int must_check dhcpc_send_frame(struct dhcpc *d, const uint8_t *frame, size_t len, const char *what,
				struct why *why);

/* dhcpc_answer_arp() - a neighbour asks for @held, which only we know to be ours: tells him. */
void dhcpc_answer_arp(struct dhcpc *d, const struct addr *held, const struct dissect *arp);

/* dhcpc_count() - counts a message left aside, and tells it. */
void dhcpc_count(struct dhcpc *d, const struct dhcpc_seen *s);

/* dhcpc_run.c: one client, from its first message to the end. Returns the exit status. */
int dhcpc_run(struct dhcpc *d);

/* dhcpc_scan.c: who answers. Returns the exit status. */
int dhcpc_scan(struct dhcpc *d);

/* dhcpc_lint.c: does a server keep to the RFCs. Returns the exit status. */
int dhcpc_lint(struct dhcpc *d);

/* dhcpc_decode.c: what is in a capture, or in octets. Returns the exit status. */
int dhcpc_decode(struct dhcpc *d);

/* dhcpc_show.c: --shell, --print and --nagios. */

/* dhcpc_show_lease() - its variables, or values; nothing without one of those options. */
void dhcpc_show_lease(struct dhcpc *d, const struct dhcpc_lease *l);

/* dhcpc_show_result() - the plugin's line, with --nagios. Returns the exit status for @status. */
int dhcpc_show_result(struct dhcpc *d, int status, const char *fmt, ...) printf_like(3, 4);

/* dhcpc_report.c: lines and records. */
extern const struct record_type *const dhcpc_records[];
extern const size_t dhcpc_n_records;

/* dhcpc_dt_ms() - milliseconds since the run began. */
double dhcpc_dt_ms(const struct dhcpc *d);

/* dhcpc_says_lines() - whether text for people is wanted; records go their own way. */
bool dhcpc_says_lines(const struct dhcpc *d);

/* dhcpc_tell_start() - where and as whom. */
void dhcpc_tell_start(struct dhcpc *d);

/* dhcpc_tell_sent(), dhcpc_tell_seen(), dhcpc_tell_ignored() - a message: a line and a record. */
void dhcpc_tell_sent(struct dhcpc *d, const struct dhcpc_ask *ask);
/* @lease: what it offers or gives, NULL for nothing. @is_unlisted: scan, not an allowed server. */
void dhcpc_tell_seen(struct dhcpc *d, const struct dhcpc_seen *s, const struct dhcpc_lease *lease,
		     bool is_unlisted);
void dhcpc_tell_ignored(struct dhcpc *d, const struct dhcpc_seen *s);

/* dhcpc_tell_state() - with -v: from one state to another. */
void dhcpc_tell_state(struct dhcpc *d, const char *from, const char *to, const char *event);

/* dhcpc_tell_lease() - the lease with all its options, in the form asked for. */
void dhcpc_tell_lease(struct dhcpc *d, const struct dhcpc_lease *lease);

/* dhcpc_tell_conflict() - @owner has the address that was given to us. */
void dhcpc_tell_conflict(struct dhcpc *d, const struct addr *addr, const struct mac *owner);

/* dhcpc_tell_summary() - the last record but one. @lease: NULL for none; the numbers: of a scan. */
void dhcpc_tell_summary(struct dhcpc *d, const char *result, const struct dhcpc_lease *lease,
			unsigned n_servers, unsigned n_unlisted);

/* dhcpc_source_text() - "10.77.0.1 (02:..)" of who sent @s, into @out. */
void dhcpc_source_text(const struct dhcpc_seen *s, struct text *out);

/* dhcpc_trace.c: the evidence: a frame that was sent, or received, and what to say of it. */
void dhcpc_trace_out(struct dhcpc *d, const uint8_t *frame, size_t len, const char *comment);
void dhcpc_trace_in(struct dhcpc *d, const struct link_in *in, const char *comment);

#endif
