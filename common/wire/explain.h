/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain - a packet read aloud: what each of its octets is, what it says, which RFC tells so.
 *
 * Layer: wire.
 * The fields come in order and tile the packet: each octet belongs to exactly one, whatever the
 * octets are. Octets shared by several fields of the standard are one field with a compound name.
 * Spec: each header's own, named in every field.
 * Not here: how it looks on a terminal (out/explain_text).
 */
#ifndef PKT_WIRE_EXPLAIN_H
#define PKT_WIRE_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/dissect.h"

#define EXPLAIN_VALUE_MAX 80
#define EXPLAIN_MEANING_MAX 400

struct explain_field {
	size_t off, len;   /* octets of the packet; len is at least 1 */
	const char *layer; /* "Ethernet", "IPv4", "ICMP", ...; static */
	unsigned depth;    /* 0; 1 in the packet that an ICMP error quotes, 2 in one quoted there */
	const char *name;  /* the standard's; static, or that of a part */
	char value[EXPLAIN_VALUE_MAX];     /* clean text, may be empty */
	char meaning[EXPLAIN_MEANING_MAX]; /* clean text, may be empty */
	const char *rfc; /* "RFC 791 3.1"; static, "" for octets no standard knows */
};

/* What the caller knows about a piece of the payload, such as ping's cookie. */
struct explain_part {
	size_t off, len; /* octets of the payload */
	const char *name, *meaning;
};

struct explain_packet {
	enum dissect_start start;
	const uint8_t *bytes;
	size_t len;           /* octets at bytes */
	bool is_csum_partial; /* the hardware was to finish the L4 checksum: it is not judged */
	const struct explain_part *parts; /* of the payload, by offset, not overlapping */
	unsigned n_parts;
	bool shows_sums;   /* the IPv4 header's checksum is added up, word by word */
	uint16_t dns_port; /* a port beside 53 that carries DNS, 0 for none */
};

/*
 * explain() - hands the fields of @p to @emit one after another.
 * @emit: gets @arg and a field that is valid during the call only.
 * The parts also name the payload of a quoted packet, as far as it is quoted.
 */
void explain(const struct explain_packet *p, void (*emit)(void *arg, const struct explain_field *f),
	     void *arg);

#endif
