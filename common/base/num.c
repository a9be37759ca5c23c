/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/num.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int bad_u64(int err, uint64_t min, uint64_t max, struct why *why)
{
	if (max == UINT64_MAX)
		return why_set(why, err, "a whole number, at least %" PRIu64, min);
	return why_set(why, err, "a whole number from %" PRIu64 " to %" PRIu64, min, max);
}

int num_u64(const char *text, uint64_t min, uint64_t max, uint64_t *out, struct why *why)
{
	bool hex = text[0] == '0' && (text[1] | 0x20) == 'x';
	char *end;
	uint64_t v;

	if (!is_digit(text[0]) || (hex && !text[2]))
		return bad_u64(E_BAD, min, max, why);
	errno = 0;
	v = strtoull(text, &end, hex ? 16 : 10);
	if (*end)
		return bad_u64(E_BAD, min, max, why);
	if (errno == ERANGE || v < min || v > max)
		return bad_u64(E_RANGE, min, max, why);
	*out = v;
	return 0;
}

/*
 * Reads digits[.digits] in units of @unit and steps @text over it. Exact: no binary fraction is
 * involved, so 0.0005 s is 500,000 ns to the last one. Digits below one ns are dropped.
 */
static int read_decimal(const char **text, uint64_t unit, uint64_t *out)
{
	const char *p = *text;
	uint64_t whole = 0, part = 0, scale = unit;

	if (!is_digit(*p) && !(*p == '.' && is_digit(p[1])))
		return E_BAD;
	for (; is_digit(*p); p++) {
		if (whole > (UINT64_MAX / unit - 10) / 10)
			return E_RANGE;
		whole = whole * 10 + (uint64_t)(*p - '0');
	}
	if (*p == '.' && is_digit(p[1])) {
		for (p++; is_digit(*p); p++) {
			uint64_t digit = (uint64_t)(*p - '0');

			part += scale / 10 * digit + scale % 10 * digit / 10;
			scale /= 10;
		}
	}
	*out = whole * unit + part;
	*text = p;
	return 0;
}

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{"", NS_PER_S},         {"ns", 1},       {"us", NS_PER_US},
	{"ms", NS_PER_MS},      {"s", NS_PER_S}, {"m", 60 * NS_PER_S},
	{"h", 3600 * NS_PER_S},
};

/* The shortest way to say @ns to a person. */
static void say_ns(uint64_t ns, char *out, size_t cap)
{
	const struct unit *u = &units[4];

	if (ns && ns % NS_PER_S)
		u = ns % NS_PER_US ? &units[1] : ns % NS_PER_MS ? &units[2] : &units[3];
	snprintf(out, cap, "%" PRIu64 "%s", ns / u->ns, u->name);
}

static int bad_duration(int err, uint64_t min_ns, uint64_t max_ns, struct why *why)
{
	char least[32], most[32];

	say_ns(min_ns, least, sizeof(least));
	say_ns(max_ns, most, sizeof(most));
	return why_set(why, err, "a duration such as 0.2, 200ms, 1s or 2m, from %s to %s", least,
		       most);
}

int num_duration(const char *text, uint64_t min_ns, uint64_t max_ns, uint64_t *out_ns,
		 struct why *why)
{
	const char *suffix = text + strspn(text, "0123456789.");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const char *p = text;
		uint64_t ns = 0;
		int err;

		if (strcmp(suffix, units[i].name) != 0)
			continue;
		err = read_decimal(&p, units[i].ns, &ns);
		if (!err && p != suffix)
			err = E_BAD;
		if (!err && (ns < min_ns || ns > max_ns))
			err = E_RANGE;
		if (err)
			return bad_duration(err, min_ns, max_ns, why);
		*out_ns = ns;
		return 0;
	}
	return bad_duration(E_BAD, min_ns, max_ns, why);
}

int num_rate(const char *text, double *out_pps, struct why *why)
{
	static const char wanted[] =
		"packets a second such as 50, 0.5, 10k or 1M, at most 100M; 0 for no limit";
	const char *p = text;
	uint64_t micro = 0;
	double pps;
	int err = read_decimal(&p, 1000000, &micro);

	pps = (double)micro / 1e6;
	if (*p == 'k')
		pps *= 1e3, p++;
	else if (*p == 'M')
		pps *= 1e6, p++;
	if (!err && *p)
		err = E_BAD;
	/* A rate too small to hold must not become 0, which would be no limit at all. */
	if (!err && (pps > 100e6 || (!micro && strpbrk(text, "123456789"))))
		err = E_RANGE;
	if (err)
		return why_set(why, err, "%s", wanted);
	*out_pps = pps;
	return 0;
}
