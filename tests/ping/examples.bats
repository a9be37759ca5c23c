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

	line=$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh SECURITY/s/^\.Dl \$ //p' "$top/ping/ping.8" |
		grep -F -e "$1")
	[[ $line && $line != *$'\n'* ]] || { echo "no, or many examples: $line" >&2 && return 1; }
	echo "$line" >>"$BATS_FILE_TMPDIR/done"
	run -0 --separate-stderr bash -c "$line"
	[[ ! $stderr ]]
}

@test "ask a host three times" {
	example "-c 3 -i 0.1"
	[[ $output == *"3 packets transmitted, 3 received, 0% packet loss"* ]]
}

@test "which hosts of a network answer" {
	example "ping --rate 0"
	[[ $output == *"of 14 targets: 14 answered, 0 silent"* ]]
}

@test "... for a program" {
	example "--json"
	jq -e --slurp 'map(select(.type == "summary" and .received == 1)) | length == 14' <<<"$output"
}

@test "what a packet is made of" {
	example "--explain"
	[[ $output == *"RFC 4443"* ]]
}

@test "every example was run" {
	grep -c '^\.Dl \$ ' "$top/ping/ping.8" >count
	sort -u "$BATS_FILE_TMPDIR/done" | wc -l | diff count -
}
