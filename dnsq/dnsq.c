/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq - asks DNS servers, with dig's command line, and tells what came of it.
 *
 * Here: the life of a run. The command line is in dnsq_options.c and dnsq_plus.c, the exchange in
 * dnsq_net.c, dnsq_query.c and dnsq_judge.c, what is shown in dnsq_text.c and dnsq_json.c.
 */
#include "dnsq.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "dnsq_tsig.h"

#define FILE_MAX (1u << 16)
#define PORTS 4 /* UDP sockets, when many questions are open at once */

/* dig's first line repeats the command line. */
static char *join_words(int argc, char **argv)
{
	size_t len = 1;
	struct text t;
	char *raw, *clean;

	for (int i = 1; i < argc; i++)
		len += strlen(argv[i]) + 1;
	raw = malloc(len);
	clean = malloc(3 * len);
	if (!raw || !clean) {
		free(raw);
		free(clean);
		return NULL;
	}
	t = text_make(raw, len);
	for (int i = 1; i < argc; i++)
		text_addf(&t, i > 1 ? " %s" : "%s", argv[i]);
	(void)text_clean(clean, 3 * len, raw, t.len);
	free(raw);
	return clean;
}

/* A small file as a whole; at most FILE_MAX octets of it. Owns: free(). NULL with errno. */
static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *text = f ? malloc(FILE_MAX) : NULL;

	if (text)
		*len = fread(text, 1, FILE_MAX, f);
	if (text && ferror(f)) { /* a directory opens, but cannot be read */
		int err = errno;

		free(text);
		text = NULL;
		fclose(f);
		errno = err;
	} else if (f) {
		fclose(f);
	}
	return text;
}

static int read_key(struct dnsq *d, struct why *why)
{
	size_t len = 0;
	char *text = read_file(d->key_file, &len);
	int err;

	if (!text)
		return why_sys(why, E_SYS, "cannot read the key file '%.100s'", d->key_file);
	tsig_key_free(d->key);
	err = tsig_key_read(text, len, &d->key, why);
	free(text);
	return err;
}

/* A system without resolv.conf asks the server on this host: resolv.conf(5). */
static void read_conf(struct dnsq *d)
{
	size_t len = 0;
	char *text = read_file("/etc/resolv.conf", &len);

	resolvconf_parse(text ? text : "", len, &d->conf);
	free(text);
}

static int read_hints(struct dnsq *d, struct why *why)
{
	size_t len = 0;
	char *text;
	int err;

	roothints_known(&d->hints);
	if (!d->hints_file)
		return 0;
	text = read_file(d->hints_file, &len);
	if (!text)
		return why_sys(why, E_SYS, "cannot read the hints file '%.100s'", d->hints_file);
	err = roothints_parse(text, len, &d->hints, why);
	free(text);
	return err;
}

static int read_anchors(struct dnsq *d, struct why *why)
{
	bool is_wanted = d->anchor_file != NULL;
	struct why inner = {0};
	size_t len = 0;
	char *text;
	int err;

	for (unsigned i = 0; i < d->n_lookups; i++)
		is_wanted |= d->lookups[i].set.validates;
	if (!is_wanted)
		return 0;
	d->anchors = malloc(sizeof(*d->anchors));
	if (!d->anchors)
		return why_set(why, E_MEM, "out of memory");
	trust_anchors_known(d->anchors);
	if (!d->anchor_file)
		return 0;
	text = read_file(d->anchor_file, &len);
	if (!text)
		return why_sys(why, E_SYS, "cannot read the anchor file '%.100s'", d->anchor_file);
	err = trust_anchors_parse(text, len, d->anchors, &inner);
	free(text);
	if (err)
		return why_set(why, err, "the anchor file '%.100s': %s", d->anchor_file,
			       inner.text);
	return 0;
}

/* Without a name the root's servers are asked for, as dig does. */
static int add_default(struct dnsq *d)
{
	int err;

	if (d->n_lookups || d->batch.path || d->decode)
		return 0;
	err = lookup_add(d, ".");
	if (!err && !d->lookups[0].type)
		d->lookups[0].type = DNS_NS;
	return err;
}

static int complete(struct dnsq *d, struct dnsq_lookup *l, struct why *why)
{
	if (!l->type)
		l->type = DNS_A;
	if (!l->class)
		l->class = DNS_IN;
	if (d->run->options.has_timeout && !l->set.timeout_ns)
		l->set.timeout_ns = d->run->options.timeout_ns;
	return lookup_resolve(d, l, why);
}

/* Stamps cost two system calls a query, a third of a batch's time. */
static bool shows_times(const struct dnsq *d)
{
	const struct dnsq_set *s = &d->global.set;
	bool does = d->run->out.is_json || d->batch.has_summary || (d->batch.path && s->stats);

	for (unsigned i = 0; i < d->n_lookups; i++) {
		s = &d->lookups[i].set;
		does |= s->stats || s->identifies || s->is_yaml || s->is_nssearch || s->is_trace;
	}
	return does;
}

static int open_all(struct dnsq *d, struct why *why)
{
	int err = add_default(d) < 0 ? why_set(why, E_MEM, "out of memory") : 0;

	read_conf(d);
	if (!err)
		err = batch_open(d, why);
	if (!err && d->key_file)
		err = read_key(d, why);
	if (!err)
		err = read_hints(d, why);
	if (!err)
		err = read_anchors(d, why);
	if (!err)
		err = d->decode ? decode_open(d, why) : evidence_open(d, why);
	for (unsigned i = 0; i < d->n_lookups && !err; i++)
		err = complete(d, &d->lookups[i], why);
	if (d->global.set.keeps_open == KEEP_DEFAULT)
		d->global.set.keeps_open = KEEP_YES; /* of what a batch asks */
	if (!err && d->batch.path)
		err = complete(d, &d->global, why);
	if (err)
		return err;
	/* Reserved, not used: pages come as text is written. */
	d->space = mmap(NULL, DNSQ_SPACE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (d->space == MAP_FAILED)
		return why_sys(why, E_MEM, "out of memory");
	tzset();
	d->run->opens_sockets = true;
	d->net.has_stamps = shows_times(d);
	if (d->net.raw_v4 || d->net.raw_v6)
		err = tool_netlink(d->run, why);
	if (!err)
		err = asker_new(d->run, &d->net, &d->asker, why);
	return err ? err : tool_lock_down(d->run, why);
}

static void close_all(struct dnsq *d)
{
	asker_free(d->asker);
	decode_close(d);
	for (unsigned i = 0; i < d->n_lookups; i++)
		free(d->lookups[i].endpoints);
	free(d->lookups);
	free(d->global.endpoints);
	free(d->command);
	free(d->anchors);
	tls_unload(d->net.tls);
	tsig_key_free(d->key);
}

static int ask_all(struct dnsq *d)
{
	bool is_short = false;
	int worst = 0;

	if (d->decode)
		return decode_run(d);
	/* One +nocmd, or +short, is for the whole run, as in dig. */
	for (unsigned i = 0; i < d->n_lookups; i++) {
		d->has_greeted |= !d->lookups[i].set.cmd;
		is_short |= d->lookups[i].set.is_short && !d->lookups[i].set.is_nssearch;
	}
	for (unsigned i = 0; i < d->n_lookups && is_short; i++)
		d->lookups[i].set.is_short = true;
	for (unsigned i = 0; i < d->n_lookups && !asker_is_stopped(d->asker); i++) {
		int status =
			lookup_is_ours(d, &d->lookups[i]) ? lookup_run(d, &d->lookups[i]) : DNSQ_OK;

		worst = status > worst ? status : worst;
	}
	if (d->batch.path && !asker_is_stopped(d->asker)) {
		int status = batch_run(d);

		worst = status > worst ? status : worst;
	}
	return worst;
}

static int run(struct run *run, void *input)
{
	struct dnsq *d = input;
	struct why why = {0};
	int status;

	d->run = run;
	if (!d->command) {
		(void)why_set(&why, E_MEM, "out of memory");
		(void)tool_fail(run, &why);
		return DNSQ_INTERNAL;
	}
	if (open_all(d, &why) == 0) {
		status = ask_all(d);
	} else {
		(void)tool_fail(run, &why);
		status = d->batch_fd < 0 ? DNSQ_BATCH_FILE : DNSQ_INTERNAL;
	}
	if (trace_close(d->evidence, &why) < 0) {
		(void)tool_fail(run, &why);
		status = DNSQ_INTERNAL;
	}
	close_all(d);
	return status;
}

int main(int argc, char **argv)
{
	struct dnsq d = {
		.global = {.set = dnsq_set_default()},
		.port = 53,
		.net = {.n_ports = PORTS},
		.batch = {.jobs = 1},
		.command = join_words(argc, argv),
	};
	const struct tool tool = {
		.name = "dnsq",
		.options = dnsq_options,
		.records = dnsq_records,
		.n_records = dnsq_n_records,
		.run = run,
		.exit_usage = DNSQ_USAGE,
		.exit_lost = DNSQ_INTERNAL,
	};

	return tool_main(&tool, &d, argc, argv);
}
