/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/frag.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "wire/csum.h"

#define IP4_LEN 20u
#define IP6_LEN 40u
/* In the octet of the flags: */
#define MORE_FRAGMENTS 0x20u
#define KEPT_FLAGS 0xc0u /* DF and the reserved bit */

static bool is_v6(const struct frag *f)
{
	return f->packet[0] >> 4 == 6;
}

static size_t hdr_len(const struct frag *f)
{
	return is_v6(f) ? IP6_LEN : IP4_LEN;
}

int frag_start(struct frag *f, const uint8_t *packet, size_t len, size_t size, uint32_t id)
{
	*f = (struct frag){.packet = packet, .len = len, .size = size, .id = id};
	if (!size || size % FRAG_UNIT || size > FRAG_SIZE_MAX || len <= IP4_LEN)
		return E_BAD;
	if (packet[0] != 0x45 && packet[0] >> 4 != 6)
		return E_BAD;
	return len > hdr_len(f) ? 0 : E_BAD;
}

/* Identification, flags and offset are in the header itself. */
static void write_ip4(const struct frag *f, size_t n, bool has_more, struct wr *out)
{
	uint8_t *ip = wr_space(out, IP4_LEN);

	if (!ip)
		return;
	memcpy(ip, f->packet, IP4_LEN);
	put_u16(ip + 2, (uint16_t)(IP4_LEN + n));
	put_u16(ip + 4, (uint16_t)f->id);
	put_u16(ip + 6, (uint16_t)(f->off / FRAG_UNIT));
	ip[6] |= (uint8_t)((f->packet[6] & KEPT_FLAGS) | (has_more ? MORE_FRAGMENTS : 0));
	put_u16(ip + 10, 0);
	put_u16(ip + 10, csum_ip(ip, IP4_LEN));
}

/* They are in an extension header, which takes the place of what the fixed header named. */
static void write_ip6(const struct frag *f, size_t n, bool has_more, struct wr *out)
{
	uint8_t *ip = wr_space(out, IP6_LEN);

	if (!ip)
		return;
	memcpy(ip, f->packet, IP6_LEN);
	put_u16(ip + 4, (uint16_t)(8 + n));
	ip[6] = IPPROTO_FRAGMENT;
	wr_u8(out, f->packet[6]);
	wr_u8(out, 0);
	wr_u16(out, (uint16_t)(f->off |
			       (has_more ? 1u : 0u))); /* the offset in units of 8, shifted by 3 */
	wr_u32(out, f->id);
}

int frag_next(struct frag *f, struct wr *out)
{
	size_t all = f->len - hdr_len(f), left = all - f->off;
	size_t n = left < f->size ? left : f->size;
	struct wr whole = *out;

	if (!left)
		return 0;
	if (is_v6(f))
		write_ip6(f, n, n < left, out);
	else
		write_ip4(f, n, n < left, out);
	wr_bytes(out, f->packet + hdr_len(f) + f->off, n);
	if (wr_done(out) < 0) {
		*out = whole;
		return E_FULL;
	}
	f->off += n;
	return 1;
}
