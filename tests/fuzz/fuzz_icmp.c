/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_icmp - ICMP: the header, its words, the quoted packet and the extension objects. */
#include <string.h>

#include "fuzz.h"
#include "wire/icmp.h"
#include "wire/icmpext.h"
#include "wire/quote.h"

static void walk_objects(struct rd objects, const uint8_t *data, size_t len)
{
	struct icmpext_obj obj;
	struct icmpext_iface iface;
	struct mpls_entry entry;
	size_t n = 0, all = rd_left(&objects);

	while (icmpext_next(&objects, &obj) > 0) {
		n += obj.len;
		must_lie_in(obj.data.buf, obj.data.len, data, len);
		if (icmpext_iface(&obj, &iface) == 0) {
			must(iface.name_len < 64);
			must_lie_in(iface.name, iface.name_len, data, len);
		}
		while (mpls_next(&obj.data, &entry) > 0)
			must(entry.label < 1 << 20);
	}
	must(n <= all && (objects.bad || n == all));
}

static void check_quote(const struct quote *q, const uint8_t *data, size_t len)
{
	must_lie_in(q->l4, q->l4_len, data, len);
	must_lie_in(q->payload, q->payload_len, data, len);
	must(q->payload_len == 0 || q->payload_len == q->l4_len - 8);
	must(!q->has_ports || q->l4_len >= 4);
	must(!(q->has_icmp || q->has_tcp_seq || q->has_l4_csum) || q->l4_len >= 8);
	must(!q->frag_off || !q->l4);
}

/* The first octet says which ICMP, the message follows. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	bool is_v6 = len && data[0] & 1;
	struct rd r = rd_make(data + 1, len ? len - 1 : 0);
	struct addr dst = {.len = is_v6 ? 16 : 4};
	char text[ICMP_TEXT_MAX];
	struct icmp_hdr h;
	struct icmpext ext;
	struct quote q;

	if (!len || icmp_parse(&r, is_v6, &h) < 0)
		return 0;
	must(strlen(icmp_text(is_v6, h.type, h.code, h.info, text)) < ICMP_TEXT_MAX - 1);
	quote_parse_l4(r, &dst, h.code, &q);
	check_quote(&q, data, len);
	icmpext_check(r, &ext);
	walk_objects(ext.objects, data, len);
	icmpext_find(is_v6, &h, &r, &ext);
	must(ext.quote_len <= rd_left(&r));
	must(ext.state == ICMPEXT_OK || rd_left(&ext.objects) == 0);
	must(ext.state != ICMPEXT_OK || ext.quote_len + 4 + rd_left(&ext.objects) == rd_left(&r));
	walk_objects(ext.objects, data, len);
	if (quote_parse(rd_sub(&r, ext.quote_len), &q) == 0)
		must(q.has_ip && q.src.len && q.src.len == q.dst.len);
	check_quote(&q, data, len);
	return 0;
}
