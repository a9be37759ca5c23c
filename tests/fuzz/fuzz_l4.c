/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_l4 - TCP with options, and UDP. */
#include "fuzz.h"
#include "wire/tcp.h"
#include "wire/udp.h"

static void try_tcp(const uint8_t *data, size_t len)
{
	struct rd r = rd_make(data, len), opts;
	struct tcp_hdr h;
	struct tcp_opt o;
	size_t n = 0;

	if (tcp_parse(&r, &h) < 0)
		return;
	must(h.hdr_len + rd_left(&r) == len);
	must_lie_in(h.opts, h.opts_len, data, len);
	opts = rd_make(h.opts, h.opts_len);
	for (; tcp_opt_next(&opts, &o) > 0; n += o.len) {
		must_lie_in(o.data, o.data_len, data, len);
		must(o.n_sacks <= TCP_SACKS_MAX && !(o.is_bad && o.n_sacks));
	}
	must(n <= h.opts_len && (opts.bad || n == h.opts_len));
}

static void try_udp(const uint8_t *data, size_t len)
{
	struct rd r = rd_make(data, len), payload;
	struct udp_hdr h;

	if (udp_parse(&r, &h, &payload) < 0)
		return;
	must(UDP_HDR_LEN + rd_left(&payload) + rd_left(&r) == len);
	must(!h.is_truncated || rd_left(&r) == 0);
	must(h.is_truncated || !h.len || UDP_HDR_LEN + rd_left(&payload) == h.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	try_tcp(data, len);
	try_udp(data, len);
	return 0;
}
