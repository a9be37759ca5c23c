/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/udp.h"

int udp_parse(struct rd *r, struct udp_hdr *out, struct rd *payload)
{
	size_t want;

	*out = (struct udp_hdr){.src_port = rd_u16(r)};
	*payload = rd_make(NULL, 0);
	out->dst_port = rd_u16(r);
	out->len = rd_u16(r);
	out->csum = rd_u16(r);
	if (rd_done(r) < 0)
		return E_TRUNC;
	if (out->len && out->len < UDP_HDR_LEN)
		return E_BAD;
	want = out->len ? (size_t)out->len - UDP_HDR_LEN : rd_left(r);
	out->is_truncated = want > rd_left(r);
	*payload = out->is_truncated ? rd_rest(r) : rd_sub(r, want);
	return 0;
}
