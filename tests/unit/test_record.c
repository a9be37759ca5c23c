/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <float.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/num.h"
#include "base/text.h"
#include "out/record.h"

static const struct field fields[] = {
	{"name", FIELD_STRING, "", "A text."},     {"n", FIELD_INT, "octets", "A whole number."},
	{"x", FIELD_NUMBER, "ms", "A number."},    {"is_so", FIELD_BOOL, "", "A claim."},
	{"inner", FIELD_OBJECT, "", "An object."}, {"list", FIELD_ARRAY, "", "A list."},
};

static const struct record_type type = RECORD_TYPE("thing", "A thing.", fields);

/* Output into memory, on a clock that stands. */
static struct fake_clock now;
static struct out out;
static char *written;
static size_t written_len;
static json_t *parsed;

static int open_out(void **state)
{
	FILE *f = open_memstream(&written, &written_len);

	(void)state;
	if (!f)
		return -1;
	now = clock_fake(0);
	out = out_make(f, &now.clock, "tool", true);
	return 0;
}

static int close_out(void **state)
{
	(void)state;
	fclose(out.file);
	free(written);
	json_decref(parsed);
	parsed = NULL;
	return 0;
}

/* Writes @r and parses the line, which must be one line and the whole of what was written. */
static const json_t *write_and_parse(struct rec *r)
{
	json_error_t error;

	assert_non_null(r);
	rewind(out.file);
	record_write(&out, r);
	out_flush(&out);
	assert_false(out.is_lost);
	assert_true(written_len > 1);
	assert_int_equal(written[written_len - 1], '\n');
	assert_ptr_equal(memchr(written, '\n', written_len), written + written_len - 1);
	json_decref(parsed);
	parsed = json_loadb(written, written_len, JSON_REJECT_DUPLICATES, &error);
	if (!parsed)
		fail_msg("%s: %s", error.text, written);
	return parsed;
}

static const char *text_at(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	assert_non_null(text);
	return text;
}

static void begins_with_what_all_records_have(void **state)
{
	(void)state;
	now.mono_ns = 1;
	write_and_parse(record_start(&out, &type));
	assert_string_equal(written, "{\"v\":1,\"tool\":\"tool\",\"type\":\"thing\","
				     "\"ts\":\"2026-01-01T00:00:00.000000001Z\"}\n");
}

static void every_kind_of_field_is_written(void **state)
{
	struct rec *r = record_start(&out, &type), *inner, *list;

	(void)state;
	rec_str(r, "name", "text");
	rec_int(r, "n", -5);
	rec_num(r, "x", 0.029412);
	rec_bool(r, "is_so", true);
	inner = rec_object(r, "inner");
	rec_null(inner, "free name");
	rec_bool(inner, "no", false);
	rec_close(inner);
	list = rec_array(r, "list");
	rec_str(list, "", "first");
	inner = rec_item(list);
	rec_int(inner, "i", 1);
	rec_close(inner);
	inner = rec_item(list);
	rec_close(inner);
	rec_close(list);
	write_and_parse(r);
	assert_non_null(strstr(written, "\"name\":\"text\",\"n\":-5,\"x\":0.029412,\"is_so\":true,"
					"\"inner\":{\"free name\":null,\"no\":false},"
					"\"list\":[\"first\",{\"i\":1},{}]}\n"));
}

static void text_output_has_no_records(void **state)
{
	struct rec *r;

	(void)state;
	out.is_json = false;
	r = record_start(&out, &type);
	assert_null(r);
	rec_str(r, "name", "text");
	rec_bytes(r, "name", "b", 1);
	rec_int(r, "n", 1);
	rec_num(r, "x", 1);
	rec_bool(r, "is_so", true);
	rec_null(r, "x");
	assert_null(rec_object(r, "inner"));
	assert_null(rec_array(r, "list"));
	assert_null(rec_item(r));
	rec_close(r);
	record_write(&out, r);
	out_flush(&out);
	assert_int_equal(written_len, 0);
}

/* Each octet by itself: valid UTF-8 JSON, and the octets in hex if they were changed. */
/* In another program's form nothing of ours is written. */
static void foreign_records_stand_alone(void **state)
{
	const json_t *j;
	struct rec *r;

	(void)state;
	assert_null(record_start_foreign(&out));
	out.is_foreign = true;
	assert_null(record_start(&out, &type));
	r = record_start_foreign(&out);
	rec_str(r, "anything", "goes");
	j = write_and_parse(r);
	assert_int_equal(json_object_size(j), 1);
	assert_string_equal(json_string_value(json_object_get(j, "anything")), "goes");
}

static void every_octet_makes_a_valid_line(void **state)
{
	(void)state;
	for (unsigned octet = 0; octet < 256; octet++) {
		struct rec *r = record_start(&out, &type);
		uint8_t byte = (uint8_t)octet;
		const json_t *line;
		char hex[3];

		rec_bytes(r, "name", &byte, 1);
		line = write_and_parse(r);
		if (octet >= 0x20 && octet < 0x7f) {
			assert_int_equal(text_at(line, "name")[0], octet);
			assert_null(json_object_get(line, "name_hex"));
			continue;
		}
		assert_string_equal(text_at(line, "name"), "\xef\xbf\xbd");
		snprintf(hex, sizeof(hex), "%02x", octet);
		assert_string_equal(text_at(line, "name_hex"), hex);
	}
}

static void hostile_strings_are_made_harmless(void **state)
{
	static const struct {
		const char *octets, *shown, *hex;
	} cases[] = {
		{"a\"b\\c/d", "a\"b\\c/d", NULL},
		{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", NULL},
		{"\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7", NULL},
		{"", "", NULL},
		{"\x1b[31mred", "\xef\xbf\xbd[31mred", "1b5b33316d726564"},
		{"a\xe2\x80\xae"
		 "b",
		 "a\xef\xbf\xbd"
		 "b",
		 "61e280ae62"}, /* right-to-left override */
		{"\xc2\x9b"
		 "1m",
		 "\xef\xbf\xbd"
		 "1m",
		 "c29b316d"},                                     /* C1: CSI */
		{"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", "c0af"}, /* overlong */
		{"\xed\xa0\x80", "\xef\xbf\xbd", "eda080"},       /* surrogate */
		{"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd", "e282"}, /* cut off */
		{"\xe2\x80\xa8", "\xef\xbf\xbd", "e280a8"},       /* line separator */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rec *r = record_start(&out, &type);
		const json_t *line;

		rec_str(r, "name", cases[i].octets);
		line = write_and_parse(r);
		assert_string_equal(text_at(line, "name"), cases[i].shown);
		if (cases[i].hex)
			assert_string_equal(text_at(line, "name_hex"), cases[i].hex);
		else
			assert_null(json_object_get(line, "name_hex"));
	}
}

/* Also in an array, where no sibling can stand, and in a nested object, where it can. */
static void nested_strings_are_made_harmless(void **state)
{
	struct rec *r = record_start(&out, &type), *list = rec_array(r, "list"), *item;

	(void)state;
	rec_bytes(list, "", "\xff", 1);
	item = rec_item(list);
	rec_bytes(item, "port", "a\0b", 3);
	rec_close(item);
	rec_close(list);
	write_and_parse(r);
	assert_non_null(strstr(written, "\"list\":[\"\xef\xbf\xbd\",{\"port\":\"a\xef\xbf\xbd"
					"b\",\"port_hex\":\"610062\"}]"));
}

static void random_octets_make_valid_lines(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned i = 0; i < 2000; i++) {
		struct rec *r = record_start(&out, &type);
		uint8_t octets[400];
		size_t len = (size_t)random() % sizeof(octets);

		for (size_t k = 0; k < len; k++)
			octets[k] = (uint8_t)random();
		rec_bytes(r, "name", octets, len);
		write_and_parse(r);
	}
}

/* Readers that hold numbers as doubles lose nothing: from 2^53 on a number is a text. */
static void big_numbers_are_text(void **state)
{
	static const struct {
		int64_t n;
		const char *written;
	} cases[] = {
		{0, "0"},
		{9007199254740991, "9007199254740991"},
		{9007199254740992, "\"9007199254740992\""},
		{-9007199254740991, "-9007199254740991"},
		{-9007199254740992, "\"-9007199254740992\""},
		{INT64_MAX, "\"9223372036854775807\""},
		{INT64_MIN, "\"-9223372036854775808\""},
	};
	char expected[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rec *r = record_start(&out, &type);

		rec_int(r, "n", cases[i].n);
		write_and_parse(r);
		snprintf(expected, sizeof(expected), ",\"n\":%s}\n", cases[i].written);
		assert_non_null(strstr(written, expected));
	}
}

static void what_is_no_number_is_left_out(void **state)
{
	static const double odd[] = {NAN, INFINITY, -INFINITY, DBL_MAX};
	static const double fair[] = {0, -0.5, DBL_MIN, DBL_MAX / 2, 1e-9, 123456.789012};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct rec *r = record_start(&out, &type);

		rec_num(r, "x", odd[i]);
		assert_null(json_object_get(write_and_parse(r), "x"));
	}
	for (size_t i = 0; i < 6; i++) {
		struct rec *r = record_start(&out, &type);
		double got;

		rec_num(r, "x", fair[i]);
		got = json_real_value(json_object_get(write_and_parse(r), "x"));
		assert_true(fabs(got - fair[i]) <= fabs(fair[i]) * 1e-14);
	}
}

/* The length of a line is no limit, around the size of the first buffer least of all. */
static void lines_may_be_long(void **state)
{
	static char text[70001];

	(void)state;
	for (size_t len = 1900; len < sizeof(text); len = len < 2100 ? len + 1 : len * 5) {
		struct rec *r = record_start(&out, &type);

		memset(text, 'x', len);
		text[len] = '\0';
		rec_str(r, "name", text);
		assert_string_equal(text_at(write_and_parse(r), "name"), text);
	}
}

/* Whether a process that runs @f is stopped by an assertion. */
static bool is_asserted(void (*f)(struct rec *r))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		signal(SIGABRT, SIG_DFL); /* cmocka catches it, and a sanitizer may */
		f(record_start(&out, &type));
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void write_declared(struct rec *r)
{
	rec_int(r, "n", 1);
}

static void write_undeclared(struct rec *r)
{
	rec_int(r, "m", 1);
}

static void write_undeclared_text(struct rec *r)
{
	rec_str(r, "undeclared", "x");
}

static void write_undeclared_object(struct rec *r)
{
	rec_close(rec_object(r, "names"));
}

static void what_is_not_declared_cannot_be_written(void **state)
{
	(void)state;
	assert_false(is_asserted(write_declared));
	assert_true(is_asserted(write_undeclared));
	assert_true(is_asserted(write_undeclared_text));
	assert_true(is_asserted(write_undeclared_object));
}

static void the_schema_is_made_of_the_tables(void **state)
{
	const struct record_type *types[] = {&type, &record_end};

	(void)state;
	record_schema(out.file, "tool", types, 2);
	out_flush(&out);
	assert_non_null(strstr(written, "## tool\n"));
	assert_non_null(strstr(written, "| `ts` | string |  |"));
	assert_non_null(strstr(written, "### `thing` of tool\n\nA thing.\n"));
	assert_non_null(strstr(written, "| `n` | integer | octets | A whole number. |\n"));
	assert_non_null(strstr(written, "| `list` | array |  | A list. |\n"));
	assert_non_null(strstr(written, "### `end` of tool\n"));
}

static void text_lines_are_for_text(void **state)
{
	char buf[32];
	struct text line = text_make(buf, sizeof(buf));

	(void)state;
	text_add(&line, "a line");
	out_text(&out, "%d\n", 5);
	out_line(&out, &line);
	out_flush(&out);
	assert_int_equal(written_len, 0);
	out.is_json = false;
	out_text(&out, "%d\n", 5);
	out_line(&out, &line);
	out_flush(&out);
	assert_string_equal(written, "5\na line\n");
}

static void old_output_is_flushed_after_a_tenth_of_a_second(void **state)
{
	(void)state;
	out.is_json = false;
	out_flush(&out);
	out_text(&out, "waits");
	out_flush_old(&out, 100 * NS_PER_MS);
	assert_int_equal(written_len, 0);
	out_flush_old(&out, 100 * NS_PER_MS + 1);
	assert_int_equal(written_len, 5);
}

static void a_full_disk_is_noticed(void **state)
{
	FILE *f = fopen("/dev/full", "w");
	struct out full;

	(void)state;
	assert_non_null(f);
	full = out_make(f, &now.clock, "tool", true);
	record_write(&full, record_start(&full, &type));
	assert_false(full.is_lost);
	out_flush(&full);
	assert_true(full.is_lost);
	fclose(f);
}

static unsigned allocs_left;

static void *scarce_malloc(size_t size)
{
	return allocs_left && allocs_left-- ? malloc(size) : NULL;
}

static struct rec *rec_of_all(void)
{
	struct rec *r = record_start(&out, &type), *inner, *list, *item;

	rec_bytes(r, "name", "a\x01z", 3);
	rec_int(r, "n", -5);
	rec_num(r, "x", 0.5);
	rec_bool(r, "is_so", true);
	inner = rec_object(r, "inner");
	rec_null(inner, "none");
	rec_close(inner);
	list = rec_array(r, "list");
	rec_str(list, "", "first");
	item = rec_item(list);
	rec_int(item, "n", 1);
	rec_close(item);
	rec_close(list);
	return r;
}

static void a_record_is_whole_or_lost(void **state)
{
	unsigned k = 0;

	(void)state;
	json_set_alloc_funcs(scarce_malloc, free);
	do {
		rewind(out.file);
		out.is_lost = false;
		allocs_left = k++;
		record_write(&out, rec_of_all());
		out_flush(&out);
		assert_true(out.is_lost == (written_len == 0));
	} while (out.is_lost && k < 1000);
	json_set_alloc_funcs(malloc, free);
	assert_true(k > 20 && k < 1000);
	assert_non_null(strstr(written, "\"name_hex\":\"61017a\""));
	assert_non_null(strstr(written, "\"list\":[\"first\",{\"n\":1}]}\n"));
}

static void the_end_is_told_without_memory_too(void **state)
{
	char whole[256];

	(void)state;
	record_write_end(&out, 2, "error");
	out_flush(&out);
	snprintf(whole, sizeof(whole), "%s", written);
	assert_non_null(strstr(whole, "\"type\":\"end\""));
	json_set_alloc_funcs(scarce_malloc, free);
	for (unsigned k = 0; k < 20; k++) {
		rewind(out.file);
		allocs_left = k;
		record_write_end(&out, 2, "error");
		out_flush(&out);
		assert_false(out.is_lost);
		assert_string_equal(written, whole);
	}
	json_set_alloc_funcs(malloc, free);
	out.is_json = false;
	rewind(out.file);
	record_write_end(&out, 2, "error");
	out_flush(&out);
	assert_int_equal(written_len, 0);
}

#define IN_OUT(f) cmocka_unit_test_setup_teardown(f, open_out, close_out)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_OUT(begins_with_what_all_records_have),
		IN_OUT(every_kind_of_field_is_written),
		IN_OUT(text_output_has_no_records),
		IN_OUT(foreign_records_stand_alone),
		IN_OUT(a_record_is_whole_or_lost),
		IN_OUT(the_end_is_told_without_memory_too),
		IN_OUT(every_octet_makes_a_valid_line),
		IN_OUT(hostile_strings_are_made_harmless),
		IN_OUT(nested_strings_are_made_harmless),
		IN_OUT(random_octets_make_valid_lines),
		IN_OUT(big_numbers_are_text),
		IN_OUT(what_is_no_number_is_left_out),
		IN_OUT(lines_may_be_long),
		IN_OUT(what_is_not_declared_cannot_be_written),
		IN_OUT(the_schema_is_made_of_the_tables),
		IN_OUT(text_lines_are_for_text),
		IN_OUT(old_output_is_flushed_after_a_tenth_of_a_second),
		IN_OUT(a_full_disk_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
