/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_dnsname - names as text and out of messages: each way leads back to the same octets. */
#include <string.h>

#include "fuzz.h"
#include "wire/dnsname.h"

static void must_come_back(const struct dns_name *n)
{
	char shown[DNS_NAME_TEXT_MAX];
	struct dns_name back;

	must(n->len >= 1 && !n->bytes[n->len - 1]);
	must(strlen(dns_name_text(n, shown)) < sizeof(shown) - 1);
	must(dns_name_parse(shown, strlen(shown), NULL, &back) == 0);
	must(dns_name_same(n, &back, true));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct rd msg = rd_make(data, len);
	struct rd r = msg;
	struct dns_name n;

	if (dns_name_parse((const char *)data, len, NULL, &n) == 0)
		must_come_back(&n);
	while (rd_left(&r)) {
		size_t before = r.pos;

		if (dns_name_read(&r, &msg, &n) < 0)
			break;
		must(r.pos > before);
		must_come_back(&n);
	}
	return 0;
}
