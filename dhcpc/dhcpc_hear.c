/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_hear - what a message means to a client in its state, and what it says; dhcpc_fsm.h.
 */
#include "dhcpc_fsm.h"

#define V6ONLY_MIN_S 300 /* RFC 8925 3.4: MIN_V6ONLY_WAIT */

/* --- what it hears */

static bool is_lease_from(const struct dhcpc_fsm *f, const struct addr *server,
			  struct dhcpc_seen *s)
{
	char got[ADDR_TEXT_MAX], want[ADDR_TEXT_MAX];

	if (f->opts.is_loose || addr_is_any(server) || addr_same(&s->server, server))
		return true;
	dhcpc_drop(s, DROP_REFUSED, "it is from %s, selected is %s", addr_text(&s->server, got),
		   addr_text(server, want));
	return false;
}

/* Whose answer counts in this state: anybody's, or that of one server. */
static struct addr server_of(const struct dhcpc_fsm *f)
{
	if (f->fsm.state == DHCPC_REQUESTING)
		return f->offer.server;
	return f->fsm.state == DHCPC_RENEWING ? f->lease.server : addr_none();
}

/* The address that an ACK must give: what was offered, asked for, or used already. */
static struct addr addr_due(const struct dhcpc_fsm *f)
{
	switch ((enum dhcpc_state)f->fsm.state) {
	case DHCPC_REQUESTING: return f->offer.addr;
	case DHCPC_RENEWING:
	case DHCPC_REBINDING:
	case DHCPC_REBOOTING: return f->lease.addr;
	default: return addr_none();
	}
}

/*
 * Whatever else it says: with this option a server need not even offer an address (RFC 8925 3.3).
 * It counts only for who asked for it.
 */
static bool prefers_v6(struct dhcpc_fsm *f, const struct dhcpc_seen *s, enum dhcpc_event *event)
{
	uint32_t seconds;

	if (!f->opts.wants_v6only || dhcp_find_u32(&s->msg, DHCP_OPT_V6ONLY, &seconds) < 0)
		return false;
	f->v6only_s = seconds < V6ONLY_MIN_S ? V6ONLY_MIN_S : seconds;
	*event = DHCPC_EV_V6ONLY;
	return true;
}

static bool hear_offer(struct dhcpc_fsm *f, struct dhcpc_seen *s, enum dhcpc_event *event)
{
	if (f->fsm.state != DHCPC_SELECTING) {
		dhcpc_drop(s, DROP_UNTIMELY, "an offer was taken already, or none is wanted");
		return false;
	}
	if (prefers_v6(f, s, event))
		return true;
	dhcpc_lease_read(s, false, &f->offer);
	*event = DHCPC_EV_OFFER;
	return !s->drop;
}

/* RFC 4039 3.1: only who asked for it, and only with the option, may be given a lease at once. */
static bool is_ack_timely(const struct dhcpc_fsm *f, struct dhcpc_seen *s)
{
	struct dhcp_value v;

	switch ((enum dhcpc_state)f->fsm.state) {
	case DHCPC_SELECTING:
		if (!f->opts.is_rapid)
			dhcpc_drop(s, DROP_UNTIMELY, "nothing was requested yet");
		else if (dhcp_find(&s->msg, DHCP_OPT_RAPID_COMMIT, &v) < 0)
			dhcpc_drop(s, DROP_UNTIMELY, "it lacks the rapid commit option");
		break;
	case DHCPC_REQUESTING:
	case DHCPC_RENEWING:
	case DHCPC_REBINDING:
	case DHCPC_REBOOTING:
	case DHCPC_INFORMING: break;
	default: dhcpc_drop(s, DROP_UNTIMELY, "nothing is being requested");
	}
	return !s->drop;
}

static bool hear_ack(struct dhcpc_fsm *f, struct dhcpc_seen *s, enum dhcpc_event *event)
{
	bool is_inform = f->fsm.state == DHCPC_INFORMING;
	bool is_first = f->fsm.state == DHCPC_SELECTING || f->fsm.state == DHCPC_REQUESTING;
	char got[ADDR_TEXT_MAX], want[ADDR_TEXT_MAX];
	struct addr server = server_of(f), due = addr_due(f);
	struct dhcpc_lease given;

	if (!is_ack_timely(f, s) || !is_lease_from(f, &server, s))
		return false;
	if (is_first && prefers_v6(f, s, event))
		return true;
	dhcpc_lease_read(s, is_inform, &given);
	if (!s->drop && !f->opts.is_loose && !addr_is_any(&due) && !addr_same(&given.addr, &due))
		dhcpc_drop(s, DROP_REFUSED, "it gives %s, not %s", addr_text(&given.addr, got),
			   addr_text(&due, want));
	if (s->drop)
		return false;
	f->lease = given;
	*event = DHCPC_EV_ACK;
	return true;
}

static bool hear_nak(struct dhcpc_fsm *f, struct dhcpc_seen *s, enum dhcpc_event *event)
{
	struct addr server = server_of(f);

	switch ((enum dhcpc_state)f->fsm.state) {
	case DHCPC_REQUESTING:
	case DHCPC_RENEWING:
	case DHCPC_REBINDING:
	case DHCPC_REBOOTING: break;
	default: dhcpc_drop(s, DROP_UNTIMELY, "nothing is being requested"); return false;
	}
	if (addr_is_any(&s->server)) {
		f->has_nak_of_nobody = true;
		dhcpc_drop(s, DROP_REFUSED, "it does not say which server it is from");
		return false;
	}
	*event = DHCPC_EV_NAK;
	return is_lease_from(f, &server, s);
}

bool dhcpc_fsm_hear(struct dhcpc_fsm *f, struct dhcpc_seen *s, enum dhcpc_event *event)
{
	switch (s->msg.type) {
	case DHCP_OFFER: return hear_offer(f, s, event);
	case DHCP_ACK: return hear_ack(f, s, event);
	case DHCP_NAK: return hear_nak(f, s, event);
	case DHCP_FORCERENEW:
		dhcpc_drop(s, DROP_REFUSED, "a FORCERENEW without the nonce of RFC 6704");
		return false;
	default:
		dhcpc_drop(s, DROP_MALFORMED, "message type %u is none that a server sends",
			   (unsigned)s->msg.type);
		return false;
	}
}

/* --- what it says */

static void ask_request(const struct dhcpc_fsm *f, struct dhcpc_ask *ask)
{
	switch ((enum dhcpc_state)f->fsm.state) {
	case DHCPC_REQUESTING:
		ask->requested = f->offer.addr;
		ask->server = f->offer.server;
		break;
	case DHCPC_RENEWING:
		ask->ciaddr = f->lease.addr;
		ask->dst = f->lease.server;
		ask->dst_mac = f->lease.server_mac;
		break;
	case DHCPC_REBINDING: ask->ciaddr = f->lease.addr; break;
	default: ask->requested = f->lease.addr;
	}
}

struct dhcpc_ask dhcpc_fsm_ask(const struct dhcpc_fsm *f, enum dhcpc_action action)
{
	struct dhcpc_ask ask = {
		.xid = f->xid,
		.secs = f->secs,
		.ciaddr = addr_none(),
		.requested = addr_none(),
		.server = addr_none(),
	};

	dhcpc_broadcast(&ask);
	switch (action) {
	case DHCPC_SEND_DISCOVER:
		ask.type = DHCP_DISCOVER;
		ask.requested = f->opts.wish;
		ask.is_rapid = f->opts.is_rapid;
		break;
	case DHCPC_SEND_REQUEST:
		ask.type = DHCP_REQUEST;
		ask_request(f, &ask);
		break;
	case DHCPC_SEND_INFORM:
		ask.type = DHCP_INFORM;
		ask.ciaddr = f->lease.addr;
		break;
	case DHCPC_SEND_DECLINE:
		ask.type = DHCP_DECLINE;
		ask.requested = f->lease.addr;
		ask.server = f->lease.server;
		ask.message = "the address is in use";
		break;
	default:
		ask.type = DHCP_RELEASE;
		ask.ciaddr = f->lease.addr;
		ask.server = ask.dst = f->lease.server;
		ask.dst_mac = f->lease.server_mac;
		break;
	}
	return ask;
}
