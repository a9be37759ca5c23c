/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_ip6 - IPv6: the chain of extension headers and the options in it. */
#include "fuzz.h"
#include "wire/ip6.h"

static void walk_options(const uint8_t *data, size_t len)
{
	struct rd r = rd_make(data, len);
	struct ip6_opt o;
	size_t n = 0;

	for (; ip6_opt_next(&r, &o) > 0; n += o.len)
		must_lie_in(o.data, o.data_len, data, len);
	must(n <= len && (r.bad || n == len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r = rd_make(data, len), payload;
	struct ip6_hdr h;
	size_t off = IP6_HDR_LEN;

	if (ip6_parse(&r, &h, &payload) < 0)
		return 0;
	must(h.hdr_len + rd_left(&payload) + rd_left(&r) == len);
	must(!h.is_truncated || rd_left(&r) == 0);
	must(h.n_exts <= IP6_EXTS_MAX);
	for (unsigned i = 0; i < h.n_exts; i++) {
		must(h.exts[i].off == off && h.exts[i].len % 4 == 0 && h.exts[i].len >= 8);
		must(h.exts[i].type == (i ? h.exts[i - 1].next : h.next));
		if (h.exts[i].type == IPPROTO_HOPOPTS || h.exts[i].type == IPPROTO_DSTOPTS)
			walk_options(data + off + 2, h.exts[i].len - 2u);
		off += h.exts[i].len;
	}
	must(off == h.hdr_len);
	must(h.proto == (h.n_exts ? h.exts[h.n_exts - 1].next : h.next));
	must(h.is_chain_cut || h.frag_off || !ip6_is_ext(h.proto));
	return 0;
}
