/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *err_word(int err)
{
	switch (err) {
	case E_OK: return "ok";
	case E_TRUNC: return "truncated";
	case E_BAD: return "malformed";
	case E_UNSUP: return "unsupported";
	case E_RANGE: return "out of range";
	case E_FULL: return "full";
	case E_SYS: return "system call failed";
	case E_PERM: return "not permitted";
	case E_NOENT: return "not found";
	case E_MEM: return "out of memory";
	case E_AGAIN: return "not ready";
	case E_EOF: return "end of input";
	}
	return "unknown error";
}

const char *errno_name(int sys)
{
	const char *name = strerrorname_np(sys);

	return name ? name : "E?";
}

int why_set(struct why *why, int err, const char *fmt, ...)
{
	va_list ap;

	if (!why)
		return err;
	why->sys = 0;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return err;
}

int why_sys(struct why *why, int err, const char *fmt, ...)
{
	int sys = errno;
	size_t used;
	va_list ap;

	if (!why)
		return err;
	why->sys = sys;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	used = strlen(why->text);
	snprintf(why->text + used, sizeof(why->text) - used, ": %s (%s)", strerror(sys),
		 errno_name(sys));
	return err;
}

void why_add(struct why *why, const char *more)
{
	size_t used;

	if (!why)
		return;
	used = strlen(why->text);
	snprintf(why->text + used, sizeof(why->text) - used, "%s", more);
}
