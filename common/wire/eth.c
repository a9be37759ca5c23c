/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/eth.h"

#define LEAST_TYPE 0x600 /* IEEE 802.3 3.2.6: smaller numbers are lengths */
#define SNAP_SAP 0xaa
#define LLC_UI 0x03

static bool is_tag(uint16_t type)
{
	return type == ETH_VLAN || type == ETH_QINQ || type == ETH_QINQ_OLD;
}

static int read_llc(struct rd *llc, struct eth_hdr *out)
{
	size_t whole = rd_left(llc);

	out->dsap = rd_u8(llc);
	out->ssap = rd_u8(llc);
	out->control = rd_u8(llc);
	out->is_snap = out->dsap == SNAP_SAP && out->ssap == SNAP_SAP && out->control == LLC_UI;
	if ((out->control & 3) != 3) /* I and S frames have a second octet, IEEE 802.2 5.2 */
		out->control = (uint16_t)(out->control << 8 | rd_u8(llc));
	if (out->is_snap) {
		out->oui = (uint32_t)rd_u8(llc) << 16;
		out->oui |= rd_u16(llc);
		out->snap_type = rd_u16(llc);
		out->type = out->oui ? 0 : out->snap_type;
	}
	out->hdr_len = (uint8_t)(out->hdr_len + whole - rd_left(llc));
	return rd_done(llc);
}

int eth_parse(struct rd *r, struct eth_hdr *out, struct rd *payload)
{
	int err;

	*out = (struct eth_hdr){.hdr_len = 14};
	*payload = rd_make(NULL, 0);
	rd_copy(r, out->dst.bytes, 6);
	rd_copy(r, out->src.bytes, 6);
	out->type = rd_u16(r);
	while (is_tag(out->type) && out->n_tags < ETH_TAGS_MAX) {
		uint16_t tci = rd_u16(r);

		out->tags[out->n_tags++] = (struct vlan_tag){
			.tpid = out->type,
			.vid = tci & 0xfff,
			.pcp = (uint8_t)(tci >> 13),
			.dei = tci >> 12 & 1,
		};
		out->type = rd_u16(r);
		out->hdr_len = (uint8_t)(out->hdr_len + 4);
	}
	if (rd_done(r) < 0)
		return E_TRUNC;
	if (out->type >= LEAST_TYPE) {
		*payload = rd_rest(r);
		return 0;
	}
	out->is_llc = true;
	out->llc_len = out->type;
	out->type = 0;
	out->is_truncated = out->llc_len > rd_left(r);
	*payload = out->is_truncated ? rd_rest(r) : rd_sub(r, out->llc_len);
	err = read_llc(payload, out);
	*payload = rd_rest(payload);
	if (err && !out->is_truncated)
		return E_BAD;
	return err;
}
