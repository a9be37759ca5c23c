/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcapng - the blocks of a pcapng file, written and read; io/savefile is the door to use.
 *
 * Layer: io.
 * By hand because libpcap does not write the format, and reads neither the direction of a packet
 * nor files whose interfaces differ.
 * Spec: draft-ietf-opsawg-pcapng 4.1 (section header), 4.2 (interface), 4.3 (enhanced packet),
 * 4.4 (simple packet), A (the obsolete packet block, read only).
 */
#ifndef PKT_IO_PCAPNG_H
#define PKT_IO_PCAPNG_H

#include <stdint.h>
#include <stdio.h>

#include "io/savefile.h"

#define PCAPNG_MAGIC 0x0a0d0d0au /* the type of a section header, the same in both byte orders */
#define PCAPNG_COMMENT_MAX 1000  /* octets of a comment that are kept */

/*
 * pcapng_begin() - writes the section header and the one interface, in the byte order of this host.
 * @ifname, @program: NULL if unknown. Errors show in ferror(@f).
 */
void pcapng_begin(FILE *f, uint16_t linktype, const char *ifname, const char *program);

/* pcapng_write() - writes one packet. Errors show in ferror(@f). */
void pcapng_write(FILE *f, const struct savefile_packet *p);

struct pcapng_reader;

/*
 * pcapng_open() - a reader of @f, which stands before the first block and stays the caller's.
 * Owns: free with pcapng_close(). Returns NULL without memory.
 */
struct pcapng_reader *pcapng_open(FILE *f);

/*
 * pcapng_read() - the next packet, without its comment.
 * @out: its octets are valid, and may be changed, until the next read; wall_ns is 0 if unknown.
 * @linktype: of the interface it was captured on.
 * Returns 0, E_EOF, E_TRUNC (the file ends inside a block), E_BAD, E_SYS, E_MEM.
 */
int must_check pcapng_read(struct pcapng_reader *r, struct savefile_packet *out, uint32_t *linktype,
			   struct why *why);

void pcapng_close(struct pcapng_reader *r);

#endif
