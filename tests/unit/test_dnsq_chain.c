/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chain of trust, in zones that are signed here: what holds, what breaks, what is too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "signed_world.h"

static struct world_key root_key, test_key, leaf_key, other_key;
static struct chain *chain; /* of the last judge() */

/* A root and two zones below it, test. and leaf.test., all signed well. */
static struct world *fresh(void)
{
	static struct world w;
	struct trust_anchor *a = &w.anchors.anchors[0];

	world_free(&w);
	w = (struct world){
		.inception = WORLD_NOW - 1000, .expiration = WORLD_NOW + 1000, .labels = -1};
	root_key = world_key_of(1);
	test_key = world_key_of(2);
	leaf_key = world_key_of(3);
	other_key = world_key_of(4);
	a->name = world_name(".");
	a->type = DNS_DNSKEY;
	a->len = sizeof(root_key.data);
	memcpy(a->data, root_key.data, sizeof(root_key.data));
	w.anchors.n = 1;
	world_keys(&w, ".", &root_key);
	world_delegate(&w, "test.", &test_key, ".", &root_key);
	world_keys(&w, "test.", &test_key);
	world_delegate(&w, "leaf.test.", &leaf_key, "test.", &test_key);
	world_keys(&w, "leaf.test.", &leaf_key);
	return &w;
}

/* The reply that is there. */
static struct world_reply *the(struct world *w, const char *name, uint16_t type)
{
	const struct dns_question q = {world_name(name), type, DNS_IN};
	struct world_reply *r = world_find(w, &q);

	if (!r)
		abort();
	return r;
}

/* www.leaf.test. A */
static struct world_reply *add_www(struct world *w)
{
	struct world_reply *r = world_reply(w, "www.leaf.test.", DNS_A, 0);

	world_put(r, DNS_ANSWER, "www.leaf.test.", DNS_A, "192.0.2.2");
	world_put(r, DNS_ANSWER, "WWW.leaf.test.", DNS_A, "192.0.2.1");
	world_sign(w, r, DNS_ANSWER, "www.leaf.test.", DNS_A, "leaf.test.", &leaf_key);
	return r;
}

static enum dnssec_verdict judge_at(struct world *w, uint64_t now_s, const char *name,
				    uint16_t type)
{
	const struct dns_question q = {world_name(name), type, DNS_IN};

	chain_free(chain);
	chain = chain_new(&w->anchors, now_s);
	assert_non_null(chain);
	chain->fetch = world_fetch;
	chain->arg = w;
	chain_run(chain, &q);
	assert_true(chain->n_links >= 1 && chain->n_links <= CHAIN_LINKS);
	assert_true(chain->n_checks <= CHAIN_CHECKS + 1);
	assert_true(w->n_fetched <= CHAIN_FETCHES);
	return chain->verdict;
}

static enum dnssec_verdict judge(struct world *w, const char *name, uint16_t type)
{
	return judge_at(w, WORLD_NOW, name, type);
}

/* The failing link's code, and that its reason begins so. */
static void fails(int info, const char *owner, const char *says)
{
	const struct chain_link *link = &chain->links[chain->failing];
	struct dns_name name = world_name(owner);

	if (link->info != info || !dns_name_same(&link->name, &name, false) ||
	    !strstr(link->reason, says))
		fail_msg("%d %s, not %d %s", link->info, link->reason, info, says);
}

static void a_chain_that_holds(void **state)
{
	struct world *w = fresh();

	(void)state;
	add_www(w);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_SECURE);
	assert_int_equal(chain->n_links, 6);
	assert_int_equal(chain->links[5].tag, leaf_key.tag);
	assert_string_equal(verdict_text(chain->verdict), "secure");
}

static void every_link_counts(void **state)
{
	static const struct {
		const char *name;
		uint16_t type;
	} links[] = {{".", DNS_DNSKEY},      {"test.", DNS_DS},          {"test.", DNS_DNSKEY},
		     {"leaf.test.", DNS_DS}, {"leaf.test.", DNS_DNSKEY}, {"www.leaf.test.", DNS_A}};

	(void)state;
	for (unsigned i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct world *w = fresh();
		struct world_reply *r;

		add_www(w);
		r = the(w, links[i].name, links[i].type);
		r->bytes[r->w.len - 1] ^= 1; /* the last octet of the signature */
		assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
		fails(6, links[i].name, "does not match the records");
		assert_int_equal(chain->failing, i);
		r->question.type = DNS_ANY; /* nobody replies */
		assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_INDETERMINATE);
		fails(5, links[i].name, "nobody replied");
	}
}

static void signatures_have_their_time(void **state)
{
	struct world *w = fresh();

	(void)state;
	add_www(w);
	assert_int_equal(judge_at(w, WORLD_NOW + 1000, "www.leaf.test.", DNS_A), DNSSEC_SECURE);
	assert_int_equal(judge_at(w, WORLD_NOW + 1001, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
	fails(7, ".", "expired 2027-01-15T08:16:40Z, 1 second ago: is this machine's clock right?");
	assert_int_equal(judge_at(w, WORLD_NOW - 1000, "www.leaf.test.", DNS_A), DNSSEC_SECURE);
	assert_int_equal(judge_at(w, WORLD_NOW - 1001, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
	fails(8, ".", "is not valid before 2027-01-15T07:43:20Z, in 1 second");
	assert_int_equal(judge_at(w, WORLD_NOW + 366 * 86400, "www.leaf.test.", DNS_A),
			 DNSSEC_BOGUS);
	fails(7, ".", "365 days ago");
	/* RFC 4034 3.1.5: the seconds go round; 2106 is no end. */
	assert_int_equal(judge_at(w, WORLD_NOW + (1ull << 32), "www.leaf.test.", DNS_A),
			 DNSSEC_SECURE);
}

static void what_is_missing(void **state)
{
	struct world *w = fresh();
	struct world_reply *r = world_reply(w, "www.leaf.test.", DNS_A, 0);

	(void)state;
	world_put(r, DNS_ANSWER, "www.leaf.test.", DNS_A, "192.0.2.1");
	/* No signature, and then it must be known that www is no zone of its own. */
	r = world_reply(w, "www.leaf.test.", DNS_DS, 0);
	world_put(r, DNS_AUTHORITY, "www.leaf.test.", DNS_NSEC, "leaf.test. A RRSIG NSEC");
	world_sign(w, r, DNS_AUTHORITY, "www.leaf.test.", DNS_NSEC, "leaf.test.", &leaf_key);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
	fails(10, "www.leaf.test.", "there is no RRSIG of leaf.test.");
	/* Signed by a key that the zone does not have. */
	w = fresh();
	r = world_reply(w, "www.leaf.test.", DNS_A, 0);
	world_put(r, DNS_ANSWER, "www.leaf.test.", DNS_A, "192.0.2.1");
	world_sign(w, r, DNS_ANSWER, "www.leaf.test.", DNS_A, "leaf.test.", &other_key);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
	fails(9, "www.leaf.test.", "is by a key that the zone does not have");
	/* No denial. */
	w = fresh();
	(void)world_reply(w, "www.leaf.test.", DNS_A, 0);
	(void)world_reply(w, "www.leaf.test.", DNS_DS, 0);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
	fails(12, "www.leaf.test.", "the reply has no NSEC and no NSEC3");
}

/* Who signs must be the zone: not the name itself, not a name beside it, for a DS not the child. */
static void who_signs(void **state)
{
	struct world *w = fresh();
	struct world_reply *r = world_reply(w, "www.leaf.test.", DNS_A, 0);

	(void)state;
	world_put(r, DNS_ANSWER, "www.leaf.test.", DNS_A, "192.0.2.66");
	world_sign(w, r, DNS_ANSWER, "www.leaf.test.", DNS_A, "www.leaf.test.", &other_key);
	r = world_reply(w, "www.leaf.test.", DNS_DS, 0);
	world_put(r, DNS_AUTHORITY, "www.leaf.test.", DNS_NSEC, "leaf.test. A RRSIG NSEC");
	world_sign(w, r, DNS_AUTHORITY, "www.leaf.test.", DNS_NSEC, "leaf.test.", &leaf_key);
	world_keys(w, "www.leaf.test.", &other_key);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
	fails(6, "www.leaf.test.", "the RRSIG is by www.leaf.test., which is no zone");
	w = fresh();
	add_www(w);
	r = world_delegate(w, "leaf.test.", &other_key, "leaf.test.", &other_key);
	world_keys(w, "leaf.test.", &other_key);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
	fails(10, "leaf.test.", "there is no RRSIG of test.");
}

static void unsigned_zones(void **state)
{
	struct world *w = fresh();
	struct world_reply *r = world_reply(w, "www.plain.test.", DNS_A, 0);

	(void)state;
	world_put(r, DNS_ANSWER, "www.plain.test.", DNS_A, "192.0.2.1");
	r = world_reply(w, "plain.test.", DNS_DS, 0);
	world_put(r, DNS_AUTHORITY, "plain.test.", DNS_NSEC, "test. NS RRSIG NSEC");
	world_sign(w, r, DNS_AUTHORITY, "plain.test.", DNS_NSEC, "test.", &test_key);
	assert_int_equal(judge(w, "www.plain.test.", DNS_A), DNSSEC_INSECURE);
	fails(-1, "plain.test.", "there is none: NSEC signed by test./");
	/* Not where it is only claimed. */
	r->bytes[r->w.len - 1] ^= 1;
	assert_int_equal(judge(w, "www.plain.test.", DNS_A), DNSSEC_BOGUS);
	fails(6, "plain.test.", "nothing proves that there is none: the RRSIG by test./");
	/* Nor where the record comes from a wildcard. */
	w = fresh();
	r = world_reply(w, "www.plain.test.", DNS_A, 0);
	world_put(r, DNS_ANSWER, "www.plain.test.", DNS_A, "192.0.2.1");
	r = world_reply(w, "plain.test.", DNS_DS, 0);
	w->labels = 1;
	world_put(r, DNS_AUTHORITY, "plain.test.", DNS_NSEC, "test. NS RRSIG NSEC");
	world_sign(w, r, DNS_AUTHORITY, "plain.test.", DNS_NSEC, "test.", &test_key);
	assert_int_equal(judge(w, "www.plain.test.", DNS_A), DNSSEC_BOGUS);
	fails(12, "plain.test.", "the NSEC comes from a wildcard");
}

static void kinds_of_ds(void **state)
{
	struct world *w = fresh();
	struct world_reply *r;
	char ds[200];

	(void)state;
	/* Neither algorithm nor digest that is known: as if unsigned. */
	add_www(w);
	the(w, "leaf.test.", DNS_DS)->question.type = DNS_ANY;
	r = world_reply(w, "leaf.test.", DNS_DS, 0);
	world_put(r, DNS_ANSWER, "leaf.test.", DNS_DS, "1 253 2 00");
	world_sign(w, r, DNS_ANSWER, "leaf.test.", DNS_DS, "test.", &test_key);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_INSECURE);
	fails(1, "leaf.test.", "the DS 1 (PRIVATEDNS) has no algorithm that is supported");
	r = world_reply(w, "leaf.test.", DNS_DS, 0);
	world_put(r, DNS_ANSWER, "leaf.test.", DNS_DS, "1 15 99 00");
	world_sign(w, r, DNS_ANSWER, "leaf.test.", DNS_DS, "test.", &test_key);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_INSECURE);
	fails(2, "leaf.test.", "has no digest that is supported");
	/* RFC 4509 3: SHA-1 alone is good, beside a better one it does not count. */
	world_ds_data("leaf.test.", &leaf_key, 1, ds, sizeof(ds));
	r = world_reply(w, "leaf.test.", DNS_DS, 0);
	world_put(r, DNS_ANSWER, "leaf.test.", DNS_DS, ds);
	world_sign(w, r, DNS_ANSWER, "leaf.test.", DNS_DS, "test.", &test_key);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_SECURE);
	r = world_reply(w, "leaf.test.", DNS_DS, 0);
	world_put(r, DNS_ANSWER, "leaf.test.", DNS_DS, ds);
	world_put(r, DNS_ANSWER, "leaf.test.", DNS_DS, "1 15 2 00");
	world_sign(w, r, DNS_ANSWER, "leaf.test.", DNS_DS, "test.", &test_key);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
	fails(9, "leaf.test.", "no key matches the DS");
}

/* A key that is revoked, or is of no zone, is none (RFC 5011 2.1, RFC 4034 2.1.1). */
static void keys_that_are_none(void **state)
{
	static const uint8_t flags[][3] = {{1, 0x81, 3}, {0, 1, 3}, {1, 1, 2}};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct world *w = fresh();

		add_www(w);
		memcpy(root_key.data, flags[i], 3);
		root_key.tag = dns_key_tag(root_key.data, sizeof(root_key.data));
		memcpy(w->anchors.anchors[0].data, root_key.data, sizeof(root_key.data));
		world_keys(w, ".", &root_key);
		assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
		fails(9, ".", "no key matches the trust anchor");
	}
}

static struct world_reply *add_wild(struct world *w, const char *next)
{
	struct world_reply *r = world_reply(w, "x.leaf.test.", DNS_TXT, 0);

	world_put(r, DNS_ANSWER, "x.leaf.test.", DNS_TXT, "wild");
	w->labels = 2;
	world_sign(w, r, DNS_ANSWER, "x.leaf.test.", DNS_TXT, "leaf.test.", &leaf_key);
	w->labels = -1;
	if (next) {
		world_put(r, DNS_AUTHORITY, "*.leaf.test.", DNS_NSEC, next);
		world_sign(w, r, DNS_AUTHORITY, "*.leaf.test.", DNS_NSEC, "leaf.test.", &leaf_key);
	}
	return r;
}

static void wildcards(void **state)
{
	struct world *w = fresh();

	(void)state;
	add_wild(w, "z.leaf.test. TXT RRSIG NSEC");
	assert_int_equal(judge(w, "x.leaf.test.", DNS_TXT), DNSSEC_SECURE);
	w = fresh();
	add_wild(w, NULL);
	assert_int_equal(judge(w, "x.leaf.test.", DNS_TXT), DNSSEC_BOGUS);
	fails(12, "x.leaf.test.", "nothing proves that the name itself is not there");
	w = fresh();
	add_wild(w, "a.leaf.test. TXT RRSIG NSEC"); /* another gap */
	assert_int_equal(judge(w, "x.leaf.test.", DNS_TXT), DNSSEC_BOGUS);
	w = fresh();
	add_wild(w, "a.x.leaf.test. TXT RRSIG NSEC"); /* x itself is there, without records */
	assert_int_equal(judge(w, "x.leaf.test.", DNS_TXT), DNSSEC_BOGUS);
}

static void the_response_code_must_fit(void **state)
{
	struct world *w = fresh();
	struct world_reply *r = world_reply(w, "www.leaf.test.", DNS_A, DNS_NXDOMAIN);
	const struct dns_edns edns = {.udp_max = 1232};
	static const uint8_t expired[] = {0, DNS_OPT_ERROR, 0, 2, 0, 7};

	(void)state;
	world_put(r, DNS_AUTHORITY, "www.leaf.test.", DNS_NSEC, "leaf.test. TXT RRSIG NSEC");
	world_sign(w, r, DNS_AUTHORITY, "www.leaf.test.", DNS_NSEC, "leaf.test.", &leaf_key);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
	fails(6, "www.leaf.test.", "the reply says NXDOMAIN, but the proof is of a name");
	put_u16(r->bytes + 2, DNS_QR);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_SECURE);
	put_u16(r->bytes + 2, DNS_QR | DNS_REFUSED);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_INDETERMINATE);
	fails(5, "www.leaf.test.", "the server says REFUSED");
	dns_put_opt(&r->w, &edns, expired, sizeof(expired));
	put_u16(r->bytes + 10, 1);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_INDETERMINATE);
	fails(5, "www.leaf.test.", "the server says REFUSED, Signature Expired");
}

static void aliases(void **state)
{
	struct world *w = fresh();
	struct world_reply *r = world_reply(w, "a.leaf.test.", DNS_A, 0);

	(void)state;
	add_www(w);
	world_put(r, DNS_ANSWER, "a.leaf.test.", DNS_CNAME, "www.leaf.test.");
	world_sign(w, r, DNS_ANSWER, "a.leaf.test.", DNS_CNAME, "leaf.test.", &leaf_key);
	assert_int_equal(judge(w, "a.leaf.test.", DNS_A), DNSSEC_SECURE);
	/* A circle is told. */
	r = world_reply(w, "b.leaf.test.", DNS_A, 0);
	world_put(r, DNS_ANSWER, "b.leaf.test.", DNS_CNAME, "b.leaf.test.");
	world_sign(w, r, DNS_ANSWER, "b.leaf.test.", DNS_CNAME, "leaf.test.", &leaf_key);
	assert_int_equal(judge(w, "b.leaf.test.", DNS_A), DNSSEC_INDETERMINATE);
	fails(5, "b.leaf.test.", "aliases lead in a circle");
	/* What a DNAME makes needs no signature, but must be what it makes. */
	r = world_reply(w, "www.d.test.", DNS_A, 0);
	world_put(r, DNS_ANSWER, "d.test.", DNS_DNAME, "leaf.test.");
	world_sign(w, r, DNS_ANSWER, "d.test.", DNS_DNAME, "test.", &test_key);
	world_put(r, DNS_ANSWER, "www.d.test.", DNS_CNAME, "www.leaf.test.");
	assert_int_equal(judge(w, "www.d.test.", DNS_A), DNSSEC_SECURE);
	r = world_reply(w, "www.d.test.", DNS_A, 0);
	world_put(r, DNS_ANSWER, "d.test.", DNS_DNAME, "leaf.test.");
	world_sign(w, r, DNS_ANSWER, "d.test.", DNS_DNAME, "test.", &test_key);
	world_put(r, DNS_ANSWER, "www.d.test.", DNS_CNAME, "evil.test.");
	assert_int_equal(judge(w, "www.d.test.", DNS_A), DNSSEC_BOGUS);
	fails(6, "www.d.test.", "the alias is not what the DNAME makes of the name");
}

static void servers_that_know_no_dnssec(void **state)
{
	struct world *w = fresh();
	struct world_reply *r = world_reply(w, ".", DNS_DNSKEY, 0);
	const struct dns_edns edns = {.udp_max = 1232, .flags = DNS_DO};

	(void)state;
	add_www(w);
	world_put_data(r, DNS_ANSWER, ".", DNS_DNSKEY, root_key.data, sizeof(root_key.data));
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_INDETERMINATE);
	fails(5, ".", "the server does not know DNSSEC");
	/* Who copies the DO bit knows it, and leaves something out. */
	dns_put_opt(&r->w, &edns, NULL, 0);
	put_u16(r->bytes + 10, 1);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
	fails(10, ".", "there is no RRSIG");
	w->anchors.n = 0;
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_INDETERMINATE);
	fails(5, "leaf.test.", "no trust anchor is given for it or above");
}

/* CVE-2023-50387: many keys of one tag, many signatures by it, none of them good. */
static void few_signatures_are_checked(void **state)
{
	struct world *w = fresh();
	struct world_reply *r = world_reply(w, "leaf.test.", DNS_DNSKEY, 0);
	struct world_key same = other_key;

	(void)state;
	world_put_data(r, DNS_ANSWER, "leaf.test.", DNS_DNSKEY, leaf_key.data,
		       sizeof(leaf_key.data));
	for (unsigned i = 0; i < 30; i++) {
		/* What one pair of octets gains another one loses. */
		put_u16(same.data + 4, (uint16_t)(0x4000 + i));
		put_u16(same.data + 6, (uint16_t)(0x4000 - i));
		same.tag = dns_key_tag(same.data, sizeof(same.data));
		world_put_data(r, DNS_ANSWER, "leaf.test.", DNS_DNSKEY, same.data,
			       sizeof(same.data));
	}
	world_sign(w, r, DNS_ANSWER, "leaf.test.", DNS_DNSKEY, "leaf.test.", &leaf_key);
	r = world_reply(w, "www.leaf.test.", DNS_A, 0);
	world_put(r, DNS_ANSWER, "www.leaf.test.", DNS_A, "192.0.2.1");
	memcpy(other_key.data + 4, world_key_of(4).data + 4, ED25519_KEY_SIZE);
	other_key.tag = same.tag;
	for (unsigned i = 0; i < 100; i++)
		world_sign(w, r, DNS_ANSWER, "www.leaf.test.", DNS_A, "leaf.test.", &other_key);
	assert_int_equal(judge(w, "www.leaf.test.", DNS_A), DNSSEC_BOGUS);
	fails(6, "www.leaf.test.", "is one of too many");
	assert_true(chain->n_checks <= 5 + CHAIN_SET_CHECKS + 1);
}

/* Says of every name that it is an alias: so no zone begins there, and on it goes. */
static void improvise_alias(struct world *w, const struct dns_question *q)
{
	char name[DNS_NAME_TEXT_MAX];
	struct world_reply *r = world_reply(w, dns_name_text(&q->name, name), q->type, 0);

	world_put(r, DNS_ANSWER, name, DNS_CNAME, "www.leaf.test.");
	world_sign(w, r, DNS_ANSWER, name, DNS_CNAME, "leaf.test.", &leaf_key);
}

static void few_questions_are_asked(void **state)
{
	struct world *w = fresh();
	char name[DNS_NAME_TEXT_MAX] = "";
	struct world_reply *r;

	(void)state;
	for (unsigned i = 0; i < 120; i++)
		strcat(name, "a.");
	strcat(name, "leaf.test.");
	r = world_reply(w, name, DNS_A, 0);
	world_put(r, DNS_ANSWER, name, DNS_A, "192.0.2.1");
	w->improvise = improvise_alias;
	assert_int_equal(judge(w, name, DNS_A), DNSSEC_INDETERMINATE);
	assert_non_null(strstr(chain->links[chain->failing].reason, "too many questions"));
}

static int end(void **state)
{
	(void)state;
	chain_free(chain);
	(void)fresh();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_that_holds),
		cmocka_unit_test(every_link_counts),
		cmocka_unit_test(signatures_have_their_time),
		cmocka_unit_test(what_is_missing),
		cmocka_unit_test(who_signs),
		cmocka_unit_test(unsigned_zones),
		cmocka_unit_test(kinds_of_ds),
		cmocka_unit_test(keys_that_are_none),
		cmocka_unit_test(wildcards),
		cmocka_unit_test(the_response_code_must_fit),
		cmocka_unit_test(aliases),
		cmocka_unit_test(servers_that_know_no_dnssec),
		cmocka_unit_test(few_signatures_are_checked),
		cmocka_unit_test(few_questions_are_asked),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
