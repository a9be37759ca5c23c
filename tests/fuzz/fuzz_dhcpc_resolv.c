/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_dhcpc_resolv - any file comes back out of what is wrapped around it, octet by octet. */
#include <string.h>

#include "dhcpc/dhcpc_resolv.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char wrapped[1 << 16], back[1 << 16];
	struct wr w = wr_make(wrapped, sizeof(wrapped)), b = wr_make(back, sizeof(back));

	if (len > sizeof(wrapped) / 8)
		return 0;
	/* As it may be found: whatever it is, what comes out is no longer than it. */
	if (resolv_unwrap(&b, (const char *)data, len))
		must(!b.bad && b.len <= len);
	b = wr_make(back, sizeof(back));
	resolv_wrap(&w, "nameserver 192.0.2.1\n", (const char *)data, len);
	must(!w.bad && resolv_unwrap(&b, wrapped, w.len));
	must(b.len == len && (!len || memcmp(back, data, len) == 0));
	return 0;
}
