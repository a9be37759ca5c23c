/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq - what the parts of dnsq share: what a query is to be like, and an exchange with a server.
 *
 * Layer: tool.
 */
#ifndef PKT_DNSQ_H
#define PKT_DNSQ_H

#include "base/siphash.h"
#include "cli/tool.h"
#include "cli/trace.h"
#include "io/link.h"
#include "io/tls.h"
#include "wire/dns.h"
#include "wire/dnsrdata.h"
#include "wire/resolvconf.h"
#include "wire/roothints.h"
#include "wire/trustanchor.h"

#define DNSQ_SERVERS 32
#define DNSQ_NOTES 12
#define DNSQ_NOTE_MAX 160

/* Exit statuses; 0, 1, 8, 9 and 10 are dig's. */
enum dnsq_exit {
	DNSQ_OK = 0,
	DNSQ_USAGE = 1,
	DNSQ_BATCH_FILE = 8,
	DNSQ_NO_REPLY = 9,
	DNSQ_INTERNAL = 10,
	DNSQ_MALFORMED = 11,
	DNSQ_NOT_AUTHENTIC = 12,
	DNSQ_XFR_FAILED = 13,
	DNSQ_BOGUS = 14,
	DNSQ_DISAGREE = 15,
	DNSQ_WAIT_EXPIRED = 16,
	DNSQ_NXDOMAIN = 20,
	DNSQ_NODATA = 21,
	DNSQ_SERVFAIL = 22,
	DNSQ_REFUSED = 23,
	DNSQ_OTHER_RCODE = 24,
};

/* A server: where it is, and what it was called. */
struct endpoint {
	struct addr addr;
	uint16_t port;
	bool is_tls;   /* @tls://, @https://: verified by that name */
	bool is_group; /* @mdns, @llmnr: everybody there may reply */
	char name[256];
	char path[128]; /* @https://; empty for others */
};

/* How many servers must have what +wait waits for. */
enum dnsq_policy { POLICY_ALL, POLICY_ANY, POLICY_QUORUM };

/* Whether connections stay open for the next question: +keepopen; by default those of a batch. */
enum dnsq_keep { KEEP_DEFAULT, KEEP_NO, KEEP_YES };

/* What the +options say of a query. A copy goes with each query, as dig has it. */
struct dnsq_set {
	/* The header. */
	bool aa, tc, rd, ra, z, ad, cd, is_header_only;
	unsigned opcode;
	int id; /* -1: random */
	/* EDNS. */
	bool has_edns, dnssec, has_cookie, nsid, expire, keepalive;
	unsigned edns_version, udp_max, edns_flags, padding;
	uint8_t cookie[40];
	size_t cookie_len; /* 0: one of our own */
	uint8_t options[512];
	size_t options_len;
	/* How it is asked. */
	bool is_raw, is_tcp, has_tcp /* +tcp or +notcp was given */, is_tls, verifies_tls,
		ignores_tc, stops_on_servfail, negotiates, retries_badcookie;
	bool stirs_case, has_timeout;
	const char *https_path;         /* +https; NULL without */
	const char *tls_pins[TLS_PINS]; /* base64; NULL behind the last */
	enum dnsq_keep keeps_open;
	const char *tls_ca, *tls_name; /* NULL: the system's authorities, the server's own name */
	unsigned tries;                /* 0: as resolv.conf says, else 3 */
	uint64_t timeout_ns;           /* 0: as resolv.conf says, else 5 s */
	/* Which names. */
	bool searches, shows_search, takes_idn;
	const char *domain; /* the search list, instead of resolv.conf's; NULL without */
	int ndots;          /* -1: as resolv.conf says */
	/* What is shown. */
	bool cmd, comments, question, answer, authority, additional, stats, shows_query, is_short;
	bool identifies, ttl, ttl_units, class, crypto, rr_comments, is_generic, expands_aaaa;
	bool shows_rcode, is_one_soa, is_multi, is_usec, is_yaml;
	unsigned split;
	bool is_json, is_explain, is_hex;
	/* What is done. */
	bool is_nssearch, is_trace, is_compare, validates;
	uint64_t wait_ns;   /* 0: +wait is not given */
	const char *expect; /* NULL: any record of the type */
	enum dnsq_policy policy;
};

/* A signing key: -y, -k. */
struct dnsq_key;

/* One line of the command line: what is to be asked. */
struct dnsq_lookup {
	struct dnsq_set set;
	char name[1024];         /* as typed */
	struct dns_name reverse; /* of -x; len 0 without */
	uint16_t type, class;
	uint32_t serial;                   /* of IXFR=serial */
	const char *servers[DNSQ_SERVERS]; /* as typed; n_servers 0: those of resolv.conf */
	unsigned n_servers;
	struct endpoint *endpoints; /* what lookup_resolve() made of them */
	unsigned n_endpoints;
};

struct asker;
struct dnsq;

enum ask_state {
	ASK_READY,
	ASK_UDP,     /* waits for a datagram */
	ASK_TCP,     /* connects, sends or receives */
	ASK_REPLIED, /* the end: reply holds it */
	ASK_FAILED,  /* the end: nobody answered */
};

/* Why a datagram was not taken for the answer. */
enum ignored {
	IGNORED_NOT,
	IGNORED_SHORT,
	IGNORED_SOURCE,
	IGNORED_ID,
	IGNORED_QR,
	IGNORED_OPCODE,
	IGNORED_QUESTION,
	IGNORED_CASE,
	IGNORED_COOKIE,
	IGNORED_CUT,
	IGNORED_LATE, /* to a query that was given up */
	IGNORED_KINDS,
};

struct ask_ignored {
	struct addr from; /* of the first */
	uint16_t port;
	unsigned count;
};

/* A question put to servers one after another, until one answers. */
struct ask {
	/* Given. */
	struct dns_question question;
	const struct dnsq_set *set;
	const struct endpoint *servers;
	unsigned n_servers;
	const struct dnsq_key *key;
	uint32_t serial;             /* IXFR: what we have */
	void (*done)(struct ask *a); /* at the end; may ask anew */
	/*
	 * TCP replies of several messages: called for each. Returns whether that was the last. NULL
	 * where the first is the answer.
	 */
	bool (*more)(struct ask *a);
	void (*on_note)(struct ask *a, const char *note); /* NULL: notes are only kept */
	void (*on_packet)(struct ask *a, bool is_sent, const uint8_t *bytes, size_t len);
	void *arg;
	struct dnsq *dnsq;
	const struct dnsq_lookup *lookup;

	/* What came of it. With a group of responders, server is the one whose reply it is. */
	enum ask_state state;
	uint8_t *reply; /* free with ask_free() */
	size_t reply_len;
	const struct endpoint *server; /* that was asked last */
	bool is_over_tcp;
	uint64_t rtt_ns, wall_ns;
	enum rtt_clock rtt_clock;
	unsigned n_sent, n_messages;
	uint64_t n_octets;            /* of all messages */
	char (*notes)[DNSQ_NOTE_MAX]; /* at most DNSQ_NOTES */
	unsigned n_notes;
	struct ask_ignored ignored[IGNORED_KINDS];
	bool is_unauthentic;      /* TSIG failed */
	const char *cookie_state; /* "good", "bad"; NULL without one */
	const char *dnssec;       /* the verdict of +validate; NULL without one */

	/* The asker's own. */
	struct asker *asker;
	uint8_t *query;
	size_t query_len;
	uint16_t id;
	struct dns_name stirred; /* the name as sent */
	unsigned turn;           /* tries x servers so far */
	bool is_waited, no_edns, no_stir, retries_cookie, wants_tcp, is_tcp_only;
	unsigned edns_version;
	uint8_t client_cookie[8], server_cookie[32];
	unsigned server_cookie_len;
	uint64_t sent_ns, deadline_ns;
	uint64_t tx_wall_ns, rx_wall_ns; /* the kernel's stamps, 0 for none */
	uint64_t sending;                /* number of this datagram, with the id in 16 bits */
	uint64_t turn_end_ns, resend_ns; /* until when, and how often, it is sent again */
	bool is_resent;
	struct port *port;
	struct ask *hash_next, *earlier, *later;
	uint16_t local_port;
	struct addr local;
	struct endpoint responder; /* of a group, while its reply is taken */
	struct conn *conn;         /* TCP, TLS, HTTPS */
	struct ask *conn_next;
	bool is_on_way;
	uint8_t mac[64]; /* TSIG: of the query, then of the last message */
	unsigned mac_len, n_unsigned;
	struct hmac *hmac; /* over what came since the last signature */
};

/* --- dnsq_net.c */

struct asker_opts {
	struct addr source; /* -b; len 0 for any */
	uint16_t source_port;
	unsigned n_ports;    /* UDP sockets to spread questions over */
	bool raw_v4, raw_v6; /* +raw, to servers of that family */
	bool has_stamps;     /* the kernel's, of datagrams: somebody will see the times */
	struct tls_lib *tls; /* NULL where no server is asked by TLS */
};

int must_check asker_new(struct run *run, const struct asker_opts *opts, struct asker **out,
			 struct why *why);
void asker_free(struct asker *k);
/* asker_start() - puts the question of @a, whose given part is filled; done() comes later. */
void asker_start(struct asker *k, struct ask *a);
/* asker_step() - does what is due; returns when to call it again, monotonic ns. */
uint64_t asker_step(struct asker *k);
/* asker_flush() - sends what was started since the last step; false if some must wait. */
bool asker_flush(struct asker *k);
/* asker_stop() - ends all that is open, unanswered. */
void asker_stop(struct asker *k);
/* What exchanges are run for. */
struct asker_aim {
	/* What is to be done after each step of the exchanges; @next_ns: when they go on. NULL. */
	uint64_t (*step)(void *arg, uint64_t next_ns);
	bool (*is_over)(const void *arg); /* true at the latest when the asker is stopped */
	void (*tell_status)(void *arg);
	int (*fd)(const void *arg); /* what else is waited for, -1 for nothing; NULL */
};

/* asker_drive() - runs until @aim is reached, or the run is interrupted, which stops the asker. */
void asker_drive(struct asker *k, const struct asker_aim *aim, void *arg);

/* asker_wait() - runs until @a is over, or the run is interrupted (false). */
bool asker_wait(struct asker *k, struct ask *a);
bool asker_is_stopped(const struct asker *k);
void ask_free(struct ask *a);
/* ask_note() - keeps a line about what happened. */
void ask_note(struct ask *a, const char *fmt, ...) printf_like(2, 3);

/* --- dnsq_query.c */

/* query_build() - the message for @a, with what its fields say by now, to @w. */
void query_build(struct ask *a, struct wr *w);
/* query_client_cookie() - RFC 9018 3: of the server's address under a secret of the run. */
void query_client_cookie(const struct sipkey *key, const struct addr *server, uint8_t *out);

/* --- dnsq_judge.c */

/* judge() - whether a message can be the answer to @a; if not, why. @len octets at @bytes. */
enum ignored judge(const struct ask *a, const struct addr *from, uint16_t port,
		   const uint8_t *bytes, size_t len);
/* judge_cookie() - whether the reply's client cookie is ours; learns the server's. */
bool judge_cookie(struct ask *a, const uint8_t *bytes, size_t len);
const char *ignored_text(enum ignored why);

/* --- dnsq_text.c, dnsq_json.c */

struct batch_opts {
	const char *path; /* "-" is standard input; NULL for no batch */
	uint64_t jobs;    /* questions open at once */
	double qps;       /* questions a second; 0: as fast as it goes */
	bool is_unordered, has_summary;
};

struct dnsq {
	struct run *run;
	struct dnsq_lookup *lookups;
	unsigned n_lookups;
	struct dnsq_lookup global; /* what stands before the first name */
	struct asker_opts net;
	uint16_t port;
	bool has_port;   /* it was given */
	bool names_only; /* -t was given: no word is a type any more */
	const char *key_file;
	struct resolvconf conf;
	const char *hints_file;
	struct roothints hints;
	const char *anchor_file;
	struct trust_anchors *anchors; /* NULL where nothing is validated */
	struct asker *asker;
	struct dnsq_key *key;
	char *command; /* the words of the command line, for dig's first line */
	bool has_greeted;
	struct batch_opts batch;
	int batch_fd;
	const char *decode;   /* the file of +decode */
	struct link *capture; /* it, if it is a capture */
	uint8_t *message;     /* else the message in it */
	size_t message_len;
	struct trace *evidence; /* of --explain, --hex, --pcap */
	struct addr routed;     /* the server whose route was explained last */
	char *space;            /* DNSQ_SPACE octets in which text is made */
};

#define DNSQ_SPACE (16u << 20) /* a message whose names expand most; only what is used is touched */

/* print_reply() - shows a reply; returns the exit status that it deserves. */
int print_reply(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a);
/* reply_status() - that status. @is_whole: the reply could be read to its end. */
int reply_status(const struct dnsq_lookup *l, const struct ask *a, bool is_whole);
/* ask_is_by_tls() - the server of this turn is asked by TLS, or by HTTPS. */
bool ask_is_by_tls(const struct ask *a);
/* ask_proto() - "UDP", "TCP", "TLS" or "HTTPS": a static string. */
const char *ask_proto(const struct ask *a);
/* print_query() - what +qr shows. */
void print_query(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a,
		 const uint8_t *bytes, size_t len);
/* print_text() - text that is built already; nothing in JSON mode. */
void print_text(struct dnsq *d, const struct text *t);
/* text_record() - one record as a line, without its end. Returns as dns_rdata_text(). */
int must_check text_record(struct text *t, const struct dnsq_set *s, const struct dns_record *r,
			   const struct dns_msg *m);
void print_greeting(struct dnsq *d, const struct dnsq_lookup *l, unsigned n_servers);
int json_reply(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a);
/* json_question() - QNAME, QTYPE and the others of a question. */
void json_question(struct rec *j, const struct dns_question *q);
/* text_flags(), text_option_name(), text_option_value() - pieces that text and YAML share. */
void text_flags(struct text *t, uint16_t flags);
void text_option_name(struct text *t, uint16_t code);
void text_option_value(struct text *t, const struct ask *a, uint16_t code, struct rd data);
/* print_yaml() - a message as dig's YAML. Returns whether it could be read to its end. */
bool print_yaml(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a,
		const uint8_t *bytes, size_t len);
extern const struct record_type *const dnsq_records[];
extern const size_t dnsq_n_records;

/* --- dnsq_options.c, dnsq_plus.c */

extern const struct options_tool dnsq_options;
/* lookup_add() - one more name to ask for, with what is for all. Returns 0, E_RANGE, E_MEM. */
int must_check lookup_add(struct dnsq *d, const char *name);
/* lookup_add_reverse() - the same for the name of an address. Returns E_BAD too. */
int must_check lookup_add_reverse(struct dnsq *d, const char *text);
/* lookup_take_type() - whether @word is a type, ixfr=N included, which @l then has. */
bool lookup_take_type(struct dnsq_lookup *l, const char *word);
struct dnsq_set dnsq_set_default(void);
/* plus_parse() - one +word. Returns 0, or E_BAD with @why. */
int must_check plus_parse(struct dnsq_set *set, const char *word, struct why *why);

/* --- dnsq_lookup.c */

/* lookup_resolve() - finds the servers of @l, before the lock-down. Returns 0 or an error. */
int must_check lookup_resolve(struct dnsq *d, struct dnsq_lookup *l, struct why *why);

/* lookup_is_ours() - whether the question, by name, type, class and servers, is in our shard. */
bool lookup_is_ours(const struct dnsq *d, const struct dnsq_lookup *l);

/* lookup_run() - asks, with the search list, and shows what came. Returns the exit status. */
int lookup_run(struct dnsq *d, const struct dnsq_lookup *l);

/* ask_make() - an exchange for @l, not started, that tells its notes and packets as @l wants. */
struct ask ask_make(struct dnsq *d, const struct dnsq_lookup *l, const struct dns_name *name);

/* show_note() - a line about what happened, where the output has place for it. */
void show_note(struct dnsq *d, const struct dnsq_lookup *l, const char *note);

/* lookup_candidates() - the full names to try in turn, at most LOOKUP_CANDIDATES. */
#define LOOKUP_CANDIDATES (RESOLVCONF_SEARCH + 1)
int must_check lookup_candidates(const struct dnsq *d, const struct dnsq_lookup *l,
				 struct dns_name *out, struct why *why);
/* lookup_is_unfound() - the reply says that the next name of the search list is worth a try. */
bool lookup_is_unfound(const struct ask *a);
/* lookup_show() - what came of an exchange. Returns the exit status it deserves. */
int lookup_show(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a);

/* --- dnsq_outcome.c */

extern const struct metric dnsq_metrics[];
extern const struct check_quantity dnsq_quantities[];
/* dnsq_outcome() - what came of a question, with --format=prom and --check. */
void dnsq_outcome(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a, int status);
/* dnsq_has_outcome() - whether one of them was given. */
bool dnsq_has_outcome(const struct dnsq *d);

/* --- dnsq_many.c */

/* many_run() - +compare and +wait. Returns the exit status. */
int many_run(struct dnsq *d, const struct dnsq_lookup *l, const struct dns_name *name);

/* --- dnsq_batch.c */

/* batch_open() - before the lock-down. Returns 0 or E_SYS. */
int must_check batch_open(struct dnsq *d, struct why *why);
/* batch_run() - asks what stands on each line. Returns the worst exit status. */
int batch_run(struct dnsq *d);

/* --- dnsq_tally.c */

/* How each server did, at most 64 of them. */
struct tallies;

/* tallies_new() - none yet; NULL if out of memory. Owns: tallies_free(). */
struct tallies *tallies_new(void);
void tallies_free(struct tallies *t);
/* tallies_add() - one exchange that is over. */
void tallies_add(struct tallies *t, const struct ask *a);
/* tallies_tell() - to standard error, or as records. */
void tallies_tell(const struct tallies *t, struct run *run);
extern const struct record_type dnsq_server_record;

/* --- dnsq_decode.c */

/* decode_open() - the file of +decode, before the lock-down. Returns 0 or an error. */
int must_check decode_open(struct dnsq *d, struct why *why);
/* decode_run() - explains it. Returns the exit status. */
int decode_run(struct dnsq *d);
void decode_close(struct dnsq *d);

/* --- dnsq_evidence.c */

/* evidence_open() - what --explain, --hex and --pcap need, before the lock-down. */
int must_check evidence_open(struct dnsq *d, struct why *why);
/* evidence_add() - a message that was sent or received. */
void evidence_add(struct dnsq *d, struct ask *a, bool is_sent, const uint8_t *bytes, size_t len);

/* --- dnsq_group.c */

/* group_find() - "mdns" or "llmnr" as an endpoint of the family (4 or 6); false for others. */
bool group_find(const char *name, int family, struct endpoint *out);
/* group_run() - asks all who listen there, and shows each reply. Returns the exit status. */
int group_run(struct dnsq *d, const struct dnsq_lookup *l, const struct dns_name *name);

/* --- dnsq_xfr.c */

/* xfr_run() - transfers a zone and shows it, message by message. Returns the exit status. */
int xfr_run(struct dnsq *d, const struct dnsq_lookup *l, const struct dns_name *zone);

/* What a transfer has seen. Spec: RFC 5936 2.2, RFC 1995 4. */
struct xfr {
	uint32_t known, newest; /* serials */
	unsigned n_soa;
	uint64_t n_records;
	bool is_incremental, is_over;
	const char *fault;
};

/* xfr_take() - the next record of the answer. Sets is_over or fault where that ends it. */
void xfr_take(struct xfr *x, const struct dns_question *q, const struct dns_record *r);

#endif
