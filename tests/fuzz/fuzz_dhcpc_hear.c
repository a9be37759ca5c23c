/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_dhcpc_hear - whatever frame comes, in whatever state: a reason for each message left aside,
 * and a lease only of an address that a host can have, for a time, from a server with a name.
 * The first octet is the state, the second the options, the frame follows.
 */
#include <string.h>

#include "dhcpc/dhcpc_fsm.h"
#include "fuzz.h"

static void check_lease(const struct dhcpc_lease *l, bool is_inform)
{
	must(l->len >= DHCP_FIXED_LEN && l->n_findings <= DHCPC_FINDINGS);
	if (is_inform)
		return;
	must(l->addr.bytes[0] != 0 && l->addr.bytes[0] != 127 && l->addr.bytes[0] < 224);
	must(l->prefix_len > 0 && l->prefix_len <= 32 && l->lease_s > 0);
	must(l->lease_s < 4 || (l->t1_s && l->t1_s <= l->t2_s && l->t2_s <= l->lease_s));
	must(dhcpc_lease_msg(l).options_len > 0);
}

/* The numbers of the exchange and of the client are those of the frame, so that it gets far. */
static void agree(struct dhcpc_self *self, uint32_t *xid, const uint8_t *data, size_t len)
{
	struct dissect d;
	struct dhcp_msg m;

	if (dissect_packet(DISSECT_L2, data, len, &d) < 0 || !dissect_has(&d, LAYER_UDP) ||
	    dhcp_parse(d.payload, d.payload_len, &m) < 0)
		return;
	*xid = m.head.xid;
	memcpy(self->mac.bytes, m.head.chaddr, 6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct dhcpc_opts opts;
	static struct dhcpc_fsm f;
	static struct dhcpc_seen s;
	struct dhcpc_self self = {.opts = &opts};
	struct dhcpc_fsm_opts o = {.wish = addr_none()};
	struct rnd rnd = rnd_seeded(1);
	struct link_in in = {.kind = LINK_PACKET, .layer = LINK_L2};
	enum dhcpc_event event;
	uint32_t xid = 1;
	uint8_t state;

	if (len < 2)
		return 0;
	state = data[0] % (DHCPC_OVER + 1);
	o.is_rapid = data[1] & 1;
	o.is_loose = data[1] & 2;
	o.wants_v6only = data[1] & 4;
	in.is_csum_partial = data[1] & 8;
	in.bytes = data + 2;
	in.len = in.wire_len = len - 2;
	agree(&self, &xid, in.bytes, in.len);
	dhcpc_fsm_open(&f, &o, (enum dhcpc_state)state, &rnd);
	if (!dhcpc_look(&self, xid, &in, &s))
		return 0;
	must((s.drop != DROP_NOT) == (*s.why != '\0'));
	if (s.drop)
		return 0;
	must_lie_in(s.bytes, s.len, data, len);
	if (!dhcpc_fsm_hear(&f, &s, &event)) {
		must(s.drop != DROP_NOT && *s.why);
		return 0;
	}
	must(s.drop == DROP_NOT);
	if (event == DHCPC_EV_OFFER)
		check_lease(&f.offer, false);
	else if (event == DHCPC_EV_ACK)
		check_lease(&f.lease, state == DHCPC_INFORMING);
	return 0;
}
