#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What runs the tests must see each way in which a test can go wrong.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	program="$BATS_TEST_TMPDIR/program"
	unset CI V
}

tap() { # LINE...: a program that prints these
	printf '#!/bin/sh\n' >"$program"
	printf 'echo "%s"\n' "$@" >>"$program"
	chmod +x "$program"
}

@test "passed tests are counted" {
	tap 1..2 'ok 1' 'ok 2'
	cp "$program" "$program.too"
	run tests/setup/run-tests.pl "$program" "$program.too"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "4 passed, 0 failed" ]
}

@test "a failed test fails the run" {
	tap 1..2 'ok 1' 'not ok 2'
	run tests/setup/run-tests.pl "$program"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "1 passed, 1 failed" ]
}

@test "a failed test has its say" {
	tap 1..2 'ok 1' 'not ok 2 - sums agree' '# 3 is not 4'
	run tests/setup/run-tests.pl "$program"
	[[ "$output" == *$'not ok 2 - sums agree\n# 3 is not 4'* ]]
}

@test "tests that never ran fail the run" {
	tap 1..3 'ok 1'
	run tests/setup/run-tests.pl "$program"
	[ "$status" -eq 1 ]
}

@test "an exit code without a failed test fails the run" {
	tap 1..1 'ok 1'
	echo 'exit 3' >>"$program"
	run tests/setup/run-tests.pl "$program"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "1 passed, 1 failed" ]
}

@test "a program that hangs is ended and fails the run" {
	tap 1..1 'ok 1'
	echo 'exec tail -f /dev/null' >>"$program"
	TEST_LIMIT=1 run tests/setup/run-tests.pl "$program"
	[ "$status" -eq 1 ]
}

@test "a skipped test is told, and fails in CI" {
	tap 1..2 'ok 1' 'ok 2 # skip no kernel for it'
	run tests/setup/run-tests.pl "$program"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "1 passed, 0 failed, 1 skipped" ]
	CI=true run tests/setup/run-tests.pl "$program"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "1 passed, 1 failed, 1 skipped" ]
}

@test "a test sees loopback, up, and no other interface that is up" {
	[ "$(ip -o link show up | wc -l)" -eq 1 ]
	[[ "$(ip -o link show up)" == *LOOPBACK* ]]
	[ "$(id -u)" -eq 0 ]
}

@test "nothing leaves: there is no route off the machine" {
	[ -z "$(ip route show)" ]
	run ip route get 192.0.2.1
	[ "$status" -ne 0 ]
}
