/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sock - a socket as a link, with kernel stamps for what leaves and what arrives: ICMP echo by the
 * unprivileged ping socket where the kernel allows it, else by a raw socket; or UDP; or whole IP
 * packets on their way out.
 *
 * Layer: io.
 * Both ICMP kinds behave alike: a packet (LINK_PACKET) is an echo reply for our identifier, LINK_L3
 * on a raw IPv4 socket and LINK_L4 elsewhere; an ICMP error is a LINK_ERROR from the error queue of
 * a ping socket and a LINK_PACKET of a raw one. TX stamps come before the replies they belong to.
 * Spec: RFC 792, RFC 4443; icmp(7), raw(7), ip(7) IP_RECVERR;
 * Documentation/networking/timestamping.
 */
#ifndef PKT_IO_SOCK_H
#define PKT_IO_SOCK_H

#include "io/link.h"

enum sock_kind {
	SOCK_KIND_AUTO, /* ping socket first, raw as fall-back */
	SOCK_KIND_PING,
	SOCK_KIND_RAW,
	SOCK_KIND_UDP,
	SOCK_KIND_IP,  /* sends whole IP packets as they stand, receives none */
	SOCK_KIND_TCP, /* receives TCP segments for its ports, the kernel's as well; 0: any */
};

/* What iputils' -M says: what to do about packets larger than the path takes. */
enum sock_pmtu {
	SOCK_PMTU_DEFAULT,
	SOCK_PMTU_DO,    /* set DF, refuse locally what is too big */
	SOCK_PMTU_WANT,  /* discover, fragment locally when too big */
	SOCK_PMTU_DONT,  /* do not set DF */
	SOCK_PMTU_PROBE, /* set DF, ignore the known path MTU */
};

struct sock_opts {
	bool is_v6;
	enum sock_kind kind;
	/* echo identifier (UDP: local port) wanted; 0 for any. One in use may be refused */
	uint16_t id;
	uint16_t n_ids;      /* SOCK_KIND_TCP: so many ports, from `id` on; 0 means 1 */
	uint16_t peer_port;  /* SOCK_KIND_TCP: only segments from there; 0 for any */
	struct addr source;  /* local address, len 0 for the kernel's choice */
	uint32_t ifindex;    /* only this interface; 0 for any */
	const char *ifname;  /* its name, for SO_BINDTODEVICE; NULL when ifindex is 0 */
	int ttl;             /* TTL or hop limit, -1 for the default */
	int mcast_ttl;       /* the same for multicast destinations, -1 for the default */
	int tos;             /* DSCP and ECN octet, -1 for the default */
	uint32_t flow_label; /* IPv6 flow label, 0 for the kernel's */
	enum sock_pmtu pmtu;
	uint32_t mark;       /* SO_MARK, 0 for none */
	int sndbuf;          /* octets, 0 for the default */
	int rcvbuf;          /* octets, 0 for as much as the kernel lets us have */
	bool broadcast;      /* may send to broadcast addresses */
	bool bypass_routing; /* SO_DONTROUTE */
	bool debug;          /* SO_DEBUG */
	bool no_mcast_loop;
	const uint8_t *ip_opts; /* IPv4 options to send, NULL for none */
	size_t ip_opts_len;
	bool no_stamps;    /* ask for no kernel stamps at all */
	bool no_errors;    /* UDP: leave ICMP errors to others */
	size_t max_packet; /* largest ICMP message expected, octets */
};

/*
 * sock_open() - opens the socket that @opts describe.
 * @out: the link; freed by link_close(). @id_out: the identifier its echo requests must carry, or
 * the local UDP port. @kind_out: what it became, never SOCK_KIND_AUTO.
 * Raises CAP_NET_RAW only around the opening of a raw socket.
 * Returns: 0; E_PERM when no kind is allowed; E_SYS, E_MEM otherwise; @why says what to do.
 */
int must_check sock_open(const struct sock_opts *opts, struct link **out, uint16_t *id_out,
			 enum sock_kind *kind_out, struct why *why);

#endif
