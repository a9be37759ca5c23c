/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dnsq_trace.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "dnsq_validate.h"

#define CUT_SERVERS 32
#define DEPTH_MAX 5     /* names of servers whose servers' names must be found first */
#define QUERIES_MAX 300 /* of one trace, whatever the referrals lead to */
#define KNOWN_MAX 64    /* zones whose servers are remembered */

/* The servers of a zone: addresses where they are known. */
struct cut {
	struct dns_name zone;
	struct dns_name names[CUT_SERVERS];
	struct addr addrs[CUT_SERVERS]; /* len 0 where not known yet */
	unsigned n;
};

struct walk_down {
	struct dnsq *dnsq;
	struct dnsq_lookup lookup; /* a copy: type and name change on the way */
	bool is_quiet;
	bool stops_at_alias;
	struct validation *validation; /* gets the replies that are shown; NULL without +validate */
	struct cut *known[KNOWN_MAX];  /* zones that were come through, each Owns: free() */
	unsigned n_known;
	struct endpoint asked; /* of trace_ask() */
	unsigned n_queries;
	struct cut root;
};

/* --- zone cuts */

static void add_server(struct cut *c, const struct dns_name *name, const struct addr *addr)
{
	for (unsigned i = 0; i < c->n; i++) {
		if (!dns_name_same(&c->names[i], name, false))
			continue;
		if (!addr || addr_same(&c->addrs[i], addr))
			return;
		if (!c->addrs[i].len) {
			c->addrs[i] = *addr;
			return;
		}
	}
	if (c->n == CUT_SERVERS)
		return;
	c->names[c->n] = *name;
	c->addrs[c->n++] = addr ? *addr : (struct addr){0};
}

static bool is_family_wanted(const struct dnsq *d, uint8_t len)
{
	int family = d->run->options.family;

	return !family || (family == 4) == (len == 4);
}

static bool is_server(const struct cut *c, const struct dns_name *name)
{
	for (unsigned i = 0; i < c->n; i++)
		if (dns_name_same(&c->names[i], name, false))
			return true;
	return false;
}

/* The servers that a reply names for @zone, with the addresses that came along. */
static void read_cut(const struct dnsq *d, const uint8_t *bytes, size_t len,
		     const struct dns_name *zone, struct cut *out)
{
	const struct rd whole = rd_make(bytes, len);
	struct dns_record r;
	struct dns_msg m;
	struct dns_name name;

	*out = (struct cut){.zone = *zone};
	if (dns_msg_open(&m, bytes, len) < 0)
		return;
	while (dns_msg_record(&m, &r) == 0) {
		uint8_t n = r.type == DNS_A ? 4 : 16;
		struct rd data = r.data;

		if (r.type == DNS_NS && dns_name_same(&r.name, zone, false) &&
		    dns_name_read(&data, &whole, &name) == 0)
			add_server(out, &name, NULL);
		if (r.section == DNS_ADDITIONAL && (r.type == DNS_A || r.type == DNS_AAAA) &&
		    r.data.len == n && is_server(out, &r.name) && is_family_wanted(d, n)) {
			struct addr a = addr_from(r.data.buf, n);

			add_server(out, &r.name, &a);
		}
	}
}

/* --- asking one server */

static bool ask_server(struct walk_down *w, const struct dns_name *name, uint16_t type,
		       const struct dns_name *server, const struct addr *addr, struct ask *a,
		       struct endpoint *e)
{
	*e = (struct endpoint){.addr = *addr};
	e->port = w->dnsq->port;
	(void)dns_name_text(server, e->name);
	*a = ask_make(w->dnsq, &w->lookup, name);
	a->question.type = type;
	a->servers = e;
	a->n_servers = 1;
	if (w->is_quiet)
		a->on_note = NULL;
	w->n_queries++;
	asker_start(w->dnsq->asker, a);
	(void)asker_wait(w->dnsq->asker, a);
	return a->state == ASK_REPLIED;
}

static void say(struct walk_down *w, const char *fmt, ...) printf_like(2, 3);

static void say(struct walk_down *w, const char *fmt, ...)
{
	char note[2 * DNS_NAME_TEXT_MAX];
	va_list ap;

	if (w->is_quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(note, sizeof(note), fmt, ap);
	va_end(ap);
	show_note(w->dnsq, &w->lookup, note);
}

static void show_step(struct walk_down *w, const struct ask *a)
{
	char text[ADDR_TEXT_MAX];

	if (w->is_quiet)
		return;
	(void)print_reply(w->dnsq, &w->lookup, a);
	if (!w->lookup.set.is_short)
		out_text(&w->dnsq->run->out, ";; Received %zu bytes from %s#%u(%s) in %llu ms\n\n",
			 a->reply_len, addr_text(&a->server->addr, text), a->server->port,
			 a->server->name, (unsigned long long)(a->rtt_ns / NS_PER_MS));
}

static int walk_from(struct walk_down *w, struct dns_name *name, uint16_t type, unsigned depth,
		     struct cut *last, struct ask *out, struct endpoint *e);

/* The addresses of servers that came without: asked for from the root on, in silence. */
static void find_addresses(struct walk_down *w, struct cut *c, unsigned depth)
{
	bool was_quiet = w->is_quiet, stopped = w->stops_at_alias;
	struct cut *last = malloc(sizeof(*last));

	w->is_quiet = true;
	w->stops_at_alias = false;
	for (unsigned i = 0; last && i < c->n && depth < DEPTH_MAX; i++) {
		struct dns_name name = c->names[i];
		struct endpoint e;
		struct ask a = {0};
		struct dns_record r;
		struct dns_msg m;
		uint16_t type = is_family_wanted(w->dnsq, 4) ? DNS_A : DNS_AAAA;

		if (c->addrs[i].len)
			continue;
		if (walk_from(w, &name, type, depth + 1, last, &a, &e) == 0 &&
		    dns_msg_open(&m, a.reply, a.reply_len) == 0)
			while (dns_msg_record(&m, &r) == 0 && r.section == DNS_ANSWER)
				if (r.type == type && (r.data.len == 4 || r.data.len == 16))
					c->addrs[i] = addr_from(r.data.buf, (uint8_t)r.data.len);
		ask_free(&a);
	}
	free(last);
	w->is_quiet = was_quiet;
	w->stops_at_alias = stopped;
}

static bool has_address(const struct cut *c)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->addrs[i].len)
			return true;
	return false;
}

/*
 * Asks the servers of a zone one after another until one knows more. Returns STEP_LAME when none
 * does; each that does not is named. The reply stays in @out.
 */
static enum step ask_cut(struct walk_down *w, const struct cut *c, const struct dns_name *name,
			 uint16_t type, struct dns_name *next, struct ask *out, struct endpoint *e)
{
	char zone[DNS_NAME_TEXT_MAX], text[ADDR_TEXT_MAX], server[DNS_NAME_TEXT_MAX];

	for (unsigned i = 0; i < c->n && w->n_queries < QUERIES_MAX; i++) {
		struct dns_question q = {*name, type, w->lookup.class};
		enum step step;

		if (!c->addrs[i].len || asker_is_stopped(w->dnsq->asker))
			continue;
		ask_free(out);
		if (!ask_server(w, name, type, &c->names[i], &c->addrs[i], out, e))
			continue;
		step = step_of(out->reply, out->reply_len, &q, &c->zone, next);
		if (step != STEP_LAME)
			return step;
		say(w, "lame server: %s (%s) does not serve %s",
		    dns_name_text(&c->names[i], server), addr_text(&c->addrs[i], text),
		    dns_name_text(&c->zone, zone));
	}
	return STEP_LAME;
}

/* --- the way down */

static void remember(struct walk_down *w, const struct cut *c)
{
	struct cut *copy;

	for (unsigned i = 0; i < w->n_known; i++)
		if (dns_name_same(&w->known[i]->zone, &c->zone, false))
			return;
	copy = w->n_known < KNOWN_MAX ? malloc(sizeof(*copy)) : NULL;
	if (!copy)
		return;
	*copy = *c;
	w->known[w->n_known++] = copy;
}

/* Where the way to a name begins: with the root when it is shown, else as far down as is known. */
static const struct cut *start_of(const struct walk_down *w, const struct dns_name *name,
				  uint16_t type)
{
	const struct dns_name top = type == DNS_DS ? dns_name_parent(name, 1) : *name;
	const struct cut *best = &w->root;

	for (unsigned i = 0; i < w->n_known && w->is_quiet; i++)
		if (dns_name_is_below(&top, &w->known[i]->zone) &&
		    w->known[i]->zone.len > best->zone.len)
			best = w->known[i];
	return best;
}

static void keep(struct walk_down *w, const struct dns_name *name, uint16_t type,
		 const struct ask *a)
{
	const struct dns_question q = {*name, type, w->lookup.class};

	validation_keep(w->validation, &q, a->reply, a->reply_len);
}

/*
 * From the root down to the answer for @name, which aliases change. Returns 0 with the reply in
 * @out and the zone of the answer in @last; E_NOENT if nobody knows, E_BAD for a loop.
 */
static int walk_from(struct walk_down *w, struct dns_name *name, uint16_t type, unsigned depth,
		     struct cut *last, struct ask *out, struct endpoint *e)
{
	char text[DNS_NAME_TEXT_MAX], zone[DNS_NAME_TEXT_MAX];
	unsigned aliases = 0;
	struct dns_name next;

	*last = *start_of(w, name, type);
	while (w->n_queries < QUERIES_MAX) {
		enum step step;

		if (!has_address(last))
			find_addresses(w, last, depth);
		if (has_address(last))
			remember(w, last);
		step = ask_cut(w, last, name, type, &next, out, e);
		if (step == STEP_LAME) {
			say(w, "no server of %s could tell about %s",
			    dns_name_text(&last->zone, zone), dns_name_text(name, text));
			return E_NOENT;
		}
		show_step(w, out);
		if (step != STEP_REFERRAL && w->validation && !depth && !w->stops_at_alias)
			keep(w, name, type, out);
		if (step == STEP_ANSWER || (step == STEP_ALIAS && w->stops_at_alias))
			return 0;
		if (step == STEP_REFERRAL) {
			read_cut(w->dnsq, out->reply, out->reply_len, &next, last);
			continue;
		}
		if (++aliases > ALIASES_MAX || dns_name_same(&next, name, false))
			break;
		say(w, "%s is an alias: on with %s", dns_name_text(name, zone),
		    dns_name_text(&next, text));
		*name = next;
		*last = *start_of(w, name, type);
	}
	say(w, "aliases or referrals lead in a circle: given up at %s", dns_name_text(name, text));
	return E_BAD;
}

/* --- where it begins */

/* What @servers, asked to find it out, say; false if they do not reply. */
static bool ask_resolver(struct walk_down *w, const struct dns_name *name, uint16_t type,
			 struct ask *a)
{
	struct dnsq_set recursive = w->lookup.set;

	recursive.rd = true;
	*a = ask_make(w->dnsq, &w->lookup, name);
	a->question.type = type;
	a->set = &recursive;
	asker_start(w->dnsq->asker, a);
	(void)asker_wait(w->dnsq->asker, a);
	a->set = &w->lookup.set;
	return a->state == ASK_REPLIED;
}

static void ask_for_address(struct walk_down *w, struct cut *c, unsigned i)
{
	uint16_t type = is_family_wanted(w->dnsq, 4) ? DNS_A : DNS_AAAA;
	struct dns_record r;
	struct dns_msg m;
	struct ask a;

	if (ask_resolver(w, &c->names[i], type, &a) && dns_msg_open(&m, a.reply, a.reply_len) == 0)
		while (dns_msg_record(&m, &r) == 0 && r.section == DNS_ANSWER)
			if (r.type == type && (r.data.len == 4 || r.data.len == 16))
				c->addrs[i] = addr_from(r.data.buf, (uint8_t)r.data.len);
	ask_free(&a);
}

/* The root servers as @servers know them, or as they are known beforehand. */
static int find_root(struct walk_down *w)
{
	const struct dns_name root = {.len = 1};
	struct dnsq *d = w->dnsq;
	struct ask a;

	w->root.zone = root;
	for (unsigned i = 0; i < d->hints.n && !w->lookup.n_servers; i++)
		if (is_family_wanted(d, d->hints.hints[i].addr.len))
			add_server(&w->root, &d->hints.hints[i].name, &d->hints.hints[i].addr);
	if (!w->lookup.n_servers)
		return 0;
	if (ask_resolver(w, &root, DNS_NS, &a)) {
		read_cut(d, a.reply, a.reply_len, &root, &w->root);
		show_step(w, &a);
	}
	ask_free(&a);
	for (unsigned i = 0; i < w->root.n; i++)
		if (!w->root.addrs[i].len)
			ask_for_address(w, &w->root, i);
	return has_address(&w->root) ? 0 : E_NOENT;
}

static struct walk_down *walk_new(struct dnsq *d, const struct dnsq_lookup *l)
{
	struct walk_down *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->dnsq = d;
	w->lookup = *l;
	if (find_root(w) == 0)
		return w;
	show_note(d, l, "no servers could be reached");
	free(w);
	return NULL;
}

static void walk_free(struct walk_down *w)
{
	if (!w)
		return;
	for (unsigned i = 0; i < w->n_known; i++)
		free(w->known[i]);
	validation_free(w->validation);
	free(w);
}

bool trace_ask(struct walk_down *w, const struct dns_question *q, struct ask *a)
{
	struct cut *last = malloc(sizeof(*last));
	struct dns_name at = q->name;
	int err;

	*a = (struct ask){0};
	w->is_quiet = w->stops_at_alias = true;
	err = last ? walk_from(w, &at, q->type, 0, last, a, &w->asked) : E_MEM;
	w->is_quiet = w->stops_at_alias = false;
	free(last);
	return !err;
}

/* What is used without a look is shown only after the verdict, and if that is good. */
static int show_validated(struct walk_down *w, const struct dns_question *q, const struct ask *a,
			  int status)
{
	enum dnssec_verdict verdict = validation_run(w->validation, q);

	w->is_quiet = false;
	if (w->lookup.set.is_short && a->state == ASK_REPLIED && verdict <= DNSSEC_INSECURE)
		show_step(w, a);
	return validation_show(w->validation, status);
}

int trace_run(struct dnsq *d, const struct dnsq_lookup *l, const struct dns_name *name)
{
	const struct dns_question q = {*name, l->type, l->class};
	struct walk_down *w = walk_new(d, l);
	struct cut *last = malloc(sizeof(*last));
	struct dns_name at = *name;
	struct ask a = {0};
	struct endpoint e;
	int err = E_NOENT, status;

	if (w && l->set.validates) {
		w->validation = validation_new(d, l, w);
		w->is_quiet = l->set.is_short;
	}
	if (w && last)
		err = walk_from(w, &at, l->type, 0, last, &a, &e);
	status = err ? DNSQ_NO_REPLY : reply_status(l, &a, true);
	if (w && w->validation)
		status = show_validated(w, &q, &a, status);
	ask_free(&a);
	free(last);
	walk_free(w);
	return status;
}

/* What one server says of the zone, as dig's +nssearch has it. */
static bool show_soa(struct walk_down *w, const struct ask *a)
{
	const struct rd whole = rd_make(a->reply, a->reply_len);
	struct text t = text_make(w->dnsq->space, DNSQ_SPACE);
	const struct dns_style style = {0};
	struct dns_record r;
	struct dns_msg m;
	char text[ADDR_TEXT_MAX];

	if (dns_msg_open(&m, a->reply, a->reply_len) < 0 || !(m.flags & DNS_AA))
		return false;
	while (dns_msg_record(&m, &r) == 0 && r.section == DNS_ANSWER) {
		if (r.type != DNS_SOA)
			continue;
		text_add(&t, "SOA ");
		if (dns_rdata_text(&t, r.type, r.data, &whole, &style) < 0)
			return false;
		text_addf(&t, " from server %s in %llu ms.\n", addr_text(&a->server->addr, text),
			  (unsigned long long)(a->rtt_ns / NS_PER_MS));
		print_text(w->dnsq, &t);
		return true;
	}
	return false;
}

/* Every address of every server that the zone has, asked for its SOA. */
static int ask_all(struct walk_down *w, struct cut *c)
{
	char server[DNS_NAME_TEXT_MAX], text[ADDR_TEXT_MAX];
	int status = DNSQ_NO_REPLY;

	find_addresses(w, c, 0);
	for (unsigned i = 0; i < c->n; i++) {
		struct endpoint e;
		struct ask a = {0};

		dns_name_text(&c->names[i], server);
		if (!c->addrs[i].len) {
			say(w, "no address found for %s", server);
			continue;
		}
		if (!ask_server(w, &c->zone, DNS_SOA, &c->names[i], &c->addrs[i], &a, &e)) {
			say(w, "no reply from %s (%s)", server, addr_text(&c->addrs[i], text));
		} else if (w->dnsq->run->out.is_json) {
			status = json_reply(w->dnsq, &w->lookup, &a);
		} else if (show_soa(w, &a)) {
			status = DNSQ_OK;
		} else {
			say(w, "lame server: %s (%s)", server, addr_text(&c->addrs[i], text));
		}
		ask_free(&a);
	}
	return status;
}

/*
 * The zone that a name is in, by the reply to a question for its NS: its own records, or the SOA of
 * the zone that has none there. A server of the zone above may serve this one too, without a word
 * about the cut between them.
 */
static struct dns_name zone_of(const struct ask *a, const struct dns_name *name,
			       const struct cut *last)
{
	struct dns_record r;
	struct dns_msg m;

	if (dns_msg_open(&m, a->reply, a->reply_len) < 0)
		return last->zone;
	while (dns_msg_record(&m, &r) == 0)
		if ((r.type == DNS_NS && dns_name_same(&r.name, name, false)) ||
		    (r.section == DNS_AUTHORITY && r.type == DNS_SOA &&
		     dns_name_is_below(name, &r.name) && dns_name_is_below(&r.name, &last->zone)))
			return r.name;
	return last->zone;
}

/* The servers of the zone that @at is in, by its own list where it gives one. */
static bool find_servers(struct walk_down *w, struct dns_name *at, struct cut *out)
{
	struct ask a = {0};
	struct endpoint e;
	struct cut *last = malloc(sizeof(*last));
	bool is_found = last && walk_from(w, at, DNS_NS, 0, last, &a, &e) == 0;
	struct dns_name zone;

	if (is_found) {
		zone = zone_of(&a, at, last);
		if (!dns_name_same(&zone, at, false)) {
			*at = zone;
			ask_free(&a);
			is_found = walk_from(w, at, DNS_NS, 0, last, &a, &e) == 0;
		}
		read_cut(w->dnsq, a.reply, a.reply_len, at, out);
		if (!out->n)
			*out = *last;
	}
	ask_free(&a);
	free(last);
	return is_found;
}

int nssearch_run(struct dnsq *d, const struct dnsq_lookup *l, const struct dns_name *name)
{
	struct walk_down *w = walk_new(d, l);
	struct cut *all = malloc(sizeof(*all));
	struct dns_name at = *name;
	int status = DNSQ_NO_REPLY;

	if (w && all) {
		w->is_quiet = true;
		w->lookup.set.rd = false;
		if (find_servers(w, &at, all)) {
			w->is_quiet = false;
			status = ask_all(w, all);
		} else {
			show_note(d, l, "the servers of the zone could not be found");
		}
	}
	free(all);
	walk_free(w);
	return status;
}
