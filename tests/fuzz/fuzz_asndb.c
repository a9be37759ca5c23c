/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_asndb - any file of autonomous systems: refused, or answered from without a stray read. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>

#include "fuzz.h"
#include "io/asndb.h"

/* libmaxminddb 1.7.1 loses 4 KiB with each file whose description it cannot read. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:data_pool_new";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const asked[] = {"1.0.0.5", "10.1.2.3", "255.255.255.255",
					    "::", "2001:db8::7"};
	int fd = memfd_create("asndb", MFD_CLOEXEC);
	struct asndb *db;
	struct why why;
	char path[64];

	must(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (asndb_open(path, &db, &why) == 0) {
		for (unsigned i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
			struct addr a;
			const char *found;

			must(addr_parse(asked[i], &a) == 0);
			found = asndb_find(db, &a);
			must(!found || strspn(found, "0123456789_,") == strlen(found));
		}
		asndb_close(db);
	}
	close(fd);
	return 0;
}
