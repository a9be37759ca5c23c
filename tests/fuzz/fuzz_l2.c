/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_l2 - Ethernet and ARP: all octets are accounted for. */
#include "fuzz.h"
#include "wire/arp.h"
#include "wire/eth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r = rd_make(data, len), payload;
	struct eth_hdr eth;
	struct arp_msg arp;

	if (eth_parse(&r, &eth, &payload) == 0) {
		must(eth.n_tags <= ETH_TAGS_MAX);
		must(eth.hdr_len + rd_left(&payload) + rd_left(&r) == len);
		must(!eth.is_truncated || rd_left(&r) == 0);
		must(eth.is_llc || eth.type >= 0x600);
	}
	r = rd_make(data, len);
	if (arp_parse(&r, &arp) == 0)
		must(rd_left(&r) == len - ARP_LEN && arp.sender.len == 4);
	must(!(arp_is_probe(&arp) && arp_is_announcement(&arp)));
	return 0;
}
