/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arphost - hosts at the far end of a cable that answer for addresses, truly or not: the phantom of
 * the tests. What phantom(8) refuses to be (ranges, tags, delay, loss, duplicates, lies) is here.
 *
 * arphost --interface=IF RULE...
 * A rule is a prefix or a range and what its hosts do, by commas: 192.0.2.0/24,loss=20,copies=3.
 * Every address has a MAC address of its own, 02:66 and its last four octets, unless mac= says so.
 *   loss=PERCENT    of the questions and, again, of the answers
 *   copies=N        answers to each question
 *   delay=MS        between question and answer
 *   owners=N        so many hosts answer, each with a MAC address of its own
 *   proxy           answers only a question that has a sender
 *   tag=ID          answers on that VLAN, whatever the question's (0: a priority tag alone)
 *   broadcast       answers to everybody
 *   nolladdr        leaves the MAC address out of an advertisement (RFC 4861 7.2.4)
 * and instead of an answer:
 *   rival           looks for a free address too, at the same time (RFC 5227 2.1.1, RFC 4862 5.4.3)
 *   announce        announces the address
 *   echo            sends the question back, as an access point may
 *   mimic           answers with the asker's own MAC address
 *   ask             asks for the address itself, as anybody may
 *   mangle          answers with frames that break every rule
 * Prints "ready", answers until SIGTERM, then prints what it counted.
 */
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/rnd.h"
#include "build/recipes.h"
#include "engine/targets.h"
#include "io/frames.h"
#include "wire/dissect.h"

#define RULES 64u
#define LATER 4096u

enum deed { DEED_ANSWER, DEED_RIVAL, DEED_ANNOUNCE, DEED_ECHO, DEED_MIMIC, DEED_ASK, DEED_MANGLE };

struct rule {
	struct addr first, last;
	struct mac mac;
	bool has_mac, is_proxy, is_to_all, has_tag, has_no_lladdr;
	unsigned loss, copies, owners, delay_ms, tag;
	enum deed deed;
};

struct later {
	uint64_t due_ns;
	uint8_t bytes[128];
	size_t len;
};

struct hosts {
	struct rule rules[RULES];
	unsigned n_rules;
	struct link *link;
	struct pkt *builder;
	struct rnd rnd;
	struct later *queue;
	unsigned n_queue;
	unsigned long questions, answers, broadcasts;
};

static void die(const char *text)
{
	fprintf(stderr, "arphost: %s\n", text);
	exit(2);
}

/* --- rules */

static void parse_word(struct rule *r, char *word)
{
	static const char *const deeds[] = {"answer", "rival", "announce", "echo",
					    "mimic",  "ask",   "mangle"};
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	if (value && strcmp(word, "loss") == 0) {
		r->loss = (unsigned)atoi(value);
	} else if (value && strcmp(word, "copies") == 0) {
		r->copies = (unsigned)atoi(value);
	} else if (value && strcmp(word, "owners") == 0) {
		r->owners = (unsigned)atoi(value);
	} else if (value && strcmp(word, "delay") == 0) {
		r->delay_ms = (unsigned)atoi(value);
	} else if (value && strcmp(word, "mac") == 0) {
		r->has_mac = mac_parse(value, &r->mac) == 0;
	} else if (value && strcmp(word, "tag") == 0) {
		r->has_tag = true;
		r->tag = (unsigned)atoi(value);
	} else if (strcmp(word, "proxy") == 0) {
		r->is_proxy = true;
	} else if (strcmp(word, "broadcast") == 0) {
		r->is_to_all = true;
	} else if (strcmp(word, "nolladdr") == 0) {
		r->has_no_lladdr = true;
	} else {
		for (unsigned i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
			if (strcmp(word, deeds[i]) == 0) {
				r->deed = (enum deed)i;
				return;
			}
		}
		die(word);
	}
}

static void parse_range(struct rule *r, char *word)
{
	char *slash = strchr(word, '/'), *dash = strchr(word, '-');

	if (slash)
		*slash++ = '\0';
	if (dash)
		*dash++ = '\0';
	if (addr_parse(word, &r->first) < 0 || (dash && addr_parse(dash, &r->last) < 0))
		die("a rule begins with an address, a prefix or a range");
	if (!dash)
		r->last = r->first;
	if (slash)
		addr_mask(&r->last, (unsigned)atoi(slash), true);
}

static void parse_rule(struct hosts *h, char *text)
{
	struct rule *r = &h->rules[h->n_rules++];
	char *save, *word = strtok_r(text, ",", &save);

	*r = (struct rule){.copies = 1, .owners = 1};
	parse_range(r, word);
	while ((word = strtok_r(NULL, ",", &save)))
		parse_word(r, word);
}

static const struct rule *find_rule(const struct hosts *h, const struct addr *a)
{
	for (unsigned i = 0; i < h->n_rules; i++) {
		const struct rule *r = &h->rules[i];

		if (a->len == r->first.len && addr_cmp(a, &r->first) >= 0 &&
		    addr_cmp(a, &r->last) <= 0)
			return r;
	}
	return NULL;
}

/* --- answers */

static void send_now(struct hosts *h, const uint8_t *bytes, size_t len)
{
	struct link_out out = {.bytes = bytes, .len = len};

	while (link_send(h->link, &out, 1, NULL) == E_AGAIN)
		;
	h->answers++;
}

static void send_after(struct hosts *h, const struct rule *r, const uint8_t *bytes, size_t len)
{
	struct later *l;

	if (rnd_below(&h->rnd, 100) < r->loss)
		return;
	if (!r->delay_ms || h->n_queue == LATER) {
		send_now(h, bytes, len);
		return;
	}
	l = &h->queue[h->n_queue++];
	l->due_ns = clock_mono(clock_system()) + r->delay_ms * NS_PER_MS;
	l->len = len;
	memcpy(l->bytes, bytes, len);
}

static void send_spec(struct hosts *h, const struct rule *r, const struct dissect *d,
		      struct pkt_spec spec)
{
	uint8_t frame[128];
	struct wr w = wr_make(frame, sizeof(frame));

	for (unsigned i = 0; i < d->eth.n_tags && i < PKT_VLANS_MAX; i++)
		spec.eth.vlan[spec.eth.n_vlans++] =
			(struct pkt_vlan){d->eth.tags[i].tpid, (uint16_t)(d->eth.tags[i].pcp << 13 |
									  d->eth.tags[i].vid)};
	if (r->has_tag) {
		spec.eth.n_vlans = 1;
		spec.eth.vlan[0] = (struct pkt_vlan){ETH_VLAN, (uint16_t)(5 << 13 | r->tag)};
	}
	if (pkt_build(h->builder, &spec, &w, NULL) < 0)
		die("cannot build an answer");
	send_after(h, r, frame, w.len);
}

static struct pkt_spec answer_spec(const struct rule *r, const struct dissect *d,
				   const struct addr *addr, const struct mac *mac)
{
	bool is_v6 = addr_is_v6(addr);
	struct pkt_spec s = is_v6 ? recipe_na(mac, addr, &d->eth.src, &d->src) :
				    recipe_arp_reply(mac, addr, &d->arp.sender_mac, &d->arp.sender);

	if (r->is_to_all && !is_v6)
		memset(s.eth.dst.bytes, 0xff, 6);
	if (r->has_no_lladdr)
		s.nd.has_lladdr = false;
	return s;
}

static struct pkt_spec deed_spec(const struct rule *r, const struct dissect *d,
				 const struct addr *addr, const struct mac *mac)
{
	bool is_v6 = addr_is_v6(addr);
	struct addr none = {.len = addr->len}, other = *addr;

	other.bytes[other.len - 1] ^= 0x55;
	switch (r->deed) {
	case DEED_RIVAL: return is_v6 ? recipe_ns(mac, &none, addr) : recipe_arp_probe(mac, addr);
	case DEED_ANNOUNCE:
		return is_v6 ? recipe_na(mac, addr, mac, &none) : recipe_arp_announce(mac, addr);
	case DEED_MIMIC: {
		struct pkt_spec s = answer_spec(r, d, addr, &d->eth.src);

		s.eth.src = *mac;
		return s;
	}
	case DEED_ASK:
		return is_v6 ? recipe_ns(mac, &other, addr) : recipe_arp_request(mac, &other, addr);
	default: return answer_spec(r, d, addr, mac);
	}
}

/* Cut at every length, and with every octet behind the addresses changed in turn. */
static void mangle(struct hosts *h, const struct rule *r, const struct dissect *d,
		   const struct addr *addr, const struct mac *mac)
{
	uint8_t frame[128], bad[128];
	struct wr w = wr_make(frame, sizeof(frame));
	struct pkt_spec spec = answer_spec(r, d, addr, mac);

	spec.pad_to = 0;
	if (pkt_build(h->builder, &spec, &w, NULL) < 0)
		die("cannot build an answer");
	for (size_t len = 14; len < w.len; len++)
		send_now(h, frame, len);
	for (size_t i = 12; i < w.len; i++) {
		memcpy(bad, frame, w.len);
		bad[i] ^= 0x5a;
		/* A sender of another name is no broken frame, but one that speaks of another. */
		if (addr->len == 16 || i < 22)
			send_now(h, bad, w.len);
	}
}

static void answer(struct hosts *h, const struct rule *r, const struct link_in *in,
		   const struct dissect *d, const struct addr *addr)
{
	struct mac mac = {{0x02, 0x66}};

	memcpy(mac.bytes + 2, addr->bytes + addr->len - 4, 4);
	if (r->has_mac)
		mac = r->mac;
	if (r->deed == DEED_ECHO) {
		send_now(h, in->bytes, in->len);
		return;
	}
	for (unsigned owner = 0; owner < r->owners; owner++) {
		mac.bytes[1] = (uint8_t)(mac.bytes[1] + (owner > 0));
		for (unsigned i = 0; i < r->copies; i++)
			if (r->deed == DEED_MANGLE)
				mangle(h, r, d, addr, &mac);
			else
				send_spec(h, r, d, deed_spec(r, d, addr, &mac));
	}
}

static void take(struct hosts *h, const struct link_in *in)
{
	const struct addr *asked = NULL;
	const struct rule *r;
	struct dissect d;
	bool has_sender;

	if (in->kind != LINK_PACKET || dissect_packet(DISSECT_L2, in->bytes, in->len, &d) < 0)
		return;
	if (dissect_has(&d, LAYER_ARP) && d.arp.op == ARP_REQUEST)
		asked = &d.arp.target;
	else if (dissect_has(&d, LAYER_ND) && d.nd.type == ICMP_V6_NEIGHBOR_SOLICIT)
		asked = &d.nd.target;
	r = asked ? find_rule(h, asked) : NULL;
	if (!r)
		return;
	has_sender = !addr_is_any(asked->len == 4 ? &d.arp.sender : &d.src);
	h->questions++;
	h->broadcasts += d.eth.dst.bytes[0] & 1;
	if (rnd_below(&h->rnd, 100) < r->loss || (r->is_proxy && !has_sender))
		return;
	/* Nobody asks about his own address. */
	if (asked->len == 4 && addr_same(&d.arp.sender, asked))
		return;
	answer(h, r, in, &d, asked);
}

static int send_due(struct hosts *h)
{
	uint64_t now_ns = clock_mono(clock_system()), next_ns = UINT64_MAX;
	unsigned kept = 0;

	for (unsigned i = 0; i < h->n_queue; i++) {
		struct later *l = &h->queue[i];

		if (l->due_ns <= now_ns) {
			send_now(h, l->bytes, l->len);
			continue;
		}
		if (l->due_ns < next_ns)
			next_ns = l->due_ns;
		h->queue[kept++] = *l;
	}
	h->n_queue = kept;
	return next_ns == UINT64_MAX ? -1 : (int)((next_ns - now_ns) / NS_PER_MS) + 1;
}

int main(int argc, char **argv)
{
	static struct hosts h;
	struct frames_opts opts = {.promisc = true, .ignore_outgoing = true};
	struct link_in in[64];
	struct pollfd p[2];
	sigset_t set;
	struct why why;
	int n;

	if (argc < 3 || strncmp(argv[1], "--interface=", 12) != 0)
		die("usage: arphost --interface=IF RULE...");
	for (int i = 2; i < argc && h.n_rules < RULES; i++)
		parse_rule(&h, argv[i]);
	h.rnd = rnd_seeded(getpid() > 0 ? (uint64_t)getpid() : 1);
	h.builder = pkt_new();
	h.queue = calloc(LATER, sizeof(*h.queue));
	opts.ifindex = if_nametoindex(argv[1] + 12);
	if (!h.builder || !h.queue || !opts.ifindex || frames_open(&opts, &h.link, &why) < 0)
		die("cannot open the interface");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p[0] = (struct pollfd){.fd = h.link->fd, .events = POLLIN};
	p[1] = (struct pollfd){.fd = signalfd(-1, &set, SFD_CLOEXEC), .events = POLLIN};
	printf("ready\n");
	fflush(stdout);
	while (!p[1].revents) {
		while ((n = link_recv(h.link, in, 64, NULL)) > 0)
			for (int i = 0; i < n; i++)
				take(&h, &in[i]);
		(void)poll(p, 2, send_due(&h));
	}
	printf("{\"questions\":%lu,\"broadcasts\":%lu,\"answers\":%lu,\"drops\":%llu}\n",
	       h.questions, h.broadcasts, h.answers, (unsigned long long)h.link->drops);
	link_close(h.link);
	pkt_free(h.builder);
	free(h.queue);
	return 0;
}
