/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_targets - words, what is excluded, and a file: nothing excluded and no family unasked for is
 * given out, and a pipe that brings the file in two pieces tells the same as the file, looked ahead
 * at or not.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/targets.h"
#include "fuzz.h"

#define WORDS_MAX 3  /* of each kind in front of the file's own lines */
#define TAKEN_MAX 32 /* targets looked at: a prefix may hold 2^128 */
#define LINE_MAX 65536
#define BIT_LONG 0x10 /* a comment so long comes first that the file is read in several pieces */
#define BIT_PIPE 0x20
#define BIT_PEEK 0x40

struct input {
	char *added[WORDS_MAX], *excluded[WORDS_MAX];
	unsigned n_added, n_excluded;
	const uint8_t *file;
	size_t file_len, comment_len;
	size_t cut; /* where the first piece ends that a pipe brings */
	bool by_pipe, peeks;
};

/* What the stream said, in order. */
struct told {
	int err[TAKEN_MAX];
	struct target_word word[TAKEN_MAX];
	unsigned n;
};

/* The next line of the input as a word of the command line, without what no argument can hold. */
static char *next_word(const uint8_t **at, const uint8_t *end)
{
	const uint8_t *newline = memchr(*at, '\n', (size_t)(end - *at));
	size_t n = (size_t)((newline ? newline : end) - *at);
	char *word = strndup((const char *)*at, n);

	must(word != NULL);
	*at = newline ? newline + 1 : end;
	if (strcmp(word, "-") == 0) /* standard input is not this target's */
		word[0] = '\0';
	return word;
}

/* The first octet says how many words there are, the second where the file is cut. */
static struct input read_input(const uint8_t *data, size_t len)
{
	const uint8_t *at = data + 2, *end = data + len;
	struct input in = {.n_added = data[0] & 3, .n_excluded = data[0] >> 2 & 3};

	for (unsigned i = 0; i < in.n_added; i++)
		in.added[i] = next_word(&at, end);
	for (unsigned i = 0; i < in.n_excluded; i++)
		in.excluded[i] = next_word(&at, end);
	in.file = at;
	in.file_len = (size_t)(end - at);
	in.cut = in.file_len * data[1] / 255;
	in.by_pipe = data[0] & BIT_PIPE;
	in.peeks = data[0] & BIT_PEEK;
	if (data[0] & BIT_LONG)
		in.comment_len = LINE_MAX / 2 - data[1];
	return in;
}

static void free_input(struct input *in)
{
	for (unsigned i = 0; i < in->n_added; i++)
		free(in->added[i]);
	for (unsigned i = 0; i < in->n_excluded; i++)
		free(in->excluded[i]);
}

/* Looking ahead tells what comes next; a bad line is then gone, and told by it alone. */
static int next_target(struct targets *ts, bool peeks, struct target_word *out, struct why *why)
{
	struct target_word *ahead;
	int err = peeks ? targets_peek(ts, &ahead, why) : 0;

	return err ? err : targets_next(ts, out, why);
}

static void take(struct targets *ts, bool peeks, struct told *t)
{
	struct why why;
	int err = 0;

	while (t->n < TAKEN_MAX && err != E_EOF && err != E_AGAIN) {
		struct target_word *w = &t->word[t->n];

		memset(w, 0, sizeof(*w));
		why.text[0] = '\0';
		t->err[t->n] = err = next_target(ts, peeks, w, &why);
		must(err == 0 || err == E_EOF || err == E_AGAIN || err == E_BAD);
		must(err != E_BAD || why.text[0]);
		if (err == 0) {
			must(w->addr.len || w->text[0]);
			must(!w->addr.len || !targets_is_excluded(ts, &w->addr));
			must(!strpbrk(w->text, " \t\r\n"));
		} else {
			memset(w, 0, sizeof(*w));
		}
		t->n += err != E_AGAIN;
	}
}

/* Streams @in, its file from the descriptor @fd that may be opened again. */
static struct targets *open_targets(const struct input *in, int fd)
{
	static char path[32]; /* lives as long as the stream */
	struct targets *ts = targets_new();
	struct why why;
	unsigned n = 0;

	must(ts != NULL);
	for (unsigned i = 0; i < in->n_added; i++)
		n += targets_add(ts, in->added[i], &why) == 0;
	for (unsigned i = 0; i < in->n_excluded; i++)
		must(targets_exclude(ts, in->excluded[i], &why) == 0 || why.text[0]);
	if (fd >= 0) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		must(targets_add_file(ts, path, &why) == 0);
		n++;
	}
	must(targets_count_words(ts) == n);
	return ts;
}

/* The words alone: no family is met that targets_families() did not tell of. */
static void check_words(const struct input *in)
{
	struct targets *ts = open_targets(in, -1);
	struct told t = {0};
	bool v4, v6, names;

	targets_families(ts, &v4, &v6, &names);
	take(ts, false, &t);
	for (unsigned i = 0; i < t.n; i++) {
		const struct addr *a = &t.word[i].addr;

		must(t.err[i] == 0 || t.err[i] == E_EOF);
		must(t.err[i] || (a->len == 4 ? v4 : a->len == 16 ? v6 : names));
	}
	targets_free(ts);
}

static void write_all(int fd, const void *bytes, size_t len)
{
	must(len == 0 || write(fd, bytes, len) == (ssize_t)len);
}

static void write_comment(int fd, size_t len)
{
	static char comment[LINE_MAX];

	memset(comment, '#', len);
	if (len)
		comment[len - 1] = '\n';
	write_all(fd, comment, len);
}

static struct told by_file(const struct input *in)
{
	int fd = memfd_create("targets", MFD_CLOEXEC);
	struct told t = {0};
	struct targets *ts;

	must(fd >= 0);
	write_comment(fd, in->comment_len);
	write_all(fd, in->file, in->file_len);
	ts = open_targets(in, fd);
	take(ts, in->peeks, &t);
	targets_free(ts);
	close(fd);
	return t;
}

static struct told by_pipe(const struct input *in)
{
	struct told t = {0};
	struct targets *ts;
	int fds[2];

	must(pipe2(fds, O_CLOEXEC) == 0);
	ts = open_targets(in, fds[0]);
	write_comment(fds[1], in->comment_len);
	write_all(fds[1], in->file, in->cut);
	take(ts, false, &t);
	must(t.n == TAKEN_MAX || t.err[t.n] == E_AGAIN);
	must(t.n == TAKEN_MAX || targets_fd(ts) >= 0);
	write_all(fds[1], in->file + in->cut, in->file_len - in->cut);
	close(fds[1]);
	take(ts, false, &t);
	must(t.n == TAKEN_MAX || t.err[t.n - 1] == E_EOF);
	targets_free(ts);
	close(fds[0]);
	return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool is_ready;
	struct told whole, cut;
	struct input in;

	if (len < 2)
		return 0;
	if (!is_ready) /* the kernel is not asked for the name in each zone again */
		addr_learn_zones();
	is_ready = true;
	in = read_input(data, len);
	check_words(&in);
	whole = by_file(&in);
	if (in.by_pipe) {
		cut = by_pipe(&in);
		must(cut.n == whole.n);
		for (unsigned i = 0; i < whole.n; i++) {
			must(cut.err[i] == whole.err[i]);
			must(memcmp(&cut.word[i], &whole.word[i], sizeof(whole.word[i])) == 0);
		}
	}
	free_input(&in);
	return 0;
}
