/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/linktype.h"

#include <net/ethernet.h>
#include <netpacket/packet.h>
#include <string.h>

#include "base/bytes.h"

static void skip(struct link_in *in, size_t n)
{
	if (n > in->len)
		n = in->len;
	in->bytes += n;
	in->len -= n;
	in->wire_len -= n;
}

/* What both cooked headers say, each in its own order. */
struct cooked {
	uint16_t type, protocol;
	uint8_t from[8];
};

static void unwrap_cooked(const struct cooked *c, size_t hdr_len, uint8_t *bytes,
			  struct link_in *in)
{
	uint8_t *eth = bytes + hdr_len - ETHER_HDR_LEN;

	in->is_outgoing = c->type == PACKET_OUTGOING;
	in->layer = LINK_L3;
	if (c->protocol == ETHERTYPE_IP || c->protocol == ETHERTYPE_IPV6 || in->len < hdr_len) {
		skip(in, hdr_len);
		return;
	}
	memset(eth, c->type == PACKET_BROADCAST ? 0xff : 0, ETHER_ADDR_LEN);
	memcpy(eth + 6, c->from, ETHER_ADDR_LEN);
	put_u16(eth + 12, c->protocol);
	in->layer = LINK_L2;
	skip(in, hdr_len - ETHER_HDR_LEN);
}

static void unwrap_sll(uint8_t *bytes, struct link_in *in)
{
	struct rd rd = rd_make(bytes, in->len);
	struct cooked c = {.type = rd_u16(&rd)};

	rd_skip(&rd, 4); /* kind of device, length of address */
	rd_copy(&rd, c.from, sizeof(c.from));
	c.protocol = rd_u16(&rd);
	unwrap_cooked(&c, 16, bytes, in);
}

static void unwrap_sll2(uint8_t *bytes, struct link_in *in)
{
	struct rd rd = rd_make(bytes, in->len);
	struct cooked c = {.protocol = rd_u16(&rd)};

	rd_skip(&rd, 2);
	in->ifindex = rd_u32(&rd);
	rd_skip(&rd, 2); /* kind of device */
	c.type = rd_u8(&rd);
	rd_skip(&rd, 1); /* length of address */
	rd_copy(&rd, c.from, sizeof(c.from));
	unwrap_cooked(&c, 20, bytes, in);
}

int linktype_unwrap(uint32_t linktype, uint8_t *bytes, struct link_in *in)
{
	in->layer = linktype == LINKTYPE_ETHERNET ? LINK_L2 : LINK_L3;
	switch (linktype) {
	case LINKTYPE_ETHERNET:
	case LINKTYPE_RAW:
	case LINKTYPE_IPV4:
	case LINKTYPE_IPV6: return 0;
	case LINKTYPE_NULL:
	case LINKTYPE_LOOP: skip(in, 4); return 0;
	case LINKTYPE_SLL: unwrap_sll(bytes, in); return 0;
	case LINKTYPE_SLL2: unwrap_sll2(bytes, in); return 0;
	}
	return E_UNSUP;
}
