/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ping says of a packet: questions are built, answers made of them by hand, and judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "io/memlink.h"
#include "ping/ping.h"
#include "wire/csum.h"

#define ID4 0x1234
#define ID6 0x5678
#define MTU 9000

static struct fake_clock now;
static struct ping ping;
static struct targets *targets;

static void report_nothing(void *tool, const struct event *ev)
{
	(void)tool, (void)ev;
}

static int close_ping(void **state)
{
	(void)state;
	engine_free(ping.engine);
	targets_free(targets);
	link_close(ping.v4.link);
	link_close(ping.v6.link);
	free(ping.v4.template);
	free(ping.v6.template);
	ping = (struct ping){0};
	return 0;
}

static int open_ping(void **state)
{
	(void)state;
	now = clock_fake(NS_PER_S);
	targets = targets_new();
	ping = (struct ping){
		.opts = {.size = PING_SIZE_DEFAULT},
		.key = {1, 2},
		.v4 = {.id = ID4, .kind = SOCK_KIND_RAW},
		.v6 = {.id = ID6, .kind = SOCK_KIND_RAW},
	};
	return !targets || memlink_open(LINK_L3, &now.clock, &ping.v4.link) < 0 ||
	       memlink_open(LINK_L4, &now.clock, &ping.v6.link) < 0;
}

/* Sends @count questions to each of @words. */
static void ask_each(unsigned count, unsigned n, const char *const *words)
{
	struct engine_opts opts = {.count = count, .timeout_ns = NS_PER_S, .preload = count};
	struct probe_ops ops = {
		.build = ping_build,
		.judge = ping_judge,
		.report = report_nothing,
		.max_packet = PING_HDR_LEN + ping.opts.size,
	};
	struct engine_env env = {.clock = &now.clock,
				 .link4 = ping.v4.link,
				 .link6 = ping.v6.link,
				 .targets = targets};
	struct why why;

	for (unsigned i = 0; i < n; i++)
		assert_int_equal(targets_add(targets, words[i], &why), 0);
	opts.is_sweep = ping.is_sweep = targets_is_sweep(targets);
	assert_int_equal(ping_prepare(&ping, &why), 0);
	ping.engine = engine_new(&env, &opts, &ops, &ping);
	assert_non_null(ping.engine);
	(void)engine_step(ping.engine);
}

#define ASK(count, ...) \
	ask_each(count, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), \
		 (const char *[]){__VA_ARGS__})

/* A packet to be judged. */
struct packet {
	uint8_t bytes[MTU];
	size_t len;
	struct link_in in;
};

static struct addr addr_of(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

/* The answer to question number @i, from 0, of @l: all of it comes back, from whom it went to. */
static struct packet answer_to(const struct link *l, size_t i)
{
	const struct memlink_sent *sent;
	struct packet p = {.in = {.kind = LINK_PACKET, .layer = LINK_L4, .ttl = 60}};
	bool is_v6 = l == ping.v6.link;

	assert_true(i < memlink_n_sent(l));
	sent = memlink_sent(l, i);
	memcpy(p.bytes, sent->bytes, sent->len);
	p.len = sent->len;
	p.bytes[0] = is_v6 ? ICMP_V6_ECHO_REPLY : ICMP_V4_ECHO_REPLY;
	p.in.from = sent->to;
	return p;
}

/* Puts an IPv4 header of @hdr_len octets before @p, options of no operation in it. */
static void wrap(struct packet *p, size_t hdr_len)
{
	memmove(p->bytes + hdr_len, p->bytes, p->len);
	memset(p->bytes, 0, 20);
	memset(p->bytes + 20, 1, hdr_len - 20);
	p->len += hdr_len;
	p->bytes[0] = (uint8_t)(0x40 | hdr_len / 4);
	put_u16(p->bytes + 2, (uint16_t)p->len);
	p->bytes[8] = 61;
	p->bytes[9] = 1;
	memcpy(p->bytes + 12, p->in.from.bytes, 4);
	p->in.layer = LINK_L3;
}

/* Gives the message of @p, behind @hdr_len octets, its checksum, wrapped as by a raw socket. */
static void seal(struct packet *p, size_t hdr_len)
{
	put_u16(p->bytes + 2, 0);
	put_u16(p->bytes + 2, csum_ip(p->bytes, p->len));
	wrap(p, hdr_len);
}

static struct judgement judge(struct packet *p)
{
	struct judgement j = {.kind = JUDGED_NOT_OURS};
	uint8_t *exact = malloc(p->len + 1); /* so that a sanitizer sees what is read behind it */

	assert_non_null(exact);
	memcpy(exact, p->bytes, p->len);
	p->in.bytes = exact;
	p->in.len = p->in.wire_len = p->len;
	ping_judge(&ping, &p->in, &j);
	free(exact);
	return j;
}

static void assert_answer(const struct judgement *j, enum verdict verdict, uint64_t n)
{
	assert_int_equal(j->kind, JUDGED_ANSWER);
	assert_int_equal(j->verdict, verdict);
	assert_int_equal(j->probe ? j->probe->n : 0, n);
}

static void judged(struct packet p, enum verdict verdict, uint64_t n)
{
	struct judgement j = judge(&p);

	assert_answer(&j, verdict, n);
}

static void not_ours(struct packet p)
{
	assert_int_equal(judge(&p).kind, JUDGED_NOT_OURS);
}

/* What is asked: cookie, number, then the pattern; IPv4 with its checksum. */
static void questions_bear_their_mark(void **state)
{
	const struct memlink_sent *sent;
	struct addr to = addr_of("192.0.2.1");

	(void)state;
	ASK(2, "192.0.2.1", "2001:db8::1");
	sent = memlink_sent(ping.v4.link, 1);
	assert_int_equal(sent->len, 64);
	assert_memory_equal(sent->bytes, "\x8\0", 2);
	assert_int_equal(csum_ip(sent->bytes, sent->len), 0);
	assert_memory_equal(sent->bytes + 4, "\x12\x34\0\2", 4);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(sent->bytes[8 + i],
				 (uint8_t)(cookie_make(&ping.key, &to, 2, 2) >> (56 - 8 * i)));
	assert_memory_equal(sent->bytes + 16, "\0\0\0\0\0\0\0\2", 8);
	for (unsigned i = 16; i < 56; i++)
		assert_int_equal(sent->bytes[8 + i], i);
	sent = memlink_sent(ping.v6.link, 0);
	assert_memory_equal(sent->bytes, "\x80\0\0\0\x56\x78\0\1", 8);
	assert_int_equal(sent->bytes[8 + 15], 3);
}

static void a_whole_answer_is_ok(void **state)
{
	struct packet raw;

	(void)state;
	ASK(2, "192.0.2.1", "2001:db8::1");
	judged(answer_to(ping.v4.link, 0), VERDICT_OK, 1);
	assert_int_equal(ping.detail.icmp_len, 64);
	assert_int_equal(ping.detail.ttl, 60);
	assert_int_equal(ping.detail.id, ID4);
	judged(answer_to(ping.v6.link, 1), VERDICT_OK, 4);
	raw = answer_to(ping.v4.link, 1);
	seal(&raw, 32);
	judged(raw, VERDICT_OK, 2);
	assert_int_equal(ping.detail.icmp_len, 64);
	assert_int_equal(ping.detail.ttl, 61);
	assert_true(ping.detail.has_ip4);
	assert_int_equal(ping.detail.ip4.opts_len, 12);
}

static void what_is_no_answer_to_us_is_not_ours(void **state)
{
	struct packet p;

	(void)state;
	ASK(1, "192.0.2.1", "2001:db8::1");
	p = answer_to(ping.v4.link, 0);
	p.bytes[0] = ICMP_V4_ECHO_REQUEST;
	not_ours(p);
	p.bytes[0] = ICMP_V6_ECHO_REPLY; /* of the other family */
	not_ours(p);
	p = answer_to(ping.v4.link, 0);
	put_u16(p.bytes + 4, ID6);
	not_ours(p);
	p = answer_to(ping.v6.link, 0);
	put_u16(p.bytes + 4, ID4);
	not_ours(p);
	for (size_t len = 0; len < 8; len++) {
		p = answer_to(ping.v4.link, 0);
		p.len = len;
		not_ours(p);
	}
	p = answer_to(ping.v4.link, 0);
	seal(&p, 20);
	p.bytes[0] = 0x65;
	not_ours(p);
	p.bytes[0] = 0x4f; /* options that reach into the message: it then is another one */
	not_ours(p);
	p.len = 19;
	not_ours(p);
}

/* Each octet by itself, whatever it is of: ours, and not as it was sent. */
static void a_changed_octet_is_corrupt(void **state)
{
	(void)state;
	ASK(3, "192.0.2.1");
	for (size_t at = 0; at < PING_SIZE_DEFAULT; at++) {
		struct packet p = answer_to(ping.v4.link, 1);
		struct judgement j;

		p.bytes[8 + at] ^= 0x80;
		j = judge(&p);
		assert_answer(&j, VERDICT_CORRUPT, 2);
		assert_true(j.is_settling);
		assert_int_equal(ping.detail.fault, FAULT_OCTET);
		assert_int_equal(ping.detail.fault_at, at);
		assert_int_equal(ping.detail.got, p.bytes[8 + at]);
		assert_int_equal(ping.detail.wanted, p.bytes[8 + at] ^ 0x80);
	}
}

/* More octets of the cookie right than a guess has: damage; fewer: forgery. */
static void the_cookie_tells_damage_from_forgery(void **state)
{
	(void)state;
	ASK(1, "192.0.2.1", "2001:db8::1");
	for (unsigned i = 0; i < 2; i++) {
		struct packet p = answer_to(i ? ping.v6.link : ping.v4.link, 0);
		struct judgement j;

		for (unsigned wrong = 1; wrong <= 8; wrong++) {
			p.bytes[8 + wrong - 1] ^= 0x55;
			j = judge(&p);
			assert_answer(&j, wrong <= 4 ? VERDICT_CORRUPT : VERDICT_FORGED, i + 1);
			assert_int_equal(j.is_settling, wrong <= 4);
		}
	}
}

/* Octets are missing or too many. Who shows no cookie might be anybody and settles nothing. */
static void the_length_must_be_right(void **state)
{
	struct packet p;
	struct judgement j;

	(void)state;
	ASK(2, "192.0.2.1");
	for (size_t len = 0; len < PING_SIZE_DEFAULT; len++) {
		p = answer_to(ping.v4.link, 0);
		p.len = 8 + len;
		j = judge(&p);
		assert_answer(&j, VERDICT_TRUNCATED, 1);
		assert_int_equal(j.is_settling, len >= 8);
	}
	for (size_t more = 1; more < 100; more++) {
		p = answer_to(ping.v4.link, 0);
		p.len += more;
		judged(p, VERDICT_CORRUPT, 1);
		assert_int_equal(ping.detail.fault, FAULT_LONGER);
		assert_int_equal(ping.detail.fault_at, more);
	}
	p = answer_to(ping.v4.link, 0); /* short and damaged: damaged */
	p.len = 8 + 30;
	p.bytes[8 + 20] ^= 1;
	judged(p, VERDICT_CORRUPT, 1);
}

/* Only a raw IPv4 socket is shown what the kernel would have thrown away. */
static void a_wrong_checksum_is_corrupt(void **state)
{
	struct packet p;

	(void)state;
	ASK(3, "192.0.2.1");
	p = answer_to(ping.v4.link, 1);
	seal(&p, 20);
	p.bytes[20 + 2] ^= 1;
	judged(p, VERDICT_CORRUPT, 2);
	assert_int_equal(ping.detail.fault, FAULT_CHECKSUM);
	p.bytes[20 + 2] ^= 1;
	p.bytes[20 + 1] ^= 1; /* the code */
	judged(p, VERDICT_CORRUPT, 2);
	p.bytes[20 + 1] ^= 1;
	p.bytes[20 + 7] ^= 1; /* the seq, now of another question: the cookie knows better */
	judged(p, VERDICT_CORRUPT, 2);
	p.bytes[20 + 7] ^= 0x81; /* and now of none */
	judged(p, VERDICT_CORRUPT, 2);
	assert_int_equal(ping.detail.fault, FAULT_CHECKSUM);
	/* A seq that was changed with care is somebody's work. */
	p = answer_to(ping.v4.link, 1);
	p.bytes[7] ^= 1;
	seal(&p, 20);
	judged(p, VERDICT_FORGED, 3);
}

/* A packet larger than the buffer has no checksum that could be judged, but is too long. */
static void what_the_buffer_cut_is_too_long(void **state)
{
	struct packet p;

	(void)state;
	ASK(1, "192.0.2.1");
	p = answer_to(ping.v4.link, 0);
	p.len = 3000;
	seal(&p, 20);
	p.len = 1600;
	judged(p, VERDICT_CORRUPT, 1);
	assert_int_equal(ping.detail.fault, FAULT_LONGER);
}

static void another_address_is_foreign(void **state)
{
	struct packet p;
	struct judgement j;

	(void)state;
	ASK(2, "192.0.2.1", "192.0.2.2", "2001:db8::1");
	p = answer_to(ping.v4.link, 0);
	p.in.from = addr_of("192.0.2.9");
	j = judge(&p);
	assert_answer(&j, VERDICT_FOREIGN, 1);
	assert_false(j.is_settling);
	p.in.from = addr_of("192.0.2.2"); /* one of those asked, but not with this question */
	judged(p, VERDICT_FOREIGN, 1);
	p = answer_to(ping.v6.link, 1);
	p.in.from = addr_of("2001:db8::2");
	judged(p, VERDICT_FOREIGN, 6);
	/* Without its number the question is looked for among the few that were asked. */
	p = answer_to(ping.v6.link, 1);
	p.in.from = addr_of("2001:db8::2");
	p.bytes[8 + 15] ^= 1;
	judged(p, VERDICT_FOREIGN, 6);
}

static void some_addresses_are_answered_by_others(void **state)
{
	static const struct {
		const char *asked, *from;
		enum verdict verdict;
	} cases[] = {
		{"224.0.0.1", "192.0.2.7", VERDICT_OK},
		{"0.0.0.0", "127.0.0.1", VERDICT_OK},
		{"ff02::1%lo", "fe80::7", VERDICT_OK},
		{"::", "::1", VERDICT_OK},
		{"2001:db8:0:1::", "2001:db8:0:1::7", VERDICT_OK}, /* subnet-router anycast */
		{"2001:db8:0:1::", "2001:db8:0:2::7", VERDICT_FOREIGN},
		{"192.0.2.255", "192.0.2.7", VERDICT_FOREIGN},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr asked = addr_of(cases[i].asked);
		struct packet p;

		ASK(1, cases[i].asked);
		p = answer_to(addr_is_v6(&asked) ? ping.v6.link : ping.v4.link, 0);
		p.in.from = addr_of(cases[i].from);
		judged(p, cases[i].verdict, 1);
		if (i == 6) { /* a broadcast address, which only the user knows */
			ping.opts.sock.broadcast = true;
			judged(p, VERDICT_OK, 1);
		}
		close_ping(state);
		assert_int_equal(open_ping(state), 0);
	}
}

/* What is no longer in the table is known by its cookie; the rest only from whom we ask. */
static void forgotten_questions_are_known_by_their_cookie(void **state)
{
	struct packet p;
	struct probe *probe;

	(void)state;
	ASK(2, "192.0.2.1");
	probe = probe_get(engine_probes(ping.engine), 1);
	probe_settle(engine_probes(ping.engine), probe, PROBE_LOST);
	probe_forget(engine_probes(ping.engine), probe);
	p = answer_to(ping.v4.link, 0);
	judged(p, VERDICT_OK, 0);
	assert_int_equal(judge(&p).seq, 1);
	p.bytes[8] ^= 1;
	judged(p, VERDICT_FORGED, 0);
	p.in.from = addr_of("192.0.2.9");
	not_ours(p);

	/* Nor is it taken for an answer to a question of the same seq to somebody else. */
	close_ping(state);
	assert_int_equal(open_ping(state), 0);
	ASK(1, "192.0.2.1", "192.0.2.2");
	probe = probe_get(engine_probes(ping.engine), 1);
	probe_settle(engine_probes(ping.engine), probe, PROBE_LOST);
	probe_forget(engine_probes(ping.engine), probe);
	p = answer_to(ping.v4.link, 0);
	judged(p, VERDICT_OK, 0);
	seal(&p, 20);
	p.bytes[20 + 2] ^= 1;
	judged(p, VERDICT_CORRUPT, 0);
}

/* As much of the mark as the data has room for; without room, all that fits the seq is ok. */
static void small_questions_have_less_to_show(void **state)
{
	static const size_t sizes[] = {0, 1, 4, 7, 8, 12, 15, 16, 17, 56, 1400};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i];
		struct packet p;

		ping.opts.size = size;
		ASK(2, "192.0.2.1");
		assert_int_equal(ping_mark_len(&ping), size >= 16 ? 16 : size >= 8 ? 8 : 0);
		assert_int_equal(memlink_sent(ping.v4.link, 0)->len, 8 + size);
		judged(answer_to(ping.v4.link, 0), VERDICT_OK, 1);
		judged(answer_to(ping.v4.link, 1), VERDICT_OK, 2);
		p = answer_to(ping.v4.link, 0);
		for (size_t k = 0; k < size; k++)
			p.bytes[8 + k] ^= 0xff;
		if (size)
			judged(p, size < 8 ? VERDICT_CORRUPT : VERDICT_FORGED, 1);
		p.len++;
		judged(p, size < 8 ? VERDICT_CORRUPT : VERDICT_FORGED, 1);
		close_ping(state);
		assert_int_equal(open_ping(state), 0);
	}
}

static void a_pattern_fills_what_the_mark_leaves(void **state)
{
	struct packet p;

	memcpy(ping.opts.pattern, "\xca\xfe\x01", 3);
	ping.opts.pattern_len = 3;
	ASK(1, "192.0.2.1");
	p = answer_to(ping.v4.link, 0);
	assert_memory_equal(p.bytes + 8 + 15, "\1\xfe\1\xca\xfe\1", 6); /* 15: the number's last */
	judged(p, VERDICT_OK, 1);
	p.bytes[8 + 55] ^= 1;
	judged(p, VERDICT_CORRUPT, 1);
	close_ping(state);
	assert_int_equal(open_ping(state), 0);

	memcpy(ping.opts.pattern, "\xca\xfe\x01", 3);
	ping.opts.pattern_len = 3;
	ping.opts.is_raw_payload = true;
	ASK(1, "192.0.2.1");
	p = answer_to(ping.v4.link, 0);
	assert_memory_equal(p.bytes + 8, "\xca\xfe\1\xca\xfe\1", 6);
	assert_int_equal(ping_mark_len(&ping), 0);
	judged(p, VERDICT_OK, 1);
	p.bytes[8] ^= 1;
	judged(p, VERDICT_CORRUPT, 1);
}

/* Among many swept targets a question is known by its cookie, or by address and seq. */
static void a_sweep_finds_its_questions(void **state)
{
	struct packet p;

	(void)state;
	ASK(1, "192.0.2.0/29");
	p = answer_to(ping.v4.link, 3);
	judged(p, VERDICT_OK, 4);
	p.bytes[8 + 15] ^= 1;
	judged(p, VERDICT_CORRUPT, 4);
	p.in.from = addr_of("192.0.2.99");
	not_ours(p);
	p = answer_to(ping.v4.link, 3);
	p.in.from = addr_of("192.0.2.99");
	judged(p, VERDICT_FOREIGN, 4);
}

static void a_question_needs_its_room(void **state)
{
	uint8_t room[PING_HDR_LEN + PING_SIZE_DEFAULT - 1];
	struct wr w = wr_make(room, sizeof(room));

	(void)state;
	ASK(1, "192.0.2.1");
	assert_int_equal(ping_build(&ping, probe_get(engine_probes(ping.engine), 1), &w), E_FULL);
}

#define WITH_PING(f) cmocka_unit_test_setup_teardown(f, open_ping, close_ping)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PING(questions_bear_their_mark),
		WITH_PING(a_whole_answer_is_ok),
		WITH_PING(what_is_no_answer_to_us_is_not_ours),
		WITH_PING(a_changed_octet_is_corrupt),
		WITH_PING(the_cookie_tells_damage_from_forgery),
		WITH_PING(the_length_must_be_right),
		WITH_PING(a_wrong_checksum_is_corrupt),
		WITH_PING(what_the_buffer_cut_is_too_long),
		WITH_PING(another_address_is_foreign),
		WITH_PING(some_addresses_are_answered_by_others),
		WITH_PING(forgotten_questions_are_known_by_their_cookie),
		WITH_PING(small_questions_have_less_to_show),
		WITH_PING(a_pattern_fills_what_the_mark_leaves),
		WITH_PING(a_sweep_finds_its_questions),
		WITH_PING(a_question_needs_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
