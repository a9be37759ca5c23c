/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnstype - the words of the DNS: record types and their fields, classes, opcodes, rcodes, options.
 *
 * Layer: wire.
 * One row a type says what its data consists of; wire/dnsrdata reads and writes by it.
 * Spec: IANA "Domain Name System (DNS) Parameters"; RFC 3597 5 (TYPEn, CLASSn).
 */
#ifndef PKT_WIRE_DNSTYPE_H
#define PKT_WIRE_DNSTYPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_SIG = 24,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DNAME = 39,
	DNS_OPT = 41,
	DNS_DS = 43,
	DNS_RRSIG = 46,
	DNS_NSEC = 47,
	DNS_DNSKEY = 48,
	DNS_NSEC3 = 50,
	DNS_SVCB = 64,
	DNS_HTTPS = 65,
	DNS_TSIG = 250,
	DNS_IXFR = 251,
	DNS_AXFR = 252,
	DNS_ANY = 255,
};

enum dns_class { DNS_IN = 1, DNS_CH = 3, DNS_HS = 4, DNS_NONE = 254, DNS_CLASS_ANY = 255 };

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_NOTAUTH = 9,
	DNS_BADVERS = 16,
	DNS_BADKEY = 17,
	DNS_BADTIME = 18,
	DNS_BADCOOKIE = 23,
};

/*
 * What a piece of record data is. A type's data is a string of these letters, each a piece; see
 * wire/dnsrdata.c for what each looks like.
 */
enum dns_piece {
	DNS_P_A = 'a',       /* IPv4 address */
	DNS_P_AAAA = 'q',    /* IPv6 address */
	DNS_P_NAME = 'n',    /* name, which may be compressed (RFC 1035, RFC 3597 4) */
	DNS_P_NAME_UN = 'N', /* name, never compressed */
	DNS_P_U8 = '1',
	DNS_P_U16 = '2',
	DNS_P_U32 = '4',
	DNS_P_U64 = '8',
	DNS_P_U48 = '6',
	DNS_P_STRING = 's',   /* character-string */
	DNS_P_STRINGS = 'S',  /* one or more, to the end */
	DNS_P_TAG = 't',      /* character-string of letters and digits, without quotes (CAA) */
	DNS_P_REST = 'v',     /* text to the end, in quotes but without length (CAA, URI) */
	DNS_P_TIME = 'T',     /* seconds since 1970 as YYYYMMDDHHMMSS */
	DNS_P_TYPE = 'y',     /* a record type */
	DNS_P_TYPES = 'b',    /* bitmap of types (RFC 4034 4.1.2) */
	DNS_P_NXT = 'x',      /* the older bitmap (RFC 2535 5.2) */
	DNS_P_HEX = 'h',      /* hexadecimal, to the end */
	DNS_P_BASE64 = 'B',   /* base64, to the end */
	DNS_P_BASE64_0 = 'e', /* base64 to the end, "-" when empty (DOA) */
	DNS_P_SALT = '-',     /* hexadecimal behind a length octet, "-" when empty */
	DNS_P_HASH = '3',     /* base32 (extended hex) behind a length octet */
	DNS_P_SIZED = 'o',    /* base64 behind a length of two octets, shown with it */
	DNS_P_RCODE = 'r',    /* a response code (TSIG) */
	DNS_P_EUI = 'E',      /* octets of a MAC address, to the end, joined by "-" */
	DNS_P_GROUPS = 'g',   /* eight octets as four groups of hex (NID, L64) */
	DNS_P_CERT = 'c',     /* kind of certificate (RFC 4398 2.1) */
	DNS_P_ALG = 'k',      /* security algorithm by its name (CERT) */
	DNS_P_NSAP = 'z',     /* 0x and hexadecimal */
	DNS_P_ATMA = 'm',     /* ATM address (AF-SAA-0069.000) */
	DNS_P_LOC = 'L',
	DNS_P_APL = 'P',
	DNS_P_WKS = 'W',
	DNS_P_GATEWAY = 'G', /* IPSECKEY from the gateway type on */
	DNS_P_RELAY = 'R',   /* AMTRELAY from the discovery bit on */
	DNS_P_HIP = 'H',
	DNS_P_A6 = '7',
	DNS_P_PARAMS = 'V', /* SvcParams of SVCB and HTTPS */
	DNS_P_SCHEME = 'd', /* scheme of DSYNC */
};

/* The record types of IANA that have a name. */
struct dns_type_row {
	uint16_t type;
	const char *name;
	const char *pieces; /* NULL: only the generic form (RFC 3597 5) */
};

/* dns_type_row() - the row of a type, or NULL. */
const struct dns_type_row *dns_type_row(uint16_t type);

/*
 * dns_type_fields() - names of the pieces of a type, parted by blanks, one a piece; NULL for types
 * whose pieces have no names here.
 */
const char *dns_type_fields(uint16_t type);

#define DNS_WORD_MAX 32

/*
 * These write a word to @out of DNS_WORD_MAX, a number (TYPE65280, CLASS32, OPCODE9, RCODE15) where
 * there is none, and return @out.
 */
const char *dns_type_text(uint16_t type, char *out);
const char *dns_class_text(uint16_t class, char *out);
const char *dns_opcode_text(unsigned opcode, char *out);
const char *dns_rcode_text(unsigned rcode, char *out);
const char *dns_algorithm_text(unsigned algorithm, char *out);

/* The way back, in any case; numbers too. Returns 0 or E_NOENT. */
int must_check dns_type_parse(const char *word, uint16_t *out);
int must_check dns_class_parse(const char *word, uint16_t *out);
int must_check dns_opcode_parse(const char *word, unsigned *out);
int must_check dns_rcode_parse(const char *word, unsigned *out);
int must_check dns_algorithm_parse(const char *word, unsigned *out);

/* dns_error_text() - of an extended DNS error (RFC 8914): "Stale Answer"; NULL if not known. */
const char *dns_error_text(unsigned code);

/* A word and its number, ended by a NULL name; for other small registries of the DNS. */
struct dns_word {
	uint16_t number;
	const char *name;
};

/* dns_word_text() - the name of @number in @words, or NULL. */
const char *dns_word_text(const struct dns_word *words, unsigned number);

/* dns_word_parse() - the number of @name in @words, in any case. Returns 0 or E_NOENT. */
int must_check dns_word_parse(const struct dns_word *words, const char *name, unsigned *out);

#endif
