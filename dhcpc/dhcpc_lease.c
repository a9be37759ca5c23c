/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_lease - the lease in a message: what must not be accepted, and what is merely odd.
 */
#include <stdarg.h>
#include <stdio.h>

#include "dhcpc.h"

#define MTU_MIN 68 /* RFC 2132 5.1 */

void dhcpc_add_finding(struct dhcpc_lease *l, const char *id, const char *rfc, const char *fmt, ...)
{
	struct dhcpc_finding *f;
	va_list ap;

	if (l->n_findings == DHCPC_FINDINGS)
		return;
	f = &l->findings[l->n_findings++];
	f->id = id;
	f->rfc = rfc;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

/* An address that a host can have. */
static bool is_unicast(const struct addr *a)
{
	return a->bytes[0] != 0 && a->bytes[0] != 127 && a->bytes[0] < 224;
}

static void read_addr(struct dhcpc_seen *s, struct dhcpc_lease *l)
{
	char text[ADDR_TEXT_MAX];

	l->addr = s->msg.head.yiaddr;
	if (!is_unicast(&l->addr))
		dhcpc_drop(s, DROP_REFUSED, "yiaddr %s is no address that a host can have",
			   addr_text(&l->addr, text));
}

/* Without a mask: the class of the address, RFC 950 2.1, as every client takes it. */
static uint8_t prefix_len_of_class(const struct addr *a)
{
	return a->bytes[0] < 128 ? 8 : a->bytes[0] < 192 ? 16 : 24;
}

static void read_mask(struct dhcpc_seen *s, struct dhcpc_lease *l)
{
	struct addr mask;
	char text[ADDR_TEXT_MAX];
	int err = dhcp_find_addr(&s->msg, DHCP_OPT_MASK, &mask);

	if (err == E_BAD) {
		dhcpc_drop(s, DROP_REFUSED, "the subnet mask is not 4 octets");
	} else if (err == E_NOENT) {
		l->prefix_len = prefix_len_of_class(&l->addr);
		dhcpc_add_finding(l, "no-mask", "RFC 2132 3.3",
				  "there is no subnet mask: /%u by class", l->prefix_len);
	} else if (!dhcp_is_mask(&mask, &l->prefix_len)) {
		dhcpc_drop(s, DROP_REFUSED, "the subnet mask %s is not ones before zeros",
			   addr_text(&mask, text));
	}
}

static void default_times(struct dhcpc_lease *l)
{
	bool is_endless = l->lease_s == DHCP_INFINITE;

	/* RFC 2131 4.4.5 */
	l->t1_s = is_endless ? DHCP_INFINITE : l->lease_s / 2;
	l->t2_s = is_endless ? DHCP_INFINITE : (uint32_t)((uint64_t)l->lease_s * 7 / 8);
}

static void read_times(struct dhcpc_seen *s, struct dhcpc_lease *l)
{
	uint32_t t1, t2;
	int err = dhcp_find_u32(&s->msg, DHCP_OPT_LEASE, &l->lease_s), err1, err2;

	if (err == E_BAD)
		dhcpc_drop(s, DROP_REFUSED, "the lease time is not 4 octets");
	else if (err == E_NOENT)
		dhcpc_drop(s, DROP_REFUSED, "there is no lease time");
	else if (l->lease_s == 0)
		dhcpc_drop(s, DROP_REFUSED, "the lease time is 0");
	if (s->drop)
		return;
	default_times(l);
	err1 = dhcp_find_u32(&s->msg, DHCP_OPT_T1, &t1);
	err2 = dhcp_find_u32(&s->msg, DHCP_OPT_T2, &t2);
	if (err1 == E_NOENT && err2 == E_NOENT)
		return;
	if (err1)
		t1 = l->t1_s;
	if (err2)
		t2 = l->t2_s;
	if (t1 && t1 < t2 && t2 < l->lease_s) {
		l->t1_s = t1;
		l->t2_s = t2;
	} else {
		dhcpc_add_finding(
			l, "times", "RFC 2131 4.4.5",
			"T1 %u, T2 %u and lease %u are not in order: 0.5 and 0.875 are taken", t1,
			t2, l->lease_s);
	}
}

static void read_server(struct dhcpc_seen *s, struct dhcpc_lease *l)
{
	bool is_repeated;
	int err;

	if (!dhcp_find_fixed(&s->msg, DHCP_OPT_SERVER_ID, 4, &is_repeated, &err)) {
		dhcpc_drop(s, DROP_REFUSED, "there is no server identifier");
		return;
	}
	if (is_repeated)
		dhcpc_add_finding(l, "repeated-server-id", "RFC 2132 9.7",
				  "the server identifier comes more than once: the first is taken");
	l->server = s->server;
	l->server_mac = s->src_mac;
}

static void check_routes(struct dhcpc_lease *l, const struct dhcp_value *v)
{
	struct rd r = rd_make(v->data, v->len);
	struct dhcp_route route;
	char text[ADDR_TEXT_MAX];
	int more;

	while ((more = dhcp_route_next(&r, &route)) == 1)
		if (route.prefix_len == 1)
			dhcpc_add_finding(l, "half-the-internet", "RFC 3442",
					  "the route to %s/1 beats a default route, as of a VPN",
					  addr_text(&route.prefix, text));
	if (more < 0)
		dhcpc_add_finding(l, "routes", "RFC 3442",
				  "option 121 breaks its rules, all of it is left aside");
}

/* What is odd in the other options; they harm nobody who leaves them aside. */
static void check_options(const struct dhcp_msg *m, struct dhcpc_lease *l)
{
	unset struct dhcp_value v;

	for (unsigned code = 1; code < DHCP_OPT_END; code++) {
		unset char buf[2048];
		struct text t = text_make(buf, sizeof(buf));
		const struct dhcp_option *o = dhcp_option_get((uint8_t)code);

		if (dhcp_find(m, (uint8_t)code, &v) < 0)
			continue;
		if (code == DHCP_OPT_CLASSLESS_ROUTES)
			check_routes(l, &v);
		else if (code == DHCP_OPT_MTU && v.len == 2 &&
			 (v.data[0] << 8 | v.data[1]) < MTU_MIN)
			dhcpc_add_finding(l, "mtu", "RFC 2132 5.1", "the MTU is less than 68");
		else if (code != DHCP_OPT_SERVER_ID && o &&
			 dhcp_option_text((uint8_t)code, v.data, v.len, DHCP_FOR_PEOPLE, &t) < 0)
			dhcpc_add_finding(l, "option", o->rfc, "option %u, %s, breaks its rules",
					  code, o->name);
	}
}

void dhcpc_lease_read(struct dhcpc_seen *s, bool is_inform, struct dhcpc_lease *out)
{
	uint32_t lease_s;

	out->n_findings = 0;
	out->lease_s = out->t1_s = out->t2_s = 0;
	out->prefix_len = 0;
	out->addr = out->server = addr_none();
	if (s->drop)
		return;
	read_server(s, out);
	if (!s->drop && !is_inform)
		read_addr(s, out);
	if (!s->drop && !is_inform)
		read_mask(s, out);
	if (!s->drop && !is_inform)
		read_times(s, out);
	if (!s->drop && s->len > sizeof(out->bytes))
		dhcpc_drop(s, DROP_REFUSED, "a message of %zu octets is too long", s->len);
	if (s->drop)
		return;
	if (is_inform && dhcp_find_u32(&s->msg, DHCP_OPT_LEASE, &lease_s) != E_NOENT)
		dhcpc_add_finding(out, "inform-lease", "RFC 2131 4.3.5",
				  "an answer to INFORM must not carry a lease time");
	memcpy(out->bytes, s->bytes, s->len);
	out->len = s->len;
	check_options(&s->msg, out);
}

struct dhcp_msg dhcpc_lease_msg(const struct dhcpc_lease *lease)
{
	struct dhcp_msg m;

	/* It was well-formed when the lease was read. */
	if (dhcp_parse(lease->bytes, lease->len, &m) < 0)
		m.options_len = 0;
	return m;
}
