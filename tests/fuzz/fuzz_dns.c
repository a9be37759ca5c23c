/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_dns - messages: records lie in them, and their data as text makes the same octets. */
#include <string.h>

#include "fuzz.h"
#include "wire/dns.h"
#include "wire/dnsrdata.h"

static char shown[DNS_RDATA_TEXT_MAX];
static uint8_t first[DNS_RDATA_MAX], second[DNS_RDATA_MAX];

static void check_text(const struct dns_record *r, const struct rd *msg,
		       const struct dns_style *style)
{
	struct text t = text_make(shown, sizeof(shown));
	struct wr w = wr_make(first, sizeof(first)), again = wr_make(second, sizeof(second));

	if (dns_rdata_text(&t, r->type, r->data, msg, style) < 0)
		return;
	must(t.len == strlen(shown));
	for (size_t i = 0; i < t.len; i++)
		must((shown[i] >= ' ' && shown[i] < 0x7f) ||
		     (style->is_multi && (shown[i] == '\n' || shown[i] == '\t')) ||
		     (uint8_t)shown[i] == 0);
	/* The comments of a SOA over several lines are not for machines. */
	if (style->is_multi || dns_rdata_plain(r->type, r->data, msg, false, &w) < 0)
		return;
	must(dns_rdata_parse(r->type, shown, t.len, NULL, &again, NULL) == 0);
	must(again.len == w.len && memcmp(first, second, w.len) == 0);
}

static void take_value(void *arg, const struct dns_value *v)
{
	must(v->name[0] && (v->is_number || v->bytes || !v->len));
	(void)arg;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct dns_style plain = {0}, multi = {.is_multi = true, .split = 56},
				      generic = {.is_generic = true};
	const struct rd msg = rd_make(data, len);
	struct dns_record r, skimmed = {0};
	struct dns_msg m, skim;

	if (dns_msg_open(&m, data, len) < 0)
		return 0;
	skim = m;
	while (dns_msg_record(&m, &r) == 0) {
		must(dns_msg_skim(&skim, &skimmed) == 0 && skimmed.off == r.off &&
		     skimmed.section == r.section && skimmed.type == r.type &&
		     skimmed.data.buf == r.data.buf && skimmed.data.len == r.data.len);
		must(r.name.len >= 1 && !r.name.bytes[r.name.len - 1]);
		must_lie_in(r.data.buf, r.data.len, data, len);
		check_text(&r, &msg, &plain);
		check_text(&r, &msg, &multi);
		check_text(&r, &msg, &generic);
		if (dns_rdata_each(r.type, r.data, &msg, shown, sizeof(shown), take_value, NULL) ==
		    0)
			must(dns_type_fields(r.type) != NULL);
	}
	must(!m.fault || m.fault_off <= len);
	(void)dns_msg_edns(data, len);
	return 0;
}
