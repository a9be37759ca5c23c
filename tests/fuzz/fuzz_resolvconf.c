/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_resolvconf - any text: counts and options stay in their bounds. */
#include "fuzz.h"
#include "wire/resolvconf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct resolvconf c;

	resolvconf_parse((const char *)data, len, &c);
	must(c.n_servers <= RESOLVCONF_SERVERS && c.n_search <= RESOLVCONF_SEARCH);
	must(c.ndots <= 15 && c.attempts <= 5 && c.timeout_s <= 30);
	for (unsigned i = 0; i < c.n_search; i++)
		must(c.search[i].len >= 1);
	return 0;
}
