#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What runs the long campaigns must see each way in which one can go wrong.

# shellcheck disable=SC2016

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	campaign="$BATS_TEST_TMPDIR/campaign.sh"
	logs="$BATS_TEST_TMPDIR/logs"
}

soak() { # LINE...: of a campaign
	printf '#!/bin/bash\n' >"$campaign"
	printf '%s\n' "$@" >>"$campaign"
	chmod +x "$campaign"
	run tests/setup/soak.sh "$logs" "$campaign"
}

@test "the last line is the result, the rest is in the log" {
	soak 'echo much' 'echo "3 of 3"'
	[ "$status" -eq 0 ]
	[[ "${lines[0]}" == "ok "*" 3 of 3" ]]
	[[ "${lines[1]}" == "1 campaigns passed, 0 failed"* ]]
	[ "$(cat "$logs/campaign.log")" = $'much\n3 of 3' ]
}

@test "one that fails fails the run, and the next one runs all the same" {
	printf '#!/bin/sh\necho fine\n' >"$BATS_TEST_TMPDIR/next.sh"
	chmod +x "$BATS_TEST_TMPDIR/next.sh"
	printf '#!/bin/sh\necho "2 of 3"\nexit 1\n' >"$campaign"
	chmod +x "$campaign"
	run tests/setup/soak.sh "$logs" "$campaign" "$BATS_TEST_TMPDIR/next.sh"
	[ "$status" -eq 1 ]
	[[ "${lines[0]}" == "FAIL campaign"*"exit 1: 2 of 3" ]]
	[[ "${lines[1]}" == "ok   next"*"fine" ]]
}

@test "silence, a file or a process left, and too long a time are failures" {
	soak 'true'
	[ "$status" -eq 1 ]
	[[ "$output" == *"says nothing"* ]]
	soak 'echo >"$TMPDIR/litter"' 'echo fine'
	[ "$status" -eq 1 ]
	[[ "$output" == *"leaves files: litter"* ]]
	soak 'tail -f /dev/null >/dev/null 3>&- &' 'echo fine'
	[ "$status" -eq 1 ]
	[[ "$output" == *"leaves running: "*" tail"* ]]
	SOAK_LIMIT=1 soak 'echo begun' 'exec tail -f /dev/null'
	[ "$status" -eq 1 ]
	[[ "$output" == *"took more than 1 s: begun"* ]]
}

@test "a campaign that does not exist is named, and nothing runs" {
	printf '#!/bin/sh\necho fine\n' >"$campaign"
	chmod +x "$campaign"
	run tests/setup/soak.sh "$logs" "$campaign" tests/soak/none.sh
	[ "$status" -eq 2 ]
	[[ "$output" == "soak: no campaign tests/soak/none.sh; there are: "* ]]
}
