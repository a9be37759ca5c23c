/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link - one small door for packets: send a batch, receive a batch, with the kernel's stamps.
 *
 * Layer: io.
 * Behind it stand a ping or raw socket (io/sock), frames on an interface (io/frames), a capture
 * file (io/savefile) and an in-memory double for tests (io/memlink). The engine sees only this.
 */
#ifndef PKT_IO_LINK_H
#define PKT_IO_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

/* Where the first octet of a packet stands. */
enum link_layer {
	LINK_L2, /* an Ethernet header */
	LINK_L3, /* an IPv4 or IPv6 header */
	LINK_L4, /* the protocol of the socket (ICMP, UDP): no IP header is visible */
};

enum link_kind {
	LINK_PACKET, /* a packet came in (or, on a tap, went out) */
	LINK_ERROR,  /* an ICMP or local error about a packet we sent, from the error queue */
	LINK_TX,     /* the stamp of a packet we sent; no octets */
};

/* A packet to send. The octets belong to the caller and are free again when send returns. */
struct link_out {
	const uint8_t *bytes;
	size_t len;
	struct addr to; /* ignored by an L2 link */
	uint16_t port;  /* UDP: of the destination, host order */
	uint8_t ttl;  /* of this packet alone, 0 for that of the socket; not where octets hold it */
	uint64_t tag; /* the caller's number for it; comes back with its LINK_TX */
};

/* What the error queue says. Spec: ip(7) IP_RECVERR; RFC 4884 for the extension. */
struct link_error {
	int sys;            /* errno that the kernel made of it */
	bool is_local;      /* made by this host's kernel (EMSGSIZE), not by an ICMP message */
	uint8_t type, code; /* of the ICMP message; IPv4 or IPv6 after the family of `from` */
	uint32_t info;      /* next-hop MTU, pointer or gateway, host order */
	size_t ext_off;     /* where the RFC 4884 extension starts in bytes; 0 for none */
};

/* Something that came in. `bytes` stays valid until the next recv on the same link. */
struct link_in {
	enum link_kind kind;
	enum link_layer layer;
	const uint8_t *bytes;
	size_t len;       /* octets at bytes */
	size_t wire_len;  /* octets the packet had; more than len when the buffer was too small */
	struct addr from; /* source, or the sender of the ICMP error */
	uint16_t port; /* UDP: source port of the packet, or where the failed one had been going */
	/*
	 * LINK_PACKET: local address it came to, len 0 if unknown; LINK_ERROR: where the packet had
	 * been going
	 */
	struct addr to;
	uint8_t proto;        /* of a socket's LINK_L4 message: IPPROTO_*; 0 if unknown */
	uint32_t ifindex;     /* interface it came by, 0 if unknown */
	int ttl;              /* TTL or hop limit on arrival, -1 if unknown */
	bool is_outgoing;     /* our host sent it (seen on a tap) */
	bool is_csum_partial; /* its transport checksum was left to the hardware: do not judge it */
	uint64_t wall_ns;     /* the kernel's (or NIC's) CLOCK_REALTIME stamp, 0 if it gave none */
	bool is_hw_stamp;
	uint64_t tag; /* LINK_TX, io/connects: of the packet that was sent */
	struct link_error error;
};

struct link;

struct link_ops {
	/*
	 * Sends @n >= 1 packets in order. Returns how many went out (>= 1), or a negative enum err
	 * for the first, with the errno in why->sys; E_AGAIN when the queue is full for the moment.
	 */
	int (*send)(struct link *l, const struct link_out *out, unsigned n, struct why *why);
	/*
	 * Takes up to @cap things without waiting. Returns how many (0 for none now), E_EOF at the
	 * end of a capture, or another negative enum err.
	 */
	int (*recv)(struct link *l, struct link_in *in, unsigned cap, struct why *why);
	void (*close)(struct link *l);
};

struct link {
	const struct link_ops *ops;
	int fd; /* to poll for input; -1 if never needs waiting */
	enum link_layer layer;
	uint64_t drops; /* packets the kernel dropped for want of room, so far */
};

static inline int must_check link_send(struct link *l, const struct link_out *out, unsigned n,
				       struct why *why)
{
	return l->ops->send(l, out, n, why);
}

static inline int must_check link_recv(struct link *l, struct link_in *in, unsigned cap,
				       struct why *why)
{
	return l->ops->recv(l, in, cap, why);
}

/* link_close() - frees @l and everything behind it; NULL is allowed. */
static inline void link_close(struct link *l)
{
	if (l)
		l->ops->close(l);
}

#endif
