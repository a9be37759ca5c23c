/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_group - one question to everybody on the link: mDNS (RFC 6762 5.1, 6.7), LLMNR (RFC 4795).
 * Who replies is not known beforehand, so that every reply to our port, id and question is shown.
 */
#include <string.h>

#include "base/num.h"
#include "dnsq.h"

#define CACHE_FLUSH 0x8000 /* RFC 6762 10.2: a bit of the class in replies */
#define WAIT_NS NS_PER_S

static const struct group {
	const char *name, *v4, *v6;
	uint16_t port;
} groups[] = {
	{"mdns", "224.0.0.251", "ff02::fb", 5353},
	{"llmnr", "224.0.0.252", "ff02::1:3", 5355},
};

bool group_find(const char *name, int family, struct endpoint *out)
{
	for (unsigned i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		const struct group *g = &groups[i];

		if (strcmp(g->name, name) != 0 ||
		    addr_parse(family == 6 ? g->v6 : g->v4, &out->addr) < 0)
			continue;
		out->port = g->port;
		out->is_group = true;
		return true;
	}
	return false;
}

/* Records are of the class that they would be without the bit. */
static void clear_cache_flush(struct ask *a)
{
	struct dns_record r;
	struct dns_msg m;

	if (dns_msg_open(&m, a->reply, a->reply_len) < 0)
		return;
	while (dns_msg_record(&m, &r) == 0)
		if (r.type != DNS_OPT && (r.class & CACHE_FLUSH))
			a->reply[r.data_off - 8] &= 0x7f; /* class, TTL and length stand there */
}

static bool on_reply(struct ask *a)
{
	int *status = a->arg, deserved;

	clear_cache_flush(a);
	deserved = print_reply(a->dnsq, a->lookup, a);
	*status = deserved > *status ? deserved : *status;
	return false; /* there may be others */
}

int group_run(struct dnsq *d, const struct dnsq_lookup *l, const struct dns_name *name)
{
	struct dnsq_lookup mine = *l;
	int status = DNSQ_OK;
	struct ask a;

	/* RFC 6762 18, RFC 4795 2.1.1: no bits, and plain messages. */
	mine.set.rd = mine.set.ad = mine.set.has_edns = mine.set.stirs_case = false;
	mine.set.tries = 1;
	if (!mine.set.has_timeout)
		mine.set.timeout_ns = WAIT_NS;
	a = ask_make(d, &mine, name);
	a.more = on_reply;
	a.arg = &status;
	asker_start(d->asker, &a);
	(void)asker_wait(d->asker, &a);
	if (a.state != ASK_REPLIED) {
		show_note(d, l, "nobody has replied");
		status = d->run->out.is_json ? json_reply(d, l, &a) : DNSQ_NO_REPLY;
	}
	ask_free(&a);
	return status;
}
