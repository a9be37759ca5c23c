/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * savefile - packets to a capture file that Wireshark opens, and packets out of one.
 *
 * Layer: io.
 * Written: pcap with nanoseconds, or, if the name ends in ".pcapng", pcapng with direction and a
 * comment on each packet. Read: both, in either byte order and any resolution of time.
 * Spec: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
#ifndef PKT_IO_SAVEFILE_H
#define PKT_IO_SAVEFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/link.h"

struct savefile;

struct savefile_opts {
	enum link_layer layer; /* what every packet begins with: LINK_L2 or LINK_L3 */
	const char *ifname;    /* of the interface, NULL if unknown or more than one; pcapng only */
	const char *program;   /* "ping 0.1.0"; pcapng only */
};

enum savefile_way {
	SAVE_UNKNOWN,
	SAVE_IN,
	SAVE_OUT,
};

struct savefile_packet {
	uint64_t wall_ns; /* CLOCK_REALTIME */
	const uint8_t *bytes;
	size_t len;      /* octets at bytes; all of them are saved */
	size_t wire_len; /* octets the packet had, >= len */
	enum savefile_way way;
	const char *comment; /* UTF-8, sanitised here; NULL for none; pcapng only */
};

/*
 * savefile_open() - creates or empties the file; "-" is standard output.
 * Call before the lock-down: nothing is opened or renamed later.
 * Owns: end with savefile_close(). Returns 0, E_SYS (why->sys is the errno), E_MEM.
 */
int must_check savefile_open(const char *path, const struct savefile_opts *opts,
			     struct savefile **out, struct why *why);

/* savefile_write() - one packet more. Returns 0, or E_SYS: it is lost, and so are later ones. */
int must_check savefile_write(struct savefile *s, const struct savefile_packet *p, struct why *why);

/* savefile_flush() - hands to the kernel all that was written. Returns 0 or E_SYS. */
int must_check savefile_flush(struct savefile *s, struct why *why);

/* savefile_close() - flushes, frees @s (NULL: nothing). Returns 0, or E_SYS if a write failed. */
int must_check savefile_close(struct savefile *s, struct why *why);

/*
 * savefile_read() - a link over a capture file; "-" is standard input.
 * It hands out one packet a recv, as L2 (Ethernet) or L3 (raw IP, loopback, Linux cooked); a cooked
 * packet that is not IP gets an Ethernet header with what the capture knows of it. Whether a packet
 * is outgoing is known from cooked and pcapng captures. send is not supported.
 * The recv returns E_EOF at the end; E_TRUNC or E_BAD where the file is cut or damaged; E_UNSUP
 * for a link type other than those.
 * Owns: free with link_close(). Returns 0, E_SYS, E_BAD (no capture file), E_UNSUP, E_MEM.
 */
int must_check savefile_read(const char *path, struct link **out, struct why *why);

#endif
