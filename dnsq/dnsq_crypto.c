/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dnsq_crypto.h"

#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>
#include <nettle/eddsa.h>
#include <nettle/nettle-meta.h>
#include <nettle/rsa.h>
#include <string.h>

#define RSA_OCTETS_MIN 64  /* RFC 5702 2.1: 512 bits */
#define RSA_OCTETS_MAX 512 /* ... to 4096; a larger one only costs time */
#define EXPONENT_OCTETS 8  /* what is in use has 3; the cost grows with it */
#define CONTEXT_OCTETS 512 /* of any hash of nettle's that is used here */

typedef int rsa_fn(const struct rsa_public_key *key, const uint8_t *digest, const mpz_t signature);
typedef const struct ecc_curve *curve_fn(void);

/* IANA "DNS Security Algorithm Numbers". */
static const struct algorithm {
	uint8_t number;
	const struct nettle_hash *hash; /* NULL: the signature is over the octets themselves */
	rsa_fn *rsa;
	curve_fn *curve;
	unsigned octets; /* of a coordinate, or of an EdDSA key */
} algorithms[] = {
	{5, &nettle_sha1, rsa_sha1_verify_digest, NULL, 0},
	{7, &nettle_sha1, rsa_sha1_verify_digest, NULL, 0},
	{8, &nettle_sha256, rsa_sha256_verify_digest, NULL, 0},
	{10, &nettle_sha512, rsa_sha512_verify_digest, NULL, 0},
	{13, &nettle_sha256, NULL, nettle_get_secp_256r1, 32},
	{14, &nettle_sha384, NULL, nettle_get_secp_384r1, 48},
	{15, NULL, NULL, NULL, ED25519_KEY_SIZE},
	{16, NULL, NULL, NULL, ED448_KEY_SIZE},
};

/* IANA "DNSSEC Delegation Signer (DS) Resource Record (RR) Type Digest Algorithms". */
static const struct {
	uint8_t number;
	const struct nettle_hash *hash;
} digests[] = {{1, &nettle_sha1}, {2, &nettle_sha256}, {4, &nettle_sha384}};

static const struct algorithm *algorithm_of(uint8_t number)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (algorithms[i].number == number)
			return &algorithms[i];
	return NULL;
}

static const struct nettle_hash *digest_of(uint8_t kind)
{
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
		if (digests[i].number == kind)
			return digests[i].hash;
	return NULL;
}

bool crypto_knows_algorithm(uint8_t algorithm)
{
	return algorithm_of(algorithm) != NULL;
}

bool crypto_knows_digest(uint8_t kind)
{
	return digest_of(kind) != NULL;
}

/* A hash over pieces, one behind the other. */
static void hash_pieces(const struct nettle_hash *hash, const struct rd *pieces, unsigned n,
			uint8_t *out)
{
	_Alignas(16) uint8_t state[CONTEXT_OCTETS];

	hash->init(state);
	for (unsigned i = 0; i < n; i++)
		hash->update(state, pieces[i].len, pieces[i].buf);
	hash->digest(state, hash->digest_size, out);
}

/* RFC 3110 2: length of the exponent in one octet, or in two behind a zero. */
static bool verify_rsa(const struct algorithm *a, struct rd key, struct rd signature,
		       const uint8_t *digest)
{
	size_t n = rd_u8(&key);
	struct rsa_public_key pub;
	struct rd exponent, modulus;
	bool is_good = false;
	mpz_t s;

	if (!n)
		n = rd_u16(&key);
	exponent = rd_sub(&key, n);
	modulus = rd_rest(&key);
	if (key.bad || !n || n > EXPONENT_OCTETS || modulus.len < RSA_OCTETS_MIN ||
	    modulus.len > RSA_OCTETS_MAX || signature.len > RSA_OCTETS_MAX)
		return false;
	rsa_public_key_init(&pub);
	nettle_mpz_set_str_256_u(pub.e, exponent.len, exponent.buf);
	nettle_mpz_set_str_256_u(pub.n, modulus.len, modulus.buf);
	nettle_mpz_init_set_str_256_u(s, signature.len, signature.buf);
	/* An even modulus is no product of two primes, and powers are not made for it. */
	if (mpz_odd_p(pub.n) && mpz_sgn(pub.e) > 0 && rsa_public_key_prepare(&pub))
		is_good = a->rsa(&pub, digest, s) != 0;
	mpz_clear(s);
	rsa_public_key_clear(&pub);
	return is_good;
}

/* RFC 6605 4: the key is x | y, the signature r | s. */
static bool verify_ecdsa(const struct algorithm *a, struct rd key, struct rd signature,
			 const uint8_t *digest)
{
	struct dsa_signature rs;
	struct ecc_point point;
	bool is_good = false;
	mpz_t x, y;

	if (key.len != 2u * a->octets || signature.len != 2u * a->octets)
		return false;
	nettle_mpz_init_set_str_256_u(x, a->octets, key.buf);
	nettle_mpz_init_set_str_256_u(y, a->octets, key.buf + a->octets);
	ecc_point_init(&point, a->curve());
	dsa_signature_init(&rs);
	nettle_mpz_set_str_256_u(rs.r, a->octets, signature.buf);
	nettle_mpz_set_str_256_u(rs.s, a->octets, signature.buf + a->octets);
	if (ecc_point_set(&point, x, y)) /* it lies on the curve */
		is_good = ecdsa_verify(&point, a->hash->digest_size, digest, &rs) != 0;
	dsa_signature_clear(&rs);
	ecc_point_clear(&point);
	mpz_clear(x);
	mpz_clear(y);
	return is_good;
}

static bool verify_eddsa(const struct algorithm *a, struct rd key, struct rd signature,
			 const uint8_t *bytes, size_t len)
{
	if (key.len != a->octets)
		return false;
	if (a->octets == ED25519_KEY_SIZE)
		return signature.len == ED25519_SIGNATURE_SIZE &&
		       ed25519_sha512_verify(key.buf, len, bytes, signature.buf);
	return signature.len == ED448_SIGNATURE_SIZE &&
	       ed448_shake256_verify(key.buf, len, bytes, signature.buf);
}

bool crypto_verify(const struct dns_dnskey *key, struct rd signature, const uint8_t *bytes,
		   size_t len)
{
	const struct algorithm *a = algorithm_of(key->algorithm);
	const struct rd whole = rd_make(bytes, len);
	uint8_t digest[CRYPTO_DIGEST_MAX];

	if (!a)
		return false;
	if (!a->hash)
		return verify_eddsa(a, key->key, signature, bytes, len);
	hash_pieces(a->hash, &whole, 1, digest);
	return a->rsa ? verify_rsa(a, key->key, signature, digest) :
			verify_ecdsa(a, key->key, signature, digest);
}

size_t crypto_ds_digest(uint8_t kind, const struct dns_name *owner, struct rd key, uint8_t *out)
{
	const struct nettle_hash *hash = digest_of(kind);
	struct dns_name name = *owner;

	if (!hash)
		return 0;
	dns_name_lower(&name);
	hash_pieces(hash, (const struct rd[]){rd_make(name.bytes, name.len), key}, 2, out);
	return hash->digest_size;
}

bool crypto_ds_matches(const struct dns_ds *ds, const struct dns_name *owner, struct rd key)
{
	uint8_t digest[CRYPTO_DIGEST_MAX];
	size_t len = crypto_ds_digest(ds->kind, owner, key, digest);

	return len && ds->digest.len == len && memcmp(digest, ds->digest.buf, len) == 0;
}

void crypto_nsec3(const struct dns_name *name, struct rd salt, unsigned iterations, uint8_t *out)
{
	struct dns_name lowered = *name;

	dns_name_lower(&lowered);
	hash_pieces(&nettle_sha1, (const struct rd[]){rd_make(lowered.bytes, lowered.len), salt}, 2,
		    out);
	for (unsigned i = 0; i < iterations; i++)
		hash_pieces(&nettle_sha1, (const struct rd[]){rd_make(out, NSEC3_HASH_LEN), salt},
			    2, out);
}
