/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_csum - the fast checksum against the plain one, in parts, and the value wanted. */
#include "base/bytes.h"
#include "fuzz.h"
#include "wire/csum.h"

/* RFC 1071 4.1, word by word. */
static uint16_t plain_csum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2) {
		sum += (uint32_t)(p[i] << 8 | (i + 1 < len ? p[i + 1] : 0));
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint16_t check = plain_csum(data, len), field, want;
	size_t cut;

	must(csum_ip(data, len) == check);
	if (len < 4)
		return 0;
	cut = data[0] % len & ~(size_t)1;
	must(csum_fold(csum_add(csum_add(0, data, cut), data + cut, len - cut)) == check);
	if (!check)
		return 0;
	/* With the wanted value in the field the sum is right; 0 is as good as 0xffff. */
	field = (uint16_t)(data[0] << 8 | data[1]);
	want = csum_want(field, check);
	check = csum_fold(csum_add(want, data + 2, len - 2));
	must(check == 0 || (want == 0 && check == 0xffff));
	return 0;
}
