/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_dnsrdata - text to data: what is taken can be shown, and is taken again. */
#include <string.h>

#include "fuzz.h"
#include "wire/dnsrdata.h"

static char shown[DNS_RDATA_TEXT_MAX];
static uint8_t first[DNS_RDATA_MAX], second[DNS_RDATA_MAX];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct dns_style plain = {0};
	struct wr w = wr_make(first, sizeof(first)), again = wr_make(second, sizeof(second));
	struct text t = text_make(shown, sizeof(shown));
	struct why why = {0};
	uint16_t type;

	if (len < 2)
		return 0;
	type = (uint16_t)(data[0] << 8 | data[1]);
	if (dns_rdata_parse(type, (const char *)data + 2, len - 2, NULL, &w, &why) < 0)
		return 0;
	must(w.len <= sizeof(first));
	/* The generic form may hold octets that break the rules of the type. */
	if (dns_rdata_text(&t, type, rd_make(first, w.len), NULL, &plain) < 0)
		return 0;
	must(dns_rdata_parse(type, shown, t.len, NULL, &again, &why) == 0);
	return 0;
}
