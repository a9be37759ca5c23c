/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_dnsq_judge - whatever is taken for the answer has our id and question, and is a response. */
#include <string.h>

#include "dnsq/dnsq.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct addr here = {.len = 4, .bytes = {127, 0, 0, 1}};
	const struct endpoint server = {.addr = here, .port = 53};
	struct dnsq_set set = dnsq_set_default();
	struct ask a = {
		.set = &set, .server = &server, .id = 0x1234, .question = {.type = 1, .class = 1}};

	if (dns_name_parse("a.test.", 7, NULL, &a.question.name) < 0)
		return 0;
	a.stirred = a.question.name;
	memcpy(a.client_cookie, "12345678", 8);
	if (judge(&a, &here, 54, data, len) != IGNORED_SOURCE)
		abort();
	if (judge(&a, &here, 53, data, len) == IGNORED_NOT) {
		must(len >= DNS_HDR_LEN && data[0] == 0x12 && data[1] == 0x34 && data[2] & 0x80);
		must(dns_msg_is(data, len, &a.question, true) || dns_rcode_of(data, len) != 0);
	}
	if (!judge_cookie(&a, data, len))
		must(a.cookie_state && a.cookie_state[0] == 'b');
	must(a.server_cookie_len <= sizeof(a.server_cookie));
	return 0;
}
