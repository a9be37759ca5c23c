#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each example of the manual page, as it stands there.

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/examples.bash
	source tests/lab/examples.bash
	source tests/lab/lab.bash
	page=$PWD/arping/arping.8
	PATH=$PWD/build/bin:$PATH
	lab_ns lan
	lab_veth here eth0 lan e0
	lab_in lan ip link set e0 address 02:66:00:00:00:02
	lab_addr here eth0 192.0.2.1/24
	lab_addr lan e0 192.0.2.2/24
}

teardown() {
	lab_cleanup
}

@test "who has it" {
	example "arping -f"
	[[ $output == *"Unicast reply from 192.0.2.2 [02:66:00:00:00:02]"* ]]
}

@test "is it free" {
	example "-q -D -c 2"
	[[ ! $stderr ]]
}

@test "who is on this network" {
	example "--rate 2000"
	[[ $output == *"192.0.2.2"*"02:66:00:00:00:02"* ]]
}

@test "which addresses has this router" {
	example "02:66:00:00:00:02"
	[[ $output == *"192.0.2.2"* ]]
}

@test "every example was run" {
	every_example_was_run
}
