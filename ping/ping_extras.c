/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping_extras - what came along with an answer: recorded routes and stamps, and what routers append
 * to their errors.
 */
#include <string.h>

#include "ping.h"

/* A route that is the same as the last one from there is not listed again. */
static void add_route(struct text *t, struct ping *p, const struct ip4_opt *o)
{
	struct ping_route route = {.from = p->detail.from, .len = 4u * o->n_used};
	char text[ADDR_TEXT_MAX];

	memcpy(route.octets, o->data + 1, route.len);
	if (addr_same(&route.from, &p->last_route.from) && route.len == p->last_route.len &&
	    memcmp(route.octets, p->last_route.octets, route.len) == 0) {
		text_add(t, "\t(same route)");
		return;
	}
	p->last_route = route;
	text_add(t, "\nRR: ");
	for (unsigned i = 0; i < o->n_used; i++) {
		struct addr hop = ip4_opt_addr(o, i);

		text_addf(t, "\t%s\n", addr_text(&hop, text));
	}
}

/* The first stamp of each of the two kinds is told whole, a further one as what it adds. */
static void add_stamps(struct text *t, const struct ip4_opt *o)
{
	uint32_t last_ms[2] = {0};
	char text[ADDR_TEXT_MAX];

	text_add(t, "\nTS: ");
	for (unsigned i = 0; i < o->n_used; i++) {
		struct ip4_stamp s = ip4_opt_stamp(o, i);
		uint32_t *last = &last_ms[s.is_nonstandard];

		if (s.addr.len)
			text_addf(t, "\t%s", addr_text(&s.addr, text));
		if (*last)
			text_addf(t, "\t%lld", (long long)s.ms - *last);
		else
			text_addf(t, "\t%u absolute", s.ms);
		text_add(t, s.is_nonstandard ? " not-standard\n" : "\n");
		*last = s.ms;
	}
	if (o->overflow)
		text_addf(t, "Unrecorded hops: %u\n", o->overflow);
}

void ping_add_options(struct text *t, struct ping *p)
{
	struct rd r = rd_make(p->detail.ip4.opts, p->detail.ip4.opts_len);
	struct ip4_opt o;

	while (ip4_opt_next(&r, &o) == 1) {
		if (o.n_used && o.type == IP4_OPT_RR)
			add_route(t, p, &o);
		else if (o.n_used && o.type == IP4_OPT_TS)
			add_stamps(t, &o);
	}
}

void ping_option_fields(struct rec *rec, const struct ping_detail *d)
{
	struct rd r = rd_make(d->ip4.opts, d->has_ip4 ? d->ip4.opts_len : 0);
	char text[ADDR_TEXT_MAX];
	struct ip4_opt o;

	while (rec && ip4_opt_next(&r, &o) == 1) {
		struct rec *list;

		if (o.is_bad || (o.type != IP4_OPT_RR && o.type != IP4_OPT_TS))
			continue;
		list = rec_array(rec, o.type == IP4_OPT_RR ? "route" : "stamps");
		for (unsigned i = 0; i < o.n_used; i++) {
			struct ip4_stamp s = {0};

			if (o.type == IP4_OPT_RR) {
				s.addr = ip4_opt_addr(&o, i);
				rec_str(list, "", addr_text(&s.addr, text));
				continue;
			}
			s = ip4_opt_stamp(&o, i);
			struct rec *item = rec_item(list);

			if (s.addr.len)
				rec_str(item, "addr", addr_text(&s.addr, text));
			rec_int(item, "ms", s.ms);
			rec_close(item);
		}
		rec_close(list);
	}
}

/*
 * One MPLS stack or interface, as text behind an error: [MPLS L=16001 E=3 S=1 T=1] [if xe-0/0/1
 * 192.0.2.1 mtu 9000].
 */
void ping_add_extension(struct text *t, const struct icmpext *ext)
{
	struct rd objects = ext->objects;
	char text[ADDR_TEXT_MAX];
	struct icmpext_obj obj;
	struct icmpext_iface iface;
	struct mpls_entry e;

	while (icmpext_next(&objects, &obj) == 1) {
		if (obj.class == ICMPEXT_MPLS) {
			for (struct rd r = obj.data; mpls_next(&r, &e) == 1;)
				text_addf(t, " [MPLS L=%u E=%u S=%u T=%u]", e.label, e.tc,
					  e.is_bottom, e.ttl);
		} else if (icmpext_iface(&obj, &iface) == 0) {
			text_add(t, " [if");
			if (iface.role != IFINFO_INCOMING)
				text_addf(t, " %s", icmpext_role_text(iface.role));
			if (iface.name) {
				text_add(t, " ");
				text_add_clean(t, iface.name, iface.name_len);
			}
			if (iface.has_ifindex)
				text_addf(t, " index %u", iface.ifindex);
			if (iface.addr.len)
				text_addf(t, " %s", addr_text(&iface.addr, text));
			if (iface.has_mtu)
				text_addf(t, " mtu %u", iface.mtu);
			text_add(t, "]");
		}
	}
}

void ping_extension_fields(struct rec *rec, const struct icmpext *ext)
{
	struct rd objects = ext->objects;
	struct rec *list = ext->state == ICMPEXT_OK ? rec_array(rec, "ext") : NULL;
	char text[ADDR_TEXT_MAX];
	struct icmpext_obj obj;
	struct icmpext_iface iface;
	struct mpls_entry e;

	while (list && icmpext_next(&objects, &obj) == 1) {
		struct rec *item = rec_item(list);

		rec_int(item, "class", obj.class);
		rec_int(item, "ctype", obj.ctype);
		if (obj.class == ICMPEXT_MPLS) {
			struct rec *stack = rec_array(item, "mpls");

			for (struct rd r = obj.data; mpls_next(&r, &e) == 1;) {
				struct rec *label = rec_item(stack);

				rec_int(label, "label", e.label);
				rec_int(label, "tc", e.tc);
				rec_bool(label, "s", e.is_bottom);
				rec_int(label, "ttl", e.ttl);
				rec_close(label);
			}
			rec_close(stack);
		} else if (icmpext_iface(&obj, &iface) == 0) {
			struct rec *about = rec_object(item, "iface");

			rec_str(about, "role", icmpext_role_text(iface.role));
			if (iface.has_ifindex)
				rec_int(about, "index", iface.ifindex);
			if (iface.addr.len)
				rec_str(about, "addr", addr_text(&iface.addr, text));
			if (iface.name)
				rec_bytes(about, "name", iface.name, iface.name_len);
			if (iface.has_mtu)
				rec_int(about, "mtu", iface.mtu);
			rec_close(about);
		}
		rec_close(item);
	}
	rec_close(list);
}
