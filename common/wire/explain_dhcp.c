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

	walk_mean(w, "%s", v == DHCP_BOOTREQUEST ? "BOOTREQUEST: from a client" :
			   v == DHCP_BOOTREPLY	 ? "BOOTREPLY: from a server" :
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
	walk_mean(w, addr_is_any(&a) ? "no boot server" :
				       "the server for the next step of booting, not the DHCP server");
	a = walk_addr(w, 4, "giaddr");
	walk_mean(w, addr_is_any(&a) ? "no relay" : "the relay; the server answers to it");
	walk_hex(w, 6, "chaddr");
	walk_mean(w, "hardware address of the client");
	walk_hex(w, DHCP_CHADDR_LEN - 6, "chaddr padding");
	walk_mean(w, "room for longer hardware addresses");
}

static void explain_value(struct walk *w, uint8_t code, size_t len)
{
	const struct dhcp_option *o = dhcp_option_get(code);
	size_t n = len < walk_left(w) ? len : walk_left(w);
	const uint8_t *at = w->in->bytes + w->pos;
	char text[EXPLAIN_VALUE_MAX];
	struct text t = text_make(text, sizeof(text));
	int err;

	if (!len)
		return;
	err = dhcp_option_text(code, at, n, DHCP_FOR_PEOPLE, &t);
	(void)walk_bytes(w, len, "value");
	walk_value(w, "%s", text);
	if (t.cut)
		walk_mean(w, "(more than fits here) ");
	if (err < 0)
		walk_mean(w, "breaks the rules of this option, or is one piece of a longer one");
	else if (code == DHCP_OPT_MAX_SIZE)
		walk_mean(w, "octets of the longest message that the sender takes");
	else if (code == DHCP_OPT_SERVER_ID)
		walk_mean(w, "which server is meant, or answers");
	else if (code == DHCP_OPT_REQUESTED_IP)
		walk_mean(w, "the address that the client asks for (not in ciaddr)");
	else if (!o)
		walk_mean(w, "of no option that is known here");
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
		explain_value(w, code, len);
	}
	walk_layer(w, "DHCP", "RFC 951 3");
	if (walk_rest(w, "padding"))
		walk_mean(w, "fills the message up to 300 octets, as old relays want it");
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

	/* Only for the overload: whatever is wrong with the message is said where it stands. */
	(void)dhcp_parse(w->in->bytes + w->pos, walk_left(w), &m);
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
	(void)walk_rest(w, "data");
}
