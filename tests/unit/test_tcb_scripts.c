/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plays each tests/segments/NAME.seg to the TCP machine; tests/segments/README.md has the language.
 * The last test asks whether all of them together walked every row of the table.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "engine/tcb.h"

#define DIR_NAME "tests/segments"
#define QUEUE 64u
#define WORDS 24u
#define PEER_ISN 5000000000ull /* the peer's numbers are told from here, modulo 2^32 */
#define START_NS (1000 * NS_PER_S)

struct play {
	const char *path;
	unsigned line;
	struct tcb_config config;
	struct tcb tcb;
	bool is_open;
	uint64_t now_ns;
	struct tcb_seg queue[QUEUE];
	unsigned n_queue, taken;
	uint32_t wrote, has_read; /* octets of the pattern so far */
};

static uint64_t walked;

static void wrong(const struct play *p, const char *what)
{
	print_error("%s:%u: %s\n", p->path, p->line, what);
	fail();
}

static uint8_t pattern(uint32_t i)
{
	return (uint8_t)(i * 7 + (i >> 8));
}

static uint32_t number(const struct play *p, const char *text)
{
	uint64_t n = 0;

	if (!text || num_u64(text, 0, UINT32_MAX, &n, NULL) < 0)
		wrong(p, "a number is wanted");
	return (uint32_t)n;
}

static void drain(struct play *p)
{
	while (p->n_queue < QUEUE && tcb_send(&p->tcb, p->now_ns, &p->queue[p->n_queue]))
		p->n_queue++;
}

static void open_once(struct play *p)
{
	if (!p->is_open)
		assert_int_equal(tcb_open(&p->tcb, &p->config), 0);
	p->is_open = true;
}

/* --- lines that set up */

static void set(struct play *p, char **w)
{
	struct tcb_config *c = &p->config;
	const char *key = w[1];

	if (strcmp(key, "isn") == 0)
		c->isn = number(p, w[2]);
	else if (strcmp(key, "mss") == 0)
		c->mss = (uint16_t)number(p, w[2]);
	else if (strcmp(key, "window") == 0)
		c->window = number(p, w[2]);
	else if (strcmp(key, "send-buffer") == 0)
		c->send_buffer = number(p, w[2]);
	else if (strcmp(key, "wscale") == 0)
		c->wscale = (uint8_t)number(p, w[2]);
	else if (strcmp(key, "delack") == 0)
		c->delack_ns = number(p, w[2]) * NS_PER_MS;
	else if (strcmp(key, "retries") == 0)
		c->syn_retries = c->data_retries = number(p, w[2]);
	else if (strcmp(key, "time-wait") == 0)
		c->time_wait_ns = number(p, w[2]) * NS_PER_S;
	else if (strcmp(key, "plain") == 0)
		c->wants_sack = c->wants_ts = c->wants_wscale = false;
	else if (strcmp(key, "no-ts") == 0)
		c->wants_ts = false;
	else if (strcmp(key, "nagle") == 0)
		c->nagle = true;
	else if (strcmp(key, "soft-errors-end") == 0)
		c->soft_errors_end_open = true;
	else if (strcmp(key, "cookie") == 0) {
		c->wants_cookie = true;
		c->cookie_len = (uint8_t)number(p, w[2]);
		memset(c->cookie, 0xc0, c->cookie_len);
	} else
		wrong(p, "no such setting");
}

/* --- segments as text */

static uint16_t flags_of(const struct play *p, const char *letters)
{
	static const char all[] = "FSRPA";
	uint16_t flags = 0;

	for (; *letters; letters++) {
		size_t at = strcspn(all, (char[]){*letters, '\0'});

		if (!all[at])
			wrong(p, "flags are letters of FSRPA, or -");
		flags |= (uint16_t)(1u << at);
	}
	return flags;
}

/* "A:B" or "A", added to @base. Returns B - A. */
static uint32_t range(const struct play *p, char *text, uint32_t base, uint32_t *from)
{
	char *colon = strchr(text, ':');
	uint32_t to;

	if (colon)
		*colon = '\0';
	*from = number(p, text) + base;
	to = colon ? number(p, colon + 1) + base : *from;
	return to - *from;
}

struct text_seg {
	struct tcb_seg seg;
	bool has_ack, has_win, has_sacks, has_opts;
	char why[80];
};

static bool parse_opt(const struct play *p, struct text_seg *t, char **w, uint32_t base,
		      unsigned *used)
{
	struct tcb_opts *o = &t->seg.opts;

	*used = 2;
	if (strcmp(w[0], "mss") == 0) {
		o->has_mss = true;
		o->mss = (uint16_t)number(p, w[1]);
	} else if (strcmp(w[0], "ws") == 0) {
		o->has_wscale = true;
		o->wscale = (uint8_t)number(p, w[1]);
	} else if (strcmp(w[0], "sackOK") == 0) {
		o->sack_ok = true;
		*used = 1;
	} else if (strcmp(w[0], "ts") == 0) {
		o->has_ts = true;
		o->ts_val = number(p, w[1]);
		o->ts_ecr = number(p, w[2]);
		*used = 3;
	} else if (strcmp(w[0], "cookie") == 0) {
		o->has_cookie = true;
		o->cookie_len = (uint8_t)number(p, w[1]);
	} else if (strcmp(w[0], "sack") == 0) {
		struct span *b = &o->sacks[o->n_sacks++];

		t->has_sacks = true;
		b->right = range(p, w[1], base, &b->left);
		b->right += b->left;
	} else {
		return false;
	}
	return true;
}

/* < FLAGS SEQ[:END] [ack N] [win N] [options] [; why]; @seq, @ack: the bases of the numbers. */
static struct text_seg parse_seg(const struct play *p, char **w, uint32_t seq, uint32_t ack)
{
	static uint8_t octets[TCP_SACKS_MAX * 65536];
	struct text_seg t = {.seg.window = 65535};
	unsigned i, used;

	if (!w[1] || !w[2])
		wrong(p, "flags and sequence number are wanted");
	t.seg.flags = strcmp(w[1], "-") == 0 ? 0 : flags_of(p, w[1]);
	t.seg.len = range(p, w[2], seq, &t.seg.seq);
	for (i = 3; w[i]; i += used) {
		used = 2;
		if (strcmp(w[i], ";") == 0) {
			for (i++; w[i]; i++)
				snprintf(t.why + strlen(t.why), sizeof(t.why) - strlen(t.why),
					 "%s%s", t.why[0] ? " " : "", w[i]);
			break;
		}
		if (strcmp(w[i], "ack") == 0) {
			t.seg.ack = number(p, w[i + 1]) + ack;
			t.has_ack = true;
		} else if (strcmp(w[i], "win") == 0) {
			t.seg.window = (uint16_t)number(p, w[i + 1]);
			t.has_win = true;
		} else if (!parse_opt(p, &t, w + i, ack, &used)) {
			wrong(p, "no such word in a segment");
		}
	}
	if (t.seg.len > sizeof(octets))
		wrong(p, "too many octets");
	for (uint32_t n = 0; n < t.seg.len; n++)
		octets[n] = pattern(t.seg.seq - seq - !(t.seg.flags & TCP_F_SYN) + n);
	t.seg.data = octets;
	return t;
}

static void arrive(struct play *p, char **w)
{
	struct text_seg t = parse_seg(p, w, (uint32_t)PEER_ISN, p->config.isn);
	enum tcb_why why = tcb_receive(&p->tcb, &t.seg, p->now_ns);

	if (t.why[0] && strcmp(t.why, tcb_why_text(why)) != 0)
		wrong(p, tcb_why_text(why)[0] ? tcb_why_text(why) : "judged as nothing special");
	drain(p);
}

static void show(const struct play *p, const struct tcb_seg *s)
{
	print_error("sent: flags %#x seq %u:%u ack %u win %u mss %u sacks %u why '%s'\n", s->flags,
		    s->seq - p->config.isn, s->seq - p->config.isn + s->len,
		    s->ack - (uint32_t)PEER_ISN, s->window, s->opts.mss, s->opts.n_sacks,
		    tcb_why_text(s->why));
}

static void expect(struct play *p, char **w)
{
	struct text_seg t = parse_seg(p, w, p->config.isn, (uint32_t)PEER_ISN);
	const struct tcb_seg *s = &p->queue[p->taken], *x = &t.seg;

	if (p->taken == p->n_queue)
		wrong(p, "nothing was sent");
	p->taken++;
	if (s->flags != x->flags || s->seq != x->seq || s->len != x->len ||
	    (t.has_ack && s->ack != x->ack) || (t.has_win && s->window != x->window) ||
	    (x->opts.has_mss && s->opts.mss != x->opts.mss) ||
	    (x->opts.has_wscale && s->opts.wscale != x->opts.wscale) ||
	    (x->opts.has_cookie && s->opts.cookie_len != x->opts.cookie_len) ||
	    (x->opts.sack_ok && !s->opts.sack_ok) ||
	    (x->opts.has_ts && s->opts.ts_ecr != x->opts.ts_ecr) ||
	    (t.has_sacks &&
	     (s->opts.n_sacks != x->opts.n_sacks ||
	      memcmp(s->opts.sacks, x->opts.sacks, x->opts.n_sacks * sizeof(struct span)) != 0)) ||
	    (t.why[0] && strcmp(t.why, tcb_why_text(s->why)) != 0)) {
		show(p, s);
		wrong(p, "something else was sent");
	}
}

/* --- the rest of the language */

/* Nothing may be sent on the way; what is sent at the end is for the lines that follow. */
static void pass(struct play *p, const char *text)
{
	uint64_t ns = 0, end;

	if (!text || num_duration(text, 0, 3600 * NS_PER_S, &ns, NULL) < 0)
		wrong(p, "a duration is wanted");
	end = p->now_ns + ns;
	while (tcb_due_ns(&p->tcb) < end) {
		p->now_ns = tcb_due_ns(&p->tcb);
		tcb_timer(&p->tcb, p->now_ns);
		drain(p);
		if (p->n_queue) {
			show(p, &p->queue[0]);
			print_error("%.3f s too early\n", (double)(end - p->now_ns) / NS_PER_S);
			wrong(p, "sent too early");
		}
	}
	p->now_ns = end;
	tcb_timer(&p->tcb, end);
	drain(p);
}

static void write_some(struct play *p, uint32_t n)
{
	uint8_t octet;

	for (uint32_t i = 0; i < n; i++) {
		octet = pattern(p->wrote++);
		assert_int_equal(tcb_write(&p->tcb, &octet, 1, p->now_ns), 1);
	}
	drain(p);
}

static void read_some(struct play *p, uint32_t n)
{
	uint8_t octets[65536];
	uint32_t got =
		tcb_read(&p->tcb, octets, n < sizeof(octets) ? n : sizeof(octets), p->now_ns);

	if (got != n)
		wrong(p, "not so many octets can be read");
	for (uint32_t i = 0; i < got; i++)
		if (octets[i] != pattern(p->has_read++))
			wrong(p, "these are not the octets that were sent");
	drain(p);
}

static void icmp(struct play *p, char **w)
{
	enum tcb_icmp kind = strcmp(w[1], "hard") == 0 ? TCB_ICMP_HARD :
			     strcmp(w[1], "soft") == 0 ? TCB_ICMP_SOFT :
							 TCB_ICMP_TOO_BIG;
	bool is_taken =
		tcb_icmp(&p->tcb, kind, number(p, w[2]) + p->config.isn,
			 w[3] && kind == TCB_ICMP_TOO_BIG ? number(p, w[3]) : 0, 20, p->now_ns);
	bool is_to_be_ignored = w[3] && strcmp(w[w[4] ? 4 : 3], "ignored") == 0;

	if (is_taken == is_to_be_ignored)
		wrong(p, is_taken ? "it was believed" : "it was ignored");
	drain(p);
}

static void call(struct play *p, char **w)
{
	const char *verb = w[0];

	open_once(p);
	if (strcmp(verb, "connect") == 0)
		tcb_connect(&p->tcb, p->now_ns);
	else if (strcmp(verb, "listen") == 0)
		tcb_listen(&p->tcb, p->now_ns);
	else if (strcmp(verb, "close") == 0)
		tcb_close(&p->tcb, p->now_ns);
	else if (strcmp(verb, "abort") == 0)
		tcb_abort(&p->tcb, p->now_ns);
	else if (strcmp(verb, "write") == 0)
		write_some(p, number(p, w[1]));
	else if (strcmp(verb, "read") == 0)
		read_some(p, number(p, w[1]));
	else if (strcmp(verb, "after") == 0)
		pass(p, w[1]);
	else if (strcmp(verb, "icmp") == 0)
		icmp(p, w);
	else if (strcmp(verb, "<") == 0)
		arrive(p, w);
	else
		wrong(p, "no such line");
	drain(p);
}

static void line(struct play *p, char *text)
{
	char *words[WORDS + 1] = {0}, *save = NULL, *comment = strchr(text, '#');
	unsigned n = 0;

	if (comment)
		*comment = '\0';
	for (char *w = strtok_r(text, " \t\n", &save); w && n < WORDS;
	     w = strtok_r(NULL, " \t\n", &save))
		words[n++] = w;
	if (!n)
		return;
	if (strcmp(words[0], ">") == 0) {
		expect(p, words);
		return;
	}
	if (p->taken != p->n_queue) {
		show(p, &p->queue[p->taken]);
		wrong(p, "more was sent before this line");
	}
	p->taken = p->n_queue = 0;
	if (strcmp(words[0], "set") == 0)
		set(p, words);
	else if (strcmp(words[0], "state") == 0 && words[1]) {
		if (strcmp(words[1], tcb_state_text(&p->tcb)) != 0)
			wrong(p, tcb_state_text(&p->tcb));
	} else if (strcmp(words[0], "end") == 0 && words[1]) {
		if (strcmp(words[1], tcb_end_text(p->tcb.end)) != 0)
			wrong(p, p->tcb.end ? tcb_end_text(p->tcb.end) : "it has not ended");
	} else if (strcmp(words[0], "at-end") == 0) {
		if (!tcb_is_at_end(&p->tcb))
			wrong(p, "the peer has not ended");
	} else {
		call(p, words);
	}
}

static void play(void **state)
{
	struct play p = {
		.path = *state,
		.config = tcb_config_default(false),
		.now_ns = START_NS,
	};
	char text[400];
	FILE *f = fopen(p.path, "r");

	assert_non_null(f);
	p.config.isn = 1000;
	while (fgets(text, sizeof(text), f)) {
		p.line++;
		line(&p, text);
	}
	fclose(f);
	if (p.taken != p.n_queue)
		wrong(&p, "more was sent at the end");
	walked |= p.tcb.fsm.walked;
	tcb_free(&p.tcb);
}

static void every_row_was_walked(void **state)
{
	struct fsm all = {.table = &tcb_table, .walked = walked};
	char text[256];

	(void)state;
	for (unsigned i = 0; i < tcb_table.n_rows; i++) {
		struct text t = text_make(text, sizeof(text));

		fsm_row_text(&tcb_table, i, &t);
		if (!(walked & UINT64_C(1) << i))
			print_error("not walked: %s\n", text);
	}
	assert_true(fsm_is_walked(&all));
}

static int is_script(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot && strcmp(dot, ".seg") == 0;
}

int main(void)
{
	static struct CMUnitTest tests[256];
	static char paths[256][300];
	struct dirent **files;
	int n = scandir(DIR_NAME, &files, is_script, alphasort);

	if (n < 1 || n > 255)
		return 1;
	for (int i = 0; i < n; i++) {
		snprintf(paths[i], sizeof(paths[i]), DIR_NAME "/%s", files[i]->d_name);
		tests[i] = (struct CMUnitTest){paths[i], play, NULL, NULL, paths[i]};
		free(files[i]);
	}
	free(files);
	tests[n] = (struct CMUnitTest)cmocka_unit_test(every_row_was_walked);
	return _cmocka_run_group_tests("segment scripts", tests, (size_t)n + 1, NULL, NULL);
}
