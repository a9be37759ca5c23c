#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each example of the manual page, as it stands there.

bats_require_minimum_version 1.5.0

setup() {
	top=$BATS_TEST_DIRNAME/../..
	PATH=$top/build/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
}

# example WORDS - runs the one example that the page shows with these words in it.
example() {
	local line

	line=$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh SECURITY/s/^\.Dl \$ //p' "$top/traceroute/traceroute.8" |
		grep -F -e "$1")
	[[ $line && $line != *$'\n'* ]] || { echo "no, or many examples: $line" >&2 && return 1; }
	echo "$line" >>"$BATS_FILE_TMPDIR/done"
	run -0 --separate-stderr bash -c "$line"
	[[ ! $stderr ]]
}

@test "the path to a host" {
	example "-n 127.0.0.1"
	[[ ${lines[1]} == " 1  127.0.0.1  "* ]]
}

@test "by TCP" {
	example "-T"
	[[ ${lines[1]} == " 1  127.0.0.1  "* ]]
}

@test "for a program" {
	example "--json"
	jq -e --slurp 'any(.[]; .type == "summary" and .reached)' <<<"$output"
}

@test "which field proves what" {
	example "--explain"
	[[ $output == *"so 127.0.0.1 is hop 1 - 1 + 1 = 1"* || $output == *"so 127.0.0.1 is hop 30 - 30 + 1 = 1"* ]]
}

@test "every example was run" {
	grep -c '^\.Dl \$ ' "$top/traceroute/traceroute.8" >count
	sort -u "$BATS_FILE_TMPDIR/done" | wc -l | diff count -
}
