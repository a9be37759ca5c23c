/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dns - messages of the DNS: read record by record, and written.
 *
 * Layer: wire.
 * Not here: names (wire/dnsname), words (wire/dnstype), the data of records (wire/dnsrdata).
 * Spec: RFC 1035 4.1; RFC 6891 6.1 (OPT); RFC 2181 8 (TTL).
 */
#ifndef PKT_WIRE_DNS_H
#define PKT_WIRE_DNS_H

#include <stdbool.h>

#include "wire/dnsname.h"
#include "wire/dnstype.h"

#define DNS_HDR_LEN 12
#define DNS_UDP_PLAIN 512 /* octets of a datagram without EDNS: RFC 1035 4.2.1 */
#define DNS_MESSAGE_MAX 65535

/* Bits of the second word of the header. */
enum dns_flag {
	DNS_QR = 0x8000,
	DNS_AA = 0x0400,
	DNS_TC = 0x0200,
	DNS_RD = 0x0100,
	DNS_RA = 0x0080,
	DNS_Z = 0x0040,
	DNS_AD = 0x0020,
	DNS_CD = 0x0010,
};

enum dns_section { DNS_QUESTION, DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL, DNS_SECTIONS };

struct dns_question {
	struct dns_name name;
	uint16_t type, class;
};

struct dns_record {
	enum dns_section section;
	struct dns_name name;
	uint16_t type, class;
	uint32_t ttl; /* seconds as on the wire; see dns_ttl() */
	size_t off;   /* of its first octet in the message */
	size_t data_off;
	struct rd data;
};

/* A message being read. */
struct dns_msg {
	struct rd r;
	uint16_t id, flags;
	uint16_t counts[DNS_SECTIONS];
	enum dns_section section; /* of the next thing to read */
	uint16_t left;            /* of that section */
	const char *fault;        /* what is wrong at fault_off; NULL if nothing is so far */
	size_t fault_off;
	bool has_opt; /* an OPT record was read */
};

static inline unsigned dns_opcode(uint16_t flags)
{
	return flags >> 11 & 15;
}

/* dns_msg_open() - reads the header. Returns 0, or E_TRUNC below twelve octets. */
int must_check dns_msg_open(struct dns_msg *m, const void *bytes, size_t len);

/* dns_msg_question() - the next question. Returns 0; E_EOF behind the last; E_TRUNC, E_BAD. */
int must_check dns_msg_question(struct dns_msg *m, struct dns_question *out);

/*
 * dns_msg_record() - the next record of whichever section, questions skipped.
 * Returns: 0; E_EOF behind the last; E_TRUNC or E_BAD where the message breaks the rules, and then
 * m->fault and m->fault_off say what and where.
 */
int must_check dns_msg_record(struct dns_msg *m, struct dns_record *out);

/*
 * dns_msg_skim() - the same for who needs no names: the owner is passed over, out->name is not
 * written, and where it points to is not looked at.
 */
int must_check dns_msg_skim(struct dns_msg *m, struct dns_record *out);

/* dns_msg_is() - the message has one question, and it is this one; @exact: in this very case. */
bool dns_msg_is(const void *bytes, size_t len, const struct dns_question *q, bool exact);

/* dns_ttl() - RFC 2181 8: one with the highest bit set counts as zero. */
static inline uint32_t dns_ttl(uint32_t wire)
{
	return wire & 0x80000000u ? 0 : wire;
}

/* --- EDNS, RFC 6891 */

enum dns_option {
	DNS_OPT_NSID = 3,
	DNS_OPT_SUBNET = 8,
	DNS_OPT_EXPIRE = 9,
	DNS_OPT_COOKIE = 10,
	DNS_OPT_KEEPALIVE = 11,
	DNS_OPT_PADDING = 12,
	DNS_OPT_KEY_TAG = 14,
	DNS_OPT_ERROR = 15,
	DNS_OPT_REPORT = 18,
	DNS_OPT_ZONEVERSION = 19,
};

enum dns_edns_flag { DNS_DO = 0x8000, DNS_CO = 0x4000 };

struct dns_edns {
	bool is_there;
	uint16_t udp_max;
	uint8_t high_rcode, version;
	uint16_t flags;
	struct rd options; /* for dns_option_next() */
};

/* dns_edns_of() - the fields of an OPT record. */
struct dns_edns dns_edns_of(const struct dns_record *opt);

/* dns_msg_edns() - finds the OPT record of a message; is_there is false if there is none. */
struct dns_edns dns_msg_edns(const void *bytes, size_t len);

/* dns_option_next() - the next option; false at the end. E_TRUNC in options->bad if it is cut. */
bool dns_option_next(struct rd *options, uint16_t *code, struct rd *data);

/* dns_rcode_of() - the response code with the eight bits that EDNS adds above. */
unsigned dns_rcode_of(const void *bytes, size_t len);

/* --- writing */

void dns_put_header(struct wr *w, uint16_t id, uint16_t flags, const uint16_t *counts);
void dns_put_question(struct wr *w, const struct dns_question *q);

/* dns_put_record() - owner, type, class, TTL and @len octets of data. */
void dns_put_record(struct wr *w, const struct dns_name *name, uint16_t type, uint16_t class,
		    uint32_t ttl, const void *data, size_t len);

/* dns_put_opt() - the OPT record; @options: @len octets of options. */
void dns_put_opt(struct wr *w, const struct dns_edns *e, const void *options, size_t len);

/* dns_put_option() - one option, into the octets for dns_put_opt(). */
void dns_put_option(struct wr *w, uint16_t code, const void *data, size_t len);

#endif
