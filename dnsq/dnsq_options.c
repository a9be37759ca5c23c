/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_options - the command line, with dig's grammar: what stands before the first name is for
 * all, what stands behind a name is for that one.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "dnsq.h"
#include "dnsq_tsig.h"

#define JOBS_MAX 10000
#define OPT_READ 0x2000

static const struct argp_option own[] = {
	{NULL, 0, NULL, 0, "Questions:", 0},
	{"name", 'q', "NAME", 0, "Ask for NAME, whatever it looks like", 0},
	{"type", 't', "TYPE", 0, "Record type (A; ixfr=N for a transfer from serial N on)", 0},
	{"class", 'c', "CLASS", 0, "Class: IN, CH, HS", 0},
	{"reverse", 'x', "ADDR", 0, "Ask for the name of an address", 0},
	{"batch", 'f', "FILE", 0, "Ask what stands on the lines of FILE; - is standard input", 0},
	{"read", OPT_READ, "FILE", 0, "Ask nobody: explain a capture, or a message in hexadecimal",
	 0},
	{NULL, 0, NULL, 0, "Servers:", 0},
	{"port", 'p', "PORT", 0, "Port of the servers (53)", 0},
	{"anchor", 'a', "FILE", 0, "Trust the keys in FILE instead of the root's (+validate)", 0},
	{"source", 'b', "ADDR[#PORT]", 0, "Ask from this address", 0},
	{"key", 'y', "[HMAC:]NAME:SECRET", 0, "Sign with this key (TSIG)", 0},
	{"key-file", 'k', "FILE", 0, "Sign with the key in FILE (TSIG)", 0},
	{"microseconds", 'u', NULL, 0, "Show query times in microseconds", 0},
	{NULL, 'v', NULL, 0, "Show the version and exit", 14},
	{0},
};

/* What the words that come now are about. */
static struct dnsq_lookup *current(struct dnsq *d)
{
	return d->n_lookups ? &d->lookups[d->n_lookups - 1] : &d->global;
}

static error_t refuse(struct argp_state *state, const char *fmt, ...) printf_like(2, 3);

static error_t refuse(struct argp_state *state, const char *fmt, ...)
{
	char raw[200], clean[sizeof(raw) * 3];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	(void)text_clean(clean, sizeof(clean), raw, strlen(raw));
	(void)why_set(&options_of(state)->fault, E_BAD, "%s", clean);
	return EINVAL;
}

int lookup_add(struct dnsq *d, const char *name)
{
	struct dnsq_lookup *more;

	if (strlen(name) >= sizeof(more->name))
		return E_RANGE;
	more = realloc(d->lookups, (d->n_lookups + 1) * sizeof(*more));
	if (!more)
		return E_MEM;
	d->lookups = more;
	more += d->n_lookups++;
	*more = d->global;
	snprintf(more->name, sizeof(more->name), "%s", name);
	return 0;
}

static error_t add_name(struct dnsq *d, const char *name, struct argp_state *state)
{
	int err = lookup_add(d, name);

	if (err == E_MEM)
		return ENOMEM; /* options_parse() says it */
	return err < 0 ? refuse(state, "the name '%.100s' is too long", name) : 0;
}

/* The first octets of an IPv4 address stand for the zone of all that begin so. */
static struct dns_name reverse_name(const char *text)
{
	struct dns_name none = {0};
	struct addr a;
	uint8_t octets[4];
	char word[16];
	size_t n = 0, len;
	uint64_t v;

	if (addr_parse(text, &a) == 0)
		return dns_name_reverse(a.bytes, a.len);
	for (; n < 3; text += len + 1) {
		len = strcspn(text, ".");
		if (len >= sizeof(word))
			return none;
		memcpy(word, text, len);
		word[len] = '\0';
		if (num_u64(word, 0, 255, &v, NULL) < 0)
			return none;
		octets[n++] = (uint8_t)v;
		if (!text[len] || !text[len + 1])
			return dns_name_reverse(octets, n);
	}
	return none;
}

int lookup_add_reverse(struct dnsq *d, const char *text)
{
	struct dns_name reverse = reverse_name(text);
	int err = reverse.len ? lookup_add(d, text) : E_BAD;

	if (err)
		return err;
	current(d)->reverse = reverse;
	current(d)->type = DNS_PTR;
	current(d)->class = DNS_IN;
	return 0;
}

bool lookup_take_type(struct dnsq_lookup *l, const char *word)
{
	uint64_t serial;

	if (strncasecmp(word, "ixfr=", 5) == 0 &&
	    num_u64(word + 5, 0, UINT32_MAX, &serial, NULL) == 0) {
		l->serial = (uint32_t)serial;
		l->type = DNS_IXFR;
		return true;
	}
	return dns_type_parse(word, &l->type) == 0;
}

static error_t take_source(struct dnsq *d, const char *arg, struct argp_state *state)
{
	char text[ADDR_TEXT_MAX + 8], *hash;
	uint64_t port = 0;

	if (strlen(arg) >= sizeof(text))
		return refuse(state, "option -b: '%.100s' is not an address", arg);
	snprintf(text, sizeof(text), "%s", arg);
	hash = strchr(text, '#');
	if (hash)
		*hash = '\0';
	if (addr_parse(text, &d->net.source) < 0 ||
	    (hash && num_u64(hash + 1, 0, 65535, &port, NULL) < 0))
		return refuse(state, "option -b: '%.100s' is not an address, or ADDR#PORT", arg);
	d->net.source_port = (uint16_t)port;
	return 0;
}

static error_t take_port(struct dnsq *d, const char *arg, struct argp_state *state)
{
	struct why why;
	uint64_t port;

	if (num_u64(arg, 1, 65535, &port, &why) < 0)
		return options_fault(state, "-p", arg, why.text);
	d->port = (uint16_t)port;
	d->has_port = true;
	return 0;
}

static error_t take_server(struct dnsq_lookup *l, const char *arg, struct argp_state *state)
{
	if (!*arg)
		return refuse(state, "%s", "a server is expected behind @");
	if (l->n_servers == DNSQ_SERVERS)
		return refuse(state, "too many servers, from @%.100s on", arg);
	l->servers[l->n_servers++] = arg;
	return 0;
}

/* The +words that are about the run and not about a query. */
static int take_run_word(struct dnsq *d, struct options *shared, const char *word, struct why *why)
{
	if (strncmp(word, "pcap=", 5) == 0)
		shared->pcap = word + 5;
	else if (strncmp(word, "decode=", 7) == 0)
		d->decode = word + 7;
	else if (strncmp(word, "hints=", 6) == 0)
		d->hints_file = word + 6;
	else if (strncmp(word, "anchor=", 7) == 0)
		d->anchor_file = word + 7;
	else if (strncmp(word, "jobs=", 5) == 0)
		return num_u64(word + 5, 1, JOBS_MAX, &d->batch.jobs, why);
	else if (strncmp(word, "qps=", 4) == 0)
		return num_rate(word + 4, &d->batch.qps, why);
	else if (strcmp(word, "ordered") == 0 || strcmp(word, "noordered") == 0)
		d->batch.is_unordered = word[0] == 'n';
	else if (strcmp(word, "summary") == 0 || strcmp(word, "nosummary") == 0)
		d->batch.has_summary = word[0] == 's';
	else
		return E_NOENT;
	return 0;
}

static error_t take_plus(struct dnsq *d, const char *arg, struct argp_state *state)
{
	struct options *shared = options_of(state);
	struct dnsq_set *s = &current(d)->set;
	struct why why = {0};
	int err = take_run_word(d, shared, arg, &why);

	if (err && err != E_NOENT)
		return refuse(state, "option +%.60s: %s", arg, why.text);
	if (!err)
		return 0;
	if (plus_parse(s, arg, &shared->fault) < 0)
		return EINVAL;
	shared->is_json |= s->is_json;
	shared->is_explain |= s->is_explain;
	shared->is_hex |= s->is_hex;
	return 0;
}

/* A word is a type or class where it can be one, else a name. */
static error_t take_word(struct dnsq *d, const char *arg, struct argp_state *state)
{
	struct dnsq_lookup *l = current(d);

	if (arg[0] == '@')
		return take_server(l, arg + 1, state);
	if (arg[0] == '+')
		return take_plus(d, arg + 1, state);
	if (!d->names_only && (lookup_take_type(l, arg) || dns_class_parse(arg, &l->class) == 0))
		return 0;
	return add_name(d, arg, state);
}

static error_t take_key(struct dnsq *d, const char *arg, struct argp_state *state)
{
	tsig_key_free(d->key);
	return tsig_key_parse(arg, &d->key, &options_of(state)->fault) < 0 ? EINVAL : 0;
}

/* Only one question and its reply can be validated. */
static error_t check_validations(struct dnsq *d, struct argp_state *state)
{
	for (unsigned i = 0; i < d->n_lookups; i++) {
		struct dnsq_lookup *l = &d->lookups[i];
		struct dnsq_set *s = &l->set;
		struct endpoint group;
		const char *other = NULL;

		if (s->is_compare || s->wait_ns || s->is_nssearch)
			other = s->is_compare ? "+compare" : s->wait_ns ? "+wait" : "+nssearch";
		else if (l->type == DNS_AXFR || l->type == DNS_IXFR)
			other = "a zone transfer";
		else if (s->is_header_only || s->opcode)
			other = s->opcode ? "+opcode" : "+header-only";
		for (unsigned j = 0; j < l->n_servers; j++)
			if (group_find(l->servers[j], 4, &group))
				other = "mDNS or LLMNR";
		if (s->validates && other)
			return refuse(state, "option +validate: it does not go with %s", other);
		s->has_edns |= s->validates; /* which carries the DO bit */
	}
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct dnsq *d = options_input(state);

	switch (key) {
	case 'q': return add_name(d, arg, state);
	case 't':
		d->names_only = true;
		return lookup_take_type(current(d), arg) ?
			       0 :
			       refuse(state, "option -t: '%.100s' is not a record type", arg);
	case 'c':
		return dns_class_parse(arg, &current(d)->class) == 0 ?
			       0 :
			       refuse(state, "option -c: '%.100s' is not a class", arg);
	case 'x':
		return lookup_add_reverse(d, arg) == 0 ?
			       0 :
			       refuse(state, "option -x: '%.100s' is not an address", arg);
	case 'p': return take_port(d, arg, state);
	case 'b': return take_source(d, arg, state);
	case 'y': return take_key(d, arg, state);
	case 'u': current(d)->set.is_usec = true; return 0;
	case 'f': d->batch.path = arg; return 0;
	case OPT_READ: d->decode = arg; return 0;
	case 'k': d->key_file = arg; return 0;
	case 'a': d->anchor_file = arg; return 0;
	case 'v': options_of(state)->want_version = true; return 0;
	case ARGP_KEY_ARG: return take_word(d, arg, state);
	case ARGP_KEY_END: return check_validations(d, state);
	default: return ARGP_ERR_UNKNOWN;
	}
}

const struct options_tool dnsq_options = {
	.letters = "46hoV",
	.metrics = dnsq_metrics,
	.quantities = dnsq_quantities,
	.options = own,
	.parser = parse,
	.args_doc = "[@SERVER] NAME [TYPE] [CLASS] [+OPTION]...",
	.doc = "Ask DNS servers, with dig's command line.\v"
	       "Words: @SERVER, a name, a record type, a class, +[no]OPTION[=VALUE]; dnsq(1) lists the "
	       "options.\n"
	       "Exit status: 0 a reply, 1 usage, 8 batch file, 9 no reply, 10 internal error, 11 malformed "
	       "reply, 12 not authentic, 13 transfer failed, 14 bogus, 15 servers disagree, 16 wait expired; with +rc 20 NXDOMAIN, 21 no data, 22 SERVFAIL, "
	       "23 REFUSED, 24 other.",
	.lacks = "generate exclude file count interval rate deadline numeric quiet",
	.is_in_order = true,
};
