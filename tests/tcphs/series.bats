#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031 # a variable set in a test is for that test
# Several connections, one after the other.

setup() {
	source tests/tcphs/tcphs.bash
	tcphs_lab
}

teardown() {
	lab_cleanup
}

@test "-c: each from a port of its own, with what came of them all; no RST but the probe's" {
	python_server srv 80
	lab_capture here eth0 "$BATS_TEST_TMPDIR/cap" tcp
	run lab_raw here "$T" -c 3 -i 200ms --http /index.html 10.0.0.2 80
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^RESULT 10.0.0.2:80 syn-ack .* close=graceful$' <<<"$output")" -eq 3 ]
	[ "$(grep -o '^tcphs 10.0.0.1:[0-9]*' <<<"$output" | sort -u | wc -l)" -eq 3 ]
	[ "${lines[-2]}" = '3 connections, 3 open; 3 done as asked' ]
	[[ ${lines[-1]} =~ ^"rtt min/avg/max/mdev = "[0-9.]+/[0-9.]+/[0-9.]+/[0-9.]+" ms"$ ]]
	run "$T" probe --json -c 2 -i 200ms fd00::2 80
	lab_capture_stop
	[ "$status" -eq 0 ]
	[ "$(reset_count "$BATS_TEST_TMPDIR/cap" 10.0.0.1)" -eq 0 ]
	[ "$(reset_count "$BATS_TEST_TMPDIR/cap" fd00::1)" -eq 2 ]
	jq -es 'map(select(.type == "summary").connection) == [1, 2]' <<<"$output"
	jq -es 'map(select(.type == "totals"))[0] | .connections == 2 and .open == 2 and .done == 2
		and .rtt_ms.min <= .rtt_ms.avg and .elapsed_ms > 200' <<<"$output"
}

@test "the exit status is that of the first that failed" {
	run "$T" probe -q -c 2 -i 200ms 10.0.0.2 81
	[ "$status" -eq 3 ]
	[ "${lines[-2]}" = '2 connections, 0 open, 2 refused; 0 done as asked' ]
}

@test "with -p, of a phantom, with other guards; with timestamps off the sequence numbers tell" {
	python_server srv 80
	for more in '-p 5000' '-p 5001 --timestamps=off' '--phantom 10.0.0.9 --dad=fast' \
		--guard=nft --guard=repair; do
		# shellcheck disable=SC2086 # options are words
		run "$T" -q -c 2 -i 200ms --http /index.html $more 10.0.0.2 80
		echo "$more: $output"
		[ "$status" -eq 0 ]
		[ "${lines[-2]}" = '2 connections, 2 open; 2 done as asked' ]
	done
}

@test "Ctrl-C ends the wait, with what came until then; all of them are in the capture" {
	python_server srv 80
	file=$BATS_TEST_TMPDIR/x.pcapng
	lab_start here '^RESULT' "$T" -c 9 -i 1h -q --http / --pcap "$file" 10.0.0.2 80
	pid=$LAB_PID
	kill -INT "$pid"
	wait "$pid"
	lab_said "$pid"
	[[ $LAB_OUTPUT == *'1 connections, 1 open; 1 done as asked'* ]]
	"$T" -q -c 2 -i 200ms --http /index.html --pcap "$file" 10.0.0.2 80
	tshark -r "$file" 'tcp.flags.syn == 1 and tcp.flags.ack == 0' >"$file.syns" 2>/dev/null
	[ "$(wc -l <"$file.syns")" -eq 2 ]
}

@test "not more often than each 0.2 s, and only what can be repeated" {
	run "$T" -c 2 -i 100ms 10.0.0.2 80
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == *"--interval is at least 0.2 s" ]]
	run "$T" -i 1 10.0.0.2 80
	[ "$status" -eq 2 ]
	run "$T" -c 2 -o x 10.0.0.2 80
	[ "$status" -eq 2 ]
	run "$T" listen 80 -s 10.0.0.1 -c 2
	[ "$status" -eq 2 ]
}
