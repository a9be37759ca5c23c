#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Each example of the manual page, as it stands there.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	lab_init
	lab_start here '^ready$' build/lab/liar 127.0.0.1 5301
	PATH=$PWD/build/bin:$PATH
}

teardown() {
	lab_cleanup
}

# example N - runs the example number N.
example() {
	local line

	line=$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh SECURITY/s/^\.Dl \$ //p' dnsq/dnsq.1 | sed -n "$1p" | sed 's/\\e/\\/g')
	[[ $line ]]
	run -0 --separate-stderr bash -c "$line"
}

@test "a name" {
	example 1
	[[ $output == *$'ok.test.\t\t60\tIN\tA\t192.0.2.1'* ]]
}

@test "a forged reply is dropped and told" {
	example 2
	[ "$output" = 192.0.2.1 ]
	[ "$stderr" = "dnsq: ignored: id-mismatch from 127.0.0.1#5301" ]
}

@test "JSON" {
	example 3
	jq -se '.[0].response.answerRRs[0].rdataA == "192.0.2.1"' <<<"$output"
}

@test "every octet explained" {
	example 4
	[[ $output == *"QNAME"*"the name asked about [RFC 1035 3.1]"* ]]
}

@test "several names at once" {
	example 5
	[ "$output" = $'192.0.2.1\n192.0.2.1' ]
}

# That of +validate needs signed zones: validate.bats runs it.
@test "there are no others" {
	[ "$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh SECURITY/p' dnsq/dnsq.1 | grep '^\.Dl \$ ' | grep -vc +validate)" -eq 5 ]
}
