/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/icmpext.h"

#include <string.h>

#include "wire/csum.h"

#define QUOTE_MIN 128 /* RFC 4884 4: a quote before an extension is padded to this, in octets */
#define EXT_HDR_LEN 4
#define OBJ_HDR_LEN 4
#define NAME_MAX_LEN 64 /* RFC 5837 4.3: the length octet included */

/* C-type bits of interface information, RFC 5837 4.1. */
#define IFINFO_HAS_INDEX 0x08
#define IFINFO_HAS_ADDR 0x04
#define IFINFO_HAS_NAME 0x02
#define IFINFO_HAS_MTU 0x01

/* C-types of interface identification, RFC 8335 2.1. */
#define IFID_NAME 1
#define IFID_INDEX 2
#define IFID_ADDR 3

/* Address families, RFC 5837 4.2 and the IANA registry of address family numbers. */
#define AFI_IP4 1
#define AFI_IP6 2
#define AFI_MAC 16389

static bool can_extend(bool is_v6, uint8_t type)
{
	if (is_v6)
		return type == ICMP_V6_UNREACHABLE || type == ICMP_V6_TIME_EXCEEDED;
	return type == ICMP_V4_UNREACHABLE || type == ICMP_V4_TIME_EXCEEDED ||
	       type == ICMP_V4_PARAMETER;
}

void icmpext_check(struct rd ext, struct icmpext *out)
{
	struct rd whole = ext;
	size_t len = rd_left(&ext);
	uint16_t check = csum_ip(rd_bytes(&whole, len), len);

	out->version = rd_u8(&ext) >> 4;
	rd_skip(&ext, 1);
	out->csum = rd_u16(&ext);
	out->objects = rd_make(NULL, 0);
	if (rd_done(&ext) < 0)
		out->state = ICMPEXT_BAD_LEN;
	else if (out->version != 2)
		out->state = ICMPEXT_BAD_VERSION;
	else if (out->csum && check)
		out->state = ICMPEXT_BAD_CSUM;
	else
		out->state = ICMPEXT_OK;
	if (out->state == ICMPEXT_OK)
		out->objects = rd_rest(&ext);
}

void icmpext_find(bool is_v6, const struct icmp_hdr *icmp, const struct rd *body,
		  struct icmpext *out)
{
	size_t len = rd_left(body), off = icmp->orig_len ? icmp->orig_len : QUOTE_MIN;
	struct rd ext = *body;

	*out = (struct icmpext){.quote_len = len};
	if (!can_extend(is_v6, icmp->type))
		return;
	if (icmp->orig_len && (off < QUOTE_MIN || off > len))
		out->state = ICMPEXT_BAD_LEN;
	if (off < QUOTE_MIN || off + EXT_HDR_LEN > len)
		return;
	rd_skip(&ext, off);
	icmpext_check(ext, out);
	if (!icmp->orig_len && (out->state != ICMPEXT_OK || !out->csum)) {
		*out = (struct icmpext){.quote_len = len};
		return;
	}
	out->is_compat = !icmp->orig_len;
	out->quote_len = off;
}

int icmpext_next(struct rd *r, struct icmpext_obj *out)
{
	*out = (struct icmpext_obj){0};
	if (!rd_left(r))
		return rd_done(r);
	out->len = rd_u16(r);
	out->class = rd_u8(r);
	out->ctype = rd_u8(r);
	if (rd_done(r) < 0 || out->len < OBJ_HDR_LEN || out->len - OBJ_HDR_LEN > (int)rd_left(r)) {
		r->bad = true;
		return E_BAD;
	}
	out->data = rd_sub(r, out->len - OBJ_HDR_LEN);
	return 1;
}

int mpls_next(struct rd *r, struct mpls_entry *out)
{
	uint32_t word;

	*out = (struct mpls_entry){0};
	if (!rd_left(r))
		return rd_done(r);
	word = rd_u32(r);
	out->label = word >> 12;
	out->tc = word >> 9 & 7;
	out->is_bottom = word >> 8 & 1;
	out->ttl = (uint8_t)word;
	return rd_done(r) < 0 ? E_TRUNC : 1;
}

static int read_addr(struct rd *r, uint16_t afi, struct icmpext_iface *out)
{
	switch (afi) {
	case AFI_IP4:
	case AFI_IP6:
		out->addr.len = afi == AFI_IP4 ? 4 : 16;
		rd_copy(r, out->addr.bytes, out->addr.len);
		break;
	case AFI_MAC:
		out->has_mac = true;
		rd_copy(r, out->mac.bytes, sizeof(out->mac.bytes));
		break;
	default: return E_UNSUP;
	}
	return rd_done(r);
}

/* A name of @len octets; senders pad it with NULs to a multiple of four. */
static void read_name(struct rd *r, size_t len, struct icmpext_iface *out)
{
	const uint8_t *name = rd_bytes(r, len);

	if (!name)
		return;
	out->name = name;
	out->name_len = (uint8_t)strnlen((const char *)name, len);
}

static int read_ifinfo(uint8_t ctype, struct rd r, struct icmpext_iface *out)
{
	out->role = ctype >> 6;
	out->has_ifindex = ctype & IFINFO_HAS_INDEX;
	out->has_mtu = ctype & IFINFO_HAS_MTU;
	if (out->has_ifindex)
		out->ifindex = rd_u32(&r);
	if (ctype & IFINFO_HAS_ADDR) {
		uint16_t afi = rd_u16(&r);
		int err;

		rd_skip(&r, 2);
		err = rd_done(&r) < 0 ? E_TRUNC : read_addr(&r, afi, out);
		if (err)
			return err;
	}
	if (ctype & IFINFO_HAS_NAME) {
		uint8_t len = rd_u8(&r);

		if (rd_done(&r) == 0 && (len < 1 || len > NAME_MAX_LEN))
			return E_BAD;
		read_name(&r, len ? len - 1u : 0, out);
	}
	if (out->has_mtu)
		out->mtu = rd_u32(&r);
	return rd_done(&r);
}

static int read_ifid(uint8_t ctype, struct rd r, struct icmpext_iface *out)
{
	uint16_t afi;

	switch (ctype) {
	case IFID_NAME:
		if (rd_left(&r) >= NAME_MAX_LEN)
			return E_BAD;
		read_name(&r, rd_left(&r), out);
		return rd_done(&r);
	case IFID_INDEX:
		out->has_ifindex = true;
		out->ifindex = rd_u32(&r);
		return rd_done(&r);
	case IFID_ADDR:
		afi = rd_u16(&r);
		rd_skip(&r, 2); /* address length and reserved: the family tells the length */
		return rd_done(&r) < 0 ? E_TRUNC : read_addr(&r, afi, out);
	}
	return E_UNSUP;
}

int icmpext_iface(const struct icmpext_obj *obj, struct icmpext_iface *out)
{
	*out = (struct icmpext_iface){0};
	switch (obj->class) {
	case ICMPEXT_IFINFO: return read_ifinfo(obj->ctype, obj->data, out);
	case ICMPEXT_IFID: return read_ifid(obj->ctype, obj->data, out);
	}
	return E_UNSUP;
}

const char *icmpext_role_text(enum icmpext_role role)
{
	switch (role) {
	case IFINFO_INCOMING: return "incoming";
	case IFINFO_SUB_IP: return "sub-IP";
	case IFINFO_OUTGOING: return "outgoing";
	case IFINFO_NEXT_HOP: return "next hop";
	}
	return "unknown";
}
