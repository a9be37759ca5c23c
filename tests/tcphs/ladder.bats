#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# probe, listen, and the ladder of a capture.

bats_require_minimum_version 1.5.0

setup() {
	source tests/tcphs/tcphs.bash
	tcphs_lab
}

teardown() {
	lab_cleanup
}

@test "ladder FILE agrees with tshark on every segment: numbers, acknowledgments, lengths" {
	nginx_server srv 8081
	echo_server srv 7
	lab_capture here eth0 "$BATS_TEST_TMPDIR/cap"
	"$T" -q --http /big 10.0.0.2 8081
	"$T" -q --isn 4294967000 --send "$W/big" --close=half fd00::2 7
	"$T" -q --close=simultaneous --http / 10.0.0.2 8081
	"$T" -q 10.0.0.2 82 || [ $? -eq 3 ]
	# Linux to Linux, too.
	exec 5<>/dev/tcp/10.0.0.2/7
	echo hello >&5
	read -r line <&5
	exec 5>&-
	lab_capture_stop
	run --separate-stderr "$T" --json ladder "$BATS_TEST_TMPDIR/cap"
	[ "$status" -eq 0 ]
	jq -r 'select(.type == "drawn") | [.src_port, .seq, .ack // 0, .len] | @tsv' <<<"$output" >"$BATS_TEST_TMPDIR/ours"
	tshark -r "$BATS_TEST_TMPDIR/cap" -T fields -e tcp.srcport -e tcp.seq -e tcp.ack -e tcp.len tcp 2>/dev/null >"$BATS_TEST_TMPDIR/theirs"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/ours")" -gt 100 ]
	diff "$BATS_TEST_TMPDIR/ours" "$BATS_TEST_TMPDIR/theirs"
}

@test "ladder FILE as text: connections by number, arrows, what is special" {
	lab_capture here eth0 "$BATS_TEST_TMPDIR/cap"
	"$T" -q -r 1 --timeout 100ms -p 5000 10.0.0.2 82 || [ $? -eq 3 ]
	lab_capture_stop
	run "$T" ladder "$BATS_TEST_TMPDIR/cap"
	[ "${lines[0]}" = "#1  10.0.0.1:5000 > 10.0.0.2:82" ]
	[[ ${lines[1]} =~ ^" "+"0.000  #1    --S---> seq=0 win=65535 <mss 1460,sackOK,TS,ws 7>"$ ]]
	[[ ${lines[2]} =~ "#1    <-RA--- seq=1 ack=1 win=0  reset"$ ]]
	[ "${lines[3]}" = "2 segments, 1 connection" ]
	run "$T" ladder /no/such/file
	[ "$status" -eq 2 ]
	printf junk >"$BATS_TEST_TMPDIR/junk"
	run "$T" ladder "$BATS_TEST_TMPDIR/junk"
	[ "$status" -eq 2 ]
}

@test "probe: a SYN, and a RST for its SYN-ACK; --close=none says nothing" {
	python_server srv 80
	lab_capture here eth0 "$BATS_TEST_TMPDIR/cap" tcp
	run "$T" probe 10.0.0.2 80
	[ "$status" -eq 0 ]
	[[ $output == *"--S---> "*"<-SA--- "*"CLOSED       --RA--> seq=1 ack=1  abort"* ]]
	[[ ${lines[-1]} =~ ^"RESULT 10.0.0.2:80 syn-ack rtt_ms="[0-9.]+$ ]]
	run "$T" probe fd00::2 81
	[ "$status" -eq 3 ]
	lab_capture_stop
	[ "$(lab_tcpdump -nr "$BATS_TEST_TMPDIR/cap" 2>/dev/null | wc -l)" -eq 5 ]
	run "$T" probe --close=none 10.0.0.2 80
	[ "$status" -eq 0 ]
	[[ $output != *"--RA-->"* ]]
	run "$T" probe -d x 10.0.0.2 80
	[ "$status" -eq 2 ]
}

@test "listen serves one Linux client, IPv4, IPv6 and loopback, octets both ways" {
	for way in "srv 10.0.0.1" "srv fd00::1" "here 127.0.0.1"; do
		# shellcheck disable=SC2086 # a namespace and an address
		set -- $way
		lab_start here 'listens on' "$T" listen 7777 -s "$2" -d 'hello client' -o "$BATS_TEST_TMPDIR/got"
		pid=$LAB_PID
		run lab_in "$1" /usr/bin/python3 -c '
import socket, sys
s = socket.create_connection((sys.argv[1], 7777))
octets = s.recv(100)
s.sendall(b"from the client")
s.close()
print(octets.decode())' "$2"
		[ "$output" = 'hello client' ]
		wait "$pid"
		[ "$(<"$BATS_TEST_TMPDIR/got")" = 'from the client' ]
		lab_said "$pid"
		[[ $LAB_OUTPUT == *"SYN-RECEIVED <-S----"*"ESTABLISHED"*"LAST-ACK"*"close=graceful"* ]]
	done
}

@test "listen on the address of a phantom; without an address it says what is missing" {
	lab_start here 'claimed' "$T" listen 7777 --phantom 10.0.0.9 --dad=fast -d hello
	pid=$LAB_PID
	run lab_in srv /usr/bin/python3 -c '
import socket
s = socket.create_connection(("10.0.0.9", 7777))
print(s.recv(100).decode())
s.close()'
	[ "$output" = hello ]
	wait "$pid"
	run "$T" listen 7777
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == *"on which address? Name one of this host with -s"* ]]
}
