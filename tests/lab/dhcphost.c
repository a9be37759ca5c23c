/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcphost - a DHCP server that says what it is told to, right or wrong.
 *
 * dhcphost --interface=IF RULE...
 * A rule is a question, a reply, and how the reply is made: request:ack,lease=0,delay=400. Several
 * rules for one question give several replies. Questions: discover, request, inform, decline,
 * release. Replies: offer, ack, nak, or none. 10.77.0.1 gives 10.77.0.100/24 for 600 s, unless:
 *   yi=ADDR src=ADDR        another address for the client, another source of the packet
 *   id=ADDR|none            the server identifier
 *   lease=N|none mask=HEX|none
 *   type=N op=N cookie=HEX  in place of the right ones
 *   xid chaddr              another exchange's, another client's
 *   opt=CODE:HEX            an option more, as it stands (may be repeated)
 *   raw=HEX                 all that follows the cookie
 *   file=HEX sname=HEX      contents of these fields
 *   ipopt vlan0 trailer=N   four octets of IP options, a priority tag, octets behind the datagram
 *   csum=zero|bad|left      no UDP checksum, a wrong one, the sum of the pseudo-header
 *   udplen=N                in place of the right length
 *   mac=MAC delay=MS
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
#include "build/recipes.h"
#include "io/frames.h"
#include "wire/csum.h"
#include "wire/dhcp.h"
#include "wire/dissect.h"

#define RULES 32u
#define LATER 256u
#define FRAME_MAX 1600

struct octets {
	uint8_t bytes[1024];
	size_t len;
};

struct rule {
	enum dhcp_type question, reply;
	struct addr yi, id, src;
	struct mac mac;
	bool has_id, has_lease, has_mask, has_raw, is_xid, is_chaddr, has_ipopt, is_vlan0,
		has_udplen;
	uint32_t lease, cookie;
	uint8_t op;
	uint16_t udplen;
	unsigned trailer, delay_ms;
	char csum; /* 'z', 'b', 'l', or 0 for a right one */
	struct octets mask, opts, raw, file, sname;
};

struct later {
	uint64_t due_ns;
	uint8_t bytes[FRAME_MAX];
	size_t len;
};

struct server {
	struct rule rules[RULES];
	unsigned n_rules;
	struct link *link;
	struct pkt *builder;
	struct later *queue;
	unsigned n_queue;
	unsigned long counts[16], answers;
};

static void die(const char *text)
{
	fprintf(stderr, "dhcphost: %s\n", text);
	exit(2);
}

/* --- rules */

static struct addr addr_of(const char *text)
{
	struct addr a;

	if (addr_parse(text, &a) < 0)
		die("not an address");
	return a;
}

static void add_hex(struct octets *o, const char *text)
{
	for (; text[0] && text[1] && o->len < sizeof(o->bytes); text += 2) {
		const char byte[3] = {text[0], text[1]};

		o->bytes[o->len++] = (uint8_t)strtoul(byte, NULL, 16);
	}
}

static void add_option(struct octets *o, const char *text)
{
	struct octets value = {.len = 0};
	const char *colon = strchr(text, ':');
	struct wr w = wr_make(o->bytes + o->len, sizeof(o->bytes) - o->len);

	add_hex(&value, colon ? colon + 1 : "");
	dhcp_put(&w, (uint8_t)atoi(text), value.bytes, value.len);
	o->len += w.len;
}

static enum dhcp_type type_of(const char *word)
{
	for (unsigned i = DHCP_DISCOVER; i <= DHCP_FORCERENEW; i++)
		if (strcasecmp(word, dhcp_type_word((enum dhcp_type)i)) == 0)
			return (enum dhcp_type)i;
	return DHCP_NO_TYPE;
}

static void parse_flag(struct rule *r, const char *word)
{
	if (strcmp(word, "xid") == 0)
		r->is_xid = true;
	else if (strcmp(word, "chaddr") == 0)
		r->is_chaddr = true;
	else if (strcmp(word, "ipopt") == 0)
		r->has_ipopt = true;
	else if (strcmp(word, "vlan0") == 0)
		r->is_vlan0 = true;
	else
		die(word);
}

static void parse_number(struct rule *r, const char *word, const char *value)
{
	unsigned n = (unsigned)strtoul(value, NULL, strcmp(word, "cookie") == 0 ? 16 : 10);

	if (strcmp(word, "type") == 0)
		r->reply = (enum dhcp_type)n;
	else if (strcmp(word, "op") == 0)
		r->op = (uint8_t)n;
	else if (strcmp(word, "cookie") == 0)
		r->cookie = n;
	else if (strcmp(word, "trailer") == 0)
		r->trailer = n;
	else if (strcmp(word, "delay") == 0)
		r->delay_ms = n;
	else if (strcmp(word, "udplen") == 0) {
		r->has_udplen = true;
		r->udplen = (uint16_t)n;
	} else {
		die(word);
	}
}

static void parse_value(struct rule *r, const char *word, const char *value)
{
	bool is_none = strcmp(value, "none") == 0;

	if (strcmp(word, "yi") == 0)
		r->yi = addr_of(value);
	else if (strcmp(word, "src") == 0)
		r->src = addr_of(value);
	else if (strcmp(word, "mac") == 0 && mac_parse(value, &r->mac) < 0)
		die(value);
	else if (strcmp(word, "id") == 0 && !is_none)
		r->id = addr_of(value);
	else if (strcmp(word, "id") == 0)
		r->has_id = false;
	else if (strcmp(word, "lease") == 0) {
		r->has_lease = !is_none;
		r->lease = (uint32_t)strtoul(value, NULL, 10);
	} else if (strcmp(word, "mask") == 0) {
		r->has_mask = !is_none;
		r->mask.len = 0;
		add_hex(&r->mask, value);
	} else if (strcmp(word, "csum") == 0)
		r->csum = value[0];
	else if (strcmp(word, "opt") == 0)
		add_option(&r->opts, value);
	else if (strcmp(word, "file") == 0)
		add_hex(&r->file, value);
	else if (strcmp(word, "sname") == 0)
		add_hex(&r->sname, value);
	else if (strcmp(word, "raw") == 0) {
		r->has_raw = true;
		add_hex(&r->raw, value);
	} else if (strcmp(word, "mac") != 0)
		parse_number(r, word, value);
}

static void parse_rule(struct server *s, char *text)
{
	struct rule *r = &s->rules[s->n_rules++];
	char *word = strtok(text, ","), *colon = word ? strchr(word, ':') : NULL;

	if (!colon)
		die("a rule begins with QUESTION:REPLY");
	*colon = '\0';
	*r = (struct rule){
		.question = type_of(word),
		.reply = type_of(colon + 1),
		.yi = addr_of("10.77.0.100"),
		.id = addr_of("10.77.0.1"),
		.src = addr_of("10.77.0.1"),
		.mac = {{2, 0, 0, 0, 0, 0x77}},
		.has_id = true,
		.has_lease = true,
		.has_mask = true,
		.lease = 600,
		.cookie = DHCP_COOKIE,
		.op = DHCP_BOOTREPLY,
		.mask = {.bytes = {255, 255, 255, 0}, .len = 4},
	};
	while ((word = strtok(NULL, ",")) != NULL) {
		char *equals = strchr(word, '=');

		if (equals)
			*equals++ = '\0';
		if (equals)
			parse_value(r, word, equals);
		else
			parse_flag(r, word);
	}
}

/* --- replies */

static void put_options(struct wr *w, const struct rule *r)
{
	bool is_nak = r->reply == DHCP_NAK;
	uint8_t lease[4];

	if (r->has_raw) {
		wr_bytes(w, r->raw.bytes, r->raw.len);
		return;
	}
	dhcp_put_u8(w, DHCP_OPT_TYPE, (uint8_t)r->reply);
	if (r->has_id)
		dhcp_put_addr(w, DHCP_OPT_SERVER_ID, &r->id);
	put_u32(lease, r->lease);
	if (r->has_lease && !is_nak)
		dhcp_put(w, DHCP_OPT_LEASE, lease, sizeof(lease));
	if (r->has_mask && !is_nak)
		dhcp_put(w, DHCP_OPT_MASK, r->mask.bytes, r->mask.len);
	wr_bytes(w, r->opts.bytes, r->opts.len);
	dhcp_put_end(w);
}

static void put_message(struct wr *w, const struct rule *r, const struct dhcp_head *asked)
{
	struct dhcp_head h = *asked;
	struct addr none = {.len = 4};

	h.op = r->op;
	h.xid ^= r->is_xid;
	h.chaddr[5] ^= r->is_chaddr;
	h.ciaddr = none;
	h.yiaddr = r->reply == DHCP_NAK ? none : r->yi;
	dhcp_put_head(w, &h);
	put_u32(w->buf + DHCP_FIXED_LEN, r->cookie);
	memcpy(w->buf + 44, r->sname.bytes, r->sname.len < 64 ? r->sname.len : 64);
	memcpy(w->buf + 108, r->file.bytes, r->file.len < 128 ? r->file.len : 128);
	put_options(w, r);
}

static void spoil(struct wr *frame, const struct rule *r, const struct addr *dst)
{
	size_t ip = 14u + (r->is_vlan0 ? 4 : 0), udp = ip + (r->has_ipopt ? 24 : 20);
	size_t len = frame->len - udp;

	if (r->has_udplen)
		put_u16(frame->buf + udp + 4, r->udplen);
	if (r->csum == 'z')
		put_u16(frame->buf + udp + 6, 0);
	else if (r->csum == 'b')
		frame->buf[udp + 6] ^= 0x5a;
	else if (r->csum == 'l')
		put_u16(frame->buf + udp + 6,
			(uint16_t)(0xffff ^
				   csum_fold(csum_pseudo(&r->src, dst, IPPROTO_UDP, len))));
	for (unsigned i = 0; i < r->trailer; i++)
		wr_u8(frame, 0xee);
}

static void answer(struct server *s, const struct rule *r, const struct dhcp_head *asked)
{
	uint8_t msg[FRAME_MAX];
	struct wr w = wr_make(msg, sizeof(msg)), frame;
	const struct addr dst = {.len = 4, .bytes = {255, 255, 255, 255}};
	struct later *l;
	struct pkt_spec spec;

	if (s->n_queue == LATER)
		die("too many answers");
	put_message(&w, r, asked);
	spec = recipe_udp(&r->src, &dst, DHCP_SERVER_PORT, DHCP_CLIENT_PORT, msg, w.len);
	spec.from = PKT_FROM_ETH;
	spec.eth.src = r->mac;
	memset(spec.eth.dst.bytes, 0xff, 6);
	if (r->is_vlan0) {
		spec.eth.vlan[0] = (struct pkt_vlan){.tpid = ETH_VLAN, .tci = 5 << 13};
		spec.eth.n_vlans = 1;
	}
	if (r->has_ipopt) {
		memset(spec.ip.options, IP4_OPT_NOP, 4);
		spec.ip.options_len = 4;
	}
	l = &s->queue[s->n_queue++];
	frame = wr_make(l->bytes, sizeof(l->bytes));
	if (wr_done(&w) < 0 || pkt_build(s->builder, &spec, &frame, NULL) < 0)
		die("cannot build the reply");
	spoil(&frame, r, &dst);
	l->len = frame.len;
	l->due_ns = clock_mono(clock_system()) + r->delay_ms * NS_PER_MS;
}

static void take(struct server *s, const struct link_in *in)
{
	struct dissect d;
	struct dhcp_msg m;

	if (in->kind != LINK_PACKET || dissect_packet(DISSECT_L2, in->bytes, in->len, &d) < 0 ||
	    !dissect_has(&d, LAYER_UDP) || d.udp.dst_port != DHCP_SERVER_PORT ||
	    dhcp_parse(d.payload, d.payload_len, &m) < 0)
		return;
	s->counts[m.type & 15]++;
	for (unsigned i = 0; i < s->n_rules; i++)
		if (s->rules[i].question == m.type && s->rules[i].reply)
			answer(s, &s->rules[i], &m.head);
}

static int send_due(struct server *s)
{
	uint64_t now_ns = clock_mono(clock_system()), next_ns = UINT64_MAX;
	unsigned kept = 0;

	for (unsigned i = 0; i < s->n_queue; i++) {
		struct later *l = &s->queue[i];
		const struct link_out out = {.bytes = l->bytes, .len = l->len};

		if (l->due_ns > now_ns) {
			next_ns = l->due_ns < next_ns ? l->due_ns : next_ns;
			s->queue[kept++] = *l;
		} else if (link_send(s->link, &out, 1, NULL) == 1) {
			s->answers++;
		}
	}
	s->n_queue = kept;
	return next_ns == UINT64_MAX ? -1 : (int)((next_ns - now_ns) / NS_PER_MS) + 1;
}

int main(int argc, char **argv)
{
	static struct server s;
	struct frames_opts opts = {.ignore_outgoing = true, .filter = "udp dst port 67"};
	struct link_in in[16];
	struct pollfd p[2];
	sigset_t set;
	struct why why;
	int n;

	if (argc < 3 || strncmp(argv[1], "--interface=", 12) != 0)
		die("usage: dhcphost --interface=IF RULE...");
	for (int i = 2; i < argc && s.n_rules < RULES; i++)
		parse_rule(&s, argv[i]);
	s.builder = pkt_new();
	s.queue = calloc(LATER, sizeof(*s.queue));
	opts.ifindex = if_nametoindex(argv[1] + 12);
	if (!s.builder || !s.queue || !opts.ifindex || frames_open(&opts, &s.link, &why) < 0)
		die("cannot open the interface");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p[0] = (struct pollfd){.fd = s.link->fd, .events = POLLIN};
	p[1] = (struct pollfd){.fd = signalfd(-1, &set, SFD_CLOEXEC), .events = POLLIN};
	printf("ready\n");
	fflush(stdout);
	while (!p[1].revents) {
		while ((n = link_recv(s.link, in, 16, NULL)) > 0)
			for (int i = 0; i < n; i++)
				take(&s, &in[i]);
		(void)poll(p, 2, send_due(&s));
	}
	printf("{\"discover\":%lu,\"request\":%lu,\"decline\":%lu,\"release\":%lu,\"inform\":%lu,\"answers\":%lu}\n",
	       s.counts[DHCP_DISCOVER], s.counts[DHCP_REQUEST], s.counts[DHCP_DECLINE],
	       s.counts[DHCP_RELEASE], s.counts[DHCP_INFORM], s.answers);
	link_close(s.link);
	pkt_free(s.builder);
	free(s.queue);
	return 0;
}
