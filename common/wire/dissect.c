/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/dissect.h"

#include "wire/csum.h"

/* Adds a layer whose own octets are the next @hdr_len and which carries @carried more. */
static void add_layer(struct dissect *d, enum layer_kind kind, size_t hdr_len, size_t carried)
{
	const struct layer *last = d->n_layers ? &d->layers[d->n_layers - 1] : NULL;
	struct layer *l = &d->layers[d->n_layers++];

	l->kind = kind;
	l->off = last ? last->off + last->hdr_len : 0;
	l->hdr_len = (uint32_t)hdr_len;
	l->len = (uint32_t)(hdr_len + carried);
}

static void add_rest(struct dissect *d, enum layer_kind kind, const struct rd *r)
{
	if (rd_left(r))
		add_layer(d, kind, rd_left(r), 0);
}

static void note_err(struct dissect *d, int err)
{
	if (!d->err)
		d->err = err;
}

static void add_bad(struct dissect *d, int err, const struct rd *r)
{
	note_err(d, err);
	add_rest(d, LAYER_BAD, r);
}

static void add_payload(struct dissect *d, struct rd r)
{
	d->payload_len = rd_left(&r);
	if (d->payload_len)
		d->payload = rd_bytes(&r, d->payload_len);
	if (d->payload_len)
		add_layer(d, LAYER_PAYLOAD, d->payload_len, 0);
}

static bool is_whole(const struct dissect *d)
{
	return !d->is_truncated && !d->is_fragment;
}

/* @check: the checksum over everything it covers, 0 when right. @field: as it came. */
static enum csum_state judge(uint16_t check, uint16_t field, uint16_t *want)
{
	if (!check)
		return CSUM_GOOD;
	*want = csum_want(field, check);
	return CSUM_BAD;
}

/* Judges the checksum of TCP, UDP or ICMPv6 octets, where all that it covers is known. */
static void judge_l4(struct dissect *d, struct rd r, uint16_t field)
{
	struct addr dst = d->src.len == 4 ? ip4_final_dst(&d->ip4) : d->ip6.final_dst;
	size_t len = rd_left(&r);

	if (!is_whole(d) || !d->src.len || !dst.len)
		return;
	d->l4_csum = judge(csum_l4(&d->src, &dst, d->proto, rd_bytes(&r, len), len), field,
			   &d->l4_csum_want);
}

static void dissect_error(struct dissect *d, bool is_v6, struct rd r)
{
	struct rd quoted;

	icmpext_find(is_v6, &d->icmp, &r, &d->ext);
	quoted = rd_sub(&r, d->ext.quote_len);
	d->has_quote = quote_parse(quoted, &d->quote) == 0;
	add_rest(d, LAYER_QUOTE, &quoted);
	add_rest(d, LAYER_ICMPEXT, &r);
}

static void dissect_nd(struct dissect *d, struct rd r)
{
	struct rd whole = r, opts;
	struct nd_opt opt;
	int err = nd_parse(&r, &d->icmp, &d->nd), more;

	if (err) {
		add_bad(d, err, &whole);
		return;
	}
	add_rest(d, LAYER_ND, &whole);
	d->nd_opts = opts = rd_rest(&r);
	do
		more = nd_opt_next(&opts, &opt);
	while (more > 0);
	if (more < 0)
		note_err(d, more);
}

static void dissect_icmp(struct dissect *d, bool is_v6, struct rd r)
{
	struct rd whole = r;
	size_t len = rd_left(&r);

	if (icmp_parse(&r, is_v6, &d->icmp) < 0) {
		add_bad(d, E_TRUNC, &whole);
		return;
	}
	add_layer(d, is_v6 ? LAYER_ICMP6 : LAYER_ICMP4, ICMP_HDR_LEN, len - ICMP_HDR_LEN);
	if (is_v6)
		judge_l4(d, whole, d->icmp.csum);
	else if (is_whole(d))
		d->l4_csum =
			judge(csum_ip(rd_bytes(&whole, len), len), d->icmp.csum, &d->l4_csum_want);
	if (icmp_is_error(is_v6, d->icmp.type)) {
		dissect_error(d, is_v6, r);
	} else if (is_v6 && d->icmp.type >= ICMP_V6_ROUTER_SOLICIT &&
		   d->icmp.type <= ICMP_V6_REDIRECT) {
		dissect_nd(d, r);
	} else if (d->icmp.type == (is_v6 ? ICMP_V6_XECHO_REQUEST : ICMP_V4_XECHO_REQUEST)) {
		icmpext_check(r, &d->ext);
		add_rest(d, LAYER_ICMPEXT, &r);
	} else {
		add_payload(d, r);
	}
}

static void dissect_udp(struct dissect *d, struct rd r)
{
	struct rd whole = r, payload;
	int err = udp_parse(&r, &d->udp, &payload);

	if (err) {
		add_bad(d, err, &whole);
		return;
	}
	add_layer(d, LAYER_UDP, UDP_HDR_LEN, rd_left(&payload));
	if (d->udp.is_truncated && is_whole(d))
		note_err(d, E_BAD); /* all of the IP packet is here, so the length lies */
	else if (d->udp.csum || d->src.len == 16)
		judge_l4(d, rd_sub(&whole, UDP_HDR_LEN + rd_left(&payload)), d->udp.csum);
	else
		d->l4_csum = CSUM_NONE;
	if (d->l4_csum == CSUM_GOOD && !d->udp.csum)
		d->l4_csum = CSUM_BAD; /* RFC 8200 8.1: IPv6 discards 0, even where it is the sum */
	if (d->l4_csum == CSUM_BAD && !d->l4_csum_want)
		d->l4_csum_want = 0xffff; /* RFC 768: 0 is kept for "none" */
	add_payload(d, payload);
	add_rest(d, LAYER_PADDING, &r);
}

static void dissect_tcp(struct dissect *d, struct rd r)
{
	struct rd whole = r;
	int err = tcp_parse(&r, &d->tcp);

	if (err) {
		add_bad(d, err, &whole);
		return;
	}
	add_layer(d, LAYER_TCP, d->tcp.hdr_len, rd_left(&r));
	judge_l4(d, whole, d->tcp.csum);
	add_payload(d, r);
}

static void dissect_l4(struct dissect *d, struct rd r)
{
	bool is_v6 = d->src.len == 16;

	if (d->proto == (is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		dissect_icmp(d, is_v6, r);
	else if (d->proto == IPPROTO_UDP)
		dissect_udp(d, r);
	else if (d->proto == IPPROTO_TCP)
		dissect_tcp(d, r);
	else
		add_payload(d, r);
}

static void dissect_ip4(struct dissect *d, struct rd r)
{
	struct rd whole = r, payload;
	int err = ip4_parse(&r, &d->ip4, &payload);

	if (err) {
		add_bad(d, err, &whole);
		return;
	}
	d->src = d->ip4.src;
	d->dst = d->ip4.dst;
	d->ttl = d->ip4.ttl;
	d->proto = d->ip4.proto;
	d->is_truncated |= d->ip4.is_truncated;
	d->is_fragment = ip4_is_fragment(&d->ip4);
	d->ip_csum = judge(csum_ip(rd_bytes(&whole, d->ip4.hdr_len), d->ip4.hdr_len), d->ip4.csum,
			   &d->ip_csum_want);
	add_layer(d, LAYER_IP4, d->ip4.hdr_len, rd_left(&payload));
	if (d->ip4.frag_off)
		add_payload(d, payload);
	else
		dissect_l4(d, payload);
	add_rest(d, LAYER_PADDING, &r);
}

static void dissect_ip6(struct dissect *d, struct rd r)
{
	struct rd whole = r, payload;
	int err = ip6_parse(&r, &d->ip6, &payload);

	if (err) {
		add_bad(d, err, &whole);
		return;
	}
	d->src = d->ip6.src;
	d->dst = d->ip6.dst;
	d->ttl = d->ip6.hop_limit;
	d->proto = d->ip6.proto;
	d->is_truncated |= d->ip6.is_truncated;
	d->is_fragment = d->ip6.mf || d->ip6.frag_off;
	add_layer(d, LAYER_IP6, d->ip6.hdr_len, rd_left(&payload));
	if (d->ip6.is_chain_cut)
		add_bad(d, d->ip6.is_truncated ? E_TRUNC : E_BAD, &payload);
	else if (d->ip6.frag_off)
		add_payload(d, payload);
	else
		dissect_l4(d, payload);
	add_rest(d, LAYER_PADDING, &r);
}

static void dissect_arp(struct dissect *d, struct rd r)
{
	struct rd whole = r;
	int err = arp_parse(&r, &d->arp);

	if (err == E_TRUNC) {
		add_bad(d, err, &whole);
		return;
	}
	if (err)
		note_err(d, err);
	add_layer(d, LAYER_ARP, rd_left(&whole) - rd_left(&r), 0);
	add_rest(d, LAYER_PADDING, &r);
}

static void dissect_ip(struct dissect *d, struct rd r)
{
	uint8_t version = rd_left(&r) ? r.buf[r.pos] >> 4 : 0;

	if (version == 6)
		dissect_ip6(d, r);
	else
		dissect_ip4(d, r);
}

static void dissect_eth(struct dissect *d, struct rd r)
{
	struct rd whole = r, payload;
	int err = eth_parse(&r, &d->eth, &payload);

	if (err) {
		add_bad(d, err, &whole);
		return;
	}
	d->is_truncated = d->eth.is_truncated;
	add_layer(d, LAYER_ETH, d->eth.hdr_len, rd_left(&payload));
	switch (d->eth.type) {
	case ETH_ARP: dissect_arp(d, payload); break;
	case ETH_IP4: dissect_ip4(d, payload); break;
	case ETH_IP6: dissect_ip6(d, payload); break;
	default: add_payload(d, payload);
	}
	add_rest(d, LAYER_PADDING, &r);
}

int dissect_packet(enum dissect_start start, const void *bytes, size_t len, struct dissect *out)
{
	struct rd r = rd_make(bytes, len);

	*out = (struct dissect){.bytes = bytes, .len = len, .ttl = -1};
	switch (start) {
	case DISSECT_L2: dissect_eth(out, r); break;
	case DISSECT_L3: dissect_ip(out, r); break;
	case DISSECT_ICMP4: dissect_icmp(out, false, r); break;
	case DISSECT_ICMP6: dissect_icmp(out, true, r); break;
	case DISSECT_DNS: add_payload(out, r); break;
	}
	return out->err;
}

int dissect_message(const struct addr *src, const struct addr *dst, int ttl, uint8_t proto,
		    const void *bytes, size_t len, struct dissect *out)
{
	*out = (struct dissect){
		.bytes = bytes,
		.len = len,
		.src = *src,
		.dst = *dst,
		.ttl = ttl,
		.proto = proto,
		.ip4.dst = *dst,
		.ip6.final_dst = *dst,
	};
	dissect_l4(out, rd_make(bytes, len));
	return out->err;
}

bool dissect_is_csum_left_over(const struct dissect *d)
{
	const struct layer *tcp = dissect_layer(d, LAYER_TCP);
	const struct layer *l = tcp ? tcp : dissect_layer(d, LAYER_UDP);
	uint16_t field = tcp ? d->tcp.csum : d->udp.csum;

	/* The two are each other's complement. */
	return l && d->src.len &&
	       field + csum_fold(csum_pseudo(&d->src, &d->dst, d->proto, l->len)) == 0xffff;
}

const struct layer *dissect_layer(const struct dissect *d, enum layer_kind kind)
{
	for (unsigned i = 0; i < d->n_layers; i++)
		if (d->layers[i].kind == kind)
			return &d->layers[i];
	return NULL;
}

const char *dissect_layer_text(enum layer_kind kind)
{
	switch (kind) {
	case LAYER_ETH: return "Ethernet";
	case LAYER_ARP: return "ARP";
	case LAYER_IP4: return "IPv4";
	case LAYER_IP6: return "IPv6";
	case LAYER_ICMP4: return "ICMP";
	case LAYER_ICMP6: return "ICMPv6";
	case LAYER_ND: return "Neighbor Discovery";
	case LAYER_QUOTE: return "quoted packet";
	case LAYER_ICMPEXT: return "ICMP extension";
	case LAYER_UDP: return "UDP";
	case LAYER_TCP: return "TCP";
	case LAYER_PAYLOAD: return "payload";
	case LAYER_PADDING: return "padding";
	case LAYER_BAD: return "malformed";
	}
	return "unknown";
}
