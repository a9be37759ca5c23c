/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <poll.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/hands.h"

/* The hands of the tests add up, and write the sum into a pipe at their end. */
struct adding {
	int sum, end_fd;
};

static int serve(void *state, const void *order, size_t len, struct why *why)
{
	struct adding *a = state;
	int number;

	if (len != sizeof(number))
		return why_set(why, E_BAD, "not a number of %zu octets", sizeof(number));
	memcpy(&number, order, len);
	a->sum += number;
	return 0;
}

static void end(void *state)
{
	const struct adding *a = state;

	if (write(a->end_fd, &a->sum, sizeof(a->sum)) < 0)
		_exit(1);
}

static const struct hands_work work = {.serve = serve, .end = end, .order_max = 64};

/* Waits for the result, for at most ten seconds. */
static int result_of(struct hands *h, struct why *why)
{
	struct pollfd p = {.fd = hands_fd(h), .events = POLLIN};
	int result = 1;

	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(hands_take(h, &result, why), 0);
	return result;
}

static void orders_are_carried_out_and_told_of(void **state)
{
	struct adding adding = {0};
	struct hands *h;
	struct why why;
	int fds[2], sum = 0, result, numbers[] = {3, 4};

	(void)state;
	assert_int_equal(pipe(fds), 0);
	adding.end_fd = fds[1];
	assert_int_equal(hands_open(&work, &adding, &h, &why), 0);
	assert_int_equal(hands_take(h, &result, &why), E_AGAIN);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(hands_order(h, &numbers[i], sizeof(numbers[i]), &why), 0);
		assert_int_equal(result_of(h, &why), 0);
	}
	assert_int_equal(hands_order(h, "x", 1, &why), 0);
	assert_int_equal(result_of(h, &why), E_BAD);
	assert_string_equal(why.text, "not a number of 4 octets");
	assert_int_equal(adding.sum, 0); /* it is a process of its own */
	hands_close(h);
	/* end() was done before that returned. */
	assert_int_equal(read(fds[0], &sum, sizeof(sum)), sizeof(sum));
	assert_int_equal(sum, 7);
	close(fds[0]);
	close(fds[1]);
}

static void nothing_to_close(void **state)
{
	(void)state;
	hands_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_are_carried_out_and_told_of),
		cmocka_unit_test(nothing_to_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
