/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addr - IPv4, IPv6 and MAC addresses and prefixes: parse, print, compare, count.
 *
 * Layer: base. Addresses are opaque octets in network order.
 * Spec: RFC 4291 2.2 (text in), RFC 5952 (text out), RFC 4007 11 (zones).
 */
#ifndef PKT_BASE_ADDR_H
#define PKT_BASE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"

struct addr {
	uint8_t len;       /* 4 for IPv4, 16 for IPv6, 0 for none */
	uint8_t bytes[16]; /* the first len octets count, the rest are zero */
	uint32_t zone;     /* interface index of an IPv6 scope, 0 for none */
};

struct mac {
	uint8_t bytes[6];
};

#define ADDR_TEXT_MAX 64 /* IPv6, '%', an interface name and the NUL */
#define MAC_TEXT_MAX 18

/* addr_from() - an address of @len (4 or 16) octets at @bytes. */
struct addr addr_from(const void *bytes, uint8_t len);

/*
 * addr_parse() - strict text to address: four decimal octets, or IPv6 with an optional %zone
 * (interface name or index). No host names, no short forms, no surrounding blanks.
 * Returns: 0, E_BAD (not an address), E_NOENT (the zone names no interface).
 */
int must_check addr_parse(const char *text, struct addr *out);

/*
 * addr_learn_zones() - remembers the names of all interfaces, so that zones are read and written by
 * name after a lock-down, when the kernel can no longer be asked. The names of a process's network
 * namespace are one for the whole process, and so is this memory of them.
 */
void addr_learn_zones(void);

/* addr_text() - writes @a as text (RFC 5952, with %zone) to @out of ADDR_TEXT_MAX; returns @out. */
char *addr_text(const struct addr *a, char *out);

/* addr_same() - equal family and octets; zones are compared only when both are given. */
bool addr_same(const struct addr *a, const struct addr *b);

/* addr_cmp() - memcmp order, IPv4 before IPv6; zones do not count. */
int addr_cmp(const struct addr *a, const struct addr *b);

bool addr_is_v6(const struct addr *a);
bool addr_is_any(const struct addr *a);
bool addr_is_multicast(const struct addr *a);
bool addr_is_link_local(const struct addr *a);
bool addr_is_loopback(const struct addr *a);

/* addr_next() - @a plus one, in place. False (and wrapped to zero) after the family's last. */
bool addr_next(struct addr *a);

/* addr_mask() - clears (or sets, if @ones) all bits of @a behind the first @prefix_len. */
void addr_mask(struct addr *a, unsigned prefix_len, bool ones);

/* addr_in_prefix() - whether the first @prefix_len bits of @a and @prefix agree, of one family. */
bool addr_in_prefix(const struct addr *a, const struct addr *prefix, unsigned prefix_len);

/* addr_to_sockaddr() - fills @out (port in host order) and returns the length for the kernel. */
socklen_t addr_to_sockaddr(const struct addr *a, uint16_t port, struct sockaddr_storage *out);

/* addr_from_sockaddr() - the address in @sa (AF_INET or AF_INET6); len 0 for any other family. */
struct addr addr_from_sockaddr(const struct sockaddr_storage *sa);

/* mac_parse() - aa:bb:cc:dd:ee:ff, aa-bb-..., aabb.ccdd.eeff. Returns 0 or E_BAD. */
int must_check mac_parse(const char *text, struct mac *out);

/* mac_text() - lower-case aa:bb:cc:dd:ee:ff to @out of MAC_TEXT_MAX; returns @out. */
char *mac_text(const struct mac *m, char *out);

/* mac_same() - whether they are equal. */
static inline bool mac_same(const struct mac *a, const struct mac *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

#endif
