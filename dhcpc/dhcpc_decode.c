/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_decode - the DHCP messages of a capture, or of octets on the command line.
 */
#include "base/text.h"
#include "dhcpc_report.h"
#include "io/savefile.h"

/* What is needed is opened: reading a stranger's octets needs no more. */
static int open_all(struct dhcpc *d, const char *path, struct why *why)
{
	int err = path ? savefile_read(path, &d->link, why) : 0;
	char text[CLOCK_TEXT_MAX];

	/* Reads the time zone's file, while files can be read. */
	(void)clock_text(0, text);
	if (!err)
		err = trace_open(d->run, 0, NULL, &d->trace, why);
	return err ? err : tool_lock_down(d->run, why);
}

static const char *type_text(const struct dhcpc_seen *s, char *buf, size_t cap)
{
	const char *word = dhcp_type_word(s->msg.type);

	snprintf(buf, cap, "%u", (unsigned)s->msg.type);
	return s->msg.type == DHCP_NO_TYPE ? "message" : word ? word : buf;
}

static void field_addr(struct rec *r, const char *name, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	if (a->len)
		rec_str(r, name, addr_text(a, text));
}

static void field_hex(struct rec *r, const char *name, int digits, uint32_t v)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%0*x", digits, v);
	rec_str(r, name, text);
}

static void to_json(struct dhcpc *d, const struct dhcpc_seen *s, uint64_t number)
{
	struct rec *r = record_start(&d->run->out, &dhcpc_message_record);
	const struct dhcp_head *h = &s->msg.head;
	char text[CLOCK_TEXT_MAX];
	struct mac mac;

	if (number) {
		rec_int(r, "number", (int64_t)number);
		rec_str(r, "captured", clock_text(s->in->wall_ns, text));
	}
	field_addr(r, "src_ip", &s->d.src);
	field_addr(r, "dst_ip", &s->d.dst);
	if (s->drop)
		rec_str(r, "reason", s->why);
	if (h->yiaddr.len) {
		rec_str(r, "message_type", type_text(s, text, sizeof(text)));
		rec_int(r, "op", h->op);
		field_hex(r, "xid", 8, h->xid);
		rec_int(r, "secs", h->secs);
		field_hex(r, "flags", 4, h->flags);
		field_addr(r, "ciaddr", &h->ciaddr);
		field_addr(r, "yiaddr", &h->yiaddr);
		field_addr(r, "siaddr", &h->siaddr);
		field_addr(r, "giaddr", &h->giaddr);
		memcpy(mac.bytes, h->chaddr, sizeof(mac.bytes));
		rec_str(r, "chaddr", mac_text(&mac, text));
	}
	if (!s->drop)
		dhcpc_options_field(r, &s->msg);
	record_write(&d->run->out, r);
}

static void add_if(struct text *t, const char *word, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	if (a->len && !addr_is_any(a))
		text_addf(t, " %s %s", word, addr_text(a, text));
}

static void to_lines(struct dhcpc *d, const struct dhcpc_seen *s, uint64_t number)
{
	char buf[600], text[ADDR_TEXT_MAX];
	struct text t = text_make(buf, sizeof(buf));
	const struct dhcp_head *h = &s->msg.head;
	struct mac mac;

	if (number)
		text_addf(&t, "%llu %s ", (unsigned long long)number,
			  clock_text(s->in->wall_ns, text));
	if (s->d.src.len) {
		text_addf(&t, "%s > ", addr_text(&s->d.src, text));
		text_addf(&t, "%s ", addr_text(&s->d.dst, text));
	}
	text_add(&t, type_text(s, text, sizeof(text)));
	if (h->yiaddr.len) {
		memcpy(mac.bytes, h->chaddr, sizeof(mac.bytes));
		text_addf(&t, " xid 0x%08x secs %u chaddr %s", h->xid, h->secs,
			  mac_text(&mac, text));
	}
	if (h->flags & DHCP_FLAG_BROADCAST)
		text_add(&t, " broadcast");
	add_if(&t, "ciaddr", &h->ciaddr);
	add_if(&t, "yiaddr", &h->yiaddr);
	add_if(&t, "siaddr", &h->siaddr);
	add_if(&t, "giaddr", &h->giaddr);
	out_line(&d->run->out, &t);
	if (s->drop)
		out_text(&d->run->out, "! malformed: %s\n", s->why);
	else
		dhcpc_option_lines(d, &s->msg);
}

static void show(struct dhcpc *d, const struct dhcpc_seen *s, uint64_t number)
{
	d->counts.received += !s->drop;
	d->counts.malformed += s->drop != DROP_NOT;
	to_json(d, s, number);
	if (dhcpc_says_lines(d))
		to_lines(d, s, number);
	if (number)
		dhcpc_trace_in(d, s->in, s->drop ? s->why : "a DHCP message");
}

/* "hex:" and the octets of one message. */
static int decode_hex(struct dhcpc *d, const char *text)
{
	uint8_t bytes[DHCPC_MSG_MAX];
	struct wr w = wr_make(bytes, sizeof(bytes));
	struct dhcpc_seen s = {.server = addr_none()};
	struct why why;

	if (dhcpc_put_hex(&w, text) < 0 || w.bad || !w.len) {
		(void)why_set(&why, E_BAD, "'hex:%.40s' is not a row of octets in hexadecimal",
			      text);
		return tool_fail(d->run, &why);
	}
	s.bytes = bytes;
	s.len = w.len;
	dhcpc_parse_message(&s);
	show(d, &s, 0);
	return 0;
}

static int decode_capture(struct dhcpc *d)
{
	struct dhcpc_seen s;
	struct link_in in;
	struct why why;
	uint64_t number = 0;
	int n;

	while ((n = link_recv(d->link, &in, 1, &why)) >= 0) {
		number += n == 1;
		if (n == 1 && dhcpc_parse(&in, &s))
			show(d, &s, number);
	}
	return n == E_EOF ? 0 : tool_fail(d->run, &why);
}

int dhcpc_decode(struct dhcpc *d)
{
	const char *what = d->opts.ifname;
	bool is_hex = strncmp(what, "hex:", 4) == 0;
	struct why why;
	int status;

	if (open_all(d, is_hex ? NULL : what, &why) < 0)
		status = tool_fail(d->run, &why);
	else
		status = is_hex ? decode_hex(d, what + 4) : decode_capture(d);
	if (trace_close(d->trace, &why) < 0)
		status = tool_fail(d->run, &why);
	link_close(d->link);
	if (status)
		return status;
	if (!d->counts.received && d->counts.malformed)
		return DHCPC_EXIT_REFUSED;
	return d->counts.received ? EXIT_ANSWERED : EXIT_NO_ANSWER;
}
