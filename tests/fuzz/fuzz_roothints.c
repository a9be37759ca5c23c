/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_roothints - any text: every hint has a name and an address. */
#include "fuzz.h"
#include "wire/roothints.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct roothints h;
	int err = roothints_parse((const char *)data, len, &h, NULL);

	must(h.n <= ROOTHINTS_MAX && (err == 0) == (h.n > 0));
	for (unsigned i = 0; i < h.n; i++)
		must(h.hints[i].name.len >= 1 &&
		     (h.hints[i].addr.len == 4 || h.hints[i].addr.len == 16));
	return 0;
}
