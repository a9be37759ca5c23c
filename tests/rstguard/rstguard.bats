#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A plain scapy program, which the kernel resets every time, works under the guard.

bats_require_minimum_version 1.5.0

setup() {
	source tests/tcphs/tcphs.bash
	tcphs_lab
	G=build/bin/rstguard
}

teardown() {
	lab_cleanup
}

@test "scapy's three steps: reset without the guard, served with it, IPv4 and IPv6" {
	python_server srv 80
	run /usr/bin/python3 tests/rstguard/handshake.py 10.0.0.1 10.0.0.2 80 5001
	[ "$status" -eq 1 ]
	[[ ${lines[-1]} == reset ]]
	for pair in "10.0.0.1 10.0.0.2" "fd00::1 fd00::2"; do
		# shellcheck disable=SC2086 # two addresses
		set -- $pair
		run "$G" "$1" 5002 "$2" -- /usr/bin/python3 tests/rstguard/handshake.py "$1" "$2" 80 5002
		echo "$output"
		[ "$status" -eq 0 ]
		[[ $output == *"acknowledged 37"* ]]
		[[ ${lines[0]} == "rstguard: guarding $1 port 5002 by sock("*")" ]]
		[[ ${lines[-1]} =~ ^"rstguard: "[1-9][0-9]*" kernel RSTs prevented"$ ]]
	done
}

@test "with no privilege at all it still guards" {
	python_server srv 80
	lab_start here '^guarding' setpriv --bounding-set=-all --inh-caps=-all --no-new-privs \
		"$G" 10.0.0.1 5003
	[[ $LAB_OUTPUT == *"sock(minttl+md5)"* ]]
	run /usr/bin/python3 tests/rstguard/handshake.py 10.0.0.1 10.0.0.2 80 5003
	[[ $output == *"acknowledged 37"* ]]
}

@test "--method=repair and nft guard exactly the connection that is named" {
	python_server srv 80
	port=5010
	for method in repair nft; do
		port=$((port + 1))
		run "$G" --method=$method 10.0.0.1 $port 10.0.0.2 80 -- /usr/bin/python3 tests/rstguard/handshake.py 10.0.0.1 10.0.0.2 80 $port
		echo "$output"
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == *" by $method" ]]
		[[ $output == *"acknowledged 37"* ]]
		lab_start here '^guarding' "$G" --method=$method 10.0.0.1 $((port + 10)) 10.0.0.2 80
		run lab_in srv busybox nc -w 2 10.0.0.1 $((port + 10))
		[[ $output == *refused* ]]
	done
	run "$G" --method=repair 10.0.0.1 5009
	[ "$status" -eq 2 ]
}

@test "other ports of the host are as before" {
	lab_start here '^guarding' "$G" 10.0.0.1 5004
	run lab_in srv busybox nc -w 2 10.0.0.1 5005
	[ "$status" -ne 0 ]
	[[ $output == *refused* ]]
}

@test "the exit status is the command's; the port is in its environment; SIGKILL leaves nothing" {
	# shellcheck disable=SC2016 # that shell is to expand it
	run "$G" 127.0.0.1 0 -- sh -c '[ "$RSTGUARD_PORT" -gt 0 ] && exit 42'
	[ "$status" -eq 42 ]
	run -127 "$G" 127.0.0.1 0 -- /no/such/program
	[ "$status" -eq 127 ]
	lab_start here '^guarding' "$G" 127.0.0.1 5006
	[ -n "$(ss -Hltn sport = :5006)" ]
	kill -9 "$LAB_PID"
	wait "$LAB_PID" || true
	[ -z "$(ss -Hltn sport = :5006)" ]
}

@test "--json, and what cannot be guarded" {
	run "$G" --json 127.0.0.1 0 -- true
	jq -es '.[0].type == "guard" and .[1].type == "summary" and .[1].status == 0 and .[-1].exit == 0' <<<"$(grep '^{' <<<"$output")"
	run "$G" 192.0.2.1 80
	[ "$status" -eq 2 ]
	run "$G"
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == "rstguard: what is to be guarded? "* ]]
	run "$G" 127.0.0.1 70000
	[ "$status" -eq 2 ]
	run "$G" 127.0.0.1 80 ::1
	[ "$status" -eq 2 ]
	run "$G" fe80::1 80
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == *"the link-local address fe80::1 needs its interface: ADDRESS%INTERFACE" ]]
}
