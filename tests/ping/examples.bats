#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each example of the manual page, as it stands there.

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/examples.bash
	source "$BATS_TEST_DIRNAME/../lab/examples.bash"
	top=$BATS_TEST_DIRNAME/../..
	page=$top/ping/ping.8
	PATH=$top/build/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
}

@test "ask a host three times" {
	example "-c 3 -i 0.1 127"
	[[ ! $stderr ]]
	[[ $output == *"3 packets transmitted, 3 received, 0% packet loss"* ]]
}

@test "which hosts of a network answer" {
	example "ping --rate 0"
	[[ ! $stderr ]]
	[[ $output == *"of 14 targets: 14 answered, 0 silent"* ]]
}

@test "... for a program" {
	example "--json --rate"
	[[ ! $stderr ]]
	jq -e --slurp 'map(select(.type == "summary" and .received == 1)) | length == 14' <<<"$output"
}

@test "what a packet is made of" {
	example "--explain"
	[[ ! $stderr ]]
	[[ $output == *"RFC 4443"* ]]
}

@test "how large a packet may be" {
	example "--mtu"
	[[ ! $stderr ]]
	[[ $output == *"path MTU to 127.0.0.1: 65535 octets; "* ]]
}

@test "tell a monitoring system how it is" {
	example "--check"
	[[ ! $stderr ]]
	[[ $output == "PING OK - 127.0.0.1: rta "*"|rta="*";100;500;0 pl=0%;20;60;0;100 jitter="* ]]
}

@test "... and Prometheus" {
	example "--format=prom"
	[[ ! $output$stderr ]]
	promtool check metrics <ping.prom
	[ "$(grep -c '^probe_success{.*} 1$' ping.prom)" -eq 2 ]
}

@test "a part of a network" {
	example "--shard 3/4"
	[[ ! $stderr ]]
	jq -es 'all(.vantage == "host3" and .shard == "3/4")' <<<"$output"
}

@test "every example was run" {
	every_example_was_run
}
