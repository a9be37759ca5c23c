/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_reply - a reply has come: is it the end, or is the question to be put in another way? */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "dnsq_net_impl.h"
#include "dnsq_tsig.h"

void net_count_ignored(struct ask *a, enum ignored why, const struct addr *from, uint16_t port)
{
	struct ask_ignored *i = &a->ignored[why];
	char text[ADDR_TEXT_MAX];

	if (!i->count++) {
		i->from = *from;
		i->port = port;
	}
	if (i->count == 1)
		ask_note(a, "ignored: %s from %s#%u", ignored_text(why), addr_text(from, text),
			 port);
}

/* Whether an error reply is about EDNS, and how the question is to be put instead. */
static bool mends_edns(struct asker *k, struct ask *a, unsigned rcode, const struct dns_edns *e)
{
	char word[DNS_WORD_MAX];

	if (!a->set->has_edns || a->no_edns || !a->set->negotiates)
		return false;
	if (rcode == DNS_BADVERS && e->is_there && e->version < a->edns_version) {
		ask_note(a, "BADVERS, retrying with EDNS version %u.", e->version);
		a->edns_version = e->version;
		net_ask_again(k, a);
		return true;
	}
	if ((rcode == DNS_FORMERR || rcode == DNS_NOTIMP) && !e->is_there && !a->key) {
		ask_note(a, "EDNS query returned status %s: retrying without EDNS",
			 dns_rcode_text(rcode, word));
		a->no_edns = true;
		net_ask_again(k, a);
		return true;
	}
	return false;
}

static bool mends_cookie(struct asker *k, struct ask *a, unsigned rcode)
{
	if (rcode != DNS_BADCOOKIE || !a->set->retries_badcookie || !a->server_cookie_len ||
	    a->is_over_tcp || (a->set->is_raw && a->retries_cookie))
		return false;
	if (a->retries_cookie) {
		ask_note(a, "BADCOOKIE, retrying in TCP mode.");
		a->wants_tcp = true;
	} else {
		ask_note(a, "BADCOOKIE, retrying.");
		a->retries_cookie = true;
	}
	net_ask_again(k, a);
	return true;
}

/* Whether the reply is not the end, because the question goes out once more. */
static bool asks_again(struct asker *k, struct ask *a, const uint8_t *bytes, size_t len)
{
	struct dns_edns e = dns_msg_edns(bytes, len);
	struct rd r = rd_make(bytes, len);
	uint16_t flags;
	unsigned rcode;

	rd_skip(&r, 2);
	flags = rd_u16(&r);
	rcode = (flags & 15u) | (unsigned)e.high_rcode << 4;
	if (mends_edns(k, a, rcode, &e) || mends_cookie(k, a, rcode))
		return true;
	if ((flags & DNS_TC) && !a->is_over_tcp && !a->set->ignores_tc && !a->set->is_raw) {
		ask_note(a, "Truncated, retrying in TCP mode.");
		a->wants_tcp = true;
		net_ask_again(k, a);
		return true;
	}
	if (rcode == DNS_SERVFAIL && !a->set->stops_on_servfail && a->turn + 1 < a->n_servers) {
		net_note_trouble(a, "SERVFAIL");
		net_give_up_turn(k, a);
		return true;
	}
	return false;
}

static void restore_at(struct ask *a, size_t off)
{
	size_t len = a->stirred.len;

	if (a->reply_len - off >= len && memcmp(a->reply + off, a->stirred.bytes, len) == 0)
		memcpy(a->reply + off, a->question.name.bytes, len);
}

/* The name that was asked for as it was typed, whatever its case on the wire was. */
static void restore_case(struct ask *a)
{
	struct dns_record r unset;
	struct dns_msg m;

	if (dns_msg_open(&m, a->reply, a->reply_len) < 0)
		return;
	restore_at(a, DNS_HDR_LEN);
	while (dns_msg_skim(&m, &r) == 0)
		restore_at(a, r.off);
}

static void take_rtt(struct asker *k, struct ask *a)
{
	const struct rtt_stamps stamps = {
		.sent_ns = a->sent_ns,
		.sent_wall_ns = a->wall_ns,
		.tx_wall_ns = a->tx_wall_ns,
		.rx_wall_ns = a->rx_wall_ns,
		.now_ns = clock_mono(k->run->clock),
		.now_wall_ns = clock_wall(k->run->clock),
	};

	a->rtt_ns = rtt_ns(&stamps, &a->rtt_clock);
	udp_learn_rtt(k, a);
}

void net_take(struct asker *k, struct ask *a, const uint8_t *bytes, size_t len)
{
	if (a->on_packet)
		a->on_packet(a, false, bytes, len);
	if (a->key && !tsig_verify(a->key, a, bytes, len, clock_wall(k->run->clock) / NS_PER_S))
		a->is_unauthentic = true;
	if (!a->n_messages && !a->server->is_group && asks_again(k, a, bytes, len))
		return;
	take_rtt(k, a);
	free(a->reply);
	a->reply = malloc(len + 1);
	if (!a->reply) {
		net_note_trouble(a, "out of memory");
		net_finish(k, a, ASK_FAILED);
		return;
	}
	memcpy(a->reply, bytes, len);
	a->reply_len = len;
	a->n_messages++;
	a->n_octets += len;
	if (a->set->stirs_case && !a->is_over_tcp)
		restore_case(a);
	if (!a->more || a->more(a))
		net_finish(k, a, ASK_REPLIED);
	else
		net_list_until(k, a, clock_mono(k->run->clock) + a->set->timeout_ns);
}
