/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/oui.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define LISTS_MAX 8u
#define CACHE 256u /* names found lately, by a hash of the MAC */

struct list {
	const char *text;
	size_t len;
};

struct found {
	struct mac mac;
	bool is_used, has_name;
	char name[OUI_NAME_MAX];
};

struct oui {
	struct list lists[LISTS_MAX];
	unsigned n_lists;
	struct found found[CACHE];
};

static int map_list(struct oui *o, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *at = MAP_FAILED;
	int sys;

	if (fd < 0)
		return E_SYS;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	else
		errno = EINVAL;
	sys = errno;
	close(fd);
	errno = sys;
	if (at == MAP_FAILED)
		return E_SYS;
	o->lists[o->n_lists++] = (struct list){at, (size_t)st.st_size};
	return 0;
}

/* The first family of lists there is: they all say the same. */
static void map_system_lists(struct oui *o)
{
	static const char *const sets[][4] = {
		{"/usr/share/arp-scan/ieee-oui.txt"},
		{"/var/lib/ieee-data/oui.csv", "/var/lib/ieee-data/mam.csv",
		 "/var/lib/ieee-data/oui36.csv", "/var/lib/ieee-data/iab.csv"},
		{"/usr/share/ieee-data/oui.csv", "/usr/share/ieee-data/mam.csv",
		 "/usr/share/ieee-data/oui36.csv", "/usr/share/ieee-data/iab.csv"},
		{"/usr/share/wireshark/manuf"},
		{"/usr/share/nmap/nmap-mac-prefixes"},
		{"/usr/share/hwdata/oui.txt"},
	};

	for (size_t set = 0; set < sizeof(sets) / sizeof(sets[0]) && !o->n_lists; set++)
		for (size_t i = 0; i < 4 && sets[set][i]; i++)
			(void)map_list(o, sets[set][i]);
}

int oui_open(const char *path, struct oui **out, struct why *why)
{
	struct oui *o = calloc(1, sizeof(*o));

	if (!o)
		return why_set(why, E_MEM, "out of memory");
	if (!path) {
		map_system_lists(o);
	} else if (map_list(o, path) < 0) {
		oui_close(o);
		return why_sys(why, E_SYS, "cannot read the list of vendors '%s'", path);
	}
	*out = o;
	return 0;
}

void oui_close(struct oui *o)
{
	for (unsigned i = 0; o && i < o->n_lists; i++)
		munmap((void *)(uintptr_t)o->lists[i].text, o->lists[i].len);
	free(o);
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A line of a list, as far as it counts. */
struct entry {
	struct mac prefix;
	unsigned bits;
	struct list name;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The prefix: digits, with or without separators, and in Wireshark's list how many bits count. */
static const char *parse_prefix(const char *at, const char *end, struct entry *out)
{
	unsigned n = 0, bits = 0;
	int digit;

	for (; at < end && n < 12; at++) {
		digit = digit_of(*at);
		if (digit < 0 && *at != ':' && *at != '-')
			break;
		if (digit >= 0) {
			out->prefix.bytes[n / 2] |= (uint8_t)(digit << (n % 2 ? 0 : 4));
			n++;
		}
	}
	out->bits = 4 * n;
	if (at == end || *at != '/')
		return at;
	for (at++; at < end && *at >= '0' && *at <= '9' && bits <= 48; at++)
		bits = bits * 10 + (unsigned)(*at - '0');
	out->bits = bits <= out->bits ? bits : 0;
	return at;
}

/* The name: in quotes, up to the comma, or the last column. */
static struct list parse_name(const char *at, const char *end, bool is_csv)
{
	const char *stop = NULL, *tab;
	bool is_quoted = is_csv && at < end && *at == '"';

	at += is_quoted;
	if (is_csv)
		stop = memchr(at, is_quoted ? '"' : ',', (size_t)(end - at));
	end = stop ? stop : end;
	while (end > at && (is_blank(end[-1]) || end[-1] == '\r'))
		end--;
	tab = is_csv ? NULL : memrchr(at, '\t', (size_t)(end - at));
	at = tab ? tab + 1 : at;
	return (struct list){at, (size_t)(end - at)};
}

static bool parse_line(const char *at, const char *end, struct entry *out)
{
	const char *comma = memchr(at, ',', (size_t)(end - at)), *close;
	bool is_csv = comma && comma - at <= 4 && digit_of(*at) < 0;

	*out = (struct entry){0};
	at = parse_prefix(is_csv ? comma + 1 : at, end, out);
	if (out->bits < 24 || at == end || !(is_csv ? *at == ',' : is_blank(*at)))
		return false;
	at += is_csv;
	while (at < end && is_blank(*at))
		at++;
	/* "(hex)" and "(base 16)" of the IEEE's own text. */
	close = !is_csv && at < end && *at == '(' ? memchr(at, ')', (size_t)(end - at)) : NULL;
	at = close ? close + 1 : at;
	while (at < end && is_blank(*at))
		at++;
	out->name = parse_name(at, end, is_csv);
	return out->name.len > 0;
}

static bool is_match(const struct entry *e, const struct mac *mac)
{
	for (unsigned bit = 0; bit < e->bits; bit += 4) {
		unsigned both = e->prefix.bytes[bit / 8] ^ mac->bytes[bit / 8];

		if (both >> (bit % 8 ? 0 : 4) & 15)
			return false;
	}
	return true;
}

/* Every line that has the first 24 bits of @mac, written as @key says. */
static unsigned search_key(const struct list *list, const char *key, const struct mac *mac,
			   char *name)
{
	const char *at = list->text, *end = list->text + list->len, *hit;
	unsigned best = 0;

	while ((hit = memmem(at, (size_t)(end - at), key, strlen(key)))) {
		const char *start = memrchr(at, '\n', (size_t)(hit - at));
		const char *stop = memchr(hit, '\n', (size_t)(end - hit));
		struct entry e;

		start = start ? start + 1 : at;
		stop = stop ? stop : end;
		if (parse_line(start, stop, &e) && e.bits > best && is_match(&e, mac)) {
			best = e.bits;
			(void)text_clean(name, OUI_NAME_MAX, e.name.text, e.name.len);
		}
		at = stop;
	}
	return best;
}

unsigned oui_search(const char *text, size_t len, const struct mac *mac, char *name)
{
	static const char separators[] = {0, ':', '-'};
	const struct list list = {text, len};
	char key[12];
	unsigned bits = 0;

	for (size_t i = 0; i < sizeof(separators) && !bits; i++) {
		struct text t = text_make(key, sizeof(key));

		text_add_hex(&t, mac->bytes, 3, separators[i]);
		for (char *c = key; *c; c++)
			*c = (char)(*c >= 'a' ? *c - 0x20 : *c);
		bits = search_key(&list, key, mac, name);
	}
	return bits;
}

/* Prefixes that tell of a protocol, or of who made the address up. */
static const char *well_known(const struct mac *mac)
{
	static const struct {
		uint8_t prefix[5];
		uint8_t len; /* octets */
		const char *name;
	} known[] = {
		{{0x00, 0x00, 0x5e, 0x00, 0x01}, 5, "VRRP (IPv4)"},
		{{0x00, 0x00, 0x5e, 0x00, 0x02}, 5, "VRRP (IPv6)"},
		{{0x00, 0x00, 0x0c, 0x07, 0xac}, 5, "HSRP"},
		{{0x00, 0x07, 0xb4, 0x00}, 4, "GLBP"},
		{{0x52, 0x54, 0x00}, 3, "QEMU or KVM"},
		{{0x02, 0x42}, 2, "Docker"},
		{{0x02, 0xbf}, 2, "Microsoft NLB"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (memcmp(mac->bytes, known[i].prefix, known[i].len) == 0)
			return known[i].name;
	return NULL;
}

static bool search_all(struct oui *o, const struct mac *mac, char *name)
{
	const char *known = well_known(mac);
	char candidate[OUI_NAME_MAX];
	unsigned best = 0;

	if (known)
		(void)text_clean(name, OUI_NAME_MAX, known, strlen(known));
	if (known || mac_is_local(mac))
		return known;
	for (unsigned i = 0; i < o->n_lists; i++) {
		unsigned bits = oui_search(o->lists[i].text, o->lists[i].len, mac, candidate);

		if (bits > best) {
			best = bits;
			memcpy(name, candidate, OUI_NAME_MAX);
		}
	}
	return best > 0;
}

bool oui_find(struct oui *o, const struct mac *mac, char *name)
{
	unsigned hash = (mac->bytes[3] * 31u + mac->bytes[4]) * 31u + mac->bytes[5];
	struct found *f = &o->found[(hash + mac->bytes[2] * 7u) % CACHE];

	if (!f->is_used || memcmp(&f->mac, mac, sizeof(*mac)) != 0) {
		f->mac = *mac;
		f->is_used = true;
		f->has_name = search_all(o, mac, f->name);
	}
	if (f->has_name)
		memcpy(name, f->name, OUI_NAME_MAX);
	return f->has_name;
}
