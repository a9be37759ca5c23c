/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_dissect - the layers tile the packet, and what is said of it holds together. */
#include <string.h>

#include "fuzz.h"
#include "wire/csum.h"
#include "wire/dissect.h"

/* Puts the wanted L4 checksum into a copy of the packet: it must then be right. */
static void mend_l4(const struct dissect *d, enum dissect_start start)
{
	static const uint8_t fields[] = {
		[LAYER_ICMP4] = 2, [LAYER_ICMP6] = 2, [LAYER_UDP] = 6, [LAYER_TCP] = 16};
	const struct layer *l = NULL;
	struct dissect again;
	uint8_t *copy = malloc(d->len);

	for (unsigned i = 0; i < d->n_layers && !l; i++)
		if (d->layers[i].kind < sizeof(fields) && fields[d->layers[i].kind])
			l = &d->layers[i];
	must(copy && l);
	memcpy(copy, d->bytes, d->len);
	put_u16(copy + l->off + fields[l->kind], d->l4_csum_want);
	(void)dissect_packet(start, copy, d->len, &again);
	must(again.l4_csum == CSUM_GOOD || d->l4_csum_want == 0);
	free(copy);
}

/* The message alone, with what its IP header said, is the same message. */
static void without_ip(const struct dissect *d)
{
	const struct layer *ip = dissect_layer(d, d->src.len == 16 ? LAYER_IP6 : LAYER_IP4);
	struct addr dst = d->src.len == 16 ? d->ip6.final_dst : ip4_final_dst(&d->ip4);
	struct dissect m;

	if (!ip || d->is_fragment || d->is_truncated || !dst.len || dissect_has(d, LAYER_BAD))
		return;
	(void)dissect_message(&d->src, &dst, d->ttl, d->proto, d->bytes + ip->off + ip->hdr_len,
			      ip->len - ip->hdr_len, &m);
	must(m.l4_csum == d->l4_csum && m.l4_csum_want == d->l4_csum_want);
	must(m.payload == d->payload && m.payload_len == d->payload_len);
	must(!dissect_is_csum_left_over(&m) || dissect_has(d, LAYER_TCP) ||
	     dissect_has(d, LAYER_UDP));
}

/* The first octet says where the packet starts, the packet follows. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	enum dissect_start start = len ? data[0] & 3 : 0;
	struct dissect d;
	size_t off = 0;

	if (!len)
		return 0;
	must(dissect_packet(start, ++data, --len, &d) == d.err);
	for (unsigned i = 0; i < d.n_layers; off += d.layers[i++].hdr_len) {
		must(d.layers[i].off == off && d.layers[i].hdr_len > 0);
		must(d.layers[i].len >= d.layers[i].hdr_len && off + d.layers[i].len <= len);
	}
	must(off == len);
	must(!dissect_has(&d, LAYER_BAD) || d.err);
	must_lie_in(d.payload, d.payload_len, data, len);
	must((d.payload_len > 0) == dissect_has(&d, LAYER_PAYLOAD));
	must((d.ttl >= 0) == (d.src.len > 0) && d.src.len == d.dst.len);
	must(!d.has_quote || dissect_has(&d, LAYER_QUOTE));
	must(!(d.is_truncated || d.is_fragment) || d.l4_csum == CSUM_UNKNOWN ||
	     d.l4_csum == CSUM_NONE);
	if (d.l4_csum == CSUM_BAD)
		mend_l4(&d, start);
	without_ip(&d);
	return 0;
}
