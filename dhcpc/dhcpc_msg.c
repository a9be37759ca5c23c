/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_msg - what we say: who we are, and which message carries what (RFC 2131 4.4.1, table 5).
 */
#include <stdlib.h>

#include "build/recipes.h"
#include "dhcpc.h"

#define IP_UDP_LEN 28
#define IP_MTU_MIN 576 /* RFC 2131 2: what every client must take */

/* 121 stands before 3 and 33 (RFC 3442). */
static const uint8_t usual[] = {
	DHCP_OPT_MASK,        DHCP_OPT_CLASSLESS_ROUTES,
	DHCP_OPT_ROUTER,      DHCP_OPT_STATIC_ROUTES,
	DHCP_OPT_DNS,         DHCP_OPT_DOMAIN,
	DHCP_OPT_HOSTNAME,    DHCP_OPT_DOMAIN_SEARCH,
	DHCP_OPT_MTU,         DHCP_OPT_BROADCAST,
	DHCP_OPT_NTP,         DHCP_OPT_LEASE,
	DHCP_OPT_T1,          DHCP_OPT_T2,
	DHCP_OPT_CAPTIVE,     DHCP_OPT_DNR,
	DHCP_OPT_TFTP_SERVER, DHCP_OPT_BOOTFILE,
	DHCP_OPT_MS_ROUTES,
};

/* RFC 7844 3.10: what most clients ask for, and nothing that tells one from another. */
static const uint8_t anonymous[] = {
	DHCP_OPT_MASK, DHCP_OPT_CLASSLESS_ROUTES, DHCP_OPT_ROUTER, DHCP_OPT_DNS, DHCP_OPT_DOMAIN,
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Octets may be separated by colons. */
int dhcpc_put_hex(struct wr *w, const char *text)
{
	for (; text[0]; text += text[2] == ':' ? 3 : 2) {
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0)
			return E_BAD;
		wr_u8(w, (uint8_t)(high << 4 | low));
	}
	return 0;
}

/* "hex:01..", "mac", "duid", or the text itself behind a type of 0 (RFC 2132 9.14). */
static int make_id(const char *text, struct dhcpc_self *self)
{
	struct wr w = wr_make(self->id, sizeof(self->id));

	if (strcmp(text, "mac") == 0) {
		wr_u8(&w, 1);
		wr_bytes(&w, self->mac.bytes, 6);
	} else if (strcmp(text, "duid") == 0) {
		/* RFC 4361 6.1: 255, the number of the interface, a DUID-LL (RFC 8415 11.4). */
		wr_u8(&w, 255);
		wr_bytes(&w, self->mac.bytes + 2, 4);
		wr_u16(&w, 3);
		wr_u16(&w, 1);
		wr_bytes(&w, self->mac.bytes, 6);
	} else if (strncmp(text, "hex:", 4) == 0) {
		if (dhcpc_put_hex(&w, text + 4) < 0)
			return E_BAD;
	} else {
		wr_u8(&w, 0);
		wr_bytes(&w, text, strlen(text));
	}
	self->id_len = w.len;
	return w.bad || w.len < 2 ? E_BAD : 0;
}

int dhcpc_self_make(const struct dhcpc_opts *o, const struct iface *iface, struct rnd *rnd,
		    struct dhcpc_self *out, struct why *why)
{
	uint32_t room = iface->mtu > IP_MTU_MIN ? iface->mtu : IP_MTU_MIN;

	*out = (struct dhcpc_self){.mac = o->has_mac ? o->mac : iface->mac, .opts = o};
	if (o->is_mac_random || (o->is_anonymous && !o->has_mac)) {
		rnd_fill(rnd, out->mac.bytes, 6);
		out->mac.bytes[0] = (uint8_t)((out->mac.bytes[0] & 0xfc) | 2);
	}
	if (room > DHCPC_MSG_MAX + IP_UDP_LEN)
		room = DHCPC_MSG_MAX + IP_UDP_LEN;
	/* Without it servers leave out what does not fit in 548 octets, and say nothing. */
	out->max_size = (uint16_t)room;
	if (o->no_id)
		return 0;
	if (make_id(o->id ? o->id : "mac", out) < 0)
		return why_set(
			why, E_BAD,
			"option --clientid: '%s' is not mac, duid, none, hex:0102.. or a text of 1 to %d octets",
			o->id, DHCPC_ID_MAX - 1);
	return 0;
}

void dhcpc_broadcast(struct dhcpc_ask *ask)
{
	ask->dst = (struct addr){.len = 4, .bytes = {255, 255, 255, 255}};
	memset(ask->dst_mac.bytes, 0xff, 6);
}

static void put_text(struct wr *w, uint8_t code, const char *text)
{
	if (text)
		dhcp_put(w, code, text, strlen(text));
}

/* RFC 4702 2.1: the server is to update the DNS; the name in wire form. */
static void put_fqdn(struct wr *w, const char *name)
{
	uint8_t buf[260];
	struct wr v = wr_make(buf, sizeof(buf));

	wr_u8(&v, 0x05); /* S and E */
	wr_u16(&v, 0);
	while (*name) {
		size_t n = strcspn(name, ".");

		wr_u8(&v, (uint8_t)n);
		wr_bytes(&v, name, n);
		name += n + (name[n] == '.');
	}
	wr_u8(&v, 0);
	if (!v.bad)
		dhcp_put(w, DHCP_OPT_FQDN, buf, v.len);
}

static void put_params(struct wr *w, const struct dhcpc_opts *o)
{
	uint8_t list[sizeof(usual) + DHCPC_PARAMS + 1];
	struct wr v = wr_make(list, sizeof(list));

	if (!o->is_bare)
		wr_bytes(&v, o->is_anonymous ? anonymous : usual,
			 o->is_anonymous ? sizeof(anonymous) : sizeof(usual));
	if (o->wants_v6only)
		wr_u8(&v, DHCP_OPT_V6ONLY);
	for (unsigned i = 0; i < o->n_params; i++)
		if (!memchr(list, o->params[i], v.len))
			wr_u8(&v, o->params[i]);
	if (v.len)
		dhcp_put(w, DHCP_OPT_PARAMETERS, list, v.len);
}

/* Table 5: what DECLINE and RELEASE must not carry. */
static void put_wishes(struct wr *w, const struct dhcpc_self *self)
{
	const struct dhcpc_opts *o = self->opts;
	uint8_t class[256];

	dhcp_put_u16(w, DHCP_OPT_MAX_SIZE, self->max_size);
	put_text(w, DHCP_OPT_VENDOR_CLASS, o->is_anonymous ? NULL : o->vendor);
	put_text(w, DHCP_OPT_HOSTNAME, o->hostname);
	if (o->fqdn)
		put_fqdn(w, o->fqdn);
	if (o->user_class) {
		class[0] = (uint8_t)strlen(o->user_class);
		memcpy(class + 1, o->user_class, class[0]);
		dhcp_put(w, DHCP_OPT_USER_CLASS, class, class[0] + 1u);
	}
	wr_bytes(w, o->send, o->send_len);
	put_params(w, o);
}

int dhcpc_msg_build(const struct dhcpc_self *self, const struct dhcpc_ask *ask, struct wr *out)
{
	bool is_last_word = ask->type == DHCP_RELEASE || ask->type == DHCP_DECLINE;
	struct dhcp_head h = {
		.op = DHCP_BOOTREQUEST,
		.htype = 1,
		.hlen = 6,
		.xid = ask->xid,
		.secs = is_last_word ? 0 : ask->secs,
		.flags = self->opts->is_broadcast && !is_last_word ? DHCP_FLAG_BROADCAST : 0,
		.ciaddr = ask->ciaddr,
	};

	memcpy(h.chaddr, self->mac.bytes, 6);
	dhcp_put_head(out, &h);
	dhcp_put_u8(out, DHCP_OPT_TYPE, (uint8_t)ask->type);
	if (self->id_len)
		dhcp_put(out, DHCP_OPT_CLIENT_ID, self->id, self->id_len);
	if (!addr_is_any(&ask->requested))
		dhcp_put_addr(out, DHCP_OPT_REQUESTED_IP, &ask->requested);
	if (!addr_is_any(&ask->server))
		dhcp_put_addr(out, DHCP_OPT_SERVER_ID, &ask->server);
	if (ask->is_rapid)
		dhcp_put(out, DHCP_OPT_RAPID_COMMIT, "", 0);
	put_text(out, DHCP_OPT_MESSAGE, ask->message);
	if (!is_last_word)
		put_wishes(out, self);
	if (ask->is_unpadded)
		wr_u8(out, DHCP_OPT_END);
	else
		dhcp_put_end(out);
	return wr_done(out);
}

int dhcpc_frame_build(const struct dhcpc_self *self, const struct dhcpc_ask *ask,
		      struct pkt *builder, struct wr *out, struct why *why)
{
	uint8_t msg[DHCPC_FRAME_MAX];
	struct wr w = wr_make(msg, sizeof(msg));
	struct pkt_spec spec;

	if (dhcpc_msg_build(self, ask, &w) < 0)
		return why_set(why, E_FULL, "the options to be sent do not fit in a packet");
	spec = recipe_udp(&ask->ciaddr, &ask->dst, DHCP_CLIENT_PORT, DHCP_SERVER_PORT, msg, w.len);
	spec.from = PKT_FROM_ETH;
	spec.eth.src = self->mac;
	spec.eth.dst = ask->dst_mac;
	return pkt_build(builder, &spec, out, why);
}
