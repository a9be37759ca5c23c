/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/roothints.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *v4, *v6;
} known[] = {
	{"198.41.0.4", "2001:503:ba3e::2:30"}, {"170.247.170.2", "2801:1b8:10::b"},
	{"192.33.4.12", "2001:500:2::c"},      {"199.7.91.13", "2001:500:2d::d"},
	{"192.203.230.10", "2001:500:a8::e"},  {"192.5.5.241", "2001:500:2f::f"},
	{"192.112.36.4", "2001:500:12::d0d"},  {"198.97.190.53", "2001:500:1::53"},
	{"192.36.148.17", "2001:7fe::53"},     {"192.58.128.30", "2001:503:c27::2:30"},
	{"193.0.14.129", "2001:7fd::1"},       {"199.7.83.42", "2001:500:9f::42"},
	{"202.12.27.33", "2001:dc3::35"},
};

static void add(struct roothints *out, const char *name, const char *addr)
{
	struct roothint *h = &out->hints[out->n];

	if (out->n < ROOTHINTS_MAX && dns_name_parse(name, strlen(name), NULL, &h->name) == 0 &&
	    addr_parse(addr, &h->addr) == 0)
		out->n++;
}

void roothints_known(struct roothints *out)
{
	char name[] = "a.root-servers.net.";

	out->n = 0;
	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++, name[0]++) {
		add(out, name, known[i].v4);
		add(out, name, known[i].v6);
	}
}

/* The words of a line up to a comment; more than @cap of them do not matter. */
static unsigned split(char *line, char **words, unsigned cap)
{
	unsigned n = 0;
	char *save, *word = strtok_r(line, " \t\r", &save);

	for (; word && word[0] != ';' && n < cap; word = strtok_r(NULL, " \t\r", &save))
		words[n++] = word;
	return n;
}

/* name [TTL] [class] A address: the type is the last word but one. */
static void take_line(struct roothints *out, const char *text, size_t len)
{
	char line[512], *words[6];
	unsigned n;

	if (len >= sizeof(line))
		return;
	memcpy(line, text, len);
	line[len] = '\0';
	n = split(line, words, 6);
	if (n >= 3 && (strcasecmp(words[n - 2], "A") == 0 || strcasecmp(words[n - 2], "AAAA") == 0))
		add(out, words[0], words[n - 1]);
}

int roothints_parse(const char *text, size_t len, struct roothints *out, struct why *why)
{
	const char *end = text + len;

	out->n = 0;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;

		take_line(out, text, (size_t)(stop - text));
		text = stop + (newline ? 1 : 0);
	}
	return out->n ? 0 : why_set(why, E_BAD, "no A or AAAA record of a root server in the file");
}
