/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_query - the message that asks. */
#include <string.h>

#include "dnsq.h"

#define OPTIONS_MAX 1024
#define TLS_PADDING 128

void query_client_cookie(const struct sipkey *key, const struct addr *server, uint8_t *out)
{
	put_u64(out, siphash(key, server->bytes, server->len));
}

static uint16_t flags_of(const struct dnsq_set *s)
{
	return (uint16_t)((s->opcode & 15) << 11 | (s->aa ? DNS_AA : 0) | (s->tc ? DNS_TC : 0) |
			  (s->rd ? DNS_RD : 0) | (s->ra ? DNS_RA : 0) | (s->z ? DNS_Z : 0) |
			  (s->ad ? DNS_AD : 0) | (s->cd ? DNS_CD : 0));
}

static void put_cookie(const struct ask *a, struct wr *options)
{
	uint8_t cookie[40];

	if (a->set->cookie_len) {
		dns_put_option(options, DNS_OPT_COOKIE, a->set->cookie, a->set->cookie_len);
		return;
	}
	memcpy(cookie, a->client_cookie, 8);
	memcpy(cookie + 8, a->server_cookie, a->server_cookie_len);
	dns_put_option(options, DNS_OPT_COOKIE, cookie, 8 + a->server_cookie_len);
}

/* RFC 7830 3, RFC 8467 4.1: fills the message up to a multiple of @to octets. */
static void put_padding(struct wr *options, size_t message_len, unsigned to)
{
	static const uint8_t zeros[512];
	size_t len = message_len + options->len + 4;

	dns_put_option(options, DNS_OPT_PADDING, zeros, (to - len % to) % to);
}

static void put_edns(const struct ask *a, struct wr *w)
{
	const struct dnsq_set *s = a->set;
	uint8_t space[OPTIONS_MAX] unset;
	struct wr options = wr_make(space, sizeof(space));
	struct dns_edns e = {
		.udp_max = (uint16_t)s->udp_max,
		.version = (uint8_t)a->edns_version,
		.flags = (uint16_t)(s->edns_flags | (s->dnssec || s->validates ? DNS_DO : 0)),
	};

	if (s->nsid)
		dns_put_option(&options, DNS_OPT_NSID, NULL, 0);
	if (s->has_cookie)
		put_cookie(a, &options);
	if (s->expire)
		dns_put_option(&options, DNS_OPT_EXPIRE, NULL, 0);
	if (s->keepalive && a->is_over_tcp)
		dns_put_option(&options, DNS_OPT_KEEPALIVE, NULL, 0);
	wr_bytes(&options, s->options, s->options_len);
	/* RFC 8467 4.1: what is encrypted does not tell by its length. */
	if (s->padding || a->server->is_tls || s->is_tls)
		put_padding(&options, w->len + 11, s->padding ? s->padding : TLS_PADDING);
	dns_put_opt(w, &e, space, options.len);
}

/* RFC 1995 3: the SOA that we have, of which only the serial counts. */
static void put_known_soa(const struct ask *a, struct wr *w)
{
	uint8_t data[22] = {0};

	put_u32(data + 2, a->serial);
	dns_put_record(w, &a->question.name, DNS_SOA, a->question.class, 0, data, sizeof(data));
}

void query_build(struct ask *a, struct wr *w)
{
	const struct dnsq_set *s = a->set;
	bool has_edns = s->has_edns && !a->no_edns;
	bool is_ixfr = a->question.type == DNS_IXFR;
	struct dns_question q = a->question;
	uint16_t counts[DNS_SECTIONS] = {!s->is_header_only, 0, is_ixfr, has_edns};

	q.name = a->stirred;
	dns_put_header(w, a->id, flags_of(s), counts);
	if (!s->is_header_only)
		dns_put_question(w, &q);
	if (is_ixfr)
		put_known_soa(a, w);
	if (has_edns)
		put_edns(a, w);
}
