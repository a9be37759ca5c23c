/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relay - a bad cable between two interfaces: frames get lost, come twice, or come late.
 *
 *	relay [--loss=PCT] [--dup=PCT] [--late=PCT] [--delay=MS] [--seed=N] IF1 IF2
 *
 * --delay holds each frame back that long. Unfinished checksums are completed, for no hardware does it behind a packet socket. Prints "ready",
 * and at SIGTERM its counters, one JSON object.
 */
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/rnd.h"
#include "io/frames.h"
#include "io/sig.h"
#include "wire/csum.h"
#include "wire/dissect.h"

#define HELD 512u
#define QUEUE 32768u /* frames on a long cable, a power of two */
#define LATE_NS (20 * NS_PER_MS)

struct held {
	uint64_t due_ns;
	unsigned to;
	size_t len;
	uint8_t *bytes;
};

struct relay {
	struct link *link[2];
	unsigned loss, dup, late;
	struct rnd rnd;
	struct held held[HELD];
	unsigned n_held;
	uint64_t delay_ns;
	struct held *queue; /* a ring, in the order of due_ns */
	unsigned first, n_queued;
	unsigned long passed, lost, doubled, delayed;
};

static _Noreturn void die(const char *text)
{
	fprintf(stderr, "relay: %s\n", text);
	exit(2);
}

static void send_now(struct relay *r, unsigned to, const uint8_t *bytes, size_t len)
{
	struct link_out out = {.bytes = bytes, .len = len};
	struct why why;

	if (link_send(r->link[to], &out, 1, &why) < 0 && why.sys != ENOBUFS)
		die(why.text);
	r->passed++;
}

/* Puts a frame on the long cable. */
static void carry(struct relay *r, unsigned to, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
	struct held *h = &r->queue[(r->first + r->n_queued) % QUEUE];

	if (!r->delay_ns) {
		send_now(r, to, bytes, len);
		return;
	}
	if (r->n_queued == QUEUE)
		die("too many frames on the way");
	*h = (struct held){now_ns + r->delay_ns, to, len, malloc(len)};
	if (!h->bytes)
		die("out of memory");
	memcpy(h->bytes, bytes, len);
	r->n_queued++;
}

static void hold(struct relay *r, unsigned to, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
	struct held *h = &r->held[r->n_held];

	if (r->n_held == HELD)
		return;
	*h = (struct held){now_ns + rnd_below(&r->rnd, LATE_NS), to, len, malloc(len)};
	if (!h->bytes)
		die("out of memory");
	memcpy(h->bytes, bytes, len);
	r->n_held++;
	r->delayed++;
}

/* Writes the sum that the sender left to its hardware. */
static void finish_csum(uint8_t *frame, const struct dissect *d)
{
	const struct layer *tcp = dissect_layer(d, LAYER_TCP), *udp = dissect_layer(d, LAYER_UDP);
	const struct layer *l = tcp ? tcp : udp;
	uint8_t *at, *sum, proto = tcp ? IPPROTO_TCP : IPPROTO_UDP;

	if (!l || d->l4_csum != CSUM_BAD)
		return;
	at = frame + l->off;
	sum = at + (tcp ? 16 : 6);
	put_u16(sum, 0);
	put_u16(sum, csum_l4(&d->src, &d->dst, proto, at, l->len));
}

static bool happens(struct relay *r, unsigned pct)
{
	return rnd_below(&r->rnd, 100) < pct;
}

static void take(struct relay *r, unsigned from, const struct link_in *in, uint64_t now_ns)
{
	uint8_t *frame = malloc(in->len + 1);
	struct dissect d;

	if (!frame)
		die("out of memory");
	memcpy(frame, in->bytes, in->len);
	(void)dissect_packet(DISSECT_L2, frame, in->len, &d);
	if (in->is_csum_partial)
		finish_csum(frame, &d);
	/* Neighbours are found all the same. */
	if (!dissect_has(&d, LAYER_TCP) && !dissect_has(&d, LAYER_UDP)) {
		send_now(r, !from, frame, in->len);
	} else if (happens(r, r->loss)) {
		r->lost++;
	} else {
		if (happens(r, r->dup)) {
			r->doubled++;
			carry(r, !from, frame, in->len, now_ns);
		}
		if (happens(r, r->late))
			hold(r, !from, frame, in->len, now_ns);
		else
			carry(r, !from, frame, in->len, now_ns);
	}
	free(frame);
}

/* Sends what is due; returns when the next is, ms, -1 for nothing. */
static int release(struct relay *r, uint64_t now_ns)
{
	uint64_t next_ns = UINT64_MAX;

	for (; r->n_queued && r->queue[r->first].due_ns <= now_ns; r->n_queued--) {
		struct held *h = &r->queue[r->first];

		send_now(r, h->to, h->bytes, h->len);
		free(h->bytes);
		r->first = (r->first + 1) % QUEUE;
	}
	if (r->n_queued)
		next_ns = r->queue[r->first].due_ns;
	for (unsigned i = 0; i < r->n_held;) {
		struct held h = r->held[i];

		if (h.due_ns > now_ns) {
			next_ns = h.due_ns < next_ns ? h.due_ns : next_ns;
			i++;
			continue;
		}
		send_now(r, h.to, h.bytes, h.len);
		free(h.bytes);
		r->held[i] = r->held[--r->n_held];
	}
	return next_ns == UINT64_MAX ? -1 : (int)((next_ns - now_ns) / NS_PER_MS) + 1;
}

static unsigned percent(const char *text)
{
	uint64_t n = 0;

	if (num_u64(text, 0, 100, &n, NULL) < 0)
		die("a percentage is wanted");
	return (unsigned)n;
}

static void open_ends(struct relay *r, char **names)
{
	struct why why;

	for (unsigned i = 0; i < 2; i++) {
		struct frames_opts opts = {
			.ifindex = if_nametoindex(names[i]),
			.promisc = true,
			.ignore_outgoing = true,
		};

		if (!opts.ifindex)
			die("no such interface");
		if (frames_open(&opts, &r->link[i], &why) < 0)
			die(why.text);
	}
}

static void run(struct relay *r)
{
	const struct clock *clock = clock_system();
	struct pollfd p[2] = {{.fd = r->link[0]->fd, .events = POLLIN},
			      {.fd = r->link[1]->fd, .events = POLLIN}};
	struct link_in in[64];
	struct why why;
	sigset_t inside;

	sig_open(&inside);
	puts("ready");
	fflush(stdout);
	while (!sig_stop()) {
		int wait_ms = release(r, clock_mono(clock));
		struct timespec ts = {wait_ms / 1000, wait_ms % 1000 * 1000000L};

		(void)ppoll(p, 2, wait_ms < 0 ? NULL : &ts, &inside);
		for (unsigned from = 0; from < 2; from++) {
			int n = link_recv(r->link[from], in, 64, &why);

			for (int i = 0; i < n; i++)
				take(r, from, &in[i], clock_mono(clock));
		}
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"loss", required_argument, NULL, 'l'}, {"dup", required_argument, NULL, 'd'},
		{"late", required_argument, NULL, 't'}, {"delay", required_argument, NULL, 'y'},
		{"seed", required_argument, NULL, 's'}, {0}};
	static struct relay r;
	uint64_t seed = 1, delay_ms = 0;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'l': r.loss = percent(optarg); break;
		case 'd': r.dup = percent(optarg); break;
		case 't': r.late = percent(optarg); break;
		case 'y':
			if (num_u64(optarg, 0, 1000, &delay_ms, NULL) < 0)
				die("milliseconds are wanted");
			break;
		case 's':
			if (num_u64(optarg, 0, UINT64_MAX, &seed, NULL) < 0)
				die("a number is wanted");
			break;
		default:
			die("usage: relay [--loss=PCT] [--dup=PCT] [--late=PCT] [--delay=MS] [--seed=N] IF1 IF2");
		}
	}
	if (argc - optind != 2)
		die("two interfaces are wanted");
	r.rnd = rnd_seeded(seed);
	r.delay_ns = delay_ms * NS_PER_MS;
	r.queue = calloc(QUEUE, sizeof(*r.queue));
	if (!r.queue)
		die("out of memory");
	open_ends(&r, argv + optind);
	run(&r);
	printf("{\"passed\":%lu,\"lost\":%lu,\"doubled\":%lu,\"delayed\":%lu}\n", r.passed, r.lost,
	       r.doubled, r.delayed);
	free(r.queue);
	link_close(r.link[0]);
	link_close(r.link[1]);
	return 0;
}
