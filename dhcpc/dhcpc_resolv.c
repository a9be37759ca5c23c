/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcpc_resolv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK "# set by dhcpc until the lease ends; before, it was:\n"
#define LINE "#| "
#define TAIL "#: " /* the last one, if no newline ended it */

static void put(struct wr *w, const char *text)
{
	wr_bytes(w, text, strlen(text));
}

void resolv_wrap(struct wr *w, const char *text, const char *before, size_t len)
{
	put(w, text);
	put(w, MARK);
	while (len) {
		const char *end = memchr(before, '\n', len);
		size_t n = end ? (size_t)(end - before) : len;

		put(w, end ? LINE : TAIL);
		wr_bytes(w, before, n);
		put(w, "\n");
		n += end != NULL;
		before += n;
		len -= n;
	}
}

bool resolv_unwrap(struct wr *w, const char *file, size_t len)
{
	const char *mark = memmem(file, len, MARK, strlen(MARK)), *at, *last = file + len;

	if (!mark)
		return false;
	for (at = mark + strlen(MARK); last - at >= (ptrdiff_t)strlen(LINE);) {
		const char *end = memchr(at, '\n', (size_t)(last - at));
		bool is_line = memcmp(at, LINE, strlen(LINE)) == 0;

		if (!end || (!is_line && memcmp(at, TAIL, strlen(TAIL)) != 0))
			break;
		at += strlen(LINE);
		wr_bytes(w, at, (size_t)(end - at) + is_line);
		at = end + 1;
	}
	return true;
}

/* The octets of the file, of which the caller frees *out. Returns how many, or -1. */
static ssize_t read_file(const char *path, char **out)
{
	FILE *f = fopen(path, "r");
	size_t n;

	*out = f ? malloc(RESOLV_FILE_MAX) : NULL;
	if (!*out) {
		if (f)
			fclose(f);
		return -1;
	}
	n = fread(*out, 1, RESOLV_FILE_MAX, f);
	fclose(f);
	return (ssize_t)n;
}

/*
 * In place, not by rename(): in a network namespace of ip-netns(8) the file is a bind mount, which
 * cannot be renamed over, and a link to somewhere stays a link.
 */
static int write_file(const char *path, const char *text, size_t len, struct why *why)
{
	FILE *f = fopen(path, "w");
	bool is_written = f && fwrite(text, 1, len, f) == len;

	if (f && fclose(f) != 0)
		is_written = false;
	return is_written ? 0 : why_sys(why, E_SYS, "cannot write %s", path);
}

static int save(struct resolv_file *f, const char *path, struct why *why)
{
	char *file;
	ssize_t n = read_file(path, &file);
	struct wr w;

	f->was_absent = n < 0;
	if (n < 0)
		return 0;
	f->saved = malloc(RESOLV_FILE_MAX);
	w = wr_make(f->saved, f->saved ? RESOLV_FILE_MAX : 0);
	if (!resolv_unwrap(&w, file, (size_t)n))
		wr_bytes(&w, file, (size_t)n);
	free(file);
	f->saved_len = w.len;
	/* Three octets a line more have to be room for. */
	if ((size_t)n >= RESOLV_FILE_MAX / 4 || w.bad)
		return why_set(why, E_FULL, "%s is too long to be put back", path);
	return 0;
}

int resolv_file_set(struct resolv_file *f, const char *path, const char *text, struct why *why)
{
	struct wr w;
	int err = 0;

	if (!f->saved && !f->was_absent)
		err = save(f, path, why);
	free(f->written);
	f->written = malloc(RESOLV_FILE_MAX);
	if (!f->written)
		return why_set(why, E_MEM, "out of memory");
	if (err)
		return err;
	w = wr_make(f->written, RESOLV_FILE_MAX);
	if (f->was_absent)
		put(&w, text);
	else
		resolv_wrap(&w, text, f->saved, f->saved_len);
	f->written_len = w.len;
	if (wr_done(&w) < 0)
		return why_set(why, E_FULL, "%s is too long to be put back", path);
	return write_file(path, f->written, f->written_len, why);
}

void resolv_file_restore(struct resolv_file *f, const char *path)
{
	char *file;
	ssize_t n = read_file(path, &file);
	bool is_ours = f->written && n == (ssize_t)f->written_len &&
		       memcmp(file, f->written, f->written_len) == 0;
	struct why why;

	if (is_ours && f->was_absent)
		(void)unlink(path);
	else if (is_ours)
		(void)!write_file(path, f->saved, f->saved_len, &why);
	if (n >= 0)
		free(file);
	free(f->saved);
	free(f->written);
	*f = (struct resolv_file){0};
}
