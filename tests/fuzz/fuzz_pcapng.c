/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "io/linktype.h"
#include "io/pcapng.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Every packet read lies within the file's own length, and unwrapping it keeps to its octets. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	FILE *f = len ? fmemopen((void *)(uintptr_t)data, len, "rb") : NULL;
	struct pcapng_reader *r = f ? pcapng_open(f) : NULL;
	struct savefile_packet p;
	uint32_t linktype;

	while (r && pcapng_read(r, &p, &linktype, NULL) == 0) {
		struct link_in in = {.bytes = p.bytes, .len = p.len, .wire_len = p.len};

		assert(p.len <= len);
		if (linktype_unwrap(linktype, (uint8_t *)(uintptr_t)p.bytes, &in) < 0)
			continue;
		assert(in.bytes >= p.bytes && in.bytes + in.len == p.bytes + p.len);
		/* What is left can be read, to its last octet. */
		assert(in.len == 0 || memchr(in.bytes, in.bytes[in.len - 1], in.len));
	}
	if (r)
		pcapng_close(r);
	if (f)
		fclose(f);
	return 0;
}
