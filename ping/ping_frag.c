/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping_frag - probes that this program cuts into fragments itself (--frag).
 *
 * The kernel would cut only what is larger than the MTU. Here each probe is a whole IP packet of
 * our own, so that every fragment's identification, offset and MF are ours to choose and to see.
 */
#include <stdlib.h>

#include "io/duplex.h"
#include "io/fragments.h"
#include "ping.h"
#include "wire/csum.h"
#include "wire/ip6.h"

#define TTL_DEFAULT 64

size_t ping_packet_max(const struct ping *p)
{
	return PING_HDR_LEN + p->opts.size + (p->opts.frag_size ? IP6_HDR_LEN : 0);
}

int ping_frag_open(struct ping *p, struct ping_family *f, const struct sock_opts *opts,
		   struct why *why)
{
	struct sock_opts o = *opts;
	struct link *sender, *pieces, *receiver;
	enum sock_kind kind;
	uint16_t unused;
	int err;

	if (!p->builder)
		p->builder = pkt_new();
	if (!p->message)
		p->message = malloc(PING_HDR_LEN + p->opts.size);
	if (!p->builder || !p->message)
		return why_set(why, E_MEM, "out of memory");
	o.kind = SOCK_KIND_RAW;
	err = sock_open(&o, &receiver, &f->id, &f->kind, why);
	if (err < 0)
		return err;
	o.kind = SOCK_KIND_IP;
	o.source = (struct addr){0}; /* each packet says it */
	o.pmtu = SOCK_PMTU_PROBE;    /* what is known of the path is not asked */
	err = sock_open(&o, &sender, &unused, &kind, why);
	if (!err)
		err = fragments_open(sender, p->opts.frag_size, &pieces, why);
	if (err < 0) {
		link_close(receiver);
		return err;
	}
	return duplex_open(pieces, &receiver, 1, &f->link, why);
}

int ping_frag_wrap(struct ping *p, const struct addr *dst, size_t len, struct wr *out)
{
	const struct sock_opts *s = &p->opts.sock;
	int ttl = addr_is_multicast(dst) ? s->mcast_ttl : s->ttl;
	struct pkt_spec spec = {
		.from = PKT_FROM_IP,
		.kind = PKT_RAW,
		.ip = {.src = ping_source_to(p, dst),
		       .dst = *dst,
		       .ttl = (uint8_t)(ttl < 0 ? TTL_DEFAULT : ttl),
		       .tclass = (uint8_t)(s->tos < 0 ? 0 : s->tos),
		       .flow_label = s->flow_label,
		       .proto = addr_is_v6(dst) ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
		       .df = s->pmtu == SOCK_PMTU_DO || s->pmtu == SOCK_PMTU_PROBE},
		.payload = p->message,
		.payload_len = len,
	};

	if (!spec.ip.src.len)
		return E_NOENT;
	/* No kernel sums what goes out in pieces. */
	if (addr_is_v6(dst)) {
		put_u16(p->message + 2, 0);
		put_u16(p->message + 2,
			csum_l4(&spec.ip.src, dst, IPPROTO_ICMPV6, p->message, len));
	}
	return pkt_build(p->builder, &spec, out, NULL);
}
