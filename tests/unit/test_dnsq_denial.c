/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What NSEC and NSEC3 prove in the zones of RFC 4035 A and RFC 5155 A, and what proves nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dnsq/dnsq_denial.h"
#include "wire/dnsrdata.h"

/* Owner, type and data. */
struct line {
	const char *owner, *data;
};

static const struct line nsec[] = {
	{"example.", "a.example. NS SOA MX RRSIG NSEC DNSKEY"},
	{"a.example.", "ai.example. NS DS RRSIG NSEC"},
	{"ai.example.", "b.example. A HINFO AAAA RRSIG NSEC"},
	{"b.example.", "ns1.example. NS RRSIG NSEC"},
	{"ns1.example.", "ns2.example. A RRSIG NSEC"},
	{"ns2.example.", "*.w.example. A RRSIG NSEC"},
	{"*.w.example.", "x.w.example. MX RRSIG NSEC"},
	{"x.w.example.", "x.y.w.example. MX RRSIG NSEC"},
	{"x.y.w.example.", "xx.example. MX RRSIG NSEC"},
	{"xx.example.", "example. A HINFO AAAA RRSIG NSEC"},
};

/* The flag is set before use; the owners hash, in this order: example, ns1, x.y.w, a, x.w, ai, y.w,
 * w, 2t7b...example, ns2, *.w, xx. */
static const struct line nsec3[] = {
	{"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.",
	 "2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG"},
	{"2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.", "2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG"},
	{"2vptu5timamqttgl4luu9kg21e0aor3s.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl MX RRSIG"},
	{"35mthgpgcu1qg68fab165klnsnk3dpvl.example.",
	 "b4um86eghhds6nea196smvmlo4ors995 NS DS RRSIG"},
	{"b4um86eghhds6nea196smvmlo4ors995.example.", "gjeqe526plbf1g8mklp59enfd789njgi MX RRSIG"},
	{"gjeqe526plbf1g8mklp59enfd789njgi.example.",
	 "ji6neoaepv8b5o6k4ev33abha8ht9fgc HINFO A AAAA RRSIG"},
	{"ji6neoaepv8b5o6k4ev33abha8ht9fgc.example.", "k8udemvp1j2f7eg6jebps17vp3n8i58h"},
	{"k8udemvp1j2f7eg6jebps17vp3n8i58h.example.", "kohar7mbb8dc2ce8a9qvl8hon4k53uhi"},
	{"kohar7mbb8dc2ce8a9qvl8hon4k53uhi.example.", "q04jkcevqvmu85r014c7dkba38o0ji5r A RRSIG"},
	{"q04jkcevqvmu85r014c7dkba38o0ji5r.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en A RRSIG"},
	{"r53bq7cc2uvmubfu5ocmm6pers9tk9en.example.", "t644ebqk9bibcna874givr6joj62mlhv MX RRSIG"},
	{"t644ebqk9bibcna874givr6joj62mlhv.example.",
	 "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom HINFO A AAAA RRSIG"},
};

static struct dns_name name_of(const char *text)
{
	struct dns_name n;

	assert_int_equal(dns_name_parse(text, strlen(text), NULL, &n), 0);
	return n;
}

/* A message with lines of a zone in its authority section, and what it proves. */
struct world {
	uint8_t message[8192];
	struct wr w;
	unsigned n;
	const char *bad; /* the owner whose signature is not good; NULL: all are */
	unsigned n_checked;
	struct denial denial;
};

static struct world *fresh(void)
{
	static struct world w;

	memset(&w, 0, sizeof(w));
	w.w = wr_make(w.message, sizeof(w.message));
	wr_zero(&w.w, DNS_HDR_LEN);
	return &w;
}

static void add(struct world *w, uint16_t type, const char *owner, const char *data)
{
	struct dns_name name = name_of(owner);
	uint8_t bytes[600];
	struct wr d = wr_make(bytes, sizeof(bytes));
	struct why why = {0};

	if (dns_rdata_parse(type, data, strlen(data), NULL, &d, &why) < 0)
		fail_msg("%s: %s", data, why.text);
	dns_put_record(&w->w, &name, type, DNS_IN, 60, bytes, d.len);
	put_u16(w->message + 8, (uint16_t)++w->n);
}

static void add_nsec(struct world *w, const char *owner)
{
	for (size_t i = 0; i < sizeof(nsec) / sizeof(nsec[0]); i++)
		if (strcmp(nsec[i].owner, owner) == 0)
			add(w, DNS_NSEC, owner, nsec[i].data);
}

/* The one whose owner begins with @hash. */
static void add_nsec3(struct world *w, const char *hash, unsigned flags, unsigned iterations)
{
	char data[200];

	for (size_t i = 0; i < sizeof(nsec3) / sizeof(nsec3[0]); i++) {
		if (strncmp(nsec3[i].owner, hash, strlen(hash)) != 0)
			continue;
		snprintf(data, sizeof(data), "1 %u %u aabbccdd %s", flags, iterations,
			 nsec3[i].data);
		add(w, DNS_NSEC3, nsec3[i].owner, data);
	}
}

static bool is_good(void *arg, const struct dns_name *owner, uint16_t type)
{
	struct world *w = arg;
	struct dns_name bad;

	(void)type;
	w->n_checked++;
	bad = name_of(w->bad ? w->bad : ".");
	return !dns_name_same(owner, &bad, false);
}

static void read_world(struct world *w)
{
	struct dns_name zone = name_of("example.");

	w->denial.is_good = is_good;
	w->denial.arg = w;
	(void)denial_read(&w->denial, w->message, w->w.len, &zone);
}

static enum proof prove(struct world *w, const char *name, uint16_t type)
{
	struct dns_name n = name_of(name);

	read_world(w);
	return denial_prove(&w->denial, &n, type);
}

static enum proof prove_wild(struct world *w, const char *name, unsigned labels)
{
	struct dns_name n = name_of(name);

	read_world(w);
	return denial_prove_wildcard(&w->denial, &n, labels);
}

static struct world *with_nsec(const char *a, const char *b)
{
	struct world *w = fresh();

	add_nsec(w, a);
	if (b)
		add_nsec(w, b);
	return w;
}

static struct world *with_nsec3(unsigned flags, const char *a, const char *b, const char *c)
{
	struct world *w = fresh();

	add_nsec3(w, a, flags, 12);
	if (b)
		add_nsec3(w, b, flags, 12);
	if (c)
		add_nsec3(w, c, flags, 12);
	return w;
}

/* RFC 4035 B.2 to B.8. */
static void nsec_proves(void **state)
{
	(void)state;
	assert_int_equal(prove(with_nsec("b.example.", "example."), "ml.example.", DNS_A),
			 PROOF_NXDOMAIN);
	assert_int_equal(prove(with_nsec("ns1.example.", NULL), "NS1.example.", DNS_MX),
			 PROOF_NODATA);
	assert_int_equal(prove(with_nsec("b.example.", NULL), "b.example.", DNS_DS),
			 PROOF_DELEGATION);
	assert_int_equal(
		prove(with_nsec("x.y.w.example.", "*.w.example."), "a.z.w.example.", DNS_AAAA),
		PROOF_NODATA);
	/* Names without records, between names that have some. */
	assert_int_equal(prove(with_nsec("x.w.example.", NULL), "y.w.example.", DNS_A),
			 PROOF_NODATA);
	assert_int_equal(prove(with_nsec("ns2.example.", NULL), "w.example.", DNS_DS),
			 PROOF_NODATA);
	/* The last one leads back to the apex. */
	assert_int_equal(prove(with_nsec("xx.example.", "example."), "zz.example.", DNS_A),
			 PROOF_NXDOMAIN);
	assert_int_equal(prove_wild(with_nsec("x.y.w.example.", NULL), "a.z.w.example.", 2),
			 PROOF_NXDOMAIN);
}

static void nsec_proves_nothing(void **state)
{
	(void)state;
	/* The type is there. */
	assert_int_equal(prove(with_nsec("ns1.example.", NULL), "ns1.example.", DNS_A), PROOF_NONE);
	/* The wildcard is not denied, or is there. */
	assert_int_equal(prove(with_nsec("b.example.", NULL), "ml.example.", DNS_A), PROOF_NONE);
	assert_int_equal(
		prove(with_nsec("x.y.w.example.", "*.w.example."), "a.z.w.example.", DNS_MX),
		PROOF_NONE);
	/* B.8: what the child says about the DS of its apex. */
	assert_int_equal(prove(with_nsec("example.", NULL), "example.", DNS_DS), PROOF_NONE);
	/* What the parent says at and below a cut. */
	assert_int_equal(prove(with_nsec("b.example.", NULL), "b.example.", DNS_A), PROOF_NONE);
	assert_int_equal(prove(with_nsec("b.example.", "example."), "mc.b.example.", DNS_A),
			 PROOF_NONE);
	/* Another name; another zone; a deeper wildcard; a name that the wildcard is not for. */
	assert_int_equal(prove(with_nsec("ns2.example.", NULL), "ns1.example.", DNS_MX),
			 PROOF_NONE);
	assert_int_equal(prove(with_nsec("xx.example.", "example."), "zz.", DNS_A), PROOF_NONE);
	assert_int_equal(prove_wild(with_nsec("x.y.w.example.", NULL), "a.z.w.example.", 1),
			 PROOF_NONE);
	assert_int_equal(prove_wild(with_nsec("x.w.example.", NULL), "x.w.example.", 2),
			 PROOF_NONE);
	assert_int_equal(prove(fresh(), "ml.example.", DNS_A), PROOF_NONE);
}

static void bad_signatures_prove_nothing(void **state)
{
	struct world *w = with_nsec("b.example.", "example.");

	(void)state;
	w->bad = "example.";
	assert_int_equal(prove(w, "ml.example.", DNS_A), PROOF_NONE);
	w->bad = "b.example.";
	assert_int_equal(prove(w, "ml.example.", DNS_A), PROOF_NONE);
	w = with_nsec3(0, "0p9m", "b4um", "35mt");
	w->bad = nsec3[3].owner;
	assert_int_equal(prove(w, "a.c.x.w.example.", DNS_A), PROOF_NONE);
}

/* RFC 5155 B.1 to B.6; with opt-out, as there, some prove less. */
static void nsec3_proves(void **state)
{
	(void)state;
	assert_int_equal(prove(with_nsec3(0, "0p9m", "b4um", "35mt"), "a.c.x.w.example.", DNS_A),
			 PROOF_NXDOMAIN);
	assert_int_equal(prove(with_nsec3(1, "0p9m", "b4um", "35mt"), "a.c.x.w.example.", DNS_A),
			 PROOF_OPT_OUT);
	assert_int_equal(prove(with_nsec3(1, "2t7b", NULL, NULL), "ns1.example.", DNS_MX),
			 PROOF_NODATA);
	assert_int_equal(prove(with_nsec3(1, "ji6n", NULL, NULL), "y.w.example.", DNS_A),
			 PROOF_NODATA);
	assert_int_equal(prove(with_nsec3(1, "35mt", "0p9m", NULL), "c.example.", DNS_DS),
			 PROOF_OPT_OUT);
	assert_int_equal(prove(with_nsec3(0, "k8ud", "q04j", "r53b"), "a.z.w.example.", DNS_AAAA),
			 PROOF_NODATA);
	assert_int_equal(prove(with_nsec3(1, "k8ud", "q04j", "r53b"), "a.z.w.example.", DNS_AAAA),
			 PROOF_OPT_OUT);
	assert_int_equal(prove_wild(with_nsec3(0, "q04j", NULL, NULL), "a.z.w.example.", 2),
			 PROOF_NXDOMAIN);
	assert_int_equal(prove_wild(with_nsec3(1, "q04j", NULL, NULL), "a.z.w.example.", 2),
			 PROOF_OPT_OUT);
}

static void nsec3_proves_nothing(void **state)
{
	(void)state;
	/* Without each of the three. */
	assert_int_equal(prove(with_nsec3(0, "b4um", "35mt", NULL), "a.c.x.w.example.", DNS_A),
			 PROOF_NONE);
	assert_int_equal(prove(with_nsec3(0, "0p9m", "35mt", NULL), "a.c.x.w.example.", DNS_A),
			 PROOF_NONE);
	assert_int_equal(prove(with_nsec3(0, "0p9m", "b4um", NULL), "a.c.x.w.example.", DNS_A),
			 PROOF_NONE);
	/* B.6, the type, the wildcard's type, a name below a cut. */
	assert_int_equal(prove(with_nsec3(0, "0p9m", NULL, NULL), "example.", DNS_DS), PROOF_NONE);
	assert_int_equal(prove(with_nsec3(0, "2t7b", NULL, NULL), "ns1.example.", DNS_A),
			 PROOF_NONE);
	assert_int_equal(prove(with_nsec3(0, "k8ud", "q04j", "r53b"), "a.z.w.example.", DNS_MX),
			 PROOF_NONE);
	assert_int_equal(prove(with_nsec3(0, "35mt", "0p9m", "b4um"), "c.a.example.", DNS_A),
			 PROOF_NONE);
	assert_int_equal(prove_wild(with_nsec3(0, "q04j", NULL, NULL), "a.z.w.example.", 1),
			 PROOF_NONE);
}

static void parameters_of_nsec3(void **state)
{
	struct world *w = fresh();

	(void)state;
	/* Too many iterations: counted as unsigned, if the zone itself says so. */
	add_nsec3(w, "2t7b", 0, DENIAL_ITERATIONS_MAX + 1);
	assert_int_equal(prove(w, "ns1.example.", DNS_MX), PROOF_TOO_COSTLY);
	assert_int_equal(prove_wild(w, "ns1.example.", 1), PROOF_TOO_COSTLY);
	w->bad = nsec3[1].owner;
	assert_int_equal(prove(w, "ns1.example.", DNS_MX), PROOF_NONE);
	assert_int_equal(prove_wild(w, "ns1.example.", 1), PROOF_NONE);
	assert_int_equal(w->denial.n_hashes, 0);
	/* Unknown flags; other parameters than the first has. */
	assert_int_equal(prove(with_nsec3(2, "2t7b", NULL, NULL), "ns1.example.", DNS_MX),
			 PROOF_NONE);
	w = fresh();
	add_nsec3(w, "0p9m", 0, 12);
	add_nsec3(w, "2t7b", 0, 11);
	assert_int_equal(prove(w, "ns1.example.", DNS_MX), PROOF_NONE);
	/* Unknown hash; an owner that is no hash; NSEC beside NSEC3. */
	w = fresh();
	add(w, DNS_NSEC3, nsec3[1].owner, "2 0 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A");
	add(w, DNS_NSEC3, "ns1.example.", "1 0 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A");
	read_world(w);
	assert_int_equal(w->denial.n, 0);
	w = with_nsec3(0, "0p9m", NULL, NULL);
	add_nsec(w, "ns1.example.");
	assert_int_equal(prove(w, "ns1.example.", DNS_MX), PROOF_NONE);
}

/* CVE-2023-50868: one proof more may be too much. */
static void few_hashes_are_made(void **state)
{
	struct world *w = with_nsec3(0, "0p9m", "b4um", "35mt");

	(void)state;
	assert_int_equal(prove(w, "a.c.x.w.example.", DNS_A), PROOF_NXDOMAIN);
	/* a.c.x.w, c.x.w and x.w.example, and the wildcard: thirteen each. */
	assert_int_equal(w->denial.n_hashes, 4 * 13);
	w->denial.n_hashes = DENIAL_HASHES_MAX + 1;
	assert_int_equal(prove(w, "a.c.x.w.example.", DNS_A), PROOF_NONE);
	assert_int_equal(prove_wild(w, "a.c.x.w.example.", 2), PROOF_NONE);
	assert_int_equal(w->denial.n_hashes, DENIAL_HASHES_MAX + 1);
}

/* RFC 9824: the name is not there, though a record is made for it. */
static void compact_denial(void **state)
{
	struct world *w = fresh();

	(void)state;
	add(w, DNS_NSEC, "ml.example.", "\\000.ml.example. RRSIG NSEC TYPE128");
	assert_int_equal(prove(w, "ml.example.", DNS_A), PROOF_NXDOMAIN);
	w = fresh();
	add(w, DNS_NSEC, "ml.example.", "\\000.ml.example. MX RRSIG NSEC");
	assert_int_equal(prove(w, "ml.example.", DNS_A), PROOF_NODATA);
	assert_int_equal(prove(w, "ml.example.", DNS_ANY), PROOF_NONE);
}

/* Only what a proof rests on is checked, however many records there are. */
static void few_signatures_are_checked(void **state)
{
	struct world *w = fresh();

	(void)state;
	for (size_t i = 0; i < sizeof(nsec) / sizeof(nsec[0]); i++)
		add_nsec(w, nsec[i].owner);
	assert_int_equal(prove(w, "ml.example.", DNS_A), PROOF_NXDOMAIN);
	assert_int_equal(w->n_checked, 2);
	w = fresh();
	for (unsigned i = 0; i < 60; i++)
		add_nsec3(w, "0p9m", 0, 12);
	assert_int_equal(prove(w, "nowhere.example.", DNS_A), PROOF_NONE);
	assert_true(w->denial.n == DENIAL_RECORDS && w->n_checked <= DENIAL_RECORDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nsec_proves),
		cmocka_unit_test(nsec_proves_nothing),
		cmocka_unit_test(bad_signatures_prove_nothing),
		cmocka_unit_test(nsec3_proves),
		cmocka_unit_test(nsec3_proves_nothing),
		cmocka_unit_test(parameters_of_nsec3),
		cmocka_unit_test(few_hashes_are_made),
		cmocka_unit_test(compact_denial),
		cmocka_unit_test(few_signatures_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
