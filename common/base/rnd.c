/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/rnd.h"

#include <stdlib.h>
#include <string.h>

struct rnd rnd_kernel(void)
{
	return (struct rnd){.seeded = false};
}

struct rnd rnd_seeded(uint64_t seed)
{
	return (struct rnd){.seeded = true, .state = seed};
}

uint64_t rnd_u64(struct rnd *r)
{
	uint64_t z;

	if (!r->seeded) {
		if (!r->n_ahead) {
			arc4random_buf(r->ahead, sizeof(r->ahead));
			r->n_ahead = sizeof(r->ahead) / sizeof(r->ahead[0]);
		}
		z = r->ahead[--r->n_ahead];
		r->ahead[r->n_ahead] = 0; /* what was handed out is nobody's to find */
		return z;
	}
	z = r->state += 0x9e3779b97f4a7c15;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint32_t rnd_u32(struct rnd *r)
{
	return (uint32_t)(rnd_u64(r) >> 32);
}

void rnd_fill(struct rnd *r, void *out, size_t len)
{
	uint8_t *p = out;

	while (len) {
		uint64_t v = rnd_u64(r);
		size_t n = len < sizeof(v) ? len : sizeof(v);

		memcpy(p, &v, n);
		p += n;
		len -= n;
	}
}

uint64_t rnd_below(struct rnd *r, uint64_t n)
{
	uint64_t v, least;

	if (n < 2)
		return 0;
	least = -n % n; /* 2^64 mod n: the values below it would be drawn once too often */
	do
		v = rnd_u64(r);
	while (v < least);
	return v % n;
}

double rnd_unit(struct rnd *r)
{
	return (double)(rnd_u64(r) >> 11) * 0x1p-53;
}
