/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsq_net - many exchanges at once: sends, waits, tries again, takes what is judged to be the
 * answer.
 *
 * A question keeps its place in a list by deadline.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/num.h"
#include "dnsq_net_impl.h"
#include "dnsq_tsig.h"

void ask_note(struct ask *a, const char *fmt, ...)
{
	char note[DNSQ_NOTE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(note, sizeof(note), fmt, ap);
	va_end(ap);
	if (!a->notes)
		a->notes = malloc(DNSQ_NOTES * sizeof(note));
	if (a->notes && a->n_notes < DNSQ_NOTES)
		memcpy(a->notes[a->n_notes++], note, sizeof(note));
	if (a->on_note)
		a->on_note(a, note);
}

int asker_new(struct run *run, const struct asker_opts *opts, struct asker **out, struct why *why)
{
	struct asker *k = calloc(1, sizeof(*k));

	if (k)
		k->ports = calloc(2 * opts->n_ports, sizeof(*k->ports));
	if (!k || !k->ports) {
		free(k);
		return why_set(why, E_MEM, "out of memory");
	}
	k->run = run;
	k->opts = *opts;
	rnd_fill(&run->rnd, &k->secret, sizeof(k->secret));
	k->epoll = epoll_create1(EPOLL_CLOEXEC);
	*out = k;
	return k->epoll < 0 ? why_sys(why, E_SYS, "epoll_create1") : raw_open(k, why);
}

int net_watch_port(struct asker *k, struct port *p, struct why *why)
{
	struct epoll_event ev = {.events = EPOLLIN};

	ev.data.u64 = (uint64_t)(uintptr_t)p;
	if (epoll_ctl(k->epoll, EPOLL_CTL_ADD, p->link->fd, &ev) == 0)
		return 0;
	return why_sys(why, E_SYS, "epoll_ctl");
}

void asker_free(struct asker *k)
{
	if (!k)
		return;
	for (unsigned i = 0; i < k->n_ports; i++)
		link_close(k->ports[i].link);
	stream_close_all(k);
	raw_close(k);
	if (k->epoll >= 0)
		close(k->epoll);
	free(k->ports);
	free(k);
}

bool asker_is_stopped(const struct asker *k)
{
	return k->is_stopped;
}

void ask_free(struct ask *a)
{
	free(a->reply);
	free(a->query);
	free(a->hmac);
	free(a->notes);
	a->notes = NULL;
	a->n_notes = 0;
	a->reply = a->query = NULL;
	a->hmac = NULL;
}

/* --- places by deadline */

static void unlist(struct asker *k, struct ask *a)
{
	if (!a->deadline_ns)
		return;
	*(a->earlier ? &a->earlier->later : &k->first) = a->later;
	*(a->later ? &a->later->earlier : &k->last) = a->earlier;
	a->earlier = a->later = NULL;
	a->deadline_ns = 0;
}

/* Nearly all wait equally long, so the place is at or near the end. */
void net_list_until(struct asker *k, struct ask *a, uint64_t deadline_ns)
{
	struct ask *before;

	unlist(k, a);
	before = k->last;
	a->deadline_ns = deadline_ns;
	while (before && before->deadline_ns > deadline_ns)
		before = before->earlier;
	a->earlier = before;
	a->later = before ? before->later : k->first;
	*(before ? &before->later : &k->first) = a;
	*(a->later ? &a->later->earlier : &k->last) = a;
}

/* --- the end of an exchange, and the next try */

static void start_turn(struct asker *k, struct ask *a);

void net_finish(struct asker *k, struct ask *a, enum ask_state state)
{
	unlist(k, a);
	udp_leave(k, a);
	stream_leave(k, a);
	a->state = state;
	if (a->done)
		a->done(a);
}

void net_give_up_turn(struct asker *k, struct ask *a)
{
	unlist(k, a);
	udp_leave(k, a);
	stream_leave(k, a);
	a->turn++;
	start_turn(k, a);
}

static const char *trouble_text(int sys, char *buf, size_t cap)
{
	const char *word;

	switch (sys) {
	case ECONNREFUSED: return "connection refused";
	case ECONNRESET: return "connection reset";
	case EHOSTUNREACH: return "host unreachable";
	case ENETUNREACH: return "network unreachable";
	case ETIMEDOUT: return "timed out";
	case EADDRNOTAVAIL: return "address not available";
	case EADDRINUSE: return "address in use";
	case EACCES:
	case EPERM: return "permission denied";
	case 0: return "end of file";
	}
	word = errno_name(sys);
	snprintf(buf, cap, "%s", word);
	return buf;
}

void net_note_trouble(struct ask *a, const char *what)
{
	char text[ADDR_TEXT_MAX];

	ask_note(a, "communications error to %s#%u: %s", addr_text(&a->server->addr, text),
		 a->server->port, what);
}

void net_fail_turn(struct asker *k, struct ask *a, int sys)
{
	char buf[32];

	net_note_trouble(a, trouble_text(sys, buf, sizeof(buf)));
	net_give_up_turn(k, a);
}

void net_fail_turn_for(struct asker *k, struct ask *a, const char *reason)
{
	net_note_trouble(a, reason);
	net_give_up_turn(k, a);
}

/* --- sending */

int net_build(struct asker *k, struct ask *a)
{
	uint8_t space[2048] unset;
	struct wr w = wr_make(space, sizeof(space));

	a->stirred = a->question.name;
	if (a->set->stirs_case && !a->no_stir && !a->is_over_tcp)
		dns_name_stir(&a->stirred, &k->run->rnd);
	if (a->set->has_cookie)
		query_client_cookie(&k->secret, &a->server->addr, a->client_cookie);
	query_build(a, &w);
	if (a->key)
		tsig_sign(a->key, a, &w, clock_wall(k->run->clock) / NS_PER_S);
	free(a->query);
	a->query = wr_done(&w) == 0 ? malloc(w.len + 2) : NULL;
	if (!a->query)
		return w.bad ? E_FULL : E_MEM;
	put_u16(a->query, (uint16_t)w.len);
	memcpy(a->query + 2, space, w.len);
	a->query_len = w.len;
	return 0;
}

void net_mark_sent(struct asker *k, struct ask *a)
{
	uint64_t now_ns = clock_mono(k->run->clock);

	a->n_sent++;
	if (!a->is_resent) {
		a->sent_ns = now_ns;
		a->wall_ns = clock_wall(k->run->clock);
	}
	net_list_until(k, a, now_ns + a->set->timeout_ns);
	if (a->on_packet)
		a->on_packet(a, true, a->query + 2, a->query_len);
}

/* What a server has of all types is more than fits into a datagram: dig does the same. */
static bool goes_over_tcp(const struct ask *a)
{
	return a->wants_tcp || a->set->is_tcp || ask_is_by_tls(a) ||
	       (a->question.type == DNS_ANY && !a->set->has_tcp && !a->set->is_raw &&
		!a->server->is_group);
}

/*
 * The next server, or the first once more. The last round goes without EDNS, which some middle
 * boxes let vanish (RFC 6891 7).
 */
static void start_turn(struct asker *k, struct ask *a)
{
	unsigned tries = a->set->tries;

	if (a->turn >= tries * a->n_servers || k->is_stopped) {
		net_finish(k, a, ASK_FAILED);
		return;
	}
	if (a->is_waited && a->turn == (tries - 1) * a->n_servers && a->set->has_edns &&
	    !a->no_edns && a->set->negotiates && !a->set->is_tcp && !a->key) {
		a->no_edns = true;
		ask_note(a, "no reply to EDNS queries: the last try goes without EDNS");
	}
	a->server = &a->servers[a->turn % a->n_servers];
	a->edns_version = a->set->edns_version;
	a->server_cookie_len = 0;
	if (goes_over_tcp(a))
		stream_start(k, a);
	else
		udp_start(k, a);
}

/* The same server once more, in another way. */
void net_ask_again(struct asker *k, struct ask *a)
{
	unlist(k, a);
	udp_leave(k, a);
	stream_leave(k, a);
	if (goes_over_tcp(a))
		stream_start(k, a);
	else
		udp_start(k, a);
}

void asker_start(struct asker *k, struct ask *a)
{
	a->asker = k;
	a->state = ASK_READY;
	a->turn = 0;
	start_turn(k, a);
}

/* --- the loop */

static void handle(struct asker *k, const struct epoll_event *ev)
{
	void *about = (void *)(uintptr_t)(ev->data.u64 & ~(uint64_t)KIND_CONN);

	if (ev->data.u64 & KIND_CONN)
		stream_event(k, about, ev->events);
	else
		udp_read(k, about);
}

/*
 * One event a call: what it leads to may end exchanges, and with them what other events of the same
 * batch point to. And a batch asks on before it reads on, so that its servers never wait for it.
 */
static bool handle_next(struct asker *k)
{
	struct epoll_event ev;

	if (epoll_wait(k->epoll, &ev, 1, 0) < 1)
		return false;
	handle(k, &ev);
	return true;
}

uint64_t asker_step(struct asker *k)
{
	bool has_more = handle_next(k);
	uint64_t now_ns = clock_mono(k->run->clock);

	while (k->first && k->first->deadline_ns <= now_ns) {
		struct ask *a = k->first;

		if (a->server->is_group) {
			net_finish(k, a, a->n_messages ? ASK_REPLIED : ASK_FAILED);
			continue;
		}
		if (a->state == ASK_UDP && a->turn_end_ns > now_ns) {
			udp_resend(k, a);
			continue;
		}
		udp_expect_late(k, a);
		a->is_waited = true;
		net_note_trouble(a, "timed out");
		net_give_up_turn(k, a);
	}
	if (!asker_flush(k))
		return now_ns + NS_PER_MS;
	if (has_more)
		return 0;
	return k->first ? k->first->deadline_ns : UINT64_MAX;
}

void asker_stop(struct asker *k)
{
	k->is_stopped = true;
	while (k->first)
		net_finish(k, k->first, ASK_FAILED);
}
