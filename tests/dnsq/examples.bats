#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Each example of the manual page, as it stands there.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/examples.bash
	source tests/lab/examples.bash
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	page=$PWD/dnsq/dnsq.1
	lab_init
	lab_start here '^ready$' build/lab/liar 127.0.0.1 5301
	PATH=$PWD/build/bin:$PATH
}

teardown() {
	lab_cleanup
}

@test "a name" {
	example "-p 5301 ok.test$"
	[[ $output == *$'ok.test.\t\t60\tIN\tA\t192.0.2.1'* ]]
}

@test "a forged reply is dropped and told" {
	example "id.test +short"
	[ "$output" = 192.0.2.1 ]
	[ "$stderr" = "dnsq: ignored: id-mismatch from 127.0.0.1#5301" ]
}

@test "JSON" {
	example "+json"
	jq -se '.[0].response.answerRRs[0].rdataA == "192.0.2.1"' <<<"$output"
}

@test "every octet explained" {
	example "+explain"
	[[ $output == *"QNAME"*"the name asked about [RFC 1035 3.1]"* ]]
}

@test "several names at once" {
	example "printf"
	[ "$output" = $'192.0.2.1\n192.0.2.1' ]
}

@test "every example was run" {
	# That of +validate needs signed zones: validate.bats runs it.
	examples | grep -F +validate >>"$BATS_FILE_TMPDIR/done"
	every_example_was_run
}
