/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_method - the methods of traceroute 2.1 by name (-M), their own options (-O), and the
 * gateways of a source route (-g).
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "traceroute.h"

#define OF_TCP "syn, ack, fin, rst, psh, urg, ece, cwr, flags=NUMBER, mss=OCTETS, info"

static const char *const flag_words[] = {"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"};

void method_set(struct tr_opts *o, enum method method, uint8_t proto, uint16_t port)
{
	o->method = method;
	o->proto = proto;
	if (!o->has_port)
		o->port = port;
}

int method_name(struct tr_opts *o, const char *name, struct why *why)
{
	static const struct {
		const char *name;
		enum method method;
		uint8_t proto;
		uint16_t port;
	} rows[] = {
		{"default", METHOD_UDP, IPPROTO_UDP, TR_PORT},
		{"icmp", METHOD_ICMP, IPPROTO_ICMP, 0},
		{"tcp", METHOD_TCP, IPPROTO_TCP, 80},
		{"tcpconn", METHOD_TCP, IPPROTO_TCP, 80},
		{"udp", METHOD_UDP, IPPROTO_UDP, 53},
		{"udplite", METHOD_UDPLITE, IPPROTO_UDPLITE, 53},
		{"raw", METHOD_RAW, 253, 0}, /* RFC 3692: for experiments */
	};

	if (strcmp(name, "dccp") == 0)
		return why_set(why, E_UNSUP, "%s", METHOD_NO_DCCP);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		method_set(o, rows[i].method, rows[i].proto, rows[i].port);
		o->is_unprivileged |= strcmp(name, "tcpconn") == 0;
		return 0;
	}
	return why_set(why, E_BAD, "default, icmp, tcp, tcpconn, udp, udplite or raw");
}

/* --- -O */

static int tcp_option(struct tr_opts *o, const char *word, struct why *why)
{
	uint64_t v;

	for (unsigned i = 0; i < 8; i++)
		if (strcmp(word, flag_words[i]) == 0) {
			o->tcp_flags |= (uint8_t)(1u << i);
			return 0;
		}
	if (strcmp(word, "info") == 0) {
		o->shows_tcp = true;
		return 0;
	}
	if (strncmp(word, "flags=", 6) == 0 && num_u64(word + 6, 1, 255, &v, NULL) == 0) {
		o->tcp_flags = (uint8_t)v;
		return 0;
	}
	if (strncmp(word, "mss=", 4) == 0 && num_u64(word + 4, 1, 65535, &v, NULL) == 0) {
		o->mss = (uint16_t)v;
		return 0;
	}
	return why_set(why, E_BAD, "for TCP: " OF_TCP);
}

static int one_option(struct tr_opts *o, const char *word, struct why *why)
{
	uint64_t v;

	switch (o->method) {
	case METHOD_TCP: return tcp_option(o, word, why);
	case METHOD_ICMP:
		if (strcmp(word, "raw") == 0)
			return 0; /* as without */
		if (strcmp(word, "dgram") != 0)
			return why_set(why, E_BAD, "for ICMP: raw or dgram");
		o->is_unprivileged = true;
		return 0;
	case METHOD_RAW:
		if (strncmp(word, "protocol=", 9) != 0 || num_u64(word + 9, 1, 255, &v, NULL) < 0)
			return why_set(why, E_BAD, "for raw packets: protocol=NUMBER");
		o->proto = (uint8_t)v;
		return 0;
	case METHOD_UDP:
	case METHOD_UDPLITE: break;
	}
	return why_set(why, E_BAD, "nothing: %s has no options here", method_word(o->method));
}

int method_options(struct tr_opts *o, const char *words, struct why *why)
{
	char *copy = strdup(words), *rest = copy, *word;
	int err = copy ? 0 : why_set(why, E_MEM, "out of memory");

	while (!err && (word = strsep(&rest, ",")))
		err = one_option(o, word, why);
	free(copy);
	return err;
}

/* --- -g */

int method_gateways(struct tr_opts *o, const char *words, struct why *why)
{
	char *copy = strdup(words), *rest = copy, *word;
	struct addr gate;
	int err = copy ? 0 : why_set(why, E_MEM, "out of memory");

	while (!err && (word = strsep(&rest, ","))) {
		if (addr_parse(word, &gate) < 0 || o->n_gates == TR_GATES_MAX)
			err = why_set(why, E_BAD, "addresses of up to %u gateways, 192.0.2.1,...",
				      TR_GATES_MAX);
		else if (addr_is_v6(&gate))
			err = why_set(why, E_UNSUP,
				      "IPv4 addresses: IPv6 has no source routes any more (RFC "
				      "5095)");
		else
			o->gates[o->n_gates++] = gate;
	}
	free(copy);
	return err;
}

/* --- what comes of them in packets */

size_t method_route(const struct tr_opts *o, const struct addr *dst, uint8_t *out)
{
	struct wr w = wr_make(out, TR_ROUTE_MAX);

	if (!o->n_gates)
		return 0;
	/* RFC 791 3.1: the first gateway is the destination, the rest and the end are the route. */
	wr_u8(&w, 131);
	wr_u8(&w, (uint8_t)(3 + 4 * o->n_gates));
	wr_u8(&w, 4);
	for (unsigned i = 1; i < o->n_gates; i++)
		wr_bytes(&w, o->gates[i].bytes, 4);
	wr_bytes(&w, dst->bytes, 4);
	while (w.len % 4)
		wr_u8(&w, 0);
	return w.len;
}

char *method_flags_text(uint8_t flags)
{
	char line[40];
	struct text t = text_make(line, sizeof(line));

	for (unsigned i = 0; i < 8; i++)
		if (flags >> i & 1)
			text_addf(&t, "%s%s", t.len ? "," : "", flag_words[i]);
	return strdup(line);
}
