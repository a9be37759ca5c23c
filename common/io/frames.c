/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/frames.h"

#include <linux/capability.h>
#include <linux/errqueue.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/num.h"
#include "io/filter.h"
#include "io/priv.h"

#define BATCH 128u       /* as many as the engine takes at once */
#define FRAME_MAX 65568u /* the longest IP packet, its Ethernet header and VLAN tags */
#define TAG_ROOM 4u      /* in front of a frame, for the VLAN tag */
#define SLOT (TAG_ROOM + FRAME_MAX + 28u)
#define CONTROL_MAX 256u
#define KEYS 1024u       /* frames sent whose stamps may be outstanding */
#define RCVBUF (4 << 20) /* wished; the kernel gives what it allows */

struct frames {
	struct link link;
	uint32_t ifindex;
	int group_fd; /* keeps the membership in a group; -1 for none */
	char ifname[IF_NAMESIZE];
	int stamp_flags;     /* SO_TIMESTAMPING */
	uint32_t stamp_kind; /* SCM_TSTAMP_*: of the stamps asked for */
	bool stamps_tx;
	bool is_key_lost;     /* a send failed, and the kernel may have numbered it or not */
	uint32_t next_key;    /* the kernel's number for the next frame sent */
	uint32_t n_unstamped; /* frames sent whose stamp has not come */
	int fault;            /* an errno to report at the next recv */
	uint64_t tags[KEYS];  /* of the frames sent, by key */
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_ll names[BATCH];
	_Alignas(struct cmsghdr) char control[BATCH][CONTROL_MAX];
	uint8_t slots[BATCH][SLOT]; /* 8 MiB, of which the kernel gives the pages that are used */
};

/* --- stamps of what was sent */

static int set_stamping(struct frames *f, int flags)
{
	return setsockopt(f->link.fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags));
}

/*
 * The kernel numbers the frames of a socket; a failed send takes a number or does not, depending
 * on where it failed, which nobody tells. So the numbering begins anew, once no frame with an old
 * number is on its way: then every old stamp is in the error queue, and is read before this call.
 */
static void renumber(struct frames *f)
{
	if (set_stamping(f, f->stamp_flags & ~SOF_TIMESTAMPING_OPT_ID &
				    ~SOF_TIMESTAMPING_OPT_TSONLY) < 0 ||
	    set_stamping(f, f->stamp_flags) < 0)
		return;
	f->next_key = 0;
	f->n_unstamped = 0;
	f->is_key_lost = false;
}

static bool is_any_on_its_way(const struct frames *f)
{
	int octets;

	return ioctl(f->link.fd, SIOCOUTQ, &octets) < 0 || octets > 0;
}

/* --- sending */

static void note_sent(struct frames *f, const struct link_out *out, int sent)
{
	int sys = errno;

	for (int i = 0; i < sent && !f->is_key_lost; i++) {
		f->tags[f->next_key++ % KEYS] = out[i].tag;
		f->n_unstamped++;
	}
	/* Without room in the send buffer no frame is made, so none is numbered. */
	if (sent < 0 && sys != EAGAIN)
		f->is_key_lost = true;
	errno = sys;
}

static void prepare_send(struct frames *f, const struct link_out *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		bool is_v6 = out[i].len && out[i].bytes[0] >> 4 == 6;

		f->iov[i] = (struct iovec){(void *)(uintptr_t)out[i].bytes, out[i].len};
		f->msgs[i].msg_hdr = (struct msghdr){.msg_iov = &f->iov[i], .msg_iovlen = 1};
		if (f->link.layer == LINK_L2)
			continue;
		f->names[i] = (struct sockaddr_ll){
			.sll_family = AF_PACKET,
			.sll_ifindex = (int)f->ifindex,
			.sll_protocol = htons(is_v6 ? ETH_P_IPV6 : ETH_P_IP),
		};
		f->msgs[i].msg_hdr.msg_name = &f->names[i];
		f->msgs[i].msg_hdr.msg_namelen = sizeof(f->names[i]);
	}
}

static int frames_send(struct link *l, const struct link_out *out, unsigned n, struct why *why)
{
	struct frames *f = (struct frames *)l;
	unsigned done = 0, chunk;
	int sent;

	if (f->ifindex == 0)
		return why_set(why, E_UNSUP, "nothing can be sent through all interfaces at once");
	do {
		/* A batch that stops short tells no errno; with stamps it has to be known. */
		chunk = f->stamps_tx ? 1 : n - done < BATCH ? n - done : BATCH;
		prepare_send(f, out + done, chunk);
		sent = sendmmsg(l->fd, f->msgs, chunk, MSG_DONTWAIT);
		if (f->stamps_tx)
			note_sent(f, out + done, sent);
		done += sent > 0 ? (unsigned)sent : 0;
	} while (sent == (int)chunk && done < n);
	if (done)
		return (int)done;
	return why_sys(why, errno == EAGAIN || errno == ENOBUFS ? E_AGAIN : E_SYS,
		       "cannot send on %s", f->ifname);
}

/* --- receiving */

static void prepare_recv(struct frames *f, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		f->iov[i] = (struct iovec){f->slots[i] + TAG_ROOM, FRAME_MAX};
		f->msgs[i].msg_hdr = (struct msghdr){
			.msg_name = &f->names[i],
			.msg_namelen = sizeof(f->names[i]),
			.msg_iov = &f->iov[i],
			.msg_iovlen = 1,
			.msg_control = f->control[i],
			.msg_controllen = CONTROL_MAX,
		};
	}
}

/* The value of a control message of at least @len octets, or NULL. */
static const void *find_control(struct msghdr *m, int level, int type, size_t len)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == level && c->cmsg_type == type && c->cmsg_len >= CMSG_LEN(len))
			return CMSG_DATA(c);
	return NULL;
}

static uint64_t stamp_of(struct msghdr *m)
{
	const struct timespec *ts =
		find_control(m, SOL_SOCKET, SCM_TIMESTAMPING, sizeof(struct scm_timestamping));

	return ts ? (uint64_t)ts->tv_sec * NS_PER_S + (uint64_t)ts->tv_nsec : 0;
}

/* Returns false for a stamp whose frame is not known. */
static bool take_stamp(struct frames *f, unsigned slot, struct link_in *in)
{
	struct msghdr *m = &f->msgs[slot].msg_hdr;
	const struct sock_extended_err *e =
		find_control(m, SOL_PACKET, PACKET_TX_TIMESTAMP, sizeof(*e));

	if (!e || e->ee_info != f->stamp_kind || f->next_key - 1 - e->ee_data >= KEYS)
		return false;
	f->n_unstamped -= f->n_unstamped > 0;
	*in = (struct link_in){
		.kind = LINK_TX,
		.layer = f->link.layer,
		.ifindex = f->ifindex,
		.ttl = -1,
		.wall_ns = stamp_of(m),
		.tag = f->tags[e->ee_data % KEYS],
	};
	return true;
}

/* The room in front of the frame takes the addresses, and the tag goes where they were. */
static void put_tag_back(const struct tpacket_auxdata *aux, uint8_t *frame, struct link_in *in)
{
	memmove(frame - TAG_ROOM, frame, 12);
	put_u16(frame + 8,
		aux->tp_status & TP_STATUS_VLAN_TPID_VALID ? aux->tp_vlan_tpid : ETH_P_8021Q);
	put_u16(frame + 10, aux->tp_vlan_tci);
	in->bytes -= TAG_ROOM;
	in->len += TAG_ROOM;
	in->wire_len += TAG_ROOM;
}

/* Returns false for a frame that an L3 link does not show. */
static bool take_frame(struct frames *f, unsigned slot, struct link_in *in)
{
	const struct sockaddr_ll *name = &f->names[slot];
	struct msghdr *m = &f->msgs[slot].msg_hdr;
	const struct tpacket_auxdata *aux =
		find_control(m, SOL_PACKET, PACKET_AUXDATA, sizeof(*aux));
	uint8_t *frame = f->slots[slot] + TAG_ROOM;
	size_t wire_len = f->msgs[slot].msg_len;
	uint16_t protocol = ntohs(name->sll_protocol);

	if (f->link.layer == LINK_L3 && protocol != ETH_P_IP && protocol != ETH_P_IPV6)
		return false;
	*in = (struct link_in){
		.kind = LINK_PACKET,
		.layer = f->link.layer,
		.bytes = frame,
		.len = wire_len < FRAME_MAX ? wire_len : FRAME_MAX,
		.wire_len = wire_len,
		.ifindex = (uint32_t)name->sll_ifindex,
		.ttl = -1,
		.is_outgoing = name->sll_pkttype == PACKET_OUTGOING,
		.is_csum_partial = aux && aux->tp_status & TP_STATUS_CSUMNOTREADY,
		.wall_ns = stamp_of(m),
	};
	if (aux && aux->tp_status & TP_STATUS_VLAN_VALID && f->link.layer == LINK_L2 &&
	    in->len >= 12)
		put_tag_back(aux, frame, in);
	return true;
}

/* The kernel starts its count again each time it is asked. */
static void count_drops(struct frames *f)
{
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	if (getsockopt(f->link.fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		f->link.drops += stats.tp_drops;
}

static int report_fault(struct frames *f, struct why *why)
{
	errno = f->fault;
	f->fault = 0;
	return why_sys(why, E_SYS, "cannot receive on %s", f->ifname);
}

/*
 * Frames are read before the stamps of sent ones and handed out after them: whatever was answered
 * has left before, so the stamp of its leaving is there by then.
 */
static int frames_recv(struct link *l, struct link_in *in, unsigned cap, struct why *why)
{
	struct frames *f = (struct frames *)l;
	bool wants_stamps = f->n_unstamped || f->is_key_lost, is_quiet;
	unsigned room = cap < BATCH ? cap : BATCH, n = 0;
	unsigned ask = wants_stamps && room > 1 ? room / 2 : room;
	int n_data, n_stamps = 0;

	if (f->fault)
		return report_fault(f, why);
	prepare_recv(f, room);
	n_data = recvmmsg(l->fd, f->msgs, ask, MSG_DONTWAIT | MSG_TRUNC, NULL);
	if (n_data < 0 && errno != EAGAIN && errno != EINTR)
		f->fault = errno;
	if (n_data < 0)
		n_data = 0;
	is_quiet = f->is_key_lost && !is_any_on_its_way(f);
	room -= (unsigned)n_data;
	if (wants_stamps && room)
		n_stamps =
			recvmmsg(l->fd, f->msgs + n_data, room, MSG_ERRQUEUE | MSG_DONTWAIT, NULL);
	if (n_stamps < 0)
		n_stamps = 0;
	for (int i = 0; i < n_stamps; i++)
		n += take_stamp(f, (unsigned)(n_data + i), &in[n]);
	for (int i = 0; i < n_data; i++)
		n += take_frame(f, (unsigned)i, &in[n]);
	if (is_quiet && (unsigned)n_stamps < room)
		renumber(f);
	if ((unsigned)n_data < ask)
		count_drops(f);
	return n == 0 && f->fault ? report_fault(f, why) : (int)n;
}

static void frames_close(struct link *l)
{
	struct frames *f = (struct frames *)l;

	if (f->group_fd >= 0)
		close(f->group_fd);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

/* --- opening */

static int bind_to(struct frames *f, uint16_t protocol)
{
	const struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = (int)f->ifindex,
	};

	return bind(f->link.fd, (const struct sockaddr *)&to, sizeof(to));
}

static int open_socket(struct frames *f, int type)
{
	if (f->link.fd >= 0)
		close(f->link.fd);
	priv_raise(CAP_NET_RAW);
	/* Of protocol 0: nothing is received before the filter is there. */
	f->link.fd = socket(AF_PACKET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	priv_lower(CAP_NET_RAW);
	return f->link.fd < 0 ? -1 : 0;
}

/* Ethernet headers where there are some; elsewhere the kernel takes the link header off. */
static int open_kind(struct frames *f, struct why *why)
{
	struct sockaddr_ll name = {0};
	socklen_t len = sizeof(name);
	struct ifreq ifr = {.ifr_ifindex = (int)f->ifindex};
	bool is_ethernet;

	strcpy(f->ifname, "any interface");
	if (open_socket(f, f->ifindex ? SOCK_RAW : SOCK_DGRAM) < 0)
		return why_sys(why, errno == EPERM ? E_PERM : E_SYS, "cannot open a packet socket");
	if (f->ifindex == 0)
		return 0;
	if (ioctl(f->link.fd, SIOCGIFNAME, &ifr) < 0 || bind_to(f, 0) < 0 ||
	    getsockname(f->link.fd, (struct sockaddr *)&name, &len) < 0)
		return why_sys(why, E_NOENT, "there is no interface %u", f->ifindex);
	memcpy(f->ifname, ifr.ifr_name, sizeof(f->ifname));
	is_ethernet = name.sll_hatype == ARPHRD_ETHER || name.sll_hatype == ARPHRD_LOOPBACK;
	f->link.layer = is_ethernet ? LINK_L2 : LINK_L3;
	if (!is_ethernet && open_socket(f, SOCK_DGRAM) < 0)
		return why_sys(why, E_SYS, "cannot open a packet socket");
	return 0;
}

/* A kernel without stamps is done without; the rest is needed. */
static int set_up(struct frames *f, const struct frames_opts *o, struct why *why)
{
	const struct packet_mreq promisc = {(int)f->ifindex, PACKET_MR_PROMISC, 0, {0}};
	int fd = f->link.fd, on = 1, rcvbuf = RCVBUF;

	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) < 0)
		return why_sys(why, E_SYS, "cannot learn of VLAN tags on %s", f->ifname);
	f->stamp_flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
	f->stamp_kind = o->stamp_queued ? SCM_TSTAMP_SCHED : SCM_TSTAMP_SND;
	if (o->stamp_tx || o->stamp_queued)
		f->stamp_flags |= SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY |
				  (o->stamp_queued ? SOF_TIMESTAMPING_TX_SCHED :
						     SOF_TIMESTAMPING_TX_SOFTWARE);
	if (set_stamping(f, f->stamp_flags) == 0)
		f->stamps_tx = o->stamp_tx || o->stamp_queued;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	if (o->ignore_outgoing &&
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0)
		return why_sys(why, E_SYS, "cannot leave out what %s sends", f->ifname);
	if (o->promisc &&
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promisc, sizeof(promisc)) < 0)
		return why_sys(why, E_SYS, "cannot make %s promiscuous", f->ifname);
	return 0;
}

/*
 * Being in the group lets its frames through the card, and tells snooping switches by MLD, which a
 * packet socket cannot. Where the kernel has no IPv6 the card at least is told.
 */
static void join_group(struct frames *f, const struct addr *group)
{
	struct packet_mreq card = {(int)f->ifindex, PACKET_MR_MULTICAST, 6, {0x33, 0x33}};
	struct ipv6_mreq kernel = {.ipv6mr_interface = f->ifindex};

	memcpy(card.mr_address + 2, group->bytes + 12, 4);
	memcpy(&kernel.ipv6mr_multiaddr, group->bytes, 16);
	(void)setsockopt(f->link.fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &card, sizeof(card));
	if (f->group_fd < 0)
		f->group_fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (f->group_fd >= 0)
		(void)setsockopt(f->group_fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &kernel,
				 sizeof(kernel));
}

int frames_open(const struct frames_opts *opts, struct link **out, struct why *why)
{
	static const struct link_ops ops = {frames_send, frames_recv, frames_close};
	struct frames *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return why_set(why, E_MEM, "out of memory");
	f->link = (struct link){.ops = &ops, .fd = -1, .layer = LINK_L3};
	f->group_fd = -1;
	f->ifindex = opts->ifindex;
	err = open_kind(f, why);
	if (!err)
		err = set_up(f, opts, why);
	for (unsigned i = 0; !err && i < opts->n_groups; i++)
		join_group(f, &opts->groups[i]);
	if (!err && opts->filter)
		err = filter_attach(f->link.fd, opts->filter, f->link.layer, why);
	if (!err && bind_to(f, opts->protocol ? opts->protocol : ETH_P_ALL) < 0)
		err = why_sys(why, E_SYS, "cannot listen on %s", f->ifname);
	if (err < 0) {
		frames_close(&f->link);
		return err;
	}
	*out = &f->link;
	return 0;
}
