/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_net_impl - what the exchanges as such (dnsq_net.c, dnsq_reply.c, dnsq_wait.c), those by
 * datagrams (dnsq_udp.c) and those over connections (dnsq_stream.c) share.
 *
 * Layer: tool; private to these.
 */
#ifndef PKT_DNSQ_NET_IMPL_H
#define PKT_DNSQ_NET_IMPL_H

#include "build/pkt.h"
#include "dnsq.h"

#define HEADS 4096u /* of the hash table, a power of two */

/* What an epoll event is about: its first member tells. */
enum kind { KIND_PORT, KIND_CONN };

#define QUEUE 64u /* datagrams that go to the kernel in one call */

struct port {
	struct link *link;
	uint16_t number;
	bool is_v6;
	struct ask *queue[QUEUE]; /* to be sent at the end of the step */
	unsigned n_queued;
};

#define PEERS 256u /* servers whose times are remembered, a power of two */

/* How long a server takes to reply: RFC 6298. */
struct peer {
	struct addr addr;
	uint16_t port;
	uint64_t srtt_ns, var_ns; /* 0 until it has replied */
};

#define LATE 256u

/* A datagram that was given up; its reply may come all the same. */
struct late {
	const struct ask *ask; /* whose it was: to compare with, it may be gone */
	uint16_t port, id;
};

struct conn;

struct asker {
	struct run *run;
	struct asker_opts opts;
	int epoll;
	struct port *ports;
	unsigned n_ports;
	struct ask *heads[HEADS];
	struct ask *first, *last; /* by deadline */
	struct sipkey secret;     /* of client cookies */
	uint64_t n_sendings;
	struct port raw[2]; /* of +raw: IPv4, IPv6; link NULL where it is not used */
	struct pkt *builder;
	struct conn *conns; /* that are open */
	struct peer peers[PEERS];
	struct late late[LATE]; /* a ring */
	unsigned n_late;
	bool is_stopped;
};

/*
 * net_build() - the query for the server of this turn, into a->query. Returns 0, E_FULL or E_MEM.
 */
int must_check net_build(struct asker *k, struct ask *a);
/* net_mark_sent() - starts the clock of the query. */
void net_mark_sent(struct asker *k, struct ask *a);
/* net_finish() - the end of the exchange; @a may be gone or asked anew when this returns. */
void net_finish(struct asker *k, struct ask *a, enum ask_state state);
/* net_fail_turn() - this server will not reply, by the errno @sys (0: end of file). */
void net_fail_turn(struct asker *k, struct ask *a, int sys);
/* net_fail_turn_for() - the same for another reason. */
void net_fail_turn_for(struct asker *k, struct ask *a, const char *reason);
/* net_give_up_turn() - the next server, without a word. */
void net_give_up_turn(struct asker *k, struct ask *a);
/* net_ask_again() - the same server once more, in the way that @a now says. */
void net_ask_again(struct asker *k, struct ask *a);
/* net_list_until() - the place of @a by its deadline, monotonic ns. */
void net_list_until(struct asker *k, struct ask *a, uint64_t deadline_ns);
/* net_note_trouble() - "communications error to ADDR#PORT: @what". */
void net_note_trouble(struct ask *a, const char *what);
/* net_take() - a message that was judged to be for @a. */
void net_take(struct asker *k, struct ask *a, const uint8_t *bytes, size_t len);
void net_count_ignored(struct ask *a, enum ignored why, const struct addr *from, uint16_t port);

/* net_watch_port() - what @p has to tell is heard. Returns 0 or E_SYS. */
int must_check net_watch_port(struct asker *k, struct port *p, struct why *why);

/* raw_open() - what +raw needs, before the lock-down. Returns 0; E_PERM, E_SYS, E_MEM. */
int must_check raw_open(struct asker *k, struct why *why);
void raw_close(struct asker *k);
/* raw_send() - the query of @a as an IP packet. Returns 0 or an error, why->sys its errno. */
int must_check raw_send(struct asker *k, const struct ask *a, struct why *why);

/* udp_start() - a datagram to the server of this turn. */
void udp_start(struct asker *k, struct ask *a);
/* udp_resend() - the same datagram once more; the reply to either will do. */
void udp_resend(struct asker *k, struct ask *a);
/* udp_expect_late() - a reply to the datagram of @a may come when nobody waits for it any more. */
void udp_expect_late(struct asker *k, const struct ask *a);
/* udp_leave() - no datagram is for @a any more. */
void udp_leave(struct asker *k, struct ask *a);
/* udp_read() - takes what has come to a port. */
void udp_read(struct asker *k, const struct port *p);
/* udp_learn_rtt() - what the reply to @a tells of how fast its server is. */
void udp_learn_rtt(struct asker *k, const struct ask *a);

/* stream_start() - connects to the server of this turn. */
void stream_start(struct asker *k, struct ask *a);
/* stream_event() - what epoll says of the connection, in EPOLL bits. */
void stream_event(struct asker *k, struct conn *c, uint32_t events);
/* stream_leave() - @a waits on no connection any more; one that nobody else needs is closed. */
void stream_leave(struct asker *k, struct ask *a);
void stream_close_all(struct asker *k);

#endif
