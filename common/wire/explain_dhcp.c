/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fields and options of a DHCP message mean. */
#include "wire/dhcp.h"
#include "wire/dhcp_option.h"
#include "wire/walk.h"

#define FIXED "RFC 2131 2"

static void explain_start(struct walk *w)
{
	uint8_t v = walk_u8(w, "op");
	uint16_t flags;

	walk_mean(w, "%s",
		  v == DHCP_BOOTREQUEST ? "BOOTREQUEST: from a client" :
		  v == DHCP_BOOTREPLY   ? "BOOTREPLY: from a server" :
					  "no kind of message");
	v = walk_u8(w, "htype");
	walk_mean(w, "%s", v == 1 ? "Ethernet" : "another kind of hardware");
	(void)walk_u8(w, "hlen");
	walk_mean(w, "octets of a hardware address");
	v = walk_u8(w, "hops");
	walk_mean(w, v ? "relays that it has come through" : "no relay has passed it on");
	(void)walk_x32(w, "xid");
	walk_mean(w, "the client's number for this exchange; answers repeat it");
	(void)walk_u16(w, "secs");
	walk_mean(w, "seconds since the client began; a REQUEST repeats that of its DISCOVER");
	flags = walk_x16(w, "flags");
	walk_mean(w, flags & DHCP_FLAG_BROADCAST ?
			     "answers are to be broadcast" :
			     "answers may be sent to the client's MAC address alone");
}

static void explain_addrs(struct walk *w)
{
	struct addr a = walk_addr(w, 4, "ciaddr");

	walk_mean(w, addr_is_any(&a) ? "the client has no address that it uses (one that it asks "
				       "for stands in option 50)" :
				       "the address that the client has and uses");
	a = walk_addr(w, 4, "yiaddr");
	walk_mean(w, addr_is_any(&a) ? "no address is given" : "the address for the client");
	a = walk_addr(w, 4, "siaddr");
	walk_mean(w, addr_is_any(&a) ?
			     "no boot server" :
			     "the server for the next step of booting, not the DHCP server");
	a = walk_addr(w, 4, "giaddr");
	walk_mean(w, addr_is_any(&a) ? "no relay" : "the relay; the server answers to it");
	walk_hex(w, 6, "chaddr");
	walk_mean(w, "hardware address of the client");
	walk_hex(w, DHCP_CHADDR_LEN - 6, "chaddr padding");
	walk_mean(w, "room for longer hardware addresses");
}

static const char *kind_meaning(const struct dhcp_option *o)
{
	switch (o ? o->kind : DHCP_KIND_HEX) {
	case DHCP_KIND_SECONDS: return "a time, in seconds";
	case DHCP_KIND_ADDR: return "an IPv4 address";
	case DHCP_KIND_ADDRS: return "IPv4 addresses, the preferred first";
	case DHCP_KIND_PAIRS: return "pairs of IPv4 addresses";
	case DHCP_KIND_TEXT: return "a text, not ended by NUL";
	case DHCP_KIND_TYPE: return "what kind of message this is";
	case DHCP_KIND_CODES: return "options that the client would like to have, in its order";
	case DHCP_KIND_ID: return "who the client is, the same in all its messages";
	case DHCP_KIND_DOMAINS: return "domain names; pointers count from the start of the option";
	case DHCP_KIND_ROUTES: return "routes; they replace options 3 and 33";
	default: return o ? "the value" : "of an option that is not known here";
	}
}

static const char *value_meaning(uint8_t code, const struct dhcp_option *o)
{
	switch (code) {
	case DHCP_OPT_MASK: return "the network part of the address";
	case DHCP_OPT_REQUESTED_IP: return "the address that the client asks for (not in ciaddr)";
	case DHCP_OPT_LEASE: return "how long the address may be used, in seconds";
	case DHCP_OPT_SERVER_ID: return "which server is meant, or answers";
	case DHCP_OPT_MAX_SIZE: return "octets of the longest message that the sender takes";
	case DHCP_OPT_T1: return "when the client asks its server for more time, in seconds";
	case DHCP_OPT_T2: return "when it asks any server, in seconds";
	default: return kind_meaning(o);
	}
}

static void explain_value(struct walk *w, uint8_t code, const struct dhcp_option *o, size_t len)
{
	size_t n = len < walk_left(w) ? len : walk_left(w);
	const uint8_t *at = w->in->bytes + w->pos;
	char text[EXPLAIN_VALUE_MAX];
	struct text t = text_make(text, sizeof(text));
	int err = dhcp_option_text(code, at, n, DHCP_FOR_PEOPLE, &t);

	if (!len)
		return;
	(void)walk_bytes(w, len, o ? o->name : "value");
	walk_value(w, "%s", *text ? text : "(empty)");
	walk_mean(w, "%s%s", value_meaning(code, o), t.cut ? " (more than fits here)" : "");
	if (err < 0)
		walk_mean(w, "; not as its rules are, unless it is one piece of a longer one");
}

static void explain_options(struct walk *w)
{
	while (walk_left(w)) {
		uint8_t code = w->in->bytes[w->pos];
		const struct dhcp_option *o = dhcp_option_get(code);
		uint8_t len;

		walk_layer(w, "DHCP", o ? o->rfc : "RFC 2132 2");
		(void)walk_u8(w, "option");
		if (code == DHCP_OPT_PAD) {
			walk_mean(w, "pad: fills up");
			continue;
		}
		if (code == DHCP_OPT_END) {
			walk_mean(w, "end of the options");
			break;
		}
		walk_mean(w, "%s", o ? o->name : "not known here");
		len = walk_u8(w, "length");
		walk_mean(w, len > walk_left(w) ? "malformed: more octets than are left" :
						  "octets of the value");
		explain_value(w, code, o, len);
	}
	walk_layer(w, "DHCP", "RFC 951 3");
	if (walk_rest(w, "padding")) {
		walk_count(w);
		walk_mean(w, "fills the message up to 300 octets, as old relays want it");
	}
}

/* `file` and `sname`: options if option 52 says so, else a text that is mostly empty. */
static void explain_field(struct walk *w, size_t len, const char *name, bool has_options,
			  const char *meaning)
{
	size_t old_end;

	if (!has_options) {
		walk_text(w, len, name);
		walk_mean(w, "%s", meaning);
		return;
	}
	old_end = walk_enter(w, len);
	explain_options(w);
	walk_leave(w, old_end);
	walk_layer(w, "DHCP", FIXED);
}

void explain_dhcp(struct walk *w)
{
	struct dhcp_msg m;
	uint32_t cookie;

	/* Only the overload is taken: whatever is wrong is said where it stands. */
	if (dhcp_parse(w->in->bytes + w->pos, walk_left(w), &m) < 0)
		m.overload = 0;
	walk_layer(w, "DHCP", FIXED);
	explain_start(w);
	explain_addrs(w);
	explain_field(w, DHCP_SNAME_LEN, "sname", m.overload & 2, "name of the boot server");
	explain_field(w, DHCP_FILE_LEN, "file", m.overload & 1, "name of the boot file");
	cookie = walk_x32(w, "magic cookie");
	walk_rfc(w, "RFC 2131 3");
	walk_mean(w, cookie == DHCP_COOKIE ? "99.130.83.99: options of RFC 2132 follow" :
					     "not the cookie of DHCP: plain BOOTP, or nonsense");
	if (cookie == DHCP_COOKIE)
		explain_options(w);
	walk_layer(w, "DHCP", FIXED);
	if (walk_rest(w, "data")) {
		walk_count(w);
		walk_mean(w, "without the cookie nobody knows what these are");
	}
}
