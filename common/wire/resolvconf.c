/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/resolvconf.h"

#include <string.h>

#include "base/num.h"

#define WORD_MAX 256

/* The next word of a line, moved out of it; false at its end. */
static bool next_word(const char **at, const char *end, char *word)
{
	size_t n = 0;

	while (*at < end && (**at == ' ' || **at == '\t' || **at == '\r'))
		(*at)++;
	for (; *at < end && **at != ' ' && **at != '\t' && **at != '\r'; (*at)++)
		if (n < WORD_MAX - 1 && **at)
			word[n++] = **at;
	word[n] = '\0';
	return n > 0;
}

static void take_server(struct resolvconf *c, const char *word)
{
	if (c->n_servers < RESOLVCONF_SERVERS && addr_parse(word, &c->servers[c->n_servers]) == 0)
		c->n_servers++;
}

static void take_search(struct resolvconf *c, const char *at, const char *end, bool is_domain)
{
	char word[WORD_MAX];

	c->n_search = 0;
	while (c->n_search < (is_domain ? 1 : RESOLVCONF_SEARCH) && next_word(&at, end, word))
		if (dns_name_parse(word, strlen(word), NULL, &c->search[c->n_search]) == 0)
			c->n_search++;
}

static void take_number(const char *text, unsigned max, unsigned *out)
{
	uint64_t v;

	if (num_u64(text, 0, UINT32_MAX, &v, NULL) == 0)
		*out = v > max ? max : (unsigned)v;
}

static void take_option(struct resolvconf *c, const char *word)
{
	if (strncmp(word, "ndots:", 6) == 0)
		take_number(word + 6, 15, &c->ndots);
	else if (strncmp(word, "attempts:", 9) == 0)
		take_number(word + 9, 5, &c->attempts);
	else if (strncmp(word, "timeout:", 8) == 0)
		take_number(word + 8, 30, &c->timeout_s);
	else if (strcmp(word, "rotate") == 0)
		c->rotates = true;
	else if (strcmp(word, "use-vc") == 0)
		c->uses_tcp = true;
	else if (strcmp(word, "trust-ad") == 0)
		c->trusts_ad = true;
}

static void take_line(struct resolvconf *c, const char *at, const char *end)
{
	char word[WORD_MAX];

	if (at == end || *at == '#' || *at == ';' || !next_word(&at, end, word))
		return;
	if (strcmp(word, "nameserver") == 0 && next_word(&at, end, word)) {
		take_server(c, word);
	} else if (strcmp(word, "search") == 0 || strcmp(word, "domain") == 0) {
		take_search(c, at, end, word[0] == 'd');
	} else if (strcmp(word, "options") == 0) {
		while (next_word(&at, end, word))
			take_option(c, word);
	}
}

void resolvconf_parse(const char *text, size_t len, struct resolvconf *out)
{
	const char *end = text + len;

	*out = (struct resolvconf){.ndots = 1};
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;

		take_line(out, text, stop);
		text = stop + (newline ? 1 : 0);
	}
}
