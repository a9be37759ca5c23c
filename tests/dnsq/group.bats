#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# mDNS and LLMNR: one question to everybody on the link, every reply is shown.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	lab_ns one
	lab_ns two
	lab_veth here left one eth0
	lab_veth here right two eth0
	lab_bridge here lan0 left right
	lab_addr here lan0 192.0.2.1/24
	lab_addr one eth0 192.0.2.11/24
	lab_addr two eth0 192.0.2.12/24
	ip route add 224.0.0.0/4 dev lan0
	lab_in one ip addr add 127.0.0.66/32 dev lo
	lab_in two ip addr add 127.0.0.66/32 dev lo
}

teardown() {
	lab_cleanup
}

everybody() {
	lab_start one '^ready$' build/lab/liar 192.0.2.11 "$1" "$2"
	lab_start two '^ready$' build/lab/liar 192.0.2.12 "$1" "$2"
}

@test "mDNS: every responder is shown" {
	everybody 5353 224.0.0.251
	run build/bin/dnsq @mdns ok.local +time=0.5
	[ "$status" -eq 0 ]
	[[ $output == *"SERVER: 192.0.2.11#5353(mdns) (UDP)"* && $output == *"SERVER: 192.0.2.12#5353(mdns) (UDP)"* ]]
	run build/bin/dnsq @mdns ok.local +time=0.5 +short +identify
	[ "$(grep -c '^192.0.2.1 from server 192.0.2.1[12] in ' <<<"$output")" -eq 2 ]
}

@test "LLMNR: the same on its group and port" {
	everybody 5355 224.0.0.252
	run build/bin/dnsq @llmnr ok +time=0.5 +short
	[ "$status" -eq 0 ]
	[ "$output" = $'192.0.2.1\n192.0.2.1' ]
}

@test "what does not fit the question is dropped here too" {
	everybody 5353 224.0.0.251
	run --separate-stderr build/bin/dnsq @mdns id.local +time=0.5 +short
	[ "$output" = $'192.0.2.1\n192.0.2.1' ]
	[[ $stderr == *"ignored: id-mismatch from 192.0.2.1"* ]]
}

@test "the cache-flush bit is no part of the class" {
	everybody 5353 224.0.0.251
	run build/bin/dnsq @mdns msg-c00c000180010000003c0004c0000205.end.local +time=0.5 +noall +answer
	[[ ${lines[0]} == *'60 IN A 192.0.2.5' ]]
}

@test "nobody there: exit status 9, after the time to wait" {
	run build/bin/dnsq @mdns ok.local +time=0.1
	[ "$status" -eq 9 ]
	[[ $output == *";; nobody has replied" ]]
}
