/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_lint - does a server keep to the RFCs: a row of questions, and what each answer is worth.
 *
 * The questions and judges are a table (dhcpc_lint_steps.c); dhcpc_lint.c asks and waits.
 */
#ifndef PKT_DHCPC_LINT_H
#define PKT_DHCPC_LINT_H

#include "dhcpc.h"

#define LINT_OFFERS 16u

enum lint_verdict {
	LINT_RIGHT,
	LINT_ODD,   /* allowed, or only advised against, but clients may stumble over it */
	LINT_WRONG, /* against a MUST */
};

/* What the server under test answered to one question. */
struct lint_reply {
	enum dhcp_type type; /* DHCP_NO_TYPE: nothing */
	struct mac dst_mac;
	struct addr dst, yiaddr;
	uint16_t flags;
	struct dhcp_msg msg;         /* of `lease`, or of a NAK without one */
	char refusal[DHCPC_WHY_MAX]; /* why the lease in it cannot be accepted; empty if it can */
	struct dhcpc_lease lease;
	bool was_foreign_nak; /* another server refused meanwhile */
};

struct lint {
	struct dhcpc *d;
	struct dhcpc_opts opts; /* of the question at hand */
	struct dhcpc_self self;
	struct lint_reply reply, offer;   /* the newest; the OFFER that was taken */
	struct dhcpc_lease lease;         /* what the ACK gave */
	struct addr wanted;               /* option 50 of the question at hand */
	struct addr offered[LINT_OFFERS]; /* all that were offered to us under any name */
	unsigned n_offered;
	unsigned n_right, n_odd, n_wrong;
};

struct lint_step {
	const char *id, *rfc;
	enum dhcp_type type;
	/* Changes the usual message of that type; may be NULL. */
	void (*prepare)(struct lint *l, struct dhcpc_ask *ask);
	void (*judge)(struct lint *l, const struct lint_step *step);
	bool needs_lease;   /* left out if no ACK gave one */
	bool may_be_silent; /* silence is no fault: it is not waited for long */
};

extern const struct lint_step dhcpc_lint_steps[];
extern const unsigned dhcpc_lint_n_steps;

/* dhcpc_lint_tell() - the verdict on a step, as a line and a record. */
void dhcpc_lint_tell(struct lint *l, const char *id, const char *rfc, enum lint_verdict verdict,
		     const char *fmt, ...) printf_like(5, 6);

#endif
