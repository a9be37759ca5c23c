/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/names.h"

#define WAIT_MS 60000

static struct names *names;
static struct name_answer answer;

static int open_names(void **state)
{
	struct why why;

	(void)state;
	return names_open(4, &names, &why);
}

/* The resolver sees the end of its socket and ends; a test that has ended it itself says NULL. */
static int close_names(void **state)
{
	int status;

	(void)state;
	if (!names)
		return 0;
	names_close(names);
	names = NULL;
	return wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static void ask(const char *name, int family, bool is_swept)
{
	assert_int_equal(names_ask(names, name, family, is_swept), 0);
}

static void take(void)
{
	struct pollfd p = {.fd = names_fd(names), .events = POLLIN};

	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	assert_int_equal(names_take(names, &answer), 0);
}

static void assert_answer(const char *name, const char *addr, bool is_swept)
{
	char text[ADDR_TEXT_MAX];

	take();
	assert_string_equal(answer.name, name);
	assert_string_equal(answer.fault, "");
	assert_string_equal(addr_text(&answer.addr, text), addr);
	assert_int_equal(answer.is_swept, is_swept);
}

static void assert_fault(const char *name)
{
	take();
	assert_string_equal(answer.name, name);
	assert_int_equal(answer.addr.len, 0);
	assert_int_not_equal(answer.fault[0], '\0');
}

static void finds_the_address_of_a_name(void **state)
{
	(void)state;
	assert_int_equal(names_pending(names), 0);
	assert_int_equal(names_take(names, &answer), E_AGAIN);
	ask("localhost", 4, false);
	assert_int_equal(names_pending(names), 1);
	assert_answer("localhost", "127.0.0.1", false);
	assert_int_equal(names_pending(names), 0);
	ask("localhost", 4, true);
	assert_answer("localhost", "127.0.0.1", true);
}

/* What getaddrinfo() takes for an address shows the families without any list of hosts. */
static void keeps_to_the_family(void **state)
{
	(void)state;
	ask("127.1", 4, false);
	assert_answer("127.1", "127.0.0.1", false);
	ask("127.1", 0, false);
	assert_answer("127.1", "127.0.0.1", false);
	ask("::1", 6, false);
	assert_answer("::1", "::1", false);
	ask("::1", 4, false);
	assert_fault("::1");
	ask("127.1", 6, false);
	assert_fault("127.1");
}

static void says_why_there_is_none(void **state)
{
	char longest[NAME_MAX_LEN + 1];

	(void)state;
	ask("no-such-name.invalid", 0, false);
	assert_fault("no-such-name.invalid");
	ask("gr\xc3\xbc\xc3\x9f"
	    "e.invalid",
	    0, false);
	assert_fault("gr\xc3\xbc\xc3\x9f"
		     "e.invalid");
	ask("\xff\xfe", 0, false);
	assert_fault("\xff\xfe");
	memset(longest, 'a', NAME_MAX_LEN);
	longest[NAME_MAX_LEN] = '\0';
	ask(longest, 0, false);
	assert_fault(longest);
}

static void only_so_many_may_wait(void **state)
{
	unsigned n = 0;

	(void)state;
	while (n < NAMES_PENDING_MAX) {
		ask("localhost", 4, false);
		n++;
	}
	assert_int_equal(names_ask(names, "localhost", 4, false), E_AGAIN);
	assert_int_equal(names_pending(names), NAMES_PENDING_MAX);
	assert_answer("localhost", "127.0.0.1", false);
	ask("localhost", 4, false);
	for (; n; n--)
		assert_answer("localhost", "127.0.0.1", false);
	assert_int_equal(names_pending(names), 0);
}

/* The only child of this process. */
static pid_t resolver(void)
{
	char path[64];
	int pid;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	return pid;
}

static void finds_the_name_of_an_address(void **state)
{
	struct addr addr;

	(void)state;
	assert_int_equal(addr_parse("127.0.0.1", &addr), 0);
	assert_int_equal(names_ask_reverse(names, &addr), 0);
	assert_int_equal(names_pending(names), 0); /* no address is to come */
	take();
	assert_true(answer.is_reverse);
	assert_true(addr_same(&answer.addr, &addr));
	assert_string_equal(answer.name, "localhost");
	assert_int_equal(addr_parse("192.0.2.1", &addr), 0);
	assert_int_equal(names_ask_reverse(names, &addr), 0);
	take();
	assert_true(answer.is_reverse);
	assert_true(addr_same(&answer.addr, &addr));
	assert_string_equal(answer.name, "");
	assert_int_not_equal(answer.fault[0], '\0');
}

static void a_dead_resolver_is_noticed(void **state)
{
	int status;

	(void)state;
	assert_int_equal(kill(resolver(), SIGKILL), 0);
	assert_true(wait(&status) > 0);
	assert_int_equal(names_ask(names, "localhost", 4, false), E_SYS);
	assert_int_equal(names_take(names, &answer), E_SYS);
	/* Whoever polls is not woken by it for ever. */
	assert_int_equal(names_fd(names), -1);
	assert_int_equal(names_take(names, &answer), E_SYS);
	assert_int_equal(names_ask(names, "localhost", 4, false), E_SYS);
	names_close(names);
	names = NULL;
}

/* Ctrl-C, Ctrl-\ and what timeout sends go to the whole group; they are the tool's. */
static void a_signal_to_the_group_does_not_end_the_resolver(void **state)
{
	(void)state;
	ask("localhost", 4, false); /* once it answers, it has said what it ignores */
	assert_answer("localhost", "127.0.0.1", false);
	assert_int_equal(kill(resolver(), SIGINT), 0);
	assert_int_equal(kill(resolver(), SIGTERM), 0);
	assert_int_equal(kill(resolver(), SIGQUIT), 0);
	assert_int_equal(kill(resolver(), SIGUSR1), 0);
	ask("localhost", 4, false);
	assert_answer("localhost", "127.0.0.1", false);
}

static void nothing_may_be_closed(void **state)
{
	(void)state;
	names_close(NULL);
}

#define WITH_NAMES(f) cmocka_unit_test_setup_teardown(f, open_names, close_names)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_NAMES(finds_the_address_of_a_name),
		WITH_NAMES(keeps_to_the_family),
		WITH_NAMES(says_why_there_is_none),
		WITH_NAMES(finds_the_name_of_an_address),
		WITH_NAMES(only_so_many_may_wait),
		WITH_NAMES(a_dead_resolver_is_noticed),
		WITH_NAMES(a_signal_to_the_group_does_not_end_the_resolver),
		cmocka_unit_test(nothing_may_be_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
