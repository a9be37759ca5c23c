/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * liar - a name server that does what the first label of the question says: forges, mangles, stays
 * silent, and then, where that is the point, tells the truth (A 192.0.2.1).
 *
 * liar ADDR PORT [GROUP] answers over UDP and TCP, and prints "ready" when it does; with GROUP it
 * answers what is sent to that multicast group on the link of ADDR.
 *
 *   ok                        the truth
 *   id id5 name type noq qr opcode port addr case short empty cookie
 *                             a forgery of that kind (five with id5), then the truth; short and
 *                             empty are datagrams too short to be a message, cookie is a wrong one
 *   tc                        truncated over UDP, the truth over TCP
 *   slow                      over TCP octet by octet, a foreign message first
 *   formerr notimp            an error, without question, to whatever has EDNS; then the truth
 *   badvers badcookie         the error until the version is 0, until a server cookie comes back
 *   noedns                    silence to EDNS
 *   silent                    silence
 *   lost                      silence to the first question, the truth to the second
 *   late                      the answer to the first question comes just before that to the second
 *   eof                       closes TCP in the middle of the message
 *   ede nsid                  the truth with a hostile text in that option
 *   trail                     octets behind the end
 *   count                     more answers announced than there are
 *   rr-TYPE-HEX               the answer has that data (TYPE in hex, HEX over more labels)
 *   m-FLAGS COUNTS-HEX        a header with these flags and counts (20 digits in all), the
 *                             question, then HEX
 *   h-FLAGS                   a header with these flags alone
 *   zero                      over TCP a message of no octets, then the truth
 *   many                      4000 answers over TCP, truncated over UDP
 *   tctcp                     truncated over TCP too
 *   msg-HEX                   behind header and question stands HEX as the answer section
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/num.h"
#include "base/radix.h"
#include "wire/dns.h"

struct liar;

/* A question that came, and where the answer goes. */
struct asked {
	struct liar *liar;
	uint16_t id, flags;
	struct dns_question q;
	struct dns_edns edns;
	bool has_server_cookie, is_tcp;
	uint8_t client_cookie[8];
	struct sockaddr_storage from;
	socklen_t from_len;
	int fd; /* of the TCP connection */
};

struct liar {
	int udp, tcp, other_port, other_addr;
	unsigned n_lost;
	struct asked late; /* liar NULL where nobody waits */
};

/* What an answer is made of; the truth is made by truth_of(). */
struct answer {
	uint16_t id, flags, counts[DNS_SECTIONS];
	struct dns_question q;
	bool has_question, has_edns;
	uint8_t version, high_rcode;
	uint16_t type;
	uint8_t data[512];
	size_t data_len;
	uint8_t options[512];
	size_t options_len;
};

static const uint8_t true_addr[] = {192, 0, 2, 1}, forged_addr[] = {6, 6, 6, 6};

static struct answer truth_of(const struct asked *a)
{
	struct answer t = {
		.id = a->id,
		.flags = (uint16_t)(DNS_QR | DNS_AA | (a->flags & DNS_RD)),
		.counts = {1, 1, 0, 0},
		.q = a->q,
		.has_question = true,
		.has_edns = a->edns.is_there,
		.type = DNS_A,
		.data_len = 4,
	};

	memcpy(t.data, true_addr, 4);
	return t;
}

static void put_answer(struct wr *w, const struct answer *t)
{
	struct dns_edns e = {.udp_max = 1232, .version = t->version, .high_rcode = t->high_rcode};
	uint16_t counts[DNS_SECTIONS];

	memcpy(counts, t->counts, sizeof(counts));
	counts[DNS_QUESTION] = t->has_question;
	counts[DNS_ADDITIONAL] = t->has_edns;
	dns_put_header(w, t->id, t->flags, counts);
	if (t->has_question)
		dns_put_question(w, &t->q);
	if (t->counts[DNS_ANSWER])
		dns_put_record(w, &t->q.name, t->type, DNS_IN, 60, t->data, t->data_len);
	if (t->has_edns)
		dns_put_opt(w, &e, t->options, t->options_len);
}

static void send_bytes(const struct asked *a, int fd, const void *bytes, size_t len)
{
	uint8_t frame[4096];

	if (!a->is_tcp) {
		(void)sendto(fd, bytes, len, 0, (const struct sockaddr *)&a->from, a->from_len);
		return;
	}
	put_u16(frame, (uint16_t)len);
	memcpy(frame + 2, bytes, len);
	(void)send(a->fd, frame, len + 2, MSG_NOSIGNAL);
}

static void send_answer(const struct asked *a, const struct answer *t)
{
	uint8_t space[2048];
	struct wr w = wr_make(space, sizeof(space));

	put_answer(&w, t);
	send_bytes(a, a->liar->udp, space, w.len);
}

static bool is(const char *word, const char *what)
{
	return strcmp(word, what) == 0;
}

/* One message that is not the answer. Returns false if @word names no such lie. */
static bool forge(const struct asked *a, const char *word)
{
	struct answer t = truth_of(a);
	uint8_t space[512], cookie[16] = {0x66};
	struct wr w = wr_make(space, sizeof(space)), options = wr_make(t.options, 512);
	int fd = a->liar->udp;

	memcpy(t.data, forged_addr, 4);
	if (is(word, "id"))
		t.id ^= 0x5555;
	else if (is(word, "name"))
		t.q.name.bytes[1] ^= 1;
	else if (is(word, "type"))
		t.q.type = DNS_TXT;
	else if (is(word, "noq"))
		t.has_question = false;
	else if (is(word, "qr"))
		t.flags &= (uint16_t)~DNS_QR;
	else if (is(word, "opcode"))
		t.flags |= 2 << 11;
	else if (is(word, "port"))
		fd = a->liar->other_port;
	else if (is(word, "addr"))
		fd = a->liar->other_addr;
	else if (is(word, "cookie"))
		dns_put_option(&options, DNS_OPT_COOKIE, cookie, sizeof(cookie));
	else if (!is(word, "short") && !is(word, "empty"))
		return false;
	t.options_len = options.len;
	put_answer(&w, &t);
	send_bytes(a, fd, space, is(word, "empty") ? 0 : is(word, "short") ? 7 : w.len);
	return true;
}

/* An error to what has EDNS. Returns whether there was one to tell. */
static bool object(const struct asked *a, const char *word)
{
	struct answer t = truth_of(a);
	struct wr options = wr_make(t.options, sizeof(t.options));
	uint8_t cookie[24];

	t.counts[DNS_ANSWER] = 0;
	memcpy(cookie, a->client_cookie, 8);
	memset(cookie + 8, 0x5a, 16);
	if (!a->edns.is_there)
		return false;
	if (is(word, "formerr") || is(word, "notimp")) {
		t.flags |= is(word, "formerr") ? DNS_FORMERR : DNS_NOTIMP;
		t.has_question = t.has_edns = false;
	} else if (is(word, "badvers") && a->edns.version) {
		t.high_rcode = DNS_BADVERS >> 4;
	} else if (is(word, "badcookie") && !a->has_server_cookie) {
		t.high_rcode = DNS_BADCOOKIE >> 4;
		t.flags |= DNS_BADCOOKIE & 15;
		dns_put_option(&options, DNS_OPT_COOKIE, cookie, sizeof(cookie));
		t.options_len = options.len;
	} else {
		return false;
	}
	send_answer(a, &t);
	return true;
}

/* The truth with something wrong around it. Returns false if @word names no such thing. */
static bool mangle(const struct asked *a, const char *word)
{
	static const char text[] = "\x1b[31mred\nevil.example. 60 IN A 6.6.6.6\xe2\x80\xae\xff";
	struct answer t = truth_of(a);
	uint8_t space[2048], ede[sizeof(text) + 1] = {0, 15};
	struct wr w = wr_make(space, sizeof(space)), options = wr_make(t.options, 512);

	memcpy(ede + 2, text, sizeof(text) - 1);
	if (is(word, "ede"))
		dns_put_option(&options, DNS_OPT_ERROR, ede, sizeof(text) + 1);
	else if (is(word, "nsid"))
		dns_put_option(&options, DNS_OPT_NSID, text, sizeof(text) - 1);
	else if (is(word, "count"))
		t.counts[DNS_ANSWER] = 5;
	else if (is(word, "case"))
		dns_name_lower(&t.q.name);
	else if (!is(word, "trail"))
		return false;
	t.options_len = options.len;
	if (is(word, "count"))
		t.has_edns = false;
	put_answer(&w, &t);
	if (is(word, "trail"))
		wr_bytes(&w, "extra", 5);
	send_bytes(a, a->liar->udp, space, w.len);
	return true;
}

/* The hexadecimal that the labels from octet @at of the first on hold; they go on to "end". */
static size_t read_hex(const struct dns_name *name, size_t at, uint8_t *out, size_t cap)
{
	struct radix_reader reader = {.radix = RADIX_16};
	struct wr w = wr_make(out, cap);
	size_t label = 0;

	while (label < name->len && name->bytes[label]) {
		size_t n = name->bytes[label];
		const char *text = (const char *)name->bytes + label + 1;

		if ((n == 3 && strncasecmp(text, "end", 3) == 0) ||
		    radix_read(&reader, text + at, n - at, &w) < 0)
			break;
		at = 0;
		label += n + 1;
	}
	return w.len;
}

/* Header as told, and, but for a bare header, question and body as told. */
static void tell_message(const struct asked *a, bool has_body)
{
	uint8_t space[2048] = {0};
	struct wr w = wr_make(space, sizeof(space));

	put_u16(space, a->id);
	(void)read_hex(&a->q.name, 2, space + 2, has_body ? 10 : 2);
	w.len = DNS_HDR_LEN;
	if (has_body) {
		dns_put_question(&w, &a->q);
		w.len += read_hex(&a->q.name, 23, space + w.len, 512);
	}
	send_bytes(a, a->liar->udp, space, w.len);
}

static bool tell_data(const struct asked *a, const char *word)
{
	struct answer t = truth_of(a);
	uint8_t space[2048];
	struct wr w = wr_make(space, sizeof(space));
	char *end;

	t.has_edns = false;
	if (strncmp(word, "rr-", 3) == 0) {
		t.type = (uint16_t)strtoul(word + 3, &end, 16);
		t.data_len = read_hex(&a->q.name, (size_t)(end + 1 - word), t.data, sizeof(t.data));
		send_answer(a, &t);
		return true;
	}
	if (strncmp(word, "m-", 2) == 0 || strncmp(word, "h-", 2) == 0) {
		tell_message(a, word[0] == 'm');
		return true;
	}
	if (strncmp(word, "msg-", 4) != 0)
		return false;
	t.counts[DNS_ANSWER] = 0;
	put_answer(&w, &t);
	put_u16(space + 6, 1);
	w.len += read_hex(&a->q.name, 4, space + w.len, 512);
	send_bytes(a, a->liar->udp, space, w.len);
	return true;
}

/* Over TCP: a message for somebody else, then the truth in pieces, or half of it. */
static void trickle(const struct asked *a, bool is_cut)
{
	struct answer t = truth_of(a);
	uint8_t space[2048];
	struct wr w = wr_make(space, sizeof(space));
	size_t len;

	(void)forge(a, "id");
	wr_u16(&w, 0);
	put_answer(&w, &t);
	put_u16(space, (uint16_t)(w.len - 2));
	len = is_cut ? w.len / 2 : w.len;
	for (size_t i = 0; i < len; i++)
		(void)send(a->fd, space + i, 1, MSG_NOSIGNAL);
}

/* One message of 4000 answers. */
static void tell_many(const struct asked *a)
{
	struct answer t = truth_of(a);
	uint8_t space[DNS_MESSAGE_MAX];
	struct wr w = wr_make(space + 2, sizeof(space) - 2);

	t.has_edns = false;
	t.counts[DNS_ANSWER] = 0;
	put_answer(&w, &t);
	put_u16(space + 2 + 6, 4000);
	for (unsigned i = 0; i < 4000; i++) {
		wr_u16(&w, 0xc00c);
		wr_u16(&w, DNS_A);
		wr_u16(&w, DNS_IN);
		wr_u32(&w, 60);
		wr_u16(&w, 4);
		wr_u32(&w, 0x0a000000 + i);
	}
	put_u16(space, (uint16_t)w.len);
	for (size_t sent = 0; sent < w.len + 2;) {
		ssize_t n = send(a->fd, space + sent, w.len + 2 - sent, MSG_NOSIGNAL);

		if (n < 0)
			return;
		sent += (size_t)n;
	}
}

static void answer(const struct asked *a, const char *word)
{
	struct answer t = truth_of(a);

	if (is(word, "silent") || (is(word, "noedns") && a->edns.is_there) ||
	    (is(word, "lost") && a->liar->n_lost++ % 2 == 0))
		return;
	if (is(word, "late")) {
		struct asked first = a->liar->late;
		struct answer old = truth_of(&first);

		a->liar->late = *a;
		if (!first.liar)
			return;
		a->liar->late.liar = NULL;
		send_answer(&first, &old);
		poll(NULL, 0, 20); /* so that it is the first to be read */
	}
	if (is(word, "many") && a->is_tcp) {
		tell_many(a);
		return;
	}
	if (is(word, "zero") && a->is_tcp)
		send_bytes(a, a->fd, "", 0);
	if (is(word, "tctcp") || ((is(word, "tc") || is(word, "many")) && !a->is_tcp)) {
		t.flags |= DNS_TC;
		t.counts[DNS_ANSWER] = 0;
	}
	if (a->is_tcp && (is(word, "slow") || is(word, "eof"))) {
		trickle(a, is(word, "eof"));
		return;
	}
	if (object(a, word) || mangle(a, word) || tell_data(a, word))
		return;
	if (is(word, "id5"))
		for (unsigned i = 0; i < 5; i++)
			(void)forge(a, "id");
	else if (!a->is_tcp)
		(void)forge(a, word);
	send_answer(a, &t);
}

static void read_cookie(struct asked *a)
{
	struct rd options = a->edns.options, data;
	uint16_t code;

	while (dns_option_next(&options, &code, &data)) {
		if (code != DNS_OPT_COOKIE || data.len < 8)
			continue;
		memcpy(a->client_cookie, data.buf, 8);
		a->has_server_cookie = data.len > 8;
	}
}

static void take(struct asked *a, const uint8_t *bytes, size_t len)
{
	char word[DNS_LABEL_MAX + 1];
	struct dns_msg m;

	if (dns_msg_open(&m, bytes, len) < 0 || dns_msg_question(&m, &a->q) < 0)
		return;
	a->id = m.id;
	a->flags = m.flags;
	a->edns = dns_msg_edns(bytes, len);
	read_cookie(a);
	for (unsigned i = 0; i < a->q.name.bytes[0]; i++)
		word[i] = (char)tolower(a->q.name.bytes[i + 1]);
	word[a->q.name.bytes[0]] = '\0';
	answer(a, word);
}

static void serve_tcp(struct liar *l)
{
	struct asked a = {.liar = l, .is_tcp = true, .fd = accept(l->tcp, NULL, NULL)};
	uint8_t bytes[2048];
	ssize_t n;

	if (a.fd < 0)
		return;
	n = recv(a.fd, bytes, sizeof(bytes), 0);
	if (n > 2)
		take(&a, bytes + 2, (size_t)n - 2);
	close(a.fd);
}

static void serve_udp(struct liar *l)
{
	struct asked a = {.liar = l, .from_len = sizeof(a.from)};
	uint8_t bytes[2048];
	ssize_t n =
		recvfrom(l->udp, bytes, sizeof(bytes), 0, (struct sockaddr *)&a.from, &a.from_len);

	if (n > 0)
		take(&a, bytes, (size_t)n);
}

static int open_socket(int type, const char *address, uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, type, 0), one = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (inet_pton(AF_INET, address, &sa.sin_addr) != 1 ||
	    bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 16) < 0)) {
		perror("liar");
		exit(2);
	}
	return fd;
}

/* A socket for what is sent to a group; what it answers comes from the address all the same. */
static int join_group(const char *address, const char *group, uint16_t port)
{
	struct ip_mreq join = {0};
	int fd = open_socket(SOCK_DGRAM, "0.0.0.0", port);

	if (inet_pton(AF_INET, address, &join.imr_interface) != 1 ||
	    inet_pton(AF_INET, group, &join.imr_multiaddr) != 1 ||
	    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)) < 0) {
		perror("liar");
		exit(2);
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct liar l = {0};
	struct pollfd p[2];
	uint64_t port;

	if (argc < 3 || argc > 4 || num_u64(argv[2], 1, 65534, &port, NULL) < 0) {
		fputs("usage: liar ADDR PORT [GROUP]\n", stderr);
		return 2;
	}
	l.udp = argc == 4 ? join_group(argv[1], argv[3], (uint16_t)port) :
			    open_socket(SOCK_DGRAM, argv[1], (uint16_t)port);
	l.tcp = open_socket(SOCK_STREAM, argv[1], (uint16_t)port);
	l.other_port = open_socket(SOCK_DGRAM, argv[1], (uint16_t)(port + 1));
	l.other_addr = open_socket(SOCK_DGRAM, "127.0.0.66", (uint16_t)port);
	puts("ready");
	fflush(stdout);
	p[0] = (struct pollfd){.fd = l.udp, .events = POLLIN};
	p[1] = (struct pollfd){.fd = l.tcp, .events = POLLIN};
	for (;;) {
		if (poll(p, 2, -1) < 0)
			return 2;
		if (p[0].revents)
			serve_udp(&l);
		if (p[1].revents)
			serve_tcp(&l);
	}
}
