#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every way to end a connection, and to begin one, against Linux.

setup() {
	source tests/tcphs/tcphs.bash
	tcphs_lab
}

teardown() {
	lab_cleanup
}

# Of a connection that was closed well nobody is left waiting for a word of ours.
nobody_waits() {
	[ -z "$(lab_in srv ss -Htan state fin-wait-1 state fin-wait-2 state last-ack state close-wait state closing)" ]
}

@test "active, passive, half, simultaneous: each graceful, IPv4 and IPv6, nobody is left waiting" {
	python_server srv 80
	for host in 10.0.0.2 fd00::2; do
		for how in active passive half simultaneous; do
			run "$T" --time-wait 0 --http /index.html --close=$how $host 80
			echo "$how $host: $status $output"
			[ "$status" -eq 0 ]
			[[ ${lines[-1]} == *"close=graceful" ]]
			nobody_waits
		done
	done
}

@test "active without a word of the peer: FIN-WAIT-1, then TIME-WAIT" {
	python_server srv 80
	run "$T" --close=active --time-wait 0 10.0.0.2 80
	[[ $output == *"FIN-WAIT-1   --FA-->"*"TIME-WAIT    <-FA---"* ]]
	nobody_waits
}

@test "simultaneous close goes through CLOSING" {
	python_server srv 80
	run "$T" --close=simultaneous --time-wait 0 --http / 10.0.0.2 80
	[[ $output == *"FIN-WAIT-1   --FA-->"*"CLOSING      <-"*"TIME-WAIT    <-A----"* ]]
}

@test "abort: one RST, and the peer has nothing left of it" {
	echo_server srv 7
	lab_capture here eth0 "$BATS_TEST_TMPDIR/cap" tcp
	run "$T" --close=abort -d x 10.0.0.2 7
	lab_capture_stop
	[ "$status" -eq 0 ]
	[[ $output == *"CLOSED       --RA--> seq=2 ack="*"  abort"* ]]
	[[ ${lines[-1]} == *"close=aborted" ]]
	[ "$(reset_count "$BATS_TEST_TMPDIR/cap" 10.0.0.1)" -eq 1 ]
	[ -z "$(lab_in srv ss -Htan state established)" ]
}

@test "Ctrl-C in mid-connection: a RST, not a word is left hanging; exit 6" {
	echo_server srv 7
	lab_start here ESTABLISHED "$T" --close=passive 10.0.0.2 7
	kill -INT "$LAB_PID"
	status=0
	wait "$LAB_PID" || status=$?
	[ "$status" -eq 6 ]
	[ -z "$(lab_in srv ss -Htan state established)" ]
}

@test "simultaneous open against Linux" {
	# Linux connects from port 5000 to port 6000 of ours while we connect the other way; its SYNs are
	# held back from us, and ours from it, until both have sent one.
	lab_in srv nft -f - <<-NFT
		table inet cross {
			chain in {
				type filter hook input priority 0;
				tcp dport 5000 tcp flags syn / syn,ack limit rate over 1/hour burst 1 packets accept
				tcp dport 5000 tcp flags syn / syn,ack drop
			}
		}
	NFT
	lab_start here 'SYN-SENT' "$T" -p 6000 --timeout 200ms -r 8 --close=passive -w 10 10.0.0.2 5000
	tcphs=$LAB_PID
	lab_in srv /usr/bin/python3 -c '
import socket
s = socket.socket()
s.bind(("10.0.0.2", 5000))
s.settimeout(5)
s.connect(("10.0.0.1", 6000))
s.close()'
	status=0
	wait "$tcphs" || status=$?
	cat "$LAB_TMP/$tcphs.log"
	[ "$status" -eq 0 ]
	[[ $(<"$LAB_TMP/$tcphs.log") == *"SYN-RECEIVED <-S----"*"simultaneous open"*"ESTABLISHED"* ]]
	nobody_waits
}
