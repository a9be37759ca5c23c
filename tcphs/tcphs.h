/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs - what its parts share: the options, the connection and what carries it, what is sent and
 * what is kept of the answer.
 */
#ifndef PKT_TCPHS_TCPHS_H
#define PKT_TCPHS_TCPHS_H

#include <string.h>

#include "cli/tool.h"
#include "cli/trace.h"
#include "engine/flow.h"
#include "engine/phantom_port.h"
#include "io/guard.h"

#define TCPHS_PACKET_MAX 65600u
#define TCPHS_HEADER_MAX 16384u /* octets of an HTTP header that are looked at */
#define TCPHS_PATH_MAX 3000u    /* octets of --http, so that a request holds it */
#define TCPHS_WORDS 3u
#define TCPHS_PORTS 16u /* of a series; then the first is used again */

enum tcphs_exit {
	TCPHS_EXIT_REFUSED = 3,
	TCPHS_EXIT_UNREACHABLE = 4,
	TCPHS_EXIT_RESET = 5, /* after the handshake */
	TCPHS_EXIT_NOT_GRACEFUL = 6,
	TCPHS_EXIT_UNEXPECTED = 7, /* --expect */
};

enum tcphs_mode {
	MODE_CONNECT,
	MODE_LISTEN,
	MODE_PROBE,
	MODE_LADDER,
};

/* Who says FIN, and when. */
enum tcphs_close {
	CLOSE_DEFAULT,      /* passive with --http, else active */
	CLOSE_ACTIVE,       /* when our octets are acknowledged (--http: the reply is complete) */
	CLOSE_PASSIVE,      /* after the peer */
	CLOSE_HALF,         /* right behind our octets; then the reply is read */
	CLOSE_SIMULTANEOUS, /* crossing the peer's */
	CLOSE_ABORT,        /* a RST when our octets are acknowledged */
	CLOSE_NONE,         /* go away without a word */
};

struct tcphs_opts {
	enum tcphs_mode mode;
	const char *words[TCPHS_WORDS];
	unsigned n_words;
	const char *host; /* as typed; of ladder: the file */
	uint16_t port;
	const char *ifname;
	struct addr source; /* len 0: chosen by the route */
	uint16_t source_port;
	const char *data, *send, *http, *output;
	enum tcphs_close close;
	const char *expect;
	struct addr phantom; /* --phantom; len 0: none */
	char phantom_mac[24];
	char peer_text[ADDR_TEXT_MAX]; /* listen: the host, once it is known */
	bool is_dad_fast;
	bool output_is_free; /* standard output is not the reply's */
	enum guard_method guard;
	bool is_absolute, wants_states, has_mss, no_mss, has_isn, has_wscale;
	struct tcb_config tcp; /* what the options say of it; the rest is set by tcphs_open */
	uint8_t ttl, tos;
};

/* What was sent or received, for a line of the ladder. */
struct tcphs_step {
	bool is_outgoing;
	const struct tcb_seg *seg;
	uint64_t at_ns; /* monotonic */
	enum tcb_why why;
	enum tcb_state before;
};

/* The reply, octet by octet. */
struct tcphs_reply {
	int fd;          /* -o; -1: none */
	bool is_lost;    /* it could not be written */
	uint64_t octets; /* of the body with --http, else all */
	bool is_http, is_header_over;
	char header[TCPHS_HEADER_MAX];
	size_t header_len;
	int status; /* of HTTP, 0: none */
	bool has_length;
	uint64_t length; /* Content-Length */
};

struct tcphs {
	struct tcphs_opts opts;
	struct run *run;
	struct trace *trace;
	struct pkt *builder;
	struct flow flow;
	struct flow_ip ip;
	struct tcb tcb;
	struct guard guards[TCPHS_PORTS];
	unsigned n_guards;
	struct guard *guard; /* of the connection that is under way */
	uint32_t prevented;  /* by that guard, before this connection */
	struct sipkey isn_key;
	uint64_t n_connections; /* begun so far */
	const char *result;     /* of the last: open, refused, ... */
	struct link *link;      /* of a phantom: its frames */
	struct phantom host;    /* n == 0: we speak from an address of our own */
	struct iface iface;     /* of the phantom */
	struct route route;
	struct tcphs_reply reply;
	int send_fd; /* --send; -1: none */
	char request[4096];
	const char *pending; /* octets to be written before those of send_fd */
	size_t pending_len;
	uint64_t start_ns, deadline_ns, idle_due_ns, neigh_due_ns;
	uint64_t late_ns;       /* the longest that a segment has waited for us */
	uint64_t linger_due_ns; /* closed, but copies of segments may still come; 0: not closed */
	uint8_t shown_state;    /* in the ladder's last line */
	bool is_started;
	uint64_t syn_wall_ns, rtt_ns;
	bool is_rtt_known, is_over, is_stopped, is_late, is_fin_sent, is_input_over;
	bool has_neighbour_failed;
	uint32_t corrupt;
	/* The ICMP error that was believed last. */
	bool has_icmp;
	uint8_t icmp_type, icmp_code;
	int peer_ttl;
	struct why why; /* why it broke, when is_broken */
	bool is_broken;
	struct why unsent; /* why a segment stayed here, if one did */
	bool has_sent;     /* one got out */
};

/* tcphs_options.c: the command line. */
extern const struct options_tool tcphs_options;

/* tcphs_open.c: who, from where, by what. */

/* tcphs_open() - all that needs a privilege, a file or a name. Returns 0, or an error with @why. */
int must_check tcphs_open(struct tcphs *t, struct why *why);
void tcphs_close(struct tcphs *t);

/*
 * tcphs_renew() - another connection to the same peer, from the next port; what is open stays.
 * Returns 0, or an error with @why.
 */
int must_check tcphs_renew(struct tcphs *t, struct why *why);

/* tcphs_run.c: the connection. */

/* tcphs_connect_run() - from the first segment to the verdict; returns the exit status. */
int tcphs_connect_run(struct tcphs *t);

/* tcphs_series.c: several, one after the other. */

/*
 * tcphs_series_run() - as many connections as --count says, and what came of them all. Returns the
 * exit status of the first that was not done as asked, else 0.
 */
int tcphs_series_run(struct tcphs *t);
extern const struct record_type tcphs_totals_record;

/* tcphs_phantom.c: an address that is not ours. */

/* tcphs_phantom_open() - @filter: the connection's packets. Returns 0, or an error with @why. */
int must_check tcphs_phantom_open(struct tcphs *t, const char *filter, struct why *why);

/* tcphs_phantom_step() - what is due; returns whether the connection may begin and go on. */
bool tcphs_phantom_step(struct tcphs *t, uint64_t now_ns);

/* tcphs_data.c: the octets that go and come. */
void tcphs_feed(struct tcphs *t);  /* writes what there is room for */
void tcphs_drink(struct tcphs *t); /* reads what has come */
/* tcphs_is_reply_complete() - by its Content-Length; false while that is not known. */
bool tcphs_is_reply_complete(const struct tcphs *t);

/* tcphs_ladder.c: a line, or a record, for each segment. */
void tcphs_ladder_head(struct tcphs *t);
void tcphs_ladder_step(struct tcphs *t, const struct tcphs_step *step);
void tcphs_ladder_icmp(struct tcphs *t, const struct flow_news *news, bool is_believed);
extern const struct record_type tcphs_segment_record, tcphs_icmp_record;

/* The pieces of a line: "SA" to @out of 12 octets; "--S--->"; " <mss 1460,...>"; "[fd00::1]:80". */
const char *tcphs_flags_text(uint16_t flags, char *out);
void tcphs_arrow(bool is_forward, uint16_t flags, struct text *out);
/* @base: what the SACK blocks count from. @is_long: timestamps with their values. */
void tcphs_options_text(const struct tcb_opts *o, uint16_t flags, bool is_long, uint32_t base,
			struct text *out);
const char *tcphs_end_text(const struct addr *a, uint16_t port, char *out, size_t cap);

/* tcphs_file.c: the connections of a capture. */
int tcphs_file_run(struct tcphs *t);
extern const struct record_type tcphs_drawn_record;

/* tcphs_result.c: what it all came to. */

/* tcphs_result() - the RESULT line and the summary record; returns the exit status. */
int tcphs_result(struct tcphs *t);

/* tcphs_outcome.c: for those who watch over it. */
extern const struct metric tcphs_metrics[];
extern const struct check_quantity tcphs_quantities[];
/* tcphs_outcome() - what it came to, with --format=prom and --check. */
void tcphs_outcome(struct tcphs *t, const char *result, const char *reason, int status);

/* tcphs_prevented() - RSTs of the kernel that this connection would have had; false if unknown. */
bool tcphs_prevented(const struct tcphs *t, uint32_t *out);

/* tcphs_icmp_word() - nmap's word for an ICMP error. */
const char *tcphs_icmp_word(bool is_v6, uint8_t type, uint8_t code);
extern const struct record_type *const tcphs_records[];
extern const size_t tcphs_n_records;

#endif
