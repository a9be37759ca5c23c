/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures, digests and hashes: the examples of the RFCs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/radix.h"
#include "dnsq/dnsq_crypto.h"
#include "wire/dnsrdata.h"

static struct dns_name name_of(const char *text)
{
	struct dns_name n;

	assert_int_equal(dns_name_parse(text, strlen(text), NULL, &n), 0);
	return n;
}

struct data {
	uint8_t bytes[512];
	size_t len;
};

static struct data data_of(uint16_t type, const char *text)
{
	struct data d;
	struct wr w = wr_make(d.bytes, sizeof(d.bytes));
	struct why why = {0};

	if (dns_rdata_parse(type, text, strlen(text), NULL, &w, &why) < 0)
		fail_msg("%s: %s", text, why.text);
	d.len = w.len;
	return d;
}

/* A record set of one record, its signature and key; and a DS of that key where there is one. */
struct example {
	const char *spec, *zone, *owner;
	uint16_t type;
	const char *record, *sig, *key, *ds;
};

static const struct example examples[] = {
	{"RFC 5702 6.1", "example.net.", "www.example.net.", DNS_A, "192.0.2.91",
	 "A 8 3 3600 20300101000000 20000101000000 9033 example.net. "
	 "kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==",
	 "256 3 8 AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8Pk"
	 "xUdp6p/DlUmObdk=",
	 NULL},
	{"RFC 5702 6.2", "example.net.", "www.example.net.", DNS_A, "192.0.2.91",
	 "A 10 3 3600 20300101000000 20000101000000 3740 example.net. "
	 "tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoOe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0"
	 "iGYgZBWm/zpq+9fOuagYJRfDqfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0fthPgxd"
	 "DLw=",
	 "256 3 10 AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFD"
	 "xj13tOnD9u/1kTg7cV6rklMrZDtJCQ5PCl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY1"
	 "2ZTSncorffcGmhOL",
	 NULL},
	{"RFC 6605 6.1", "example.net.", "www.example.net.", DNS_A, "192.0.2.1",
	 "A 13 3 3600 20100909100439 20100812100439 55648 example.net. "
	 "qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666V"
	 "Cw==",
	 "257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9x"
	 "MWyQLc8NAA==",
	 "55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17"},
	{"RFC 6605 6.2", "example.net.", "www.example.net.", DNS_A, "192.0.2.1",
	 "A 14 3 3600 20100909102025 20100812102025 10771 example.net. "
	 "/L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuy"
	 "dCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm",
	 "257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRS"
	 "EkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40",
	 "10771 14 4 72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d"
	 "288405c3008a946df983d6"},
	{"RFC 8080 6.1", "example.com.", "example.com.", DNS_MX, "10 mail.example.com.",
	 "MX 15 2 3600 1440021600 1438207200 3613 example.com. "
	 "oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqN"
	 "Ag==",
	 "257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
	 "3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b"},
	{"RFC 8080 6.2", "example.com.", "example.com.", DNS_MX, "10 mail.example.com.",
	 "MX 16 2 3600 1440021600 1438207200 9713 example.com. "
	 "3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/NB"
	 "tOXft0+Gj7FSvOKxE/07+4RQvE581N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA",
	 "257 3 16 3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA",
	 "9713 16 2 6ccf18d5bc5d7fc2fceb1d59d17321402f2aa8d368048db93dd811f5cb2b19c7"},
	{"RFC 4035 B.1", "example.", "x.w.example.", DNS_MX, "1 xx.example.",
	 "MX 5 3 3600 20040509183619 20040409183619 38519 example. "
	 "Il2WTZ+Bkv+OytBx4LItNW5mjB4RCwhOO8y1XzPHZmZUTVYL7LaA63f6T9ysVBzJRI3KRjAPH3U1qaYnDoN1"
	 "DrWqmi9RJe4FoObkbcdm7P3Ikx70ePCoFgRz1Yq+bVVXCvGuAU4xALv3W/Y1jNSlwZ2mSWKHfxFQxPtLj8s3"
	 "2+k=",
	 "256 3 5 AQOy1bZVvpPqhg4j7EJoM9rI3ZmyEx2OzDBVrZy/lvI5CQePxXHZS4i8dANH4DX3tbHol61ek8EF"
	 "McsGXxKciJFHyhl94C+NwILQdzsUlSFovBZsyl/NX6yEbtw/xN9ZNcrbYvgjjZ/UVPZIySFNsgEYvh0z2542"
	 "lzMKR4Dh8uZffQ==",
	 NULL},
	/* The owner was made from *.w.example. */
	{"RFC 4035 B.6", "example.", "a.z.w.example.", DNS_MX, "1 ai.example.",
	 "MX 5 2 3600 20040509183619 20040409183619 38519 example. "
	 "OMK8rAZlepfzLWW75Dxd63jy2wswESzxDKG2f9AMN1CytCd10cYISAxfAdvXSZ7xujKAtPbctvOQ2ofO7AZJ"
	 "+d01EeeQTVBPq4/6KCWhqe2XTjnkVLNvvhnc0u28aoSsG0+4InvkkOHknKxw4kX18MMR34i8lC36SR5xBni8"
	 "vHI=",
	 "256 3 5 AQOy1bZVvpPqhg4j7EJoM9rI3ZmyEx2OzDBVrZy/lvI5CQePxXHZS4i8dANH4DX3tbHol61ek8EF"
	 "McsGXxKciJFHyhl94C+NwILQdzsUlSFovBZsyl/NX6yEbtw/xN9ZNcrbYvgjjZ/UVPZIySFNsgEYvh0z2542"
	 "lzMKR4Dh8uZffQ==",
	 NULL},
};

/* What the example's signature is made over, to @w. */
static struct dns_rrsig put_signed(const struct example *e, const struct data *sig, struct wr *w)
{
	static struct rrset set;
	const struct dns_name owner = name_of(e->owner);
	const struct data record = data_of(e->type, e->record);
	const uint16_t counts[DNS_SECTIONS] = {0, 1, 0, 0};
	struct dns_rrsig out;
	uint8_t message[512];
	struct wr m = wr_make(message, sizeof(message));

	dns_put_header(&m, 1, DNS_QR, counts);
	dns_put_record(&m, &owner, e->type, DNS_IN, 17, record.bytes, record.len);
	assert_int_equal(rrset_read(&set, message, m.len, DNS_ANSWER, &owner, e->type, DNS_IN), 1);
	assert_int_equal(dns_rrsig_read(rd_make(sig->bytes, sig->len), &out), 0);
	assert_int_equal(rrset_put_signed(&set, rd_make(sig->bytes, sig->len), &out, w), 0);
	return out;
}

static void signatures_of_the_rfcs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *e = &examples[i];
		struct data sig = data_of(DNS_RRSIG, e->sig), key = data_of(DNS_DNSKEY, e->key);
		uint8_t bytes[1024];
		struct wr w = wr_make(bytes, sizeof(bytes));
		struct dns_rrsig s = put_signed(e, &sig, &w);
		struct dns_dnskey k;

		assert_int_equal(dns_dnskey_read(rd_make(key.bytes, key.len), &k), 0);
		assert_int_equal(k.tag, s.tag);
		if (!crypto_verify(&k, s.signature, bytes, w.len))
			fail_msg("%s: the signature is not found good", e->spec);
		for (size_t at = 0; at < w.len; at += 7) {
			bytes[at] ^= 1;
			if (crypto_verify(&k, s.signature, bytes, w.len))
				fail_msg("%s: octet %zu does not matter", e->spec, at);
			bytes[at] ^= 1;
		}
	}
}

static void digests_of_the_rfcs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *e = &examples[i];
		struct data key = data_of(DNS_DNSKEY, e->key), ds;
		struct dns_name zone = name_of(e->zone), other = name_of("example.org.");
		struct dns_ds read;

		if (!e->ds)
			continue;
		ds = data_of(DNS_DS, e->ds);
		assert_int_equal(dns_ds_read(rd_make(ds.bytes, ds.len), &read), 0);
		assert_true(crypto_ds_matches(&read, &zone, rd_make(key.bytes, key.len)));
		assert_false(crypto_ds_matches(&read, &other, rd_make(key.bytes, key.len)));
		read.digest.len--;
		assert_false(crypto_ds_matches(&read, &zone, rd_make(key.bytes, key.len)));
	}
}

/* Appendix A: salt aabbccdd, 12 iterations. */
static void hashes_of_rfc_5155(void **state)
{
	static const char *const hashes[][2] = {
		{"example.", "0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM"},
		{"A.example.", "35MTHGPGCU1QG68FAB165KLNSNK3DPVL"},
		{"ai.example.", "GJEQE526PLBF1G8MKLP59ENFD789NJGI"},
		{"ns1.example.", "2T7B4G4VSA5SMI47K61MV5BV1A22BOJR"},
		{"*.w.example.", "R53BQ7CC2UVMUBFU5OCMM6PERS9TK9EN"},
		{"x.y.w.example.", "2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S"},
	};
	static const uint8_t salt[] = {0xaa, 0xbb, 0xcc, 0xdd};

	(void)state;
	for (unsigned i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		struct dns_name name = name_of(hashes[i][0]);
		uint8_t hash[NSEC3_HASH_LEN];
		char space[64];
		struct text t = text_make(space, sizeof(space));

		crypto_nsec3(&name, rd_make(salt, sizeof(salt)), 12, hash);
		radix_add(&t, RADIX_32HEX, hash, sizeof(hash), 0, "");
		assert_string_equal(space, hashes[i][1]);
	}
}

/* Whatever stands in a key or a signature, nothing but false comes of it. */
static void broken_keys_verify_nothing(void **state)
{
	static const uint8_t numbers[] = {1, 3, 5, 7, 8, 10, 12, 13, 14, 15, 16, 253};
	uint8_t key[700], sig[700];

	(void)state;
	for (unsigned fill = 0; fill < 3; fill++) {
		memset(key, fill == 2 ? 0xff : (int)fill, sizeof(key));
		memset(sig, fill == 2 ? 0xff : (int)fill, sizeof(sig));
		for (size_t len = 0; len < sizeof(key); len += len < 140 ? 1 : 61)
			for (size_t i = 0; i < sizeof(numbers); i++) {
				const struct dns_dnskey k = {.algorithm = numbers[i],
							     .key = rd_make(key, len)};

				assert_false(crypto_verify(&k, rd_make(sig, len), key, 3));
			}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_of_the_rfcs),
		cmocka_unit_test(digests_of_the_rfcs),
		cmocka_unit_test(hashes_of_rfc_5155),
		cmocka_unit_test(broken_keys_verify_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
