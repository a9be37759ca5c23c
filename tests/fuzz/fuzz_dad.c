/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any frame to whoever looks whether an address is free: an octet of family, then what is heard. */
#include <string.h>

#include "engine/dad.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct mac mac = {{2, 0, 0, 0, 0, 1}};
	struct dad_timing timing = dad_timing_fast();
	struct addr addr = {.len = 4, .bytes = {192, 0, 2, 5}};
	struct rnd rnd = rnd_seeded(1);
	enum dad_event event;
	struct dissect d;
	struct dad dad;

	if (len < 1)
		return 0;
	if (data[0] & 1)
		addr = (struct addr){.len = 16, .bytes = {0x20, 0x01, 0x0d, 0xb8, [15] = 5}};
	dad_open(&dad, &addr, &mac, &timing, &rnd);
	(void)dad_event(&dad, DAD_START, 0);
	(void)dissect_packet(DISSECT_L2, data + 1, len - 1, &d);
	if (!dad_judge(&dad, &d, true, &event))
		return 0;
	/* Nothing that bears our own address as its sender may move us. */
	must(memcmp(&dad.rival, &mac, sizeof(mac)) != 0);
	must(event == DAD_CLAIM || event == DAD_RIVAL);
	(void)dad_event(&dad, event, 1);
	must(dad.fsm.state == DAD_TAKEN && dad_is_over(&dad));
	return 0;
}
