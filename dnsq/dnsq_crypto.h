/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_crypto - signatures and hashes of DNSSEC, computed by nettle.
 *
 * Layer: tool. Pure.
 * Spec: RFC 3110, 5702 (RSA), 6605 (ECDSA), 8080 (EdDSA), 3658, 4509, 6605 (DS), 5155 (NSEC3).
 */
#ifndef PKT_DNSQ_CRYPTO_H
#define PKT_DNSQ_CRYPTO_H

#include "wire/dnssec.h"

/* crypto_knows_algorithm(), crypto_knows_digest() - by the IANA numbers of DNSKEY and DS. */
bool crypto_knows_algorithm(uint8_t algorithm);
bool crypto_knows_digest(uint8_t kind);

/*
 * crypto_verify() - whether @signature by @key is over these @len octets. A key that breaks the
 * rules of its algorithm, or is larger than any in use (RSA above 4096 bits), verifies nothing.
 */
bool crypto_verify(const struct dns_dnskey *key, struct rd signature, const uint8_t *bytes,
		   size_t len);

#define CRYPTO_DIGEST_MAX 64 /* octets of any hash here */

/*
 * crypto_ds_digest() - what a DS of that kind says of the key of @owner whose record data is @key,
 * to @out of CRYPTO_DIGEST_MAX. Returns its octets, 0 for an unknown kind.
 */
size_t crypto_ds_digest(uint8_t kind, const struct dns_name *owner, struct rd key, uint8_t *out);

/* crypto_ds_matches() - whether @ds is of the key of @owner whose record data is @key. */
bool crypto_ds_matches(const struct dns_ds *ds, const struct dns_name *owner, struct rd key);

/* crypto_nsec3() - the hash of a name to @out of NSEC3_HASH_LEN. Spec: RFC 5155 5. */
void crypto_nsec3(const struct dns_name *name, struct rd salt, unsigned iterations, uint8_t *out);

#endif
