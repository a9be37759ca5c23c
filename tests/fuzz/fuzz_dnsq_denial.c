/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_dnsq_denial - any message as a denial: bounded, and without a good signature no proof. The
 * first octets: the type denied, how many labels of a wildcard, which signatures are good.
 */
#include "dnsq/dnsq_denial.h"
#include "fuzz.h"

struct judge {
	uint8_t mask;
	unsigned n;
};

static bool is_good(void *arg, const struct dns_name *owner, uint16_t type)
{
	struct judge *j = arg;

	must(owner->len >= 1 && (type == DNS_NSEC || type == DNS_NSEC3));
	return j->mask >> (j->n++ % 8) & 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct denial d;
	struct rd r = rd_make(data, len);
	uint16_t type = rd_u8(&r);
	unsigned labels = rd_u8(&r);
	struct judge j = {.mask = rd_u8(&r)};
	struct dns_name zone, name;
	enum proof p, wild;

	if (dns_name_parse("example.", 8, NULL, &zone) < 0 ||
	    dns_name_parse("a.z.w.example.", 14, NULL, &name) < 0)
		return 0;
	d.is_good = is_good;
	d.n_hashes = 0;
	d.arg = &j;
	must(denial_read(&d, r.buf + r.pos, rd_left(&r), &zone) <= DENIAL_RECORDS);
	p = denial_prove(&d, &name, type);
	wild = denial_prove_wildcard(&d, &name, labels);
	must(j.n <= DENIAL_RECORDS); /* each record is judged once */
	must(d.n_hashes <= 2 * 7 * (DENIAL_ITERATIONS_MAX + 1));
	must(j.mask || (p == PROOF_NONE && wild == PROOF_NONE));
	must(wild != PROOF_NODATA && wild != PROOF_DELEGATION);
	must(p != PROOF_DELEGATION || type == DNS_DS);
	return 0;
}
