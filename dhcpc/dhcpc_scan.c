/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_scan - who answers a DISCOVER: every server, and what they do not agree on. Nothing is
 * requested, so no lease comes of it.
 */
#include <stdlib.h>

#include "base/num.h"
#include "base/text.h"
#include "dhcpc_report.h"

#define FRAMES_AT_ONCE 16
#define SERVERS_MAX 64u

struct server {
	struct addr id;
	struct mac mac;
	bool is_unlisted;
	struct dhcpc_lease lease;
};

struct scan {
	struct dhcpc *d;
	uint32_t xid;
	uint64_t end_ns;
	struct server *servers;
	unsigned n_servers, n_unlisted;
	bool has_must, is_over, is_interrupted;
	int fault;
	struct why why;
};

static struct server *find(struct scan *c, const struct dhcpc_seen *s)
{
	for (unsigned i = 0; i < c->n_servers; i++)
		if (addr_same(&c->servers[i].id, &s->server) &&
		    mac_same(&c->servers[i].mac, &s->src_mac))
			return &c->servers[i];
	return NULL;
}

static bool is_unlisted(const struct dhcpc_opts *o, const struct dhcpc_seen *s)
{
	return (o->allowed.n && !dhcpc_is_listed(&o->allowed, s)) || dhcpc_is_listed(&o->denied, s);
}

static void take_offer(struct scan *c, struct dhcpc_seen *s)
{
	const struct dhcpc_opts *o = &c->d->opts;
	struct server *server;

	if (s->msg.type != DHCP_OFFER)
		dhcpc_drop(s, DROP_UNTIMELY, "nothing was requested");
	else if (find(c, s))
		dhcpc_drop(s, DROP_UNTIMELY, "this server has answered before");
	else if (c->n_servers == SERVERS_MAX)
		dhcpc_drop(s, DROP_UNTIMELY, "it is one server more than can be kept");
	if (!s->drop)
		dhcpc_lease_read(s, false, &c->servers[c->n_servers].lease);
	if (s->drop) {
		dhcpc_count(c->d, s);
		return;
	}
	server = &c->servers[c->n_servers++];
	server->id = s->server;
	server->mac = s->src_mac;
	server->is_unlisted = is_unlisted(o, s);
	c->n_unlisted += server->is_unlisted;
	c->has_must |= o->must.addr.len ? addr_same(&o->must.addr, &s->server) :
					  mac_same(&o->must.mac, &s->src_mac);
	c->d->counts.received++;
	dhcpc_tell_seen(c->d, s, &server->lease, server->is_unlisted);
	dhcpc_trace_in(c->d, s->in,
		       server->is_unlisted ? "an offer of a server that is not allowed" :
					     "an offer");
	c->is_over |= o->expect && c->n_servers >= o->expect;
}

static void take(struct scan *c, const struct link_in *in)
{
	struct dhcpc_seen s;

	if (in->kind == LINK_TX && in->tag == c->d->n_tx)
		c->d->tx_wall_ns = in->wall_ns;
	if (!dhcpc_look(&c->d->self, c->xid, in, &s))
		return;
	if (s.drop)
		dhcpc_count(c->d, &s);
	else
		take_offer(c, &s);
}

static uint64_t step(void *arg)
{
	struct scan *c = arg;
	struct link_in in[FRAMES_AT_ONCE];
	int n = link_recv(c->d->link, in, FRAMES_AT_ONCE, &c->why);

	if (n < 0 && n != E_AGAIN) {
		c->fault = n;
		c->is_over = true;
	}
	for (int i = 0; i < n && !c->is_over; i++)
		take(c, &in[i]);
	c->is_over |= clock_mono(c->d->run->clock) >= c->end_ns;
	return n > 0 ? 0 : c->end_ns;
}

static bool is_over(const void *arg)
{
	return ((const struct scan *)arg)->is_over;
}

static void stop(void *arg)
{
	struct scan *c = arg;

	c->is_interrupted |= !c->is_over;
	c->is_over = true;
}

static void tell_status(void *arg)
{
	fprintf(stderr, "\r%u servers\n", ((const struct scan *)arg)->n_servers);
}

static unsigned poll_fds(const void *arg, int *fds)
{
	fds[0] = ((const struct scan *)arg)->d->link->fd;
	return 1;
}

/* --- what they do not agree on */

static void value_of(const struct server *server, uint8_t code, struct text *out)
{
	struct dhcp_msg m = dhcpc_lease_msg(&server->lease);
	struct dhcp_value v;

	if (dhcp_find(&m, code, &v) == 0)
		dhcp_option_text(code, v.data, v.len, DHCP_FOR_PEOPLE, out);
	else
		text_add(out, "-");
}

static bool do_differ(const struct scan *c, uint8_t code)
{
	char first[1024], other[1024];
	struct text t = text_make(first, sizeof(first));

	value_of(&c->servers[0], code, &t);
	for (unsigned i = 1; i < c->n_servers; i++) {
		t = text_make(other, sizeof(other));
		value_of(&c->servers[i], code, &t);
		if (strcmp(first, other) != 0)
			return true;
	}
	return false;
}

static void diff_record(struct scan *c, uint8_t code, const char *name)
{
	struct rec *r = record_start(&c->d->run->out, &dhcpc_diff_record), *list;

	rec_int(r, "code", code);
	rec_str(r, "name", name);
	list = rec_array(r, "values");
	for (unsigned i = 0; list && i < c->n_servers; i++) {
		char addr[ADDR_TEXT_MAX], value[2048];
		struct text t = text_make(value, sizeof(value));
		struct rec *item = rec_item(list);

		value_of(&c->servers[i], code, &t);
		rec_str(item, "server_id", addr_text(&c->servers[i].id, addr));
		if (strcmp(value, "-") == 0)
			rec_null(item, "value");
		else
			rec_str(item, "value", value);
		rec_close(item);
	}
	rec_close(list);
	record_write(&c->d->run->out, r);
}

static void diff_line(struct scan *c, const char *name)
{
	char buf[4096];
	struct text t = text_make(buf, sizeof(buf));
	int code = dhcp_option_by_name(name);

	text_addf(&t, "DIFF  %-26s", name);
	for (unsigned i = 0; i < c->n_servers; i++) {
		text_add(&t, i ? " | " : " ");
		value_of(&c->servers[i], (uint8_t)code, &t);
	}
	out_line(&c->d->run->out, &t);
}

static void tell_differences(struct scan *c)
{
	for (unsigned code = 1; c->n_servers > 1 && code < DHCP_OPT_END; code++) {
		const struct dhcp_option *o = dhcp_option_get((uint8_t)code);

		/* Who they are differs anyhow. */
		if (!o || code == DHCP_OPT_SERVER_ID || !do_differ(c, (uint8_t)code))
			continue;
		diff_record(c, (uint8_t)code, o->name);
		if (dhcpc_says_lines(c->d))
			diff_line(c, o->name);
	}
}

static int finish(struct scan *c)
{
	const struct dhcpc_opts *o = &c->d->opts;
	const struct dhcpc_counts *n = &c->d->counts;
	const char *result = "scanned";
	int status = EXIT_ANSWERED;

	if (c->n_unlisted || (o->has_must && !c->has_must && c->n_servers)) {
		status = DHCPC_EXIT_POLICY;
		result = "policy";
	} else if (!c->n_servers && n->malformed + n->refused) {
		status = DHCPC_EXIT_REFUSED;
		result = "refused";
	} else if (!c->n_servers || (o->expect && c->n_servers < o->expect)) {
		status = EXIT_NO_ANSWER;
		result = c->n_servers ? "scanned" : "silent";
	}
	tell_differences(c);
	if (dhcpc_says_lines(c->d)) {
		out_text(&c->d->run->out, "%u server%s", c->n_servers,
			 c->n_servers == 1 ? "" : "s");
		if (o->allowed.n || o->denied.n)
			out_text(&c->d->run->out, ", %u of them not allowed", c->n_unlisted);
		if (o->has_must && !c->has_must)
			out_text(&c->d->run->out, ", the one asked for is not among them");
		out_text(&c->d->run->out, "\n");
	}
	dhcpc_tell_summary(c->d, c->is_interrupted ? "interrupted" : result, NULL, c->n_servers,
			   c->n_unlisted);
	c->d->run->reason = c->is_interrupted ? "interrupted" : "done";
	return status;
}

int dhcpc_scan(struct dhcpc *d)
{
	static const struct tool_machine machine = {step, is_over, stop, tell_status, poll_fds};
	struct scan c = {
		.d = d,
		.xid = d->opts.has_xid ? d->opts.xid : rnd_u32(&d->run->rnd),
		.end_ns = d->start_ns + d->opts.wait_ns,
	};
	struct dhcpc_ask ask = {
		.type = DHCP_DISCOVER,
		.xid = c.xid,
		.secs = d->opts.secs,
		.ciaddr = addr_none(),
		.requested = d->opts.wish.len ? d->opts.wish : addr_none(),
		.server = addr_none(),
	};
	int status;

	c.servers = calloc(SERVERS_MAX, sizeof(*c.servers));
	if (!c.servers)
		c.fault = why_set(&c.why, E_MEM, "out of memory");
	dhcpc_broadcast(&ask);
	dhcpc_tell_start(d);
	if (!c.fault)
		c.fault = dhcpc_send(d, &ask, &c.why);
	if (!c.fault)
		tool_drive(d->run, &machine, &c);
	status = c.fault < 0 ? tool_fail(d->run, &c.why) : finish(&c);
	status = dhcpc_show_result(d, status, "%u server%s, %u not allowed", c.n_servers,
				   c.n_servers == 1 ? "" : "s", c.n_unlisted);
	free(c.servers);
	return status;
}
