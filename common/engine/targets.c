/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/targets.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/text.h"

#define LINES_MAX 65536u /* octets read from a file at once */

/* From one address to another, both included. */
struct span {
	struct addr first, last;
};

enum source_kind { SOURCE_WORD, SOURCE_SPAN, SOURCE_FILE };

struct source {
	enum source_kind kind;
	const char *text; /* the word or the path, the caller's */
	struct span span;
	int fd;
};

struct targets {
	struct source *sources;
	size_t n_sources, at; /* at: the one being read */
	struct span *excluded;
	size_t n_excluded;
	struct shard shard;
	bool has_given, has_left; /* one was given out, one was left to another shard */

	/* The span being walked: of a source, or of a line of a file. */
	bool is_walking;
	struct addr next, last;

	struct target_word peeked;
	bool is_peeked;

	/* The lines of the file being read. */
	char *lines;
	size_t start, end; /* octets of lines not yet used */
	bool is_eof;
	bool is_skipping; /* inside a line that is too long */
	unsigned long line_no;
};

struct targets *targets_new(void)
{
	return calloc(1, sizeof(struct targets));
}

void targets_free(struct targets *ts)
{
	if (!ts)
		return;
	for (size_t i = 0; i < ts->n_sources; i++)
		if (ts->sources[i].kind == SOURCE_FILE && ts->sources[i].fd > 0)
			close(ts->sources[i].fd);
	free(ts->sources);
	free(ts->excluded);
	free(ts->lines);
	free(ts);
}

static int bad_word(struct why *why, const char *word, const char *fault)
{
	char shown[TARGET_WORD_MAX];

	(void)text_clean(shown, sizeof(shown), word, strlen(word));
	return why_set(why, E_BAD, "'%s' %s", shown, fault);
}

static int parse_prefix(const char *word, const char *slash, bool is_whole, struct span *out,
			struct why *why)
{
	char head[ADDR_TEXT_MAX];
	size_t n = (size_t)(slash - word);
	unsigned bits;
	uint64_t len;

	if (n >= sizeof(head))
		return bad_word(why, word, "is not an address or prefix");
	memcpy(head, word, n);
	head[n] = '\0';
	if (addr_parse(head, &out->first) < 0)
		return bad_word(why, word,
				"is not a prefix: no IPv4 or IPv6 address stands before the '/'");
	bits = out->first.len * 8u;
	if (num_u64(slash + 1, 0, bits, &len, NULL) < 0)
		return bad_word(why, word,
				bits == 32 ? "needs a prefix length from 0 to 32" :
					     "needs a prefix length from 0 to 128");
	out->last = out->first;
	addr_mask(&out->first, (unsigned)len, false);
	addr_mask(&out->last, (unsigned)len, true);
	/* Neither the network's nor the broadcast address is a host. */
	if (!is_whole && bits == 32 && len <= 30) {
		addr_next(&out->first);
		out->last.bytes[3]--;
	}
	return 0;
}

/* Host names may hold a '-': only two addresses around it make a range. */
static int parse_range(const char *word, const char *dash, struct span *out, struct why *why)
{
	char head[ADDR_TEXT_MAX];
	size_t n = (size_t)(dash - word);

	if (n >= sizeof(head))
		return E_UNSUP;
	memcpy(head, word, n);
	head[n] = '\0';
	if (addr_parse(head, &out->first) < 0 || addr_parse(dash + 1, &out->last) < 0)
		return E_UNSUP;
	if (out->first.len != out->last.len)
		return bad_word(why, word, "mixes IPv4 and IPv6 in one range");
	if (addr_cmp(&out->first, &out->last) > 0)
		return bad_word(why, word, "is a range upside down: put the lower address first");
	return 0;
}

/*
 * @is_whole: a prefix with its edges.
 * Returns 0 for a span, E_UNSUP for any other word, E_BAD for a span that is wrong.
 */
static int parse_span(const char *word, bool is_whole, struct span *out, struct why *why)
{
	const char *slash = strchr(word, '/'), *dash = strchr(word, '-');

	if (slash)
		return parse_prefix(word, slash, is_whole, out, why);
	if (dash)
		return parse_range(word, dash, out, why);
	return E_UNSUP;
}

/* A name a resolver may be asked: not empty, no blanks, no control characters. */
static int check_word(const char *word, struct why *why)
{
	struct addr addr;

	if (!word[0])
		return why_set(why, E_BAD, "an empty target");
	if (strlen(word) >= TARGET_WORD_MAX)
		return bad_word(why, word, "is longer than any host name (255 characters)");
	for (const char *p = word; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return bad_word(why, word, "has a blank or control character in it");
	if (strchr(word, '%') && addr_parse(word, &addr) == E_NOENT)
		return bad_word(why, word, "names no interface behind the '%'");
	return 0;
}

static int add_source(struct targets *ts, struct source source, struct why *why)
{
	struct source *more = realloc(ts->sources, (ts->n_sources + 1) * sizeof(*more));

	if (!more)
		return why_set(why, E_MEM, "out of memory");
	ts->sources = more;
	ts->sources[ts->n_sources++] = source;
	return 0;
}

int targets_add(struct targets *ts, const char *word, struct why *why)
{
	struct source source = {.kind = SOURCE_SPAN, .text = word, .fd = -1};
	int err;

	if (strcmp(word, "-") == 0)
		return targets_add_file(ts, word, why);
	err = parse_span(word, false, &source.span, why);
	if (err == E_UNSUP) {
		source.kind = SOURCE_WORD;
		err = check_word(word, why);
	}
	return err ? err : add_source(ts, source, why);
}

int targets_add_file(struct targets *ts, const char *path, struct why *why)
{
	struct source source = {.kind = SOURCE_FILE, .text = path, .fd = STDIN_FILENO};

	if (!ts->lines)
		ts->lines = malloc(LINES_MAX + 1); /* the last line may need a NUL behind it */
	if (!ts->lines)
		return why_set(why, E_MEM, "out of memory");
	if (strcmp(path, "-") != 0)
		source.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (source.fd < 0)
		return why_sys(why, E_SYS, "cannot read the targets in '%s'", path);
	return add_source(ts, source, why);
}

int targets_exclude(struct targets *ts, const char *word, struct why *why)
{
	struct span span, *more;
	int err = parse_span(word, true, &span, why);

	if (err == E_UNSUP) {
		err = addr_parse(word, &span.first);
		span.last = span.first;
		if (err < 0)
			return bad_word(why, word, "is not an address, prefix or range");
	}
	if (err < 0)
		return err;
	more = realloc(ts->excluded, (ts->n_excluded + 1) * sizeof(*more));
	if (!more)
		return why_set(why, E_MEM, "out of memory");
	ts->excluded = more;
	ts->excluded[ts->n_excluded++] = span;
	return 0;
}

static const struct span *excluded_span(const struct targets *ts, const struct addr *addr)
{
	for (size_t i = 0; i < ts->n_excluded; i++)
		if (addr->len == ts->excluded[i].first.len &&
		    addr_cmp(addr, &ts->excluded[i].first) >= 0 &&
		    addr_cmp(addr, &ts->excluded[i].last) <= 0)
			return &ts->excluded[i];
	return NULL;
}

bool targets_is_excluded(const struct targets *ts, const struct addr *addr)
{
	return excluded_span(ts, addr) != NULL;
}

bool targets_is_sweep(const struct targets *ts)
{
	for (size_t i = 0; i < ts->n_sources; i++)
		if (ts->sources[i].kind != SOURCE_WORD)
			return true;
	return false;
}

size_t targets_count_words(const struct targets *ts)
{
	return ts->n_sources;
}

void targets_families(const struct targets *ts, bool *v4, bool *v6, bool *names)
{
	*v4 = *v6 = *names = false;
	for (size_t i = 0; i < ts->n_sources; i++) {
		const struct source *s = &ts->sources[i];
		struct addr addr = s->span.first;

		if (s->kind == SOURCE_FILE ||
		    (s->kind == SOURCE_WORD && addr_parse(s->text, &addr) < 0)) {
			*v4 = *v6 = *names = true;
			continue;
		}
		*v4 |= addr.len == 4;
		*v6 |= addr.len == 16;
	}
}

void targets_shard(struct targets *ts, const struct shard *shard)
{
	ts->shard = *shard;
}

bool targets_is_elsewhere(const struct targets *ts)
{
	return ts->has_left && !ts->has_given;
}

/* The next address of the span being walked that is not excluded. Returns false at its end. */
static bool walk(struct targets *ts, struct addr *out)
{
	while (ts->is_walking) {
		const struct span *skip = excluded_span(ts, &ts->next);

		*out = ts->next;
		if (skip) /* a whole excluded prefix is one step, be it a /8 */
			ts->next = addr_cmp(&skip->last, &ts->last) < 0 ? skip->last : ts->last;
		if (addr_cmp(&ts->next, &ts->last) >= 0 || !addr_next(&ts->next))
			ts->is_walking = false;
		if (!skip)
			return true;
	}
	return false;
}

static void start_walk(struct targets *ts, const struct span *span)
{
	ts->is_walking = addr_cmp(&span->first, &span->last) <= 0;
	ts->next = span->first;
	ts->last = span->last;
}

/*
 * Moves what is left to the front and reads more. Returns 0, E_AGAIN (nothing to read yet), E_SYS.
 */
static int refill(struct targets *ts, int fd, struct why *why)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t n;

	memmove(ts->lines, ts->lines + ts->start, ts->end - ts->start);
	ts->end -= ts->start;
	ts->start = 0;
	if (poll(&p, 1, 0) == 0)
		return E_AGAIN;
	n = read(fd, ts->lines + ts->end, LINES_MAX - ts->end);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return E_AGAIN;
	if (n < 0)
		return why_sys(why, E_SYS, "cannot read the targets in '%s'",
			       ts->sources[ts->at].text);
	ts->end += (size_t)n;
	ts->is_eof = n == 0;
	return 0;
}

/*
 * The next line of the file, trimmed, without its comment, NUL-terminated in place.
 * Returns 0, E_EOF, E_AGAIN, E_SYS, or E_BAD for a line too long to be a target.
 */
static int next_line(struct targets *ts, int fd, char **out, struct why *why)
{
	for (;;) {
		char *line = ts->lines + ts->start;
		char *newline = memchr(line, '\n', ts->end - ts->start);
		size_t n = newline ? (size_t)(newline - line) : ts->end - ts->start;
		int err;

		if (newline || (ts->is_eof && n)) {
			ts->start += n + (newline != NULL);
			ts->line_no++;
			if (ts->is_skipping) {
				ts->is_skipping = false;
				continue;
			}
			line[n] = '\0';
			*out = line;
			if (memchr(line, '\0', n))
				return why_set(why, E_BAD, "line %lu of '%s' holds a NUL octet",
					       ts->line_no, ts->sources[ts->at].text);
			return 0;
		}
		if (ts->is_eof)
			return E_EOF;
		if (n >= LINES_MAX / 2) {
			ts->start = ts->end;
			if (!ts->is_skipping) {
				ts->is_skipping = true;
				return why_set(why, E_BAD,
					       "line %lu of '%s' is too long to be a target",
					       ts->line_no + 1, ts->sources[ts->at].text);
			}
		}
		err = refill(ts, fd, why);
		if (err)
			return err;
	}
}

/* The word on a line, blanks and comment taken off. */
static char *trim(char *line)
{
	char *hash = strchr(line, '#'), *end;

	if (hash)
		*hash = '\0';
	line += strspn(line, " \t\r\f\v");
	end = line + strlen(line);
	while (end > line && strchr(" \t\r\f\v", end[-1]))
		*--end = '\0';
	return line;
}

static int word_to_target(struct targets *ts, const char *word, struct target_word *out)
{
	out->addr = (struct addr){0};
	if (addr_parse(word, &out->addr) == 0 && targets_is_excluded(ts, &out->addr))
		return E_AGAIN;
	memcpy(out->text, word, strlen(word) + 1);
	return 0;
}

/*
 * One line of a file. Returns 0 with @out filled, E_UNSUP if the line gave nothing (yet), or an
 * error.
 */
static int take_line(struct targets *ts, int fd, struct target_word *out, struct why *why)
{
	struct why fault;
	struct span span;
	char *line = NULL, *word;
	int err = next_line(ts, fd, &line, why);

	if (err)
		return err;
	word = trim(line);
	if (!*word)
		return E_UNSUP;
	err = parse_span(word, false, &span, &fault);
	if (!err) {
		start_walk(ts, &span);
		return E_UNSUP;
	}
	if (err == E_UNSUP)
		err = check_word(word, &fault);
	if (err)
		return why_set(why, E_BAD, "line %lu of '%s': %s", ts->line_no,
			       ts->sources[ts->at].text, fault.text);
	return word_to_target(ts, word, out) ? E_UNSUP : 0;
}

static void next_source(struct targets *ts)
{
	ts->at++;
	ts->start = ts->end = 0;
	ts->is_eof = ts->is_skipping = false;
	ts->line_no = 0;
}

/* Line numbers are hashed as text, which every host writes alike. */
static bool is_line_ours(const struct targets *ts)
{
	char number[24];

	snprintf(number, sizeof(number), "%lu", ts->line_no);
	return shard_has_name(&ts->shard, number);
}

int targets_peek(struct targets *ts, struct target_word **out, struct why *why)
{
	int err = 0;

	if (!ts->is_peeked) {
		ts->peeked = (struct target_word){0};
		err = targets_next(ts, &ts->peeked, why);
	}
	ts->is_peeked = err == 0;
	*out = &ts->peeked;
	return err;
}

/* As targets_next(), of all shards. */
static int next_of_all(struct targets *ts, struct target_word *out, struct why *why)
{
	for (;;) {
		const struct source *s = &ts->sources[ts->at];
		int err;

		if (walk(ts, &out->addr)) {
			out->text[0] = '\0';
			out->is_swept = true;
			return 0;
		}
		if (ts->at == ts->n_sources)
			return E_EOF;
		out->is_swept = s->kind == SOURCE_FILE;
		if (s->kind == SOURCE_SPAN) {
			start_walk(ts, &s->span);
			next_source(ts);
			continue;
		}
		if (s->kind == SOURCE_WORD) {
			next_source(ts);
			if (word_to_target(ts, s->text, out) == 0)
				return 0;
			continue;
		}
		err = take_line(ts, s->fd, out, why);
		if (err == E_EOF || err == E_SYS)
			next_source(ts);
		if (err != E_EOF && err != E_UNSUP)
			return err;
	}
}

int targets_next(struct targets *ts, struct target_word *out, struct why *why)
{
	if (ts->is_peeked) {
		*out = ts->peeked;
		ts->is_peeked = false;
		return 0;
	}
	for (;;) {
		int err = next_of_all(ts, out, why);
		bool is_ours = true;

		if (err == E_BAD)
			is_ours = is_line_ours(ts);
		else if (!err && out->addr.len)
			is_ours = shard_has_addr(&ts->shard, &out->addr);
		else if (!err)
			is_ours = shard_has_name(&ts->shard, out->text);
		ts->has_left |= !is_ours;
		ts->has_given |= !err && is_ours;
		if (is_ours)
			return err;
	}
}

int targets_fd(const struct targets *ts)
{
	if (ts->at < ts->n_sources && ts->sources[ts->at].kind == SOURCE_FILE && !ts->is_walking)
		return ts->sources[ts->at].fd;
	return -1;
}
