/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/icmp.h"

#include "base/text.h"

static void read_error(bool is_v6, struct icmp_hdr *h)
{
	if (is_v6) {
		if (h->type == ICMP_V6_TOO_BIG || h->type == ICMP_V6_PARAMETER)
			h->info = h->rest;
		else if (h->type == ICMP_V6_UNREACHABLE || h->type == ICMP_V6_TIME_EXCEEDED)
			h->orig_len = (uint16_t)((h->rest >> 24) * 8);
		return;
	}
	if (h->type == ICMP_V4_UNREACHABLE && h->code == ICMP_V4_FRAG_NEEDED)
		h->info = h->rest & 0xffff;
	else if (h->type == ICMP_V4_PARAMETER)
		h->info = h->rest >> 24;
	else if (h->type == ICMP_V4_REDIRECT)
		h->info = h->rest;
	if (h->type == ICMP_V4_UNREACHABLE || h->type == ICMP_V4_TIME_EXCEEDED ||
	    h->type == ICMP_V4_PARAMETER)
		h->orig_len = (uint16_t)((h->rest >> 16 & 0xff) * 4);
}

static bool is_xecho(bool is_v6, uint8_t type)
{
	if (is_v6)
		return type == ICMP_V6_XECHO_REQUEST || type == ICMP_V6_XECHO_REPLY;
	return type == ICMP_V4_XECHO_REQUEST || type == ICMP_V4_XECHO_REPLY;
}

static bool is_query(bool is_v6, uint8_t type)
{
	if (is_v6)
		return type == ICMP_V6_ECHO_REQUEST || type == ICMP_V6_ECHO_REPLY;
	return type == ICMP_V4_ECHO_REPLY || type == ICMP_V4_ECHO_REQUEST ||
	       (type >= ICMP_V4_TIMESTAMP && type <= ICMP_V4_MASK_REPLY);
}

int icmp_parse(struct rd *r, bool is_v6, struct icmp_hdr *out)
{
	*out = (struct icmp_hdr){.type = rd_u8(r)};
	out->code = rd_u8(r);
	out->csum = rd_u16(r);
	out->rest = rd_u32(r);
	if (icmp_is_error(is_v6, out->type)) {
		read_error(is_v6, out);
	} else if (is_query(is_v6, out->type)) {
		out->id = (uint16_t)(out->rest >> 16);
		out->seq = (uint16_t)out->rest;
	} else if (is_xecho(is_v6, out->type)) {
		out->id = (uint16_t)(out->rest >> 16);
		out->seq = (uint8_t)(out->rest >> 8);
		out->xecho = (uint8_t)out->rest;
	}
	return rd_done(r);
}

bool icmp_is_error(bool is_v6, uint8_t type)
{
	if (is_v6)
		return type < ICMP_V6_ECHO_REQUEST; /* RFC 4443 2.1: the high bit tells */
	return type == ICMP_V4_UNREACHABLE || type == ICMP_V4_SOURCE_QUENCH ||
	       type == ICMP_V4_REDIRECT || type == ICMP_V4_TIME_EXCEEDED ||
	       type == ICMP_V4_PARAMETER;
}

static const char *const unreachable_v4[] = {
	"Destination Net Unreachable",
	"Destination Host Unreachable",
	"Destination Protocol Unreachable",
	"Destination Port Unreachable",
	"Frag needed and DF set",
	"Source Route Failed",
	"Destination Net Unknown",
	"Destination Host Unknown",
	"Source Host Isolated",
	"Destination Net Prohibited",
	"Destination Host Prohibited",
	"Destination Net Unreachable for Type of Service",
	"Destination Host Unreachable for Type of Service",
	"Packet filtered",
	"Precedence Violation",
	"Precedence Cutoff",
};

static const char *const redirect_v4[] = {
	"Redirect Network",
	"Redirect Host",
	"Redirect Type of Service and Network",
	"Redirect Type of Service and Host",
};

static const char *const exceeded_v4[] = {
	"Time to live exceeded",
	"Frag reassembly time exceeded",
};

static const char *const others_v4[] = {
	[ICMP_V4_ECHO_REPLY] = "Echo Reply",
	[ICMP_V4_SOURCE_QUENCH] = "Source Quench",
	[ICMP_V4_ECHO_REQUEST] = "Echo Request",
	[ICMP_V4_ROUTER_ADVERT] = "Router Advertisement",
	[ICMP_V4_ROUTER_SOLICIT] = "Router Solicitation",
	[ICMP_V4_TIMESTAMP] = "Timestamp",
	[ICMP_V4_TIMESTAMP_REPLY] = "Timestamp Reply",
	[ICMP_V4_INFO] = "Information Request",
	[ICMP_V4_INFO_REPLY] = "Information Reply",
	[ICMP_V4_MASK] = "Address Mask Request",
	[ICMP_V4_MASK_REPLY] = "Address Mask Reply",
	[ICMP_V4_XECHO_REQUEST] = "Extended Echo Request",
	[ICMP_V4_XECHO_REPLY] = "Extended Echo Reply",
};

static const char *const unreachable_v6[] = {
	"No route",
	"Administratively prohibited",
	"Beyond scope of source address",
	"Address unreachable",
	"Port unreachable",
	"Source address failed policy",
	"Reject route",
	"Error in source routing header",
	"Headers too long",
};

static const char *const exceeded_v6[] = {
	"Hop limit",
	"Defragmentation failure",
};

static const char *const parameter_v6[] = {
	"Wrong header field",
	"Unknown header",
	"Unknown option",
	"Incomplete header chain in first fragment",
	"Upper-layer header error in segment routing",
	"Unknown header at intermediate node",
	"Extension header too big",
	"Extension header chain too long",
	"Too many extension headers",
	"Too many options in extension header",
	"Option too big",
};

#define WORD(table, i) ((i) < sizeof(table) / sizeof((table)[0]) ? (table)[i] : NULL)

/* Adds @known, or @unknown with the number in it. */
static void add_word(struct text *t, const char *known, const char *unknown, unsigned number)
{
	if (known)
		text_add(t, known);
	else
		text_addf(t, "%s%u", unknown, number);
}

static void text_v4(struct text *t, uint8_t type, uint8_t code, uint32_t info)
{
	switch (type) {
	case ICMP_V4_UNREACHABLE:
		add_word(t, WORD(unreachable_v4, code), "Dest Unreachable, Bad Code: ", code);
		if (code == ICMP_V4_FRAG_NEEDED)
			text_addf(t, " (mtu = %u)", info);
		return;
	case ICMP_V4_REDIRECT:
		add_word(t, WORD(redirect_v4, code), "Redirect, Bad Code: ", code);
		text_addf(t, "(New nexthop: %u.%u.%u.%u)", info >> 24, info >> 16 & 255,
			  info >> 8 & 255, info & 255);
		return;
	case ICMP_V4_TIME_EXCEEDED:
		add_word(t, WORD(exceeded_v4, code), "Time exceeded, Bad Code: ", code);
		return;
	case ICMP_V4_PARAMETER: text_addf(t, "Parameter problem: pointer = %u", info); return;
	}
	add_word(t, WORD(others_v4, type), "Bad ICMP type: ", type);
}

static const char *other_v6(uint8_t type)
{
	switch (type) {
	case ICMP_V6_ECHO_REQUEST: return "Echo request";
	case ICMP_V6_ECHO_REPLY: return "Echo reply";
	case ICMP_V6_MLD_QUERY: return "MLD Query";
	case ICMP_V6_MLD_REPORT: return "MLD Report";
	case ICMP_V6_MLD_DONE: return "MLD Reduction";
	case ICMP_V6_ROUTER_SOLICIT: return "Router solicitation";
	case ICMP_V6_ROUTER_ADVERT: return "Router advertisement";
	case ICMP_V6_NEIGHBOR_SOLICIT: return "Neighbor solicitation";
	case ICMP_V6_NEIGHBOR_ADVERT: return "Neighbor advertisement";
	case ICMP_V6_REDIRECT: return "Redirect";
	case ICMP_V6_MLD2_REPORT: return "MLDv2 Report";
	case ICMP_V6_XECHO_REQUEST: return "Extended echo request";
	case ICMP_V6_XECHO_REPLY: return "Extended echo reply";
	}
	return NULL;
}

static void text_v6(struct text *t, uint8_t type, uint8_t code, uint32_t info)
{
	switch (type) {
	case ICMP_V6_UNREACHABLE:
		text_add(t, "Destination unreachable: ");
		add_word(t, WORD(unreachable_v6, code), "Unknown code ", code);
		return;
	case ICMP_V6_TOO_BIG:
		text_addf(t, "Packet too big: mtu=%u", info);
		if (code)
			text_addf(t, ", code=%u", code);
		return;
	case ICMP_V6_TIME_EXCEEDED:
		text_add(t, "Time exceeded: ");
		add_word(t, WORD(exceeded_v6, code), "code ", code);
		return;
	case ICMP_V6_PARAMETER:
		text_add(t, "Parameter problem: ");
		add_word(t, WORD(parameter_v6, code), "code ", code);
		text_addf(t, " at %u", info);
		return;
	}
	add_word(t, other_v6(type), "unknown icmp type: ", type);
}

char *icmp_text(bool is_v6, uint8_t type, uint8_t code, uint32_t info, char *out)
{
	struct text t = text_make(out, ICMP_TEXT_MAX);

	(is_v6 ? text_v6 : text_v4)(&t, type, code, info);
	return out;
}
