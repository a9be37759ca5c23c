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
	page=$PWD/phantom/phantom.8
	PATH=$PWD/build/bin:$PATH
	lab_addr here eth0 192.0.2.1/24 2001:db8::1/64
	lab_addr srv eth0 192.0.2.2/24 2001:db8::2/64
	cp tests/rstguard/handshake.py "$BATS_TEST_TMPDIR"
}

teardown() {
	lab_cleanup
}

@test "a script that speaks from an address of nobody" {
	python_server srv 80
	cd "$BATS_TEST_TMPDIR"
	example "--exec"
	[[ $output == *"claimed 192.0.2.9 is-at "*"acknowledged 37"* ]]
}

@test "a target for tests" {
	example "--for 1"
	[[ $output == *"claimed 192.0.2.9 "* && $output == *"claimed 2001:db8::9 "* ]]
}

@test "every example was run" {
	every_example_was_run
}
