/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_evidence - each message of the exchange for --explain, --hex and --pcap. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "dnsq.h"

/* A connected TCP socket knows its address; before that, and over UDP, the route tells. */
static struct addr source_of(struct dnsq *d, const struct ask *a)
{
	struct route_query query = {.dst = a->server->addr, .src = d->net.source};
	struct route route;
	struct why why;

	if (a->is_over_tcp && a->local.len)
		return a->local;
	if (d->net.source.len)
		return d->net.source;
	return route_get(d->run->netlink, &query, &route, &why) == 0 ? route.src : (struct addr){0};
}

static void comment_on(char *out, size_t cap, const uint8_t *bytes, size_t len, bool is_sent)
{
	char word[DNS_WORD_MAX];

	if (is_sent)
		snprintf(out, cap, "query");
	else
		snprintf(out, cap, "response, %s", dns_rcode_text(dns_rcode_of(bytes, len), word));
}

/* Before the first packet to another server than the last one. */
static void tell_route(struct dnsq *d, const struct addr *server)
{
	struct route_query query = {.dst = *server, .src = d->net.source};

	if (addr_same(&d->routed, server))
		return;
	d->routed = *server;
	trace_route(d->evidence, &query);
}

void evidence_add(struct dnsq *d, struct ask *a, bool is_sent, const uint8_t *bytes, size_t len)
{
	struct addr local;
	char comment[64];
	uint8_t *framed;
	size_t at = a->is_over_tcp ? 2 : 0;
	struct trace_packet p = {.is_outgoing = is_sent, .is_payload = true, .ttl = -1};

	if (!d->evidence)
		return;
	if (is_sent)
		tell_route(d, &a->server->addr);
	framed = malloc(len + 2);
	if (!framed)
		return;
	put_u16(framed, (uint16_t)len);
	memcpy(framed + at, bytes, len);
	local = source_of(d, a);
	comment_on(comment, sizeof(comment), bytes, len, is_sent);
	p.message = framed;
	p.len = len + at;
	p.proto = a->is_over_tcp ? IPPROTO_TCP : IPPROTO_UDP;
	p.src = is_sent ? local : a->server->addr;
	p.dst = is_sent ? a->server->addr : local;
	p.src_port = is_sent ? a->local_port : a->server->port;
	p.dst_port = is_sent ? a->server->port : a->local_port;
	p.dns_port = a->server->port;
	p.wall_ns = clock_wall(d->run->clock);
	p.comment = comment;
	trace_add(d->evidence, &p);
	free(framed);
}

int evidence_open(struct dnsq *d, struct why *why)
{
	char filter[64];

	snprintf(filter, sizeof(filter), "udp port %u or tcp port %u", d->port, d->port);
	return trace_open(d->run, 0, filter, &d->evidence, why);
}
