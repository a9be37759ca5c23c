/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_tsig - messages signed with a shared secret, and the proof that replies are.
 *
 * Layer: tool. Spec: RFC 8945.
 */
#ifndef PKT_DNSQ_TSIG_H
#define PKT_DNSQ_TSIG_H

#include "dnsq.h"

/*
 * tsig_key_parse() - "[hmac:]name:secret" as dig's -y has it; HMAC-MD5 if it does not say.
 * Owns: free with tsig_key_free(). Returns 0, E_BAD, E_MEM.
 */
int must_check tsig_key_parse(const char *text, struct dnsq_key **out, struct why *why);

/* tsig_key_read() - the same from @len octets of a key file: key "name" { algorithm; secret; }. */
int must_check tsig_key_read(const char *text, size_t len, struct dnsq_key **out, struct why *why);

void tsig_key_free(struct dnsq_key *key);

/* tsig_sign() - appends the signature to the whole message in @w; @a remembers it. @now_s: 1970. */
void tsig_sign(const struct dnsq_key *key, struct ask *a, struct wr *w, uint64_t now_s);

/*
 * tsig_verify() - whether a reply to what was signed last is signed too and by the same key; of a
 * reply of several messages, whether each is covered by one of the signatures (5.3.1).
 * On failure a note of @a says why.
 */
bool tsig_verify(const struct dnsq_key *key, struct ask *a, const uint8_t *bytes, size_t len,
		 uint64_t now_s);

/* tsig_is_settled() - no message of the reply still waits for a signature that covers it. */
bool tsig_is_settled(const struct ask *a);

#endif
