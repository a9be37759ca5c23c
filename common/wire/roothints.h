/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * roothints - where the root servers are: what is known beforehand, or what a hints file says.
 *
 * Layer: wire.
 * Spec: RFC 9609 (priming); IANA "Root Servers". A hints file is a master file of NS, A and AAAA
 * records with owners written out, as InterNIC's named.root is.
 */
#ifndef PKT_WIRE_ROOTHINTS_H
#define PKT_WIRE_ROOTHINTS_H

#include "base/addr.h"
#include "wire/dnsname.h"

#define ROOTHINTS_MAX 64

struct roothint {
	struct dns_name name;
	struct addr addr;
};

struct roothints {
	struct roothint hints[ROOTHINTS_MAX];
	unsigned n;
};

/* roothints_known() - the thirteen root servers with both their addresses. */
void roothints_known(struct roothints *out);

/*
 * roothints_parse() - the A and AAAA records in @len octets of a hints file.
 * Returns: 0, or E_BAD with @why when there is none.
 */
int must_check roothints_parse(const char *text, size_t len, struct roothints *out,
			       struct why *why);

#endif
