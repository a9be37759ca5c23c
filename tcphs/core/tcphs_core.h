/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs_core - the TCP of tcphs as a shared object (build/lib/libtcphs-core.so): IP packets in, IP
 * packets out, on the caller's clock.
 *
 * For drivers outside the project: a script player, a fuzzer, another language. It opens no socket,
 * reads no clock, starts no thread, prints nothing. One object is one connection; objects do not
 * share anything, each belongs to one thread at a time.
 *
 * A driver's loop: hand in a packet or make a call; take tcphs_core_packet_out() until it gives 0;
 * wait until tcphs_core_due_ns() or the next packet; tcphs_core_timer(). Every call takes @now_ns,
 * nanoseconds of a clock that never goes back; where it starts does not matter.
 *
 *	struct tcphs_core *c = tcphs_core_new(4, local, 50000, remote, 80);
 *	tcphs_core_set(c, "isn", 1);
 *	tcphs_core_connect(c, now);
 *	while ((n = tcphs_core_packet_out(c, buf, sizeof(buf), now)) > 0) ...
 */
#ifndef TCPHS_CORE_H
#define TCPHS_CORE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All that is below is visible outside the shared object, and nothing else. */
#pragma GCC visibility push(default)

struct tcphs_core;

/* Errors, as negative numbers. */
#define TCPHS_CORE_BAD (-1)   /* an argument is wrong, or the call has no meaning now */
#define TCPHS_CORE_NOMEM (-2) /* out of memory, or @cap is too small for the packet */

#define TCPHS_CORE_NEVER UINT64_MAX

/*
 * tcphs_core_new() - a closed connection.
 * @family: 4 or 6. @local, @remote: 4 or 16 octets in network order; @remote NULL for one that will
 * listen to anybody. Ports in host order.
 * Owns: free with tcphs_core_free(). Returns NULL if out of memory or @family is neither.
 */
struct tcphs_core *tcphs_core_new(int family, const uint8_t *local, uint16_t local_port,
				  const uint8_t *remote, uint16_t remote_port);

/* tcphs_core_free() - without a packet; NULL is allowed. */
void tcphs_core_free(struct tcphs_core *c);

/*
 * tcphs_core_set() - one setting, before connect or listen.
 * @key: isn, mss, window (octets of the receive buffer), send_buffer, wscale (0-14), want_mss,
 * want_wscale, want_sack, want_ts (0 or 1), ts_offset, nagle (0 or 1), delack_ns, rto_first_ns,
 * rto_min_ns, rto_max_ns, syn_retries, data_retries, time_wait_ns, soft_errors_end_open (0 or 1),
 * ttl.
 * Returns 0, or TCPHS_CORE_BAD for an unknown key, a value out of range, or too late.
 */
int tcphs_core_set(struct tcphs_core *c, const char *key, uint64_t value);

/*
 * tcphs_core_set_cookie() - fast open (RFC 7413): @len 0 asks for a cookie, 4 to 16 (even) octets
 * are used. Write the first octets before tcphs_core_connect(). Returns as tcphs_core_set().
 */
int tcphs_core_set_cookie(struct tcphs_core *c, const uint8_t *cookie, size_t len);

/* The calls of RFC 9293 3.9.1. Returns 0, or TCPHS_CORE_BAD if it means nothing in this state. */
int tcphs_core_connect(struct tcphs_core *c, uint64_t now_ns);
int tcphs_core_listen(struct tcphs_core *c, uint64_t now_ns);
int tcphs_core_close(struct tcphs_core *c, uint64_t now_ns); /* our FIN; reading goes on */
int tcphs_core_abort(struct tcphs_core *c, uint64_t now_ns); /* a RST */

/* tcphs_core_write(), _read() - return the octets taken or given (0 to @len), or an error. */
long tcphs_core_write(struct tcphs_core *c, const void *from, size_t len, uint64_t now_ns);
long tcphs_core_read(struct tcphs_core *c, void *to, size_t cap, uint64_t now_ns);

/*
 * tcphs_core_packet_in() - an IP packet came: TCP, or an ICMP error. Its octets are copied.
 * Returns 1 if it belonged to the connection, else 0: another's, damaged, or no packet at all.
 */
int tcphs_core_packet_in(struct tcphs_core *c, const void *packet, size_t len, uint64_t now_ns);

/*
 * tcphs_core_packet_out() - the next IP packet to be sent now, finished, to @to.
 * Returns its octets, 0 if there is none, or TCPHS_CORE_NOMEM (65,575 octets are always enough);
 * the packet is then lost, as on a wire.
 */
long tcphs_core_packet_out(struct tcphs_core *c, void *to, size_t cap, uint64_t now_ns);

/* tcphs_core_due_ns() - when tcphs_core_timer() is wanted; TCPHS_CORE_NEVER if not. */
uint64_t tcphs_core_due_ns(const struct tcphs_core *c);
void tcphs_core_timer(struct tcphs_core *c, uint64_t now_ns);

/* tcphs_core_state() - "CLOSED", "LISTEN", ... "TIME-WAIT": the words of RFC 9293. Static. */
const char *tcphs_core_state(const struct tcphs_core *c);

/*
 * tcphs_core_end() - "" while it goes on, "graceful", "refused", "reset", "expired", "unreachable",
 * "aborted". Static.
 */
const char *tcphs_core_end(const struct tcphs_core *c);

/* tcphs_core_why() - what the last packet that came in was judged to be, "" for nothing special. */
const char *tcphs_core_why(const struct tcphs_core *c);

size_t tcphs_core_readable(const struct tcphs_core *c); /* octets */
size_t tcphs_core_writable(const struct tcphs_core *c); /* octets there is room for */
int tcphs_core_is_at_end(const struct tcphs_core *c);   /* the peer's FIN came, all was read */

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
