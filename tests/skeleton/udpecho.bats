#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The seventh tool, built from the same library: it must be short, and it must work.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	# A service of RFC 862 on a port of the kernel's choice, which it prints.
	perl -MIO::Socket::INET -e '$| = 1;
		my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Proto => "udp") or die;
		print $s->sockport, "\n";
		while (defined(my $from = recv($s, my $data, 2048, 0))) { send($s, $data, 0, $from) }' \
		>"$BATS_FILE_TMPDIR/port" 3>&- &
	export ECHO_PID=$!
	until [ -s "$BATS_FILE_TMPDIR/port" ]; do kill -0 "$ECHO_PID" || return; done
	PORT=$(cat "$BATS_FILE_TMPDIR/port")
	export PORT UDPECHO=build/skeleton/udpecho
}

teardown_file() {
	kill "$ECHO_PID"
}

@test "a tool takes at most 150 lines" {
	[ "$(wc -l <tests/skeleton/udpecho.c)" -le 150 ]
}

@test "it asks, is answered, and says so" {
	run --separate-stderr "$UDPECHO" -c 3 -i 10ms -p "$PORT" 127.0.0.1
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[2]} =~ ^"127.0.0.1: seq=3 time="[0-9.]+" ms (ok)"$ ]]
}

@test "JSON comes with the library" {
	run --separate-stderr "$UDPECHO" --json -c 1 -p "$PORT" 127.0.0.1
	[ "$status" -eq 0 ]
	[ "$(jq -r '.type + " " + (.verdict // .reason)' <<<"$output")" = $'reply ok\nend count' ]
}

@test "a closed port is an answer too, and the exit says so" {
	run --separate-stderr "$UDPECHO" -c 1 -p 9 127.0.0.1
	[ "$status" -eq 1 ]
	# shellcheck disable=SC2154 # run sets it
	[ "$stderr" = "udpecho: 127.0.0.1: refused seq=1" ]
}

@test "many targets, and a name" {
	run --separate-stderr "$UDPECHO" -4 -c 1 -p "$PORT" localhost 127.0.0.1
	[ "$status" -eq 0 ]
	[[ $output == *"localhost: seq=1"* && $output == *"127.0.0.1: seq=1"* ]]
}

@test "bad input is named with its cure" {
	run --separate-stderr "$UDPECHO" -p 70000 127.0.0.1
	[ "$status" -eq 2 ]
	[[ $stderr == *"option -p: '70000' is not a whole number from 1 to 65535"* ]]
}
