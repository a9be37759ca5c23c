/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/csum.h"

#include <endian.h>
#include <string.h>

/*
 * The sum does not care for the order of octets as long as it is one order (RFC 1071 2 (B)), so
 * the words are added as the machine loads them and swapped once at the end.
 */
uint32_t csum_add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t acc = 0, v;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&v, p, 8);
		acc += v;
		acc += acc < v;
	}
	if (len) {
		v = 0;
		for (size_t i = 0; i < len; i++)
			((uint8_t *)&v)[i] = p[i];
		acc += v;
		acc += acc < v;
	}
	acc = (acc >> 32) + (uint32_t)acc;
	acc = (acc >> 32) + (uint32_t)acc;
	acc = (acc >> 16) + (uint16_t)acc;
	acc = (acc >> 16) + (uint16_t)acc;
	acc = be16toh((uint16_t)acc) + (uint64_t)sum;
	return (uint32_t)(acc >> 32) + (uint32_t)acc;
}

uint16_t csum_fold(uint32_t sum)
{
	sum = (sum >> 16) + (uint16_t)sum;
	sum = (sum >> 16) + (uint16_t)sum;
	return (uint16_t)~sum;
}

uint16_t csum_ip(const void *data, size_t len)
{
	return csum_fold(csum_add(0, data, len));
}

uint32_t csum_pseudo(const struct addr *src, const struct addr *dst, uint8_t proto, size_t len)
{
	uint32_t sum = csum_add(0, src->bytes, src->len);

	sum = csum_add(sum, dst->bytes, dst->len);
	return sum + proto + (uint32_t)(len >> 16 & 0xffff) + (uint32_t)(len & 0xffff);
}

uint16_t csum_l4(const struct addr *src, const struct addr *dst, uint8_t proto, const void *data,
		 size_t len)
{
	return csum_fold(csum_add(csum_pseudo(src, dst, proto, len), data, len));
}

uint16_t csum_want(uint16_t field, uint16_t check)
{
	if (check == 0xffff)
		return check; /* only octets that are all zero sum up to 0 and not to 0xffff */
	return csum_fold((uint32_t)(uint16_t)~field + (uint16_t)~check);
}
