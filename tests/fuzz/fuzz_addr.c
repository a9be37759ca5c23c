/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_addr - addresses: what parses prints, and what is printed parses to the same. */
#include <string.h>

#include "base/addr.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1), addr_out[ADDR_TEXT_MAX], mac_out[MAC_TEXT_MAX];
	struct addr a, b;
	struct mac m, n;

	must(text != NULL);
	memcpy(text, data, len);
	text[len] = '\0';
	if (addr_parse(text, &a) == 0) {
		must(a.len == (strchr(text, ':') ? 16 : 4));
		must(addr_parse(addr_text(&a, addr_out), &b) == 0);
		must(addr_same(&a, &b) && addr_cmp(&a, &b) == 0 && a.zone == b.zone);
	}
	if (mac_parse(text, &m) == 0) {
		must(mac_parse(mac_text(&m, mac_out), &n) == 0);
		must(memcmp(&m, &n, sizeof(m)) == 0);
	}
	free(text);
	return 0;
}
