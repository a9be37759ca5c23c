/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The octets of DHCP options as text; wire/dhcp_option.h. */
#include <string.h>

#include "wire/dhcp.h"
#include "wire/dhcp_option.h"

#define TAG_HARDWARE_ETHERNET 1
#define TAG_DUID 255 /* RFC 4361 6.1 */

struct writer {
	struct text *out;
	enum dhcp_style style;
	bool has_items;
};

static void separate(struct writer *w)
{
	if (w->has_items)
		text_add(w->out, w->style == DHCP_FOR_PEOPLE ? ", " : " ");
	w->has_items = true;
}

static void add_addr(struct text *out, struct rd *r, uint8_t addr_len)
{
	uint8_t bytes[16];
	char text[ADDR_TEXT_MAX];
	struct addr a;

	rd_copy(r, bytes, addr_len);
	a = addr_from(bytes, addr_len);
	if (!r->bad)
		text_add(out, addr_text(&a, text));
}

static int addrs_text(struct writer *w, struct rd *r)
{
	while (rd_left(r)) {
		separate(w);
		add_addr(w->out, r, 4);
	}
	return rd_done(r);
}

static int pairs_text(struct writer *w, struct rd *r)
{
	while (rd_left(r)) {
		separate(w);
		add_addr(w->out, r, 4);
		text_add(w->out, " ");
		add_addr(w->out, r, 4);
	}
	return rd_done(r);
}

static int routes_text(struct writer *w, struct rd *r)
{
	bool for_people = w->style == DHCP_FOR_PEOPLE;
	char prefix[ADDR_TEXT_MAX], gateway[ADDR_TEXT_MAX];
	struct dhcp_route route;
	int more;

	while ((more = dhcp_route_next(r, &route)) == 1) {
		separate(w);
		text_addf(w->out, "%s/%u ", addr_text(&route.prefix, prefix), route.prefix_len);
		if (for_people && addr_is_any(&route.gateway))
			text_add(w->out, "on-link");
		else
			text_addf(w->out, "%s%s", for_people ? "via " : "",
				  addr_text(&route.gateway, gateway));
	}
	return more;
}

/* Bad names are left out; the others are as good as ever. */
static int domains_text(struct writer *w, const uint8_t *data, size_t len)
{
	char name[1024];
	size_t pos = 0;
	int more, worst = 0;

	do {
		struct text t = text_make(name, sizeof(name));

		more = dhcp_domain_next(data, len, &pos, &t);
		if (more < 0)
			worst = E_BAD;
		if (more != 1)
			continue;
		separate(w);
		text_add(w->out, name);
	} while (more);
	return worst;
}

static int sip_text(struct writer *w, struct rd *r)
{
	uint8_t encoding = rd_u8(r);

	if (encoding == 1)
		return addrs_text(w, r);
	return encoding == 0 ? domains_text(w, r->buf + r->pos, rd_left(r)) : E_BAD;
}

static int u16s_text(struct writer *w, struct rd *r)
{
	while (rd_left(r)) {
		separate(w);
		text_addf(w->out, "%u", rd_u16(r));
	}
	return rd_done(r);
}

static void codes_text(struct writer *w, struct rd *r)
{
	while (rd_left(r)) {
		uint8_t code = rd_u8(r);
		const struct dhcp_option *o = dhcp_option_get(code);

		separate(w);
		if (o && w->style == DHCP_FOR_PEOPLE)
			text_addf(w->out, "%u %s", code, o->name);
		else
			text_addf(w->out, "%u", code);
	}
}

static void id_text(struct text *out, struct rd *r)
{
	uint8_t tag = rd_u8(r);

	if (tag == TAG_HARDWARE_ETHERNET && rd_left(r) == 6) {
		text_add(out, "Ethernet ");
		text_add_hex(out, rd_bytes(r, 6), 6, ':');
		return;
	}
	text_addf(out, tag == TAG_DUID ? "DUID " : "%02x:", tag);
	text_add_hex(out, r->buf + r->pos, rd_left(r), ':');
}

static int classes_text(struct writer *w, struct rd *r)
{
	while (rd_left(r)) {
		struct rd one = rd_sub(r, rd_u8(r));

		separate(w);
		text_add_clean(w->out, one.buf, one.len);
	}
	return rd_done(r);
}

/* RFC 4702 2: flags, two octets of no use, and a name, on the wire form if bit E says so. */
static int fqdn_text(struct writer *w, struct rd *r)
{
	uint8_t flags = rd_u8(r);
	char name[1024];
	struct text t = text_make(name, sizeof(name));
	size_t pos = 0;

	rd_skip(r, 2);
	if (rd_done(r) < 0)
		return E_BAD;
	if (!(flags & 4))
		text_add_clean(w->out, r->buf + r->pos, rd_left(r));
	else if (rd_left(r) && dhcp_domain_next(r->buf + r->pos, rd_left(r), &pos, &t) == 1)
		text_add(w->out, name);
	text_addf(w->out, " (flags 0x%x)", flags);
	return 0;
}

static int relay_text(struct writer *w, struct rd *r)
{
	while (rd_left(r)) {
		uint8_t code = rd_u8(r);
		struct rd one = rd_sub(r, rd_u8(r));

		separate(w);
		text_addf(w->out, "%s%u ",
			  code == 1 ? "circuit " :
			  code == 2 ? "remote " :
				      "",
			  code);
		text_add_hex(w->out, one.buf, one.len, ':');
	}
	return rd_done(r);
}

static int uris_text(struct writer *w, struct rd *r)
{
	while (rd_left(r)) {
		struct rd one = rd_sub(r, rd_u16(r));

		separate(w);
		text_add_clean(w->out, one.buf, one.len);
	}
	return rd_done(r);
}

/* RFC 9463 5.1: instances behind lengths; priority, name, and if more follows, addresses, SVCB. */
static int dnr_text(struct writer *w, struct rd *r)
{
	while (rd_left(r)) {
		struct rd one = rd_sub(r, rd_u16(r)), name, addrs;
		uint16_t priority = rd_u16(&one);
		struct writer list = {.out = w->out, .style = DHCP_FOR_SCRIPTS};
		size_t pos = 0;

		name = rd_sub(&one, rd_u8(&one));
		if (rd_done(&one) < 0)
			return E_BAD;
		separate(w);
		text_addf(w->out, "%u ", priority);
		if (dhcp_domain_next(name.buf, name.len, &pos, w->out) != 1)
			return E_BAD;
		if (!rd_left(&one))
			continue;
		addrs = rd_sub(&one, rd_u8(&one));
		text_add(w->out, " ");
		if (rd_done(&one) < 0 || addrs_text(&list, &addrs) < 0)
			return E_BAD;
		if (rd_left(&one)) {
			text_add(w->out, " svcb ");
			text_add_hex(w->out, one.buf + one.pos, rd_left(&one), 0);
		}
	}
	return rd_done(r);
}

static int sixrd_text(struct writer *w, struct rd *r)
{
	uint8_t mask_len = rd_u8(r), prefix_len = rd_u8(r);

	text_addf(w->out, "IPv4 mask %u, ", mask_len);
	add_addr(w->out, r, 16);
	text_addf(w->out, "/%u, relay ", prefix_len);
	return rd_left(r) ? addrs_text(w, r) : E_BAD;
}

void dhcp_seconds_text(uint32_t seconds, struct text *out)
{
	static const struct {
		uint32_t seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	const char *between = "";

	if (seconds == DHCP_INFINITE) {
		text_add(out, "for ever");
		return;
	}
	if (!seconds)
		text_add(out, "0s");
	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (seconds / units[i].seconds == 0)
			continue;
		text_addf(out, "%s%u%c", between, seconds / units[i].seconds, units[i].unit);
		seconds %= units[i].seconds;
		between = " ";
	}
}

static void number_text(enum dhcp_kind kind, struct rd *r, enum dhcp_style style, struct text *out)
{
	const char *word;
	uint32_t v;

	switch (kind) {
	case DHCP_KIND_S32: text_addf(out, "%d", (int32_t)rd_u32(r)); break;
	case DHCP_KIND_U16: text_addf(out, "%u", rd_u16(r)); break;
	case DHCP_KIND_ADDR: add_addr(out, r, 4); break;
	case DHCP_KIND_SECONDS:
		v = rd_u32(r);
		if (style == DHCP_FOR_PEOPLE)
			dhcp_seconds_text(v, out);
		else
			text_addf(out, "%u", v);
		break;
	case DHCP_KIND_TYPE:
		v = rd_u8(r);
		word = dhcp_type_word((enum dhcp_type)v);
		if (word && style == DHCP_FOR_PEOPLE)
			text_add(out, word);
		else
			text_addf(out, "%u", v);
		break;
	default: text_addf(out, "%u", rd_u8(r)); break;
	}
}

/* RFC 2132 2: some end a text with NULs, which are not part of it. */
static size_t len_without_nuls(const uint8_t *data, size_t len)
{
	while (len && !data[len - 1])
		len--;
	return len;
}

/* Of a kind whose octets have a structure of their own. */
static int structure_text(enum dhcp_kind kind, struct writer *w, struct rd *r)
{
	switch (kind) {
	case DHCP_KIND_EMPTY: return rd_left(r) ? E_BAD : 0;
	case DHCP_KIND_ADDRS: return addrs_text(w, r);
	case DHCP_KIND_PAIRS: return pairs_text(w, r);
	case DHCP_KIND_U16S: return u16s_text(w, r);
	case DHCP_KIND_CODES: codes_text(w, r); return 0;
	case DHCP_KIND_ID: id_text(w->out, r); return r->len < 2 ? E_BAD : 0;
	case DHCP_KIND_CLASSES: return classes_text(w, r);
	case DHCP_KIND_FQDN: return fqdn_text(w, r);
	case DHCP_KIND_RELAY: return relay_text(w, r);
	case DHCP_KIND_DOMAINS: return domains_text(w, r->buf, r->len);
	case DHCP_KIND_SIP: return sip_text(w, r);
	case DHCP_KIND_ROUTES: return routes_text(w, r);
	case DHCP_KIND_URIS: return uris_text(w, r);
	case DHCP_KIND_DNR: return dnr_text(w, r);
	case DHCP_KIND_6RD: return sixrd_text(w, r);
	default: text_add_hex(w->out, r->buf, r->len, ':'); return 0;
	}
}

int dhcp_option_text(uint8_t code, const uint8_t *data, size_t len, enum dhcp_style style,
		     struct text *out)
{
	const struct dhcp_option *o = dhcp_option_get(code);
	enum dhcp_kind kind = o ? o->kind : DHCP_KIND_HEX;
	struct writer w = {.out = out, .style = style};
	struct rd r = rd_make(data, len);
	size_t size = dhcp_option_size(kind), before = out->len;
	int err = 0;

	if (size && size != len)
		err = E_BAD;
	else if (size)
		number_text(kind, &r, style, out);
	else if (kind == DHCP_KIND_TEXT)
		text_add_clean(out, data, len_without_nuls(data, len));
	else
		err = structure_text(kind, &w, &r);
	if (err && out->len == before)
		text_add_hex(out, data, len, ':');
	return err ? E_BAD : 0;
}
