/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "out/check.h"

static const struct check_quantity quantities[] = {
	{"rta", "rta", "ms", "0"},
	{"loss", "pl", "%", "0;100"},
	{NULL, NULL, NULL, NULL},
};

static struct check c;
static struct why why;

static void parse(const char *text)
{
	assert_int_equal(check_parse(&c, quantities, text, &why), 0);
}

static void add(const char *subject, enum check_state state, const char *what, double rta,
		double loss)
{
	check_add(&c, subject, state, what, (const double[]){rta, loss});
}

static void assert_line(enum check_state state, const char *fault, const char *want)
{
	char line[CHECK_LINE_MAX];
	struct text t = text_make(line, sizeof(line));

	check_line(&c, "ping", fault, &t);
	assert_string_equal(line, want);
	assert_int_equal(c.state, state);
}

static void limits_are_read(void **state)
{
	(void)state;
	parse("rta=100:500,loss=20:60");
	assert_true(c.limits[0].warning == 100 && c.limits[0].critical == 500);
	assert_true(c.limits[1].warning == 20 && c.limits[1].critical == 60);
	parse("loss=:0.5");
	assert_true(!c.limits[1].has_warning && c.limits[1].critical == 0.5);
	assert_true(!c.limits[0].has_critical);
}

static void limits_with_units(void **state)
{
	(void)state;
	parse("rta=200us:0.1s");
	assert_true(c.limits[0].warning == 0.2 && c.limits[0].critical == 100);
	parse("rta=1.5:");
	assert_true(c.limits[0].warning == 1.5 && !c.limits[0].has_critical);
}

static void bad_limits_are_refused(void **state)
{
	static const char *const bad[] = {"",
					  "rta",
					  "rta=",
					  "rta=:",
					  "rta=1",
					  "rta=5:1",
					  "rta=a:b",
					  "rtt=1:2",
					  "rta=1:2,",
					  "loss=1s:2s",
					  "rta=1:2:3",
					  "rta=-1:2",
					  "=1:2",
					  "rta=1e3:",
					  "loss=%:",
					  "rta=1 :2",
					  "rta=0x1:2",
					  ",rta=1:2",
					  "rta=1:99999999999999999999999999999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (check_parse(&c, quantities, bad[i], &why) != E_BAD)
			fail_msg("'%s' was taken", bad[i]);
		assert_non_null(strstr(why.text, "rta (ms), loss (%)"));
	}
}

static void states_follow_the_limits(void **state)
{
	static const struct {
		double rta, loss;
		enum check_state want;
	} rows[] = {
		{99.9, 19, CHECK_OK},      {100, 0, CHECK_WARNING}, /* at the limit is over it */
		{500, 0, CHECK_CRITICAL},  {1, 20, CHECK_WARNING},
		{499, 60, CHECK_CRITICAL}, {(double)NAN, 0, CHECK_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse("rta=100:500,loss=20:60");
		add("db1", CHECK_OK, "", rows[i].rta, rows[i].loss);
		assert_int_equal(c.state, rows[i].want);
	}
}

static void one_subject(void **state)
{
	(void)state;
	parse("rta=100:500,loss=20:60");
	add("db1", CHECK_OK, "", 0.04, 0);
	assert_line(CHECK_OK, NULL,
		    "PING OK - db1: rta 0.04ms, loss 0%|rta=0.04ms;100;500;0 pl=0%;20;60;0;100");
	parse("rta=:500");
	add("db1", CHECK_CRITICAL, "no answer", (double)NAN, 100);
	assert_line(CHECK_CRITICAL, NULL,
		    "PING CRITICAL - db1: no answer, rta unknown, loss 100%|rta=U;;500;0 "
		    "pl=100%;;;0;100");
}

static void several_subjects(void **state)
{
	(void)state;
	parse("rta=100:500");
	add("db1", CHECK_OK, "", 1, 0);
	add("it's|a=b", CHECK_OK, "", 200, 0);
	add("db3", CHECK_OK, "", 300, 0);
	assert_line(CHECK_WARNING, NULL,
		    "PING WARNING - 2 of 3 not ok: it's_a=b: rta 200ms, loss 0%|"
		    "'db1 rta'=1ms;100;500;0 'db1 pl'=0%;;;0;100 "
		    "'it_s_a_b rta'=200ms;100;500;0 'it_s_a_b pl'=0%;;;0;100 "
		    "'db3 rta'=300ms;100;500;0 'db3 pl'=0%;;;0;100");
}

static void faults_are_unknown(void **state)
{
	(void)state;
	parse("rta=100:500");
	assert_line(CHECK_UNKNOWN, NULL, "PING UNKNOWN - nothing was asked");
	parse("rta=100:500");
	assert_line(CHECK_UNKNOWN, "no | route\033[2J", "PING UNKNOWN - no _ route\xef\xbf\xbd[2J");
	parse("rta=1:5");
	add("db1", CHECK_OK, "", 2, 0);
	assert_line(CHECK_UNKNOWN, "db2: no address",
		    "PING UNKNOWN - db1: rta 2ms, loss 0%; db2: no address|rta=2ms;1;5;0 "
		    "pl=0%;;;0;100");
	parse("rta=1:5");
	add("db1", CHECK_OK, "", 9, 0);
	check_line(&c, "ping", "db2: no address", &(struct text){.buf = (char[1]){0}, .cap = 1});
	assert_int_equal(c.state, CHECK_CRITICAL);
}

/* However many there are, the line keeps its measure, and its performance data are whole. */
static void line_is_bounded(void **state)
{
	char line[CHECK_LINE_MAX], name[300];
	struct text t = text_make(line, sizeof(line));

	(void)state;
	parse("rta=1:5");
	for (unsigned i = 0; i < 5000; i++) {
		memset(name, 'n', sizeof(name));
		snprintf(name + 250, 50, "%u", i);
		add(name, CHECK_OK, "", i, 0);
	}
	check_line(&c, "ping", NULL, &t);
	assert_false(t.cut);
	assert_true(strcmp(line + t.len - 4, ";100") == 0 || strcmp(line + t.len - 2, ";0") == 0);
	assert_non_null(strstr(line, "4999 of 5000 not ok"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_read),
		cmocka_unit_test(limits_with_units),
		cmocka_unit_test(bad_limits_are_refused),
		cmocka_unit_test(states_follow_the_limits),
		cmocka_unit_test(one_subject),
		cmocka_unit_test(several_subjects),
		cmocka_unit_test(faults_are_unknown),
		cmocka_unit_test(line_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
