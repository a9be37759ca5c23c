/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_trustanchor - any text: every anchor has a name and the data of a DS or DNSKEY. */
#include "fuzz.h"
#include "wire/dns.h"
#include "wire/trustanchor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct trust_anchors a;
	int err = trust_anchors_parse((const char *)data, len, &a, NULL);

	must(a.n <= ANCHORS_MAX && (err || a.n > 0));
	for (unsigned i = 0; i < a.n; i++)
		must(a.anchors[i].name.len >= 1 && a.anchors[i].len <= ANCHOR_OCTETS &&
		     (a.anchors[i].type == DNS_DS || a.anchors[i].type == DNS_DNSKEY));
	return 0;
}
