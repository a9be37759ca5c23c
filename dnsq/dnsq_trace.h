/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_trace - from the root down to who knows, without any resolver's help.
 *
 * Layer: tool.
 */
#ifndef PKT_DNSQ_TRACE_H
#define PKT_DNSQ_TRACE_H

#include "dnsq.h"

#define ALIASES_MAX 16 /* RFC 1034 3.6.2: loops must end */

/* What one server's reply means on the way down. */
enum step {
	STEP_ANSWER,   /* the end: data, or that there is none */
	STEP_ALIAS,    /* the name is another's alias: go on with that */
	STEP_REFERRAL, /* another zone, further down, knows */
	STEP_LAME,     /* the server does not serve what it was said to */
};

/*
 * step_of() - judges @len octets of a reply of a server of the zone @cut.
 * @next: receives the zone cut of a referral, or the name that an alias stands for.
 */
enum step step_of(const uint8_t *bytes, size_t len, const struct dns_question *q,
		  const struct dns_name *cut, struct dns_name *next);

struct walk_down;

/*
 * trace_ask() - puts a question to the servers that should know, aliases not followed, and a DS to
 * those of the zone above. Returns whether they replied; ask_free(@a) in both cases.
 */
bool trace_ask(struct walk_down *w, const struct dns_question *q, struct ask *a);

/* trace_run() - +trace. Returns the exit status. */
int trace_run(struct dnsq *d, const struct dnsq_lookup *l, const struct dns_name *name);

/* nssearch_run() - +nssearch. Returns the exit status. */
int nssearch_run(struct dnsq *d, const struct dnsq_lookup *l, const struct dns_name *name);

#endif
