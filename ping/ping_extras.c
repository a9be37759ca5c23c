/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping_extras - what came along with an answer: recorded routes and stamps, and what routers append
 * to their errors.
 */
#include "ping.h"

/* Recorded routes and stamps stand on lines of their own, as iputils has them. */
void ping_option_lines(struct ping *p, const struct ping_detail *d)
{
	struct rd r = rd_make(d->ip4.opts, d->has_ip4 ? d->ip4.opts_len : 0);
	char text[ADDR_TEXT_MAX];
	struct ip4_opt o;

	while (ip4_opt_next(&r, &o) == 1) {
		if (o.is_bad || (o.type != IP4_OPT_RR && o.type != IP4_OPT_TS))
			continue;
		out_text(&p->run->out, o.type == IP4_OPT_RR ? "RR: " : "TS: ");
		for (unsigned i = 0; i < o.n_used; i++) {
			if (o.type == IP4_OPT_RR) {
				struct addr hop = ip4_opt_addr(&o, i);

				out_text(&p->run->out, "\t%s\n", addr_text(&hop, text));
			} else {
				struct ip4_stamp s = ip4_opt_stamp(&o, i);

				out_text(&p->run->out, "\t%s%s%u%s\n",
					 s.addr.len ? addr_text(&s.addr, text) : "",
					 s.addr.len ? "\t" : "", s.ms,
					 s.is_nonstandard ? " not-standard" : " absolute");
			}
		}
		if (o.type == IP4_OPT_TS && o.overflow)
			out_text(&p->run->out, "Unrecorded hops: %u\n", o.overflow);
		out_text(&p->run->out, "\n");
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
