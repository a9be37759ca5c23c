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
	page=$PWD/rstguard/rstguard.8
	PATH=$PWD/build/bin:$PATH
	lab_addr here eth0 192.0.2.1/24
	lab_addr srv eth0 192.0.2.2/24
	python_server srv 80
	cp tests/rstguard/handshake.py "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	lab_cleanup
}

@test "a script with source port 5000" {
	example "5000"
	[[ $output == *"acknowledged 37"* ]]
}

@test "any port" {
	example "RSTGUARD_PORT"
	[[ $output == *"acknowledged 37"* ]]
}

@test "every example was run" {
	every_example_was_run
}
