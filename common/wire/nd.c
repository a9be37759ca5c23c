/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/nd.h"

static void read_addr(struct rd *r, struct addr *out)
{
	out->len = 16;
	rd_copy(r, out->bytes, 16);
}

/* Octets 4 to 7 of the message are in @rest already. */
static void read_advert(struct rd *r, uint32_t rest, struct nd_msg *out)
{
	uint8_t flags = (uint8_t)(rest >> 16);

	out->hop_limit = (uint8_t)(rest >> 24);
	out->is_managed = flags & 0x80;
	out->is_other = flags & 0x40;
	out->preference = flags >> 3 & 3;
	out->lifetime_s = (uint16_t)rest;
	out->reachable_ms = rd_u32(r);
	out->retrans_ms = rd_u32(r);
}

int nd_parse(struct rd *r, const struct icmp_hdr *icmp, struct nd_msg *out)
{
	*out = (struct nd_msg){.type = icmp->type};
	switch (icmp->type) {
	case ICMP_V6_ROUTER_SOLICIT: break;
	case ICMP_V6_ROUTER_ADVERT: read_advert(r, icmp->rest, out); break;
	case ICMP_V6_NEIGHBOR_ADVERT:
		out->is_router = icmp->rest >> 31;
		out->is_solicited = icmp->rest >> 30 & 1;
		out->is_override = icmp->rest >> 29 & 1;
		read_addr(r, &out->target);
		break;
	case ICMP_V6_NEIGHBOR_SOLICIT: read_addr(r, &out->target); break;
	case ICMP_V6_REDIRECT:
		read_addr(r, &out->target);
		read_addr(r, &out->dst);
		break;
	default: return E_UNSUP;
	}
	if (rd_done(r) < 0)
		return E_TRUNC;
	return icmp->code || addr_is_multicast(&out->target) ? E_BAD : 0;
}

int nd_opt_next(struct rd *r, struct nd_opt *out)
{
	*out = (struct nd_opt){0};
	if (!rd_left(r))
		return rd_done(r);
	out->type = rd_u8(r);
	out->len = (uint16_t)(rd_u8(r) * 8);
	out->data_len = (uint16_t)(out->len - 2);
	if (!out->len || out->data_len > rd_left(r)) {
		r->bad = true;
		return E_BAD;
	}
	out->data = rd_bytes(r, out->data_len);
	return 1;
}

int nd_opt_mac(const struct nd_opt *o, struct mac *out)
{
	struct rd r = rd_make(o->data, o->data_len);

	rd_copy(&r, out->bytes, sizeof(out->bytes));
	return (o->type == ND_SOURCE_MAC || o->type == ND_TARGET_MAC) && o->len == 8 ? 0 : E_BAD;
}

int nd_opt_mtu(const struct nd_opt *o, uint32_t *out)
{
	struct rd r = rd_make(o->data, o->data_len);

	rd_skip(&r, 2);
	*out = rd_u32(&r);
	return o->type == ND_MTU && o->len == 8 ? 0 : E_BAD;
}

int nd_opt_prefix(const struct nd_opt *o, struct nd_prefix *out)
{
	struct rd r = rd_make(o->data, o->data_len);
	uint8_t flags;

	*out = (struct nd_prefix){.prefix_len = rd_u8(&r)};
	flags = rd_u8(&r);
	out->is_on_link = flags & 0x80;
	out->is_autonomous = flags & 0x40;
	out->valid_s = rd_u32(&r);
	out->preferred_s = rd_u32(&r);
	rd_skip(&r, 4);
	read_addr(&r, &out->prefix);
	return o->type == ND_PREFIX && o->len == 32 && out->prefix_len <= 128 ? 0 : E_BAD;
}
