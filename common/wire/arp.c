/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/arp.h"

#include "wire/eth.h"

int arp_parse(struct rd *r, struct arp_msg *out)
{
	bool is_ours;

	*out = (struct arp_msg){.hw_type = rd_u16(r)};
	out->proto_type = rd_u16(r);
	out->hw_len = rd_u8(r);
	out->proto_len = rd_u8(r);
	out->op = rd_u16(r);
	if (rd_done(r) < 0)
		return E_TRUNC;
	is_ours = out->hw_type == ARP_HW_ETHER && out->proto_type == ETH_IP4;
	if (!is_ours || out->hw_len != 6 || out->proto_len != 4) {
		rd_skip(r, 2 * ((size_t)out->hw_len + out->proto_len));
		return rd_done(r) < 0 ? E_TRUNC : is_ours ? E_BAD : E_UNSUP;
	}
	out->sender.len = out->target.len = 4;
	rd_copy(r, out->sender_mac.bytes, 6);
	rd_copy(r, out->sender.bytes, 4);
	rd_copy(r, out->target_mac.bytes, 6);
	rd_copy(r, out->target.bytes, 4);
	return rd_done(r);
}

bool arp_is_probe(const struct arp_msg *m)
{
	return m->op == ARP_REQUEST && m->sender.len == 4 && addr_is_any(&m->sender);
}

bool arp_is_announcement(const struct arp_msg *m)
{
	return m->sender.len == 4 && addr_same(&m->sender, &m->target) && !addr_is_any(&m->sender);
}
