/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_ext - what routers append to their errors (RFC 4884): MPLS labels (RFC 4950) and
 * interfaces (RFC 5837), in the manner of traceroute 2.1 and as JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "traceroute.h"

#define EXT_TEXT_MAX 512

static void add_mpls(struct text *out, struct rd data)
{
	struct mpls_entry e;

	text_add(out, "MPLS:");
	for (bool is_first = true; mpls_next(&data, &e) == 1 && !out->cut; is_first = false)
		text_addf(out, "%sL=%u,E=%u,S=%u,T=%u", is_first ? "" : "/", e.label, e.tc,
			  e.is_bottom, e.ttl);
}

/* "<INC:15,10.10.10.10,"ge-0/0/0",mtu=1500>"; what is not told is left out. */
static void add_iface(struct text *out, const struct icmpext_iface *i)
{
	static const char *const roles[] = {"INC", "SUB", "OUT", "NXT"};
	char addr[ADDR_TEXT_MAX];
	const char *comma = "";

	text_addf(out, "%s:", roles[i->role]);
	if (i->has_ifindex) {
		text_addf(out, "%u", i->ifindex);
		comma = ",";
	}
	if (i->addr.len) {
		text_addf(out, "%s%s", comma, addr_text(&i->addr, addr));
		comma = ",";
	}
	if (i->name) {
		text_addf(out, "%s\"", comma);
		text_add_clean(out, i->name, i->name_len);
		text_add(out, "\"");
		comma = ",";
	}
	if (i->has_mtu)
		text_addf(out, "%smtu=%u", comma, i->mtu);
}

char *ext_text(const struct icmpext *ext)
{
	struct rd objects = ext->objects;
	struct icmpext_obj obj;
	struct icmpext_iface iface;
	char line[EXT_TEXT_MAX];
	struct text out = text_make(line, sizeof(line));

	if (ext->state != ICMPEXT_OK)
		return NULL;
	while (icmpext_next(&objects, &obj) == 1 && !out.cut) {
		if (out.len)
			text_add(&out, ";");
		if (obj.class == ICMPEXT_MPLS && obj.ctype == 1) {
			add_mpls(&out, obj.data);
		} else if (obj.class == ICMPEXT_IFINFO && icmpext_iface(&obj, &iface) == 0) {
			add_iface(&out, &iface);
		} else {
			text_addf(&out, "%u/%u:", obj.class, obj.ctype);
			text_add_hex(&out, obj.data.buf, obj.data.len, 0);
		}
	}
	return out.len ? strdup(line) : NULL;
}

/* Names of the fields of a label, in the order of struct mpls_entry. */
static void add_labels(struct rec *item, const char *list, const char *const names[4],
		       struct rd data)
{
	struct rec *labels = rec_array(item, list);
	struct mpls_entry e;

	while (mpls_next(&data, &e) == 1) {
		struct rec *l = rec_item(labels);

		rec_int(l, names[0], e.label);
		rec_int(l, names[1], e.tc);
		rec_int(l, names[2], e.is_bottom);
		rec_int(l, names[3], e.ttl);
		rec_close(l);
	}
	rec_close(labels);
}

static bool is_mpls(const struct icmpext_obj *o)
{
	return o->class == ICMPEXT_MPLS && o->ctype == 1;
}

static void iface_fields(struct rec *item, const struct icmpext_iface *i)
{
	struct rec *f = rec_object(item, "iface");
	char addr[ADDR_TEXT_MAX];

	rec_str(f, "role", icmpext_role_text(i->role));
	if (i->has_ifindex)
		rec_int(f, "index", i->ifindex);
	if (i->addr.len)
		rec_str(f, "addr", addr_text(&i->addr, addr));
	if (i->name)
		rec_bytes(f, "name", i->name, i->name_len);
	if (i->has_mtu)
		rec_int(f, "mtu", i->mtu);
	rec_close(f);
}

void ext_fields(struct rec *rec, const struct icmpext *ext)
{
	static const char *const names[] = {"label", "tc", "s", "ttl"};
	struct rd objects = ext->objects;
	struct icmpext_obj obj;
	struct icmpext_iface iface;
	struct rec *list;

	if (!rec || ext->state != ICMPEXT_OK)
		return;
	list = rec_array(rec, "ext");
	while (icmpext_next(&objects, &obj) == 1) {
		struct rec *item = rec_item(list);

		rec_int(item, "class", obj.class);
		rec_int(item, "ctype", obj.ctype);
		if (is_mpls(&obj))
			add_labels(item, "mpls", names, obj.data);
		else if (obj.class == ICMPEXT_IFINFO && icmpext_iface(&obj, &iface) == 0)
			iface_fields(item, &iface);
		rec_close(item);
	}
	rec_close(list);
}

void ext_keep(struct shot *s, const struct icmpext *ext)
{
	struct rd objects = ext->objects;
	size_t len = rd_left(&objects);

	if (ext->state != ICMPEXT_OK || !len || len > UINT16_MAX)
		return;
	s->objects = malloc(len);
	if (!s->objects)
		return;
	rd_copy(&objects, s->objects, len);
	s->objects_len = (uint16_t)len;
	s->is_ext_compat = ext->is_compat;
}

void ext_scamper(struct rec *rec, const struct shot *s)
{
	static const char *const names[] = {"mpls_label", "mpls_exp", "mpls_s", "mpls_ttl"};
	struct rd r = rd_make(s->objects, s->objects_len);
	struct icmpext_obj o;
	struct rec *list;

	if (!s->objects)
		return;
	list = rec_array(rec, "icmpext");
	while (icmpext_next(&r, &o) == 1) {
		struct rec *item = rec_item(list);

		rec_int(item, "ie_cn", o.class);
		rec_int(item, "ie_ct", o.ctype);
		rec_int(item, "ie_dl", (int64_t)rd_left(&o.data));
		if (is_mpls(&o))
			add_labels(item, "mpls_labels", names, o.data);
		rec_close(item);
	}
	rec_close(list);
}

void ext_atlas(struct rec *rec, const struct shot *s)
{
	static const char *const names[] = {"label", "exp", "s", "ttl"};
	struct rd r = rd_make(s->objects, s->objects_len);
	struct icmpext_obj o;
	struct rec *ext, *list;

	if (!s->objects)
		return;
	ext = rec_object(rec, "icmpext");
	rec_int(ext, "version", 2);
	rec_int(ext, "rfc4884", !s->is_ext_compat);
	list = rec_array(ext, "obj");
	while (icmpext_next(&r, &o) == 1) {
		struct rec *item = rec_item(list);

		rec_int(item, "class", o.class);
		rec_int(item, "type", o.ctype);
		if (is_mpls(&o))
			add_labels(item, "mpls", names, o.data);
		rec_close(item);
	}
	rec_close(list);
	rec_close(ext);
}
