/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port - frames in and out of one interface, fast: a packet socket with a receive ring that is
 * shared with the kernel, and batched sending.
 *
 * Works unprivileged in a user namespace; a TUN device is for root only on many machines.
 * The ring's memory is not bound by net.core.rmem_max, so a burst waits instead of being lost.
 * Spec: packet(7); Documentation/networking/packet_mmap.rst of Linux (TPACKET_V2: version 3 holds
 * frames back until a block is full or a timer of milliseconds fires).
 */
#ifndef FAKENET_PORT_H
#define FAKENET_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

#define PORT_BATCH 128 /* frames sent by one system call */

struct port {
	int fd;       /* readable when a frame is there */
	unsigned mtu; /* of the interface: octets behind the Ethernet header */
	uint8_t *ring;
	size_t ring_len, frame_len;
	unsigned n_frames, next;
	uint8_t *slots; /* PORT_BATCH frames of slot_len octets on their way out */
	size_t slot_len;
	size_t slot_used[PORT_BATCH];
	unsigned n_slots;
	uint64_t n_received, n_sent;
	uint64_t n_refused; /* frames the kernel would not send, after all tries */
};

/* A frame in the ring, until port_release(). */
struct port_frame {
	uint8_t *bytes; /* may be written to: it is nobody else's copy */
	size_t len;
	bool is_cut;          /* longer than a frame of the ring: segmentation offload is on */
	bool has_vlan;        /* a VLAN tag was stripped from it */
	bool is_csum_partial; /* its TCP or UDP checksum was left to the hardware */
};

/*
 * port_open() - listens on interface @name. Returns 0, E_NOENT (no such interface), E_PERM,
 * E_SYS, E_MEM.
 */
int must_check port_open(struct port *p, const char *name, struct why *why);

/*
 * port_next() - the next frame received; false if none is there now. Each needs a
 * port_release().
 */
bool port_next(struct port *p, struct port_frame *out);
void port_release(struct port *p);

/* port_slot() - room for the next frame to send, slot_len octets; the same until port_push(). */
uint8_t *port_slot(struct port *p);

/*
 * port_push() - the frame in the slot has @len octets and shall go out, by the next port_flush()
 * at the latest.
 */
void port_push(struct port *p, size_t len);
void port_flush(struct port *p);

/* port_drops() - frames the kernel dropped for want of room in the ring since the last call. */
uint64_t port_drops(const struct port *p);

void port_close(struct port *p);

#endif
