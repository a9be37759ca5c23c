/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_raw - +raw: queries as whole IP packets of our own making. The port of the asker stays bound
 * meanwhile: it hears the replies, and the kernel sends nobody "port unreachable".
 */
#include <stdlib.h>

#include "build/recipes.h"
#include "dnsq_net_impl.h"
#include "io/priv.h"
#include "io/sock.h"

#define PACKET_MAX (40 + 8 + 2048)

/* Where packets of one family leave. It is a port of its own only for the stamps of leaving. */
static int open_door(struct asker *k, bool is_v6, struct why *why)
{
	const struct sock_opts o = {
		.kind = SOCK_KIND_IP,
		.is_v6 = is_v6,
		.ttl = -1,
		.mcast_ttl = -1,
		.tos = -1,
		.no_stamps = !k->opts.has_stamps,
		.max_packet = PACKET_MAX,
	};
	struct port *p = &k->raw[is_v6];
	enum sock_kind kind;
	uint16_t unused;
	int err = sock_open(&o, &p->link, &unused, &kind, why);

	if (err == E_PERM)
		return priv_refused(why, "raw");
	if (err)
		return err;
	p->is_v6 = is_v6;
	return net_watch_port(k, p, why);
}

int raw_open(struct asker *k, struct why *why)
{
	int err = 0;

	if (!k->opts.raw_v4 && !k->opts.raw_v6)
		return 0;
	k->builder = pkt_new();
	if (!k->builder)
		return why_set(why, E_MEM, "out of memory");
	if (k->opts.raw_v4)
		err = open_door(k, false, why);
	if (!err && k->opts.raw_v6)
		err = open_door(k, true, why);
	return err;
}

void raw_close(struct asker *k)
{
	link_close(k->raw[0].link);
	link_close(k->raw[1].link);
	pkt_free(k->builder);
}

/* Without -b the address that the route would give. */
static int find_source(struct asker *k, const struct addr *to, struct addr *out, struct why *why)
{
	const struct route_query query = {.dst = *to};
	struct route route;
	int err;

	*out = k->opts.source;
	if (out->len)
		return 0;
	err = route_get(k->run->netlink, &query, &route, why);
	*out = route.src;
	return err;
}

int raw_send(struct asker *k, const struct ask *a, struct why *why)
{
	bool is_v6 = a->server->addr.len == 16;
	struct port *door = &k->raw[is_v6];
	uint8_t space[PACKET_MAX] unset;
	struct wr w = wr_make(space, sizeof(space));
	struct link_out out = {
		.to = a->server->addr, .bytes = space, .tag = a->is_resent ? 0 : a->sending};
	struct pkt_spec spec;
	struct addr source;
	int err;

	if (!door->link)
		return why_set(why, E_UNSUP, "+raw is for the whole run, not for a line");
	err = find_source(k, &a->server->addr, &source, why);
	if (err)
		return err;
	spec = recipe_udp(&source, &a->server->addr, a->local_port, a->server->port, a->query + 2,
			  a->query_len);
	spec.ip.id = (uint16_t)rnd_u32(&k->run->rnd);
	err = pkt_build(k->builder, &spec, &w, why);
	if (err)
		return err;
	out.len = w.len;
	err = link_send(door->link, &out, 1, why);
	return err < 0 ? err : 0;
}
