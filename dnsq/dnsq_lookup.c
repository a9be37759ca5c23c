/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_lookup - one name of the command line: which servers, which full names, and the outcome. */
#include <idn2.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "dnsq.h"
#include "dnsq_trace.h"
#include "dnsq_validate.h"
#include "io/names.h"

#define NAMES_WAIT_MS 30000
#define TLS_SCHEME "tls://"
#define HTTPS_SCHEME "https://"

/* What @server says, taken apart: "tls://name", "https://name/path", or a name alone. */
static struct endpoint read_server(const char *text)
{
	struct endpoint e = {.is_tls = true};
	const char *slash;

	if (strncmp(text, TLS_SCHEME, strlen(TLS_SCHEME)) == 0) {
		snprintf(e.name, sizeof(e.name), "%s", text + strlen(TLS_SCHEME));
	} else if (strncmp(text, HTTPS_SCHEME, strlen(HTTPS_SCHEME)) == 0) {
		text += strlen(HTTPS_SCHEME);
		slash = strchr(text, '/');
		snprintf(e.name, sizeof(e.name), "%.*s",
			 (int)(slash ? slash - text : (ptrdiff_t)strlen(text)), text);
		snprintf(e.path, sizeof(e.path), "%s", slash && slash[1] ? slash : "/dns-query");
	} else {
		e.is_tls = false;
		snprintf(e.name, sizeof(e.name), "%s", text);
	}
	return e;
}

static void add_endpoint(struct dnsq *d, struct dnsq_lookup *l, const struct endpoint *server)
{
	int family = d->run->options.family;
	struct endpoint *e = &l->endpoints[l->n_endpoints];

	if (l->n_endpoints == DNSQ_SERVERS || (family == 4 && server->addr.len != 4) ||
	    (family == 6 && server->addr.len != 16))
		return;
	*e = *server;
	if (!e->is_group || d->has_port)
		e->port = d->port;
	if (!d->has_port && (e->path[0] || l->set.https_path))
		e->port = 443;
	else if (!d->has_port && (e->is_tls || l->set.is_tls))
		e->port = 853;
	l->n_endpoints++;
}

/* The address of a server's name, by way of the system's resolver. */
static int resolve_name(struct dnsq *d, const char *name, struct addr *out, struct why *why)
{
	struct name_answer answer = {0};
	struct names *names = NULL;
	struct pollfd p = {.events = POLLIN};
	int err = strlen(name) > NAME_MAX_LEN ? E_BAD : names_open(1, &names, why);

	if (!err)
		err = names_ask(names, name, d->run->options.family, false);
	if (!err) {
		p.fd = names_fd(names);
		err = E_AGAIN;
		while (err == E_AGAIN && poll(&p, 1, NAMES_WAIT_MS) > 0)
			err = names_take(names, &answer);
	}
	names_close(names);
	*out = answer.addr;
	if (!err && answer.addr.len)
		return 0;
	return why_set(why, E_NOENT, "couldn't get address for '%.100s': %s", name,
		       answer.fault[0] ? answer.fault : "no answer");
}

static int resolve_given(struct dnsq *d, struct dnsq_lookup *l, struct why *why)
{
	int err = 0;

	for (unsigned i = 0; i < l->n_servers && !err; i++) {
		struct endpoint e = read_server(l->servers[i]);

		if (!e.is_tls && group_find(e.name, d->run->options.family, &e))
			;
		else if (addr_parse(e.name, &e.addr) < 0)
			err = resolve_name(d, e.name, &e.addr, why);
		if (!err)
			add_endpoint(d, l, &e);
	}
	return err;
}

static void take_configured(struct dnsq *d, struct dnsq_lookup *l)
{
	static const struct endpoint local = {.addr = {.len = 4, .bytes = {127, 0, 0, 1}},
					      .name = "127.0.0.1"};
	const struct resolvconf *c = &d->conf;
	unsigned first =
		c->rotates && c->n_servers ? (unsigned)rnd_below(&d->run->rnd, c->n_servers) : 0;

	for (unsigned i = 0; i < c->n_servers; i++) {
		struct endpoint e = {.addr = c->servers[(first + i) % c->n_servers]};

		(void)addr_text(&e.addr, e.name);
		add_endpoint(d, l, &e);
	}
	if (!c->n_servers) /* resolv.conf(5) */
		add_endpoint(d, l, &local);
}

/* +raw is for a datagram to a host that somebody has named. */
static int prepare_raw(struct dnsq *d, const struct dnsq_lookup *l, struct why *why)
{
	const struct dnsq_set *s = &l->set;

	if (!s->is_raw)
		return 0;
	if (!l->n_servers || s->is_trace || s->is_nssearch)
		return why_set(why, E_BAD, "+raw asks only servers that are named: @SERVER");
	for (unsigned i = 0; i < l->n_endpoints; i++) {
		const struct endpoint *e = &l->endpoints[i];

		if (s->is_tcp || s->is_tls || e->is_tls || e->is_group)
			return why_set(why, E_BAD, "+raw is for UDP to a single host, not for %s",
				       e->is_group ? e->name : "TCP");
		d->net.raw_v4 |= e->addr.len == 4;
		d->net.raw_v6 |= e->addr.len == 16;
	}
	return 0;
}

int lookup_resolve(struct dnsq *d, struct dnsq_lookup *l, struct why *why)
{
	int err;

	l->endpoints = calloc(DNSQ_SERVERS, sizeof(*l->endpoints));
	if (!l->endpoints)
		return why_set(why, E_MEM, "out of memory");
	err = resolve_given(d, l, why);
	if (err)
		return err;
	if (!l->n_servers)
		take_configured(d, l);
	if (!l->n_endpoints)
		return why_set(why, E_NOENT, "no server of the family that -4 or -6 asks for");
	for (unsigned i = 0; i < l->n_endpoints && !d->net.tls; i++) {
		if (!l->set.is_tls && !l->endpoints[i].is_tls)
			continue;
		err = tls_load(l->set.tls_ca, &d->net.tls, why);
		if (err)
			return err;
	}
	if (!l->set.tries)
		l->set.tries = d->conf.attempts ? d->conf.attempts : 3;
	if (!l->set.timeout_ns)
		l->set.timeout_ns = (d->conf.timeout_s ? d->conf.timeout_s : 5) * NS_PER_S;
	if (!l->n_servers)
		l->set.is_tcp |= d->conf.uses_tcp;
	return prepare_raw(d, l, why);
}

void show_note(struct dnsq *d, const struct dnsq_lookup *l, const char *note)
{
	if (l->set.is_short || l->set.is_yaml)
		tool_say(d->run, "%s", note);
	else
		out_text(&d->run->out, ";; %s\n", note);
}

static void on_note(struct ask *a, const char *note)
{
	show_note(a->dnsq, a->lookup, note);
}

static void on_packet(struct ask *a, bool is_sent, const uint8_t *bytes, size_t len)
{
	if (is_sent && a->lookup->set.shows_query && !a->dnsq->run->out.is_json)
		print_query(a->dnsq, a->lookup, a, bytes, len);
	evidence_add(a->dnsq, a, is_sent, bytes, len);
}

struct ask ask_make(struct dnsq *d, const struct dnsq_lookup *l, const struct dns_name *name)
{
	return (struct ask){
		.question = {*name, l->type, l->class},
		.set = &l->set,
		.servers = l->endpoints,
		.n_servers = l->n_endpoints,
		.key = d->key,
		.serial = l->serial,
		.on_note = on_note,
		.on_packet = on_packet,
		.dnsq = d,
		.lookup = l,
	};
}

/* --- which names */

static bool is_absolute(const char *name)
{
	size_t n = strlen(name), slashes = 0;

	if (!n || name[n - 1] != '.')
		return false;
	while (slashes + 1 < n && name[n - 2 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 0;
}

/* The name with labels that are not ASCII in their ASCII form (RFC 5891); others stay untouched. */
static int parse_name(const struct dnsq_lookup *l, struct dns_name *out, struct why *why)
{
	bool is_ascii = true;
	char *ascii = NULL;
	int err;

	for (const char *c = l->name; *c; c++)
		is_ascii &= (unsigned char)*c < 0x80;
	if (!is_ascii && l->set.takes_idn) {
		err = idn2_to_ascii_8z(l->name, &ascii, IDN2_NONTRANSITIONAL);
		if (err != IDN2_OK)
			return why_set(why, E_BAD,
				       "'%.200s' is not a legal IDNA2008 name (%s), use +noidnin",
				       l->name, idn2_strerror(err));
	}
	err = dns_name_parse(ascii ? ascii : l->name, strlen(ascii ? ascii : l->name), NULL, out);
	idn2_free(ascii);
	if (!err)
		return 0;
	return why_set(why, E_BAD, "'%.200s' is not a legal name: %s", l->name,
		       err == E_RANGE ? "label or name too long" : "empty label or bad escape");
}

int lookup_candidates(const struct dnsq *d, const struct dnsq_lookup *l, struct dns_name *out,
		      struct why *why)
{
	unsigned ndots = l->set.ndots >= 0 ? (unsigned)l->set.ndots : d->conf.ndots;
	struct dns_name base, domain unset;
	bool is_first;
	int n = 0, err;

	if (l->reverse.len) {
		out[0] = l->reverse;
		return 1;
	}
	err = parse_name(l, &base, why);
	if (err)
		return err;
	is_first = is_absolute(l->name) || !l->set.searches || dns_name_labels(&base) > ndots;
	if (is_first)
		out[n++] = base;
	if (is_absolute(l->name) || !l->set.searches)
		return n;
	if (l->set.domain &&
	    dns_name_parse(l->set.domain, strlen(l->set.domain), NULL, &domain) == 0 &&
	    dns_name_join(&base, &domain, &out[n]) == 0)
		n++;
	for (unsigned i = 0; i < d->conf.n_search && !l->set.domain; i++)
		if (dns_name_join(&base, &d->conf.search[i], &out[n]) == 0)
			n++;
	if (!is_first)
		out[n++] = base;
	return n;
}

bool lookup_is_unfound(const struct ask *a)
{
	struct dns_msg m;

	return a->state == ASK_REPLIED && dns_msg_open(&m, a->reply, a->reply_len) == 0 &&
	       ((m.flags & 15) == DNS_NXDOMAIN ||
		((m.flags & 15) == DNS_NOERROR && !m.counts[DNS_ANSWER]));
}

static int show(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a)
{
	if (a->state == ASK_REPLIED)
		return print_reply(d, l, a);
	if (asker_is_stopped(d->asker))
		d->run->reason = "interrupted";
	else
		show_note(d, l, "no servers could be reached");
	if (d->run->out.is_json)
		return json_reply(d, l, a);
	if (l->set.is_yaml)
		out_text(&d->run->out,
			 "- type: DIG_ERROR\n  message: |\n    no servers could be reached\n");
	return a->is_unauthentic ? DNSQ_NOT_AUTHENTIC : DNSQ_NO_REPLY;
}

int lookup_show(struct dnsq *d, const struct dnsq_lookup *l, const struct ask *a)
{
	int status = show(d, l, a);

	dnsq_outcome(d, l, a, status);
	return status;
}

bool lookup_is_ours(const struct dnsq *d, const struct dnsq_lookup *l)
{
	char id[sizeof(l->name) + DNSQ_SERVERS * sizeof(l->endpoints[0].name)];
	struct text t = text_make(id, sizeof(id));

	text_addf(&t, "%s %u %u", l->name, l->type, l->class);
	for (unsigned i = 0; i < l->n_servers; i++)
		text_addf(&t, " @%s", l->servers[i]);
	return shard_has_name(&d->run->options.shard, id);
}

/* Conversations of more than a question and a reply. */
static bool is_conversation(const struct dnsq_lookup *l)
{
	const struct dnsq_set *s = &l->set;

	return l->endpoints[0].is_group || s->is_trace || s->is_nssearch || s->is_compare ||
	       s->wait_ns || l->type == DNS_AXFR || l->type == DNS_IXFR;
}

/* The reply, and the chain of trust that leads to it. */
static int show_validated(struct dnsq *d, const struct dnsq_lookup *l, struct ask *a)
{
	struct validation *v = validation_new(d, l, NULL);
	enum dnssec_verdict verdict;
	int status;

	if (!v)
		return DNSQ_INTERNAL;
	validation_keep(v, &a->question, a->reply, a->reply_len);
	verdict = validation_run(v, &a->question);
	a->dnssec = verdict_text(verdict);
	/* What is used without a look must not be what nobody can vouch for. */
	if (verdict <= DNSSEC_INSECURE || !l->set.is_short)
		status = show(d, l, a);
	else
		status = reply_status(l, a, true);
	status = validation_show(v, status);
	dnsq_outcome(d, l, a, status);
	validation_free(v);
	return status;
}

int lookup_run(struct dnsq *d, const struct dnsq_lookup *l)
{
	struct dns_name names[LOOKUP_CANDIDATES] unset;
	struct why why;
	int n = lookup_candidates(d, l, names, &why), status = DNSQ_INTERNAL;
	bool is_last = false;

	if (n < 0) {
		(void)tool_fail(d->run, &why);
		return DNSQ_INTERNAL;
	}
	if (dnsq_has_outcome(d) && is_conversation(l)) {
		(void)why_set(&why, E_UNSUP,
			      "--format=prom and --check are for a question and its reply, not for "
			      "'%.100s'",
			      l->name);
		(void)tool_fail(d->run, &why);
		return DNSQ_USAGE;
	}
	print_greeting(d, l, l->n_endpoints);
	if (l->endpoints[0].is_group)
		return group_run(d, l, &names[0]);
	if (l->set.is_trace)
		return trace_run(d, l, &names[0]);
	if (l->set.is_nssearch)
		return nssearch_run(d, l, &names[0]);
	if (l->set.is_compare || l->set.wait_ns)
		return many_run(d, l, &names[0]);
	if (l->type == DNS_AXFR || l->type == DNS_IXFR)
		return xfr_run(d, l, &names[0]);
	for (int i = 0; i < n && !is_last; i++) {
		struct ask a = ask_make(d, l, &names[i]);

		asker_start(d->asker, &a);
		(void)asker_wait(d->asker, &a);
		is_last = i == n - 1 || !lookup_is_unfound(&a);
		if (is_last && l->set.validates && a.state == ASK_REPLIED)
			status = show_validated(d, l, &a);
		else if (is_last || l->set.shows_search)
			status = lookup_show(d, l, &a);
		ask_free(&a);
	}
	return status;
}
