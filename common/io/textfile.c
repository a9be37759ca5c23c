/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/textfile.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/hands.h"
#include "io/priv.h"

#define PIECE 32768u

enum what { BEGIN, ADD, COMMIT };

/* Of the process that writes. */
struct writer {
	const char *path;
	char *beside;
	int fd; /* -1: nothing is begun */
};

struct order {
	enum what what;
	char text[PIECE];
};

struct textfile {
	struct hands *hands;
	struct writer writer;
	struct order order;
};

static int fail(const struct writer *w, struct why *why)
{
	return why_sys(why, E_SYS, "cannot write '%s'", w->path);
}

static int begin(struct writer *w, struct why *why)
{
	/* What a file capability has lent is not for files; what root may, it may need for them. */
	if (geteuid() != 0)
		priv_drop_all();
	/* Left by an earlier process of this number, if by anybody. */
	(void)unlink(w->beside);
	w->fd = open(w->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	return w->fd < 0 ? fail(w, why) : 0;
}

static void drop(struct writer *w)
{
	if (w->fd < 0)
		return;
	close(w->fd);
	(void)unlink(w->beside);
	w->fd = -1;
}

static int add(const struct writer *w, const char *text, size_t len, struct why *why)
{
	while (len) {
		ssize_t n = write(w->fd, text, len);

		if (n < 0 && errno != EINTR)
			return fail(w, why);
		text += n < 0 ? 0 : n;
		len -= n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

static int commit(struct writer *w, struct why *why)
{
	int err = close(w->fd) < 0 || rename(w->beside, w->path) < 0 ? fail(w, why) : 0;

	if (err)
		(void)unlink(w->beside);
	w->fd = -1;
	return err;
}

static int serve(void *state, const void *bytes, size_t len, struct why *why)
{
	const struct order *o = bytes;
	struct writer *w = state;
	int err = 0;

	if (o->what == BEGIN || w->fd < 0)
		err = begin(w, why);
	if (!err && o->what == ADD)
		err = add(w, o->text, len - offsetof(struct order, text), why);
	else if (!err && o->what == COMMIT)
		return commit(w, why);
	if (err)
		drop(w);
	return err;
}

static void end(void *state)
{
	drop(state);
}

static int do_order(struct textfile *f, enum what what, size_t len, struct why *why)
{
	struct pollfd p = {.fd = hands_fd(f->hands), .events = POLLIN};
	int result = 0, err;

	f->order.what = what;
	err = hands_order(f->hands, &f->order, offsetof(struct order, text) + len, why);
	while (!err) {
		(void)poll(&p, 1, -1);
		err = hands_take(f->hands, &result, why);
		if (!err)
			return result;
		if (err == E_AGAIN)
			err = 0;
	}
	return err;
}

/* ".NAME.PID" in the same directory: no collector takes it for a file of metrics. */
static char *name_beside(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *beside = NULL;

	if (asprintf(&beside, "%.*s.%s.%ld", (int)(name - path), path, name, (long)getpid()) < 0)
		return NULL;
	return beside;
}

int textfile_open(const char *path, struct textfile **out, struct why *why)
{
	static const struct hands_work work = {
		.serve = serve,
		.end = end,
		.order_max = sizeof(struct order),
		.outlasts_signals = true,
	};
	struct textfile *f;
	struct stat st;
	int err;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return why_set(why, E_BAD,
			       "'%.200s' is no regular file, which a new one could replace", path);
	f = calloc(1, sizeof(*f));
	if (f)
		f->writer = (struct writer){path, name_beside(path), -1};
	if (!f || !f->writer.beside) {
		free(f);
		return why_set(why, E_MEM, "out of memory");
	}
	err = hands_open(&work, &f->writer, &f->hands, why);
	/* Now, and not at the end of a long run, it is seen that it cannot be written. */
	if (!err)
		err = do_order(f, BEGIN, 0, why);
	if (err)
		textfile_close(f);
	else
		*out = f;
	return err;
}

int textfile_add(struct textfile *f, const char *text, size_t len, struct why *why)
{
	int err = 0;

	while (len && !err) {
		size_t n = len < PIECE ? len : PIECE;

		memcpy(f->order.text, text, n);
		err = do_order(f, ADD, n, why);
		text += n;
		len -= n;
	}
	return err;
}

int textfile_commit(struct textfile *f, struct why *why)
{
	return do_order(f, COMMIT, 0, why);
}

void textfile_close(struct textfile *f)
{
	if (!f)
		return;
	hands_close(f->hands);
	free(f->writer.beside);
	free(f);
}
