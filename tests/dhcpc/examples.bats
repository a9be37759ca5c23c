#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each example of the manual page, as it stands there.

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/examples.bash
	source "$BATS_TEST_DIRNAME/../lab/examples.bash"
	source tests/lab/lab.bash
	source tests/dhcpc/servers.bash
	top=$PWD
	page=$top/dhcpc/dhcpc.8
	PATH=$top/build/bin:$PATH
	lab_ns srv
	lab_veth here eth0 srv e0
	lab_addr srv e0 10.77.0.1/24
	server dnsmasq srv 10.77.0.1 10.77.0.100
}

teardown() {
	lab_cleanup
}

@test "which lease" {
	example "dhcpc eth0"
	[[ $output == *"Lease of 10.77.0.1"* ]]
}

@test "and back" {
	example "dhcpc -n"
	[[ $output == *"> RELEASE"* ]]
}

@test "a server that should not be here" {
	example "dhcpc scan"
	[[ $output == *"1 server, 0 of them not allowed"* ]]
}

@test "does it keep to the RFCs" {
	line=$(grep -c 'dhcpc lint eth0' "$top/dhcpc/dhcpc.8")
	[ "$line" -eq 1 ]
	echo "dhcpc lint eth0" >>"$BATS_FILE_TMPDIR/done"
	run --separate-stderr dhcpc lint eth0
	[ "$status" -eq 5 ]
	[[ $output == *"wrong  client-id "* ]]
}

@test "name servers" {
	example "--print"
	[ "$output" = "10.77.0.1 192.0.2.53" ]
}

@test "everything for a script" {
	example "--shell"
	[[ $output =~ ^10\.77\.0\.1[0-9][0-9]$ ]]
}

@test "what messages consist of" {
	example "--explain"
	[[ $output == *"RFC 2132 9.6"* ]]
}

@test "every example was run" {
	every_example_was_run
}
