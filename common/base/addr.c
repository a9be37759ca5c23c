/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/addr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct addr addr_from(const void *bytes, uint8_t len)
{
	struct addr a = {.len = len};

	memcpy(a.bytes, bytes, len);
	return a;
}

/* What addr_learn_zones() has learnt; a host with more interfaces shows the rest by index. */
static struct zone {
	uint32_t index;
	char name[IF_NAMESIZE];
} zones[64];
static size_t n_zones;

void addr_learn_zones(void)
{
	const size_t most = sizeof(zones) / sizeof(zones[0]);
	struct if_nameindex *all = if_nameindex();

	n_zones = 0;
	if (!all)
		return;
	for (struct if_nameindex *i = all; i->if_index && n_zones < most; i++) {
		zones[n_zones].index = i->if_index;
		snprintf(zones[n_zones++].name, IF_NAMESIZE, "%s", i->if_name);
	}
	if_freenameindex(all);
}

static uint32_t zone_index(const char *name)
{
	for (size_t i = 0; i < n_zones; i++)
		if (strcmp(zones[i].name, name) == 0)
			return zones[i].index;
	return if_nametoindex(name);
}

/* The name of zone @index in @buf (IF_NAMESIZE), or NULL. */
static const char *zone_name(uint32_t index, char *buf)
{
	for (size_t i = 0; i < n_zones; i++)
		if (zones[i].index == index)
			return zones[i].name;
	return if_indextoname(index, buf);
}

static int zone_parse(const char *text, uint32_t *out)
{
	char *end;
	unsigned long n;

	*out = zone_index(text);
	if (*out)
		return 0;
	if (text[0] < '0' || text[0] > '9')
		return E_NOENT;
	n = strtoul(text, &end, 10);
	if (*end || n == 0 || n > INT32_MAX)
		return E_NOENT;
	*out = (uint32_t)n;
	return 0;
}

int addr_parse(const char *text, struct addr *out)
{
	char head[INET6_ADDRSTRLEN];
	const char *percent = strchr(text, '%');
	size_t n = percent ? (size_t)(percent - text) : strlen(text);
	struct addr a = {0};

	if (n >= sizeof(head))
		return E_BAD;
	memcpy(head, text, n);
	head[n] = '\0';
	if (!percent && inet_pton(AF_INET, head, a.bytes) == 1) {
		a.len = 4;
	} else if (inet_pton(AF_INET6, head, a.bytes) == 1) {
		a.len = 16;
		if (percent && zone_parse(percent + 1, &a.zone) < 0)
			return E_NOENT;
	} else {
		return E_BAD;
	}
	*out = a;
	return 0;
}

/* inet_ntop() goes through printf, which a sweep would feel. */
static void v4_text(const uint8_t *bytes, char *out)
{
	struct text t = text_make(out, INET_ADDRSTRLEN);

	for (int i = 0; i < 4; i++) {
		if (i)
			text_add(&t, ".");
		text_add_u64(&t, bytes[i], 1);
	}
}

char *addr_text(const struct addr *a, char *out)
{
	char buf[IF_NAMESIZE];
	const char *name;
	size_t used;

	out[0] = '\0';
	if (a->len == 4)
		v4_text(a->bytes, out);
	else if (a->len == 16)
		inet_ntop(AF_INET6, a->bytes, out, INET6_ADDRSTRLEN);
	if (!a->zone)
		return out;
	used = strlen(out);
	name = zone_name(a->zone, buf);
	if (name)
		snprintf(out + used, ADDR_TEXT_MAX - used, "%%%s", name);
	else
		snprintf(out + used, ADDR_TEXT_MAX - used, "%%%u", a->zone);
	return out;
}

bool addr_same(const struct addr *a, const struct addr *b)
{
	if (a->zone && b->zone && a->zone != b->zone)
		return false;
	return a->len == b->len && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

int addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool addr_is_v6(const struct addr *a)
{
	return a->len == 16;
}

bool addr_is_any(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, sizeof(zero)) == 0;
}

bool addr_is_multicast(const struct addr *a)
{
	return a->len == 4 ? (a->bytes[0] & 0xf0) == 0xe0 : a->len == 16 && a->bytes[0] == 0xff;
}

bool addr_is_link_local(const struct addr *a)
{
	if (a->len == 4)
		return a->bytes[0] == 169 && a->bytes[1] == 254;
	return a->len == 16 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = {[15] = 1};

	return a->len == 4 ? a->bytes[0] == 127 :
			     a->len == 16 && memcmp(a->bytes, one, sizeof(one)) == 0;
}

bool addr_next(struct addr *a)
{
	for (int i = a->len - 1; i >= 0; i--)
		if (++a->bytes[i])
			return true;
	return false;
}

void addr_mask(struct addr *a, unsigned prefix_len, bool ones)
{
	for (unsigned i = 0; i < a->len; i++) {
		unsigned kept = prefix_len > i * 8 ? prefix_len - i * 8 : 0;
		uint8_t keep = (uint8_t)(kept >= 8 ? 0xff : 0xff00u >> kept);

		a->bytes[i] = (uint8_t)((a->bytes[i] & keep) | (ones ? ~keep & 0xff : 0));
	}
}

bool addr_in_prefix(const struct addr *a, const struct addr *prefix, unsigned prefix_len)
{
	struct addr x = *a, y = *prefix;

	if (a->len != prefix->len)
		return false;
	addr_mask(&x, prefix_len, false);
	addr_mask(&y, prefix_len, false);
	return addr_cmp(&x, &y) == 0;
}

socklen_t addr_to_sockaddr(const struct addr *a, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *in4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	if (a->len == 4) {
		*in4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
		memcpy(&in4->sin_addr, a->bytes, 4);
		return sizeof(*in4);
	}
	*in6 = (struct sockaddr_in6){
		.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = a->zone};
	memcpy(&in6->sin6_addr, a->bytes, 16);
	return sizeof(*in6);
}

struct addr addr_from_sockaddr(const struct sockaddr_storage *sa)
{
	struct addr a = {0};

	if (sa->ss_family == AF_INET)
		return addr_from(&((const struct sockaddr_in *)sa)->sin_addr, 4);
	if (sa->ss_family != AF_INET6)
		return a;
	a = addr_from(&((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
	a.zone = ((const struct sockaddr_in6 *)sa)->sin6_scope_id;
	return a;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int mac_parse(const char *text, struct mac *out)
{
	size_t step = strlen(text) == 14 ? 5 : 3; /* aabb.ccdd.eeff or aa:bb:cc:dd:ee:ff */
	char sep = step == 5 ? '.' : text[0] && text[1] ? text[2] : 0;
	struct mac m;
	size_t n = 0;

	if (strlen(text) != (step == 5 ? 14 : 17) || (step == 3 && sep != ':' && sep != '-'))
		return E_BAD;
	for (size_t i = 0; text[i];) {
		int high, low;

		if (i % step == step - 1) {
			if (text[i++] != sep)
				return E_BAD;
			continue;
		}
		high = hex_digit(text[i]);
		low = hex_digit(text[i + 1]);
		if (high < 0 || low < 0)
			return E_BAD;
		m.bytes[n++] = (uint8_t)(high << 4 | low);
		i += 2;
	}
	*out = m;
	return 0;
}

char *mac_text(const struct mac *m, char *out)
{
	const uint8_t *b = m->bytes;

	snprintf(out, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
		 b[5]);
	return out;
}
