/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fields of ICMP and ICMPv6 messages mean. */
#include "wire/walk.h"

struct icmp_word {
	uint8_t type;
	const char *text, *rfc;
};

static const struct icmp_word words4[] = {
	{ICMP_V4_ECHO_REPLY, "echo reply", "RFC 792 p.14"},
	{ICMP_V4_UNREACHABLE, "destination unreachable", "RFC 792 p.4"},
	{ICMP_V4_SOURCE_QUENCH, "source quench: to be ignored", "RFC 6633 3"},
	{ICMP_V4_REDIRECT, "redirect: a better first hop", "RFC 792 p.12"},
	{ICMP_V4_ECHO_REQUEST, "echo request", "RFC 792 p.14"},
	{ICMP_V4_ROUTER_ADVERT, "router advertisement", "RFC 1256 3"},
	{ICMP_V4_ROUTER_SOLICIT, "router solicitation", "RFC 1256 3"},
	{ICMP_V4_TIME_EXCEEDED, "time exceeded", "RFC 792 p.6"},
	{ICMP_V4_PARAMETER, "parameter problem", "RFC 792 p.8"},
	{ICMP_V4_TIMESTAMP, "timestamp request", "RFC 792 p.16"},
	{ICMP_V4_TIMESTAMP_REPLY, "timestamp reply", "RFC 792 p.16"},
	{ICMP_V4_INFO, "information request", "RFC 792 p.18"},
	{ICMP_V4_INFO_REPLY, "information reply", "RFC 792 p.18"},
	{ICMP_V4_MASK, "address mask request", "RFC 950 App. I"},
	{ICMP_V4_MASK_REPLY, "address mask reply", "RFC 950 App. I"},
	{ICMP_V4_XECHO_REQUEST, "extended echo request", "RFC 8335 2"},
	{ICMP_V4_XECHO_REPLY, "extended echo reply", "RFC 8335 3"},
	{0, NULL, NULL},
};

static const struct icmp_word words6[] = {
	{ICMP_V6_UNREACHABLE, "destination unreachable", "RFC 4443 3.1"},
	{ICMP_V6_TOO_BIG, "packet too big", "RFC 4443 3.2"},
	{ICMP_V6_TIME_EXCEEDED, "time exceeded", "RFC 4443 3.3"},
	{ICMP_V6_PARAMETER, "parameter problem", "RFC 4443 3.4"},
	{ICMP_V6_ECHO_REQUEST, "echo request", "RFC 4443 4.1"},
	{ICMP_V6_ECHO_REPLY, "echo reply", "RFC 4443 4.2"},
	{ICMP_V6_MLD_QUERY, "multicast listener query", "RFC 3810 5.1"},
	{ICMP_V6_MLD_REPORT, "multicast listener report", "RFC 2710 3"},
	{ICMP_V6_MLD_DONE, "multicast listener done", "RFC 2710 3"},
	{ICMP_V6_ROUTER_SOLICIT, "router solicitation", "RFC 4861 4.1"},
	{ICMP_V6_ROUTER_ADVERT, "router advertisement", "RFC 4861 4.2"},
	{ICMP_V6_NEIGHBOR_SOLICIT, "neighbor solicitation: who has the target?", "RFC 4861 4.3"},
	{ICMP_V6_NEIGHBOR_ADVERT, "neighbor advertisement: the target is here", "RFC 4861 4.4"},
	{ICMP_V6_REDIRECT, "redirect: a better first hop", "RFC 4861 4.5"},
	{ICMP_V6_MLD2_REPORT, "multicast listener report, version 2", "RFC 3810 5.2"},
	{ICMP_V6_XECHO_REQUEST, "extended echo request", "RFC 8335 2"},
	{ICMP_V6_XECHO_REPLY, "extended echo reply", "RFC 8335 3"},
	{0, NULL, NULL},
};

static const struct icmp_word *find_word(bool is_v6, uint8_t type)
{
	static const struct icmp_word unknown = {0, "not a known type", "RFC 792 p.20"};
	const struct icmp_word *word = is_v6 ? words6 : words4;

	for (; word->text; word++)
		if (word->type == type)
			return word;
	return &unknown;
}

static bool is_xecho_reply(bool is_v6, uint8_t type)
{
	return type == (is_v6 ? ICMP_V6_XECHO_REPLY : ICMP_V4_XECHO_REPLY);
}

static void code_meaning(struct walk *w, bool is_v6, const struct icmp_hdr *h)
{
	static const char *const probe_codes[] = {
		"no error",
		"malformed query",
		"no such interface",
		"no such table entry",
		"several interfaces fit",
	};
	char text[ICMP_TEXT_MAX];

	if (icmp_is_error(is_v6, h->type))
		walk_mean(w, "%s", icmp_text(is_v6, h->type, h->code, h->info, text));
	else if (is_xecho_reply(is_v6, h->type) && h->code < 5)
		walk_mean(w, "%s", probe_codes[h->code]);
	else if (h->code)
		walk_mean(w, "should be 0");
	else
		walk_mean(w, "this type has no other codes");
}

static void explain_unused(struct walk *w, size_t n)
{
	walk_hex(w, n, "Unused");
	walk_mean(w, "ignored");
}

/* The length field of RFC 4884, where messages without an extension have a 0. */
static void explain_length(struct walk *w, bool is_v6)
{
	uint8_t v = walk_u8(w, "Length");
	unsigned octets = v * (is_v6 ? 8u : 4u);

	walk_rfc(w, "RFC 4884 4");
	if (!v)
		walk_mean(w, "no extension is announced");
	else if (octets < 128)
		walk_mean(w, "malformed: a quote of %u octets is less than 128", octets);
	else
		walk_mean(w, "the quote takes %u octets, an extension follows", octets);
}

static void explain_id_seq(struct walk *w)
{
	(void)walk_x16(w, "Identifier");
	walk_mean(w, "tells this sender's messages from others; comes back unchanged");
	(void)walk_u16(w, "Sequence Number");
	walk_mean(w, "tells one message from the next; comes back unchanged");
}

static void explain_mtu(struct walk *w, uint32_t mtu, uint32_t least)
{
	if (mtu < least)
		walk_mean(w, "less than any link may have: not to be believed");
	else
		walk_mean(w, "octets that the next link takes; send no larger packets");
}

static void explain_xecho(struct walk *w, bool is_reply)
{
	static const char *const states[] = {
		"not told", "incomplete", "reachable", "stale",
		"delay",    "probe",      "failed",    "reserved",
	};
	const uint8_t *p;

	(void)walk_x16(w, "Identifier");
	walk_mean(w, "tells this sender's messages from others; comes back unchanged");
	(void)walk_u8(w, "Sequence Number");
	walk_mean(w, "tells one message from the next; comes back unchanged");
	if (!is_reply) {
		p = walk_bytes(w, 1, "Reserved + L");
		walk_value(w, "0x%02x + %u", p[0] >> 1, p[0] & 1);
		walk_mean(w, p[0] & 1 ? "asks about an interface of the node itself" :
					"asks about a neighbor of the node");
		return;
	}
	p = walk_bytes(w, 1, "State + Res + A + 4 + 6");
	walk_value(w, "%u + %u + %u + %u + %u", p[0] >> 5, p[0] >> 3 & 3, p[0] >> 2 & 1,
		   p[0] >> 1 & 1, p[0] & 1);
	walk_mean(w, "neighbor cache: %s; interface %s, IPv4 %s, IPv6 %s", states[p[0] >> 5],
		  p[0] & 4 ? "active" : "not active", p[0] & 2 ? "runs" : "does not run",
		  p[0] & 1 ? "runs" : "does not run");
}

static void explain_rest4(struct walk *w, const struct icmp_hdr *h)
{
	uint8_t v;

	switch (h->type) {
	case ICMP_V4_UNREACHABLE:
		explain_unused(w, 1);
		explain_length(w, false);
		if (h->code != ICMP_V4_FRAG_NEEDED) {
			explain_unused(w, 2);
			break;
		}
		(void)walk_u16(w, "Next-Hop MTU");
		walk_rfc(w, "RFC 1191 4");
		if (h->info)
			explain_mtu(w, h->info, 68);
		else
			walk_mean(w, "0: an old router that does not tell it");
		break;
	case ICMP_V4_TIME_EXCEEDED:
		explain_unused(w, 1);
		explain_length(w, false);
		explain_unused(w, 2);
		break;
	case ICMP_V4_PARAMETER:
		v = walk_u8(w, "Pointer");
		walk_mean(w, "octet %u of the quoted packet is at fault", v);
		explain_length(w, false);
		explain_unused(w, 2);
		break;
	case ICMP_V4_REDIRECT:
		(void)walk_addr(w, 4, "Gateway Internet Address");
		walk_mean(w, "the router to use for this destination");
		break;
	case ICMP_V4_SOURCE_QUENCH:
	case ICMP_V4_ROUTER_SOLICIT: explain_unused(w, 4); break;
	case ICMP_V4_ROUTER_ADVERT:
		(void)walk_u8(w, "Num Addrs");
		walk_mean(w, "routers that follow");
		(void)walk_u8(w, "Addr Entry Size");
		walk_mean(w, "words of 4 octets");
		(void)walk_u16(w, "Lifetime");
		walk_mean(w, "seconds that the addresses are good for");
		break;
	case ICMP_V4_XECHO_REQUEST:
	case ICMP_V4_XECHO_REPLY: explain_xecho(w, h->type == ICMP_V4_XECHO_REPLY); break;
	case ICMP_V4_ECHO_REPLY:
	case ICMP_V4_ECHO_REQUEST:
	case ICMP_V4_TIMESTAMP:
	case ICMP_V4_TIMESTAMP_REPLY:
	case ICMP_V4_INFO:
	case ICMP_V4_INFO_REPLY:
	case ICMP_V4_MASK:
	case ICMP_V4_MASK_REPLY: explain_id_seq(w); break;
	default: walk_hex(w, 4, "Rest of Header"); walk_mean(w, "depends on the type");
	}
}

static void explain_rest6(struct walk *w, const struct icmp_hdr *h)
{
	uint32_t v;

	switch (h->type) {
	case ICMP_V6_UNREACHABLE:
	case ICMP_V6_TIME_EXCEEDED:
		explain_length(w, true);
		explain_unused(w, 3);
		break;
	case ICMP_V6_TOO_BIG:
		v = walk_u32(w, "MTU");
		explain_mtu(w, v, 1280);
		break;
	case ICMP_V6_PARAMETER:
		v = walk_u32(w, "Pointer");
		walk_mean(w, "octet %u of the quoted packet is at fault", v);
		break;
	case ICMP_V6_XECHO_REQUEST:
	case ICMP_V6_XECHO_REPLY: explain_xecho(w, h->type == ICMP_V6_XECHO_REPLY); break;
	case ICMP_V6_ECHO_REQUEST:
	case ICMP_V6_ECHO_REPLY: explain_id_seq(w); break;
	default: walk_hex(w, 4, "Message Body"); walk_mean(w, "depends on the type");
	}
}

static void explain_time(struct walk *w, const char *name)
{
	uint32_t v = walk_u32(w, name), s = v / 1000;

	if (v & 0x80000000)
		walk_mean(w, "not in milliseconds since midnight UT");
	else
		walk_mean(w, "%02u:%02u:%02u.%03u UT", s / 3600, s / 60 % 60, s % 60, v % 1000);
}

/* What IPv4 queries carry behind their eight octets. */
static void explain_query4(struct walk *w, uint8_t type)
{
	if (type == ICMP_V4_TIMESTAMP || type == ICMP_V4_TIMESTAMP_REPLY) {
		explain_time(w, "Originate Timestamp");
		explain_time(w, "Receive Timestamp");
		explain_time(w, "Transmit Timestamp");
	} else if (type == ICMP_V4_MASK || type == ICMP_V4_MASK_REPLY) {
		(void)walk_addr(w, 4, "Address Mask");
		walk_mean(w, "of the link");
	}
	while (type == ICMP_V4_ROUTER_ADVERT && walk_left(w) >= 8) {
		(void)walk_addr(w, 4, "Router Address");
		walk_mean(w, "of a router on the link");
		(void)walk_x32(w, "Preference Level");
		walk_mean(w, "the highest is the best, signed");
	}
}

static void explain_error(struct walk *w, bool is_v6, const struct icmp_hdr *h)
{
	struct rd body = rd_make(w->in->bytes + w->pos, walk_left(w));
	struct icmpext ext;
	size_t old_end;

	icmpext_find(is_v6, h, &body, &ext);
	old_end = walk_enter(w, ext.quote_len);
	explain_quote(w);
	walk_leave(w, old_end);
	if (walk_left(w))
		explain_icmpext(w);
}

static bool is_nd(uint8_t type)
{
	return type >= ICMP_V6_ROUTER_SOLICIT && type <= ICMP_V6_REDIRECT;
}

static bool is_mld(uint8_t type)
{
	return (type >= ICMP_V6_MLD_QUERY && type <= ICMP_V6_MLD_DONE) ||
	       type == ICMP_V6_MLD2_REPORT;
}

static const char *data_meaning(bool is_v6, uint8_t type)
{
	if (type == (is_v6 ? ICMP_V6_ECHO_REQUEST : ICMP_V4_ECHO_REQUEST))
		return "to come back unchanged";
	if (type == (is_v6 ? ICMP_V6_ECHO_REPLY : ICMP_V4_ECHO_REPLY))
		return "must be what the request carried";
	return "behind the message";
}

void explain_icmp(struct walk *w, bool is_v6)
{
	struct rd r = rd_make(w->in->bytes + w->pos, walk_left(w));
	const struct icmp_word *word;
	struct icmp_hdr h;
	bool is_whole = icmp_parse(&r, is_v6, &h) == 0;

	word = find_word(is_v6, h.type);
	walk_layer(w, is_v6 ? "ICMPv6" : "ICMP", word->rfc);
	(void)walk_u8(w, "Type");
	walk_mean(w, "%s", word->text);
	(void)walk_u8(w, "Code");
	code_meaning(w, is_v6, &h);
	walk_l4_csum(w);
	if (is_v6 && is_nd(h.type)) {
		explain_nd(w, h.type);
		return;
	}
	if (is_v6 && is_mld(h.type)) {
		explain_mld(w, h.type);
		return;
	}
	(is_v6 ? explain_rest6 : explain_rest4)(w, &h);
	if (!is_whole)
		return;
	if (icmp_is_error(is_v6, h.type))
		explain_error(w, is_v6, &h);
	else if (h.type == (is_v6 ? ICMP_V6_XECHO_REQUEST : ICMP_V4_XECHO_REQUEST))
		explain_icmpext(w);
	else if (!is_v6)
		explain_query4(w, h.type);
	walk_payload(w, word->rfc, data_meaning(is_v6, h.type));
}
