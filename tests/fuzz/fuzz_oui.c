/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of vendors may be anything: it is a file that the user names. */
#include "io/oui.h"

#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char name[OUI_NAME_MAX] = "";
	struct mac mac = {{0x00, 0x1b, 0xc5, 0x00, 0x01, 0x02}};
	unsigned bits;

	if (len >= 6)
		memcpy(&mac, data, 6);
	bits = oui_search((const char *)data, len, &mac, name);
	must(bits == 0 || (bits >= 24 && bits <= 48));
	must(memchr(name, '\0', sizeof(name)) != NULL);
	return 0;
}
