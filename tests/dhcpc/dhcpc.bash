# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # D is for the tests
#
# What the bats files of dhcpc share: a cable from e0 here to e0 of the namespace srv.

# shellcheck source=tests/lab/lab.bash
source tests/lab/lab.bash
# shellcheck source=tests/dhcpc/servers.bash
source tests/dhcpc/servers.bash
D=build/bin/dhcpc

teardown() {
	lab_cleanup
}

# wire [ADDR/LEN] - raises it; the server has an address on it, if one is given.
wire() {
	lab_ns srv
	lab_veth here e0 srv e0
	[[ ! ${1:-} ]] || lab_addr srv e0 "$1"
}
