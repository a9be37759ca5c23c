#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each example of the manual page, as it stands there.

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/examples.bash
	source tests/lab/examples.bash
	source tests/tcphs/tcphs.bash
	tcphs_lab
	page=$PWD/tcphs/tcphs.8
	PATH=$PWD/build/bin:$PATH
	lab_addr here eth0 192.0.2.1/24
	lab_addr srv eth0 192.0.2.2/24
	python_server srv 80
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	lab_cleanup
}

@test "a page, and all that it took" {
	example "-o page.html"
	[ "$(<page.html)" = hello ]
	[[ $output == *"HTTP 200"* ]]
}

@test "is the port open" {
	busybox_server srv 22
	example "--expect open"
}

@test "a simultaneous close" {
	example "--close=simultaneous"
	[[ $output == *"CLOSING"* || $output == *"TIME-WAIT"* ]]
}

@test "what happened in this capture" {
	tcphs --pcap trace.pcap 192.0.2.2 80 >/dev/null
	example "ladder"
	[[ $output == *"--S--->"*"<-SA---"* ]]
}

@test "every example was run" {
	every_example_was_run
}
