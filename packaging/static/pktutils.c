/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pktutils - all the tools in one static program, for a rescue disk or an empty container: the name
 * it is called by chooses the tool (ping, pkt-ping), or else the first argument.
 */
#include <nss.h>
#include <stdio.h>
#include <string.h>

#include "tools.h" /* TOOL(name, "what it does") for each, made by the build */

#define TOOL(name, what) int name##_main(int argc, char **argv);
TOOLS
#undef TOOL

static const struct {
	const char *name, *what;
	int (*main)(int argc, char **argv);
} tools[] = {
#define TOOL(name, what) {#name, what, name##_main},
	TOOLS
#undef TOOL
};

#define N_TOOLS (sizeof(tools) / sizeof(tools[0]))

/* The part of a path behind its last slash, and behind the prefix that a package gives. */
static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	return strncmp(name, "pkt-", 4) == 0 ? name + 4 : name;
}

static int find(const char *name)
{
	for (size_t i = 0; i < N_TOOLS; i++)
		if (strcmp(tools[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int list(void)
{
	printf("pktutils " PKT_VERSION
	       ": pktutils TOOL ARGUMENT..., or a link to it named TOOL\n\n");
	for (size_t i = 0; i < N_TOOLS; i++)
		printf("  %-12s %s\n", tools[i].name, tools[i].what);
	return fflush(stdout) == 0 ? 0 : 2;
}

int main(int argc, char **argv)
{
	int tool = argc ? find(base_name(argv[0])) : -1;

	/* Modules for other sources of names are shared objects of the host's C library. */
	(void)__nss_configure_lookup("hosts", "files dns");
	if (tool < 0 && argc > 1) {
		tool = find(argv[1]);
		argc--;
		argv++;
		if (tool < 0 && strcmp(argv[0], "--help") != 0) {
			fprintf(stderr, "pktutils: there is no tool of that name; without an "
					"argument the list is shown\n");
			return 2;
		}
	}
	return tool < 0 ? list() : tools[tool].main(argc, argv);
}
