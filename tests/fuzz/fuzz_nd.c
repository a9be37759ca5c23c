/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_nd - neighbour discovery messages and their options. */
#include "fuzz.h"
#include "wire/nd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r = rd_make(data, len);
	struct icmp_hdr icmp;
	struct nd_msg m;
	struct nd_opt o;
	struct nd_prefix prefix;
	struct mac mac;
	uint32_t mtu;
	size_t n = 0, all;

	if (icmp_parse(&r, true, &icmp) < 0 || nd_parse(&r, &icmp, &m) < 0)
		return 0;
	must(m.target.len == 0 || !addr_is_multicast(&m.target));
	all = rd_left(&r);
	while (nd_opt_next(&r, &o) > 0) {
		n += o.len;
		must(o.len >= 8 && o.data_len == o.len - 2);
		must_lie_in(o.data, o.data_len, data, len);
		must(nd_opt_mac(&o, &mac) < 0 || o.type <= ND_TARGET_MAC);
		must(nd_opt_mtu(&o, &mtu) < 0 || o.type == ND_MTU);
		must(nd_opt_prefix(&o, &prefix) < 0 || prefix.prefix_len <= 128);
	}
	must(n <= all && (r.bad || n == all));
	return 0;
}
