/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_traceroute_diff - any two files of records: what is told of their difference is clean text,
 * and a file does not differ from itself.
 *
 * An input is both files; an octet 0 ends the first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "traceroute/traceroute_diff.h"

static void read_records(const uint8_t *data, size_t len, struct snaps *out, int *err)
{
	FILE *f = len ? fmemopen((void *)(uintptr_t)data, len, "r") : NULL;
	struct why why;

	*out = (struct snaps){0};
	*err = f ? snap_records(f, "file", out, &why) : E_BAD;
	if (f)
		fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *end = len ? memchr(data, 0, len) : NULL;
	size_t first = end ? (size_t)(end - data) : len;
	struct fake_clock clock = clock_fake(1);
	struct traceroute *t = calloc(1, sizeof(*t));
	struct run run = {.clock = &clock.clock};
	struct snaps old, new;
	int old_err, new_err;
	size_t told_len;
	char *told, *clean;
	FILE *f = open_memstream(&told, &told_len);

	must(t && f);
	run.out = out_make(f, run.clock, "traceroute", false);
	t->run = &run;
	read_records(data, first, &old, &old_err);
	read_records(data + first + !!end, len - first - !!end, &new, &new_err);
	if (!old_err)
		must(!diff_snaps(t, &old, &old));
	if (!old_err && !new_err)
		must(diff_snaps(t, &old, &new) == diff_snaps(t, &new, &old));
	snap_free(&old);
	snap_free(&new);
	out_flush(&run.out);
	fclose(f);
	for (size_t i = 0; i < told_len; i++)
		if (told[i] == '\n')
			told[i] = ' ';
	clean = malloc(told_len + 1);
	must(clean && text_clean(clean, told_len + 1, told, told_len));
	free(clean);
	free(told);
	free(t);
	return 0;
}
