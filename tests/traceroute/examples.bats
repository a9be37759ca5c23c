#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each example of the manual page, as it stands there.

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/examples.bash
	source "$BATS_TEST_DIRNAME/../lab/examples.bash"
	top=$BATS_TEST_DIRNAME/../..
	page=$top/traceroute/traceroute.8
	PATH=$top/build/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
}

@test "the path to a host" {
	example "-n 127.0.0.1"
	[[ ! $stderr ]]
	[[ ${lines[1]} == " 1  127.0.0.1  "* ]]
}

@test "by TCP" {
	example "-T"
	[[ ! $stderr ]]
	[[ ${lines[1]} == " 1  127.0.0.1  "* ]]
}

@test "for a program" {
	example "--json ::1"
	[[ ! $stderr ]]
	jq -e --slurp 'any(.[]; .type == "summary" and .reached)' <<<"$output"
}

@test "which field proves what" {
	example "--explain"
	[[ ! $stderr ]]
	[[ $output == *"so 127.0.0.1 is hop 1 - 1 + 1 = 1"* || $output == *"so 127.0.0.1 is hop 30 - 30 + 1 = 1"* ]]
}

@test "what has changed since" {
	example "--sport 40000"
	[[ ! $stderr ]]
	example "--diff"
	[[ $output == "127.0.0.1: no change" ]]
}

@test "a run that is kept, and shown again" {
	example "--pcap"
	[[ ! $stderr ]]
	example "--read"
	[[ ! $stderr ]]
	[[ ${lines[0]} == "traceroute to 127.0.0.1 (127.0.0.1), 30 hops max, 60 byte packets" ]]
	[[ ${lines[1]} == " 1  127.0.0.1  "* ]]
}

@test "every example was run" {
	every_example_was_run
}
