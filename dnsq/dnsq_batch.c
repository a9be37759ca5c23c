/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_batch - many questions from a file or pipe, several at once, shown in the order of the lines
 * or as they come. Memory does not grow with their number.
 */
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "dnsq.h"
#include "engine/pace.h"

#define AHEAD 16u /* finished questions that may wait for an earlier one, in units of jobs */

/* One line on its way. */
struct slot {
	bool is_open;
	struct dnsq_lookup lookup;
	struct endpoint own; /* of @ADDR on the line */
	struct ask ask;
	int name_index; /* of the search list */
};

struct batch {
	struct dnsq *dnsq;
	char buf[1u << 16];
	size_t start, len; /* of what is not read yet, in buf */
	bool is_eof;
	uint64_t line;
	struct slot *slots, **free; /* what was used last is used first: the caches have it */
	/* What is to be shown, in that order: a line comes in when it is asked, or answered. */
	struct slot **ring;
	unsigned n_slots, n_free, first, used, n_open;
	struct pace pace;
	struct tallies *tallies; /* NULL without +summary */
	int status;
};

/* --- lines */

/* Moves the unread part to the front and reads more, if there is some now. */
static void fill(struct batch *b)
{
	struct pollfd p = {.fd = b->dnsq->batch_fd, .events = POLLIN};
	ssize_t n;

	if (b->is_eof || poll(&p, 1, 0) <= 0)
		return;
	memmove(b->buf, b->buf + b->start, b->len);
	b->start = 0;
	n = read(b->dnsq->batch_fd, b->buf + b->len, sizeof(b->buf) - b->len);
	if (n > 0)
		b->len += (size_t)n;
	else
		b->is_eof = true;
}

/* The next line, NUL-terminated in place; NULL if there is none now. */
static char *next_line(struct batch *b)
{
	for (unsigned tries = 0; tries < 2; tries++) {
		char *at = b->buf + b->start, *end = memchr(at, '\n', b->len);

		if (!end && b->is_eof && b->len && b->len < sizeof(b->buf))
			end = at + b->len++;
		if (end) {
			size_t n = (size_t)(end - at) + 1;

			*end = '\0';
			b->start += n;
			b->len -= n;
			b->line++;
			return at;
		}
		if (b->len == sizeof(b->buf))
			b->start = b->len = 0; /* no line is that long */
		fill(b);
	}
	return NULL;
}

static int take_name(struct dnsq_lookup *l, const char *name, bool *has_name)
{
	size_t len = strlen(name);

	if (len >= sizeof(l->name))
		return E_BAD;
	memcpy(l->name, name, len + 1);
	*has_name = true;
	return 0;
}

static int take_option(struct slot *s, const char *option, const char *value, bool *has_name)
{
	struct dnsq_lookup *l = &s->lookup;
	struct addr a;

	if (!value)
		return E_BAD;
	switch (option[1]) {
	case 't': return lookup_take_type(l, value) ? 0 : E_BAD;
	case 'c': return dns_class_parse(value, &l->class);
	case 'q': return take_name(l, value, has_name);
	case 'x':
		if (addr_parse(value, &a) < 0)
			return E_BAD;
		l->reverse = dns_name_reverse(a.bytes, a.len);
		l->type = DNS_PTR;
		return take_name(l, value, has_name);
	default: return E_BAD;
	}
}

/* @ADDR: names of servers cannot be looked up any more. */
static int take_server(struct slot *s, const char *word, uint16_t port)
{
	if (addr_parse(word, &s->own.addr) < 0)
		return E_BAD;
	s->own.port = port;
	snprintf(s->own.name, sizeof(s->own.name), "%s", word);
	s->lookup.servers[0] = s->own.name;
	s->lookup.n_servers = 1;
	s->lookup.endpoints = &s->own;
	s->lookup.n_endpoints = 1;
	return 0;
}

static int take_word(struct dnsq *d, struct slot *s, const char *word, bool *has_name)
{
	struct dnsq_lookup *l = &s->lookup;

	if (word[0] == '@')
		return take_server(s, word + 1, d->port);
	if (word[0] == '+')
		return plus_parse(&l->set, word + 1, NULL);
	if (*has_name && (lookup_take_type(l, word) || dns_class_parse(word, &l->class) == 0))
		return 0;
	return *has_name ? E_BAD : take_name(l, word, has_name);
}

static bool is_other_tls(const struct dnsq_set *a, const struct dnsq_set *b)
{
	return a->is_tls != b->is_tls || a->https_path != b->https_path || a->tls_ca != b->tls_ca ||
	       a->tls_name != b->tls_name || a->expect != b->expect || a->domain != b->domain ||
	       memcmp(a->tls_pins, b->tls_pins, sizeof(a->tls_pins)) != 0;
}

/* The words of a line as on the command line. Returns 0, E_EOF for a line without a name, E_BAD. */
static int parse_line(struct batch *b, struct slot *s, char *line)
{
	struct dnsq *d = b->dnsq;
	char *save, *word = strtok_r(line, " \t\r", &save);
	bool has_name = false;
	int err = 0;

	if (!word || word[0] == '#' || word[0] == ';')
		return E_EOF;
	s->lookup = d->global;
	for (; word && !err; word = strtok_r(NULL, " \t\r", &save)) {
		if (word[0] == '-' && word[1] && !word[2])
			err = take_option(s, word, strtok_r(NULL, " \t\r", &save), &has_name);
		else
			err = take_word(d, s, word, &has_name);
	}
	/* These are conversations of their own; and TLS, with its texts, is made ready before. */
	if (is_other_tls(&s->lookup.set, &d->global.set) || s->lookup.set.is_trace ||
	    s->lookup.set.is_nssearch || s->lookup.set.is_compare || s->lookup.set.validates ||
	    s->lookup.set.wait_ns || s->lookup.type == DNS_AXFR || s->lookup.type == DNS_IXFR)
		err = E_UNSUP;
	return err ? err : has_name ? 0 : E_BAD;
}

/* A bad line is told by one shard, too: that of its number. */
static bool is_ours(const struct batch *b, struct slot *s, int err)
{
	char number[24];

	if (!err)
		return lookup_is_ours(b->dnsq, &s->lookup);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)b->line);
	return shard_has_name(&b->dnsq->run->options.shard, number);
}

/* --- questions */

static void append(struct batch *b, struct slot *s)
{
	b->ring[(b->first + b->used++) % b->n_slots] = s;
}

static void done(struct ask *a);

static bool start(struct batch *b, struct slot *s)
{
	struct dns_name names[LOOKUP_CANDIDATES] unset;
	struct why why;
	int n = lookup_candidates(b->dnsq, &s->lookup, names, &why);

	if (n < 0 || s->name_index >= n) {
		if (n < 0)
			tool_say(b->dnsq->run, "line %llu: %s", (unsigned long long)b->line,
				 why.text);
		return false;
	}
	s->ask = ask_make(b->dnsq, &s->lookup, &names[s->name_index]);
	s->ask.on_note = NULL; /* notes of many at once would mix: they are shown with the reply */
	s->ask.done = done;
	s->ask.arg = b;
	s->is_open = true;
	b->n_open++;
	if (!b->dnsq->batch.is_unordered && !s->name_index)
		append(b, s);
	asker_start(b->dnsq->asker, &s->ask);
	return true;
}

static void done(struct ask *a)
{
	struct batch *b = a->arg;
	struct slot *s = (void *)((char *)a - offsetof(struct slot, ask));

	b->n_open--;
	if (b->tallies)
		tallies_add(b->tallies, a);
	if (lookup_is_unfound(a) && s->lookup.set.searches && !asker_is_stopped(b->dnsq->asker)) {
		struct ask old = *a;

		s->name_index++;
		if (start(b, s)) {
			ask_free(&old);
			return;
		}
		*a = old;
	}
	s->is_open = false;
	if (b->dnsq->batch.is_unordered)
		append(b, s);
}

static void show(struct batch *b, struct slot *s)
{
	int status;

	if (!b->dnsq->run->out.is_json)
		for (unsigned i = 0; i < s->ask.n_notes; i++)
			show_note(b->dnsq, &s->lookup, s->ask.notes[i]);
	status = lookup_show(b->dnsq, &s->lookup, &s->ask);
	b->status = status > b->status ? status : b->status;
	ask_free(&s->ask);
	b->free[b->n_free++] = s;
}

static bool has_done(const struct batch *b)
{
	return b->used && !b->ring[b->first]->is_open;
}

static void show_done(struct batch *b)
{
	while (has_done(b)) {
		show(b, b->ring[b->first]);
		b->first = (b->first + 1) % b->n_slots;
		b->used--;
	}
}

static bool has_room(const struct batch *b)
{
	return b->n_open < b->dnsq->batch.jobs && b->n_free;
}

/*
 * Starts lines while there is room and the pace allows. Returns when to go on, UINT64_MAX if only
 * replies or input can make a difference.
 */
static uint64_t feed(struct batch *b, uint64_t now_ns)
{
	while (has_room(b) && !asker_is_stopped(b->dnsq->asker)) {
		struct slot *s = b->free[b->n_free - 1];
		char *line;
		int err;

		if (!pace_is_due(&b->pace, now_ns))
			return pace_next_ns(&b->pace);
		line = next_line(b);
		if (!line)
			return UINT64_MAX;
		s->name_index = 0;
		err = parse_line(b, s, line);
		if (err == E_EOF || !is_ours(b, s, err))
			continue;
		if (err) {
			tool_say(
				b->dnsq->run, "line %llu cannot be understood%s",
				(unsigned long long)b->line,
				err == E_UNSUP ?
					": traces, validations and transfers are not for batches, nor is TLS of its own" :
					"");
			b->status = b->status ? b->status : DNSQ_USAGE;
			continue;
		}
		pace_take(&b->pace, now_ns);
		b->n_free--;
		if (!start(b, s)) {
			b->n_free++;
			b->status = b->status ? b->status : DNSQ_USAGE;
		}
	}
	return UINT64_MAX;
}

/* --- the machine */

static uint64_t step(void *arg, uint64_t next_ns)
{
	struct batch *b = arg;
	uint64_t at_ns = feed(b, clock_mono(b->dnsq->run->clock));
	bool had_room = has_room(b);

	/* Questions first: the servers work while we write. */
	if (!asker_flush(b->dnsq->asker))
		at_ns = 0;
	show_done(b);
	if (!had_room && has_room(b))
		at_ns = 0;
	return at_ns < next_ns ? at_ns : next_ns;
}

static bool is_over(const void *arg)
{
	const struct batch *b = arg;

	return !b->n_open && !b->used &&
	       (asker_is_stopped(b->dnsq->asker) || (b->is_eof && !b->len));
}

static void tell_status(void *arg)
{
	const struct batch *b = arg;

	tool_say(b->dnsq->run, "line %llu, %u open", (unsigned long long)b->line, b->n_open);
}

static int input_fd(const void *arg)
{
	const struct batch *b = arg;

	return !b->is_eof && has_room(b) ? b->dnsq->batch_fd : -1;
}

/* --- the end */

int batch_open(struct dnsq *d, struct why *why)
{
	d->batch_fd = STDIN_FILENO;
	if (!d->batch.path || strcmp(d->batch.path, "-") == 0)
		return 0;
	d->batch_fd = open(d->batch.path, O_RDONLY | O_CLOEXEC);
	if (d->batch_fd >= 0)
		return 0;
	return why_sys(why, E_NOENT, "couldn't open batch file '%.200s'", d->batch.path);
}

int batch_run(struct dnsq *d)
{
	static const struct asker_aim aim = {
		.step = step, .is_over = is_over, .tell_status = tell_status, .fd = input_fd};
	struct batch *b = calloc(1, sizeof(*b));
	int status = DNSQ_INTERNAL;

	if (!b)
		return status;
	b->dnsq = d;
	b->n_slots = (unsigned)d->batch.jobs * AHEAD;
	b->slots = calloc(b->n_slots, sizeof(*b->slots));
	b->ring = calloc(b->n_slots, sizeof(struct slot *));
	b->free = calloc(b->n_slots, sizeof(struct slot *));
	b->tallies = d->batch.has_summary ? tallies_new() : NULL;
	b->pace = pace_make(d->batch.qps, clock_mono(d->run->clock));
	if (b->slots && b->ring && b->free) {
		while (b->n_free < b->n_slots) {
			b->free[b->n_free] = &b->slots[b->n_slots - 1 - b->n_free];
			b->n_free++;
		}
		asker_drive(d->asker, &aim, b);
		if (b->tallies)
			tallies_tell(b->tallies, d->run);
		status = b->status;
	}
	tallies_free(b->tallies);
	free(b->free);
	free(b->ring);
	free(b->slots);
	free(b);
	return status;
}
