/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields of every golden packet, whole and cut at every octet, tile it; and where a
 * .explain stands beside a golden packet, the printed explanation is exactly that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "golden.h"
#include "out/explain_text.h"
#include "out/hexdump.h"

#define FIELDS_MAX 1500

struct seen {
	struct explain_field fields[FIELDS_MAX];
	unsigned n;
	size_t end; /* of the field before */
};

static void assert_clean(const char *text)
{
	char clean[EXPLAIN_MEANING_MAX + 1];

	assert_true(text_clean(clean, sizeof(clean), text, strlen(text)));
}

static void take(void *arg, const struct explain_field *f)
{
	struct seen *seen = arg;

	assert_true(seen->n < FIELDS_MAX);
	assert_int_equal(f->off, seen->end);
	assert_true(f->len > 0);
	assert_string_not_equal(f->layer, "");
	assert_string_not_equal(f->name, "");
	assert_string_not_equal(f->value, "");
	assert_string_not_equal(f->meaning, "");
	assert_clean(f->value);
	assert_clean(f->meaning);
	seen->end += f->len;
	seen->fields[seen->n++] = *f;
}

static bool starts_at(const struct seen *seen, size_t off)
{
	for (unsigned i = 0; i < seen->n; i++)
		if (seen->fields[i].off == off)
			return true;
	return off == seen->end;
}

/* Explains exactly @len octets, so that a read behind them is seen; every layer starts a field. */
static void tiles(enum dissect_start start, const uint8_t *bytes, size_t len)
{
	static struct seen seen;
	uint8_t *copy = malloc(len ? len : 1);
	struct explain_packet p = {.start = start, .bytes = copy, .len = len};
	struct dissect d;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	seen.n = 0;
	seen.end = 0;
	explain(&p, take, &seen);
	assert_int_equal(seen.end, len);
	(void)dissect_packet(start, copy, len, &d);
	for (unsigned i = 0; i < d.n_layers; i++)
		if (!starts_at(&seen, d.layers[i].off))
			fail_msg("no field starts with the %s",
				 dissect_layer_text(d.layers[i].kind));
	free(copy);
}

static void tiles_every_cut(const struct golden *g)
{
	for (size_t len = 0; len <= g->len; len++)
		tiles(DISSECT_L2, g->bytes, len);
	for (size_t off = GOLDEN_L3; off < g->len; off++)
		tiles(DISSECT_L3, g->bytes + off, g->len - off);
	if (g->len > GOLDEN_L3 + 40) {
		tiles(DISSECT_ICMP4, g->bytes + GOLDEN_L3 + 20, g->len - GOLDEN_L3 - 20);
		tiles(DISSECT_ICMP6, g->bytes + GOLDEN_L3 + 40, g->len - GOLDEN_L3 - 40);
	}
}

static void golden_packets_are_tiled(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(glob(GOLDEN_PATHS, 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 100);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct golden g = golden_read(found.gl_pathv[i]);

		tiles_every_cut(&g);
	}
	globfree(&found);
}

/* Each number that picks a kind of something, in all its values. */
static void every_kind_has_words(void **state)
{
	static const struct {
		const char *packet;
		size_t at;
	} cases[] = {
		{"eth/unknown_type", 12},
		{"eth/llc_stp", 16},
		{"arp/request", 21},
		{"ip4/tos", 15},
		{"ip4/proto_unknown", 23},
		{"ip4/proto_unknown", 30},
		{"ip4/opt_unknown", 34},
		{"ip4/ts_addr", 37},
		{"ip6/no_next", 20},
		{"ip6/no_next", 38},
		{"ip6/chain", 104},
		{"ip6/chain", 72},
		{"icmp4/echo_request", 34},
		{"icmp4/frag_needed", 35},
		{"icmp6/echo_request", 54},
		{"icmp6/parameter", 55},
		{"icmpext/v4_mpls", 176},
		{"icmpext/v4_ifinfo_roles", 177},
		{"nd/ra", 54},
		{"nd/ra", 70},
		{"tcp/syn", 47},
		{"tcp/syn", 54},
		{"udp/empty", 36},
		{"udp/empty", 37},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct golden g = golden_load(cases[i].packet);

		for (unsigned v = 0; v < 256; v++) {
			g.bytes[cases[i].at] = (uint8_t)v;
			tiles(DISSECT_L2, g.bytes, g.len);
		}
	}
}

/* The explanation of @p as text; the caller frees it. */
static char *printed(unsigned width, const struct explain_packet *p)
{
	char *text;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	explain_text(to, width, p);
	fclose(to);
	return text;
}

static void assert_same_lines(const char *path, char *got, char *want)
{
	for (unsigned n = 1; got && want; n++) {
		const char *got_line = strsep(&got, "\n"), *want_line = strsep(&want, "\n");

		if (strcmp(got_line, want_line) != 0)
			fail_msg("%s:%u\ngot  %s\nwant %s", path, n, got_line, want_line);
	}
	assert_true(!got && !want);
}

static void compare_with_file(const char *path)
{
	static char want[32768];
	char hex_path[256], *got;
	FILE *f = fopen(path, "r");
	struct golden g;
	size_t n;

	assert_non_null(f);
	n = fread(want, 1, sizeof(want) - 1, f);
	want[n] = '\0';
	fclose(f);
	snprintf(hex_path, sizeof(hex_path), "%.*s.hex", (int)(strrchr(path, '.') - path), path);
	g = golden_read(hex_path);
	got = printed(0, &(struct explain_packet){.bytes = g.bytes, .len = g.len});
	assert_same_lines(path, got, want);
	free(got);
}

static void golden_texts_match(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(glob("tests/golden/*/*.explain", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 8);
	for (size_t i = 0; i < found.gl_pathc; i++)
		compare_with_file(found.gl_pathv[i]);
	globfree(&found);
}

static const struct explain_part cookie_parts[] = {
	{.off = 0, .len = 8, .name = "Cookie", .meaning = "proves that the reply is ours"},
	{.off = 8, .len = 8, .name = "Probe Number", .meaning = "which probe it is"},
};

/* The field called @name number @nth, counted from 0. */
static const struct explain_field *field_of(const struct seen *seen, const char *name, unsigned nth)
{
	for (unsigned i = 0; i < seen->n; i++)
		if (strcmp(seen->fields[i].name, name) == 0 && nth-- == 0)
			return &seen->fields[i];
	fail_msg("no field %s", name);
	return NULL;
}

static void explained(const char *name, const struct explain_packet *how, struct seen *out)
{
	struct golden g = golden_load(name);
	struct explain_packet p = *how;

	p.bytes = g.bytes;
	p.len = g.len;
	out->n = 0;
	out->end = 0;
	explain(&p, take, out);
	assert_int_equal(out->end, g.len);
}

static void parts_name_the_payload(void **state)
{
	static struct seen seen;
	struct explain_packet how = {.parts = cookie_parts, .n_parts = 2};
	const struct explain_field *f;

	(void)state;
	explained("icmp4/echo_request", &how, &seen);
	f = field_of(&seen, "Cookie", 0);
	assert_int_equal(f->off, 42);
	assert_int_equal(f->len, 8);
	assert_string_equal(f->value, "0x1011121314151617");
	assert_string_equal(f->meaning, "proves that the reply is ours");
	f = field_of(&seen, "Probe Number", 0);
	assert_int_equal(f->off, 50);
	f = field_of(&seen, "Data", 0);
	assert_int_equal(f->off, 58);
	assert_int_equal(f->len, 40);
	explained("icmp4/admin_prohibited", &how, &seen);
	f = field_of(&seen, "Cookie", 0);
	assert_int_equal(f->off, 70);
	assert_int_equal(f->depth, 1);
}

/* A part that begins behind the payload is left out, one that ends behind it is cut. */
static void parts_are_cut_to_the_payload(void **state)
{
	static const struct explain_part parts[] = {
		{.off = 2, .len = 4, .name = "Middle", .meaning = "in the middle"},
		{.off = 7, .len = 9, .name = "End", .meaning = "cut"},
		{.off = 20, .len = 1, .name = "Beyond", .meaning = "not there"},
	};
	static struct seen seen;
	struct explain_packet how = {.parts = parts, .n_parts = 3};
	unsigned n;

	(void)state;
	explained("ip4/nops", &how, &seen);
	n = seen.n;
	assert_string_equal(seen.fields[n - 4].name, "Data");
	assert_string_equal(seen.fields[n - 3].name, "Middle");
	assert_string_equal(seen.fields[n - 2].name, "Data");
	assert_string_equal(seen.fields[n - 1].name, "End");
	assert_int_equal(seen.fields[n - 1].len, 1);
	assert_string_equal(seen.fields[n - 1].value, "0x17");
}

static void checksums_are_judged(void **state)
{
	static const struct {
		const char *packet, *name, *meaning;
		bool is_partial;
	} cases[] = {
		{"icmp4/echo_request", "Checksum", "correct", false},
		{"icmp4/echo_bad_csum", "Checksum", "wrong, should be 0x8834", false},
		{"ip4/bad_csum", "Header Checksum", "wrong, should be 0x3c6e", false},
		{"udp/bad_csum", "Checksum", "wrong, should be 0x9555", false},
		{"udp/bad_csum", "Checksum", "not judged: the network card was to finish it", true},
		{"udp/no_csum", "Checksum", "none: the sender did not compute it", false},
		{"ip4/fragment_first", "Checksum", "not judged: not all that it covers is here",
		 false},
		{"icmpext/v4_bad_csum", "Header Checksum", "correct", false},
		{"icmpext/v4_no_csum", "Header Checksum", "correct", false},
	};
	static struct seen seen;

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct explain_packet how = {.is_csum_partial = cases[i].is_partial};

		explained(cases[i].packet, &how, &seen);
		assert_string_equal(field_of(&seen, cases[i].name, 0)->meaning, cases[i].meaning);
	}
	explained("icmpext/v4_bad_csum", &(struct explain_packet){0}, &seen);
	assert_string_equal(field_of(&seen, "Checksum", 2)->meaning, "wrong, should be 0x3f0a");
	explained("icmpext/v4_no_csum", &(struct explain_packet){0}, &seen);
	assert_string_equal(field_of(&seen, "Checksum", 2)->meaning,
			    "none: the sender did not compute it");
}

/* ICMP errors that quote ICMP errors, as deep as a packet can hold them. */
static void quotes_within_quotes(void **state)
{
	static const uint8_t ip[20] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1};
	static const uint8_t icmp[8] = {11};
	static struct seen seen;
	uint8_t bytes[20 * 28];
	struct wr w = wr_make(bytes, sizeof(bytes));
	struct explain_packet p = {.start = DISSECT_L3, .bytes = bytes, .len = sizeof(bytes)};

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		wr_bytes(&w, ip, sizeof(ip));
		wr_bytes(&w, icmp, sizeof(icmp));
	}
	seen.n = 0;
	seen.end = 0;
	explain(&p, take, &seen);
	assert_int_equal(seen.end, sizeof(bytes));
	assert_int_equal(seen.fields[seen.n - 1].depth, 2);
	assert_int_equal(seen.fields[seen.n - 1].len, 17 * 28);
}

/* At 60 columns a line still holds all its columns, with fewer octets. */
static void narrow_lines(void **state)
{
	static const uint8_t message[] = {8, 0, 0x12, 0x34, 0, 1, 0, 2, 1, 2, 3, 4, 5};
	static const char want[] =
		"ICMP\n"
		"    0  08             Type              8           echo request [RFC 792 p.14]\n"
		"    1  00             Code              0           this type has no other codes "
		"[RFC 792 p.14]\n"
		"    2  12 34          Checksum          0x1234      wrong, should be 0xeef6 "
		"[RFC 792 p.14]\n"
		"    4  00 01          Identifier        0x0001      tells this sender's messages "
		"from others; comes back unchanged [RFC 792 p.14]\n"
		"    6  00 02          Sequence Number   2           tells one message from the "
		"next; comes back unchanged [RFC 792 p.14]\n"
		"    8  01 ... [8-12]  Data              5 octets    to come back unchanged "
		"[RFC 792 p.14]\n";
	struct explain_packet p = {
		.start = DISSECT_ICMP4, .bytes = message, .len = sizeof(message)};
	char *got = printed(60, &p);

	(void)state;
	assert_string_equal(got, want);
	free(got);
}

/* From 80 columns on nothing is wider, and folding loses no word. */
static void folded_lines(void **state)
{
	static const uint8_t header[] = {0x45, 0, 0, 0x18, 0,  1, 0x20, 3, 64, 1, 0xe0, 0xba,
					 10,   0, 0, 1,    10, 0, 0,    2, 1,  2, 3,    4};
	struct explain_packet p = {
		.start = DISSECT_L3, .bytes = header, .len = sizeof(header), .shows_sums = true};
	char *whole = printed(0, &p), *folded = printed(100, &p);
	char *at = folded, *rest = folded, *line;

	(void)state;
	assert_non_null(strstr(whole, "4500 + 0018 + 0001 + 2003 + 4001 + 0a00 + 0001 + 0a00 + "
				      "0002 = 0b920; all bits turned over: 46df"));
	for (char *word = strtok(whole, " \n"); word; word = strtok(NULL, " \n")) {
		at = strstr(at, word[0] >= '0' && word[0] <= '9' ? "" : word);
		assert_non_null(at);
	}
	while ((line = strsep(&rest, "\n")))
		assert_true(strlen(line) <= 100);
	free(whole);
	free(folded);
}

static void hex_lines(void **state)
{
	static const uint8_t bytes[] = "ping\0\x7f\xff \x1b~ 0123456789";
	char *got;
	size_t len;
	FILE *to = open_memstream(&got, &len);

	(void)state;
	assert_non_null(to);
	hexdump(to, bytes, 20);
	hexdump(to, bytes, 0);
	fclose(to);
	assert_string_equal(
		got, "0000  70 69 6e 67 00 7f ff 20 1b 7e 20 30 31 32 33 34  ping... .~ 01234\n"
		     "0010  35 36 37 38                                      5678\n");
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_packets_are_tiled),
		cmocka_unit_test(every_kind_has_words),
		cmocka_unit_test(golden_texts_match),
		cmocka_unit_test(parts_name_the_payload),
		cmocka_unit_test(parts_are_cut_to_the_payload),
		cmocka_unit_test(checksums_are_judged),
		cmocka_unit_test(quotes_within_quotes),
		cmocka_unit_test(narrow_lines),
		cmocka_unit_test(folded_lines),
		cmocka_unit_test(hex_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
