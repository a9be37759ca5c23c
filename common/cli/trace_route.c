/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_route - the routing decision as a learner wants it told, and the trace as JSON records.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/trace_impl.h"

static const struct field packet_fields[] = {
	{"direction", FIELD_STRING, "", "sent or received."},
	{"comment", FIELD_STRING, "", "What the packet is and what was concluded from it."},
	{"rebuilt", FIELD_BOOL, "", "True when no tap saw it and the IP header is rebuilt."},
	{"hex", FIELD_STRING, "", "All its octets (--hex)."},
	{"fields", FIELD_ARRAY, "",
	 "Field by field (--explain): off, len, layer, name, value, meaning, rfc."},
};

static const struct field route_fields[] = {
	{"addr", FIELD_STRING, "", "The destination."},
	{"interface", FIELD_STRING, "", "Interface the probes leave by."},
	{"src", FIELD_STRING, "", "Source address."},
	{"prefix", FIELD_STRING, "", "Entry of the routing table that matched."},
	{"gateway", FIELD_STRING, "", "Next hop; absent when the destination is on the link."},
	{"mac", FIELD_STRING, "", "MAC address of the next hop, if the neighbour cache has it."},
	{"neighbour", FIELD_STRING, "", "State of that cache entry; absent without one."},
	{"text", FIELD_STRING, "", "Why there is no way, if there is none."},
};

const struct record_type trace_packet_record =
	RECORD_TYPE("packet", "One packet of the exchange (--explain, --hex).", packet_fields);
const struct record_type trace_route_record =
	RECORD_TYPE("route", "The routing decision (--explain).", route_fields);

static void add_field(void *arg, const struct explain_field *f)
{
	struct rec *item = rec_item(arg);

	rec_int(item, "off", (int64_t)f->off);
	rec_int(item, "len", (int64_t)f->len);
	rec_str(item, "layer", f->layer);
	rec_str(item, "name", f->name);
	rec_str(item, "value", f->value);
	rec_str(item, "meaning", f->meaning);
	rec_str(item, "rfc", f->rfc);
	rec_close(item);
}

static void add_hex(struct rec *r, const struct trace_frame *f)
{
	char *hex = r ? malloc(f->len * 2 + 1) : NULL;
	struct text t;

	if (!hex)
		return;
	t = text_make(hex, f->len * 2 + 1);
	text_add_hex(&t, f->bytes, f->len, 0);
	rec_str(r, "hex", hex);
	free(hex);
}

void trace_record(struct trace *t, const struct explain_packet *whole, const struct trace_frame *f,
		  const char *comment)
{
	struct rec *r = record_start(&t->run->out, &trace_packet_record);

	rec_str(r, "direction", f->is_outgoing ? "sent" : "received");
	rec_str(r, "comment", comment);
	rec_bool(r, "rebuilt", f->is_rebuilt);
	if (t->run->options.is_hex)
		add_hex(r, f);
	if (t->run->options.is_explain) {
		struct rec *fields = rec_array(r, "fields");

		explain(whole, add_field, fields);
		rec_close(fields);
	}
	record_write(&t->run->out, r);
}

/* What is asked of the kernel, so that text and record tell the same. */
struct way {
	struct route route;
	bool needs_no_mac; /* loopback, a tunnel: nobody is asked for a MAC */
	struct neigh neigh;
	bool has_neigh;
	int err;
	struct why why;
};

static void find_way(struct run *run, const struct route_query *q, struct way *w)
{
	const struct addr *hop;
	struct iface iface;

	*w = (struct way){.err = E_NOENT};
	w->err = route_get(run->netlink, q, &w->route, &w->why);
	if (w->err < 0)
		return;
	w->needs_no_mac = iface_by_index(run->netlink, w->route.ifindex, &iface, NULL) == 0 &&
			  (iface.is_loopback || iface.is_noarp);
	hop = w->route.gateway.len ? &w->route.gateway : &q->dst;
	w->has_neigh = neigh_get(run->netlink, w->route.ifindex, hop, &w->neigh, NULL) == 0;
}

static void way_record(struct run *run, const struct addr *dst, const struct way *w)
{
	struct rec *r = record_start(&run->out, &trace_route_record);
	char text[ADDR_TEXT_MAX], prefix[ADDR_TEXT_MAX + 8], mac[MAC_TEXT_MAX];

	rec_str(r, "addr", addr_text(dst, text));
	if (w->err < 0) {
		rec_str(r, "text", w->why.text);
	} else {
		snprintf(prefix, sizeof(prefix), "%s/%u", addr_text(&w->route.prefix, text),
			 w->route.prefix_len);
		rec_str(r, "interface", w->route.ifname);
		rec_str(r, "src", addr_text(&w->route.src, text));
		rec_str(r, "prefix", prefix);
		if (w->route.gateway.len)
			rec_str(r, "gateway", addr_text(&w->route.gateway, text));
		if (!w->needs_no_mac && w->has_neigh && w->neigh.has_mac)
			rec_str(r, "mac", mac_text(&w->neigh.mac, mac));
		if (!w->needs_no_mac && w->has_neigh)
			rec_str(r, "neighbour", neigh_state_word(w->neigh.state));
	}
	record_write(&run->out, r);
}

/* 255.255.255.0 for 24. */
static const char *mask_text(unsigned prefix_len, char *out)
{
	struct addr mask = {.len = 4};

	for (unsigned i = 0; i < 4; i++)
		mask.bytes[i] = 0xff;
	addr_mask(&mask, prefix_len, false);
	return addr_text(&mask, out);
}

/* Why this entry and no other, as one works it out by hand. */
static void entry_text(FILE *to, const struct addr *dst, const struct route *r)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX], c[ADDR_TEXT_MAX];

	fprintf(to, "  matching entry   %s/%u", addr_text(&r->prefix, a), r->prefix_len);
	if (r->prefix.len == 4)
		fprintf(to, " (mask %s), the longest prefix that covers it:\n%19s%s AND %s = %s",
			mask_text(r->prefix_len, b), "", addr_text(dst, c), b, a);
	else
		fprintf(to,
			", the longest prefix that covers it:\n%19s%s begins with the same %u bits",
			"", addr_text(dst, b), r->prefix_len);
	fprintf(to, " (RFC 1812 5.2.4.3)\n");
}

static void way_text(struct run *run, const struct addr *dst, const struct way *w)
{
	char a[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];
	const struct route *r = &w->route;
	FILE *to = run->out.file;

	fprintf(to, "route to %s\n", addr_text(dst, a));
	if (w->err < 0) {
		fprintf(to, "  none: %s\n", w->why.text);
		return;
	}
	entry_text(to, dst, r);
	fprintf(to, "  kind             %s\n", route_type_word(r->type));
	fprintf(to, "  interface        %s, MTU %u\n", r->ifname, r->mtu);
	fprintf(to, "  source address   %s\n", addr_text(&r->src, a));
	if (r->gateway.len)
		fprintf(to,
			"  next hop         %s, the gateway: the destination is not on this link\n",
			addr_text(&r->gateway, a));
	else
		fprintf(to, "  next hop         the destination itself: it is on this link\n");
	if (w->needs_no_mac)
		fprintf(to, "  next hop's MAC   none is needed on %s\n", r->ifname);
	else if (w->has_neigh && w->neigh.has_mac)
		fprintf(to, "  next hop's MAC   %s, from the neighbour cache (%s)\n",
			mac_text(&w->neigh.mac, mac), neigh_state_word(w->neigh.state));
	else
		fprintf(to,
			"  next hop's MAC   not in the neighbour cache: to be asked for by %s\n",
			addr_is_v6(dst) ? "a solicitation (RFC 4861 7.2)" : "ARP (RFC 826)");
}

void trace_route(struct trace *t, const struct route_query *query)
{
	struct way w;

	if (!t || !t->run->options.is_explain)
		return;
	find_way(t->run, query, &w);
	if (t->run->out.is_json)
		way_record(t->run, &query->dst, &w);
	else
		way_text(t->run, &query->dst, &w);
}
