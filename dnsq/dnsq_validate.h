/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_validate - +validate: asks what the chain of trust needs, and shows what came of it.
 *
 * Layer: tool.
 */
#ifndef PKT_DNSQ_VALIDATE_H
#define PKT_DNSQ_VALIDATE_H

#include "dnsq.h"
#include "dnsq_chain.h"

struct walk_down;
struct validation;

/*
 * validation_new() - for the answers to one lookup. Its questions go to the servers of @l, or with
 * @walk from the root down. Owns: validation_free(). NULL without memory.
 */
struct validation *validation_new(struct dnsq *d, const struct dnsq_lookup *l,
				  struct walk_down *walk);
void validation_free(struct validation *v);

/* validation_keep() - a reply that is there already: it is judged, and not asked for again. */
void validation_keep(struct validation *v, const struct dns_question *q, const uint8_t *bytes,
		     size_t len);

/* validation_run() - judges the reply to @q. */
enum dnssec_verdict validation_run(struct validation *v, const struct dns_question *q);

/*
 * validation_show() - the chain and the verdict. @status: what the reply deserves by itself.
 * Returns the exit status that both deserve.
 */
int validation_show(struct validation *v, int status);

extern const struct record_type validation_record;

#endif
