/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_judge - what we hear: is it a DHCP message, is it whole, is it for us.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "dhcpc.h"

enum dhcpc_drop dhcpc_drop(struct dhcpc_seen *s, enum dhcpc_drop drop, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	s->drop = drop;
	return drop;
}

const char *dhcpc_drop_word(enum dhcpc_drop drop)
{
	static const char *const words[] = {"accepted", "malformed", "foreign",
					    "policy",   "refused",   "untimely"};

	return words[drop];
}

/* The destination port, also of a header that breaks its rules; 0 if there is none. */
static uint16_t udp_dst_port(const struct dissect *d)
{
	const struct layer *bad = dissect_layer(d, LAYER_BAD);
	struct rd r;

	if (dissect_has(d, LAYER_UDP))
		return d->udp.dst_port;
	if (!bad || d->proto != IPPROTO_UDP)
		return 0;
	r = rd_make(d->bytes + bad->off, bad->len);
	rd_skip(&r, 2);
	return rd_u16(&r);
}

/* Of our own link: a priority tag names no other one. */
static bool is_tagged(const struct dissect *d)
{
	return d->eth.n_tags > 1 || (d->eth.n_tags == 1 && d->eth.tags[0].vid != 0);
}

static void check_datagram(struct dhcpc_seen *s)
{
	const struct dissect *d = &s->d;

	if (d->err < 0 || d->is_truncated || d->is_fragment)
		dhcpc_drop(s, DROP_MALFORMED, "the UDP datagram is cut short or broken");
	else if (d->udp.len < UDP_HDR_LEN)
		dhcpc_drop(s, DROP_MALFORMED, "the UDP length is %u", d->udp.len);
	else if (d->ip_csum == CSUM_BAD)
		dhcpc_drop(s, DROP_MALFORMED, "the IP checksum is wrong");
	else if (d->l4_csum == CSUM_BAD && !s->in->is_csum_partial &&
		 !dissect_is_csum_left_over(d)) /* every answer of dnsmasq on a veth */
		dhcpc_drop(s, DROP_MALFORMED, "the UDP checksum is wrong: 0x%04x, not 0x%04x",
			   d->udp.csum, d->l4_csum_want);
}

static void check_message(struct dhcpc_seen *s, int err)
{
	if (err == E_TRUNC)
		dhcpc_drop(s, DROP_MALFORMED, "%zu octets are less than a DHCP message has",
			   s->len);
	else if (err == E_UNSUP)
		dhcpc_drop(s, DROP_MALFORMED,
			   "the magic cookie is not 0x63825363: BOOTP, or nonsense");
	else if (err < 0)
		dhcpc_drop(s, DROP_MALFORMED, "an option ends outside the message");
	else if (s->msg.type == DHCP_NO_TYPE)
		dhcpc_drop(s, DROP_MALFORMED, "it has no message type");
}

/* RFC 2131 4.4.1 (xid), 2 (chaddr); RFC 6842 3 (client identifier). */
static void check_addressee(const struct dhcpc_self *self, uint32_t xid, struct dhcpc_seen *s)
{
	const struct dhcp_head *h = &s->msg.head;
	struct dhcp_value id;

	if (h->xid != xid)
		dhcpc_drop(s, DROP_FOREIGN, "xid 0x%08x is not ours, 0x%08x", h->xid, xid);
	else if (h->htype != 1 || h->hlen != 6 || memcmp(h->chaddr, self->mac.bytes, 6) != 0)
		dhcpc_drop(s, DROP_FOREIGN, "chaddr is not our hardware address");
	else if (dhcp_find(&s->msg, DHCP_OPT_CLIENT_ID, &id) == 0 &&
		 (id.len != self->id_len || memcmp(id.data, self->id, id.len) != 0))
		dhcpc_drop(s, DROP_FOREIGN, "the client identifier is not ours");
}

void dhcpc_parse_message(struct dhcpc_seen *out)
{
	int err = dhcp_parse(out->bytes, out->len, &out->msg);

	check_message(out, err);
	if (!out->drop && dhcp_find_addr(&out->msg, DHCP_OPT_SERVER_ID, &out->server) == E_BAD)
		dhcpc_drop(out, DROP_MALFORMED, "the server identifier is not 4 octets");
}

bool dhcpc_parse(const struct link_in *in, struct dhcpc_seen *out)
{
	uint16_t port;

	*out = (struct dhcpc_seen){.in = in, .server = addr_none()};
	if (in->kind != LINK_PACKET)
		return false;
	(void)dissect_packet(in->layer == LINK_L2 ? DISSECT_L2 : DISSECT_L3, in->bytes, in->len,
			     &out->d);
	port = udp_dst_port(&out->d);
	if (out->d.src.len != 4 || (port != DHCP_CLIENT_PORT && port != DHCP_SERVER_PORT))
		return false;
	out->src_mac = out->d.eth.src;
	check_datagram(out);
	if (out->drop)
		return true;
	out->bytes = out->d.payload;
	out->len = out->d.payload_len;
	dhcpc_parse_message(out);
	return true;
}

bool dhcpc_look(const struct dhcpc_self *self, uint32_t xid, const struct link_in *in,
		struct dhcpc_seen *out)
{
	if (!dhcpc_parse(in, out) || in->is_outgoing || is_tagged(&out->d) ||
	    udp_dst_port(&out->d) != DHCP_CLIENT_PORT)
		return false;
	if (!out->drop && out->msg.head.op != DHCP_BOOTREPLY)
		dhcpc_drop(out, DROP_MALFORMED, "op is %u, not 2 (a reply)", out->msg.head.op);
	if (!out->drop)
		check_addressee(self, xid, out);
	return true;
}

static bool is_server(const struct dhcpc_server *server, const struct dhcpc_seen *s)
{
	return server->addr.len ? addr_same(&server->addr, &s->server) :
				  mac_same(&server->mac, &s->src_mac);
}

bool dhcpc_is_listed(const struct dhcpc_list *list, const struct dhcpc_seen *s)
{
	for (unsigned i = 0; i < list->n; i++)
		if (is_server(&list->servers[i], s))
			return true;
	return false;
}

void dhcpc_policy(const struct dhcpc_opts *o, struct dhcpc_seen *s)
{
	if (s->drop)
		return;
	if (dhcpc_is_listed(&o->denied, s))
		dhcpc_drop(s, DROP_POLICY, "its server is denied (--deny)");
	else if (o->allowed.n && !dhcpc_is_listed(&o->allowed, s))
		dhcpc_drop(s, DROP_POLICY, "its server is not among those allowed (--allow)");
	else if (o->has_must && !is_server(&o->must, s))
		dhcpc_drop(s, DROP_POLICY, "it is not from the server asked for (-s)");
}
