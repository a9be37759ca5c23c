/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_report - what is sent, heard and given, as lines and as records.
 */
#include "dhcpc_report.h"

#include "base/num.h"
#include "base/text.h"

#define LINE_MAX_OCTETS 8192

double dhcpc_dt_ms(const struct dhcpc *d)
{
	return (double)(clock_mono(d->run->clock) - d->start_ns) / NS_PER_MS;
}

bool dhcpc_says_lines(const struct dhcpc *d)
{
	return !d->run->options.is_quiet && d->opts.show == SHOW_LINES;
}

static void field_addr(struct rec *r, const char *name, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	rec_str(r, name, addr_text(a, text));
}

static void field_mac(struct rec *r, const char *name, const struct mac *m)
{
	char text[MAC_TEXT_MAX];

	rec_str(r, name, mac_text(m, text));
}

static void field_xid(struct rec *r, uint32_t xid)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08x", xid);
	rec_str(r, "xid", text);
}

void dhcpc_tell_start(struct dhcpc *d)
{
	char mac[MAC_TEXT_MAX];

	if (dhcpc_says_lines(d))
		out_text(&d->run->out, "DHCP on %s as %s\n", d->iface.name,
			 mac_text(&d->self.mac, mac));
}

/* --- sent */

static void sent_line(struct dhcpc *d, const struct dhcpc_ask *ask)
{
	char buf[300], text[ADDR_TEXT_MAX];
	struct text t = text_make(buf, sizeof(buf));
	bool is_to_all = ask->dst.bytes[0] == 255;

	text_addf(&t, "%10.3f ms  > %-8s", dhcpc_dt_ms(d), dhcp_type_word(ask->type));
	text_addf(&t, " to %s", is_to_all ? "everybody" : addr_text(&ask->dst, text));
	if (!addr_is_any(&ask->requested))
		text_addf(&t, ", %s", addr_text(&ask->requested, text));
	if (!addr_is_any(&ask->ciaddr))
		text_addf(&t, ", %s", addr_text(&ask->ciaddr, text));
	if (!addr_is_any(&ask->server))
		text_addf(&t, " of server %s", addr_text(&ask->server, text));
	if (d->run->options.verbose)
		text_addf(&t, ", xid 0x%08x, secs %u", ask->xid, ask->secs);
	out_line(&d->run->out, &t);
}

void dhcpc_tell_sent(struct dhcpc *d, const struct dhcpc_ask *ask)
{
	struct rec *r = record_start(&d->run->out, &dhcpc_sent_records[ask->type]);

	rec_num(r, "dt_ms", dhcpc_dt_ms(d));
	field_xid(r, ask->xid);
	rec_int(r, "secs", ask->secs);
	if (!addr_is_any(&ask->ciaddr))
		field_addr(r, "ciaddr", &ask->ciaddr);
	if (!addr_is_any(&ask->requested))
		field_addr(r, "requested", &ask->requested);
	if (!addr_is_any(&ask->server))
		field_addr(r, "server_id", &ask->server);
	field_addr(r, "dst_ip", &ask->dst);
	field_mac(r, "dst_mac", &ask->dst_mac);
	record_write(&d->run->out, r);
	if (dhcpc_says_lines(d))
		sent_line(d, ask);
}

/* --- heard */

static bool latency_ms(const struct dhcpc *d, const struct dhcpc_seen *s, double *out)
{
	uint64_t from_ns = d->tx_wall_ns ? d->tx_wall_ns : d->sent_wall_ns;

	if (!from_ns || s->in->wall_ns <= from_ns)
		return false;
	*out = (double)(s->in->wall_ns - from_ns) / NS_PER_MS;
	return true;
}

void dhcpc_options_field(struct rec *r, const struct dhcp_msg *m)
{
	struct rec *list = rec_array(r, "options");
	unset struct dhcp_value v;

	for (unsigned code = 1; list && code < DHCP_OPT_END; code++) {
		const struct dhcp_option *o = dhcp_option_get((uint8_t)code);
		unset char raw[2 * DHCP_VALUE_MAX + 1], value[3 * DHCP_VALUE_MAX + 1];
		struct text hex = text_make(raw, sizeof(raw));
		struct text t = text_make(value, sizeof(value));
		struct rec *item;

		if (dhcp_find(m, (uint8_t)code, &v) < 0)
			continue;
		text_add_hex(&hex, v.data, v.len, 0);
		dhcp_option_text((uint8_t)code, v.data, v.len, DHCP_FOR_PEOPLE, &t);
		item = rec_item(list);
		rec_int(item, "code", code);
		if (o)
			rec_str(item, "name", o->name);
		rec_str(item, "raw", raw);
		rec_str(item, "value", value);
		rec_int(item, "parts", v.n_pieces);
		rec_str(item, "where", dhcp_where_word(v.where));
		rec_close(item);
	}
	rec_close(list);
}

static void findings_field(struct rec *r, const struct dhcpc_lease *l)
{
	struct rec *list = rec_array(r, "findings");

	for (unsigned i = 0; i < l->n_findings; i++) {
		struct rec *item = rec_item(list);

		rec_str(item, "id", l->findings[i].id);
		rec_str(item, "rfc", l->findings[i].rfc);
		rec_str(item, "text", l->findings[i].text);
		rec_close(item);
	}
	rec_close(list);
}

static void lease_fields(struct rec *r, const struct dhcpc_lease *l)
{
	if (!l->lease_s)
		return;
	rec_int(r, "prefix_len", l->prefix_len);
	rec_int(r, "lease_s", l->lease_s);
	rec_int(r, "t1_s", l->t1_s);
	rec_int(r, "t2_s", l->t2_s);
}

static void head_fields(const struct dhcpc *d, struct rec *r, const struct dhcpc_seen *s)
{
	double ms;

	rec_num(r, "dt_ms", dhcpc_dt_ms(d));
	if (latency_ms(d, s, &ms))
		rec_num(r, "latency_ms", ms);
	field_addr(r, "src_ip", &s->d.src);
	field_mac(r, "src_mac", &s->src_mac);
	field_mac(r, "dst_mac", &s->d.eth.dst);
	if (!s->bytes || s->msg.head.yiaddr.len != 4)
		return;
	field_xid(r, s->msg.head.xid);
	rec_int(r, "secs", s->msg.head.secs);
	if (!addr_is_any(&s->server))
		field_addr(r, "server_id", &s->server);
	field_addr(r, "giaddr", &s->msg.head.giaddr);
	field_addr(r, "yiaddr", &s->msg.head.yiaddr);
}

static void message_field(struct rec *r, const struct dhcp_msg *m)
{
	unset struct dhcp_value v;

	if (dhcp_find(m, DHCP_OPT_MESSAGE, &v) == 0)
		rec_bytes(r, "message", v.data, v.len);
}

static const struct record_type *type_of(const struct dhcpc_seen *s)
{
	if (s->msg.type == DHCP_OFFER)
		return &dhcpc_offer_record;
	return s->msg.type == DHCP_ACK ? &dhcpc_ack_record : &dhcpc_nak_record;
}

void dhcpc_source_text(const struct dhcpc_seen *s, struct text *out)
{
	char addr[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];

	text_addf(out, "%s (%s)", addr_text(addr_is_any(&s->server) ? &s->d.src : &s->server, addr),
		  mac_text(&s->src_mac, mac));
	if (s->msg.head.giaddr.len == 4 && !addr_is_any(&s->msg.head.giaddr))
		text_addf(out, " through relay %s", addr_text(&s->msg.head.giaddr, addr));
}

/* What people look for first. */
static void add_brief(struct text *t, const struct dhcp_msg *m, uint8_t code, const char *word)
{
	unset struct dhcp_value v;

	if (dhcp_find(m, code, &v) < 0)
		return;
	text_addf(t, " %s ", word);
	dhcp_option_text(code, v.data, v.len, DHCP_FOR_PEOPLE, t);
}

static void heard_line(struct dhcpc *d, const struct dhcpc_seen *s, const struct dhcpc_lease *lease,
		       bool is_unlisted)
{
	unset char buf[LINE_MAX_OCTETS], addr[ADDR_TEXT_MAX];
	struct text t = text_make(buf, sizeof(buf));
	unset struct dhcp_value v;

	text_addf(&t, "%10.3f ms  < %-8s", dhcpc_dt_ms(d), dhcp_type_word(s->msg.type));
	if (lease && lease->lease_s)
		text_addf(&t, " %s/%u", addr_text(&lease->addr, addr), lease->prefix_len);
	text_add(&t, " from ");
	dhcpc_source_text(s, &t);
	if (lease && lease->lease_s) {
		text_add(&t, " lease ");
		dhcp_seconds_text(lease->lease_s, &t);
		add_brief(&t, &s->msg, DHCP_OPT_ROUTER, "router");
		add_brief(&t, &s->msg, DHCP_OPT_DNS, "dns");
	}
	if (dhcp_find(&s->msg, DHCP_OPT_MESSAGE, &v) == 0) {
		text_add(&t, " \"");
		text_add_clean(&t, v.data, v.len);
		text_add(&t, "\"");
	}
	if (is_unlisted)
		text_add(&t, "  UNLISTED");
	out_line(&d->run->out, &t);
}

void dhcpc_tell_seen(struct dhcpc *d, const struct dhcpc_seen *s, const struct dhcpc_lease *lease,
		     bool is_unlisted)
{
	struct rec *r = record_start(&d->run->out, type_of(s));

	head_fields(d, r, s);
	if (lease)
		lease_fields(r, lease);
	if (is_unlisted)
		rec_bool(r, "is_unlisted", true);
	message_field(r, &s->msg);
	dhcpc_options_field(r, &s->msg);
	if (lease)
		findings_field(r, lease);
	record_write(&d->run->out, r);
	if (dhcpc_says_lines(d))
		heard_line(d, s, lease, is_unlisted);
}

void dhcpc_tell_ignored(struct dhcpc *d, const struct dhcpc_seen *s)
{
	struct rec *r = record_start(&d->run->out, &dhcpc_ignored_record);
	const char *word = dhcp_type_word(s->msg.type);
	char source[160];
	struct text t = text_make(source, sizeof(source));

	head_fields(d, r, s);
	rec_str(r, "kind", dhcpc_drop_word(s->drop));
	rec_str(r, "reason", s->why);
	if (word)
		rec_str(r, "message_type", word);
	if (s->msg.options_len)
		message_field(r, &s->msg);
	record_write(&d->run->out, r);
	/* What others are told is no news, unless somebody wants to see everything. */
	if (!dhcpc_says_lines(d) || (s->drop == DROP_FOREIGN && !d->run->options.verbose))
		return;
	dhcpc_source_text(s, &t);
	out_text(&d->run->out, "%10.3f ms  < %-8s from %s ignored: %s\n", dhcpc_dt_ms(d),
		 word ? word : "message", source, s->why);
}

/* --- what came of it */

void dhcpc_tell_state(struct dhcpc *d, const char *from, const char *to, const char *event)
{
	struct rec *r;

	if (!d->run->options.verbose)
		return;
	r = record_start(&d->run->out, &dhcpc_state_record);
	rec_num(r, "dt_ms", dhcpc_dt_ms(d));
	rec_str(r, "from", from);
	rec_str(r, "to", to);
	rec_str(r, "event", event);
	record_write(&d->run->out, r);
	if (dhcpc_says_lines(d))
		out_text(&d->run->out, "%10.3f ms    %s -> %s (%s)\n", dhcpc_dt_ms(d), from, to,
			 event);
}

void dhcpc_option_lines(struct dhcpc *d, const struct dhcp_msg *m)
{
	unset struct dhcp_value v;

	for (unsigned code = 1; code < DHCP_OPT_END; code++) {
		const struct dhcp_option *o = dhcp_option_get((uint8_t)code);
		unset char buf[LINE_MAX_OCTETS];
		struct text t = text_make(buf, sizeof(buf));

		if (code == DHCP_OPT_TYPE || dhcp_find(m, (uint8_t)code, &v) < 0)
			continue;
		text_addf(&t, "  %3u %-26s ", code, o ? o->name : "");
		if (dhcp_option_text((uint8_t)code, v.data, v.len, DHCP_FOR_PEOPLE, &t) < 0)
			text_add(&t, "  (breaks its rules)");
		if (v.where != DHCP_IN_OPTIONS)
			text_addf(&t, "  (in %s)", dhcp_where_word(v.where));
		out_line(&d->run->out, &t);
	}
}

static void lease_lines(struct dhcpc *d, const struct dhcpc_lease *l, const struct dhcp_msg *m)
{
	char buf[300], addr[ADDR_TEXT_MAX];
	struct text t = text_make(buf, sizeof(buf));

	if (l->lease_s) {
		text_addf(&t, "Lease of %s/%u", addr_text(&l->addr, addr), l->prefix_len);
		text_addf(&t, " from %s, ", addr_text(&l->server, addr));
		dhcp_seconds_text(l->lease_s, &t);
		text_add(&t, " (renew after ");
		dhcp_seconds_text(l->t1_s, &t);
		text_add(&t, ", rebind after ");
		dhcp_seconds_text(l->t2_s, &t);
		text_add(&t, ")");
	} else {
		text_addf(&t, "Information from %s", addr_text(&l->server, addr));
	}
	out_line(&d->run->out, &t);
	dhcpc_option_lines(d, m);
	for (unsigned i = 0; i < l->n_findings; i++)
		out_text(&d->run->out, "! %s [%s]\n", l->findings[i].text, l->findings[i].rfc);
}

void dhcpc_tell_lease(struct dhcpc *d, const struct dhcpc_lease *l)
{
	struct dhcp_msg m = dhcpc_lease_msg(l);
	struct rec *r = record_start(&d->run->out, &dhcpc_bound_record);

	rec_num(r, "dt_ms", dhcpc_dt_ms(d));
	field_addr(r, "server_id", &l->server);
	field_mac(r, "src_mac", &l->server_mac);
	field_addr(r, "yiaddr", &l->addr);
	lease_fields(r, l);
	dhcpc_options_field(r, &m);
	findings_field(r, l);
	record_write(&d->run->out, r);
	if (dhcpc_says_lines(d))
		lease_lines(d, l, &m);
	dhcpc_show_lease(d, l);
}

void dhcpc_tell_conflict(struct dhcpc *d, const struct addr *addr, const struct mac *owner)
{
	struct rec *r = record_start(&d->run->out, &dhcpc_conflict_record);
	char text[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];

	rec_num(r, "dt_ms", dhcpc_dt_ms(d));
	field_addr(r, "addr", addr);
	field_mac(r, "mac", owner);
	record_write(&d->run->out, r);
	if (dhcpc_says_lines(d))
		out_text(&d->run->out, "%10.3f ms    %s is in use: %s has it\n", dhcpc_dt_ms(d),
			 addr_text(addr, text), mac_text(owner, mac));
}

static void ignored_field(const struct dhcpc *d, struct rec *r)
{
	struct rec *o = rec_object(r, "ignored");

	rec_int(o, "malformed", (int64_t)d->counts.malformed);
	rec_int(o, "foreign", (int64_t)d->counts.foreign);
	rec_int(o, "policy", (int64_t)d->counts.policy);
	rec_int(o, "refused", (int64_t)d->counts.refused);
	rec_int(o, "untimely", (int64_t)d->counts.untimely);
	rec_close(o);
}

void dhcpc_tell_summary(struct dhcpc *d, const char *result, const struct dhcpc_lease *lease,
			unsigned n_servers, unsigned n_unlisted)
{
	struct rec *r = record_start(&d->run->out, &dhcpc_summary_record);

	rec_str(r, "interface", d->iface.name);
	field_mac(r, "mac", &d->self.mac);
	rec_str(r, "result", result);
	if (lease) {
		field_addr(r, "addr", &lease->addr);
		rec_int(r, "prefix_len", lease->prefix_len);
		field_addr(r, "server_id", &lease->server);
		rec_int(r, "lease_s", lease->lease_s);
	}
	if (d->opts.mode == MODE_SCAN) {
		rec_int(r, "servers", n_servers);
		rec_int(r, "unlisted", n_unlisted);
	}
	rec_int(r, "sent", (int64_t)d->counts.sent);
	rec_int(r, "received", (int64_t)d->counts.received);
	ignored_field(d, r);
	rec_int(r, "kernel_drops", (int64_t)d->link->drops);
	rec_num(r, "elapsed_ms", dhcpc_dt_ms(d));
	record_write(&d->run->out, r);
}
