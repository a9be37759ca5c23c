/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * library - as in io/library, of a static program: what it would load was built for the C library
 * of the host, which need not be its own, and in an empty root there is none.
 */
#include "io/library.h"

#include <stddef.h>

int library_load(const char *file, const char *what, const char *package, void **out,
		 struct why *why)
{
	(void)package;
	*out = NULL;
	return why_set(why, E_UNSUP,
		       "%s needs %s, which a static program cannot load: use the program of the "
		       "package pktutils",
		       what, file);
}

void *library_find(void *library, const char *name)
{
	(void)library;
	(void)name;
	return NULL;
}
