# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # tmp and ping are for the tests
#
# What the bats files of ping share: the lab, ping with and without privilege, and how to compare.

# shellcheck source=tests/lab/lab.bash
source tests/lab/lab.bash
ping=$LAB_TOP/build/bin/ping PING=$ping

setup() {
	tmp=$BATS_TEST_TMPDIR
}

# A ping that a test has left running is in $pid.
teardown() {
	[[ ! ${pid:-} ]] || kill -KILL "$pid" 2>/dev/null || true
	nft flush ruleset
	lab_cleanup
}

teardown_file() {
	lab_cleanup
}

# raw OPTION..., unpriv OPTION... - ping by a raw socket with its taps, and without any privilege.
raw() {
	lab_raw here "$PING" --socket raw "$@"
}

unpriv() {
	lab_unpriv here "$PING" "$@"
}

# same WHAT EXPECTED GOT
same() {
	[[ $2 == "$3" ]] || { printf '%s: expected\n%s\ngot\n%s\n' "$@" >&2 && return 1; }
}
