/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * targets - the stream of what is to be asked, one at a time, in flat memory: arguments, prefixes,
 * ranges, files and standard input, IPv4 and IPv6 mixed, minus what is excluded.
 *
 * Layer: engine.
 * A word is an address, a prefix (10.0.0.0/24, 2001:db8::/120), a range (10.0.0.1-10.0.0.9), a
 * host name, or - for standard input. A prefix of IPv4 with more than two addresses leaves out its
 * network and its broadcast address. A file has one word a line; blank lines and # comments count
 * for nothing.
 */
#ifndef PKT_ENGINE_TARGETS_H
#define PKT_ENGINE_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "engine/shard.h"

#define TARGET_WORD_MAX 256 /* RFC 1035 2.3.4: a name has at most 255 octets */

/* One to ask. */
struct target_word {
	struct addr addr;           /* len 0: a name that must be resolved */
	char text[TARGET_WORD_MAX]; /* as given, empty when it came out of a prefix or a range */
	bool is_swept;              /* out of a prefix, a range or a file */
};

struct targets;

/* targets_new() - an empty stream; NULL when out of memory. Freed by targets_free(). */
struct targets *targets_new(void);
void targets_free(struct targets *ts);

/*
 * targets_add() - a word of the command line, checked now (a prefix too long, a range upside down).
 * @word must live as long as the stream. Returns 0, E_BAD, E_MEM.
 */
int must_check targets_add(struct targets *ts, const char *word, struct why *why);

/*
 * targets_add_file() - the words of the file @path, "-" for standard input. Opens it now. @path
 * must live as long as the stream. Returns 0, E_SYS, E_MEM.
 */
int must_check targets_add_file(struct targets *ts, const char *path, struct why *why);

/*
 * targets_exclude() - never give out what the address, prefix or range @word covers. Returns 0,
 * E_BAD, E_MEM.
 */
int must_check targets_exclude(struct targets *ts, const char *word, struct why *why);

/*
 * targets_shard() - give out only those of @shard. A bad line is told by one shard, too: that of
 * its number.
 */
void targets_shard(struct targets *ts, const struct shard *shard);

/*
 * targets_is_elsewhere() - whether nothing was given out and something left to other shards: at the
 * end of the stream, that this shard of it is empty.
 */
bool targets_is_elsewhere(const struct targets *ts);

/* targets_is_excluded() - for addresses that were names. */
bool targets_is_excluded(const struct targets *ts, const struct addr *addr);

/* targets_is_sweep() - whether the stream holds a prefix, a range or a file. */
bool targets_is_sweep(const struct targets *ts);

/* targets_count_words() - how many words were added, a file counting as one. */
size_t targets_count_words(const struct targets *ts);

/*
 * targets_families() - sets what the words on the command line can need: an IPv4, an IPv6 socket, a
 * resolver.
 */
void targets_families(const struct targets *ts, bool *v4, bool *v6, bool *names);

/*
 * targets_next() - the next to ask.
 * Returns: 0; E_EOF after the last; E_AGAIN when the input has no line yet (poll targets_fd());
 * E_BAD for a line that is no target: @why says which line, and the stream goes on.
 */
int must_check targets_next(struct targets *ts, struct target_word *out, struct why *why);

/*
 * targets_peek() - the word that targets_next() will give out next, for who must know it before.
 * @out: valid until targets_next(); who has resolved a name may fill its address in.
 * Returns as targets_next(); a bad line is gone.
 */
int must_check targets_peek(struct targets *ts, struct target_word **out, struct why *why);

/* targets_fd() - the descriptor that an E_AGAIN waits for, -1 if none. */
int targets_fd(const struct targets *ts);

#endif
