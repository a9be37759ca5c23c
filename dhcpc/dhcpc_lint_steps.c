/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The questions of lint, and what the answers are worth; dhcpc_lint.h. */
#include "dhcpc_lint.h"

#define RIGHT(...) dhcpc_lint_tell(l, step->id, step->rfc, LINT_RIGHT, __VA_ARGS__)
#define ODD(...) dhcpc_lint_tell(l, step->id, step->rfc, LINT_ODD, __VA_ARGS__)
#define WRONG(...) dhcpc_lint_tell(l, step->id, step->rfc, LINT_WRONG, __VA_ARGS__)

/* --- how the questions differ from the usual ones */

static void ask_broadcast(struct lint *l, struct dhcpc_ask *ask)
{
	(void)ask;
	l->opts.is_broadcast = true;
}

static void ask_without_id(struct lint *l, struct dhcpc_ask *ask)
{
	(void)ask;
	l->self.id_len = 0;
}

static void ask_without_parameters(struct lint *l, struct dhcpc_ask *ask)
{
	(void)ask;
	l->opts.is_bare = true;
	l->opts.n_params = 0;
}

static void ask_for_mask(struct lint *l, struct dhcpc_ask *ask)
{
	(void)ask;
	l->opts.is_bare = true;
	l->opts.params[0] = DHCP_OPT_MASK;
	l->opts.n_params = 1;
}

static void ask_shortly(struct lint *l, struct dhcpc_ask *ask)
{
	(void)l;
	ask->is_unpadded = true;
}

static void ask_rapid(struct lint *l, struct dhcpc_ask *ask)
{
	(void)l;
	ask->is_rapid = true;
}

static void ask_selected(struct lint *l, struct dhcpc_ask *ask)
{
	ask->requested = l->offer.lease.addr;
	ask->server = l->offer.lease.server;
}

static void ask_renew(struct lint *l, struct dhcpc_ask *ask)
{
	ask->ciaddr = l->lease.addr;
	ask->dst = l->lease.server;
	ask->dst_mac = l->lease.server_mac;
}

static void ask_own(struct lint *l, struct dhcpc_ask *ask)
{
	ask->requested = l->lease.addr;
}

static bool was_offered(const struct lint *l, const struct addr *a)
{
	for (unsigned i = 0; i < l->n_offered; i++)
		if (addr_same(&l->offered[i], a))
			return true;
	return false;
}

/*
 * In the same network, and never given to us: a neighbour of our address. Without a client
 * identifier we are another client, who was offered another address.
 */
static void ask_neighbour(struct lint *l, struct dhcpc_ask *ask)
{
	ask->requested = l->lease.addr;
	for (unsigned bit = 1; bit < 5; bit++) {
		ask->requested.bytes[3] = (uint8_t)(l->lease.addr.bytes[3] ^ 1u << bit);
		if (!was_offered(l, &ask->requested))
			return;
	}
}

/* RFC 5737: documentation; in nobody's network. */
static void ask_elsewhere(struct lint *l, struct dhcpc_ask *ask)
{
	(void)l;
	ask->requested = (struct addr){.len = 4, .bytes = {192, 0, 2, 99}};
	if (addr_in_prefix(&ask->requested, &l->lease.addr, 24))
		ask->requested.bytes[2] = 3;
}

static void ask_inform(struct lint *l, struct dhcpc_ask *ask)
{
	ask->ciaddr = l->lease.addr;
}

static void ask_release(struct lint *l, struct dhcpc_ask *ask)
{
	ask_renew(l, ask);
	ask->server = l->lease.server;
}

/* --- what the answers are worth */

static bool is_answered(struct lint *l, const struct lint_step *step, enum dhcp_type type)
{
	const char *word = dhcp_type_word(l->reply.type);

	if (l->reply.type == type && !*l->reply.refusal)
		return true;
	if (l->reply.type == type)
		WRONG("%s", l->reply.refusal);
	else
		WRONG("%s, not %s", word ? word : "silence", dhcp_type_word(type));
	return false;
}

static bool is_group(const struct mac *m)
{
	return m->bytes[0] & 1;
}

static void judge_answered(struct lint *l, const struct lint_step *step)
{
	if (is_answered(l, step, DHCP_OFFER))
		RIGHT("answered");
}

static void judge_broadcast(struct lint *l, const struct lint_step *step)
{
	if (!is_answered(l, step, DHCP_OFFER))
		return;
	if (l->reply.dst.bytes[0] != 255)
		WRONG("the packet goes to one address, though broadcast was asked for");
	else if (!is_group(&l->reply.dst_mac))
		WRONG("the packet is broadcast, its frame goes to one MAC address");
	else if (!(l->reply.flags & DHCP_FLAG_BROADCAST))
		WRONG("the answer does not repeat the broadcast flag");
	else
		RIGHT("packet and frame are broadcast");
}

/* What a server sends whatever was asked for: RFC 2131 table 3, RFC 6842. */
static bool is_due(uint8_t code)
{
	static const uint8_t due[] = {
		DHCP_OPT_MASK,      DHCP_OPT_TYPE,     DHCP_OPT_SERVER_ID,
		DHCP_OPT_LEASE,     DHCP_OPT_T1,       DHCP_OPT_T2,
		DHCP_OPT_CLIENT_ID, DHCP_OPT_OVERLOAD, DHCP_OPT_MESSAGE,
	};

	return memchr(due, code, sizeof(due)) != NULL;
}

static void judge_parameters(struct lint *l, const struct lint_step *step)
{
	struct dhcp_walk w = dhcp_pieces(&l->reply.msg);
	struct dhcp_piece p;
	unsigned n = 0;

	if (!is_answered(l, step, DHCP_OFFER))
		return;
	while (dhcp_next(&w, &p) == 1)
		n += !is_due(p.code);
	if (n)
		ODD("%u options come that were not asked for", n);
	else
		RIGHT("only what was asked for");
}

static void judge_rapid(struct lint *l, const struct lint_step *step)
{
	struct dhcp_value v;

	if (l->reply.type == DHCP_OFFER)
		RIGHT("an OFFER: two messages are not offered here");
	else if (!is_answered(l, step, DHCP_ACK))
		return;
	else if (dhcp_find(&l->reply.msg, DHCP_OPT_RAPID_COMMIT, &v) < 0)
		WRONG("the ACK lacks the rapid commit option");
	else
		RIGHT("a lease in two messages");
}

static void judge_offer(struct lint *l, const struct lint_step *step)
{
	const struct lint_reply *r = &l->reply;
	struct dhcp_value v;
	uint32_t n;

	if (!is_answered(l, step, DHCP_OFFER))
		return;
	l->offer = *r;
	RIGHT("an OFFER that can be accepted");
	for (unsigned i = 0; i < r->lease.n_findings; i++)
		dhcpc_lint_tell(l, r->lease.findings[i].id, r->lease.findings[i].rfc, LINT_ODD,
				"%s", r->lease.findings[i].text);
	if (dhcp_find(&r->msg, DHCP_OPT_CLIENT_ID, &v) < 0)
		dhcpc_lint_tell(l, "client-id", "RFC 6842 3", LINT_WRONG,
				"the client identifier is not repeated");
	else
		dhcpc_lint_tell(l, "client-id", "RFC 6842 3", LINT_RIGHT,
				"the client identifier is repeated");
	if (dhcp_find_u32(&r->msg, DHCP_OPT_T1, &n) < 0 ||
	    dhcp_find_u32(&r->msg, DHCP_OPT_T2, &n) < 0)
		dhcpc_lint_tell(l, "times", "RFC 2131 4.3.1", LINT_ODD,
				"T1 or T2 is not told: clients take 0.5 and 0.875 of the lease");
	else
		dhcpc_lint_tell(l, "times", "RFC 2131 4.3.1", LINT_RIGHT, "T1 and T2 are told");
	if (is_group(&r->dst_mac))
		dhcpc_lint_tell(l, "unicast", "RFC 2131 4.1", LINT_ODD,
				"the answer is broadcast, though that was not asked for");
	else
		dhcpc_lint_tell(l, "unicast", "RFC 2131 4.1", LINT_RIGHT,
				"the answer goes to us alone");
}

/* RFC 2131 4.3.1: what is offered should be what is given. */
static unsigned count_changes(const struct lint *l)
{
	unset struct dhcp_value offered, given;
	unsigned n = 0;

	for (unsigned code = 1; code < DHCP_OPT_END; code++) {
		int had = dhcp_find(&l->offer.msg, (uint8_t)code, &offered);
		int has = dhcp_find(&l->reply.msg, (uint8_t)code, &given);

		/* dhcpd shortens the lease of who asks often; its times follow. */
		if (code == DHCP_OPT_TYPE || code == DHCP_OPT_LEASE || code == DHCP_OPT_T1 ||
		    code == DHCP_OPT_T2)
			continue;
		n += had != has || (had == 0 && (offered.len != given.len ||
						 memcmp(offered.data, given.data, given.len) != 0));
	}
	return n;
}

static void judge_request(struct lint *l, const struct lint_step *step)
{
	unsigned n;

	if (l->reply.was_foreign_nak)
		dhcpc_lint_tell(l, "foreign-nak", "RFC 2131 4.3.2", LINT_WRONG,
				"another server refuses what this one offered");
	if (!is_answered(l, step, DHCP_ACK))
		return;
	if (!addr_same(&l->reply.lease.addr, &l->offer.lease.addr)) {
		WRONG("the ACK gives another address than was offered");
		return;
	}
	l->lease = l->reply.lease;
	RIGHT("an ACK of the address that was offered");
	n = count_changes(l);
	if (n)
		dhcpc_lint_tell(l, "same-options", "RFC 2131 4.3.1", LINT_ODD,
				"OFFER and ACK differ in %u options", n);
	else
		dhcpc_lint_tell(l, "same-options", "RFC 2131 4.3.1", LINT_RIGHT,
				"OFFER and ACK have the same options");
}

static void judge_same_address(struct lint *l, const struct lint_step *step)
{
	if (!is_answered(l, step, DHCP_ACK))
		return;
	if (addr_same(&l->reply.lease.addr, &l->lease.addr))
		RIGHT("an ACK");
	else
		WRONG("the ACK gives another address");
}

/* What was given last is what is given back in the end. */
static void take_over(struct lint *l)
{
	if (!*l->reply.refusal)
		l->lease = l->reply.lease;
}

/* RFC 2131 4.3.2: silence if it knows nothing of the client, a NAK if the address is another's. */
static void judge_neighbour(struct lint *l, const struct lint_step *step)
{
	if (l->reply.type != DHCP_ACK) {
		RIGHT("%s", l->reply.type == DHCP_NAK ? "a NAK" : "silence");
		return;
	}
	if (addr_same(&l->reply.yiaddr, &l->wanted))
		ODD("an ACK, for an address that it never offered");
	else
		WRONG("an ACK, of another address than the one asked about");
	take_over(l);
}

static void judge_elsewhere(struct lint *l, const struct lint_step *step)
{
	if (l->reply.type == DHCP_NAK) {
		RIGHT("a NAK");
		return;
	}
	WRONG("%s, for an address of another network",
	      l->reply.type == DHCP_ACK ? "an ACK" : "silence");
	if (l->reply.type == DHCP_ACK)
		take_over(l);
}

static void judge_inform(struct lint *l, const struct lint_step *step)
{
	uint32_t n;

	if (!is_answered(l, step, DHCP_ACK))
		return;
	if (!addr_is_any(&l->reply.yiaddr))
		WRONG("the ACK fills in yiaddr");
	else if (dhcp_find_u32(&l->reply.msg, DHCP_OPT_LEASE, &n) != E_NOENT)
		WRONG("the ACK carries a lease time");
	else
		RIGHT("an ACK without address and lease time");
}

const struct lint_step dhcpc_lint_steps[] = {
	{"broadcast-flag", "RFC 2131 4.1", DHCP_DISCOVER, ask_broadcast, judge_broadcast, false,
	 false},
	{"no-client-id", "RFC 2131 4.2", DHCP_DISCOVER, ask_without_id, judge_answered, false,
	 false},
	{"no-parameters", "RFC 2131 4.3.1", DHCP_DISCOVER, ask_without_parameters, judge_answered,
	 false, false},
	{"parameters", "RFC 2131 4.3.1", DHCP_DISCOVER, ask_for_mask, judge_parameters, false,
	 false},
	{"short", "RFC 2131 2", DHCP_DISCOVER, ask_shortly, judge_answered, false, false},
	{"rapid-commit", "RFC 4039 3.2", DHCP_DISCOVER, ask_rapid, judge_rapid, false, false},
	{"offer", "RFC 2131 4.3.1", DHCP_DISCOVER, NULL, judge_offer, false, false},
	{"request", "RFC 2131 4.3.2", DHCP_REQUEST, ask_selected, judge_request, false, false},
	{"renew", "RFC 2131 4.3.2", DHCP_REQUEST, ask_renew, judge_same_address, true, false},
	{"reboot", "RFC 2131 4.3.2", DHCP_REQUEST, ask_own, judge_same_address, true, false},
	{"reboot-neighbour", "RFC 2131 4.3.2", DHCP_REQUEST, ask_neighbour, judge_neighbour, true,
	 true},
	{"reboot-elsewhere", "RFC 2131 4.3.2", DHCP_REQUEST, ask_elsewhere, judge_elsewhere, true,
	 true},
	{"inform", "RFC 2131 4.3.5", DHCP_INFORM, ask_inform, judge_inform, true, true},
	{"release", "RFC 2131 4.4.6", DHCP_RELEASE, ask_release, NULL, true, false},
};
const unsigned dhcpc_lint_n_steps = sizeof(dhcpc_lint_steps) / sizeof(dhcpc_lint_steps[0]);
