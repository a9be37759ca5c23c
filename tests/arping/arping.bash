# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # A is for the tests
#
# What the bats files of arping share: a cable to "one", which is a Linux host or plays hosts.

# shellcheck source=tests/lab/lab.bash
source tests/lab/lab.bash
A=build/bin/arping

setup() {
	lab_ns one
	lab_veth here eth0 one eth0
	lab_in one ip link set eth0 address 02:00:00:00:00:02
	ip link set eth0 address 02:00:00:00:00:01
	lab_addr here eth0 192.0.2.1/24 2001:db8::1/64
}

teardown() {
	lab_cleanup
}

# hosts RULE... - it answers as arphost does by these rules, and not as a host of its own.
hosts() {
	lab_in one sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
	lab_arphost one eth0 "$@"
}
