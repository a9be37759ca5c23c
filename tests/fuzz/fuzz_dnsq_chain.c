/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_dnsq_chain - any replies: what the chain does about them stays within bounds, and where
 * nobody can have signed them no verdict says that somebody has.
 *
 * The first octet says whom the chain trusts: the root of IANA, or the key that signed the corpus.
 * The second is the type asked for. Then replies, each behind its length, in the order in which
 * they are asked for.
 */
#include <string.h>

#include "dnsq/dnsq_chain.h"
#include "fuzz.h"

#define NOW 1800000000u

/* The key of the root in the corpus: Ed25519, its secret 32 times the octet 1. */
static const char corpus_anchor[] =
	". DNSKEY 257 3 15 iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=";

static bool fetch(void *arg, const struct dns_question *q, struct chain_reply *out)
{
	struct rd *r = arg;
	uint16_t n = rd_u16(r);

	(void)q;
	if (n > rd_left(r))
		n = (uint16_t)rd_left(r);
	out->len = n;
	out->bytes = rd_bytes(r, n);
	return n > 0;
}

static void must_be_printable(const char *text)
{
	for (; *text; text++)
		must(*text >= 0x20 && *text < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dns_question q = {.class = DNS_IN};
	struct rd r = rd_make(data, len);
	struct trust_anchors anchors;
	bool is_known = rd_u8(&r) & 1;
	struct chain *c;

	q.type = rd_u8(&r);
	trust_anchors_known(&anchors);
	must(anchors.n == 2);
	if (is_known)
		must(trust_anchors_parse(corpus_anchor, strlen(corpus_anchor), &anchors, NULL) ==
		     0);
	must(dns_name_parse("www.leaf.test.", 14, NULL, &q.name) == 0);
	c = chain_new(&anchors, NOW);
	if (!c)
		return 0;
	c->fetch = fetch;
	c->arg = &r;
	chain_run(c, &q);
	must(c->n_links >= 1 && c->n_links <= CHAIN_LINKS && c->n_checks <= CHAIN_CHECKS + 1 &&
	     c->n_fetches <= CHAIN_FETCHES + 1 && c->failing < c->n_links);
	for (unsigned i = 0; i < c->n_links; i++) {
		must(c->links[i].verdict <= c->verdict);
		must_be_printable(c->links[i].reason);
	}
	if (!is_known)
		must(c->verdict >= DNSSEC_INDETERMINATE);
	chain_free(c);
	return 0;
}
