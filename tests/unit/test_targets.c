/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/targets.h"

static struct targets *ts;
static struct target_word word;
static struct why why;

static int open_stream(void **state)
{
	(void)state;
	ts = targets_new();
	return ts ? 0 : -1;
}

static int close_stream(void **state)
{
	(void)state;
	targets_free(ts);
	return 0;
}

static void add(const char *what)
{
	assert_int_equal(targets_add(ts, what, &why), 0);
}

static void exclude(const char *what)
{
	assert_int_equal(targets_exclude(ts, what, &why), 0);
}

/* The next target is the address @text, out of a sweep or not. */
static void next_addr(const char *text, bool is_swept)
{
	char got[ADDR_TEXT_MAX];

	assert_int_equal(targets_next(ts, &word, &why), 0);
	assert_string_equal(addr_text(&word.addr, got), text);
	assert_int_equal(word.is_swept, is_swept);
}

static void next_name(const char *name, bool is_swept)
{
	assert_int_equal(targets_next(ts, &word, &why), 0);
	assert_int_equal(word.addr.len, 0);
	assert_string_equal(word.text, name);
	assert_int_equal(word.is_swept, is_swept);
}

static void next_end(void)
{
	assert_int_equal(targets_next(ts, &word, &why), E_EOF);
	assert_int_equal(targets_next(ts, &word, &why), E_EOF);
}

/* How many targets are left. */
static size_t count_left(void)
{
	size_t n = 0;

	while (targets_next(ts, &word, &why) == 0)
		n++;
	next_end();
	return n;
}

/* A file whose name stays valid: the stream keeps the pointer. */
struct file {
	int fd;
	char path[32];
};

static struct file file_of(const void *octets, size_t len)
{
	struct file f = {.fd = memfd_create("targets", MFD_CLOEXEC)};

	assert_true(f.fd >= 0);
	assert_int_equal(pwrite(f.fd, octets, len, 0), len);
	snprintf(f.path, sizeof(f.path), "/proc/self/fd/%d", f.fd);
	return f;
}

static void add_file(struct file *f, const void *octets, size_t len)
{
	*f = file_of(octets, len);
	assert_int_equal(targets_add_file(ts, f->path, &why), 0);
	close(f->fd);
}

/* The next line is no target: line @line of @f, for the reason @fault. */
static void next_bad(const struct file *f, unsigned line, const char *fault)
{
	char expected[512];

	snprintf(expected, sizeof(expected), "line %u of '%s'%s", line, f->path, fault);
	assert_int_equal(targets_next(ts, &word, &why), E_BAD);
	assert_string_equal(why.text, expected);
}

static void gives_words_in_order(void **state)
{
	(void)state;
	add("192.0.2.1");
	add("example.org");
	add("2001:DB8::1");
	add("a-b-c.example");
	assert_int_equal(targets_count_words(ts), 4);
	assert_false(targets_is_sweep(ts));
	next_addr("192.0.2.1", false);
	assert_string_equal(word.text, "192.0.2.1");
	next_name("example.org", false);
	next_addr("2001:db8::1", false);
	assert_string_equal(word.text, "2001:DB8::1");
	next_name("a-b-c.example", false);
	next_end();
}

static void gives_nothing_of_nothing(void **state)
{
	(void)state;
	assert_int_equal(targets_count_words(ts), 0);
	assert_int_equal(targets_fd(ts), -1);
	next_end();
}

static void a_prefix_leaves_out_network_and_broadcast(void **state)
{
	(void)state;
	add("192.0.2.9/30");
	add("192.0.2.8/31");
	add("192.0.2.8/32");
	assert_true(targets_is_sweep(ts));
	next_addr("192.0.2.9", true);
	assert_string_equal(word.text, "");
	next_addr("192.0.2.10", true);
	next_addr("192.0.2.8", true);
	next_addr("192.0.2.9", true);
	next_addr("192.0.2.8", true);
	next_end();
}

static void a_prefix_of_ipv6_gives_all(void **state)
{
	(void)state;
	add("2001:db8::7/126");
	add("2001:db8::1/128");
	add("2001:db8:1::/64");
	next_addr("2001:db8::4", true);
	next_addr("2001:db8::5", true);
	next_addr("2001:db8::6", true);
	next_addr("2001:db8::7", true);
	next_addr("2001:db8::1", true);
	next_addr("2001:db8:1::", true);
	for (unsigned i = 1; i < 0x10000; i++)
		assert_int_equal(targets_next(ts, &word, &why), 0);
	next_addr("2001:db8:1::1:0", true);
}

static void ranges_go_to_the_very_last_address(void **state)
{
	(void)state;
	add("10.0.0.255-10.0.1.1");
	add("10.9.9.9-10.9.9.9");
	add("255.255.255.254-255.255.255.255");
	add("2001:db8::ffff-2001:db8::1:1");
	add("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	next_addr("10.0.0.255", true);
	next_addr("10.0.1.0", true);
	next_addr("10.0.1.1", true);
	next_addr("10.9.9.9", true);
	next_addr("255.255.255.254", true);
	next_addr("255.255.255.255", true);
	next_addr("2001:db8::ffff", true);
	next_addr("2001:db8::1:0", true);
	next_addr("2001:db8::1:1", true);
	next_addr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true);
	next_end();
}

static void the_whole_internet_has_an_end(void **state)
{
	(void)state;
	add("0.0.0.0/0");
	exclude("0.0.0.0-255.255.255.251");
	next_addr("255.255.255.252", true);
	assert_int_equal(count_left(), 2);
	add("::/0");
	exclude("::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe");
	next_addr("::", true);
	next_addr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true);
	next_end();
}

static void wrong_words_are_told(void **state)
{
	static const struct {
		const char *word, *told;
	} cases[] = {
		{"", "an empty target"},
		{"10.0.0.0/33", "'10.0.0.0/33' needs a prefix length from 0 to 32"},
		{"10.0.0.0/", "'10.0.0.0/' needs a prefix length from 0 to 32"},
		{"10.0.0.0/8x", "'10.0.0.0/8x' needs a prefix length from 0 to 32"},
		{"10.0.0.0/-1", "'10.0.0.0/-1' needs a prefix length from 0 to 32"},
		{"10.0.0.0/18446744073709551617",
		 "'10.0.0.0/18446744073709551617' needs a prefix length from 0 to 32"},
		{"2001:db8::/129", "'2001:db8::/129' needs a prefix length from 0 to 128"},
		{"host/24",
		 "'host/24' is not a prefix: no IPv4 or IPv6 address stands before the '/'"},
		{"10.0.0.9-10.0.0.1",
		 "'10.0.0.9-10.0.0.1' is a range upside down: put the lower address first"},
		{"10.0.0.1-::2", "'10.0.0.1-::2' mixes IPv4 and IPv6 in one range"},
		{"two words", "'two words' has a blank or control character in it"},
		{"bell\a", "'bell\xef\xbf\xbd' has a blank or control character in it"},
		{"fe80::1%none", "'fe80::1%none' names no interface behind the '%'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(targets_add(ts, cases[i].word, &why), E_BAD);
		assert_string_equal(why.text, cases[i].told);
	}
	assert_int_equal(targets_count_words(ts), 0);
}

static void long_words_are_told(void **state)
{
	char name[TARGET_WORD_MAX + 1], prefix[ADDR_TEXT_MAX + 4];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[TARGET_WORD_MAX] = '\0';
	assert_int_equal(targets_add(ts, name, &why), E_BAD);
	assert_non_null(strstr(why.text, "is longer than any host name (255 characters)"));
	name[TARGET_WORD_MAX - 1] = '\0';
	add(name);
	next_name(name, false);

	memset(prefix, '1', sizeof(prefix));
	memcpy(prefix + sizeof(prefix) - 4, "/24", 4);
	assert_int_equal(targets_add(ts, prefix, &why), E_BAD);
	assert_non_null(strstr(why.text, "is not an address or prefix"));
	prefix[sizeof(prefix) - 4] = '-';
	add(prefix); /* a strange name, but not a range */
}

static void excluded_are_left_out(void **state)
{
	(void)state;
	add("192.0.2.1");
	add("192.0.2.0/29");
	add("2001:db8::1-2001:db8::3");
	exclude("192.0.2.1");
	exclude("192.0.2.4/31");
	exclude("192.0.2.6-192.0.2.99");
	exclude("2001:db8::2");
	next_addr("192.0.2.2", true);
	next_addr("192.0.2.3", true);
	next_addr("2001:db8::1", true);
	next_addr("2001:db8::3", true);
	next_end();
}

/* All of a prefix is excluded, network and broadcast address too: they may come from a range. */
static void excluded_prefixes_are_whole(void **state)
{
	struct addr addr;

	(void)state;
	exclude("10.1.2.0/0x18");
	assert_int_equal(addr_parse("10.1.2.0", &addr), 0);
	assert_true(targets_is_excluded(ts, &addr));
	assert_int_equal(addr_parse("10.1.2.255", &addr), 0);
	assert_true(targets_is_excluded(ts, &addr));
	assert_int_equal(addr_parse("10.1.3.0", &addr), 0);
	assert_false(targets_is_excluded(ts, &addr));
	assert_int_equal(addr_parse("::10.1.2.3", &addr), 0);
	assert_false(targets_is_excluded(ts, &addr));
	add("10.1.1.254-10.1.3.1");
	next_addr("10.1.1.254", true);
	next_addr("10.1.1.255", true);
	next_addr("10.1.3.0", true);
	next_addr("10.1.3.1", true);
	next_end();
}

static void wrong_exclusions_are_told(void **state)
{
	static const struct {
		const char *word, *told;
	} cases[] = {
		{"", "'' is not an address, prefix or range"},
		{"example.org", "'example.org' is not an address, prefix or range"},
		{"10.0.0.0/40", "'10.0.0.0/40' needs a prefix length from 0 to 32"},
		{"10.0.0.2-10.0.0.1",
		 "'10.0.0.2-10.0.0.1' is a range upside down: put the lower address first"},
	};
	struct addr addr;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(targets_exclude(ts, cases[i].word, &why), E_BAD);
		assert_string_equal(why.text, cases[i].told);
	}
	assert_int_equal(addr_parse("10.0.0.1", &addr), 0);
	assert_false(targets_is_excluded(ts, &addr));
}

/*
 * A /8 out of a /7, and most of a /32 of IPv6, in steps of whole prefixes: this would take hours.
 */
static void exclusion_is_one_step(void **state)
{
	(void)state;
	add("10.0.0.0/7");
	exclude("10.0.0.0/8");
	exclude("11.0.0.3-11.255.255.250");
	next_addr("11.0.0.0", true);
	assert_int_equal(count_left(), 2 + 4);
	add("2001:db8::/32");
	exclude("2001:db8::/33");
	exclude("2001:db8:8000::2-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
	next_addr("2001:db8:8000::", true);
	next_addr("2001:db8:8000::1", true);
	next_end();
}

static void a_file_may_mix_all(void **state)
{
	static const char lines[] = "# all of it\n"
				    "\n"
				    "  \t192.0.2.1 \t# the first\r\n"
				    "example.org\r\n"
				    "\r\n"
				    "192.0.2.8/30\n"
				    "#192.0.2.99\n"
				    "2001:db8::a-2001:db8::b#range\n"
				    "192.0.2.77\n"
				    "2001:db8::1";
	struct file f;

	(void)state;
	exclude("192.0.2.77");
	add_file(&f, lines, sizeof(lines) - 1);
	add("198.51.100.1");
	assert_true(targets_is_sweep(ts));
	assert_int_equal(targets_count_words(ts), 2);
	next_addr("192.0.2.1", true);
	assert_string_equal(word.text, "192.0.2.1");
	next_name("example.org", true);
	next_addr("192.0.2.9", true);
	assert_int_equal(targets_fd(ts), -1); /* nothing to be read while a prefix is walked */
	next_addr("192.0.2.10", true);
	next_addr("2001:db8::a", true);
	next_addr("2001:db8::b", true);
	next_addr("2001:db8::1", true);
	next_addr("198.51.100.1", false);
	next_end();
}

static void wrong_lines_are_told_and_passed(void **state)
{
	static const char lines[] = "192.0.2.1\n"
				    "192.0.2.0/99\n"
				    "nul\0octet\n"
				    "two words\n"
				    "fe80::1%none\n"
				    "esc\x1b[31m\n"
				    "\n"
				    "192.0.2.2\n"
				    "1.1.1.1\0";
	struct file f;

	(void)state;
	add_file(&f, lines, sizeof(lines) - 1);
	next_addr("192.0.2.1", true);
	next_bad(&f, 2, ": '192.0.2.0/99' needs a prefix length from 0 to 32");
	next_bad(&f, 3, " holds a NUL octet");
	next_bad(&f, 4, ": 'two words' has a blank or control character in it");
	next_bad(&f, 5, ": 'fe80::1%none' names no interface behind the '%'");
	next_bad(&f, 6, ": 'esc\xef\xbf\xbd[31m' has a blank or control character in it");
	next_addr("192.0.2.2", true);
	next_bad(&f, 9, " holds a NUL octet");
	next_end();
}

/* 300, 40,000 and 70,000 octets: a long word, more than half a buffer, more than a buffer. */
static void long_lines_are_told_and_passed(void **state)
{
	static const size_t lens[] = {300, 40000, 70000, 200000};
	size_t len = 0;
	char *lines = malloc(400000);
	struct file f;

	(void)state;
	assert_non_null(lines);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		memset(lines + len, 'x', lens[i]);
		len += lens[i];
		len += (size_t)sprintf(lines + len, "\n192.0.2.%zu\n", i + 1);
	}
	memset(lines + len, 'y', 70000); /* and one that never ends */
	len += 70000;
	add_file(&f, lines, len);
	free(lines);
	assert_int_equal(targets_next(ts, &word, &why), E_BAD);
	assert_non_null(strstr(why.text, "is longer than any host name"));
	next_addr("192.0.2.1", true);
	assert_int_equal(targets_next(ts, &word, &why), E_BAD);
	next_addr("192.0.2.2", true);
	next_bad(&f, 5, " is too long to be a target");
	next_addr("192.0.2.3", true);
	next_bad(&f, 7, " is too long to be a target");
	next_addr("192.0.2.4", true);
	next_bad(&f, 9, " is too long to be a target");
	next_end();
}

/*
 * Lines fall across the ends of the buffer wherever they will: all the same each comes out whole.
 */
static void buffers_end_anywhere(void **state)
{
	char *lines = malloc(30000 * 16), expected[16];
	size_t len = 0;
	struct file f;

	(void)state;
	assert_non_null(lines);
	for (unsigned i = 0; i < 30000; i++)
		len += (size_t)sprintf(lines + len, "10.1.%u.%u\n", i / 256, i % 256);
	add_file(&f, lines, len - 1);
	free(lines);
	for (unsigned i = 0; i < 30000; i++) {
		snprintf(expected, sizeof(expected), "10.1.%u.%u", i / 256, i % 256);
		next_addr(expected, true);
	}
	next_end();
}

static void a_slow_pipe_is_waited_for(void **state)
{
	char path[32];
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	assert_int_equal(targets_add_file(ts, path, &why), 0);
	assert_int_equal(targets_next(ts, &word, &why), E_AGAIN);
	assert_true(targets_fd(ts) > 2);
	assert_int_equal(write(ends[1], "192.0.", 6), 6);
	assert_int_equal(targets_next(ts, &word, &why), E_AGAIN);
	assert_int_equal(write(ends[1], "2.1\n192.0.2.2", 13), 13);
	next_addr("192.0.2.1", true);
	assert_int_equal(targets_next(ts, &word, &why), E_AGAIN);
	assert_int_equal(targets_next(ts, &word, &why), E_AGAIN);
	close(ends[1]);
	next_addr("192.0.2.2", true);
	next_end();
	assert_int_equal(targets_fd(ts), -1);
	close(ends[0]);
}

static void a_line_too_long_may_come_slowly(void **state)
{
	static char many[33000];
	char path[32];
	int ends[2];

	(void)state;
	memset(many, 'z', sizeof(many));
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	assert_int_equal(targets_add_file(ts, path, &why), 0);
	assert_int_equal(write(ends[1], many, sizeof(many)), sizeof(many));
	assert_int_equal(targets_next(ts, &word, &why), E_BAD);
	assert_int_equal(targets_next(ts, &word, &why), E_AGAIN);
	assert_int_equal(write(ends[1], many, sizeof(many)), sizeof(many));
	assert_int_equal(targets_next(ts, &word, &why), E_AGAIN);
	assert_int_equal(write(ends[1], "\n192.0.2.1\n", 11), 11);
	next_addr("192.0.2.1", true);
	close(ends[1]);
	next_end();
	close(ends[0]);
}

static void standard_input_is_a_dash(void **state)
{
	struct file f = file_of("192.0.2.5\n", 10);
	int kept = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(lseek(f.fd, 0, SEEK_SET), 0);
	assert_int_equal(dup2(f.fd, STDIN_FILENO), STDIN_FILENO);
	add("-");
	next_addr("192.0.2.5", true);
	next_end();
	targets_free(ts);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), 0); /* it is not ours to close */
	ts = targets_new();
	assert_non_null(ts);
	dup2(kept, STDIN_FILENO);
	close(kept);
	close(f.fd);
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
	(void)state;
	assert_int_equal(targets_add_file(ts, "/nowhere/at/all", &why), E_SYS);
	assert_string_equal(
		why.text, "cannot read the targets in '/nowhere/at/all': No such file or directory "
			  "(ENOENT)");
	assert_int_equal(why.sys, ENOENT);
	assert_int_equal(targets_add_file(ts, "/", &why), 0);
	add("192.0.2.1");
	assert_int_equal(targets_next(ts, &word, &why), E_SYS);
	assert_string_equal(why.text, "cannot read the targets in '/': Is a directory (EISDIR)");
	next_addr("192.0.2.1", false);
	next_end();
}

#define IN_STREAM(f) cmocka_unit_test_setup_teardown(f, open_stream, close_stream)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_STREAM(gives_words_in_order),
		IN_STREAM(gives_nothing_of_nothing),
		IN_STREAM(a_prefix_leaves_out_network_and_broadcast),
		IN_STREAM(a_prefix_of_ipv6_gives_all),
		IN_STREAM(ranges_go_to_the_very_last_address),
		IN_STREAM(the_whole_internet_has_an_end),
		IN_STREAM(wrong_words_are_told),
		IN_STREAM(long_words_are_told),
		IN_STREAM(excluded_are_left_out),
		IN_STREAM(excluded_prefixes_are_whole),
		IN_STREAM(wrong_exclusions_are_told),
		IN_STREAM(exclusion_is_one_step),
		IN_STREAM(a_file_may_mix_all),
		IN_STREAM(wrong_lines_are_told_and_passed),
		IN_STREAM(long_lines_are_told_and_passed),
		IN_STREAM(buffers_end_anywhere),
		IN_STREAM(a_slow_pipe_is_waited_for),
		IN_STREAM(a_line_too_long_may_come_slowly),
		IN_STREAM(standard_input_is_a_dash),
		IN_STREAM(a_file_that_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
