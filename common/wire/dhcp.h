/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcp - the DHCPv4 message: its fixed part and its options, read and written.
 *
 * Layer: wire.
 * Options stand in three places, read in this order: the options field, then `file`, then `sname`,
 * the last two only if option 52 says so. An option may come in several pieces, which belong
 * together (RFC 3396). Pointers point into the message.
 * Spec: RFC 2131 2 and 4.1, RFC 2132 9.3 (overload), RFC 3396 (long options).
 * Not here: what an option's octets mean (wire/dhcp_option.h); which message may carry what.
 */
#ifndef PKT_WIRE_DHCP_H
#define PKT_WIRE_DHCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bytes.h"

#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68
#define DHCP_COOKIE 0x63825363u /* RFC 2131 3 */
#define DHCP_FIXED_LEN 236      /* octets before the cookie */
#define DHCP_CHADDR_LEN 16
#define DHCP_SNAME_LEN 64
#define DHCP_FILE_LEN 128
#define DHCP_MIN_LEN 300 /* RFC 951 3: relays exist that drop what is shorter */
#define DHCP_FLAG_BROADCAST 0x8000
#define DHCP_INFINITE UINT32_MAX /* as a time, RFC 2131 3.3 */
#define DHCP_VALUE_MAX 4096      /* octets of one option, all its pieces together */

enum dhcp_op { DHCP_BOOTREQUEST = 1, DHCP_BOOTREPLY = 2 };

/* Option 53, RFC 2132 9.6. */
enum dhcp_type {
	DHCP_NO_TYPE,
	DHCP_DISCOVER,
	DHCP_OFFER,
	DHCP_REQUEST,
	DHCP_DECLINE,
	DHCP_ACK,
	DHCP_NAK,
	DHCP_RELEASE,
	DHCP_INFORM,
	DHCP_FORCERENEW, /* RFC 3203 */
};

/* The options that the code speaks of; their names and kinds are in wire/dhcp_option.c. */
enum dhcp_code {
	DHCP_OPT_PAD = 0,
	DHCP_OPT_MASK = 1,
	DHCP_OPT_ROUTER = 3,
	DHCP_OPT_DNS = 6,
	DHCP_OPT_HOSTNAME = 12,
	DHCP_OPT_DOMAIN = 15,
	DHCP_OPT_MTU = 26,
	DHCP_OPT_BROADCAST = 28,
	DHCP_OPT_STATIC_ROUTES = 33,
	DHCP_OPT_NTP = 42,
	DHCP_OPT_REQUESTED_IP = 50,
	DHCP_OPT_LEASE = 51,
	DHCP_OPT_OVERLOAD = 52,
	DHCP_OPT_TYPE = 53,
	DHCP_OPT_SERVER_ID = 54,
	DHCP_OPT_PARAMETERS = 55,
	DHCP_OPT_MESSAGE = 56,
	DHCP_OPT_MAX_SIZE = 57,
	DHCP_OPT_T1 = 58,
	DHCP_OPT_T2 = 59,
	DHCP_OPT_VENDOR_CLASS = 60,
	DHCP_OPT_CLIENT_ID = 61,
	DHCP_OPT_TFTP_SERVER = 66,
	DHCP_OPT_BOOTFILE = 67,
	DHCP_OPT_USER_CLASS = 77,
	DHCP_OPT_RAPID_COMMIT = 80,
	DHCP_OPT_FQDN = 81,
	DHCP_OPT_V6ONLY = 108,
	DHCP_OPT_CAPTIVE = 114,
	DHCP_OPT_DOMAIN_SEARCH = 119,
	DHCP_OPT_CLASSLESS_ROUTES = 121,
	DHCP_OPT_DNR = 162,
	DHCP_OPT_MS_ROUTES = 249,
	DHCP_OPT_END = 255,
};

enum dhcp_where { DHCP_IN_OPTIONS, DHCP_IN_FILE, DHCP_IN_SNAME };

/* The fixed part. Addresses are IPv4, all zero for none. */
struct dhcp_head {
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags;
	struct addr ciaddr, yiaddr, siaddr, giaddr;
	uint8_t chaddr[DHCP_CHADDR_LEN];
};

struct dhcp_msg {
	struct dhcp_head head;
	const uint8_t *sname, *file; /* DHCP_SNAME_LEN and DHCP_FILE_LEN octets */
	const uint8_t *options;      /* behind the cookie */
	size_t options_len;          /* octets, up to the end of the message */
	uint8_t overload;            /* 0 to 3: bit 0 `file`, bit 1 `sname` hold options */
	enum dhcp_type type;         /* DHCP_NO_TYPE if option 53 is missing or not one octet */
};

/* One piece of an option, where it stands. */
struct dhcp_piece {
	uint8_t code;
	enum dhcp_where where;
	const uint8_t *data;
	size_t len; /* octets at data, 0 to 255 */
};

/* Walks the pieces of a message; dhcp_pieces() makes one. */
struct dhcp_walk {
	const struct dhcp_msg *msg;
	enum dhcp_where where;
	struct rd rd;
};

/* An option with all its pieces. */
struct dhcp_value {
	const uint8_t *data; /* in the message, or in `joined` */
	size_t len;
	unsigned n_pieces;
	enum dhcp_where where;          /* of the first piece */
	uint8_t joined[DHCP_VALUE_MAX]; /* of several pieces */
};

/*
 * dhcp_parse() - reads a message, the payload of a UDP datagram.
 * Every option is stepped over once: a length that leaves its field breaks the message.
 * Returns: 0; E_TRUNC for less than the fixed part and a cookie; E_UNSUP for another cookie (BOOTP,
 * RFC 951); E_BAD for an option that ends outside its field.
 */
int must_check dhcp_parse(const void *bytes, size_t len, struct dhcp_msg *out);

/* dhcp_pieces() - before the first piece of @m, which lives as long as the walk. */
struct dhcp_walk dhcp_pieces(const struct dhcp_msg *m);

/*
 * dhcp_next() - the next piece, PAD and END left out. An option 52 inside `file` or `sname` is a
 * piece like others and has no effect.
 * Returns: 1 with @out filled; 0 at the end; E_BAD if a length leaves the field.
 */
int must_check dhcp_next(struct dhcp_walk *w, struct dhcp_piece *out);

/*
 * dhcp_find() - option @code with all its pieces in order (RFC 3396 5).
 * Returns: 0; E_NOENT if there is none; E_RANGE if it is longer than DHCP_VALUE_MAX.
 */
int must_check dhcp_find(const struct dhcp_msg *m, uint8_t code, struct dhcp_value *out);

/*
 * dhcp_find_fixed() - an option of @size octets. Such a one is never continued: where it comes
 * several times, the first counts if the others have the same size.
 * @is_repeated: it came more than once; may be NULL.
 * Returns: the @size octets in the message, or NULL with *err E_NOENT (none) or E_BAD (another
 * length).
 */
const uint8_t *dhcp_find_fixed(const struct dhcp_msg *m, uint8_t code, size_t size,
			       bool *is_repeated, int *err);

/* dhcp_find_u32(), dhcp_find_addr() - the same as a number or an address; 0 or the error. */
int must_check dhcp_find_u32(const struct dhcp_msg *m, uint8_t code, uint32_t *out);
int must_check dhcp_find_addr(const struct dhcp_msg *m, uint8_t code, struct addr *out);

/* dhcp_put_head() - writes the fixed part, `sname` and `file` empty, and the cookie: 240 octets. */
void dhcp_put_head(struct wr *w, const struct dhcp_head *h);

/* dhcp_put() - writes an option, in pieces of 255 octets if it is longer (RFC 3396 7). */
void dhcp_put(struct wr *w, uint8_t code, const void *data, size_t len);
void dhcp_put_u8(struct wr *w, uint8_t code, uint8_t v);
void dhcp_put_u16(struct wr *w, uint8_t code, uint16_t v);
void dhcp_put_u32(struct wr *w, uint8_t code, uint32_t v);
void dhcp_put_addr(struct wr *w, uint8_t code, const struct addr *a);

/* dhcp_put_end() - END, and zeros up to DHCP_MIN_LEN octets in all. */
void dhcp_put_end(struct wr *w);

/* dhcp_type_word() - "DISCOVER", ...; "type 12" has no word: NULL. */
const char *dhcp_type_word(enum dhcp_type type);

/* dhcp_where_word() - "options", "file", "sname". */
const char *dhcp_where_word(enum dhcp_where where);

#endif
