/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any frame to a phantom that has its address: one answer at most, from its own MAC address. */
#include <string.h>

#include "base/num.h"
#include "engine/phantom.h"
#include "fuzz.h"
#include "io/memlink.h"

static void tell(void *arg, enum phantom_news news, const struct addr *who, const struct mac *other)
{
	(void)who;
	(void)other;
	must(news <= PHANTOM_PINGED);
	++*(unsigned *)arg;
}

static void claim(struct phantom *p, const char *text, uint64_t *now_ns)
{
	struct addr addr;

	must(addr_parse(text, &addr) == 0 && phantom_add(p, &addr) == 0);
	phantom_start(p, *now_ns);
	while (phantom_n_undecided(p)) {
		*now_ns = phantom_due_ns(p);
		phantom_timer(p, *now_ns);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fake_clock clock = clock_fake(NS_PER_S);
	struct rnd rnd = rnd_seeded(1);
	struct link_in in = {
		.kind = LINK_PACKET, .layer = LINK_L2, .bytes = data + 1, .len = len - 1};
	uint64_t now_ns = NS_PER_S;
	struct phantom p = {
		.rnd = &rnd,
		.builder = pkt_new(),
		.mac = {{2, 0, 0, 0, 0, 1}},
		.answers_ping = true,
		.timing = dad_timing_fast(),
		.tell = tell,
	};
	unsigned n_told = 0;
	size_t before;

	if (len < 1 || !p.builder || memlink_open(LINK_L2, &clock.clock, &p.link) < 0) {
		pkt_free(p.builder);
		return 0;
	}
	p.arg = &n_told;
	p.timing.hold = 3600 * NS_PER_S;
	claim(&p, data[0] & 1 ? "2001:db8::5" : "192.0.2.5", &now_ns);
	before = memlink_n_sent(p.link);
	phantom_receive(&p, &in, now_ns);
	must(memlink_n_sent(p.link) - before <= 1);
	if (memlink_n_sent(p.link) > before) {
		const struct memlink_sent *s = memlink_sent(p.link, before);

		must(memcmp(s->bytes + 6, p.mac.bytes, 6) == 0);
	}
	link_close(p.link);
	pkt_free(p.builder);
	return 0;
}
