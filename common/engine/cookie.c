/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/cookie.h"

#include <string.h>

#include "base/bytes.h"

uint64_t cookie_make(const struct sipkey *key, const struct addr *target, uint16_t seq, uint64_t n)
{
	uint8_t said[16 + 1 + 2 + 8];

	memcpy(said, target->bytes, 16);
	said[16] = target->len;
	put_u16(said + 17, seq);
	put_u64(said + 19, n);
	return siphash(key, said, sizeof(said));
}
