/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/out.h"

#include <stdarg.h>

#include "base/num.h"

#define FLUSH_NS (100 * NS_PER_MS)

struct out out_make(FILE *file, const struct clock *clock, const char *tool, bool is_json)
{
	return (struct out){.file = file, .clock = clock, .tool = tool, .is_json = is_json};
}

void out_text(struct out *o, const char *fmt, ...)
{
	va_list ap;

	if (!out_has_text(o))
		return;
	va_start(ap, fmt);
	vfprintf(o->file, fmt, ap);
	va_end(ap);
}

void out_line(struct out *o, const struct text *line)
{
	if (!out_has_text(o))
		return;
	fwrite_unlocked(line->buf, 1, line->len, o->file);
	putc_unlocked('\n', o->file);
}

void out_flush(struct out *o)
{
	if (fflush(o->file) != 0 || ferror(o->file))
		o->is_lost = true;
	o->flushed_ns = clock_mono(o->clock);
}

void out_flush_old(struct out *o, uint64_t now_ns)
{
	if (now_ns - o->flushed_ns > FLUSH_NS)
		out_flush(o);
}
