/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fields of UDP, TCP and TCP options mean. */
#include "wire/dhcp.h"
#include "wire/walk.h"

/* Ports that a user of these tools meets. IANA service name registry. */
static const char *port_text(uint16_t port)
{
	switch (port) {
	case 7: return "echo";
	case 9: return "discard";
	case 20: return "ftp-data";
	case 21: return "ftp";
	case 22: return "ssh";
	case 23: return "telnet";
	case 25: return "smtp";
	case 53: return "domain";
	case 67: return "bootps";
	case 68: return "bootpc";
	case 69: return "tftp";
	case 80: return "http";
	case 123: return "ntp";
	case 161: return "snmp";
	case 179: return "bgp";
	case 443: return "https";
	case 546: return "dhcpv6-client";
	case 547: return "dhcpv6-server";
	case 853: return "domain-s";
	case 5353: return "mdns";
	case 33434: return "where traceroute starts";
	}
	if (port < 1024)
		return "a system port";
	return port < 49152 ? "a user port" : "a dynamic port, picked for this exchange";
}

/* RFC 2131 4.1; a relay sends from the server's port too. */
static bool is_dhcp(uint16_t src_port, uint16_t dst_port)
{
	return src_port == DHCP_SERVER_PORT || dst_port == DHCP_SERVER_PORT;
}

/* Whether the payload is a DNS message: by the port, and nobody has named parts of it. */
static bool is_dns(const struct walk *w, uint16_t src_port, uint16_t dst_port)
{
	uint16_t port = w->in->dns_port ? w->in->dns_port : 53;

	return !w->in->n_parts &&
	       (src_port == port || dst_port == port || src_port == 53 || dst_port == 53);
}

static uint16_t explain_port(struct walk *w, const char *name)
{
	uint16_t port = walk_u16(w, name);

	walk_mean(w, "%s", port_text(port));
	return port;
}

void explain_udp(struct walk *w)
{
	size_t here = walk_left(w), old_end;
	uint16_t src_port, dst_port, len;

	walk_layer(w, "UDP", "RFC 768");
	src_port = explain_port(w, "Source Port");
	dst_port = explain_port(w, "Destination Port");
	len = walk_u16(w, "Length");
	if (len && len < UDP_HDR_LEN)
		walk_mean(w, "malformed: less than the header");
	else
		walk_mean(w, "octets of header and payload");
	if (len > here)
		walk_mean(w, "; %zu are here", here);
	walk_l4_csum(w);
	if (len && len < UDP_HDR_LEN) {
		walk_bad(w, "the length leaves no payload");
		return;
	}
	old_end = walk_enter(w, len ? len - (size_t)UDP_HDR_LEN : walk_left(w));
	if (is_dhcp(src_port, dst_port))
		explain_dhcp(w);
	walk_layer(w, "Data", "RFC 768");
	if (is_dns(w, src_port, dst_port) && walk_left(w))
		explain_dns(w);
	else
		walk_payload(w, "RFC 768", "for the program at the port");
	walk_leave(w, old_end);
}

static const char *kind_text(uint8_t kind)
{
	switch (kind) {
	case TCP_OPT_END: return "end of the options";
	case TCP_OPT_NOP: return "no operation: fills up to a boundary";
	case TCP_OPT_MSS: return "maximum segment size";
	case TCP_OPT_WSCALE: return "window scale";
	case TCP_OPT_SACK_OK: return "selective acknowledgments are permitted";
	case TCP_OPT_SACK: return "selective acknowledgment";
	case TCP_OPT_TIMESTAMP: return "timestamps";
	case TCP_OPT_MD5: return "MD5 signature";
	case TCP_OPT_USER_TIMEOUT: return "user timeout";
	case TCP_OPT_AO: return "authentication";
	case 30: return "multipath TCP";
	case TCP_OPT_FAST_OPEN: return "fast open cookie";
	}
	return "not a known option";
}

static const char *kind_rfc(uint8_t kind)
{
	switch (kind) {
	case TCP_OPT_WSCALE: return "RFC 7323 2.2";
	case TCP_OPT_SACK_OK: return "RFC 2018 2";
	case TCP_OPT_SACK: return "RFC 2018 3";
	case TCP_OPT_TIMESTAMP: return "RFC 7323 3.2";
	case TCP_OPT_MD5: return "RFC 2385 3";
	case TCP_OPT_USER_TIMEOUT: return "RFC 5482 4";
	case TCP_OPT_AO: return "RFC 5925 2.2";
	case 30: return "RFC 8684 3";
	case TCP_OPT_FAST_OPEN: return "RFC 7413 4.1.1";
	}
	return "RFC 9293 3.2";
}

static void explain_option_data(struct walk *w, const struct tcp_opt *o)
{
	if (o->is_bad) {
		walk_bad(w, "not the length that this option has");
		return;
	}
	switch (o->kind) {
	case TCP_OPT_END:
		walk_hex(w, walk_left(w), "Padding");
		walk_mean(w, "fills the header to whole words of 4 octets");
		break;
	case TCP_OPT_MSS:
		(void)walk_u16(w, "Maximum Segment Size");
		walk_mean(w, "octets of payload that the sender can take at once");
		break;
	case TCP_OPT_WSCALE:
		(void)walk_u8(w, "shift.cnt");
		walk_mean(w, "windows of the sender count in units of %u octets",
			  1u << (o->wscale < 14 ? o->wscale : 14));
		break;
	case TCP_OPT_SACK:
		for (unsigned i = 0; i < o->n_sacks; i++) {
			(void)walk_u32(w, "Left Edge of Block");
			walk_mean(w, "arrived out of order, from here");
			(void)walk_u32(w, "Right Edge of Block");
			walk_mean(w, "up to before here");
		}
		break;
	case TCP_OPT_TIMESTAMP:
		(void)walk_u32(w, "TS Value");
		walk_mean(w, "the sender's clock, in units of its own");
		(void)walk_u32(w, "TS Echo Reply");
		walk_mean(w, "the receiver's clock, as it came last");
		break;
	}
	walk_hex(w, walk_left(w), "Option Data");
	walk_mean(w, "not explained here");
}

static void explain_options(struct walk *w, size_t opts_len)
{
	size_t old_end = walk_enter(w, opts_len);
	struct rd r = rd_make(w->in->bytes + w->pos, walk_left(w));
	struct tcp_opt o;

	while (tcp_opt_next(&r, &o) > 0) {
		size_t opts_end = walk_enter(w, o.len);

		walk_layer(w, "TCP", kind_rfc(o.kind));
		(void)walk_u8(w, "Kind");
		walk_mean(w, "%s", kind_text(o.kind));
		if (o.kind != TCP_OPT_END && o.kind != TCP_OPT_NOP) {
			(void)walk_u8(w, "Length");
			walk_mean(w, "octets, kind and length included");
		}
		explain_option_data(w, &o);
		walk_leave(w, opts_end);
	}
	walk_bad(w, "the option does not end in the header");
	walk_leave(w, old_end);
}

static void flags_meaning(struct walk *w, unsigned flags)
{
	static const char *const names[] = {
		"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE",
	};
	const char *between = "";

	for (unsigned i = 0; i < 9; i++) {
		if (flags >> i & 1) {
			walk_mean(w, "%s%s", between, names[i]);
			between = ", ";
		}
	}
	if (flags & TCP_F_RST)
		walk_mean(w, ": refuses the connection or breaks it off");
	else if ((flags & (TCP_F_SYN | TCP_F_ACK)) == TCP_F_SYN)
		walk_mean(w, ": opens a connection");
	else if (flags & TCP_F_SYN)
		walk_mean(w, ": agrees to open it");
	else if (flags & TCP_F_FIN)
		walk_mean(w, ": has no more to send");
	else if (!flags)
		walk_mean(w, "no flag at all: not a segment TCP sends");
}

static unsigned explain_flags(struct walk *w, uint8_t *hdr_len)
{
	const uint8_t *p = walk_bytes(w, 2, "DOffset + Rsrvd + Flags");
	unsigned flags = (p[0] & 1u) << 8 | p[1];

	*hdr_len = (uint8_t)(p[0] >> 4 << 2);
	walk_value(w, "%u + %u + 0x%03x", p[0] >> 4, p[0] >> 1 & 7, flags);
	walk_mean(w, "a header of %u octets; ", *hdr_len);
	flags_meaning(w, flags);
	return flags;
}

void explain_tcp(struct walk *w)
{
	size_t start = w->pos;
	unsigned flags;
	uint16_t src, dst;
	uint8_t hdr_len;

	walk_layer(w, "TCP", "RFC 9293 3.1");
	src = explain_port(w, "Source Port");
	dst = explain_port(w, "Destination Port");
	(void)walk_u32(w, "Sequence Number");
	walk_mean(w, "of the first octet of this segment, or of its SYN");
	(void)walk_u32(w, "Acknowledgment Number");
	walk_mean(w, "the next octet that the sender expects, if ACK is set");
	flags = explain_flags(w, &hdr_len);
	(void)walk_u16(w, "Window");
	walk_mean(w, flags & TCP_F_SYN ? "octets the sender has room for" :
					 "room the sender has, in the units of its window scale");
	walk_l4_csum(w);
	(void)walk_u16(w, "Urgent Pointer");
	walk_mean(w, flags & TCP_F_URG ? "octets up to the end of urgent data" :
					 "not used: URG is not set");
	if (w->pos - start < 20)
		return;
	if (hdr_len < 20) {
		walk_bad(w, "the header tells less than its own 20 octets");
		return;
	}
	explain_options(w, hdr_len - 20u);
	walk_layer(w, "Data", "RFC 9293 3.1");
	if (is_dns(w, src, dst) && walk_left(w))
		explain_dns_tcp(w);
	else
		walk_payload(w, "RFC 9293 3.1", "for the program at the port");
}
