/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/outcome.h"

#include <string.h>

#include "io/textfile.h"

int outcome_open(struct run *run, const struct options_tool *tool, struct why *why)
{
	const struct options *o = &run->options;

	run->out.is_muted = o->is_prom || o->is_check;
	if (!o->is_prom)
		return 0;
	run->metrics = metrics_new(tool->metrics, o->vantage);
	if (!run->metrics)
		return why_set(why, E_MEM, "out of memory");
	if (!o->output || strcmp(o->output, "-") == 0)
		return 0;
	return textfile_open(o->output, &run->metrics_file, why);
}

static int to_file(void *arg, const char *text, size_t len, struct why *why)
{
	return textfile_add(arg, text, len, why);
}

/* What does not get out is noticed where all of standard output is: out_flush(). */
static int to_stdout(void *arg, const char *text, size_t len, struct why *why)
{
	(void)why;
	fwrite(text, 1, len, ((struct out *)arg)->file);
	return 0;
}

static int write_file(struct run *run, struct why *why)
{
	int err = metrics_write(run->metrics, to_file, run->metrics_file, why);

	return err ? err : textfile_commit(run->metrics_file, why);
}

void outcome_renew(struct run *run)
{
	struct why why = {0};

	if (run->metrics_file && write_file(run, &why) < 0)
		tool_say(run, "%s", why.text);
}

static void end_check(struct run *run, int *status)
{
	char line[CHECK_LINE_MAX + 2 * sizeof(run->said)];
	struct text t = text_make(line, sizeof(line));
	struct check *c = &run->options.check;

	check_line(c, run->out.tool, run->has_failed ? run->said : NULL, &t);
	fprintf(run->out.file, "%s\n", line);
	out_flush(&run->out);
	*status = (int)c->state;
}

int outcome_close(struct run *run, int *status)
{
	struct why why = {0};
	int err = 0;

	if (run->options.is_check)
		end_check(run, status);
	else if (run->metrics_file)
		err = write_file(run, &why);
	else if (run->metrics)
		err = metrics_write(run->metrics, to_stdout, &run->out, &why);
	textfile_close(run->metrics_file);
	metrics_free(run->metrics);
	if (err < 0)
		(void)tool_fail(run, &why);
	return err;
}
