/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolvconf - the text of resolv.conf: servers, search list, options.
 *
 * Layer: wire.
 * Spec: resolv.conf(5); as there, the last of domain and search counts, and words that are not
 * known are passed over.
 */
#ifndef PKT_WIRE_RESOLVCONF_H
#define PKT_WIRE_RESOLVCONF_H

#include "base/addr.h"
#include "wire/dnsname.h"

#define RESOLVCONF_SERVERS 8
#define RESOLVCONF_SEARCH 32

struct resolvconf {
	struct addr servers[RESOLVCONF_SERVERS];
	unsigned n_servers;
	struct dns_name search[RESOLVCONF_SEARCH];
	unsigned n_search;
	unsigned ndots;     /* points that make a name be asked as it is first; 1 */
	unsigned attempts;  /* 0: not said */
	unsigned timeout_s; /* 0: not said */
	bool rotates, uses_tcp, trusts_ad;
};

/* resolvconf_parse() - reads @len octets of @text; what is not understood is passed over. */
void resolvconf_parse(const char *text, size_t len, struct resolvconf *out);

#endif
