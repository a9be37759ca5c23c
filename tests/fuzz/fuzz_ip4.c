/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_ip4 - IPv4: header, options and payload account for all octets. */
#include "fuzz.h"
#include "wire/ip4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r = rd_make(data, len), payload, opts;
	struct ip4_hdr h;
	struct ip4_opt o;
	size_t n = 0;

	if (ip4_parse(&r, &h, &payload) < 0)
		return 0;
	must(h.hdr_len + rd_left(&payload) + rd_left(&r) == len);
	must(!h.is_truncated || rd_left(&r) == 0);
	must(h.is_truncated || !h.total_len || h.hdr_len + rd_left(&payload) == h.total_len);
	must_lie_in(h.opts, h.opts_len, data, len);
	must(ip4_final_dst(&h).len == 4);
	opts = rd_make(h.opts, h.opts_len);
	while (ip4_opt_next(&opts, &o) > 0) {
		n += o.len;
		must_lie_in(o.data, o.data_len, data, len);
		must(o.n_used <= o.n_slots && !(o.is_bad && o.n_used));
		for (unsigned i = 0; i < o.n_slots; i++) {
			if (o.type == IP4_OPT_TS)
				must(ip4_opt_stamp(&o, i).ms <= INT32_MAX);
			else
				must(ip4_opt_addr(&o, i).len == 4);
		}
	}
	must(n <= h.opts_len && (opts.bad || n == h.opts_len));
	return 0;
}
