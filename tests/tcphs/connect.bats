#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The whole life of a connection against real servers: the body complete, a graceful close, no RST.

bats_require_minimum_version 1.5.0

setup() {
	source tests/tcphs/tcphs.bash
	tcphs_lab
}

teardown() {
	lab_cleanup
}

# fetch RUNS ADDRESS PORT - each time the same body and a graceful close, with cap_net_raw alone
fetch() {
	local i

	for ((i = 0; i < $1; i++)); do
		rm -f "$BATS_TEST_TMPDIR/got"
		lab_raw here "$T" -q --http /big -o "$BATS_TEST_TMPDIR/got" "$2" "$3" >"$BATS_TEST_TMPDIR/line"
		grep -q "^RESULT .* syn-ack rtt_ms=.* close=graceful$" "$BATS_TEST_TMPDIR/line"
		cmp "$BATS_TEST_TMPDIR/got" "$W/big"
	done
}

@test "200 lives against nginx, busybox and Python, IPv4 and IPv6, with cap_net_raw alone: not one RST" {
	nginx_server srv 8081
	busybox_server srv 8082
	python_server srv 8083
	lab_capture here eth0 "$BATS_TEST_TMPDIR/cap" tcp
	for port in 8081 8082 8083; do
		fetch 34 10.0.0.2 $port
		fetch 33 fd00::2 $port
	done
	lab_capture_stop
	[ "$(reset_count "$BATS_TEST_TMPDIR/cap" 10.0.0.1 fd00::1)" -eq 0 ]
	# Nobody waits there for a last word of ours.
	[ -z "$(lab_in srv ss -Htan state fin-wait-1 state fin-wait-2 state last-ack state close-wait state closing)" ]
}

@test "loopback, IPv4 and IPv6" {
	nginx_server here 8081
	busybox_server here 8082
	python_server here 8083
	lab_capture here lo "$BATS_TEST_TMPDIR/cap" tcp
	for port in 8081 8082 8083; do
		fetch 3 127.0.0.1 $port
		fetch 3 ::1 $port
		fetch 2 10.0.0.1 $port
	done
	lab_capture_stop
	[ "$(reset_count "$BATS_TEST_TMPDIR/cap" 127.0.0.1 ::1 10.0.0.1)" -eq 0 ]
}

@test "link-local addresses, to connect and to listen" {
	lab_addr here eth0 fe80::1/64
	lab_addr srv eth0 fe80::2/64
	python_server srv 80
	fetch 2 fe80::2%eth0 80
	lab_start here listens "$T" listen 7777 -s fe80::1%eth0 -d hello
	pid=$LAB_PID
	run lab_in srv /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_INET6)
s.connect(("fe80::1", 7777, 0, socket.if_nametoindex("eth0")))
print(s.recv(100).decode())
s.close()'
	[ "$output" = hello ]
	wait "$pid"
}

@test "killed in mid-connection it leaves nothing: rules and sockets are as before" {
	echo_server srv 9000
	residue >"$BATS_TEST_TMPDIR/before"
	lab_start here 'ESTABLISHED' "$T" --close=passive 10.0.0.2 9000
	[ "$(ss -Htanl | wc -l)" -eq 1 ]
	kill -9 "$LAB_PID"
	wait "$LAB_PID" || true
	residue | diff "$BATS_TEST_TMPDIR/before" -
}

@test "every guard: not one RST, and nothing is left of it after SIGKILL" {
	echo_server srv 9000
	lab_capture here eth0 "$BATS_TEST_TMPDIR/cap" tcp
	residue >"$BATS_TEST_TMPDIR/before"
	for guard in sock repair nft; do
		run "$T" --guard=$guard -d x --close=half --time-wait 100ms 10.0.0.2 9000
		echo "$guard: $status $output"
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == *" guard=$guard"* ]]
		[ $guard = nft ] || [[ ${lines[-2]} =~ [1-9][0-9]*" kernel RSTs prevented"$ ]]
		lab_start here ESTABLISHED "$T" --guard=$guard --close=passive fd00::2 9000
		kill -9 "$LAB_PID"
		wait "$LAB_PID" || true
		residue | diff "$BATS_TEST_TMPDIR/before" -
	done
	lab_capture_stop
	[ "$(reset_count "$BATS_TEST_TMPDIR/cap" 10.0.0.1)" -eq 0 ]
	run lab_raw here "$T" --guard=nft 10.0.0.2 9000
	[ "$status" -eq 2 ]
	run lab_raw here "$T" --guard=repair 10.0.0.2 9000
	[ "$status" -eq 2 ]
}

@test "without a guard the kernel resets it, as every textbook program finds out" {
	python_server srv 80
	lab_capture here eth0 "$BATS_TEST_TMPDIR/cap" tcp
	run "$T" --guard=none --http / 10.0.0.2 80
	lab_capture_stop
	[ "$(reset_count "$BATS_TEST_TMPDIR/cap" 10.0.0.1)" -gt 0 ]
	[ "$status" -ne 0 ]
}

@test "the ladder: states, arrows, relative numbers, why" {
	python_server srv 80
	run "$T" --close=active 10.0.0.2 80
	echo "$output"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} =~ ^"tcphs 10.0.0.1:"[0-9]+" > 10.0.0.2:80  guard=sock("[a-z0-9+]+")  isn=0x"[0-9a-f]{8}$ ]]
	[[ ${lines[1]} =~ ^" "+0\.[0-9]{3}"  SYN-SENT     --S---> seq=0 win=65535 <mss 1460,sackOK,TS,ws 7>  active open"$ ]]
	[[ ${lines[2]} =~ "ESTABLISHED  <-SA--- seq=0 ack=1 win="[0-9]+" <mss 1460,sackOK,TS,ws "[0-9]+">  rtt "[0-9.]+" ms"$ ]]
	[[ $output == *"             --A---> seq=1 ack=1"$'\n'* ]]
	[[ $output == *"FIN-WAIT-1   --FA--> seq=1 ack=1  close"* ]]
	[[ $output == *"TIME-WAIT    <-FA--- seq=1 ack=2"* ]]
	[[ ${lines[-2]} =~ ^"open, close: graceful; sent 0 B, received 0 B; 0 retransmissions; "[1-9][0-9]*" kernel RSTs prevented"$ ]]
	[[ ${lines[-1]} =~ ^"RESULT 10.0.0.2:80 syn-ack rtt_ms="[0-9.]+" close=graceful"$ ]]
}

@test "-v shows the peer's state and the RFC; -a the numbers of the wire; the options are what is sent" {
	python_server srv 80
	run "$T" -v -a --isn 4294967290 --mss 1000 --wscale off --sack off --timestamps off 10.0.0.2 80
	[[ $output == *"SYN-SENT     --S---> ~?            seq=4294967290 win=65535 <mss 1000>  active open [RFC 9293 3.5]"* ]]
	[[ $output == *"FIN-WAIT-1   --FA--> ~ESTABLISHED  seq=4294967291 "*" ack=4294967292"* ]]
	run "$T" --plain --mss 0 --ttl 9 --tos 16 --pcap "$BATS_TEST_TMPDIR/x.pcap" 10.0.0.2 80
	[[ ${lines[1]} == *"--S---> seq=0 win=65535 <>  active open" ]]
	[ "$(tshark -r "$BATS_TEST_TMPDIR/x.pcap" -T fields -e ip.ttl -e ip.dsfield ip.src==10.0.0.1 2>/dev/null | sort -u)" = $'9\t0x10' ]
}

@test "a window of a few octets is told as such, and the reply comes through it" {
	python_server srv 80
	run -0 "$T" --json --http /index.html --window 20 10.0.0.2 80
	jq -es '.[0].options.wscale == 0 and .[-2].http.complete' <<<"$output"
	run -2 "$T" --window 20 --wscale 7 10.0.0.2 80
	[[ $output == *"with this --wscale the --window is told as 0"* ]]
}

@test "--json: segments, a summary, an end; --isn and --window are kept" {
	python_server srv 80
	run "$T" --json --http /index.html --isn 4294967295 --window 3000 10.0.0.2 80
	[ "$status" -eq 0 ]
	jq -es '[.[].type] | .[0] == "segment" and .[-2] == "summary" and .[-1] == "end"' <<<"$output"
	jq -es '.[0] | .flags == "S" and .seq == 0 and .window == 3000 and .options.mss == 1460 and .why == "active open"' <<<"$output"
	[ "$(summary '.result, .reason, .close, .http.status, .http.octets, .http.complete, .bytes_in > 100, .peer.mss' | xargs)" = \
		"open syn-ack graceful 200 6 true true 1460" ]
}

@test "octets from --data, --send and standard input arrive; -o - has the reply alone" {
	echo_server srv 7
	run --separate-stderr "$T" -d 'one two' --close=half -o - 10.0.0.2 7
	[ "$output" = 'one two' ]
	# shellcheck disable=SC2154 # run sets it
	[[ $stderr == *"RESULT 10.0.0.2:7 syn-ack"*"close=graceful"* ]]
	"$T" -q --send "$W/big" --close=half -o "$BATS_TEST_TMPDIR/back" 10.0.0.2 7
	cmp "$W/big" "$BATS_TEST_TMPDIR/back"
	"$T" -q --send - --close=half -o "$BATS_TEST_TMPDIR/back" fd00::2 7 <"$W/big"
	cmp "$W/big" "$BATS_TEST_TMPDIR/back"
}

@test "fast open: a cookie is asked for, then octets ride in the SYN" {
	lab_in srv sysctl -qw net.ipv4.tcp_fastopen=3
	daemon srv /usr/bin/python3 -c '
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 5)
s.bind(("10.0.0.2", 9))
s.listen()
while True:
    c, _ = s.accept()
    c.sendall(c.recv(100))
    c.close()'
	listening srv 9
	run "$T" --json --tfo -d x --close=passive 10.0.0.2 9
	cookie=$(jq -rs 'map(select(.dir == "in"))[0].options.cookie' <<<"$output")
	[ "${#cookie}" -eq 16 ]
	run "$T" --tfo="$cookie" -d hello --close=passive 10.0.0.2 9
	echo "$output"
	[[ ${lines[1]} == *"--S---> seq=0:5 (5) win="*"tfo $cookie>  fast open" ]]
	[[ ${lines[2]} == *"<-SA--- seq=0 ack=6 "* ]]
	[ "$status" -eq 0 ]
}

@test "--pcap saves the exchange, --explain reads it aloud, the lines tile every packet" {
	python_server srv 80
	run "$T" --explain --http /index.html --pcap "$BATS_TEST_TMPDIR/x.pcapng" 10.0.0.2 80
	[ "$status" -eq 0 ]
	[[ $output == *"sent 74 octets: SYN-SENT: active open (RFC 9293 3.5)"* ]]
	[[ $output == *"Initial"* || $output == *"Sequence Number"* ]]
	sent=$(grep -cE -- '--[SFRPA-]+> ' <<<"$output")
	[ "$(tshark -r "$BATS_TEST_TMPDIR/x.pcapng" ip.src==10.0.0.1 2>/dev/null | wc -l)" -eq "$sent" ]
	[[ $(tshark -r "$BATS_TEST_TMPDIR/x.pcapng" -T fields -e frame.comment 2>/dev/null) == *"active open"* ]]
}

@test "another program's port is refused with the cure; -p is kept" {
	python_server here 8083
	run "$T" -p 8083 10.0.0.2 80
	[ "$status" -eq 2 ]
	[[ $output == *"another program has port 8083 of 10.0.0.1: choose one with --source-port"* ]]
	python_server srv 80
	run "$T" -p 4711 10.0.0.2 80
	[[ ${lines[0]} == "tcphs 10.0.0.1:4711 > "* ]]
}

@test "a super segment of offloading and its unfinished checksum are no loss" {
	nginx_server srv 8081
	run "$T" --json --http /big -o "$BATS_TEST_TMPDIR/got" 10.0.0.2 8081
	cmp "$BATS_TEST_TMPDIR/got" "$W/big"
	[ "$(summary '.retransmissions, .corrupt' | xargs)" = "0 0" ]
	jq -es 'map(select(.dir == "in").len) | max > 1460' <<<"$output"
}

@test "usage: what is wrong is named, exit 2" {
	run "$T"
	[ "$status" -eq 2 ]
	run "$T" 10.0.0.2
	[[ ${lines[0]} == "tcphs: a host and a port are wanted: tcphs HOST PORT" ]]
	run "$T" 10.0.0.2 70000
	[[ ${lines[0]} == *"'70000' is not a number from 1 to 65535" ]]
	run "$T" 10.0.0.0/24 80
	[[ ${lines[0]} == *"one host at a time"* ]]
	run "$T" --close=later 10.0.0.2 80
	[[ ${lines[0]} == *"'later' is not one of active, passive, half, simultaneous, abort, none" ]]
	run "$T" -d x --http / 10.0.0.2 80
	[ "$status" -eq 2 ]
	run "$T" --tfo=123 10.0.0.2 80
	[ "$status" -eq 2 ]
	run "$T" --mss 7 10.0.0.2 80
	[ "$status" -eq 2 ]
	run "$T" 10.0.0.255 80
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == "tcphs: 10.0.0.255 is the address of everybody on eth0, not of one host" ]]
	for path in 'a' '/a b' $'/x\r\nX: y' "/$(printf 'x%.0s' {1..3000})"; do
		run "$T" --http "$path" 10.0.0.2 80
		[ "$status" -eq 2 ]
	done
	run "$T" --send / 10.0.0.2 80
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == "tcphs: cannot send /: it is a directory" ]]
	run --separate-stderr "$T" ladder /nonexistent
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	run lab_unpriv here "$T" 10.0.0.2 80
	[ "$status" -eq 2 ]
	[[ $output == *"run 'sudo setcap cap_net_raw=p "* ]]
}

@test "nobody comes to where it listens: no answer, exit 1" {
	run "$T" listen 8000 -s 10.0.0.1 -w 100ms
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "RESULT 10.0.0.1:8000 no-response" ]
	run "$T" listen 8000 -s fd00::1 -w 100ms --json
	[ "$(summary '.target, .addr, .reason' | xargs)" = "fd00::1 null no-response" ]
}

@test "a long path is asked for in full" {
	python_server srv 80
	path=$(printf 'x%.0s' {1..2000})
	run "$T" -q --json --http "/$path" 10.0.0.2 80
	[ "$status" -eq 0 ]
	[ "$(summary '.http.status, .bytes_out > 2000' | xargs)" = "404 true" ]
}

@test "--states draws the table that runs" {
	run "$T" --states
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = CLOSED ]
	[[ $output =~ SYN-SENT$'\n  |-- SYN-ACK '-+'> ESTABLISHED   send ACK [RFC 9293 3.10.7.3]' ]]
	[ "$(grep -c '^[A-Z]' <<<"$output")" -eq 11 ]
}
