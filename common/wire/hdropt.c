/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/hdropt.h"

int hdropt_next(struct rd *r, struct hdropt *out)
{
	*out = (struct hdropt){.len = 1};
	if (!rd_left(r))
		return rd_done(r);
	out->kind = rd_u8(r);
	if (out->kind == HDROPT_NOP)
		return 1;
	if (out->kind == HDROPT_END) {
		out->data_len = (uint8_t)rd_left(r);
		out->len = (uint8_t)(out->data_len + 1);
		out->data = rd_bytes(r, out->data_len);
		return 1;
	}
	out->len = rd_u8(r);
	out->data_len = (uint8_t)(out->len - 2);
	if (out->len < 2 || out->data_len > rd_left(r)) {
		r->bad = true;
		return E_BAD;
	}
	out->data = rd_bytes(r, out->data_len);
	return 1;
}
