/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shard - one of N parts of a list of targets, so that N hosts ask it together.
 *
 * Layer: engine.
 * A target belongs to one shard by a keyed hash of what it is: its address, or its name in small
 * letters. So all shards together are the list, no two share a target, and every host that knows N
 * and the seed splits alike, whatever its byte order, the order of its list, or where that came
 * from.
 */
#ifndef PKT_ENGINE_SHARD_H
#define PKT_ENGINE_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/siphash.h"

#define SHARD_MAX 1000000u
#define SHARD_TEXT_MAX 16

/* All zero: the whole list. */
struct shard {
	uint32_t index; /* from 0 */
	uint32_t count; /* 0 or 1: there is but one */
	struct sipkey key;
};

/* shard_parse() - "3/8", the third of eight. Keeps the key. Returns 0 or E_BAD. */
int must_check shard_parse(const char *text, struct shard *out, struct why *why);

/*
 * shard_auto() - which shard the scheduler that started this process means: Slurm's array task,
 * and within it the task of srun's step; Slurm's task; the index of a Kubernetes job.
 * @env: getenv(), or a test's. Keeps the key.
 * Returns 0, E_NOENT if no such variable is set, E_BAD if what they say fits no shard.
 */
int must_check shard_auto(const char *(*env)(const char *name), struct shard *out, struct why *why);

/* shard_seed() - another split for each @seed; 0 is that without one. */
void shard_seed(struct shard *s, uint64_t seed);

/* shard_has() - whether what the @len octets at @id stand for is in the shard. */
bool shard_has(const struct shard *s, const void *id, size_t len);

/* shard_has_addr() - the same for an address; not its zone, which each host numbers by itself. */
bool shard_has_addr(const struct shard *s, const struct addr *addr);

/* shard_has_name() - the same for a name, in whichever case. */
bool shard_has_name(const struct shard *s, const char *name);

/* shard_text() - "3/8", to @out of SHARD_TEXT_MAX; returns it. */
const char *shard_text(const struct shard *s, char *out);

#endif
