/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcp - the TCP header and its options.
 *
 * Layer: wire.
 * Spec: RFC 9293 3.1, 3.2 (header, MSS), RFC 7323 2, 3 (window scale, timestamps), RFC 2018
 * (SACK), RFC 7413 4.1.1 (fast open), RFC 2385 (MD5), RFC 5482 (user timeout), RFC 5925 2.2 (AO).
 */
#ifndef PKT_WIRE_TCP_H
#define PKT_WIRE_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* The names differ from the TH_ macros of <netinet/tcp.h> and <libnet.h> on purpose. */
enum tcp_flag {
	TCP_F_FIN = 0x001,
	TCP_F_SYN = 0x002,
	TCP_F_RST = 0x004,
	TCP_F_PSH = 0x008,
	TCP_F_ACK = 0x010,
	TCP_F_URG = 0x020,
	TCP_F_ECE = 0x040,
	TCP_F_CWR = 0x080,
	TCP_F_AE = 0x100, /* RFC 9768; once NS */
};

struct tcp_hdr {
	uint16_t src_port, dst_port;
	uint32_t seq, ack;
	uint8_t hdr_len;  /* octets, 20 to 60 */
	uint8_t reserved; /* the three bits before the flags */
	uint16_t flags;   /* enum tcp_flag */
	uint16_t window;  /* octets, not scaled */
	uint16_t csum;
	uint16_t urgent;
	const uint8_t *opts; /* in the packet */
	uint8_t opts_len;
};

/*
 * tcp_parse() - reads header and options; @r is left at the payload.
 * Returns: 0; E_TRUNC; E_BAD for a header length below 20.
 */
int must_check tcp_parse(struct rd *r, struct tcp_hdr *out);

enum tcp_opt_kind {
	TCP_OPT_END = 0,
	TCP_OPT_NOP = 1,
	TCP_OPT_MSS = 2,
	TCP_OPT_WSCALE = 3,
	TCP_OPT_SACK_OK = 4,
	TCP_OPT_SACK = 5,
	TCP_OPT_TIMESTAMP = 8,
	TCP_OPT_MD5 = 19,
	TCP_OPT_USER_TIMEOUT = 28,
	TCP_OPT_AO = 29,
	TCP_OPT_FAST_OPEN = 34,
};

#define TCP_SACKS_MAX 4

struct tcp_opt {
	uint8_t kind;
	uint8_t len;         /* octets, kind and length included; END takes all that is left */
	const uint8_t *data; /* what follows kind and length, len - 2 octets (len - 1 for END) */
	uint8_t data_len;
	bool is_bad;             /* the length breaks the option's own rule: nothing below is set */
	uint16_t mss;            /* MSS, octets */
	uint8_t wscale;          /* WSCALE, bits to shift; above 14 counts as 14 (RFC 7323 2.3) */
	uint32_t ts_val, ts_ecr; /* TIMESTAMP */
	uint8_t n_sacks;         /* SACK */
	struct {
		uint32_t left, right; /* sequence numbers; right is one past the block */
	} sacks[TCP_SACKS_MAX];
};

/*
 * tcp_opt_next() - steps to the next option: start with rd_make(h->opts, h->opts_len).
 * Returns: 1 with @out filled; 0 at the end; E_BAD if an option's length leaves the header.
 */
int must_check tcp_opt_next(struct rd *r, struct tcp_opt *out);

#endif
