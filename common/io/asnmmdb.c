/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/asnmmdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARKER "\xab\xcd\xefMaxMind.com" /* before the metadata, in the last 128 KiB */
#define TAIL (128L << 10)

static bool is_mmdb(const char *path)
{
	FILE *f = fopen(path, "re");
	char *tail = f ? malloc(TAIL) : NULL;
	size_t n = 0;

	if (tail && (fseek(f, -TAIL, SEEK_END) == 0 || fseek(f, 0, SEEK_SET) == 0))
		n = fread(tail, 1, TAIL, f);
	if (f)
		fclose(f);
	n = n ? memmem(tail, n, MARKER, sizeof(MARKER) - 1) != NULL : 0;
	free(tail);
	return n;
}

#ifdef HAVE_MAXMINDDB

#include <maxminddb.h>
#include <sys/socket.h>

struct asnmmdb {
	MMDB_s db;
};

int asnmmdb_open(const char *path, struct asnmmdb **out, struct why *why)
{
	struct asnmmdb *m;
	int status;

	if (!is_mmdb(path))
		return why_set(why, E_NOENT, "%s is not in MaxMind's format", path);
	m = calloc(1, sizeof(*m));
	if (!m)
		return why_set(why, E_MEM, "out of memory");
	status = MMDB_open(path, MMDB_MODE_MMAP, &m->db);
	if (status != MMDB_SUCCESS) {
		free(m);
		return why_set(why, E_BAD, "cannot read %s: %s", path, MMDB_strerror(status));
	}
	*out = m;
	return 0;
}

static bool add_number(MMDB_entry_s *entry, struct text *out)
{
	MMDB_entry_data_s data;

	if (MMDB_get_value(entry, &data, "autonomous_system_number", NULL) != MMDB_SUCCESS ||
	    !data.has_data || data.type != MMDB_DATA_TYPE_UINT32 || !data.uint32)
		return false;
	text_add_u64(out, data.uint32, 1);
	return true;
}

static bool add_word(MMDB_entry_s *entry, struct text *out)
{
	MMDB_entry_data_s data;
	char digits[16] = "";
	size_t n;

	if (MMDB_get_value(entry, &data, "asn", NULL) != MMDB_SUCCESS || !data.has_data ||
	    data.type != MMDB_DATA_TYPE_UTF8_STRING || data.data_size < 3 ||
	    data.data_size - 2 >= sizeof(digits) || memcmp(data.utf8_string, "AS", 2) != 0)
		return false;
	n = data.data_size - 2;
	memcpy(digits, data.utf8_string + 2, n);
	if (strspn(digits, "0123456789") != n)
		return false;
	text_add(out, digits);
	return true;
}

bool asnmmdb_find(struct asnmmdb *m, const struct addr *addr, struct text *out)
{
	struct sockaddr_storage sa;
	MMDB_lookup_result_s found;
	int err;

	(void)addr_to_sockaddr(addr, 0, &sa);
	found = MMDB_lookup_sockaddr(&m->db, (struct sockaddr *)&sa, &err);
	return err == MMDB_SUCCESS && found.found_entry &&
	       (add_number(&found.entry, out) || add_word(&found.entry, out));
}

void asnmmdb_close(struct asnmmdb *m)
{
	if (!m)
		return;
	MMDB_close(&m->db);
	free(m);
}

#else

int asnmmdb_open(const char *path, struct asnmmdb **out, struct why *why)
{
	(void)out;
	if (!is_mmdb(path))
		return why_set(why, E_NOENT, "%s is not in MaxMind's format", path);
	return why_set(why, E_UNSUP,
		       "%s is in MaxMind's format, and this program was built without "
		       "libmaxminddb: install libmaxminddb-dev and build it again",
		       path);
}

bool asnmmdb_find(struct asnmmdb *m, const struct addr *addr, struct text *out)
{
	(void)m;
	(void)addr;
	(void)out;
	return false;
}

void asnmmdb_close(struct asnmmdb *m)
{
	(void)m;
}

#endif
