/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/sock.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/in6.h>
#include <linux/net_tstamp.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <linux/icmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/priv.h"
#include "io/sock_impl.h"

#define RCVBUF_WANTED (4 << 20)

/* One setsockopt() of an int whose failure is an error with a sentence. */
static int set_int(int fd, int level, int name, int value, const char *what, struct why *why)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)) == 0)
		return 0;
	return why_sys(why, E_SYS, "cannot set %s to %d", what, value);
}

/*
 * A raw socket is handed every process's ICMP. The type filter works before the kernel copies a
 * packet for us, which spares most of the work on loopback; the identifier filter keeps other
 * programs' replies from waking us. The engine still checks all of it.
 */
static int attach_filters(int fd, bool is_v6, uint16_t id, struct why *why)
{
	struct icmp_filter v4_types = {
		.data = ~(1u << ICMP_ECHOREPLY | 1u << ICMP_DEST_UNREACH | 1u << ICMP_REDIRECT |
			  1u << ICMP_TIME_EXCEEDED | 1u << ICMP_PARAMETERPROB),
	};
	struct icmp6_filter v6_types;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH,
			 0), /* X = IP header length; of ICMPv6 there is none, */
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0), /* so the first instruction becomes X = 0 */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, is_v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY, 0,
			 2),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, id, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = {.len = sizeof(code) / sizeof(code[0]), .filter = code};
	int err;

	if (is_v6)
		code[0] = (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, 0);
	ICMP6_FILTER_SETBLOCKALL(&v6_types);
	for (uint8_t type = ICMP6_DST_UNREACH; type <= ICMP6_PARAM_PROB; type++)
		ICMP6_FILTER_SETPASS(type, &v6_types);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &v6_types);
	err = is_v6 ? setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &v6_types, sizeof(v6_types)) :
		      setsockopt(fd, SOL_RAW, ICMP_FILTER, &v4_types, sizeof(v4_types));
	if (err < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0)
		return why_sys(why, E_SYS, "cannot attach the receive filter");
	return 0;
}

/*
 * A raw socket is handed every connection's segments too. A port that is not asked for is masked
 * away, and is 0 then.
 */
static int attach_port_filter(int fd, const struct sock_opts *o, struct why *why)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), /* as above */
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, o->id),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, o->id ? UINT16_MAX : 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, o->n_ids ? o->n_ids : 1, 4, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, o->peer_port ? UINT16_MAX : 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, o->peer_port, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	if (o->is_v6)
		code[0] = (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, 0);
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0)
		return why_sys(why, E_SYS, "cannot attach the receive filter");
	return 0;
}

/* A label must be leased from the kernel before packets may carry it. RFC 6437. */
static int lease_flow_label(int fd, uint32_t label, struct why *why)
{
	struct in6_flowlabel_req req = {
		.flr_label = htonl(label),
		.flr_action = IPV6_FL_A_GET,
		.flr_share = IPV6_FL_S_ANY,
		.flr_flags = IPV6_FL_F_CREATE,
		.flr_dst = IN6ADDR_LOOPBACK_INIT, /* anything but ::, and not compared with */
	};

	if (setsockopt(fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &req, sizeof(req)) < 0)
		return why_sys(why, E_SYS, "cannot lease flow label 0x%05x", label);
	return set_int(fd, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1, "the flow label", why);
}

static int set_pmtu(int fd, const struct sock_opts *o, struct why *why)
{
	static const int v4[] = {
		[SOCK_PMTU_DO] = IP_PMTUDISC_DO,
		[SOCK_PMTU_WANT] = IP_PMTUDISC_WANT,
		[SOCK_PMTU_DONT] = IP_PMTUDISC_DONT,
		[SOCK_PMTU_PROBE] = IP_PMTUDISC_PROBE,
	};

	if (o->pmtu == SOCK_PMTU_DEFAULT)
		return 0;
	if (!o->is_v6)
		return set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, v4[o->pmtu], "path MTU discovery",
			       why);
	if (o->pmtu == SOCK_PMTU_DO || o->pmtu == SOCK_PMTU_PROBE) {
		int err = set_int(fd, IPPROTO_IPV6, IPV6_DONTFRAG, 1, "IPV6_DONTFRAG", why);

		if (err < 0)
			return err;
	}
	/* The IPv6 constants have the values of the IPv4 ones. */
	return set_int(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, v4[o->pmtu], "path MTU discovery", why);
}

static int set_packet_fields(int fd, const struct sock_opts *o, struct why *why)
{
	int level = o->is_v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	int err = 0;

	if (o->ttl >= 0)
		err = set_int(fd, level, o->is_v6 ? IPV6_UNICAST_HOPS : IP_TTL, o->ttl, "the TTL",
			      why);
	if (!err && o->mcast_ttl >= 0)
		err = set_int(fd, level, o->is_v6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL,
			      o->mcast_ttl, "the multicast TTL", why);
	if (!err && o->tos >= 0)
		err = set_int(fd, level, o->is_v6 ? IPV6_TCLASS : IP_TOS, o->tos, "the DSCP octet",
			      why);
	if (!err && o->no_mcast_loop)
		err = set_int(fd, level, o->is_v6 ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP, 0,
			      "multicast loopback", why);
	if (!err && o->is_v6 && o->flow_label)
		err = lease_flow_label(fd, o->flow_label, why);
	if (!err)
		err = set_pmtu(fd, o, why);
	if (!err && !o->is_v6 && o->ip_opts &&
	    setsockopt(fd, IPPROTO_IP, IP_OPTIONS, o->ip_opts, (socklen_t)o->ip_opts_len) < 0)
		err = why_sys(why, E_SYS, "cannot set the IP options");
	return err;
}

static int set_routing(int fd, const struct sock_opts *o, struct why *why)
{
	int level = o->is_v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	int err = 0;

	if (o->ifindex) {
		struct ip_mreqn mreq = {.imr_ifindex = (int)o->ifindex};
		int index = (int)o->ifindex;

		if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, o->ifname,
			       (socklen_t)strlen(o->ifname) + 1) < 0)
			return why_sys(why, E_SYS, "cannot bind to interface %s", o->ifname);
		if (o->is_v6)
			(void)setsockopt(fd, level, IPV6_MULTICAST_IF, &index, sizeof(index));
		else
			(void)setsockopt(fd, level, IP_MULTICAST_IF, &mreq, sizeof(mreq));
	}
	if (o->mark) {
		priv_raise(CAP_NET_RAW);
		err = set_int(fd, SOL_SOCKET, SO_MARK, (int)o->mark,
			      "the packet mark (CAP_NET_RAW or CAP_NET_ADMIN allows it)", why);
		priv_lower(CAP_NET_RAW);
	}
	if (!err && o->broadcast)
		err = set_int(fd, SOL_SOCKET, SO_BROADCAST, 1, "SO_BROADCAST", why);
	if (!err && o->bypass_routing)
		err = set_int(fd, SOL_SOCKET, SO_DONTROUTE, 1, "SO_DONTROUTE", why);
	if (!err && o->debug) {
		priv_raise(CAP_NET_ADMIN);
		err = set_int(fd, SOL_SOCKET, SO_DEBUG, 1, "SO_DEBUG (CAP_NET_ADMIN allows it)",
			      why);
		priv_lower(CAP_NET_ADMIN);
	}
	if (!err && o->sndbuf)
		err = set_int(fd, SOL_SOCKET, SO_SNDBUF, o->sndbuf, "the send buffer", why);
	return err;
}

/* What arrives with each packet: stamps, TTL, errors. What a kernel lacks is done without. */
static void ask_for_details(struct sock *s, const struct sock_opts *o)
{
	int fd = s->link.fd, on = 1, level = o->is_v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	int rcvbuf = o->rcvbuf ? o->rcvbuf : RCVBUF_WANTED;

	if (!o->no_stamps) {
		s->stamp_flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE |
				 SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
				 SOF_TIMESTAMPING_OPT_TSONLY;
		if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &s->stamp_flags, sizeof(int)) < 0)
			s->stamp_flags = 0;
	}
	if (!s->is_raw || o->is_v6) /* raw IPv4 has it in the header */
		(void)setsockopt(fd, level, o->is_v6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL, &on,
				 sizeof(on));
	if (!s->is_raw && !o->no_errors) {
		(void)setsockopt(fd, level, o->is_v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof(on));
		(void)setsockopt(fd, level, o->is_v6 ? IPV6_RECVERR_RFC4884 : IP_RECVERR_RFC4884,
				 &on, sizeof(on));
	}
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
}

/* Binds to the source and learns the identifier: to a ping socket it is what a port is to UDP. */
static int bind_and_name(struct sock *s, const struct sock_opts *o, uint16_t *id_out,
			 struct why *why)
{
	struct addr any = {.len = o->is_v6 ? 16 : 4};
	const struct addr *source = o->source.len ? &o->source : &any;
	struct sockaddr_storage sa;
	socklen_t len = addr_to_sockaddr(source, s->is_raw ? 0 : o->id, &sa);
	char text[ADDR_TEXT_MAX];

	if (s->is_raw && !o->source.len)
		return 0;
	if (bind(s->link.fd, (struct sockaddr *)&sa, len) < 0) {
		if (errno == EADDRINUSE)
			return why_sys(why, E_SYS, "cannot use %u, which another program has",
				       o->id);
		return why_sys(why, E_SYS, "cannot send from %s", addr_text(source, text));
	}
	if (s->is_raw)
		return 0;
	len = sizeof(sa);
	if (getsockname(s->link.fd, (struct sockaddr *)&sa, &len) < 0)
		return why_sys(why, E_SYS, "getsockname");
	*id_out = ntohs(o->is_v6 ? ((struct sockaddr_in6 *)&sa)->sin6_port :
				   ((struct sockaddr_in *)&sa)->sin_port);
	return 0;
}

static int set_up(struct sock *s, const struct sock_opts *o, const enum sock_kind *kind,
		  uint16_t *id_out, struct why *why)
{
	int err = 0;

	*id_out = o->id;
	if (*kind == SOCK_KIND_RAW) {
		while (!*id_out)
			*id_out = (uint16_t)arc4random();
		err = attach_filters(s->link.fd, o->is_v6, *id_out, why);
	} else if (*kind == SOCK_KIND_TCP) {
		err = attach_port_filter(s->link.fd, o, why);
	}
	if (err < 0)
		return err;
	ask_for_details(s, o);
	err = set_routing(s->link.fd, o, why);
	if (!err)
		err = set_packet_fields(s->link.fd, o, why);
	return err ? err : bind_and_name(s, o, id_out, why);
}

static bool kind_is_raw(enum sock_kind kind)
{
	return kind == SOCK_KIND_RAW || kind == SOCK_KIND_IP || kind == SOCK_KIND_TCP;
}

static int proto_of(const struct sock_opts *o, enum sock_kind kind)
{
	switch (kind) {
	case SOCK_KIND_UDP: return IPPROTO_UDP;
	case SOCK_KIND_IP: return IPPROTO_RAW;
	case SOCK_KIND_TCP: return IPPROTO_TCP;
	case SOCK_KIND_AUTO:
	case SOCK_KIND_PING:
	case SOCK_KIND_RAW: break;
	}
	return o->is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
}

static int open_kind(const struct sock_opts *o, enum sock_kind kind)
{
	bool is_raw = kind_is_raw(kind);
	int type = is_raw ? SOCK_RAW : SOCK_DGRAM;
	int fd, on = 1, proto = proto_of(o, kind);

	if (is_raw)
		priv_raise(CAP_NET_RAW);
	fd = socket(o->is_v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, proto);
	if (is_raw)
		priv_lower(CAP_NET_RAW);
	/* IPv4 takes IPPROTO_RAW for this wish; a kernel before 4.15 knows none for IPv6. */
	if (fd >= 0 && kind == SOCK_KIND_IP && o->is_v6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof(on)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_socket(const struct sock_opts *o, enum sock_kind *kind, struct why *why)
{
	static const char *const words[] = {
		[SOCK_KIND_PING] = "ping", [SOCK_KIND_RAW] = "raw", [SOCK_KIND_UDP] = "UDP",
		[SOCK_KIND_IP] = "raw",    [SOCK_KIND_TCP] = "raw",
	};
	int fd;

	*kind = o->kind == SOCK_KIND_AUTO ? SOCK_KIND_PING : o->kind;
	fd = open_kind(o, *kind);
	if (fd < 0 && o->kind == SOCK_KIND_AUTO) {
		*kind = SOCK_KIND_RAW;
		fd = open_kind(o, *kind);
	}
	if (fd >= 0)
		return fd;
	if (errno == EAFNOSUPPORT)
		return why_sys(why, E_SYS, "this kernel has no %s", o->is_v6 ? "IPv6" : "IPv4");
	return why_sys(why, errno == EPERM || errno == EACCES ? E_PERM : E_SYS,
		       "cannot open a %s socket", words[*kind]);
}

static int make_slots(struct sock *s, const struct sock_opts *o)
{
	/*
	 * Room for the message, an IP header with options, and errors that quote up to 1,280
	 * octets.
	 */
	s->slot_len = (o->max_packet + 60 > 1536 ? o->max_packet + 60 : 1536) + 64;
	s->batch = s->slot_len > (1 << 20) / SOCK_BATCH_MAX ? (unsigned)((1 << 20) / s->slot_len) :
							      SOCK_BATCH_MAX;
	s->buffers = malloc(s->batch * s->slot_len);
	s->tags = malloc(SOCK_KEYS * sizeof(*s->tags));
	return s->buffers && s->tags ? 0 : E_MEM;
}

int sock_open(const struct sock_opts *o, struct link **out, uint16_t *id_out,
	      enum sock_kind *kind_out, struct why *why)
{
	struct sock *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return why_set(why, E_MEM, "out of memory");
	s->link = (struct link){.ops = &sock_ops, .fd = -1};
	s->is_v6 = o->is_v6;
	s->flow_label = o->flow_label;
	err = make_slots(s, o);
	if (err < 0) {
		link_close(&s->link);
		return why_set(why, err, "out of memory");
	}
	s->link.fd = open_socket(o, kind_out, why);
	s->is_raw = kind_is_raw(*kind_out);
	s->proto = (uint8_t)proto_of(o, *kind_out);
	err = s->link.fd < 0 ? s->link.fd : set_up(s, o, kind_out, id_out, why);
	if (err < 0) {
		link_close(&s->link);
		return err;
	}
	s->link.layer = *kind_out == SOCK_KIND_IP || (s->is_raw && !o->is_v6) ? LINK_L3 : LINK_L4;
	*out = &s->link;
	return 0;
}
