/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define RING_LEN (16u << 20) /* 8192 frames of an ordinary MTU: 80 ms at 100,000 a second */
#define BLOCK_LEN (256u << 10)
#define FRAME_EXTRA 128 /* struct tpacket2_hdr, struct sockaddr_ll, Ethernet header, alignment */
#define SEND_TRIES 50   /* of 1 ms each, while the receiver's backlog is full */

static int set(int fd, int option, const void *value, socklen_t len)
{
	return setsockopt(fd, SOL_PACKET, option, value, len);
}

static int set_int(int fd, int option, int value)
{
	return set(fd, option, &value, sizeof(value));
}

static int read_mtu(struct port *p, const char *name)
{
	struct ifreq req = {0};

	strncpy(req.ifr_name, name, sizeof(req.ifr_name) - 1);
	if (ioctl(p->fd, SIOCGIFMTU, &req) < 0)
		return -1;
	p->mtu = (unsigned)req.ifr_mtu;
	return 0;
}

static int map_ring(struct port *p)
{
	struct tpacket_req req;
	void *ring;

	p->frame_len = 2048; /* a power of two divides BLOCK_LEN */
	while (p->frame_len < p->mtu + FRAME_EXTRA && p->frame_len < BLOCK_LEN)
		p->frame_len *= 2;
	req = (struct tpacket_req){
		.tp_block_size = BLOCK_LEN,
		.tp_block_nr = RING_LEN / BLOCK_LEN,
		.tp_frame_size = (unsigned)p->frame_len,
		.tp_frame_nr = (unsigned)(RING_LEN / p->frame_len),
	};
	if (set_int(p->fd, PACKET_VERSION, TPACKET_V2) < 0 ||
	    set(p->fd, PACKET_RX_RING, &req, sizeof(req)) < 0)
		return -1;
	p->n_frames = req.tp_frame_nr;
	ring = mmap(NULL, RING_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd, 0);
	if (ring == MAP_FAILED)
		return -1;
	p->ring = ring;
	p->ring_len = RING_LEN;
	return 0;
}

int port_open(struct port *p, const char *name, struct why *why)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};

	*p = (struct port){.fd = -1};
	at.sll_ifindex = (int)if_nametoindex(name);
	if (!at.sll_ifindex)
		return why_set(why, E_NOENT, "no interface %s: 'ip link' lists those there are",
			       name);
	/* Protocol 0 until bind: no frame of another interface gets into the ring. */
	p->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (p->fd < 0)
		return why_sys(why, errno == EPERM ? E_PERM : E_SYS,
			       "cannot open a packet socket: run it in a namespace of your own, "
			       "as 'unshare -Urnm' makes one");
	if (read_mtu(p, name) < 0 || set_int(p->fd, PACKET_IGNORE_OUTGOING, 1) < 0 ||
	    set_int(p->fd, PACKET_QDISC_BYPASS, 1) < 0 || map_ring(p) < 0 ||
	    bind(p->fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		int err = why_sys(why, E_SYS, "cannot listen on %s", name);

		port_close(p);
		return err;
	}
	p->slot_len = p->mtu + ETH_HLEN;
	p->slots = malloc(PORT_BATCH * p->slot_len);
	if (p->slots)
		return 0;
	port_close(p);
	return why_set(why, E_MEM, "out of memory");
}

static struct tpacket2_hdr *ring_at(const struct port *p)
{
	return (void *)(p->ring + (size_t)p->next * p->frame_len);
}

bool port_next(struct port *p, struct port_frame *out)
{
	struct tpacket2_hdr *h = ring_at(p);
	uint32_t status = __atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE);

	if (!(status & TP_STATUS_USER))
		return false;
	p->n_received++;
	*out = (struct port_frame){
		.bytes = (uint8_t *)h + h->tp_mac,
		.len = h->tp_snaplen,
		.is_cut = h->tp_snaplen < h->tp_len,
		.has_vlan = status & TP_STATUS_VLAN_VALID,
		.is_csum_partial = status & TP_STATUS_CSUMNOTREADY,
	};
	return true;
}

void port_release(struct port *p)
{
	__atomic_store_n(&ring_at(p)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	p->next = (p->next + 1) % p->n_frames;
}

uint8_t *port_slot(struct port *p)
{
	return p->slots + p->n_slots * p->slot_len;
}

void port_push(struct port *p, size_t len)
{
	p->slot_used[p->n_slots++] = len;
	if (p->n_slots == PORT_BATCH)
		port_flush(p);
}

void port_flush(struct port *p)
{
	struct iovec parts[PORT_BATCH];
	struct mmsghdr msgs[PORT_BATCH] = {0};
	unsigned done = 0, tries = 0;

	for (unsigned i = 0; i < p->n_slots; i++) {
		parts[i] = (struct iovec){p->slots + i * p->slot_len, p->slot_used[i]};
		msgs[i].msg_hdr.msg_iov = &parts[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	while (done < p->n_slots) {
		int n = sendmmsg(p->fd, msgs + done, p->n_slots - done, 0);

		if (n > 0) {
			done += (unsigned)n;
			p->n_sent += (unsigned)n;
			tries = 0;
		} else if ((errno == ENOBUFS || errno == EAGAIN) && ++tries < SEND_TRIES) {
			poll(NULL, 0, 1); /* no event tells when the other side has room again */
		} else if (errno != EINTR) {
			p->n_refused++;
			done++;
			tries = 0;
		}
	}
	p->n_slots = 0;
}

uint64_t port_drops(const struct port *p)
{
	struct tpacket_stats stats = {0};
	socklen_t len = sizeof(stats);

	return getsockopt(p->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) < 0 ? 0 :
										    stats.tp_drops;
}

void port_close(struct port *p)
{
	if (p->ring)
		munmap(p->ring, p->ring_len);
	free(p->slots);
	if (p->fd >= 0)
		close(p->fd);
	*p = (struct port){.fd = -1};
}
