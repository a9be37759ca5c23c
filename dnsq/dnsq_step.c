/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_step - what one server's reply means on the way down from the root. */
#include "dnsq_trace.h"

static bool alias_target(const struct dns_record *r, const struct dns_msg *m, struct dns_name *out)
{
	const struct rd whole = rd_make(m->r.buf, m->r.len);
	struct rd data = r->data;

	return dns_name_read(&data, &whole, out) == 0;
}

/* The end of the chain of aliases that the answer holds; whether data of the type stands there. */
static bool follow(const uint8_t *bytes, size_t len, const struct dns_question *q,
		   struct dns_name *at)
{
	bool has_data = false, has_moved = true;

	*at = q->name;
	for (unsigned i = 0; i < ALIASES_MAX && has_moved && !has_data; i++) {
		struct dns_record r;
		struct dns_msg m;

		has_moved = false;
		if (dns_msg_open(&m, bytes, len) < 0)
			return false;
		while (dns_msg_record(&m, &r) == 0 && r.section == DNS_ANSWER) {
			if (!dns_name_same(&r.name, at, false))
				continue;
			has_data |= r.type == q->type || q->type == DNS_ANY;
			if (r.type == DNS_CNAME && q->type != DNS_CNAME && !has_moved)
				has_moved = alias_target(&r, &m, at);
		}
	}
	return has_data;
}

/* The owner of NS records in the authority section that leads further down towards @name. */
static bool referral(const uint8_t *bytes, size_t len, const struct dns_name *name,
		     const struct dns_name *cut, struct dns_name *out)
{
	struct dns_record r;
	struct dns_msg m;

	if (dns_msg_open(&m, bytes, len) < 0)
		return false;
	while (dns_msg_record(&m, &r) == 0) {
		if (r.section != DNS_AUTHORITY || r.type != DNS_NS ||
		    !dns_name_is_below(name, &r.name) || !dns_name_is_below(&r.name, cut) ||
		    dns_name_same(&r.name, cut, false))
			continue;
		*out = r.name;
		return true;
	}
	return false;
}

static bool has_soa(const uint8_t *bytes, size_t len)
{
	struct dns_record r;
	struct dns_msg m;

	if (dns_msg_open(&m, bytes, len) < 0)
		return false;
	while (dns_msg_record(&m, &r) == 0)
		if (r.section == DNS_AUTHORITY && r.type == DNS_SOA)
			return true;
	return false;
}

enum step step_of(const uint8_t *bytes, size_t len, const struct dns_question *q,
		  const struct dns_name *cut, struct dns_name *next)
{
	struct dns_msg m;
	unsigned rcode = dns_rcode_of(bytes, len);

	if (dns_msg_open(&m, bytes, len) < 0 || (rcode != DNS_NOERROR && rcode != DNS_NXDOMAIN))
		return STEP_LAME;
	if (m.counts[DNS_ANSWER]) {
		if (follow(bytes, len, q, next))
			return STEP_ANSWER;
		if (!dns_name_same(next, &q->name, false))
			return STEP_ALIAS;
		return m.flags & DNS_AA ? STEP_ANSWER : STEP_LAME;
	}
	if (!(m.flags & DNS_AA) && referral(bytes, len, &q->name, cut, next))
		return STEP_REFERRAL;
	return m.flags & DNS_AA || has_soa(bytes, len) ? STEP_ANSWER : STEP_LAME;
}
