/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * golden - the packets of tests/golden for the unit tests, which run from the top of the tree.
 *
 * Each is a whole Ethernet frame: hex octets, '#' begins a comment. Include it behind <cmocka.h>.
 */
#ifndef PKT_TESTS_GOLDEN_H
#define PKT_TESTS_GOLDEN_H

#include <glob.h>
#include <stdio.h>

#include "base/bytes.h"

#define GOLDEN_L3 14 /* where IP starts in a frame without tags */
#define GOLDEN_PATHS "tests/golden/*/*.hex"

struct golden {
	uint8_t bytes[2048];
	size_t len;
};

static inline struct golden golden_read(const char *path)
{
	struct golden g = {.len = 0};
	FILE *f = fopen(path, "r");
	char line[256];

	if (!f)
		fail_msg("cannot open %s", path);
	while (fgets(line, sizeof(line), f)) {
		unsigned octet;
		int used;

		for (char *p = line; *p != '#' && sscanf(p, "%2x%n", &octet, &used) == 1;
		     p += used) {
			assert_true(g.len < sizeof(g.bytes));
			g.bytes[g.len++] = (uint8_t)octet;
		}
	}
	fclose(f);
	return g;
}

/* golden_load() - a packet by its name: "icmp4/echo_request". */
static inline struct golden golden_load(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "tests/golden/%s.hex", name);
	return golden_read(path);
}

/* golden_at() - a cursor over @g from octet @off on. */
static inline struct rd golden_at(const struct golden *g, size_t off)
{
	return rd_make(g->bytes + off, g->len - off);
}

#endif
