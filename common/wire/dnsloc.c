/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a host is: the data of LOC, RFC 1876. */
#include <string.h>

#include "base/num.h"
#include "wire/dnsrdata_impl.h"

static const uint32_t powers[] = {1,      10,      100,      1000,      10000,
				  100000, 1000000, 10000000, 100000000, 1000000000};

static void put_angle(struct dns_put *p, uint32_t v, char positive, char negative)
{
	bool is_negative = v < 0x80000000u;
	uint32_t ms = is_negative ? 0x80000000u - v : v - 0x80000000u;

	text_addf(p->t, "%u %u %u.%03u %c ", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60,
		  ms % 1000, is_negative ? negative : positive);
}

static void put_size(struct dns_put *p, uint8_t v)
{
	unsigned exponent = v & 15u;
	uint64_t cm = (uint64_t)(v >> 4) * powers[exponent];

	if (exponent < 2)
		text_addf(p->t, " 0.%02um", (unsigned)cm);
	else
		text_addf(p->t, " %um", (unsigned)(cm / 100));
}

int dns_put_loc(struct dns_put *p)
{
	uint8_t version = rd_u8(&p->r), sizes[3];
	uint32_t latitude, longitude, altitude;
	int64_t cm;

	if (version)
		return E_UNSUP;
	rd_copy(&p->r, sizes, 3);
	latitude = rd_u32(&p->r);
	longitude = rd_u32(&p->r);
	altitude = rd_u32(&p->r);
	for (unsigned i = 0; i < 3; i++)
		if (sizes[i] >> 4 > 9 || (sizes[i] & 15) > 9)
			return E_BAD;
	if (p->r.bad)
		return E_TRUNC;
	for (unsigned i = 0; i < 3; i++)
		if (sizes[i] && !(sizes[i] >> 4)) /* one of ten ways to say nothing */
			return E_UNSUP;
	if (latitude < 0x80000000u - 324000000u || latitude > 0x80000000u + 324000000u ||
	    longitude < 0x80000000u - 648000000u || longitude > 0x80000000u + 648000000u)
		return E_BAD;
	put_angle(p, latitude, 'N', 'S');
	put_angle(p, longitude, 'E', 'W');
	cm = (int64_t)altitude - 10000000;
	text_addf(p->t, "%s%lld.%02lldm", cm < 0 ? "-" : "", (long long)(cm < 0 ? -cm : cm) / 100,
		  (long long)(cm < 0 ? -cm : cm) % 100);
	for (unsigned i = 0; i < 3; i++)
		put_size(p, sizes[i]);
	return 0;
}

/* "12.345" in units of 1 / @scale; the digits behind the point that a unit does not have are none. */
static int scaled(const char *word, uint32_t scale, uint64_t max, uint64_t *out)
{
	const char *point = strchr(word, '.');
	char whole[16];
	size_t n = point ? (size_t)(point - word) : strlen(word);
	uint64_t v;

	if (n >= sizeof(whole))
		return E_BAD;
	memcpy(whole, word, n);
	whole[n] = '\0';
	if (num_u64(whole, 0, max, &v, NULL) < 0)
		return E_BAD;
	v *= scale;
	for (const char *c = point ? point + 1 : ""; *c; c++) {
		scale /= 10;
		if (*c < '0' || *c > '9' || !scale)
			return E_BAD;
		v += (uint64_t)(*c - '0') * scale;
	}
	*out = v;
	return 0;
}

static int get_angle(struct dns_get *g, const char *letters, uint64_t max_degrees)
{
	uint64_t ms = 0, v;
	static const uint32_t units[] = {3600000, 60000, 1000};
	char word[16];

	for (unsigned i = 0; i < 4; i++) {
		if (dns_get_word(g, word, sizeof(word)) < 0)
			break;
		if (i && strlen(word) == 1 && strchr(letters, word[0] & ~0x20)) {
			bool is_negative = (word[0] & ~0x20) == letters[1];

			if (ms > max_degrees * 3600000)
				break;
			wr_u32(g->out,
			       (uint32_t)(is_negative ? 0x80000000u - ms : 0x80000000u + ms));
			return 0;
		}
		if (i == 3 || scaled(word, i == 2 ? 1000 : 1, i ? 59 : max_degrees, &v) < 0)
			break;
		ms += i == 2 ? v : v * units[i];
	}
	return dns_get_fault(g, "degrees, minutes, seconds and a direction");
}

/* "12.34m" in centimetres; @base is added before the sign is lost. */
static int get_metres(struct dns_get *g, const char *word, int64_t base, uint64_t max,
		      uint64_t *out)
{
	bool is_negative = word[0] == '-';
	char digits[24];
	size_t n = strlen(word += is_negative);
	uint64_t v;

	if (n && (word[n - 1] == 'm' || word[n - 1] == 'M'))
		n--;
	if (n >= sizeof(digits))
		return dns_get_fault(g, "metres");
	memcpy(digits, word, n);
	digits[n] = '\0';
	if (scaled(digits, 100, max / 100, &v) < 0 || (is_negative && (int64_t)v > base))
		return dns_get_fault(g, "metres");
	*out = is_negative ? (uint64_t)base - v : (uint64_t)base + v;
	return 0;
}

static uint8_t size_of_cm(uint64_t cm)
{
	unsigned exponent = 0;

	while (exponent < 9 && cm >= powers[exponent] * 10ull)
		exponent++;
	return (uint8_t)(cm / powers[exponent] << 4 | exponent);
}

int dns_get_loc(struct dns_get *g)
{
	uint8_t sizes[3] = {0x12, 0x16, 0x13}; /* RFC 1876 3: 1 m, 10 km, 10 m */
	size_t start = g->out->len;
	uint64_t v;
	char word[24];
	int err;

	wr_zero(g->out, 4);
	err = get_angle(g, "NS", 90);
	if (!err)
		err = get_angle(g, "EW", 180);
	if (!err && dns_get_word(g, word, sizeof(word)) < 0)
		err = dns_get_fault(g, "an altitude");
	if (!err)
		err = get_metres(g, word, 10000000, 4284967295u, &v);
	if (err)
		return err;
	wr_u32(g->out, (uint32_t)v);
	for (unsigned i = 0; i < 3 && dns_get_word(g, word, sizeof(word)) == 0; i++) {
		if (get_metres(g, word, 0, 9000000000u, &v) < 0)
			return E_BAD;
		sizes[i] = size_of_cm(v);
	}
	if (!g->out->bad)
		memcpy(g->out->buf + start + 1, sizes, 3);
	return 0;
}
