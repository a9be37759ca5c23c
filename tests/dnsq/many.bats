#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The same question to several servers: +compare and +wait.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	# shellcheck source=tests/dnsq/internet.bash
	source tests/dnsq/internet.bash
	internet_up
}

teardown() {
	lab_cleanup
}

ask() {
	build/bin/dnsq @127.1.0.3 @127.1.0.4 "$@"
}

@test "+compare: servers that agree, one a line" {
	run ask www.good.test +compare +nocmd
	[ "$status" -eq 0 ]
	[ "$output" = $'127.1.0.3#53\tNOERROR\tA 192.0.2.80\n127.1.0.4#53\tNOERROR\tA 192.0.2.80\n;; servers agree' ]
	run ask good.test NS +compare +nocmd
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == $'127.1.0.3#53\tNOERROR\tNS ns1.good.test.\tNS ns2.good.test.' ]]
}

@test "+compare: servers that do not, and one that is silent" {
	run ask www.lame.test +compare +nocmd
	[ "$status" -eq 15 ]
	[ "$output" = $'127.1.0.3#53\tNOERROR\tA 192.0.2.82\n127.1.0.4#53\tREFUSED\n;; servers disagree' ]
	run ask @127.0.0.77 www.good.test +compare +tries=1
	[ "$status" -eq 15 ]
	[[ $output == *$'127.0.0.77#53\tno reply\n;; servers disagree' ]]
	run --separate-stderr ask www.lame.test +compare +json
	[ "$status" -eq 15 ]
	jq -se 'length == 3 and .[0].rcode == "NOERROR" and .[1].rcode == "REFUSED" and .[2].exit == 15' <<<"$output"
}

@test "+wait: what is there already, by policy" {
	run ask www.good.test +wait=10s +expect=192.0.2.80 +nocmd
	[ "$status" -eq 0 ]
	[[ $output == *";; expected answer found" ]]
	run ask www.lame.test +wait=10s +expect=192.0.2.82 +policy=any
	[ "$status" -eq 0 ]
	run ask www.lame.test +wait=0.2s +expect=192.0.2.82 +policy=quorum
	[ "$status" -eq 16 ]
	[[ $output == *";; wait expired" ]]
	run ask www.good.test +wait=0.2s +expect=192.0.2.99
	[ "$status" -eq 16 ]
}

@test "+wait ends when the record comes" {
	(
		exec 3>&-
		build/bin/dnsq @127.1.0.7 -p 5301 ok.test +wait=20s +expect=192.0.2.1 >"$LAB_TMP/out"
	) &
	waiting=$!
	ip addr replace 127.1.0.7/32 dev lo
	lab_start here '^ready$' build/lab/liar 127.1.0.7 5301
	wait "$waiting"
	grep -q 'expected answer found' "$LAB_TMP/out"
}

@test "data that +expect cannot be is told" {
	run --separate-stderr ask www.good.test +wait=1s +expect=nonsense
	[ "$status" -eq 10 ]
	[[ $stderr == *"an IPv4 address expected in +expect"* ]]
}
