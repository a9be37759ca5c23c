/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/trustanchor.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "wire/dnsrdata.h"

#define WORDS_MAX 64 /* of an entry: a key may stand in many pieces */
#define ENTRY_MAX 4096

/* An entry being gathered: its words one behind the other, each ended by a NUL. */
struct entry {
	char text[ENTRY_MAX];
	char *words[WORDS_MAX];
	size_t len;
	unsigned n;
	bool is_full;
};

struct file {
	const char *at, *end;
	unsigned line, entry_line;
	unsigned depth; /* of parentheses, in which a record goes on over lines */
	bool is_bind;
	struct entry entry;
	struct trust_anchors *out;
};

void trust_anchors_known(struct trust_anchors *out)
{
	static const char known[] =
		". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"
		". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16\n";

	if (trust_anchors_parse(known, sizeof(known) - 1, out, NULL) < 0)
		out->n = 0;
}

/* --- what an entry says */

static void start_entry(struct file *f)
{
	f->entry.n = 0;
	f->entry.len = 0;
	f->entry.is_full = false;
}

static void add_word(struct file *f, const char *word, size_t len)
{
	struct entry *e = &f->entry;

	if (e->n == WORDS_MAX || e->len + len + 1 > sizeof(e->text)) {
		e->is_full = true;
		return;
	}
	if (!e->n)
		f->entry_line = f->line;
	e->words[e->n++] = memcpy(e->text + e->len, word, len);
	e->text[e->len + len] = '\0';
	e->len += len + 1;
}

static int refuse(const struct file *f, struct why *why, const char *what)
{
	return why_set(why, E_BAD,
		       "line %u: %s: a line such as '. IN DS 20326 8 2 E06D...' is expected",
		       f->entry_line, what);
}

/* The words from @first on as the data of a record of @type at @name. */
static int add_anchor(struct file *f, const char *name, uint16_t type, unsigned first,
		      struct why *why)
{
	struct trust_anchor *a = &f->out->anchors[f->out->n];
	struct wr w = wr_make(a->data, sizeof(a->data));
	char data[ENTRY_MAX];
	struct text t = text_make(data, sizeof(data));
	struct why inner = {0};

	if (f->out->n == ANCHORS_MAX)
		return why_set(why, E_FULL, "there are more than %u trust anchors", ANCHORS_MAX);
	for (unsigned i = first; i < f->entry.n; i++) {
		text_add(&t, f->entry.words[i]);
		text_add_char(&t, ' ');
	}
	if (dns_name_parse(name, strlen(name), NULL, &a->name) < 0)
		return refuse(f, why, "the name of the zone is not legal");
	if (f->entry.is_full || dns_rdata_parse(type, data, t.len, NULL, &w, &inner) < 0 ||
	    wr_done(&w) < 0 || w.len < 5)
		return refuse(f, why,
			      type == DNS_DS ? "the data of the DS is not legal" :
					       "the data of the DNSKEY is not legal");
	a->type = type;
	a->len = (uint16_t)w.len;
	f->out->n++;
	return 0;
}

/* name [TTL] [class] DS|DNSKEY data; other records may stand there too. */
static int take_record(struct file *f, struct why *why)
{
	struct entry *e = &f->entry;
	uint16_t type = 0, class;
	unsigned i = 1;

	for (; i < e->n && i < 4; i++) {
		if (dns_type_parse(e->words[i], &type) == 0)
			break;
		if (!isdigit((unsigned char)e->words[i][0]) &&
		    dns_class_parse(e->words[i], &class) < 0)
			return refuse(f, why, "this is no record");
	}
	if (!type)
		return refuse(f, why, "this is no record");
	if (type != DNS_DS && type != DNS_DNSKEY)
		return 0;
	return add_anchor(f, e->words[0], type, i + 1, why);
}

/* name [static-ds|initial-ds|static-key|initial-key] numbers data */
static int take_bind(struct file *f, struct why *why)
{
	struct entry *e = &f->entry;
	const char *kind = e->n > 1 ? e->words[1] : "";
	bool is_ds = strcasecmp(kind, "static-ds") == 0 || strcasecmp(kind, "initial-ds") == 0;
	bool is_key = strcasecmp(kind, "static-key") == 0 || strcasecmp(kind, "initial-key") == 0;

	if (!is_ds && !is_key && !isdigit((unsigned char)kind[0]))
		return refuse(f, why, "this is no trust anchor");
	return add_anchor(f, e->words[0], is_ds ? DNS_DS : DNS_DNSKEY, is_ds || is_key ? 2 : 1,
			  why);
}

/* --- words */

static void skip_line(struct file *f)
{
	while (f->at < f->end && *f->at != '\n')
		f->at++;
}

static bool skip_comment(struct file *f)
{
	size_t left = (size_t)(f->end - f->at);

	if (f->is_bind && left >= 2 && memcmp(f->at, "/*", 2) == 0) {
		const char *close = memmem(f->at + 2, left - 2, "*/", 2);

		for (const char *end = close ? close + 2 : f->end; f->at < end; f->at++)
			f->line += *f->at == '\n';
		return true;
	}
	if ((!f->is_bind && *f->at == ';') || *f->at == '#' ||
	    (f->is_bind && left >= 2 && memcmp(f->at, "//", 2) == 0)) {
		skip_line(f);
		return true;
	}
	return false;
}

/* One mark or word. Marks of the other form are words, and no record has them. */
static int take_next(struct file *f, struct why *why)
{
	static const char ends[] = " \t\r\n;{}()\"";
	const char *start = f->at;
	char c = *f->at;
	int err = 0;

	if (skip_comment(f))
		return 0;
	if (c == '\n' || (f->is_bind && c == ';')) {
		f->at++;
		if (f->entry.n && (c == ';' || (!f->is_bind && !f->depth))) {
			err = f->is_bind ? take_bind(f, why) : take_record(f, why);
			start_entry(f);
		}
		f->line += c == '\n';
		return err;
	}
	if (f->is_bind && (c == '{' || c == '}'))
		start_entry(f);
	if (c == '(')
		f->depth++;
	else if (c == ')' && f->depth)
		f->depth--;
	if (c && strchr(" \t\r{}()\"", c)) {
		f->at++;
		return 0;
	}
	while (f->at < f->end && (!*f->at || !strchr(ends, *f->at)))
		f->at++;
	add_word(f, start, (size_t)(f->at - start));
	return 0;
}

/* BIND's statements are told by their word and brace. */
static bool has_statement(const char *text, size_t len)
{
	static const char *const words[] = {"trust-anchors", "managed-keys", "trusted-keys"};

	for (unsigned i = 0; i < 3; i++)
		if (memmem(text, len, words[i], strlen(words[i])))
			return memchr(text, '{', len) != NULL;
	return false;
}

int trust_anchors_parse(const char *text, size_t len, struct trust_anchors *out, struct why *why)
{
	struct file f = {.at = text,
			 .end = text + len,
			 .line = 1,
			 .is_bind = has_statement(text, len),
			 .out = out};
	int err = 0;

	out->n = 0;
	while (f.at < f.end && !err)
		err = take_next(&f, why);
	if (!err && f.entry.n)
		err = f.is_bind ? refuse(&f, why, "it is not ended") : take_record(&f, why);
	if (!err && !out->n)
		err = why_set(why, E_BAD, "there is no DS or DNSKEY record in the file");
	return err;
}
