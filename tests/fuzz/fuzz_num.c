/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_num - numbers, durations and rates: what is accepted means what strtold() reads. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "fuzz.h"

static long double unit_ns(const char *suffix)
{
	static const struct {
		const char *name;
		long double ns;
	} units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(suffix, units[i].name) == 0)
			return units[i].ns;
	must(*suffix == '\0');
	return 1e9;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1), *end;
	struct why why;
	uint64_t v;
	long double plain;
	double pps;

	must(text != NULL);
	memcpy(text, data, len);
	text[len] = '\0';
	plain = strtold(text, &end);
	if (num_u64(text, 1, UINT64_MAX - 1, &v, &why) == 0)
		must(v >= 1 && v < UINT64_MAX && *end == '\0' && plain == (long double)v);
	if (num_duration(text, 0, UINT64_MAX, &v, &why) == 0) {
		plain = plain * unit_ns(end);
		must((long double)v <= plain * (1 + 1e-15L) &&
		     (long double)v >= plain * (1 - 1e-15L) - 16);
	}
	plain = strtold(text, &end);
	if (num_rate(text, &pps, &why) == 0) {
		plain *= *end == 'k' ? 1e3L : *end == 'M' ? 1e6L : 1;
		must(pps >= 0 && pps <= 100e6 && (pps > 0) == (plain > 0));
		must(fabsl(plain - pps) <= plain * 1e-12L + 1.000001L * (*end == 'M' ? 1 :
									 *end == 'k' ? 1e-3L :
										       1e-6L));
	}
	free(text);
	return 0;
}
