# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # tmp and traceroute are for the tests
#
# What the bats files of traceroute share.

# shellcheck source=tests/lab/lab.bash
source tests/lab/lab.bash
traceroute=$LAB_TOP/build/bin/traceroute

setup() {
	tmp=$BATS_TEST_TMPDIR
}

teardown_file() {
	lab_cleanup
}

# chain - for setup_file: three Linux routers between here and the server.
chain() {
	lab_chain 3
	export LAB_SERVER4 LAB_SERVER6
}

# calm NS... - neither rules nor limits of a test outlive it, whatever comes of the test.
calm() {
	local ns

	for ns; do
		lab_in "$ns" sysctl -qw net.ipv4.icmp_ratelimit=0
		lab_in "$ns" nft flush ruleset
	done
}
