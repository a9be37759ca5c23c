/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_dhcp - every piece of a message lies in it, joined options are their pieces in a row, and
 * whatever an option says is clean text.
 */
#include <string.h>

#include "fuzz.h"
#include "wire/dhcp.h"
#include "wire/dhcp_option.h"

static void check_text(uint8_t code, const uint8_t *data, size_t len)
{
	unset char buf[16384], clean[sizeof(buf)];
	struct text t = text_make(buf, sizeof(buf));

	(void)dhcp_option_text(code, data, len, DHCP_FOR_PEOPLE, &t);
	must(text_clean(clean, sizeof(clean), buf, t.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t octets[256] = {0};
	unsigned pieces[256] = {0};
	unset struct dhcp_value v;
	struct dhcp_piece p;
	struct dhcp_walk w;
	struct dhcp_msg m;
	int more, err = dhcp_parse(data, len, &m);

	must(err == 0 || err == E_TRUNC || err == E_BAD || err == E_UNSUP);
	/* The same octets as the value of each option. */
	if (len)
		check_text(data[0], data + 1, len - 1);
	if (err < 0)
		return 0;
	w = dhcp_pieces(&m);
	while ((more = dhcp_next(&w, &p)) == 1) {
		must_lie_in(p.data, p.len, data, len);
		octets[p.code] += p.len;
		pieces[p.code]++;
	}
	must(more == 0);
	for (int code = 1; code < 255; code++) {
		int found;

		/* One that is not there is looked for, too; all would take most of the time. */
		if (!pieces[code] && code != (data[0] | 1))
			continue;
		found = dhcp_find(&m, (uint8_t)code, &v);
		must((found == E_NOENT) == (pieces[code] == 0));
		if (found < 0)
			continue;
		must(v.len == octets[code] && v.n_pieces == pieces[code]);
		check_text((uint8_t)code, v.data, v.len);
	}
	return 0;
}
