/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/library.h"

#include <dlfcn.h>

int library_load(const char *file, const char *what, const char *package, void **out,
		 struct why *why)
{
	*out = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (*out)
		return 0;
	return why_set(why, E_UNSUP, "%s needs %s: install the package %s", what, file, package);
}

void *library_find(void *library, const char *name)
{
	return dlsym(library, name);
}
